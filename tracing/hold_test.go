package tracing_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/tracing"
)

// freezes adds random steps of holds to a network: on any account, at any
// time, in any order, for any sum.
func freezes(t *rapid.T, in tracing.Input) tracing.Input {
	var rows []tracing.Row
	for _, row := range in.Rows {
		if row.To != "" {
			rows = append(rows, row)
		}
	}
	if len(rows) == 0 {
		return in
	}
	where := make([]tracing.Row, 3)
	for i := range where {
		where[i] = rapid.SampledFrom(rows).Draw(t, "frozen")
	}
	for n := range rapid.IntRange(1, 12).Draw(t, "steps of holds") {
		hold := rapid.IntRange(0, len(where)-1).Draw(t, "hold")
		at, row := rapid.SampledFrom(rows).Draw(t, "when"), where[hold]
		step := rapid.SampledFrom([]domain.FreezeStep{domain.StepHold, domain.StepHold, domain.StepHold, domain.StepRelease, domain.StepExpire,
			domain.StepReturn, domain.StepSeize, domain.StepRestore, domain.StepTransfer}).Draw(t, "step")
		h := tracing.HoldStep{Freeze: fmt.Sprintf("C1/F%d", hold), Step: step, When: domain.Instant(at.When.End()), Position: uint64(1_000_000 + n),
			Account: row.To, Asset: row.Arrives().Asset, Scope: rapid.SampledFrom(domain.FreezeScopes()).Draw(t, "scope")}
		most, _ := row.Arrives().Units.Int64()
		h.Amount = domain.NewUnits(rapid.Int64Range(0, max(most, 1)).Draw(t, "sum"))
		if row.Victim != "" && rapid.Bool().Draw(t, "first") {
			h.Victims = []domain.VictimID{row.Victim}
		}
		if step == domain.StepReturn {
			h.To = at.To
		}
		in.Holds = append(in.Holds, h)
	}
	return in
}

// Whatever is held, released, returned, seized and restored: at every moment
// and under every rule each victim's places sum to what was his, each
// account's owners to its balance, and no more is held than is there.
func TestLedgersAddUpUnderHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := freezes(t, network(t))
		if len(in.Rows) > 0 && rapid.Bool().Draw(t, "at a moment") {
			in.At = rapid.SampledFrom(in.Rows).Draw(t, "at").When.End()
		}
		for _, rule := range everyRule {
			in.Rule = rule
			answer, err := tracing.Trace(in)
			if err != nil {
				t.Fatalf("%s: %v", rule, err)
			}
			if wrong := unbalanced(answer); wrong != "" {
				t.Fatalf("%s: %s", rule, wrong)
			}
		}
	})
}

// unbalanced says which sum of an answer does not hold, or nothing.
func unbalanced(a tracing.Answer) string {
	for _, v := range a.Victims {
		sum := v.Returned
		for _, p := range v.Places {
			sum = sum.Plus(p.Claim)
		}
		if sum != v.Own {
			return fmt.Sprintf("%s owns %s, and it lies at places of %s", v.Victim, v.Own, sum)
		}
	}
	for _, p := range a.Accounts {
		sum := p.Untraced
		for _, o := range p.Traced {
			sum = sum.Plus(o.Units)
		}
		if sum != p.Balance || p.Balance.Less(p.Held) || p.Held.Sign() < 0 {
			return fmt.Sprintf("%s has %s, of it %s held, and its owners sum to %s", p.Account, p.Balance, p.Held, sum)
		}
	}
	return ""
}

// A hold that names one payment reserves that payment's claim first, and not
// the victim's others: under every rule. (Under pro-rata and libr the claims
// of a victim were once kept as one, by the name of the first, and a hold that
// named another reserved everybody's in proportion.)
func TestAHoldNamesOnePaymentOfAVictim(t *testing.T) {
	paid := func(n int, victim domain.VictimID) tracing.Row {
		var r tracing.Row
		r.ID, r.Kind, r.Position = domain.MovementID(fmt.Sprint("m", n)), domain.Transfer, uint64(n)
		r.When = domain.Instant(time.Date(2024, 1, 1, n, 0, 0, 0, time.UTC))
		r.From, r.To, r.Victim = domain.AccountID("home of "+victim), "A", victim
		r.Amount = domain.Amount{Units: domain.NewUnits(100), Asset: coin}
		return r
	}
	in := tracing.Input{Rows: []tracing.Row{paid(1, "V1"), paid(2, "V2"), paid(3, "V1")}}
	in.Holds = []tracing.HoldStep{{Freeze: "C1/F1", Step: domain.StepHold, When: domain.Instant(time.Date(2024, 1, 1, 5, 0, 0, 0, time.UTC)), Position: 5,
		Account: "A", Asset: coin, Scope: domain.ScopeAmount, Amount: domain.NewUnits(100), Claims: []domain.MovementID{"m3"}}}
	for _, rule := range everyRule {
		if rule == tracing.Poison {
			continue
		}
		in.Rule = rule
		answer, err := tracing.Trace(in)
		if err != nil {
			t.Fatal(err)
		}
		held := map[domain.VictimID]domain.Units{}
		for _, v := range answer.Victims {
			for _, p := range v.Places {
				if p.State == tracing.Held {
					held[v.Victim] = p.Claim
				}
			}
		}
		if len(held) != 1 || held["V1"] != domain.NewUnits(100) {
			t.Errorf("%s: held of %v", rule, held)
		}
	}
}
