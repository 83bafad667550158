// Package pdf recognises a PDF, and refuses it with what to ask for instead. A
// PDF says where ink goes, not what a figure means: columns and signs have to
// be guessed, and a wrong cent goes to court. Banks have the same statement as
// data; where there is only paper, the table of format typed is filled in by
// hand, and every page of it is checked.
//
//	err := pdf.Read(file, options, out) // always: what to ask the bank for
package pdf

import (
	"bytes"
	"io"

	"clew/domain"
)

// Detect says whether the file is a PDF. Its mark may stand within the first
// 1,024 bytes (ISO 32000-1, annex H.3, note 13).
func Detect(head []byte, _ string) int {
	if bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-")) {
		return 95
	}
	return 0
}

// Read refuses the file.
func Read(io.Reader, domain.ReadOptions, func(domain.Item) error) error {
	return domain.Usage("the file is a PDF, and figures are not read off a page: a misread digit would go to court. " +
		"Ask whoever sent it for the same statement as data, naming the account and the first and the last day on it: " +
		"as camt.053 (XML), else as MT940, else as CSV or XLSX. " +
		"If there is only paper, print a table with 'clew template', type each page into it, and import that: it is checked page by page")
}
