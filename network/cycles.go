package network

import (
	"cmp"
	"slices"

	"clew/domain"
)

// Cycle is a ring of accounts, each of which paid the next and the last the
// first. Accounts begin with the first by name.
type Cycle struct {
	Accounts []domain.AccountID
	// Movements are payments along the ring, one for each step. Where money can
	// have gone round in the order of time they are the earliest that did, from
	// wherever it began; else the first of each step.
	Movements []domain.MovementID
	InTime    bool
}

// Cycles is what a search for rings found: all up to a length. Where longer
// ones were asked for and would have taken too long, Cut says so.
type Cycles struct {
	List []Cycle
	UpTo int // accounts
	Cut  bool
}

const (
	// LongestCycle bounds a ring. Longer ones are in their group (Strong), and
	// nobody reads them one by one.
	LongestCycle = 6

	// mostTried bounds the search, in steps of it: a group of forty accounts
	// that all pay one another has half a billion rings of six.
	mostTried = 5_000_000
)

// Cycles lists the rings of two accounts up to so many that pass no account
// twice, the shortest first: all of a length or none.
func (g *Graph) Cycles(longest int) Cycles {
	group := make([]int, len(g.names))
	for n, members := range g.strong() {
		for _, member := range members {
			group[member] = n
		}
	}
	found := Cycles{UpTo: 1}
	for tried := 0; found.UpTo < longest; found.UpTo++ {
		s := &ringSearch{g: g, group: group, length: found.UpTo + 1, tried: tried}
		for first := range g.names {
			s.follow([]int{first})
		}
		if tried = s.tried; tried > mostTried {
			found.Cut = true
			return found
		}
		for _, ring := range s.found { // in the order of the names, as they were met
			found.List = append(found.List, g.cycle(ring))
		}
	}
	return found
}

// ringSearch goes on from an account to those after it by name only, so that
// each ring is met once: at its first account.
type ringSearch struct {
	g      *Graph
	group  []int
	length int
	tried  int
	found  [][]int
}

func (s *ringSearch) follow(path []int) {
	first, last := path[0], path[len(path)-1]
	for _, next := range s.g.payees[last] {
		if s.group[next] != s.group[first] {
			continue
		}
		if s.tried++; s.tried > mostTried {
			return
		}
		switch {
		case next == first && len(path) == s.length:
			s.found = append(s.found, slices.Clone(path))
		case next > first && len(path) < s.length && !slices.Contains(path, next):
			s.follow(append(path, next))
		}
	}
}

// cycle names a ring and the payments that show it.
func (g *Graph) cycle(path []int) Cycle {
	var c Cycle
	for _, n := range path {
		c.Accounts = append(c.Accounts, g.names[n])
	}
	var best []Payment
	for begin := range path {
		round := g.round(path, begin)
		if round != nil && (best == nil || round[len(round)-1].compare(best[len(best)-1]) < 0) {
			best = round
		}
	}
	if c.InTime = best != nil; !c.InTime {
		for i, n := range path {
			best = append(best, g.payments[[2]int{n, path[(i+1)%len(path)]}][0])
		}
	}
	for _, p := range best {
		c.Movements = append(c.Movements, p.Movement)
	}
	return c
}

// round is the earliest way round a ring from one of its accounts, each payment
// not before the last; nil where there is none.
func (g *Graph) round(path []int, begin int) (round []Payment) {
	for i := range path {
		from, to := path[(begin+i)%len(path)], path[(begin+i+1)%len(path)]
		list := g.payments[[2]int{from, to}]
		at := 0
		if len(round) > 0 {
			at, _ = slices.BinarySearchFunc(list, round[len(round)-1], func(p, after Payment) int {
				if p.compare(after) <= 0 {
					return -1
				}
				return 1
			})
		}
		if at == len(list) {
			return nil
		}
		round = append(round, list[at])
	}
	return round
}

// Scatter is money that one account spread over others which then paid it to
// one (scatter-gather).
type Scatter struct {
	From, To  domain.AccountID
	Over      []domain.AccountID // by name
	Movements []domain.MovementID
}

// Scatters lists where one account paid so many others or more, each of which
// paid the same third account afterwards.
func (g *Graph) Scatters(least int) (list []Scatter) {
	ways := make([]int, len(g.names)) // by the account that gathers: over how many, whenever they paid
	for from := range g.names {
		clear(ways)
		for _, middle := range g.payees[from] {
			for _, to := range g.payees[middle] {
				ways[to]++
			}
		}
		over := map[int][]int{} // by the account that gathers
		for _, middle := range g.payees[from] {
			for _, to := range g.payees[middle] {
				if ways[to] >= least && to != from && g.passes(from, middle, to) {
					over[to] = append(over[to], middle)
				}
			}
		}
		for to, middles := range over {
			if len(middles) >= least {
				list = append(list, g.scatter(from, to, middles))
			}
		}
	}
	slices.SortFunc(list, func(a, b Scatter) int {
		return cmp.Or(cmp.Compare(len(b.Over), len(a.Over)), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return list
}

func (g *Graph) scatter(from, to int, middles []int) Scatter {
	s := Scatter{From: g.names[from], To: g.names[to], Over: g.accounts(middles)}
	for _, middle := range middles {
		in, out := g.payments[[2]int{from, middle}], g.payments[[2]int{middle, to}]
		on := slices.IndexFunc(out, func(p Payment) bool { return in[0].compare(p) < 0 })
		s.Movements = append(s.Movements, in[0].Movement, out[on].Movement)
	}
	return s
}

// passes says whether an account paid on after it was first paid.
func (g *Graph) passes(from, middle, to int) bool {
	in, out := g.payments[[2]int{from, middle}], g.payments[[2]int{middle, to}]
	return in[0].compare(out[len(out)-1]) < 0
}
