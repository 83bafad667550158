package tracing

import (
	"cmp"
	"slices"

	"clew/domain"
)

// Taking lots by their owner rather than by the rule: for returns, and for
// holds.

// spot is where a lot lies.
type spot struct {
	at    *slot
	owner owner
	place uint32
}

// spots are the lots of a pool whose owner is asked for, the oldest first.
func (b *lotBook) spots(pool poolNo, is func(owner) bool) (list []spot) {
	for _, q := range b.queues(pool) {
		for i := range q.len() {
			if s := q.at(i); is(s.owner) {
				list = append(list, spot{s, s.owner, s.place})
			}
		}
	}
	slices.SortFunc(list, func(a, b spot) int { return cmp.Compare(a.place, b.place) })
	return list
}

// takeFrom takes an amount from lots in their order, and says what it lacks.
// A part that is cut off remembers its place where it is to go back to it.
func (b *lotBook) takeFrom(pool poolNo, list []spot, need domain.Units) domain.Units {
	before := need
	for _, at := range list {
		if need.IsZero() {
			break
		}
		l := b.vault.lift(at.at)
		part := l
		if need.Less(l.units) {
			part = l.cut(need)
			part.place = l.place
			*at.at = b.vault.lie(l)
		} else {
			at.at.place = gone
		}
		need = need.Minus(part.units)
		b.take(part)
	}
	b.pools[pool].total = b.pools[pool].total.Minus(before.Minus(need))
	for _, q := range b.queues(pool) {
		q.tidy()
	}
	return need
}

// pick takes lots class by class, within a class the oldest place first; the
// classes of a release count downwards, and it takes the newest place first.
func (b *lotBook) pick(from poolNo, amount domain.Units, class func(owner) int) {
	list := b.spots(from, func(owner) bool { return true })
	slices.SortStableFunc(list, func(x, y spot) int {
		if c := cmp.Compare(class(x.owner), class(y.owner)); c != 0 {
			return c
		}
		if class(x.owner) < 0 {
			return cmp.Compare(y.place, x.place)
		}
		return cmp.Compare(x.place, y.place)
	})
	b.takeFrom(from, list, amount)
}

// putBack lays lots at their places. A part that was cut off stands before
// what it was cut from.
func (b *lotBook) putBack(to poolNo, amount domain.Units) error {
	pool, sum := &b.pools[to], domain.Units{}
	for _, l := range b.way {
		b.queueOf(to, l.owner).insert(b.vault.lie(l), &b.rings)
		b.worth.minus(l.worth)
		sum = sum.Plus(l.units)
	}
	if sum != amount {
		return errSum
	}
	pool.total = pool.total.Plus(sum)
	b.way = b.way[:0]
	return nil
}

// giveBack shares the amount over what is left of the delivered lots, sums the
// shares by claim, and takes each claim's from the pool, oldest first, as far
// as such lots are there. What is shared out counts as taken.
func (b *lotBook) giveBack(from poolNo, of int32, amount domain.Units) fixed {
	list, whole := b.kept[of], domain.Units{}
	b.sharer.clear()
	for _, d := range list {
		b.sharer.weigh(d.left)
		whole = whole.Plus(d.left)
	}
	var claims []owner
	sums := map[owner]domain.Units{}
	for i, share := range b.sharer.share(amount.Min(whole)) {
		d := &list[i]
		d.left = d.left.Minus(share)
		if _, seen := sums[d.owner]; !seen {
			claims = append(claims, d.owner)
		}
		sums[d.owner] = sums[d.owner].Plus(share)
	}
	beyond := amount
	for _, c := range claims {
		lacks := b.takeFrom(from, b.spots(from, func(o owner) bool { return o.plain() == c }), sums[c])
		beyond = beyond.Minus(sums[c].Minus(lacks))
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
			b.sweep(from)
		}
	case !beyond.IsZero() || pool.total.IsZero():
		b.draw(from, beyond)
	}
}
