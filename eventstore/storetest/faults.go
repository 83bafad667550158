package storetest

import (
	"bytes"
	"context"
	"errors"

	"clew/eventstore"
)

func faults() []Guarantee {
	return []Guarantee{
		{"a record that was changed is named", changedRecord},
		{"a record that was taken out is named", removedRecord},
		{"a log that is open for reading reads and refuses to record", readOnly},
	}
}

// The bad record lies in the middle: what stands before it is still read, for
// somebody has to find out what happened.
const bad = 5

func changedRecord(t T, h Harness) { namesBad(t, h, h.Change) }
func removedRecord(t T, h Harness) { namesBad(t, h, h.Remove) }

func namesBad(t T, h Harness, spoil func(uint64) error) {
	t.Helper()
	s := h.open(t)
	must(t, s, plain(events("case/C1", 4)...))
	must(t, s, plain(events("case/C1", 4)...))
	before := readAll(t, s)
	if err := errors.Join(s.Close(), spoil(bad)); err != nil {
		t.Fatalf("%v", err)
	}
	s = h.open(t)
	page, err := s.Read(context.Background(), 0, bad-1)
	if err != nil {
		t.Fatalf("what stands before it: %v", err)
	}
	same(t, before[:bad-1], page)
	for _, after := range []uint64{0, bad - 1} {
		page, err := s.Read(context.Background(), after, 100)
		var f *eventstore.Fault
		if !errors.As(err, &f) || !errors.Is(err, eventstore.ErrDamaged) || f.Position != bad {
			t.Errorf("after %d, %d records are read and record %d is not named: %v", after, len(page), bad, err)
		}
	}
	for batch, err := range s.Replay(context.Background(), 0) {
		if f := (*eventstore.Fault)(nil); err == nil && len(batch) >= bad || err != nil && (!errors.As(err, &f) || f.Position != bad) {
			t.Errorf("a replay gives %d records, and does not name record %d: %v", len(batch), bad, err)
		}
	}
	if _, err := s.ReadStream(context.Background(), "case/C1", 0, 100); !errors.Is(err, eventstore.ErrDamaged) {
		t.Errorf("in its stream it is not found: %v", err)
	}
}

func readOnly(t T, h Harness) {
	s, want := h.open(t), file(300<<10, 9)
	mixed(t, s)
	before, name := readAll(t, s), s.Identity()
	kept, err := s.PutEvidence(context.Background(), bytes.NewReader(want))
	if err != nil {
		t.Fatalf("%v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatalf("%v", err)
	}
	s, err = h.OpenReadOnly()
	if err != nil {
		t.Fatalf("open for reading: %v", err)
	}
	t.Cleanup(func() { s.Close() })
	if !s.ReadOnly() || s.Identity() != name {
		t.Errorf("read-only: %v, identity: %s, and was %s", s.ReadOnly(), s.Identity(), name)
	}
	if _, err := s.Append(context.Background(), plain(events("case/C1", 1)...)); !errors.Is(err, eventstore.ErrReadOnly) {
		t.Errorf("append: %v", err)
	}
	if _, err := s.PutEvidence(context.Background(), bytes.NewReader(want)); !errors.Is(err, eventstore.ErrReadOnly) {
		t.Errorf("put evidence: %v", err)
	}
	if _, err := s.PutCheckpoint(context.Background(), eventstore.Checkpoint{Size: 1, Note: []byte("n"), RecordedAt: noon()}); !errors.Is(err, eventstore.ErrReadOnly) {
		t.Errorf("put checkpoint: %v", err)
	}
	same(t, before, readAll(t, s))
	if got, err := whole(s, kept.SHA256); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the evidence came back as %d bytes: %v", len(got), err)
	}
}
