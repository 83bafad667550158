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
	Ledgers  []*Ledger               // in the order of tracing.Rules, without poison
	Spreads  []Spread                // by victim, then asset
	Accounts []tracing.AccountSpread // what each account may hold of the victims' money
}

// Spread is the least and the most that a victim's money comes to over the
// rules: what of it can still be stopped, or has been (tracing.Spread).
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
	assembly, err := v.assembled(ctx, a)
	if err != nil {
		return nil, err
	}
	key := traceKey{id: a.Case, upto: assembly.Position, at: a.At.UTC()}
	walked, err := v.comparisons.get(ctx, key, func() (*tracing.Comparison, error) {
		walked, err := tracing.Compare(assembly.input("", a))
		return &walked, err
	})
	if err != nil {
		return nil, err
	}
	c := &Comparison{Case: a.Case, Position: assembly.Position, Lock: assembly.File.Lock, Accounts: walked.Accounts}
	for _, answer := range walked.Answers {
		if answer.Rule == tracing.Poison {
			continue
		}
		ledger, err := v.ledger(ctx, traced(assembly, a, answer))
		if err != nil {
			return nil, err
		}
		c.Ledgers = append(c.Ledgers, ledger)
	}
	for i, victim := range walked.Victims {
		c.Spreads = append(c.Spreads, spread(victim, c.Ledgers[0].Rows[i].Reported))
	}
	return c, nil
}

// spread names the rules that give the least and the most.
func spread(v tracing.Spread, reported domain.Units) Spread {
	s := Spread{Victim: v.Victim, Asset: v.Asset, Reported: reported}
	for _, under := range v.Recoverable {
		s.ByRule = append(s.ByRule, Reach{under.Rule, under.Units})
	}
	smaller := func(a, b Reach) int { return a.Recoverable.Cmp(b.Recoverable) }
	s.Least, s.Most = slices.MinFunc(s.ByRule, smaller), slices.MaxFunc(s.ByRule, smaller)
	return s
}
