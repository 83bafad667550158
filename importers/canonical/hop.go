package canonical

import (
	"errors"

	"clew/domain"
	"clew/importers/lines"
)

// notInHops are the columns that a hop has no place for: its accounts and
// amounts are in its inputs and outputs, and what these differ by is its fee.
var notInHops = []column{colFrom, colTo, colAmount, colOf, colVictim, colScam, colFee, colToAmount, colToAsset}

// hop reads a UTXO transaction: "inputs" and "outputs" are lists of objects
// with account, amount and, if wanted, the address that labels an output.
func (r *jsonRow) hop() (domain.Movement, *domain.FieldError) {
	c, p := &r.table.cells, r.table.parts
	for _, column := range notInHops {
		if c[column] != "" {
			return domain.Movement{}, wrong(column, "does not go with a hop: its accounts and amounts are in inputs and outputs")
		}
	}
	m := domain.Movement{Kind: domain.Hop}
	for _, step := range []func(*parts, *cells, *domain.Movement) *domain.FieldError{(*parts).when, (*parts).ids} {
		if wrong := step(p, c, &m); wrong != nil {
			return m, wrong
		}
	}
	if c[colAsset] == "" {
		return m, wrong(colAsset, "is missing: write the asset of all inputs and outputs, like BTC")
	}
	asset, err := p.asset(c[colAsset])
	if err != nil {
		return m, unreadable(colAsset, err)
	}
	var wrong *domain.FieldError
	if m.Inputs, wrong = p.legs("inputs", r.inputs, asset); wrong != nil {
		return m, wrong
	}
	if m.Outputs, wrong = p.legs("outputs", r.outputs, asset); wrong != nil {
		return m, wrong
	}
	if wrong := domain.CheckMovement(m); wrong != nil {
		return m, whole(wrong)
	}
	return m, nil
}

// legs reads the inputs or the outputs of a hop.
func (p *parts) legs(field string, list []byte, asset domain.Asset) (legs []domain.Leg, wrong *domain.FieldError) {
	if list == nil || list[0] == 'n' {
		return nil, nil // CheckMovement says what is missing.
	}
	if list[0] != '[' {
		return nil, &domain.FieldError{Field: field, Reason: field + " is " + lines.KindOf(list) + `: write a list like [{"account":"…","amount":"…"}]`}
	}
	err := lines.Elements(list, func(value []byte) error {
		leg, err := p.leg(value, asset)
		legs = append(legs, leg)
		return err
	})
	if err != nil {
		return nil, &domain.FieldError{Field: field, Reason: field + ": " + err.Error()}
	}
	return legs, nil
}

func (p *parts) leg(value []byte, asset domain.Asset) (leg domain.Leg, err error) {
	if value[0] != '{' {
		return leg, errors.New(`each entry is an object like {"account":"…","amount":"…"}`)
	}
	var account, amount string
	err = lines.Members(value, func(key string, value []byte) (err error) {
		switch {
		case value[0] == 'n':
		case key == "account":
			account, err = cell(key, value)
		case key == "amount":
			amount, err = cell(key, value)
		case key == "address":
			leg.Address, err = cell(key, value)
		default:
			err = errors.New("an entry has account, amount and address, and no " + shown(key))
		}
		return err
	})
	if err != nil {
		return leg, err
	}
	return p.pool(leg, account, amount, asset)
}

// pool reads which pool a leg names, and what it takes or gives.
func (p *parts) pool(leg domain.Leg, account, amount string, asset domain.Asset) (domain.Leg, error) {
	var err error
	if leg.Address, err = domain.ParseReference("address", leg.Address); err != nil {
		return leg, err
	}
	if leg.Account, err = p.account(account); err != nil {
		return leg, err
	}
	if leg.Account == "" || leg.Account == someone {
		return leg, errors.New("an entry without account: write the output as txid:n, its address, or the wallet")
	}
	leg.Amount, err = domain.ParseAmount(amount, asset)
	return leg, err
}
