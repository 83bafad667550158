package domain

import "slices"

// A bank, an insurer or a fund may pay a victim before anything is recovered.
// That part of the claim passes to the payer: the trace does not change, but
// who receives of a recovered sum does, and nobody receives above his loss.

// ReimbursementID names a reimbursement within its case: "R1", "R2" …
type ReimbursementID string

// ReimbursementRecorded is recorded when somebody made good a part of a
// victim's loss out of his own pocket. That part of the claim passes to him.
type ReimbursementRecorded struct {
	Reimbursement ReimbursementID `json:"reimbursement"`
	Payer         string          `json:"payer"` // an institution: a bank, an insurer, a fund
	Victim        VictimID        `json:"victim"`
	Amount        Amount          `json:"amount"`
	At            When            `json:"at"`
	Reference     string          `json:"reference,omitempty"`
	Basis         string          `json:"basis,omitempty"` // the law or the contract it was paid under
}

// ReimbursementWithdrawn is recorded when a reimbursement turns out not to
// have been paid, or was written down wrongly.
type ReimbursementWithdrawn struct {
	Reimbursement ReimbursementID `json:"reimbursement"`
	Reason        string          `json:"reason"`
}

func (ReimbursementRecorded) Kind() string  { return "reimbursement.recorded.v1" }
func (ReimbursementWithdrawn) Kind() string { return "reimbursement.withdrawn.v1" }

// RecordReimbursement writes down what a payer made good. Without a name it
// gets the next one.
type RecordReimbursement struct{ ReimbursementRecorded }

// Decide records it once: the same payer, victim, amount, time and reference
// told again under no other name is the same reimbursement.
func (r RecordReimbursement) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if err := r.wrong(); err != nil {
		return nil, err
	}
	for _, known := range c.Reimbursed {
		told := r.ReimbursementRecorded
		if told.Reimbursement == "" {
			told.Reimbursement = known.Reimbursement
		}
		if told == known {
			return nil, nil
		}
		if told.Reimbursement == known.Reimbursement && r.Reimbursement != "" {
			return nil, Conflict("reimbursement %s is recorded with other content: withdraw it first, or choose another name", known.Reimbursement)
		}
	}
	event := r.ReimbursementRecorded
	if event.Reimbursement == "" {
		event.Reimbursement = c.nextReimbursement()
	}
	return []Event{event}, nil
}

func (r RecordReimbursement) wrong() error {
	switch {
	case checkName("payer", r.Payer, maxTitle) != nil:
		return Usage("a reimbursement: %v", checkName("payer", r.Payer, maxTitle))
	case r.Victim == "":
		return Usage("a reimbursement: say which victim was paid")
	case !r.Amount.Given() || r.Amount.Units.Sign() <= 0:
		return Usage("a reimbursement of %s needs an amount above 0", r.Victim)
	case r.At.IsZero():
		return Usage("a reimbursement of %s: say when it was paid", r.Victim)
	}
	return nil
}

// nextReimbursement is the first name that was never used.
func (c *CaseFile) nextReimbursement() ReimbursementID {
	for n := c.reimbursements + 1; ; n++ {
		id := ReimbursementID("R" + NewUnits(int64(n)).String())
		if !slices.ContainsFunc(c.Reimbursed, func(r ReimbursementRecorded) bool { return r.Reimbursement == id }) {
			return id
		}
	}
}

// WithdrawReimbursement takes one back.
type WithdrawReimbursement struct {
	Reimbursement ReimbursementID `json:"reimbursement"`
	Reason        string          `json:"reason"`
}

// Decide withdraws what stands.
func (w WithdrawReimbursement) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if err := checkText("reason", w.Reason); err != nil {
		return nil, Usage("reimbursement %s: %v", w.Reimbursement, err)
	}
	if !slices.ContainsFunc(c.Reimbursed, func(r ReimbursementRecorded) bool { return r.Reimbursement == w.Reimbursement }) {
		return nil, NotFound("case %s has no reimbursement %s that stands", c.ID, w.Reimbursement)
	}
	return []Event{ReimbursementWithdrawn(w)}, nil
}

// reimburse takes note of a reimbursement, or of its end.
func (c *CaseFile) reimburse(event Event) {
	switch e := event.(type) {
	case ReimbursementRecorded:
		c.reimbursements++
		c.Reimbursed = append(c.Reimbursed, e)
	case ReimbursementWithdrawn:
		c.Reimbursed = slices.DeleteFunc(c.Reimbursed, func(r ReimbursementRecorded) bool { return r.Reimbursement == e.Reimbursement })
	}
}
