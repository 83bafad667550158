package projections

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"clew/domain"
	"clew/eventstore"
)

// largeLog has one case of n transfers among n/10 accounts, as a file that was
// imported in appends of 1,000.
func largeLog(b *testing.B, n int) *memoryLog {
	log := newLog()
	log.tell(b, "C1", domain.CaseOpened{Case: "C1", Title: "large"})
	m := paid("C1", "", "", "", "12.34")
	for i := range n {
		m.SourceID = fmt.Sprint("T", i)
		m.ID = domain.Identify("C1", m.Source, m.SourceID, [32]byte{}, 1)
		m.When = domain.Instant(start.Add(time.Duration(i) * time.Second))
		m.From, m.To = accountNo(i*7919%(n/10)), accountNo(i*104729%(n/10))
		event := domain.Observe(m)
		body, err := domain.EncodeEvent(event)
		if err != nil {
			b.Fatal(err)
		}
		r := eventstore.Record{Position: uint64(i) + 2, Stream: CaseStream("C1"), Version: uint64(i) + 2, Kind: event.Kind(), Actor: "ina",
			RecordedAt: start.Add(time.Duration(i/1000) * time.Second), Correlation: "import", Body: body, Fast: domain.EncodeFast(event)}
		copy(r.ID[:], fmt.Sprintf("%016d", i))
		log.records = append(log.records, r)
	}
	return log
}

func accountNo(i int) domain.AccountID { return domain.AccountID(fmt.Sprintf("iban:DE%020d", i)) }

func BenchmarkCatchUp(b *testing.B) {
	log := largeLog(b, 200_000)
	for b.Loop() {
		v, err := Open(context.Background(), filepath.Join(b.TempDir(), "views"), log)
		if err != nil {
			b.Fatal(err)
		}
		if err := v.CatchUp(context.Background()); err != nil {
			b.Fatal(err)
		}
		v.Close()
	}
	b.ReportMetric(float64(b.N)*200_000/b.Elapsed().Seconds(), "events/s")
}

func BenchmarkAssemble(b *testing.B) {
	log := largeLog(b, 200_000)
	v := see(b, log)
	if err := v.CatchUp(context.Background()); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		v.assemblies = newCache[assemblyKey, *Assembly](1)
		if _, err := v.Assemble(context.Background(), "C1", 200_001); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*200_000/b.Elapsed().Seconds(), "rows/s")
}

func BenchmarkKnown(b *testing.B) {
	log := largeLog(b, 200_000)
	v := see(b, log)
	if err := v.CatchUp(context.Background()); err != nil {
		b.Fatal(err)
	}
	var ids []domain.MovementID
	for i := range 1000 {
		ids = append(ids, domain.Identify("C1", "C1", fmt.Sprint("T", i*311), [32]byte{}, 1))
	}
	for b.Loop() {
		if _, err := v.Known(context.Background(), "C1", ids); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*1000/b.Elapsed().Seconds(), "ids/s")
}
