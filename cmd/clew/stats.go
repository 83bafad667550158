package main

import (
	"context"
	"fmt"
	"slices"

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

// tableOf is the body of every table: it asks what the flags ask, counts, and
// writes what was counted.
func tableOf[S any](p *program, c *counting, count func(*projections.Views, context.Context, projections.StatsAsk) (S, error), write func(S) reply) func(*cobra.Command, []string) error {
	return p.does(func(ctx context.Context, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			question, err := o.askedOf(ctx, &c.asking, p.caseID)
			if err != nil {
				return err
			}
			progress := p.bar(ctx, "counting", nobodyKnows)
			counted, err := count(o.views, ctx, projections.StatsAsk{Ask: question, Per: c.per, In: c.in})
			progress.done()
			if err != nil {
				return err
			}
			return p.say(write(counted))
		})
	})
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

func surveyText(w *page, s projections.Surveyed) {
	w.line("Counted on %s, as of position %d of the log.", count(s.Cases, "case"), s.Position)
	for _, left := range s.LeftOut {
		w.line("Case %s is in no number: it cannot be walked: %s", left.Case, left.Why)
	}
}
