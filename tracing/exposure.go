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
	tills    []till   // the walk's own
	words    int      // of a set
	pools    []int32  // by pool: one more than the place of its set in sets; 0 where nobody's money can be
	sets     []uint64 // of the pools, one after the other
	room     []uint64 // for the other sets that stay
	accounts []bool   // some pool of it bears a mark
	began    []bool   // by victim: he has made a reported payment
	reported []domain.Units
	paidBack []domain.Units
	borne    map[int32]classSet // by steps that returns give back
	queue    classSet           // what the inputs of the hop that is being walked bore
	payers   []int32            // its input accounts that bore a mark before it
	way      classSet           // room for what is on the way
	noted    []payback          // what of paidBack came with which step
}

// classSet is classes of victims by number, a bit each: nothing, or as many
// words as it takes for all.
type classSet []uint64

func (s classSet) add(t classSet) {
	for i := range t {
		s[i] |= t[i]
	}
}

func (s classSet) empty() bool {
	for _, word := range s {
		if word != 0 {
			return false
		}
	}
	return true
}

// victimClasses puts all victims into one class to whose homes marked money
// can never come: their marks are never taken off, so nobody has to tell them
// apart. Every other victim has a class of his own. What "can" come is found
// in one pass, too wide rather than too narrow: whatever was paid by a pool
// that was marked by then, or on the same day.
func (p *plan) victimClasses() []int32 {
	classes, next := make([]int32, len(p.victims)), int32(1)
	r := touch{plan: p, marked: make([]bool, len(p.pools)), come: make([]bool, len(p.victims))}
	for i := 0; i < len(p.steps); {
		if p.steps[i].turn != bareDated {
			r.step(&p.steps[i])
			i++
			continue
		}
		last := i + 1
		for last < len(p.steps) && p.steps[last].turn == bareDated && p.sameDay(i, last) {
			last++
		}
		r.day(p.steps[i:last])
		i = last
	}
	for v, comes := range r.come {
		if comes {
			classes[v] = next
			next++
		}
	}
	return classes
}

func (p *plan) sameDay(a, b int) bool {
	return dayOf(p.moment(&p.steps[a])) == dayOf(p.moment(&p.steps[b]))
}

// touch finds where marks can come at most.
type touch struct {
	plan   *plan
	marked []bool
	come   []bool // by victim: marked money can have come to a home of his
	news   bool   // something was marked that was not
	wide   bool   // take every payment for a marked one
}

// rounds is how often the rows of a day are looked through before all of them
// count as marked: a day of many rows must not cost their square.
const rounds = 8

// day takes the rows of a day whose order is open again and again, until
// nothing new is marked.
func (r *touch) day(steps []step) {
	r.news = true
	for round := 0; r.news && (round == 0 || len(steps) > 1); round++ {
		r.wide, r.news = round >= rounds, false
		for i := range steps {
			r.step(&steps[i])
		}
	}
	r.wide = false
}

func (r *touch) step(s *step) {
	p := r.plan
	bears := r.wide || s.claim != none || s.from != none && r.passes(s.from)
	if s.rare == none {
		if bears && s.to != none {
			r.mark(s.to)
		}
		return
	}
	more := p.rareOf(s)
	bears = bears || more.of != none || more.hold != none && r.passes(p.holds[more.hold].pool)
	for _, in := range p.inputs(more) {
		bears = bears || r.passes(in.pool)
	}
	if !bears {
		return
	}
	for _, out := range p.outputs(more) {
		r.mark(out.pool)
	}
	for _, to := range [...]poolNo{s.to, more.holdTo} {
		if to != none {
			r.mark(to)
		}
	}
}

func (r *touch) passes(pool poolNo) bool { return r.marked[pool] && !r.plan.pools[pool].end }

func (r *touch) mark(pool poolNo) {
	at := &r.plan.pools[pool]
	if at.home {
		for _, v := range r.plan.accounts[at.account].homeOf {
			r.come[v] = true
		}
	}
	r.news = r.news || !r.marked[pool]
	r.marked[pool] = true
}

// wordsOf is how many words a set of classes takes.
func wordsOf(p *plan) int {
	if len(p.classes) == 0 {
		return 1
	}
	return 1 + int(slices.Max(p.classes))/64
}

func newExposure(p *plan, tills []till) *exposure {
	n, words := len(p.losses), wordsOf(p)
	return &exposure{plan: p, tills: tills, words: words, way: make(classSet, words), pools: make([]int32, len(p.pools)), accounts: make([]bool, len(p.accounts)),
		began: make([]bool, len(p.victims)), reported: make([]domain.Units, n), paidBack: make([]domain.Units, n), borne: map[int32]classSet{}}
}

// set makes an empty set that stays.
func (e *exposure) set() classSet {
	if len(e.room) < e.words {
		e.room = make([]uint64, 4096*e.words)
	}
	set := classSet(e.room[:e.words:e.words])
	e.room = e.room[e.words:]
	return set
}

// of is what a pool bears, to read before the next pool is marked.
func (e *exposure) of(pool poolNo) classSet {
	n := int(e.pools[pool])
	if n == 0 {
		return nil
	}
	return e.sets[(n-1)*e.words : n*e.words]
}

// glance reads something of a pool's marks.
func (e *exposure) glance(pool poolNo) int32 {
	if n := int(e.pools[pool]); n > 0 {
		return int32(e.sets[(n-1)*e.words])
	}
	return 0
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
	s, to := &e.plan.steps[m.step], &e.tills[m.to]
	if to.home && m.part == main {
		if err := e.payBack(s, m); err != nil {
			return err
		}
	}
	bears := e.bears(s, m)
	if bears.empty() {
		return nil
	}
	if s.kept && m.part == main {
		e.bear(m.step, bears)
	}
	if to.home {
		bears = e.without(bears, e.plan.accounts[to.account].homeOf)
	}
	if !bears.empty() {
		e.mark(m.to, bears)
	}
	return nil
}

func (e *exposure) mark(pool poolNo, bears classSet) {
	if e.pools[pool] == 0 {
		e.sets = append(e.sets, make([]uint64, e.words)...)
		e.pools[pool] = int32(len(e.sets) / e.words)
		e.accounts[e.tills[pool].account] = true
	}
	e.of(pool).add(bears)
}

func (e *exposure) bear(step int32, bears classSet) {
	if e.borne[step] == nil {
		e.borne[step] = e.set()
	}
	e.borne[step].add(bears)
}

// without is a set less the marks of some victims. Those of the class that is
// never told apart have none to lose: nothing marked ever comes to them.
func (e *exposure) without(bears classSet, victims []int32) classSet {
	left := e.onWay(bears)
	for _, v := range victims {
		if class := e.plan.classes[v]; class != 0 {
			left[class/64] &^= 1 << (class % 64)
		}
	}
	return left
}

// onWay is a set that may be changed until the next is asked for.
func (e *exposure) onWay(bears classSet) classSet {
	if len(bears) > 0 && &bears[0] == &e.way[0] {
		return e.way
	}
	clear(e.way)
	e.way.add(bears)
	return e.way
}

// bears says whose money may be on the way.
func (e *exposure) bears(s *step, m *move) classSet {
	var bears classSet
	switch {
	case s.joins() && m.part != overdue:
		bears = e.queue
	case !e.tills[m.from].end:
		bears = e.of(m.from)
	case m.part == main && s.rare != none && e.plan.rareOf(s).of != none:
		bears = e.borne[e.plan.rareOf(s).of]
	}
	if m.reported {
		class := e.plan.classes[e.plan.claims[s.claim].victim]
		bears = e.onWay(bears)
		bears[class/64] |= 1 << (class % 64)
	}
	return bears
}

// enter notes what the inputs of a hop bear before any of its outputs arrives,
// perhaps at one of them.
func (e *exposure) enter(s *step) {
	if e.queue == nil {
		e.queue = e.set()
	}
	clear(e.queue)
	e.payers = e.payers[:0]
	for _, in := range e.plan.inputs(e.plan.rareOf(s)) {
		at := &e.plan.pools[in.pool]
		if in.units.IsZero() || at.end {
			continue
		}
		e.queue.add(e.of(in.pool))
		if e.accounts[at.account] {
			e.payers = append(e.payers, at.account)
		}
	}
}

// payBack notes what reaches a victim's homes from marked accounts after his
// first reported payment. What he moves between homes of his own is none.
func (e *exposure) payBack(s *step, m *move) error {
	for _, v := range e.plan.accountOf(m.to).homeOf {
		if !e.began[v] || !e.fromMarked(s, m, v) {
			continue
		}
		n, lost := e.plan.numbers.losses[loss{v, e.plan.assets[e.plan.assetOf(m.to)]}]
		if !lost {
			continue
		}
		sum, err := e.paidBack[n].Add(m.units)
		if err != nil {
			return err
		}
		e.paidBack[n] = sum
		e.noted = append(e.noted, payback{m.step, n, m.units})
	}
	return nil
}

// payback is a part of what was paid back.
type payback struct {
	step, loss int32
	units      domain.Units
}

func (e *exposure) fromMarked(s *step, m *move, v int32) bool {
	his := func(n int32) bool { return slices.Contains(e.plan.accounts[n].homeOf, v) }
	if s.joins() {
		return slices.ContainsFunc(e.payers, func(n int32) bool { return !his(n) })
	}
	n := e.tills[m.from].account
	if e.plan.accounts[n].end {
		of := e.plan.rareOf(s).of
		return of != none && !e.borne[of].empty()
	}
	return e.accounts[n] && !his(n)
}
