package camt

import (
	"bufio"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"clew/domain"
)

// The bounds of what is read. Statements nest at most 20 elements deep and
// envelopes a few more; no element of ISO 20022 has more than two attributes,
// signatures a few; one text has at most 9 MB only in supplementary data,
// which is not read, and 2,000 characters elsewhere.
const (
	maxDepth      = 64
	maxAttributes = 32
	maxToken      = 1 << 20 // bytes of one tag or one text
	maxNodes      = 20_000  // elements inside one entry's payment, or balance
	maxText       = 1 << 20 // bytes of all texts inside it
)

// source gives the tokens of an XML file within bounds.
type source struct {
	xml   *xml.Decoder
	meter *meter
	depth int
}

// newSource reads XML in UTF-8, UTF-16 with a byte order mark, or one of the
// 8-bit encodings that banks still use.
func newSource(in io.Reader) *source {
	buffered := bufio.NewReader(in)
	head, _ := buffered.Peek(2)
	plain := io.Reader(buffered)
	if isUTF16(head) {
		plain = transform.NewReader(buffered, unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder())
	}
	meter := &meter{in: plain}
	s := &source{xml: xml.NewDecoder(meter), meter: meter}
	s.xml.Strict = true
	s.xml.CharsetReader = charset
	return s
}

func isUTF16(head []byte) bool {
	return bytes.HasPrefix(head, []byte{0xfe, 0xff}) || bytes.HasPrefix(head, []byte{0xff, 0xfe})
}

// charset reads the encodings that an XML declaration may name beside UTF-8.
func charset(label string, in io.Reader) (io.Reader, error) {
	name := strings.ToLower(strings.NewReplacer("-", "", "_", "").Replace(label))
	known := map[string]encoding.Encoding{
		"iso88591": charmap.Windows1252, "latin1": charmap.Windows1252, "windows1252": charmap.Windows1252, "cp1252": charmap.Windows1252,
		"iso885915": charmap.ISO8859_15, "iso88592": charmap.ISO8859_2, "windows1250": charmap.Windows1250, "windows1251": charmap.Windows1251,
	}
	switch {
	case known[name] != nil:
		return known[name].NewDecoder().Reader(in), nil
	case name == "utf16" || name == "utf8" || name == "usascii" || name == "ascii":
		return in, nil // UTF-16 was turned into UTF-8 by its byte order mark
	}
	return nil, domain.Usage("the file says that its encoding is %.40q, which clew does not read: save it as UTF-8", label)
}

// meter fails when more is read between two marks than one token may have.
// The decoder keeps a whole token in memory, so nothing else bounds it.
type meter struct {
	in   io.Reader
	used int
}

// errTooLong says that one tag or text is beyond maxToken.
var errTooLong = fmt.Errorf("one tag or text has more than %d bytes, the most that clew reads", maxToken)

func (m *meter) Read(p []byte) (int, error) {
	if m.used > maxToken {
		return 0, errTooLong
	}
	n, err := m.in.Read(p[:min(len(p), 4096)])
	m.used += n
	return n, err
}

// next gives the next start, end or text; everything else says nothing.
func (s *source) next() (xml.Token, error) {
	for {
		s.meter.used = 0
		token, err := s.xml.Token()
		if err == io.EOF {
			return nil, io.EOF
		}
		if err != nil {
			return nil, s.broken(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			return t, s.enter(t)
		case xml.EndElement:
			s.depth--
			return t, nil
		case xml.CharData:
			return t, nil
		case xml.Directive:
			return nil, domain.Usage("line %d: the file has a document type declaration, which no bank statement has and which clew does not read: is it from the bank?", s.line())
		}
	}
}

func (s *source) enter(start xml.StartElement) error {
	s.depth++
	switch {
	case s.depth > maxDepth:
		return domain.Usage("line %d: elements are nested more than %d deep: this is no bank statement", s.line(), maxDepth)
	case len(start.Attr) > maxAttributes:
		return domain.Usage("line %d: element %.40q has more than %d attributes: this is no bank statement", s.line(), start.Name.Local, maxAttributes)
	}
	return nil
}

// broken says where the XML cannot be read on. What comes after cannot be
// trusted, so the file as a whole is refused.
func (s *source) broken(err error) error {
	classed, syntax := (*domain.Error)(nil), (*xml.SyntaxError)(nil)
	switch {
	case errors.As(err, &classed):
		return err
	case errors.Is(err, errTooLong):
		return domain.Usage("line %d: %v: this is no bank statement", s.line(), errTooLong)
	case errors.As(err, &syntax):
		return domain.Usage("line %d: the XML is damaged (%.200s): ask the bank for the file again", syntax.Line, syntax.Msg)
	case strings.HasPrefix(err.Error(), "xml: "):
		return domain.Usage("line %d: the XML is damaged (%.200v): ask the bank for the file again", s.line(), err)
	}
	return err
}

// line is where the last token ended.
func (s *source) line() int {
	line, _ := s.xml.InputPos()
	return line
}

// skip reads to the end of the element that has just begun.
func (s *source) skip() error {
	for above := s.depth - 1; s.depth > above; {
		if _, err := s.next(); err != nil {
			return s.torn(err)
		}
	}
	return nil
}

// torn says that the file ends inside an element.
func (s *source) torn(err error) error {
	if err == io.EOF {
		return domain.Usage("line %d: the file ends inside an element: it was cut off; ask for it again", s.line())
	}
	return err
}
