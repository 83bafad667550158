package api

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"

	"clew/casework"
	"clew/domain"
	"clew/projections"
	"clew/web/gate"
)

// answer begins when the first byte of it is written: until then an error is
// answered as a problem.
type answer struct {
	http.ResponseWriter
	request *http.Request
	begin   func()
	begun   bool
}

func (w *answer) Write(p []byte) (int, error) {
	if !w.begun {
		w.begun = true
		w.begin()
	}
	return w.ResponseWriter.Write(p)
}

// heads writes what stands above an answer.
func (a *API) heads(op *operation, form gate.Form, w *answer, e gate.Errand) {
	h := w.Header()
	switch {
	case form == gate.CSV:
		h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
		h.Set("Content-Disposition", `attachment; filename="`+fileName(op, w.request)+`.csv"`)
	case op.gives != "":
		h.Set("Content-Type", string(op.gives))
		h.Set("Content-Disposition", `attachment; filename="`+fileName(op, w.request)+`"`)
	default:
		h.Set("Content-Type", "application/json")
	}
	if id := gate.CaseInPath(w.request); id != "" {
		version, err := a.office.Counter.Version(w.request.Context(), id)
		if err == nil {
			h.Set("ETag", tagOf(id, version))
		}
	}
}

// unsafe is what does not belong into the name of a file.
var unsafe = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// fileName is what a browser may call an answer that it keeps.
func fileName(op *operation, r *http.Request) string {
	_, last, _ := strings.Cut(r.URL.Path, prefix+"/")
	name := unsafe.ReplaceAllString(strings.TrimSuffix(last, ".csv"), "-")
	if op.gives == zipped {
		name += ".zip"
	}
	return name
}

// moved is a problem with what has changed since the caller looked.
type moved struct {
	gate.Problem
	ETag    string                   `json:"etag,omitempty"`
	Changed []projections.EntryShape `json:"changed,omitempty"`
}

// mostChanged bounds what a problem lists.
const mostChanged = 100

// fail answers with an error. Where the case has moved on, what has changed
// stands beside it.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	var stale *casework.Moved
	if !errors.As(err, &stale) {
		gate.Fail(w, r, spelt(err))
		return
	}
	p := moved{Problem: gate.ProblemOf(err), ETag: tagOf(stale.Case, stale.Now), Changed: []projections.EntryShape{}}
	list, err := a.office.Views.CaseEvents(r.Context(), stale.Case, stale.Seen, mostChanged)
	for _, e := range list {
		p.Changed = append(p.Changed, e.Shape())
	}
	if err != nil {
		gate.Fail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("ETag", p.ETag)
	w.WriteHeader(p.Status)
	json.NewEncoder(w).Encode(p) // who has gone does not hear it
}

// dashes is a flag as the command line spells it, or a whole command that a
// text quotes and that stays as it is.
var dashes = regexp.MustCompile(`'clew [^']*'|--[a-z][a-z-]*[a-z]`)

// misspelt is an error whose text speaks of flags, told to a program.
type misspelt struct {
	error
	text string
}

func (m *misspelt) Error() string { return m.text }

// Unwrap gives the error, with its class.
func (m *misspelt) Unwrap() error { return m.error }

// spelt spells parameters as the API does: known_at for --known-at.
func spelt(err error) error {
	if domain.ClassOf(err) == domain.ClassWorld {
		return err
	}
	return &misspelt{err, dashes.ReplaceAllStringFunc(err.Error(), func(flag string) string {
		if flag[0] == '\'' {
			return flag
		}
		return strings.ReplaceAll(strings.TrimPrefix(flag, "--"), "-", "_")
	})}
}
