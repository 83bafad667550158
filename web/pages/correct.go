package pages

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"clew/casework"
	"clew/domain"
	"clew/projections"
)

// A correction is looked at before it is recorded: the form says how the
// movement should read, the next page what it reads now and what it would, and
// only the button there records it.

// correction is what would change, ready to be recorded.
type correction struct {
	Changes table
	Reason  string
	*form
}

// wordingFields are the fields of a movement that its kind has: the name that
// an error calls it by, and its label.
func wordingFields(kind domain.MovementKind) []option {
	list := []option{{"time", "When it happened"}}
	switch kind {
	case domain.Opening, domain.Balance:
		list = append(list, option{"to", "At"}, option{"amount", "Amount"}, option{"asset", "Asset"})
	case domain.Transfer, domain.Conversion, domain.Return:
		list = append(list, option{"from", "Who paid"}, option{"to", "Who was paid"}, option{"amount", "Amount"}, option{"asset", "Asset"},
			option{"to-amount", "What arrived"}, option{"to-asset", "Asset that arrived"}, option{"fee", "Fee on top"})
	}
	return append(list, option{"ref", "Reference"}, option{"note", "Note"})
}

// wordings is how a movement reads, field by field, as a person would type it.
func wordings(m domain.Movement) map[string]string {
	said := map[string]string{"time": m.When.String(), "from": string(m.From), "to": string(m.To), "ref": m.Ref, "note": m.Note}
	for name, sum := range map[string]domain.Amount{"amount": m.Amount, "to-amount": m.Received, "fee": m.Fee} {
		if sum.Given() {
			said[name] = sum.String()
		}
	}
	if m.Amount.Given() {
		said["asset"] = string(m.Amount.Asset.Code)
	}
	if m.Received.Given() {
		said["to-asset"] = string(m.Received.Asset.Code)
	}
	return said
}

// correctFields are the fields of the form, filled in as the movement reads.
func correctFields(m domain.Movement) []field {
	hints := map[string]string{"time": "RFC 3339 with its zone, or a date.", "amount": "With a point and without grouping.", "fee": "Of the same asset.",
		"to-amount": "Where that differs: a conversion, a deduction."}
	reads := wordings(m)
	var list []field
	for _, f := range wordingFields(m.Kind) {
		one := field{Name: f.Value, Label: f.Text, Hint: hints[f.Value], Value: reads[f.Value]}
		if f.Value == "note" {
			one.Kind = "area" // it may run over lines
		}
		list = append(list, one)
	}
	return append(list, field{Name: "reason", Label: "Why it should read so", Hint: "A letter of the bank, a better copy: it stands in the log beside the correction.", Needed: true})
}

// lastTouched is the position of the last event that spoke of a movement: by it
// a form says what its sender had seen.
func lastTouched(h *projections.History) string {
	return fmt.Sprint(h.Events[len(h.Events)-1].Position)
}

// wording is what was typed that does not stand there already. What is shown
// is what was masked where names are hidden, so that a mask is never recorded.
func (t typed) wording(shown domain.Movement) casework.Wording {
	reads := wordings(shown)
	said := func(name string) *string {
		if text := t.get(name); t.has(name) && asDrawn(text) != asDrawn(reads[name]) {
			return &text
		}
		return nil
	}
	return casework.Wording{Time: said("time"), From: said("from"), To: said("to"), Amount: said("amount"), Asset: said("asset"), Fee: said("fee"),
		ToAmount: said("to-amount"), ToAsset: said("to-asset"), Ref: said("ref"), Note: said("note")}
}

// asDrawn is a text as a page shows it and a form sends it back: that alone
// must not look like a change.
func asDrawn(text string) string {
	return strings.TrimSpace(string(plain([]byte(strings.ReplaceAll(text, "\r\n", "\n")))))
}

// corrected is a movement as it reads, and as it was typed that it should.
func (s *screens) corrected(r *http.Request, a asked, typed typed) (was domain.MovementFile, becomes domain.Movement, err error) {
	id, err := s.Views.FindMovement(r.Context(), a.Case, r.URL.Query().Get("id"))
	if err != nil {
		return was, becomes, err
	}
	h, err := s.Views.MovementHistory(r.Context(), a.Case, id, projections.Head)
	if err != nil {
		return was, becomes, err
	}
	shown, err := s.views(r).MovementHistory(r.Context(), a.Case, id, projections.Head)
	if err != nil {
		return was, becomes, err
	}
	register, err := s.Views.Assets(r.Context(), projections.Head)
	if err != nil {
		return was, becomes, err
	}
	was = h.File
	becomes, err = typed.wording(shown.File.Movement).Over(was.Movement, register)
	if wrong := (*domain.FieldError)(nil); errors.As(err, &wrong) {
		return was, becomes, domain.Usage("%s: %s", labelOf(wordingFields(was.Movement.Kind), wrong.Field), wrong.Reason)
	}
	if err == nil && typed.get("seen") != lastTouched(h) && !sameWords(was.Movement, becomes) {
		err = domain.Conflict("somebody has recorded more of this movement since you looked at it: read below what it says now, and correct that")
	}
	return was, becomes, err
}

func sameWords(x, y domain.Movement) bool { return x.Content() == y.Content() && x.Note == y.Note }

func labelOf(fields []option, name string) string {
	for _, f := range fields {
		if f.Value == name {
			return f.Text
		}
	}
	return name
}

// beforeCorrecting shows what a correction would change; every other form, and
// the correction that was looked at, is recorded.
func (s *screens) beforeCorrecting(record http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.PostFormValue("does") != "correct" || r.PostFormValue("sure") != "" {
			record.ServeHTTP(w, r)
			return
		}
		sent := typed(r.PostForm)
		p, err := s.lookAtCorrection(r, sent)
		if err != nil {
			s.again(w, r, err, func(wrong string) (page, error) { return s.movementPage(r, sent, wrong) })
			return
		}
		s.draw(w, r, http.StatusOK, p)
	})
}

// lookAtCorrection is the movement's page with what would change.
func (s *screens) lookAtCorrection(r *http.Request, sent typed) (p page, err error) {
	a, file, err := s.caseOf(r)
	if err == nil {
		err = mayDo(r, "CorrectMovement", a.Case)
	}
	if err != nil {
		return p, err
	}
	was, becomes, err := s.corrected(r, a, sent)
	if err == nil {
		err = wrongCorrection(file, was, becomes, sent.get("reason"))
	}
	if err != nil {
		return p, err
	}
	if p, err = s.movementPage(r, sent, ""); err != nil {
		return p, err
	}
	body := p.Body.(movementBody)
	body.Correction = a.changes(was.Movement, becomes, sent)
	p.Body = body
	return p, nil
}

// wrongCorrection says why a correction could not be recorded, as far as that
// is known before.
func wrongCorrection(file *domain.CaseFile, was domain.MovementFile, becomes domain.Movement, reason string) error {
	switch {
	case sameWords(was.Movement, becomes):
		return domain.Usage("nothing would change: type over what should read otherwise")
	case reason == "":
		return domain.Usage("Why it should read so: it is needed, and stands in the log beside the correction")
	}
	_, err := domain.CorrectMovement{Movement: was.Movement.ID, Now: domain.Observed{Movement: becomes}, Reason: reason}.Decide(file, was)
	return err
}

// changes lists what would read otherwise, over the button that records it.
func (a asked) changes(was, becomes domain.Movement, sent typed) *correction {
	t := table{ID: "changes", Caption: "What would change", Columns: columns("Field", "It reads now", "It would read")}
	before, after := wordings(was), wordings(becomes)
	said := func(name, text string) cell {
		if text != "" && (name == "from" || name == "to") {
			return a.account(domain.AccountID(text))
		}
		return orNone(text)
	}
	hidden := []option{{"does", "correct"}, {"sure", "yes"}, {"seen", sent.get("seen")}, {"reason", sent.get("reason")}}
	for _, f := range wordingFields(was.Kind) {
		if before[f.Value] != after[f.Value] {
			t.add(cell{Text: f.Text}, said(f.Value, before[f.Value]), said(f.Value, after[f.Value]))
		}
		if sent.has(f.Value) {
			hidden = append(hidden, option{f.Value, sent.get(f.Value)})
		}
	}
	return &correction{t, sent.get("reason"), &form{Name: "sure", Action: a.Movement(was.ID), Submit: "Record the correction", Hidden: hidden}}
}

// correct records a correction that was looked at.
func (s *screens) correct(r *http.Request, a asked, typed typed) error {
	was, becomes, err := s.corrected(r, a, typed)
	if err != nil {
		return err
	}
	_, err = s.Desk.About(r.Context(), typed.by(r), a.Case, domain.CorrectMovement{Movement: was.Movement.ID, Now: domain.Observed{Movement: becomes}, Reason: typed.get("reason")})
	return err
}
