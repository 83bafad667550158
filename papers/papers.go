// Package papers writes what a request for a freeze sends out: the recall
// between banks (camt.056), the Financial Fraud Kill Chain sheet (FFKC) as text
// and as a page, the goAML report for an FIU, and the lien letter. A paper is
// a draft: every field that is not known is marked where it belongs and named
// in Missing, and nothing is ever made up to fill it.
//
// It is pure: a Request holds all facts, with names already resolved for this
// recipient, and the same Request gives the same bytes. It refuses a paper
// that nobody has drawn and a letter in a language without a template; it has
// no place for what must not leave the house, such as whether somebody acts
// under force.
//
//	paper, err := papers.Make("camt.056", request)
//	paper.Missing // "OrgnlUETR: the payment's UETR is not known"
package papers

import (
	"slices"
	"strings"

	"clew/domain"
)

// Paper is one draft.
type Paper struct {
	Name      string
	File      string // a name to save it under: C1-F1-camt.056.xml
	MediaType string
	Bytes     []byte
	// Missing names every field that the paper has a place for and that is not
	// known, each with its place and why. Where it is empty the paper is
	// complete, and valid where it has a schema.
	Missing []string
	// Discloses lists the victims whom the paper names in clear: that it does
	// is to be recorded with its recipient.
	Discloses []domain.VictimID
}

// Kind is a sort of paper. Its name is that of a mechanism's papers
// (domain.Mechanism).
type Kind struct {
	Name      string
	Title     string
	Extension string
	MediaType string
	draft     func(Request) (draft, error)
}

// draft is what a kind makes of a request.
type draft struct {
	bytes     []byte
	missing   []string
	discloses []domain.VictimID
}

// Kinds lists every paper. A new one is a function and a row here.
func Kinds() []Kind {
	return []Kind{
		{"camt.056", "recall between banks, ISO 20022 camt.056.001.08", "xml", "application/xml", camt056},
		{"ffkc", "Financial Fraud Kill Chain sheet, as text", "txt", "text/plain; charset=utf-8", ffkcText},
		{"ffkc-html", "Financial Fraud Kill Chain sheet, as a page to print", "html", "text/html; charset=utf-8", ffkcPage},
		{"goaml", "goAML report 5.0.2 for an FIU", "xml", "application/xml", goAML},
		{"letter", "lien letter, in the language of the request", "txt", "text/plain; charset=utf-8", letter},
	}
}

// Make drafts the paper of a name.
func Make(name string, r Request) (Paper, error) {
	kind, err := Find(name)
	if err != nil {
		return Paper{}, err
	}
	d, err := kind.draft(r)
	if err != nil {
		return Paper{}, err
	}
	return Paper{
		Name: kind.Name, File: fileName(r) + "-" + kind.Name + "." + kind.Extension, MediaType: kind.MediaType,
		Bytes: d.bytes, Missing: d.missing, Discloses: d.discloses,
	}, nil
}

// Find gives the kind of a name.
func Find(name string) (Kind, error) {
	var names []string
	for _, kind := range Kinds() {
		if kind.Name == name {
			return kind, nil
		}
		names = append(names, kind.Name)
	}
	return Kind{}, domain.Usage("paper %.40q is not known: use one of %s", name, strings.Join(names, ", "))
}

// fileName keeps to characters that every file system takes: the dot and the
// slash are what paths are made of.
func fileName(r Request) string {
	name := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			return c
		}
		return '-'
	}, string(r.Case)+"-"+string(r.Freeze.Request.Freeze))
	return name[:min(len(name), 100)]
}

// gaps collects what is missing, each thing once, in the order of the paper.
type gaps []string

func (g *gaps) add(sentence string) {
	if !slices.Contains(*g, sentence) {
		*g = append(*g, sentence)
	}
}
