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
	plan     *plan
	rule     *rule
	book     book
	lots     *lotBook          // the same, where the rule takes whole units
	next     [2 * ahead]poolNo // room for lookAhead
	seen     int32             // of no meaning: see lookAt
	agenda   *agenda
	tills    []till         // by pool
	owed     []domain.Units // by pool: a known overdraft, where its till says that there is one
	missing  []shortage     // by pool
	clock    int32          // counts movements and parts of them
	presumes bool           // the rule asks who has paid own money
	exposure *exposure
	held     []standingHold // by hold
	taken    []domain.Units // by hold: seized and not restored
	warnings []Warning
	coerced  map[int32]bool // holders under force of whom the answer has told
	watch    watcher
	now      int32 // the step that is being walked
}

// till is all that a common movement asks of a pool, from the plan, the walk
// and the book: 64 bytes, one line of the processor's memory. Where the pools
// are many, the walk mostly waits for such lines.
type till struct {
	balance        domain.Units // what is there; of an end, all that has come
	lots           queue        // where the rule takes whole units; see lotBook
	places         uint32       // how many lots have come
	paid           int32        // the clock at its last payment or balance
	traced         int32        // the clock at its last traced arrival
	account, asset int32
	end, home      bool
	joins          bool // two lots of one owner may be one: see plan.joins
	named          bool // some step has named it
	owes           bool // see walk.owed
	standing       standing
}

// tillsOf makes the tills of the pools that have none yet.
func (p *plan) tillsOf(tills []till) []till {
	tills = slices.Grow(tills, len(p.pools)-len(tills))
	for n := len(tills); n < len(p.pools); n++ {
		at := &p.pools[n]
		tills = append(tills, till{account: at.account, asset: at.asset, end: at.end, home: at.home, standing: at.standing})
	}
	return tills
}

// shortage is what a pool has paid beyond all that was seen to come.
type shortage struct {
	units       domain.Units
	first, last int32 // steps
}

// watcher is told of everything that moves, while it is on the way. It is how
// an answer explains itself: there is no second engine.
type watcher interface {
	moved(w *walk, m move)
	noted(w *walk, n Warning)
	walked(w *walk, s *step) // all of a step has been done
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
	n, tills := len(p.pools), p.tillsOf(nil)
	w := &walk{plan: p, rule: r, presumes: r.presumes(), book: newBook(p, r),
		tills: tills, owed: make([]domain.Units, n), missing: make([]shortage, n),
		held: make([]standingHold, len(p.holds)), taken: make([]domain.Units, len(p.holds)),
		exposure: newExposure(p, tills), coerced: map[int32]bool{}}
	w.book.follow(&w.clock, w.tills)
	w.lots, _ = w.book.(*lotBook)
	w.agenda = newAgenda(p, w.tills)
	w.warnings = slices.Clone(p.warnings)
	return w
}

// run walks every step, and holds the outcome against the balances.
func (w *walk) run() error {
	if err := w.all(); err != nil {
		return err
	}
	if err := w.book.finish(); err != nil {
		return fmt.Errorf("the trace stops at its end: %w", err)
	}
	return w.audit()
}

// all walks every step.
func (w *walk) all() error {
	for n, more := w.agenda.first(); more; n, more = w.agenda.first() {
		if n%ahead == 0 {
			w.lookAhead(n)
		}
		if err := w.step(n); err != nil {
			return err
		}
		w.agenda.walked(n)
	}
	return nil
}

// ahead is of how many rows the pools are looked at before they are walked.
const ahead = 16

// lookAhead looks at the pools that the next rows name.
func (w *walk) lookAhead(n int32) {
	next, pools := w.plan.steps[n:min(int(n)+ahead, len(w.plan.steps))], w.next[:0]
	for i := range next {
		for _, pool := range [...]poolNo{next[i].from, next[i].to} {
			if pool != none {
				pools = append(pools, pool)
			}
		}
	}
	w.seen += w.lookAt(pools)
}

// lookAt reads something of pools that will be asked for. A load from memory
// that waits for the one before it costs ten times as much as one that need
// not: this is where they need not. What it gives means nothing, but whoever
// calls must seem to want it.
func (w *walk) lookAt(pools []poolNo) (seen int32) {
	for _, pool := range pools {
		seen += w.tills[pool].paid + w.exposure.pools[pool]
	}
	for _, pool := range pools {
		seen += w.book.glance(pool) + w.exposure.glance(pool)
	}
	return seen
}

// audit holds what the book has against the balances, which were summed up
// without it.
func (w *walk) audit() error {
	var sum fixed
	add := func(_ owner, units, _ fixed) { sum.Add(&sum, &units) }
	for n := range w.plan.pools {
		if w.tills[n].end {
			continue
		}
		sum.Clear()
		w.book.lots(poolNo(n), add)
		if want := fixedOf(w.tills[n].balance); !sum.Eq(&want) {
			return fmt.Errorf("the trace stops at its end: the lots of %s do not sum to its balance: %w", w.plan.accountOf(poolNo(n)).name, errFault)
		}
	}
	return nil
}

func (w *walk) step(n int32) error {
	s := &w.plan.steps[n]
	w.now = n
	err := w.move(s)
	if err == nil && s.rare != none {
		err = w.fee(s)
	}
	if err == nil {
		err = w.book.audit()
	}
	if err != nil {
		return fmt.Errorf("the trace stops at movement %s (%s of %s): %w", w.plan.id(s), s.kind, w.plan.when(s), err)
	}
	if s.from != none {
		w.tills[s.from].named = true
	}
	if s.to != none {
		w.tills[s.to].named = true
	}
	if s.rare != none {
		w.plan.names(s, func(pool poolNo) { w.tills[pool].named = true })
	}
	if s.claim != none {
		w.exposure.began[w.plan.claims[s.claim].victim] = true // what comes after this is paid back, not its own change
	}
	if w.watch != nil {
		w.watch.walked(w, s)
	}
	return nil
}

func (w *walk) move(s *step) error {
	w.clock++
	switch s.kind {
	case kindOpening:
		return w.open(s)
	case kindBalance:
		return w.observe(s)
	case kindHop:
		return w.hop(s)
	case kindReturn:
		return w.giveBack(s)
	case kindHold:
		return w.hold(s)
	}
	return w.pay(s)
}

// open is point 2: the pool receives an own lot.
func (w *walk) open(s *step) error {
	units := w.plan.units(s)
	w.book.create(units, own(0))
	return w.deliver(move{step: w.now, from: none, to: s.to, units: units})
}

// pay is points 3, 5 and 8: a transfer, a conversion or a deduction.
func (w *walk) pay(s *step) error {
	units := w.plan.units(s)
	w.tills[s.from].paid = w.clock
	if units.IsZero() {
		return nil
	}
	if err := w.draw(s.from, units); err != nil {
		return err
	}
	if err := w.report(s); err != nil {
		return err
	}
	if s.kind == kindConversion {
		var err error
		if units, err = w.convert(s); err != nil {
			return err
		}
	}
	return w.deliver(move{step: w.now, from: s.from, to: s.to, units: units, reported: s.claim != none})
}

// report is point 5.
func (w *walk) report(s *step) error {
	if s.claim == none && s.rare == none {
		return nil
	}
	if w.plan.rareOf(s).toOwn {
		r := w.plan.row(s)
		w.warn(s, warning(WarnOwnTransfer, r.Amount,
			"%s reported %s, which went to a home of his own: it is no loss and makes no claim.", r.Victim, r.ID))
	}
	if s.claim == none {
		return nil
	}
	w.book.report(s.claim)
	return w.exposure.report(w.plan.claims[s.claim], w.plan.units(s))
}

// convert is point 8. It answers with what arrives.
func (w *walk) convert(s *step) (domain.Units, error) {
	left, more := w.plan.units(s), w.plan.rareOf(s)
	sameAsset := more.converts && w.plan.assetOf(s.from) == w.plan.assetOf(s.to)
	switch {
	case !more.converts || sameAsset && more.received == left:
		return left, nil
	case !sameAsset:
		w.book.convert(more.received)
		return more.received, nil
	}
	cut := left.Minus(more.received)
	w.book.split(cut)
	err := w.part(move{step: w.now, from: s.from, to: w.plan.sink(s.from, sinkFees), units: cut, part: deducted, reported: s.claim != none})
	w.book.rest()
	return more.received, err
}

// fee is point 9: a movement of its own, right after the main one.
func (w *walk) fee(s *step) error {
	more := w.plan.rareOf(s)
	if more.purse == none {
		return nil
	}
	w.clock++
	w.tills[more.purse].paid = w.clock
	if more.fee.IsZero() {
		return nil
	}
	if err := w.draw(more.purse, more.fee); err != nil {
		return err
	}
	return w.part(move{step: w.now, from: more.purse, to: w.plan.sink(more.purse, sinkFees), units: more.fee, part: feePart})
}

// giveBack is point 10.
func (w *walk) giveBack(s *step) error {
	units := w.plan.units(s)
	w.tills[s.from].paid = w.clock
	if units.IsZero() {
		return nil
	}
	of := w.plan.rareOf(s).of
	known := of != none && w.agenda.done[of] && w.plan.delivers(of) == w.plan.assetOf(s.from)
	if !known {
		r := w.plan.row(s)
		w.warn(s, warning(WarnReturnOf, r.Amount,
			"What %s gives back is not known, or was of another asset: all %s is drawn by the rule.", r.ID, money(r.Amount)))
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
	beyond := w.book.giveBack(s.from, w.plan.rareOf(s).of, units)
	if !beyond.IsZero() {
		amount := domain.Amount{Units: nearest(&beyond), Asset: w.plan.assets[w.plan.assetOf(s.from)]}
		w.warn(s, warning(WarnReturn, amount,
			"%s gives back %s more than is still there of what the movement delivered: that part is drawn by the rule.", w.plan.id(s), money(amount)))
	}
	if w.plan.pools[s.from].end {
		return nil
	}
	return w.debit(s.from, units)
}

// hop is point 12.
func (w *walk) hop(s *step) error {
	more := w.plan.rareOf(s)
	total, err := w.drawInputs(w.plan.inputs(more))
	if err != nil {
		return err
	}
	w.exposure.enter(s)
	if _, err := w.book.put(w.queue(more), total); err != nil {
		return err
	}
	var out domain.Units
	for i, o := range w.plan.outputs(more) {
		out = out.Plus(o.units)
		reported := s.claim != none && !w.plan.change[more.outputs+int32(i)]
		if err := w.output(s, more, o, reported); err != nil {
			return err
		}
	}
	if more.toOwn {
		r := w.plan.row(s)
		w.warn(s, warning(WarnOwnTransfer, domain.Amount{},
			"%s reported %s, which went to homes of his own: it is no loss and makes no claim.", r.Victim, r.ID))
	}
	w.clock++
	return w.hopFee(more, total.Minus(out))
}

func (w *walk) drawInputs(inputs []leg) (total domain.Units, err error) {
	for _, in := range inputs {
		w.tills[in.pool].paid = w.clock
		if in.units.IsZero() {
			continue
		}
		if err := w.draw(in.pool, in.units); err != nil {
			return total, err
		}
		total = total.Plus(in.units)
	}
	return total, nil
}

// queue is the pool of the hop that is being walked; the first input pays.
func (w *walk) queue(more *rare) poolNo { return w.plan.sink(w.payer(more), sinkQueue) }
func (w *walk) payer(more *rare) poolNo { return w.plan.of.legs[more.inputs].pool }

func (w *walk) output(s *step, more *rare, o leg, reported bool) error {
	if o.units.IsZero() {
		return nil
	}
	w.book.draw(w.queue(more), o.units)
	if reported {
		w.book.report(s.claim)
		if err := w.exposure.report(w.plan.claims[s.claim], o.units); err != nil {
			return err
		}
	}
	return w.deliver(move{step: w.now, from: w.payer(more), to: o.pool, units: o.units, reported: reported})
}

func (w *walk) hopFee(more *rare, units domain.Units) error {
	if units.IsZero() {
		return nil
	}
	payer := w.payer(more)
	w.book.draw(w.queue(more), units)
	return w.part(move{step: w.now, from: payer, to: w.plan.sink(payer, sinkFees), units: units, part: feePart})
}

// observe is point 11: a balance is held against the lots less a known
// overdraft.
func (w *walk) observe(s *step) error {
	if w.plan.pools[s.to].end {
		r := w.plan.row(s)
		w.warn(s, warning(WarnEndBalance, r.Amount,
			"The balance of %s is ignored: what lies at an end is all that arrived there, less returns.", r.To))
		return nil
	}
	w.tills[s.to].paid = w.clock
	held := w.tills[s.to].balance.Plus(w.heldAt(s.to)).Minus(w.owed[s.to])
	difference, err := w.plan.units(s).Sub(held)
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
	if difference.IsZero() || !w.tills[s.to].named {
		return
	}
	r := w.plan.row(s)
	asset := r.Amount.Asset
	size := difference
	if size.Sign() < 0 {
		size = domain.Units{}.Minus(size)
	}
	w.warn(s, warning(WarnGap, domain.Amount{Units: size, Asset: asset},
		"The balance of %s on %s does not add up: the document states %s %s, the movements give %s, gap %s.", r.To, r.When, r.Amount, asset.Code, asset.Format(held), asset.Format(size)))
}

// unrecorded is a balance below what was there.
func (w *walk) unrecorded(s *step, units domain.Units) error {
	if free := w.tills[s.to].balance; free.Less(units) {
		if err := w.yield(s.to, units.Minus(free)); err != nil {
			return err
		}
	}
	there := units.Min(w.tills[s.to].balance)
	lack, err := w.owed[s.to].Add(units.Minus(there))
	if err != nil {
		return err
	}
	if !there.IsZero() {
		if err := w.draw(s.to, there); err != nil {
			return err
		}
		err = w.part(move{step: w.now, from: s.to, to: w.plan.sink(s.to, sinkUnrecorded), units: there, part: unrecorded})
	}
	w.owe(s.to, lack)
	return err
}
