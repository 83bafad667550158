// Package typed reads a statement that a person has typed off paper, page by
// page, into a table of CSV. Each page says what the account held at its top
// and at its bottom, so each page is checked by itself: a slip of the finger is
// found on its page, with the gap.
//
// It refuses a column that it does not know. A row that cannot be read costs
// itself, and its page then does not add up.
//
//	own,asset,page,row,date,account,in,out,balance,ref,text
//	bank:77-100,EUR,1,opens,,,,,100.00,,
//	,,1,,2024-01-05,,,25.00,75.00,,rent
//	,,1,closes,,,,,75.00,,
//
// is a payment of 25.00 EUR from bank:77-100, with a balance before and after.
package typed

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"clew/domain"
	"clew/importers/lines"
	"clew/importers/statement"
)

// columns are the table's, in the template's order; any order is read.
var columns = []string{"own", "asset", "page", "row", "date", "account", "in", "out", "balance", "ref", "text"}

// What the column row says: an entry says nothing.
const (
	opens  = "opens"
	closes = "closes"
)

// templatePages and templateRows are how much of the template is laid out;
// rows and pages are added as the paper has them.
const (
	templatePages = 3
	templateRows  = 10
)

// Template is the table to type into: two rows of balances and some empty ones
// a page. Whose account it is and in what currency is written once, on top.
func Template() string {
	var table strings.Builder
	table.WriteString(strings.Join(columns, ",") + "\n")
	for page := 1; page <= templatePages; page++ {
		rows := append(append([]string{opens}, make([]string, templateRows)...), closes)
		for _, row := range rows {
			fmt.Fprintf(&table, ",,%d,%s%s\n", page, row, strings.Repeat(",", len(columns)-4))
		}
	}
	return table.String()
}

// Detect says how sure it is that the file is a typed table: it has the
// columns of one.
func Detect(head []byte, _ string) int {
	first, _, _ := bytes.Cut(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), []byte("\n"))
	names := strings.Split(strings.TrimSpace(string(first)), ",")
	for _, needed := range []string{"page", "row", "date", "in", "out", "balance"} {
		if !slices.Contains(names, needed) {
			return 0
		}
	}
	return 88
}

// Read reads a typed table to its end.
func Read(in io.Reader, options domain.ReadOptions, out func(domain.Item) error) error {
	r := &reader{table: lines.NewTable(lines.NewReader(in), ','), options: options, out: out, book: statement.NewBook(out)}
	if err := r.header(); err != nil {
		return err
	}
	for {
		record, err := r.table.Next()
		if err == io.EOF {
			return r.finish()
		}
		if err != nil {
			return err
		}
		if err := r.take(record); err != nil {
			return err
		}
	}
}
