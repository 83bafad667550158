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

func turnOf(m mark) turn {
	isBalance := kind(m&kindMark) == kindBalance
	switch {
	case !m.has(bare):
		return timed
	case isBalance && m.has(opens|stated):
		return dayOpens
	case isBalance:
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
	p.inOrder()
	if !p.balances {
		return
	}
	if p.openStatements() {
		p.inOrder()
	}
	until := nanosecond(at)
	p.steps = slices.DeleteFunc(p.steps, func(s step) bool {
		return s.turn == dayCloses && !at.IsZero() && nanosecond(p.when(&s).End()) > until
	})
}

func (p *plan) inOrder() {
	for i := 1; i < len(p.steps); i++ {
		if p.before(&p.steps[i-1], &p.steps[i]) > 0 {
			slices.SortFunc(p.steps, func(a, b step) int { return p.before(&a, &b) })
			return
		}
	}
}

// openStatements makes openings of the balances that are, and says whether
// others have to move to the end of their day.
func (p *plan) openStatements() (moved bool) {
	if !slices.ContainsFunc(p.steps, func(s step) bool { return p.opens(&s) }) {
		return false
	}
	named := make([]bool, len(p.pools))
	for i := range p.steps {
		s := &p.steps[i]
		switch {
		case !p.opens(s):
		case named[s.to]:
			s.turn, moved = s.turn.later(), true
		case p.units(s).Sign() >= 0 && !p.pools[s.to].end:
			s.kind = kindOpening
		}
		p.names(s, func(n poolNo) { named[n] = true })
	}
	return moved
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
func (p *plan) before(a, b *step) int {
	x, y := p.moment(a), p.moment(b)
	if a.turn == b.turn && x < y {
		return -1 // most rows: whatever the days
	}
	if c := cmp.Compare(dayOf(x), dayOf(y)); c != 0 {
		return c
	}
	if c := cmp.Compare(a.turn, b.turn); c != 0 {
		return c
	}
	if c := cmp.Compare(x, y); c != 0 {
		return c
	}
	if c := cmp.Compare(p.position(a), p.position(b)); c != 0 {
		return c
	}
	return cmp.Compare(p.id(a), p.id(b))
}

// moment, position and id are a step's own, be it a row's or a hold's.
func (p *plan) moment(s *step) int64 {
	if s.kind == kindHold {
		return nanosecond(p.acts[s.row].When.Time)
	}
	return p.of.when[s.row]
}

func (p *plan) position(s *step) uint64 {
	if s.kind == kindHold {
		return p.acts[s.row].Position
	}
	return p.of.position(s.row)
}

func (p *plan) id(s *step) domain.MovementID {
	if s.kind == kindHold {
		return domain.MovementID(p.acts[s.row].Freeze)
	}
	return p.of.id(s.row)
}

// dayOf counts days (UTC) from the start of 1970, or before it.
func dayOf(moment int64) int64 {
	const day = int64(24 * time.Hour)
	if moment < 0 {
		moment -= day - 1
	}
	return moment / day
}

// agenda hands out the steps of a walk one by one. It asks the walk's balances
// only where the rows alone do not tell the order.
type agenda struct {
	plan  *plan
	steps []step
	tills []till // the walk's own
	done  []bool
	next  int32 // the first step that is in no day yet
	day   *bareDay
	found []int32 // the order so far
	given []int32 // the order, where an earlier walk has found it
	// By pool: one more than the place in day.queues of who may wait there; 0.
	queueOf []int32
}

func newAgenda(p *plan, tills []till) *agenda {
	return &agenda{plan: p, steps: p.steps, tills: tills, done: make([]bool, len(p.steps)), found: make([]int32, 0, len(p.steps))}
}

// first gives the step to walk next.
func (a *agenda) first() (int32, bool) {
	if a.given != nil {
		n := len(a.found)
		return at(a.given, n), n < len(a.given)
	}
	if a.day != nil && a.day.left == 0 {
		a.closeDay()
	}
	if a.day == nil && int(a.next) < len(a.steps) && a.steps[a.next].turn == bareDated {
		a.openDay()
	}
	if a.day != nil {
		return a.day.next(), true
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
