package tracing

import (
	"slices"

	"clew/domain"
)

// exposure keeps what poison marks, and with it what was paid back and what
// was reported: numbers that are the same under every rule. A pool bears the
// victims whose money may be in it. Whatever it pays bears all of them on;
// but money that comes to a home bears its own victim no longer (point 6), and
// what an end pays bears nobody (point 7), unless it is a return of what did.
type exposure struct {
	plan     *plan
	pools    []victimSet
	accounts []bool // some pool of it bears a mark
	began    []bool // by victim: he has made a reported payment
	reported []domain.Units
	paidBack []domain.Units
	borne    map[int32]victimSet // by steps that returns give back
	queue    victimSet           // what the inputs of the hop that is being walked bore
	payers   []int32             // its input accounts that bore a mark before it
}

// victimSet is victims by number, a bit each.
type victimSet []uint64

func (s victimSet) with(v int32) victimSet {
	if int(v/64) >= len(s) {
		s = append(s, make(victimSet, int(v/64)+1-len(s))...)
	}
	s[v/64] |= 1 << (v % 64)
	return s
}

func (s victimSet) without(v int32) {
	if int(v/64) < len(s) {
		s[v/64] &^= 1 << (v % 64)
	}
}

func (s victimSet) plus(t victimSet) victimSet {
	if len(t) > len(s) {
		s = append(s, make(victimSet, len(t)-len(s))...)
	}
	for i := range t {
		s[i] |= t[i]
	}
	return s
}

func (s victimSet) empty() bool {
	return !slices.ContainsFunc(s, func(word uint64) bool { return word != 0 })
}

func newExposure(p *plan) *exposure {
	n := len(p.losses)
	return &exposure{plan: p, pools: make([]victimSet, len(p.pools)), accounts: make([]bool, len(p.accounts)),
		began: make([]bool, len(p.victims)), reported: make([]domain.Units, n), paidBack: make([]domain.Units, n),
		borne: map[int32]victimSet{}}
}

// report notes a reported payment.
func (e *exposure) report(c claim, units domain.Units) error {
	sum, err := e.reported[c.loss].Add(units)
	e.reported[c.loss] = sum
	return err
}

// paid notes what is on the way.
func (e *exposure) paid(m *move) error {
	if m.from == none {
		return nil
	}
	s := &e.plan.steps[m.step]
	if err := e.payBack(s, m); err != nil {
		return err
	}
	bears := e.bears(s, m)
	if bears.empty() {
		return nil
	}
	if s.kept && m.part == main {
		e.borne[m.step] = e.borne[m.step].plus(bears)
	}
	for _, v := range e.plan.accountOf(m.to).homeOf {
		bears.without(v)
	}
	if !bears.empty() {
		e.pools[m.to] = e.pools[m.to].plus(bears)
		e.accounts[e.plan.pools[m.to].account] = true
	}
	return nil
}

// bears says whose money may be on the way.
func (e *exposure) bears(s *step, m *move) victimSet {
	var bears victimSet
	if !s.joins() || m.part == overdue {
		bears = e.passes(bears, m.from)
	}
	if s.joins() && m.part != overdue {
		bears = bears.plus(e.queue)
	}
	if of := e.plan.rareOf(s).of; m.part == main && of != none && e.plan.pools[m.from].end {
		bears = bears.plus(e.borne[of])
	}
	if m.reported {
		bears = bears.with(e.plan.claims[s.claim].victim)
	}
	return bears
}

// enter notes what the inputs of a hop bear before any of its outputs arrives,
// perhaps at one of them.
func (e *exposure) enter(s *step) {
	e.queue, e.payers = nil, nil
	for _, in := range e.plan.inputs(e.plan.rareOf(s)) {
		n := e.plan.pools[in.pool].account
		if in.units.IsZero() {
			continue
		}
		e.queue = e.passes(e.queue, in.pool)
		if e.accounts[n] && !e.plan.accounts[n].end {
			e.payers = append(e.payers, n)
		}
	}
}

func (e *exposure) passes(bears victimSet, from poolNo) victimSet {
	if e.plan.pools[from].end {
		return bears
	}
	return bears.plus(e.pools[from])
}

// payBack notes what reaches a victim's homes from marked accounts after his
// first reported payment. What he moves between homes of his own is none.
func (e *exposure) payBack(s *step, m *move) error {
	if m.part != main {
		return nil
	}
	for _, v := range e.plan.accountOf(m.to).homeOf {
		asset := e.plan.assets[e.plan.assetOf(m.to)]
		n, lost := e.plan.numbers.losses[loss{v, asset}]
		if !lost || !e.began[v] || !e.fromMarked(s, m, v) {
			continue
		}
		sum, err := e.paidBack[n].Add(m.units)
		if err != nil {
			return err
		}
		e.paidBack[n] = sum
	}
	return nil
}

func (e *exposure) fromMarked(s *step, m *move, v int32) bool {
	his := func(n int32) bool { return slices.Contains(e.plan.accounts[n].homeOf, v) }
	if s.joins() {
		return slices.ContainsFunc(e.payers, func(n int32) bool { return !his(n) })
	}
	n := e.plan.pools[m.from].account
	if e.plan.accounts[n].end {
		of := e.plan.rareOf(s).of
		return of != none && !e.borne[of].empty()
	}
	return e.accounts[n] && !his(n)
}
