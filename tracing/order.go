package tracing

import (
	"cmp"
	"slices"
	"time"

	"clew/domain"
)

// The order of the walk (point 1). Rows are sorted by day, turn, time and
// position. Only among the bare-dated rows of one day the evidence is silent:
// there a payment waits until its payer holds the money, as far as the day's
// rows let it. Balances do not depend on the rule, so neither does the order:
// it is found once, by the first walk, and the other rules follow it.

// turn says in which part of its day a row comes.
type turn int8

const (
	dayOpens  turn = iota // a bare-dated balance that opens a statement, as an opening
	bareDated             // order within the day not known
	timed
	dayCloses // a bare-dated balance: the day's closing balance
)

func turnOf(r *Row) turn {
	switch {
	case !r.When.Bare:
		return timed
	case r.opens():
		return dayOpens
	case r.Kind == domain.Balance:
		return dayCloses
	}
	return bareDated
}

// sort puts the steps in their order before any waiting, and decides which
// balances that open a statement are openings: those whose pool no earlier row
// names. A bare-dated one stands before all other rows of its day, and closes
// the day where it turns out to be a balance; one that lies after At is then
// left out.
func (p *plan) sort(at time.Time) {
	slices.SortFunc(p.steps, before)
	named, moved := make([]bool, len(p.pools)), false
	for i := range p.steps {
		s := &p.steps[i]
		switch {
		case !s.row.opens():
		case named[s.to]:
			s.turn, moved = turnOf(s.row).later(), true
		case s.row.Amount.Units.Sign() >= 0 && !p.pools[s.to].end:
			s.kind = domain.Opening
		}
		s.names(func(n poolNo) { named[n] = true })
	}
	if moved {
		slices.SortFunc(p.steps, before)
	}
	p.steps = slices.DeleteFunc(p.steps, func(s step) bool {
		return s.turn == dayCloses && !at.IsZero() && s.row.When.End().After(at)
	})
}

// later is the turn of a balance that opens a statement and is no opening.
func (t turn) later() turn {
	if t == dayOpens {
		return dayCloses
	}
	return t
}

// before compares by day, turn, time and position. Positions are unique; the
// name decides only where a caller has given two rows the same one.
func before(a, b step) int {
	if c := a.row.When.Day().Compare(b.row.When.Day()); c != 0 {
		return c
	}
	if c := cmp.Compare(a.turn, b.turn); c != 0 {
		return c
	}
	if c := a.row.When.Time.Compare(b.row.When.Time); c != 0 {
		return c
	}
	if c := cmp.Compare(a.row.Position, b.row.Position); c != 0 {
		return c
	}
	return cmp.Compare(a.row.ID, b.row.ID)
}

// agenda hands out the steps of a walk one by one. It asks the walk's balances
// only where the rows alone do not tell the order.
type agenda struct {
	steps   []step
	pools   []place
	balance []domain.Units // the walk's own
	done    []bool
	next    int32 // the first step that is in no day yet
	day     *bareDay
	found   []int32 // the order so far
	given   []int32 // the order, where an earlier walk has found it
}

func newAgenda(p *plan, balance []domain.Units) *agenda {
	return &agenda{steps: p.steps, pools: p.pools, balance: balance, done: make([]bool, len(p.steps))}
}

// first gives the step to walk next.
func (a *agenda) first() (int32, bool) {
	if a.given != nil {
		n := len(a.found)
		return at(a.given, n), n < len(a.given)
	}
	if a.day != nil && a.day.left == 0 {
		a.day = nil
	}
	if a.day == nil && int(a.next) < len(a.steps) && a.steps[a.next].turn == bareDated {
		a.openDay()
	}
	if a.day != nil {
		return a.day.first(), true
	}
	a.next++
	return a.next - 1, int(a.next) <= len(a.steps)
}

func at(order []int32, n int) int32 {
	if n < len(order) {
		return order[n]
	}
	return none
}

// walked is told of every step that has been walked.
func (a *agenda) walked(n int32) {
	a.done[n] = true
	a.found = append(a.found, n)
	if a.day != nil {
		a.day.walked(n)
	}
}

// moved is told of every pool whose balance has changed.
func (a *agenda) moved(pool poolNo) {
	if a.day != nil {
		a.day.offer(pool)
	}
}
