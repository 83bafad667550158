package main

import (
	"errors"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"clew/casework"
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

// wording is what the flags say.
func (f *movementFields) wording() casework.Wording {
	said := func(name string, text *string) *string {
		if !f.has(name) {
			return nil
		}
		return text
	}
	return casework.Wording{Time: said("time", &f.time), From: said("from", &f.from), To: said("to", &f.to), Amount: said("amount", &f.amount),
		Asset: said("asset", &f.asset), Fee: said("fee", &f.fee), ToAmount: said("to-amount", &f.toAmount), ToAsset: said("to-asset", &f.toAsset),
		Ref: said("ref", &f.ref), Note: said("note", &f.note)}
}

// given lists the fields that were given.
func (f *movementFields) given() []string { return f.wording().Given() }

// over lays the given fields over a movement.
func (f *movementFields) over(m domain.Movement, register domain.Assets) (domain.Movement, error) {
	m, err := f.wording().Over(m, register)
	if wrong := (*domain.FieldError)(nil); errors.As(err, &wrong) {
		return m, domain.Usage("--%s: %s", wrong.Field, wrong.Reason)
	}
	return m, err
}
