// Package api is clew for programs: what the command line does, under /api/v1,
// in the same words and with the same JSON. Each operation is a row of a table
// (routes.go) that gives a command an address; parameters, their meaning and
// the shape of the answer come from the command itself. The menu of the program
// is therefore written once.
//
// Beside what a command does, the API knows who asks (package gate), at which
// version of a case somebody decided (ETag, If-Match), which request was sent
// twice (Idempotency-Key), and how one follows the log (events).
//
// It refuses what is not understood, parameters that nobody reads among it, as
// a problem with a code that stays (RFC 9457).
//
//	curl -H "Authorization: Bearer $TOKEN" "https://…/api/v1/cases/C1/trace?rule=fifo&at=2024-03-05"
package api

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"clew/domain"
	"clew/web/gate"
)

// prefix is where the API begins.
const prefix = gate.APIPrefix + "v1"

// API is the operations with what they work on.
type API struct {
	office *gate.Office
	list   []operation
}

// operation is a row with the command that it is an address of.
type operation struct {
	row
	does   gate.Command
	params []param
}

// Routes are the ways in.
func Routes(office *gate.Office) []gate.Route {
	a, err := newAPI(office)
	if err != nil && office.Log != nil {
		office.Log.Error("not every command can be reached by the API", "error", err)
	}
	return a.routes()
}

// Fits says which rows of the table name a command or a flag that there is not.
func Fits(office *gate.Office) error {
	_, err := newAPI(office)
	return err
}

// newAPI fits the table to the menu of commands. A row that does not fit is
// told; its way in stands, and nobody is there.
func newAPI(office *gate.Office) (*API, error) {
	a := &API{office: office}
	var unfit []error
	menu := map[string]gate.Command{}
	if office.Counter != nil {
		for _, c := range office.Counter.Commands() {
			menu[c.Name] = c
		}
	}
	for _, r := range rows() {
		op, err := operationOf(r, menu)
		if err != nil {
			unfit = append(unfit, err)
		}
		a.list = append(a.list, op)
	}
	return a, errors.Join(unfit...)
}

// operationOf fits a row to the command that it is an address of.
func operationOf(r row, menu map[string]gate.Command) (operation, error) {
	command, known := menu[r.command]
	if !known {
		return operation{row: r}, fmt.Errorf("%s %s is an address of %q, which is no command", r.method, r.path, r.command)
	}
	params, err := paramsOf(r, command)
	if err != nil {
		return operation{row: r}, err
	}
	return operation{r, command, params}, nil
}

// routes are the ways in, in one form or two.
func (a *API) routes() []gate.Route {
	var list []gate.Route
	for i := range a.list {
		op := &a.list[i]
		route := op.route()
		route.Handler = a.handler(op, gate.JSON)
		list = append(list, route)
		if op.tabular() {
			route.Pattern += ".csv"
			route.Handler = a.handler(op, gate.CSV)
			list = append(list, route)
		}
	}
	return append(list, a.documentRoute(), a.followRoute())
}

// route is how the gate sees an operation.
func (o *operation) route() gate.Route {
	route := gate.Route{Method: o.method, Pattern: prefix + o.path, Act: o.act, Across: o.across}
	if strings.Contains(o.path, "{case}") {
		route.Case = gate.CaseInPath
	}
	if o.sends == file {
		route.Streams, route.Body = true, mostFile
	}
	if o.gives != "" || o.command == "verify" {
		route.Streams = true
	}
	return route
}

// tabular says whether the answer is offered as a table under the same address
// and .csv: an address that ends in a name of the caller's has no room for it.
func (o *operation) tabular() bool {
	return o.method == http.MethodGet && o.gives == "" && !strings.HasSuffix(o.path, "}")
}

// handler answers for an operation in one form.
func (a *API) handler(op *operation, form gate.Form) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := a.serve(op, form, &answer{ResponseWriter: w, request: r}); err != nil {
			a.fail(w, r, err)
		}
	})
}

// serve carries out what a request asks for. An error means that nothing of
// the answer has gone out yet.
func (a *API) serve(op *operation, form gate.Form, w *answer) error {
	if op.does.Name == "" {
		return fmt.Errorf("nobody is there who knows 'clew %s'", op.command)
	}
	errand, end, err := a.errand(op, w.request)
	defer end()
	if err != nil {
		return err
	}
	if op.check != nil {
		if err := op.check(a, op, w.request, errand); err != nil {
			return err
		}
	}
	w.begin = func() { a.heads(op, form, w, errand) }
	errand.Form, errand.Out = op.form(form, w.request), w
	if errand.Form == gate.CSV {
		form = gate.CSV
	}
	if op.paged() && errand.Form == gate.JSON {
		return a.servePage(w, errand)
	}
	err = a.office.Counter.Carry(w.request.Context(), errand)
	if err != nil && w.begun {
		panic(http.ErrAbortHandler) // half an answer must not look like a whole one
	}
	return err
}

// form is how the command is to write: a table where the caller takes nothing
// but tables.
func (o *operation) form(form gate.Form, r *http.Request) gate.Form {
	switch {
	case o.gives != "" && o.gives != zipped:
		return gate.AsIs
	case o.method == http.MethodGet && strings.HasPrefix(r.Header.Get("Accept"), "text/csv"):
		return gate.CSV
	}
	return form
}

// allowed says whether somebody may read a case: lists speak of no other.
func allowed(r *http.Request) func(domain.CaseID) bool {
	who := gate.Who(r.Context())
	return func(id domain.CaseID) bool { return who.May("Reading", id) }
}

// names are the words of a list in a row.
func names(text string) []string { return strings.Fields(text) }

// has says whether a list in a row has a word.
func has(text, name string) bool { return slices.Contains(names(text), name) }
