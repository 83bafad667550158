package casework

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	"clew/domain"
)

// The limits of a passage: an entry of a statement fits a page, and one that
// does not is better read in the file itself.
const (
	maxPassageLines = 100
	maxPassageBytes = 16 << 10
)

// MaxLine bounds the line of a file that is shown: the importers refuse longer
// ones, so no movement rests on one.
const MaxLine = 1 << 20

// element is where an entry, a payment or a balance of a camt statement begins.
var element = regexp.MustCompile(`<(?:[A-Za-z0-9]+:)?(Ntry|TxDtls|Bal)[ >]`)

// Passage is what a file says at a place, as the file has it: the line, or the
// whole element in XML. It is empty where the format has no lines that a
// person could read: a workbook, JSON and XML without line ends.
func (d *Desk) Passage(ctx context.Context, format string, place domain.Evidence) (string, error) {
	if place.File == "" || place.Line < 1 || format == "trongrid" || format == "pdf" {
		return "", nil
	}
	kept, err := d.OpenFile(ctx, place.File)
	var closed *FileClosed
	if errors.As(err, &closed) {
		return "[" + closed.Why + "]", nil
	}
	if err != nil {
		return "", err
	}
	defer kept.Close()
	file := bufio.NewReaderSize(kept, 64<<10)
	if head, _ := file.Peek(4); bytes.Equal(head, []byte("PK\x03\x04")) {
		return "", nil // a workbook is an archive
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 0, 64<<10), MaxLine)
	for n := 1; lines.Scan(); n++ {
		if n == place.Line {
			return upToEnd(lines, format), nil
		}
	}
	if lines.Err() == bufio.ErrTooLong {
		return "", nil
	}
	return "", lines.Err()
}

// upToEnd reads on from the line that the scanner stands at to the end of the
// element that begins there; of other formats it is the one line.
func upToEnd(lines *bufio.Scanner, format string) string {
	first := Readable(lines.Bytes())
	begin := element.FindStringSubmatch(first)
	switch {
	case len(first) > maxPassageBytes:
		return ""
	case format != "camt" || begin == nil:
		return first
	}
	text := first
	for n := 1; n < maxPassageLines && !ends(text, begin[1]) && lines.Scan() && len(text) < maxPassageBytes; n++ {
		text += "\n" + Readable(lines.Bytes())
	}
	return text
}

// ends says whether a text has an element's end.
func ends(text, name string) bool {
	return regexp.MustCompile(`</([A-Za-z0-9]+:)?` + name + `>`).MatchString(text)
}

// Readable is a line as text, without its end; bytes of another encoding are
// taken for Latin-1, so that they show as what they most likely are.
func Readable(line []byte) string {
	line = bytes.TrimRight(line, "\r")
	if utf8.Valid(line) {
		return string(line)
	}
	var b strings.Builder
	for _, c := range line {
		b.WriteRune(rune(c))
	}
	return b.String()
}
