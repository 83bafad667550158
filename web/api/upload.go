package api

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"

	"clew/domain"
	"clew/web/gate"
)

// mostMapping bounds a mapping: it names columns and is a page long.
const mostMapping = 1 << 20

// takeFile finds the file that comes with a request, as it is or in a form. It
// is read while it comes: none of it lies in memory.
func (o *operation) takeFile(r *http.Request, e *gate.Errand) (end func(), err error) {
	end = func() {}
	e.Name = r.URL.Query().Get("name")
	e.In = r.Body
	if o.command == "import" {
		e.Flags["case"], e.Args = []string{r.PathValue("case")}, []string{"-"}
	} else {
		e.Args = append(e.Args, "-")
	}
	kind, options, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && r.Header.Get("Content-Type") != "" {
		return end, domain.Usage("Content-Type: %v", err)
	}
	if kind == "multipart/form-data" {
		return end, takeForm(e, multipart.NewReader(r.Body, options["boundary"]))
	}
	return end, nil
}

// takeForm reads a form up to its file. What says how the file is to be read
// must stand before it.
func takeForm(e *gate.Errand, form *multipart.Reader) error {
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return domain.Usage("the form has no part named file")
		}
		if err != nil {
			return domain.Usage("the form cannot be read: %v", err)
		}
		switch part.FormName() {
		case "map":
			if e.Mapping, err = io.ReadAll(io.LimitReader(part, mostMapping+1)); err != nil {
				return err
			}
			if len(e.Mapping) > mostMapping {
				return domain.Usage("map has more than %d bytes: a mapping names columns and is short", mostMapping)
			}
		case "file":
			if e.Name == "" {
				e.Name = unescaped(part.FileName())
			}
			e.In = part
			return nil
		default:
			return domain.Usage("the form's part %q is nothing that this takes: it takes map, and then file", part.FormName())
		}
	}
}

// unescaped is a file's name as its sender wrote it.
func unescaped(name string) string {
	if plain, err := url.PathUnescape(name); err == nil {
		return plain
	}
	return name
}
