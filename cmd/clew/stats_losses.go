package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
)

// lossesShape is a table of what victims report to have paid, in JSON.
type lossesShape struct {
	surveyShape
	Columns []string     `json:"columns"` // what the rows are grouped by
	Overlap bool         `json:"overlap"` // a payment may stand in several rows
	Rows    []lossShape  `json:"rows"`
	Worth   *worthShape  `json:"worth"` // null: nobody asked for one asset
	RestsOn []restsShape `json:"rests_on"`
	Held    *heldShape   `json:"trafficked_persons,omitempty"` // of the table trafficked
}

// heldShape counts the trafficked persons that are registered, in JSON.
type heldShape struct {
	Registered int `json:"registered"`
	Paying     int `json:"paying"`
	AtCentre   int `json:"at_centre"`
}

type lossShape struct {
	Period   string            `json:"period"`
	Group    map[string]string `json:"group"` // "": not known
	Asset    domain.AssetCode  `json:"asset"`
	Cases    int               `json:"cases"`
	Victims  int               `json:"victims"`
	Payments int               `json:"payments"`
	Reported string            `json:"reported"`
}

// worthShape is what the payments were worth in one asset, in JSON.
type worthShape struct {
	Asset domain.AssetCode `json:"asset"`
	Rows  []worthRow       `json:"rows"`
}

type worthRow struct {
	Period   string            `json:"period"`
	Group    map[string]string `json:"group"`
	Payments int               `json:"payments"` // that could be priced
	Of       int               `json:"of"`
	Worth    string            `json:"worth"`
}

// lossStats is the command of one table of what victims report to have paid.
func (p *program) lossStats(of, short, more string) *cobra.Command {
	var c counting
	cmd := &cobra.Command{
		Use: of, Short: short,
		Long: short + ".\n\n" + strings.TrimSpace(`Amounts are those that the ledgers have as reported, asset by asset, and never mixed. What is not known has a row of its
own, and below the table stands what share of the victims and of the amount it rests on. --in adds a second table in one
asset, at the rate of each payment's own day; what has no rate is in no sum of it. `+more),
		Example: fmt.Sprintf("  clew stats %s\n  clew stats %[1]s --by quarter --in EUR --at 2024-06-30 --json", of), Args: p.takes(),
	}
	cmd.Flags().StringVar(&c.in, "in", "", "also in this asset, by the rates recorded with 'clew rate publish'")
	count := func(views *projections.Views, ctx context.Context, ask projections.StatsAsk) (*projections.LossStats, error) {
		return views.LossStats(ctx, of, ask)
	}
	cmd.RunE = tableOf(p, &c, count, func(stats *projections.LossStats) reply {
		t := lossesTable(stats)
		return reply{object: shapeOfLosses(&c, stats), table: t, text: func(w *page) { lossText(w, short, stats, t) }}
	})
	return c.times(c.periods(p.allCases(cmd)))
}

func shapeOfLosses(c *counting, s *projections.LossStats) lossesShape {
	shape := lossesShape{surveyShape: c.shape(s.Of, s.Surveyed), Columns: s.Columns, Overlap: s.Overlap, Rows: []lossShape{}, RestsOn: shapeOfShares(s.RestsOn)}
	for _, r := range s.Rows {
		shape.Rows = append(shape.Rows, lossShape{r.Period, groupNamed(s.Columns, r.Group), r.Asset.Code, r.Cases, r.Victims, r.Payments, r.Asset.Format(r.Reported)})
	}
	if s.Of == "trafficked" {
		shape.Held = &heldShape{s.Held.Registered, s.Held.Paying, s.Held.AtCentre}
	}
	if s.In.Code != "" {
		shape.Worth = &worthShape{Asset: s.In.Code, Rows: []worthRow{}}
		for _, r := range s.Worth {
			shape.Worth.Rows = append(shape.Worth.Rows, worthRow{r.Period, groupNamed(s.Columns, r.Group), r.Payments, r.Of, s.In.Format(r.Worth)})
		}
	}
	return shape
}

func lossesTable(s *projections.LossStats) *table {
	t := newTable(append(headsOf(s.Per, s.Columns), "asset", "cases>", "victims>", "payments>", "reported>")...)
	for _, r := range s.Rows {
		t.add(append(cellsOf(s.Per, r.Period, r.Group), string(r.Asset.Code), number(r.Cases), number(r.Victims), number(r.Payments), r.Asset.Format(r.Reported))...)
	}
	return t
}

func lossText(w *page, title string, s *projections.LossStats, t *table) {
	w.head("%s", title)
	if len(s.Rows) == 0 {
		w.line("No victim reports a payment in %s.", count(s.Cases, "case"))
		heldText(w, s)
		surveyText(w, s.Surveyed)
		return
	}
	w.table(t)
	if s.In.Code != "" {
		worth := newTable(append(headsOf(s.Per, s.Columns), "payments with a rate>", "of>", "worth in "+string(s.In.Code)+">")...)
		for _, r := range s.Worth {
			worth.add(append(cellsOf(s.Per, r.Period, r.Group), number(r.Payments), number(r.Of), s.In.Format(r.Worth))...)
		}
		w.section("In one asset, each payment at the rate of its own day", worth)
	}
	w.space()
	if s.Overlap {
		w.line("A payment may stand in several rows: do not add them.")
	}
	sharesText(w, s.RestsOn)
	heldText(w, s)
	surveyText(w, s.Surveyed)
}

// heldText says how many trafficked persons there are: a table of payments
// alone would not show those of whom none is reported.
func heldText(w *page, s *projections.LossStats) {
	if s.Of == "trafficked" {
		w.line("%s registered as trafficked; payments of %d are reported, %d are tied to a scam centre.",
			count(s.Held.Registered, "person"), s.Held.Paying, s.Held.AtCentre)
	}
}
