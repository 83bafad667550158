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

// beside says what of a hold lies in a pool; nothing in the account's own.
type beside uint8

const (
	keptHere beside = iota + 1
	seizedHere
	givenHere
)

func (b beside) state() State { return [...]State{"", Held, Seized, Restored}[b] }

// hold is one freeze of a plan.
type hold struct {
	name   string
	pool   poolNo // that it acts on
	held   poolNo
	seized poolNo
	given  poolNo // restored
	first  map[owner]bool
}

// standingHold is how a hold stands while the walk goes on.
type standingHold struct {
	placed bool
	all    bool         // later credits too, whatever they come to
	target domain.Units // what is to be held; what is not there yet is expected
}

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
		switch {
		case h.Movement != "":
			p.shown[keyOf(h.Movement)] = n
		case !in.At.IsZero() && h.When.Time.After(in.At):
		case h.Amount.Sign() < 0:
			return fmt.Errorf("freeze %s holds less than nothing", h.Freeze)
		default:
			p.addAct(n, h)
		}
	}
	return nil
}

// addAct makes a step of a hold.
func (p *plan) addAct(n int32, h *HoldStep) {
	s := step{row: int32(len(p.acts)), kind: kindHold, turn: timed, from: none, to: none, claim: none, rare: none}
	if h.When.Bare {
		s.turn = bareDated
	}
	more := p.more(&s)
	if more.hold = n; h.To != "" {
		more.holdTo = p.pool(h.To, h.Asset)
	}
	p.acts, p.steps = append(p.acts, *h), append(p.steps, s)
}

func (p *plan) newHold(h *HoldStep) int32 {
	pool := p.pool(h.Account, h.Asset)
	p.holds = append(p.holds, hold{name: h.Freeze, pool: pool, held: p.beside(pool, keptHere), seized: p.beside(pool, seizedHere), given: p.beside(pool, givenHere)})
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
func (p *plan) beside(pool poolNo, what beside) poolNo {
	at := p.pools[pool]
	at.beside, at.main, at.end = what, pool, at.end || what != keptHere
	p.pools = append(p.pools, at)
	return poolNo(len(p.pools) - 1)
}

// firstClaims finds the claims that each hold reserves first: those of the
// payments it names, else all of its victims'.
func (p *plan) firstClaims() {
	for n := range p.holds {
		p.holds[n].first = map[owner]bool{}
		w, payments := p.wanted[n], map[key]bool{}
		for _, id := range w.payments {
			payments[keyOf(id)] = true
		}
		for i := range p.steps {
			s := &p.steps[i]
			if s.claim == none {
				continue
			}
			if payments[p.of.key(s.row)] || len(payments) == 0 && slices.Contains(w.victims, p.victims[p.claims[s.claim].victim]) {
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
	act, n := &w.plan.acts[s.row], w.plan.rareOf(s).hold
	h, at := &w.plan.holds[n], &w.held[n]
	if w.plan.pools[h.pool].end {
		w.warn(s, warning(WarnHoldEnd, domain.Amount{}, "The hold %s on %s cannot be walked: behind it the money can no longer be told apart.", h.name, act.Account))
		return nil
	}
	switch act.Step {
	case domain.StepHold:
		at.place(act, w.tills[h.held].balance, w.tills[h.pool].balance)
		return w.reserve(h.pool)
	case domain.StepRelease, domain.StepExpire:
		return w.release(act, h, at)
	case domain.StepReturn, domain.StepSeize:
		return w.takeAway(s, n)
	case domain.StepRestore:
		return w.restore(s, n)
	}
	return nil
}

// place sets what is to be held. The same hold told again adds nothing; a
// larger sum is news of the difference.
func (at *standingHold) place(s *HoldStep, held, free domain.Units) {
	at.placed = true
	switch {
	case s.Scope == domain.ScopeAccount && s.Amount.IsZero():
		at.all = true
	case s.Amount.IsZero():
		at.target = held.Plus(free)
	case at.target.Less(s.Amount):
		at.target = s.Amount
	}
}

// reserve lets the holds on a pool take what they still expect, in the order
// in which they were recorded: a lot is reserved by one hold at a time.
func (w *walk) reserve(pool poolNo) error {
	for n := range w.plan.holds {
		h, at := &w.plan.holds[n], &w.held[n]
		if h.pool != pool || !at.placed || w.tills[pool].balance.IsZero() {
			continue
		}
		want := w.tills[pool].balance
		if !at.all {
			want = at.target.Minus(w.tills[h.held].balance.Min(at.target)).Min(want)
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
	w.tills[from].balance = w.tills[from].balance.Minus(units)
	w.tills[to].balance = w.tills[to].balance.Plus(units)
	w.agenda.moved(from)
	w.agenda.moved(to)
	return w.book.putBack(to, units)
}

// last turns the order of a class around: a release frees own money first.
func (h *hold) last(o owner) int { return -h.class(o) }

func (w *walk) release(act *HoldStep, h *hold, at *standingHold) error {
	units := w.tills[h.held].balance
	if act.Step == domain.StepRelease && !act.Amount.IsZero() {
		units = units.Min(act.Amount)
		at.target = at.target.Minus(act.Amount.Min(at.target))
	} else {
		at.placed, at.all, at.target = false, false, domain.Units{}
	}
	if err := w.shift(h.held, h.pool, units, h.last); err != nil {
		return err
	}
	if at.all { // it keeps what it has not released, and what comes
		at.all, at.target = false, w.tills[h.held].balance
	}
	return w.reserve(h.pool)
}

// takeAway brings held money to the victim's bank, or takes it by order.
func (w *walk) takeAway(s *step, n int32) error {
	act, h, to := &w.plan.acts[s.row], &w.plan.holds[n], w.plan.rareOf(s).holdTo
	w.tills[h.pool].paid = w.clock
	if err := w.drawHeld(n, act.Amount); err != nil {
		return err
	}
	if act.Step == domain.StepReturn && to != none {
		return w.deliver(move{step: w.now, from: h.pool, to: to, units: act.Amount})
	}
	w.taken[n] = w.taken[n].Plus(act.Amount)
	return w.lay(h.seized, act.Amount)
}

// drawHeld takes an amount out of what is held, and what is not there out of
// the pool.
func (w *walk) drawHeld(n int32, units domain.Units) error {
	h, at := &w.plan.holds[n], &w.held[n]
	held := units.Min(w.tills[h.held].balance)
	w.book.pick(h.held, held, h.class)
	w.tills[h.held].balance = w.tills[h.held].balance.Minus(held)
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
	shown := w.plan.rareOf(s).shown
	if shown == none || w.plan.holds[shown].pool != s.from {
		return nil
	}
	h, at := &w.plan.holds[shown], &w.held[shown]
	at.target = at.target.Minus(units.Min(at.target))
	return w.shift(h.held, h.pool, units.Min(w.tills[h.held].balance), h.class)
}

// lay puts what is on the way into a pool that nobody draws on.
func (w *walk) lay(to poolNo, units domain.Units) error {
	_, err := w.book.put(to, units)
	return err
}

// restore gives seized money to victims: this lot by lot, whoever receives it.
func (w *walk) restore(s *step, n int32) error {
	h, told := &w.plan.holds[n], w.plan.acts[s.row].Amount
	units := told.Min(w.taken[n])
	if units.Less(told) {
		beyond := domain.Amount{Units: told.Minus(units), Asset: w.plan.assets[w.plan.assetOf(h.pool)]}
		w.warn(s, warning(WarnRestored, beyond, "The freeze %s restored %s more than was seized by it.", h.name, money(beyond)))
	}
	if units.IsZero() {
		return nil
	}
	w.book.pick(h.seized, units, h.class)
	w.taken[n] = w.taken[n].Minus(units)
	return w.lay(h.given, units)
}

// heldAt is all that is held of a pool.
func (w *walk) heldAt(pool poolNo) (sum domain.Units) {
	for n := range w.plan.holds {
		if h := &w.plan.holds[n]; h.pool == pool {
			sum = sum.Plus(w.tills[h.held].balance)
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
	w.warn(s, warning(WarnBreach, amount, "%s of %s left by %s although it is held: ask the institution how.", money(amount), w.plan.accountOf(pool).name, w.plan.id(s)))
}

// yield gives up held money where a statement says that it is not there.
func (w *walk) yield(pool poolNo, units domain.Units) error {
	for n := range w.plan.holds {
		h := &w.plan.holds[n]
		if h.pool != pool {
			continue
		}
		part := units.Min(w.tills[h.held].balance)
		w.breach(pool, part)
		if err := w.shift(h.held, pool, part, h.last); err != nil {
			return err
		}
		units = units.Minus(part)
	}
	return nil
}
