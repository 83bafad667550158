package sqlite

import (
	"database/sql/driver"
	"strings"
)

// rowsAtOnce is how many rows one statement takes: a driver call costs as
// much as four rows, and beyond twenty nothing is gained.
const rowsAtOnce = 20

// inserter writes rows of one table, several with one statement. The last few
// wait for flush.
type inserter struct {
	c       *conn
	table   string
	columns int
	args    []driver.NamedValue
}

func (in *inserter) add(row ...driver.Value) error {
	for _, v := range row {
		in.args = append(in.args, driver.NamedValue{Ordinal: len(in.args) + 1, Value: v})
	}
	if len(in.args) < in.columns*rowsAtOnce {
		return nil
	}
	return in.flush()
}

// flush leaves nothing behind, whether it succeeds or not: after an error the
// transaction is taken back as a whole.
func (in *inserter) flush() error {
	if len(in.args) == 0 {
		return nil
	}
	defer in.clear()
	return in.c.runNamed(in.statement(len(in.args)/in.columns), in.args)
}

// clear forgets the rows that wait, so that no large body is held on to.
func (in *inserter) clear() {
	clear(in.args)
	in.args = in.args[:0]
}

func (in *inserter) statement(rows int) string {
	row := "(" + strings.Repeat("?,", in.columns-1) + "?)"
	return "INSERT INTO " + in.table + " VALUES " + strings.Repeat(row+",", rows-1) + row
}
