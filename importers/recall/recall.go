// Package recall reads the answers to a recall in ISO 20022 XML: camt.029 (what
// becomes of the request) and pacs.004 (the money that comes back), in any
// version, bare or inside an envelope, matched by the local names of elements.
// It refuses files that hold neither, a document type declaration, and elements
// beyond its limits. An identifier or amount that cannot be read costs itself,
// with a warning, never the answer.
//
//	<TxInfAndSts> … <OrgnlUETR>8a562c67-…</OrgnlUETR> … </TxInfAndSts>
//
// under a status RJCR is one answer: rejected.
package recall

import (
	"bytes"
	"encoding/xml"
	"io"
	"strings"

	"clew/domain"
	"clew/importers/tokens"
)

// The elements that hold answers.
const (
	resolution = "RsltnOfInvstgtn"
	payback    = "PmtRtr"
)

// Detect says how sure it is that the file holds answers to a recall.
func Detect(head []byte, _ string) int {
	if tokens.IsUTF16(head) {
		head = bytes.ReplaceAll(head, []byte{0}, nil)
	}
	text := string(head)
	for _, mark := range []string{resolution, payback, "xsd:camt.029.", "xsd:pacs.004."} {
		if strings.Contains(text, "<") && strings.Contains(text, mark) {
			return 97
		}
	}
	return 0
}

// Read reads a file to its end and gives every answer to out, in order. Assets
// are those in which amounts may be. An error of out is passed on.
func Read(in io.Reader, assets domain.Assets, out func(domain.RecallAnswer) error) error {
	f := &file{Reader: tokens.NewReader(in), assets: assets, out: out}
	if err := f.read(); err != nil {
		return err
	}
	if f.messages == 0 {
		return domain.Usage("the file holds no answer to a recall (no %s or %s element): clew reads camt.029 and pacs.004; statements are read with 'clew import'", resolution, payback)
	}
	return nil
}

// file is one file, read once from its beginning to its end.
type file struct {
	*tokens.Reader
	assets   domain.Assets
	out      func(domain.RecallAnswer) error
	messages int
}

// read goes through the file. Envelopes and business headers are passed
// through: an answer is where its element is.
func (f *file) read() error {
	for {
		token, err := f.Next()
		if err == io.EOF && f.Depth() == 0 {
			return nil
		}
		if err != nil {
			return f.Torn(err)
		}
		start, ok := token.(xml.StartElement)
		switch {
		case ok && start.Name.Local == resolution:
			err = f.resolution(head{message: nameOf(start.Name.Space, "camt.029")})
		case ok && start.Name.Local == payback:
			err = f.payback(head{message: nameOf(start.Name.Space, "pacs.004")})
		}
		if err != nil {
			return err
		}
	}
}

// nameOf is the message's name in its namespace, or the family where the
// namespace says nothing.
func nameOf(space, family string) string {
	if at := strings.LastIndex(space, family); at >= 0 && len(space)-at <= len("camt.029.001.09") {
		return space[at:]
	}
	return family
}

// children gives every element right inside the one that has just begun to
// take, which reads it to its end.
func (f *file) children(take func(xml.StartElement) error) error {
	for above := f.Depth() - 1; f.Depth() > above; {
		token, err := f.Next()
		if err != nil {
			return f.Torn(err)
		}
		if start, ok := token.(xml.StartElement); ok {
			if err := take(start); err != nil {
				return err
			}
		}
	}
	return nil
}

// head is what stands above the payments of a message and holds for each.
type head struct {
	message  string
	id       string
	at       domain.When
	from     string
	caseID   string
	cancelID string
	original string // the message that carried the payments
	status   string
	codes    []string
	text     string
	settled  domain.When // of all returned payments
	warnings []string
}

// resolution reads a camt.029. The standard prescribes the order of its parts:
// assignment, case, status, payments.
func (f *file) resolution(h head) error {
	f.messages++
	line, told := f.Line(), false
	err := f.children(func(start xml.StartElement) error {
		if start.Name.Local == "CxlDtls" {
			told = true
			return f.details(h)
		}
		if !oneOf(start.Name.Local, "Assgnmt", "RslvdCase", "Sts") {
			return f.Skip()
		}
		e, err := f.element(start)
		h.note(e)
		return err
	})
	if err != nil || told {
		return err
	}
	return f.tell(h, element{line: line})
}

// details reads the payments that a camt.029 speaks of: one by one, below the
// instruction they came with, or as a group.
func (f *file) details(h head) error {
	line, told := f.Line(), false
	err := f.children(func(start xml.StartElement) error {
		switch start.Name.Local {
		case "OrgnlPmtInfAndSts":
			told = true
			return f.details(h)
		case "TxInfAndSts":
			told = true
			e, err := f.element(start)
			if err != nil {
				return err
			}
			return f.tell(h, e)
		}
		e, err := f.element(start)
		h.note(e)
		return err
	})
	if err != nil || told {
		return err
	}
	return f.tell(h, element{line: line})
}

// payback reads a pacs.004.
func (f *file) payback(h head) error {
	f.messages++
	line, told := f.Line(), false
	err := f.children(func(start xml.StartElement) error {
		if !oneOf(start.Name.Local, "GrpHdr", "OrgnlGrpInf", "TxInf") {
			return f.Skip()
		}
		e, err := f.element(start)
		if err != nil {
			return err
		}
		if e.name == "TxInf" {
			told = true
			return f.tell(h, e)
		}
		h.note(e)
		return nil
	})
	if err != nil || told {
		return err
	}
	return f.tell(h, element{line: line}) // a whole group, none of it told one by one
}

func oneOf(name string, names ...string) bool {
	for _, n := range names {
		if name == n {
			return true
		}
	}
	return false
}
