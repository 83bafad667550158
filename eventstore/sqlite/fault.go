package sqlite

import (
	"context"
	"errors"
	"fmt"
	"syscall"

	"github.com/mattn/go-sqlite3"

	"clew/eventstore"
)

// restore is what to do about any damage: nothing in a log is ever mended.
const restore = "do not write to it; keep a copy as it is, and restore the log from a backup"

func fault(kind error, path, why, next string) error {
	return &eventstore.Fault{Kind: kind, Where: path, Why: why, Next: next}
}

// damagedAt names the record that is not as it was recorded.
func damagedAt(path string, position uint64, why string) error {
	return &eventstore.Fault{
		Kind: eventstore.ErrDamaged, Position: position, Why: why, Next: restore,
		Where: fmt.Sprintf("%s, record %d", path, position),
	}
}

// explain turns an error of SQLite into one of the store's kinds. Errors that
// are explained already and those of a context stay as they are.
func explain(path string, err error) error {
	var said sqlite3.Error
	if err == nil || !errors.As(err, &said) {
		return err
	}
	f := &eventstore.Fault{Where: path, Cause: err}
	f.Why, f.Next, f.Kind = meaning(said)
	if f.Kind == nil {
		return fmt.Errorf("sqlite: %s: %w", path, err)
	}
	return f
}

func meaning(said sqlite3.Error) (why, next string, kind error) {
	switch said.Code {
	case sqlite3.ErrFull:
		return "nothing of this was recorded", "make room on the disk and try again", eventstore.ErrDiskFull
	case sqlite3.ErrBusy, sqlite3.ErrLocked, sqlite3.ErrProtocol:
		return "it did not become free in time; nothing of this was recorded", "try again, or find the process that holds it", eventstore.ErrBusy
	case sqlite3.ErrCorrupt, sqlite3.ErrFormat:
		return "its pages do not fit together", restore, eventstore.ErrDamaged
	case sqlite3.ErrNotADB:
		return "it does not begin as a SQLite file does", "give the path of a clew log; if this is one, its first page is damaged: restore it from a backup", eventstore.ErrForeign
	case sqlite3.ErrReadonly, sqlite3.ErrPerm:
		return "", "give this user the right to write the file and its directory", eventstore.ErrReadOnly
	case sqlite3.ErrInterrupt:
		return "", "", context.Canceled
	case sqlite3.ErrCantOpen:
		return "the file or one beside it cannot be opened", "look whether the file and its directory are still there, whether the disk works, and whether this process has too many files open; then open the log again", eventstore.ErrDisk
	case sqlite3.ErrIoErr:
		return diskFailure(said)
	}
	return "", "", nil
}

// diskFailure tells a full disk from a broken one: SQLite calls a quota or a
// limit on the file's size an I/O error.
func diskFailure(said sqlite3.Error) (why, next string, kind error) {
	if isFull(said.SystemErrno) {
		return "nothing of this was recorded", "make room on the disk, or raise the quota, and try again", eventstore.ErrDiskFull
	}
	return "an operation on the file failed", "look at the system's log and at the disk; then open the log again", eventstore.ErrDisk
}

func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}
