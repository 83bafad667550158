package sqlite

import (
	"database/sql/driver"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"clew/eventstore"
)

// row is one record on its way into its table: what the log adds to an event.
type row struct {
	event    *eventstore.Event
	position uint64
	version  uint64
	stream   int64
	kind     int64
	id       eventstore.ID
	leaf     tlog.Hash
}

// Leaves are computed by a goroutine of their own, a piece ahead of the rows
// that are written: they are a third of the work. For fewer events than
// worthAside it is not worth the hand-over.
const (
	worthAside = 64
	piece      = 250
)

// number gives each event its place. The rows stay where they are until the
// transaction ends: statements that wait refer to them.
func (l *ledger) number(a *eventstore.Append, at eventstore.Record) (rows []row, err error) {
	before := len(l.rows)
	for i := range a.Events {
		r := row{event: &a.Events[i], position: l.tail.position + 1}
		h, err := l.advance(r.event.Stream)
		if err != nil {
			return nil, err
		}
		if r.kind, err = l.kind(r.event.Kind); err != nil {
			return nil, err
		}
		if l.tail.id, err = eventstore.NextID(l.tail.id, at.RecordedAt, l.random); err != nil {
			return nil, err
		}
		r.stream, r.version, r.id = h.id, h.version, l.tail.id
		l.tail.position++
		l.rows = append(l.rows, r)
	}
	return l.rows[before:], nil
}

// write hashes the numbered rows and writes them, with what all of them share
// in r, and then the nodes of the tree that they complete.
func (l *ledger) write(rows []row, r eventstore.Record, first uint64) (err error) {
	before := len(l.grown)
	if len(rows) < worthAside {
		l.seal(rows, &r)
		err = l.put(rows, first)
	} else {
		err = l.writeAside(rows, &r, first)
	}
	for i := before; i < len(l.grown) && err == nil; i++ {
		n := &l.grown[i]
		err = l.nodes.add(n.level, n.number, n.hash[:])
	}
	return err
}

// writeAside waits for the hashing goroutine in any case: rows and tree are
// its own until then.
func (l *ledger) writeAside(rows []row, r *eventstore.Record, first uint64) (err error) {
	sealed := make(chan []row, len(rows)/piece+1)
	go func() {
		defer close(sealed)
		for ; len(rows) > 0; rows = rows[min(piece, len(rows)):] {
			next := rows[:min(piece, len(rows))]
			l.seal(next, r)
			sealed <- next
		}
	}()
	for next := range sealed {
		if err == nil {
			err = l.put(next, first)
		}
	}
	return err
}

// seal computes leaves and lets the tree grow by them.
func (l *ledger) seal(rows []row, r *eventstore.Record) {
	for i := range rows {
		w := &rows[i]
		r.Position, r.Version, r.ID = w.position, w.version, w.id
		r.Stream, r.Kind, r.Body, r.Fast = w.event.Stream, w.event.Kind, w.event.Body, w.event.Fast
		w.leaf = l.hasher.Leaf(r)
		l.grown = l.tree.grow(w.leaf, l.grown)
	}
}

// put hands rows to SQLite: where neighbours differ in nothing but what is
// their own, twenty of them with half as many arguments.
func (l *ledger) put(rows []row, first uint64) error {
	for len(rows) > 0 {
		n := 1
		err := error(nil)
		if isRun(rows) {
			n, err = rowsAtOnce, l.putRun(rows[:rowsAtOnce], first)
		} else {
			w := &rows[0]
			err = l.records.add(int64(w.position), w.stream, int64(w.version), w.kind, w.id[:], int64(first), w.event.Body, fastOf(w.event), w.leaf[:])
		}
		if err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// isRun says that the first twenty are of one stream and kind.
func isRun(rows []row) bool {
	if len(rows) < rowsAtOnce {
		return false
	}
	for i := range rows[:rowsAtOnce] {
		if rows[i].stream != rows[0].stream || rows[i].kind != rows[0].kind {
			return false
		}
	}
	return true
}

func (l *ledger) putRun(rows []row, first uint64) error {
	if err := l.records.flush(); err != nil { // what stands before them
		return err
	}
	run := l.runs
	for i, v := range [5]driver.Value{int64(rows[0].position), rows[0].stream, int64(rows[0].version), rows[0].kind, int64(first)} {
		run.args[i].Value = v
	}
	for i := range rows {
		w := &rows[i]
		run.ids[i], run.leaves[i] = w.id, w.leaf
		run.args[5+4*i+1].Value, run.args[5+4*i+2].Value = w.event.Body, fastOf(w.event)
	}
	return l.c.runNamed(run.sql, run.args)
}

func fastOf(e *eventstore.Event) driver.Value {
	if len(e.Fast) == 0 {
		return nil
	}
	return e.Fast
}

// run is the statement that inserts a run of rows: arguments 1 to 5 are the
// first position, the stream, the first version, the kind and the append; then
// come four for each row. Positions and versions go up by one.
type run struct {
	sql    string
	args   []driver.NamedValue
	ids    [rowsAtOnce]eventstore.ID // to which the arguments refer once and for all
	leaves [rowsAtOnce]tlog.Hash
}

func newRun() *run {
	var b strings.Builder
	r := run{args: number(make([]driver.Value, 5+4*rowsAtOnce))}
	b.WriteString("INSERT INTO record VALUES ")
	for i := range rowsAtOnce {
		if i > 0 {
			b.WriteByte(',')
		}
		own := 6 + 4*i
		fmt.Fprintf(&b, "(?1+%d,?2,?3+%d,?4,?%d,?5,?%d,?%d,?%d)", i, i, own, own+1, own+2, own+3)
		r.args[own-1].Value, r.args[own+2].Value = r.ids[i][:], r.leaves[i][:]
	}
	r.sql = b.String()
	return &r
}

// clear forgets the last rows, so that no large body is held on to.
func (r *run) clear() {
	for i := range rowsAtOnce {
		r.args[5+4*i+1].Value, r.args[5+4*i+2].Value = nil, nil
	}
}
