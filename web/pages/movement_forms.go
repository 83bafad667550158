package pages

import (
	"net/http"

	"clew/casework"
	"clew/domain"
	"clew/projections"
)

// movementActs are what the forms of a movement do, by their names.
var movementActs = map[string]string{"report": "ReportMovement", "unreport": "WithdrawReport", "correct": "CorrectMovement", "join": "JoinMovements",
	"apart": "SeparateMovements", "withdraw": "WithdrawMovement"}

// movementForms are what people may say of a movement, as far as it can still
// be said.
func (a asked) movementForms(r *http.Request, h *projections.History, last sent) []titledForm {
	file, who := h.File, whoIs(r)
	if file.Withdrawn {
		return nil
	}
	why := field{Name: "reason", Label: "Why", Needed: true}
	other := field{Name: "other", Label: "The other movement", Hint: "Its name, the first letters of it, or the source's own id.", Needed: true}
	basis := field{Name: "basis", Label: "Who says so", Needed: true}
	var list []titledForm
	add := func(name, title, submit string, fields ...field) {
		if !who.May(movementActs[name], a.Case) {
			return
		}
		f := &form{Name: name, Action: a.Movement(file.Movement.ID), Submit: submit, Hidden: []option{{"does", name}}, Fields: fields}
		if last.typed.get("does") == name {
			f.Wrong = last.wrong
			for i := range f.Fields {
				f.Fields[i] = last.typed.field(f.Fields[i])
			}
		}
		list = append(list, titledForm{title, f})
	}
	if file.Victim == "" {
		add("report", "A victim says that he made this payment", "Record the report", field{Name: "victim", Label: "Victim", Hint: "A reference such as V3, never a name.", Needed: true},
			field{Name: "scam", Label: "Kind of scam", Kind: "select", Options: wordOptions("not stated", domain.Scams()...)})
	} else {
		add("unreport", "The victim takes his report back", "Record it", why)
	}
	add("correct", "It should read otherwise", "Show what would change", correctFields(file.Movement)...)
	if n := len(list); n > 0 && list[n-1].Name == "correct" {
		list[n-1].Hidden = append(list[n-1].Hidden, option{"seen", lastTouched(h)})
	}
	add("join", "It is the same payment as another telling", "Join them", other, basis)
	add("apart", "It is another payment than one that looks like it", "Keep them apart", other, basis)
	add("withdraw", "It turned out not to have been", "Withdraw the movement", why)
	return list
}

// sayOfMovement records what a person says of a movement.
func (s *screens) sayOfMovement(r *http.Request, typed typed) (to, notice string, err error) {
	a, _, err := s.caseOf(r)
	if err != nil {
		return "", "", err
	}
	does := typed.get("does")
	if err := mayDo(r, movementActs[does], a.Case); err != nil {
		return "", "", err
	}
	id, err := s.Views.FindMovement(r.Context(), a.Case, r.URL.Query().Get("id"))
	if err != nil {
		return "", "", err
	}
	switch does {
	case "correct":
		err = s.correct(r, a, typed)
	case "join", "apart":
		err = s.compareTwo(r, a, id, typed)
	default:
		var command casework.MovementCommand
		if command, err = typed.ofMovement(id); err == nil {
			_, err = s.Desk.About(r.Context(), typed.by(r), a.Case, command)
		}
	}
	return a.Movement(id), "It is recorded.", err
}

// ofMovement is the command about one movement that was typed.
func (t typed) ofMovement(id domain.MovementID) (casework.MovementCommand, error) {
	switch t.get("does") {
	case "unreport":
		return domain.WithdrawReport{Movement: id, Reason: t.get("reason")}, nil
	case "withdraw":
		return domain.WithdrawMovement{Movement: id, Reason: t.get("reason")}, nil
	}
	victim, err := domain.ParseVictim(t.get("victim"))
	if err != nil {
		return nil, domain.Usage("Victim: %v", err)
	}
	scam, err := domain.ParseScam(t.get("scam"))
	if err != nil {
		return nil, domain.Usage("Kind of scam: %v", err)
	}
	return domain.ReportMovement{Movement: id, Victim: victim, Scam: scam}, nil
}

// compareTwo records what a person found when he compared two tellings.
func (s *screens) compareTwo(r *http.Request, a asked, id domain.MovementID, typed typed) error {
	other, err := s.Views.FindMovement(r.Context(), a.Case, typed.get("other"))
	if err != nil {
		return domain.Usage("The other movement: %v", err)
	}
	var command casework.PairCommand = domain.JoinMovements{Kept: id, Other: other, Basis: typed.get("basis")}
	if typed.get("does") == "apart" {
		command = domain.SeparateMovements{One: id, Other: other, Basis: typed.get("basis")}
	}
	_, err = s.Desk.AboutTwo(r.Context(), typed.by(r), a.Case, command)
	return err
}

// twins are the movements that may be the same payment as this one, of which
// nobody has yet said whether they are.
func (s *screens) twins(r *http.Request, a asked, id domain.MovementID) ([]link, error) {
	doubles, err := s.views(r).PossibleDoubles(r.Context(), a.Case, a.query.Upto)
	var list []link
	for _, d := range doubles {
		switch id {
		case d.One.ID:
			list = append(list, link{string(d.Other.ID), a.Movement(d.Other.ID)})
		case d.Other.ID:
			list = append(list, link{string(d.One.ID), a.Movement(d.One.ID)})
		}
	}
	return list, err
}
