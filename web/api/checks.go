package api

import (
	"fmt"
	"net/http"
	"strings"

	"clew/casework"
	"clew/domain"
	"clew/projections"
	"clew/web/gate"
)

// check is what must hold of a request beside what the gate asks.
type check func(a *API, op *operation, r *http.Request, e gate.Errand) error

// filed lets nobody read a file by way of a case that does not have it.
func filed(a *API, _ *operation, r *http.Request, _ gate.Errand) error {
	id, sha := gate.CaseInPath(r), domain.SHA256(strings.ToLower(r.PathValue("sha")))
	if len(sha) != 64 {
		return domain.Usage("sha: give all 64 hexadecimal digits of the SHA-256")
	}
	list, err := a.office.Views.FiledIn(r.Context(), sha, projections.Head)
	if err != nil {
		return err
	}
	for _, f := range list {
		if f.Case == id {
			return nil
		}
	}
	return domain.NotFound("case %s has no file with this SHA-256: GET %s/cases/%[1]s/evidence lists them", id, prefix)
}

// otherToo lets nobody link a case with one that he may not link.
func otherToo(_ *API, op *operation, r *http.Request, e gate.Errand) error {
	who := gate.Who(r.Context())
	if other := domain.CaseID(e.Args[1]); !who.May(op.act, other) {
		return domain.NotFound("there is no case %s that you may link", other)
	}
	return nil
}

// seen lets a list of all cases be asked for one: of that he must may it, and
// of what is walked as one with it.
func seen(a *API, op *operation, r *http.Request, e gate.Errand) error {
	who := gate.Who(r.Context())
	for _, named := range e.Flags["case"] {
		if named == "" {
			continue
		}
		asOne, err := a.office.Views.WalkedAsOne(r.Context(), domain.CaseID(named), projections.Head)
		if err != nil {
			return err
		}
		for _, id := range asOne {
			if !who.May(op.act, id) {
				return denied("case %s is not yours: an administrator can put you on it, or give a purpose", id)
			}
		}
	}
	return nil
}

// whole is for sums over all cases, of which nobody's can be left out: who may
// not read every case says which.
func whole(a *API, op *operation, r *http.Request, e gate.Errand) error {
	who := gate.Who(r.Context())
	all := casework.May(who.Role, op.act)
	every := len(who.Only) == 0 && (all == casework.Everywhere || all == casework.AnyPurpose && who.Purpose("") != "")
	if one := e.Flags["case"]; len(one) > 0 && one[0] != "" || every {
		return seen(a, op, r, e)
	}
	return denied("sums over every case are for those who may read every case: name one with case")
}

// ranks lets nobody but an owner make an owner, or change one, and nobody
// decide about himself.
func ranks(a *API, _ *operation, r *http.Request, e gate.Errand) error {
	return a.office.MayDecideAbout(r.Context(), domain.UserID(e.Args[0]), append(e.Flags["role"], e.Args[1:]...)...)
}

// himself lets everybody make and end means of his own, and those of others
// whoever looks after people. A token makes none: it would outlive itself.
func himself(a *API, op *operation, r *http.Request, e gate.Errand) error {
	who := gate.Who(r.Context())
	if err := gate.MayMakeMeans(r.Context()); err != nil && op.act != "RevokeToken" {
		return err
	}
	switch {
	case e.Args[0] == who.Name:
		return nil
	case casework.May(who.Role, "people") != casework.Everywhere:
		return denied("links and tokens of others are made by whoever looks after people")
	}
	return a.office.MayDecideAbout(r.Context(), domain.UserID(e.Args[0]))
}

func denied(format string, args ...any) error {
	return &domain.Error{Class: domain.ClassDenied, Text: fmt.Sprintf(format, args...)}
}
