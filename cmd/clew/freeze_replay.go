package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
)

// replayShape is `freeze replay --json`: what a hold would have kept, had it
// landed earlier.
type replayShape struct {
	headShape
	Freeze  domain.FreezeID  `json:"freeze"`
	Account domain.AccountID `json:"account"`
	Asset   domain.AssetCode `json:"asset"`
	HeldAt  domain.When      `json:"held_at"`
	Told    *string          `json:"told"` // what it was told to hold; null where nobody told
	Hop     int              `json:"hop"`
	Curve   []earlierShape   `json:"curve"`
}

// earlierShape is the hold so much earlier.
type earlierShape struct {
	Minutes json.Number                `json:"minutes_earlier"`
	Held    string                     `json:"held"`
	Traced  string                     `json:"traced"`
	More    string                     `json:"more"` // held, beyond what the hold kept in truth
	Victims map[domain.VictimID]string `json:"victims"`
	Hops    []hopShape                 `json:"hops"`
}

// hopShape is what lay so many movements from the victims at that time.
type hopShape struct {
	Hop    int    `json:"hop"`
	Traced string `json:"traced"`
}

func (p *program) freezeReplay() *cobra.Command {
	var ask asking
	var earlier []time.Duration
	cmd := &cobra.Command{
		Use: "replay CASE ID", Short: "Say what a hold would have kept, had it landed earlier",
		Long: `Shift a freeze's first hold to an earlier moment and walk the case again, by the same code and with nothing else
changed. more is what would have been held beyond what was. hops says where victims' money of the same asset lay at
that earlier moment, by how many movements it had gone. Without --earlier the whole curve is shown, up to a day.`,
		Example: "  clew freeze replay C1 F1\n  clew freeze replay C1 F1 --earlier 10m --json", Args: p.takes("CASE", "ID"),
	}
	cmd.Flags().DurationSliceVar(&earlier, "earlier", nil, "how much earlier, like 10m or 2h (may stand several times; default: the whole curve)")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		if len(earlier) > 0 && !slices.Contains(earlier, 0) {
			earlier = append(earlier, 0)
		}
		return p.with(ctx, mustExist, func(o *office) error {
			question, err := o.askedOf(ctx, &ask, string(id))
			if err != nil {
				return err
			}
			r, err := o.views.Replay(ctx, question, domain.FreezeID(rest[0]), earlier...)
			if err != nil {
				return err
			}
			shape := shapeOfReplay(r, ask.head(r.Traced))
			return p.say(reply{object: shape, table: replayTable(shape.Curve), text: func(w *page) { replayText(w, shape) }})
		})
	})
	return ask.rules(p.caseFlag(cmd))
}

func shapeOfReplay(r *projections.Replayed, head headShape) replayShape {
	show := r.Asset.Format
	shape := replayShape{headShape: head, Freeze: r.Freeze, Account: r.Account, Asset: r.Asset.Code, HeldAt: r.HeldAt, Hop: r.Hop, Curve: []earlierShape{}}
	if r.Told != nil {
		told := show(*r.Told)
		shape.Told = &told
	}
	for _, e := range r.Curve {
		row := earlierShape{projections.Minutes(e.Minus), show(e.Held), show(e.Traced), show(e.Held.Minus(r.Curve[0].Held)), map[domain.VictimID]string{}, []hopShape{}}
		for _, owner := range e.Victims {
			row.Victims[owner.Victim] = show(owner.Units)
		}
		for _, h := range e.Hops {
			row.Hops = append(row.Hops, hopShape{h.Hop, show(h.Traced)})
		}
		shape.Curve = append(shape.Curve, row)
	}
	return shape
}

func replayTable(curve []earlierShape) *table {
	t := newTable("minutes earlier>", "held>", "traced>", "more>", "where victims' money lay then")
	for _, e := range curve {
		var hops []string
		for _, h := range e.Hops {
			if !nothing(h.Traced) {
				hops = append(hops, fmt.Sprintf("hop %d: %s", h.Hop, h.Traced))
			}
		}
		t.add(e.Minutes.String(), e.Held, e.Traced, e.More, strings.Join(hops, ", "))
	}
	return t
}

func replayText(w *page, shape replayShape) {
	shape.head(w)
	w.line("Freeze %s landed on account %s at %s; here is what it would have held in %s, had it landed earlier.", shape.Freeze, shape.Account, shape.HeldAt, shape.Asset)
	w.space()
	w.table(replayTable(shape.Curve))
}
