package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"clew/eventstore"
)

func newLog(t *testing.T) *Store {
	t.Helper()
	s, err := Open(context.Background(), filepath.Join(t.TempDir(), "clew.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func one(body int) eventstore.Append {
	return eventstore.Append{Actor: "a", Now: time.Now(), Events: []eventstore.Event{{Stream: "s", Kind: "k", Body: make([]byte, body)}}}
}

// A driver that ignored a pragma would lose acknowledged events at a power
// cut. The log must not open then.
func TestDurabilityIsReadBack(t *testing.T) {
	s := newLog(t)
	for _, pragma := range []string{"synchronous = NORMAL", "synchronous = OFF", "locking_mode = EXCLUSIVE"} {
		c, err := connect(s.path, writing, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if err := assertDurable(c); err != nil {
			t.Errorf("as it is opened: %v", err)
		}
		if err := c.script("PRAGMA " + pragma); err != nil {
			t.Fatal(err)
		}
		if err := assertDurable(c); !errors.Is(err, eventstore.ErrDisk) {
			t.Errorf("%s: %v", pragma, err)
		}
		c.close()
	}
}

func TestNetworkFileSystemsHaveNames(t *testing.T) {
	for magic, name := range map[uint32]string{0x6969: "NFS", 0xfe534d42: "SMB", 0xff534d42: "SMB", 0x65735546: "FUSE", 0x01021997: "9P", 0xef53: "", 0x58465342: "", 0x01021994: ""} {
		if got := networkName(magic); got != name {
			t.Errorf("%#x is %q, not %q", magic, got, name)
		}
	}
}

// A still image is read without locks. If somebody writes to it after all,
// reading must stop and not mix old pages with new ones.
func TestAStillImageThatMoves(t *testing.T) {
	s := newLog(t)
	if _, err := s.Append(context.Background(), one(1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	image, err := open(context.Background(), s.path, still, Options{BusyTimeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer image.Close()
	if head, err := image.Head(context.Background()); head != 1 || err != nil || !image.ReadOnly() {
		t.Fatal(head, err)
	}
	again, err := Open(context.Background(), s.path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Append(context.Background(), one(1)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := image.Head(context.Background()); !errors.Is(err, eventstore.ErrBusy) || !strings.Contains(err.Error(), "open it again") {
			t.Error(err)
		}
		again.Close()
	}
}

// A statement that fails in the middle of a group takes the whole group back:
// nobody in it is acknowledged and nothing of it is recorded, although SQLite
// may have left the transaction by itself.
func TestAFailureInAGroupFailsTheGroup(t *testing.T) {
	s := newLog(t)
	if _, err := s.Append(context.Background(), one(1)); err != nil {
		t.Fatal(err)
	}
	bound := func(pages int) {
		t.Helper()
		bound := &task{work: func(c *conn) error { return c.script(fmt.Sprint("PRAGMA max_page_count = ", pages)) }}
		if _, err := s.writer.do(context.Background(), bound); err != nil {
			t.Fatal(err)
		}
	}
	bound(60)
	var wait sync.WaitGroup
	for client := range 32 {
		wait.Go(func() {
			for range 4 {
				a := one(200_000 * (client % 2))
				a.Events[0].Body = append(a.Events[0].Body, 1)
				_, err := s.Append(context.Background(), a)
				if client%2 == 1 && !errors.Is(err, eventstore.ErrDiskFull) {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	bound(1_000_000)
	r, err := s.Append(context.Background(), one(200_000))
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.Read(context.Background(), 0, 1000)
	if err != nil || uint64(len(page)) != r.Last {
		t.Errorf("%d records, and the last receipt says %d: %v", len(page), r.Last, err)
	}
	for _, record := range page[:len(page)-1] {
		if len(record.Body) > 1 {
			t.Errorf("record %d was refused and is there", record.Position)
		}
	}
}

// After a failed sync the log takes nothing more: what the disk holds is only
// known when it is opened again.
func TestAFailedSyncEndsWriting(t *testing.T) {
	s := newLog(t)
	failed := fault(eventstore.ErrDisk, s.path, "sync", "")
	if _, err := s.writer.do(context.Background(), &task{work: func(*conn) error { return failed }}); !errors.Is(err, eventstore.ErrDisk) {
		t.Error(err)
	}
	if _, err := s.Append(context.Background(), one(1)); !errors.Is(err, eventstore.ErrDisk) || !strings.Contains(err.Error(), "open the log again") {
		t.Error(err)
	}
	if head, err := s.Head(context.Background()); head != 0 || err != nil {
		t.Error(head, err)
	}
}
