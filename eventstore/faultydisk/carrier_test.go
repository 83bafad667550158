package faultydisk_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"clew/eventstore"
	"clew/eventstore/faultydisk"
	"clew/eventstore/sqlite"
	"clew/testdata/torture"
)

// heavy is nearly a megabyte: some twenty of them fill the write-ahead log so
// far that its pages are moved into the file, while more are appended.
func heavy(n int) eventstore.Append {
	a := batch(1)
	a.Events[0].Body = fmt.Appendf(nil, `{"text":"%s"}`, bytes.Repeat([]byte{'a' + byte(n%26)}, 900_000))
	return a
}

// enough is how many of them do so, and go on after that.
const enough = 32

// The power may go while pages are moved into the file beside an append: what
// was acknowledged is there, in the file or still in the write-ahead log.
func TestAPowerCutWhilePagesAreMovedLosesNothing(t *testing.T) {
	path := newShift(t).path
	diary, before := diaryOf(t, filepath.Dir(path), func() { appendHeavily(t, path) })
	if !movedBeside(diary, path) {
		t.Fatal("no page was moved before the last append: the cuts show nothing")
	}
	someCuts(t, torture.Often(t, "CLEW_CUTS", 200)/16, faultydisk.NewDisk(before), diary, func(dir string, mark int) {
		if err := after(filepath.Join(dir, filepath.Base(path)), acknowledged{head: uint64(mark + 1)}); err != nil {
			t.Errorf("cut after acknowledgement %d: %v", mark, err)
		}
	})
}

// appendHeavily marks every acknowledgement by its number, from 0.
func appendHeavily(t *testing.T, path string) {
	t.Helper()
	log, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for n := range enough {
		if _, err := log.Append(t.Context(), heavy(n)); err != nil {
			t.Fatal(err)
		}
		faultydisk.Mark(n)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
}

// movedBeside says that the file itself was written to before the last append
// was acknowledged.
func movedBeside(diary faultydisk.Diary, path string) bool {
	for _, op := range diary {
		switch {
		case op.Kind == faultydisk.Marked && op.At == enough-1:
			return false
		case op.Kind == faultydisk.Write && op.File == path:
			return true
		}
	}
	return false
}

// Any operation may fail while pages are moved, the writer's or the carrier's:
// what was acknowledged stays, and when the disk works again so does the log.
func TestTheDiskFailsWhilePagesAreMoved(t *testing.T) {
	random := torture.Chance(t, torture.SameSeed)
	all := heavyShift(t, 0, 0, false)
	for range max(4, torture.Often(t, "CLEW_FAILURES", 150)/40) {
		n, way := all/2+random.IntN(all/2), random.IntN(6)
		heavyShift(t, n, faultydisk.Failure(1+way/2), way%2 == 1)
		if t.Failed() {
			t.Fatalf("operation %d of %d fails, way %d", n, all, way)
		}
	}
}

// heavyShift has operation n fail, 0 none, and gives how many there were.
func heavyShift(t *testing.T, n int, how faultydisk.Failure, lasting bool) (operations int) {
	t.Helper()
	s := newShift(t)
	defer os.RemoveAll(filepath.Dir(s.path))
	log, err := sqlite.Open(t.Context(), s.path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	before := faultydisk.Count()
	faultydisk.Fail(n, how, lasting)
	for i := range enough {
		s.append(log, heavy(i))
	}
	s.errors = append(s.errors, log.Close())
	faultydisk.Mend()
	if err := s.recovered(); err != nil {
		t.Error(err)
	}
	return faultydisk.Count() - before
}
