package projections

import (
	"cmp"
	"context"
	"slices"

	"clew/domain"
	"clew/tracing"
)

// Flow is one edge of the flow picture: all that one account paid to another,
// by what left and what arrived.
type Flow struct {
	From, To    domain.AccountID
	Asset       domain.Asset // that left
	Amount      domain.Units
	Arrived     domain.Asset // the same, but for conversions
	Received    domain.Units
	Movements   int
	First, Last domain.When
}

type edge struct {
	from, to domain.AccountID
	left     domain.Asset
	arrived  domain.Asset
}

// Flows gives who paid how much to whom, by payer, payee and asset. Fees are
// paid to sink:fees; of a hop each output draws on the inputs in their order,
// as the walk has it. Openings and balances are no flows.
func (v *Views) Flows(ctx context.Context, a Ask) ([]Flow, error) {
	assembly, err := v.assembled(ctx, a)
	if err != nil {
		return nil, err
	}
	f := flows{edges: map[edge]*Flow{}}
	for r := range assembly.rowsBy(a.At) {
		f.row(r)
	}
	if f.err != nil {
		return nil, f.err
	}
	list := make([]Flow, 0, len(f.edges))
	for _, flow := range f.edges {
		list = append(list, *flow)
	}
	slices.SortFunc(list, func(a, b Flow) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Asset.Code, b.Asset.Code), cmp.Compare(a.Arrived.Code, b.Arrived.Code))
	})
	return list, nil
}

// flows sums up edges and keeps the first error.
type flows struct {
	edges map[edge]*Flow
	err   error
}

func (f *flows) row(r *tracing.Row) {
	switch r.Kind {
	case domain.Transfer, domain.Conversion, domain.Return:
		f.pays(r, payment{r.From, r.To, r.Amount, r.Arrives()})
		if cut, err := r.Amount.Sub(r.Arrives()); err == nil && !cut.IsZero() { // a deduction
			f.pays(r, payment{r.From, domain.SinkFees, cut, cut})
		}
		if r.Fee.Given() {
			f.pays(r, payment{r.From, domain.SinkFees, r.Fee, r.Fee})
		}
	case domain.Hop:
		f.hop(r)
	}
}

// payment is one part of a movement from one account to another.
type payment struct {
	from, to      domain.AccountID
	left, arrived domain.Amount
}

func (f *flows) pays(r *tracing.Row, p payment) {
	key := edge{p.from, p.to, p.left.Asset, p.arrived.Asset}
	flow := f.edges[key]
	if flow == nil {
		flow = &Flow{From: p.from, To: p.to, Asset: p.left.Asset, Arrived: p.arrived.Asset, First: r.When, Last: r.When}
		f.edges[key] = flow
	}
	var err [2]error
	flow.Amount, err[0] = flow.Amount.Add(p.left.Units)
	flow.Received, err[1] = flow.Received.Add(p.arrived.Units)
	f.err = cmp.Or(f.err, err[0], err[1])
	flow.Movements++
	if r.When.Time.Before(flow.First.Time) {
		flow.First = r.When
	}
	if r.When.Time.After(flow.Last.Time) {
		flow.Last = r.When
	}
}

// hop lays inputs and outputs in transaction order side by side; the fee
// draws last.
func (f *flows) hop(r *tracing.Row) {
	inputs := slices.Clone(r.Inputs)
	outputs := append(slices.Clone(r.Outputs), domain.Leg{Account: domain.SinkFees, Amount: unspent(r)})
	for _, out := range outputs {
		for left := out.Amount; !left.IsZero() && len(inputs) > 0; {
			part := domain.Amount{Units: left.Units.Min(inputs[0].Amount.Units), Asset: left.Asset}
			if !part.IsZero() {
				f.pays(r, payment{inputs[0].Account, out.Account, part, part})
			}
			left.Units, inputs[0].Amount.Units = left.Units.Minus(part.Units), inputs[0].Amount.Units.Minus(part.Units)
			if inputs[0].Amount.IsZero() {
				inputs = inputs[1:]
			}
		}
	}
}

// unspent is what the outputs of a hop lack: its fee.
func unspent(r *tracing.Row) domain.Amount {
	rest := domain.Amount{Asset: r.Inputs[0].Amount.Asset}
	for _, leg := range r.Inputs {
		rest.Units = rest.Units.Plus(leg.Amount.Units)
	}
	for _, leg := range r.Outputs {
		rest.Units = rest.Units.Minus(leg.Amount.Units)
	}
	return rest
}
