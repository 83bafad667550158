package recall

import (
	"encoding/xml"
	"strings"

	"clew/domain"
)

// The bounds of what is kept of one payment or header. The largest real ones
// have a few hundred texts of at most 140 characters; a name has at most
// MaxReference bytes, and reasons in words come in lines of 105.
const (
	maxTexts = 5000
	maxBytes = 1 << 20 // of all texts and of the paths to them
	maxCodes = 20
	maxWords = 4000 // bytes of the reasons in words
)

// element is one element with the texts in it, by the path of local names that
// leads to each: "RslvdCase/Id". The currency of an amount is its path and @Ccy.
type element struct {
	name  string
	line  int
	texts map[string][]string
	full  bool // it is beyond the bounds, and not all of it is here
}

// says gives the first text on the first path that has one.
func (e element) says(paths ...string) string {
	for _, path := range paths {
		if texts := e.texts[path]; len(texts) > 0 {
			return texts[0]
		}
	}
	return ""
}

// element reads the element that has just begun, to its end.
func (f *file) element(start xml.StartElement) (element, error) {
	e := element{name: start.Name.Local, line: f.Line(), texts: map[string][]string{}}
	bytes, count := 0, 0
	keep := func(path, text string) {
		text = strings.TrimSpace(text)
		if text == "" {
			return
		}
		bytes, count = bytes+len(path)+len(text), count+1
		if e.full = e.full || bytes > maxBytes || count > maxTexts; !e.full {
			e.texts[path] = append(e.texts[path], text)
		}
	}
	path := []string{}
	text := strings.Builder{}
	for above := f.Depth() - 1; f.Depth() > above; {
		token, err := f.Next()
		if err != nil {
			return e, f.Torn(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			path = append(path, t.Name.Local)
			text.Reset()
			for _, a := range t.Attr {
				if a.Name.Local == "Ccy" {
					keep(strings.Join(path, "/")+"@Ccy", a.Value)
				}
			}
		case xml.CharData:
			if text.Len()+len(t) <= maxBytes {
				text.Write(t)
			}
		case xml.EndElement:
			keep(strings.Join(path, "/"), text.String())
			text.Reset()
			path = path[:max(len(path)-1, 0)]
		}
	}
	return e, nil
}

// texts gives all texts on a path, as many as are of use.
func (e element) all(path string, most int) []string {
	texts := e.texts[path]
	return texts[:min(len(texts), most)]
}

// date reads a day or a time. A time without a zone is known to the day only.
func date(text string) domain.When {
	if when, err := domain.ParseWhen(text); err == nil {
		return when
	}
	if len(text) > len("2006-01-02") {
		text = text[:len("2006-01-02")]
	}
	when, err := domain.ParseWhen(text)
	if err != nil {
		return domain.When{}
	}
	return when
}

// who is an institution or a party below a path, by its surest name.
func (e element) who(path string) string {
	at := path + "/Agt/FinInstnId/"
	if e.says(path+"/FinInstnId/BICFI", path+"/FinInstnId/ClrSysMmbId/MmbId", path+"/FinInstnId/BIC", path+"/FinInstnId/Nm") != "" {
		at = path + "/FinInstnId/"
	}
	return e.says(at+"BICFI", at+"BIC", at+"ClrSysMmbId/MmbId", at+"LEI", at+"Nm", path+"/Pty/Id/OrgId/AnyBIC", path+"/Pty/Id/OrgId/BICOrBEI", path+"/Pty/Nm")
}
