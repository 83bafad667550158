package casework

import (
	"io"

	"clew/importers"
)

// Format is a format that Import can read, for those who list them.
type Format struct {
	Name  string // of File.Format
	Title string
}

// Formats lists every format that Import can read, in the order in which help
// names them.
func Formats() []Format {
	var list []Format
	for _, f := range importers.Formats() {
		list = append(list, Format{f.Name, f.Title})
	}
	return list
}

// Template gives the sheet into which paper statements are typed, and the name
// of its file.
func Template() (name string, body []byte) { return importers.Template() }

// DraftMapping drafts the mapping file of a table that nobody has mapped yet, and
// says whether the file is likely a table.
func DraftMapping(in io.Reader, name, sheet string) (draft string, likely bool, err error) {
	return importers.DraftMapping(in, name, sheet)
}
