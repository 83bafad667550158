package sqlite

import (
	"bytes"
	"context"
	"path/filepath"
	"testing"
	"time"

	"clew/eventstore"
)

// usual is what an import appends: bodies and fast blocks of the usual size.
func usual(n int) *eventstore.Append {
	a := &eventstore.Append{Actor: "insp.lind", Now: time.Now(), Correlation: "01K0IMPORT0000000000000000"}
	body := bytes.Repeat([]byte("b"), 470)
	for range n {
		a.Events = append(a.Events, eventstore.Event{Stream: "case/C1", Kind: "transfer.observed.v1", Body: body, Fast: body[:205]})
	}
	return a
}

// BenchmarkSealing gives what hashing and the tree take of an append: the
// same events numbered and sealed, and nothing else.
func BenchmarkSealing(b *testing.B) {
	s, err := Open(context.Background(), filepath.Join(b.TempDir(), "clew.db"), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	const size = 10_000
	for name, do := range map[string]func(l *ledger, rows []row, r *eventstore.Record){
		"numbered":          func(*ledger, []row, *eventstore.Record) {},
		"numbered-and-seal": func(l *ledger, rows []row, r *eventstore.Record) { l.seal(rows, r) },
	} {
		b.Run(name, func(b *testing.B) {
			a := usual(size)
			l := &s.writer.ledger
			r := eventstore.Record{RecordedAt: a.Now, Actor: a.Actor, Correlation: a.Correlation}
			l.streams, l.kinds = map[string]*head{"case/C1": {id: 1}}, map[string]int64{"transfer.observed.v1": 1}
			for b.Loop() {
				l.forget()
				rows, err := l.number(a, r)
				if err != nil {
					b.Fatal(err)
				}
				do(l, rows, &r)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/size, "ns/event")
		})
	}
}
