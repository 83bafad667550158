// Package network looks beyond one case and one account: what several cases
// have in common, where several victims' money meets, by which roads it came,
// who pays there like a victim and has not said so, and who pays whom in a
// ring.
//
// It is pure: what is known is handed in, the same answer comes out on any
// machine. It refuses nothing and accuses nobody: every answer names the
// movements, or the places in the log, that show it.
//
//	links := network.Links(sightings, "C1") // what C1 has in common with other cases
package network

import (
	"cmp"
	"maps"
	"slices"

	"clew/domain"
)

// Match says by what two cases meet.
type Match string

// The matches, from the strongest to the weakest. Identifiers match by their
// sort: device, phone, email and so on.
const (
	ByPayment Match = "payment" // the same reference of a payment
	ByAccount Match = "account" // the same account
	ByAddress Match = "address" // the same address of outputs that each are an account
	ByCluster Match = "cluster" // names that people have found to be one account
	ByPerson  Match = "person"  // the same name of a person, by its keyed hash
)

// order puts the matches in order: identifiers come last, by name.
var order = []Match{ByPayment, ByAccount, ByAddress, ByCluster, ByPerson}

func compareMatches(a, b Match) int {
	place := func(m Match) int {
		if at := slices.Index(order, m); at >= 0 {
			return at
		}
		return len(order)
	}
	return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b))
}

// Sighting is one thing that a case knows by which it can meet another.
type Sighting struct {
	Match Match
	Key   string // what is compared: of a person the keyed hash, which is never shown
	Case  domain.CaseID
	What  string      // as the case itself calls it: an account, a reference, person P1
	Since uint64      // position of the log that first recorded it there
	First domain.When // when it first happened there; zero where nothing happened
}

// Link is one thing that a case has in common with another.
type Link struct {
	Match Match
	Here  Sighting
	There Sighting
}

// topic is what sightings of one thing have in common.
type topic struct {
	match Match
	key   string
}

// Links gives what a case has in common with each other case; of "", what any
// two cases have in common, each pair once, from the side of the first by name.
func Links(all []Sighting, of domain.CaseID) []Link {
	var links []Link
	for _, group := range groups(all) {
		links = append(links, linksWithin(group)...)
	}
	links = slices.DeleteFunc(links, func(l Link) bool {
		return of == "" && l.Here.Case > l.There.Case || of != "" && l.Here.Case != of
	})
	slices.SortFunc(links, compareLinks)
	return links
}

func compareLinks(a, b Link) int {
	return cmp.Or(cmp.Compare(a.Here.Case, b.Here.Case), cmp.Compare(a.There.Case, b.There.Case), compareMatches(a.Match, b.Match),
		cmp.Compare(a.Here.What, b.Here.What), cmp.Compare(a.There.What, b.There.What), cmp.Compare(a.Here.Key, b.Here.Key), cmp.Compare(a.Here.Since, b.Here.Since))
}

func groups(all []Sighting) map[topic][]Sighting {
	groups := map[topic][]Sighting{}
	for _, s := range all {
		groups[topic{s.Match, s.Key}] = append(groups[topic{s.Match, s.Key}], s)
	}
	maps.DeleteFunc(groups, func(_ topic, list []Sighting) bool { return oneCase(list) })
	return groups
}

func oneCase(list []Sighting) bool {
	return !slices.ContainsFunc(list, func(s Sighting) bool { return s.Case != list[0].Case })
}

// linksWithin pairs every sighting with every other case that has one, under
// the name that was recorded there first.
func linksWithin(group []Sighting) (links []Link) {
	first := map[domain.CaseID]Sighting{}
	for _, s := range group {
		if known, ok := first[s.Case]; !ok || s.Since < known.Since || s.Since == known.Since && s.What < known.What {
			first[s.Case] = s
		}
	}
	for _, here := range group {
		for other, there := range first {
			if other != here.Case {
				links = append(links, Link{here.Match, here, there})
			}
		}
	}
	return links
}
