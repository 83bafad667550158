package projections

import (
	"context"
	"slices"

	"clew/domain"
	"clew/tracing"
)

// Comparison is a case under every rule that has numbers, side by side.
type Comparison struct {
	Case     domain.CaseID
	Position uint64
	Lock     *domain.RuleLocked
	Ledgers  []*Ledger // in the order of tracing.Rules, without poison
	Spreads  []Spread  // by victim, then asset
}

// Spread is the least and the most that a victim's money comes to over the
// rules: what of it can still be stopped, or has been.
type Spread struct {
	Victim   domain.VictimID
	Asset    domain.Asset
	Reported domain.Units
	ByRule   []Reach
	Least    Reach
	Most     Reach
}

// Reach is what one rule finds recoverable.
type Reach struct {
	Rule        tracing.Rule
	Recoverable domain.Units
}

// Compare walks a case under every rule. Ask.Rule is not looked at.
func (v *Views) Compare(ctx context.Context, a Ask) (*Comparison, error) {
	upto, err := v.resolve(ctx, a)
	if err != nil {
		return nil, err
	}
	c := &Comparison{Case: a.Case, Position: upto}
	a.Upto = upto
	for _, rule := range tracing.Rules() {
		if rule.Rule == tracing.Poison {
			continue
		}
		a.Rule = rule.Rule
		ledger, err := v.Ledger(ctx, a)
		if err != nil {
			return nil, err
		}
		c.Lock = ledger.Lock
		c.Ledgers = append(c.Ledgers, ledger)
	}
	c.Spreads = spreads(c.Ledgers)
	return c, nil
}

// spreads lays the ledgers beside one another. All have the same rows: what a
// victim reported does not depend on the rule.
func spreads(ledgers []*Ledger) []Spread {
	var list []Spread
	for i, row := range ledgers[0].Rows {
		s := Spread{Victim: row.Victim, Asset: row.Asset, Reported: row.Reported}
		for _, ledger := range ledgers {
			s.ByRule = append(s.ByRule, Reach{ledger.Rule, ledger.Rows[i].Recoverable()})
		}
		least := func(a, b Reach) int { return a.Recoverable.Cmp(b.Recoverable) }
		s.Least, s.Most = slices.MinFunc(s.ByRule, least), slices.MaxFunc(s.ByRule, least)
		list = append(list, s)
	}
	return list
}
