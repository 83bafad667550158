package projections

import (
	"context"
	"testing"
	"time"

	"clew/domain"
	"clew/tracing"
)

// Whatever number of freezes was placed at one moment, its case is walked once
// for all of them, and read once for what passed through their accounts.
func TestAMomentIsWalkedOnceForAllItsHolds(t *testing.T) {
	ctx := context.Background()
	log, _ := slowHold(t)
	views := see(t, log)
	head, err := views.position(ctx, Head)
	if err != nil {
		t.Fatal(err)
	}
	l := newLooks(views, Ask{Upto: head})
	for _, account := range []domain.AccountID{"M", "N"} {
		l.wanted[poolKey{account, eur}] = true
	}
	moment := look{"C1", time.Date(2024, 2, 1, 23, 0, 0, 0, time.UTC)}
	first, err := l.at(ctx, moment)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.passages(ctx, "C1"); err != nil {
		t.Fatal(err)
	}
	views.answers = newCache[traceKey, *tracing.Answer](1)
	views.assemblies = newCache[assemblyKey, *Assembly](1)
	gone, cancel := context.WithCancel(ctx)
	cancel() // nobody can be asked any more
	again, err := l.at(gone, moment)
	if err != nil || again[poolKey{"M", eur}] != first[poolKey{"M", eur}] || len(first) == 0 {
		t.Errorf("asked again: %v, %v, want %v", again, err, first)
	}
	if passed, err := l.passages(gone, "C1"); err != nil || len(passed[poolKey{"M", eur}]) == 0 {
		t.Errorf("what passed through M: %v, %v", passed, err)
	}
}
