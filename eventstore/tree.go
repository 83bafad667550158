package eventstore

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// MaxNote bounds the signed text of one checkpoint: the text is a few lines,
// and each cosignature one more.
const MaxNote = 64 << 10

// Checkpoint is the signed text of one head, as its signer gave it. A store
// keeps it and does not understand it.
type Checkpoint struct {
	Size       uint64    // how many records it speaks of; never more than there are
	Number     uint64    // dense from 1 among those of one size; the store gives it
	Note       []byte    // the signed text, with all its signatures
	RecordedAt time.Time // the caller's clock, whole microseconds, UTC
}

// Check says why no store would keep this checkpoint, or nil.
func (c *Checkpoint) Check() error {
	if len(c.Note) == 0 || len(c.Note) > MaxNote {
		return refuseCheckpoint(fmt.Sprintf("its text is %d bytes long, and 1 to %d are kept", len(c.Note), MaxNote))
	}
	if why := checkTime(c.RecordedAt); why != "" {
		return refuseCheckpoint("its recorded_at " + why)
	}
	return nil
}

// CheckSize says why a checkpoint cannot be of a log with that head, or nil.
func (c *Checkpoint) CheckSize(head uint64) error {
	if c.Size > head {
		return refuseCheckpoint(fmt.Sprintf("it speaks of %d records, and the log has %d", c.Size, head))
	}
	return nil
}

func refuseCheckpoint(why string) error {
	return &Fault{Kind: ErrInvalid, Where: "checkpoint", Why: why, Next: "nothing was kept; sign the head that the log has"}
}

// HashReader lets golang.org/x/mod/sumdb/tlog read the tree of a log: its
// proofs ask for hashes by index.
func HashReader(ctx context.Context, s Store) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) { return s.Hashes(ctx, indexes) })
}

// Root is the root of the tree over the first size records. It is what a
// checkpoint of that size signs. A log that is shorter refuses.
func Root(ctx context.Context, s Store, size uint64) (tlog.Hash, error) {
	if size >= 1<<62 {
		return tlog.Hash{}, Beyond(0, size, 0)
	}
	return tlog.TreeHash(int64(size), HashReader(ctx, s))
}

// Subtree is what one index of package tlog asks for: the hash over the
// records First to Last, which are 2^Level in number.
type Subtree struct {
	Level       int
	Number      int64 // from 0, among those of its level
	First, Last uint64
}

// SubtreeAt reads an index, and refuses one that a log of that many records
// has no hash for yet.
func SubtreeAt(index int64, head uint64) (Subtree, error) {
	if index < 0 || index >= 1<<62 {
		return Subtree{}, Beyond(index, 0, head)
	}
	level, number := tlog.SplitStoredHashIndex(index)
	s := Subtree{Level: level, Number: number, First: uint64(number)<<level + 1, Last: uint64(number+1) << level}
	if s.Last > head {
		return Subtree{}, Beyond(index, s.Last, head)
	}
	return s, nil
}

// Beyond is the error of a hash that the log does not have.
func Beyond(index int64, last, head uint64) error {
	return &Fault{Kind: ErrInvalid, Where: fmt.Sprintf("tree, hash %d", index),
		Why: fmt.Sprintf("it covers records up to %d, and the log has %d", last, head), Next: "ask for a tree that is no larger than the log"}
}
