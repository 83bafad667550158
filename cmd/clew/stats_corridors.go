package main

import (
	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

// corridorsShape is `stats corridors --json`.
type corridorsShape struct {
	surveyShape
	Rows    []corridorShape `json:"rows"`
	RestsOn []restsShape    `json:"rests_on"`
}

type corridorShape struct {
	Period  string           `json:"period"`
	From    string           `json:"from"`  // the victim's country; "": not known
	First   string           `json:"first"` // the first account's
	End     string           `json:"end"`   // of where it lies, or was taken out
	State   tracing.State    `json:"state"`
	Asset   domain.AssetCode `json:"asset"`
	Victims int              `json:"victims"`
	Claim   string           `json:"claim"`
}

func (p *program) corridorStats() *cobra.Command {
	var c counting
	cmd := &cobra.Command{
		Use: "corridors", Short: "Which way the money went: the victim's country, the first account's, where it lies or was taken out",
		Long: `Follow what was each victim's own by the walk's lots, to the unit, from his country to that of the first account he paid
into, and to that of where it lies now or was taken out (cash, mixers, merchants). All rows of an asset sum to what was the
victims' own. The walk follows a victim's money and not that of each payment: who paid into several countries stands in one
row with all of them (HK+NL). --by groups by the time of a victim's first payment. An account's country is what was said
of it ('clew account describe --country'), else how its IBAN begins.`,
		Example: "  clew stats corridors\n  clew stats corridors --by quarter --rule fifo --known-at 2024-06-30 --json", Args: p.takes(),
	}
	cmd.RunE = tableOf(p, &c, (*projections.Views).CorridorStats, func(stats *projections.CorridorStats) reply {
		t := corridorsTable(stats)
		return reply{object: shapeOfCorridors(&c, stats), table: t, text: func(w *page) { corridorsText(w, stats, t) }}
	})
	return c.rules(c.periods(p.allCases(cmd)))
}

func shapeOfCorridors(c *counting, s *projections.CorridorStats) corridorsShape {
	shape := corridorsShape{surveyShape: c.shape("corridors", s.Surveyed), Rows: []corridorShape{}, RestsOn: shapeOfShares(s.RestsOn)}
	for _, r := range s.Rows {
		shape.Rows = append(shape.Rows, corridorShape{r.Period, r.From, r.First, r.End, r.State, r.Asset.Code, r.Victims, r.Asset.Format(r.Claim)})
	}
	return shape
}

func corridorsTable(s *projections.CorridorStats) *table {
	t := newTable(append(headsOf(s.Per, []string{"from", "first", "end"}), "state", "asset", "victims>", "claim>")...)
	for _, r := range s.Rows {
		cells := cellsOf(s.Per, r.Period, []string{r.From, r.First, r.End})
		if !r.Placed() {
			cells[len(cells)-1] = ""
		}
		t.add(append(cells, string(r.State), string(r.Asset.Code), number(r.Victims), r.Asset.Format(r.Claim))...)
	}
	return t
}

func corridorsText(w *page, s *projections.CorridorStats, t *table) {
	w.head("Which way the victims' money went (by rule %s)", s.Rule)
	if len(s.Rows) == 0 {
		w.line("No victim's money can be followed in %s.", count(s.Cases, "case"))
	} else {
		w.table(t)
	}
	w.space()
	sharesText(w, s.RestsOn)
	surveyText(w, s.Surveyed)
}
