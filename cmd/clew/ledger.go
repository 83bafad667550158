package main

import (
	"cmp"
	"context"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
)

// ledgerShape is `ledger --json` (CONTRACT, JSON).
type ledgerShape struct {
	headShape
	Currency domain.AssetCode `json:"currency,omitempty"`
	Victims  []ledgerRowShape `json:"victims"`
	Warnings []traceWarning   `json:"warnings"`
}

// ledgerRowShape is one victim's loss in one asset: own is the sum of at_large
// to fees.
type ledgerRowShape struct {
	Victim      domain.VictimID  `json:"victim"`
	Asset       domain.AssetCode `json:"asset"`
	Reported    string           `json:"reported"`
	Own         string           `json:"own"`
	PaidBack    string           `json:"paid_back"`
	Net         string           `json:"net"`
	AtLarge     string           `json:"at_large"`
	Held        string           `json:"held"`
	Seized      string           `json:"seized"`
	Restored    string           `json:"restored"`
	Returned    string           `json:"returned"`
	CashedOut   string           `json:"cashed_out"`
	AtService   string           `json:"at_service"`
	Unaccounted string           `json:"unaccounted"`
	Fees        string           `json:"fees"`
	Scam        string           `json:"scam"`
	InCurrency  string           `json:"in_currency,omitempty"` // reported, each payment at its own day's rate
	Unrated     string           `json:"unrated,omitempty"`     // why in_currency is not known
}

func (p *program) ledgerCommand() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "ledger ID", Short: "Show each victim's loss ledger",
		Long: `Show for each victim what he reported, what of it was his own, and what has become of that: own is the sum of
at_large, held, seized, restored, returned, cashed_out, at_service, unaccounted and fees, to the unit. paid_back
is what reached him afterwards from accounts that touched money had reached; net is reported less that.`,
		Example: "  clew ledger C1\n  clew ledger C1 --rule pro-rata --known-at 2024-03-01 --json", Args: p.takes("ID"),
	}
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			question, err := ask.question(ctx, o, id)
			if err != nil {
				return err
			}
			ledger, err := o.views.Ledger(ctx, question)
			if err != nil {
				return err
			}
			shape := shapeOfLedger(ask.head(ledger.Traced), ledger)
			err = p.say(reply{object: shape, table: ledgerTable(shape), text: func(w *page) { ledgerText(w, shape) }})
			return cmp.Or(err, p.strictly(traced{ledger.Traced, shape.headShape, ledger.Assembly.Homes()}))
		})
	})
	return ask.rules(p.caseFlag(cmd))
}

func shapeOfLedger(head headShape, ledger *projections.Ledger) ledgerShape {
	shape := ledgerShape{headShape: head, Currency: ledger.Currency, Victims: []ledgerRowShape{}, Warnings: warningsOf(ledger.Answer.Warnings)}
	for i := range ledger.Rows {
		shape.Victims = append(shape.Victims, ledgerRowOf(&ledger.Rows[i]))
	}
	return shape
}

func ledgerRowOf(r *projections.LedgerRow) ledgerRowShape {
	show := r.Asset.Format
	shape := ledgerRowShape{
		Victim: r.Victim, Asset: r.Asset.Code, Reported: show(r.Reported), Own: show(r.Own), PaidBack: show(r.PaidBack), Net: show(r.Net),
		AtLarge: show(r.AtLarge), Held: show(r.Held), Seized: show(r.Seized), Restored: show(r.Restored), Returned: show(r.Returned),
		CashedOut: show(r.CashedOut), AtService: show(r.AtService), Unaccounted: show(r.Unaccounted), Fees: show(r.Fees),
		Scam: scams(r.Scams), Unrated: r.Unrated,
	}
	if r.InCurrency.Given() {
		shape.InCurrency = r.InCurrency.String()
	}
	return shape
}

// scams joins typologies with commas, as the contract has it.
func scams(list []domain.Scam) string {
	text := ""
	for i, s := range list {
		if i > 0 {
			text += ","
		}
		text += string(s)
	}
	return text
}

// sums are the columns that own is the sum of, in the order of the contract.
func (r *ledgerRowShape) sums() []struct{ name, amount string } {
	return []struct{ name, amount string }{
		{"at_large", r.AtLarge}, {"held", r.Held}, {"seized", r.Seized}, {"restored", r.Restored}, {"returned", r.Returned},
		{"cashed_out", r.CashedOut}, {"at_service", r.AtService}, {"unaccounted", r.Unaccounted}, {"fees", r.Fees},
	}
}

func ledgerTable(shape ledgerShape) *table {
	var empty ledgerRowShape
	names := []string{"victim", "asset", "reported>", "own>", "paid_back>", "net>"}
	for _, sum := range empty.sums() {
		names = append(names, sum.name+">")
	}
	names = append(names, "scam")
	if shape.Currency != "" {
		names = append(names, "reported in "+string(shape.Currency)+" on its day>")
	}
	t := newTable(names...)
	for _, r := range shape.Victims {
		cells := []string{string(r.Victim), string(r.Asset), r.Reported, r.Own, r.PaidBack, r.Net}
		for _, sum := range r.sums() {
			cells = append(cells, sum.amount)
		}
		cells = append(cells, r.Scam)
		if shape.Currency != "" {
			cells = append(cells, r.InCurrency)
		}
		t.add(cells...)
	}
	return t
}

// ledgerText leaves out the columns in which no victim has anything: a person
// reads what there is.
func ledgerText(w *page, shape ledgerShape) {
	shape.head(w)
	w.space()
	if len(shape.Victims) == 0 {
		w.line("No payment is reported yet: 'clew payment report %s --victim V …' reports one.", shape.Case)
		return
	}
	w.table(ledgerTable(shape).without(nothing, "held", "seized", "restored", "returned", "cashed_out", "at_service", "unaccounted", "fees", "paid_back"))
	for _, r := range shape.Victims {
		if r.Unrated != "" {
			w.line("Not known in %s for %s: %s.", shape.Currency, r.Victim, r.Unrated)
		}
	}
	warningsText(w, shape.Warnings)
}
