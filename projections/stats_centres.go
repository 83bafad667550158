package projections

import (
	"cmp"
	"context"
	"slices"

	"clew/domain"
)

// CentreStats is what is known of each scam centre: where it is, and whose
// money and whose freedom was lost to it.
type CentreStats struct {
	Surveyed
	Rows    []CentreRow
	RestsOn []Share
}

// CentreRow is one scam centre.
type CentreRow struct {
	Centre     domain.CentreID
	Said       domain.CentreDescribed // the zero value where nobody says where it is, or that was withdrawn
	Cases      int
	Victims    int // that are tied to it, or whose case is as a whole; without Trafficked
	Trafficked int
	Persons    int
	Accounts   int
	Sums       []domain.Amount // what its victims report to have paid, by asset

	seen map[string]bool
}

// CentreStats counts scam centres.
func (v *Views) CentreStats(ctx context.Context, a StatsAsk) (*CentreStats, error) {
	s, err := v.survey(ctx, a)
	if err != nil {
		return nil, err
	}
	said, err := v.Centres(ctx, s.ask.Upto)
	if err != nil {
		return nil, err
	}
	count := centreCount{rows: map[domain.CentreID]*CentreRow{}, tied: newShare("a scam centre")}
	for id, one := range said {
		count.row(id).Said = one
	}
	if err := s.each(ctx, count.add); err != nil {
		return nil, err
	}
	stats := &CentreStats{Surveyed: s.about, RestsOn: []Share{count.tied.share()}}
	for _, row := range count.rows {
		row.seen = nil
		slices.SortFunc(row.Sums, func(a, b domain.Amount) int { return cmp.Compare(a.Asset.Code, b.Asset.Code) })
		if s.ask.Case == "" || row.Cases > 0 {
			stats.Rows = append(stats.Rows, *row)
		}
	}
	slices.SortFunc(stats.Rows, func(a, b CentreRow) int { return cmp.Compare(a.Centre, b.Centre) })
	return stats, nil
}

// centreCount counts while the cases go by.
type centreCount struct {
	rows map[domain.CentreID]*CentreRow
	tied *shareCount
}

func (c *centreCount) row(id domain.CentreID) *CentreRow {
	if c.rows[id] == nil {
		c.rows[id] = &CentreRow{Centre: id, seen: map[string]bool{}}
	}
	return c.rows[id]
}

// add counts what ties one group of cases to scam centres.
func (c *centreCount) add(g *caseGroup) error {
	losses, err := g.losses()
	if err != nil {
		return err
	}
	for id, file := range g.files {
		for _, link := range file.Centres {
			c.row(link.Centre).tie(g, id, link.Of)
			if link.Of == (domain.Whose{}) {
				c.row(link.Centre).all(g, id, losses)
			}
		}
	}
	for i := range losses {
		l, tied := &losses[i], false
		for _, row := range c.rows {
			if row.seen[victimOf(g, l.Victim)] {
				tied = true
				if err := row.lose(l.Amount); err != nil {
					return err
				}
			}
		}
		if err := c.tied.note(l.Victim, l.Amount, tied); err != nil {
			return err
		}
	}
	c.tied.close()
	return nil
}

func victimOf(g *caseGroup, victim domain.VictimID) string {
	return "victim " + string(g.id) + " " + string(victim)
}

// tie takes note of one link.
func (r *CentreRow) tie(g *caseGroup, id domain.CaseID, of domain.Whose) {
	r.once(&r.Cases, "case "+string(id))
	switch {
	case of.Victim != "":
		r.victim(g, of.Victim, g.merged.Victims[of.Victim].Category)
	case of.Person != "":
		r.once(&r.Persons, "person "+string(id)+" "+string(of.Person))
	case of.Account != "":
		r.once(&r.Accounts, "account "+string(of.Account))
	}
}

// all ties the victims of a case that is tied as a whole.
func (r *CentreRow) all(g *caseGroup, id domain.CaseID, losses []Reported) {
	for victim, said := range g.files[id].Victims {
		r.victim(g, victim, said.Category)
	}
	for _, l := range losses {
		if l.Case == id {
			r.victim(g, l.Victim, l.Category)
		}
	}
}

func (r *CentreRow) victim(g *caseGroup, victim domain.VictimID, category domain.VictimCategory) {
	count := &r.Victims
	if category == domain.TraffickedPerson {
		count = &r.Trafficked
	}
	r.once(count, victimOf(g, victim))
}

func (r *CentreRow) once(count *int, name string) {
	if !r.seen[name] {
		r.seen[name] = true
		*count++
	}
}

// lose adds what a victim of it paid.
func (r *CentreRow) lose(paid domain.Amount) (err error) {
	at := slices.IndexFunc(r.Sums, func(sum domain.Amount) bool { return sum.Asset == paid.Asset })
	if at < 0 {
		r.Sums = append(r.Sums, paid)
		return nil
	}
	r.Sums[at], err = r.Sums[at].Add(paid)
	return err
}
