// Package api is clew for programs: everything that the command line does,
// under /api/v1, in the same words. It refuses what is not understood, as a
// problem with a code that stays (RFC 9457).
//
//	GET /api/v1/cases
package api

import (
	"encoding/json"
	"net/http"

	"clew/projections"
	"clew/web/gate"
)

// Routes are the operations.
func Routes(office *gate.Office) []gate.Route {
	a := &operations{office}
	return []gate.Route{
		{Method: "GET", Pattern: "/api/v1/cases", Act: "Reading", Across: true, Handler: http.HandlerFunc(a.cases)},
	}
}

// operations are the handlers with what they work on.
type operations struct{ office *gate.Office }

// cases lists the cases that a person may read.
func (a *operations) cases(w http.ResponseWriter, r *http.Request) {
	who := gate.Who(r.Context())
	all, err := a.office.Views.Cases(r.Context(), projections.Head)
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
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"cases": seen}) // who has gone does not hear it
}
