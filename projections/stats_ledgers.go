package projections

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"clew/domain"
	"clew/tracing"
)

// LedgerStats is the ledgers of all victims summed up: those of the victims of
// scams, and beside them those of trafficked persons.
type LedgerStats struct {
	Surveyed
	Rows    []LedgerSum
	RestsOn []Share
}

// LedgerSum is the ledgers of one kind of victims in one asset. Own is the sum
// of AtLarge to Fees, to the unit.
type LedgerSum struct {
	Category string // several, joined by +, where a victim's payments were of both kinds; "": not known
	Asset    domain.Asset
	Victims  int
	Reported domain.Units
	Own      domain.Units
	PaidBack domain.Units
	Sums
}

// ledgerCount counts while the cases go by.
type ledgerCount struct {
	rows map[string]*LedgerSum
	kind *shareCount
}

// LedgerStats sums up the ledgers of all victims. Poison has none.
func (v *Views) LedgerStats(ctx context.Context, a StatsAsk) (*LedgerStats, error) {
	if a.Rule == tracing.Poison {
		return nil, domain.Usage("rule poison is an exposure and has no ledger: ask for ledgers by another rule")
	}
	s, err := v.survey(ctx, a)
	if err != nil {
		return nil, err
	}
	count := ledgerCount{rows: map[string]*LedgerSum{}, kind: newShare("the kind of victim")}
	if err := s.eachFollowed(ctx, count.add); err != nil {
		return nil, err
	}
	stats := &LedgerStats{Surveyed: s.about, RestsOn: []Share{count.kind.share()}}
	for _, row := range count.rows {
		stats.Rows = append(stats.Rows, *row)
	}
	slices.SortFunc(stats.Rows, func(a, b LedgerSum) int {
		return cmp.Or(cmp.Compare(a.Category, b.Category), cmp.Compare(a.Asset.Code, b.Asset.Code), cmp.Compare(a.Asset.Digits, b.Asset.Digits))
	})
	return stats, nil
}

// add counts one group of cases.
func (c *ledgerCount) add(g *caseGroup) error {
	losses, err := g.losses()
	if err != nil {
		return err
	}
	kinds := map[reporter][]string{}
	for _, l := range losses {
		key := reporter{l.Victim, l.Amount.Asset}
		if kind := cmp.Or(string(l.Category), unsure); !slices.Contains(kinds[key], kind) {
			kinds[key] = append(kinds[key], kind)
		}
	}
	for _, line := range g.traced.Answer.Victims {
		kind := kinds[reporter{line.Victim, line.Asset}]
		slices.Sort(kind)
		if err := c.line(line, strings.Join(kind, "+")); err != nil {
			return err
		}
	}
	c.kind.close()
	return nil
}

// line adds one victim's ledger in one asset.
func (c *ledgerCount) line(line tracing.Victim, category string) error {
	if category == unsure {
		category = ""
	}
	ledger, err := ledgerRow(line)
	if err != nil {
		return err
	}
	if err := c.kind.note(line.Victim, domain.Amount{Units: line.Reported, Asset: line.Asset}, category != "" && !strings.Contains(category, unsure)); err != nil {
		return err
	}
	key := fmt.Sprintf("%q %s %d", category, line.Asset.Code, line.Asset.Digits)
	if c.rows[key] == nil {
		c.rows[key] = &LedgerSum{Category: category, Asset: line.Asset}
	}
	row := c.rows[key]
	row.Victims++
	return row.add(&ledger)
}

func (s *LedgerSum) add(ledger *LedgerRow) (err error) {
	to, from := s.columns(), (&LedgerSum{Reported: ledger.Reported, Own: ledger.Own, PaidBack: ledger.PaidBack, Sums: ledger.Sums}).columns()
	for i := range to {
		if *to[i], err = to[i].Add(*from[i]); err != nil {
			return fmt.Errorf("the ledgers of %s: %w", s.Asset.Code, err)
		}
	}
	return nil
}

// columns are all sums of a row, in the order in which they are shown.
func (s *LedgerSum) columns() []*domain.Units {
	return []*domain.Units{&s.Reported, &s.Own, &s.PaidBack, &s.AtLarge, &s.Held, &s.Seized, &s.Restored, &s.Returned,
		&s.CashedOut, &s.AtService, &s.Unaccounted, &s.Fees}
}

// Figures are all sums of a row as text, in the order of LedgerFigures.
func (s *LedgerSum) Figures() (texts []string) {
	for _, sum := range s.columns() {
		texts = append(texts, s.Asset.Format(*sum))
	}
	return texts
}

// LedgerFigures are the names of the sums of a row.
func LedgerFigures() []string {
	return []string{"reported", "own", "paid_back", "at_large", "held", "seized", "restored", "returned", "cashed_out", "at_service", "unaccounted", "fees"}
}
