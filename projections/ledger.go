package projections

import (
	"context"
	"fmt"
	"time"

	"clew/domain"
	"clew/tracing"
)

// LedgerRow is one victim's loss in one asset. Own is the sum of AtLarge to
// Fees, to the unit. None of them is ever added to another row's.
type LedgerRow struct {
	Victim   domain.VictimID
	Asset    domain.Asset
	Reported domain.Units // what he paid
	Own      domain.Units // what of it was his
	PaidBack domain.Units // all that reached his homes afterwards from accounts that poison marks
	Net      domain.Units // Reported less PaidBack; below nothing if more came back
	Sums
	Scams []domain.Scam

	// Received is what he got of recovered sums, whoever's lots they were;
	// Restored counts his lots, whoever got them. Of each recovered sum both
	// come to the same, and only Restored stands in the identity.
	Received   domain.Units
	Reimbursed domain.Units // by payers, to whom that part of the claim passed

	// InCurrency is what his reported payments were worth in the case's
	// currency, each on its own day. It is a marked column beside the answer:
	// nothing rests on it. Not Given where the case has no currency; Unrated
	// says why it is not Given where it has one.
	InCurrency domain.Amount
	Unrated    string
}

// Sums is where a claim lies, by what has become of it.
type Sums struct {
	AtLarge     domain.Units
	Held        domain.Units
	Seized      domain.Units
	Restored    domain.Units
	Returned    domain.Units
	CashedOut   domain.Units
	AtService   domain.Units
	Unaccounted domain.Units
	Fees        domain.Units
}

// Recoverable is what lies where it can be stopped or has been: at large, held
// or seized.
func (s Sums) Recoverable() domain.Units { return s.AtLarge.Plus(s.Held).Plus(s.Seized) }

func (s *Sums) state(state tracing.State) (*domain.Units, error) {
	switch state {
	case tracing.AtLarge:
		return &s.AtLarge, nil
	case tracing.Held:
		return &s.Held, nil
	case tracing.Seized:
		return &s.Seized, nil
	case tracing.Restored:
		return &s.Restored, nil
	case tracing.CashedOut:
		return &s.CashedOut, nil
	case tracing.AtService:
		return &s.AtService, nil
	case tracing.Unaccounted:
		return &s.Unaccounted, nil
	case tracing.Fees:
		return &s.Fees, nil
	}
	return nil, fmt.Errorf("a place has the state %q, which no ledger has a column for: this is a fault of clew; please report it", state)
}

// Ledger is each victim's loss, with the trace that it was read from.
type Ledger struct {
	*Traced
	Rows     []LedgerRow      // by victim, then asset
	Currency domain.AssetCode // of InCurrency; "" for none
}

// Ledger gives each victim's loss ledger. Poison has none: it is an exposure.
func (v *Views) Ledger(ctx context.Context, a Ask) (*Ledger, error) {
	traced, err := v.Trace(ctx, a)
	if err != nil {
		return nil, err
	}
	return v.ledger(ctx, traced)
}

func (v *Views) ledger(ctx context.Context, traced *Traced) (*Ledger, error) {
	if traced.Rule == tracing.Poison {
		return nil, domain.Usage("rule poison is an exposure and has no ledger: ask 'clew trace %s --rule poison', or take another rule", traced.Case)
	}
	ledger := &Ledger{Traced: traced, Currency: traced.Assembly.File.Currency}
	for _, victim := range traced.Answer.Victims {
		row, err := ledgerRow(victim)
		if err != nil {
			return nil, err
		}
		ledger.Rows = append(ledger.Rows, row)
	}
	if err := ledger.fillIn(); err != nil {
		return nil, err
	}
	if ledger.Currency == "" {
		return ledger, nil
	}
	return ledger, v.price(ctx, ledger)
}

// ledgerRow sums up the shown places, and holds the sum against the claim.
func ledgerRow(v tracing.Victim) (LedgerRow, error) {
	row := LedgerRow{Victim: v.Victim, Asset: v.Asset, Reported: v.Reported, Own: v.Own, PaidBack: v.PaidBack, Scams: v.Scams}
	var err error
	if row.Net, err = v.Reported.Sub(v.PaidBack); err != nil {
		return row, err
	}
	row.Returned = v.Returned
	total := v.Returned
	for _, place := range v.Places {
		sum, err := row.state(place.State)
		if err != nil {
			return row, err
		}
		*sum, total = sum.Plus(place.Claim), total.Plus(place.Claim)
	}
	if total != v.Own {
		return row, fmt.Errorf("the ledger of %s does not add up: the places sum to %s, his own is %s: this is a fault of clew; please report it",
			v.Victim, v.Asset.Format(total), v.Asset.Format(v.Own))
	}
	return row, nil
}

// price fills in the marked column.
func (v *Views) price(ctx context.Context, ledger *Ledger) error {
	register, err := v.Assets(ctx, ledger.Position)
	if err != nil {
		return err
	}
	currency, err := register.Find(string(ledger.Currency))
	if err != nil {
		return err
	}
	rates, err := v.Rates(ctx, ledger.Position)
	if err != nil {
		return err
	}
	payments := reportedPayments(ledger.Traced)
	for i := range ledger.Rows {
		row := &ledger.Rows[i]
		row.InCurrency, row.Unrated = priced(row, payments[reporter{row.Victim, row.Asset}], rates, currency)
	}
	return nil
}

// reporter is who reported payments, of which asset.
type reporter struct {
	victim domain.VictimID
	asset  domain.Asset
}

// reportedPayments lists the payments that count as reported.
func reportedPayments(t *Traced) map[reporter][]tracing.Row {
	own := map[domain.MovementID]bool{}
	for _, w := range t.Answer.Warnings {
		if w.Code == tracing.WarnOwnTransfer || w.Code == tracing.WarnReport {
			own[w.Movement] = true
		}
	}
	payments := map[reporter][]tracing.Row{}
	for r := range t.Assembly.rowsBy(t.At) {
		if r.Victim == "" || own[r.ID] {
			continue
		}
		key := reporter{r.Victim, r.Amount.Asset}
		if r.Kind == domain.Hop {
			key.asset = r.Outputs[0].Amount.Asset
		}
		payments[key] = append(payments[key], *r)
	}
	return payments
}

// priced sums up what payments were worth, or says why it cannot.
func priced(row *LedgerRow, payments []tracing.Row, rates domain.Rates, currency domain.Asset) (domain.Amount, string) {
	worth, paid := domain.Amount{Asset: currency}, domain.Units{}
	for _, r := range payments {
		if r.Kind == domain.Hop {
			return domain.Amount{}, fmt.Sprintf("movement %s has several inputs and outputs and no one price", r.ID)
		}
		value, known := rates.Convert(r.Amount, currency, r.When.Day())
		if !known {
			return domain.Amount{}, fmt.Sprintf("no rate from %s to %s is recorded for %s", r.Amount.Asset.Code, currency.Code, r.When.Day().Format(time.DateOnly))
		}
		sum, err := worth.Add(value)
		if err != nil {
			return domain.Amount{}, err.Error()
		}
		worth, paid = sum, paid.Plus(r.Amount.Units)
	}
	if paid != row.Reported {
		return domain.Amount{}, "the payments that can be priced do not sum to what he reported"
	}
	return worth, ""
}
