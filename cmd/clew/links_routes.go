package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

// routesShape is `links routes --json`.
type routesShape struct {
	asOf
	Rule   tracing.Rule `json:"rule"`
	Routes []routeShape `json:"routes"`
	Cut    bool         `json:"cut"` // there are more
}

type routeShape struct {
	Accounts []domain.AccountID `json:"accounts"`
	Victims  []rodeShape        `json:"victims"`
}

type rodeShape struct {
	Victim    domain.VictimID     `json:"victim"`
	Arrived   string              `json:"arrived"`
	Asset     domain.AssetCode    `json:"asset"`
	Movements []domain.MovementID `json:"movements"`
}

func (p *program) linksRoutes() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "routes CASE", Short: "Say over which accounts, one after the other, several victims' money went",
		Long: `List the longest ways over two accounts or more, up to eight, that the lots of two victims or more went in the order of
time, with the first movements by which each did and what arrived of each at the end. Victims' own accounts and ends are
on none.`,
		Example: "  clew links routes C1", Args: p.takes("CASE"),
	}
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.answerCase(ctx, id, &ask, func(o *office, question projections.Ask) error {
			found, err := o.views.SharedRoutes(ctx, question)
			if err != nil {
				return err
			}
			shape := routesShape{ask.asOf(found.Case, found.Position), found.Rule, []routeShape{}, found.Cut}
			for _, r := range found.List {
				route := routeShape{Accounts: r.Accounts}
				for _, v := range r.Victims {
					route.Victims = append(route.Victims, rodeShape{v.Victim, v.Arrived.String(), v.Arrived.Asset.Code, v.Movements})
				}
				shape.Routes = append(shape.Routes, route)
			}
			return p.say(reply{object: shape, table: routesTable(shape.Routes), text: func(w *page) { routesText(w, shape) }})
		})
	})
	return ask.rules(p.caseFlag(cmd))
}

func routesTable(routes []routeShape) *table {
	t := newTable("route", "victim", "arrived>", "asset", "movements")
	for _, r := range routes {
		for _, v := range r.Victims {
			t.add(arrowed(r.Accounts), string(v.Victim), v.Arrived, string(v.Asset), joined(v.Movements))
		}
	}
	return t
}

// arrowed writes accounts in the order in which money went.
func arrowed(accounts []domain.AccountID) string {
	return strings.Join(strings.Split(joined(accounts), ", "), " → ")
}

func routesText(w *page, shape routesShape) {
	w.head("Ways that several victims' money went in case %s, under %s, as of position %d of the log", shape.Case, shape.Rule, shape.Position)
	if len(shape.Routes) == 0 {
		w.line("None that is recorded.")
	}
	for i, r := range shape.Routes {
		if i == maxShown {
			w.line("… and %d more: --json has them all", len(shape.Routes)-i)
			break
		}
		w.space()
		w.head("%s", arrowed(r.Accounts))
		for _, v := range r.Victims {
			w.line("  %s: %s %s arrived; first by %s", v.Victim, v.Arrived, v.Asset, joined(v.Movements))
		}
	}
	if shape.Cut {
		w.line("There are more: the search was ended.")
	}
}
