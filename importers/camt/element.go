package camt

import (
	"bytes"
	"strings"

	"clew/importers/tokens"
)

// The bounds of one payment, entry or balance: the largest real payments have
// a few hundred elements and some thousand characters. Supplementary data,
// which may hold megabytes, is not read.
const (
	maxNodes = 20_000
	maxText  = 1 << 20 // bytes of all texts
)

// element is one element of a statement with all that is in it.
type element struct {
	name     string
	line     int
	currency string // its Ccy attribute
	text     string
	kids     []element
	tooBig   bool // it is beyond maxNodes or maxText, and not all of it is here
}

// at gives the first element on a path of names below e, or nil.
func (e *element) at(path ...string) *element {
	for _, name := range path {
		e = e.child(name)
	}
	return e
}

func (e *element) child(name string) *element {
	if e == nil {
		return nil
	}
	for i := range e.kids {
		if e.kids[i].name == name {
			return &e.kids[i]
		}
	}
	return nil
}

// says gives the text of the first element on a path, or nothing.
func (e *element) says(path ...string) string {
	if found := e.at(path...); found != nil {
		return found.text
	}
	return ""
}

// size is what a tree has taken so far.
type size struct{ nodes, text int }

func (z size) tooBig() bool { return z.nodes > maxNodes || z.text > maxText }

// tree reads the element that has just begun, to its end.
func (m *message) tree(start tokens.Token) (element, error) {
	used := size{}
	e, err := m.grow(start, &used)
	e.tooBig = used.tooBig()
	return e, err
}

func (m *message) grow(start tokens.Token, used *size) (element, error) {
	e := element{name: start.Name, line: m.Line(), currency: attribute(start, "Ccy")}
	used.nodes++
	var text strings.Builder
	for {
		token, err := m.Next()
		if err != nil {
			return e, m.Torn(err)
		}
		switch token.Kind {
		case tokens.Start:
			if err := m.graft(&e, token, used); err != nil {
				return e, err
			}
		case tokens.Text:
			used.text += len(token.Text)
			if used.text <= maxText && (text.Len() > 0 || !blank(token.Text)) {
				text.Write(token.Text)
			}
		case tokens.End:
			e.text = strings.TrimSpace(text.String())
			return e, nil
		}
	}
}

// blank says whether a text is nothing but the space between two elements.
func blank(text []byte) bool { return len(bytes.TrimSpace(text)) == 0 }

// graft adds a child, unless it is of no use or the tree is too big already.
func (m *message) graft(e *element, start tokens.Token, used *size) error {
	if start.Name == "SplmtryData" || used.tooBig() {
		return m.Skip()
	}
	kid, err := m.grow(start, used)
	e.kids = append(e.kids, kid)
	return err
}

func attribute(start tokens.Token, name string) string {
	for _, a := range start.Attrs {
		if a.Name == name {
			return string(bytes.TrimSpace(a.Value))
		}
	}
	return ""
}
