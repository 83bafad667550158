package projections

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/network"
)

// slowCommon finds what cases have in common by reading the log from its
// beginning, event by event.
type slowCommon struct {
	first map[naming]uint64                                          // that named it in any way
	words map[naming]bool                                            // a person said something of it
	now   map[domain.CaseID]map[domain.MovementID][]*domain.Movement // versions; nil: ended
	at    map[*domain.Movement]uint64
	as    map[naming]network.Identity
}

func slowly(t *rapid.T, log *memoryLog) *slowCommon {
	s := &slowCommon{map[naming]uint64{}, map[naming]bool{}, map[domain.CaseID]map[domain.MovementID][]*domain.Movement{}, map[*domain.Movement]uint64{}, map[naming]network.Identity{}}
	for _, r := range log.records {
		event, err := domain.DecodeEvent(r.Kind, r.Body)
		if err != nil {
			t.Fatal(err)
		}
		s.take(CaseOfStream(r.Stream), r.Position, event)
	}
	return s
}

func (s *slowCommon) take(of domain.CaseID, at uint64, event domain.Event) {
	if s.now[of] == nil {
		s.now[of] = map[domain.MovementID][]*domain.Movement{}
	}
	said := func(accounts ...domain.AccountID) {
		for _, a := range accounts {
			s.name(naming{a, of}, at)
			s.words[naming{a, of}] = true
		}
	}
	switch e := event.(type) {
	case domain.AccountDescribed:
		said(e.Account)
	case domain.AccountIdentified:
		said(e.Account, e.As)
		s.as[naming{e.Account, of}] = network.Identity{Case: of, Account: e.Account, As: e.As, Since: at}
	case domain.LabelAttached:
		said(e.Account)
	case domain.MovementWithdrawn:
		s.now[of][e.Movement] = nil
	case domain.MovementCorrected:
		m := e.Now.Movement
		s.version(of, e.Movement, &m, at)
	default:
		if m, ok := domain.MovementOf(event); ok {
			s.version(of, m.ID, &m, at)
		}
	}
}

func (s *slowCommon) version(of domain.CaseID, id domain.MovementID, m *domain.Movement, at uint64) {
	m.ID = id
	s.now[of][id], s.at[m] = []*domain.Movement{m}, at
	for _, a := range append(accountsOf(m), addressesOf(m)...) {
		s.name(naming{a, of}, at)
	}
}

func (s *slowCommon) name(n naming, at uint64) {
	if _, known := s.first[n]; !known {
		s.first[n] = at
	}
}

// sightings are those that stand and had happened by a moment.
func (s *slowCommon) sightings(by time.Time) (list []network.Sighting) {
	firsts, addresses, refs := map[naming]domain.When{}, map[domain.AccountID]bool{}, map[naming]network.Sighting{}
	for of, movements := range s.now {
		for _, versions := range movements {
			for _, m := range versions {
				if !by.IsZero() && m.When.Time.After(by) {
					continue
				}
				for _, a := range append(accountsOf(m), addressesOf(m)...) {
					addresses[a] = addresses[a] || slices.Contains(addressesOf(m), a)
					if n := (naming{a, of}); firsts[n].IsZero() || m.When.Time.Before(firsts[n].Time) {
						firsts[n] = m.When
					}
				}
				key := naming{domain.AccountID(m.Ref), of}
				if known, ok := refs[key]; m.Ref != "" && (!ok || s.at[m] < known.Since) {
					refs[key] = network.Sighting{Match: network.ByPayment, Key: m.Ref, Case: of, What: m.Ref, Since: s.at[m]}
				}
			}
		}
	}
	for n, at := range s.first {
		if _, happened := firsts[n]; !meets(n.account) || !happened && !s.words[n] {
			continue
		}
		match := network.ByAccount
		if addresses[n.account] {
			match = network.ByAddress
		}
		list = append(list, network.Sighting{Match: match, Key: string(n.account), Case: n.in, What: string(n.account), Since: at, First: firsts[n]})
	}
	for _, r := range refs {
		list = append(list, r)
	}
	return list
}

// told writes links down without what only the times of payments tell.
func toldLinks(links []network.Link) (list []string) {
	for _, l := range links {
		text := fmt.Sprint(l.Match, " ", l.Here.What, " ", l.Here.Case, l.Here.Since, " ", l.There.Case, l.There.Since)
		if l.Match != network.ByPayment {
			text += fmt.Sprint(" ", l.Here.First.Time, l.There.First.Time) // a bare day and its first second are one time
		}
		list = append(list, text)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// What cases have in common, as of any position and any moment, is what a
// reading of the log up to there gives.
func TestCommonIsWhatTheLogTells(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		log := drawLog(t, r, 60)
		upto := rapid.IntRange(3, len(log.records)).Draw(r, "upto")
		by := time.Time{}
		if rapid.Bool().Draw(r, "asked by a moment") {
			by = domain.Date(2024, 2, rapid.IntRange(1, 4).Draw(r, "day")).End()
		}
		views := see(t, log)
		slow := slowly(r, log.prefix(upto))
		for _, id := range []domain.CaseID{"C1", "C2", ""} {
			common, err := views.Common(context.Background(), Meeting{Ask: Ask{Case: id, Upto: uint64(upto), At: by}})
			if err != nil {
				r.Fatal(err)
			}
			kept := slices.DeleteFunc(common.Sightings, func(s network.Sighting) bool { return s.Match == network.ByCluster })
			got, want := toldLinks(network.Links(kept, id)), toldLinks(network.Links(slow.sightings(by), id))
			if !slices.Equal(got, want) {
				r.Fatalf("case %q as of %d, by %s:\n%v\nthe log tells\n%v", id, upto, by, got, want)
			}
		}
		views.Close()
	})
}

// What came into common after a position is what is common now and was not
// then.
func TestWhatCameIntoCommonIsTheDifference(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		log := drawLog(t, r, 40)
		after := uint64(rapid.IntRange(1, len(log.records)).Draw(r, "after"))
		views := see(t, log)
		common, err := views.Common(context.Background(), Meeting{Ask: Ask{Case: "C1"}, After: after})
		if err != nil {
			r.Fatal(err)
		}
		var got, want []string
		for _, n := range common.Sightings {
			if n.Match == network.ByAccount || n.Match == network.ByAddress {
				got = append(got, n.What)
			}
		}
		slow := slowly(r, log)
		for n, at := range slow.first {
			for _, other := range []domain.CaseID{"C2", "C3"} {
				there, shared := slow.first[naming{n.account, other}]
				if n.in == "C1" && shared && meets(n.account) && max(at, there) > after && !settledBefore(slow, n.account, after) {
					want = append(want, string(n.account))
				}
			}
		}
		slices.Sort(want)
		for _, account := range slices.Compact(want) {
			if !slices.Contains(got, account) {
				r.Fatalf("%s came into common after %d, and only %v are told", account, after, got)
			}
		}
		views.Close()
	})
}

// settledBefore says whether C1 and another case named the account before: then
// a third that names it now is its own news, not C1's.
func settledBefore(slow *slowCommon, account domain.AccountID, after uint64) bool {
	own := slow.first[naming{account, "C1"}]
	for _, other := range []domain.CaseID{"C2", "C3"} {
		if there, ok := slow.first[naming{account, other}]; ok && max(own, there) <= after {
			return true
		}
	}
	return false
}
