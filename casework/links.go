package casework

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"clew/domain"
	"clew/network"
	"clew/projections"
	"clew/vault"
)

// Hit is one thing that a case has in common with another one: that it is so,
// since when, and whom to ask. Of another team's case it says no more.
type Hit struct {
	network.Link
	KnownHere, KnownThere time.Time // when each case first recorded it
	Team, Contact         string    // of the other case; "" where nobody has said
	SameTeam              bool      // both are assigned to one team: what the other case calls it may be shown
	Joined                bool      // the two are walked as one already
}

// Links are the hits of a case, or of all cases, as of a position of the log.
type Links struct {
	Case     domain.CaseID
	Position uint64
	Hits     []Hit
}

// Links says what a case has in common with others; of "", what all cases
// have. Each hit is logged for both cases: who combined what, and why.
func (d *Desk) Links(ctx context.Context, by By, a projections.Ask, why string) (*Links, error) {
	links, err := d.links(ctx, by, projections.Meeting{Ask: a})
	if err != nil {
		return nil, err
	}
	return links, d.logHits(by, links, why)
}

// AccountAsk asks in which other cases an account occurs, under any of its names.
type AccountAsk struct {
	projections.Ask
	Names []domain.AccountID
	Why   string
}

// AccountLinks are the hits of a case that concern one account. Those alone are
// logged: no other was looked at.
func (d *Desk) AccountLinks(ctx context.Context, by By, a AccountAsk) (*Links, error) {
	links, err := d.links(ctx, by, projections.Meeting{Ask: a.Ask})
	if err != nil {
		return nil, err
	}
	links.Hits = slices.DeleteFunc(links.Hits, func(h Hit) bool { return !slices.Contains(a.Names, domain.AccountID(h.Here.What)) })
	return links, d.logHits(by, links, a.Why)
}

// Met says what a case has come to have in common with others since a position
// of the log: what the answer to an act tells. What was recorded stays so where
// this cannot be found out.
func (d *Desk) Met(ctx context.Context, by By, c domain.CaseID, after uint64) ([]Hit, error) {
	links, err := d.links(ctx, by, projections.Meeting{Ask: projections.Ask{Case: c}, After: max(after, 1)})
	if err != nil {
		return nil, fmt.Errorf("it is recorded, but what it has in common with other cases could not be found ('clew links %s' asks again): %w", c, err)
	}
	return links.Hits, d.logHits(by, links, "found as it was recorded")
}

func (d *Desk) links(ctx context.Context, by By, m projections.Meeting) (*Links, error) {
	common, err := d.Views.Common(ctx, m)
	if err != nil {
		return nil, err
	}
	persons, err := d.personSightings(ctx, common, m.After)
	if err != nil {
		return nil, err
	}
	found := network.Links(append(common.Sightings, persons...), m.Case)
	found = network.SinceFound(network.WithoutPlainer(found, network.Clusters(common.Identities)), common.Identities)
	found = slices.DeleteFunc(found, func(l network.Link) bool {
		return m.Case == "" && common.Hidden[l.Here.Case] || silentTo(by, common, l.There.Case) || max(l.Here.Since, l.There.Since) <= m.After
	})
	links := &Links{Case: m.Case, Position: common.Position}
	for _, l := range found {
		links.Hits = append(links.Hits, d.hit(common, l))
	}
	return links, d.tellJoined(ctx, links)
}

// silentTo says whether a case is silent, and somebody may not look into it. A
// team is a word that a case's own people give it: to call one's own case alike
// must not tell of what another keeps silent.
func silentTo(by By, common *projections.Common, c domain.CaseID) bool {
	return common.Assigned[c].Silent && !by.sees(c)
}

// Hubs says where several victims' money has met in a case, with what came
// there in other cases of the same team that name the account, and whom to ask
// in those of others. Of "": in all cases. That cases were combined is logged.
func (d *Desk) Hubs(ctx context.Context, by By, a projections.Ask, why string) (*projections.Hubs, []Hit, error) {
	links, err := d.links(ctx, by, projections.Meeting{Ask: a})
	if err != nil {
		return nil, nil, err
	}
	ask := projections.HubsAsk{Ask: a}
	var others []Hit
	for _, h := range links.Hits {
		if h.Match != network.ByAccount || a.Case == "" || h.Joined {
			continue
		}
		open, err := d.openTo(ctx, by, h)
		if err != nil {
			return nil, nil, err
		}
		if open {
			ask.Others = append(ask.Others, h.There.Case)
		} else {
			others = append(others, h)
		}
	}
	if a.Case == "" {
		if ask.Without, err = d.closedToHits(ctx, a); err != nil {
			return nil, nil, err
		}
	}
	hubs, err := d.Views.Hubs(ctx, ask)
	if err != nil {
		return nil, nil, err
	}
	others = slices.DeleteFunc(others, func(h Hit) bool {
		return !slices.ContainsFunc(hubs.Hubs, func(hub network.Hub) bool { return string(hub.Account) == h.Here.What })
	})
	return hubs, others, d.logHits(by, links, why)
}

// openTo says whether the lots of the other case of a hit may be looked at by
// somebody: he may look into it and into all that are walked as one with it, it
// is the same team's, and none of their files is closed to others.
func (d *Desk) openTo(ctx context.Context, by By, h Hit) (bool, error) {
	if !h.SameTeam {
		return false, nil
	}
	asOne, err := d.Views.WalkedAsOne(ctx, h.There.Case, projections.Head)
	for _, c := range asOne {
		if err != nil || !by.sees(c) {
			return false, err
		}
		var closed bool
		if closed, err = d.hasClosedFile(ctx, c); closed {
			return false, err
		}
	}
	return err == nil, err
}

// hasClosedFile says whether a case has a file that gives others no hit.
func (d *Desk) hasClosedFile(ctx context.Context, c domain.CaseID) (bool, error) {
	file, err := d.Views.CaseFile(ctx, c, projections.Head)
	if err != nil {
		return false, err
	}
	for name := range file.Files {
		if file.MayLeave(name, domain.OutletHit).Verdict != domain.Allowed {
			return true, nil
		}
	}
	return false, nil
}

// closedToHits are the cases that an answer about all cases keeps silent about:
// those of a team that wants it so, and those that have a closed file.
func (d *Desk) closedToHits(ctx context.Context, a projections.Ask) (map[domain.CaseID]bool, error) {
	common, err := d.Views.Common(ctx, projections.Meeting{Ask: a})
	if err != nil {
		return nil, err
	}
	without := maps.Clone(common.Hidden)
	rows, err := d.Views.Cases(ctx, projections.Head)
	for _, row := range rows {
		closed, wrong := d.hasClosedFile(ctx, row.Case)
		without[row.Case] = without[row.Case] || closed
		err = errors.Join(err, wrong)
	}
	return without, err
}

// hit says whom to ask about a link, and leaves out what another team's case
// calls it: that would be its content.
func (d *Desk) hit(common *projections.Common, l network.Link) Hit {
	h := Hit{Link: l, KnownHere: common.At(l.Here.Since).RecordedAt, KnownThere: common.At(l.There.Since).RecordedAt}
	theirs, said := common.Assigned[l.There.Case]
	ours := common.Assigned[l.Here.Case]
	if said {
		opened := d.Opened(l.There.Case, theirs).(domain.CaseAssigned)
		h.Team, h.Contact = opened.Team, opened.Contact.Clear
	}
	h.SameTeam = said && theirs.Team == ours.Team
	if !h.SameTeam {
		h.There.First = domain.When{}
		if !slices.Contains(sameName, l.Match) {
			h.There.What = ""
		}
	}
	h.Here.Key, h.There.Key = "", ""
	return h
}

// sameName are the matches in which both cases call the thing the same.
var sameName = []network.Match{network.ByPayment, network.ByAccount, network.ByAddress}

// tellJoined says which hits are between cases that are walked as one already.
func (d *Desk) tellJoined(ctx context.Context, links *Links) error {
	asOne := map[domain.CaseID][]domain.CaseID{}
	for i := range links.Hits {
		here := links.Hits[i].Here.Case
		if _, read := asOne[here]; !read {
			cases, err := d.Views.WalkedAsOne(ctx, here, links.Position)
			if err != nil {
				return err
			}
			asOne[here] = cases
		}
		links.Hits[i].Joined = slices.Contains(asOne[here], links.Hits[i].There.Case)
	}
	return nil
}

// logHits logs that cases were combined: for each of them.
func (d *Desk) logHits(by By, links *Links, why string) error {
	met := map[domain.CaseID][]domain.CaseID{}
	for _, h := range links.Hits {
		for _, side := range [][2]domain.CaseID{{h.Here.Case, h.There.Case}, {h.There.Case, h.Here.Case}} {
			if !slices.Contains(met[side[0]], side[1]) {
				met[side[0]] = append(met[side[0]], side[1])
			}
		}
	}
	for _, c := range slices.Sorted(maps.Keys(met)) {
		slices.Sort(met[c])
		if err := d.Reading(by, Read{Does: vault.Combined, Case: c, What: fmt.Sprintf("hit with %v", met[c]), Purpose: Purpose{Why: why}}); err != nil {
			return err
		}
	}
	return nil
}

// personSightings are the persons that cases know, by the keyed hashes of their
// names and of what else they are met by. No name is opened. What was erased
// joins no more, nor does what is kept for evidence alone.
func (d *Desk) personSightings(ctx context.Context, common *projections.Common, after uint64) ([]network.Sighting, error) {
	if d.Vault == nil || d.Vault.Absence() != nil {
		return nil, nil
	}
	facts, err := d.Views.SealedFacts(ctx, after, common.Position, aboutPersons()...)
	if err != nil || len(facts) == 0 {
		return nil, err
	}
	if after > 0 { // somebody new has been told of: whether he was known before, all tell
		if facts, err = d.Views.SealedFacts(ctx, 0, common.Position, aboutPersons()...); err != nil {
			return nil, err
		}
	}
	roll := roll{desk: d, restricted: d.restricted(), now: map[entryOfRoll]known{}, since: map[markOfRoll]uint64{}}
	for _, fact := range facts {
		if common.Hidden[fact.Case] {
			continue
		}
		if err := roll.take(fact); err != nil {
			return nil, err
		}
	}
	return roll.sightings(), nil
}

// aboutPersons are the kinds of event that say who somebody is.
func aboutPersons() []string {
	return []string{domain.VictimRegistered{}.Kind(), domain.PersonRegistered{}.Kind(), domain.AccountDescribed{}.Kind(),
		domain.IdentifierNoted{}.Kind(), domain.IdentifierWithdrawn{}.Kind()}
}

// roll is who is known in which case, and by what.
type roll struct {
	desk       *Desk
	restricted map[string]string
	now        map[entryOfRoll]known
	since      map[markOfRoll]uint64
}

// entryOfRoll is one thing that a case says of somebody: his name, or an
// identifier by its own name.
type entryOfRoll struct {
	of         domain.CaseID
	whose      domain.Whose
	identifier string
}

// known is what is said now.
type known struct {
	match network.Match
	marks []string
}

type markOfRoll struct {
	of    domain.CaseID
	whose domain.Whose
	match network.Match
	mark  string
}

// take notes a fact; a later one takes the place of an earlier one.
func (r *roll) take(fact projections.Fact) error {
	switch e := fact.Event.(type) {
	case domain.VictimRegistered:
		return r.says(fact, entryOfRoll{of: fact.Case, whose: domain.Whose{Victim: e.Victim}}, e.Name)
	case domain.PersonRegistered:
		return r.says(fact, entryOfRoll{of: fact.Case, whose: domain.Whose{Person: e.Person}}, e.Name)
	case domain.AccountDescribed:
		if e.Holder == nil {
			return nil
		}
		return r.says(fact, entryOfRoll{of: fact.Case, whose: domain.Whose{Account: e.Account}}, e.Holder)
	case domain.IdentifierNoted:
		return r.says(fact, entryOfRoll{fact.Case, e.About, e.Identifier}, &e.Value)
	case domain.IdentifierWithdrawn:
		for entry := range r.now {
			if entry.of == fact.Case && entry.identifier == e.Identifier {
				delete(r.now, entry)
			}
		}
	}
	return nil
}

func (r *roll) says(fact projections.Fact, entry entryOfRoll, text *domain.Personal) error {
	delete(r.now, entry)
	if text == nil || r.restricted[text.Key] != "" {
		return nil
	}
	match, sort := network.ByPerson, vault.OfName
	if noted, ok := fact.Event.(domain.IdentifierNoted); ok {
		match, sort = network.Match(noted.Sort), string(noted.Sort)
	}
	marks, err := r.desk.Vault.Joins(sort, *text)
	for _, mark := range marks {
		key := markOfRoll{entry.of, entry.whose, match, mark}
		if _, before := r.since[key]; !before {
			r.since[key] = fact.Position
		}
	}
	r.now[entry] = known{match, marks}
	return err
}

func (r *roll) sightings() (list []network.Sighting) {
	told := map[markOfRoll]bool{}
	for entry, now := range r.now {
		for _, mark := range now.marks {
			told[markOfRoll{entry.of, entry.whose, now.match, mark}] = true
		}
	}
	for one := range told {
		list = append(list, network.Sighting{Match: one.match, Key: one.mark, Case: one.of, What: one.whose.String(), Since: r.since[one]})
	}
	return list
}
