// Package importers reads the files that investigators have: statements,
// exports, explorer downloads. It turns bytes into rows and says of every line
// that it reads what became of it: a movement, a rejection with line, field
// and reason, or noise (headings, blank lines, totals). Nothing is skipped in
// silence, and memory does not grow with the file.
//
// It is pure over io.Reader. It knows no case: what was recorded before, and
// so what is repeated, is for package casework to say. The shapes of what is
// read (Row, Reject, Noise, Warning, NewAsset) are in package domain, where
// each format can reach them.
package importers

import (
	"io"

	"clew/domain"
)

// Format is one way to write movements down. A new one is a folder and a row
// in Formats.
type Format struct {
	Name  string // of --format
	Title string
	// Source is who tells the movements where neither the person nor the file
	// says so; empty: the case itself.
	Source string
	// Detect says how sure the format is, 0 to 100, from the first bytes of
	// the file and its name.
	Detect func(head []byte, name string) int
	// Read reads the file to its end and gives every piece to out, in order.
	// It fails only where no line can be trusted any more (a torn workbook, a
	// foreign file), and then says what to do; an error of out is passed on.
	Read func(in io.Reader, options domain.ReadOptions, out func(domain.Item) error) error
}
