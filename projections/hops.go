package projections

import (
	"time"

	"clew/domain"
	"clew/tracing"
)

// hopsOf counts for each account the fewest movements by which a victim's
// money can have come there: 1 is the account that he paid himself. Nothing
// goes on from an end.
func hopsOf(s *Assembly, at time.Time) map[domain.AccountID]int {
	hops, onward := map[domain.AccountID]int{}, map[domain.AccountID][]domain.AccountID{}
	var wave []domain.AccountID
	reach := func(account domain.AccountID, hop int) {
		if _, known := hops[account]; !known && account != "" {
			hops[account], wave = hop, append(wave, account)
		}
	}
	for r := range s.rowsBy(at) {
		payers, payees := sides(r)
		for _, payee := range payees {
			if reported(r) {
				reach(payee, 1)
			}
			for _, payer := range payers {
				onward[payer] = append(onward[payer], payee)
			}
		}
	}
	for len(wave) > 0 {
		account := wave[0]
		wave = wave[1:]
		if !s.isEnd(account) {
			for _, payee := range onward[account] {
				reach(payee, hops[account]+1)
			}
		}
	}
	return hops
}

// sides are the payers and the payees of a movement.
func sides(r *tracing.Row) (payers, payees []domain.AccountID) {
	if r.Kind != domain.Hop {
		return []domain.AccountID{r.From}, []domain.AccountID{r.To}
	}
	for _, leg := range r.Inputs {
		payers = append(payers, leg.Account)
	}
	for _, leg := range r.Outputs {
		payees = append(payees, leg.Account)
	}
	return payers, payees
}
