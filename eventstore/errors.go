package eventstore

import (
	"errors"
	"fmt"
	"strings"
)

// What can be wrong, to be asked for with errors.Is. The error itself is a
// *Fault, *VersionConflict or *KeyConflict and says where, why and what next.
var (
	ErrReadOnly = errors.New("the log is open for reading only")
	ErrDiskFull = errors.New("the disk is full")
	ErrDisk     = errors.New("the disk failed")
	ErrDamaged  = errors.New("damaged")
	ErrForeign  = errors.New("not a clew log")
	ErrTooNew   = errors.New("made by a newer clew")
	ErrTooOld   = errors.New("made by an older clew")
	ErrNetwork  = errors.New("on a network file system")
	ErrNotFound = errors.New("not found")
	ErrBusy     = errors.New("held by another process")
	ErrClosed   = errors.New("the log is closed")
	ErrInvalid  = errors.New("refused")
)

// Fault is an error of a store: one of the kinds above, and what a person
// needs to know about this one.
type Fault struct {
	Kind     error  // one of the errors above
	Where    string // which file, record or field
	Position uint64 // the record that is concerned, or 0
	Why      string
	Next     string // what to do about it
	Cause    error  // what the world said, or nil
}

// Error is one line: where, what, why, next.
func (f *Fault) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s", f.Where, f.Kind)
	if f.Why != "" {
		fmt.Fprintf(&b, ": %s", f.Why)
	}
	if f.Cause != nil {
		fmt.Fprintf(&b, " (%s)", f.Cause)
	}
	if f.Next != "" {
		fmt.Fprintf(&b, "; %s", f.Next)
	}
	return b.String()
}

// Unwrap gives the kind and the cause to errors.Is and errors.As.
func (f *Fault) Unwrap() []error {
	if f.Cause == nil {
		return []error{f.Kind}
	}
	return []error{f.Kind, f.Cause}
}

// VersionConflict says that a stream did not stand where the append expected
// it: somebody else appended meanwhile. Nothing was recorded.
type VersionConflict struct {
	Stream   string
	Expected uint64
	Actual   uint64 // 0: there is no such stream
}

func (c *VersionConflict) Error() string {
	return fmt.Sprintf("stream %s: it stands at version %d, and the append expected %d: somebody else appended meanwhile; load it again, decide again, append again",
		c.Stream, c.Actual, c.Expected)
}

// KeyConflict says that an idempotency key stands for another request. The
// key keeps its first request for ever. Nothing was recorded.
type KeyConflict struct {
	Key        string
	First      uint64 // position of the first event that was recorded under it
	Difference string // where the two requests differ
}

func (c *KeyConflict) Error() string {
	return fmt.Sprintf("idempotency key %s: it was used at position %d for another request: %s; give a new request a new key",
		c.Key, c.First, c.Difference)
}
