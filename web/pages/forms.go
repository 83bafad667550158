package pages

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"clew/casework"
	"clew/domain"
	"clew/web/gate"
)

// form is a form with what was typed into it.
type form struct {
	Name   string // where a page has several: it makes the fields' ids their own
	Action string
	Submit string
	Fields []field
	Hidden []option
	Wrong  string // why nothing was recorded; "": it was not sent yet
	Files  bool   // it brings a file
	Says   string // over its fields, where they need a word
	Open   bool   // it is what the reader came for
	// MoreSays is over the fields that few need, which are folded away.
	MoreSays string
}

type field struct {
	ID                       string
	Name, Label, Hint, Value string
	Kind                     string // "", select, area, check, file
	Wrong                    string
	List                     string
	Needed                   bool
	More                     bool // few need it
	Options                  []option
}

type option struct{ Value, Text string }

// Key makes a second press of the button the same act: it is recorded once.
func (f form) Key() string { return rand.Text() }

// Shown are the fields, with what is wrong at the one that it is about: an
// error begins with the label of its field.
func (f form) Shown() []field {
	list := slices.Clone(f.Fields)
	for i := range list {
		list[i].ID = f.Name + "-" + list[i].Name
		label, _, _ := strings.Cut(list[i].Label, ",")
		if why, about := strings.CutPrefix(f.Wrong, label+": "); about {
			list[i].Wrong = why
		}
	}
	return list
}

// HasMore says whether there are fields that are folded away.
func (f form) HasMore() bool {
	return slices.ContainsFunc(f.Fields, func(x field) bool { return x.More })
}

// Opens says whether they have to be seen: something stands in one, or is wrong.
func (f form) Opens() bool {
	return slices.ContainsFunc(f.Shown(), func(x field) bool { return x.More && (x.Value != "" || x.Wrong != "") })
}

// typed is what came with a form.
type typed url.Values

func (t typed) get(name string) string { return strings.TrimSpace(url.Values(t).Get(name)) }

func (t typed) has(name string) bool { return url.Values(t).Has(name) }

// field puts what was typed into a field; what a field says by itself stays
// where the form was not sent yet.
func (t typed) field(f field) field {
	if t != nil && t.has(f.Name) {
		f.Value = t.get(f.Name)
	}
	if t != nil && f.Kind == "check" && !t.has(f.Name) {
		f.Value = ""
	}
	return f
}

// by is the signed-in person: an act is recorded as his, whatever a form says.
func (t typed) by(r *http.Request) casework.By {
	by := gate.By(r)
	if key := t.get("key"); key != "" && by.Key == "" {
		by.Key = by.Actor + "/form/" + key
	}
	return by
}

// act carries out what a form asks and says where to go and what was done.
type act func(r *http.Request, typed typed) (to, notice string, err error)

// again draws the page of a form once more, with what was typed and what was
// wrong with it.
type again func(r *http.Request, typed typed, wrong string) (page, error)

// record carries out an act. A mistake comes back in the form, with what was
// typed; anything else is a page of its own.
func (s *screens) record(do act, redraw again) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			gate.Fail(w, r, domain.Usage("the form could not be read: %v", err))
			return
		}
		sent := typed(r.PostForm)
		to, notice, err := do(r, sent)
		switch {
		case err == nil:
			s.done(w, r, to, "%s", notice)
		case redraw == nil:
			gate.Fail(w, r, err)
		default:
			s.again(w, r, err, func(wrong string) (page, error) { return redraw(r, sent, wrong) })
		}
	})
}

// again draws the page of a form that is wrong once more, and says what is
// wrong; what no form can put right is a page of its own.
func (s *screens) again(w http.ResponseWriter, r *http.Request, wrong error, draw func(wrong string) (page, error)) {
	if !mistaken(wrong) {
		gate.Fail(w, r, wrong)
		return
	}
	p, err := draw(wrong.Error())
	if err != nil {
		gate.Fail(w, r, wrong)
		return
	}
	s.draw(w, r, gate.ProblemOf(wrong).Status, p)
}

// mistaken says whether a person can put an error right in the form itself.
func mistaken(err error) bool {
	class := domain.ClassOf(err)
	return class == domain.ClassUsage || class == domain.ClassConflict || class == domain.ClassNotFound
}
