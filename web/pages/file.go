package pages

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"clew/domain"
	"clew/projections"
)

// caseFileBody is a case's small facts: people, what was made good, how its
// data is kept, notes, decisions; each with the forms that add to it.
type caseFileBody struct {
	Facts  []fact
	Groups []fileGroup
}

// fileGroup is one sort of facts with what may be said of it.
type fileGroup struct {
	Title string
	Table *table // nil: it has none
	Notes []string
	Forms []titledForm
}

type titledForm struct {
	Title string
	*form
}

func (s *screens) caseFile(r *http.Request) (page, error) { return s.caseFilePage(r, nil, "") }

func (s *screens) caseFilePage(r *http.Request, typed typed, wrong string) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	victims, err := s.views(r).Victims(r.Context(), a.query)
	if err != nil {
		return page{}, err
	}
	forms := s.caseForms(r, a, file, sent{typed, wrong})
	body := caseFileBody{Facts: caseFacts(file), Groups: []fileGroup{
		{"Victims", a.victims(victims, forms.offers("victim")), nil, forms.of("victim")},
		{"Persons", a.persons(file, forms.offers("person")), nil, forms.of("person")},
		{"What was found out", findings(file), nil, forms.of("finding")},
		{"Made good by others", a.reimbursements(file), nil, forms.of("reimburse", "unreimburse")},
		{"How its data is kept", keepings(file), nil, forms.of("hold", "lift", "restrict", "review")},
		{"Notes", nil, notesOf(file), forms.of("note")},
		{"The case as a whole", nil, nil, forms.of("link", "close")},
	}}
	return page{Name: "casefile", Title: "Case file", Tab: "file", Asked: a, File: file, Body: body}, nil
}

// notesOf are the last notes; the timeline has all of them, with their times.
func notesOf(file *domain.CaseFile) []string {
	list, last := []string{}, max(0, len(file.Notes)-pageRows)
	if last > 0 {
		list = append(list, fmt.Sprintf("The first %d of %d notes stand in the timeline.", last, len(file.Notes)))
	}
	for _, note := range file.Notes[last:] {
		list = append(list, note.Clear)
	}
	return list
}

func caseFacts(file *domain.CaseFile) []fact {
	var links []string
	for _, other := range file.Links {
		links = append(links, string(other))
	}
	state, rule, review := "open", "none is locked: fifo is shown", "not set"
	if file.Closed {
		state = "closed: it takes no more facts"
	}
	if file.Lock != nil {
		rule = file.Lock.Rule + ", by authority of " + file.Lock.Authority + ": " + file.Lock.Reason
	}
	if file.Review != nil {
		review = whenWords(file.Review.Due)
	}
	return []fact{{"State", cell{Text: state}}, {"Rule", cell{Text: rule}}, {"Walked as one with", orNone(strings.Join(links, ", "))},
		{"Currency of the extra column", orNone(string(file.Currency))}, {"Its data is reviewed", cell{Text: review}}}
}

func (a asked) victims(list []projections.VictimFile, change bool) *table {
	t := &table{ID: "victims", Caption: "Victims", Says: "A victim is a reference, never a name in clear. Names and contacts are encrypted.",
		Columns: columns("Victim", "Name", "Contact", "Country", "Sort", "Payments>", "Homes"), Empty: "No victim is known yet."}
	t.change(change)
	for i, v := range list {
		if i == pageRows {
			t.More = &link{"The ledger has the others", a.To("ledger")}
			break
		}
		who := linked(string(v.Victim), a.Reason(v.Victim, ""))
		who.Kind = "victim"
		homes := cell{Text: notKnown}
		for _, home := range v.Homes {
			homes.Parts = append(homes.Parts, a.account(home))
		}
		cells := []cell{who, text(clearOf(v.Registered.Name)), text(clearOf(v.Registered.Contact)), text(v.Registered.Country), text(words(string(v.Registered.Category))), number(len(v.Payments)), homes}
		if change {
			cells = append(cells, linked("Change", a.To("file", "victim", string(v.Victim))+"#victim"))
		}
		t.add(cells...)
	}
	return t
}

// change adds the column that leads to the form of a row.
func (t *table) change(offered bool) {
	if offered {
		t.Columns = append(t.Columns, column{Name: "To change it"})
	}
}

func clearOf(p *domain.Personal) string {
	if p == nil {
		return ""
	}
	return p.Clear
}

func (a asked) persons(file *domain.CaseFile, change bool) *table {
	t := &table{ID: "persons", Caption: "Persons", Says: "What somebody is to the case: a suspect, somebody convicted, a witness. Names and contacts are encrypted.",
		Columns: columns("Person", "Is", "Name", "Contact", "Account", "Victim", "On what basis"), Empty: "Nobody is registered."}
	t.change(change)
	for _, id := range slices.Sorted(maps.Keys(file.Persons)) {
		p := file.Persons[id]
		is := words(string(p.Category))
		if p.Assessment {
			is += " (an assessment)"
		}
		cells := []cell{{Text: string(id)}, {Text: is}, text(clearOf(p.Name)), text(clearOf(p.Contact)), a.account(p.Account), orNone(string(p.Victim)), text(p.Basis)}
		if change {
			cells = append(cells, linked("Change", a.To("file", "person", string(id))+"#person"))
		}
		t.add(cells...)
	}
	return t
}

func findings(file *domain.CaseFile) *table {
	t := &table{ID: "findings", Caption: "Findings", Columns: columns("About", "What was found out", "Where it is from", "Fact or assessment"), Empty: "No finding is noted."}
	for _, f := range file.Findings {
		sort := "fact"
		if f.Assessment {
			sort = "assessment"
		}
		t.add(cell{Text: f.About.String()}, cell{Text: f.Text.Clear, Wide: true}, text(f.Source), cell{Text: sort})
	}
	return t
}

func (a asked) reimbursements(file *domain.CaseFile) *table {
	t := &table{ID: "reimbursements", Caption: "Reimbursements", Says: "What a bank, an insurer or a fund paid a victim out of its own pocket. The trace does not change; that part of the claim passes to the payer.",
		Columns: columns("Name", "Victim", "Who paid", "Amount>", "Paid on", "Reference", "On what basis"), Empty: "Nobody has made a loss good."}
	for _, r := range file.Reimbursed {
		t.add(cell{Text: string(r.Reimbursement)}, linked(string(r.Victim), a.Reason(r.Victim, "")), cell{Text: r.Payer}, amount(r.Amount, ""), at(whenWords(r.At)),
			orNone(r.Reference), orNone(r.Basis))
	}
	return t
}

// keepings lists what must not be erased, what is kept for evidence alone, what
// was erased, and under which conditions files were given.
func keepings(file *domain.CaseFile) *table {
	t := &table{ID: "keepings", Caption: "Holds, restrictions, erasures", Columns: columns("What", "Whose", "By whom, or on what basis", "Why", "Looked at again"),
		Empty: "No legal hold stands, nothing is restricted, nothing was erased."}
	for _, h := range file.Holds {
		again := "no day is set"
		if !h.Until.IsZero() {
			again = whenWords(h.Until)
		}
		t.add(cell{Text: "legal hold " + h.Hold}, cell{Text: h.Of.String()}, cell{Text: h.Authority}, text(h.Reason), at(again))
	}
	for _, r := range slices.SortedFunc(maps.Values(file.Restricted), func(x, y domain.PersonalRestricted) int { return strings.Compare(x.Of.String(), y.Of.String()) }) {
		t.add(cell{Text: "kept for evidence alone"}, cell{Text: r.Of.String()}, cell{Text: r.Basis}, orNone(r.Reason), cell{Text: none})
	}
	for _, e := range file.Erased {
		t.add(cell{Text: "erased"}, cell{Text: e.Of.String()}, cell{Text: e.Basis}, orNone(e.Reason), cell{Text: none})
	}
	for _, sum := range slices.Sorted(maps.Keys(file.Handling)) {
		h := file.Handling[sum]
		conditions := make([]string, len(h.Conditions))
		for i, c := range h.Conditions {
			conditions[i] = words(string(c))
		}
		t.add(cell{Text: "given under " + orNone(strings.Join(conditions, ", ")).Text}, cell{Text: "file " + shortName(string(sum))}, text(h.Originator), orNone(h.Reason), cell{Text: none})
	}
	return t
}
