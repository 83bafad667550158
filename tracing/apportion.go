package tracing

import (
	"slices"

	"clew/domain"
)

// sharer shares amounts by weights in whole units: everybody gets his share
// rounded down, and the units left over go to the largest remainders, ties to
// the earlier. With no weight at all nobody gets anything. It keeps its room,
// so that a movement that is shared costs no allocation.
type sharer struct {
	weights, shares, remainders []domain.Units
	order                       []int
	whole                       domain.Units
}

func (s *sharer) clear() { s.weights, s.whole = s.weights[:0], domain.Units{} }

// weigh adds one who shares.
func (s *sharer) weigh(weight domain.Units) {
	s.weights, s.whole = append(s.weights, weight), s.whole.Plus(weight)
}

// share gives everybody's share, in the order in which they were weighed. It
// is good until the next clear.
func (s *sharer) share(amount domain.Units) []domain.Units {
	s.shares, s.remainders = s.shares[:0], s.remainders[:0]
	left := amount
	for _, w := range s.weights {
		var share, remainder domain.Units
		if !s.whole.IsZero() {
			share, remainder = amount.Share(w, s.whole)
		}
		s.shares, s.remainders = append(s.shares, share), append(s.remainders, remainder)
		left = left.Minus(share)
	}
	if !left.IsZero() && !s.whole.IsZero() {
		s.spread(left)
	}
	return s.shares
}

// spread gives the units left over, fewer than there are shares.
func (s *sharer) spread(left domain.Units) {
	s.order = s.order[:0]
	for i := range s.weights {
		s.order = append(s.order, i)
	}
	slices.SortStableFunc(s.order, func(a, b int) int { return s.remainders[b].Cmp(s.remainders[a]) })
	most, _ := left.Int64()
	for _, i := range s.order[:most] {
		s.shares[i] = s.shares[i].Plus(domain.NewUnits(1))
	}
}
