// Package gate is the one way into clew's web: every route says in a table by
// which act of casework's roles it is entered, and which case it concerns. The
// gate finds out who asks, lets him in or not, logs both, and puts the same
// headers on every answer.
//
// It refuses what nobody declared: a route whose act stands in no row of
// casework.Permissions is an error when the program starts, and a route that
// is reached by less than every case must say which case it is about.
//
//	gate.Route{Method: "GET", Pattern: "/cases/{case}", Act: "Reading", Case: gate.CaseInPath, Handler: page}
//
// A handler learns from gate.Who(ctx) for whom it works, acts as gate.By(r),
// and hands its errors to gate.Fail, the one place where they become statuses.
package gate

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"clew/casework"
	"clew/domain"
	"clew/vault"
)

// Route is one way in.
type Route struct {
	Method  string // "GET" answers HEAD as well
	Pattern string // as http.ServeMux has it: /cases/{case}
	Act     string // the row of casework.Permissions by which one is let in
	// Case says which case the request is about. Nil: about none, or, with
	// Across, about several.
	Case func(*http.Request) domain.CaseID
	// Across says that the answer may be about any case, and that the handler
	// itself leaves out those that Who(ctx).May does not allow.
	Across bool
	Public bool // for those who have not signed in too; then there is no Act
	// Does is what is noted in the log of reads; "": consulted, of a GET that
	// concerns a case, and combined, of one across cases.
	Does    vault.Does
	Streams bool  // the answer or the upload takes as long as it takes, and ends when the server stops
	Body    int64 // most bytes of the request; 0: MostBody
	Handler http.Handler
}

// MostBody is how much a request may bring where its route says nothing: a
// form or a JSON document, not a file.
const MostBody = 1 << 20

// Keeper knows people. Person is nil for a request of nobody: without a means
// of identity, or with one that is not good any more.
type Keeper interface {
	Person(r *http.Request) (*Person, error)
}

// Gate guards a table of routes.
type Gate struct {
	office *Office
	keeper Keeper
	rates  rates
	noted  noted
	counts *Counts
}

// New makes the gate of an office.
func New(office *Office, keeper Keeper) *Gate {
	return &Gate{office: office, keeper: keeper, rates: newRates(office), noted: newNoted(), counts: newCounts()}
}

// Handler is the whole table behind the gate.
func (g *Gate) Handler(routes []Route) (http.Handler, error) {
	mux := http.NewServeMux()
	for _, route := range routes {
		if err := route.Check(); err != nil {
			return nil, err
		}
		mux.Handle(route.Method+" "+route.Pattern, g.guard(route))
	}
	strange := Route{Method: "GET", Pattern: "/", Public: true, Handler: http.HandlerFunc(nothingHere)}
	if !slices.ContainsFunc(routes, func(r Route) bool { return r.Pattern == "/" }) {
		mux.Handle("/", g.guard(strange))
	}
	return g.outer(mux), nil
}

// Check refuses a route that nobody has thought about.
func (r Route) Check() error {
	name := r.Method + " " + r.Pattern
	reaches := func(reach ...casework.Reach) bool {
		return slices.ContainsFunc(casework.Roles(), func(role casework.Role) bool {
			return slices.Contains(reach, casework.May(role, r.Act))
		})
	}
	switch {
	case r.Public && (r.Act != "" || r.Case != nil || r.Across):
		return fmt.Errorf("route %s is for everybody and names an act or a case: it is one or the other", name)
	case r.Public:
		return nil
	case r.Act == "":
		return fmt.Errorf("route %s names no act: say by which row of casework/roles.go one is let in", name)
	case !casework.Known(r.Act):
		return fmt.Errorf("route %s: %q is no row of casework/roles.go: nobody has said who may do it", name, r.Act)
	case r.Case != nil && r.Across:
		return fmt.Errorf("route %s is about one case and about several: it is one or the other", name)
	case r.Case == nil && !r.Across && reaches(casework.OwnCases, casework.AnyPurpose):
		return fmt.Errorf("route %s: %s is bound to cases, and the route does not say which: give it Case, or Across", name, r.Act)
	}
	return nil
}

// CaseInPath is the case that a pattern calls {case}.
func CaseInPath(r *http.Request) domain.CaseID { return domain.CaseID(r.PathValue("case")) }

// who asks, as far as he has said; somebody without a role where he has not.
func (g *Gate) who(r *http.Request) (Person, error) {
	if wait := g.rates.ofAddress(g.office.Neighbourhood(r)); wait > 0 {
		return Person{}, &busy{wait}
	}
	found, err := g.keeper.Person(r)
	if err != nil || found == nil {
		return Person{}, err
	}
	if wait := g.rates.ofPerson(found.Name); wait > 0 {
		return Person{}, &busy{wait}
	}
	if why := strings.TrimSpace(r.Header.Get(PurposeHeader)); why != "" {
		found.Purposes = map[domain.CaseID]string{"": why}
	}
	return *found, nil
}

// admit lets a person through a route, or says why not.
func (g *Gate) admit(route Route, r *http.Request, p Person) error {
	if route.Public {
		return nil
	}
	if p.Name == "" {
		return errSignedOut
	}
	about := domain.CaseID("")
	if route.Case != nil {
		about = route.Case(r)
	}
	if !p.through(route, r.Method, about) {
		return g.deny(route, p, about)
	}
	if err := g.admitAsOne(route, r, p, about); err != nil {
		return err
	}
	return g.note(route, r, p, about)
}

// reads says whether a method changes nothing.
func reads(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// ofEverybody are the acts that a token which is narrowed to some cases can
// still do.
var ofEverybody = []string{"registers", "account"}

// through says whether a route lets a person pass.
func (p *Person) through(route Route, method string, about domain.CaseID) bool {
	switch {
	case p.ReadOnly && !reads(method):
		return false
	case len(p.Only) > 0 && route.Case == nil && !route.Across && !slices.Contains(ofEverybody, route.Act):
		return false
	case route.Case != nil:
		return about != "" && p.May(route.Act, about)
	case route.Across:
		return casework.May(p.Role, route.Act) != casework.Nowhere
	}
	return casework.May(p.Role, route.Act) == casework.Everywhere
}
