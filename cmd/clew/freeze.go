package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"clew/casework"
	"clew/domain"
	"clew/projections"
)

func (p *program) freezeCommands() *cobra.Command {
	verbs := []*cobra.Command{p.freezeRequest()}
	for _, step := range freezeSteps() {
		verbs = append(verbs, p.freezeStep(step))
	}
	b := p.branch("freeze", "Ask that money is stopped, and record what became of it", append(verbs, p.freezeList(), p.freezeShow(), p.freezeReplay(), p.freezePaper(), p.freezeRead(), p.freezeMechanisms(), p.freezeLimit())...)
	// What others act on, or are shown, is signed at once.
	b.PersistentPreRun = func(*cobra.Command, []string) { p.sealNow = true }
	return b
}

// placed are the flags that say what is to be held, or is: which account, of
// what how much, by which mechanism, between whom.
type placed struct {
	set                               *pflag.FlagSet
	id, account, amount, asset, scope string
	payment, mechanism, at, deadline  string
	orderDue, settledOn, recallSent   string
	originator, wireAmount            string
	victims                           []string
	request                           domain.FreezeRequested
	wire                              domain.Wire
}

func (f *placed) flags(cmd *cobra.Command) {
	f.set = cmd.Flags()
	for _, flag := range []struct {
		to          *string
		name, usage string
	}{
		{&f.account, "account", "the account where it is to be held (needed)"},
		{&f.asset, "asset", "of which asset (needed)"},
		{&f.amount, "amount", "how much, with a point and without grouping: 1234.50"},
		{&f.scope, "scope", "payment, amount, debit_block or account (default: payment with --payment, amount with --amount, else debit_block)"},
		{&f.payment, "payment", "the movement that is recalled: its name, the first letters of it, or the source's own id"},
		{&f.mechanism, "mechanism", "by which mechanism: 'clew freeze mechanisms' lists them"},
		{&f.id, "id", "the freeze's name within the case (default: the next of F1, F2 …)"},
		{&f.request.Requesting, "requesting", "the requesting agency"},
		{&f.request.Responding, "responding", "the institution or agency that is asked"},
		{&f.request.Contact, "contact", "whom to call there, and how"},
		{&f.request.Country, "country", "of the responding side, two letters (ISO 3166-1)"},
		{&f.request.Basis, "basis", "the legal basis"},
		{&f.request.Reference, "reference", "the other side's number, the recall's, a transaction's"},
		{&f.request.Operation, "operation", "the operation that it belongs to"},
	} {
		f.set.StringVar(flag.to, flag.name, "", flag.usage)
	}
}

// paper are the flags of a request alone: what its paper says.
func (f *placed) paper(cmd *cobra.Command) {
	f.set.StringArrayVar(&f.victims, "victim", nil, "whose claims come first (may stand several times; default: all whose money is there)")
	for _, flag := range []struct {
		to          *string
		name, usage string
	}{
		{&f.at, "at", "when it was drafted: RFC 3339 or a date (default: now)"},
		{&f.request.Rule, "rule", "by which rule the victims' money there is counted (default: the case's locked rule, else fifo)"},
		{&f.request.Priority, "priority", "in the mechanism's own words"},
		{&f.deadline, "deadline", "by when an answer is needed: RFC 3339 or a date"},
		{&f.orderDue, "order-due", "by when a legal-assistance request or order must be there: RFC 3339 or a date"},
		{&f.request.Language, "language", "of the request"},
		{&f.request.Disclosure, "disclosure", "who may see it"},
		{&f.wire.UETR, "uetr", "the payment's UETR"},
		{&f.wire.EndToEnd, "end-to-end", "the payment's end-to-end id"},
		{&f.wire.TransactionID, "transaction-id", "the payment's transaction id"},
		{&f.wire.MessageID, "message-id", "of the message that bore the payment"},
		{&f.wire.OriginatingBank, "originating-bank", "name or BIC"},
		{&f.originator, "originator", "the account that paid"},
		{&f.wire.BeneficiaryBank, "beneficiary-bank", "name or BIC"},
		{&f.wire.BIC, "bic", "of the beneficiary's bank"},
		{&f.wire.Intermediary, "intermediary", "the bank between the two, name or BIC"},
		{&f.wire.FurtherCredit, "further-credit", "the payment's further-credit line"},
		{&f.wireAmount, "wire-amount", "the payment's amount, where it is not what is asked for"},
		{&f.settledOn, "settled-on", "when the payment was settled: RFC 3339 or a date"},
		{&f.recallSent, "recall-sent", "when the originating bank sent its recall: RFC 3339 or a date"},
	} {
		f.set.StringVar(flag.to, flag.name, "", flag.usage)
	}
}

func (p *program) freezeRequest() *cobra.Command {
	var f placed
	var reason string
	cmd := &cobra.Command{
		Use: "request CASE", Short: "Draft a request to freeze, to recall or to hold",
		Long: `Draft a request. Nothing goes out: 'clew freeze submit' says that it did. What is known is filled in: the
victims whose money is there under the case's rule, and how much. Criteria of the mechanism that are not met are
printed as warnings and kept with the request; they never block it.`,
		Example: `  clew freeze request C1 --account iban:DE33900300300000889901 --amount 500.00 --asset EUR --mechanism i-grip --responding "Tulip Bank" --country NL --recall-sent 2024-03-04
  clew freeze request C1 --account tron:mainnet:TXYZ --asset USDT --scope account --mechanism stablecoin-issuer --victim V1`,
		Args: p.takes("CASE"),
	}
	f.flags(cmd)
	f.paper(cmd)
	cmd.Flags().StringVar(&reason, "reason", "", "of a recall: DUPL, TECH, FRAD")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
			if err := f.read(ctx, o, id); err != nil {
				return act{}, err
			}
			request, outcome, err := o.desk.RequestFreeze(ctx, by, id, casework.Asked{Request: f.request, Reason: strings.ToUpper(reason)})
			if err != nil {
				return act{}, err
			}
			p.warnAll(request.Warnings)
			return requested(id, request, outcome), nil
		})
	})
	return p.caseFlag(cmd)
}

// requested says what a draft is of.
func requested(id domain.CaseID, r domain.FreezeRequested, outcome casework.Outcome) act {
	asked, traced := "all that is there", ""
	if r.Amount != nil {
		asked = r.Amount.String() + " " + string(r.Asset)
	}
	if r.Traced != nil {
		traced = fmt.Sprintf("; %s %s of it traces to victims by %s", r.Traced, r.Asset, r.Rule)
	}
	return act{
		what: fmt.Sprintf("freeze %s of case %s is a draft: %s of account %s%s", r.Freeze, id, asked, r.Account, traced),
		fields: map[string]any{"case": id, "freeze": r.Freeze, "state": domain.StateDraft, "account": r.Account, "asset": r.Asset,
			"amount": amountOrNull(r.Amount), "traced": amountOrNull(r.Traced), "rule": r.Rule, "victims": listed(r.Victims), "warnings": listed(r.Warnings)},
		next: fmt.Sprintf("another person: clew freeze approve %s %s; then clew freeze submit %[1]s %[2]s (or at once with --urgent)", id, r.Freeze), outcome: outcome,
	}
}

// amountOrNull is an amount in JSON; null where there is none.
func amountOrNull(a *domain.Amount) any {
	if a == nil {
		return nil
	}
	return a.String()
}

// warnAll tells a person what the mechanism would have liked.
func (p *program) warnAll(warnings []string) {
	for _, w := range warnings {
		p.tell("warning: %s", w)
	}
}

// read makes a request of the flags. What needs the case is looked up there.
func (f *placed) read(ctx context.Context, o *office, id domain.CaseID) (err error) {
	r := &f.request
	if f.id != "" {
		if r.Freeze, err = domain.ParseFreeze(f.id); err != nil {
			return flagError("--id", err)
		}
	}
	for _, step := range []func(context.Context, *office, domain.CaseID) error{f.readMoney, f.readPayment, f.readPeople, f.readTimes, f.readWire} {
		if err := step(ctx, o, id); err != nil {
			return err
		}
	}
	r.Mechanism = f.mechanism
	r.Country = strings.ToUpper(r.Country)
	return nil
}

func (f *placed) readMoney(ctx context.Context, o *office, _ domain.CaseID) (err error) {
	r := &f.request
	if r.Account, err = domain.ParseAccount(f.account); err != nil {
		return flagError("--account", err)
	}
	register, err := o.views.Assets(ctx, projections.Head)
	if err != nil {
		return err
	}
	asset, err := register.Find(f.asset)
	if err != nil {
		return flagError("--asset", err)
	}
	r.Asset, r.Digits = asset.Code, asset.Digits
	r.Amount, err = amountOf(f.amount, asset)
	if err != nil {
		return flagError("--amount", err)
	}
	f.wire.Amount, err = amountOf(f.wireAmount, asset)
	return flagError("--wire-amount", err)
}

// amountOf reads an amount; nil where none was given.
func amountOf(text string, asset domain.Asset) (*domain.Amount, error) {
	if text == "" {
		return nil, nil
	}
	amount, err := domain.ParseAmount(text, asset)
	return &amount, err
}

// readPayment finds the payment, and settles the scope.
func (f *placed) readPayment(ctx context.Context, o *office, id domain.CaseID) (err error) {
	r := &f.request
	switch r.Scope = domain.FreezeScope(f.scope); {
	case r.Scope != "":
	case f.payment != "":
		r.Scope = domain.ScopePayment
	case f.amount != "":
		r.Scope = domain.ScopeAmount
	default:
		r.Scope = domain.ScopeDebitBlock
	}
	if f.payment != "" {
		r.Payment, err = o.movement(ctx, id, f.payment)
	}
	return err
}

func (f *placed) readPeople(context.Context, *office, domain.CaseID) error {
	for _, name := range f.victims {
		victim, err := domain.ParseVictim(name)
		if err != nil {
			return flagError("--victim", err)
		}
		f.request.Victims = append(f.request.Victims, victim)
	}
	if f.request.Rule == "" {
		return nil
	}
	_, err := findRule(f.request.Rule)
	return flagError("--rule", err)
}

func (f *placed) readTimes(context.Context, *office, domain.CaseID) error {
	r := &f.request
	for _, t := range []struct {
		flag, text string
		to         *domain.When
	}{{"--at", f.at, &r.At}, {"--deadline", f.deadline, &r.Deadline}, {"--order-due", f.orderDue, &r.OrderDue},
		{"--settled-on", f.settledOn, &f.wire.SettledOn}, {"--recall-sent", f.recallSent, &f.wire.RecallSent}} {
		if err := whenOf(t.flag, t.text, t.to); err != nil {
			return err
		}
	}
	return nil
}

func (f *placed) readWire(context.Context, *office, domain.CaseID) (err error) {
	if f.originator != "" {
		if f.wire.Originator, err = domain.ParseAccount(f.originator); err != nil {
			return flagError("--originator", err)
		}
	}
	if f.wire != (domain.Wire{}) {
		f.request.Wire = &f.wire
	}
	return nil
}
