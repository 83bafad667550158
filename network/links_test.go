package network

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"clew/domain"
)

// A shared account is a hit; an account of one's own, and the same name under
// another match, are none.
func TestOneAccountInTwoCasesIsALink(t *testing.T) {
	all := []Sighting{
		{ByAccount, "bank:77", "C1", "bank:77", 4, domain.When{}}, {ByAccount, "bank:77", "C2", "bank:77", 9, domain.When{}},
		{ByAccount, "bank:11", "C1", "bank:11", 4, domain.When{}}, {ByPayment, "bank:11", "C2", "bank:11", 9, domain.When{}},
	}
	links := Links(all, "C1")
	if len(links) != 1 || links[0].There.Case != "C2" || links[0].Here.Since != 4 || links[0].There.Since != 9 {
		t.Errorf("%+v", links)
	}
	if links := Links(all, "C3"); len(links) != 0 {
		t.Errorf("a case that knows nothing has %+v", links)
	}
}

func drawSightings(t *rapid.T) []Sighting {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Sighting {
		return Sighting{Match: rapid.SampledFrom([]Match{ByAccount, ByPerson}).Draw(t, "match"), Key: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "key"),
			Case: rapid.SampledFrom([]domain.CaseID{"C1", "C2", "C3"}).Draw(t, "case"), What: rapid.SampledFrom([]string{"P1", "P2"}).Draw(t, "what"),
			Since: rapid.Uint64Range(1, 5).Draw(t, "since")}
	}), 0, 12).Draw(t, "sightings")
}

// Every pair of sightings of one thing in two cases is covered by a link, every
// link by such a pair, and what one case sees the other sees too.
func TestLinksAreThePairsOfSightings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := drawSightings(t)
		same := func(a, b Sighting) bool { return a.Match == b.Match && a.Key == b.Key && a.Case != b.Case }
		for _, of := range []domain.CaseID{"C1", "C2", "C3"} {
			links := Links(all, of)
			for _, a := range all {
				for _, b := range all {
					if a.Case == of && same(a, b) && !slices.ContainsFunc(links, func(l Link) bool { return l.Here == a && l.There.Case == b.Case && l.There.Since <= b.Since }) {
						t.Fatalf("%+v and %+v are not in %+v", a, b, links)
					}
				}
			}
			for _, l := range links {
				if l.Here.Case != of || !same(l.Here, l.There) || !slices.Contains(all, l.Here) || !slices.Contains(all, l.There) {
					t.Fatalf("%+v is no pair of %+v", l, all)
				}
				if !slices.ContainsFunc(Links(all, l.There.Case), func(back Link) bool {
					return back.There.Case == of && back.Match == l.Match && back.Here.Key == l.Here.Key
				}) {
					t.Fatalf("%s does not see %+v", l.There.Case, l)
				}
			}
		}
		shuffled := rapid.Permutation(all).Draw(t, "shuffled")
		if again := Links(shuffled, ""); !reflect.DeepEqual(again, Links(all, "")) {
			t.Fatalf("another order gives %+v", again)
		}
	})
}

// Two names belong together where a chain of decisions leads from one to the
// other: compared with walking every chain.
func TestClustersAreTheChainsOfDecisions(t *testing.T) {
	names := []domain.AccountID{"A", "B", "C", "D", "E"}
	rapid.Check(t, func(t *rapid.T) {
		var said []Identity
		for i := range rapid.IntRange(0, 6).Draw(t, "decisions") {
			said = append(said, Identity{"C1", rapid.SampledFrom(names).Draw(t, "account"), rapid.SampledFrom(names).Draw(t, "as"), uint64(i) + 1})
		}
		clusters := Clusters(said)
		for _, a := range names {
			for _, b := range names {
				at := meetsBy(said, a, b)
				together := a != b && clusters[a] != "" && clusters[a] == clusters[b]
				if together != (a != b && at > 0) {
					t.Fatalf("%v: %s and %s: together %v, by a chain %v", said, a, b, together, at > 0)
				}
				if together && connected(said, a, b) != at {
					t.Fatalf("%v: %s and %s: since %d, by a chain %d", said, a, b, connected(said, a, b), at)
				}
			}
		}
	})
}

// meetsBy is the first decision after which a chain leads from a to b; 0 where
// none does.
func meetsBy(said []Identity, a, b domain.AccountID) uint64 {
	for n := range said {
		reached := []domain.AccountID{a}
		for i := 0; i < len(reached); i++ {
			for _, s := range said[:n+1] {
				for _, next := range [][2]domain.AccountID{{s.Account, s.As}, {s.As, s.Account}} {
					if next[0] == reached[i] && !slices.Contains(reached, next[1]) {
						reached = append(reached, next[1])
					}
				}
			}
		}
		if slices.Contains(reached, b) {
			return uint64(n) + 1
		}
	}
	return 0
}

// A cluster says less than the account itself, so of the two the account is
// told; and it counts from when the names were known to be one.
func TestAClusterIsToldWhereNoAccountIsCommon(t *testing.T) {
	said := []Identity{{"C3", "A", "B", 20}}
	namings := []Naming{{"A", "C1", 4, domain.When{}}, {"B", "C2", 5, domain.When{}}}
	links := SinceFound(WithoutPlainer(Links(ClusterSightings(namings, said), "C1"), Clusters(said)), said)
	if len(links) != 1 || links[0].Match != ByCluster || links[0].Here.What != "A" || links[0].There.What != "B" || links[0].Here.Since != 20 {
		t.Errorf("%+v", links)
	}
	namings = append(namings, Naming{"A", "C2", 6, domain.When{}})
	sightings := append(ClusterSightings(namings, said), Sighting{ByAccount, "A", "C1", "A", 4, domain.When{}}, Sighting{ByAccount, "A", "C2", "A", 6, domain.When{}})
	links = WithoutPlainer(Links(sightings, "C1"), Clusters(said))
	if len(links) != 1 || links[0].Match != ByAccount {
		t.Errorf("%+v", links)
	}
}
