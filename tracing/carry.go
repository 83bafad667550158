package tracing

import (
	"fmt"
	"slices"

	"clew/domain"
)

// How money leaves a pool and comes to another: what every kind of movement
// has in common.

// draw is points 4, 7 and the end of 11: it takes an amount out of a pool, and
// what the pool has not as own money of the kind that this makes it.
func (w *walk) draw(from poolNo, units domain.Units) error {
	if w.tills[from].end {
		w.book.create(units, own(0).held(w.tills[from].standing))
		return nil
	}
	if len(w.held) > 0 {
		if shown := w.plan.rareOf(&w.plan.steps[w.now]).shown; shown != none && w.plan.holds[shown].pool == from {
			return w.drawHeld(shown, units)
		}
	}
	w.book.draw(from, units)
	return w.debit(from, units)
}

// debit takes an amount off a balance; what is not there is created.
func (w *walk) debit(from poolNo, units domain.Units) error {
	till := &w.tills[from]
	there := units.Min(till.balance)
	till.balance = till.balance.Minus(there)
	w.agenda.moved(from)
	if there == units {
		return nil
	}
	lack := units.Minus(there)
	w.breach(from, lack)
	if !till.owes {
		w.book.create(lack, own(unexplained).held(till.standing))
		return w.missing[from].add(lack, w.now)
	}
	w.book.create(lack, own(0).held(till.standing))
	sum, err := w.owed[from].Add(lack)
	w.owe(from, sum)
	return err
}

func (m *shortage) add(units domain.Units, step int32) error {
	if m.units.IsZero() {
		m.first = step
	}
	sum, err := m.units.Add(units)
	m.units, m.last = sum, step
	return err
}

// deliver brings what is on the way to the payee: home first (point 6), then
// the repayment of a known overdraft (point 11), then the pool.
func (w *walk) deliver(m move) error {
	if m.units.IsZero() {
		return nil
	}
	if err := w.arriving(&m); err != nil {
		return err
	}
	to := &w.tills[m.to]
	if to.home {
		for _, victim := range w.plan.accounts[to.account].homeOf {
			w.book.comeHome(victim)
		}
	}
	if w.presumes {
		w.book.settle(to.standing)
		w.tellCoerced(m)
	}
	if w.plan.steps[m.step].kept {
		w.book.keep(m.step)
	}
	if err := w.repay(&m); err != nil || m.units.IsZero() {
		return err
	}
	return w.put(m)
}

// part brings a part of a movement to a sink: nothing of it is delivered.
func (w *walk) part(m move) error {
	if err := w.arriving(&m); err != nil {
		return err
	}
	return w.put(m)
}

// arriving tells everybody what is on the way.
func (w *walk) arriving(m *move) error {
	if m.from != none && w.presumes {
		w.stamp(m)
	}
	if w.watch != nil {
		w.watch.moved(w, *m)
	}
	return w.exposure.paid(m)
}

// stamp notes who has paid the own money on the way. A holder who pays
// himself stays what he was.
func (w *walk) stamp(m *move) {
	s := &w.plan.steps[m.step]
	if m.part == overdue || w.pays(s, w.tills[m.to].account) {
		return
	}
	payer := w.tills[m.from].standing
	if s.joins() {
		for _, in := range w.plan.inputs(w.plan.rareOf(s)) {
			also := w.plan.pools[in.pool].standing
			payer.described, payer.innocent = payer.described && also.described, payer.innocent && also.innocent
		}
	}
	w.book.stamp(payer)
}

// pays says whether an account is among those that pay in a step.
func (w *walk) pays(s *step, account int32) bool {
	if s.from != none && w.tills[s.from].account == account {
		return true
	}
	return s.rare != none && slices.ContainsFunc(w.plan.inputs(w.plan.rareOf(s)), func(in leg) bool { return w.tills[in.pool].account == account })
}

// tellCoerced says once of every holder under force that the presumption of
// libr does not run against him, where own money is there that it would have
// drawn first: this can lower what is traced.
func (w *walk) tellCoerced(m move) {
	for _, pool := range [...]poolNo{m.from, m.to} {
		if pool == none {
			continue
		}
		n := w.plan.pools[pool].account
		if !w.plan.accounts[n].coerced || w.coerced[n] || !w.carriesInnocent() {
			continue
		}
		w.coerced[n] = true
		note := warning(WarnCoerced, domain.Amount{},
			"%s is described as held under force: by %s own money there shares with the claims instead of going first, which can lower what is traced.",
			w.plan.accounts[n].name, w.rule.name)
		note.Account = w.plan.accounts[n].name
		w.warn(&w.plan.steps[m.step], note)
	}
}

func (w *walk) carriesInnocent() (found bool) {
	w.book.onWay(func(o owner, _, _ fixed) { found = found || o.has(innocent) })
	return found
}

func (w *walk) repay(m *move) error {
	if !w.tills[m.to].owes {
		return nil
	}
	owed := w.owed[m.to]
	back := owed.Min(m.units)
	w.owe(m.to, owed.Minus(back))
	w.book.splitFirst(back)
	sink := move{step: m.step, from: m.to, to: w.plan.sink(m.to, sinkOverdraft), units: back, part: overdue}
	if err := w.part(sink); err != nil {
		return err
	}
	w.book.rest()
	m.units = m.units.Minus(back)
	return nil
}

// owe notes what is known to be owed by a pool.
func (w *walk) owe(pool poolNo, units domain.Units) {
	w.owed[pool], w.tills[pool].owes = units, !units.IsZero()
}

func (w *walk) put(m move) error {
	traced, err := w.book.put(m.to, m.units)
	if err != nil {
		return err
	}
	till := &w.tills[m.to]
	if traced {
		till.traced = w.clock
	}
	till.balance, err = till.balance.Add(m.units)
	if err != nil || till.end {
		return err
	}
	w.agenda.moved(m.to)
	if len(w.held) == 0 {
		return nil
	}
	return w.reserve(m.to)
}

// warn adds the step to a warning.
func (w *walk) warn(s *step, note Warning) {
	note.Movement = w.plan.id(s)
	if note.Account == "" {
		note.Account = w.plan.row(s).To
	}
	w.warnings = append(w.warnings, note)
	if w.watch != nil {
		w.watch.noted(w, note)
	}
}

// warning words a warning; where it has no amount, that is empty.
func warning(code string, amount domain.Amount, format string, args ...any) Warning {
	return Warning{Code: code, Amount: amount, Text: fmt.Sprintf(format, args...)}
}

func money(a domain.Amount) string { return a.String() + " " + string(a.Asset.Code) }
