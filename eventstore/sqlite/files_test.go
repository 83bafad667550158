package sqlite_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/eventstore"
	"clew/eventstore/sqlite"
	"clew/testdata/torture"
)

// logWith makes a closed log with some events and gives its path.
func logWith(t *testing.T, batches int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "clew.db")
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range batches {
		a := batchOf(10)
		a.Key, a.Request = fmt.Sprint("k", i), []byte("{}")
		if _, err := s.Append(context.Background(), a); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// outside runs SQL on a file as another program would.
func outside(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range statements {
		if _, err := db.Exec(statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// Each of these files must be refused with its kind of error and a word on
// what to do, and be left as it was.
func TestBadFilesAreRefused(t *testing.T) {
	for name, c := range map[string]struct {
		make func(t *testing.T, path string)
		kind error
		says string
	}{
		"a text file":                      {func(t *testing.T, path string) { write(t, path, []byte(strings.Repeat("Dear Sir, ", 500))) }, eventstore.ErrForeign, "clew log"},
		"a short text file":                {func(t *testing.T, path string) { write(t, path, []byte("x")) }, eventstore.ErrForeign, "clew log"},
		"a directory":                      {func(t *testing.T, path string) { os.Mkdir(path, 0o700) }, eventstore.ErrForeign, "directory"},
		"a SQLite file of another program": {func(t *testing.T, path string) { outside(t, path, `CREATE TABLE contacts (name TEXT)`) }, eventstore.ErrForeign, "another program"},
		"an empty file":                    {func(t *testing.T, path string) { write(t, path, nil) }, eventstore.ErrDamaged, "empty"},
		"a file of zeros":                  {func(t *testing.T, path string) { write(t, path, make([]byte, 64<<10)) }, eventstore.ErrForeign, "clew log"},
		"a log of a newer clew":            {func(t *testing.T, path string) { outside(t, path, `PRAGMA user_version = 99`) }, eventstore.ErrTooNew, "update clew"},
		"a log without a version":          {func(t *testing.T, path string) { outside(t, path, `PRAGMA user_version = 0`) }, eventstore.ErrDamaged, "backup"},
		"a log without a trigger":          {func(t *testing.T, path string) { outside(t, path, `DROP TRIGGER record_no_delete`) }, eventstore.ErrDamaged, "record_no_delete"},
		"a log with a trigger more": {func(t *testing.T, path string) {
			outside(t, path, `CREATE TRIGGER quiet AFTER INSERT ON record BEGIN DELETE FROM kind; END`)
		}, eventstore.ErrDamaged, "quiet"},
		"a log without its identity": {func(t *testing.T, path string) {
			outside(t, path, `DROP TRIGGER meta_no_delete`, `DELETE FROM meta`, `CREATE TRIGGER meta_no_delete BEFORE DELETE ON meta BEGIN SELECT RAISE(ABORT, 'what was recorded is never changed'); END`)
		}, eventstore.ErrDamaged, "identity"},
		"a log without its last record": {func(t *testing.T, path string) {
			outside(t, path, `DROP TRIGGER record_no_delete`, `DELETE FROM record WHERE position = 30`, `CREATE TRIGGER record_no_delete BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'what was recorded is never changed'); END`)
		}, eventstore.ErrDamaged, "record 30"},
		"a log without its last append": {func(t *testing.T, path string) {
			outside(t, path, `DROP TRIGGER append_no_delete`, `DELETE FROM append WHERE first = 21`, `CREATE TRIGGER append_no_delete BEFORE DELETE ON append BEGIN SELECT RAISE(ABORT, 'what was recorded is never changed'); END`)
		}, eventstore.ErrDamaged, "record 21"},
		"a log cut in half": {func(t *testing.T, path string) { write(t, path, read(t, path)[:len(read(t, path))/2]) }, eventstore.ErrDamaged, "backup"},
		"a log with a broken first page": {func(t *testing.T, path string) {
			write(t, path, append(bytes.Repeat([]byte{'x'}, 100), read(t, path)[100:]...))
		}, eventstore.ErrForeign, "first page is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "other")
			if strings.HasPrefix(name, "a log") {
				path = logWith(t, 3)
			}
			c.make(t, path)
			before, _ := os.ReadFile(path)
			for _, readOnly := range []bool{false, true} {
				s, err := sqlite.Open(context.Background(), path, sqlite.Options{ReadOnly: readOnly})
				if err == nil {
					s.Close()
				}
				var f *eventstore.Fault
				if !errors.Is(err, c.kind) || !errors.As(err, &f) || f.Next == "" || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), c.says) {
					t.Errorf("read-only %v: %v", readOnly, err)
				}
			}
			if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
				t.Error("the file was changed by looking at it")
			}
		})
	}
}

func TestALogThatIsNotThere(t *testing.T) {
	dir := t.TempDir()
	for name, c := range map[string]struct {
		path    string
		options sqlite.Options
	}{
		"for reading":            {filepath.Join(dir, "no.db"), sqlite.Options{ReadOnly: true}},
		"that must exist":        {filepath.Join(dir, "no.db"), sqlite.Options{MustExist: true}},
		"in no directory at all": {filepath.Join(dir, "no", "no.db"), sqlite.Options{}},
	} {
		if _, err := sqlite.Open(context.Background(), c.path, c.options); !errors.Is(err, eventstore.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// The file is gone and its write-ahead log is not: a new log in its place
// would make SQLite throw the recorded events away.
func TestAWriteAheadLogWithoutItsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clew.db")
	write(t, path+"-wal", []byte("events"))
	if _, err := sqlite.Open(context.Background(), path, sqlite.Options{}); !errors.Is(err, eventstore.ErrDamaged) {
		t.Error(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a new log was made beside it")
	}
}

// Whoever makes the log first wins, and the others open that one.
func TestManyMakeOneLog(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clew.db")
	names := make([]string, 16)
	var wait sync.WaitGroup
	for i := range names {
		wait.Go(func() {
			s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			names[i] = s.Identity()
			if _, err := s.Append(context.Background(), batchOf(3)); err != nil {
				t.Error(err)
			}
			s.Close()
		})
	}
	wait.Wait()
	for _, name := range names {
		if name != names[0] {
			t.Errorf("two logs were made: %v", names)
		}
	}
	if all := everything(t, path); len(all) != 3*len(names) {
		t.Errorf("%d records", len(all))
	}
}

func everything(t *testing.T, path string) []eventstore.Record {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	all, err := s.Read(context.Background(), 0, eventstore.MaxRead)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Flip a bit anywhere in the file: either somebody says so, or every record
// reads as before, because the bit lay in free space or in an index that
// nobody asked. CLEW_FLIPS raises the number for a long run.
func TestFlippedBits(t *testing.T) {
	path := logWith(t, 40)
	whole, before := read(t, path), everything(t, path)
	random := rand.New(rand.NewPCG(20261122, 1))
	found := 0
	for range torture.Often(t, "CLEW_FLIPS", 300) {
		bit := random.IntN(len(whole) * 8)
		spoiled := bytes.Clone(whole)
		spoiled[bit/8] ^= 1 << (bit % 8)
		write(t, path, spoiled)
		os.Remove(path + "-wal")
		os.Remove(path + "-shm")
		if flipFound(t, path, before) {
			found++
		}
	}
	t.Logf("%d flips were found, the others changed no record", found)
}

func flipFound(t *testing.T, path string, before []eventstore.Record) bool {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		return true
	}
	defer s.Close()
	after, err := s.Read(context.Background(), 0, eventstore.MaxRead)
	if err != nil {
		return true
	}
	if len(after) != len(before) {
		t.Fatalf("%d records were read, and nobody said that there were %d", len(after), len(before))
	}
	for i := range after {
		if !bytes.Equal(eventstore.Encode(after[i]), eventstore.Encode(before[i])) {
			t.Fatalf("record %d reads otherwise, and nobody said so", i+1)
		}
	}
	return false
}

// busy lets another program hold the log.
func TestBusyLog(t *testing.T) {
	path := logWith(t, 1)
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{BusyTimeout: 200 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	db, err := sql.Open("sqlite3", path+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if _, err := s.Append(context.Background(), batchOf(1)); !errors.Is(err, eventstore.ErrBusy) {
		t.Errorf("after %v: %v", time.Since(start), err)
	}
	ctx, end := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer end()
	start = time.Now()
	if _, err := s.Append(ctx, batchOf(1)); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 150*time.Millisecond {
		t.Errorf("a caller with no time waited %v: %v", time.Since(start), err)
	}
	if head, err := s.Head(context.Background()); err != nil || head != 10 {
		t.Errorf("readers do not wait: %d, %v", head, err)
	}
	tx.Rollback()
	if r, err := s.Append(context.Background(), batchOf(1)); err != nil || r.First != 11 {
		t.Errorf("when it is free again: %+v, %v", r, err)
	}
}
