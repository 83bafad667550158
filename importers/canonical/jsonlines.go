package canonical

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"clew/domain"
	"clew/importers/lines"
)

// maxStrange bounds how many unknown keys are warned of by name.
const maxStrange = 100

// jsonRow is one JSON line while it is read.
type jsonRow struct {
	table           *table
	line            int
	inputs, outputs []byte // the lists of a hop, as they stand
	strange         map[string]bool
}

// readJSON reads one JSON object a line.
func (t *table) readJSON(file *lines.Reader) error {
	row := jsonRow{table: t, strange: map[string]bool{}}
	for {
		line, err := file.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		row.line, row.inputs, row.outputs = line.Number, nil, nil
		if err := row.take(line); err != nil {
			return err
		}
	}
}

func (r *jsonRow) take(line lines.Line) error {
	object := bytes.TrimSpace(line.Text)
	switch {
	case line.TooLong:
		return r.table.reject(r.line, "", fmt.Sprintf("the line has more than %d bytes, the most that clew reads", lines.Limit))
	case len(object) == 0:
		return r.table.out(domain.Noise{Line: r.line})
	case !utf8.Valid(object):
		return r.table.reject(r.line, "", "the line is not valid UTF-8: save the file as UTF-8")
	case object[0] != '{' || !json.Valid(object):
		return r.table.reject(r.line, "", "the line is not one whole JSON object: write one object a line, without commas between them")
	}
	r.table.cells = cells{}
	if err := lines.Members(object, r.member); err != nil {
		return r.refuse(err)
	}
	m, wrong := r.movement()
	return r.table.row(m, wrong, r.line)
}

// refuse rejects the row for an objection; any other error is out's own.
func (r *jsonRow) refuse(err error) error {
	var o *lines.Objection
	if !errors.As(err, &o) {
		return err
	}
	return r.table.reject(r.line, o.Key, o.Reason)
}

// member takes one key of a row.
func (r *jsonRow) member(key string, value []byte) error {
	switch c, known := columnOf(key); {
	case value[0] == 'n' && (known || key == "inputs" || key == "outputs"): // null says no more than an absent key.
	case key == "inputs":
		r.inputs = value
	case key == "outputs":
		r.outputs = value
	case !known:
		return r.stranger(key)
	default:
		cell, err := cell(names[c], value)
		if err != nil {
			return err
		}
		if r.table.cells[c] != "" {
			return &lines.Objection{Key: names[c], Reason: fmt.Sprintf("key %q stands twice in the object, in capital and small letters", names[c])}
		}
		r.table.cells[c] = cell
	}
	return nil
}

// cell reads the text of a column.
func cell(name string, value []byte) (string, error) {
	if value[0] != '"' {
		return "", &lines.Objection{Key: name, Reason: fmt.Sprintf("%s is %s: write it as a string, in quotation marks (programs that read a JSON number may change its digits)", name, lines.KindOf(value))}
	}
	content, err := lines.Text(value)
	return strings.TrimSpace(content), err
}

// stranger takes note of a key that is no column's.
func (r *jsonRow) stranger(key string) error {
	switch meant := likely(key); {
	case meant != "":
		return &lines.Objection{Key: shown(key), Reason: fmt.Sprintf("key %q is not a column of the canonical table; did you mean %q?", shown(key), meant)}
	case r.strange[key] || len(r.strange) >= maxStrange:
		return nil
	}
	r.strange[strings.Clone(key)] = true
	return r.table.warn(r.line, unknownColumn(shown(key)))
}

// movement reads the row once its members are known.
func (r *jsonRow) movement() (domain.Movement, *domain.FieldError) {
	c := &r.table.cells
	if strings.EqualFold(c[colKind], string(domain.Hop)) {
		return r.hop()
	}
	if r.inputs != nil || r.outputs != nil {
		return domain.Movement{}, &domain.FieldError{Field: "inputs", Reason: `inputs and outputs go with "kind":"hop" only`}
	}
	return r.table.parts.movement(c)
}
