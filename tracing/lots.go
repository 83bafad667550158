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
	pools  []lotPool
	second []queue // by pool: the lots of rank 1, where the rule knows ranks
	joins  []bool  // by asset
	rings  rings
	vault  vault
	way    []lot
	aside  []lot
	spare  []lot // room for the next way
	kept   map[int32][]delivered
	sums   *tally
	worth  weight // drawn and not yet put down; claims of several assets may be among it
	sharer sharer
}

// lot is an amount with one owner, on the way. Worth is what it is worth to
// its claim, in the claim's own asset; own lots are worth what they are and
// bear none.
type lot struct {
	owner owner
	place uint32 // in the pool: the order of arrival there
	units domain.Units
	worth domain.Units
}

// lotPool is one pool's lots, the oldest first; those of rank 1 lie in
// lotBook.second.
type lotPool struct {
	first  queue
	total  domain.Units
	places uint32
}

// delivered is a lot as it arrived, less what returns have taken of it.
type delivered struct {
	owner owner
	left  domain.Units
}

func newLotBook(p *plan, r *rule) *lotBook {
	b := &lotBook{plan: p, rule: r, pools: make([]lotPool, len(p.pools)), joins: p.joins(), kept: map[int32][]delivered{}, sums: newTally(p)}
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
	for i := range p.steps {
		s := &p.steps[i]
		if s.kind == kindConversion || s.kind == kindReturn {
			list[p.assetOf(s.from)], list[p.assetOf(s.to)] = false, false
		}
	}
	return list
}

// glance reads something of a pool's oldest lots and its newest.
func (b *lotBook) glance(pool poolNo) int32 {
	seen := b.pools[pool].first.glance()
	if b.second != nil {
		seen += b.second[pool].glance()
	}
	return seen
}

func (q *queue) glance() int32 {
	if q.n == 0 {
		return 0
	}
	return int32(q.ring[q.head].place + q.at(int(q.n)-1).place)
}

func (b *lotBook) tally() *tally { return b.sums }

// queues gives the queues of a pool, by rank.
func (b *lotBook) queues(pool poolNo) [ranks]*queue {
	if b.second == nil {
		return [ranks]*queue{&b.pools[pool].first, {}}
	}
	return [ranks]*queue{&b.pools[pool].first, &b.second[pool]}
}

// queueOf is where an owner's lots lie in a pool.
func (b *lotBook) queueOf(pool poolNo, o owner) *queue {
	if b.second == nil || b.rule.rank(o) == 0 {
		return &b.pools[pool].first
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
func (b *lotBook) take(l lot) {
	b.way = append(b.way, l)
	b.worth.plus(l.worth)
}

// draw takes lots rank by rank. A lot of nothing leaves when the draw comes to
// it and still needs units, and last with a draw that takes all there is.
func (b *lotBook) draw(from poolNo, amount domain.Units) {
	pool, before := &b.pools[from], len(b.way)
	need := b.drawRank(&pool.first, amount)
	if b.second != nil && !need.IsZero() {
		need = b.drawRank(&b.second[from], need)
	}
	pool.total = pool.total.Minus(amount.Minus(need))
	if pool.total.IsZero() {
		b.sweep(from)
	}
	if b.second != nil && b.rule.presumes() && b.second[from].len() > 0 {
		b.presume(from, before)
	}
}

// drawRank takes from one queue as far as it lasts, and says what it lacks.
func (b *lotBook) drawRank(q *queue, need domain.Units) domain.Units {
	for end := b.rule.among; q.n > 0 && !need.IsZero(); {
		s := q.next(end)
		few, narrow := need.Int64()
		switch {
		case !narrow || s.units < 0:
			need = b.drawWide(q, s, need)
		case few < s.units && s.worth == s.units || few < s.units && s.worth == 0:
			b.take(s.cut(few))
			return domain.Units{}
		case few < s.units:
			need = b.drawWide(q, s, need)
		default:
			b.take(lot{owner: s.owner, place: s.place, units: domain.NewUnits(s.units), worth: domain.NewUnits(s.worth)})
			q.drop(end)
			need = domain.NewUnits(few - s.units)
		}
	}
	return need
}

// cut takes units off a lot of narrow amounts that is worth what it is, or
// bears no worth.
func (s *slot) cut(units int64) lot {
	part := lot{owner: s.owner, units: domain.NewUnits(units)}
	s.units -= units
	if s.worth != 0 {
		s.worth -= units
		part.worth = part.units
	}
	return part
}

// drawWide takes one lot, or its first units, with all 128 bits.
func (b *lotBook) drawWide(q *queue, s *slot, need domain.Units) domain.Units {
	l := b.vault.lift(s)
	if need.Less(l.units) {
		b.take(l.cut(need))
		*s = b.vault.lie(l)
		return domain.Units{}
	}
	b.take(l)
	q.drop(b.rule.among)
	return need.Minus(l.units)
}

// sweep takes the lots of nothing that lie in a pool without money.
func (b *lotBook) sweep(from poolNo) {
	for _, q := range b.queues(from) {
		for q.len() > 0 {
			b.take(b.vault.lift(q.next(b.rule.among)))
			q.drop(b.rule.among)
		}
	}
}

// presume counts the own money of undescribed payers that was drawn while
// claims stayed behind.
func (b *lotBook) presume(from poolNo, since int) {
	for i := since; i < len(b.way); i++ {
		l := &b.way[i]
		if l.owner.has(presumed) && !l.owner.has(counted) {
			l.owner = own(l.owner.marks() | counted)
			b.sums.presume(b.plan.assetOf(from), fixedOf(l.units))
		}
	}
}

func (b *lotBook) create(amount domain.Units, as owner) {
	if !amount.IsZero() {
		b.way = append(b.way, lot{owner: as, units: amount})
	}
}

func (b *lotBook) report(c int32) {
	if b.rule.name == Poison {
		return // a mark is no claim
	}
	loss := b.plan.claims[c].loss
	for i := range b.way {
		l := &b.way[i]
		if l.owner.claimed() {
			continue
		}
		l.owner, l.worth = owner(c), l.units
		b.worth.plus(l.worth)
		worth := fixedOf(l.worth)
		b.sums.own[loss].Add(&b.sums.own[loss], &worth)
	}
}

// shares shares an amount over the lots on the way.
func (b *lotBook) shares(amount domain.Units) []domain.Units {
	b.sharer.clear()
	for i := range b.way {
		b.sharer.weigh(b.way[i].units)
	}
	return b.sharer.share(amount)
}

// convert gives each lot its share of what arrives. It keeps its worth, so a
// claim's lot whose share is nothing stays; an own lot of nothing vanishes.
func (b *lotBook) convert(into domain.Units) {
	for i, share := range b.shares(into) {
		b.way[i].units = share
	}
	b.way = slices.DeleteFunc(b.way, func(l lot) bool { return !l.owner.claimed() && l.units.IsZero() })
}

func (b *lotBook) split(amount domain.Units) {
	part := b.spare[:0]
	b.aside = b.aside[:0]
	for i, share := range b.shares(amount) {
		l := b.way[i]
		if !share.IsZero() {
			part = append(part, l.cut(share))
		}
		if !l.units.IsZero() || share.IsZero() {
			b.aside = append(b.aside, l)
		}
	}
	b.way, b.spare = part, b.way
}

func (b *lotBook) splitFirst(amount domain.Units) {
	part := b.spare[:0]
	b.aside = b.aside[:0]
	for i := range b.way {
		l := &b.way[i]
		switch {
		case amount.IsZero():
			b.aside = append(b.aside, *l)
		case amount.Less(l.units):
			part = append(part, l.cut(amount))
			b.aside = append(b.aside, *l)
			amount = domain.Units{}
		default:
			part = append(part, *l)
			amount = amount.Minus(l.units)
		}
	}
	b.way, b.spare = part, b.way
	if !slices.ContainsFunc(b.aside, func(l lot) bool { return !l.units.IsZero() }) {
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
	for i := range b.way {
		l := &b.way[i]
		if !l.owner.claimed() || b.plan.claims[l.owner].victim != victim {
			continue
		}
		loss, worth := b.plan.claims[l.owner].loss, fixedOf(l.worth)
		b.sums.returned[loss].Add(&b.sums.returned[loss], &worth)
		b.worth.minus(l.worth)
		l.owner, l.worth = own(0), domain.Units{}
	}
	b.way = slices.DeleteFunc(b.way, func(l lot) bool { return !l.owner.claimed() && l.units.IsZero() })
}

func (b *lotBook) keep(step int32) {
	for _, l := range b.way {
		b.kept[step] = append(b.kept[step], delivered{l.owner.plain(), l.units})
	}
}

// errPlaces says that a pool has had more lots than can be numbered.
var errPlaces = errors.New("more than 4,294,967,294 lots have come to one pool: split the case")

func (b *lotBook) put(to poolNo, amount domain.Units) (bool, error) {
	pool, traced, sum := &b.pools[to], false, domain.Units{}
	joins := b.joins[b.plan.assetOf(to)]
	for i := range b.way {
		l := &b.way[i]
		if pool.places++; pool.places == gone {
			return false, errPlaces
		}
		l.place = pool.places
		if q := b.queueOf(to, l.owner); !joins || !q.join(l) {
			q.push(b.vault.lie(*l), &b.rings)
		}
		b.worth.minus(l.worth)
		sum = sum.Plus(l.units)
		traced = traced || l.owner.claimed() && !l.units.IsZero()
	}
	if sum != amount {
		return false, errSum
	}
	total, err := pool.total.Add(sum)
	if err != nil {
		return false, err
	}
	pool.total = total
	b.way = b.way[:0]
	return traced, nil
}

// join adds a lot to the newest where that has the same owner and both are
// narrow. It is asked only where nobody could tell.
func (q *queue) join(l *lot) bool {
	if q.n == 0 {
		return false
	}
	last := q.at(int(q.n) - 1)
	units, narrow := l.units.Int64()
	worth, light := l.worth.Int64()
	if last.owner != l.owner || last.units < 0 || !narrow || !light {
		return false
	}
	units, worth = last.units+units, last.worth+worth
	if units < 0 || worth < 0 {
		return false // it would not fit 63 bits
	}
	last.units, last.worth = units, worth
	return true
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
	for _, l := range b.way {
		yield(l.owner, fixedOf(l.units), fixedOf(l.worth))
	}
}

func (b *lotBook) lots(pool poolNo, yield func(o owner, units, worth fixed)) {
	for _, q := range b.queues(pool) {
		for i := range q.len() {
			l := b.vault.look(q.at(i))
			yield(l.owner, fixedOf(l.units), fixedOf(l.worth))
		}
	}
}

// vault keeps the amounts of lots that do not fit 63 bits.
type vault struct {
	amounts [][2]domain.Units // units and worth
	free    []int64
	always  bool // every lot lies here: a test holds one lane against the other
}

// lie is a lot as it lies in a pool.
func (v *vault) lie(l lot) slot {
	units, narrow := l.units.Int64()
	worth, light := l.worth.Int64()
	if narrow && light && !v.always {
		return slot{units, worth, l.owner, l.place}
	}
	at := int64(len(v.amounts))
	if last := len(v.free) - 1; last >= 0 {
		at, v.free = v.free[last], v.free[:last]
		v.amounts[at] = [2]domain.Units{l.units, l.worth}
	} else {
		v.amounts = append(v.amounts, [2]domain.Units{l.units, l.worth})
	}
	return slot{^at, 0, l.owner, l.place}
}

// look is a lot that stays where it lies; lift one that leaves it.
func (v *vault) look(s *slot) lot {
	if s.units < 0 {
		at := v.amounts[^s.units]
		return lot{s.owner, s.place, at[0], at[1]}
	}
	return lot{s.owner, s.place, domain.NewUnits(s.units), domain.NewUnits(s.worth)}
}

func (v *vault) lift(s *slot) lot {
	if s.units < 0 {
		v.free = append(v.free, ^s.units)
	}
	return v.look(s)
}

// weight is worth that is on the way, modulo 2^128: claims of several assets
// may be among it, and it only has to come to nothing again.
type weight struct{ high, low uint64 }

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
