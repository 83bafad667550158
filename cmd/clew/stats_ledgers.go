package main

import (
	"slices"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
)

// ledgersShape is `stats ledgers --json`.
type ledgersShape struct {
	surveyShape
	Rows    []ledgerSumShape `json:"rows"`
	RestsOn []restsShape     `json:"rests_on"`
}

type ledgerSumShape struct {
	Category string            `json:"category"` // "": not known
	Asset    domain.AssetCode  `json:"asset"`
	Victims  int               `json:"victims"`
	Sums     map[string]string `json:"sums"` // reported, own, paid_back, and the places that sum to own
}

func (p *program) ledgerStats() *cobra.Command {
	var c counting
	cmd := &cobra.Command{
		Use: "ledgers", Short: "The ledgers of all victims summed up: those who lose money, and those forced to run scams",
		Long: `Sum up the ledgers of all victims, asset by asset, by the walk's lots: what was reported, what of it was their own, and what
has become of that. own is the sum of at_large to fees, to the unit. Two kinds of victims stand apart and are never added.`,
		Example: "  clew stats ledgers\n  clew stats ledgers --rule pro-rata --at 2024-06-30 --json", Args: p.takes(),
	}
	cmd.RunE = tableOf(p, &c, (*projections.Views).LedgerStats, func(stats *projections.LedgerStats) reply {
		shape, t := ledgersOf(&c, stats)
		return reply{object: shape, table: t, text: func(w *page) { ledgersText(w, stats, t) }}
	})
	return c.rules(p.allCases(cmd))
}

func ledgersOf(c *counting, s *projections.LedgerStats) (ledgersShape, *table) {
	shape := ledgersShape{surveyShape: c.shape("ledgers", s.Surveyed), Rows: []ledgerSumShape{}, RestsOn: shapeOfShares(s.RestsOn)}
	heads := []string{"category", "asset", "victims>"}
	for _, name := range projections.LedgerFigures() {
		heads = append(heads, name+">")
	}
	t := newTable(heads...)
	for i := range s.Rows {
		r := &s.Rows[i]
		shape.Rows = append(shape.Rows, ledgerSumShape{r.Category, r.Asset.Code, r.Victims, groupNamed(projections.LedgerFigures(), r.Figures())})
		t.add(slices.Concat([]string{orUnknown(r.Category), string(r.Asset.Code), number(r.Victims)}, r.Figures())...)
	}
	return shape, t
}

func ledgersText(w *page, s *projections.LedgerStats, t *table) {
	w.head("The ledgers of all victims (by rule %s): own is the sum of at_large to fees", s.Rule)
	if len(s.Rows) == 0 {
		w.line("No victim reports a payment in %s.", count(s.Cases, "case"))
	} else {
		w.table(t.without(nothing, "paid_back", "seized", "restored", "returned", "at_service", "unaccounted", "fees"))
	}
	w.space()
	sharesText(w, s.RestsOn)
	surveyText(w, s.Surveyed)
}
