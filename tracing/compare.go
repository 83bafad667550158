package tracing

import (
	"cmp"
	"slices"

	"clew/domain"
)

// Comparison is a case under every rule, side by side (TRACING, One rule for a
// case). Least and most are over the rules that make a ledger: all but poison.
type Comparison struct {
	Answers  []Answer // one a rule, in the order of Rules
	Victims  []Spread
	Accounts []AccountSpread
}

// Spread is what a victim may get under the rules. Recoverable is what of his
// claims has not been cashed out, lost to fees or a service, or gone
// unrecorded: at large, held or seized. What has been returned is his again
// and is not in it.
type Spread struct {
	Victim      domain.VictimID
	Asset       domain.Asset
	Recoverable []UnderRule
	Least, Most domain.Units
}

// AccountSpread is how much of the victims' money an account may hold.
type AccountSpread struct {
	Account     domain.AccountID
	Asset       domain.Asset
	Traced      []UnderRule
	Least, Most domain.Units
}

// UnderRule is an amount under one rule.
type UnderRule struct {
	Rule  Rule
	Units domain.Units
}

// Compare walks the case under every rule; the rule of the input does not
// matter. The first walk finds the order, the others follow it.
func Compare(in Input) (Comparison, error) {
	p, err := makePlan(in)
	if err != nil {
		return Comparison{}, err
	}
	var c Comparison
	var order []int32
	for i := range rules {
		w := newWalk(p, &rules[i])
		w.agenda.given = order
		if err := w.run(); err != nil {
			return Comparison{}, err
		}
		order = w.agenda.found
		c.Answers = append(c.Answers, w.show())
	}
	c.spreadVictims()
	c.spreadAccounts()
	return c, nil
}

// spreadVictims: the victims are the same under every rule, in the same order.
func (c *Comparison) spreadVictims() {
	for i, v := range c.Answers[0].Victims {
		spread := Spread{Victim: v.Victim, Asset: v.Asset}
		for _, answer := range c.ledgers() {
			spread.Recoverable = append(spread.Recoverable, UnderRule{answer.Rule, answer.Victims[i].recoverable()})
		}
		spread.Least, spread.Most = bounds(spread.Recoverable)
		c.Victims = append(c.Victims, spread)
	}
}

// recoverable is what might still be got back.
func (v Victim) recoverable() domain.Units {
	var sum domain.Units
	for _, place := range v.Places {
		if place.State == AtLarge || place.State == Held || place.State == Seized {
			sum = sum.Plus(place.Claim)
		}
	}
	return sum
}

// ledgers are the answers that are ledgers.
func (c *Comparison) ledgers() []Answer {
	var list []Answer
	for _, answer := range c.Answers {
		if answer.Rule != Poison {
			list = append(list, answer)
		}
	}
	return list
}

// spreadAccounts: an account that holds no traced money under a rule has
// nothing there under that rule.
func (c *Comparison) spreadAccounts() {
	type pool struct {
		account domain.AccountID
		asset   domain.Asset
	}
	ledgers := c.ledgers()
	traced := map[pool][]UnderRule{}
	for i, answer := range ledgers {
		for _, a := range answer.Accounts {
			key := pool{a.Account, a.Asset}
			if len(a.Traced) > 0 && traced[key] == nil {
				traced[key] = nothingUnder(ledgers)
			}
			for _, owner := range a.Traced {
				traced[key][i].Units = traced[key][i].Units.Plus(owner.Units)
			}
		}
	}
	for at, list := range traced {
		spread := AccountSpread{Account: at.account, Asset: at.asset, Traced: list}
		spread.Least, spread.Most = bounds(list)
		c.Accounts = append(c.Accounts, spread)
	}
	slices.SortFunc(c.Accounts, func(a, b AccountSpread) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Asset.Code, b.Asset.Code))
	})
}

// nothingUnder is nothing under every rule.
func nothingUnder(ledgers []Answer) []UnderRule {
	list := make([]UnderRule, len(ledgers))
	for i, answer := range ledgers {
		list[i].Rule = answer.Rule
	}
	return list
}

func bounds(list []UnderRule) (least, most domain.Units) {
	least, most = list[0].Units, list[0].Units
	for _, u := range list[1:] {
		least = least.Min(u.Units)
		if most.Less(u.Units) {
			most = u.Units
		}
	}
	return least, most
}
