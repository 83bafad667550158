// Package eventstore keeps what was recorded: ordered records of bytes, and
// the evidence files that they speak of. It knows no money, no case and no
// victim; package domain says what the bytes mean.
//
// A Store promises, and package storetest checks for every store:
//
//   - Append is atomic over all its events and over several streams, and says
//     no more than "recorded" once the bytes are synced to disk.
//   - Positions are dense from 1. A reader that follows them misses nothing
//     and can tell that it does not.
//   - An idempotency key belongs to one append, for ever: the same request
//     gets the first answer, another request under the same key is a conflict.
//   - RecordedAt never runs backwards.
//   - Every record is a leaf of one Merkle tree (RFC 6962), which grows in the
//     same transaction: whoever has its root can be shown any record, and that
//     a later log begins as the one he knew.
//   - What was read once is read the same for ever.
//
// It refuses: files that are damaged, foreign or made by a newer clew; a
// writer on a read-only file; an append whose expected versions are stale.
package eventstore

import (
	"context"
	"io"
	"iter"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// ID is the 16 bytes of a ULID. The store makes it at append: ids are
// time-ordered, so that no index on the log is random-keyed.
type ID [16]byte

// Record is one committed event, as read back. Nothing in it ever changes.
type Record struct {
	Position    uint64    // dense, from 1, over the whole log
	Stream      string    // for example "case/C1"
	Version     uint64    // dense, from 1, within the stream
	ID          ID        // time-ordered
	Kind        string    // for example "transfer.observed.v1"
	RecordedAt  time.Time // UTC, whole microseconds, never before its predecessor
	Actor       string    // who did it; never empty
	Key         string    // idempotency key of its append; may be empty
	Correlation string    // the command or import that this belongs to; may be empty
	Causation   string    // id of the event that led to this one; may be empty
	Body        []byte    // canonical JSON by domain's codec; opaque here
	Fast        []byte    // domain's typed block of the same facts, or nil; opaque here
}

// Event is one event to be appended.
type Event struct {
	Stream string
	Kind   string
	Body   []byte // never empty
	Fast   []byte // may be nil; an empty one is none
}

// Any is an expected version that fits every stream, new or old.
const Any = ^uint64(0)

// Expectation says at which version a stream must stand for an append to
// hold. 0 means that the stream must not exist yet; Any that it may stand
// anywhere. A stream that is not named is not checked.
type Expectation struct {
	Stream  string
	Version uint64
}

// Append is one atomic unit: all of its events are recorded, in this order
// and with neighbouring positions, or none is.
type Append struct {
	Events      []Event       // at least one
	Expect      []Expectation // checked in the same transaction
	Key         string        // idempotency key; empty: none
	Request     []byte        // what the key stands for, needed with one: the command's canonical JSON without clock, generated ids and personal data; kept with the key for ever
	Actor       string
	Correlation string
	Causation   string
	Now         time.Time // the caller's clock; recorded_at is this, or the last recorded_at if that is later
}

// Receipt is the store's answer to an append. It is given again, word for
// word, when the same append comes again under the same key.
type Receipt struct {
	First    uint64 // position of its first event
	Last     uint64 // position of its last event
	Repeated bool   // the key was known and the request the same: nothing was recorded now
}

// Evidence describes a kept file.
type Evidence struct {
	SHA256 [32]byte
	Size   int64
}

// Store is an event log with the evidence files beside it.
type Store interface {
	// Append records a, or says why not: *VersionConflict, *KeyConflict, or a
	// *Fault such as ErrInvalid (see limits.go), ErrReadOnly, ErrBusy,
	// ErrDiskFull and ErrDamaged. After any error nothing of it is recorded,
	// except that after ErrDisk the log must be opened again to tell. A
	// context that ends is heeded until the append is taken up; then it waits
	// for the commit, so that the answer is definite.
	Append(ctx context.Context, a Append) (Receipt, error)

	// Told answers for an idempotency key without recording anything: the
	// first answer if this request was recorded under it, *KeyConflict if
	// another was, and known false if the key is new. A caller asks before it
	// decides again on what its own first telling has changed.
	Told(ctx context.Context, key string, request []byte) (r Receipt, known bool, err error)

	// Head is the last position; 0 for an empty log.
	Head(ctx context.Context) (uint64, error)

	// Read returns up to limit records after a position, in order, each
	// checked against its leaf. Fewer than limit means that the head was
	// reached. What does not fit or is missing is ErrDamaged, and the *Fault
	// names its position.
	Read(ctx context.Context, after uint64, limit int) ([]Record, error)

	// ReadStream returns up to limit records of one stream after a version.
	ReadStream(ctx context.Context, stream string, after uint64, limit int) ([]Record, error)

	// Replay gives the records after a position, in order and without a gap,
	// up to the head that it finds when it comes there. It is for whoever
	// reads all: records come in batches, and a record with Fast comes
	// without Body, which says the same. A batch and the bytes in it are the
	// loop's only until its next turn, as the buffer of a scanner is; strings
	// may be kept. It may answer from a copy that the store keeps of checked
	// records. An error is the last that it gives.
	Replay(ctx context.Context, after uint64) iter.Seq2[[]Record, error]

	// Version is the stream's last version; 0 if there is no such stream.
	Version(ctx context.Context, stream string) (uint64, error)

	// Hashes gives hashes of the Merkle tree over the records' leaves, by the
	// indexes of package tlog (StoredHashIndex; record 1 is tlog's record 0).
	// A hash, once given, is the same for ever. ErrInvalid if the log is too
	// short to have one of them. HashReader and Root make the most of it.
	Hashes(ctx context.Context, indexes []int64) ([]tlog.Hash, error)

	// PutCheckpoint keeps a signed text beside the log, synced, and gives it
	// its number. The same text for the same size is not kept twice: the
	// first answer is given again. ErrInvalid if it speaks of more records
	// than there are.
	PutCheckpoint(ctx context.Context, c Checkpoint) (Checkpoint, error)

	// Checkpoints gives up to limit kept checkpoints that follow one in the
	// order of size and number; all from the first after the zero Checkpoint.
	// Only Size and Number of after count.
	Checkpoints(ctx context.Context, after Checkpoint, limit int) ([]Checkpoint, error)

	// LastCheckpoint gives the last in that order; the zero one if there is
	// none.
	LastCheckpoint(ctx context.Context) (Checkpoint, error)

	// PutEvidence keeps a file in chunks under its SHA-256. A file that is
	// known already is not stored twice. It is synced when this returns.
	PutEvidence(ctx context.Context, file io.Reader) (Evidence, error)

	// OpenEvidence reads a kept file; ErrNotFound if there is none such. The
	// reader checks the hash and fails at the end of a file that was changed.
	OpenEvidence(ctx context.Context, sha256 [32]byte) (io.ReadCloser, Evidence, error)

	// ReadOnly says whether appends are refused.
	ReadOnly() bool

	// Identity is a random name that the store was given when it was made.
	// Read models remember it, so that they never speak for another log.
	Identity() string

	Close() error
}
