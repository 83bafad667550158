package domain

import (
	"cmp"
	"fmt"
	"slices"
)

// Ours says whether a step is our own act, which is refused where it does not
// follow. The others are news, which is always recorded.
func (s FreezeStep) Ours() bool { return transitions[s].ours }

// ParseFreeze checks a freeze's name.
func ParseFreeze(text string) (FreezeID, error) {
	name, err := ParseReference("freeze", text)
	if err == nil && name == "" {
		return "", fmt.Errorf("freeze %s: name it as 'clew freeze list' does, like F1", quoted(text))
	}
	return FreezeID(name), err
}

// unaskedNews is what a hold that nobody asked for bears as its mark.
const unaskedNews = "nobody had asked for it"

// RecordHold records a hold that nobody asked for, with what it holds: the
// bank's own, another agency's.
type RecordHold struct {
	Request FreezeRequested `json:"request"`
	Held    FreezeHeld      `json:"held"`
}

// Decide records both at once. The same hold told twice is one hold.
func (r RecordHold) Decide(c *CaseFile) ([]Event, error) {
	held := StepFreeze{Step: StepHold, News: r.Held.News, Amount: r.Held.Amount}
	for _, f := range c.freezesOn(r.Request.Account, r.Request) {
		if f.Request.Unasked && f.told(held) {
			return nil, c.working()
		}
	}
	r.Request.Unasked = true
	events, err := RequestFreeze{r.Request}.Decide(c)
	if err != nil {
		return nil, err
	}
	first := &Freeze{}
	first.evolve(r.Request)
	if err := held.wrong(first); err != nil {
		return nil, err
	}
	r.Held.Freeze, r.Held.Unexpected = r.Request.Freeze, unaskedNews
	return append(events, r.Held), nil
}

// freezesOn are the freezes of one account, asset and mechanism, the latest
// first.
func (c *CaseFile) freezesOn(account AccountID, like FreezeRequested) []*Freeze {
	account = c.Resolve(account)
	var list []*Freeze
	for _, f := range c.Freezes {
		r := f.Request
		if r.Asset == like.Asset && r.Mechanism == like.Mechanism && (r.Account == account || c.Resolve(r.Account) == account) {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(a, b *Freeze) int {
		return cmp.Or(b.Request.At.Time.Compare(a.Request.At.Time), cmp.Compare(b.Request.Freeze, a.Request.Freeze))
	})
	return list
}

// FreezeNews is one line of a file that tells what became of a freeze: an
// event on a chain. It is an Item: it counts as read.
type FreezeNews struct {
	Evidence   Evidence
	Account    AccountID
	Asset      Asset
	Scope      FreezeScope
	Mechanism  string
	Responding string
	Step       FreezeStep // hold, release or seize
	News       News       // its Reference names the line for ever: two files that tell it tell one step
	Amount     *Amount
	Destroyed  bool // of what is seized
}

func (FreezeNews) item() {}

// Told says whether the case knows this very news, by its reference.
func (n FreezeNews) Told(c *CaseFile) bool {
	return slices.ContainsFunc(c.freezesOn(n.Account, n.request()), func(f *Freeze) bool {
		return slices.ContainsFunc(f.Steps, func(t StepTaken) bool { return t.Step == n.Step && t.News.Reference == n.News.Reference })
	})
}

// Decide finds the freeze that the news is of and records the step; where
// nothing is held by that mechanism, it records that nobody had asked.
func (n FreezeNews) Decide(c *CaseFile) ([]Event, error) {
	if n.Told(c) {
		return nil, nil
	}
	step := StepFreeze{Step: n.Step, News: n.News, Amount: n.Amount}
	if n.Destroyed {
		step.Method = "destroyed"
	}
	if f := n.concerns(c); f != nil {
		step.Freeze = f.Request.Freeze
		if f.toldByHand(step) {
			return nil, nil
		}
		if f.told(step) {
			step.Note = "told at the same time as an equal step, under another reference"
			return []Event{n.marked(step, f)}, nil
		}
		return step.Decide(c)
	}
	request := n.request()
	request.Freeze = c.NextFreeze()
	events, err := RequestFreeze{request}.Decide(c)
	if err != nil {
		return nil, err
	}
	step.Freeze, step.Unexpected = request.Freeze, unaskedNews
	if n.Step != StepHold {
		step.Unexpected += ", and no hold of it is known"
	}
	return append(events, step.event()), nil
}

// toldByHand says whether a person told the same step before, without the
// reference that names it for ever.
func (f *Freeze) toldByHand(s StepFreeze) bool {
	return slices.ContainsFunc(f.Steps, func(t StepTaken) bool {
		return t.Step == s.Step && t.News.Reference == "" && t.News.At.Time.Equal(s.At.Time) && sameAmount(t.Amount, s.Amount)
	})
}

func (n FreezeNews) marked(step StepFreeze, f *Freeze) Event {
	step.Unexpected = step.unexpected(f, slices.Contains(transitions[step.Step].from, f.State))
	return step.event()
}

// concerns is the freeze that the news is of: the latest that was there by
// then. A hold of what was let go before is a new freeze.
func (n FreezeNews) concerns(c *CaseFile) *Freeze {
	list := c.freezesOn(n.Account, n.request())
	for _, f := range list {
		over := n.Step == StepHold && slices.Contains(states(StateReleased, StateExpired, StateWithdrawn, StateRejected), f.State)
		if !f.Request.At.Time.After(n.News.At.Time) && !over {
			return f
		}
	}
	return nil
}

// request is the draft that stands for a hold that nobody asked for.
func (n FreezeNews) request() FreezeRequested {
	r := FreezeRequested{At: n.News.At, By: n.News.By, Unasked: true, Account: n.Account, Asset: n.Asset.Code, Digits: n.Asset.Digits,
		Scope: n.Scope, Mechanism: n.Mechanism, Responding: n.Responding, Reference: n.News.Reference}
	if n.Evidence.File != "" {
		r.Evidence = []SHA256{n.Evidence.File}
	}
	return r
}

// Rehearse is a copy of the case on which news can be tried without a change
// to the case itself.
func (c *CaseFile) Rehearse() *CaseFile {
	trial := NewCaseFile(c.ID)
	trial.Opened, trial.Closed, trial.SameAs = c.Opened, c.Closed, c.SameAs
	for id, f := range c.Freezes {
		copied := *f
		copied.Steps = slices.Clone(f.Steps)
		trial.Freezes[id] = &copied
	}
	return trial
}
