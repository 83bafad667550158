package tracing

import (
	"fmt"
	"slices"

	"clew/domain"
)

// walk is one walk of a case under one rule. What does not depend on the rule
// (balances, overdrafts, what is missing) is kept here; whose money it is, in
// the book.
type walk struct {
	plan      *plan
	rule      *rule
	book      book
	agenda    *agenda
	balance   []domain.Units // of pools that are no ends: what is there
	overdraft []domain.Units // known to be owed
	missing   []shortage     // by pool
	named     []bool         // some step has named the pool
	traced    []int32        // by pool: the clock at its last traced arrival
	paid      []int32        // by pool: the clock at its last payment or balance
	clock     int32          // counts movements and parts of them
	exposure  *exposure
	held      []standingHold // by hold
	taken     []domain.Units // by hold: seized and not restored
	warnings  []Warning
	coerced   map[int32]bool // holders under force of whom the answer has told
	watch     watcher
	now       int32 // the step that is being walked
}

// shortage is what a pool has paid beyond all that was seen to come.
type shortage struct {
	units       domain.Units
	first, last domain.When
}

// watcher is told of everything that moves, while it is on the way. It is how
// an answer explains itself: there is no second engine.
type watcher interface {
	moved(w *walk, m move)
	noted(w *walk, n Warning)
}

// move is a part of a step that goes from one account to another.
type move struct {
	step     int32
	from, to poolNo // none where money comes from nowhere
	units    domain.Units
	part     part
	reported bool // it is (a part of) a reported payment that makes a claim
}

// part says which part of a step a move is.
type part int

const (
	main part = iota
	feePart
	deducted
	overdue    // it repays a known overdraft
	unrecorded // a balance below
)

func newWalk(p *plan, r *rule) *walk {
	n := len(p.pools)
	w := &walk{plan: p, rule: r, book: newBook(p, r),
		balance: make([]domain.Units, n), overdraft: make([]domain.Units, n), missing: make([]shortage, n),
		named: make([]bool, n), traced: make([]int32, n), paid: make([]int32, n),
		held: make([]standingHold, len(p.holds)), taken: make([]domain.Units, len(p.holds)),
		exposure: newExposure(p), coerced: map[int32]bool{}}
	w.agenda = newAgenda(p, w.balance)
	w.warnings = slices.Clone(p.warnings)
	return w
}

// run walks every step.
func (w *walk) run() error {
	for n, more := w.agenda.first(); more; n, more = w.agenda.first() {
		if err := w.step(n); err != nil {
			return err
		}
		w.agenda.walked(n)
	}
	return w.audit()
}

// audit holds what the book has against the balances, which were summed up
// without it.
func (w *walk) audit() error {
	for n := range w.plan.pools {
		if w.plan.pools[n].end {
			continue
		}
		var sum fixed
		w.book.lots(poolNo(n), func(_ owner, units, _ fixed) { sum.Add(&sum, &units) })
		if want := fixedOf(w.balance[n]); !sum.Eq(&want) {
			return fmt.Errorf("the trace stops at its end: the lots of %s do not sum to its balance: %w", w.plan.accountOf(poolNo(n)).name, errFault)
		}
	}
	return nil
}

func (w *walk) step(n int32) error {
	s := &w.plan.steps[n]
	w.now = n
	err := w.move(s)
	if err == nil {
		err = w.fee(s)
	}
	if err == nil {
		err = w.book.audit()
	}
	if err != nil {
		return fmt.Errorf("the trace stops at movement %s (%s of %s): %w", s.row.ID, s.kind, s.row.When, err)
	}
	s.names(func(pool poolNo) { w.named[pool] = true })
	if s.claim != none {
		w.exposure.began[s.victim] = true // what comes after this is paid back, not its own change
	}
	return nil
}

func (w *walk) move(s *step) error {
	w.clock++
	switch s.kind {
	case domain.Opening:
		return w.open(s)
	case domain.Balance:
		return w.observe(s)
	case domain.Hop:
		return w.hop(s)
	case domain.Return:
		return w.giveBack(s)
	case kindHold:
		return w.hold(s)
	}
	return w.pay(s)
}

// open is point 2: the pool receives an own lot.
func (w *walk) open(s *step) error {
	w.book.create(s.row.Amount.Units, own(0))
	return w.deliver(move{step: w.now, from: none, to: s.to, units: s.row.Amount.Units})
}

// pay is points 3, 5 and 8: a transfer, a conversion or a deduction.
func (w *walk) pay(s *step) error {
	units := s.row.Amount.Units
	w.paid[s.from] = w.clock
	if units.IsZero() {
		return nil
	}
	if err := w.draw(s.from, units); err != nil {
		return err
	}
	if err := w.report(s); err != nil {
		return err
	}
	units, err := w.convert(s)
	if err != nil {
		return err
	}
	return w.deliver(move{step: w.now, from: s.from, to: s.to, units: units, reported: s.claim != none})
}

// report is point 5.
func (w *walk) report(s *step) error {
	if s.toOwn {
		w.warn(s, warning(WarnOwnTransfer, s.row.Amount,
			"%s reported %s, which went to a home of his own: it is no loss and makes no claim.", s.row.Victim, s.row.ID))
	}
	if s.claim == none {
		return nil
	}
	w.book.report(s.claim)
	return w.exposure.report(w.plan.claims[s.claim], s.row.Amount.Units)
}

// convert is point 8. It answers with what arrives.
func (w *walk) convert(s *step) (domain.Units, error) {
	left, got := s.row.Amount, s.row.Received
	switch {
	case !got.Given() || got == left:
		return left.Units, nil
	case got.Asset != left.Asset:
		w.book.convert(got.Units)
		return got.Units, nil
	}
	cut := left.Units.Minus(got.Units)
	w.book.split(cut)
	err := w.part(move{step: w.now, from: s.from, to: w.plan.sink(s.from, sinkFees), units: cut, part: deducted, reported: s.claim != none})
	w.book.rest()
	return got.Units, err
}

// fee is point 9: a movement of its own, right after the main one.
func (w *walk) fee(s *step) error {
	if s.purse == none {
		return nil
	}
	w.clock++
	w.paid[s.purse] = w.clock
	units := s.row.Fee.Units
	if units.IsZero() {
		return nil
	}
	if err := w.draw(s.purse, units); err != nil {
		return err
	}
	return w.part(move{step: w.now, from: s.purse, to: w.plan.sink(s.purse, sinkFees), units: units, part: feePart})
}

// giveBack is point 10.
func (w *walk) giveBack(s *step) error {
	units := s.row.Amount.Units
	w.paid[s.from] = w.clock
	if units.IsZero() {
		return nil
	}
	known := s.of != none && w.agenda.done[s.of] && w.plan.delivers(s.of) == s.row.Amount.Asset
	if !known {
		w.warn(s, warning(WarnReturnOf, s.row.Amount,
			"What %s gives back is not known, or was of another asset: all %s is drawn by the rule.", s.row.ID, money(s.row.Amount)))
		return w.pay(s)
	}
	if err := w.drawBack(s, units); err != nil {
		return err
	}
	return w.deliver(move{step: w.now, from: s.from, to: s.to, units: units})
}

func (w *walk) drawBack(s *step, units domain.Units) error {
	if err := w.freeShown(s, units); err != nil {
		return err
	}
	beyond := w.book.giveBack(s.from, s.of, units)
	if !beyond.IsZero() {
		amount := domain.Amount{Units: nearest(&beyond), Asset: s.row.Amount.Asset}
		w.warn(s, warning(WarnReturn, amount,
			"%s gives back %s more than is still there of what the movement delivered: that part is drawn by the rule.", s.row.ID, money(amount)))
	}
	if w.plan.pools[s.from].end {
		return nil
	}
	return w.debit(s.from, units)
}

// hop is point 12.
func (w *walk) hop(s *step) error {
	var total, out domain.Units
	for _, in := range s.inputs {
		w.paid[in.pool] = w.clock
		if in.units.IsZero() {
			continue
		}
		if err := w.draw(in.pool, in.units); err != nil {
			return err
		}
		total = total.Plus(in.units)
	}
	w.exposure.enter(s)
	if _, err := w.book.put(w.queue(s), total); err != nil {
		return err
	}
	for _, o := range s.outputs {
		out = out.Plus(o.units)
		if err := w.output(s, o); err != nil {
			return err
		}
	}
	if s.toOwn {
		w.warn(s, warning(WarnOwnTransfer, domain.Amount{},
			"%s reported %s, which went to homes of his own: it is no loss and makes no claim.", s.row.Victim, s.row.ID))
	}
	w.clock++
	return w.hopFee(s, total.Minus(out))
}

// queue is the pool of the hop that is being walked.
func (w *walk) queue(s *step) poolNo { return w.plan.sink(s.inputs[0].pool, sinkQueue) }

func (w *walk) output(s *step, o leg) error {
	if o.units.IsZero() {
		return nil
	}
	reported := s.claim != none && !o.change
	w.book.draw(w.queue(s), o.units)
	if reported {
		w.book.report(s.claim)
		if err := w.exposure.report(w.plan.claims[s.claim], o.units); err != nil {
			return err
		}
	}
	return w.deliver(move{step: w.now, from: s.inputs[0].pool, to: o.pool, units: o.units, reported: reported})
}

func (w *walk) hopFee(s *step, units domain.Units) error {
	if units.IsZero() {
		return nil
	}
	payer := s.inputs[0].pool
	w.book.draw(w.queue(s), units)
	return w.part(move{step: w.now, from: payer, to: w.plan.sink(payer, sinkFees), units: units, part: feePart})
}

// observe is point 11: a balance is held against the lots less a known
// overdraft.
func (w *walk) observe(s *step) error {
	stated := s.row.Amount
	if w.plan.pools[s.to].end {
		w.warn(s, warning(WarnEndBalance, stated,
			"The balance of %s is ignored: what lies at an end is all that arrived there, less returns.", s.row.To))
		return nil
	}
	w.paid[s.to] = w.clock
	held := w.balance[s.to].Plus(w.heldAt(s.to)).Minus(w.overdraft[s.to])
	difference, err := stated.Units.Sub(held)
	if err != nil {
		return err
	}
	w.gap(s, held, difference)
	switch difference.Sign() {
	case 1:
		w.book.create(difference, own(unexplained).paid(stranger))
		return w.deliver(move{step: w.now, from: none, to: s.to, units: difference})
	case -1:
		return w.unrecorded(s, domain.Units{}.Minus(difference))
	}
	return nil
}

func (w *walk) gap(s *step, held, difference domain.Units) {
	if difference.IsZero() || !w.named[s.to] {
		return
	}
	asset := s.row.Amount.Asset
	size := difference
	if size.Sign() < 0 {
		size = domain.Units{}.Minus(size)
	}
	w.warn(s, warning(WarnGap, domain.Amount{Units: size, Asset: asset},
		"The balance of %s on %s does not add up: the document states %s %s, the movements give %s, gap %s.", s.row.To, s.row.When, s.row.Amount, asset.Code, asset.Format(held), asset.Format(size)))
}

// unrecorded is a balance below what was there.
func (w *walk) unrecorded(s *step, units domain.Units) error {
	if free := w.balance[s.to]; free.Less(units) {
		if err := w.yield(s.to, units.Minus(free)); err != nil {
			return err
		}
	}
	there := units.Min(w.balance[s.to])
	lack, err := w.overdraft[s.to].Add(units.Minus(there))
	if err != nil {
		return err
	}
	if !there.IsZero() {
		if err := w.draw(s.to, there); err != nil {
			return err
		}
		err = w.part(move{step: w.now, from: s.to, to: w.plan.sink(s.to, sinkUnrecorded), units: there, part: unrecorded})
	}
	w.overdraft[s.to] = lack
	return err
}
