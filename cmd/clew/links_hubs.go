package main

import (
	"context"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

// hubsShape is `links hubs --json`.
type hubsShape struct {
	asOf
	Rule  tracing.Rule    `json:"rule"`
	Cases []domain.CaseID `json:"cases"`
	// LeftOut counts the cases that an answer about all leaves out: silent, or with a file that gives others no hit.
	LeftOut int        `json:"left_out"`
	Hubs    []hubShape `json:"hubs"`
	Ask     []hitShape `json:"ask"` // other teams' cases that name a hub
}

type hubShape struct {
	Account domain.AccountID `json:"account"`
	Asset   domain.AssetCode `json:"asset"`
	Meets   bool             `json:"meets_here"`
	Victims []broughtShape   `json:"victims"`
}

type broughtShape struct {
	Case      domain.CaseID       `json:"case"`
	Victim    domain.VictimID     `json:"victim"`
	Arrived   string              `json:"arrived"`
	First     string              `json:"first"`
	Last      string              `json:"last"`
	Movements []domain.MovementID `json:"movements"`
}

func (p *program) linksHubs() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "hubs [CASE]", Short: "Say at which accounts several victims' money has met, and how much of each",
		Long: `List the accounts at which the lots of two victims or more have arrived, with what arrived of each, to the unit, and
the movements that brought it. With a case, cases of the same team that name the account are looked at as well; of other
teams' cases it says whom to ask. Without a case all cases are, but for silent ones and those with a file that gives
others no hit, which are counted. Where the case's rule moves no whole lots (pro-rata,
libr, poison) they go by fifo. Victims' own accounts and ends are no hubs.`,
		Example: "  clew links hubs C1\n  clew links hubs --json", Args: p.takes("[CASE]"),
	}
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		say := func(o *office, id domain.CaseID) error {
			by, err := p.by()
			if err != nil {
				return err
			}
			question, err := ask.question(ctx, o, id)
			if err != nil {
				return err
			}
			found, others, err := o.desk.Hubs(ctx, by, question, p.why)
			if err != nil {
				return err
			}
			shape := hubsOf(ask.asOf(id, found.Position), found, others)
			return p.say(reply{object: shape, table: hubsTable(shape.Hubs), text: func(w *page) { hubsText(w, shape) }})
		}
		return p.withCaseOrAll(ctx, args, &ask, say)
	})
	return ask.rules(p.caseFlag(cmd))
}

func hubsOf(at asOf, found *projections.Hubs, others []casework.Hit) hubsShape {
	shape := hubsShape{at, found.Rule, listed(found.Cases), found.LeftOut, []hubShape{}, hitShapes(others)}
	for _, h := range found.Hubs {
		hub := hubShape{Account: h.Account, Asset: h.Asset.Code, Meets: h.Here}
		for _, b := range h.Victims {
			hub.Victims = append(hub.Victims, broughtShape{b.Case, b.Victim, domain.Amount{Units: b.Units, Asset: h.Asset}.String(), b.First.String(), b.Last.String(), b.Movements})
		}
		shape.Hubs = append(shape.Hubs, hub)
	}
	return shape
}

func hubsTable(hubs []hubShape) *table {
	t := newTable("account", "asset", "case", "victim", "arrived>", "first", "last", "movements>", "meets here")
	for _, h := range hubs {
		for _, v := range h.Victims {
			t.add(string(h.Account), string(h.Asset), string(v.Case), string(v.Victim), v.Arrived, v.First, v.Last, number(len(v.Movements)), yesOrNo(h.Meets))
		}
	}
	return t
}

func hubsText(w *page, shape hubsShape) {
	w.head("Where several victims' money has met%s, under %s, as of position %d of the log", ofCase(shape.Case), shape.Rule, shape.Position)
	if shape.LeftOut > 0 {
		w.line("Left out: %s, silent or with a file that gives others no hit. 'clew links hubs CASE' asks one.", count(shape.LeftOut, "case"))
	}
	if len(shape.Hubs) == 0 {
		w.line("Nowhere that is recorded.")
		return
	}
	w.table(hubsTable(shape.Hubs))
	w.space()
	w.line("Meets here: their money came there apart. Else it came there together, from another hub.")
	hitsText(w, shape.Ask)
}

func ofCase(id domain.CaseID) string {
	if id == "" {
		return " in any case"
	}
	return " in case " + string(id)
}
