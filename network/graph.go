package network

import (
	"cmp"
	"maps"
	"slices"

	"clew/domain"
)

// Payment is one movement from one account to another, as far as a graph asks.
// A hop pays from every input to every output.
type Payment struct {
	Movement domain.MovementID
	When     domain.When
	Position uint64
	From, To domain.AccountID
}

func (p Payment) compare(o Payment) int {
	return cmp.Or(p.When.Time.Compare(o.When.Time), cmp.Compare(p.Position, o.Position), cmp.Compare(p.Movement, o.Movement))
}

// Graph is who paid whom. Accounts are numbered in the order of their names,
// so that every answer depends on the payments alone, not on their order.
type Graph struct {
	names    []domain.AccountID
	number   map[domain.AccountID]int
	payees   [][]int // by account: whom it paid, each once, ascending
	payers   [][]int
	payments map[[2]int][]Payment // by time
}

// NewGraph makes a graph of payments. Accounts that skip names (homes, ends)
// are not in it, nor is what an account pays itself.
func NewGraph(payments []Payment, skip func(domain.AccountID) bool) *Graph {
	g := &Graph{number: map[domain.AccountID]int{}, payments: map[[2]int][]Payment{}}
	var kept []Payment
	for _, p := range payments {
		if p.From != "" && p.To != "" && p.From != p.To && !skip(p.From) && !skip(p.To) {
			kept = append(kept, p)
			g.number[p.From], g.number[p.To] = 0, 0
		}
	}
	g.names = slices.Sorted(maps.Keys(g.number))
	for n, name := range g.names {
		g.number[name] = n
	}
	g.payees, g.payers = make([][]int, len(g.names)), make([][]int, len(g.names))
	for _, p := range kept {
		from, to := g.number[p.From], g.number[p.To]
		if g.payments[[2]int{from, to}] == nil {
			g.payees[from], g.payers[to] = append(g.payees[from], to), append(g.payers[to], from)
		}
		g.payments[[2]int{from, to}] = append(g.payments[[2]int{from, to}], p)
	}
	for n := range g.names {
		slices.Sort(g.payees[n])
		slices.Sort(g.payers[n])
	}
	for _, list := range g.payments {
		slices.SortFunc(list, Payment.compare)
	}
	return g
}

// accounts gives names to numbers, by name.
func (g *Graph) accounts(numbers []int) []domain.AccountID {
	slices.Sort(numbers)
	list := make([]domain.AccountID, len(numbers))
	for i, n := range numbers {
		list[i] = g.names[n]
	}
	return list
}

// bySize puts groups in order: the largest first, then by name.
func bySize(a, b []domain.AccountID) int {
	return cmp.Or(cmp.Compare(len(b), len(a)), slices.Compare(a, b))
}

// Components are the accounts that hang together by payments in either
// direction, two or more, the largest first.
func (g *Graph) Components() (groups [][]domain.AccountID) {
	seen := make([]bool, len(g.names))
	for first := range g.names {
		if seen[first] {
			continue
		}
		seen[first] = true
		group := []int{first}
		for i := 0; i < len(group); i++ {
			for _, next := range slices.Concat(g.payees[group[i]], g.payers[group[i]]) {
				if !seen[next] {
					seen[next], group = true, append(group, next)
				}
			}
		}
		groups = append(groups, g.accounts(group))
	}
	slices.SortFunc(groups, bySize)
	return groups
}

// Core is the accounts each of which has dealings with so many others of them:
// the largest group of which that is true (the k-core). None: there is none.
func (g *Graph) Core(k int) []domain.AccountID {
	var core []int
	for n, deep := range g.coreness() {
		if deep >= k {
			core = append(core, n)
		}
	}
	return g.accounts(core)
}

// Coreness is the largest k for which there is a core; 0 where nobody deals
// with anybody.
func (g *Graph) Coreness() (k int) {
	for _, deep := range g.coreness() {
		k = max(k, deep)
	}
	return k
}

// coreness is by account the largest k in whose core it is. Whoever has the
// fewest dealings is taken out, again and again: what is asked of those who are
// left rises as it must (Matula and Beck, 1983).
func (g *Graph) coreness() []int {
	deals, degree, taken := make([][]int, len(g.names)), make([]int, len(g.names)), make([]bool, len(g.names))
	var waiting [][]int // by how many dealings are left; who has fewer by now stands there as well
	wait := func(n int) {
		for len(waiting) <= degree[n] {
			waiting = append(waiting, nil)
		}
		waiting[degree[n]] = append(waiting[degree[n]], n)
	}
	for n := range g.names {
		deals[n] = g.dealings(n)
		degree[n] = len(deals[n])
		wait(n)
	}
	for k := 0; k < len(waiting); k++ {
		for len(waiting[k]) > 0 {
			last := len(waiting[k]) - 1
			n := waiting[k][last]
			if waiting[k] = waiting[k][:last]; taken[n] {
				continue
			}
			taken[n] = true // and its degree is k from now on
			for _, other := range deals[n] {
				if !taken[other] && degree[other] > k {
					degree[other]--
					wait(other)
				}
			}
		}
	}
	return degree
}

// dealings are the accounts that one has paid or was paid by, each once.
func (g *Graph) dealings(n int) []int {
	all := slices.Concat(g.payees[n], g.payers[n])
	slices.Sort(all)
	return slices.Compact(all)
}

// Strong are the groups of accounts, two or more, in which money can go from
// each to each and back (strongly connected components), the largest first.
func (g *Graph) Strong() (groups [][]domain.AccountID) {
	for _, group := range g.strong() {
		if len(group) > 1 {
			groups = append(groups, g.accounts(group))
		}
	}
	slices.SortFunc(groups, bySize)
	return groups
}

// visit is where a search stands at an account.
type visit struct{ account, next int }

// strong is Tarjan's search (1972), with its own stack: a case may have a
// million accounts in a row.
func (g *Graph) strong() (groups [][]int) {
	index, low, open := make([]int, len(g.names)), make([]int, len(g.names)), make([]bool, len(g.names))
	var stack []int
	clock := 0
	for first := range g.names {
		if index[first] != 0 {
			continue
		}
		for path := []visit{{first, 0}}; len(path) > 0; {
			v := &path[len(path)-1]
			at := v.account
			if v.next == 0 {
				clock++
				index[at], low[at], open[at], stack = clock, clock, true, append(stack, at)
			}
			if v.next < len(g.payees[at]) {
				to := g.payees[at][v.next]
				if v.next++; index[to] == 0 {
					path = append(path, visit{to, 0})
				} else if open[to] {
					low[at] = min(low[at], index[to])
				}
				continue
			}
			if path = path[:len(path)-1]; len(path) > 0 {
				above := path[len(path)-1].account
				low[above] = min(low[above], low[at])
			}
			if low[at] == index[at] {
				from := len(stack) - 1
				for stack[from] != at {
					from--
				}
				groups, stack = append(groups, slices.Clone(stack[from:])), stack[:from]
				for _, n := range groups[len(groups)-1] {
					open[n] = false
				}
			}
		}
	}
	return groups
}
