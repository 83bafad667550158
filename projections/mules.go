package projections

import (
	"context"

	"clew/domain"
	"clew/indicators"
)

// MulesAsk is what is asked about a case's mule accounts.
type MulesAsk struct {
	Ask                             // its rule is not looked at: no indicator follows one
	Indicator string                // "name" or "name@version"; "": the newest of all
	Account   domain.AccountID      // "": all; under any of its names
	Limits    indicators.Thresholds // empty: the standard ones
}

// Mules are the findings of a case, by account.
type Mules struct {
	Case     domain.CaseID
	Position uint64
	Findings []indicators.Finding
}

// Mules looks for signs of mule accounts in a case as it was known at a
// position of the log and had happened by a moment. Nothing is kept: the
// findings are made anew from the movements, so they change with them.
func (v *Views) Mules(ctx context.Context, a MulesAsk) (*Mules, error) {
	upto, err := v.resolve(ctx, a.Ask)
	if err != nil {
		return nil, err
	}
	s, err := v.Assemble(ctx, a.Case, upto)
	if err != nil {
		return nil, err
	}
	if len(a.Limits) == 0 {
		a.Limits = indicators.Standard()
	}
	book := indicators.NewBook(s.Accounts)
	for row := range s.Rows() {
		if happened(row, a.At) {
			book.Add(row)
		}
	}
	account := a.Account
	if account != "" {
		account = s.File.Resolve(account)
	}
	found, err := book.Findings(indicators.Ask{Thresholds: a.Limits, Indicator: a.Indicator, Account: account})
	return &Mules{a.Case, s.Position, found}, err
}
