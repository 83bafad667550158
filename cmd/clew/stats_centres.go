package main

import (
	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
)

// centreStatsShape is `stats centres --json`.
type centreStatsShape struct {
	surveyShape
	Rows    []centreRowShape `json:"rows"`
	RestsOn []restsShape     `json:"rests_on"`
}

type centreRowShape struct {
	centreShape
	Cases      int         `json:"cases"`
	Victims    int         `json:"victims"` // scam victims
	Trafficked int         `json:"trafficked"`
	Persons    int         `json:"persons"`
	Accounts   int         `json:"accounts"`
	Reported   []paidShape `json:"reported"`
}

type paidShape struct {
	Asset  domain.AssetCode `json:"asset"`
	Amount string           `json:"amount"`
}

func (p *program) centreStats() *cobra.Command {
	var c counting
	cmd := &cobra.Command{
		Use: "centres", Short: "Scam centres: where they are said to be, who is tied to them, and what their victims paid",
		Long: `Count, for each scam centre, the victims who are tied to it or whose case is as a whole: those who lose money, and
trafficked persons who are held there; persons, accounts, and what those victims report to have paid. Where a centre is, is
somebody's statement, with its source. A victim who is tied to two centres counts in both.`,
		Example: "  clew stats centres\n  clew stats centres --json", Args: p.takes(),
	}
	cmd.RunE = tableOf(p, &c, (*projections.Views).CentreStats, func(stats *projections.CentreStats) reply {
		shape, t := centresOf(&c, stats)
		return reply{object: shape, table: t, text: func(w *page) { centresText(w, stats, t) }}
	})
	return c.times(p.allCases(cmd))
}

func centresOf(c *counting, s *projections.CentreStats) (centreStatsShape, *table) {
	shape := centreStatsShape{surveyShape: c.shape("centres", s.Surveyed), Rows: []centreRowShape{}, RestsOn: shapeOfShares(s.RestsOn)}
	t := newTable("centre", "place", "country", "cases>", "victims>", "trafficked>", "persons>", "accounts>", "asset", "reported>", "fact or assessment", "source")
	for _, r := range s.Rows {
		row := centreRowShape{centreShape{r.Centre, r.Said.Place, r.Said.Country, r.Said.Source, r.Said.Assessment}, r.Cases, r.Victims, r.Trafficked, r.Persons, r.Accounts, []paidShape{}}
		line := func(amount, asset string) {
			t.add(string(r.Centre), orUnknown(r.Said.Place), orUnknown(r.Said.Country), number(r.Cases), number(r.Victims), number(r.Trafficked), number(r.Persons),
				number(r.Accounts), asset, amount, factOr(r.Said.Assessment), orUnknown(r.Said.Source))
		}
		for _, sum := range r.Sums {
			amount, asset := shown(sum)
			row.Reported = append(row.Reported, paidShape{asset, amount})
			line(amount, string(asset))
		}
		if len(r.Sums) == 0 {
			line("", "")
		}
		shape.Rows = append(shape.Rows, row)
	}
	return shape, t
}

func centresText(w *page, s *projections.CentreStats, t *table) {
	w.head("Scam centres, as said by their sources")
	if len(s.Rows) == 0 {
		w.line("No scam centre is described: 'clew centre describe' says where one is.")
	} else {
		w.table(t)
	}
	w.space()
	sharesText(w, s.RestsOn)
	surveyText(w, s.Surveyed)
}
