package network

import (
	"cmp"
	"maps"
	"slices"

	"clew/domain"
	"clew/tracing"
)

// Course is the way of all victims' money through one case, by the walk's
// lots: who of them rode on which payment.
type Course struct {
	Case  domain.CaseID
	rides []ride
}

// ride is one arrival of victims' money.
type ride struct {
	movement domain.MovementID
	when     domain.When
	from, to domain.AccountID
	asset    domain.Asset
	owners   []tracing.Owner
}

// Note takes what a walk tells (tracing.Watch).
func (c *Course) Note(told *tracing.Carried) {
	if told.Arrives && len(told.Owners) > 0 {
		c.rides = append(c.rides, ride{told.Movement, told.When, told.From, told.Account, told.Asset, slices.Clone(told.Owners)})
	}
}

// Reached are the accounts to which victims' money ever came.
func (c *Course) Reached() map[domain.AccountID]bool {
	reached := map[domain.AccountID]bool{}
	for _, r := range c.rides {
		reached[r.to] = true
	}
	return reached
}

// Hub is an account at which several victims' money has met, in one asset.
type Hub struct {
	Account domain.AccountID
	Asset   domain.Asset
	Victims []Brought // by case, then victim
	// Here: two victims' money came apart and was together from here on. Else
	// it came together from another hub.
	Here bool
}

// Brought is all that came to a hub of one victim's money.
type Brought struct {
	Case        domain.CaseID
	Victim      domain.VictimID
	Units       domain.Units // his lots, to the unit
	Movements   []domain.MovementID
	First, Last domain.When
}

// hubKey is a pool.
type hubKey struct {
	account domain.AccountID
	asset   domain.Asset
}

// someone is a victim of one case.
type someone struct {
	in     domain.CaseID
	victim domain.VictimID
}

// gatheringPlace is a hub in the making.
type gatheringPlace struct {
	brought map[someone]*Brought
	crowds  map[string][]someone // who came together, each once
}

// Hubs finds where the money of two victims or more has met, over one case or
// several, by account. Left out are the accounts that skip names: homes, ends.
func Hubs(courses []*Course, skip func(domain.AccountID) bool) ([]Hub, error) {
	places := map[hubKey]*gatheringPlace{}
	for _, c := range courses {
		for _, r := range c.rides {
			if skip(r.to) {
				continue
			}
			key := hubKey{r.to, r.asset}
			if places[key] == nil {
				places[key] = &gatheringPlace{map[someone]*Brought{}, map[string][]someone{}}
			}
			if err := places[key].arrive(c.Case, r); err != nil {
				return nil, err
			}
		}
	}
	var hubs []Hub
	for key, place := range places {
		if len(place.brought) >= 2 {
			hubs = append(hubs, place.hub(key))
		}
	}
	slices.SortFunc(hubs, func(a, b Hub) int {
		return cmp.Or(cmp.Compare(len(b.Victims), len(a.Victims)), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Asset.Code, b.Asset.Code))
	})
	return hubs, nil
}

func (g *gatheringPlace) arrive(in domain.CaseID, r ride) error {
	var crowd []someone
	name := ""
	for _, owner := range r.owners {
		who := someone{in, owner.Victim}
		crowd, name = append(crowd, who), name+"\n"+string(in)+"/"+string(owner.Victim)
		b := g.brought[who]
		if b == nil {
			b = &Brought{Case: in, Victim: owner.Victim, First: r.when}
			g.brought[who] = b
		}
		sum, err := b.Units.Add(owner.Units)
		if err != nil {
			return err
		}
		b.Units, b.Last = sum, r.when
		if !slices.Contains(b.Movements, r.movement) {
			b.Movements = append(b.Movements, r.movement)
		}
	}
	g.crowds[name] = crowd
	return nil
}

func (g *gatheringPlace) hub(key hubKey) Hub {
	h := Hub{Account: key.account, Asset: key.asset, Here: apart(slices.Collect(maps.Values(g.crowds)))}
	for _, b := range g.brought {
		h.Victims = append(h.Victims, *b)
	}
	slices.SortFunc(h.Victims, func(a, b Brought) int { return cmp.Or(cmp.Compare(a.Case, b.Case), cmp.Compare(a.Victim, b.Victim)) })
	return h
}

// apart says whether two crowds came of which neither is in the other.
func apart(crowds [][]someone) bool {
	slices.SortFunc(crowds, func(a, b []someone) int { return cmp.Compare(len(a), len(b)) })
	for i := 1; i < len(crowds); i++ {
		for _, who := range crowds[i-1] {
			if !slices.Contains(crowds[i], who) {
				return true
			}
		}
	}
	return false
}
