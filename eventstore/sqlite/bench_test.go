package sqlite_test

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"clew/eventstore"
	"clew/eventstore/sqlite"
)

func openNew(t testing.TB) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "clew.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// batchOf is what an import appends: bodies and fast blocks of the usual size.
func batchOf(n int) eventstore.Append {
	a := eventstore.Append{Actor: "insp.lind", Now: time.Now(), Correlation: "01K0IMPORT0000000000000000"}
	body := bytes.Repeat([]byte("b"), 470)
	for range n {
		a.Events = append(a.Events, eventstore.Event{Stream: "case/C1", Kind: "transfer.observed.v1", Body: body, Fast: body[:205]})
	}
	return a
}

// BenchmarkAppend gives the durable events per second by size of batch.
func BenchmarkAppend(b *testing.B) {
	for _, size := range []int{1, 100, 1_000, 10_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			s, a := openNew(b), batchOf(size)
			for b.Loop() {
				if _, err := s.Append(context.Background(), a); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(size)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkClients gives the events per second of clients that append one
// event each and wait for it: group commit against one client alone.
func BenchmarkClients(b *testing.B) {
	for _, clients := range []int{1, 64, 512} {
		b.Run(fmt.Sprint(clients), func(b *testing.B) {
			s, a := openNew(b), batchOf(1)
			b.SetParallelism(clients / 2) // of two processors
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if _, err := s.Append(context.Background(), a); err != nil {
						b.Error(err)
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkRead gives the records per second, each with its leaf checked.
func BenchmarkRead(b *testing.B) {
	s := openNew(b)
	for range 50 {
		if _, err := s.Append(context.Background(), batchOf(1_000)); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		for after := uint64(0); after < 50_000; after += 1_000 {
			if page, err := s.Read(context.Background(), after, 1_000); err != nil || len(page) != 1_000 {
				b.Fatal(len(page), err)
			}
		}
	}
	b.ReportMetric(50_000*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkReplay gives the records per second that a replay hands out: the
// first makes the segments, the others read them.
func BenchmarkReplay(b *testing.B) {
	const records = 100_000
	s := openNew(b)
	for range records / 10_000 {
		if _, err := s.Append(context.Background(), batchOf(10_000)); err != nil {
			b.Fatal(err)
		}
	}
	replay := func(b *testing.B) {
		n := 0
		for batch, err := range s.Replay(context.Background(), 0) {
			if err != nil {
				b.Fatal(err)
			}
			n += len(batch)
		}
		if n != records {
			b.Fatal(n)
		}
	}
	start := time.Now()
	replay(b)
	first := time.Since(start)
	for b.Loop() {
		replay(b)
	}
	b.ReportMetric(records/first.Seconds(), "first-records/s")
	b.ReportMetric(records*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
