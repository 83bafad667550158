package domain

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxReference bounds an identifier that somebody else has made. UETRs have 36
// characters, end-to-end ids 35, a txid with its index 75.
const MaxReference = 256

// MaxNote bounds a note: the longest remittance information that ISO 20022
// carries is 9,000 characters.
const MaxNote = 16 << 10

// ParseReference checks somebody else's identifier: a source's own id, a
// payment's reference. What says which one it is, for the error. Empty is
// allowed and means that there is none.
func ParseReference(what, text string) (string, error) {
	name := strings.TrimSpace(text)
	if name == "" {
		return "", nil
	}
	return name, checkName(what, name, MaxReference)
}

// ParseNote checks free text. It may run over lines; it may not bear what
// cannot be stored or read back: bytes that are not UTF-8, or control
// characters other than line ends and tabs.
func ParseNote(text string) (string, error) {
	note := strings.TrimSpace(text)
	switch {
	case len(note) > MaxNote:
		return "", fmt.Errorf("note has %d bytes, more than %d: keep the text in a file of its own", len(note), MaxNote)
	case !utf8.ValidString(note):
		return "", fmt.Errorf("note %s is not valid UTF-8: save the file as UTF-8", quoted(note))
	}
	for _, r := range note {
		if unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' {
			return "", fmt.Errorf("note %s has the control character %U: remove it", quoted(note), r)
		}
	}
	return note, nil
}
