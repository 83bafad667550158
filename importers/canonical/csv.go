package canonical

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"clew/domain"
	"clew/importers/lines"
)

// longField is how many lines a field may run over before a person should
// look at it: rows may have gone into it behind a stray quotation mark.
const longField = 10

// readCSV reads a table whose first line names its columns.
func (t *table) readCSV(file *lines.Table) error {
	h, err := t.header(file)
	if err != nil {
		return err
	}
	for {
		record, err := file.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := t.record(record, h); err != nil {
			return err
		}
	}
}

// header reads up to the line that names the columns. It counts as no line
// that was read.
func (t *table) header(file *lines.Table) (header, error) {
	for {
		record, err := file.Next()
		switch {
		case err == io.EOF:
			return nil, domain.Usage("the file has no line: the canonical table begins with the names of its columns (time, from, to, amount, asset …)")
		case err != nil:
			return nil, err
		case record.Problem != "":
			return nil, domain.Usage("line %d should name the columns, but it %s", record.Line, record.Problem)
		case record.Blank():
			if err := t.out(domain.Noise{Line: record.Line}); err != nil {
				return nil, err
			}
			continue
		}
		return t.named(record)
	}
}

func (t *table) named(record lines.Record) (header, error) {
	h, unknown, err := readHeader(record.Fields)
	if err != nil {
		return nil, err
	}
	for _, name := range unknown {
		if err := t.warn(record.Line, unknownColumn(name)); err != nil {
			return nil, err
		}
	}
	return h, nil
}

// record takes one row.
func (t *table) record(record lines.Record, h header) error {
	switch {
	case record.Problem != "":
		return t.reject(record.Line, "", "the line "+record.Problem)
	case record.Blank():
		return t.out(domain.Noise{Line: record.Line})
	case len(record.Fields) != len(h):
		return t.reject(record.Line, "", fmt.Sprintf("%s has %d fields where the header has %d: a comma within a field needs quotation marks around the field", span(record), len(record.Fields), len(h)))
	}
	if record.Last-record.Line >= longField {
		if err := t.warn(record.Line, fmt.Sprintf("a field runs over %s: if rows are missing there, a quotation mark is", span(record))); err != nil {
			return err
		}
	}
	for i, field := range record.Fields {
		if !utf8.ValidString(field) {
			return t.reject(record.Line, h.name(i), "the field is not valid UTF-8: save the file as UTF-8")
		}
	}
	t.fill(record, h)
	m, wrong := t.parts.movement(&t.cells)
	return t.row(m, wrong, record.Line)
}

func (t *table) fill(record lines.Record, h header) {
	t.cells = cells{}
	for i, c := range h {
		if c >= 0 {
			t.cells[c] = strings.TrimSpace(record.Fields[i])
		}
	}
}

func (h header) name(i int) string {
	if h[i] < 0 {
		return ""
	}
	return names[h[i]]
}

func span(record lines.Record) string {
	if record.Last == record.Line {
		return "the line"
	}
	return fmt.Sprintf("the record from line %d to %d", record.Line, record.Last)
}
