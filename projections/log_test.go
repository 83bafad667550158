package projections

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"clew/domain"
	"clew/eventstore"
)

// memoryLog is a store that keeps its records in memory: what the tests here
// need of one, with a clock that they set.
type memoryLog struct {
	eventstore.Store // what is not written below is not called

	mu       sync.Mutex
	records  []eventstore.Record
	identity string
	readOnly bool
	forked   bool // its further records have ids of their own
	reads    int
	failing  error // what the next Read says
}

var start = time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)

func newLog() *memoryLog { return &memoryLog{identity: "log of " + fmt.Sprint(time.Now().UnixNano())} }

func (l *memoryLog) Append(_ context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	first := uint64(len(l.records)) + 1
	at := a.Now
	if at.IsZero() {
		at = start.Add(time.Duration(first) * time.Minute)
	}
	for _, e := range a.Events {
		l.records = append(l.records, l.record(e, a, at))
	}
	return eventstore.Receipt{First: first, Last: uint64(len(l.records))}, nil
}

func (l *memoryLog) record(e eventstore.Event, a eventstore.Append, at time.Time) eventstore.Record {
	r := eventstore.Record{Position: uint64(len(l.records)) + 1, Stream: e.Stream, Version: 1, Kind: e.Kind, RecordedAt: at,
		Actor: a.Actor, Correlation: a.Correlation, Key: a.Key, Body: e.Body, Fast: e.Fast}
	for _, other := range l.records {
		if other.Stream == e.Stream {
			r.Version++
		}
	}
	copy(r.ID[:], fmt.Sprintf("%08d%v%s", r.Position, l.forked, l.identity))
	return r
}

func (l *memoryLog) Head(context.Context) (uint64, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return uint64(len(l.records)), nil
}

func (l *memoryLog) Read(ctx context.Context, after uint64, limit int) ([]eventstore.Record, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.reads++
	if err := errors.Join(ctx.Err(), l.failing); err != nil {
		return nil, err
	}
	from := min(after, uint64(len(l.records)))
	to := min(from+uint64(limit), uint64(len(l.records)))
	return append([]eventstore.Record{}, l.records[from:to]...), nil
}

func (l *memoryLog) Replay(ctx context.Context, after uint64) iter.Seq2[[]eventstore.Record, error] {
	return func(yield func([]eventstore.Record, error) bool) {
		for {
			batch, err := l.Read(ctx, after, 5)
			if err == nil && len(batch) == 0 || !yield(batch, err) || err != nil {
				return
			}
			after = batch[len(batch)-1].Position
		}
	}
}

func (l *memoryLog) ReadStream(_ context.Context, stream string, after uint64, limit int) (found []eventstore.Record, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.records {
		if r.Stream == stream && r.Version > after && len(found) < limit {
			found = append(found, r)
		}
	}
	return found, nil
}

func (l *memoryLog) ReadOnly() bool   { return l.readOnly }
func (l *memoryLog) Identity() string { return l.identity }
func (l *memoryLog) Close() error     { return nil }

// prefix is a log that ends at a position of this one.
func (l *memoryLog) prefix(n int) *memoryLog {
	return &memoryLog{records: l.records[:n:n], identity: l.identity}
}

// tell records events of a case, one append each, and gives the last position.
func (l *memoryLog) tell(t testing.TB, id domain.CaseID, events ...domain.Event) uint64 {
	t.Helper()
	var last uint64
	for _, e := range events {
		last = l.tellAs(t, eventstore.Append{Actor: "insp.lind"}, id, e)
	}
	return last
}

// tellIn tells an event in a stream that all cases share.
func (l *memoryLog) tellIn(t testing.TB, stream string, e domain.Event) {
	t.Helper()
	body, err := domain.EncodeEvent(e)
	if err == nil {
		_, err = l.Append(context.Background(), eventstore.Append{Actor: "insp.lind", Events: []eventstore.Event{{Stream: stream, Kind: e.Kind(), Body: body}}})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (l *memoryLog) tellAs(t testing.TB, a eventstore.Append, id domain.CaseID, events ...domain.Event) uint64 {
	t.Helper()
	for _, e := range events {
		body, err := domain.EncodeEvent(e)
		if err != nil {
			t.Fatal(err)
		}
		a.Events = append(a.Events, eventstore.Event{Stream: CaseStream(id), Kind: e.Kind(), Body: body, Fast: domain.EncodeFast(e)})
	}
	receipt, err := l.Append(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	return receipt.Last
}

// see opens the views of a log in a folder of the test's own.
func see(t testing.TB, store eventstore.Store) *Views {
	t.Helper()
	return seeAt(t, filepath.Join(t.TempDir(), "clew.db.views"), store, All())
}

func seeAt(t testing.TB, path string, store eventstore.Store, all []Projection) *Views {
	t.Helper()
	v, err := open(context.Background(), path, store, all)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := v.Close(); err != nil && !errors.Is(err, errClosed) {
			t.Error(err)
		}
	})
	return v
}

var eur = domain.Asset{Code: "EUR", Digits: 2}

func amount(text string) domain.Amount {
	a, err := domain.ParseAmount(text, eur)
	if err != nil {
		panic(err)
	}
	return a
}

// paid is a transfer in the story's words, with an id that its source gave.
func paid(id domain.CaseID, own, from, to, value string) domain.Movement {
	when, err := domain.ParseWhen("2024-02-01T10:00:00Z")
	if err != nil {
		panic(err)
	}
	m := domain.Movement{Kind: domain.Transfer, When: when, From: domain.AccountID(from), To: domain.AccountID(to),
		Amount: amount(value), Source: string(id), SourceID: own, Evidence: domain.Evidence{File: "f00d", Line: 7}}
	m.ID = domain.Identify(id, m.Source, own, m.Content(), 1)
	return m
}

func TestKnownTellsWhatWasFirstRecorded(t *testing.T) {
	ctx, log := context.Background(), newLog()
	first := paid("C1", "T1", "V1", "M", "100.00")
	at := log.tell(t, "C1", domain.Observe(first))
	corrected := first
	corrected.Amount = amount("90.00")
	log.tell(t, "C1", domain.MovementCorrected{Movement: first.ID, Now: domain.Observed{Movement: corrected}, Reason: "typing error"})
	views := see(t, log)

	known, err := views.Known(ctx, "C1", []domain.MovementID{first.ID, "never"})
	if err != nil {
		t.Fatal(err)
	}
	if len(known) != 1 || known[first.ID].Content != first.Content() || known[first.ID].Position != at {
		t.Errorf("known = %+v, want the row as it was first recorded at %d", known, at)
	}
	if other, err := views.Known(ctx, "C2", []domain.MovementID{first.ID}); err != nil || len(other) != 0 {
		t.Errorf("another case knows %v, %v", other, err)
	}
}

func TestByRefGivesStandingVersions(t *testing.T) {
	ctx, log := context.Background(), newLog()
	a, b := paid("C1", "T1", "V1", "M", "100.00"), paid("C1", "T2", "V1", "M", "70.00")
	a.Ref, b.Ref = "UETR-1", "UETR-1"
	log.tell(t, "C1", domain.Observe(a), domain.Observe(b), domain.MovementWithdrawn{Movement: a.ID, Reason: "test entry"})

	found, err := see(t, log).ByRef(ctx, "C1", []string{"UETR-1", "UETR-9", ""})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 1 || len(found["UETR-1"]) != 1 || found["UETR-1"][0].ID != b.ID {
		t.Errorf("by ref: %+v", found)
	}
	if got := found["UETR-1"][0].Content(); !bytes.Equal(got[:], contentOf(b)) {
		t.Error("the row's content changed on its way through the read model")
	}
}

func contentOf(m domain.Movement) []byte { c := m.Content(); return c[:] }

func eventstoreEvent(stream, kind string, body []byte) eventstore.Event {
	return eventstore.Event{Stream: stream, Kind: kind, Body: body}
}

func appendBy(actor string) eventstore.Append { return eventstore.Append{Actor: actor} }

// group runs functions side by side and collects what they say.
type group struct {
	running sync.WaitGroup
	mu      sync.Mutex
	said    error
}

func (g *group) start(do func() error) {
	g.running.Go(func() {
		err := do()
		g.mu.Lock()
		defer g.mu.Unlock()
		g.said = errors.Join(g.said, err)
	})
}

func (g *group) wait() error {
	g.running.Wait()
	return g.said
}
