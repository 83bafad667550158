// Package sheet reads the table of any bank, exchange or wallet, in CSV or in
// a workbook (XLSX), by a mapping file that says which column means what. The
// mappings of some banks come with it; docs/reference/mapping.md explains every
// key of a mapping file.
//
// A row becomes one movement between the account of the table and its
// counterparty; a running balance is checked row by row, and gives an opening
// and a closing balance. It refuses a mapping that says something unknown or
// too little, and a table that lacks a column the mapping names. A row that
// cannot be read costs itself, never the file; nothing is skipped in silence.
//
//	columns: {date: Date, amount: Amount, account: Account, counterparty: Counterparty, note: Description}
//	dates: YYYY-MM-DD
//	decimal: ","
//	asset: EUR
//
// reads 2018-12-06;-8,78;NL26BUNQ2025126409;… as a transfer of 8.78 EUR from
// that account.
package sheet

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strings"

	"clew/domain"
)

// Detect says how sure it is that the file is a workbook; a table in CSV is
// not recognised without its mapping.
func Detect(head []byte, name string) int {
	switch {
	case bytes.HasPrefix(head, workbookMark) && (bytes.Contains(head, []byte("xl/")) || strings.HasSuffix(strings.ToLower(name), ".xlsx")):
		return 90
	case bytes.HasPrefix(head, compoundMark):
		return 50 // an old workbook: Read says what to do with it
	}
	return 0
}

// Read reads a table by the mapping in the options.
func Read(in io.Reader, options domain.ReadOptions, out func(domain.Item) error) error {
	if len(options.Map) == 0 {
		return unmapped(in, options)
	}
	m, err := parseMapping(options.Map)
	if err != nil {
		return err
	}
	return m.table(in, options, out)
}

// unmapped says what a table without a mapping needs.
func unmapped(in io.Reader, options domain.ReadOptions) error {
	m := &mapping{separator: ','}
	t, err := openTable(in, m, options.Sheet)
	if err != nil {
		return err
	}
	defer func() { _ = t.close() }()
	r, err := t.next()
	for err == nil && r.blank() {
		r, err = t.next()
	}
	if err != nil && err != io.EOF {
		return err
	}
	return domain.Usage("the file is a table: say with --map which of its columns means what ('clew template FILE' drafts such a mapping file; docs/reference/mapping.md), or name a known layout with --format; its first row has %s", headings(r.cells))
}

// headings shows what a header has.
func headings(cells []string) string {
	const most = 60
	var list []string
	for i, cell := range cells {
		if i == most {
			list = append(list, "…")
			break
		}
		list = append(list, short(strings.TrimSpace(cell)))
	}
	return strings.Join(list, ", ")
}

// short shows a text from outside, quoted, and not more than a line of it.
func short(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return `"` + strings.ReplaceAll(strings.ReplaceAll(text, "\n", " "), "\r", " ") + `"`
}

// Layout is a mapping that comes with clew, as a format of its own.
type Layout struct {
	Name, Title string
	Detect      func(head []byte, name string) int
	Read        func(io.Reader, domain.ReadOptions, func(domain.Item) error) error
}

// Layouts lists the mappings that come with clew.
func Layouts() []Layout {
	var list []Layout
	for _, s := range shipped {
		list = append(list, Layout{Name: s.name, Title: s.title, Detect: s.detect, Read: s.read})
	}
	return list
}

func (s shippedMapping) mapping() *mapping {
	text, err := layouts.ReadFile("layouts/" + s.name + ".yaml")
	if err != nil {
		panic("sheet: the mapping " + s.name + " is not there: " + err.Error())
	}
	m, err := parseMapping(text)
	if err != nil {
		panic("sheet: the mapping " + s.name + " is damaged: " + err.Error())
	}
	return m
}

func (s shippedMapping) read(in io.Reader, options domain.ReadOptions, out func(domain.Item) error) error {
	return s.mapping().table(in, options, out)
}

// headLines is how far down a header is looked for when a file is recognised.
const headLines = 40

// detect recognises a layout by its header line, or by the file's name where
// it has none.
func (s shippedMapping) detect(head []byte, name string) int {
	m := s.mapping()
	if bytes.HasPrefix(head, workbookMark) || bytes.HasPrefix(head, compoundMark) {
		return 0
	}
	text, _ := io.ReadAll(decoded(bufio.NewReader(bytes.NewReader(head)), m.encoding))
	for i, line := range strings.Split(strings.TrimPrefix(string(text), "\ufeff"), "\n") {
		if i == headLines {
			break
		}
		if slices.Contains(m.recognise, strings.TrimRight(line, "\r\t ")) {
			return 85
		}
	}
	if m.fileName != nil && m.fileName.MatchString(name) {
		return 10
	}
	return 0
}
