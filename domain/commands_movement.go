package domain

// MovementFile is what is known of one movement at one position of the log.
type MovementFile struct {
	Movement  Movement // as it reads now
	Withdrawn bool
	Victim    VictimID // who reports it now; "" for nobody
	Scam      Scam
	Joined    MovementID // the movement that it was joined to as further evidence; "" for none
}

// ReportMovement says that a recorded movement is a payment that a victim made
// to the scam.
type ReportMovement struct {
	Movement MovementID `json:"movement"`
	Victim   VictimID   `json:"victim"`
	Scam     Scam       `json:"scam,omitempty"`
}

// About names the movement.
func (r ReportMovement) About() MovementID { return r.Movement }

// Decide records the report, and the victim where he is new.
func (r ReportMovement) Decide(c *CaseFile, m MovementFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	switch {
	case m.Withdrawn:
		return nil, Conflict("movement %s is withdrawn, so it cannot be reported: record the right one first", r.Movement)
	case m.Victim == r.Victim && m.Scam == r.Scam:
		return nil, nil
	case m.Victim != "" && m.Victim != r.Victim:
		return nil, Conflict("movement %s is reported by %s already: withdraw that report first ('clew payment withdraw')", r.Movement, m.Victim)
	case m.Movement.Kind != Transfer && m.Movement.Kind != Conversion && m.Movement.Kind != Hop:
		return nil, Usage("movement %s is a %s: only a payment can be reported", r.Movement, m.Movement.Kind)
	case m.Movement.Kind != Hop && m.Movement.Amount.Units.Sign() <= 0:
		return nil, Usage("movement %s moves nothing: a reported payment is more than 0", r.Movement)
	}
	return append(c.Introduce(r.Victim, r.Scam), PaymentReported{Movement: r.Movement, Victim: r.Victim, Scam: r.Scam}), nil
}

// Introduce registers a victim whom the case does not know yet.
func (c *CaseFile) Introduce(victim VictimID, scam Scam) []Event {
	if _, known := c.Victims[victim]; known {
		return nil
	}
	return []Event{VictimRegistered{Victim: victim, Category: scam.Category()}}
}

// WithdrawReport takes a report back.
type WithdrawReport struct {
	Movement MovementID `json:"movement"`
	Reason   string     `json:"reason"`
}

// About names the movement.
func (w WithdrawReport) About() MovementID { return w.Movement }

// Decide records the withdrawal of a report that stands.
func (w WithdrawReport) Decide(c *CaseFile, m MovementFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if err := checkText("reason", w.Reason); err != nil {
		return nil, err
	}
	if m.Victim == "" {
		return nil, NotFound("movement %s is not reported by anybody now: see 'clew movement show'", w.Movement)
	}
	return []Event{ReportWithdrawn{w.Movement, m.Victim, w.Reason}}, nil
}

// CorrectMovement says how a movement should read.
type CorrectMovement struct {
	Movement MovementID `json:"movement"`
	Now      Observed   `json:"now"`
	Reason   string     `json:"reason"`
}

// About names the movement.
func (k CorrectMovement) About() MovementID { return k.Movement }

// Decide records the correction, if it changes anything.
func (k CorrectMovement) Decide(c *CaseFile, m MovementFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if err := checkText("reason", k.Reason); err != nil {
		return nil, err
	}
	if m.Withdrawn {
		return nil, Conflict("movement %s is withdrawn: import or record the right one instead of correcting it", k.Movement)
	}
	if wrong := CheckMovement(k.Now.Movement); wrong != nil {
		return nil, Usage("movement %s: %v", k.Movement, wrong)
	}
	if m.Victim != "" && k.Now.Movement.Amount.Units.Sign() <= 0 {
		return nil, Conflict("movement %s is reported by %s: a reported payment is more than 0; withdraw the report first", k.Movement, m.Victim)
	}
	if k.Now.Movement.Content() == m.Movement.Content() && k.Now.Movement.Note == m.Movement.Note {
		return nil, nil
	}
	return []Event{MovementCorrected(k)}, nil
}

// WithdrawMovement says that a movement turned out not to have been.
type WithdrawMovement struct {
	Movement MovementID `json:"movement"`
	Reason   string     `json:"reason"`
}

// About names the movement.
func (w WithdrawMovement) About() MovementID { return w.Movement }

// Decide records the withdrawal once.
func (w WithdrawMovement) Decide(c *CaseFile, m MovementFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if err := checkText("reason", w.Reason); err != nil {
		return nil, err
	}
	if m.Withdrawn {
		return nil, nil
	}
	return []Event{MovementWithdrawn(w)}, nil
}

// JoinMovements says that two tellings are one payment: Kept stands, Other is
// further evidence for it.
type JoinMovements struct {
	Kept  MovementID `json:"kept"`
	Other MovementID `json:"other"`
	Basis string     `json:"basis,omitempty"`
}

// About names the two movements.
func (j JoinMovements) About() (one, other MovementID) { return j.Kept, j.Other }

// Decide records the join once.
func (j JoinMovements) Decide(c *CaseFile, kept, other MovementFile) ([]Event, error) {
	a, b := kept.Movement, other.Movement
	if err := c.working(); err != nil {
		return nil, err
	}
	switch {
	case j.Kept == j.Other:
		return nil, Usage("movement %s cannot be joined with itself: name the other telling", j.Kept)
	case kept.Withdrawn || other.Withdrawn:
		return nil, Conflict("movement %s or %s is withdrawn: only movements that stand can be joined", j.Kept, j.Other)
	case other.Joined == j.Kept || kept.Joined == j.Other:
		return nil, nil
	case a.Kind != b.Kind || a.Amount.Asset != b.Amount.Asset:
		return nil, Conflict("movement %s and %s cannot be one payment: they differ in kind or asset; correct the wrong one first", j.Kept, j.Other)
	case kept.Victim != "" && other.Victim != "" && kept.Victim != other.Victim:
		return nil, Conflict("movement %s is reported by %s and %s by %s: withdraw one of the reports first", j.Kept, kept.Victim, j.Other, other.Victim)
	}
	return []Event{MovementJoined(j)}, nil
}

// SeparateMovements says that two look-alikes are two payments, or undoes a
// join.
type SeparateMovements struct {
	One   MovementID `json:"one"`
	Other MovementID `json:"other"`
	Basis string     `json:"basis,omitempty"`
}

// About names the two movements.
func (p SeparateMovements) About() (one, other MovementID) { return p.One, p.Other }

// Decide records that they are two.
func (p SeparateMovements) Decide(c *CaseFile, _, _ MovementFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if p.One == p.Other {
		return nil, Usage("movement %s is one movement: name two", p.One)
	}
	return []Event{MovementSeparated(p)}, nil
}
