package network

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
)

var names = []domain.AccountID{"A", "B", "C", "D", "E", "F"}

func drawPayments(t *rapid.T) (list []Payment) {
	for i := range rapid.IntRange(0, 14).Draw(t, "payments") {
		list = append(list, Payment{domain.MovementID(fmt.Sprint("t", i)), domain.Date(2024, 3, rapid.IntRange(1, 5).Draw(t, "day")), uint64(i) + 1,
			rapid.SampledFrom(names).Draw(t, "from"), rapid.SampledFrom(names).Draw(t, "to")})
	}
	return list
}

// slowGraph is who paid whom, as a table.
type slowGraph map[[2]domain.AccountID]bool

func slowly(payments []Payment, skip func(domain.AccountID) bool) slowGraph {
	g := slowGraph{}
	for _, p := range payments {
		if p.From != p.To && !skip(p.From) && !skip(p.To) {
			g[[2]domain.AccountID{p.From, p.To}] = true
		}
	}
	return g
}

// reaches says whether money can go from one to another, by trying every step
// as often as there are accounts.
func (g slowGraph) reaches(a, b domain.AccountID, bothWays bool) bool {
	reached := map[domain.AccountID]bool{a: true}
	for range names {
		for step := range g {
			if reached[step[0]] {
				reached[step[1]] = true
			}
			if bothWays && reached[step[1]] {
				reached[step[0]] = true
			}
		}
	}
	return reached[b]
}

func (g slowGraph) has(a domain.AccountID) bool {
	for step := range g {
		if a == step[0] || a == step[1] {
			return true
		}
	}
	return false
}

// cores tries every set of accounts.
func (g slowGraph) core(k int) (best []domain.AccountID) {
	for set := range 1 << len(names) {
		var members []domain.AccountID
		for i, name := range names {
			if set>>i&1 == 1 {
				members = append(members, name)
			}
		}
		if len(members) > len(best) && !slices.ContainsFunc(members, func(a domain.AccountID) bool { return g.among(a, members) < k }) {
			best = members
		}
	}
	return best
}

// among is with how many of some accounts one has dealings.
func (g slowGraph) among(a domain.AccountID, members []domain.AccountID) (count int) {
	for _, b := range members {
		if g[[2]domain.AccountID{a, b}] || g[[2]domain.AccountID{b, a}] {
			count++
		}
	}
	return count
}

func within(groups [][]domain.AccountID, a, b domain.AccountID) bool {
	return slices.ContainsFunc(groups, func(group []domain.AccountID) bool { return slices.Contains(group, a) && slices.Contains(group, b) })
}

// Components, strong groups and cores are what trying everything gives, in
// whatever order the payments come.
func TestGroupsAreWhatTryingEverythingGives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payments := drawPayments(t)
		left := rapid.SampledFrom([]domain.AccountID{"", "A"}).Draw(t, "left out")
		skip := func(a domain.AccountID) bool { return a == left }
		g, slow := NewGraph(payments, skip), slowly(payments, skip)
		components, strong := g.Components(), g.Strong()
		for _, a := range names {
			for _, b := range names {
				if a == b {
					continue
				}
				if got, want := within(components, a, b), slow.reaches(a, b, true) && slow.has(a); got != want {
					t.Fatalf("%v: %s and %s hang together: %v", components, a, b, got)
				}
				if got, want := within(strong, a, b), slow.reaches(a, b, false) && slow.reaches(b, a, false); got != want {
					t.Fatalf("%v: money goes from %s to %s and back: %v", strong, a, b, got)
				}
			}
		}
		for k := 1; k < 5; k++ {
			if got, want := g.Core(k), slow.core(k); !slices.Equal(got, want) {
				t.Fatalf("%d-core %v, trying everything %v", k, got, want)
			}
		}
		again := NewGraph(rapid.Permutation(payments).Draw(t, "shuffled"), skip)
		if !reflect.DeepEqual(again.Strong(), strong) || !reflect.DeepEqual(again.Cycles(6), g.Cycles(6)) || !reflect.DeepEqual(again.Scatters(2), g.Scatters(2)) {
			t.Fatal("another order of the payments gives another answer")
		}
	})
}

// slowCycles tries every sequence of accounts.
func slowCycles(g slowGraph, longest int) (list []string) {
	var grow func(path []domain.AccountID)
	grow = func(path []domain.AccountID) {
		if len(path) > 1 && g[[2]domain.AccountID{path[len(path)-1], path[0]}] {
			list = append(list, fmt.Sprint(path))
		}
		for _, next := range names {
			if len(path) < longest && next > path[0] && !slices.Contains(path, next) && g[[2]domain.AccountID{path[len(path)-1], next}] {
				grow(append(slices.Clone(path), next))
			}
		}
	}
	for _, first := range names {
		grow([]domain.AccountID{first})
	}
	slices.Sort(list)
	return list
}

// goesRound says whether payments can be chosen, one a step, each after the
// one before, from some account of the ring round to it: by trying every choice.
func goesRound(payments []Payment, ring []domain.AccountID) bool {
	var try func(step, begin int, after *Payment) bool
	try = func(step, begin int, after *Payment) bool {
		if step == len(ring) {
			return true
		}
		from, to := ring[(begin+step)%len(ring)], ring[(begin+step+1)%len(ring)]
		for _, p := range payments {
			if p.From == from && p.To == to && (after == nil || after.compare(p) < 0) && try(step+1, begin, &p) {
				return true
			}
		}
		return false
	}
	for begin := range ring {
		if try(0, begin, nil) {
			return true
		}
	}
	return false
}

func TestCyclesAreWhatTryingEverythingGives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payments := drawPayments(t)
		all := func(domain.AccountID) bool { return false }
		longest := rapid.IntRange(2, 6).Draw(t, "longest")
		var got []string
		for _, c := range NewGraph(payments, all).Cycles(longest).List {
			got = append(got, fmt.Sprint(c.Accounts))
			if len(c.Movements) != len(c.Accounts) || c.InTime != goesRound(payments, c.Accounts) {
				t.Fatalf("%+v: round in the order of time: %v", c, goesRound(payments, c.Accounts))
			}
		}
		slices.Sort(got)
		if want := slowCycles(slowly(payments, all), longest); !slices.Equal(got, want) {
			t.Fatalf("%v, trying everything %v", got, want)
		}
	})
}

func TestScattersAreWhatTryingEverythingGives(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		payments := drawPayments(t)
		var got, want []string
		for _, s := range NewGraph(payments, func(domain.AccountID) bool { return false }).Scatters(2) {
			got = append(got, fmt.Sprint(s.From, s.To, s.Over))
			if len(s.Movements) != 2*len(s.Over) {
				t.Fatalf("%+v", s)
			}
		}
		for _, from := range names {
			for _, to := range names {
				var over []domain.AccountID
				for _, middle := range names {
					if from != to && middle != from && middle != to && slices.ContainsFunc(payments, func(in Payment) bool {
						return in.From == from && in.To == middle && slices.ContainsFunc(payments, func(out Payment) bool {
							return out.From == middle && out.To == to && in.compare(out) < 0
						})
					}) {
						over = append(over, middle)
					}
				}
				if len(over) >= 2 {
					want = append(want, fmt.Sprint(from, to, over))
				}
			}
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("%v, trying everything %v", got, want)
		}
	})
}

// A search that would not end says that it was cut, and ends.
func TestARingOfAllWithAllIsCut(t *testing.T) {
	var payments []Payment
	for i := range 30 {
		for j := range 30 {
			payments = append(payments, Payment{domain.MovementID(fmt.Sprint(i, " ", j)), domain.Instant(time.Unix(int64(i*30+j), 0)), uint64(i*30 + j + 1),
				domain.AccountID(fmt.Sprintf("M%02d", i)), domain.AccountID(fmt.Sprintf("M%02d", j))})
		}
	}
	g := NewGraph(payments, func(domain.AccountID) bool { return false })
	if found := g.Cycles(LongestCycle); !found.Cut || found.UpTo != 3 || len(found.List) != 435+8120 {
		t.Errorf("%d rings up to %d, cut: %v", len(found.List), found.UpTo, found.Cut)
	}
	if g.Coreness() != 29 || len(g.Strong()) != 1 || len(g.Strong()[0]) != 30 {
		t.Errorf("coreness %d", g.Coreness())
	}
}
