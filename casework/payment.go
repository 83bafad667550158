package casework

import (
	"context"
	"fmt"

	"clew/domain"
	"clew/projections"
)

// reportSource is who tells a payment that a victim reports by hand. It is a
// source of its own, so that the bank's statement of the same payment is told
// by another and the two are found to be one.
func reportSource(v domain.VictimID) string { return "victim " + string(v) }

// Pay records a payment that a victim reports by hand, with the report in the
// same event. The movement's SourceID tells two equal payments apart; without
// it, the same payment told again is recorded once.
func (d *Desk) Pay(ctx context.Context, by By, c domain.CaseID, m domain.Movement) (domain.MovementID, Outcome, error) {
	m.Source = firstOf(m.Source, reportSource(m.Victim))
	content := m.Content()
	giveName(&m, c, content, 1)
	if wrong := domain.CheckMovement(m); wrong != nil {
		return "", Outcome{}, domain.Usage("payment of %s: %v", m.Victim, wrong)
	}
	if m.Victim == "" || m.Amount.Units.Sign() <= 0 {
		return "", Outcome{}, domain.Usage("a reported payment names its victim and is more than 0")
	}
	act, err := newAct(by, c, payment{m.ID, fmt.Sprintf("%x", content)}, func(plan *draft) error {
		return d.planPayment(ctx, c, m, plan)
	})
	if err != nil {
		return "", Outcome{}, err
	}
	outcome, err := d.record(ctx, act)
	return m.ID, outcome, err
}

// payment is what the key of a reported payment stands for.
type payment struct {
	Movement domain.MovementID `json:"movement"`
	Content  string            `json:"content"`
}

// planPayment sifts the one row as if it stood in a file: same or not, twin or
// not, by the same code.
func (d *Desk) planPayment(ctx context.Context, c domain.CaseID, m domain.Movement, plan *draft) error {
	file, err := d.open(ctx, c, plan)
	if err != nil {
		return err
	}
	if err := file.Working(); err != nil {
		return err
	}
	in := &intake{desk: d, file: File{Case: c}, byHand: true, known: knowledge{position: projections.Head, file: file}}
	s, err := in.sift(ctx, []entry{{movement: m}})
	if err != nil {
		return err
	}
	if len(s.rejects) > 0 {
		return domain.Conflict("payment %s: %s", m.SourceID, s.rejects[0].Reason)
	}
	return plan.addFacts(caseStream(c), s.facts)
}
