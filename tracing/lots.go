package tracing

import (
	"errors"
	"math/bits"
	"slices"

	"clew/domain"
)

// lotBook keeps lots of whole units in the order in which they came. Lots are
// joined only where nobody could tell (see joins), so every rounding is fixed
// by the definitions.
type lotBook struct {
	plan   *plan
	rule   *rule
	tills  []till  // the walk's own: in each lie a pool's lots of rank 0
	second []queue // by pool: the lots of rank 1, where the rule knows ranks
	joins  []bool  // by asset
	rings  rings
	vault  vault
	way    []slot
	aside  []slot
	spare  []slot // room for the next way
	kept   map[int32][]delivered
	sums   *tally
	worth  weight // drawn and not yet put down; claims of several assets may be among it
	sharer sharer
}

// lot is an amount with one owner, with all its digits. Worth is what it is
// worth to its claim, in the claim's own asset; own lots bear none.
type lot struct {
	owner owner
	place uint32 // in the pool: the order of arrival there
	units domain.Units
	worth domain.Units
}

// delivered is a lot as it arrived, less what returns have taken of it.
type delivered struct {
	owner owner
	left  domain.Units
}

func newLotBook(p *plan, r *rule) *lotBook {
	b := &lotBook{plan: p, rule: r, joins: p.joins(), kept: map[int32][]delivered{}, sums: newTally(p)}
	if r.ranks() {
		b.second = make([]queue, len(p.pools))
	}
	return b
}

// joins says of each asset whether two lots of one owner that lie beside each
// other may be joined. Where no movement shares an amount of the asset over
// lots (a conversion, a deduction, a return), nothing is ever rounded there, a
// lot is worth what it is, and one lot behaves as the two would. Holds look at
// places, so where something is held every lot is kept.
func (p *plan) joins() []bool {
	list := make([]bool, len(p.assets))
	for i := range list {
		list[i] = true
	}
	for i := range p.holds {
		list[p.assetOf(p.holds[i].pool)] = false
	}
	for i := 0; p.parts && i < len(p.steps); i++ {
		s := &p.steps[i]
		if s.kind == kindConversion || s.kind == kindReturn {
			list[p.assetOf(s.from)], list[p.assetOf(s.to)] = false, false
		}
	}
	return list
}

// follow takes the walk's tills, and notes in each whether its lots join.
func (b *lotBook) follow(_ *int32, tills []till) {
	b.tills = tills
	for n := range tills {
		tills[n].joins = b.joins[tills[n].asset]
	}
}

// finish has nothing to do: lots have always had one owner each.
func (b *lotBook) finish() error { return nil }

// glance reads something of a pool's oldest lots and its newest.
func (b *lotBook) glance(pool poolNo) int32 {
	seen := b.rings.glance(&b.tills[pool].lots)
	if b.second != nil {
		seen += b.rings.glance(&b.second[pool])
	}
	return seen
}

func (b *lotBook) tally() *tally { return b.sums }

// queues gives the queues of a pool, by rank.
func (b *lotBook) queues(pool poolNo) [ranks]*queue {
	if b.second == nil {
		return [ranks]*queue{&b.tills[pool].lots, {}}
	}
	return [ranks]*queue{&b.tills[pool].lots, &b.second[pool]}
}

// queueOf is where an owner's lots lie in a pool.
func (b *lotBook) queueOf(pool poolNo, o owner) *queue {
	if b.second == nil || b.rule.rank(o) == 0 {
		return &b.tills[pool].lots
	}
	return &b.second[pool]
}

// cut takes units off a lot: worth is cut with it, rounded down, and the rest
// keeps the rest.
func (l *lot) cut(units domain.Units) lot {
	part := lot{owner: l.owner, units: units}
	switch {
	case !l.owner.claimed():
	case l.worth == l.units:
		part.worth = units
	default:
		part.worth, _ = l.worth.Share(units, l.units)
	}
	l.units, l.worth = l.units.Minus(units), l.worth.Minus(part.worth)
	return part
}

// take moves a lot onto the way.
func (b *lotBook) take(s slot) {
	b.way = append(b.way, s)
	b.worth.plus(b.vault.worth(&s))
}

// draw takes lots rank by rank. A lot of nothing leaves when the draw comes to
// it and still needs units, and last with a draw that takes all there is.
func (b *lotBook) draw(from poolNo, amount domain.Units) {
	before := len(b.way)
	need := b.drawRank(&b.tills[from].lots, amount)
	if b.second != nil && !need.IsZero() {
		b.drawRank(&b.second[from], need)
	}
	if !b.tills[from].joins && b.empty(from) { // where lots join, none is of nothing
		b.sweep(from)
	}
	if b.second != nil && b.rule.presumes() && b.second[from].len() > 0 {
		b.presume(from, before)
	}
}

// drawRank takes from one queue as far as it lasts, and says what it lacks.
func (b *lotBook) drawRank(q *queue, need domain.Units) domain.Units {
	for end := b.rule.among; q.n > 0 && !need.IsZero(); {
		s := b.rings.next(q, end)
		few, narrow := need.Int64()
		switch {
		case !narrow || !s.narrow():
			need = b.drawWide(q, s, need)
		case few < s.units:
			s.units -= few
			b.take(slot{units: few, owner: s.owner})
			return domain.Units{}
		default:
			b.take(*s)
			q.drop(end)
			need = domain.NewUnits(few - s.units)
		}
	}
	return need
}

// drawWide takes one lot, or its first units, with all 128 bits.
func (b *lotBook) drawWide(q *queue, s *slot, need domain.Units) domain.Units {
	units := b.vault.units(s)
	if need.Less(units) {
		b.take(b.vault.cut(s, need))
		return domain.Units{}
	}
	b.take(*s)
	q.drop(b.rule.among)
	return need.Minus(units)
}

// empty says whether a pool has no units, but perhaps lots of nothing. The
// next draw takes those at the end, so they are not looked at again and again.
func (b *lotBook) empty(pool poolNo) bool {
	for _, q := range b.queues(pool) {
		for i := range q.len() {
			if b.rule.among == newest {
				i = q.len() - 1 - i
			}
			if units := b.vault.units(b.rings.at(q, i)); !units.IsZero() {
				return false
			}
		}
	}
	return true
}

// sweep takes the lots of nothing that lie in a pool without money.
func (b *lotBook) sweep(from poolNo) {
	for _, q := range b.queues(from) {
		for q.len() > 0 {
			b.take(*b.rings.next(q, b.rule.among))
			q.drop(b.rule.among)
		}
	}
}

// presume counts the own money of undescribed payers that was drawn while
// claims stayed behind.
func (b *lotBook) presume(from poolNo, since int) {
	for i := since; i < len(b.way); i++ {
		s := &b.way[i]
		if s.owner.has(presumed) && !s.owner.has(counted) {
			s.owner = own(s.owner.marks() | counted)
			b.sums.presume(b.tills[from].asset, fixedOf(b.vault.units(s)))
		}
	}
}

func (b *lotBook) create(amount domain.Units, as owner) {
	if !amount.IsZero() {
		b.way = append(b.way, b.vault.lie(lot{owner: as, units: amount}))
	}
}

func (b *lotBook) report(c int32) {
	if b.rule.name == Poison {
		return // a mark is no claim
	}
	loss := b.plan.claims[c].loss
	for i, s := range b.way {
		if s.owner.claimed() {
			continue
		}
		l := b.vault.lift(&s)
		l.owner, l.worth = owner(c), l.units
		b.way[i] = b.vault.lie(l)
		b.worth.plus(l.worth)
		worth := fixedOf(l.worth)
		b.sums.own[loss].Add(&b.sums.own[loss], &worth)
	}
}

// shares shares an amount over the lots on the way.
func (b *lotBook) shares(amount domain.Units) []domain.Units {
	b.sharer.clear()
	for i := range b.way {
		b.sharer.weigh(b.vault.units(&b.way[i]))
	}
	return b.sharer.share(amount)
}

// convert gives each lot its share of what arrives. It keeps its worth, so a
// claim's lot whose share is nothing stays; an own lot of nothing vanishes.
func (b *lotBook) convert(into domain.Units) {
	for i, share := range b.shares(into) {
		l := b.vault.lift(&b.way[i])
		l.units = share
		b.way[i] = b.vault.lie(l)
	}
	b.dropNothing()
}

// dropNothing takes own lots of nothing off the way.
func (b *lotBook) dropNothing() {
	b.way = slices.DeleteFunc(b.way, func(s slot) bool {
		units := b.vault.units(&s)
		nothing := !s.owner.claimed() && units.IsZero()
		if nothing {
			b.vault.lift(&s)
		}
		return nothing
	})
}

func (b *lotBook) split(amount domain.Units) {
	part := b.spare[:0]
	b.aside = b.aside[:0]
	for i, share := range b.shares(amount) {
		l := b.vault.lift(&b.way[i])
		if !share.IsZero() {
			part = append(part, b.vault.lie(l.cut(share)))
		}
		if !l.units.IsZero() || share.IsZero() {
			b.aside = append(b.aside, b.vault.lie(l))
		}
	}
	b.way, b.spare = part, b.way
}

func (b *lotBook) splitFirst(amount domain.Units) {
	part, left := b.spare[:0], false // units are
	b.aside = b.aside[:0]
	for _, s := range b.way {
		units := b.vault.units(&s)
		switch {
		case amount.IsZero():
			b.aside, left = append(b.aside, s), left || !units.IsZero()
		case amount.Less(units):
			part = append(part, b.vault.cut(&s, amount))
			b.aside, left = append(b.aside, s), true
			amount = domain.Units{}
		default:
			part = append(part, s)
			amount = amount.Minus(units)
		}
	}
	b.way, b.spare = part, b.way
	if !left {
		b.rest() // all there is, with the lots of nothing
	}
}

func (b *lotBook) rest() {
	b.way = append(b.way, b.aside...)
	b.aside = b.aside[:0]
}

func (b *lotBook) stamp(payer standing) {
	for i := range b.way {
		b.way[i].owner = b.way[i].owner.paid(payer)
	}
}

func (b *lotBook) settle(holder standing) {
	if !holder.innocent {
		return
	}
	for i := range b.way {
		b.way[i].owner = b.way[i].owner.held(holder)
	}
}

func (b *lotBook) comeHome(victim int32) {
	for i, s := range b.way {
		if !s.owner.claimed() || b.plan.claims[s.owner].victim != victim {
			continue
		}
		l := b.vault.lift(&s)
		loss, worth := b.plan.claims[l.owner].loss, fixedOf(l.worth)
		b.sums.returned[loss].Add(&b.sums.returned[loss], &worth)
		b.worth.minus(l.worth)
		l.owner, l.worth = own(0), domain.Units{}
		b.way[i] = b.vault.lie(l)
	}
	b.dropNothing()
}

func (b *lotBook) keep(step int32) {
	for i := range b.way {
		b.kept[step] = append(b.kept[step], delivered{b.way[i].owner.plain(), b.vault.units(&b.way[i])})
	}
}

// errPlaces says that there have been more lots than can be numbered.
var errPlaces = errors.New("more than 4,294,967,294 lots have come to one pool, or lie in all: split the case")

func (b *lotBook) put(to poolNo, amount domain.Units) (bool, error) {
	pool, traced, sum := &b.tills[to], false, weight{}
	for i := range b.way {
		s := &b.way[i]
		if pool.places++; pool.places == gone || b.rings.full() {
			return false, errPlaces
		}
		s.place = pool.places
		units := b.vault.units(s)
		sum.plus(units)
		b.worth.minus(b.vault.worth(s))
		traced = traced || s.owner.claimed() && !units.IsZero()
		if q := b.queueOf(to, s.owner); !pool.joins || !b.rings.join(q, s) {
			b.rings.push(q, *s)
		}
	}
	if sum != weighed(amount) {
		return false, errSum
	}
	b.way = b.way[:0]
	return traced, nil
}

func (b *lotBook) audit() error {
	switch {
	case len(b.way) > 0 || len(b.aside) > 0:
		return errStray
	case b.worth != weight{}:
		return errWorth
	}
	return nil
}

func (b *lotBook) onWay(yield func(o owner, units, worth fixed)) {
	for i := range b.way {
		l := b.vault.look(&b.way[i])
		yield(l.owner, fixedOf(l.units), fixedOf(l.worth))
	}
}

func (b *lotBook) lots(pool poolNo, yield func(o owner, units, worth fixed)) {
	for _, q := range b.queues(pool) {
		for i := range q.len() {
			l := b.vault.look(b.rings.at(q, i))
			yield(l.owner, fixedOf(l.units), fixedOf(l.worth))
		}
	}
}

// vault keeps the amounts of lots of which a slot cannot tell.
type vault struct {
	amounts [][2]domain.Units // units and worth
	free    []int64
	always  bool // every lot lies here: a test holds one lane against the other
}

// lie is a lot as it lies in a pool.
func (v *vault) lie(l lot) slot {
	units, narrow := l.units.Int64()
	s := slot{units, l.owner, l.place}
	if narrow && l.worth == domain.NewUnits(s.worth()) && !v.always {
		return s
	}
	s.units = ^int64(len(v.amounts))
	if last := len(v.free) - 1; last >= 0 {
		s.units, v.free = v.free[last], v.free[:last]
		v.amounts[^s.units] = [2]domain.Units{l.units, l.worth}
	} else {
		v.amounts = append(v.amounts, [2]domain.Units{l.units, l.worth})
	}
	return s
}

// look is a lot that stays where it lies; lift one that leaves it.
func (v *vault) look(s *slot) lot { return lot{s.owner, s.place, v.units(s), v.worth(s)} }

func (v *vault) lift(s *slot) lot {
	if !s.narrow() {
		v.free = append(v.free, s.units)
	}
	return v.look(s)
}

// cut takes units off a lot that lies here or not.
func (v *vault) cut(s *slot, units domain.Units) (part slot) {
	l := v.lift(s)
	part = v.lie(l.cut(units))
	*s = v.lie(l)
	return part
}

func (v *vault) units(s *slot) domain.Units {
	if s.narrow() {
		return domain.NewUnits(s.units)
	}
	return v.amounts[^s.units][0]
}

func (v *vault) worth(s *slot) domain.Units {
	if s.narrow() {
		return domain.NewUnits(s.worth())
	}
	return v.amounts[^s.units][1]
}

// weight is a sum modulo 2^128. Of worth on the way, claims of several assets
// may be among it, and it only has to come to nothing again.
type weight struct{ high, low uint64 }

func weighed(u domain.Units) weight {
	high, low := u.Words()
	return weight{uint64(high), low}
}

func (w *weight) plus(u domain.Units) {
	high, low := u.Words()
	var carry uint64
	w.low, carry = bits.Add64(w.low, low, 0)
	w.high, _ = bits.Add64(w.high, uint64(high), carry)
}

func (w *weight) minus(u domain.Units) {
	high, low := u.Words()
	var borrow uint64
	w.low, borrow = bits.Sub64(w.low, low, 0)
	w.high, _ = bits.Sub64(w.high, uint64(high), borrow)
}
