package tracing_test

import (
	"math/big"

	"clew/tracing"
)

// giveBack [10] walks a return.
func (o *oracle) giveBack(row tracing.Row) {
	pool := o.pool(row.From, row.Amount.Asset)
	pool.known = true
	o.pool(row.To, row.Amount.Asset).known = true
	o.out(pool)
	if row.Amount.Units.IsZero() {
		o.delivered[row.ID] = newDelivery(row.Amount.Asset, nil)
		return
	}
	amount, code := row.Amount.Units.Big(), tracing.WarnReturn
	delivery := o.delivered[row.Of]
	if delivery == nil || delivery.asset != row.Amount.Asset {
		delivery, code = &oracleDelivery{}, tracing.WarnReturnOf
	}
	var lots []oracleLot
	rest := whole(amount)
	for _, part := range o.shareOut(delivery, amount) {
		taken := o.takeOwner(pool, part.claim, part.units)
		for _, lot := range taken {
			rest = o.sub(rest, lot.units)
		}
		lots = append(lots, taken...)
	}
	if o.cmp(rest, grain) >= 0 {
		o.warn(code, row)
	}
	if rest.sign() > 0 {
		lots = append(lots, o.draw(row, pool, rest)...)
	} else if !o.exact() && o.allGone(pool.lots) {
		lots, pool.lots = append(lots, pool.lots...), nil // a draw that takes all there is [8]
	}
	o.deliver(row, lots)
}

// shareOut divides the returned amount over what the movement delivered and
// earlier returns have not taken, and sums it by claim in order of first
// appearance (own is one). What it has shared out counts as taken.
func (o *oracle) shareOut(delivery *oracleDelivery, amount *big.Int) []oracleLot {
	left := nothing()
	for _, units := range delivery.left {
		left = o.add(left, units)
	}
	if left.sign() == 0 {
		return nil
	}
	returned := o.min(whole(amount), left)
	var shares []fraction
	if o.exact() {
		top, bottom := o.ratio(returned, left)
		for _, units := range delivery.left {
			shares = append(shares, o.times(units, top, bottom))
		}
	} else {
		shares = o.shares(returned.floor(), delivery.left)
	}
	var parts []oracleLot
	for i, share := range shares {
		delivery.left[i] = o.sub(delivery.left[i], share)
		parts = o.addPart(parts, delivery.lots[i].claim, share)
	}
	return parts
}

func (o *oracle) addPart(parts []oracleLot, claim *oracleClaim, share fraction) []oracleLot {
	for i := range parts {
		if parts[i].claim == claim {
			parts[i].units = o.add(parts[i].units, share)
			return parts
		}
	}
	return append(parts, oracleLot{claim: claim, units: share})
}

// takeOwner takes a share from the lots of one claim (or from own lots), as
// far as they are still there, oldest first; under the exact rules an owner
// has one lot, and own money is taken from all its parts alike.
func (o *oracle) takeOwner(pool *oraclePool, claim *oracleClaim, share fraction) []oracleLot {
	mine := func(lot oracleLot) bool { return lot.claim == claim }
	if o.exact() && claim == nil {
		lots, _ := o.takeShare(pool, share, mine)
		return lots
	}
	var taken, rest []oracleLot
	for _, lot := range pool.lots {
		if !mine(lot) || share.sign() == 0 {
			rest = append(rest, lot)
			continue
		}
		part, left := o.cut(lot, o.min(share, lot.units))
		taken = append(taken, part)
		share = o.sub(share, part.units)
		if left.units.sign() > 0 {
			rest = append(rest, left)
		}
	}
	pool.lots = rest
	return taken
}
