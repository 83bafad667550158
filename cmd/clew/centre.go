package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
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
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		link.Centre = domain.CentreID(rest[0])
		return p.doAbout(ctx, id, &of, func(whose domain.Whose) (domain.Command, string) {
			link.Of = whose
			return link, fmt.Sprintf("the scam centre %s has to do with %s", rest[0], whose.Tied())
		})
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
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		return p.doAbout(ctx, id, &of, func(whose domain.Whose) (domain.Command, string) {
			return domain.UnlinkCentre{Centre: domain.CentreID(rest[0]), Of: whose, Reason: reason}, fmt.Sprintf("the scam centre %s has nothing to do with %s", rest[0], whose.Tied())
		})
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
