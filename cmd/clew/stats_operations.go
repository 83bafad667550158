package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
)

// operationsShape is `stats operations --json`: nothing of what others have
// published is in the rows.
type operationsShape struct {
	surveyShape
	Overlap   bool                     `json:"overlap"` // a case counts in several rows
	Rows      []operationShape         `json:"rows"`
	RestsOn   []restsShape             `json:"rests_on"`
	Published []domain.PublishedFigure `json:"published"`
}

type operationShape struct {
	Operation    domain.OperationID `json:"operation"`
	Title        string             `json:"title"`
	Lead         string             `json:"lead"`
	From         *domain.When       `json:"from"`
	Until        *domain.When       `json:"until"`
	Cases        []domain.CaseID    `json:"cases"`
	Closed       int                `json:"closed"`
	Victims      int                `json:"victims"`
	Trafficked   int                `json:"trafficked"`
	Suspects     int                `json:"suspects"`
	Countries    []string           `json:"countries"`
	AccountsHeld int                `json:"accounts_held"`
	WalletsHeld  int                `json:"wallets_held"`
	Sums         []operationAsset   `json:"sums"`
}

type operationAsset struct {
	Asset     domain.AssetCode `json:"asset"`
	Reported  string           `json:"reported"`
	Requests  int              `json:"requests"`
	Requested string           `json:"requested"`
	Held      string           `json:"held"`
	Traced    string           `json:"held_traced"`
	Seized    string           `json:"seized"`
	Restored  string           `json:"restored"`
	Returned  string           `json:"returned"`
}

func (p *program) operationStats() *cobra.Command {
	var c counting
	published := false
	cmd := &cobra.Command{
		Use: "operations", Short: "What the cases of each operation come to, with what was published of others beside it",
		Long: `Count the cases of each operation: victims, suspects, countries, accounts in which something was held, and, asset by
asset, what was reported, requested, held, seized, restored, returned. These are different ledgers and never added. Each
unit held counts once within an operation. What INTERPOL's operations were published to have come to stands apart, marked,
with its period and source, and is in none of the sums. With -o csv the counted rows come out, or, with --published,
the published ones.`,
		Example: "  clew stats operations\n  clew stats operations --at 2024-06-30 --json\n  clew stats operations --published -o csv", Args: p.takes(),
	}
	cmd.Flags().BoolVar(&published, "published", false, "only what others have published")
	cmd.RunE = tableOf(p, &c, (*projections.Views).OperationStats, func(stats *projections.OperationStats) reply {
		if published {
			list := publishedTable(stats.Published)
			return reply{object: stats.Published, table: list, text: func(w *page) { publishedText(w, list) }}
		}
		return reply{object: shapeOfOperations(&c, stats), table: operationsTable(stats), text: func(w *page) { operationsText(w, stats) }}
	})
	return c.rules(p.allCases(cmd))
}

func shapeOfOperations(c *counting, s *projections.OperationStats) operationsShape {
	shape := operationsShape{surveyShape: c.shape("operations", s.Surveyed), Overlap: s.Overlap, Rows: []operationShape{},
		RestsOn: shapeOfShares(s.RestsOn), Published: s.Published}
	for _, r := range s.Rows {
		row := operationShape{r.Operation, r.Said.Title, r.Said.Lead, whenOrNull(r.Said.From), whenOrNull(r.Said.Until), listed(r.Cases), r.Closed, r.Victims,
			r.Trafficked, r.Suspects, listed(r.Countries), r.AccountsHeld, r.WalletsHeld, []operationAsset{}}
		for _, sum := range r.Sums {
			show := sum.Asset.Format
			row.Sums = append(row.Sums, operationAsset{sum.Asset.Code, show(sum.Reported), sum.Requests, show(sum.Requested), show(sum.Held),
				show(sum.HeldTraced), show(sum.Seized), show(sum.Restored), show(sum.Returned)})
		}
		shape.Rows = append(shape.Rows, row)
	}
	return shape
}

// operationHeads and sumHeads are the columns of an operation and of what it
// comes to in one asset.
func operationHeads() []string {
	return []string{"operation", "cases>", "closed>", "victims>", "trafficked>", "suspects>", "countries", "accounts_held>", "wallets_held>"}
}

func sumHeads() []string {
	return []string{"asset", "reported>", "requests>", "requested>", "held>", "held_traced>", "seized>", "restored>", "returned>"}
}

func operationCells(r *projections.OperationRow) []string {
	return []string{string(r.Operation), number(len(r.Cases)), number(r.Closed), number(r.Victims), number(r.Trafficked), number(r.Suspects),
		strings.Join(r.Countries, " "), number(r.AccountsHeld), number(r.WalletsHeld)}
}

func sumCells(sum *projections.OperationSum) []string {
	show := sum.Asset.Format
	return []string{string(sum.Asset.Code), show(sum.Reported), number(sum.Requests), show(sum.Requested), show(sum.Held), show(sum.HeldTraced),
		show(sum.Seized), show(sum.Restored), show(sum.Returned)}
}

// operationsTable has a row for each operation and asset.
func operationsTable(s *projections.OperationStats) *table {
	t := newTable(slices.Concat(operationHeads(), sumHeads())...)
	for i := range s.Rows {
		r := &s.Rows[i]
		for n := range r.Sums {
			t.add(slices.Concat(operationCells(r), sumCells(&r.Sums[n]))...)
		}
		if len(r.Sums) == 0 {
			t.add(slices.Concat(operationCells(r), make([]string, len(sumHeads())))...)
		}
	}
	return t
}

func operationsText(w *page, s *projections.OperationStats) {
	w.head("What the cases of each operation come to")
	who, sums := newTable(operationHeads()...), newTable(append([]string{"operation"}, sumHeads()...)...)
	for i := range s.Rows {
		who.add(operationCells(&s.Rows[i])...)
		for n := range s.Rows[i].Sums {
			sums.add(append([]string{string(s.Rows[i].Operation)}, sumCells(&s.Rows[i].Sums[n])...)...)
		}
	}
	if len(s.Rows) == 0 {
		w.line("No case is worked in an operation: 'clew operation join CASE OPERATION' says so.")
	} else {
		w.table(who)
	}
	w.section(fmt.Sprintf("Different ledgers, never added to one another (held_traced by rule %s)", s.Rule), sums)
	w.space()
	if s.Overlap {
		w.line("A case is worked in several operations and counts in each: do not add the rows.")
	}
	sharesText(w, s.RestsOn)
	surveyText(w, s.Surveyed)
	w.space()
	publishedText(w, publishedTable(s.Published))
}

func publishedText(w *page, t *table) {
	w.head("PUBLISHED by others, not ours, and in none of the sums above")
	w.table(t)
}

func publishedTable(list []domain.PublishedFigure) *table {
	t := newTable("published_by", "of", "period", "measure", "value>", "unit", "source")
	for _, f := range list {
		t.add(f.Publisher, f.Of, f.Period, f.Measure, f.Value, f.Unit, f.Source)
	}
	return t
}
