package network

import (
	"cmp"
	"maps"
	"slices"

	"clew/domain"
)

// Route is a way over two accounts or more by which the money of several
// victims went, of each in the order of time.
type Route struct {
	Accounts []domain.AccountID
	Victims  []Rode // by name
}

// Rode is how one victim's money went a route.
type Rode struct {
	Victim    domain.VictimID
	Movements []domain.MovementID // the first that did, one for each step
	Arrived   domain.Amount       // of his, by the last step in all, in the asset of the first that arrived
}

// Routes is what a search for routes found.
type Routes struct {
	List []Route
	Cut  bool // there are more: the search was ended
}

const (
	// longestRoute bounds a route: published layering has five to seven hops.
	longestRoute = 8

	// mostSteps bounds the search, in steps of one victim each. A dense network
	// has more ways than anybody reads.
	mostSteps = 500_000
)

// leg is one step of a route.
type leg struct{ from, to domain.AccountID }

func (l leg) compare(o leg) int { return cmp.Or(cmp.Compare(l.from, o.from), cmp.Compare(l.to, o.to)) }

// trails are the rides of each victim on each leg, in the order of the walk.
type trails struct {
	of    map[leg]map[domain.VictimID][]int
	next  map[domain.AccountID][]domain.AccountID
	rides []ride
	found []way
	steps int
}

// way is a route in the making: where each victim's money has come so far.
type way struct {
	accounts []domain.AccountID
	victims  map[domain.VictimID][]int // the ride by which each step was first gone
}

// SharedRoutes finds the longest ways that two victims' money or more went.
// Accounts that skip names (homes, ends) are on none.
func SharedRoutes(c *Course, skip func(domain.AccountID) bool) (Routes, error) {
	t := &trails{of: map[leg]map[domain.VictimID][]int{}, next: map[domain.AccountID][]domain.AccountID{}, rides: c.rides}
	for n, r := range c.rides {
		if r.from != "" && r.from != r.to && !skip(r.from) && !skip(r.to) {
			t.add(n, r)
		}
	}
	for _, l := range slices.SortedFunc(maps.Keys(t.of), leg.compare) {
		riders := t.of[l]
		if len(riders) < 2 {
			continue
		}
		first := way{[]domain.AccountID{l.from, l.to}, map[domain.VictimID][]int{}}
		for victim, rides := range riders {
			first.victims[victim] = rides[:1]
		}
		t.follow(first)
	}
	return t.routes()
}

func (t *trails) add(n int, r ride) {
	l := leg{r.from, r.to}
	if t.of[l] == nil {
		t.of[l] = map[domain.VictimID][]int{}
		t.next[r.from] = append(t.next[r.from], r.to)
	}
	for _, owner := range r.owners {
		t.of[l][owner.Victim] = append(t.of[l][owner.Victim], n)
	}
}

// follow goes on from a way for as long as two victims' money did. A way that
// all of them went further is told as the longer one.
func (t *trails) follow(w way) {
	whole := false
	last := w.accounts[len(w.accounts)-1]
	for _, to := range t.next[last] {
		if len(w.accounts) == longestRoute || slices.Contains(w.accounts, to) || t.steps >= mostSteps {
			continue
		}
		t.steps += len(w.victims)
		further := way{append(slices.Clone(w.accounts), to), map[domain.VictimID][]int{}}
		for victim, gone := range w.victims {
			rides := t.of[leg{last, to}][victim]
			at, _ := slices.BinarySearch(rides, gone[len(gone)-1]+1)
			if at < len(rides) {
				further.victims[victim] = append(slices.Clone(gone), rides[at])
			}
		}
		if len(further.victims) >= 2 {
			whole = whole || len(further.victims) == len(w.victims)
			t.follow(further)
		}
	}
	if !whole {
		t.found = append(t.found, w)
	}
}

// routes leaves out what is a part of a longer way of the same victims.
func (t *trails) routes() (Routes, error) {
	routes := Routes{Cut: t.steps >= mostSteps}
	by := map[leg][]way{} // whoever covers a way has its first step
	for _, w := range t.found {
		for i := range w.accounts[1:] {
			l := leg{w.accounts[i], w.accounts[i+1]}
			by[l] = append(by[l], w)
		}
	}
	for _, w := range t.found {
		if slices.ContainsFunc(by[leg{w.accounts[0], w.accounts[1]}], func(longer way) bool { return len(longer.accounts) > len(w.accounts) && longer.covers(w) }) {
			continue
		}
		route, err := t.route(w)
		if err != nil {
			return routes, err
		}
		routes.List = append(routes.List, route)
	}
	slices.SortFunc(routes.List, func(a, b Route) int {
		return cmp.Or(cmp.Compare(len(b.Victims), len(a.Victims)), cmp.Compare(len(b.Accounts), len(a.Accounts)), slices.Compare(a.Accounts, b.Accounts))
	})
	return routes, nil
}

// covers says whether another way is a part of this one, for all its victims.
func (w way) covers(part way) bool {
	for victim := range part.victims {
		if _, also := w.victims[victim]; !also {
			return false
		}
	}
	for i := range len(w.accounts) - len(part.accounts) + 1 {
		if slices.Equal(w.accounts[i:i+len(part.accounts)], part.accounts) {
			return true
		}
	}
	return false
}

func (t *trails) route(w way) (Route, error) {
	route := Route{Accounts: w.accounts}
	last := leg{w.accounts[len(w.accounts)-2], w.accounts[len(w.accounts)-1]}
	for victim, gone := range w.victims {
		rode := Rode{Victim: victim, Arrived: domain.Amount{Asset: t.rides[gone[len(gone)-1]].asset}}
		for _, n := range gone {
			rode.Movements = append(rode.Movements, t.rides[n].movement)
		}
		for _, n := range t.of[last][victim] {
			if err := rode.add(t.rides[n]); err != nil {
				return route, err
			}
		}
		route.Victims = append(route.Victims, rode)
	}
	slices.SortFunc(route.Victims, func(a, b Rode) int { return cmp.Compare(a.Victim, b.Victim) })
	return route, nil
}

func (o *Rode) add(r ride) error {
	for _, owner := range r.owners {
		if owner.Victim == o.Victim && r.asset == o.Arrived.Asset {
			sum, err := o.Arrived.Units.Add(owner.Units)
			if err != nil {
				return err
			}
			o.Arrived.Units = sum
		}
	}
	return nil
}
