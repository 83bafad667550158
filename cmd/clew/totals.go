package main

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
)

// totalsShape is `totals --json`; with --published also what others count.
type totalsShape struct {
	*projections.Totals
	published []domain.PublishedFigure // nil: not asked for
}

// MarshalJSON keeps the published figures in a place of their own: nothing of
// them is in the rows.
func (t totalsShape) MarshalJSON() ([]byte, error) {
	own, err := json.Marshal(t.Totals)
	if err != nil || t.published == nil {
		return own, err
	}
	parts := map[string]json.RawMessage{}
	if err := json.Unmarshal(own, &parts); err != nil {
		return nil, err
	}
	if parts["published"], err = json.Marshal(t.published); err != nil {
		return nil, err
	}
	return json.Marshal(parts)
}

func (p *program) totalsCommand() *cobra.Command {
	var ask asking
	by, published := "", false
	cmd := &cobra.Command{
		Use: "totals", Short: "Count what was requested, held, seized and restored, over all cases",
		Long: `Count requests and what came of them, for each asset: requested (one loss once, whoever was asked for it), held
(ever, each unit once; it may exceed the known loss), seized, restored, released, returned. They are different
ledgers and never added to one another. held_traced is what of held traces to known victims, under the rule that
is named. Rows by case may count the same money and say so. --published shows what others have published,
beside our own and never added in.`,
		Example: "  clew totals\n  clew totals --by mechanism --at 2024-06-30 --json\n  clew totals --published", Args: p.takes(),
	}
	cmd.Flags().StringVar(&by, "by", "", "mechanism, country, scam, institution, month, case or operation")
	cmd.Flags().BoolVar(&published, "published", false, "also what others have published, with its sources")
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			totals, err := o.totals(ctx, &ask, by)
			if err != nil {
				return err
			}
			shape := totalsShape{Totals: totals}
			if published {
				shape.published = domain.Published()
			}
			return p.say(reply{object: shape, table: totalsTable(totals), text: func(w *page) { totalsText(w, shape) }})
		})
	})
	return ask.rules(p.allCases(cmd))
}

func (o *office) totals(ctx context.Context, ask *asking, by string) (*projections.Totals, error) {
	question, err := o.askedOf(ctx, ask, o.program.caseID)
	if err != nil {
		return nil, err
	}
	progress := o.program.bar(ctx, "counting what was held", nobodyKnows)
	totals, err := o.views.Totals(ctx, projections.TotalsAsk{Ask: question, By: by})
	progress.done()
	return totals, err
}

// totalsTable has the groups in front, then the sums as JSON names them.
func totalsTable(t *projections.Totals) *table {
	groups := groupsOf(t)
	names := append(append([]string{}, groups...), "asset", "requests>", "requested>", "held>", "held_traced>", "over_held>", "under_held>",
		"seized>", "restored>", "released>", "returned>", "transferred>", "success_rate>", "median_minutes_to_hold>")
	list := newTable(names...)
	for _, r := range t.Rows {
		var cells []string
		for _, name := range groups {
			cells = append(cells, r.Group[name])
		}
		show := r.Asset.Format
		rate, _ := r.SuccessRate()
		minutes := ""
		if median, ok := r.MedianToHold(); ok {
			minutes = projections.Minutes(median).String()
		}
		list.add(append(cells, string(r.Asset.Code), number(r.Requests), show(r.Requested), show(r.Held), show(r.HeldTraced), show(r.OverHeld),
			show(r.UnderHeld), show(r.Seized), show(r.Restored), show(r.Released), show(r.Returned), show(r.Transferred), rate, minutes)...)
	}
	return list
}

// groupsOf are the names of what the rows are grouped by.
func groupsOf(t *projections.Totals) []string {
	var names []string
	for _, name := range append([]string{"from"}, projections.TotalsBy()...) {
		for _, r := range t.Rows {
			if _, ok := r.Group[name]; ok {
				names = append(names, name)
				break
			}
		}
	}
	return names
}

func totalsText(w *page, shape totalsShape) {
	t := shape.Totals
	w.head("What was requested, held, seized and restored: never added to one another (held_traced by rule %s)", t.Rule)
	if len(t.Rows) == 0 {
		w.line("No request has gone out and no hold is recorded.")
	} else {
		w.table(totalsTable(t).without(nothing, "over_held", "under_held", "released", "returned", "transferred"))
	}
	if t.Overlap {
		w.line("The rows are counted case by case: two of them may count the same money.")
	}
	if shape.published == nil {
		return
	}
	list := newTable("publisher", "of", "period", "measure", "value>", "unit", "source")
	for _, f := range shape.published {
		list.add(f.Publisher, f.Of, f.Period, f.Measure, f.Value, f.Unit, f.Source)
	}
	w.section(strings.ToUpper("published")+" by others, not ours, and in none of the sums above", list)
}
