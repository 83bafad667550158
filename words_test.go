package clew_test

import (
	"bytes"
	"fmt"
	"testing"

	"clew/domain"
)

// The words of the larger picture are the code's, each with who uses it so.
func TestTheWordsOfTheLargerPictureAreTheCodes(t *testing.T) {
	var table bytes.Buffer
	table.WriteString("| of | word | means | who uses it so |\n|---|---|---|---|\n")
	for _, v := range domain.Vocabularies() {
		for _, term := range v.Terms {
			fmt.Fprintf(&table, "| %s | `%s` | %s | %s |\n", v.Of, term.Name, term.Means, term.Source)
		}
	}
	between(t, "docs/reference/larger-picture.md", "words", table.String())
}
