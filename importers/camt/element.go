package camt

import (
	"encoding/xml"
	"strings"
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
func (s *source) tree(start xml.StartElement) (element, error) {
	used := size{}
	e, err := s.grow(start, &used)
	e.tooBig = used.tooBig()
	return e, err
}

func (s *source) grow(start xml.StartElement, used *size) (element, error) {
	e := element{name: start.Name.Local, line: s.line(), currency: attribute(start, "Ccy")}
	used.nodes++
	var text strings.Builder
	for {
		token, err := s.next()
		if err != nil {
			return e, s.torn(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := s.graft(&e, t, used); err != nil {
				return e, err
			}
		case xml.CharData:
			if used.text += len(t); used.text <= maxText {
				text.Write(t)
			}
		case xml.EndElement:
			e.text = strings.TrimSpace(text.String())
			return e, nil
		}
	}
}

// graft adds a child, unless it is of no use or the tree is too big already.
func (s *source) graft(e *element, start xml.StartElement, used *size) error {
	if start.Name.Local == "SplmtryData" || used.tooBig() {
		return s.skip()
	}
	kid, err := s.grow(start, used)
	e.kids = append(e.kids, kid)
	return err
}

func attribute(start xml.StartElement, name string) string {
	for _, a := range start.Attr {
		if a.Name.Local == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}
