package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"clew/domain"
)

func (p *program) caseFlagCrime() *cobra.Command {
	var of whoseFlags
	var flag domain.FlagCrime
	cmd := &cobra.Command{
		Use: "flag CASE CRIME", Short: "Flag that the case, or somebody or something of it, leads to another crime",
		Long: `Flag a link to another crime: trafficking, drugs, arms, wildlife and others ('clew scam words' lists them), or "other: …".
It is a statement with its source, not a finding of guilt; with --assessment it is a conclusion and not a fact.`,
		Example: `  clew case flag C1 trafficking --person P1 --source "interview of 4 March" --assessment`, Args: p.takes("CASE", "CRIME"),
	}
	cmd.Flags().StringVar(&flag.Source, "source", "", "who says so (needed)")
	cmd.Flags().BoolVar(&flag.Assessment, "assessment", false, "an assessment and not a fact")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		flag.Crime = domain.Crime(rest[0])
		return p.doAbout(ctx, id, &of, func(whose domain.Whose) (domain.Command, string) {
			flag.Of = whose
			return flag, fmt.Sprintf("%s: a link to another crime (%s) is flagged", whose.Tied(), rest[0])
		})
	})
	return of.target(p.caseFlag(cmd))
}

func (p *program) caseUnflagCrime() *cobra.Command {
	var of whoseFlags
	reason := ""
	cmd := &cobra.Command{
		Use: "unflag CASE CRIME", Short: "Take such a flag back",
		Example: `  clew case unflag C1 trafficking --person P1 --reason "the witness took it back"`, Args: p.takes("CASE", "CRIME"),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why (needed)")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		return p.doAbout(ctx, id, &of, func(whose domain.Whose) (domain.Command, string) {
			return domain.UnflagCrime{Crime: domain.Crime(rest[0]), Of: whose, Reason: reason}, fmt.Sprintf("%s: the flag of another crime (%s) is taken back", whose.Tied(), rest[0])
		})
	})
	return of.target(p.caseFlag(cmd))
}
