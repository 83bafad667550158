package tracing

import (
	"math/big"
	"slices"

	"clew/domain"
)

// Pari passu is no way to draw lots: it is a way to share out what is left,
// in proportion to what each has contributed (TRACING, Rules). It is offered
// on any recovered sum.

// Basis says what counts as contributed; which one is a recorded choice.
type Basis string

// The bases of pari passu.
const (
	// Gross counts all that a victim paid.
	Gross Basis = "gross"
	// Net counts what he paid less what came back to him before.
	Net Basis = "net"
	// RisingTide counts all that he paid, and what came back before as a part
	// of his share: who has got least of his loss is raised first.
	RisingTide Basis = "rising-tide"
)

// Contribution is what one victim has paid and what came back to him before,
// in smallest units of the sum that is shared.
type Contribution struct {
	Paid domain.Units
	Back domain.Units
}

// PariPassu shares a sum. The shares are whole units, by largest remainder
// with ties to the earlier, and sum to what was shared out. Nobody receives
// more than he has lost (paid less back); what is left over when all losses
// are made good is answered as well.
func PariPassu(sum domain.Units, basis Basis, all []Contribution) (shares []domain.Units, left domain.Units, err error) {
	if sum.Sign() < 0 || (basis != Gross && basis != Net && basis != RisingTide) {
		return nil, domain.Units{}, domain.Usage("pari passu shares a sum of nothing or more by %s, %s or %s", Gross, Net, RisingTide)
	}
	lost := make([]domain.Units, len(all))
	total := domain.Units{}
	for i, c := range all {
		if c.Paid.Sign() < 0 || c.Back.Sign() < 0 {
			return nil, domain.Units{}, domain.Usage("a contribution is not below nothing")
		}
		lost[i] = c.Paid.Minus(c.Back.Min(c.Paid))
		if total, err = total.Add(lost[i]); err != nil {
			return nil, domain.Units{}, err
		}
	}
	if !sum.Less(total) {
		return lost, sum.Minus(total), nil
	}
	return whole(sum, fill(sum, basis, all, lost), lost), domain.Units{}, nil
}

// fill finds the exact shares: each rises with the water's level until his
// loss is made good. A victim's share at a level is weight × level less what
// he starts with, never below nothing and never above his loss.
func fill(sum domain.Units, basis Basis, all []Contribution, lost []domain.Units) []*big.Rat {
	vessels := make([]vessel, len(all))
	var levels []*big.Rat
	for i, c := range all {
		vessels[i] = vesselOf(basis, c, lost[i])
		if vessels[i].weight.Sign() > 0 {
			levels = append(levels, vessels[i].level(new(big.Rat)), vessels[i].level(vessels[i].most))
		}
	}
	slices.SortFunc(levels, (*big.Rat).Cmp)
	goal := new(big.Rat).SetInt(sum.Big())
	low := new(big.Rat)
	for _, level := range levels {
		if volume(vessels, level).Cmp(goal) >= 0 {
			return sharesAt(vessels, between(vessels, low, level, goal))
		}
		low = level
	}
	return sharesAt(vessels, low)
}

// vessel is how one victim's share rises.
type vessel struct {
	weight, start, most *big.Rat
}

func vesselOf(basis Basis, c Contribution, lost domain.Units) vessel {
	v := vessel{new(big.Rat).SetInt(c.Paid.Big()), new(big.Rat), new(big.Rat).SetInt(lost.Big())}
	switch basis {
	case Net:
		v.weight = v.most
	case RisingTide:
		v.start = new(big.Rat).SetInt(c.Back.Big())
	}
	return v
}

// level is the one at which the share is so much.
func (v vessel) level(share *big.Rat) *big.Rat {
	sum := new(big.Rat).Add(share, v.start)
	return sum.Quo(sum, v.weight)
}

func (v vessel) share(level *big.Rat) *big.Rat {
	share := new(big.Rat).Mul(v.weight, level)
	share.Sub(share, v.start)
	switch {
	case share.Sign() < 0:
		return new(big.Rat)
	case share.Cmp(v.most) > 0:
		return v.most
	}
	return share
}

func volume(vessels []vessel, level *big.Rat) *big.Rat {
	sum := new(big.Rat)
	for _, v := range vessels {
		sum.Add(sum, v.share(level))
	}
	return sum
}

// between finds the level of a volume where it rises evenly from low to high.
func between(vessels []vessel, low, high, goal *big.Rat) *big.Rat {
	from, to := volume(vessels, low), volume(vessels, high)
	if from.Cmp(to) == 0 {
		return high
	}
	part := new(big.Rat).Sub(goal, from)
	part.Quo(part, to.Sub(to, from))
	part.Mul(part, new(big.Rat).Sub(high, low))
	return part.Add(part, low)
}

func sharesAt(vessels []vessel, level *big.Rat) []*big.Rat {
	shares := make([]*big.Rat, len(vessels))
	for i, v := range vessels {
		shares[i] = v.share(level)
	}
	return shares
}

// whole rounds exact shares to whole units by largest remainder, ties to the
// earlier, so that they sum to the sum. No share passes its loss, which is
// whole, since only a fraction is rounded up.
func whole(sum domain.Units, exact []*big.Rat, lost []domain.Units) []domain.Units {
	shares := make([]domain.Units, len(exact))
	rests := make([]*big.Rat, len(exact))
	order := make([]int, len(exact))
	left := sum
	for i, share := range exact {
		floor := new(big.Int).Quo(share.Num(), share.Denom())
		shares[i] = unitsBelow(floor, lost[i])
		rests[i] = new(big.Rat).Sub(share, new(big.Rat).SetInt(floor))
		left = left.Minus(shares[i])
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return rests[b].Cmp(rests[a]) })
	for _, i := range order {
		if left.Sign() > 0 && rests[i].Sign() > 0 {
			shares[i] = shares[i].Plus(domain.NewUnits(1))
			left = left.Minus(domain.NewUnits(1))
		}
	}
	return shares
}

// unitsBelow gives an integer that is known not to pass a count of units.
func unitsBelow(n *big.Int, most domain.Units) domain.Units {
	if n.Cmp(most.Big()) >= 0 {
		return most
	}
	low := new(big.Int).And(n, new(big.Int).SetUint64(^uint64(0)))
	return domain.UnitsFromWords(new(big.Int).Rsh(n, 64).Int64(), low.Uint64())
}
