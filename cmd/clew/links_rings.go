package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/network"
	"clew/projections"
)

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
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		if question.Core < 1 || question.Spread < 2 || question.Longest < 2 || question.Longest > network.LongestCycle {
			return domain.Usage("--core is 1 or more, --spread 2 or more, --longest 2 to %d", network.LongestCycle)
		}
		return p.answerCase(ctx, id, &ask, func(o *office, asked projections.Ask) error {
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
