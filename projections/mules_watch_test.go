package projections

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"clew/domain"
	"clew/indicators"
	"clew/testdata/networks"
)

// Whoever watches a case is told, movement by movement, what asking about its
// two accounts would say; whatever else is recorded is looked at afresh.
func TestAWatchTellsWhatAskingSays(t *testing.T) {
	ctx, log := context.Background(), newLog()
	log.tell(t, networks.Case, domain.CaseOpened{Case: networks.Case, Title: "Watched"})
	v := see(t, log)
	shape := networks.Standard(700, 5)
	shape.Days = 20
	all := slices.Collect(shape.Movements())
	for _, m := range all[:600] {
		log.tell(t, networks.Case, domain.Observe(m))
	}
	const name = "gather-scatter"
	watch, err := v.WatchMules(ctx, MulesAsk{Ask: Ask{Case: networks.Case}, Indicator: name})
	if err != nil {
		t.Fatal(err)
	}
	asked := func(accounts ...domain.AccountID) (list []indicators.Finding) {
		if err := v.CatchUp(ctx); err != nil {
			t.Fatal(err)
		}
		for _, account := range slices.Compact(slices.Sorted(slices.Values(accounts))) {
			found, err := v.Mules(ctx, MulesAsk{Ask: Ask{Case: networks.Case, Upto: Head}, Indicator: name, Account: account})
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, found.Findings...)
		}
		return list
	}
	told := 0
	for _, m := range all[600:] {
		log.tell(t, networks.Case, domain.Observe(m))
		sighting, err := watch.Next(ctx)
		if err != nil || sighting.Afresh {
			t.Fatal(sighting.Afresh, err)
		}
		told += len(sighting.Findings)
		if m.From != "" && fmt.Sprint(sighting.Findings) != fmt.Sprint(asked(m.From, m.To)) {
			t.Fatalf("told %v, asked %v", sighting.Findings, asked(m.From, m.To))
		}
	}
	if told == 0 {
		t.Error("nothing ever fired: this test shows nothing")
	}
	coerced := true
	for _, event := range []domain.Event{
		domain.AccountDescribed{Account: all[600].To, Coerced: &coerced},
		domain.MovementWithdrawn{Movement: all[600].ID, Reason: "entered twice"},
	} {
		log.tell(t, networks.Case, event)
		if sighting, err := watch.Next(ctx); err != nil || !sighting.Afresh || fmt.Sprint(sighting.Findings) != fmt.Sprint(asked("")) {
			t.Errorf("after %s: afresh %v, %v", event.Kind(), sighting.Afresh, err)
		}
	}
	log.tellIn(t, SettingStream, domain.IndicatorSet{Indicator: name, Threshold: "accounts", Was: 3, Now: 2, Reason: "a small place"})
	if sighting, err := watch.Next(ctx); err != nil || !sighting.Afresh || len(sighting.Findings) == 0 || sighting.Findings[0].Thresholds["accounts"] != 2 {
		t.Errorf("another threshold: %+v, %v", sighting, err)
	}
}

// BenchmarkAppendToFinding is one movement more in a case of a hundred
// thousand: from before it is appended to what then fires. The append syncs to
// disk; watching is what comes after.
func BenchmarkAppendToFinding(b *testing.B) {
	const size = 100_000
	ctx, store := context.Background(), networkLog(b, size)
	v, err := Open(ctx, store.Path()+".views", store)
	if err != nil {
		b.Fatal(err)
	}
	defer v.Close()
	watch, err := v.WatchMules(ctx, MulesAsk{Ask: Ask{Case: networks.Case}})
	if err != nil {
		b.Fatal(err)
	}
	more := slices.Collect(networks.Standard(size+3_000, 100).Movements())[size:]
	var whole, watching []time.Duration
	for b.Loop() {
		for _, m := range more {
			m.ID = domain.Identify("more", m.Source, m.SourceID, [32]byte{}, len(whole)+1)
			began := time.Now()
			record(b, store, domain.Observe(m))
			appended := time.Now()
			if _, err := watch.Next(ctx); err != nil {
				b.Fatal(err)
			}
			whole, watching = append(whole, time.Since(began)), append(watching, time.Since(appended))
		}
	}
	for name, list := range map[string][]time.Duration{"append-to-finding": whole, "watching": watching} {
		slices.Sort(list)
		b.ReportMetric(float64(list[len(list)/2].Microseconds()), name+"-median-µs")
		b.ReportMetric(float64(list[len(list)*99/100].Microseconds()), name+"-p99-µs")
	}
}
