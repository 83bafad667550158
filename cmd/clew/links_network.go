package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/network"
	"clew/projections"
	"clew/tracing"
)

// asOf is what every answer says about when it is asked as of.
type asOf struct {
	Case     domain.CaseID `json:"case"`
	Position uint64        `json:"position"`
	At       *string       `json:"at"`
	KnownAt  *string       `json:"known_at"`
}

func (a *asking) asOf(id domain.CaseID, position uint64) asOf {
	at, known := a.told()
	return asOf{id, position, at, known}
}

// hubsShape is `links hubs --json`.
type hubsShape struct {
	asOf
	Rule  tracing.Rule    `json:"rule"`
	Cases []domain.CaseID `json:"cases"`
	Hubs  []hubShape      `json:"hubs"`
	Ask   []hitShape      `json:"ask"` // other teams' cases that name a hub
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
teams' cases it says whom to ask. Without a case all cases are. Where the case's rule moves no whole lots (pro-rata,
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
		if len(args) == 0 && p.caseID == "" {
			return p.with(ctx, mustExist, func(o *office) error { return errors.Join(o.consulted(""), say(o, "")) })
		}
		id, _, err := p.about(args)
		if err != nil {
			return err
		}
		return p.withCase(ctx, id, &ask, func(o *office, _ *domain.CaseFile, _ uint64) error { return say(o, id) })
	})
	return ask.rules(p.caseFlag(cmd))
}

func hubsOf(at asOf, found *projections.Hubs, others []casework.Hit) hubsShape {
	shape := hubsShape{at, found.Rule, listed(found.Cases), []hubShape{}, hitShapes(others)}
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
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		return p.ofCase(ctx, args, &ask, func(o *office, question projections.Ask) error {
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

// ofCase answers a question about one case.
func (p *program) ofCase(ctx context.Context, args []string, ask *asking, do func(*office, projections.Ask) error) error {
	id, _, err := p.about(args)
	if err != nil {
		return err
	}
	return p.withCase(ctx, id, ask, func(o *office, _ *domain.CaseFile, _ uint64) error {
		question, err := ask.question(ctx, o, id)
		if err != nil {
			return err
		}
		return do(o, question)
	})
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

// ringsShape is `links rings --json`.
type ringsShape struct {
	asOf
	Components [][]domain.AccountID `json:"components"`
	Core       []domain.AccountID   `json:"core"`
	AtLeast    int                  `json:"core_at_least"`
	Coreness   int                  `json:"coreness"`
	Strong     [][]domain.AccountID `json:"strong"`
	Cycles     []cycleShape         `json:"cycles"`
	UpTo       int                  `json:"cycles_up_to"` // all rings of up to so many accounts are listed
	Cut        bool                 `json:"cycles_cut"`   // longer ones were asked for, and would have taken too long
	Scatters   []scatterShape       `json:"scatter_gather"`
}

type cycleShape struct {
	Accounts  []domain.AccountID  `json:"accounts"`
	InTime    bool                `json:"in_order_of_time"`
	Movements []domain.MovementID `json:"movements"`
}

type scatterShape struct {
	From      domain.AccountID    `json:"from"`
	Over      []domain.AccountID  `json:"over"`
	To        domain.AccountID    `json:"to"`
	Movements []domain.MovementID `json:"movements"`
}

func (p *program) linksRings() *cobra.Command {
	var ask asking
	question := projections.RingsAsk{}
	cmd := &cobra.Command{
		Use: "rings CASE", Short: "Say which accounts pay one another in rings, and where money was spread and gathered",
		Long: `Look at a case's payments, with those of the cases linked to it, as a graph: who hangs together at all (components),
who deals with at least so many others of the same group (core), where money can go from each to each and back (strong
groups), the rings up to a length, and where one account spread money over several that paid it to one. Victims' own
accounts and ends are left out: everybody pays those. Collectors of one operation often show as a core; so does a family.`,
		Example: "  clew links rings C1\n  clew links rings C1 --core 3 --json", Args: p.takes("CASE"),
	}
	flags := cmd.Flags()
	flags.BoolVar(&question.Traced, "traced", false, "only accounts to which victims' money came, by the lots")
	flags.IntVar(&question.Core, "core", 2, "with how many others of its group each account deals at least")
	flags.IntVar(&question.Spread, "spread", 2, "over how many accounts money was spread at least")
	flags.IntVar(&question.Longest, "longest", network.LongestCycle, fmt.Sprintf("the longest ring, up to %d", network.LongestCycle))
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		if question.Core < 1 || question.Spread < 2 || question.Longest < 2 || question.Longest > network.LongestCycle {
			return domain.Usage("--core is 1 or more, --spread 2 or more, --longest 2 to %d", network.LongestCycle)
		}
		return p.ofCase(ctx, args, &ask, func(o *office, asked projections.Ask) error {
			question.Ask = asked
			found, err := o.views.Rings(ctx, question)
			if err != nil {
				return err
			}
			shape := ringsOf(ask.asOf(found.Case, found.Position), found, question.Core)
			return p.say(reply{object: shape, table: ringsTable(shape, whole), text: func(w *page) { ringsText(w, shape) }})
		})
	})
	return ask.rules(p.caseFlag(cmd))
}

func ringsOf(at asOf, found *projections.Rings, core int) ringsShape {
	shape := ringsShape{at, listed(found.Components), listed(found.Core), core, found.Coreness, listed(found.Strong), []cycleShape{}, found.Cycles.UpTo, found.Cycles.Cut, []scatterShape{}}
	for _, c := range found.Cycles.List {
		shape.Cycles = append(shape.Cycles, cycleShape{c.Accounts, c.InTime, c.Movements})
	}
	for _, s := range found.Scatters {
		shape.Scatters = append(shape.Scatters, scatterShape{s.From, s.Over, s.To, s.Movements})
	}
	return shape
}

// whole names every account of a group.
func whole(group []domain.AccountID) string { return joined(group) }

// beginning names the first accounts of a group, for a person.
func beginning(group []domain.AccountID) string {
	if len(group) <= maxNamed {
		return joined(group)
	}
	return fmt.Sprintf("%s, … and %d more", joined(group[:maxNamed]), len(group)-maxNamed)
}

// maxNamed is how many accounts of a group fit a line.
const maxNamed = 8

func ringsTable(shape ringsShape, named func([]domain.AccountID) string) *table {
	t := newTable("what", "accounts>", "which", "movements")
	groups := func(what string, list [][]domain.AccountID) {
		for _, group := range list {
			t.add(what, number(len(group)), named(group), "")
		}
	}
	groups("component", shape.Components)
	if len(shape.Core) > 0 {
		groups(fmt.Sprintf("%d-core", shape.AtLeast), [][]domain.AccountID{shape.Core})
	}
	groups("strong group", shape.Strong)
	for _, c := range shape.Cycles {
		what := "ring"
		if c.InTime {
			what = "ring in the order of time"
		}
		t.add(what, number(len(c.Accounts)), arrowed(append(slices.Clone(c.Accounts), c.Accounts[0])), joined(c.Movements))
	}
	for _, s := range shape.Scatters {
		t.add("scatter-gather", number(len(s.Over)+2), fmt.Sprintf("%s → %s → %s", s.From, named(s.Over), s.To), joined(s.Movements))
	}
	return t
}

func ringsText(w *page, shape ringsShape) {
	w.head("Rings in case %s, as of position %d of the log", shape.Case, shape.Position)
	t := ringsTable(shape, beginning)
	if len(t.rows) == 0 {
		w.line("None that is recorded.")
		return
	}
	hidden := len(t.rows) - maxShown
	t.rows = t.rows[:min(len(t.rows), maxShown)]
	w.table(t)
	if hidden > 0 {
		w.line("… and %d more: --json has them all", hidden)
	}
	w.space()
	w.line("The largest core that there is: every account deals with at least %d others of it.", shape.Coreness)
	w.line("A ring is a reason to look, never a verdict: friends who lend one another money are one, too.")
	if shape.Cut {
		w.line("Rings of more than %d accounts are too many to be listed: --traced looks only where victims' money went.", shape.UpTo)
	}
}
