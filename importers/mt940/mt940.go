// Package mt940 reads account statements in SWIFT's MT940 and interim reports
// in MT942, inside SWIFT blocks or bare, as banks really write them: wrapped
// lines, blank lines, headers of their own, free or structured text in :86:,
// amounts without decimals, a currency left out of a closing balance. An entry
// (:61: with its wrapped lines and its :86:) becomes one row, opening and
// closing balances become balance rows, and a statement that does not add up
// is warned of.
//
// It counts fields, not lines: an entry with its text is one, every other
// field, header and blank line is noise. A field that cannot be read costs
// itself, never the file. It refuses a file without any field.
//
//	:61:1405070507C500,NTRFNONREF//B4E07XM00J000023
//
// in a statement of account 123456789 in EUR is a transfer of 500.00 EUR to
// bank:123456789 on 7 May 2014.
package mt940

import (
	"bytes"
	"io"
	"regexp"

	"clew/domain"
	"clew/importers/lines"
	"clew/importers/statement"
)

var (
	accountField = regexp.MustCompile(`(?m)^\s*:25P?:`)
	balanceField = regexp.MustCompile(`(?m)^\s*:(60[FM]?|62[FM]?|28C?|34F|13D):`)
	entryField   = regexp.MustCompile(`(?m)^\s*:61:\d{6}`)
)

// Detect says how sure it is that the file is an MT940 or MT942.
func Detect(head []byte, _ string) int {
	switch {
	case bytes.Contains(head, []byte("{2:O940")), bytes.Contains(head, []byte("{2:I940")),
		bytes.Contains(head, []byte("{2:O942")), bytes.Contains(head, []byte("{2:I942")):
		return 97
	case accountField.Match(head) && balanceField.Match(head):
		return 95
	case entryField.Match(head):
		return 80
	}
	return 0
}

// Read reads a file to its end and gives every field to out.
func Read(in io.Reader, options domain.ReadOptions, out func(domain.Item) error) error {
	r := &reader{scanner: newScanner(lines.NewReader(in)), options: options, out: out, book: statement.NewBook(out)}
	for {
		f, err := r.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := r.field(f); err != nil {
			return err
		}
	}
	if !r.sawField {
		return domain.Usage("the file has no field of an MT940 (no line begins with :20:, :25:, :60F: or :61:): ask the bank for the statement as MT940 or camt.053")
	}
	if err := r.finish(); err != nil {
		return err
	}
	return r.book.Close()
}
