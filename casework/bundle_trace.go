package casework

import (
	"context"
	"time"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

// tracedShape is trace/RULE.json: what was walked, and what came of it. All
// amounts are whole smallest units as text; digits says where the point of
// an asset stands.
type tracedShape struct {
	Rule      tracing.Rule               `json:"rule"`
	Chosen    bool                       `json:"chosen"` // on record, as the case's rule
	At        string                     `json:"at"`     // what had happened by then; "" for all
	Position  uint64                     `json:"position"`
	Assets    map[domain.AssetCode]uint8 `json:"assets"` // digits of each
	Movements []walkedShape              `json:"movements"`
	Victims   []bundledVictim            `json:"victims"`
	Accounts  []bundledPool              `json:"accounts"`
}

// walkedShape is one movement as it was walked.
type walkedShape struct {
	Movement domain.MovementID   `json:"movement"`
	Kind     domain.MovementKind `json:"kind"`
	When     string              `json:"when"`
	From     domain.AccountID    `json:"from,omitempty"`
	To       domain.AccountID    `json:"to,omitempty"`
	Amount   *unitsShape         `json:"amount,omitempty"`
	Received *unitsShape         `json:"received,omitempty"`
	Fee      *unitsShape         `json:"fee,omitempty"`
	Inputs   []legShape          `json:"inputs,omitempty"`
	Outputs  []legShape          `json:"outputs,omitempty"`
	Victim   domain.VictimID     `json:"victim,omitempty"`
}

type unitsShape struct {
	Units string           `json:"units"`
	Asset domain.AssetCode `json:"asset"`
}

type legShape struct {
	Account domain.AccountID `json:"account"`
	unitsShape
}

// bundledVictim is a victim's ledger in one asset, the places that it is the
// sum of, and every hop by which his money came there.
type bundledVictim struct {
	Victim   domain.VictimID   `json:"victim"`
	Asset    domain.AssetCode  `json:"asset"`
	Reported string            `json:"reported"`
	Own      string            `json:"own"`
	PaidBack string            `json:"paid_back"`
	Net      string            `json:"net"`
	Returned string            `json:"returned"`
	Sums     map[string]string `json:"sums"` // own is their sum, with returned
	Places   []bundledPlace    `json:"places"`
	Hops     []hopShape        `json:"hops"`
}

type bundledPlace struct {
	Account domain.AccountID `json:"account"`
	Asset   domain.AssetCode `json:"asset"` // of the account's holding; the claim is in the victim's
	Claim   string           `json:"claim"`
	State   tracing.State    `json:"state"`
}

// hopShape is one passage of his money (tracing.Passage).
type hopShape struct {
	Movement domain.MovementID  `json:"movement"`
	Nth      int                `json:"nth"`
	Part     string             `json:"part"`
	From     []domain.AccountID `json:"from"`
	To       domain.AccountID   `json:"to"`
	Asset    domain.AssetCode   `json:"asset"`
	Units    string             `json:"units"` // all that arrived
	His      string             `json:"his"`
	Worth    string             `json:"worth"` // of it, in the victim's asset
	New      string             `json:"new"`   // of that, what became a claim here
	Home     bool               `json:"home"`  // it is returned
}

type bundledPool struct {
	Account  domain.AccountID           `json:"account"`
	Asset    domain.AssetCode           `json:"asset"`
	Balance  string                     `json:"balance"`
	Untraced string                     `json:"untraced"`
	Held     string                     `json:"held"`
	Traced   map[domain.VictimID]string `json:"traced"`
}

func (d *Desk) bundledTrace(ctx context.Context, ask projections.Ask) (*tracedShape, error) {
	ledger, err := d.Views.Ledger(ctx, ask)
	if err != nil {
		return nil, err
	}
	in, _, err := d.Views.Input(ctx, ask)
	if err != nil {
		return nil, err
	}
	in.Rule = ledger.Rule
	shape := &tracedShape{Rule: ledger.Rule, Chosen: ledger.Chosen, Position: ledger.Position, Assets: map[domain.AssetCode]uint8{},
		Movements: []walkedShape{}, Victims: []bundledVictim{}, Accounts: []bundledPool{}}
	if !ask.At.IsZero() {
		shape.At = ask.At.UTC().Format(time.RFC3339Nano)
	}
	for r := range ledger.Assembly.Rows() {
		shape.Movements = append(shape.Movements, shape.walked(r))
	}
	for i := range ledger.Rows {
		v := shape.victim(&ledger.Rows[i])
		passages, err := tracing.Passages(in, v.Victim)
		if err != nil {
			return nil, err
		}
		v.Hops = hopsOf(v.Asset, passages)
		v.Places = shape.places(&v, ledger.Answer.Victims)
		shape.Victims = append(shape.Victims, v)
	}
	for _, pool := range ledger.Answer.Accounts {
		shape.Accounts = append(shape.Accounts, shape.pool(pool))
	}
	return shape, nil
}

// units notes the asset on the way.
func (s *tracedShape) units(a domain.Amount) *unitsShape {
	if !a.Given() {
		return nil
	}
	s.Assets[a.Asset.Code] = a.Asset.Digits
	return &unitsShape{a.Units.String(), a.Asset.Code}
}

func (s *tracedShape) walked(r *tracing.Row) walkedShape {
	w := walkedShape{Movement: r.ID, Kind: r.Kind, When: r.When.String(), From: r.From, To: r.To,
		Amount: s.units(r.Amount), Received: s.units(r.Received), Fee: s.units(r.Fee), Victim: r.Victim}
	for _, leg := range r.Inputs {
		w.Inputs = append(w.Inputs, legShape{leg.Account, *s.units(leg.Amount)})
	}
	for _, leg := range r.Outputs {
		w.Outputs = append(w.Outputs, legShape{leg.Account, *s.units(leg.Amount)})
	}
	return w
}

func (s *tracedShape) victim(r *projections.LedgerRow) bundledVictim {
	s.Assets[r.Asset.Code] = r.Asset.Digits
	return bundledVictim{Victim: r.Victim, Asset: r.Asset.Code, Reported: r.Reported.String(), Own: r.Own.String(), PaidBack: r.PaidBack.String(),
		Net: r.Net.String(), Returned: r.Returned.String(), Sums: map[string]string{
			string(tracing.AtLarge): r.AtLarge.String(), string(tracing.Held): r.Held.String(), string(tracing.Seized): r.Seized.String(),
			string(tracing.Restored): r.Restored.String(), string(tracing.CashedOut): r.CashedOut.String(), string(tracing.AtService): r.AtService.String(),
			string(tracing.Unaccounted): r.Unaccounted.String(), string(tracing.Fees): r.Fees.String(),
		}}
}

func (s *tracedShape) places(v *bundledVictim, all []tracing.Victim) []bundledPlace {
	list := []bundledPlace{}
	for _, of := range all {
		if of.Victim != v.Victim || of.Asset.Code != v.Asset {
			continue
		}
		for _, p := range of.Places {
			s.Assets[p.Asset.Code] = p.Asset.Digits
			list = append(list, bundledPlace{p.Account, p.Asset.Code, p.Claim.String(), p.State})
		}
	}
	return list
}

// hopsOf are the passages that carry what was lost in one asset.
func hopsOf(asset domain.AssetCode, passages []tracing.Passage) []hopShape {
	list := []hopShape{}
	for _, p := range passages {
		for _, w := range p.Worth {
			if w.Asset.Code != asset {
				continue
			}
			hop := hopShape{p.Movement, p.Nth, p.Part, p.From, p.To, p.Asset.Code, p.Units.String(), p.His, w.Units, w.New, p.Home}
			if hop.From == nil {
				hop.From = []domain.AccountID{}
			}
			list = append(list, hop)
		}
	}
	return list
}

func (s *tracedShape) pool(p tracing.Pool) bundledPool {
	s.Assets[p.Asset.Code] = p.Asset.Digits
	shape := bundledPool{p.Account, p.Asset.Code, p.Balance.String(), p.Untraced.String(), p.Held.String(), map[domain.VictimID]string{}}
	for _, owner := range p.Traced {
		shape.Traced[owner.Victim] = owner.Units.String()
	}
	return shape
}
