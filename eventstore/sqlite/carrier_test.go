package sqlite

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"
)

// pour appends so many megabytes, and says how large the write-ahead log was
// at most.
func pour(t *testing.T, s *Store, megabytes int) (largest int64) {
	t.Helper()
	for range megabytes {
		if _, err := s.Append(context.Background(), one(1<<20)); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(s.path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		largest = max(largest, info.Size())
	}
	return largest
}

// between does something between two transactions, in the writer's goroutine.
func between(t *testing.T, s *Store, do func(*carrier)) {
	t.Helper()
	if _, err := s.writer.do(context.Background(), &task{work: func(*conn) error { do(&s.writer.carrier); return nil }}); err != nil {
		t.Fatal(err)
	}
}

func TestTheWriteAheadLogIsMovedBesideTheWriter(t *testing.T) {
	s := newLog(t)
	pour(t, s, 18)
	between(t, s, func(k *carrier) {
		if k.done == nil {
			t.Error("nobody set out, with 18 MB in the write-ahead log")
			return
		}
		<-k.done
	})
	if info, err := os.Stat(s.path); err != nil || info.Size() < carryAt*4096 {
		t.Errorf("the file has %d bytes: %v", info.Size(), err)
	}
}

// However long somebody appends without a pause, the write-ahead log stays as
// large as carryMost and one append.
func TestTheWriteAheadLogStaysSmall(t *testing.T) {
	s := newLog(t)
	const page, appended = 4096 + 24, 2 << 20
	if largest := pour(t, s, 150); largest > carryMost*page+appended {
		t.Errorf("the write-ahead log was %d bytes long", largest)
	}
	if err := s.Verify(context.Background()); err != nil {
		t.Error(err)
	}
}

// Before 3.51.3 a checkpoint beside a writer who begins the write-ahead log
// anew could damage the file (https://sqlite.org/wal.html#walresetbug).
func TestSQLiteMayMovePagesBesideAWriter(t *testing.T) {
	if name, number, _ := sqlite3.Version(); number < 3_051_003 {
		t.Errorf("SQLite %s has the WAL-reset bug", name)
	}
}

// Without a carrier, as when there are no more connections to be had, SQLite
// moves the pages itself.
func TestACarrierThatCannotSetOut(t *testing.T) {
	s := newLog(t)
	between(t, s, func(k *carrier) { k.path, k.busy = t.TempDir(), time.Millisecond })
	const page, appended = 4096 + 24, 2 << 20
	if largest := pour(t, s, 150); largest > carryMost*page+appended || largest < carryMost*page/2 {
		t.Errorf("the write-ahead log was %d bytes long", largest)
	}
}
