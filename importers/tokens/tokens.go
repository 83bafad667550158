// Package tokens gives the tokens of an XML file within bounds, one by one, so
// that no file can take memory or time out of proportion: one tag or text has
// at most MaxToken bytes, elements are nested at most MaxDepth deep, and an
// element has at most MaxAttributes attributes. It refuses a document type
// declaration, and with it every entity of a file's own. Encodings that banks
// use are turned into UTF-8.
//
//	in := tokens.NewReader(file)
//	for token, err := in.Next(); err == nil; token, err = in.Next() {
//		if start, ok := token.(xml.StartElement); ok && start.Name.Local != "Document" {
//			err = in.Skip()
//		}
//	}
package tokens

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

// The bounds of what is read. Account statements nest at most 20 elements deep
// and envelopes a few more, workbooks fewer; no element of theirs has more than
// a dozen attributes; one text has at most 32,767 characters in a workbook, and
// 2,000 in a statement.
const (
	MaxDepth      = 64
	MaxAttributes = 32
	MaxToken      = 1 << 20 // bytes of one tag or one text
)

// Reader gives the tokens of an XML file.
type Reader struct {
	xml   *xml.Decoder
	meter *meter
	depth int
}

// NewReader reads XML in UTF-8, UTF-16 with a byte order mark, or one of the
// 8-bit encodings that banks still use.
func NewReader(in io.Reader) *Reader {
	buffered := bufio.NewReader(in)
	head, _ := buffered.Peek(2)
	plain := io.Reader(buffered)
	if IsUTF16(head) {
		plain = transform.NewReader(buffered, unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM).NewDecoder())
	}
	meter := &meter{in: plain}
	s := &Reader{xml: xml.NewDecoder(meter), meter: meter}
	s.xml.Strict = true
	s.xml.CharsetReader = charset
	return s
}

// IsUTF16 says whether a file begins with a byte order mark of UTF-16.
func IsUTF16(head []byte) bool {
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

// errTooLong says that one tag or text is beyond MaxToken.
var errTooLong = fmt.Errorf("one tag or text has more than %d bytes, the most that clew reads", MaxToken)

func (m *meter) Read(p []byte) (int, error) {
	if m.used > MaxToken {
		return 0, errTooLong
	}
	n, err := m.in.Read(p[:min(len(p), 4096)])
	m.used += n
	return n, err
}

// Next gives the next start, end or text; everything else says nothing.
func (s *Reader) Next() (xml.Token, error) {
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
			return nil, declared(s.Line())
		}
	}
}

// Depth is how many elements have begun and not ended.
func (s *Reader) Depth() int { return s.depth }

func (s *Reader) enter(start xml.StartElement) error {
	s.depth++
	return bounds(s.Line(), s.depth, len(start.Attr), start.Name.Local)
}

// bounds says how an element is beyond what is read, or nil.
func bounds(line, depth, attributes int, local string) error {
	switch {
	case depth > MaxDepth:
		return domain.Usage("line %d: elements are nested more than %d deep: nothing that clew reads is so", line, MaxDepth)
	case attributes > MaxAttributes:
		return domain.Usage("line %d: element %.40q has more than %d attributes: nothing that clew reads is so", line, local, MaxAttributes)
	}
	return nil
}

func declared(line int) error {
	return domain.Usage("line %d: the file has a document type declaration, which nothing that clew reads has: is it what it says it is?", line)
}

func (s *Reader) broken(err error) error { return brokenAt(s.Line(), err) }

// brokenAt says where the XML cannot be read on. What comes after cannot be
// trusted, so the file as a whole is refused.
func brokenAt(line int, err error) error {
	classed, syntax := (*domain.Error)(nil), (*xml.SyntaxError)(nil)
	switch {
	case errors.As(err, &classed):
		return err
	case errors.Is(err, errTooLong):
		return domain.Usage("line %d: %v: nothing that clew reads is so", line, errTooLong)
	case errors.As(err, &syntax):
		return domain.Usage("line %d: the XML is damaged (%.200s): ask for the file again", syntax.Line, syntax.Msg)
	case strings.HasPrefix(err.Error(), "xml: "):
		return domain.Usage("line %d: the XML is damaged (%.200v): ask for the file again", line, err)
	}
	return err
}

// Line is where the last token ended.
func (s *Reader) Line() int {
	line, _ := s.xml.InputPos()
	return line
}

// Skip reads to the end of the element that has just begun.
func (s *Reader) Skip() error {
	for above := s.depth - 1; s.depth > above; {
		if _, err := s.Next(); err != nil {
			return s.Torn(err)
		}
	}
	return nil
}

// Torn says that the file ends inside an element.
func (s *Reader) Torn(err error) error { return tornAt(s.Line(), err) }

func tornAt(line int, err error) error {
	if err == io.EOF {
		return domain.Usage("line %d: the file ends inside an element: it was cut off; ask for it again", line)
	}
	return err
}
