package projections

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"clew/domain"
)

// LossStats is one table of what victims report to have paid.
type LossStats struct {
	Surveyed
	Of      string   // one of LossTables
	Columns []string // what the rows are grouped by, beside the period
	Overlap bool     // a payment may stand in several rows
	In      domain.Asset
	Rows    []LossRow
	Worth   []WorthRow // In; empty where nobody asked
	RestsOn []Share
	Held    HeldPersons
}

// HeldPersons counts the trafficked persons that are registered: what a table
// of payments alone would not show.
type HeldPersons struct {
	Registered int
	Paying     int // of Registered: a payment of theirs is reported
	AtCentre   int // of Registered: tied to a scam centre
}

// LossRow is one group in one asset.
type LossRow struct {
	Period   string
	Group    []string // a value for each of the columns; "": not known
	Asset    domain.Asset
	Cases    int // those that told a payment of it
	Victims  int
	Payments int
	Reported domain.Units

	seen map[string]bool // cases and victims that were counted
}

// WorthRow is what a group's payments were worth in one asset, each at the
// rate of its own day.
type WorthRow struct {
	Period   string
	Group    []string
	Payments int // that could be priced
	Of       int // payments, in any asset
	Worth    domain.Units
}

// lossTable is how the losses are grouped. One payment may belong to several
// groups.
type lossTable struct {
	name    string
	columns []string
	overlap bool
	groups  func(*Reported) [][]string
	rests   []question
}

// question is something that may be known of a payment, or not.
type question struct {
	what  string
	known func(*Reported) bool
}

func lossTables() []lossTable {
	category := question{"the kind of victim", func(l *Reported) bool { return l.Category != "" }}
	typology := question{"the typology", func(l *Reported) bool { return l.Said.Typology != "" }}
	lure := question{"a lure", func(l *Reported) bool { return len(l.Said.Lures) > 0 }}
	country := question{"the victim's country", func(l *Reported) bool { return l.Said.Country != "" }}
	runFrom := question{"the country it is run from", func(l *Reported) bool { return l.Said.RunFrom != "" }}
	return []lossTable{
		{"losses", []string{"category"}, false, byCategory, []question{category}},
		{"typologies", []string{"typology"}, false, byTypology, []question{typology}},
		{"lures", []string{"lure"}, true, byLure, []question{lure}},
		{"countries", []string{"of", "country"}, true, byCountry, []question{country, runFrom}},
		{"trafficked", []string{"category", "paid_as"}, false, byDebt, []question{category}},
	}
}

func byCategory(l *Reported) [][]string { return [][]string{{string(l.Category)}} }

func byTypology(l *Reported) [][]string { return [][]string{{string(l.Said.Typology)}} }

// byLure puts a payment into a row for each lure.
func byLure(l *Reported) (groups [][]string) {
	for _, lure := range l.Said.Lures {
		groups = append(groups, []string{string(lure)})
	}
	if len(groups) == 0 {
		return [][]string{{""}}
	}
	return groups
}

// byCountry puts a payment into a row for where the victim was and into one
// for where the scam is run from: the two are never added.
func byCountry(l *Reported) [][]string {
	return [][]string{{"victim", l.Said.Country}, {"run_from", l.Said.RunFrom}}
}

// byDebt tells apart what trafficked persons paid as what. What victims of
// scams paid stands beside it as one row.
func byDebt(l *Reported) [][]string {
	switch {
	case l.Category != domain.TraffickedPerson:
		return [][]string{{string(l.Category), "any scam"}}
	case l.Said.Typology.Category() != domain.TraffickedPerson:
		return [][]string{{string(l.Category), ""}}
	}
	return [][]string{{string(l.Category), string(l.Said.Typology)}}
}

// LossTables lists the tables of what victims report to have paid.
func LossTables() (names []string) {
	for _, table := range lossTables() {
		names = append(names, table.name)
	}
	return names
}

// LossStats counts what victims report to have paid, grouped as one of LossTables
// says. Each payment counts once in each of its rows; the sums over all cases
// are those of their ledgers.
func (v *Views) LossStats(ctx context.Context, of string, a StatsAsk) (*LossStats, error) {
	at := slices.IndexFunc(lossTables(), func(t lossTable) bool { return t.name == of })
	if at < 0 {
		return nil, domain.Usage("there is no table %q of losses: take one of %s", of, strings.Join(LossTables(), ", "))
	}
	s, err := v.survey(ctx, a)
	if err != nil {
		return nil, err
	}
	count := lossCount{table: lossTables()[at], per: a.Per, rows: map[string]*LossRow{}, worth: map[string]*WorthRow{}}
	if count.price, err = v.pricing(ctx, s.ask); err != nil {
		return nil, err
	}
	count.rests = newShares(count.questions())
	err = s.each(ctx, func(g *caseGroup) error {
		losses, err := g.losses()
		if err != nil {
			return err
		}
		return count.add(g, losses)
	})
	if err != nil {
		return nil, err
	}
	return count.stats(s.about), nil
}

// pricing is how amounts are turned into one asset.
type pricing struct {
	rates domain.Rates
	in    domain.Asset
}

// pricing is nil where nobody asked for one asset.
func (v *Views) pricing(ctx context.Context, a StatsAsk) (*pricing, error) {
	if a.In == "" {
		return nil, nil
	}
	register, err := v.Assets(ctx, a.Upto)
	if err != nil {
		return nil, err
	}
	in, err := register.Find(a.In)
	if err != nil {
		return nil, domain.Usage("%v", err)
	}
	rates, err := v.Rates(ctx, a.Upto)
	return &pricing{rates, in}, err
}

// lossCount counts while the cases go by.
type lossCount struct {
	table lossTable
	per   string
	price *pricing
	rows  map[string]*LossRow
	worth map[string]*WorthRow
	rests []*shareCount
	held  HeldPersons
}

// questions are what the table rests on, and the rates where it is in one
// asset.
func (c *lossCount) questions() []question {
	if c.price == nil {
		return c.table.rests
	}
	return append(slices.Clone(c.table.rests), question{"a rate to " + string(c.price.in.Code), func(l *Reported) bool { return l.worth.Given() }})
}

// add counts the payments of one group of cases.
func (c *lossCount) add(g *caseGroup, losses []Reported) error {
	for i := range losses {
		l := &losses[i]
		if c.price != nil {
			l.worth, _ = c.price.rates.Convert(l.Amount, c.price.in, l.When.Day())
		}
		for _, group := range c.table.groups(l) {
			if err := c.row(l, group).add(g, l); err != nil {
				return err
			}
			if err := c.price.add(c, l, group); err != nil {
				return err
			}
		}
	}
	for _, rest := range c.rests {
		if err := rest.add(losses); err != nil {
			return err
		}
	}
	c.held.add(g, losses)
	return nil
}

// add counts the trafficked persons of one group of cases.
func (h *HeldPersons) add(g *caseGroup, losses []Reported) {
	for victim, said := range g.merged.Victims {
		if said.Category != domain.TraffickedPerson {
			continue
		}
		h.Registered++
		if slices.ContainsFunc(losses, func(l Reported) bool { return l.Victim == victim }) {
			h.Paying++
		}
		if slices.ContainsFunc(g.merged.Centres, func(c domain.CentreLinked) bool { return c.Of.Victim == victim }) {
			h.AtCentre++
		}
	}
}

// row is the row of a group in the payment's asset.
func (c *lossCount) row(l *Reported, group []string) *LossRow {
	period := periodOf(c.per, l.When)
	key := fmt.Sprintf("%q %q %s %d", period, group, l.Amount.Asset.Code, l.Amount.Asset.Digits)
	if c.rows[key] == nil {
		c.rows[key] = &LossRow{Period: period, Group: group, Asset: l.Amount.Asset, seen: map[string]bool{}}
	}
	return c.rows[key]
}

func (r *LossRow) add(g *caseGroup, l *Reported) (err error) {
	r.Cases += r.first("case " + string(l.Case))
	r.Victims += r.first("victim " + string(g.id) + " " + string(l.Victim))
	r.Payments += l.Payments
	if r.Reported, err = r.Reported.Add(l.Amount.Units); err != nil {
		return fmt.Errorf("the sum of %s: %w", r.Asset.Code, err)
	}
	return nil
}

// first is 1 for what was not counted before. A case's name has no blank.
func (r *LossRow) first(name string) int {
	if r.seen[name] {
		return 0
	}
	r.seen[name] = true
	return 1
}

// add adds what a payment was worth to its group.
func (p *pricing) add(c *lossCount, l *Reported, group []string) (err error) {
	if p == nil {
		return nil
	}
	period := periodOf(c.per, l.When)
	key := fmt.Sprintf("%q %q", period, group)
	if c.worth[key] == nil {
		c.worth[key] = &WorthRow{Period: period, Group: group}
	}
	row := c.worth[key]
	row.Of += l.Payments
	if !l.worth.Given() {
		return nil
	}
	row.Payments += l.Payments
	if row.Worth, err = row.Worth.Add(l.worth.Units); err != nil {
		return fmt.Errorf("the sum in %s: %w", p.in.Code, err)
	}
	return nil
}

func (c *lossCount) stats(about Surveyed) *LossStats {
	stats := &LossStats{Surveyed: about, Of: c.table.name, Columns: c.table.columns, Overlap: c.table.overlap, Held: c.held}
	for _, row := range c.rows {
		row.seen = nil
		stats.Rows = append(stats.Rows, *row)
	}
	slices.SortFunc(stats.Rows, func(a, b LossRow) int {
		return cmp.Or(cmp.Compare(a.Period, b.Period), slices.Compare(a.Group, b.Group), cmp.Compare(a.Asset.Code, b.Asset.Code))
	})
	if c.price != nil {
		stats.In = c.price.in
	}
	for _, key := range slices.Sorted(maps.Keys(c.worth)) {
		stats.Worth = append(stats.Worth, *c.worth[key])
	}
	for _, rest := range c.rests {
		stats.RestsOn = append(stats.RestsOn, rest.share())
	}
	return stats
}
