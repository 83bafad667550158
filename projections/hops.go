package projections

import (
	"slices"
	"time"

	"clew/domain"
	"clew/tracing"
)

// isEnd says whether the money behind an account can no longer be told apart:
// by its name, or as it is described.
func isEnd(s *Assembly, account domain.AccountID) bool {
	if as := s.Accounts[account].As; as != "" {
		return as.End()
	}
	return account.Kind().End()
}

// Homes are the victims' own accounts, and whose each is.
func (s *Assembly) Homes() map[domain.AccountID][]domain.VictimID { return homesOf(s) }

// homesOf lists the victims' homes (TRACING, point 6): accounts from which
// they report a payment, and accounts described as theirs; never an end, and
// never one that is shared or not his.
func homesOf(s *Assembly) map[domain.AccountID][]domain.VictimID {
	homes := map[domain.AccountID][]domain.VictimID{}
	add := func(account domain.AccountID, victim domain.VictimID) {
		said := s.Accounts[account]
		if account == "" || isEnd(s, account) || said.Shared || said.NotVictim == victim || slices.Contains(homes[account], victim) {
			return
		}
		homes[account] = append(homes[account], victim)
	}
	for r := range s.Rows() {
		if !reported(r) {
			continue
		}
		add(r.From, r.Victim)
		for _, in := range r.Inputs {
			add(in.Account, r.Victim)
		}
	}
	for account, said := range s.Accounts {
		if said.Victim != "" {
			add(account, said.Victim)
		}
	}
	return homes
}

// reported says whether a row is a payment that a victim reports.
func reported(r *tracing.Row) bool {
	return r.Victim != "" && (r.Kind == domain.Transfer || r.Kind == domain.Conversion || r.Kind == domain.Hop)
}

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
	for r := range s.Rows() {
		if !happened(r, at) {
			continue
		}
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
		if !isEnd(s, account) {
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
