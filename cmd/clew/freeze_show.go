package main

import (
	"cmp"
	"context"
	"time"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
)

// freezeShape is `freeze show --json`.
type freezeShape struct {
	Case      domain.CaseID           `json:"case"`
	Freeze    domain.FreezeID         `json:"freeze"`
	State     domain.FreezeState      `json:"state"`
	Unasked   bool                    `json:"unasked"`
	Account   domain.AccountID        `json:"account"`
	Asset     domain.AssetCode        `json:"asset"`
	Scope     domain.FreezeScope      `json:"scope"`
	Amount    any                     `json:"amount"` // requested; null where the scope has none
	Traced    any                     `json:"traced"`
	Rule      string                  `json:"rule"`
	Victims   []domain.VictimID       `json:"victims"`
	Mechanism string                  `json:"mechanism"`
	Drafter   string                  `json:"drafter"`
	Approver  string                  `json:"approver"`
	Submitter string                  `json:"submitter"`
	Urgent    bool                    `json:"urgent"`
	Answer    domain.FreezeAnswerCode `json:"answer"`
	As        domain.Acknowledgement  `json:"acknowledged_as"`
	Until     *domain.When            `json:"until"`
	Sums      freezeSums              `json:"sums"`
	Steps     []freezeStepShape       `json:"steps"` // in the order learnt
	Deadlines []dueShape              `json:"deadlines"`
	Possible  []domain.FreezeStep     `json:"possible"`
	Warnings  []string                `json:"warnings"`
	At        *string                 `json:"at"`
	KnownAt   *string                 `json:"known_at"`
	Request   domain.FreezeRequested  `json:"request"` // as recorded
	Coerced   bool                    `json:"coerced"` // the holder may be a trafficked person: care before contact
}

// freezeSums are what the steps told. They are different ledgers: nothing adds
// them up.
type freezeSums struct {
	Held        string `json:"held"`
	HeldNow     string `json:"held_now"`
	Released    string `json:"released"`
	Returned    string `json:"returned"`
	Seized      string `json:"seized"`
	Restored    string `json:"restored"`
	Transferred string `json:"transferred"`
}

// freezeStepShape is one step as it was learnt.
type freezeStepShape struct {
	Step       domain.FreezeStep `json:"step"`
	At         domain.When       `json:"at"`
	By         string            `json:"by"`
	Told       string            `json:"told"`
	Reference  string            `json:"reference"`
	Amount     any               `json:"amount"`
	Note       string            `json:"note"`
	Unexpected string            `json:"unexpected"`
}

// dueShape is a deadline. Overdue is said as of now: no projection has a clock.
type dueShape struct {
	What    string      `json:"what"`
	At      domain.When `json:"at"`
	Lapses  bool        `json:"lapses"`
	Overdue bool        `json:"overdue"`
	Basis   string      `json:"basis"`
	Known   bool        `json:"holidays_known"`
}

func sumsOf(f *domain.Freeze) freezeSums {
	show, s := domain.Asset{Code: f.Request.Asset, Digits: f.Request.Digits}.Format, f.Sums
	return freezeSums{show(s.Held), show(s.HeldNow), show(s.Released), show(s.Returned), show(s.Seized), show(s.Restored), show(s.Transferred)}
}

func (p *program) freezeShow() *cobra.Command {
	var ask asking
	now, reason := "", ""
	cmd := &cobra.Command{
		Use: "show CASE ID", Short: "Show a freeze: its steps in the order learnt, sums, deadlines, warnings",
		Long: `Show a freeze with every step in the order in which it was learnt, what the steps told was held, released,
returned, seized and restored (never added to one another), what is due and what has lapsed, and which steps
are possible now.`,
		Example: "  clew freeze show C1 F1\n  clew freeze show C1 F1 --known-at 2024-03-05 --json", Args: p.takes("CASE", "ID"),
	}
	cmd.Flags().StringVar(&now, "now", "", "what is overdue is said as of this time: RFC 3339 or a date (default: now)")
	cmd.Flags().StringVar(&reason, "reason", "", "of a recall, where deadlines depend on it: DUPL, TECH, FRAD (default: the request's, else FRAD)")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		moment, err := p.moment(now)
		if err != nil {
			return err
		}
		return p.with(ctx, mustExist, func(o *office) error {
			shape, err := o.showFreeze(ctx, id, rest[0], &ask)
			if err != nil {
				return err
			}
			if shape.Deadlines, err = o.deadlines(shape.file, dueAsk{moment, reason}); err != nil {
				return err
			}
			return p.say(reply{object: shape.freezeShape, table: stepsTable(shape.Steps), text: func(w *page) { freezeText(w, shape.freezeShape) }})
		})
	})
	return ask.times(p.caseFlag(cmd))
}

// moment is --now, else the clock.
func (p *program) moment(text string) (time.Time, error) {
	if text == "" {
		return p.now(), nil
	}
	when, err := domain.ParseWhen(text)
	return when.End(), flagError("--now", err)
}

// shownFreeze is a freeze's shape with what it was made from.
type shownFreeze struct {
	freezeShape
	file *projections.FreezeFile
}

// showFreeze finds a freeze as of the two times that are asked for.
func (o *office) showFreeze(ctx context.Context, id domain.CaseID, name string, ask *asking) (shown shownFreeze, err error) {
	question, err := ask.question(ctx, o, id)
	if err != nil {
		return shown, err
	}
	file, err := o.views.CaseFile(ctx, id, question.Upto)
	if err != nil {
		return shown, err
	}
	if !file.Opened {
		return shown, noCase(id, ask)
	}
	list, err := o.views.Freezes(ctx, question)
	if err != nil {
		return shown, err
	}
	for _, f := range list {
		if string(f.ID) == name {
			shown = shownFreeze{shapeOfFreeze(f), f}
			shown.At, shown.KnownAt = ask.told()
			shown.Coerced = isYes(file.Accounts[f.Account].Coerced)
			return shown, nil
		}
	}
	return shown, noFreeze(id, domain.FreezeID(name))
}

func isYes(b *bool) bool { return b != nil && *b }

func shapeOfFreeze(f *projections.FreezeFile) freezeShape {
	r := f.Request
	shape := freezeShape{
		Case: f.Case, Freeze: f.ID, State: f.State, Unasked: r.Unasked, Account: f.Account, Asset: r.Asset, Scope: f.Scope,
		Amount: amountOrNull(r.Amount), Traced: amountOrNull(r.Traced), Rule: r.Rule, Victims: listed(r.Victims), Mechanism: r.Mechanism,
		Drafter: r.By, Approver: f.Approver, Submitter: f.Submitter, Urgent: f.Urgent, Answer: f.Answer, As: f.As,
		Sums: sumsOf(f.Freeze), Steps: []freezeStepShape{}, Possible: listed(domain.PossibleSteps(f.State)), Warnings: listed(r.Warnings), Request: r,
	}
	if !f.Until.IsZero() {
		shape.Until = &f.Until
	}
	for _, s := range f.Steps {
		n := s.News
		shape.Steps = append(shape.Steps, freezeStepShape{s.Step, n.At, n.By, n.Told, n.Reference, amountOrNull(s.Amount), n.Note, n.Unexpected})
	}
	return shape
}

// dueAsk is what deadlines depend on beside the freeze itself.
type dueAsk struct {
	now    time.Time
	reason string
}

// deadlines are the freeze's clocks under its mechanism. A mechanism that this
// installation does not know any more has none but those stated.
func (o *office) deadlines(f *projections.FreezeFile, ask dueAsk) ([]dueShape, error) {
	list := []dueShape{}
	mechanism, err := o.mechanisms.Find(f.Request.Mechanism)
	if err != nil {
		mechanism = domain.Mechanism{Name: f.Request.Mechanism}
	}
	for _, d := range mechanism.Deadlines(f.Freeze, cmp.Or(ask.reason, f.Request.Reason, "FRAD")) {
		list = append(list, dueShape{d.What, d.At, d.Lapses, ask.now.After(d.At.End()), d.Basis, d.Known})
	}
	return list, nil
}

func stepsTable(steps []freezeStepShape) *table {
	t := newTable("step", "at", "amount>", "by", "told", "reference", "note", "not expected")
	for _, s := range steps {
		amount, _ := s.Amount.(string)
		t.add(string(s.Step), s.At.String(), amount, s.By, s.Told, s.Reference, s.Note, s.Unexpected)
	}
	return t
}

func freezeText(w *page, f freezeShape) {
	w.head("Freeze %s of case %s is %s: account %s, %s, by %s", f.Freeze, f.Case, f.State, f.Account, f.Asset, f.Mechanism)
	if f.Unasked {
		w.line("Nobody had asked for it.")
	}
	if f.Coerced {
		w.line("The holder may act under force: care before contact.")
	}
	if amount, ok := f.Amount.(string); ok {
		w.line("Requested: %s %s.", amount, f.Asset)
	}
	if traced, ok := f.Traced.(string); ok {
		w.line("When it was drafted, %s %s there traced to victims by %s.", traced, f.Asset, f.Rule)
	}
	if f.Urgent && f.Approver == "" {
		w.line("It went out before its approval, which is still due.")
	}
	for _, warning := range f.Warnings {
		w.line("Criterion not met: %s", warning)
	}
	w.section("Steps, in the order learnt", stepsTable(f.Steps).without(blank, "amount", "by", "told", "reference", "note", "not expected"))
	sums := newTable("held>", "held now>", "released>", "returned>", "seized>", "restored>", "transferred>")
	s := f.Sums
	sums.add(s.Held, s.HeldNow, s.Released, s.Returned, s.Seized, s.Restored, s.Transferred)
	w.section("What the steps told (different ledgers, never added up)", sums)
	due := newTable("due", "what", "counted", "")
	for _, d := range f.Deadlines {
		due.add(d.At.String(), d.What, d.Basis, dueWords(d))
	}
	w.section("Deadlines", due)
	w.space()
	w.line("Possible now: %s.", joined(f.Possible))
}

func dueWords(d dueShape) string {
	text := ""
	switch {
	case d.Overdue && d.Lapses:
		text = "lapsed"
	case d.Overdue:
		text = "overdue"
	}
	if !d.Known {
		text += " (holidays of that country are not known)"
	}
	return text
}
