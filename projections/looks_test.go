package projections

import (
	"context"
	"testing"

	"clew/tracing"
)

// However many freezes there are and at however many moments, their case is
// walked a few times for all of them, and read once for what passed through
// their accounts; under every rule they find what a walk to that moment finds.
func TestACaseIsWalkedAFewTimesForAllItsHolds(t *testing.T) {
	ctx := context.Background()
	log, _ := slowHold(t)
	views := see(t, log)
	head, err := views.position(ctx, Head)
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range tracing.Rules() {
		l := newLooks(views, Ask{Rule: rule.Rule, Upto: head})
		wanted := []poolKey{{"M", eur}, {"N", eur}, {"nobody's", eur}}
		for _, key := range wanted {
			l.wanted[key] = true
		}
		for _, key := range wanted {
			for n := 38; n < 72; n++ {
				at := minute(n).Time
				found, err := l.at(ctx, look{"C1", at}, key)
				if err != nil {
					t.Fatal(err)
				}
				walked, err := views.Trace(ctx, Ask{Case: "C1", Rule: rule.Rule, Upto: head, At: at})
				if err != nil {
					t.Fatal(err)
				}
				if pool := poolAt(walked, key.account, key.asset); found != (inPool{pool.Balance, tracedOf(pool)}) {
					t.Errorf("%s, %s at minute %d: %v, not %v", rule.Rule, key.account, n, found, pool)
				}
			}
		}
		whole := wholeUnits(rule.Rule) == rule.Rule
		if walks := l.walks["C1"]; (l.indexes["C1"] != nil) != whole || whole && walks != fewMoments {
			t.Errorf("%s: walked %d times, and the index is %v", rule.Rule, walks, l.indexes["C1"] != nil)
		}
		if _, err := l.passages(ctx, "C1"); err != nil {
			t.Fatal(err)
		}
		views.answers, views.indexes = newCache[traceKey, *tracing.Answer](1), newCache[traceKey, *tracing.Index](1)
		views.assemblies = newCache[assemblyKey, *Assembly](1)
		gone, cancel := context.WithCancel(ctx)
		cancel() // nobody can be asked any more
		if found, err := l.at(gone, look{"C1", minute(45).Time}, wanted[0]); err != nil || found.balance.IsZero() {
			t.Errorf("%s, asked again: %v, %v", rule.Rule, found, err)
		}
		if passed, err := l.passages(gone, "C1"); err != nil || len(passed[wanted[0]]) == 0 {
			t.Errorf("what passed through M: %v, %v", passed, err)
		}
	}
}
