package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"net/url"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-sqlite3"

	"clew/eventstore"
)

// access is the way in to a file.
type access int

const (
	writing access = iota
	reading        // beside writers, who may be other processes
	still          // a file that nobody writes, in a place where SQLite can make no files of its own
	alone          // writing while no other process has the file open
)

// conn is one SQLite connection with its prepared statements, for one
// goroutine at a time. It speaks to the driver directly: database/sql costs a
// goroutine and a lock for every statement, which is half of an append.
type conn struct {
	path       string
	raw        *sqlite3.SQLiteConn
	statements map[string]*sqlite3.SQLiteStmt
	names      map[nameOf]string
}

// nameOf asks for the name of a stream or kind by its number.
type nameOf struct {
	sql string
	id  int64
}

// dsn carries the pragmas, because they belong to a connection and not to the
// file. The write-ahead log grows to 16 MB before its pages go to the file:
// with the default of 4 MB bulk appends write most pages twice. Beside a writer
// the carrier sees to that.
func dsn(path string, how access, busy time.Duration) string {
	q := url.Values{
		"_busy_timeout": {fmt.Sprint(busy.Milliseconds())},
		"_synchronous":  {"FULL"},
		"_foreign_keys": {"on"},
		"_mutex":        {"no"}, // a conn has one user at a time
		"_cache_size":   {"-16000"},
		"mode":          {"ro"},
	}
	switch how {
	case writing:
		q.Set("mode", "rw")
		q.Set("_journal_mode", "WAL")
	case still:
		q.Set("immutable", "1")
	case alone:
		q.Set("mode", "rw")
		q.Set("_locking_mode", "EXCLUSIVE")
	}
	if how == reading || how == still {
		q.Set("_query_only", "on")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// afterOpen are the pragmas that the driver's DSN does not know. fullfsync is
// what makes a sync reach the disk on macOS; the others distrust a file that
// somebody may have changed.
const afterOpen = `PRAGMA fullfsync = on; PRAGMA checkpoint_fullfsync = on;
	PRAGMA mmap_size = 0; PRAGMA trusted_schema = off; PRAGMA cell_size_check = on;
	PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 67108864`

func connect(path string, how access, busy time.Duration) (*conn, error) {
	return dial(path, dsn(path, how, busy))
}

func dial(path, source string) (*conn, error) {
	raw, err := (&sqlite3.SQLiteDriver{}).Open(source)
	if err != nil {
		return nil, explain(path, err)
	}
	c := &conn{path: path, raw: raw.(*sqlite3.SQLiteConn), statements: map[string]*sqlite3.SQLiteStmt{}, names: map[nameOf]string{}}
	if err := c.script(afterOpen); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// script runs statements that are not worth keeping prepared.
func (c *conn) script(sql string) error {
	_, err := c.raw.Exec(sql, nil)
	return explain(c.path, err)
}

func (c *conn) statement(sql string) (*sqlite3.SQLiteStmt, error) {
	if s, ok := c.statements[sql]; ok {
		return s, nil
	}
	prepared, err := c.raw.Prepare(sql)
	if err != nil {
		return nil, explain(c.path, err)
	}
	s := prepared.(*sqlite3.SQLiteStmt)
	c.statements[sql] = s
	return s, nil
}

// run executes one statement that gives no rows. The driver binds all the
// arguments of a query in one crossing into C, and those of an exec in one
// crossing each: hence a query.
func (c *conn) run(sql string, args ...driver.Value) error {
	return c.runNamed(sql, number(args))
}

func (c *conn) runNamed(sql string, args []driver.NamedValue) error {
	s, err := c.statement(sql)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(context.Background(), args)
	if err != nil {
		return explain(c.path, err)
	}
	return explain(c.path, rows.Close())
}

func number(args []driver.Value) []driver.NamedValue {
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
	rows, err := s.QueryContext(ctx, number(args))
	if err != nil {
		return explain(c.path, err)
	}
	defer func() {
		if e := rows.Close(); err == nil {
			err = explain(c.path, e)
		}
	}()
	row := make([]driver.Value, len(rows.Columns()))
	for {
		switch err := rows.Next(row); {
		case err == io.EOF:
			return nil
		case err != nil:
			return explain(c.path, err)
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

// number gives the integer of the first row; 0 if there is none, or NULL.
func (c *conn) number(sql string, args ...driver.Value) (int64, error) {
	row, err := c.row(sql, args...)
	if err != nil || row == nil {
		return 0, err
	}
	n, _ := row[0].(int64)
	return n, nil
}

// name looks a name up once: it never changes. One that is missing is empty,
// which no leaf fits.
func (c *conn) name(sql string, id int64) (string, error) {
	if name, ok := c.names[nameOf{sql, id}]; ok {
		return name, nil
	}
	row, err := c.row(sql, id)
	if err != nil || row == nil {
		return "", err
	}
	if len(c.names) >= maxKnown {
		clear(c.names)
	}
	name, _ := row[0].(string)
	c.names[nameOf{sql, id}] = name
	return name, nil
}

func (c *conn) close() error {
	if c == nil {
		return nil
	}
	for _, s := range c.statements {
		s.Close() // it reports the statement's last error again, which was handled
	}
	return explain(c.path, c.raw.Close())
}

// maxReaders bounds the connections for reading: each has up to 16 MB of
// pages, and more of them than processors gain nothing.
const maxReaders = 4

// readers are connections for reading, opened when first needed.
type readers struct {
	path  string
	how   access
	busy  time.Duration
	idle  chan *conn // nil: not yet opened
	seen  os.FileInfo
	close func() error
}

func newReaders(path string, how access, busy time.Duration) *readers {
	r := &readers{path: path, how: max(how, reading), busy: busy, idle: make(chan *conn, maxReaders)}
	for range maxReaders {
		r.idle <- nil
	}
	if how == still {
		r.seen, _ = os.Stat(path)
	}
	r.close = sync.OnceValue(r.closeAll)
	return r
}

// use lends a connection to a function.
func (r *readers) use(ctx context.Context, do func(*conn) error) (err error) {
	if err := r.checkStill(); err != nil {
		return err
	}
	var c *conn
	var open bool
	select {
	case <-ctx.Done():
		return ctx.Err()
	case c, open = <-r.idle:
	}
	if !open {
		return fault(eventstore.ErrClosed, r.path, "", "open it again")
	}
	defer func() { r.idle <- c }()
	if c == nil {
		if c, err = connect(r.path, r.how, r.busy); err != nil {
			return err
		}
	}
	return do(c)
}

// checkStill makes sure that a file which SQLite was told nobody writes is
// still the one that was opened: it would not notice itself.
func (r *readers) checkStill() error {
	if r.seen == nil {
		return nil
	}
	now, err := os.Stat(r.path)
	if err == nil && now.Size() == r.seen.Size() && now.ModTime().Equal(r.seen.ModTime()) && !hasContent(r.path+"-wal") {
		return nil
	}
	return fault(eventstore.ErrBusy, r.path, "somebody has written to it since it was opened as a still image", "close it and open it again")
}

func hasContent(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Size() > 0
}

// closeAll waits until every connection was given back.
func (r *readers) closeAll() error {
	var first error
	for range maxReaders {
		if err := (<-r.idle).close(); first == nil {
			first = err
		}
	}
	close(r.idle)
	return first
}
