package mt940

import (
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"clew/importers/lines"
)

// field is one field of a message; or, where tag is empty, a line that belongs
// to no field.
type field struct {
	line    int
	tag     string
	text    string // its lines, joined by line feeds
	ends    bool   // the line ends a message
	tooLong bool   // beyond maxField; text is the beginning
}

// maxField bounds one field. SWIFT allows six lines of 65 characters in :86:,
// the longest seen has 70 lines; the rest of a longer one is passed over.
const maxField = 64 << 10

// scanner gives the fields of a file, one by one.
type scanner struct {
	in    *lines.Reader
	open  *field  // the field that the next line may go on
	ready []field // what is to be given next
	colon int     // the line of a colon that stands alone, before a torn tag
	ended error
}

func newScanner(in *lines.Reader) *scanner { return &scanner{in: in} }

var (
	// tagLine is the beginning of a field. Only these tags of MT940 and MT942
	// begin one: wrapped text may have a time or a number between colons.
	tagLine = regexp.MustCompile(`^\s*:(13D?|20|21|25P?|28C?|34F|60[FM]?|61|62[FM]?|64|65|86|90[CD]|NS):(.*)$`)
	// clock is the rest of a time that was wrapped before its minutes.
	clock = regexp.MustCompile(`^:\d{2}:\d{2}(\D|$)`)
	// endLine ends a message: "-", "-}" of block 4, or "-XXX" of one bank.
	endLine = regexp.MustCompile(`^-(\}.*|X+)?\s*$`)
)

// next gives the next field in the order in which they end, or io.EOF.
func (s *scanner) next() (field, error) {
	for len(s.ready) == 0 {
		if s.ended != nil {
			return field{}, s.ended
		}
		line, err := s.in.Next()
		if err != nil {
			s.ended = err
			if err == io.EOF {
				s.strayColon()
				s.close()
			}
			continue
		}
		s.take(line)
	}
	f := s.ready[0]
	s.ready = s.ready[1:]
	return f, nil
}

// take sorts one line.
func (s *scanner) take(line lines.Line) {
	text, number := plain(line.Text), line.Number
	if s.colon > 0 && strings.HasPrefix(text, "86:") {
		text, number, s.colon = ":"+text, s.colon, 0
	}
	s.strayColon()
	tag := tagLine.FindStringSubmatch(text)
	switch {
	case line.TooLong:
		s.close()
		s.ready = append(s.ready, field{line: number, tag: "?", tooLong: true})
	case strings.TrimSpace(text) == "":
		s.ready = append(s.ready, field{line: number})
	case text == ":":
		s.colon = number
	case tag != nil && !s.wrappedClock(text):
		s.close()
		s.open = &field{line: number, tag: tag[1], text: tag[2]}
	case endLine.MatchString(text), strings.HasPrefix(text, "{"), strings.HasPrefix(text, ":940:"), strings.HasPrefix(text, ":942:"):
		s.close()
		s.ready = append(s.ready, field{line: number, ends: true})
	case s.open != nil && goesOn(s.open.tag):
		s.open.goOn(text)
	default:
		s.close()
		s.ready = append(s.ready, field{line: number})
	}
}

// strayColon gives back a colon that did not begin a torn tag.
func (s *scanner) strayColon() {
	if s.colon > 0 {
		s.ready = append(s.ready, field{line: s.colon})
		s.colon = 0
	}
}

// close gives the open field.
func (s *scanner) close() {
	if s.open != nil {
		s.ready = append(s.ready, *s.open)
		s.open = nil
	}
}

// goesOn says whether the lines after a field may belong to it.
func goesOn(tag string) bool { return tag == "61" || tag == "86" || tag == "NS" }

func (f *field) goOn(text string) {
	if len(f.text)+len(text) > maxField {
		f.tooLong = true
		return
	}
	f.text += "\n" + text
}

// wrappedClock says whether a line that looks like a tag is the rest of a time
// in the text before it, as in "2014T16" and then ":26:37".
func (s *scanner) wrappedClock(text string) bool {
	if s.open == nil || s.open.tag != "86" || !clock.MatchString(text) {
		return false
	}
	before := s.open.text
	return len(before) > 1 && isDigit(before[len(before)-1]) && isDigit(before[len(before)-2])
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// plain is a line as text. SWIFT allows only ASCII; banks write their own
// letters in the encodings of their countries, which the file does not name.
func plain(text []byte) string {
	if utf8.Valid(text) {
		return string(text)
	}
	decoded, err := charmap.Windows1252.NewDecoder().Bytes(text)
	if err != nil {
		return strings.ToValidUTF8(string(text), "\uFFFD")
	}
	return string(decoded)
}
