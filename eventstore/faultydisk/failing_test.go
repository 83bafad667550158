package faultydisk_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"clew/eventstore"
	"clew/eventstore/faultydisk"
	"clew/eventstore/sqlite"
	"clew/testdata/torture"
)

// shift is some work on a log in the course of which any operation may fail.
// It notes what it was told is safe, and every error.
type shift struct {
	t      *testing.T
	path   string
	told   acknowledged
	ends   map[uint64]bool // where the log may end: at the end of an append that was tried
	errors []error

	backups []sqlite.Copy
	signed  []uint64 // sizes of which a checkpoint was kept
}

// work opens the log, appends, files evidence, and closes it, which moves the
// write-ahead log into the file; twice, so that an open finds what a failure
// left. It goes on after every error, as a program would that tries again.
func (s *shift) work() {
	for range 2 {
		log, err := sqlite.Open(s.t.Context(), s.path, sqlite.Options{MustExist: true})
		if err != nil {
			s.errors = append(s.errors, err)
			continue
		}
		for i := range 4 {
			s.append(log, batch(1+7*i))
		}
		s.sign(log)
		s.backUp(log)
		e, err := log.PutEvidence(s.t.Context(), bytes.NewReader(bytes.Repeat([]byte("line\n"), 20_000)))
		if err == nil {
			s.told.files = append(s.told.files, e.SHA256)
		}
		s.errors = append(s.errors, err, log.Close())
	}
}

// append tries once. What it answers with an error may have been recorded all
// the same, as a whole, where the failure came with the sync.
func (s *shift) append(log *sqlite.Store, a eventstore.Append) {
	for end := range s.ends {
		s.ends[end+uint64(len(a.Events))] = true
	}
	r, err := log.Append(s.t.Context(), a)
	if err != nil {
		s.errors = append(s.errors, err)
		return
	}
	s.told.head = r.Last
}

// sign keeps a checkpoint of the log as it is.
func (s *shift) sign(log *sqlite.Store) {
	if s.told.head == 0 {
		return
	}
	c := eventstore.Checkpoint{Size: s.told.head, Note: fmt.Appendf(nil, "head %d\n", s.told.head), RecordedAt: batch(1).Now}
	_, err := log.PutCheckpoint(s.t.Context(), c)
	if err == nil {
		s.signed = append(s.signed, c.Size)
	}
	s.errors = append(s.errors, err)
}

// backUp makes a backup under a new name, and sees that there is a whole one
// or none.
func (s *shift) backUp(log *sqlite.Store) {
	path := filepath.Join(filepath.Dir(s.path), fmt.Sprint("backup", len(s.backups)))
	made, err := log.Backup(s.t.Context(), path)
	s.errors = append(s.errors, err)
	if _, there := os.Stat(path); (there == nil) != (err == nil) {
		s.t.Errorf("the backup failed with %v, and its file: %v", err, there)
	}
	if err == nil {
		s.backups = append(s.backups, made)
	}
}

// Every operation on the disk fails once, or from then on, in every way: what
// was acknowledged stays, an error says what kind it is and what to do, and
// when the disk works again so does the log.
func TestEveryOperationOnTheDiskMayFail(t *testing.T) {
	random := torture.Chance(t, torture.SameSeed)
	tries, all := 0, operations(t)
	share := float64(torture.Often(t, "CLEW_FAILURES", 150)) / float64(6*all) // of all there are
	for n := 1; n <= all; n++ {
		for way := range 6 {
			if random.Float64() >= share {
				continue
			}
			tries++
			how, lasting := faultydisk.Failure(1+way/2), way%2 == 1
			if err := failing(t, n, how, lasting); err != nil {
				t.Errorf("operation %d of %d fails (way %d, lasting %v): %v", n, all, how, lasting, err)
			}
		}
	}
	t.Logf("%d failures among %d operations", tries, all)
	if tries == 0 {
		t.Error("nothing was tried")
	}
}

// operations counts those of a shift in which nothing fails.
func operations(t *testing.T) int {
	s := newShift(t)
	before := faultydisk.Count()
	s.work()
	for _, err := range s.errors {
		if err != nil {
			t.Fatal(err)
		}
	}
	return faultydisk.Count() - before
}

func newShift(t *testing.T) *shift {
	t.Helper()
	if err := faultydisk.Install(); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(t.TempDir(), "shift")
	if err != nil {
		t.Fatal(err)
	}
	s := &shift{t: t, path: filepath.Join(dir, "clew.db"), ends: map[uint64]bool{0: true}}
	log, err := sqlite.Open(t.Context(), s.path, sqlite.Options{})
	if err == nil {
		err = log.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func failing(t *testing.T, n int, how faultydisk.Failure, lasting bool) error {
	s := newShift(t)
	defer os.RemoveAll(filepath.Dir(s.path))
	faultydisk.Fail(n, how, lasting)
	s.work()
	faultydisk.Mend()
	for _, err := range s.errors {
		var f *eventstore.Fault
		if err != nil && (!errors.As(err, &f) || f.Kind == nil || f.Next == "") {
			return fmt.Errorf("an error that does not say what to do: %w", err)
		}
	}
	return s.recovered()
}

// recovered says what is wrong now that the disk works again.
func (s *shift) recovered() error {
	log, err := sqlite.Open(s.t.Context(), s.path, sqlite.Options{MustExist: true})
	if err != nil {
		return err
	}
	head, err := log.Head(s.t.Context())
	kept, unread := log.Checkpoints(s.t.Context(), eventstore.Checkpoint{}, 100)
	if err := errors.Join(err, unread, log.Close()); err != nil {
		return err
	}
	for _, size := range s.signed {
		if !slices.ContainsFunc(kept, func(c eventstore.Checkpoint) bool { return c.Size == size }) {
			return fmt.Errorf("the checkpoint of %d records was kept and is lost", size)
		}
	}
	if !s.ends[head] {
		return fmt.Errorf("the log ends at %d, in the middle of an append", head)
	}
	for i, made := range s.backups {
		path := filepath.Join(filepath.Dir(s.path), fmt.Sprint("backup", i))
		again, err := sqlite.Restore(s.t.Context(), path, path+".db")
		if err != nil || again.Root != made.Root {
			return fmt.Errorf("backup %d is %+v and was %+v: %w", i, again, made, err)
		}
	}
	return after(s.path, s.told)
}
