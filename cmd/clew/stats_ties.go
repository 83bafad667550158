package main

import (
	"github.com/spf13/cobra"

	"clew/projections"
)

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
	cmd.RunE = tableOf(p, &c, (*projections.Views).NoticeStats, c.tied(cmd.Short))
	return c.times(c.periods(p.allCases(cmd)))
}

func (p *program) crimeStats() *cobra.Command {
	var c counting
	cmd := &cobra.Command{
		Use: "crimes", Short: "Links to other crimes, as flagged, with what of it is an assessment",
		Long:    `Count the flags of other crimes, with the cases, persons, accounts and victims that they stand on. They prove nothing.`,
		Example: "  clew stats crimes\n  clew stats crimes --json", Args: p.takes(),
	}
	cmd.RunE = tableOf(p, &c, (*projections.Views).CrimeStats, c.tied(cmd.Short))
	return c.times(p.allCases(cmd))
}

// tied is the answer of a table of ties.
func (c *counting) tied(title string) func(*projections.TieStats) reply {
	return func(stats *projections.TieStats) reply {
		shape, t := tiesOf(c, stats)
		return reply{object: shape, table: t, text: func(w *page) { tiesText(w, title, stats, t) }}
	}
}

func tiesOf(c *counting, s *projections.TieStats) (tiesShape, *table) {
	shape := tiesShape{surveyShape: c.shape(s.Of, s.Surveyed), Columns: s.Columns, Rows: []tieShape{}, Tied: s.Tied}
	t := newTable(append(headsOf(s.Per, s.Columns), "count>", "cases>", "whole cases>", "victims>", "persons>", "accounts>", "assessments>")...)
	for _, r := range s.Rows {
		shape.Rows = append(shape.Rows, tieShape{r.Period, groupNamed(s.Columns, r.Group), r.Count, r.Cases, r.Whole, r.Victims, r.Persons, r.Accounts, r.Assessments})
		t.add(append(cellsOf(s.Per, r.Period, r.Group), number(r.Count), number(r.Cases), number(r.Whole), number(r.Victims), number(r.Persons), number(r.Accounts), number(r.Assessments))...)
	}
	return shape, t
}

func tiesText(w *page, title string, s *projections.TieStats, t *table) {
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
