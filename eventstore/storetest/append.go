package storetest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"clew/eventstore"
)

func appending() []Guarantee {
	return []Guarantee{
		{"an empty log ends at 0", emptyLog},
		{"positions are dense and an append's events are neighbours", densePositions},
		{"what is read is what was appended", readBack},
		{"an append over several streams is recorded whole or not at all", atomicStreams},
		{"recorded_at never runs backwards", clockBackwards},
		{"a caller that has ended records nothing", endedCaller},
		{"the log keeps its identity", identity},
		{"a closed log refuses", closedLog},
	}
}

func emptyLog(t T, h Harness) {
	s := h.open(t)
	stands(t, s, 0)
	version, err := s.Version(context.Background(), "case/C1")
	if err != nil || version != 0 {
		t.Errorf("a stream that is not there has version %d, %v", version, err)
	}
	page, err := s.ReadStream(context.Background(), "case/C1", 0, 10)
	if err != nil || len(page) != 0 {
		t.Errorf("it is read as %v, %v", page, err)
	}
	if s.ReadOnly() {
		t.Errorf("a log that was opened for writing says that it is read-only")
	}
}

func densePositions(t T, h Harness) {
	s, next := h.open(t), uint64(1)
	for round, sizes := range [][]int{{1, 2, 19}, {20, 21, 39}, {41, 1, 100}} {
		for _, n := range sizes {
			r := must(t, s, plain(events(fmt.Sprintf("case/C%d", n%3), n)...))
			if want := (eventstore.Receipt{First: next, Last: next + uint64(n) - 1}); r != want {
				t.Errorf("an append of %d gives %+v, and should give %+v", n, r, want)
			}
			next = r.Last + 1
		}
		if s = h.again(t, s); round == 2 {
			stands(t, s, next-1)
		}
	}
	all := readAll(t, s)
	sound(t, all)
	stream, err := s.ReadStream(context.Background(), "case/C1", 0, 1000)
	if version, e := s.Version(context.Background(), "case/C1"); err != nil || e != nil || version != uint64(len(stream)) || version == 0 {
		t.Errorf("the stream has version %d and %d records: %v, %v", version, len(stream), err, e)
	}
}

func readBack(t T, h Harness) {
	s := h.open(t)
	a := eventstore.Append{
		Actor: "Ægir Ström", Correlation: "import 7", Causation: "01K0CAUSE", Key: "k 1", Request: []byte(`{"x":1}`),
		Now: time.Date(2026, 11, 22, 13, 14, 15, 161718999, time.FixedZone("CET", 3600)),
		Events: []eventstore.Event{
			{Stream: "case/C1", Kind: "case.opened.v1", Body: []byte(`{"a":1}`), Fast: []byte{0, 1, 2, 255}},
			{Stream: "账户/ß", Kind: "note.made.v1", Body: []byte{0, 0xff, '\''}, Fast: []byte{}},
		},
	}
	must(t, s, a)
	for range 2 {
		all := readAll(t, s)
		if len(all) != len(a.Events) {
			t.Fatalf("%d records are read", len(all))
		}
		for i, r := range all {
			asAppended(t, r, a, i)
		}
		s = h.again(t, s)
	}
}

func asAppended(t T, r eventstore.Record, a eventstore.Append, i int) {
	t.Helper()
	want := eventstore.Record{
		Position: uint64(i) + 1, Stream: a.Events[i].Stream, Version: 1, ID: r.ID, Kind: a.Events[i].Kind,
		RecordedAt: a.Now.UTC().Truncate(time.Microsecond), Actor: a.Actor, Key: a.Key,
		Correlation: a.Correlation, Causation: a.Causation, Body: a.Events[i].Body, Fast: a.Events[i].Fast,
	}
	if string(eventstore.Encode(r)) != string(eventstore.Encode(want)) {
		t.Errorf("read back %+v, and it was %+v", r, want)
	}
	if r.RecordedAt != want.RecordedAt {
		t.Errorf("recorded at %v, and it should be UTC and whole microseconds: %v", r.RecordedAt, want.RecordedAt)
	}
	if len(r.Fast) == 0 && r.Fast != nil {
		t.Errorf("no fast block came back as an empty one")
	}
}

func atomicStreams(t T, h Harness) {
	s := h.open(t)
	must(t, s, plain(events("case/C2", 2)...))
	a := plain(append(events("case/C1", 30), events("case/C2", 30)...)...)
	a.Expect = []eventstore.Expectation{{Stream: "case/C1", Version: 0}, {Stream: "case/C2", Version: 1}}
	if _, err := s.Append(context.Background(), a); err == nil {
		t.Errorf("it was recorded although one of its streams had moved on")
	}
	stands(t, s, 2)
	a.Expect[1].Version = 2
	if r := must(t, s, a); r.First != 3 || r.Last != 62 {
		t.Errorf("it has positions %d to %d", r.First, r.Last)
	}
	sound(t, readAll(t, s))
}

func clockBackwards(t T, h Harness) {
	s := h.open(t)
	for i, after := range []time.Duration{0, time.Hour, time.Minute, -time.Hour, time.Hour + time.Nanosecond, 2 * time.Hour, 0} {
		a := plain(events("case/C1", 2)...)
		a.Now = noon().Add(after)
		must(t, s, a)
		if i == 3 {
			s = h.again(t, s)
		}
	}
	all := readAll(t, s)
	sound(t, all)
	if last := all[len(all)-1].RecordedAt; !last.Equal(noon().Add(2 * time.Hour)) {
		t.Errorf("the last record is of %s", last)
	}
	if third := all[4].RecordedAt; !third.Equal(noon().Add(time.Hour)) {
		t.Errorf("a clock behind the log gives %s, and not the time of the record before", third)
	}
}

func endedCaller(t T, h Harness) {
	s := h.open(t)
	ctx, end := context.WithCancelCause(context.Background())
	end(errors.New("the user left"))
	if _, err := s.Append(ctx, plain(events("case/C1", 1)...)); !errors.Is(err, context.Canceled) {
		t.Errorf("append: %v", err)
	}
	if _, err := s.Read(ctx, 0, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("read: %v", err)
	}
	stands(t, s, 0)
}

func identity(t T, h Harness) {
	s := h.open(t)
	name := s.Identity()
	if len(name) < 16 {
		t.Errorf("it is called %q, which another log may be called, too", name)
	}
	if s = h.again(t, s); s.Identity() != name {
		t.Errorf("it was called %q and is called %q", name, s.Identity())
	}
}

func closedLog(t T, h Harness) {
	s := h.open(t)
	must(t, s, plain(events("case/C1", 1)...))
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	if _, err := s.Append(context.Background(), plain(events("case/C1", 1)...)); !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("append: %v", err)
	}
	if _, err := s.Read(context.Background(), 0, 1); !errors.Is(err, eventstore.ErrClosed) {
		t.Errorf("read: %v", err)
	}
}
