package projections

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"

	"github.com/mattn/go-sqlite3"
)

// conn is one SQLite connection with its prepared statements, for one
// goroutine at a time. It speaks to the driver directly: database/sql costs a
// lock and several allocations for every row, more than the row itself.
type conn struct {
	path       string
	raw        *sqlite3.SQLiteConn
	statements map[string]*sqlite3.SQLiteStmt
	find       *finders // what is remembered of where movements lie
	opens      Opening  // of small facts that are read; nil: as they were recorded
}

// cacheKiB is the page cache of the writing connection: the index on movement
// names is keyed at random, and one that does not fit it writes each page anew.
const cacheKiB = 96 << 10

// dsn carries the pragmas, because they belong to a connection and not to the
// file. synchronous=NORMAL may lose the last rows at a power cut, together
// with the position that stands for them: the log has them still.
func dsn(path string, reading bool) string {
	q := url.Values{
		"mode":          {"rwc"},
		"_busy_timeout": {"10000"},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"NORMAL"},
		"_mutex":        {"no"}, // a conn has one user at a time
		"_cache_size":   {fmt.Sprint(-cacheKiB)},
	}
	if reading {
		q.Set("mode", "rw")
		q.Del("_journal_mode")
		q.Set("_query_only", "on")
		q.Set("_cache_size", "-16000")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// The write-ahead log grows to 64 MB before its pages go to the file: a
// rebuild touches the same pages of an index again and again.
const afterOpen = `PRAGMA mmap_size = 0; PRAGMA trusted_schema = off; PRAGMA wal_autocheckpoint = 16000`

func connect(path string, reading bool) (*conn, error) { return dial(path, dsn(path, reading)) }

// connectPrivate opens a file that only this connection sees: SQLite makes it
// when its page cache is full, and removes it.
func connectPrivate() (*conn, error) {
	return dial("a temporary file", "file:?_mutex=no&_cache_size=-32000&_journal_mode=OFF&_synchronous=OFF")
}

func dial(path, source string) (*conn, error) {
	raw, err := (&sqlite3.SQLiteDriver{}).Open(source)
	if err != nil {
		return nil, worldly(path, err)
	}
	c := &conn{path: path, raw: raw.(*sqlite3.SQLiteConn), statements: map[string]*sqlite3.SQLiteStmt{}}
	if err := c.script(afterOpen); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// script runs statements that are not worth keeping prepared.
func (c *conn) script(sql string) error {
	_, err := c.raw.Exec(sql, nil)
	return worldly(c.path, err)
}

func (c *conn) statement(sql string) (*sqlite3.SQLiteStmt, error) {
	if s, ok := c.statements[sql]; ok {
		return s, nil
	}
	prepared, err := c.raw.Prepare(sql)
	if err != nil {
		return nil, worldly(c.path, err)
	}
	s := prepared.(*sqlite3.SQLiteStmt)
	c.statements[sql] = s
	return s, nil
}

// run executes one statement that gives no rows. The driver binds all the
// arguments of a query in one crossing into C, and those of an exec in one
// crossing each: hence a query.
func (c *conn) run(sql string, args ...driver.Value) error { return c.runNumbered(sql, numbered(args)) }

func (c *conn) runNumbered(sql string, args []driver.NamedValue) error {
	s, err := c.statement(sql)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(context.Background(), args)
	if err != nil {
		return worldly(c.path, err)
	}
	return worldly(c.path, rows.Close())
}

func numbered(args []driver.Value) []driver.NamedValue {
	named := make([]driver.NamedValue, len(args))
	for i, a := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return named
}

// each gives every row to a function; the row is overwritten by the next.
func (c *conn) each(ctx context.Context, do func(row []driver.Value) error, sql string, args ...driver.Value) (err error) {
	s, err := c.statement(sql)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(context.Background(), numbered(args))
	if err != nil {
		return worldly(c.path, err)
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = worldly(c.path, e)
		}
	}()
	row := make([]driver.Value, len(rows.Columns()))
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		switch err := rows.Next(row); {
		case err == io.EOF:
			return nil
		case err != nil:
			return worldly(c.path, err)
		}
		if err := do(row); err != nil {
			return err
		}
	}
}

// row gives the first row, or nil if there is none.
func (c *conn) row(sql string, args ...driver.Value) (found []driver.Value, err error) {
	err = c.each(context.Background(), func(row []driver.Value) error {
		if found == nil {
			found = append([]driver.Value{}, row...)
		}
		return nil
	}, sql, args...)
	return found, err
}

// snapshot runs a function that sees the file as it stands at one moment.
func (c *conn) snapshot(do func() error) error {
	if err := c.script("BEGIN"); err != nil {
		return err
	}
	err := do()
	return errors.Join(err, c.script("ROLLBACK"))
}

func (c *conn) close() error {
	if c == nil {
		return nil
	}
	for _, s := range c.statements {
		s.Close() // it reports the statement's last error again, which was handled
	}
	return worldly(c.path, c.raw.Close())
}

// FileError is what the world said about the views' file: nothing is lost,
// because the log can fill another.
type FileError struct {
	Path  string
	Cause error
}

func (e *FileError) Error() string {
	if busy(e.Cause) {
		return fmt.Sprintf("read models in %s: %s: another clew is building them and took long; try again", e.Path, e.Cause)
	}
	return fmt.Sprintf("read models in %s: %s; they hold nothing that the log does not: free the disk or remove the file, and clew builds them again", e.Path, e.Cause)
}

// Unwrap gives the cause.
func (e *FileError) Unwrap() error { return e.Cause }

// worldly tells an error of the disk from one of the event that is applied:
// a constraint that fails is the event's, and stays as SQLite says it.
func worldly(path string, err error) error {
	var said sqlite3.Error
	if err == nil || errors.As(err, &said) && said.Code == sqlite3.ErrConstraint {
		return err
	}
	return &FileError{path, err}
}

// busy says that another process is writing the file.
func busy(err error) bool {
	var said sqlite3.Error
	return errors.As(err, &said) && (said.Code == sqlite3.ErrBusy || said.Code == sqlite3.ErrLocked)
}

// damaged says that the file is no SQLite file or a torn one.
func damaged(err error) bool {
	var said sqlite3.Error
	return errors.As(err, &said) && (said.Code == sqlite3.ErrNotADB || said.Code == sqlite3.ErrCorrupt)
}

// maxReaders bounds the connections for reading: each has up to 16 MB of
// pages, and more of them than processors gain nothing.
const maxReaders = 4

// readers are connections for reading, opened when first needed.
type readers struct {
	opens Opening
	path  string
	idle  chan *conn // nil: not yet opened
	find  *finders
	close func() error
}

func newReaders(path string, opens Opening) *readers {
	r := &readers{path: path, opens: opens, idle: make(chan *conn, maxReaders), find: newFinders()}
	for range maxReaders {
		r.idle <- nil
	}
	r.close = sync.OnceValue(r.closeAll)
	return r
}

var errClosed = errors.New("the read models are closed: open them again")

// use lends a connection that sees the file as it stands at one moment.
func (r *readers) use(ctx context.Context, do func(*conn) error) (err error) {
	var c *conn
	var open bool
	select {
	case <-ctx.Done():
		return ctx.Err()
	case c, open = <-r.idle:
	}
	if !open {
		return errClosed
	}
	defer func() { r.idle <- c }()
	if c == nil {
		if c, err = connect(r.path, true); err != nil {
			return err
		}
		c.find, c.opens = r.find, r.opens
	}
	return c.snapshot(func() error { return do(c) })
}

// closeAll waits until every connection was given back.
func (r *readers) closeAll() error {
	var all error
	for range maxReaders {
		all = errors.Join(all, (<-r.idle).close())
	}
	close(r.idle)
	return all
}

// marks is a list of n question marks in brackets.
func marks(n int) string { return "(" + strings.TrimSuffix(strings.Repeat("?,", n), ",") + ")" }

// asInt reads an integer column; NULL is 0.
func asInt(v driver.Value) int64 { n, _ := v.(int64); return n }

// asText reads a text column; NULL is "".
func asText(v driver.Value) string { s, _ := v.(string); return s }

// position makes a column of a log position.
func position(p uint64) driver.Value { return int64(p) }
