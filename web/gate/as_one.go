package gate

import (
	"errors"
	"net/http"
	"slices"

	"clew/domain"
	"clew/projections"
)

// A case that is linked with others is walked as one with them: its ledgers,
// accounts and movements are theirs as well. Whoever asks for one asks for all
// of them, and must be somebody who may.

// news are the acts that record what must not wait, and answer with nothing
// but that: whoever may in the one case is let through.
var news = []string{"submit", "StepFreeze", "RecordHold", "Import", "ReadAnswers"}

// givenAway are the acts by which a case's content leaves the house.
var givenAway = []string{"Bundle", "Report"}

// asOne are the other cases of which the answer to a request tells.
func (g *Gate) asOne(route Route, r *http.Request, about domain.CaseID) ([]domain.CaseID, error) {
	if about == "" || !reads(r.Method) && slices.Contains(news, route.Act) {
		return nil, nil
	}
	cases, err := g.office.Views.WalkedAsOne(r.Context(), about, projections.Head)
	if err != nil || len(cases) < 2 {
		return nil, err
	}
	return cases[1:], nil
}

// forOther is a route as it must be passed for another case that is walked as
// one with its own.
func (r Route) forOther() Route {
	if !slices.Contains(givenAway, r.Act) {
		r.Act = "Reading"
	}
	return r
}

// admitAsOne lets a person see what an answer tells of other cases: each must
// be one that he may read, and each is logged.
func (g *Gate) admitAsOne(route Route, r *http.Request, p Person, about domain.CaseID) error {
	others, err := g.asOne(route, r, about)
	if err != nil {
		return err
	}
	for _, other := range others {
		if !p.May(route.forOther().Act, other) {
			return g.denyOther(route, p, about, other)
		}
	}
	for _, other := range others {
		if err := g.note(route, r, p, other); err != nil {
			return err
		}
	}
	return nil
}

// denyOther says that it is another case that stands in the way.
func (g *Gate) denyOther(route Route, p Person, about, other domain.CaseID) error {
	err := g.deny(route.forOther(), p, other)
	var no *denied
	if errors.As(err, &no) {
		no.by = about
	}
	return err
}
