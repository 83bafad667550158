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
			if s := b.rings.at(q, i); is(s.owner) {
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
	for _, at := range list {
		if need.IsZero() {
			break
		}
		part := *at.at
		if need.Less(b.vault.units(&part)) {
			part = b.vault.cut(at.at, need)
			part.place = at.place
		} else {
			at.at.place = gone
		}
		need = need.Minus(b.vault.units(&part))
		b.take(part)
	}
	for _, q := range b.queues(pool) {
		b.rings.tidy(q)
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
	sum := weight{}
	for i := range b.way {
		s := &b.way[i]
		b.worth.minus(b.vault.worth(s))
		sum.plus(b.vault.units(s))
		b.rings.insert(b.queueOf(to, s.owner), *s)
	}
	if sum != weighed(amount) {
		return errSum
	}
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
	switch {
	case b.plan.pools[from].end:
		b.create(beyond, own(0))
		if b.empty(from) {
			b.sweep(from)
		}
	case !beyond.IsZero() || b.empty(from):
		b.draw(from, beyond)
	}
}
