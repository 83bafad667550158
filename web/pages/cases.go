package pages

import (
	"net/http"
	"strings"

	"clew/casework"
	"clew/domain"
	"clew/projections"
	"clew/web/gate"
)

// casesBody is the list of cases that somebody may read.
type casesBody struct {
	Cases table
	Open  *form // nil: he may not open one
	Empty bool
}

func (s *screens) cases(r *http.Request) (page, error) { return s.casesAgain(r, nil, "") }

func (s *screens) casesAgain(r *http.Request, typed typed, wrong string) (page, error) {
	if err := s.catchUp(r); err != nil {
		return page{}, err
	}
	all, err := s.views(r).Cases(r.Context(), projections.Head)
	if err != nil {
		return page{}, err
	}
	who := gate.Who(r.Context())
	t := table{ID: "cases", Caption: "Cases", Columns: columns("Case", "Title", "State", "Victims>", "Files>", "Linked with"),
		Empty: "There is no case that you may see. Open one, or ask an administrator to put you on one."}
	for _, c := range all {
		if who.May("Reading", c.Case) {
			t.add(caseCells(c)...)
		}
	}
	body := casesBody{Cases: t, Empty: len(t.Rows) == 0}
	if casework.May(who.Role, "OpenCase") != casework.Nowhere {
		body.Open = openCaseForm(typed, wrong)
	}
	return page{Name: "cases", Title: "Cases", Tab: "cases", Body: body}, nil
}

func caseCells(c projections.CaseRow) []cell {
	state := cell{Text: "open", Chip: "good"}
	if c.Closed {
		state = cell{Text: "closed", Chip: "plain"}
	}
	var links []string
	for _, other := range c.Links {
		links = append(links, string(other))
	}
	return []cell{linked(string(c.Case), casePath(c.Case, "")), {Text: c.Title, Wide: true}, state, number(c.Victims), number(c.Files), orNone(strings.Join(links, ", "))}
}

// openCaseForm is for a new case. What was typed is kept where it was wrong.
func openCaseForm(typed typed, wrong string) *form {
	return &form{Action: "/cases", Submit: "Open the case", Wrong: wrong, Fields: []field{
		typed.field(field{Name: "case", Label: "Its name", Hint: "Letters, digits, dot, dash and underscore: C-2026-0142. It stands in every record and cannot be changed.", Needed: true}),
		typed.field(field{Name: "title", Label: "Its title", Hint: "What it is about. No names of persons: a title is not encrypted.", Needed: true}),
		typed.field(field{Name: "currency", Label: "Currency of the extra column", Hint: "Three letters like EUR, or nothing. It changes no amount."}),
	}}
}

// openCase opens a case, and puts whoever opens it on it.
func (s *screens) openCase(r *http.Request, typed typed) (to, notice string, err error) {
	id, err := domain.ParseCase(typed.get("case"))
	if err != nil {
		return "", "", domain.Usage("Its name: %v", err)
	}
	command := domain.OpenCase{Case: id, Title: typed.get("title")}
	if command.Title == "" {
		return "", "", domain.Usage("Its title is missing: say in a few words what the case is about")
	}
	if code := typed.get("currency"); code != "" {
		asset, err := domain.StandardAssets().Find(code)
		if err != nil {
			return "", "", domain.Usage("Currency: %v", err)
		}
		command.Currency = asset.Code
	}
	if _, err = s.Desk.OpenCase(r.Context(), typed.by(r), command); err != nil {
		return "", "", err
	}
	return casePath(id, "files"), "Case " + string(id) + " is open. Bring its files in.", nil
}

// sample makes the sample cases.
func (s *screens) sample(r *http.Request, typed typed) (to, notice string, err error) {
	if s.Sample == nil {
		return "", "", domain.NotFound("this server makes no sample cases: 'clew demo' does")
	}
	if err := s.Sample(r.Context(), gate.By(r)); err != nil {
		return "", "", err
	}
	return "/cases", "The sample cases are there. They are invented, or published by courts; nothing in them is yours.", nil
}
