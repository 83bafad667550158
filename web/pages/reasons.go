package pages

import (
	"fmt"
	"net/http"
	"strconv"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

// explainBody is every step by which a victim's money came where it is.
type explainBody struct {
	Victim  domain.VictimID
	Account domain.AccountID
	Steps   []reason
	All     string // the address without the account; "": nothing is left out
	More    *link
}

// reason is one step, with the lines that show it.
type reason struct {
	Text     string
	Movement *link
	Lines    []link
}

// maxReasons is how many steps one page tells.
const maxReasons = 300

func (s *screens) explain(r *http.Request) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	var about tracing.Ask
	if about.Victim, err = domain.ParseVictim(r.URL.Query().Get("victim")); err != nil {
		return page{}, domain.Usage("the address does not say whose money: %v", err)
	}
	if name := r.URL.Query().Get("account"); name != "" {
		if about.Account, err = domain.ParseAccount(name); err != nil {
			return page{}, domain.Usage("account=%q in the address: %v", name, err)
		}
	}
	told, err := s.views(r).Explain(r.Context(), a.query, about)
	if err != nil {
		return page{}, err
	}
	body := explainBody{Victim: about.Victim, Account: about.Account}
	if about.Account != "" {
		body.All = a.Reason(about.Victim, "")
	}
	body.Steps, body.More = a.steps(told, r)
	return page{Name: "explain", Title: "Why", Tab: "ledger", Asked: a, File: file, Answer: told.Traced, Body: body}, nil
}

// steps are the sentences of a page, each with the lines that show it.
func (a asked) steps(told *projections.Explained, r *http.Request) (list []reason, more *link) {
	from, _ := strconv.Atoi(r.URL.Query().Get("from"))
	from = max(0, min(from, len(told.Sentences)))
	to := min(len(told.Sentences), from+maxReasons)
	for _, s := range told.Sentences[from:to] {
		step := reason{Text: s.Text}
		if s.Movement != "" {
			step.Movement = &link{"the movement", a.Movement(s.Movement)}
		}
		for _, place := range told.Evidence[s.Movement] {
			step.Lines = append(step.Lines, a.lineOf(told.Assembly.File, place))
		}
		list = append(list, step)
	}
	if to < len(told.Sentences) {
		more = &link{fmt.Sprintf("The next of %d steps", len(told.Sentences)), a.To("explain", "victim", string(told.Victim), "account", string(told.Account), "from", fmt.Sprint(to))}
	}
	return list, more
}

// lineOf leads to the line of a file that shows something.
func (a asked) lineOf(file *domain.CaseFile, place domain.Evidence) link {
	if place.File == "" {
		return link{"recorded by hand", ""}
	}
	text := fmt.Sprintf("%s, line %d", file.Files[place.File].Name, place.Line)
	if place.Page != "" {
		text = fmt.Sprintf("%s, %s, line %d", file.Files[place.File].Name, place.Page, place.Line)
	}
	return link{text, a.To("files/"+string(place.File), "line", fmt.Sprint(place.Line))}
}

// movementBody is a movement, what shows it and all that was recorded of it.
type movementBody struct {
	Movement domain.Movement
	Facts    []fact
	Legs     table
	Lines    []shownLine
	History  table
	Tellings []link
	Twins    []link // that may be the same payment
	Forms    []titledForm
	// Correction is what would change, where somebody is about to correct it.
	Correction *correction
}

// fact is one line of a list of facts.
type fact struct {
	Name string
	cell
}

// shownLine is a line of a file as the file has it.
type shownLine struct {
	Place link
	Text  string // "": the format has no lines that a person could read
}

func (s *screens) movement(r *http.Request) (page, error) { return s.movementPage(r, nil, "") }

func (s *screens) movementPage(r *http.Request, typed typed, wrong string) (page, error) {
	a, file, err := s.caseOf(r)
	if err != nil {
		return page{}, err
	}
	id, err := s.views(r).FindMovement(r.Context(), a.Case, r.URL.Query().Get("id"))
	if err != nil {
		return page{}, err
	}
	h, err := s.views(r).MovementHistory(r.Context(), a.Case, id, a.query.Upto)
	if err != nil {
		return page{}, err
	}
	body := movementBody{Movement: h.File.Movement, Facts: a.movementFacts(h), Legs: a.legs(h.File.Movement), History: a.history(h)}
	for _, place := range h.Evidence {
		text, err := s.passage(r, file.Files[place.File].Format, place)
		if err != nil {
			return page{}, err
		}
		body.Lines = append(body.Lines, shownLine{a.lineOf(file, place), text})
	}
	for _, other := range h.Tellings {
		body.Tellings = append(body.Tellings, link{string(other), a.Movement(other)})
	}
	if body.Twins, err = s.twins(r, a, id); err != nil {
		return page{}, err
	}
	if !file.Closed && !a.Past() {
		body.Forms = a.movementForms(r, h, sent{typed, wrong})
	}
	return page{Name: "movement", Title: "Movement", Tab: "timeline", Asked: a, File: file, Body: body}, nil
}

func (a asked) movementFacts(h *projections.History) []fact {
	m := h.File.Movement
	list := []fact{{"Kind", cell{Text: string(m.Kind)}}, {"When", at(whenWords(m.When))}}
	add := func(name string, c cell, said bool) {
		if said {
			list = append(list, fact{name, c})
		}
	}
	add("From", a.account(m.From), m.From != "")
	add("To", a.account(m.To), m.To != "")
	add("Amount", amount(m.Amount, ""), m.Amount.Given())
	add("Arrived", amount(m.Received, ""), m.Received.Given())
	add("Fee", amount(m.Fee, ""), m.Fee.Given())
	add("Gives back", linked(string(m.Of), a.Movement(m.Of)), m.Of != "")
	add("Told by", text(m.Source), true)
	add("Its name there", cell{Text: m.SourceID}, m.SourceID != "")
	add("Reference", cell{Text: m.Ref}, m.Ref != "")
	add("Note", cell{Text: m.Note}, m.Note != "")
	add("Reported by", linked(string(h.File.Victim), a.Reason(h.File.Victim, "")), h.File.Victim != "")
	add("Withdrawn", cell{Text: "yes: it turned out not to have been", Chip: "bad"}, h.File.Withdrawn)
	add("Further evidence for", linked(string(h.File.Joined), a.Movement(h.File.Joined)), h.File.Joined != "")
	return list
}

func (a asked) legs(m domain.Movement) table {
	t := table{ID: "legs", Caption: "Inputs and outputs", Columns: columns("Account", "Which", "Amount>"), Empty: "It has none.", Dense: true}
	for _, leg := range m.Inputs {
		t.add(a.account(leg.Account), cell{Text: "input"}, amount(leg.Amount, ""))
	}
	for _, leg := range m.Outputs {
		t.add(a.account(leg.Account), cell{Text: "output"}, amount(leg.Amount, ""))
	}
	return t
}

func (a asked) history(h *projections.History) table {
	t := table{ID: "history", Caption: "What was recorded of it", Columns: columns("Position>", "Recorded", "By", "What"), Empty: "Nothing."}
	for _, e := range h.Events {
		t.add(number(e.Position), at(instant(e.RecordedAt)), text(e.Actor), cell{Text: e.Text, Wide: true})
	}
	return t
}

// passage is what a file says at a place, where the reader may see it.
func (s *screens) passage(r *http.Request, format string, place domain.Evidence) (string, error) {
	if place.File != "" && place.Line > 0 && s.hides(r) {
		return "[the line is hidden with the names]", nil
	}
	return s.Desk.Passage(r.Context(), format, place)
}
