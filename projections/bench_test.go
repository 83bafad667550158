package projections

import (
	"context"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/sqlite"
	"clew/testdata/networks"
)

// networkLog is a real log of one network, recorded as an import records it.
func networkLog(b *testing.B, transfers int) *sqlite.Store {
	b.Helper()
	store, err := sqlite.Open(context.Background(), filepath.Join(b.TempDir(), "clew.db"), sqlite.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	record(b, store, domain.CaseOpened{Case: networks.Case, Title: "a network"})
	var batch []domain.Event
	for m := range networks.Standard(transfers, 1_000).Movements() {
		if batch = append(batch, domain.Observe(m)); len(batch) == 8192 {
			record(b, store, batch...)
			batch = batch[:0]
		}
	}
	if len(batch) > 0 {
		record(b, store, batch...)
	}
	return store
}

func record(b *testing.B, store eventstore.Store, events ...domain.Event) {
	b.Helper()
	a := eventstore.Append{Actor: "ina", Now: start, Correlation: "import"}
	for _, e := range events {
		body, err := domain.EncodeEvent(e)
		if err != nil {
			b.Fatal(err)
		}
		a.Events = append(a.Events, eventstore.Event{Stream: CaseStream(networks.Case), Kind: e.Kind(), Body: body, Fast: domain.EncodeFast(e)})
	}
	if _, err := store.Append(context.Background(), a); err != nil {
		b.Fatal(err)
	}
}

// perEvent reports events a second, and the processor's time for each, which
// other work on the machine disturbs less.
func perEvent(b *testing.B, events int, began time.Duration) {
	b.ReportMetric(float64(b.N*events)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(processor(b)-began)/float64(b.N*events), "cpu-ns/event")
}

func processor(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func eachSize(b *testing.B, do func(b *testing.B, v *Views, events int)) {
	for _, n := range networks.Sizes() {
		b.Run("transfers="+networks.Short(n), func(b *testing.B) {
			store := networkLog(b, n)
			v, err := Open(context.Background(), store.Path()+".views", store)
			if err == nil {
				err = v.CatchUp(context.Background())
			}
			if err != nil {
				b.Fatal(err)
			}
			defer v.Close()
			head, err := store.Head(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			b.ResetTimer()
			do(b, v, int(head))
		})
	}
}

// BenchmarkRebuild fills all projections anew from the log.
func BenchmarkRebuild(b *testing.B) {
	eachSize(b, func(b *testing.B, v *Views, events int) {
		began := processor(b)
		for b.Loop() {
			if err := v.Rebuild(context.Background(), nil, nil); err != nil {
				b.Fatal(err)
			}
		}
		perEvent(b, events, began)
	})
}

// BenchmarkLoad makes a case ready for walking.
func BenchmarkLoad(b *testing.B) {
	eachSize(b, func(b *testing.B, v *Views, events int) {
		began := processor(b)
		for b.Loop() {
			v.assemblies = newCache[assemblyKey, *Assembly](1)
			if _, err := v.Assemble(context.Background(), networks.Case, uint64(events)); err != nil {
				b.Fatal(err)
			}
		}
		perEvent(b, events, began)
		b.ReportMetric(kept(b, v, uint64(events))/float64(events), "B/kept")
	})
}

// kept is how much memory an assembly keeps.
func kept(b *testing.B, v *Views, upto uint64) float64 {
	var with, without runtime.MemStats
	v.assemblies = newCache[assemblyKey, *Assembly](1)
	runtime.GC()
	runtime.ReadMemStats(&without)
	s, err := v.Assemble(context.Background(), networks.Case, upto)
	if err != nil {
		b.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&with)
	runtime.KeepAlive(s)
	return float64(with.HeapAlloc) - float64(without.HeapAlloc)
}

// BenchmarkCatchUp takes in one append of so many observations, as a person
// and as an import make them.
func BenchmarkCatchUp(b *testing.B) {
	for _, size := range []int{1, 8192} {
		b.Run("append="+networks.Short(size), func(b *testing.B) {
			store := networkLog(b, 0)
			v, err := Open(context.Background(), store.Path()+".views", store)
			if err != nil {
				b.Fatal(err)
			}
			defer v.Close()
			var used time.Duration
			for b.Loop() {
				b.StopTimer()
				var batch []domain.Event
				for m := range networks.Standard(size, 10).Movements() {
					batch = append(batch, domain.Observe(m))
				}
				record(b, store, batch...)
				b.StartTimer()
				began := processor(b)
				if err := v.CatchUp(context.Background()); err != nil {
					b.Fatal(err)
				}
				used += processor(b) - began
			}
			b.ReportMetric(float64(b.N*size)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(used)/float64(b.N*size), "cpu-ns/event")
		})
	}
}

// BenchmarkKnown asks for names as an import does, 8,192 at a time: those of a
// file that was imported before, and those of one that is new.
func BenchmarkKnown(b *testing.B) {
	eachSize(b, func(b *testing.B, v *Views, events int) {
		var again, fresh []domain.MovementID
		for m := range networks.Standard(8192, 1_000).Movements() {
			fresh = append(fresh, domain.Identify("another", m.Source, m.SourceID, [32]byte{}, 1))
		}
		for m := range networks.Standard(events-1, 1_000).Movements() {
			if again = append(again, m.ID); len(again) == 8192 {
				break
			}
		}
		for name, ids := range map[string][]domain.MovementID{"again": again, "new": fresh} {
			b.Run(name, func(b *testing.B) {
				began := processor(b)
				for b.Loop() {
					known, err := v.Known(context.Background(), networks.Case, ids)
					if err != nil || name == "again" && len(known) != len(ids) {
						b.Fatal(len(known), err)
					}
				}
				perEvent(b, len(ids), began)
			})
		}
	})
}
