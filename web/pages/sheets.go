package pages

import (
	"embed"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"clew/domain"
	"clew/web/assets"
)

//go:embed templates
var templates embed.FS

// pageSheets are the templates, each page with the base around it.
type pageSheets map[string]*template.Template

// sheets is every page, parsed once: a template that is wrong is found at the
// start, not at two in the morning.
var sheets = func() pageSheets {
	list, err := readSheets()
	if err != nil {
		panic(err)
	}
	return list
}()

func readSheets() (pageSheets, error) {
	base, err := template.New("base").Funcs(functions()).ParseFS(templates, "templates/base.html", "templates/parts.html")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(templates, "templates/*.html")
	if err != nil {
		return nil, err
	}
	list := pageSheets{}
	for _, file := range names {
		name := strings.TrimSuffix(path.Base(file), ".html")
		if name == "base" || name == "parts" {
			continue
		}
		own, err := base.Clone()
		if err == nil {
			own, err = own.ParseFS(templates, file)
		}
		if err != nil {
			return nil, err
		}
		list[name] = own
	}
	return list, nil
}

func (s pageSheets) draw(out io.Writer, name string, f frame) error {
	sheet := s[name]
	if sheet == nil {
		return fmt.Errorf("there is no template %s.html", name)
	}
	return sheet.ExecuteTemplate(out, "base", f)
}

// functions are those of the templates.
func functions() template.FuncMap {
	return template.FuncMap{
		"asset":   assets.Path,
		"amount":  grouped,
		"short":   shortAsset,
		"instant": instant,
		"machine": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"words":   words,
		"capital": sentenceCase,
		"count":   count,
		"more":    func(all, shown int) int { return all - shown },
		"kind":    func(name domain.AccountID) string { return kindClass(name.Kind()) },
		"bar":     barOf,
		"mine":    mineOf,
		"tabs":    func() []link { return caseTabs },
		"scripts": scripts,
	}
}

// instant writes a moment for a person: with its zone, to the second.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// count writes a number of things: "1 line", "2 lines".
func count(n int, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case strings.HasSuffix(thing, "y") && !strings.HasSuffix(thing, "ay"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(thing, "y"))
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// words writes a name of the log as a person reads it.
func words(text string) string { return strings.ReplaceAll(text, "_", " ") }
