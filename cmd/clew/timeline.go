package main

import (
	"context"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
)

// entryShape is one line of a timeline in JSON.
type entryShape = projections.EntryShape

// timelineShape is `timeline --json`: the case told twice.
type timelineShape struct {
	Case     domain.CaseID `json:"case"`
	Position uint64        `json:"position"`
	At       *string       `json:"at"`
	KnownAt  *string       `json:"known_at"`
	Happened []entryShape  `json:"happened"` // movement by movement, as the case is walked
	Known    []entryShape  `json:"known"`    // event by event, in the order of the log
}

func (p *program) timelineCommand() *cobra.Command {
	var ask asking
	order := ""
	cmd := &cobra.Command{
		Use: "timeline ID", Short: "Tell the case as it happened and as it became known",
		Long: `Tell the case twice: movement by movement as it happened, and event by event as it became known, with who
recorded it and when. --order happened or --order known gives one of the two.`,
		Example: "  clew timeline C1\n  clew timeline C1 --order known --known-at 2024-03-01", Args: p.takes("ID"),
	}
	cmd.Flags().StringVar(&order, "order", "both", "happened, known or both")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		if order != "both" && order != "happened" && order != "known" {
			return domain.Usage("--order %q is not one of happened, known, both", order)
		}
		return p.with(ctx, mustExist, func(o *office) error {
			shape := timelineShape{Case: id, Happened: []entryShape{}, Known: []entryShape{}}
			if err := o.timeline(ctx, &ask, order, &shape); err != nil {
				return err
			}
			return p.say(reply{object: shape, table: timelineTable(shape), text: func(w *page) { timelineText(w, shape, order) }})
		})
	})
	return ask.times(p.caseFlag(cmd))
}

func (o *office) timeline(ctx context.Context, ask *asking, order string, shape *timelineShape) error {
	question, err := ask.question(ctx, o, shape.Case)
	if err != nil {
		return err
	}
	if shape.Position = question.Upto; question.Upto == projections.Head {
		if shape.Position, err = o.store.Head(ctx); err != nil {
			return err
		}
	}
	question.Upto = shape.Position
	shape.At, shape.KnownAt = ask.told()
	for _, part := range []struct {
		name  string
		order projections.Order
		to    *[]entryShape
	}{{"happened", projections.AsItHappened, &shape.Happened}, {"known", projections.AsItBecameKnown, &shape.Known}} {
		if order != "both" && order != part.name {
			continue
		}
		err := o.views.Timeline(ctx, question, part.order, func(e projections.Entry) error {
			*part.to = append(*part.to, e.Shape())
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// timelineTable is for a spreadsheet: both tellings under one another.
func timelineTable(shape timelineShape) *table {
	t := newTable("telling", "time", "position>", "recorded_at", "actor", "kind", "movement", "text")
	addEntries(t, "happened", shape.Happened)
	addEntries(t, "known", shape.Known)
	return t
}

func addEntries(t *table, telling string, list []entryShape) {
	for _, e := range list {
		t.add(telling, timeOf(e), number(e.Position), e.RecordedAt, e.Actor, e.Kind, string(e.Movement), e.Text)
	}
}

func timeOf(e entryShape) string {
	if e.Time == nil {
		return ""
	}
	return e.Time.String()
}

func timelineText(w *page, shape timelineShape, order string) {
	w.head("Case %s, as of position %d of the log%s", shape.Case, shape.Position, headShape{At: shape.At, KnownAt: shape.KnownAt}.times())
	if order != "known" {
		t := newTable("time", "movement", "what happened")
		for _, e := range shape.Happened {
			t.add(timeOf(e), string(e.Movement), e.Text)
		}
		w.section("As it happened", t)
	}
	if order != "happened" {
		w.section("As it became known", knownTable(shape.Known))
	}
}

func knownTable(list []entryShape) *table {
	t := newTable("position>", "recorded at", "by", "what became known")
	for _, e := range list {
		t.add(number(e.Position), e.RecordedAt, e.Actor, e.Text)
	}
	return t
}

// diffShape is `diff --json`: what became known between two positions, and
// what it changed in each victim's numbers.
type diffShape struct {
	Case    domain.CaseID `json:"case"`
	Rule    string        `json:"rule"`
	From    uint64        `json:"from"`
	To      uint64        `json:"to"`
	At      *string       `json:"at"`
	Changes []changeShape `json:"changes"`
	Events  []entryShape  `json:"events"` // the first thousand
	Count   uint64        `json:"count"`  // of all events
}

// changeShape is one victim's ledger before and after; null where he had none.
type changeShape struct {
	Victim domain.VictimID  `json:"victim"`
	Asset  domain.AssetCode `json:"asset"`
	Before *ledgerRowShape  `json:"before"`
	After  *ledgerRowShape  `json:"after"`
}

func (p *program) diffCommand() *cobra.Command {
	var ask asking
	var from, to string
	cmd := &cobra.Command{
		Use: "diff ID", Short: "Show what a new event changed in each victim's numbers",
		Long: `Compare the case as it was known at two positions of the log: which events came between, and what they changed
in each victim's ledger. 'clew timeline' shows the positions. --to is the end of the log where it is left away.`,
		Example: "  clew diff C1 --from 12 --to 15", Args: p.takes("ID"),
	}
	flags := cmd.Flags()
	flags.StringVar(&from, "from", "", "position of the log before (needed)")
	flags.StringVar(&to, "to", "", "position of the log after (default: its end)")
	flags.StringVar(&ask.rule, "rule", "", "by which rule (default: the case's locked rule, else fifo)")
	flags.StringVar(&ask.at, "at", "", "what had happened by then: RFC 3339 or a date (the end of that day, UTC), inclusive")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		before, err := positionOf("--from", from)
		if err != nil {
			return err
		}
		after := uint64(projections.Head)
		if to != "" {
			if after, err = positionOf("--to", to); err != nil {
				return err
			}
		}
		return p.with(ctx, mustExist, func(o *office) error {
			question, err := ask.question(ctx, o, id)
			if err != nil {
				return err
			}
			d, err := o.views.Diff(ctx, question, before, after)
			if err != nil {
				return err
			}
			shape := shapeOfDiff(d)
			shape.At, _ = ask.told()
			return p.say(reply{object: shape, table: diffTable(shape), text: func(w *page) { diffText(w, shape) }})
		})
	})
	return p.caseFlag(cmd)
}

func shapeOfDiff(d *projections.Difference) diffShape {
	shape := diffShape{Case: d.Case, Rule: string(d.Rule), From: d.From, To: d.To, Changes: []changeShape{}, Events: []entryShape{}, Count: d.Count}
	for _, c := range d.Changes {
		shape.Changes = append(shape.Changes, changeShape{c.Victim, c.Asset.Code, rowOrNull(c.Before), rowOrNull(c.After)})
	}
	for _, e := range d.Events {
		shape.Events = append(shape.Events, e.Shape())
	}
	return shape
}

func rowOrNull(r *projections.LedgerRow) *ledgerRowShape {
	if r == nil {
		return nil
	}
	shape := ledgerRowOf(r)
	return &shape
}

// diffTable has a line for each number that changed.
func diffTable(shape diffShape) *table {
	t := newTable("victim", "asset", "what", "before>", "after>")
	for _, c := range shape.Changes {
		before, after := c.figures(c.Before), c.figures(c.After)
		for i := range before {
			same := before[i].amount == after[i].amount || nothing(before[i].amount) && nothing(after[i].amount)
			if !same {
				t.add(string(c.Victim), string(c.Asset), before[i].name, before[i].amount, after[i].amount)
			}
		}
	}
	return t
}

// figures are the numbers of one side; of none where he had no ledger.
func (c changeShape) figures(r *ledgerRowShape) []struct{ name, amount string } {
	if r == nil {
		r = &ledgerRowShape{}
	}
	return append([]struct{ name, amount string }{{"reported", r.Reported}, {"own", r.Own}, {"paid_back", r.PaidBack}, {"net", r.Net}}, r.sums()...)
}

func diffText(w *page, shape diffShape) {
	w.head("Case %s, rule %s: from position %d to %d of the log%s", shape.Case, shape.Rule, shape.From, shape.To, headShape{At: shape.At}.times())
	w.section("What became known", knownTable(shape.Events))
	if shape.Count > uint64(len(shape.Events)) {
		w.line("… and %d more: 'clew timeline %s --order known' tells all.", shape.Count-uint64(len(shape.Events)), shape.Case)
	}
	if shape.Count == 0 {
		w.line("Nothing was recorded between the two.")
	}
	if len(shape.Changes) == 0 {
		w.space()
		w.line("No victim's numbers changed.")
		return
	}
	w.section("What it changed", diffTable(shape))
}
