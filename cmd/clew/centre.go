package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/projections"
)

func (p *program) centreCommands() *cobra.Command {
	return p.branch("centre", "Say where scam centres are, and who and what is tied to them",
		p.centreDescribe(), p.centreWithdraw(), p.centreLink(), p.centreUnlink(), p.centreList())
}

func (p *program) centreDescribe() *cobra.Command {
	var said domain.CentreDescribed
	cmd := &cobra.Command{
		Use: "describe CENTRE", Short: "Say where a scam centre is, and who says so",
		Long: `Say where a scam centre is, for all cases. CENTRE is a reference. A later description takes the place of the first. It is
somebody's statement and proves nothing; with --assessment it is a conclusion and not a fact.`,
		Example: `  clew centre describe SC-1 --place "Exampletown, east compound" --country MM --source "report of 4 March"`, Args: p.takes("CENTRE"),
	}
	flags := cmd.Flags()
	flags.StringVar(&said.Place, "place", "", "town, compound (needed)")
	flags.StringVar(&said.Country, "country", "", "ISO 3166-1 code of two letters (needed)")
	flags.StringVar(&said.Source, "source", "", "who says so (needed)")
	flags.BoolVar(&said.Assessment, "assessment", false, "an assessment and not a fact")
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		said.Centre = domain.CentreID(args[0])
		return p.act(ctx, mayMake, func(o *office, by casework.By) (act, error) {
			outcome, err := o.desk.DescribeCentre(ctx, by, said)
			return act{what: fmt.Sprintf("the scam centre %s is at %s", args[0], said.Place), fields: map[string]any{"centre": said.Centre},
				next: fmt.Sprintf("clew centre link CASE %s --victim V --source …", args[0]), outcome: outcome}, err
		})
	})
	return cmd
}

func (p *program) centreWithdraw() *cobra.Command {
	var gone domain.CentreWithdrawn
	cmd := &cobra.Command{
		Use: "withdraw CENTRE", Short: "Say that there is no such scam centre",
		Example: `  clew centre withdraw SC-1 --reason "it is an hotel"`, Args: p.takes("CENTRE"),
	}
	cmd.Flags().StringVar(&gone.Reason, "reason", "", "why (needed)")
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		gone.Centre = domain.CentreID(args[0])
		return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
			outcome, err := o.desk.WithdrawCentre(ctx, by, gone)
			return act{what: fmt.Sprintf("the scam centre %s is withdrawn", args[0]), fields: map[string]any{"centre": gone.Centre}, outcome: outcome}, err
		})
	})
	return cmd
}

func (p *program) centreLink() *cobra.Command {
	var of whoseFlags
	var link domain.LinkCentre
	cmd := &cobra.Command{
		Use: "link CASE CENTRE", Short: "Tie a victim, a person, an account or the whole case to a scam centre",
		Long: `Tie to a scam centre a victim who was held or called from there, a person who runs it, an account that takes its money, or
the case as a whole: then all of its victims count there.`,
		Example: `  clew centre link C1 SC-1 --victim V9 --source "interview of 4 March"`, Args: p.takes("CASE", "CENTRE"),
	}
	cmd.Flags().StringVar(&link.Source, "source", "", "who says so (needed)")
	cmd.Flags().BoolVar(&link.Assessment, "assessment", false, "an assessment and not a fact")
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		_, rest, err := p.about(args)
		if err != nil {
			return err
		}
		link.Centre = domain.CentreID(rest[0])
		return p.keeps(&of, func(whose domain.Whose) (domain.Command, string) {
			link.Of = whose
			return link, fmt.Sprintf("the scam centre %s has to do with %s", rest[0], whose.Tied())
		})(ctx, args)
	})
	return of.target(p.caseFlag(cmd))
}

func (p *program) centreUnlink() *cobra.Command {
	var of whoseFlags
	reason := ""
	cmd := &cobra.Command{
		Use: "unlink CASE CENTRE", Short: "Take such a tie back",
		Example: `  clew centre unlink C1 SC-1 --victim V9 --reason "he was held elsewhere"`, Args: p.takes("CASE", "CENTRE"),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why (needed)")
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		_, rest, err := p.about(args)
		if err != nil {
			return err
		}
		return p.keeps(&of, func(whose domain.Whose) (domain.Command, string) {
			return domain.UnlinkCentre{Centre: domain.CentreID(rest[0]), Of: whose, Reason: reason}, fmt.Sprintf("the scam centre %s has nothing to do with %s", rest[0], whose.Tied())
		})(ctx, args)
	})
	return of.target(p.caseFlag(cmd))
}

// centreShape is one scam centre in JSON.
type centreShape struct {
	Centre     domain.CentreID `json:"centre"`
	Place      string          `json:"place"`
	Country    string          `json:"country"`
	Source     string          `json:"source"`
	Assessment bool            `json:"assessment"`
}

func (p *program) centreList() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "list", Short: "List the scam centres with where they are, and who says so",
		Example: "  clew centre list", Args: p.takes(),
	}
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			upto, err := ask.known(ctx, o)
			if err != nil {
				return err
			}
			said, err := o.views.Centres(ctx, upto)
			if err != nil {
				return err
			}
			list, t := []centreShape{}, newTable("centre", "place", "country", "fact or assessment", "source")
			for _, id := range slices.Sorted(maps.Keys(said)) {
				c := said[id]
				list = append(list, centreShape{c.Centre, c.Place, c.Country, c.Source, c.Assessment})
				t.add(string(c.Centre), c.Place, c.Country, factOr(c.Assessment), c.Source)
			}
			return p.say(reply{object: list, table: t})
		})
	})
	return ask.times(cmd)
}

// centreStatsShape is `stats centres --json`.
type centreStatsShape struct {
	surveyShape
	Rows    []centreRowShape `json:"rows"`
	RestsOn []restsShape     `json:"rests_on"`
}

type centreRowShape struct {
	centreShape
	Cases      int         `json:"cases"`
	Victims    int         `json:"victims"` // scam victims
	Trafficked int         `json:"trafficked"`
	Persons    int         `json:"persons"`
	Accounts   int         `json:"accounts"`
	Reported   []paidShape `json:"reported"`
}

type paidShape struct {
	Asset  domain.AssetCode `json:"asset"`
	Amount string           `json:"amount"`
}

func (p *program) centreStats() *cobra.Command {
	var c counting
	cmd := &cobra.Command{
		Use: "centres", Short: "Scam centres: where they are said to be, who is tied to them, and what their victims paid",
		Long: `Count, for each scam centre, the victims who are tied to it or whose case is as a whole: those who lose money, and
trafficked persons who are held there; persons, accounts, and what those victims report to have paid. Where a centre is, is
somebody's statement, with its source. A victim who is tied to two centres counts in both.`,
		Example: "  clew stats centres\n  clew stats centres --json", Args: p.takes(),
	}
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			ask, err := o.surveyed(ctx, &c)
			if err != nil {
				return err
			}
			stats, err := o.views.CentreStats(ctx, ask)
			if err != nil {
				return err
			}
			shape, t := centresOf(&c, stats)
			return p.say(reply{object: shape, table: t, text: func(w *page) { centresText(w, stats, t) }})
		})
	})
	return c.times(p.allCases(cmd))
}

func centresOf(c *counting, s *projections.CentreStats) (centreStatsShape, *table) {
	shape := centreStatsShape{surveyShape: c.shape("centres", s.Surveyed), Rows: []centreRowShape{}, RestsOn: shapeOfShares(s.RestsOn)}
	t := newTable("centre", "place", "country", "cases>", "victims>", "trafficked>", "persons>", "accounts>", "asset", "reported>", "fact or assessment", "source")
	for _, r := range s.Rows {
		row := centreRowShape{centreShape{r.Centre, r.Said.Place, r.Said.Country, r.Said.Source, r.Said.Assessment}, r.Cases, r.Victims, r.Trafficked, r.Persons, r.Accounts, []paidShape{}}
		line := func(amount, asset string) {
			t.add(string(r.Centre), orUnknown(r.Said.Place), orUnknown(r.Said.Country), number(r.Cases), number(r.Victims), number(r.Trafficked), number(r.Persons),
				number(r.Accounts), asset, amount, factOr(r.Said.Assessment), orUnknown(r.Said.Source))
		}
		for _, sum := range r.Sums {
			amount, asset := shown(sum)
			row.Reported = append(row.Reported, paidShape{asset, amount})
			line(amount, string(asset))
		}
		if len(r.Sums) == 0 {
			line("", "")
		}
		shape.Rows = append(shape.Rows, row)
	}
	return shape, t
}

func centresText(w *page, s *projections.CentreStats, t *table) {
	w.head("Scam centres, as said by their sources")
	if len(s.Rows) == 0 {
		w.line("No scam centre is described: 'clew centre describe' says where one is.")
	} else {
		w.table(t)
	}
	w.space()
	sharesText(w, s.RestsOn)
	surveyText(w, s.Surveyed)
}
