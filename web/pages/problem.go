package pages

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"

	"clew/domain"
	"clew/web/gate"
)

// problemBody says what went wrong, where, why, and what to do next.
type problemBody struct {
	Where, Why string
	Next       []link
	Purpose    bool // giving a purpose would help
	Case       domain.CaseID
	Back       string
}

// Problem shows a browser what went wrong.
func Problem(office *gate.Office) func(http.ResponseWriter, *http.Request, gate.Problem) {
	s := &screens{Office: office}
	return func(w http.ResponseWriter, r *http.Request, problem gate.Problem) {
		body := problemBody{Where: whereWords(r), Why: sentence(problem.Detail), Next: nextSteps(r, problem), Case: problem.Case, Back: r.URL.RequestURI()}
		body.Purpose = problem.Code == "purpose_needed"
		s.draw(w, r, problem.Status, page{Name: "problem", Title: problem.Title, Body: body})
	}
}

// Frame writes a page of another room of the web within the bar and the look
// of all pages. The content brings its own heading.
func Frame(office *gate.Office) func(http.ResponseWriter, *http.Request, string, template.HTML) {
	s := &screens{Office: office}
	return func(w http.ResponseWriter, r *http.Request, title string, content template.HTML) {
		s.draw(w, r, http.StatusOK, page{Name: "framed", Title: title, Tab: strings.Trim(r.URL.Path, "/"), Body: content})
	}
}

// whereWords says what was asked for.
func whereWords(r *http.Request) string {
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return "You asked for " + r.URL.Path + "."
	}
	return "You sent a form to " + r.URL.Path + "."
}

// sentence makes an error's text one.
func sentence(text string) string {
	if text == "" {
		return "Nothing more is known."
	}
	return strings.ToUpper(text[:1]) + strings.TrimRight(text[1:], ".") + "."
}

// nextSteps is where to go on.
func nextSteps(r *http.Request, problem gate.Problem) []link {
	next := []link{}
	switch problem.Code {
	case "signed_out":
		next = append(next, link{"Sign in", "/sign-in?" + url.Values{"next": {r.URL.RequestURI()}}.Encode()})
	case "denied", "purpose_needed":
		next = append(next, link{"Ask an administrator to put you on the case", ""})
	case "too_many_requests":
		next = append(next, link{"Wait a moment, and load the page again", ""})
	case "version_conflict", "unavailable":
		next = append(next, link{"Try again", r.URL.RequestURI()})
	}
	if id, err := domain.ParseCase(strings.Split(strings.TrimPrefix(r.URL.Path, "/cases/"), "/")[0]); err == nil && strings.HasPrefix(r.URL.Path, "/cases/") && problem.Code != "denied" && r.URL.RequestURI() != casePath(id, "") {
		next = append(next, link{"The case as it is now", casePath(id, "")})
	}
	return append(next, link{"All cases", "/cases"}, link{"Help", "/help"})
}
