package faultydisk_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"clew/eventstore"
	"clew/eventstore/faultydisk"
	"clew/eventstore/sqlite"
	"clew/testdata/torture"
)

// follower keeps what a replay has given.
type follower struct{ seen []eventstore.Record }

// follow reads on. That it cannot read is no fault of his.
func (f *follower) follow(ctx context.Context, log *sqlite.Store) {
	for batch, err := range log.Replay(ctx, uint64(len(f.seen))) {
		if err != nil {
			return
		}
		for _, r := range batch {
			r.Body, r.Fast = bytes.Clone(r.Body), bytes.Clone(r.Fast)
			f.seen = append(f.seen, r)
		}
	}
}

// Whatever fails on the disk while somebody follows what is appended: all that
// he was given stands in the log when it is opened again, word for word, and
// what was acknowledged he was given.
func TestAFollowerOnAFailingDiskSeesNothingThatIsNotKept(t *testing.T) {
	random := torture.Chance(t, torture.SameSeed)
	all := followed(t, 0, faultydisk.Broken, false)
	tries := min(torture.Often(t, "CLEW_FAILURES", 60), 6*all) // of all there are
	for range tries {
		n, way := 1+random.IntN(all), random.IntN(6)
		followed(t, n, faultydisk.Failure(1+way/2), way%2 == 1)
		if t.Failed() {
			t.Fatalf("operation %d of %d fails, way %d", n, all, way)
		}
	}
}

// followed has operation n fail while appends are followed, and gives how many
// operations there were; 0 fails none.
func followed(t *testing.T, n int, how faultydisk.Failure, lasting bool) (operations int) {
	t.Helper()
	s := newShift(t)
	defer os.RemoveAll(filepath.Dir(s.path))
	log, err := sqlite.Open(t.Context(), s.path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	before := faultydisk.Count()
	faultydisk.Fail(n, how, lasting)
	var f follower
	for i := range 12 {
		s.append(log, batch(1+13*i))
		f.follow(t.Context(), log)
		if uint64(len(f.seen)) < s.told.head && n == 0 {
			t.Errorf("%d records were acknowledged, and %d seen", s.told.head, len(f.seen))
		}
	}
	faultydisk.Mend()
	operations = faultydisk.Count() - before
	f.follow(t.Context(), log) // the disk can be read again
	if uint64(len(f.seen)) < s.told.head {
		t.Errorf("%d records were acknowledged, and %d seen", s.told.head, len(f.seen))
	}
	log.Close()
	if err := f.compare(s.path); err != nil {
		t.Error(err)
	}
	return operations
}

// compare says what was seen that does not stand in the log.
func (f *follower) compare(path string) error {
	log, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		return err
	}
	defer log.Close()
	kept, err := log.Read(context.Background(), 0, eventstore.MaxRead)
	if err != nil {
		return err
	}
	if len(f.seen) > len(kept) {
		return fmt.Errorf("%d records were seen, and %d are kept", len(f.seen), len(kept))
	}
	for i, seen := range f.seen {
		if len(kept[i].Fast) > 0 {
			kept[i].Body = nil
		}
		if !bytes.Equal(eventstore.Encode(seen), eventstore.Encode(kept[i])) {
			return fmt.Errorf("record %d was seen as %+v and is %+v", i+1, seen, kept[i])
		}
	}
	return nil
}
