package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"

	"clew/casework"
	"clew/web/gate"
)

// reportStyle is the address of the style of a printed report. It changes with
// what is in it, as those of the other assets do.
func reportStyle() string {
	sum := sha256.Sum256(casework.ReportStyle())
	return "/report.css?v=" + hex.EncodeToString(sum[:4])
}

// reportCSS serves it.
func reportCSS(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("v") != "" {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Write(casework.ReportStyle()) // who has gone does not read it
}

// printed is the report of a case as a page to print: what 'clew report'
// writes, for the same rule and the same two times. Names are not in it: they
// are printed for a recipient, on a basis, from the command line.
func (s *screens) printed(w http.ResponseWriter, r *http.Request) {
	a, err := s.askedOf(r)
	if err == nil {
		err = s.takesAway()
	}
	if err != nil {
		gate.Fail(w, r, err)
		return
	}
	who := gate.Who(r.Context())
	made, err := s.Desk.Report(r.Context(), casework.ReportAsked{Ask: a.query, By: who.Name, Clew: s.Clew, Style: reportStyle()})
	if err != nil {
		gate.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", "report-"+string(a.Case)+".html"))
	w.Write(made.HTML) // who has gone does not read it
}
