package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
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
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		_, rest, err := p.about(args)
		if err != nil {
			return err
		}
		flag.Crime = domain.Crime(rest[0])
		return p.keeps(&of, func(whose domain.Whose) (domain.Command, string) {
			flag.Of = whose
			return flag, fmt.Sprintf("%s: a link to another crime (%s) is flagged", whose.Tied(), rest[0])
		})(ctx, args)
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
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		_, rest, err := p.about(args)
		if err != nil {
			return err
		}
		return p.keeps(&of, func(whose domain.Whose) (domain.Command, string) {
			return domain.UnflagCrime{Crime: domain.Crime(rest[0]), Of: whose, Reason: reason}, fmt.Sprintf("%s: the flag of another crime (%s) is taken back", whose.Tied(), rest[0])
		})(ctx, args)
	})
	return of.target(p.caseFlag(cmd))
}

// tiesShape is `stats notices --json` and `stats crimes --json`.
type tiesShape struct {
	surveyShape
	Columns []string   `json:"columns"`
	Rows    []tieShape `json:"rows"`
	Tied    int        `json:"cases_tied"` // of cases
}

type tieShape struct {
	Period      string            `json:"period"`
	Group       map[string]string `json:"group"`
	Count       int               `json:"count"`
	Cases       int               `json:"cases"`
	Whole       int               `json:"whole_cases"`
	Victims     int               `json:"victims"`
	Persons     int               `json:"persons"`
	Accounts    int               `json:"accounts"`
	Assessments int               `json:"assessments"`
}

func (p *program) noticeStats() *cobra.Command {
	var c counting
	cmd := &cobra.Command{
		Use: "notices", Short: "Notices and diffusions by colour, and whom they concern",
		Long: `Count INTERPOL's notices and diffusions that are linked to cases, each reference once, with the cases, persons, accounts and
victims that they concern. --by and --at go by the day on which a notice was issued.`,
		Example: "  clew stats notices\n  clew stats notices --by year --json", Args: p.takes(),
	}
	return c.times(c.periods(p.allCases(p.linkStats(cmd, &c, (*projections.Views).NoticeStats))))
}

func (p *program) crimeStats() *cobra.Command {
	var c counting
	cmd := &cobra.Command{
		Use: "crimes", Short: "Links to other crimes, as flagged, with what of it is an assessment",
		Long:    `Count the flags of other crimes, with the cases, persons, accounts and victims that they stand on. They prove nothing.`,
		Example: "  clew stats crimes\n  clew stats crimes --json", Args: p.takes(),
	}
	return c.times(p.allCases(p.linkStats(cmd, &c, (*projections.Views).CrimeStats)))
}

// linkStats makes the body of a table of links.
func (p *program) linkStats(cmd *cobra.Command, c *counting, count func(*projections.Views, context.Context, projections.StatsAsk) (*projections.LinkStats, error)) *cobra.Command {
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			ask, err := o.surveyed(ctx, c)
			if err != nil {
				return err
			}
			stats, err := count(o.views, ctx, ask)
			if err != nil {
				return err
			}
			shape, t := tiesOf(c, stats)
			return p.say(reply{object: shape, table: t, text: func(w *page) { tiesText(w, cmd.Short, stats, t) }})
		})
	})
	return cmd
}

func tiesOf(c *counting, s *projections.LinkStats) (tiesShape, *table) {
	shape := tiesShape{surveyShape: c.shape(s.Of, s.Surveyed), Columns: s.Columns, Rows: []tieShape{}, Tied: s.Tied}
	t := newTable(append(headsOf(s.Per, s.Columns), "count>", "cases>", "whole cases>", "victims>", "persons>", "accounts>", "assessments>")...)
	for _, r := range s.Rows {
		shape.Rows = append(shape.Rows, tieShape{r.Period, groupNamed(s.Columns, r.Group), r.Count, r.Cases, r.Whole, r.Victims, r.Persons, r.Accounts, r.Assessments})
		t.add(append(cellsOf(s.Per, r.Period, r.Group), number(r.Count), number(r.Cases), number(r.Whole), number(r.Victims), number(r.Persons), number(r.Accounts), number(r.Assessments))...)
	}
	return shape, t
}

func tiesText(w *page, title string, s *projections.LinkStats, t *table) {
	w.head("%s", title)
	if len(s.Rows) == 0 {
		w.line("None is recorded.")
	} else {
		w.table(t)
	}
	w.space()
	w.line("Cases that have any: %d of %d.", s.Tied, s.Cases)
	surveyText(w, s.Surveyed)
}
