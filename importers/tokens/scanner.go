package tokens

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"clew/domain"
)

// Kind says what a Token is.
type Kind uint8

// The kinds of token that say something.
const (
	Start Kind = iota + 1 // an element begins
	End                   // and ends
	Text
)

// Token is one token of a Scanner. Attributes and text hold until the next
// token is asked for; the name stays.
type Token struct {
	Kind  Kind
	Name  string // of an element, without its prefix
	Attrs []Attr
	Text  []byte
}

// Attr is one attribute of an element.
type Attr struct {
	Name  string // without its prefix
	Value []byte
}

// Scanner gives the same tokens as Reader, within the same bounds and with the
// same words where the file is damaged, several times faster and without their
// name spaces. It reads by itself what nearly every statement is made of:
// UTF-8, tags with plain attributes, texts without entities. Whatever else
// comes (a comment, an entity, an odd name, whatever looks damaged) is given to
// encoding/xml, token by token, and a file in another encoding as a whole to a
// Reader. A fuzz target holds the two against each other.
type Scanner struct {
	in      io.Reader
	buf     []byte
	at, end int   // what was read and not yet taken is buf[at:end]
	ended   error // why there is no more to read
	line    int
	open    []*name
	names   map[string]*name
	closing bool // the last element closes itself: its end comes next
	attrs   []Attr
	text    []byte // a text whose line ends were made one sign
	foreign *Reader
}

// name is the name of an element as it stands and without its prefix.
type name struct{ raw, local string }

// maxNames bounds the names that are kept; a message has a few hundred.
const maxNames = 4096

// firstRead is how much is read at once; a longer token makes it grow.
const firstRead = 64 << 10

// NewScanner reads XML in the encodings that NewReader reads.
func NewScanner(in io.Reader) *Scanner {
	return &Scanner{in: in, line: 1, names: map[string]*name{}}
}

// Next gives the next start, end or text; everything else says nothing.
func (s *Scanner) Next() (Token, error) {
	if s.buf == nil {
		s.begin()
	}
	for {
		if s.foreign != nil {
			return s.translated()
		}
		if s.closing {
			s.closing = false
			return s.leave(), nil
		}
		if token, err := s.step(); token.Kind != 0 || err != nil {
			return token, err
		}
	}
}

// begin reads the first bytes and looks at them.
func (s *Scanner) begin() {
	s.buf = make([]byte, firstRead)
	s.peek(1)
	if IsUTF16(s.buf[:s.end]) {
		s.giveOver()
	}
}

// giveOver lets a Reader read the file from here on.
func (s *Scanner) giveOver() {
	rest := io.Reader(bytes.NewReader(s.buf[s.at:s.end]))
	if s.ended == nil {
		rest = io.MultiReader(rest, s.in)
	} else if s.ended != io.EOF {
		rest = io.MultiReader(rest, failed{s.ended})
	}
	s.foreign = NewReader(rest)
}

// failed is what is left of a file that could not be read on.
type failed struct{ err error }

func (f failed) Read([]byte) (int, error) { return 0, f.err }

// translated is the next token of a file that a Reader reads.
func (s *Scanner) translated() (Token, error) {
	token, err := s.foreign.Next()
	if err != nil {
		return Token{}, err
	}
	switch t := token.(type) {
	case xml.StartElement:
		return Token{Kind: Start, Name: t.Name.Local, Attrs: s.attributes(t)}, nil
	case xml.EndElement:
		return Token{Kind: End, Name: t.Name.Local}, nil
	}
	return Token{Kind: Text, Text: token.(xml.CharData)}, nil
}

func (s *Scanner) attributes(t xml.StartElement) []Attr {
	s.attrs = s.attrs[:0]
	for _, a := range t.Attr {
		s.attrs = append(s.attrs, Attr{a.Name.Local, []byte(a.Value)})
	}
	return s.attrs
}

// step takes one token. Its kind is 0 where it says nothing.
func (s *Scanner) step() (Token, error) {
	first, ok := s.peek(0)
	switch {
	case !ok:
		return Token{}, s.atEnd()
	case first != '<':
		return s.chars()
	}
	switch next, _ := s.peek(1); {
	case next == '/':
		return s.endTag()
	case isNameStart(next):
		return s.startTag()
	}
	return s.unusual()
}

// atEnd says how the file ends.
func (s *Scanner) atEnd() error {
	if s.ended == io.EOF && len(s.open) > 0 {
		return s.broken(&xml.SyntaxError{Msg: "unexpected EOF", Line: s.line})
	}
	return s.ended
}

// peek gives the byte so far ahead, if there is one.
func (s *Scanner) peek(ahead int) (byte, bool) {
	for s.at+ahead >= s.end {
		if !s.more() {
			return 0, false
		}
	}
	return s.buf[s.at+ahead], true
}

// more reads on. What was not yet taken moves to the front.
func (s *Scanner) more() bool {
	if s.ended != nil {
		return false
	}
	if s.at > 0 {
		s.end = copy(s.buf, s.buf[s.at:s.end])
		s.at = 0
	}
	if s.end == len(s.buf) {
		if s.end > MaxToken {
			return false
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	n, err := s.in.Read(s.buf[s.end:])
	s.end += n
	s.ended = err
	return n > 0 || err == nil
}

// until gives what lies before the next byte of a kind, without taking it;
// found is false as well where that is more than a token may have.
func (s *Scanner) until(c byte) (before []byte, found bool) {
	for seen := 0; ; {
		if i := bytes.IndexByte(s.buf[s.at+seen:s.end], c); i >= 0 {
			return s.buf[s.at : s.at+seen+i], seen+i <= MaxToken
		}
		seen = s.end - s.at
		if !s.more() {
			return s.buf[s.at:s.end], false
		}
	}
}

// take passes over bytes and counts their lines.
func (s *Scanner) take(n int) {
	s.line += bytes.Count(s.buf[s.at:s.at+n], []byte("\n"))
	s.at += n
}

// chars reads a text up to the next tag.
func (s *Scanner) chars() (Token, error) {
	text, found := s.until('<')
	plain, returns := plainText(text)
	if !plain || !found && len(text) > MaxToken {
		return s.unusual()
	}
	s.take(len(text))
	if returns {
		s.text = append(s.text[:0], text...)
		text = bytes.ReplaceAll(s.text, []byte("\r\n"), []byte("\n"))
		text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	}
	return Token{Kind: Text, Text: text}, nil
}

// plainText says whether a text stands for itself, and whether it has line
// ends that XML makes one sign.
func plainText(text []byte) (plain, returns bool) {
	wide := false
	for _, c := range text {
		switch {
		case c >= utf8.RuneSelf:
			wide = true
		case c == '\r':
			returns = true
		case c == '&' || c == '>' || c < ' ' && c != '\n' && c != '\t':
			return false, false
		}
	}
	return !wide || plainRunes(text), returns
}

// plainRunes says whether a text is UTF-8 of signs that XML allows; the two
// that it does not, U+FFFE and U+FFFF, begin with 0xEF 0xBF as some good ones
// do.
func plainRunes(text []byte) bool {
	return utf8.Valid(text) && !bytes.Contains(text, []byte{0xef, 0xbf})
}

func (s *Scanner) endTag() (Token, error) {
	tag, found := s.until('>')
	if !found || len(s.open) == 0 || string(bytes.TrimRight(tag[2:], " \t\r\n")) != s.open[len(s.open)-1].raw {
		return s.unusual()
	}
	s.take(len(tag) + 1)
	return s.leave(), nil
}

// leave closes the element that was opened last.
func (s *Scanner) leave() Token {
	last := s.open[len(s.open)-1]
	s.open = s.open[:len(s.open)-1]
	return Token{Kind: End, Name: last.local}
}

func (s *Scanner) startTag() (Token, error) {
	tag, found := s.until('>')
	if !found {
		return s.unusual()
	}
	raw := nameAt(tag[1:])
	attributes, closing, plain := s.plainAttributes(tag[1+len(raw):])
	if !plain || !plainName(raw) {
		return s.unusual()
	}
	element := s.known(raw)
	s.take(len(tag) + 1)
	return s.enter(element, attributes, closing)
}

// enter opens an element.
func (s *Scanner) enter(element *name, attributes []Attr, closing bool) (Token, error) {
	s.open, s.closing = append(s.open, element), closing
	return Token{Kind: Start, Name: element.local, Attrs: attributes}, bounds(s.line, len(s.open), len(attributes), element.local)
}

// known gives a name that was seen before, the same one each time.
func (s *Scanner) known(raw []byte) *name {
	if n := s.names[string(raw)]; n != nil {
		return n
	}
	if len(s.names) >= maxNames {
		clear(s.names)
	}
	n := &name{raw: string(raw)}
	n.local = localPart(n.raw)
	s.names[n.raw] = n
	return n
}

// localPart is a name without its prefix; encoding/xml takes a name that
// begins or ends with the colon as a whole.
func localPart(raw string) string {
	prefix, local, found := strings.Cut(raw, ":")
	if !found || prefix == "" || local == "" {
		return raw
	}
	return local
}

// plainAttributes reads the rest of a start tag; plain is false where it is
// not made of plain attributes.
func (s *Scanner) plainAttributes(rest []byte) (list []Attr, closing, plain bool) {
	s.attrs = s.attrs[:0]
	for {
		blank := len(rest)
		rest = bytes.TrimLeft(rest, " \t\r\n")
		switch {
		case len(rest) == 0:
			return s.attrs, false, true
		case len(rest) == 1 && rest[0] == '/':
			return s.attrs, true, true
		case len(rest) == blank:
			return nil, false, false
		}
		raw := nameAt(rest)
		value, after, ok := plainValue(rest[len(raw):])
		if !ok || !plainName(raw) {
			return nil, false, false
		}
		s.attrs = append(s.attrs, Attr{s.known(raw).local, value})
		rest = after
	}
}

// plainValue reads ="value" with either kind of quotation mark.
func plainValue(rest []byte) (value, after []byte, ok bool) {
	if len(rest) < 3 || rest[0] != '=' || rest[1] != '"' && rest[1] != '\'' {
		return nil, nil, false
	}
	end := bytes.IndexByte(rest[2:], rest[1])
	if end < 0 {
		return nil, nil, false // it holds the sign that seemed to end the tag
	}
	value = rest[2 : 2+end]
	plain, returns := plainText(value)
	return value, rest[2+end+1:], plain && !returns && bytes.IndexByte(value, '<') < 0
}

// nameAt is the name that a text begins with.
func nameAt(text []byte) []byte {
	n := 0
	for n < len(text) && (isNameStart(text[n]) || n > 0 && (text[n] >= '0' && text[n] <= '9' || text[n] == '-' || text[n] == '.' || text[n] == ':')) {
		n++
	}
	return text[:n]
}

func isNameStart(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

// plainName says whether a name has at most one prefix.
func plainName(raw []byte) bool { return len(raw) > 0 && bytes.Count(raw, []byte(":")) <= 1 }

// unusual has encoding/xml read one token.
func (s *Scanner) unusual() (Token, error) {
	feed := &feed{s: s}
	in := xml.NewDecoder(feed)
	in.CharsetReader = func(label string, _ io.Reader) (io.Reader, error) { return nil, errForeign }
	token, err := in.RawToken()
	if feed.n > MaxToken {
		err = errTooLong
	}
	switch {
	case errors.Is(err, errForeign) && s.line == 1 && len(s.open) == 0:
		s.giveOver()
		return Token{}, nil
	case errors.Is(err, errForeign):
		return Token{}, domain.Usage("line %d: the file says in its middle that it goes on in another encoding: save it as UTF-8", s.line)
	case err != nil:
		line, _ := in.InputPos()
		s.line += line - 1
		return Token{}, s.broken(moved(err, s.line-line))
	}
	s.take(int(in.InputOffset()))
	return s.meant(token)
}

// errForeign says that the file is in an encoding that is not UTF-8.
var errForeign = errors.New("another encoding")

// moved puts an error on the line of the file that it is on.
func moved(err error, lines int) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return &xml.SyntaxError{Msg: syntax.Msg, Line: syntax.Line + lines}
	}
	return err
}

// meant is a token that encoding/xml has read.
func (s *Scanner) meant(token xml.Token) (Token, error) {
	switch t := token.(type) {
	case xml.StartElement:
		closing := bytes.HasSuffix(s.buf[:s.at], []byte("/>"))
		return s.enter(s.known([]byte(spelt(t.Name))), s.attributes(t), closing)
	case xml.EndElement:
		if err := s.crossed(t.Name); err != nil {
			return Token{}, s.broken(err)
		}
		return s.leave(), nil
	case xml.CharData:
		return Token{Kind: Text, Text: t}, nil
	case xml.Directive:
		return Token{}, declared(s.line)
	}
	return Token{}, nil
}

// spelt is a name as it stands in the file.
func spelt(n xml.Name) string {
	if n.Space == "" {
		return n.Local
	}
	return n.Space + ":" + n.Local
}

// crossed says, in the words of encoding/xml, why an end tag closes nothing.
func (s *Scanner) crossed(end xml.Name) error {
	if len(s.open) == 0 {
		return &xml.SyntaxError{Msg: "unexpected end element </" + end.Local + ">", Line: s.line}
	}
	open := s.open[len(s.open)-1]
	space := strings.TrimSuffix(strings.TrimSuffix(open.raw, open.local), ":")
	switch {
	case open.local != end.Local:
		return &xml.SyntaxError{Msg: "element <" + open.local + "> closed by </" + end.Local + ">", Line: s.line}
	case space != end.Space:
		shown := end.Space
		if shown == "" {
			shown = `""`
		}
		return &xml.SyntaxError{Msg: "element <" + open.local + "> in space " + space + " closed by </" + end.Local + "> in space " + shown, Line: s.line}
	}
	return nil
}

// feed gives encoding/xml one byte at a time, so that it takes no more than
// its token.
type feed struct {
	s *Scanner
	n int
}

func (f *feed) ReadByte() (byte, error) {
	c, ok := f.s.peek(f.n)
	if f.n++; f.n > MaxToken {
		return 0, errTooLong
	}
	if !ok {
		f.n--
		return 0, f.s.ended
	}
	return c, nil
}

func (f *feed) Read(p []byte) (int, error) {
	c, err := f.ReadByte()
	if err != nil || len(p) == 0 {
		return 0, err
	}
	p[0] = c
	return 1, nil
}

// Depth is how many elements have begun and not ended.
func (s *Scanner) Depth() int {
	if s.foreign != nil {
		return s.foreign.Depth()
	}
	return len(s.open)
}

// Line is where the last token ended.
func (s *Scanner) Line() int {
	if s.foreign != nil {
		return s.foreign.Line()
	}
	return s.line
}

// Skip reads to the end of the element that has just begun.
func (s *Scanner) Skip() error {
	for above := s.Depth() - 1; s.Depth() > above; {
		if _, err := s.Next(); err != nil {
			return s.Torn(err)
		}
	}
	return nil
}

// Torn says that the file ends inside an element.
func (s *Scanner) Torn(err error) error { return tornAt(s.Line(), err) }

func (s *Scanner) broken(err error) error { return brokenAt(s.line, err) }
