package main

import (
	"fmt"

	"clew/domain"

	"github.com/shopspring/decimal"
)

// decimalLot is money of one owner; "" is nobody's that is traced.
type decimalLot struct {
	owner  domain.VictimID
	amount decimal.Decimal
}

// decimalLots is first in, first out as one would write it first: for each
// account a slice of lots, taken from the front, amounts as decimals. A reported
// payment's money becomes its victim's; what an account pays beyond what it
// holds is nobody's. It knows no bare days, fees, returns, holds or homes.
type decimalLots map[domain.AccountID][]decimalLot

// decimalPayment is a movement with its amount as a decimal.
type decimalPayment struct {
	from, to domain.AccountID
	victim   domain.VictimID
	amount   decimal.Decimal
}

func decimalPayments(all []domain.Movement) []decimalPayment {
	list := make([]decimalPayment, len(all))
	for i, m := range all {
		list[i] = decimalPayment{m.From, m.To, m.Victim, m.Amount.Decimal()}
	}
	return list
}

func (d decimalLots) pay(p decimalPayment) {
	drawn, left := d.draw(p.from, p.amount)
	for _, lot := range drawn {
		d.put(p, lot.owner, lot.amount)
	}
	if left.IsPositive() {
		d.put(p, "", left)
	}
}

// draw takes lots from the front of an account, the last one perhaps in part,
// and says what it could not find there.
func (d decimalLots) draw(account domain.AccountID, amount decimal.Decimal) (drawn []decimalLot, left decimal.Decimal) {
	lots, left := d[account], amount
	for len(lots) > 0 && left.IsPositive() {
		part := decimal.Min(lots[0].amount, left)
		left = left.Sub(part)
		drawn = append(drawn, decimalLot{lots[0].owner, part})
		lots[0].amount = lots[0].amount.Sub(part)
		if lots[0].amount.IsZero() {
			lots = lots[1:]
		}
	}
	if account != "" {
		d[account] = lots
	}
	return drawn, left
}

// put gives the payee a lot, the victim's own if he has reported the payment.
func (d decimalLots) put(p decimalPayment, owner domain.VictimID, amount decimal.Decimal) {
	if p.victim != "" {
		owner = p.victim
	}
	d[p.to] = append(d[p.to], decimalLot{owner, amount})
}

func walkDecimals(payments []decimalPayment) (decimalLots, error) {
	d, in := decimalLots{}, decimal.Zero
	for _, p := range payments {
		d.pay(p)
		if p.from == "" {
			in = in.Add(p.amount)
		}
	}
	held := decimal.Zero
	for _, lots := range d {
		for _, lot := range lots {
			held = held.Add(lot.amount)
		}
	}
	if held.LessThan(in) {
		return nil, fmt.Errorf("%s came in and %s is held", in, held)
	}
	return d, nil
}
