// Package canonical reads the table that clew itself defines for movements,
// as CSV or as JSON lines (docs/how-to/import.md names its columns). It is the
// format for what no other reader knows: whatever a person can bring into
// these columns, clew can trace.
//
// It refuses, row by row and with the field's name, what the table does not
// allow: an amount finer than the asset's smallest unit, a number where JSON
// should have a string, a key that stands twice, bytes that are not UTF-8. A
// row never takes the file with it; only a header that lacks a required column,
// or has one that is nearly but not quite a column's name, does.
//
//	time,from,to,amount,asset,victim
//	2024-01-05T10:00:00Z,V1,M1,500.00,EUR,V1
package canonical

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"

	"clew/domain"
	"clew/importers/lines"
)

// Read reads a canonical table to its end and gives every row, rejection,
// blank line and warning to out, in order.
func Read(in io.Reader, options domain.ReadOptions, out func(domain.Item) error) error {
	file := lines.NewReader(in)
	head, err := file.Head(64 << 10)
	if err != nil {
		return err
	}
	t := &table{out: out, parts: newParts(options.Assets)}
	if begin := bytes.TrimSpace(head); len(begin) > 0 && begin[0] == '{' {
		return t.readJSON(file)
	}
	return t.readCSV(lines.NewTable(file, ','))
}

// Detect says how sure it is that a file which begins so is a canonical
// table: 90 by its header or its first object, 40 where most but not all of
// what a row needs is there, so that the error can say what is missing.
func Detect(head []byte, _ string) int {
	line, _ := lines.NewReader(bytes.NewReader(head)).Head(len(head))
	line, _, _ = bytes.Cut(bytes.TrimSpace(line), []byte("\n"))
	line = bytes.TrimSpace(line)
	var keys []string
	if len(line) > 0 && line[0] == '{' {
		if !json.Valid(line) || lines.Members(line, func(key string, _ []byte) error { keys = append(keys, key); return nil }) != nil {
			return 0
		}
	} else if record, err := lines.NewTable(lines.NewReader(bytes.NewReader(line)), ',').Next(); err == nil {
		keys = record.Fields
	}
	return sure(keys)
}

// sure weighs the names of columns or keys.
func sure(keys []string) int {
	known, needed := 0, 0
	for _, key := range keys {
		c, ok := columnOf(key)
		if ok {
			known++
		}
		if ok && slices.Contains(required, c) || key == "inputs" || key == "outputs" {
			needed++
		}
	}
	switch {
	case needed >= len(required):
		return 90
	case known >= len(required) && needed >= 2:
		return 40
	}
	return 0
}

// table is the file while it is read.
type table struct {
	out   func(domain.Item) error
	parts *parts
	cells cells
}

// row gives what became of one row: its movement or why it has none.
func (t *table) row(m domain.Movement, wrong *domain.FieldError, line int) error {
	if wrong != nil {
		return t.reject(line, wrong.Field, wrong.Reason)
	}
	m.Evidence.Line = line
	if m.Kind == domain.Return && m.OfSource == "" {
		if err := t.warn(line, "the return does not say in 'of' which movement it gives back, so the rule decides what it draws"); err != nil {
			return err
		}
	}
	return t.out(domain.Row{Movement: m})
}

func (t *table) reject(line int, field, reason string) error {
	return t.out(domain.Reject{Evidence: domain.Evidence{Line: line}, Field: field, Reason: reason})
}

func (t *table) warn(line int, reason string) error {
	return t.out(domain.Warning{Line: line, Reason: reason})
}
