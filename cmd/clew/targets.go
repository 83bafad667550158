package main

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

// targetsShape is `targets --json`: where a hold would do most, best first.
type targetsShape struct {
	headShape
	Now          string         `json:"now"`
	Latency      json.Number    `json:"minutes_to_hold"`
	LatencyBasis string         `json:"minutes_to_hold_from"`
	Targets      []targetShape  `json:"targets"`
	Warnings     []traceWarning `json:"warnings"`
}

// targetShape is one account that is worth a hold.
type targetShape struct {
	Account     domain.AccountID           `json:"account"`
	Asset       domain.AssetCode           `json:"asset"`
	Traced      string                     `json:"traced"`
	Expected    string                     `json:"expected"`
	Least       string                     `json:"least"`
	Most        string                     `json:"most"`
	OnlyUnder   tracing.Rule               `json:"only_under"` // "": under more rules than one
	Victims     map[domain.VictimID]string `json:"victims"`
	Institution string                     `json:"institution"`
	Country     string                     `json:"country"`
	Seen        string                     `json:"seen"`
	Basis       projections.Basis          `json:"basis"`
	Hop         int                        `json:"hop"`
	Frontier    bool                       `json:"frontier"`
	Care        bool                       `json:"care"`
	Innocent    bool                       `json:"innocent"`
	Why         string                     `json:"why"`
}

func (p *program) targetsCommand() *cobra.Command {
	var ask asking
	now, mechanism, takes := "", "", time.Duration(0)
	cmd := &cobra.Command{
		Use: "targets ID", Short: "Say what to freeze next, and why",
		Long: `Say where a hold would do most: victims' money that is there, how much of it is expected to be there still when
the hold lands, and the least and the most over the rules. Never more than the victims have not got back, so that an
innocent holder's own money stays free. Victims' homes, ends and pooled services are never among them. How long
money stays is learned from the account, its institution, or all accounts; how long a hold takes from this log, or
told with --takes. Without --now it is asked as of the last movement.`,
		Example: "  clew targets C1\n  clew targets C1 --now 2024-03-01T10:00:00Z --mechanism i-grip\n  clew targets C1 --takes 44m --json", Args: p.takes("ID"),
	}
	cmd.Flags().StringVar(&now, "now", "", "when it is asked: RFC 3339 or a date (default: when the last movement happened)")
	cmd.Flags().StringVar(&mechanism, "mechanism", "", "whose usual time to a hold counts (default: all)")
	cmd.Flags().DurationVar(&takes, "takes", 0, "how long a hold takes, like 44m or 3h (default: learned from this log)")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) (err error) {
		question := projections.TargetsAsk{Mechanism: mechanism, Latency: takes}
		if question.Now, err = timeFlag("--now", now); err != nil {
			return err
		}
		if takes < 0 {
			return domain.Usage("--takes %s: a hold takes no time below nothing", takes)
		}
		return p.with(ctx, mustExist, func(o *office) error {
			if mechanism != "" {
				if _, err := o.mechanisms.Find(mechanism); err != nil {
					return err
				}
			}
			if question.Ask, err = ask.question(ctx, o, id); err != nil {
				return err
			}
			list, err := o.targets(ctx, question, id, &ask)
			if err != nil {
				return err
			}
			shape := shapeOfTargets(list, ask.head(list.Traced))
			return p.say(reply{object: shape, table: targetsTable(shape.Targets), text: func(w *page) { targetsText(w, shape) }})
		})
	})
	return ask.rules(p.caseFlag(cmd))
}

func (o *office) targets(ctx context.Context, question projections.TargetsAsk, id domain.CaseID, ask *asking) (*projections.Targets, error) {
	file, err := o.views.CaseFile(ctx, id, question.Upto)
	if err != nil {
		return nil, err
	}
	if !file.Opened {
		return nil, noCase(id, ask)
	}
	progress := o.program.bar(ctx, "walking the case under every rule", nobodyKnows)
	list, err := o.views.Targets(ctx, question)
	progress.done()
	return list, err
}

func shapeOfTargets(list *projections.Targets, head headShape) targetsShape {
	shape := targetsShape{headShape: head, Now: domain.Instant(list.Now).String(), Latency: projections.Minutes(list.Latency),
		LatencyBasis: list.LatencyBasis, Targets: []targetShape{}, Warnings: warningsOf(list.Answer.Warnings)}
	for _, t := range list.Rows {
		show := t.Asset.Format
		row := targetShape{t.Account, t.Asset.Code, show(t.Traced), show(t.Expected), show(t.Least), show(t.Most), t.OneRule,
			map[domain.VictimID]string{}, t.Institution, t.Country, domain.Instant(t.Seen).String(), t.Basis, t.Hop, t.Frontier, t.Coerced, t.Innocent, t.Why}
		for _, owner := range t.Victims {
			row.Victims[owner.Victim] = show(owner.Units)
		}
		shape.Targets = append(shape.Targets, row)
	}
	return shape
}

func targetsTable(list []targetShape) *table {
	t := newTable("account", "asset", "traced>", "expected>", "least>", "most>", "only under", "institution", "country", "seen", "hop>", "care")
	for _, r := range list {
		t.add(string(r.Account), string(r.Asset), r.Traced, r.Expected, r.Least, r.Most, string(r.OnlyUnder), r.Institution, r.Country, r.Seen,
			number(r.Hop), careWord(r.Care))
	}
	return t
}

func targetsText(w *page, shape targetsShape) {
	shape.head(w)
	w.line("Asked as of %s; a hold is taken to land after %s minutes (%s).", shape.Now, shape.Latency, cmp.Or(shape.LatencyBasis, "not known"))
	w.space()
	if len(shape.Targets) == 0 {
		w.line("No account holds victims' money that is at large.")
		return
	}
	w.table(targetsTable(shape.Targets).without(blank, "only under", "institution", "country", "care"))
	w.space()
	for _, t := range shape.Targets {
		w.line("%s: %s", t.Account, t.Why)
		if t.Care {
			w.line("%s: the holder may act under force: care before contact.", t.Account)
		}
	}
	for _, t := range shape.Targets {
		if !nothing(t.Traced) {
			w.space()
			w.line("Draft the first with: clew freeze request %s --account %s --amount %s --asset %s --mechanism …", shape.Case, t.Account, t.Traced, t.Asset)
			return
		}
	}
}
