package sheet

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"clew/domain"
)

// bound is a mapping whose columns have been found in a table.
type bound struct {
	*mapping
	at    map[role][]int
	tests map[string]int // of conditions: column numbers by heading
	width int            // how many columns the header has; 0: no header
}

// maxAbove is how many rows may stand above a header. The longest seen is 13.
const maxAbove = 200

// bind looks for the header, and for every named column in it. What stands
// above the header is noise; the header itself is not counted.
func (m *mapping) bind(t table, noise func(line int) error) (*bound, error) {
	b := &bound{mapping: m, at: map[role][]int{}, tests: map[string]int{}}
	if m.noHeader {
		_, err := b.find(nil)
		return b, err
	}
	first := ""
	for above := 0; above <= maxAbove; above++ {
		r, err := t.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		missing := "a row that can be read"
		if r.line > m.skip && r.problem == "" && !r.blank() {
			if missing, err = b.find(r.cells); err != nil {
				return nil, err
			}
		}
		if missing == "" {
			b.width = len(r.cells)
			return b, nil
		}
		if err := noise(r.line); err != nil {
			return nil, err
		}
		if first == "" && r.line > m.skip && !r.blank() {
			first = fmt.Sprintf("column %s is not there; row %d, the first that is not skipped, has %s", missing, r.line, headings(r.cells))
		}
	}
	if first == "" {
		first = "the table is empty"
	}
	return nil, domain.Usage("the table has no header with the columns that the mapping names: %s; correct the names, or write columns by number with header: false", first)
}

// find places every column; missing is the first that a header lacks.
func (b *bound) find(header []string) (missing string, err error) {
	for _, r := range roles {
		b.at[r] = nil
		for _, c := range b.columns[r] {
			at, err := place(c, header)
			if err != nil || at < 0 {
				return c.String() + " (" + string(r) + ")", err
			}
			b.at[r] = append(b.at[r], at)
		}
	}
	for _, list := range [][]test{b.noise, b.pending, b.returns} {
		for _, t := range list {
			if t.column == nil {
				continue
			}
			at, err := place(*t.column, header)
			if err != nil || at < 0 {
				return t.column.String(), err
			}
			b.tests[t.column.String()] = at
		}
	}
	return "", nil
}

// place finds a column, counted from 0; -1 where the header has no such one.
func place(c column, header []string) (int, error) {
	if c.number > 0 {
		return c.number - 1, nil
	}
	found := -1
	for i, heading := range header {
		if strings.TrimSpace(strings.TrimPrefix(heading, "\ufeff")) != c.heading {
			continue
		}
		if found >= 0 {
			return -1, wrong(c.node, "the table has two columns %s: name it by its number, %d or %d", c, found+1, i+1)
		}
		found = i
	}
	return found, nil
}

// cell gives what a role's column says in a row, cleaned.
func (b *bound) cell(r record, what role) string {
	if len(b.at[what]) == 0 {
		return ""
	}
	return b.cleaned(what, r, b.at[what][0])
}

func (b *bound) cleaned(what role, r record, at int) string {
	if at >= len(r.cells) {
		return ""
	}
	text := strings.TrimFunc(r.cells[at], isBlank)
	for _, c := range b.clean[what] {
		text = c.apply(text)
	}
	return strings.TrimFunc(text, isBlank)
}

// stored says how a workbook stores a role's cell; where something was taken
// out of it, it is a text.
func (b *bound) stored(r record, what role) kind {
	if len(b.at[what]) == 0 || len(b.clean[what]) > 0 {
		return asText
	}
	return r.kind(b.at[what][0])
}

// holds says whether one of the conditions is true of a row.
func (b *bound) holds(list []test, r record) bool {
	return slices.ContainsFunc(list, func(t test) bool {
		if t.column == nil {
			return t.pattern.MatchString(whole(r))
		}
		at := b.tests[t.column.String()]
		return at < len(r.cells) && t.pattern.MatchString(strings.TrimFunc(r.cells[at], isBlank))
	})
}

// whole is a row on one line.
func whole(r record) string {
	var cells []string
	for _, cell := range r.cells {
		cells = append(cells, strings.TrimFunc(cell, isBlank))
	}
	return strings.Join(cells, " | ")
}
