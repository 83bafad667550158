package main

import (
	"cmp"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"clew/domain"
)

// movementFields are the flags that tell a movement, or say how it should
// read. What is not given stays as it is.
type movementFields struct {
	set                                                              *pflag.FlagSet
	time, from, to, amount, asset, fee, toAmount, toAsset, ref, note string
}

func (f *movementFields) flags(cmd *cobra.Command) {
	f.set = cmd.Flags()
	f.set.StringVar(&f.time, "time", "", "when it happened: RFC 3339 or a date")
	f.set.StringVar(&f.from, "from", "", "the account that paid")
	f.set.StringVar(&f.to, "to", "", "the account that was credited")
	f.set.StringVar(&f.amount, "amount", "", "what left, with a point and without grouping: 1234.50")
	f.set.StringVar(&f.asset, "asset", "", "of which asset")
	f.set.StringVar(&f.fee, "fee", "", "what the payer was charged on top, of the same asset")
	f.set.StringVar(&f.toAmount, "to-amount", "", "what arrived, where that differs")
	f.set.StringVar(&f.toAsset, "to-asset", "", "of which asset it arrived")
	f.set.StringVar(&f.ref, "ref", "", "the payment's reference across institutions: UETR, end-to-end id, txid#index")
	f.set.StringVar(&f.note, "note", "", "free text")
}

func (f *movementFields) has(name string) bool { return f.set.Changed(name) }

// given lists the fields that were given.
func (f *movementFields) given() []string {
	var names []string
	for _, name := range []string{"time", "from", "to", "amount", "asset", "fee", "to-amount", "to-asset", "ref", "note"} {
		if f.has(name) {
			names = append(names, name)
		}
	}
	return names
}

// over lays the given fields over a movement.
func (f *movementFields) over(m domain.Movement, register domain.Assets) (domain.Movement, error) {
	for _, lay := range []func(*domain.Movement, domain.Assets) error{f.layPlace, f.layAmount, f.layFee, f.layReceived, f.layTexts} {
		if err := lay(&m, register); err != nil {
			return m, err
		}
	}
	return m, nil
}

func (f *movementFields) layPlace(m *domain.Movement, _ domain.Assets) (err error) {
	if f.has("time") {
		if m.When, err = domain.ParseWhen(f.time); err != nil {
			return flagError("--time", err)
		}
	}
	if f.has("from") {
		if m.From, err = domain.ParseAccount(f.from); err != nil {
			return flagError("--from", err)
		}
	}
	if f.has("to") {
		if m.To, err = domain.ParseAccount(f.to); err != nil {
			return flagError("--to", err)
		}
	}
	return nil
}

// layAmount reads the amount; a new asset alone makes the same digits another
// money.
func (f *movementFields) layAmount(m *domain.Movement, register domain.Assets) error {
	if !f.has("amount") && !f.has("asset") {
		return nil
	}
	asset, text := m.Amount.Asset, m.Amount.String()
	if f.has("asset") {
		var err error
		if asset, err = register.Find(f.asset); err != nil {
			return flagError("--asset", err)
		}
	}
	if f.has("amount") {
		text = f.amount
	}
	amount, err := domain.ParseAmount(text, asset)
	m.Amount = amount
	return flagError("--amount", err)
}

func (f *movementFields) layFee(m *domain.Movement, _ domain.Assets) (err error) {
	text := f.fee
	switch {
	case f.has("fee") && f.fee == "", !f.has("fee") && !m.Fee.Given():
		m.Fee = domain.Amount{}
		return nil
	case !f.has("fee") && (m.Fee.Asset == m.Amount.Asset || !f.has("asset")):
		return nil
	case !f.has("fee"):
		text = m.Fee.String()
	}
	m.Fee, err = domain.ParseAmount(text, m.Amount.Asset)
	return flagError("--fee", err)
}

// layReceived reads what arrived. A transfer of which something else arrives
// is a conversion, and the other way round.
func (f *movementFields) layReceived(m *domain.Movement, register domain.Assets) error {
	if !f.has("to-amount") && !f.has("to-asset") {
		return nil
	}
	if f.has("to-amount") && f.toAmount == "" && m.Kind == domain.Conversion {
		m.Kind, m.Received = domain.Transfer, domain.Amount{}
		return nil
	}
	asset, err := register.Find(cmp.Or(f.toAsset, string(m.Received.Asset.Code), string(m.Amount.Asset.Code)))
	if err != nil {
		return flagError("--to-asset", err)
	}
	text := m.Received.String()
	if f.has("to-amount") {
		text = f.toAmount
	}
	if m.Received, err = domain.ParseAmount(text, asset); err != nil {
		return flagError("--to-amount", err)
	}
	if m.Kind == domain.Transfer {
		m.Kind = domain.Conversion
	}
	return nil
}

func (f *movementFields) layTexts(m *domain.Movement, _ domain.Assets) (err error) {
	if f.has("ref") {
		if m.Ref, err = domain.ParseReference("ref", f.ref); err != nil {
			return flagError("--ref", err)
		}
	}
	if f.has("note") {
		if m.Note, err = domain.ParseNote(f.note); err != nil {
			return flagError("--note", err)
		}
	}
	return nil
}
