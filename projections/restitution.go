package projections

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"clew/domain"
)

// Loss is what a victim has lost in one asset and what he got of it, whoever's
// money it was: received counts what reached him of recovered sums, and
// nothing here says whose lots they were.
type Loss struct {
	Victim     domain.VictimID
	Asset      domain.Asset
	Reported   domain.Units
	Own        domain.Units            // what of it was his: the sum of his claims
	Back       domain.Units            // paid back to his homes, or returned to them
	Received   domain.Units            // of recovered sums
	Reimbursed domain.Units            // by payers, to whom that part of the claim has passed
	Payers     map[string]domain.Units // what each of them made good
	PassedOn   map[string]domain.Units // what each payer received in his place
}

// Left is what he has not got back, without what was reimbursed; never below
// nothing.
func (l Loss) Left() domain.Units {
	return less(less(less(l.Own, l.Back), l.Reimbursed), l.Received)
}

// Part is what one bears of a loss: the victim himself (Payer ""), or who
// reimbursed him. Paid less Back is what he may still receive.
type Part struct {
	Payer      string
	Paid, Back domain.Units
}

// Left is what he may still receive.
func (p Part) Left() domain.Units { return less(p.Paid, p.Back) }

// Parts lists who bears a loss: the victim, then the payers by name. What a
// payer made good beyond what the victim had not got back is no part of the
// claim: all together never receive more than was lost.
func (l Loss) Parts() ([]Part, error) {
	back, err := l.Back.Add(l.Received)
	if err != nil {
		return nil, err
	}
	open := less(l.Own, back)
	for _, units := range l.PassedOn {
		open = less(open, units)
	}
	victim := Part{"", less(l.Own, l.Reimbursed), back}
	open = less(open, victim.Left())
	parts := []Part{victim}
	for _, payer := range slices.Sorted(maps.Keys(l.Payers)) {
		p := Part{payer, l.Payers[payer], l.PassedOn[payer]}
		left := p.Left().Min(open)
		p.Paid, open = p.Back.Plus(left), open.Minus(left) // no more than he paid
		parts = append(parts, p)
	}
	return parts, nil
}

// LeftTo is what a payer may still receive in the victim's place.
func (l Loss) LeftTo(payer string) (domain.Units, error) {
	parts, err := l.Parts()
	for _, p := range parts {
		if p.Payer == payer && payer != "" {
			return p.Left(), err
		}
	}
	return domain.Units{}, err
}

// Unrecovered is what of the claim, the victim's part and the payers', has
// reached nobody.
func (l Loss) Unrecovered() (sum domain.Units, err error) {
	parts, err := l.Parts()
	for _, p := range parts {
		sum = sum.Plus(p.Left()) // together no more than was lost
	}
	return sum, err
}

// Losses gives each victim's loss in each asset, by victim, then asset.
func (v *Views) Losses(ctx context.Context, a Ask) ([]Loss, error) {
	t, err := v.Trace(ctx, a)
	if err != nil {
		return nil, err
	}
	return lossesOf(t)
}

func lossesOf(t *Traced) ([]Loss, error) {
	all := map[reporter]*Loss{}
	at := func(victim domain.VictimID, asset domain.Asset) *Loss {
		key := reporter{victim, asset}
		if all[key] == nil {
			all[key] = &Loss{Victim: victim, Asset: asset, Payers: map[string]domain.Units{}, PassedOn: map[string]domain.Units{}}
		}
		return all[key]
	}
	for _, victim := range t.Answer.Victims {
		l := at(victim.Victim, victim.Asset)
		l.Reported, l.Own, l.Back = victim.Reported, victim.Own, most(victim.PaidBack, victim.Returned)
	}
	for _, r := range t.Assembly.File.Reimbursed {
		if !t.At.IsZero() && r.At.Time.After(t.At) {
			continue
		}
		l := at(r.Victim, r.Amount.Asset)
		if err := addTo(&l.Reimbursed, r.Amount.Units); err != nil {
			return nil, err
		}
		if err := addIn(l.Payers, r.Payer, r.Amount.Units); err != nil {
			return nil, err
		}
	}
	for _, step := range t.Assembly.Holds {
		if step.Step != domain.StepRestore || !t.At.IsZero() && step.When.Time.After(t.At) {
			continue
		}
		for _, share := range step.Shares {
			if err := at(share.Victim, share.Amount.Asset).receive(share); err != nil {
				return nil, err
			}
		}
	}
	list := make([]Loss, 0, len(all))
	for _, l := range all {
		list = append(list, *l)
	}
	slices.SortFunc(list, func(a, b Loss) int {
		return cmp.Or(cmp.Compare(a.Victim, b.Victim), cmp.Compare(a.Asset.Code, b.Asset.Code))
	})
	return list, nil
}

func (l *Loss) receive(share domain.VictimShare) error {
	if share.Payer != "" {
		return addIn(l.PassedOn, share.Payer, share.Amount.Units)
	}
	return addTo(&l.Received, share.Amount.Units)
}

func addTo(sum *domain.Units, more domain.Units) (err error) {
	*sum, err = sum.Add(more)
	return err
}

func addIn(sums map[string]domain.Units, name string, more domain.Units) error {
	sum, err := sums[name].Add(more)
	sums[name] = sum
	return err
}

// fillIn adds what victims received and were reimbursed to the ledger's rows.
// A victim who got something in an asset in which he lost nothing has a row of
// his own, with nothing else in it.
func (l *Ledger) fillIn() error {
	losses, err := lossesOf(l.Traced)
	if err != nil {
		return err
	}
	rows := map[reporter]int{}
	for i, row := range l.Rows {
		rows[reporter{row.Victim, row.Asset}] = i
	}
	for _, loss := range losses {
		i, known := rows[reporter{loss.Victim, loss.Asset}]
		if !known {
			i, l.Rows = len(l.Rows), append(l.Rows, LedgerRow{Victim: loss.Victim, Asset: loss.Asset})
		}
		l.Rows[i].Received, l.Rows[i].Reimbursed = loss.Received, loss.Reimbursed
	}
	slices.SortStableFunc(l.Rows, func(a, b LedgerRow) int {
		return cmp.Or(cmp.Compare(a.Victim, b.Victim), cmp.Compare(a.Asset.Code, b.Asset.Code))
	})
	return nil
}
