// Package importers reads the files that investigators have: statements,
// exports, explorer downloads. It turns bytes into rows and says of every line
// that it reads what became of it: a movement, a rejection with line, field
// and reason, or noise (headings, blank lines, totals). Nothing is skipped in
// silence, and memory does not grow with the file.
//
// It is pure over io.Reader. It knows no case: what was recorded before, and
// so what is repeated, is for package casework to say.
package importers

import (
	"io"

	"clew/domain"
)

// Item is what became of one piece of the file: Row, Reject or Noise, which
// count as read; or Warning, NewAsset or Statement, which do not.
type Item interface{ item() }

// Row is one line that could be read. Its movement has no name yet. Where the
// file does not say who the counterparty is, From or To is empty: casework
// gives such an account a name of its own.
type Row struct {
	Movement domain.Movement
	Victim   domain.VictimID
	Scam     domain.Scam
	// Opens marks a balance that opens a statement (tracing.Row.Statement).
	Opens bool
}

// Reject is one line that could not be taken, and why.
type Reject struct {
	Evidence domain.Evidence // File is empty: the reader does not know it
	Field    string
	Reason   string
}

// Noise is a line that is not meant to say anything.
type Noise struct{ Line int }

// Warning is something about the file that the reader must know; line 0 is
// the file as a whole.
type Warning struct {
	Line   int
	Reason string
}

// NewAsset is a token that the file names with its contract, before its first
// row. Assumed says that no decimals were stated and 18 were taken.
type NewAsset struct {
	Asset   domain.Asset
	Name    string
	Assumed bool
}

func (Row) item()      {}
func (Reject) item()   {}
func (Noise) item()    {}
func (Warning) item()  {}
func (NewAsset) item() {}

// Options are what a reader may need to know beside the bytes.
type Options struct {
	Assets  domain.Assets
	Source  string           // who made the file, where the person says so
	Account domain.AccountID // whose statement it is, where the file does not say
	Sheet   string           // of a workbook
	Map     []byte           // a mapping file, for --format mapped
}

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
	Read func(in io.Reader, options Options, out func(Item) error) error
}
