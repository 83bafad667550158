package lines

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// The most fields of a record, and the most lines that a quoted field may run
// over. The widest export seen has 52 columns; a field of more lines than this
// is a quotation mark that was never closed.
const (
	maxFields  = 512
	maxSpanned = 1000
)

// Record is one record of a table: a line, or several where a quoted field
// has line ends in it.
type Record struct {
	Line    int      // its first line
	Last    int      // its last line
	Fields  []string // valid until the next call of Next; the strings stay
	Problem string   // why the record cannot be read; Fields is empty then
}

// Blank says whether the record has nothing in it.
func (r Record) Blank() bool {
	for _, field := range r.Fields {
		if strings.TrimSpace(field) != "" {
			return false
		}
	}
	return r.Problem == ""
}

// Table reads the records of CSV as RFC 4180 writes it, with any one-byte
// separator. A quotation mark within a field that does not begin with one
// stands for itself. A record that cannot be read is given with its problem,
// and reading goes on at the line after its first: one stray quotation mark
// costs one line, never the rest of the file.
type Table struct {
	lines     *Reader
	separator byte
	text      []byte // the fields of the record, one after the other
	ends      []int  // where in text each field ends
	fields    []string
}

// NewTable reads the records of lines, whose fields stand between separators.
func NewTable(lines *Reader, separator byte) *Table {
	return &Table{lines: lines, separator: separator}
}

// Next gives the next record, or io.EOF after the last.
func (t *Table) Next() (Record, error) {
	line, err := t.lines.Next()
	if err != nil {
		return Record{}, err
	}
	record := Record{Line: line.Number, Last: line.Number}
	t.text, t.ends = t.text[:0], t.ends[:0]
	if line.TooLong {
		record.Problem = tooLong
		return record, nil
	}
	return t.read(record, line)
}

var (
	tooLong = fmt.Sprintf("has more than %d bytes, the most that clew reads: is a line end missing?", Limit)
	tooMany = fmt.Sprintf("has more than %d fields: is it a table with this separator?", maxFields)
)

// finish cuts the text into fields, in one piece of memory.
func (t *Table) finish(record Record) Record {
	if record.Problem != "" {
		return record
	}
	whole, start := string(t.text), 0
	t.fields = t.fields[:0]
	for _, end := range t.ends {
		t.fields = append(t.fields, whole[start:end])
		start = end
	}
	record.Fields = t.fields
	return record
}

// field ends a field whose last piece is given.
func (t *Table) field(last []byte) {
	t.text = append(t.text, last...)
	t.ends = append(t.ends, len(t.text))
}

// read takes a record, which may run over several lines.
func (t *Table) read(record Record, first Line) (Record, error) {
	open, problem := t.take(first.Text)
	if first.alone && open {
		problem = "opens a quotation mark that is not closed on this line"
	}
	var spanned []Line // copies of the lines after the first
	for problem == "" && open {
		line, err := t.lines.Next()
		switch {
		case err == io.EOF:
			problem = "opens a quotation mark that is never closed"
		case err != nil:
			return Record{}, err
		default:
			line.Text = bytes.Clone(line.Text)
			spanned = append(spanned, line)
			open, problem = t.goOn(line, len(spanned))
			record.Last = line.Number
		}
	}
	record.Problem = problem
	if problem != "" && len(spanned) > 0 {
		t.resume(spanned)
		record.Last = record.Line
	}
	return t.finish(record), nil
}

// goOn takes the next line of an open quoted field; it is the nth after the
// first.
func (t *Table) goOn(line Line, nth int) (open bool, problem string) {
	if line.TooLong || len(t.text)+len(line.Text) > Limit || nth > maxSpanned {
		return false, fmt.Sprintf("opens a quotation mark that is not closed within %d lines and %d bytes", maxSpanned, Limit)
	}
	t.text = append(t.text, '\n')
	return t.within(line.Text)
}

// resume has the lines after the first of a torn record read again. All but
// the last, on which it was found to be torn, are then read without looking
// further: otherwise each could look through the same lines again, and a file
// made for it would take hours.
func (t *Table) resume(spanned []Line) {
	for i := range spanned[:len(spanned)-1] {
		spanned[i].alone = true
	}
	t.lines.giveBack(spanned)
}

// take reads the rest of a line from the beginning of a field. It says whether
// a quoted field is still open at the line's end.
func (t *Table) take(rest []byte) (open bool, problem string) {
	for len(t.ends) < maxFields {
		if len(rest) > 0 && rest[0] == '"' {
			after, ended, problem := t.quote(rest[1:])
			if ended || problem != "" {
				return after == nil, problem
			}
			rest = after
			continue
		}
		at := bytes.IndexByte(rest, t.separator)
		if at < 0 {
			t.field(rest)
			return false, ""
		}
		t.field(rest[:at])
		rest = rest[at+1:]
	}
	return false, tooMany
}

// within reads the rest of a line from inside a quoted field.
func (t *Table) within(rest []byte) (open bool, problem string) {
	after, ended, problem := t.quote(rest)
	if ended || problem != "" {
		return after == nil, problem
	}
	return t.take(after)
}

// quote reads a quoted field from behind its opening mark. It gives what comes
// after the separator behind it; or says that the line has ended, with the
// field (after is empty) or within it (after is nil).
func (t *Table) quote(rest []byte) (after []byte, ended bool, problem string) {
	for {
		at := bytes.IndexByte(rest, '"')
		if at < 0 {
			t.text = append(t.text, rest...)
			return nil, true, ""
		}
		t.text = append(t.text, rest[:at]...)
		rest = rest[at+1:]
		switch {
		case len(rest) == 0:
			t.field(nil)
			return rest, true, ""
		case rest[0] == '"':
			t.text = append(t.text, '"')
			rest = rest[1:]
		case rest[0] == t.separator:
			t.field(nil)
			return rest[1:], false, ""
		default:
			return rest, true, "has text after a closing quotation mark: double the marks that stand within a field"
		}
	}
}
