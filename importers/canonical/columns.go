package canonical

import (
	"fmt"
	"slices"
	"strings"

	"clew/domain"
)

// column is one column of the table: in CSV by its header, in JSON by its key.
type column int

const (
	colTime column = iota
	colFrom
	colTo
	colAmount
	colAsset
	colID
	colRef
	colKind
	colOf
	colVictim
	colScam
	colFee
	colToAmount
	colToAsset
	colNote
	columnCount
)

// names are the columns' names in files, by column.
var names = [columnCount]string{"time", "from", "to", "amount", "asset", "id", "ref", "kind", "of", "victim", "scam", "fee",
	"to_amount", "to_asset", "note"}

// required are the columns without which no row can be read.
var required = []column{colTime, colTo, colAmount, colAsset}

// cells are the texts of one row, by column; empty where nothing is stated.
type cells [columnCount]string

// columnOf finds a column by its name in a file; the case of letters and
// blanks around it do not matter.
func columnOf(name string) (column, bool) {
	at := slices.Index(names[:], strings.ToLower(strings.TrimSpace(name)))
	return column(at), at >= 0
}

// header says for each field of a CSV row which column it is; -1 for none.
type header []column

// readHeader takes the names of a CSV file's columns. It gives back those that
// are none of ours.
func readHeader(fields []string) (h header, unknown []string, err error) {
	for _, name := range fields {
		c, known := columnOf(name)
		switch {
		case !known && likely(name) != "":
			return nil, nil, domain.Usage("column %q is not a column of the canonical table; did you mean %q? Rename it, or give it a name of another kind if it is something else", shown(name), likely(name))
		case !known:
			unknown = append(unknown, shown(name))
			c = -1
		case slices.Contains(h, c):
			return nil, nil, domain.Usage("column %q stands twice in the header: keep one of the two", names[c])
		}
		h = append(h, c)
	}
	return h, unknown, h.complete(fields)
}

// complete says which required column is missing, and what was found instead.
func (h header) complete(fields []string) error {
	for _, c := range required {
		if !slices.Contains(h, c) {
			return domain.Usage("the first line has no column %q, so this is no canonical table: it needs at least time, from, to, amount, asset, separated by commas. The line reads %s. If the file is another program's, describe its columns in a mapping file (--format mapped --map FILE)", names[c], shown(strings.Join(fields, ",")))
		}
	}
	return nil
}

// likely is the column that a name was probably meant to be: one letter more,
// less or other, or other signs between the words. Taking such a column for
// nothing could lose a victim's claim.
func likely(name string) string {
	name = plainName(name)
	for _, known := range names {
		if len(known) > 2 && near(name, plainName(known)) {
			return known
		}
	}
	return ""
}

func plainName(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(strings.TrimSpace(name)))
}

// near says whether at most one letter lies between two words.
func near(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	at := 0
	for at < len(a) && a[at] == b[at] {
		at++
	}
	if len(a) == len(b) {
		return at == len(a) || a[at+1:] == b[at+1:]
	}
	return a[at:] == b[at+1:]
}

// shown is a text from outside, short enough for an error.
func shown(text string) string {
	const most = 120
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strings.ToValidUTF8(strings.TrimSpace(text), "\ufffd")
}

func unknownColumn(name string) string {
	return fmt.Sprintf("column %q is not a column of the canonical table: what stands in it is kept with the file and not recorded", name)
}
