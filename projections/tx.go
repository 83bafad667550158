package projections

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
)

// Tx is what a projection's Apply writes through. Everything it does commits
// together with the position, or not at all.
type Tx struct {
	conn    *conn
	pending map[string]*bulk
	recall  map[any]any
	sheets  *sheetWriter
	namings map[string]*namesOf
	names   int  // how many names of one table are remembered
	careful bool // write every row at once, to learn which event fails
}

// bulk collects rows of one table: SQLite takes sixteen rows in one statement
// twice as fast as one by one.
type bulk struct {
	columns int
	rows    int
	args    []driver.NamedValue // room for bulkRows rows
	full    string              // the statement for as many
}

const bulkRows = 16

func newTx(c *conn, recall map[any]any, names int) *Tx {
	return &Tx{conn: c, pending: map[string]*bulk{}, recall: recall, namings: map[string]*namesOf{}, names: names}
}

func newBulk(table string, columns int) *bulk {
	b := &bulk{columns: columns, args: make([]driver.NamedValue, bulkRows*columns), full: insertion(table, columns, bulkRows)}
	for i := range b.args {
		b.args[i].Ordinal = i + 1
	}
	return b
}

func insertion(table string, columns, rows int) string {
	row := marks(columns)
	return "INSERT OR FAIL INTO " + table + " VALUES " + row + strings.Repeat(","+row, rows-1)
}

// Insert adds a row to a table, in the order of its columns. It may be written
// later, but before anything else is asked of this Tx.
func (t *Tx) Insert(table string, values ...driver.Value) error {
	b := t.pending[table]
	if b == nil {
		b = newBulk(table, len(values))
		t.pending[table] = b
	}
	for i, v := range values {
		b.args[b.rows*b.columns+i].Value = v
	}
	b.rows++
	if t.careful || b.rows == bulkRows {
		return t.write(table, b)
	}
	return nil
}

func (t *Tx) write(table string, b *bulk) error {
	if b.rows == 0 {
		return nil
	}
	sql := b.full
	if b.rows < bulkRows {
		sql = insertion(table, b.columns, b.rows)
	}
	args := b.args[:b.rows*b.columns]
	b.rows = 0
	return t.conn.runNumbered(sql, args)
}

func (t *Tx) flush() error {
	if t.sheets != nil {
		if err := t.sheets.write(); err != nil {
			return err
		}
	}
	for table, b := range t.pending {
		if err := t.write(table, b); err != nil {
			return err
		}
	}
	return nil
}

// Exec runs a statement that gives no rows.
func (t *Tx) Exec(sql string, args ...driver.Value) error {
	if err := t.flush(); err != nil {
		return err
	}
	return t.conn.run(sql, args...)
}

// Row gives the first row, or nil if there is none.
func (t *Tx) Row(sql string, args ...driver.Value) ([]driver.Value, error) {
	if err := t.flush(); err != nil {
		return nil, err
	}
	return t.conn.row(sql, args...)
}

// Each gives every row to a function; the row is overwritten by the next.
func (t *Tx) Each(ctx context.Context, do func(row []driver.Value) error, sql string, args ...driver.Value) error {
	if err := t.flush(); err != nil {
		return err
	}
	return t.conn.each(ctx, do, sql, args...)
}

// namesOf remembers which numbers a projection gave to texts.
type namesOf struct {
	known map[string]int64
	all   bool // there are no others in the table
	next  int64
}

// Name gives the number under which a table (id, name) keeps a text, and adds
// it if it is new. Numbers ascend in the order in which the log names things,
// so they are the same on every machine.
func (t *Tx) Name(table, name string) (int64, error) {
	id, _, err := t.Named(table, name)
	return id, err
}

// Named is Name, and says whether the text is new to the table.
func (t *Tx) Named(table, name string) (id int64, fresh bool, err error) {
	n, err := t.namesOf(table)
	if err != nil {
		return 0, false, err
	}
	if id, ok := n.known[name]; ok {
		return id, false, nil
	}
	if !n.all {
		row, err := t.conn.row("SELECT id FROM "+table+" WHERE name = ?", name)
		if err != nil {
			return 0, false, err
		}
		if row != nil {
			n.known[name] = asInt(row[0])
			return n.known[name], false, nil
		}
	}
	n.next++
	n.known[name] = n.next
	return n.next, true, t.Insert(table, n.next, name)
}

func (t *Tx) namesOf(table string) (*namesOf, error) {
	n := t.namings[table]
	if n == nil {
		n, _ = t.recall[table].(*namesOf)
		t.namings[table] = n
	}
	if n != nil && len(n.known) < t.names {
		return n, nil
	}
	if err := t.flush(); err != nil { // what was forgotten must be found in the table
		return nil, err
	}
	row, err := t.conn.row("SELECT coalesce(max(id), 0) FROM " + table)
	if err != nil {
		return nil, fmt.Errorf("names in %s: %w", table, err)
	}
	n = &namesOf{known: map[string]int64{}, all: asInt(row[0]) == 0, next: asInt(row[0])}
	t.recall[table], t.namings[table] = n, n
	return n, nil
}

// text makes NULL of no text.
func text(s string) driver.Value {
	if s == "" {
		return nil
	}
	return s
}
