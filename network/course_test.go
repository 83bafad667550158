package network

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/tracing"
)

var eur = domain.Asset{Code: "EUR", Digits: 2}

func arrives(movement string, from, to domain.AccountID, owners ...tracing.Owner) *tracing.Carried {
	return &tracing.Carried{Movement: domain.MovementID(movement), When: domain.Date(2024, 3, 1), From: from, Account: to, Asset: eur, Arrives: true, Owners: owners}
}

func his(victim domain.VictimID, units int64) tracing.Owner {
	return tracing.Owner{Victim: victim, Units: domain.NewUnits(units)}
}

func nobody(domain.AccountID) bool { return false }

// Two victims' money meets at M; N, which gets it together, is a hub further
// on. The account of one victim's money alone is none.
func TestMoneyMeetsWhereItComesApartAndLiesTogether(t *testing.T) {
	c := &Course{Case: "C1"}
	for _, told := range []*tracing.Carried{
		arrives("t1", "V1 bank", "X", his("V1", 500)), arrives("t2", "X", "M", his("V1", 500)), arrives("t3", "V2 bank", "M", his("V2", 700)),
		arrives("t4", "M", "N", his("V1", 500), his("V2", 100)), {Movement: "t5", Account: "M", Arrives: false, Owners: []tracing.Owner{his("V1", 500)}},
	} {
		c.Note(told)
	}
	hubs, err := Hubs([]*Course{c}, nobody)
	if err != nil || len(hubs) != 2 || hubs[0].Account != "M" || !hubs[0].Here || hubs[1].Account != "N" || hubs[1].Here {
		t.Fatalf("%+v (%v)", hubs, err)
	}
	if v1 := hubs[0].Victims[0]; v1.Units != domain.NewUnits(500) || !slices.Equal(v1.Movements, []domain.MovementID{"t2"}) {
		t.Errorf("%+v", v1)
	}
	if hubs, _ := Hubs([]*Course{c}, func(a domain.AccountID) bool { return a == "M" }); len(hubs) != 1 {
		t.Errorf("an account that is left out is a hub: %+v", hubs)
	}
	other := &Course{Case: "C2"}
	other.Note(arrives("u1", "V1 bank", "X", his("V1", 40)))
	if hubs, _ := Hubs([]*Course{c, other}, nobody); len(hubs) != 3 || hubs[2].Account != "X" {
		t.Errorf("V1 of one case and V1 of another are two: %+v", hubs)
	}
}

func drawCourse(t *rapid.T) *Course {
	c := &Course{Case: "C1"}
	for i := range rapid.IntRange(0, 10).Draw(t, "rides") {
		var owners []tracing.Owner
		for _, v := range []domain.VictimID{"V1", "V2", "V3"} {
			if rapid.Bool().Draw(t, string(v)) {
				owners = append(owners, his(v, int64(rapid.IntRange(1, 9).Draw(t, "units"))))
			}
		}
		c.Note(arrives(fmt.Sprint("t", i), rapid.SampledFrom(names[:5]).Draw(t, "from"), rapid.SampledFrom(names[:5]).Draw(t, "to"), owners...))
	}
	return c
}

// What came to the hubs is what the rides brought, to the unit.
func TestHubsAreTheSumsOfTheRides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCourse(t)
		hubs, err := Hubs([]*Course{c}, nobody)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			sums, crowds := map[domain.VictimID]domain.Units{}, [][]domain.VictimID{}
			for _, r := range c.rides {
				var crowd []domain.VictimID
				for _, o := range r.owners {
					if r.to == name {
						sums[o.Victim], crowd = sums[o.Victim].Plus(o.Units), append(crowd, o.Victim)
					}
				}
				crowds = append(crowds, crowd)
			}
			at := slices.IndexFunc(hubs, func(h Hub) bool { return h.Account == name })
			if (at >= 0) != (len(sums) >= 2) {
				t.Fatalf("%s: %v, hubs %+v", name, sums, hubs)
			}
			if at < 0 {
				continue
			}
			for _, b := range hubs[at].Victims {
				if b.Units != sums[b.Victim] {
					t.Fatalf("%s: %+v, the rides brought %v", name, b, sums)
				}
			}
			if want := meetsThere(crowds); hubs[at].Here != want {
				t.Fatalf("%s: crowds %v meet here: %v", name, crowds, hubs[at].Here)
			}
		}
	})
}

// meetsThere says whether one came without another who came without him.
func meetsThere(crowds [][]domain.VictimID) bool {
	for _, a := range crowds {
		for _, b := range crowds {
			without := func(one, other []domain.VictimID) bool {
				return slices.ContainsFunc(one, func(v domain.VictimID) bool { return !slices.Contains(other, v) })
			}
			if without(a, b) && without(b, a) {
				return true
			}
		}
	}
	return false
}

// went says whether a victim's money can have gone a way: by trying every
// choice of rides, each after the one before.
func went(c *Course, victim domain.VictimID, way []domain.AccountID, after int) bool {
	if len(way) < 2 {
		return true
	}
	for n, r := range c.rides {
		if n > after && r.from == way[0] && r.to == way[1] && slices.ContainsFunc(r.owners, func(o tracing.Owner) bool { return o.Victim == victim }) && went(c, victim, way[1:], n) {
			return true
		}
	}
	return false
}

// Every way that two victims' money went is a part of a route that is told, for
// the same victims, and every route is such a way.
func TestRoutesAreTheWaysThatSeveralWent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := drawCourse(t)
		routes, err := SharedRoutes(c, nobody)
		if err != nil || routes.Cut {
			t.Fatalf("%v, cut %v", err, routes.Cut)
		}
		for _, route := range routes.List {
			for _, rode := range route.Victims {
				if !went(c, rode.Victim, route.Accounts, -1) || len(rode.Movements) != len(route.Accounts)-1 || rode.Arrived.Units.Sign() <= 0 {
					t.Fatalf("%s did not go %v: %+v", rode.Victim, route.Accounts, rode)
				}
			}
		}
		var grow func(way []domain.AccountID)
		grow = func(way []domain.AccountID) {
			var who []domain.VictimID
			for _, v := range []domain.VictimID{"V1", "V2", "V3"} {
				if went(c, v, way, -1) {
					who = append(who, v)
				}
			}
			if len(way) > 1 && len(who) < 2 {
				return
			}
			if len(way) > 1 && !slices.ContainsFunc(routes.List, func(r Route) bool { return r.has(way, who) }) {
				t.Fatalf("%v went %v, and no route of %+v says so", who, way, routes.List)
			}
			for _, next := range names[:5] {
				if !slices.Contains(way, next) {
					grow(append(slices.Clone(way), next))
				}
			}
		}
		for _, first := range names[:5] {
			grow([]domain.AccountID{first})
		}
	})
}

// has says whether a way is a part of a route, for all who went it.
func (r Route) has(way []domain.AccountID, who []domain.VictimID) bool {
	w := waysOf(r)
	for _, victim := range who {
		if _, also := w.victims[victim]; !also {
			return false
		}
	}
	return w.covers(waysOf(Route{Accounts: way}))
}

func waysOf(r Route) way {
	w := way{accounts: r.Accounts, victims: map[domain.VictimID][]int{}}
	for _, v := range r.Victims {
		w.victims[v.Victim] = nil
	}
	return w
}
