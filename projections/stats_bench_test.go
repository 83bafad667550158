package projections

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/sqlite"
)

// manyCases is a real log of small cases: three victims each, who pay into two
// of four mules that pay one another and a cash machine, fifty movements in
// all; every second case is described, every tenth is in an operation.
func manyCases(b *testing.B, cases int) *sqlite.Store {
	b.Helper()
	store, err := sqlite.Open(context.Background(), filepath.Join(b.TempDir(), "clew.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	for c := range cases {
		id := domain.CaseID(fmt.Sprintf("C%04d", c))
		a := eventstore.Append{Actor: "ina", Now: start}
		for _, e := range smallCase(id, c) {
			body, err := domain.EncodeEvent(e)
			if err != nil {
				b.Fatal(err)
			}
			a.Events = append(a.Events, eventstore.Event{Stream: CaseStream(id), Kind: e.Kind(), Body: body, Fast: domain.EncodeFast(e)})
		}
		if _, err := store.Append(context.Background(), a); err != nil {
			b.Fatal(err)
		}
	}
	return store
}

func smallCase(id domain.CaseID, c int) []domain.Event {
	events := []domain.Event{domain.CaseOpened{Case: id, Title: "a case"}}
	for n := range 50 {
		from, to := fmt.Sprintf("mule %d of %s", n%4, id), fmt.Sprintf("mule %d of %s", (n+1)%4, id)
		if n%5 == 4 {
			to = "cash:ATM of " + string(id)
		}
		m := pay(id, n, from, to, fmt.Sprintf("%d.00", 10+n))
		if n < 9 {
			m = theft(id, n, fmt.Sprint("V", n%3), to, "100.00")
		}
		m.When = domain.Instant(start.AddDate(0, c%24, 0).Add(time.Duration(n) * time.Hour))
		events = append(events, domain.Observe(m))
	}
	for v := range 3 {
		events = append(events, domain.VictimRegistered{Victim: domain.VictimID(fmt.Sprint("V", v)), Category: domain.ScamTarget, Country: "DE"})
	}
	if c%2 == 0 {
		events = append(events, domain.ScamDescribed{Typology: "job", Lures: []domain.Lure{"platform"}, RunFrom: "MM", Source: "s"},
			domain.AccountDescribed{Account: domain.AccountID("mule 1 of " + string(id)), Country: "NL"})
	}
	if c%10 == 0 {
		events = append(events, domain.OperationJoined{Operation: "HARBOUR", Source: "s"})
	}
	return events
}

// BenchmarkStats counts over a thousand cases. The control asks for the ledger
// of each, as a person would who adds them up by hand.
func BenchmarkStats(b *testing.B) {
	const cases = 1_000
	ctx, store := context.Background(), manyCases(b, cases)
	views, err := Open(ctx, filepath.Join(b.TempDir(), "views"), store)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { views.Close() })
	if err := views.CatchUp(ctx); err != nil {
		b.Fatal(err)
	}
	for _, table := range []struct {
		name  string
		count func() error
	}{
		{"control-ledgers", func() error { return everyLedger(ctx, views) }},
		{"losses", func() error { _, err := views.LossStats(ctx, "losses", StatsAsk{Per: "month"}); return err }},
		{"typologies", func() error { _, err := views.LossStats(ctx, "typologies", StatsAsk{}); return err }},
		{"corridors", func() error { _, err := views.CorridorStats(ctx, StatsAsk{}); return err }},
		{"operations", func() error { _, err := views.OperationStats(ctx, StatsAsk{}); return err }},
		{"centres", func() error { _, err := views.CentreStats(ctx, StatsAsk{}); return err }},
		{"notices", func() error { _, err := views.NoticeStats(ctx, StatsAsk{}); return err }},
	} {
		b.Run(table.name, func(b *testing.B) {
			began := processor(b)
			for b.Loop() {
				if err := table.count(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(processor(b)-began)/float64(b.N*cases)/1e3, "cpu-µs/case")
		})
	}
}

func everyLedger(ctx context.Context, views *Views) error {
	cases, err := views.Cases(ctx, Head)
	for _, c := range cases {
		if _, err := views.Ledger(ctx, Ask{Case: c.Case}); err != nil {
			return err
		}
	}
	return err
}
