package papers

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// form writes an XML draft. What is not known, or does not fit its schema,
// stands as a comment where the element would be, and is noted as missing: the
// draft is well-formed whatever it lacks.
type form struct {
	out     bytes.Buffer
	open    []string
	missing gaps
}

// shape is what a schema takes for a text.
type shape struct {
	most    int // characters; 0: no limit of its own
	pattern *regexp.Regexp
	words   string // what the pattern asks for, in words
}

// refuses says why a text does not fit, or nothing.
func (s shape) refuses(text string) string {
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, notInXML):
		return "has a character that XML cannot carry"
	case s.most > 0 && utf8.RuneCountInString(text) > s.most:
		return fmt.Sprintf("has more than %d characters", s.most)
	case s.pattern != nil && !s.pattern.MatchString(text):
		return "is no " + s.words
	}
	return ""
}

// notInXML are the characters outside of XML 1.0, section 2.2.
func notInXML(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff
}

// begin opens an element; end closes the last one.
func (f *form) begin(name string, attributes ...string) {
	f.indent()
	f.out.WriteString("<" + name)
	for i := 0; i+1 < len(attributes); i += 2 {
		fmt.Fprintf(&f.out, ` %s="%s"`, attributes[i], escaped(attributes[i+1]))
	}
	f.out.WriteString(">\n")
	f.open = append(f.open, name)
}

func (f *form) end() {
	name := f.open[len(f.open)-1]
	f.open = f.open[:len(f.open)-1]
	f.indent()
	f.out.WriteString("</" + name + ">\n")
}

// in writes an element with what inside writes into it.
func (f *form) in(name string, inside func()) {
	f.begin(name)
	inside()
	f.end()
}

func (f *form) indent() { f.out.WriteString(strings.Repeat("  ", len(f.open))) }

// text writes an element that is known to fit.
func (f *form) text(name, text string) {
	f.indent()
	fmt.Fprintf(&f.out, "<%s>%s</%s>\n", name, escaped(text), name)
}

// field is an element of a draft: its name, what it is, its text if that is
// known, and what the schema takes.
type field struct {
	name  string
	what  string
	text  string
	shape shape
}

// need writes a field, or the mark of its absence. It says whether it is
// there.
func (f *form) need(e field) bool {
	if e.text == "" {
		f.lack(e.name, "the "+e.what+" is not known")
		return false
	}
	if why := e.shape.refuses(e.text); why != "" {
		f.lack(e.name, fmt.Sprintf("the %s %.60q %s", e.what, e.text, why))
		return false
	}
	f.text(e.name, e.text)
	return true
}

// may writes a field that need not be there. One that does not fit is missing
// all the same.
func (f *form) may(e field) {
	if e.text != "" {
		f.need(e)
	}
}

// lack marks what is missing, in place and in the list.
func (f *form) lack(name, why string) {
	f.missing.add(name + ": " + why)
	f.indent()
	fmt.Fprintf(&f.out, "<!-- MISSING %s -->\n", comment(name+": "+why))
}

// comment makes a text fit into a comment (XML 1.0, section 2.5), and keeps it
// on one line.
func comment(text string) string {
	text = strings.Map(func(r rune) rune {
		if notInXML(r) {
			return '?'
		}
		return r
	}, oneLine(text))
	for strings.Contains(text, "--") {
		text = strings.ReplaceAll(text, "--", "- -")
	}
	return text
}

// document is the whole draft, with the list of what is missing at its head.
func (f *form) document() []byte {
	var out bytes.Buffer
	out.WriteString(xml.Header)
	if len(f.missing) > 0 {
		out.WriteString("<!-- DRAFT. Still missing:\n")
		for _, m := range f.missing {
			out.WriteString("  " + comment(m) + "\n")
		}
		out.WriteString("-->\n")
	}
	out.Write(f.out.Bytes())
	return out.Bytes()
}

func escaped(text string) string {
	var out strings.Builder
	xml.EscapeText(&out, []byte(text)) //nolint:errcheck // a Builder never fails
	return out.String()
}
