package pages

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"clew/casework"
	"clew/domain"
	"clew/projections"
)

// caseFileBody is a case's small facts: victims, persons, notes, decisions.
type caseFileBody struct {
	Facts   []fact
	Victims table
	Persons table
	Notes   []string
	Forms   []titledForm
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
	body := caseFileBody{Facts: caseFacts(file), Victims: a.victims(victims), Persons: persons(file)}
	for _, note := range file.Notes {
		body.Notes = append(body.Notes, note.Clear)
	}
	if !file.Closed && !a.Past() {
		body.Forms = a.caseForms(typed, wrong)
	}
	return page{Name: "casefile", Title: "Case file", Tab: "file", Asked: a, File: file, Body: body}, nil
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

func (a asked) victims(list []projections.VictimFile) table {
	t := table{ID: "victims", Caption: "Victims", Says: "A victim is a reference, never a name in clear. Names and contacts are encrypted.",
		Columns: columns("Victim", "Name", "Contact", "Country", "Sort", "Payments>", "Homes"), Empty: "No victim is known yet."}
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
		t.add(who, text(clearOf(v.Registered.Name)), text(clearOf(v.Registered.Contact)), text(v.Registered.Country), text(words(string(v.Registered.Category))), number(len(v.Payments)), homes)
	}
	return t
}

func clearOf(p *domain.Personal) string {
	if p == nil {
		return ""
	}
	return p.Clear
}

func persons(file *domain.CaseFile) table {
	t := table{ID: "persons", Caption: "Persons", Columns: columns("Person", "Is", "Name", "Account", "On what basis"), Empty: "Nobody is registered: 'clew person add' does it."}
	for _, id := range slices.Sorted(maps.Keys(file.Persons)) {
		p := file.Persons[id]
		is := words(string(p.Category))
		if p.Assessment {
			is += " (an assessment)"
		}
		t.add(cell{Text: string(id)}, cell{Text: is}, text(clearOf(p.Name)), orNone(string(p.Account)), text(p.Basis))
	}
	return t
}

// caseForms are what people may say of a case as a whole.
func (a asked) caseForms(typed typed, wrong string) []titledForm {
	list := []titledForm{
		{"Write a note", &form{Name: "note", Submit: "Record the note", Fields: []field{{Name: "text", Label: "The note", Hint: "It is encrypted.", Kind: "area", Needed: true}}}},
		{"Register a victim", &form{Name: "victim", Submit: "Register", Fields: []field{
			{Name: "victim", Label: "Reference", Hint: "V3, 2024-0815: never a name.", Needed: true},
			{Name: "category", Label: "Sort", Kind: "select", Options: wordOptions("", domain.ScamTarget, domain.TraffickedPerson)},
			{Name: "name", Label: "Name", Hint: "Encrypted."}, {Name: "contact", Label: "Contact", Hint: "Encrypted."}, {Name: "country", Label: "Country", Hint: "Two letters, like NL."}}}},
		{"Walk it as one with another case", &form{Name: "link", Submit: "Link them", Fields: []field{{Name: "other", Label: "The other case", Needed: true}, {Name: "reason", Label: "Why"}}}},
		{"Close the case", &form{Name: "close", Submit: "Close it", Fields: []field{{Name: "reason", Label: "Why", Hint: "It takes no more facts then.", Needed: true}}}},
	}
	for _, f := range list {
		f.Action, f.Hidden = a.To("file"), []option{{"does", f.Name}}
		if typed.get("does") != f.Name {
			continue
		}
		f.Wrong = wrong
		for i := range f.Fields {
			f.Fields[i] = typed.field(f.Fields[i])
		}
	}
	return list
}

// sayOfCase records what a person says of a case as a whole.
func (s *screens) sayOfCase(r *http.Request, typed typed) (to, notice string, err error) {
	a, _, err := s.caseOf(r)
	if err != nil {
		return "", "", err
	}
	acts := map[string]string{"victim": "AddVictim", "close": "CloseCase", "link": "LinkCase"}
	if err := mayDo(r, acts[typed.get("does")], a.Case); err != nil {
		return "", "", err
	}
	var command domain.Command
	switch typed.get("does") {
	case "victim":
		id, wrong := domain.ParseVictim(typed.get("victim"))
		if wrong != nil {
			return "", "", domain.Usage("Reference: %v", wrong)
		}
		command = domain.AddVictim{Victim: id, Category: domain.VictimCategory(typed.get("category")), Name: typed.get("name"), Contact: typed.get("contact"), Country: strings.ToUpper(typed.get("country"))}
	case "close":
		command = domain.CloseCase{Reason: typed.get("reason")}
	case "link":
		return s.linkCases(r, a, typed)
	default:
		command = domain.NoteCase{Text: typed.get("text")}
	}
	_, err = s.Desk.Do(r.Context(), typed.by(r), a.Case, command)
	return a.To("file"), "It is recorded.", err
}

// linkCases needs a person who may link both: what is walked as one is seen as
// one.
func (s *screens) linkCases(r *http.Request, a asked, typed typed) (to, notice string, err error) {
	other, err := domain.ParseCase(typed.get("other"))
	if err != nil {
		return "", "", domain.Usage("The other case: %v", err)
	}
	if who := whoIs(r); !who.May("LinkCase", other) {
		return "", "", domain.Usage("The other case: %s is not yours to link, or there is none of this name", other)
	}
	var outcome casework.Outcome
	if outcome, err = s.Desk.Link(r.Context(), typed.by(r), a.Case, other, typed.get("reason")); err != nil {
		return "", "", err
	}
	if outcome.Nothing {
		return a.To("file"), "They were linked before.", nil
	}
	return a.To("file"), "The two cases are walked as one from now on.", nil
}
