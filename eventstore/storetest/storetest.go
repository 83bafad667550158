// Package storetest is what every event store has to pass. Each guarantee of
// package eventstore has a name and a check here; a store that keeps them all
// may hold the log, and one that breaks any may not. The suite itself is
// tested with a store whose faults have names: each must be caught.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t storetest.T) storetest.Harness {
//			path := filepath.Join(t.TempDir(), "clew.db")
//			return storetest.Harness{
//				Open: func() (eventstore.Store, error) { return sqlite.Open(ctx, path, sqlite.Options{}) },
//				…
//			}
//		})
//	}
//
// It refuses to be lenient: nothing is skipped because a store is slow or
// cannot be damaged from outside. A harness leaves out only what its store
// has no word for, such as a process to be killed for a store in memory.
package storetest

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"testing"
	"time"

	"clew/eventstore"
)

// T is the part of *testing.T that the checks need. The suite's own test
// gives another one, to see that faults are caught.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
	TempDir() string
}

// Harness is one log of the store under test, made anew for each guarantee.
type Harness struct {
	// Open opens the log, the same one each time. The first call makes it.
	Open func() (eventstore.Store, error)

	// OpenReadOnly opens the log for reading.
	OpenReadOnly func() (eventstore.Store, error)

	// Change changes one byte of a record's body behind the store's back,
	// and Remove takes the record out. No store is open meanwhile.
	Change func(position uint64) error
	Remove func(position uint64) error

	// ChangeEvidence changes one byte of a kept file.
	ChangeEvidence func(sha256 [32]byte) error

	// Appender is a process that opens the log and calls AppendUntilKilled
	// with its standard output. Nil if the log does not outlive a process.
	Appender func() *exec.Cmd

	// Kills is how often the guarantee against kill -9 kills it.
	Kills int
}

// Guarantee is one promise of package eventstore and how it is checked.
type Guarantee struct {
	Name  string
	Check func(t T, h Harness)
}

// Guarantees are all of them, in the order in which they are best read.
func Guarantees() []Guarantee {
	var all []Guarantee
	for _, some := range [][]Guarantee{appending(), expecting(), keys(), reading(), trees(), many(), evidence(), limits(), faults(), processes()} {
		all = append(all, some...)
	}
	return all
}

// Run checks every guarantee, each on a log of its own.
func Run(t *testing.T, start func(t T) Harness) {
	for _, g := range Guarantees() {
		t.Run(g.Name, func(t *testing.T) { g.Check(t, start(t)) })
	}
}

// open opens the log for one check and closes it at its end.
func (h Harness) open(t T) eventstore.Store {
	t.Helper()
	s, err := h.Open()
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// again closes a store and opens its log anew.
func (h Harness) again(t T, s eventstore.Store) eventstore.Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	return h.open(t)
}

// noon is when the checks' clock stands unless they move it.
func noon() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// events makes n events of a stream, each with a body of its own.
func events(stream string, n int) []eventstore.Event {
	made := make([]eventstore.Event, n)
	for i := range made {
		made[i] = eventstore.Event{Stream: stream, Kind: "note.made.v1", Body: fmt.Appendf(nil, `{"stream":%q,"n":%d}`, stream, i)}
	}
	return made
}

// plain is an append that nothing speaks against.
func plain(events ...eventstore.Event) eventstore.Append {
	return eventstore.Append{Events: events, Actor: "insp.lind", Now: noon()}
}

// must appends, which must hold.
func must(t T, s eventstore.Store, a eventstore.Append) eventstore.Receipt {
	t.Helper()
	r, err := s.Append(context.Background(), a)
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	return r
}

// pageSize is that of readAll: small, so that pages meet everywhere.
const pageSize = 7

// readAll reads the whole log in pages.
func readAll(t T, s eventstore.Store) (all []eventstore.Record) {
	t.Helper()
	for {
		page, err := s.Read(context.Background(), uint64(len(all)), pageSize)
		if err != nil {
			t.Fatalf("read after %d: %v", len(all), err)
		}
		all = append(all, page...)
		if len(page) < pageSize {
			return all
		}
	}
}

// head is the last position, which the log must be able to tell.
func head(t T, s eventstore.Store) uint64 {
	t.Helper()
	n, err := s.Head(context.Background())
	if err != nil {
		t.Fatalf("head: %v", err)
	}
	return n
}

// stands fails unless the log ends at a position, by its own word and by
// reading it.
func stands(t T, s eventstore.Store, want uint64) {
	t.Helper()
	if got := head(t, s); got != want {
		t.Errorf("the head is %d, and should be %d", got, want)
	}
	if got := len(readAll(t, s)); uint64(got) != want {
		t.Errorf("%d records are read, and %d were recorded", got, want)
	}
}

// sound fails unless the log is dense in positions and in every stream's
// versions, ids ascend and time does not run backwards.
func sound(t T, all []eventstore.Record) {
	t.Helper()
	versions := map[string]uint64{}
	for i, r := range all {
		versions[r.Stream]++
		if r.Position != uint64(i)+1 || r.Version != versions[r.Stream] {
			t.Fatalf("record %d has position %d, and version %d of %s instead of %d", i+1, r.Position, r.Version, r.Stream, versions[r.Stream])
		}
		if i == 0 {
			continue
		}
		if r.RecordedAt.Before(all[i-1].RecordedAt) {
			t.Fatalf("record %d is of %s, and the one before of %s", i+1, r.RecordedAt, all[i-1].RecordedAt)
		}
		if bytes.Compare(all[i-1].ID[:], r.ID[:]) >= 0 {
			t.Fatalf("record %d has id %s, and the one before %s", i+1, r.ID, all[i-1].ID)
		}
	}
}

// same fails unless two readings of a log are equal in every byte.
func same(t T, before, after []eventstore.Record) {
	t.Helper()
	if len(before) != len(after) {
		t.Fatalf("%d records were read, and now %d", len(before), len(after))
	}
	for i := range before {
		if !bytes.Equal(eventstore.Encode(before[i]), eventstore.Encode(after[i])) {
			t.Fatalf("record %d was %+v and is %+v", i+1, before[i], after[i])
		}
	}
}
