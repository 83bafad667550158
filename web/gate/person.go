package gate

import (
	"context"
	"net/http"
	"slices"

	"clew/casework"
	"clew/domain"
)

// Person is somebody who has signed in, or whose token came with the request.
type Person struct {
	Name  string // as records and the log of reads have him
	Role  casework.Role
	Cases []domain.CaseID // that he is on
	// Purposes are why he looks into cases that he is not on; under "" what he
	// gave for all of them.
	Purposes map[domain.CaseID]string
	Means    string          // how he is known: BySession, or "token" and its name
	ReadOnly bool            // his token can change nothing
	Only     []domain.CaseID // his token is good for these alone; none: for all of his
}

// BySession is how somebody is known whose browser has signed in.
const BySession = "session"

type personKey struct{}

// Who is the person for whom a request is answered: nobody, who may nothing,
// behind a public route.
func Who(ctx context.Context) Person {
	person, _ := ctx.Value(personKey{}).(Person)
	return person
}

// May says whether he may carry out an act on a case.
func (p *Person) May(act string, c domain.CaseID) bool {
	return p.covers(c) && casework.May(p.Role, act).Allows(p.IsOn(c), p.Purpose(c) != "")
}

// covers says whether his token reaches a case.
func (p *Person) covers(c domain.CaseID) bool { return len(p.Only) == 0 || slices.Contains(p.Only, c) }

// IsOn says whether a case is one of his own.
func (p *Person) IsOn(c domain.CaseID) bool { return slices.Contains(p.Cases, c) }

// Purpose is why he looks into a case, where he has said so.
func (p *Person) Purpose(c domain.CaseID) string {
	if why := p.Purposes[c]; why != "" {
		return why
	}
	return p.Purposes[""]
}

// PurposeHeader is the header in which a program gives the purpose.
const PurposeHeader = "Clew-Purpose"

// KeyHeader is the header in which an idempotency key comes.
const KeyHeader = "Idempotency-Key"

// By is the person of a request as the desk knows him. His idempotency keys
// are his own: nobody learns from a key what another did under the same one.
func By(r *http.Request) casework.By {
	who := Who(r.Context())
	by := casework.By{Actor: who.Name, Sees: func(c domain.CaseID) bool { return who.May("Reading", c) }}
	if key := r.Header.Get(KeyHeader); key != "" {
		by.Key = who.Name + "/" + key
	}
	return by
}
