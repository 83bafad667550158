package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
)

// counting is the flags of every table of statistics.
type counting struct {
	asking
	per, in string
}

// periods gives a command the flag of the span of time.
func (c *counting) periods(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&c.per, "by", "", "one row for each month, quarter or year (UTC); left out: all time as one")
	return cmd
}

// surveyShape is what every table says of itself, in JSON.
type surveyShape struct {
	Stats    string                `json:"stats"`
	Position uint64                `json:"position"`
	At       *string               `json:"at"`
	KnownAt  *string               `json:"known_at"`
	Rule     string                `json:"rule"` // of the walk; the cases' own where they differ
	By       string                `json:"by"`   // "" for all time as one
	Cases    int                   `json:"cases"`
	LeftOut  []projections.LeftOut `json:"left_out"`
}

func (c *counting) shape(of string, s projections.Surveyed) surveyShape {
	shape := surveyShape{Stats: of, Position: s.Position, Rule: s.Rule, By: s.Per, Cases: s.Cases, LeftOut: listed(s.LeftOut)}
	shape.At, shape.KnownAt = c.told()
	return shape
}

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

// restsShape says on what share of the data a table rests, in JSON.
type restsShape struct {
	What    string       `json:"what"`
	Known   int          `json:"known"`
	Of      int          `json:"of"`
	Amounts []restsAsset `json:"amounts"`
}

type restsAsset struct {
	Asset domain.AssetCode `json:"asset"`
	Known string           `json:"known"`
	Of    string           `json:"of"`
	Share string           `json:"share"` // four decimals; "" of nothing
}

func (p *program) statsCommands() *cobra.Command {
	return p.branch("stats", "The larger picture over all cases, each table with what share of the data it rests on",
		p.lossStats("losses", "What victims report to have paid: those who lose money, and those forced to run scams", ""),
		p.lossStats("typologies", "What victims report to have paid, by kind of scam", ""),
		p.lossStats("lures", "What victims report to have paid, by what they were reached", "A payment with several lures stands in several rows."),
		p.lossStats("countries", "What victims report to have paid, by where they were and by where the scam is run from",
			"Each payment stands in two rows: that of the victim's country, and that of the country the scam is run from."),
		p.lossStats("trafficked", "What trafficked persons and theirs paid (ransom, debt bondage, recruitment fees), beside the victims of scams",
			"Two kinds of victims, never added: those who lose money, and those who are forced to run the scams."),
		p.ledgerStats(), p.corridorStats(), p.operationStats(), p.centreStats(), p.noticeStats(), p.crimeStats())
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
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			ask, err := o.surveyed(ctx, &c)
			if err != nil {
				return err
			}
			progress := p.bar(ctx, "counting", nobodyKnows)
			stats, err := o.views.LossStats(ctx, of, ask)
			progress.done()
			if err != nil {
				return err
			}
			t := lossesTable(stats)
			return p.say(reply{object: shapeOfLosses(&c, stats), table: t, text: func(w *page) { lossText(w, short, stats, t) }})
		})
	})
	return c.times(c.periods(p.allCases(cmd)))
}

// surveyed is the question that the flags ask.
func (o *office) surveyed(ctx context.Context, c *counting) (projections.StatsAsk, error) {
	question, err := o.askedOf(ctx, &c.asking, o.program.caseID)
	return projections.StatsAsk{Ask: question, Per: c.per, In: c.in}, err
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

// groupNamed gives each column its value.
func groupNamed(columns, values []string) map[string]string {
	group := map[string]string{}
	for i, column := range columns {
		group[column] = values[i]
	}
	return group
}

func shapeOfShares(list []projections.Share) []restsShape {
	shapes := []restsShape{}
	for _, s := range list {
		shape := restsShape{s.What, s.Known, s.Of, []restsAsset{}}
		for _, a := range s.Amounts {
			part, _ := a.Part()
			shape.Amounts = append(shape.Amounts, restsAsset{a.Asset.Code, a.Asset.Format(a.Known), a.Asset.Format(a.Of), part})
		}
		shapes = append(shapes, shape)
	}
	return shapes
}

// unknown is what a cell says where nobody knows.
const unknown = "not known"

func orUnknown(text string) string { return cmp.Or(text, unknown) }

// cellsOf are the first cells of a row: its period, where there are any, and
// its group.
func cellsOf(per, period string, group []string) (cells []string) {
	if per != "" {
		cells = append(cells, period)
	}
	for _, value := range group {
		cells = append(cells, orUnknown(value))
	}
	return cells
}

// headsOf are the columns of these cells.
func headsOf(per string, columns []string) []string {
	if per == "" {
		return slices.Clone(columns)
	}
	return append([]string{per}, columns...)
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

// sharesText says on what share of the data a table rests: "the victim's
// country is known for 61 of 80 victims, 74 % of the EUR".
func sharesText(w *page, list []projections.Share) {
	for _, s := range list {
		text := fmt.Sprintf("%s is known for %d of %s", capital(s.What), s.Known, count(s.Of, "victim"))
		for _, a := range s.Amounts {
			text += fmt.Sprintf(", %d %% of the %s", a.Percent(), a.Asset.Code)
		}
		w.line("%s.", text)
	}
}

// capital begins a sentence with a word.
func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

func surveyText(w *page, s projections.Surveyed) {
	w.line("Counted on %s, as of position %d of the log.", count(s.Cases, "case"), s.Position)
	for _, left := range s.LeftOut {
		w.line("Case %s is in no number: it cannot be walked: %s", left.Case, left.Why)
	}
}
