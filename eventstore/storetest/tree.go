package storetest

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"clew/eventstore"
)

func trees() []Guarantee {
	return []Guarantee{
		{"the root is that of RFC 6962 over the records' leaves", rootOfLeaves},
		{"any record can be shown to whoever has a root", inclusion},
		{"a log that has grown can be shown to begin as before", consistency},
		{"a tree larger than the log is refused", treeBeyond},
		{"checkpoints are kept as they were given, in their order", checkpointsKept},
		{"a checkpoint that the log does not bear out is refused", checkpointsRefused},
	}
}

// recorded is enough for trees of three stored levels, in appends whose ends
// fall beside those of complete subtrees, by two openings of the log.
const recorded = 700

func grown(t T, h Harness) (eventstore.Store, []tlog.Hash) {
	t.Helper()
	s := h.open(t)
	for n := 0; n < recorded; {
		size := min(1+n%97, recorded-n)
		must(t, s, plain(events(fmt.Sprint("case/C", n%3), size)...))
		if n += size; n > recorded/2 && n-size <= recorded/2 {
			s = h.again(t, s)
		}
	}
	all, err := s.Read(context.Background(), 0, recorded)
	if err != nil || len(all) != recorded {
		t.Fatalf("%d records are read: %v", len(all), err)
	}
	leaves := make([]tlog.Hash, len(all))
	for i := range all {
		leaves[i] = sha256.Sum256(append([]byte{0}, eventstore.Encode(all[i])...))
	}
	return s, leaves
}

// treeHash is MTH of RFC 6962, section 2.1, in its own words.
func treeHash(leaves []tlog.Hash) tlog.Hash {
	switch len(leaves) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return leaves[0]
	}
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	left, right := treeHash(leaves[:k]), treeHash(leaves[k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

func root(t T, s eventstore.Store, size int) tlog.Hash {
	t.Helper()
	hash, err := eventstore.Root(context.Background(), s, uint64(size))
	if err != nil {
		t.Fatalf("root of %d: %v", size, err)
	}
	return hash
}

func rootOfLeaves(t T, h Harness) {
	s, leaves := grown(t, h)
	for _, size := range []int{0, 1, 2, 3, 7, 8, 97, 255, 256, 257, 511, 512, 513, 640, recorded - 1, recorded} {
		if got, want := root(t, s, size), treeHash(leaves[:size]); got != want {
			t.Errorf("of %d records the root is %v, and should be %v", size, got, want)
		}
	}
	before := root(t, s, 512)
	must(t, s, plain(events("case/C9", 300)...))
	if after := root(t, h.again(t, s), 512); after != before {
		t.Errorf("the root of 512 records was %v and is %v", before, after)
	}
}

func inclusion(t T, h Harness) {
	s, leaves := grown(t, h)
	for _, size := range []int64{1, 256, 300, recorded} {
		for n := int64(0); n < size; n += 1 + size/13 {
			proof, err := tlog.ProveRecord(size, n, eventstore.HashReader(context.Background(), s))
			if err != nil {
				t.Fatalf("proof of record %d of %d: %v", n+1, size, err)
			}
			if err := tlog.CheckRecord(proof, size, treeHash(leaves[:size]), n, leaves[n]); err != nil {
				t.Errorf("record %d of %d: %v", n+1, size, err)
			}
		}
	}
}

func consistency(t T, h Harness) {
	s, leaves := grown(t, h)
	for _, old := range []int64{1, 255, 256, 400, recorded} {
		proof, err := tlog.ProveTree(recorded, old, eventstore.HashReader(context.Background(), s))
		if err != nil {
			t.Fatalf("proof from %d to %d: %v", old, recorded, err)
		}
		if err := tlog.CheckTree(proof, recorded, treeHash(leaves), old, treeHash(leaves[:old])); err != nil {
			t.Errorf("from %d to %d: %v", old, recorded, err)
		}
	}
}

func treeBeyond(t T, h Harness) {
	s := h.open(t)
	must(t, s, plain(events("case/C1", 5)...))
	for _, size := range []uint64{6, 8, 256, math.MaxInt64, math.MaxUint64} {
		if hash, err := eventstore.Root(context.Background(), s, size); !errors.Is(err, eventstore.ErrInvalid) {
			t.Errorf("of %d records, where there are 5, the root is %v: %v", size, hash, err)
		}
	}
	for _, index := range []int64{-1, math.MinInt64, math.MaxInt64, tlog.StoredHashIndex(0, 5), tlog.StoredHashIndex(3, 0)} {
		if hashes, err := s.Hashes(context.Background(), []int64{0, index}); !errors.Is(err, eventstore.ErrInvalid) || hashes != nil {
			t.Errorf("hash %d is %v: %v", index, hashes, err)
		}
	}
}

// keep keeps a checkpoint, which must hold.
func keep(t T, s eventstore.Store, size uint64, note string) eventstore.Checkpoint {
	t.Helper()
	c, err := s.PutCheckpoint(context.Background(), eventstore.Checkpoint{Size: size, Note: []byte(note), RecordedAt: noon().Add(time.Duration(size))})
	if err != nil {
		t.Fatalf("checkpoint of %d: %v", size, err)
	}
	return c
}

func checkpointsKept(t T, h Harness) {
	s := h.open(t)
	if last, err := s.LastCheckpoint(context.Background()); err != nil || last.Number != 0 || last.Note != nil {
		t.Errorf("before there is one, the last is %+v: %v", last, err)
	}
	must(t, s, plain(events("case/C1", 9)...))
	for _, c := range []struct {
		size   uint64
		note   string
		number uint64
	}{{7, "seven\n", 1}, {9, "nine\x00\xff", 1}, {7, "seven, cosigned", 2}, {7, "seven\n", 1}, {0, "none yet", 1}, {9, "nine, cosigned", 2}} {
		if kept := keep(t, s, c.size, c.note); kept.Number != c.number || kept.Size != c.size || string(kept.Note) != c.note {
			t.Errorf("%d %q was kept as %+v", c.size, c.note, kept)
		}
	}
	s = h.again(t, s)
	var said string
	var after eventstore.Checkpoint
	for {
		page, err := s.Checkpoints(context.Background(), after, 2)
		if err != nil {
			t.Fatalf("checkpoints after %d: %v", after.Size, err)
		}
		for _, c := range page {
			said += fmt.Sprintf("%d.%d %q %d; ", c.Size, c.Number, c.Note, c.RecordedAt.Sub(noon()))
			after = c
		}
		if len(page) < 2 {
			break
		}
	}
	if want := `0.1 "none yet" 0; 7.1 "seven\n" 0; 7.2 "seven, cosigned" 0; 9.1 "nine\x00\xff" 0; 9.2 "nine, cosigned" 0; `; said != want {
		t.Errorf("there are %s and should be %s", said, want)
	}
	if last, err := s.LastCheckpoint(context.Background()); err != nil || string(last.Note) != "nine, cosigned" || last.Number != 2 {
		t.Errorf("the last is %+v: %v", last, err)
	}
	if _, err := s.Checkpoints(context.Background(), eventstore.Checkpoint{}, 0); !errors.Is(err, eventstore.ErrInvalid) {
		t.Errorf("a page of none: %v", err)
	}
}

func checkpointsRefused(t T, h Harness) {
	s := h.open(t)
	must(t, s, plain(events("case/C1", 3)...))
	for what, c := range map[string]eventstore.Checkpoint{
		"of more records than there are": {Size: 4, Note: []byte("n"), RecordedAt: noon()},
		"of endless records":             {Size: math.MaxUint64, Note: []byte("n"), RecordedAt: noon()},
		"without text":                   {Size: 3, RecordedAt: noon()},
		"of too long a text":             {Size: 3, Note: make([]byte, eventstore.MaxNote+1), RecordedAt: noon()},
		"of no time":                     {Size: 3, Note: []byte("n")},
	} {
		if kept, err := s.PutCheckpoint(context.Background(), c); !errors.Is(err, eventstore.ErrInvalid) {
			t.Errorf("%s: it was kept as %+v, %v", what, kept, err)
		}
	}
	if all, err := s.Checkpoints(context.Background(), eventstore.Checkpoint{}, 10); err != nil || len(all) != 0 {
		t.Errorf("what was refused is there: %+v, %v", all, err)
	}
	if r := must(t, s, plain(events("case/C1", 1)...)); r.First != 4 {
		t.Errorf("and the log goes on at %d", r.First)
	}
}
