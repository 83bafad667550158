package projections

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
)

// keys finds rows by something that comes in random order, such as a hash, of
// which it keeps 63 bits: what it finds is looked at again. One large index
// would have to write a page for nearly every new row. So there are three
// tables: rows go to the first, those of a page of events in the order of
// their keys; when the log passes a multiple of 65,536 positions the first is
// emptied into the second in the order of its keys, and at a multiple of
// 1,048,576 the second into the third. What lies where depends on the log
// alone.
type keys struct {
	table string    // its tables are called so, and then 0, 1, 2
	spans [2]uint64 // how many positions the first and the second table reach back
}

var (
	movementIDs  = keys{"movements_id", [2]uint64{1 << 16, 1 << 20}}
	movementRefs = keys{"movements_ref", [2]uint64{1 << 16, 1 << 20}}
)

func (k keys) level(n int) string { return fmt.Sprint(k.table, n) }

// schema makes the tables.
func (k keys) schema() string {
	var b strings.Builder
	for n := range len(k.spans) + 1 {
		fmt.Fprintf(&b, "CREATE TABLE %s (key INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (key, position)) STRICT, WITHOUT ROWID;\n", k.level(n))
	}
	return b.String()
}

// add notes that the row at a position bears a key.
func (k keys) add(tx *Tx, key int64, at uint64) error {
	last, known := tx.recall[k].(uint64)
	if !known {
		row, err := tx.Row(fmt.Sprintf("SELECT max(position) FROM %s", k.level(0)))
		if err != nil {
			return err
		}
		last = uint64(asInt(row[0]))
	}
	if last != at {
		if err := k.empty(tx, last, at); err != nil {
			return err
		}
		tx.recall[k] = at
	}
	return tx.insertKey(k.level(0), key, at)
}

// empty moves keys on where the log has passed the end of a span since the
// last key, the older tables first.
func (k keys) empty(tx *Tx, last, now uint64) error {
	for n := len(k.spans) - 1; n >= 0; n-- {
		if last == 0 || last/k.spans[n] == now/k.spans[n] {
			continue
		}
		if n > 0 { // what lies in the younger table belongs to the span that ended
			if err := k.move(tx, n-1); err != nil {
				return err
			}
		}
		if err := k.move(tx, n); err != nil {
			return err
		}
	}
	return nil
}

func (k keys) move(tx *Tx, n int) error {
	if err := tx.Exec(fmt.Sprintf("INSERT INTO %s SELECT key, position FROM %s ORDER BY key, position", k.level(n+1), k.level(n))); err != nil {
		return err
	}
	return tx.Exec("DELETE FROM " + k.level(n))
}

// find gives the positions of the rows that bear one of some keys, in order.
func (k keys) find(ctx context.Context, c *conn, wanted []int64) (positions []int64, err error) {
	slices.Sort(wanted)
	for n := range len(k.spans) + 1 {
		err := inChunks(slices.Compact(wanted), func(chunk []driver.Value) error {
			return c.each(ctx, func(row []driver.Value) error {
				positions = append(positions, asInt(row[0]))
				return nil
			}, "SELECT position FROM "+k.level(n)+" WHERE key IN "+chunkMarks, chunk...)
		})
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(positions)
	return positions, nil
}

// between gives up to limit positions of rows whose keys lie in a range.
func (k keys) between(ctx context.Context, c *conn, low, high int64) (positions []int64, err error) {
	for n := range len(k.spans) + 1 {
		err := c.each(ctx, func(row []driver.Value) error {
			positions = append(positions, asInt(row[0]))
			return nil
		}, fmt.Sprintf("SELECT position FROM %s WHERE key BETWEEN ? AND ? ORDER BY key LIMIT %d", k.level(n), maxBetween), low, high)
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(positions)
	return positions, nil
}

// maxBetween bounds what is looked at for one beginning of a name: a store
// with a million movements has one for every four letters.
const maxBetween = 1000

// chunkRows is how many rows are asked for in one statement: enough that the
// statement itself costs little.
const chunkRows = 64

var chunkMarks = marks(chunkRows)

// inChunks gives values in chunks of chunkRows; the last is filled up with
// NULL, which equals nothing.
func inChunks(values []int64, do func(chunk []driver.Value) error) error {
	for chunk := range slices.Chunk(values, chunkRows) {
		args := make([]driver.Value, chunkRows)
		for i, v := range chunk {
			args[i] = v
		}
		if err := do(args); err != nil {
			return err
		}
	}
	return nil
}

// keyed are keys that wait to be written, in the order of their keys: SQLite
// takes them three times as fast so.
type keyed struct{ rows [][2]int64 }

func (t *Tx) insertKey(table string, key int64, at uint64) error {
	k := t.keys[table]
	if k == nil {
		k = &keyed{}
		t.keys[table] = k
	}
	k.rows = append(k.rows, [2]int64{key, int64(at)})
	return nil
}

func (t *Tx) flushKeys() error {
	for table, k := range t.keys {
		slices.SortFunc(k.rows, func(a, b [2]int64) int { return slices.Compare(a[:], b[:]) })
		for _, row := range k.rows {
			if err := t.Insert(table, row[0], row[1]); err != nil {
				return err
			}
		}
		k.rows = k.rows[:0]
	}
	return nil
}
