package tracing

import (
	"slices"

	"clew/domain"
)

// largestRemainder shares an amount by weights in whole units: everybody gets
// his share rounded down, and the units left over go to the largest
// remainders, ties to the earlier. With no weight at all nobody gets anything.
func largestRemainder(amount domain.Units, weights []domain.Units) []domain.Units {
	whole := domain.Units{}
	for _, w := range weights {
		whole = whole.Plus(w)
	}
	shares := make([]domain.Units, len(weights))
	if whole.IsZero() {
		return shares
	}
	remainders := make([]domain.Units, len(weights))
	left := amount
	for i, w := range weights {
		shares[i], remainders[i] = amount.Share(w, whole)
		left = left.Minus(shares[i])
	}
	if left.IsZero() {
		return shares
	}
	order := make([]int, len(weights))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return remainders[b].Cmp(remainders[a]) })
	for _, i := range order {
		if left.IsZero() {
			break
		}
		shares[i], left = shares[i].Plus(domain.NewUnits(1)), left.Minus(domain.NewUnits(1))
	}
	return shares
}
