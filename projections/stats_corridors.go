package projections

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"clew/domain"
	"clew/tracing"
)

// CorridorStats is which way victims' money went between countries, as the
// walk's lots say: from the victim's, to that of the first account, to that of
// where it lies now or was taken out.
type CorridorStats struct {
	Surveyed
	Rows    []CorridorRow
	RestsOn []Share
}

// CorridorRow is one way in one asset. "" is not known.
type CorridorRow struct {
	Period  string // of the victim's first payment in the asset
	From    string // the victim's country; several where his payments tell several: DE+FR
	First   string // of the first account; several where he paid into several: HK+NL
	End     string // of where it is, or was taken out; "" too where there is no such account
	State   tracing.State
	Asset   domain.Asset
	Victims int
	Claim   domain.Units // exact lots: all rows of an asset sum to what was the victims' own

	seen map[string]bool
}

// Returned is the state of money that came home.
const Returned tracing.State = "returned"

// corridorCount counts while the cases go by.
type corridorCount struct {
	per  string
	rows map[string]*CorridorRow
	from *shareCount
	to   *shareCount
	end  *shareCount
}

// CorridorStats counts which way the money went. Poison marks accounts and
// follows nobody's money, so it has no corridors.
func (v *Views) CorridorStats(ctx context.Context, a StatsAsk) (*CorridorStats, error) {
	if a.Rule == tracing.Poison {
		return nil, domain.Usage("rule poison marks accounts and follows nobody's money: ask for corridors by another rule")
	}
	s, err := v.survey(ctx, a)
	if err != nil {
		return nil, err
	}
	count := corridorCount{per: a.Per, rows: map[string]*CorridorRow{}, from: newShare("the victim's country"),
		to: newShare("the first account's country"), end: newShare("the country of where it lies or was taken out")}
	if err := s.eachFollowed(ctx, count.add); err != nil {
		return nil, err
	}
	stats := &CorridorStats{Surveyed: s.about, RestsOn: []Share{count.from.share(), count.to.share(), count.end.share()}}
	for _, key := range slices.Sorted(maps.Keys(count.rows)) {
		row := *count.rows[key]
		row.seen = nil
		stats.Rows = append(stats.Rows, row)
	}
	slices.SortStableFunc(stats.Rows, func(a, b CorridorRow) int {
		return cmp.Or(cmp.Compare(a.Period, b.Period), cmp.Compare(a.From, b.From), cmp.Compare(a.First, b.First), cmp.Compare(a.End, b.End))
	})
	return stats, nil
}

// add counts the victims of one group of cases.
func (c *corridorCount) add(g *caseGroup) error {
	losses, err := g.losses()
	if err != nil {
		return err
	}
	of := map[reporter][]Reported{}
	for _, l := range losses {
		key := reporter{l.Victim, l.Amount.Asset}
		of[key] = append(of[key], l)
	}
	for _, line := range g.traced.Answer.Victims {
		if err := c.line(g, line, of[reporter{line.Victim, line.Asset}]); err != nil {
			return err
		}
	}
	for _, share := range []*shareCount{c.from, c.to, c.end} {
		share.close()
	}
	return nil
}

// line follows one victim's money of one asset to each of its places.
func (c *corridorCount) line(g *caseGroup, line tracing.Victim, losses []Reported) error {
	if len(losses) == 0 {
		return nil
	}
	way := CorridorRow{Asset: line.Asset, Period: periodOf(c.per, slices.MinFunc(losses, func(a, b Reported) int { return a.When.Time.Compare(b.When.Time) }).When)}
	way.From = several(losses, func(l Reported) string { return l.Said.Country })
	way.First = several(losses, func(l Reported) string { return g.countryOf(l.To) })
	places := append([]tracing.Place{{State: Returned, Claim: line.Returned}}, line.Places...)
	for _, place := range places {
		if place.Claim.IsZero() {
			continue
		}
		claim := domain.Amount{Units: place.Claim, Asset: line.Asset}
		way.End, way.State = "", place.State
		if way.Placed() {
			way.End = g.countryOf(place.Account)
			if err := c.end.note(line.Victim, claim, way.End != ""); err != nil {
				return err
			}
		}
		if err := c.note(g, way, line.Victim, claim); err != nil {
			return err
		}
	}
	return nil
}

// Placed says whether the money is at an account, or was taken out of one, that
// has a country: what came home, fees and what nobody recorded have none.
func (r *CorridorRow) Placed() bool {
	return !slices.Contains([]tracing.State{Returned, tracing.Unaccounted, tracing.Fees}, r.State)
}

// note adds a part of a claim to its way.
func (c *corridorCount) note(g *caseGroup, way CorridorRow, victim domain.VictimID, claim domain.Amount) (err error) {
	if err := c.from.note(victim, claim, way.From != "" && !strings.Contains(way.From, unsure)); err != nil {
		return err
	}
	if err := c.to.note(victim, claim, way.First != "" && !strings.Contains(way.First, unsure)); err != nil {
		return err
	}
	key := fmt.Sprintf("%q %s %d", []string{way.Period, way.From, way.First, way.End, string(way.State)}, way.Asset.Code, way.Asset.Digits)
	row := c.rows[key]
	if row == nil {
		way.seen = map[string]bool{}
		row = &way
		c.rows[key] = row
	}
	if name := string(g.id) + " " + string(victim); !row.seen[name] {
		row.seen[name] = true
		row.Victims++
	}
	if row.Claim, err = row.Claim.Add(claim.Units); err != nil {
		return fmt.Errorf("the sum of %s: %w", way.Asset.Code, err)
	}
	return nil
}

// unsure stands among several countries for one that is not known.
const unsure = "?"

// several are the countries of a victim's payments: one where all have the
// same, else all of them, for the walk follows his money and not that of each
// payment. "" where none is known.
func several(losses []Reported, country func(Reported) string) string {
	found := map[string]bool{}
	for _, l := range losses {
		found[cmp.Or(country(l), unsure)] = true
	}
	if len(found) == 1 && found[unsure] {
		return ""
	}
	return strings.Join(slices.Sorted(maps.Keys(found)), "+")
}
