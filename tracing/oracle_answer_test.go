package tracing_test

import (
	"fmt"
	"maps"
	"math/big"
	"slices"

	"clew/domain"
	"clew/tracing"
)

// span is what a shown number may be: the exact value's two neighbours, which
// are one for a whole number.
func span(exact *big.Rat) (floor, ceil *big.Int) {
	floor, rest := new(big.Int).DivMod(exact.Num(), exact.Denom(), new(big.Int))
	if rest.Sign() == 0 {
		return floor, floor
	}
	return floor, new(big.Int).Add(floor, one)
}

// nearest rounds to the nearest unit, halves to even.
func nearest(exact *big.Rat) *big.Int {
	floor, ceil := span(exact)
	half := new(big.Rat).Sub(exact, new(big.Rat).SetInt(floor)).Cmp(big.NewRat(1, 2))
	if half > 0 || half == 0 && floor.Bit(0) == 1 {
		return ceil
	}
	return floor
}

// found keeps what was asked for: to reduce a long fraction takes time. It is
// read after the walk only, and nobody changes it.
type found struct {
	places map[oracleLoss]map[oraclePlace]*big.Rat
	owners map[oraclePlace]map[domain.VictimID]*big.Rat
}

// places is where a victim's claims of one asset lie, and how much of them.
func (o *oracle) places(loss oracleLoss) map[oraclePlace]*big.Rat {
	if o.found.places[loss] == nil {
		o.found.places[loss] = o.findPlaces(loss)
	}
	return o.found.places[loss]
}

func (o *oracle) findPlaces(loss oracleLoss) map[oraclePlace]*big.Rat {
	claims := map[oraclePlace]*big.Rat{}
	for place, pool := range o.pools {
		sum := nothing()
		for _, lot := range pool.lots {
			if lot.claim != nil && lot.claim.victim == loss.victim && lot.claim.asset == loss.asset {
				sum = o.add(sum, lot.worth)
			}
		}
		if sum.sign() > 0 {
			claims[place] = sum.rat()
		}
	}
	return claims
}

// owners is who has how much in a pool; "" is nobody's claim.
func (o *oracle) owners(place oraclePlace) map[domain.VictimID]*big.Rat {
	if o.found.owners[place] == nil {
		o.found.owners[place] = o.findOwners(place)
	}
	return o.found.owners[place]
}

func (o *oracle) findOwners(place oraclePlace) map[domain.VictimID]*big.Rat {
	sums := map[domain.VictimID]fraction{"": nothing()}
	if pool := o.pools[place]; pool != nil {
		for _, lot := range pool.lots {
			owner := domain.VictimID("")
			if lot.claim != nil {
				owner = lot.claim.victim
			}
			if _, ok := sums[owner]; !ok {
				sums[owner] = nothing()
			}
			sums[owner] = o.add(sums[owner], lot.units)
		}
	}
	owners := map[domain.VictimID]*big.Rat{}
	for owner, sum := range sums {
		owners[owner] = sum.rat()
	}
	return owners
}

func (o *oracle) unexplained(place oraclePlace) *big.Rat {
	sum := nothing()
	for _, lot := range o.pools[place].lots {
		if lot.claim == nil && lot.unexplained {
			sum = o.add(sum, lot.units)
		}
	}
	return sum.rat()
}

func total(parts map[domain.VictimID]*big.Rat) *big.Rat {
	sum := new(big.Rat)
	for _, part := range parts {
		sum.Add(sum, part)
	}
	return sum
}

// frontier: holds traced money, is no end, and no outgoing movement or balance
// is recorded after its last traced arrival (CONTRACT, JSON).
func (o *oracle) frontier(place oraclePlace) bool {
	pool := o.pools[place]
	holds := slices.ContainsFunc(pool.lots, func(lot oracleLot) bool { return lot.claim != nil && lot.units.sign() > 0 })
	return holds && !o.end(place.account) && pool.paid < pool.traced
}

func (o *oracle) state(account domain.AccountID) tracing.State {
	switch {
	case account == domain.SinkUnrecorded:
		return tracing.Unaccounted
	case account == domain.SinkFees:
		return tracing.Fees
	case o.kind(account) == domain.KindService:
		return tracing.AtService
	case o.end(account):
		return tracing.CashedOut
	}
	return tracing.AtLarge
}

// losses lists the victims with a payment that is more than an own transfer.
func (o *oracle) losses() []oracleLoss {
	var list []oracleLoss
	for loss, victim := range o.victims {
		if victim.reported.Sign() > 0 {
			list = append(list, loss)
		}
	}
	slices.SortFunc(list, func(a, b oracleLoss) int { return compareStrings(lossName(a), lossName(b)) })
	return list
}

func lossName(loss oracleLoss) string { return string(loss.victim) + "\x00" + string(loss.asset.Code) }

func placeName(place oraclePlace) string {
	return string(place.account) + "\x00" + string(place.asset.Code)
}

func compareStrings(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// sorted lists the pools by name, then asset.
func (o *oracle) sorted() []oraclePlace {
	return slices.SortedFunc(maps.Keys(o.pools), func(a, b oraclePlace) int {
		return compareStrings(placeName(a), placeName(b))
	})
}

// balanced checks the oracle's own sums: every victim's own money is returned
// or lies somewhere.
func (o *oracle) balanced() error {
	for loss, victim := range o.victims {
		sum := victim.returned.rat()
		for _, claim := range o.places(loss) {
			sum.Add(sum, claim)
		}
		if sum.Cmp(victim.own.rat()) != 0 {
			return fmt.Errorf("the oracle's sums fail for %v: own %v, found %v", loss, victim.own.rat(), sum)
		}
	}
	return nil
}
