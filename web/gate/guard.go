package gate

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"time"
)

// guard is the way through the gate for one route.
func (g *Gate) guard(route Route) http.Handler {
	return g.counted(route, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, max(route.Body, MostBody))
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		r = r.WithContext(ctx)
		g.bound(w, route)
		person, err := g.who(r)
		if err == nil {
			err = g.admit(route, r, person)
		}
		if err != nil {
			Fail(w, r, err)
			return
		}
		if route.Streams {
			defer context.AfterFunc(g.office.stopping(), cancel)()
			go g.whileAdmitted(r, person, cancel)
		}
		route.Handler.ServeHTTP(w, r.WithContext(context.WithValue(ctx, personKey{}, person)))
	}))
}

// patience is how long an answer that does not stream may take.
const patience = time.Minute

// bound bounds how long a connection may take for one answer. A stream may be
// quiet for long, and what an earlier answer on the same connection was given
// is not its own.
func (g *Gate) bound(w http.ResponseWriter, route Route) {
	deadline := time.Now().Add(patience) // of the connection: the machine's clock, not the desk's
	if route.Streams {
		deadline = time.Time{}
	}
	control := http.NewResponseController(w)
	if err := errors.Join(control.SetReadDeadline(deadline), control.SetWriteDeadline(deadline)); err != nil {
		g.office.log().Debug("no deadline could be set", "error", err)
	}
}

// usualRecheck is how often the gate looks whether whoever follows a stream
// may still: what was revoked ends what is open within that time.
const usualRecheck = 2 * time.Second

// Watchful is a Keeper who can look whom a request is from without counting
// that as a use: a page that is left open does not keep its person signed in.
type Watchful interface {
	Still(r *http.Request) (*Person, error)
}

// whileAdmitted ends a stream when its person is not the one any more who was
// let in: signed out, removed, in another role, on other cases. Whoever still
// may begins again where he was.
func (g *Gate) whileAdmitted(r *http.Request, was Person, end func()) {
	look := g.keeper.Person
	if watchful, is := g.keeper.(Watchful); is {
		look = watchful.Still
	}
	tick := time.NewTicker(cmp.Or(g.office.Recheck, usualRecheck))
	defer tick.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-tick.C:
		}
		is, err := look(r)
		if r.Context().Err() == nil && (err != nil || !was.same(is)) {
			end()
			return
		}
	}
}

// same says whether somebody is still let in as he was; nobody is nobody.
func (p *Person) same(now *Person) bool {
	if now == nil {
		return p.Name == ""
	}
	return p.Name == now.Name && p.Role == now.Role && p.ReadOnly == now.ReadOnly && slices.Equal(p.Cases, now.Cases) && slices.Equal(p.Only, now.Only)
}
