// Package pages is clew in a browser: pages that are made on the server, whose
// address is their state. It refuses to trust what it shows: every text of a
// file or a person goes through html/template.
//
//	GET /cases lists the cases that one may see, and how far one may go.
package pages

import (
	"bytes"
	"html/template"
	"net/http"

	"clew/projections"
	"clew/web/gate"
)

// Routes are the pages.
func Routes(office *gate.Office) []gate.Route {
	p := &pages{office}
	return []gate.Route{
		{Method: "GET", Pattern: "/{$}", Public: true, Handler: http.RedirectHandler("/cases", http.StatusSeeOther)},
		{Method: "GET", Pattern: "/cases", Act: "Reading", Across: true, Handler: http.HandlerFunc(p.cases)},
	}
}

// pages are the handlers with what they work on.
type pages struct{ office *gate.Office }

// show writes a page, whole or not at all.
func show(w http.ResponseWriter, status int, t *template.Template, content any) error {
	var page bytes.Buffer
	if err := t.Execute(&page, content); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err := page.WriteTo(w)
	return err
}

var casesPage = template.Must(template.New("cases").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Cases · clew</title>
<h1>Cases</h1>
<p>{{.Who.Name}}, {{.Who.Role}}</p>
{{range .Cases}}<p><a href="/cases/{{.Case}}">{{.Case}}</a> {{.Title}}</p>
{{else}}<p>There is no case that you may see.</p>
{{end}}</html>
`))

// cases lists the cases that a person may read.
func (p *pages) cases(w http.ResponseWriter, r *http.Request) {
	who := gate.Who(r.Context())
	all, err := p.office.Views.Cases(r.Context(), projections.Head)
	if err != nil {
		gate.Fail(w, r, err)
		return
	}
	seen := []projections.CaseRow{}
	for _, one := range all {
		if who.May("Reading", one.Case) {
			seen = append(seen, one)
		}
	}
	if err := show(w, http.StatusOK, casesPage, map[string]any{"Who": who, "Cases": seen}); err != nil {
		gate.Fail(w, r, err)
	}
}

var problemPage = template.Must(template.New("problem").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>{{.Title}} · clew</title>
<h1>{{.Title}}</h1>
<p>{{.Detail}}</p>
{{if eq .Code "signed_out"}}<p><a href="/sign-in">Sign in</a></p>{{end}}
</html>
`))

// Problem shows a browser what went wrong.
func Problem(w http.ResponseWriter, _ *http.Request, problem gate.Problem) {
	if err := show(w, problem.Status, problemPage, problem); err != nil {
		gate.WriteProblem(w, problem)
	}
}
