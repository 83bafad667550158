package tracing

import (
	"cmp"
	"slices"

	"clew/domain"
)

// Carried is an amount that left an account, or arrived there, as a walk saw
// it: openings, fees and what a stated balance shows as well as payments.
type Carried struct {
	Movement domain.MovementID
	Position uint64
	When     domain.When
	Account  domain.AccountID
	Pool     int32            // the walk's own number for the account in this asset, from 0
	From     domain.AccountID // of an arrival; "" where nobody has seen it come
	Asset    domain.Asset
	Units    domain.Units
	Arrives  bool
	PaidFrom int32   // of an arrival: the walk's own number for what it came from; -1 where nobody has seen it come
	Owners   []Owner // of an arrival: whose claims are in it, by victim
	Victims  []int32 // the walk's own numbers for the owners, from 0, in their order
}

// Watch walks a case under a rule that moves whole units, and tells all that
// leaves an account or arrives there, in the order of the walk. What is told
// is overwritten by the next. It is the walk itself that tells: there is no
// second engine.
func Watch(in Input, tell func(*Carried)) (Answer, error) {
	rule, err := findRule(in.Rule)
	if err != nil {
		return Answer{}, err
	}
	if rule.among == proportion || rule.name == Poison {
		return Answer{}, domain.Usage("under %s no lot goes from place to place: watch a rule that moves whole units, like fifo", rule.name)
	}
	p, err := makePlan(in)
	if err != nil {
		return Answer{}, err
	}
	w := newWalk(p, rule)
	w.watch = &gatekeeper{tell: tell, last: none}
	if err := w.run(); err != nil {
		return Answer{}, err
	}
	return w.show(), nil
}

// gatekeeper watches what goes out and what comes in.
type gatekeeper struct {
	tell func(*Carried)
	last int32 // the step of which it has told what left
	now  Carried
	list []ownership // room
}

// ownership is an owner and the walk's number for the victim.
type ownership struct {
	Owner
	number int32
}

func (g *gatekeeper) noted(*walk, Warning) {}
func (g *gatekeeper) walked(*walk, *step)  {}

func (g *gatekeeper) moved(w *walk, m move) {
	s := &w.plan.steps[m.step]
	g.now = Carried{Movement: w.plan.id(s), When: w.plan.when(s), Position: w.plan.position(s), PaidFrom: none, Owners: g.now.Owners[:0], Victims: g.now.Victims[:0]}
	switch {
	case m.from == none || s.joins() && g.last == m.step: // of a hop all inputs leave with its first output
	case s.joins():
		for _, in := range w.plan.inputs(w.plan.rareOf(s)) {
			g.tellOf(w, in.pool, in.units)
		}
	case s.kind == kindConversion && m.part != feePart:
		if g.last != m.step {
			g.tellOf(w, m.from, w.plan.units(s))
		}
	default:
		g.tellOf(w, m.from, m.units)
	}
	g.last = m.step
	g.now.Arrives = true
	if m.from != none {
		g.now.From, g.now.PaidFrom = w.plan.accountOf(m.from).name, int32(m.from)
	}
	g.owners(w)
	g.tellOf(w, m.to, m.units)
}

func (g *gatekeeper) tellOf(w *walk, pool poolNo, units domain.Units) {
	if units.IsZero() {
		return
	}
	g.now.Pool = int32(pool)
	g.now.Account, g.now.Asset, g.now.Units = w.plan.accountOf(pool).name, w.plan.assets[w.plan.assetOf(pool)], units
	g.tell(&g.now)
}

// owners sums up what is on the way by the victims whose claims it is.
func (g *gatekeeper) owners(w *walk) {
	g.list = g.list[:0]
	w.book.onWay(func(o owner, units, _ fixed) {
		if !o.claimed() {
			return
		}
		victim := w.plan.claims[o].victim
		at := slices.IndexFunc(g.list, func(one ownership) bool { return one.number == victim })
		if at < 0 {
			at, g.list = len(g.list), append(g.list, ownership{Owner{Victim: w.plan.victims[victim]}, victim})
		}
		g.list[at].Units = g.list[at].Units.Plus(nearest(&units))
	})
	if len(g.list) > 1 {
		slices.SortFunc(g.list, func(a, b ownership) int { return cmp.Compare(a.Victim, b.Victim) })
	}
	for _, one := range g.list {
		g.now.Owners, g.now.Victims = append(g.now.Owners, one.Owner), append(g.now.Victims, one.number)
	}
}
