// Package pages is the screens: what a person sees of cases, freezes and the
// log, drawn on the server with html/template. The address is the state of a
// screen, every act is a form, and nothing needs JavaScript; islands only make
// it more convenient.
//
// It works nothing out. Every number is an answer of package projections, and
// stands on the page as that wrote it, with a link to what it is made of. What
// is not known is said in words, never left empty.
//
//	GET /cases/C1/ledger?rule=libr&at=2024-03-05 // each victim's loss, by that rule, as of that day
package pages

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"clew/domain"
	"clew/projections"
	"clew/web/gate"
)

// screens are the handlers with what they work on.
type screens struct {
	*gate.Office
	stage *stage // files that were looked at and not yet recorded
}

// page is a screen that is ready to be drawn.
type page struct {
	Name  string // of its template
	Title string
	Tab   string // of a case, or of the bar on top
	Asked asked
	File  *domain.CaseFile // nil: it concerns no case
	// Answer is the walk that the numbers were read from; nil where the screen
	// does not follow a rule.
	Answer *projections.Traced
	Body   any
}

// frame is what every template has beside its own body.
type frame struct {
	page
	Who       gate.Person
	Theme     string // light, dark, or "" for the system's
	Incognito bool   // nothing personal is shown
	MayMask   bool   // by the person's own choice
	Now       time.Time
	Path      string // where a choice of theme leads back to
	Notice    string // what the last act did
	Sample    bool
	Live      string // where the log is followed, for a page that is about now
	Head      uint64 // that this page knows of
}

// screen is a page for a request.
type screen func(r *http.Request) (page, error)

// show draws a screen, or what went wrong with it.
func (s *screens) show(do screen) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p, err := do(r)
		if err != nil {
			gate.Fail(w, r, err)
			return
		}
		s.draw(w, r, http.StatusOK, p)
	})
}

// draw writes a page whole or not at all: a template that fails must not leave
// half a table behind.
func (s *screens) draw(w http.ResponseWriter, r *http.Request, status int, p page) {
	var out bytes.Buffer
	f := frame{page: p, Who: gate.Who(r.Context()), Theme: themeOf(r), Incognito: s.hides(r), Now: s.Now().UTC(),
		Path: r.URL.RequestURI(), Notice: noticeOf(w, r), Sample: s.Sample != nil, MayMask: !s.Incognito && s.Masked != nil}
	if status == http.StatusOK {
		f.Live, f.Head = s.live(r, p)
	}
	if err := sheets.draw(&out, p.Name, f); err != nil {
		gate.WriteProblem(w, gate.ProblemOf(fmt.Errorf("the page %s cannot be drawn: %w", p.Name, err)))
		return
	}
	drawn := plain(out.Bytes())
	if f.Incognito {
		names, err := s.unprefixed(r, p)
		if err != nil {
			gate.WriteProblem(w, gate.ProblemOf(err))
			return
		}
		drawn = []byte(maskTexts(string(drawn), names))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(drawn) // who has gone does not read it
}

// live is where a page about now learns of news, and from which position on.
func (s *screens) live(r *http.Request, p page) (address string, head uint64) {
	switch {
	case p.File != nil && !p.Asked.Past():
		address = "/api/v1/events?" + url.Values{"case": {string(p.Asked.Case)}}.Encode()
	case p.Name == "freezes" && !p.Asked.Past():
		address = "/api/v1/events"
	}
	head, err := s.Desk.Store.Head(r.Context())
	if err != nil {
		return "", 0 // the page is whole without it
	}
	return address, head
}

// catchUp lets the read models follow the log, so that who acts sees his act.
func (s *screens) catchUp(r *http.Request) error {
	if err := s.views(r).CatchUp(r.Context()); err != nil {
		return err
	}
	return s.Desk.LearnErasures(r.Context())
}

// caseOf gives the case that an address asks about, as it was known.
func (s *screens) caseOf(r *http.Request) (asked, *domain.CaseFile, error) {
	a, err := s.askedOf(r)
	if err != nil {
		return a, nil, err
	}
	file, err := s.views(r).CaseFile(r.Context(), a.Case, a.query.Upto)
	if err == nil && !file.Opened {
		err = domain.NotFound("there is no case %s, or there was none yet at the moment that the address asks for", a.Case)
	}
	if err == nil && !a.query.At.IsZero() {
		err = s.freezesThen(r, a, file)
	}
	return a, file, err
}

// freezesThen has a case file's freezes stand as they stood at the moment that
// the address asks for: a page of last March must not say what was held in
// April.
func (s *screens) freezesThen(r *http.Request, a asked, file *domain.CaseFile) error {
	list, err := s.views(r).Freezes(r.Context(), a.query)
	if err != nil {
		return err
	}
	file.Freezes = map[domain.FreezeID]*domain.Freeze{}
	for _, f := range list {
		file.Freezes[f.ID] = f.Freeze
	}
	return nil
}
