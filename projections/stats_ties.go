package projections

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"clew/domain"
)

// TieStats counts what ties cases to the world outside: notices and
// diffusions, or other crimes. A tie is a statement with its source and proves
// nothing.
type TieStats struct {
	Surveyed
	Of      string   // notices or crimes
	Columns []string // what the rows are grouped by, beside the period
	Rows    []TieRow
	Tied    int // cases that have any
}

// TieRow is one group of ties.
type TieRow struct {
	Period      string // notices: when they were issued
	Group       []string
	Count       int // notices: distinct references; crimes: flags
	Cases       int
	Whole       int // ties of a case as a whole
	Victims     int
	Persons     int
	Accounts    int
	Assessments int // ties that are an assessment and not a fact

	seen map[string]bool
}

// tie is one of them, as it is counted.
type tie struct {
	what       string // counts once: a notice's reference, a flag
	period     string
	group      []string
	of         domain.Whose
	assessment bool
}

// NoticeStats counts notices and diffusions by what they are for.
func (v *Views) NoticeStats(ctx context.Context, a StatsAsk) (*TieStats, error) {
	return v.tieStats(ctx, a, &TieStats{Of: "notices", Columns: []string{"form", "colour"}}, func(file *domain.CaseFile) (ties []tie) {
		for _, n := range file.Notices {
			if a.At.IsZero() || !n.Issued.Time.After(a.At) {
				ties = append(ties, tie{n.Notice, periodOf(a.Per, n.Issued), []string{formOf(n), string(n.Colour)}, n.Of, false})
			}
		}
		return ties
	})
}

// formOf tells what INTERPOL published from what a country sent by itself.
func formOf(n domain.NoticeLinked) string {
	if n.Diffusion {
		return "diffusion"
	}
	return "notice"
}

// CrimeStats counts flags of other crimes.
func (v *Views) CrimeStats(ctx context.Context, a StatsAsk) (*TieStats, error) {
	return v.tieStats(ctx, a, &TieStats{Of: "crimes", Columns: []string{"crime"}}, func(file *domain.CaseFile) (ties []tie) {
		for _, c := range file.Crimes {
			ties = append(ties, tie{fmt.Sprintf("%s %s %q", file.ID, c.Crime, c.Of), "", []string{string(c.Crime)}, c.Of, c.Assessment})
		}
		return ties
	})
}

func (v *Views) tieStats(ctx context.Context, a StatsAsk, stats *TieStats, of func(*domain.CaseFile) []tie) (*TieStats, error) {
	s, err := v.survey(ctx, a)
	if err != nil {
		return nil, err
	}
	s.unwalked = true
	rows := map[string]*TieRow{}
	err = s.each(ctx, func(g *caseGroup) error {
		for id, file := range g.files {
			ties := of(file)
			for _, t := range ties {
				tieRow(rows, t).add(id, t)
			}
			stats.Tied += min(len(ties), 1)
		}
		return nil
	})
	for _, row := range rows {
		row.seen = nil
		stats.Rows = append(stats.Rows, *row)
	}
	slices.SortFunc(stats.Rows, func(a, b TieRow) int {
		return cmp.Or(cmp.Compare(a.Period, b.Period), slices.Compare(a.Group, b.Group))
	})
	stats.Surveyed = s.about
	return stats, err
}

func tieRow(rows map[string]*TieRow, t tie) *TieRow {
	key := fmt.Sprintf("%q %q", t.period, t.group)
	if rows[key] == nil {
		rows[key] = &TieRow{Period: t.period, Group: t.group, seen: map[string]bool{}}
	}
	return rows[key]
}

// add counts a tie of a case.
func (r *TieRow) add(id domain.CaseID, t tie) {
	r.once(&r.Count, "thing", t.what)
	r.once(&r.Cases, "case", string(id))
	in := string(id) + " "
	switch {
	case t.of.Victim != "":
		r.once(&r.Victims, "victim", in+string(t.of.Victim))
	case t.of.Person != "":
		r.once(&r.Persons, "person", in+string(t.of.Person))
	case t.of.Account != "":
		r.once(&r.Accounts, "account", string(t.of.Account)) // the same in every case
	case t.of == domain.Whose{}:
		r.once(&r.Whole, "whole", in+t.what)
	}
	if t.assessment {
		r.Assessments++
	}
}

func (r *TieRow) once(count *int, sort, name string) {
	if key := sort + " " + name; !r.seen[key] {
		r.seen[key] = true
		*count++
	}
}
