package tracing

import (
	"cmp"
	"errors"
	"slices"

	"clew/domain"
)

// lotBook keeps lots of whole units in the order in which they came. Lots are
// never joined, so every rounding is fixed by the definitions.
type lotBook struct {
	plan  *plan
	rule  *rule
	pools []lotPool
	way   []lot
	aside []lot
	kept  map[int32][]delivered
	sums  *tally
	worth fixed // drawn and not yet put down; claims of several assets may be among it
}

// lot is an amount with one owner. Worth is what it is worth to its claim, in
// the claim's own asset; own lots are worth what they are and bear none.
type lot struct {
	owner owner
	place uint32 // in the pool: the order of arrival there
	units domain.Units
	worth domain.Units
}

// lotPool is one pool's lots: of each rank a queue, the oldest first.
type lotPool struct {
	queues [ranks]queue
	total  domain.Units
	places uint32
}

// delivered is a lot as it arrived, less what returns have taken of it.
type delivered struct {
	owner owner
	left  domain.Units
}

func newLotBook(p *plan, r *rule) *lotBook {
	return &lotBook{plan: p, rule: r, pools: make([]lotPool, len(p.pools)), kept: map[int32][]delivered{}, sums: newTally(p)}
}

func (b *lotBook) tally() *tally { return b.sums }

// cut takes units off a lot: worth is cut with it, rounded down, and the rest
// keeps the rest.
func (l *lot) cut(units domain.Units) lot {
	part := lot{owner: l.owner, units: units}
	if l.owner.claimed() {
		part.worth, _ = l.worth.Share(units, l.units)
	}
	l.units, l.worth = l.units.Minus(units), l.worth.Minus(part.worth)
	return part
}

// take moves a lot, or its first units, onto the way.
func (b *lotBook) take(l lot) {
	b.way = append(b.way, l)
	b.carry(l.worth)
}

// carry notes worth that is on the way from now on; lay what no longer is.
func (b *lotBook) carry(worth domain.Units) { w := fixedOf(worth); b.worth.Add(&b.worth, &w) }
func (b *lotBook) lay(worth domain.Units)   { w := fixedOf(worth); b.worth.Sub(&b.worth, &w) }

// draw takes lots rank by rank. A lot of nothing leaves when the draw comes to
// it and still needs units, and last with a draw that takes all there is.
func (b *lotBook) draw(from poolNo, amount domain.Units) {
	pool, before := &b.pools[from], len(b.way)
	for r := range pool.queues {
		amount = b.drawRank(pool, r, amount)
	}
	if pool.total.IsZero() {
		b.sweep(pool)
	}
	if b.rule.presumes() && pool.queues[1].len() > 0 {
		b.presume(from, before)
	}
}

func (b *lotBook) drawRank(pool *lotPool, rank int, need domain.Units) domain.Units {
	q, end := &pool.queues[rank], b.rule.among
	for q.len() > 0 && !need.IsZero() {
		l := q.at(end)
		if need.Less(l.units) {
			b.take(l.cut(need))
			pool.total = pool.total.Minus(need)
			return domain.Units{}
		}
		need, pool.total = need.Minus(l.units), pool.total.Minus(l.units)
		b.take(*l)
		q.drop(end)
	}
	return need
}

// sweep takes the lots of nothing that lie in a pool without money.
func (b *lotBook) sweep(pool *lotPool) {
	for r := range pool.queues {
		for q := &pool.queues[r]; q.len() > 0; q.drop(b.rule.among) {
			b.take(*q.at(b.rule.among))
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
		b.carry(l.worth)
		worth := fixedOf(l.worth)
		b.sums.own[loss].Add(&b.sums.own[loss], &worth)
	}
}

func (b *lotBook) units() []domain.Units {
	list := make([]domain.Units, len(b.way))
	for i, l := range b.way {
		list[i] = l.units
	}
	return list
}

// convert gives each lot its share of what arrives. It keeps its worth, so a
// claim's lot whose share is nothing stays; an own lot of nothing vanishes.
func (b *lotBook) convert(into domain.Units) {
	for i, share := range largestRemainder(into, b.units()) {
		b.way[i].units = share
	}
	b.way = slices.DeleteFunc(b.way, func(l lot) bool { return !l.owner.claimed() && l.units.IsZero() })
}

func (b *lotBook) split(amount domain.Units) {
	var part []lot
	b.aside = b.aside[:0]
	for i, share := range largestRemainder(amount, b.units()) {
		l := b.way[i]
		if !share.IsZero() {
			part = append(part, l.cut(share))
		}
		if !l.units.IsZero() || share.IsZero() {
			b.aside = append(b.aside, l)
		}
	}
	b.way = part
}

func (b *lotBook) splitFirst(amount domain.Units) {
	way := b.way
	b.way, b.aside = nil, b.aside[:0]
	for i := range way {
		l := &way[i]
		switch {
		case amount.IsZero():
			b.aside = append(b.aside, *l)
		case amount.Less(l.units):
			b.way = append(b.way, l.cut(amount))
			b.aside = append(b.aside, *l)
			amount = domain.Units{}
		default:
			b.way = append(b.way, *l)
			amount = amount.Minus(l.units)
		}
	}
	if !slices.ContainsFunc(b.aside, func(l lot) bool { return !l.units.IsZero() }) {
		b.way, b.aside = append(b.way, b.aside...), nil // all there is, with the lots of nothing
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
		b.lay(l.worth)
		l.owner, l.worth = own(0), domain.Units{}
	}
	b.way = slices.DeleteFunc(b.way, func(l lot) bool { return !l.owner.claimed() && l.units.IsZero() })
}

func (b *lotBook) keep(step int32) {
	for _, l := range b.way {
		b.kept[step] = append(b.kept[step], delivered{l.owner.plain(), l.units})
	}
}

// giveBack shares the amount over what is left of the delivered lots, sums the
// shares by claim, and takes each claim's from the pool, oldest first, as far
// as such lots are there. What is shared out counts as taken.
func (b *lotBook) giveBack(from poolNo, of int32, amount domain.Units) fixed {
	list := b.kept[of]
	left := make([]domain.Units, len(list))
	whole := domain.Units{}
	for i, d := range list {
		left[i] = d.left
		whole = whole.Plus(d.left)
	}
	var claims []owner
	sums := map[owner]domain.Units{}
	for i, share := range largestRemainder(amount.Min(whole), left) {
		d := &list[i]
		d.left = d.left.Minus(share)
		if _, seen := sums[d.owner]; !seen {
			claims = append(claims, d.owner)
		}
		sums[d.owner] = sums[d.owner].Plus(share)
	}
	beyond := amount
	for _, c := range claims {
		beyond = beyond.Minus(b.takeOf(from, c, sums[c]))
	}
	b.drawBeyond(from, beyond)
	return fixedOf(beyond)
}

func (b *lotBook) drawBeyond(from poolNo, beyond domain.Units) {
	pool := &b.pools[from]
	switch {
	case b.plan.pools[from].end:
		b.create(beyond, own(0))
		if pool.total.IsZero() {
			b.sweep(pool)
		}
	case !beyond.IsZero() || pool.total.IsZero():
		b.draw(from, beyond)
	}
}

// takeOf takes one owner's lots from a pool, oldest first, and says how much
// was there. Own money is one owner.
func (b *lotBook) takeOf(from poolNo, whose owner, want domain.Units) domain.Units {
	pool, taken := &b.pools[from], domain.Units{}
	for _, l := range pool.of(whose) {
		if taken == want {
			break
		}
		part := *l
		if need := want.Minus(taken); need.Less(l.units) {
			part = l.cut(need)
		} else {
			l.place = gone
		}
		taken = taken.Plus(part.units)
		b.take(part)
	}
	pool.total = pool.total.Minus(taken)
	for r := range pool.queues {
		pool.queues[r].tidy()
	}
	return taken
}

// of finds an owner's lots in a pool, oldest first.
func (p *lotPool) of(whose owner) []*lot {
	var found []*lot
	for r := range p.queues {
		live := p.queues[r].live()
		for i := range live {
			if live[i].owner.plain() == whose {
				found = append(found, &live[i])
			}
		}
	}
	slices.SortFunc(found, func(a, b *lot) int { return cmp.Compare(a.place, b.place) })
	return found
}

// errPlaces says that a pool has had more lots than can be numbered.
var errPlaces = errors.New("more than 4,294,967,294 lots have come to one pool: split the case")

func (b *lotBook) put(to poolNo, amount domain.Units) (bool, error) {
	pool, traced, sum := &b.pools[to], false, domain.Units{}
	for _, l := range b.way {
		if pool.places++; pool.places == gone {
			return false, errPlaces
		}
		l.place = pool.places
		pool.queues[b.rule.rank(l.owner)].push(l)
		b.lay(l.worth)
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

func (b *lotBook) audit() error {
	switch {
	case len(b.way) > 0 || len(b.aside) > 0:
		return errStray
	case !b.worth.IsZero():
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
	for r := range b.pools[pool].queues {
		for _, l := range b.pools[pool].queues[r].live() {
			yield(l.owner, fixedOf(l.units), fixedOf(l.worth))
		}
	}
}

// pick takes lots class by class, within a class the oldest place first; the
// classes of a release count downwards, and it takes the newest place first.
func (b *lotBook) pick(from poolNo, amount domain.Units, class func(owner) int) {
	pool := &b.pools[from]
	lots := pool.all()
	slices.SortStableFunc(lots, func(x, y *lot) int {
		if c := cmp.Compare(class(x.owner), class(y.owner)); c != 0 {
			return c
		}
		if class(x.owner) < 0 {
			return cmp.Compare(y.place, x.place)
		}
		return cmp.Compare(x.place, y.place)
	})
	for _, l := range lots {
		if amount.IsZero() {
			break
		}
		part := *l
		if amount.Less(l.units) {
			part = l.cut(amount)
			part.place = l.place
		} else {
			l.place = gone
		}
		amount = amount.Minus(part.units)
		pool.total = pool.total.Minus(part.units)
		b.take(part)
	}
	for r := range pool.queues {
		pool.queues[r].tidy()
	}
}

// all is every lot of a pool.
func (p *lotPool) all() (lots []*lot) {
	for r := range p.queues {
		live := p.queues[r].live()
		for i := range live {
			lots = append(lots, &live[i])
		}
	}
	return lots
}

// putBack lays lots at their places. A part that was cut off stands before
// what it was cut from.
func (b *lotBook) putBack(to poolNo, amount domain.Units) error {
	pool, sum := &b.pools[to], domain.Units{}
	for _, l := range b.way {
		pool.queues[b.rule.rank(l.owner)].insert(l)
		b.lay(l.worth)
		sum = sum.Plus(l.units)
	}
	if sum != amount {
		return errSum
	}
	pool.total = pool.total.Plus(sum)
	b.way = b.way[:0]
	return nil
}
