package tracing

import (
	"slices"

	"clew/domain"
)

// toldApart says of every victim whether his claims must be told apart while the
// walk goes on, because something there asks how much is his and not only how
// much is the victims':
//
//   - a hold that reserves them first, a watcher who follows him;
//   - a return of what carried them;
//   - money of his that came home and is plain from there on, where somebody
//     asks how much plain money there is before the walk is over.
//
// All others are joint. To take too many apart is slower and not wrong.
func (p *plan) toldApart() []bool {
	if p.apart == nil {
		p.apart = p.tellApart()
	}
	return p.apart
}

func (p *plan) tellApart() []bool {
	r := newReach(p)
	for n := range p.holds {
		for claim := range p.holds[n].first {
			r.apart[p.claims[claim].victim] = true
		}
	}
	if p.followed != none {
		r.apart[p.followed] = true
	}
	home := func(claim claim) bool { return p.classes[claim.victim] != 0 }
	if !p.returns && !slices.ContainsFunc(p.claims, home) {
		return r.apart
	}
	w := newWalk(p, &rules[0])
	w.rule, w.presumes, w.book, w.lots = r.rule, true, r, nil
	if err := w.all(); err != nil {
		return r.apart // the walk proper stops at the same step, and says why
	}
	return r.apart
}

// reach is a book that keeps only who may have something where. It is walked
// ahead of the walk proper. Like poison it marks whatever a marked pool pays,
// but a pool that has paid all it had is clean again.
type reach struct {
	plan  *plan
	rule  *rule // one that asks who is innocent, so that the walk tells of it
	pools []reached
	way   marks
	aside marks
	apart []bool // by victim
}

// marks are victims who may have claims somewhere, and victims whose money may
// have come home and lie there as plain money.
type marks struct{ claims, plain victimSet }

type reached struct {
	marks
	units domain.Units
}

func newReach(p *plan) *reach {
	libr := slices.IndexFunc(rules, func(r rule) bool { return r.name == LIBR })
	return &reach{plan: p, rule: &rules[libr], pools: make([]reached, len(p.pools)), apart: make([]bool, len(p.victims))}
}

func (s victimSet) has(v int32) bool { return int(v/64) < len(s) && s[v/64]&(1<<(v%64)) != 0 }

func (m *marks) plus(more marks) {
	m.claims, m.plain = m.claims.plus(more.claims), m.plain.plus(more.plain)
}

func (m *marks) clear() {
	clear(m.claims)
	clear(m.plain)
}

// tell takes victims apart.
func (r *reach) tell(victims victimSet) {
	for word, set := range victims {
		for v := word * 64; set != 0; v, set = v+1, set>>1 {
			if set&1 != 0 {
				r.apart[v] = true
			}
		}
	}
}

// draw asks how much plain money there is: under libr it goes first, and under
// every rule what is drawn may be all plain, and then it is no traced arrival.
func (r *reach) draw(from poolNo, amount domain.Units) {
	pool := &r.pools[from]
	r.tell(pool.plain)
	r.way.plus(pool.marks)
	pool.units = pool.units.Minus(amount.Min(pool.units))
	if pool.units.IsZero() {
		pool.clear()
	}
}

func (r *reach) giveBack(from poolNo, _ int32, amount domain.Units) fixed {
	r.draw(from, amount)
	return fixed{}
}

func (r *reach) pick(from poolNo, amount domain.Units, _ func(owner) int) {
	r.draw(from, amount)
}

// report marks those of whom anybody may ask: other victims' money comes to no
// home of theirs.
func (r *reach) report(claim int32) {
	if victim := r.plan.claims[claim].victim; r.plan.returns || r.plan.classes[victim] != 0 {
		r.way.claims = r.way.claims.with(victim)
	}
}

func (r *reach) comeHome(victim int32) {
	if r.way.claims.has(victim) {
		r.way.claims.without(victim)
		r.way.plain = r.way.plain.with(victim)
	}
}

// settle asks whether plain money comes into innocent hands.
func (r *reach) settle(holder standing) {
	if holder.innocent {
		r.tell(r.way.plain)
	}
}

// keep asks for every owner of what a return may give back.
func (r *reach) keep(int32) {
	r.tell(r.way.claims)
	r.tell(r.way.plain)
}

func (r *reach) split(domain.Units) { r.aside.plus(r.way) }

func (r *reach) splitFirst(amount domain.Units) { r.split(amount) }

func (r *reach) rest() {
	r.way.plus(r.aside)
	r.aside.clear()
}

func (r *reach) put(to poolNo, amount domain.Units) (bool, error) {
	pool := &r.pools[to]
	pool.plus(r.way)
	r.way.clear()
	sum, err := pool.units.Add(amount)
	pool.units = sum
	return false, err
}

func (r *reach) putBack(to poolNo, amount domain.Units) error {
	_, err := r.put(to, amount)
	return err
}

func (r *reach) audit() error {
	r.way.clear()
	r.aside.clear()
	return nil
}

func (r *reach) glance(pool poolNo) int32   { return int32(len(r.pools[pool].claims)) }
func (r *reach) create(domain.Units, owner) {}
func (r *reach) convert(domain.Units)       {}
func (r *reach) stamp(standing)             {}
func (r *reach) follow(*int32, []till)      {}
func (r *reach) finish() error              { return nil }
func (r *reach) tally() *tally              { return newTally(r.plan) }

func (r *reach) onWay(func(owner, fixed, fixed))        {}
func (r *reach) lots(poolNo, func(owner, fixed, fixed)) {}
