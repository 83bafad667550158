package gate

import (
	"cmp"
	"net/http"
	"strings"
	"sync"
	"time"

	"clew/casework"
	"clew/domain"
	"clew/vault"
)

// again is how long the same look by the same person counts as one: a page
// that renews itself is one consultation, not a thousand.
const again = time.Minute

// maxNoted bounds what is remembered of looks: about a hundred bytes each.
const maxNoted = 1 << 16

// look is what makes two readings one.
type look struct {
	by, what, why string
	does          vault.Does
	about         domain.CaseID
}

// noted remembers which looks were logged a moment ago.
type noted struct {
	mu   *sync.Mutex
	when map[look]time.Time
}

func newNoted() noted { return noted{&sync.Mutex{}, map[look]time.Time{}} }

// before says whether a look was logged a moment ago.
func (n *noted) before(l look, now time.Time) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	at, known := n.when[l]
	return known && now.Sub(at) < again && !now.Before(at)
}

func (n *noted) keep(l look, now time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.when) >= maxNoted {
		clear(n.when)
	}
	n.when[l] = now
}

// note logs a read before it is answered: what is not logged is not shown.
func (g *Gate) note(route Route, r *http.Request, p Person, about domain.CaseID) error {
	does := route.reads(r)
	if does == "" {
		return nil
	}
	return g.write(look{p.Name, route.name(), p.Purpose(about), does, about})
}

// write writes a look down, once a moment.
func (g *Gate) write(l look) error {
	now := g.office.Now()
	if g.noted.before(l, now) {
		return nil
	}
	err := g.office.Desk.Reading(casework.By{Actor: l.by}, casework.Read{Does: l.does, Case: l.about, What: l.what, Purpose: casework.Purpose{Why: l.why}})
	if err == nil {
		g.noted.keep(l, now)
	}
	return err
}

// reads is what is noted of a request; "": nothing, for what it records is an
// event, or there is nothing of a case in the answer.
func (r Route) reads(req *http.Request) vault.Does {
	reading := reads(req.Method)
	switch {
	case r.Does != "":
		return r.Does
	case reading && r.Case != nil:
		return vault.Consulted
	case reading && r.Across:
		return vault.Combined
	}
	return ""
}

// name is the route as logs and counters have it: no case stands in it.
func (r Route) name() string { return strings.TrimSpace(r.Method + " " + r.Pattern) }

// deny logs that somebody asked for what he may not, and says so to him.
func (g *Gate) deny(route Route, p Person, about domain.CaseID) error {
	no := &denied{about: about, purpose: about != "" && p.covers(about) && casework.May(p.Role, route.Act) == casework.AnyPurpose}
	what := cmp.Or(route.name(), "?") + " as " + string(p.Role)
	if err := g.write(look{p.Name, what, p.Purpose(about), vault.Denied, about}); err != nil {
		return err
	}
	g.office.log().Warn("denied", "person", p.Name, "role", p.Role, "route", route.name(), "case", about)
	return no
}
