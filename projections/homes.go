package projections

import (
	"slices"

	"clew/domain"
	"clew/tracing"
)

// Kind is an account's kind, by its name and as people have described it.
func (s *Assembly) Kind(account domain.AccountID) domain.AccountKind {
	return account.DescribedKind(s.Accounts[account].As)
}

// isEnd says whether the money behind an account can no longer be told apart.
func (s *Assembly) isEnd(account domain.AccountID) bool { return s.Kind(account).End() }

// Homes lists the victims' homes (TRACING, point 6), and whose each is:
// accounts from which they report a payment, and accounts described as theirs;
// never an end, and never one that is shared or not his.
func (s *Assembly) Homes() map[domain.AccountID][]domain.VictimID {
	homes := map[domain.AccountID][]domain.VictimID{}
	add := func(account domain.AccountID, victim domain.VictimID) {
		said := s.Accounts[account]
		if account == "" || s.isEnd(account) || said.Shared || said.NotVictim == victim || slices.Contains(homes[account], victim) {
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

// homesAndEnds says of accounts that they are a victim's own or an end: money
// that comes there has not met anybody's, and is nothing to freeze.
func (s *Assembly) homesAndEnds() func(domain.AccountID) bool {
	homes := s.Homes()
	return func(account domain.AccountID) bool { return len(homes[account]) > 0 || s.isEnd(account) }
}

// reported says whether a row is a payment that a victim reports.
func reported(r *tracing.Row) bool {
	return r.Victim != "" && (r.Kind == domain.Transfer || r.Kind == domain.Conversion || r.Kind == domain.Hop)
}
