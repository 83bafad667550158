package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"clew/eventstore"
	"clew/eventstore/sqlite"
	"clew/testdata/torture"
)

// kept opens a log for the length of a test.
func kept(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// left lists what lies in a directory beside what is expected there.
func left(t *testing.T, dir string, expected ...string) (more []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !slices.Contains(expected, e.Name()) {
			more = append(more, e.Name())
		}
	}
	return more
}

// Others append while the backup is made; it is one moment of the log, whole,
// and goes on where that moment was. CLEW_BACKUPS raises the number.
func TestABackupDuringWrites(t *testing.T) {
	path := logWith(t, 30)
	s := kept(t, path)
	e, err := s.PutEvidence(t.Context(), bytes.NewReader(bytes.Repeat([]byte("statement\n"), 100_000)))
	if err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	var end atomic.Bool
	wait.Go(func() {
		for !end.Load() {
			if _, err := s.Append(context.Background(), batchOf(3)); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range torture.Often(t, "CLEW_BACKUPS", 2) {
		before, err := s.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		backUpAndRestore(t, s, e, before)
	}
	end.Store(true)
	wait.Wait()
}

func backUpAndRestore(t *testing.T, s *sqlite.Store, e eventstore.Evidence, least uint64) {
	t.Helper()
	dir := t.TempDir()
	backup, elsewhere := filepath.Join(dir, "backup"), filepath.Join(dir, "clew.db")
	made, err := s.Backup(t.Context(), backup)
	if err != nil {
		t.Fatal(err)
	}
	restored, err := sqlite.Restore(t.Context(), backup, elsewhere)
	if err != nil || restored.Head != made.Head || restored.Root != made.Root || restored.Identity != s.Identity() {
		t.Fatalf("restored %+v from %+v: %v", restored, made, err)
	}
	if made.Head < least {
		t.Errorf("the log was at %d when the backup was asked for, and it ends at %d", least, made.Head)
	}
	other := kept(t, elsewhere)
	if root, err := eventstore.Root(t.Context(), s, made.Head); err != nil || root != made.Root {
		t.Errorf("the log's root at %d: %v, %v", made.Head, root, err)
	}
	if r, _, err := other.OpenEvidence(t.Context(), e.SHA256); err != nil {
		t.Error(err)
	} else {
		r.Close()
	}
	if r, err := other.Append(t.Context(), batchOf(1)); err != nil || r.First != made.Head+1 {
		t.Errorf("the restored log goes on with %+v, %v", r, err)
	}
	if more := left(t, dir, "backup", "clew.db", "clew.db-wal", "clew.db-shm"); len(more) > 0 {
		t.Errorf("left behind: %v", more)
	}
}

func TestABackupIsNeverWrittenOver(t *testing.T) {
	s := kept(t, logWith(t, 1))
	dir := t.TempDir()
	there := filepath.Join(dir, "backup")
	write(t, there, []byte("last week's"))
	if _, err := s.Backup(t.Context(), there); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	if _, err := sqlite.Restore(t.Context(), logWith(t, 1), there); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	if string(read(t, there)) != "last week's" || len(left(t, dir, "backup")) > 0 {
		t.Error("the file was touched, or something lies beside it")
	}
}

// What is no whole backup is refused, and nothing is left where the log was
// to be.
func TestWhatCannotBeRestored(t *testing.T) {
	for name, c := range map[string]struct {
		make func(t *testing.T, path string)
		kind error
	}{
		"no file":            {func(t *testing.T, path string) { os.Remove(path) }, eventstore.ErrNotFound},
		"a text":             {func(t *testing.T, path string) { write(t, path, []byte(strings.Repeat("Dear Sir, ", 500))) }, eventstore.ErrForeign},
		"half a backup":      {func(t *testing.T, path string) { write(t, path, read(t, path)[:40960]) }, eventstore.ErrDamaged},
		"a changed backup":   {changeBody, eventstore.ErrDamaged},
		"a log that is open": {func(t *testing.T, path string) { write(t, path+"-wal", []byte("events")) }, eventstore.ErrInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			backup, dir := logWith(t, 8), t.TempDir()
			c.make(t, backup)
			_, err := sqlite.Restore(t.Context(), backup, filepath.Join(dir, "clew.db"))
			var f *eventstore.Fault
			if !errors.Is(err, c.kind) || !errors.As(err, &f) || f.Next == "" || !strings.Contains(err.Error(), backup) {
				t.Error(err)
			}
			if more := left(t, dir); len(more) > 0 {
				t.Errorf("left behind: %v", more)
			}
		})
	}
}

// changeBody changes one letter of one event.
func changeBody(t *testing.T, path string) {
	content := read(t, path)
	at := bytes.LastIndex(content, bytes.Repeat([]byte("b"), 100)) // as batchOf writes them
	if at < 0 {
		t.Fatal("no body was found")
	}
	content[at+3] ^= 1
	write(t, path, content)
}

func TestABackupThatIsCalledOff(t *testing.T) {
	s, dir := kept(t, logWith(t, 1)), t.TempDir()
	ctx, end := context.WithCancel(t.Context())
	end()
	if _, err := s.Backup(ctx, filepath.Join(dir, "backup")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := sqlite.Restore(ctx, logWith(t, 1), filepath.Join(dir, "clew.db")); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if more := left(t, dir); len(more) > 0 {
		t.Errorf("left behind: %v", more)
	}
}

// A backup outlives the clew that made it.
func TestBackupsOfOlderClewsAreRestored(t *testing.T) {
	older, err := filepath.Glob("../../testdata/stores/v*.clew")
	if err != nil || len(older) == 0 {
		t.Fatalf("%v, %v", older, err)
	}
	for _, backup := range older {
		before, path := read(t, backup), filepath.Join(t.TempDir(), "clew.db")
		made, err := sqlite.Restore(t.Context(), backup, path)
		if err != nil || made.Head == 0 {
			t.Fatalf("%s: %+v, %v", backup, made, err)
		}
		if all := everything(t, path); uint64(len(all)) != made.Head {
			t.Errorf("%s: %d records of %d", backup, len(all), made.Head)
		}
		if !bytes.Equal(before, read(t, backup)) {
			t.Errorf("%s was changed", backup)
		}
	}
}
