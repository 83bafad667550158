package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"clew/eventstore"
)

// Copy says what a backup or a restored log holds.
type Copy struct {
	Identity string   // of the log
	Head     uint64   // its last position
	Root     [32]byte // of the tree over all its records
	Bytes    int64    // size of the file
}

// Check is what else must hold of a copy before it gets its name: what only
// those know who understand the records and the checkpoints.
type Check func(context.Context, *Store) error

// Backup copies the whole log with its evidence to a new file, while others
// read and append: the copy is the log as it stood at one moment, not before
// the call. The copy is synced, read through as Verify does and held against
// the log's own tree before it gets its name: under that name there is a whole
// backup or none. An existing file is never written over.
func (s *Store) Backup(ctx context.Context, path string, also ...Check) (made Copy, err error) {
	draft, err := beginDraft(path, ".clew-backup-")
	if err != nil {
		return made, err
	}
	defer discard(draft)
	if err := s.copyTo(ctx, draft); err != nil {
		return made, inPlaceOf(draft, path, err)
	}
	if made, err = inspectDraft(ctx, draft, also); err != nil {
		return made, inPlaceOf(draft, path, err)
	}
	root, err := eventstore.Root(ctx, s, made.Head)
	if err != nil {
		return made, err
	}
	if made.Identity != s.identity || made.Root != root {
		return made, fault(eventstore.ErrDamaged, path, fmt.Sprintf("the copy up to record %d is not what the log says it has", made.Head), "run 'clew verify' on the log, look at the disk, and back up again; nothing was left behind")
	}
	return made, settleDraft(draft, path)
}

// copyTo lets SQLite write every table anew, in one reading transaction: what
// it cannot read is an error and no part of the copy.
func (s *Store) copyTo(ctx context.Context, draft string) error {
	c, err := connect(s.path, s.readers.how, s.readers.busy)
	if err != nil {
		return err
	}
	defer c.close()
	if err := c.script("PRAGMA query_only = off"); err != nil { // the file itself stays open for reading only
		return err
	}
	return c.each(ctx, func([]driver.Value) error { return nil }, `VACUUM INTO ?`, draft)
}

// Restore makes a log at a path where there is none from a backup. The copy
// is read through before it gets its name.
func Restore(ctx context.Context, backup, path string, also ...Check) (made Copy, err error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return made, fmt.Errorf("sqlite: restore %s: %w", path, err)
	}
	if err := mayBeRestored(backup, full); err != nil {
		return made, err
	}
	draft, err := beginDraft(full, ".clew-restore-")
	if err != nil {
		return made, err
	}
	defer discard(draft)
	if err := copyFile(ctx, backup, draft); err != nil {
		return made, inPlaceOf(draft, path, err)
	}
	if err := upToDate(ctx, draft); err != nil {
		return made, inPlaceOf(draft, backup, err)
	}
	if made, err = inspectDraft(ctx, draft, also); err != nil {
		return made, inPlaceOf(draft, backup, err)
	}
	return made, settleDraft(draft, full)
}

// mayBeRestored refuses a log that is in use, of which the one file is not
// all, and a place where the rest of another log lies.
func mayBeRestored(backup, path string) error {
	if wal, err := os.Stat(backup + "-wal"); err == nil && wal.Size() > 0 {
		return fault(eventstore.ErrInvalid, backup, "it is a log in use, not a backup: what was recorded last lies in "+backup+"-wal", "make a backup of it with 'clew backup'")
	}
	if wal, err := os.Stat(path + "-wal"); err == nil && wal.Size() > 0 {
		return fault(eventstore.ErrInvalid, path, "the write-ahead log of another log lies beside it, "+path+"-wal, and may hold recorded events",
			"move it away and keep it, or restore to another path")
	}
	return nil
}

// beginDraft makes an empty file beside the path that is to be, for its
// owner's eyes only.
func beginDraft(path, prefix string) (draft string, err error) {
	dir := filepath.Dir(path)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", &eventstore.Fault{Kind: eventstore.ErrNotFound, Where: path, Why: "there is no directory " + dir, Next: "make it first", Cause: err}
	}
	if _, err := os.Lstat(path); err == nil {
		return "", taken(path)
	}
	draft = filepath.Join(dir, prefix+rand.Text())
	f, err := os.OpenFile(draft, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", fmt.Errorf("sqlite: make %s: %w", path, err)
	}
	return draft, f.Close()
}

func taken(path string) error {
	return fault(fs.ErrExist, path, "there is a file already, and it is never written over", "give another name, or move the file away")
}

// discard removes a draft that has not got its name, and what SQLite may have
// put beside it.
func discard(draft string) {
	for _, suffix := range []string{"", "-wal", "-shm", "-journal"} {
		os.Remove(draft + suffix)
	}
}

// upToDate opens a restored draft as a log is opened, which upgrades one that
// an older clew has made.
func upToDate(ctx context.Context, draft string) error {
	s, err := Open(ctx, draft, Options{MustExist: true})
	if err != nil {
		return err
	}
	return s.Close()
}

// inspectDraft syncs a copy, reads all of it and says what it holds.
func inspectDraft(ctx context.Context, draft string, also []Check) (made Copy, err error) {
	if err := syncFile(draft); err != nil {
		return made, err
	}
	info, err := os.Stat(draft)
	if err != nil {
		return made, err
	}
	s, err := open(ctx, draft, still, Options{BusyTimeout: defaultBusyTimeout}) // nobody else knows of it
	if err != nil {
		return made, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.Verify(ctx); err != nil {
		return made, err
	}
	for _, check := range also {
		if err := check(ctx, s); err != nil {
			return made, err
		}
	}
	made = Copy{Identity: s.identity, Bytes: info.Size()}
	if made.Head, err = s.Head(ctx); err != nil {
		return made, err
	}
	root, err := eventstore.Root(ctx, s, made.Head)
	made.Root = root
	return made, err
}

func syncFile(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("sqlite: sync %s: %w", path, err)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return onDisk(path, err)
	}
	return nil
}

// onDisk tells a full disk from a broken one.
func onDisk(path string, err error) error {
	if isFull(err) {
		return &eventstore.Fault{Kind: eventstore.ErrDiskFull, Where: path, Why: "the file could not be written", Next: "make room on the disk, or raise the quota, and try again", Cause: err}
	}
	return &eventstore.Fault{Kind: eventstore.ErrDisk, Where: path, Why: "the file could not be written", Next: "look at the system's log and at the disk, and try again", Cause: err}
}

// settleDraft gives the copy its name, unless somebody else took it meanwhile.
func settleDraft(draft, path string) error {
	err := os.Link(draft, path)
	switch {
	case errors.Is(err, fs.ErrExist):
		return taken(path)
	case err != nil: // some file systems know no links
		if err := os.Rename(draft, path); err != nil {
			return fmt.Errorf("sqlite: make %s: %w", path, err)
		}
	}
	return syncDir(filepath.Dir(path))
}

// inPlaceOf lets an error name the file that the user asked for and not the
// draft, which is gone when he reads it.
func inPlaceOf(draft, path string, err error) error {
	var f *eventstore.Fault
	if !errors.As(err, &f) {
		return err
	}
	named := *f
	named.Where = strings.ReplaceAll(f.Where, draft, path)
	return &named
}

func copyFile(ctx context.Context, from, to string) (err error) {
	in, err := os.Open(from)
	if errors.Is(err, fs.ErrNotExist) {
		return fault(eventstore.ErrNotFound, from, "there is no such file", "check the path of the backup")
	}
	if err != nil {
		return fmt.Errorf("sqlite: read %s: %w", from, err)
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY, 0)
	if err != nil {
		return onDisk(to, err)
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	if _, err := io.Copy(out, heeding{ctx, in}); err != nil {
		return calledOff(ctx, onDisk(to, err))
	}
	return nil
}

// heeding reads until its context ends.
type heeding struct {
	ctx context.Context
	in  io.Reader
}

func (h heeding) Read(p []byte) (int, error) {
	if err := h.ctx.Err(); err != nil {
		return 0, err
	}
	return h.in.Read(p)
}

// calledOff prefers that the caller has ended over what followed from it.
func calledOff(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	return err
}
