package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"clew/eventstore"
)

// tall makes a log with more than two stored nodes.
func tall(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "clew.db")
	s, err := Open(context.Background(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	appendSome(t, s, 600)
	for range 2 {
		note := fmt.Appendf(nil, "note %d", rand.Uint32())
		if _, err := s.PutCheckpoint(context.Background(), eventstore.Checkpoint{Size: 600, Note: note, RecordedAt: one(1).Now}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func appendSome(t *testing.T, s *Store, n int) {
	t.Helper()
	a := one(1)
	for i := range n - 1 {
		a.Events = append(a.Events, eventstore.Event{Stream: fmt.Sprint("s", i%5), Kind: "k", Body: fmt.Appendf(nil, "%d", i)})
	}
	if _, err := s.Append(context.Background(), a); err != nil {
		t.Fatal(err)
	}
}

// A forger who changes a record and its leaf has to change the tree too, and
// whoever changes the tree changes the root.
func TestVerifyReadsTheTree(t *testing.T) {
	for name, c := range map[string]struct{ trigger, change, says string }{
		"a node":                   {"node_no_update", `UPDATE node SET hash = zeroblob(32) WHERE number = 0`, "record 1:"},
		"the last node":            {"node_no_update", `UPDATE node SET hash = zeroblob(32) WHERE number = 1`, "record 257:"},
		"a node that is no hash":   {"node_no_update", `UPDATE node SET hash = x'00' WHERE number = 1`, "is no hash"},
		"a node is missing":        {"node_no_delete", `DELETE FROM node WHERE number = 0`, "record 1:"},
		"a node too many":          {"node_no_delete", `INSERT INTO node VALUES (8, 2, zeroblob(32))`, "level 8"},
		"a level too many":         {"node_no_delete", `INSERT INTO node VALUES (9, 0, zeroblob(32))`, "level 9"},
		"a checkpoint is missing":  {"checkpoint_no_delete", `DELETE FROM checkpoint WHERE number = 1`, "checkpoint"},
		"a checkpoint of too much": {"checkpoint_no_update", `UPDATE checkpoint SET size = 601`, "checkpoint"},
	} {
		t.Run(name, func(t *testing.T) {
			path := tall(t)
			if err := verifyFile(path); err != nil {
				t.Fatalf("before: %v", err)
			}
			forge(t, path, c.trigger, c.change)
			if err := verifyFile(path); !errors.Is(err, eventstore.ErrDamaged) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("it says %v, and should name %s", err, c.says)
			}
		})
	}
}

func verifyFile(path string) error {
	s, err := Open(context.Background(), path, Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Verify(context.Background())
}

// Edit and re-hash: record and leaf fit one another, and the tree tells.
func TestARecordThatWasHashedAnewDoesNotFitTheTree(t *testing.T) {
	path := tall(t)
	s, err := Open(context.Background(), path, Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.Read(context.Background(), 299, 1)
	s.Close()
	if err != nil {
		t.Fatal(err)
	}
	page[0].Body = []byte("1,000.00 less")
	leaf := eventstore.Leaf(eventstore.Encode(page[0]))
	forge(t, path, "record_no_update", fmt.Sprintf(`UPDATE record SET body = CAST('1,000.00 less' AS BLOB), leaf = x'%x' WHERE position = 300`, leaf))
	if err := verifyFile(path); !errors.Is(err, eventstore.ErrDamaged) || !strings.Contains(err.Error(), "begins with this record") {
		t.Error(err)
	}
}

// Nothing is appended to a tree that does not fit its leaves; what is there
// can still be read.
func TestATreeThatDoesNotFitTakesNoMore(t *testing.T) {
	for name, c := range map[string]struct{ trigger, change string }{
		"the last node":          {"node_no_update", `UPDATE node SET hash = zeroblob(32) WHERE number = 1`},
		"the last leaves":        {"record_no_update", `UPDATE record SET leaf = zeroblob(32) WHERE position = 500`},
		"a node is missing":      {"node_no_delete", `DELETE FROM node WHERE number = 1`},
		"a node too many":        {"node_no_delete", `INSERT INTO node VALUES (8, 2, zeroblob(32))`},
		"a node of a level more": {"node_no_delete", `INSERT INTO node VALUES (16, 0, zeroblob(32))`},
	} {
		t.Run(name, func(t *testing.T) {
			path := tall(t)
			forge(t, path, c.trigger, c.change)
			s, err := Open(context.Background(), path, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			for range 2 {
				if r, err := s.Append(context.Background(), one(1)); !errors.Is(err, eventstore.ErrDamaged) {
					t.Errorf("it was appended at %d: %v", r.First, err)
				}
			}
			if page, err := s.Read(context.Background(), 0, 256); len(page) != 256 || err != nil {
				t.Errorf("%d records are read, %v", len(page), err)
			}
		})
	}
}

// Another program has appended while this one had the log open: it must have
// done so as clew does.
func TestWhatOthersAppendMustFit(t *testing.T) {
	for name, changes := range map[string][]string{
		"without nodes": {`INSERT INTO append SELECT 601, 800, recorded_at, actor, '', '', '', NULL FROM append`,
			`INSERT INTO record SELECT position + 600, stream, version + 1000, kind, id, 601, body, fast, leaf FROM record WHERE position <= 200`},
		"without the end": {`DELETE FROM record WHERE position > 590`, `DROP TRIGGER append_no_update`, `UPDATE append SET last = 590`},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := Open(context.Background(), tall(t), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if _, err := s.writer.do(context.Background(), &task{work: func(*conn) error { return nil }}); err != nil {
				t.Fatal(err)
			}
			forge(t, s.path, "record_no_delete", changes...)
			if r, err := s.Append(context.Background(), one(1)); !errors.Is(err, eventstore.ErrDamaged) {
				t.Errorf("it was appended at %d: %v", r.First, err)
			}
		})
	}
}

// Two that append in turns keep one tree.
func TestTwoWritersKeepOneTree(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clew.db")
	var both [2]*Store
	for i := range both {
		var err error
		if both[i], err = Open(context.Background(), path, Options{}); err != nil {
			t.Fatal(err)
		}
		defer both[i].Close()
	}
	for i, n := range []int{100, 100, 100, 300, 1, 255, 256, 257, 700, 3, 5} {
		appendSome(t, both[i%2], n)
	}
	if err := both[0].Verify(context.Background()); err != nil {
		t.Error(err)
	}
}

// A forest keeps what tlog would, whatever number it begins with.
func TestAForestIsTheTreeOfTlog(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 700).Draw(t, "size")
		var f forest
		var hashes []tlog.Hash // all of them, as tlog stores them
		stored := tlog.HashReaderFunc(func(indexes []int64) (found []tlog.Hash, err error) {
			for _, i := range indexes {
				found = append(found, hashes[i])
			}
			return found, nil
		})
		for n := range int64(size) {
			leaf := tlog.RecordHash(fmt.Append(nil, n))
			more, err := tlog.StoredHashesForRecordHash(n, leaf, stored)
			if err != nil {
				t.Fatal(err)
			}
			hashes = append(hashes, more...)
			for _, done := range f.grow(leaf, nil) {
				if want := hashes[tlog.StoredHashIndex(int(done.level), done.number)]; want != done.hash || done.level != 8 {
					t.Errorf("after %d leaves: node %d of level %d", n+1, done.number, done.level)
				}
			}
		}
		for level := range 10 {
			if size>>level&1 == 1 && f.roots[level] != hashes[tlog.StoredHashIndex(level, int64(size>>level)-1)] {
				t.Errorf("of %d leaves the root of level %d is another", size, level)
			}
		}
	})
}
