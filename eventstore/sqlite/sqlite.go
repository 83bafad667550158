// Package sqlite keeps an event log and its evidence in one SQLite file.
//
// There is one writer connection, which one goroutine drives: it commits the
// appends that wait together, so that sixty-four clients pay for one sync and
// not for sixty-four. Readers have connections of their own and never wait for
// it. A commit is acknowledged when it is synced (WAL, synchronous=FULL; both
// are read back when the log is opened). Several processes may have the same
// log open: whatever a decision rests on is read inside the transaction that
// records it.
//
// It refuses: files of another program, of a newer clew, damaged, truncated or
// empty ones; network file systems, where locks and the write-ahead log do not
// hold; and writing to a log that was opened for reading. Every record that is
// read has its leaf checked: a changed one is an error that names its position.
//
//	log, err := sqlite.Open(ctx, "clew.db", sqlite.Options{})
//	if err != nil { … }
//	defer log.Close()
//	receipt, err := log.Append(ctx, eventstore.Append{
//		Actor: "insp.lind", Now: time.Now(),
//		Events: []eventstore.Event{{Stream: "case/C1", Kind: "case.opened.v1", Body: body}},
//		Expect: []eventstore.Expectation{{Stream: "case/C1", Version: 0}},
//	})
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"clew/eventstore"
)

// Options say how to open a log. The zero value is right for most.
type Options struct {
	// ReadOnly opens for reading even if the file could be written. A file
	// or directory that cannot be written is opened so in any case.
	ReadOnly bool

	// MustExist refuses to make a new log where there is none: for commands
	// that would otherwise answer a misspelt name with an empty log.
	MustExist bool

	// BusyTimeout is how long to wait for another process that is writing.
	// 0 stands for five seconds, many times the longest append.
	BusyTimeout time.Duration

	// AnyFileSystem opens for writing on what looks like a network file
	// system: the operator vouches that it is local, as FUSE can be.
	AnyFileSystem bool
}

const defaultBusyTimeout = 5 * time.Second

// Store is an eventstore.Store in a SQLite file.
type Store struct {
	path     string
	identity string
	upgraded int64 // the version that the file had before it was upgraded, or 0
	readers  *readers
	writer   *writer // nil if the log is open for reading only
}

var _ eventstore.Store = (*Store)(nil)

// Open opens the log at a path, and makes it if there is none. It checks that
// the file is a clew log of a version that it knows, that its schema is whole
// and that its last record fits its leaf.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if o.BusyTimeout <= 0 {
		o.BusyTimeout = defaultBusyTimeout
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("sqlite: open %s: %w", path, err)
	}
	// SQLite keeps the write-ahead log beside the file itself, not beside a
	// link to it.
	if file, err := filepath.EvalSymlinks(full); err == nil {
		full = file
	}
	if err := settle(ctx, full, o); err != nil {
		return nil, err
	}
	how, err := wayIn(full, o)
	if err != nil {
		return nil, err
	}
	from, err := upgrade(ctx, full, how, o)
	if err != nil {
		return nil, err
	}
	s, err := open(ctx, full, how, o)
	if err == nil {
		s.upgraded = from
	}
	return s, err
}

// settle leaves a file at the path, or says why there is none.
func settle(ctx context.Context, path string, o Options) error {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return makeNew(ctx, path, o)
	case err != nil:
		return fmt.Errorf("sqlite: open %s: %w", path, err)
	case info.IsDir():
		return fault(eventstore.ErrForeign, path, "it is a directory", "give the path of the log's file, such as "+filepath.Join(path, "clew.db"))
	case !info.Mode().IsRegular():
		return fault(eventstore.ErrForeign, path, "it is not a regular file", "give the path of the log's file")
	case info.Size() == 0:
		return fault(eventstore.ErrDamaged, path, "the file is empty", "restore it from a backup; if it never held anything, remove it and clew makes a new log")
	case !mayRead(path):
		return fault(fs.ErrPermission, path, "this user may not read it", "give this user the right to read the file, or run clew as its owner")
	}
	return nil
}

func makeNew(ctx context.Context, path string, o Options) error {
	if wal, err := os.Stat(path + "-wal"); err == nil && wal.Size() > 0 {
		if _, err := os.Stat(path); err == nil {
			return settle(ctx, path, o) // somebody else has made it since we looked, and writes already
		}
		return fault(eventstore.ErrDamaged, path, "the file is gone, but its write-ahead log "+path+"-wal is here and may hold recorded events",
			"put the file back beside it, or restore both from a backup")
	}
	if o.ReadOnly || o.MustExist {
		return fault(eventstore.ErrNotFound, path, "there is no such file", "check the path")
	}
	if err := refuseNetwork(filepath.Dir(path), path, o); err != nil {
		return err
	}
	return create(ctx, path)
}

func open(ctx context.Context, path string, how access, o Options) (*Store, error) {
	s := &Store{path: path, readers: newReaders(path, how, o.BusyTimeout)}
	if err := s.readers.use(ctx, func(c *conn) error { return s.inspect(c) }); err != nil {
		s.readers.close()
		return nil, err
	}
	if how != writing {
		return s, nil
	}
	c, err := connect(path, writing, o.BusyTimeout)
	if err == nil {
		err = assertDurable(c)
	}
	if err == nil {
		err = c.script(fmt.Sprintf("PRAGMA busy_timeout = %d; PRAGMA wal_autocheckpoint = %d", shortWait.Milliseconds(), carryMost))
	}
	if err != nil {
		s.readers.close()
		return nil, errors.Join(err, c.close())
	}
	s.writer = newWriter(c, o.BusyTimeout)
	return s, nil
}

// inspect is what must hold before anything is read or recorded.
func (s *Store) inspect(c *conn) error {
	if err := checkSchema(c); err != nil {
		return err
	}
	if err := checkEnds(c); err != nil {
		return err
	}
	row, err := c.row(`SELECT value FROM meta WHERE name = 'identity'`)
	if err != nil {
		return err
	}
	if row == nil {
		return fault(eventstore.ErrDamaged, s.path, "it has lost its identity", restore)
	}
	s.identity, _ = row[0].(string)
	return nil
}

// ReadOnly says whether appends are refused.
func (s *Store) ReadOnly() bool { return s.writer == nil }

// Identity is the random name that the log was given when it was made.
func (s *Store) Identity() string { return s.identity }

// Upgraded is the version of the tables that this opening found and upgraded;
// 0 if they were up to date.
func (s *Store) Upgraded() int64 { return s.upgraded }

// Path is where the log's file is.
func (s *Store) Path() string { return s.path }

// Close finishes what the writer has taken up, refuses the rest with
// ErrClosed, and gives the file back. The writer goes last: only a connection
// that may write can empty the write-ahead log into the file and remove it. A
// second Close does nothing.
func (s *Store) Close() error {
	if s.writer != nil {
		s.writer.ledger.recent.close()
	}
	err := s.readers.close()
	if s.writer != nil {
		err = errors.Join(err, s.writer.close())
	}
	return err
}
