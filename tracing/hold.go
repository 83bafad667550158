package tracing

import (
	"fmt"
	"slices"

	"clew/domain"
)

// Holds (point 13). What a hold reserves lies in a pool of its own beside the
// account's, so that no draw can reach it; every lot remembers its place and
// goes back to it at a release. What a hold takes away lies in two more:
// seized, and restored to victims.

// hold is one freeze of a plan.
type hold struct {
	name   string
	pool   poolNo // that it acts on
	held   poolNo
	seized poolNo
	given  poolNo // restored
	first  map[owner]bool
}

// holdStep is one step of a hold, in numbers.
type holdStep struct {
	hold   int32
	step   domain.FreezeStep
	scope  domain.FreezeScope
	amount domain.Units
	to     poolNo
}

// holding is how a hold stands while the walk goes on.
type standingHold struct {
	placed bool
	all    bool         // later credits too, whatever they come to
	target domain.Units // what is to be held; what is not there yet is expected
}

// kindHold marks the steps of holds among the steps of the walk.
const kindHold domain.MovementKind = "hold"

// readHolds brings the steps of holds among the rows. They never wait.
func (p *plan) readHolds(in Input) error {
	byName := map[string]int32{}
	for i := range in.Holds {
		h := &in.Holds[i]
		n, known := byName[h.Freeze]
		if !known {
			n = p.newHold(h)
			byName[h.Freeze] = n
		}
		if h.Movement != "" {
			p.shown[h.Movement] = n
			continue
		}
		if !in.At.IsZero() && h.When.Time.After(in.At) {
			continue
		}
		row := &Row{Position: h.Position}
		row.ID, row.Kind, row.When, row.To = domain.MovementID(h.Freeze), kindHold, h.When, h.Account
		s := step{row: row, kind: kindHold, turn: turnOf(row), from: none, to: none, purse: none, claim: none, victim: none, of: none, shown: none}
		s.hold = &holdStep{hold: n, step: h.Step, scope: h.Scope, amount: h.Amount, to: none}
		if h.Amount.Sign() < 0 {
			return fmt.Errorf("freeze %s holds less than nothing", h.Freeze)
		}
		if h.To != "" {
			s.hold.to = p.pool(h.To, h.Asset)
		}
		p.steps = append(p.steps, s)
	}
	return nil
}

func (p *plan) newHold(h *HoldStep) int32 {
	pool := p.pool(h.Account, h.Asset)
	p.holds = append(p.holds, hold{name: h.Freeze, pool: pool, held: p.beside(pool, Held), seized: p.beside(pool, Seized), given: p.beside(pool, Restored)})
	n := int32(len(p.holds) - 1)
	p.wanted = append(p.wanted, wanted{h.Victims, h.Claims})
	return n
}

// wanted names the claims that a hold reserves first.
type wanted struct {
	victims  []domain.VictimID
	payments []domain.MovementID
}

// beside makes a pool of a state beside another. Nothing finds it by name.
func (p *plan) beside(pool poolNo, state State) poolNo {
	at := p.pools[pool]
	at.state, at.main, at.end = state, pool, at.end || state != Held
	p.pools = append(p.pools, at)
	return poolNo(len(p.pools) - 1)
}

// firstClaims finds the claims that each hold reserves first: those of the
// payments it names, else all of its victims'.
func (p *plan) firstClaims() {
	for n := range p.holds {
		p.holds[n].first = map[owner]bool{}
		for i := range p.steps {
			s := &p.steps[i]
			if s.claim == none {
				continue
			}
			w := p.wanted[n]
			if slices.Contains(w.payments, s.row.ID) || len(w.payments) == 0 && slices.Contains(w.victims, p.victims[s.victim]) {
				p.holds[n].first[owner(s.claim)] = true
			}
		}
	}
}

// class is the order in which a hold reserves: the claims it names, all other
// claims, own money.
func (h *hold) class(o owner) int {
	switch {
	case h.first[o]:
		return 0
	case o.claimed():
		return 1
	}
	return 2
}

// hold takes one step of a hold.
func (w *walk) hold(s *step) error {
	h, at := &w.plan.holds[s.hold.hold], &w.held[s.hold.hold]
	if w.plan.pools[h.pool].end {
		w.warn(s, warning(WarnHoldEnd, domain.Amount{}, "The hold %s on %s cannot be walked: behind it the money can no longer be told apart.", h.name, s.row.To))
		return nil
	}
	switch s.hold.step {
	case domain.StepHold:
		at.place(s.hold, w.balance[h.held], w.balance[h.pool])
		return w.reserve(h.pool)
	case domain.StepRelease, domain.StepExpire:
		return w.release(s, h, at)
	case domain.StepReturn, domain.StepSeize:
		return w.takeAway(s, h)
	case domain.StepRestore:
		return w.restore(s, h)
	}
	return nil
}

// place sets what is to be held. The same hold told again adds nothing; a
// larger sum is news of the difference.
func (at *standingHold) place(s *holdStep, held, free domain.Units) {
	at.placed = true
	switch {
	case s.scope == domain.ScopeAccount && s.amount.IsZero():
		at.all = true
	case s.amount.IsZero():
		at.target = held.Plus(free)
	case at.target.Less(s.amount):
		at.target = s.amount
	}
}

// reserve lets the holds on a pool take what they still expect, in the order
// in which they were recorded: a lot is reserved by one hold at a time.
func (w *walk) reserve(pool poolNo) error {
	for n := range w.plan.holds {
		h, at := &w.plan.holds[n], &w.held[n]
		if h.pool != pool || !at.placed || w.balance[pool].IsZero() {
			continue
		}
		want := w.balance[pool]
		if !at.all {
			want = at.target.Minus(w.balance[h.held].Min(at.target)).Min(want)
		}
		if err := w.shift(h.pool, h.held, want, h.class); err != nil {
			return err
		}
	}
	return nil
}

// shift moves lots between an account's pool and what is held of it. They keep
// their places.
func (w *walk) shift(from, to poolNo, units domain.Units, class func(owner) int) error {
	if units.IsZero() {
		return nil
	}
	w.book.pick(from, units, class)
	w.balance[from] = w.balance[from].Minus(units)
	w.balance[to] = w.balance[to].Plus(units)
	w.agenda.moved(from)
	w.agenda.moved(to)
	return w.book.putBack(to, units)
}

// last turns the order of a class around: a release frees own money first.
func (h *hold) last(o owner) int { return -h.class(o) }

func (w *walk) release(s *step, h *hold, at *standingHold) error {
	units := w.balance[h.held]
	if s.hold.step == domain.StepRelease && !s.hold.amount.IsZero() {
		units = units.Min(s.hold.amount)
		at.target = at.target.Minus(s.hold.amount.Min(at.target))
	} else {
		at.placed, at.all, at.target = false, false, domain.Units{}
	}
	if err := w.shift(h.held, h.pool, units, h.last); err != nil {
		return err
	}
	if at.all { // it keeps what it has not released, and what comes
		at.all, at.target = false, w.balance[h.held]
	}
	return w.reserve(h.pool)
}

// takeAway brings held money to the victim's bank, or takes it by order.
func (w *walk) takeAway(s *step, h *hold) error {
	units := s.hold.amount
	w.paid[h.pool] = w.clock
	if err := w.drawHeld(s.hold.hold, units); err != nil {
		return err
	}
	if s.hold.step == domain.StepReturn && s.hold.to != none {
		return w.deliver(move{step: w.now, from: h.pool, to: s.hold.to, units: units})
	}
	w.taken[s.hold.hold] = w.taken[s.hold.hold].Plus(units)
	return w.lay(h.seized, units)
}

// drawHeld takes an amount out of what is held, and what is not there out of
// the pool.
func (w *walk) drawHeld(n int32, units domain.Units) error {
	h, at := &w.plan.holds[n], &w.held[n]
	held := units.Min(w.balance[h.held])
	w.book.pick(h.held, held, h.class)
	w.balance[h.held] = w.balance[h.held].Minus(held)
	at.target = at.target.Minus(units.Min(at.target))
	rest := units.Minus(held)
	if rest.IsZero() {
		return nil
	}
	w.book.draw(h.pool, rest)
	return w.debit(h.pool, rest)
}

// freeShown frees what a return in the records shows to have come out of a
// hold, before the return takes what its movement delivered.
func (w *walk) freeShown(s *step, units domain.Units) error {
	if s.shown == none || w.plan.holds[s.shown].pool != s.from {
		return nil
	}
	h, at := &w.plan.holds[s.shown], &w.held[s.shown]
	at.target = at.target.Minus(units.Min(at.target))
	return w.shift(h.held, h.pool, units.Min(w.balance[h.held]), h.class)
}

// lay puts what is on the way into a pool that nobody draws on.
func (w *walk) lay(to poolNo, units domain.Units) error {
	_, err := w.book.put(to, units)
	return err
}

// restore gives seized money to victims: this lot by lot, whoever receives it.
func (w *walk) restore(s *step, h *hold) error {
	units := s.hold.amount.Min(w.taken[s.hold.hold])
	if units.Less(s.hold.amount) {
		beyond := domain.Amount{Units: s.hold.amount.Minus(units), Asset: w.plan.assets[w.plan.assetOf(h.pool)]}
		w.warn(s, warning(WarnRestored, beyond, "The freeze %s restored %s more than was seized by it.", h.name, money(beyond)))
	}
	if units.IsZero() {
		return nil
	}
	w.book.pick(h.seized, units, h.class)
	w.taken[s.hold.hold] = w.taken[s.hold.hold].Minus(units)
	return w.lay(h.given, units)
}

// heldAt is all that is held of a pool.
func (w *walk) heldAt(pool poolNo) (sum domain.Units) {
	for n := range w.plan.holds {
		if h := &w.plan.holds[n]; h.pool == pool {
			sum = sum.Plus(w.balance[h.held])
		}
	}
	return sum
}

// breach is warned of where money left that should have been held.
func (w *walk) breach(pool poolNo, units domain.Units) {
	held := w.heldAt(pool)
	if held.IsZero() || units.IsZero() {
		return
	}
	s := &w.plan.steps[w.now]
	amount := domain.Amount{Units: units.Min(held), Asset: w.plan.assets[w.plan.assetOf(pool)]}
	w.warn(s, warning(WarnBreach, amount, "%s of %s left by %s although it is held: ask the institution how.", money(amount), w.plan.accountOf(pool).name, s.row.ID))
}

// yield gives up held money where a statement says that it is not there.
func (w *walk) yield(pool poolNo, units domain.Units) error {
	for n := range w.plan.holds {
		h := &w.plan.holds[n]
		if h.pool != pool {
			continue
		}
		part := units.Min(w.balance[h.held])
		w.breach(pool, part)
		if err := w.shift(h.held, pool, part, h.last); err != nil {
			return err
		}
		units = units.Minus(part)
	}
	return nil
}
