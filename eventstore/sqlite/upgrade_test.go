package sqlite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"clew/eventstore"
)

// older is what a kept store of an older clew holds, counted by another
// program (testdata/SOURCES.md).
type older struct {
	Head     uint64
	Identity string
	Leaves   string // SHA-256 over all leaves
	Root     string
	Key      struct {
		Key, Request string
		First        uint64
	}
	Evidence struct {
		SHA256 string
		Size   int64
	}
}

// keptStore copies the kept store of a version to where it may be changed.
func keptStore(t *testing.T, version int64) (path string, holds older) {
	t.Helper()
	kept := filepath.Join("..", "..", "testdata", "stores", fmt.Sprintf("v%d", version))
	store, err := os.ReadFile(kept + ".clew")
	if err != nil {
		t.Fatalf("no store of version %d is kept: make one with the clew of that version before the tables change: %v", version, err)
	}
	said, err := os.ReadFile(kept + ".json")
	if err == nil {
		err = json.Unmarshal(said, &holds)
	}
	path = filepath.Join(t.TempDir(), "clew.db")
	if err = errors.Join(err, os.WriteFile(path, store, 0o600)); err != nil {
		t.Fatal(err)
	}
	return path, holds
}

func TestEveryOlderStoreIsUpgraded(t *testing.T) {
	for version := int64(1); version < schemaVersion; version++ {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			path, holds := keptStore(t, version)
			for _, from := range []int64{version, 0} {
				s, err := Open(context.Background(), path, Options{})
				if err != nil {
					t.Fatal(err)
				}
				if s.Upgraded() != from {
					t.Errorf("it says that it upgraded version %d, and should say %d", s.Upgraded(), from)
				}
				holdsStill(t, s, holds)
				if err := s.Verify(context.Background()); err != nil {
					t.Error(err)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
			}
			s, err := Open(context.Background(), path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if r, err := s.Append(context.Background(), one(1)); err != nil || r.First != holds.Head+1 {
				t.Errorf("and it goes on at %+v, %v", r, err)
			}
		})
	}
}

func holdsStill(t *testing.T, s *Store, holds older) {
	t.Helper()
	ctx := context.Background()
	all, err := s.Read(ctx, 0, eventstore.MaxRead)
	if err != nil || uint64(len(all)) != holds.Head || s.Identity() != holds.Identity {
		t.Fatalf("%d records of %s, and there were %d of %s: %v", len(all), s.Identity(), holds.Head, holds.Identity, err)
	}
	leaves := sha256.New()
	for _, r := range all {
		leaf := eventstore.Leaf(eventstore.Encode(r))
		leaves.Write(leaf[:])
	}
	root, err := eventstore.Root(ctx, s, holds.Head)
	if hex.EncodeToString(leaves.Sum(nil)) != holds.Leaves || hex.EncodeToString(root[:]) != holds.Root {
		t.Errorf("its leaves or its root %x are not as they were: %v", root, err)
	}
	r, known, err := s.Told(ctx, holds.Key.Key, []byte(holds.Key.Request))
	if !known || r.First != holds.Key.First || err != nil {
		t.Errorf("the key %s gives %+v, %v", holds.Key.Key, r, err)
	}
	sum, _ := hex.DecodeString(holds.Evidence.SHA256)
	file, e, err := s.OpenEvidence(ctx, [32]byte(sum))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if n, err := io.Copy(io.Discard, file); n != holds.Evidence.Size || e.Size != n || err != nil {
		t.Errorf("the evidence has %d bytes, %v", n, err)
	}
}

// A clew that is killed while it upgrades leaves what it found: the files as
// they lie just before the commit open as the old version.
func TestAnUpgradeIsWholeOrNotAtAll(t *testing.T) {
	path, holds := keptStore(t, 1)
	c, err := connect(path, alone, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.script("BEGIN EXCLUSIVE; PRAGMA cache_size = 2"); err != nil { // so that pages are written early
		t.Fatal(err)
	}
	if err := rebuildTables(context.Background(), c, 1); err != nil {
		t.Fatal(err)
	}
	cut := filepath.Join(t.TempDir(), "clew.db")
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(path + suffix)
		if err == nil {
			err = os.WriteFile(cut+suffix, content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := c.close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{path, cut} {
		if version, err := lookAt(path, reading, Options{}); version != 1 || err != nil {
			t.Errorf("after a kill it has version %d, %v", version, err)
		}
		s, err := Open(context.Background(), path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		holdsStill(t, s, holds)
		s.Close()
	}
}

func TestAnOlderStoreIsNotReadAsItIs(t *testing.T) {
	path, _ := keptStore(t, 1)
	before, _ := os.ReadFile(path)
	_, err := Open(context.Background(), path, Options{ReadOnly: true})
	if !errors.Is(err, eventstore.ErrTooOld) || !strings.Contains(err.Error(), "run any clew command") {
		t.Error(err)
	}
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the file was changed by looking at it")
	}
}

// The older clew would go on appending, and know nothing of the tree.
func TestAnUpgradeNeedsTheFileToItself(t *testing.T) {
	path, holds := keptStore(t, 1)
	other, err := connect(path, writing, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.number(`SELECT max(position) FROM record`); err != nil {
		t.Fatal(err)
	}
	_, err = Open(context.Background(), path, Options{BusyTimeout: 50 * time.Millisecond})
	if !errors.Is(err, eventstore.ErrBusy) || !strings.Contains(err.Error(), "another program has it open") {
		t.Errorf("beside an older clew: %v", err)
	}
	if version, err := versionOf(other); version != 1 || err != nil {
		t.Errorf("it has version %d, %v", version, err)
	}
	if err := other.close(); err != nil {
		t.Fatal(err)
	}
	var upgraded atomic.Int64
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			s, err := Open(context.Background(), path, Options{BusyTimeout: time.Minute})
			if err != nil {
				t.Error(err)
				return
			}
			t.Cleanup(func() { s.Close() }) // keeps it open while others come
			upgraded.Add(s.Upgraded())
			holdsStill(t, s, holds)
		})
	}
	wait.Wait()
	if upgraded.Load() != 1 {
		t.Errorf("eight opened it at once, and the versions that they upgraded add up to %d", upgraded.Load())
	}
}

// Whoever upgrades a store may keep it open for a day: the others, who came at
// the same moment, must not wait for its end.
func TestOthersOpenWhatOneHasUpgradedAndKeepsOpen(t *testing.T) {
	path, holds := keptStore(t, 1)
	var wait sync.WaitGroup
	stores := make([]*Store, 6)
	for i := range stores {
		wait.Go(func() {
			var err error
			if stores[i], err = Open(context.Background(), path, Options{}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	for _, s := range stores {
		if s != nil {
			holdsStill(t, s, holds)
			s.Close()
		}
	}
}

// What is damaged is not made the root of anything.
func TestADamagedStoreIsNotUpgraded(t *testing.T) {
	for _, change := range []string{`UPDATE record SET body = x'00' WHERE position = 15`, `UPDATE record SET leaf = zeroblob(32) WHERE position = 15`} {
		path, _ := keptStore(t, 1)
		forge(t, path, "record_no_update", change)
		_, err := Open(context.Background(), path, Options{})
		if !errors.Is(err, eventstore.ErrDamaged) || !strings.Contains(err.Error(), "record 15") {
			t.Error(err)
		}
		if version, err := lookAt(path, reading, Options{}); version != 1 || err != nil {
			t.Errorf("it has version %d, %v", version, err)
		}
	}
}

// forge changes a file as a careful forger would: the schema is as before.
func forge(t *testing.T, path, trigger string, changes ...string) {
	t.Helper()
	c, err := connect(path, writing, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	guard, err := c.row(`SELECT sql FROM sqlite_schema WHERE name = ?`, trigger)
	if err != nil || guard == nil {
		t.Fatal(guard, err)
	}
	for _, sql := range append(append([]string{"DROP TRIGGER " + trigger}, changes...), guard[0].(string)) {
		if err := c.script(sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}
