package projections

import (
	"cmp"
	"context"
	"slices"
	"time"

	"clew/domain"
	"clew/tracing"
)

// Difference is what became known between two positions of the log, and what
// it changed in each victim's numbers.
type Difference struct {
	Case     domain.CaseID
	Rule     tracing.Rule
	From, To uint64
	Changes  []Change // victims whose numbers differ, by victim, then asset
	Events   []Entry  // of the cases walked, after From and up to To; at most maxEvents
	Count    uint64   // how many events there were in all
}

// Change is one victim's ledger before and after; nil where he had none.
type Change struct {
	Victim domain.VictimID
	Asset  domain.Asset
	Before *LedgerRow
	After  *LedgerRow
}

// maxEvents bounds the list of events of a difference: beyond it a person
// reads the timeline.
const maxEvents = 1000

// Diff compares a case's ledgers as of two positions of the log, under one
// rule: the one asked for, else the one locked by the later position.
func (v *Views) Diff(ctx context.Context, a Ask, from, to uint64) (*Difference, error) {
	to, err := v.position(ctx, to)
	if err != nil {
		return nil, err
	}
	if from > to {
		return nil, domain.Usage("--from %d comes after --to %d: exchange them", from, to)
	}
	a.KnownAt, a.Upto = time.Time{}, to
	after, err := v.Ledger(ctx, a)
	if err != nil {
		return nil, err
	}
	a.Rule = after.Rule
	before, err := v.ledgerOrNone(ctx, a, from)
	if err != nil {
		return nil, err
	}
	d := &Difference{Case: a.Case, Rule: after.Rule, From: from, To: to, Changes: changes(before, after.Rows)}
	return d, v.between(ctx, d, after.Assembly.Cases)
}

// ledgerOrNone is empty where the case was not yet open.
func (v *Views) ledgerOrNone(ctx context.Context, a Ask, upto uint64) ([]LedgerRow, error) {
	if upto == 0 {
		return nil, nil
	}
	a.Upto = upto
	ledger, err := v.Ledger(ctx, a)
	if domain.ClassOf(err) == domain.ClassNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return ledger.Rows, nil
}

func changes(before, after []LedgerRow) (list []Change) {
	for i := range before {
		b := &before[i]
		if a := sameLoss(after, b); a == nil || !sameNumbers(a, b) {
			list = append(list, Change{b.Victim, b.Asset, b, a})
		}
	}
	for i := range after {
		if sameLoss(before, &after[i]) == nil {
			list = append(list, Change{after[i].Victim, after[i].Asset, nil, &after[i]})
		}
	}
	slices.SortFunc(list, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.Victim, b.Victim), cmp.Compare(a.Asset.Code, b.Asset.Code))
	})
	return list
}

// sameLoss finds the row of the same victim and asset.
func sameLoss(rows []LedgerRow, row *LedgerRow) *LedgerRow {
	i := slices.IndexFunc(rows, func(r LedgerRow) bool { return r.Victim == row.Victim && r.Asset == row.Asset })
	if i < 0 {
		return nil
	}
	return &rows[i]
}

func sameNumbers(a, b *LedgerRow) bool {
	return a.Reported == b.Reported && a.Own == b.Own && a.PaidBack == b.PaidBack && a.Sums == b.Sums && slices.Equal(a.Scams, b.Scams)
}

func (v *Views) between(ctx context.Context, d *Difference, cases []domain.CaseID) error {
	return v.recorded(ctx, cases, d.From, d.To, func(e Entry) error {
		d.Count++
		if len(d.Events) < maxEvents {
			d.Events = append(d.Events, e)
		}
		return nil
	})
}
