package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/eventstore"
)

// errTorn stands for a statement that fails in the middle of a group.
var errTorn = errors.New("torn")

// sight is a log under a follower who keeps what he was given.
type sight struct {
	own, other *Store // the other is as another process: it shares nothing but the file
	seen       []eventstore.Record
	appended   int
}

// drawAppend is an append of events with and without fast blocks, in buffers
// that are used again as soon as it is answered.
func (s *sight) drawAppend(t *rapid.T) (a eventstore.Append, spoil func()) {
	s.appended++
	a = eventstore.Append{
		Actor: rapid.SampledFrom([]string{"insp.lind", "insp.berg"}).Draw(t, "actor"), Now: time.UnixMicro(int64(s.appended)),
		Correlation: rapid.SampledFrom([]string{"", "01K0IMPORT"}).Draw(t, "correlation"), Causation: rapid.SampledFrom([]string{"", "01K0CAUSE"}).Draw(t, "causation"),
	}
	if rapid.Bool().Draw(t, "keyed") {
		a.Key, a.Request = fmt.Sprint("key-", s.appended), []byte("{}")
	}
	buffer := fmt.Appendf(nil, "body and block of append %d", s.appended)
	for range rapid.SampledFrom([]int{1, 1, 2, 30, 1100}).Draw(t, "events") {
		e := eventstore.Event{Stream: rapid.SampledFrom([]string{"case/C1", "case/C2"}).Draw(t, "stream"), Kind: "k.v1", Body: buffer}
		if len(a.Events)%3 > 0 {
			e.Fast = buffer[len(a.Events)%9:]
		}
		a.Events = append(a.Events, e)
	}
	return a, func() { clear(buffer) }
}

func (s *sight) append(t *rapid.T, to *Store) {
	a, spoil := s.drawAppend(t)
	defer spoil()
	if _, err := to.Append(context.Background(), a); err != nil {
		t.Fatal(err)
	}
}

// refused appends what does not hold: nothing of it may be seen.
func (s *sight) refused(t *rapid.T) {
	a, spoil := s.drawAppend(t)
	defer spoil()
	a.Expect = []eventstore.Expectation{{Stream: "case/C1", Version: 1 << 40}}
	var stale *eventstore.VersionConflict
	if _, err := s.own.Append(context.Background(), a); !errors.As(err, &stale) {
		t.Fatal(err)
	}
}

// torn has an append in a group that is taken back as a whole.
func (s *sight) torn(t *rapid.T) {
	a, spoil := s.drawAppend(t)
	defer spoil()
	for _, err := range inOneGroup(s.own, &task{append: &a}, &task{work: func(*conn) error { return errTorn }}) {
		if !errors.Is(err, errTorn) {
			t.Fatal("a failed group is answered with", err)
		}
	}
}

// inOneGroup has tasks committed together: the first of the group waits until
// all stand in line.
func inOneGroup(s *Store, tasks ...*task) (answers []error) {
	stand := make(chan struct{})
	all := append([]*task{{work: func(*conn) error { <-stand; return nil }}}, tasks...)
	for _, t := range all {
		t.answer = make(chan answer, 1)
		s.writer.stand(t)
	}
	close(stand)
	for _, t := range all {
		a := <-t.answer
		answers = append(answers, a.err)
	}
	return answers
}

// follow reads on from where the follower stands, and writes into what he is
// given, as he may.
func (s *sight) follow(t rapid.TB) {
	for batch, err := range s.own.Replay(context.Background(), uint64(len(s.seen))) {
		if err != nil {
			t.Fatal(err)
		}
		for i := range batch {
			r := &batch[i]
			kept := *r
			kept.Body, kept.Fast = bytes.Clone(r.Body), bytes.Clone(r.Fast)
			s.seen = append(s.seen, kept)
			clear(r.Body)
			clear(r.Fast)
			*r = eventstore.Record{}
		}
	}
}

// check compares what was seen with what the file says, read by another.
func (s *sight) check(t rapid.TB) {
	var want []eventstore.Record
	for {
		page, err := s.other.Read(context.Background(), uint64(len(want)), 1000)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, page...)
		if len(page) < 1000 {
			break
		}
	}
	if len(s.seen) != len(want) {
		t.Fatalf("%d records were seen, and there are %d", len(s.seen), len(want))
	}
	for i := range want {
		if len(want[i].Fast) > 0 {
			want[i].Body = nil
		}
		if got := s.seen[i]; !bytes.Equal(eventstore.Encode(got), eventstore.Encode(want[i])) || !got.RecordedAt.Equal(want[i].RecordedAt) || got.RecordedAt.Location() != time.UTC {
			t.Fatalf("record %d was seen as %+v and is %+v", i+1, got, want[i])
		}
	}
}

// again opens the log a second time, as another process would.
func again(t *testing.T, s *Store) *Store {
	t.Helper()
	other, err := Open(context.Background(), s.path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close() })
	return other
}

// A follower by Replay sees what stands in the file, whoever appended it,
// whatever failed in between, and however far he was behind.
func TestAFollowerSeesWhatReadSees(t *testing.T) {
	remembered := 0
	rapid.Check(t, func(r *rapid.T) {
		s := &sight{own: newLog(t)}
		s.other = again(t, s.own)
		defer func() { s.own.Close(); s.other.Close() }()
		r.Repeat(map[string]func(*rapid.T){
			"append":           func(r *rapid.T) { s.append(r, s.own) },
			"append again":     func(r *rapid.T) { s.append(r, s.own) },
			"another appends":  func(r *rapid.T) { s.append(r, s.other) },
			"one is refused":   s.refused,
			"a group fails":    s.torn,
			"follow":           func(r *rapid.T) { s.follow(r) },
			"begin anew":       func(r *rapid.T) { s.seen = nil; s.follow(r) },
			"begin in between": func(r *rapid.T) { s.seen = s.seen[:rapid.IntRange(0, len(s.seen)).Draw(r, "at")]; s.follow(r) },
		})
		remembered += s.own.writer.ledger.recent.committed.events
		s.follow(r)
		s.check(r)
	})
	if remembered == 0 {
		t.Error("nothing was ever remembered, so nothing was tried")
	}
}

// The same while all of them are at it at once.
func TestAFollowerAmongManyWriters(t *testing.T) {
	s := &sight{own: newLog(t)}
	s.other = again(t, s.own)
	var writers sync.WaitGroup
	for client := range 6 {
		writers.Go(func() {
			log := []*Store{s.own, s.own, s.other}[client%3]
			for i := range 25 {
				a := usual(1 + i*client)
				if _, err := log.Append(context.Background(), *a); err != nil && !errors.Is(err, errTorn) { // beside one that fails
					t.Error(err)
				}
				if client == 1 && i%5 == 0 {
					inOneGroup(s.own, &task{append: usual(10)}, &task{work: func(*conn) error { return errTorn }})
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true
		case <-time.After(time.Millisecond):
		}
		s.follow(t)
	}
	s.check(t)
}

// positions is how many records a replay after a position gives, read by
// nobody else.
func positions(t *testing.T, s *Store) (n int) {
	t.Helper()
	for batch, err := range s.Replay(context.Background(), 0) {
		if err != nil {
			t.Error(err)
		}
		n += len(batch)
	}
	return n
}

// Within the group nothing of it is replayed, not even when its rows are all
// written; after the commit it is, from memory.
func TestNothingIsReplayedBeforeItsCommit(t *testing.T) {
	s := newLog(t)
	appendSome(t, s, 3)
	within := -1
	errs := inOneGroup(s, &task{append: usual(100)}, &task{work: func(*conn) error { within = positions(t, s); return nil }})
	if err := errors.Join(errs...); err != nil || within != 3 {
		t.Errorf("before the commit %d records are replayed: %v", within, err)
	}
	var c copied
	if got := len(s.writer.ledger.recent.after(3, &c)); got != 100 {
		t.Errorf("after the commit %d records are remembered", got)
	}
}

// What a failure leaves in doubt is not told from memory: the file decides.
func TestAFailureForgetsWhatWasRemembered(t *testing.T) {
	for name, failure := range map[string]error{"a statement": errTorn, "a sync": fault(eventstore.ErrDisk, "", "sync", "")} {
		s := newLog(t)
		appendSome(t, s, 3)
		for _, err := range inOneGroup(s, &task{append: usual(100)}, &task{work: func(*conn) error { return failure }}) {
			if err == nil {
				t.Errorf("%s failed and somebody was told that all is well", name)
			}
		}
		if f := s.writer.ledger.recent; f.committed.events != 0 || len(f.staged.parts) != 0 {
			t.Errorf("%s failed and %d events are remembered", name, f.committed.events)
		}
		if n := positions(t, s); n != 3 {
			t.Errorf("%s failed and %d records are replayed", name, n)
		}
	}
}

func TestAnothersCommitForgetsWhatWasRemembered(t *testing.T) {
	s := newLog(t)
	other := again(t, s)
	appendSome(t, s, 3)
	appendSome(t, other, 4)
	appendSome(t, s, 5)
	if got := s.writer.ledger.recent.committed; got.events != 5 || got.parts[0].first != 8 {
		t.Errorf("%d events are remembered, from %d", got.events, got.parts[0].first)
	}
	if n := positions(t, s); n != 12 {
		t.Errorf("%d records are replayed", n)
	}
}

// What is remembered stays within its bounds, and is nothing at all where
// nobody follows.
func TestWhatIsRememberedIsBounded(t *testing.T) {
	f := &recent{}
	var position uint64
	record := func(n, size int) {
		rows := make([]row, n)
		for i := range rows {
			position++
			rows[i] = row{position: position, event: &eventstore.Event{Stream: "s", Kind: "k", Body: make([]byte, size)}}
		}
		f.stage(rows, &eventstore.Record{})
		f.publish()
	}
	var c copied
	for range 30 {
		record(3000, 10)
		f.after(0, &c) // somebody far behind, who reads the file
	}
	if n := f.committed.events; n > recentEvents || n < recentEvents-3000 {
		t.Errorf("%d events", n)
	}
	for range 100 {
		record(1, 1<<20)
		f.after(0, &c)
	}
	if n := f.committed.size; n > recentBytes || n < recentBytes-2<<20 {
		t.Errorf("%d bytes", n)
	}
	record(1, recentBytes)
	record(1, 1)
	if n := f.committed.events; n != 1 {
		t.Errorf("%d events are remembered across one that is too large", n)
	}
	if got := f.after(position-1, &c); len(got) != 1 || got[0].Position != position {
		t.Errorf("the last record comes as %+v", got)
	}
	if f.after(position, &c); f.committed.size != 0 || f.committed.events != 0 {
		t.Errorf("all was read, and %d events are remembered", f.committed.events)
	}
	record(recentEvents, 1)
	record(1, 1)
	if len(f.committed.parts) != 0 || f.followed() {
		t.Errorf("nobody follows, and %d events are remembered", f.committed.events)
	}
	f.after(position, &c)
	record(7, 1)
	if n := f.committed.events; n != 7 {
		t.Errorf("somebody follows again, and %d events are remembered", n)
	}
}

// A follower makes no segments of what he was given from memory; the first
// rebuild that reads it from the file does, and gives the same.
func TestTheFirstRebuildMakesTheSegments(t *testing.T) {
	s := newLog(t)
	f := &sight{own: s, other: s}
	for range 3 {
		appendSome(t, s, 800)
		f.follow(t)
	}
	f.check(t)
	want := f.seen
	if n := segments(t, s); n != 0 {
		t.Errorf("%d segments", n)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = again(t, s)
	for range 2 {
		sameRecords(t, want, replayOf(t, s))
		if n := segments(t, s); n != 2 {
			t.Errorf("%d segments", n)
		}
	}
}

// A log that is closed gives nothing from memory either.
func TestAClosedLogRemembersNothing(t *testing.T) {
	s := newLog(t)
	appendSome(t, s, 3)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for batch, err := range s.Replay(context.Background(), 0) {
		if !errors.Is(err, eventstore.ErrClosed) {
			t.Errorf("%d records, %v", len(batch), err)
		}
	}
	if s.writer.ledger.recent.committed.events > 0 {
		t.Error("it is still in memory")
	}
}
