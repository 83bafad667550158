package projections

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"

	"clew/domain"
)

// Share says on how much of the data a table rests: of how many victims and of
// which part of the amount a thing is known.
type Share struct {
	What    string
	Known   int // victims of whom it is known of every payment
	Of      int
	Amounts []AmountShare // by asset
}

// AmountShare is the part of an asset's amount of which a thing is known.
type AmountShare struct {
	Asset domain.Asset
	Known domain.Units
	Of    domain.Units
}

// Part is Known ÷ Of with four decimals, halves to even; false where there is
// nothing.
func (s AmountShare) Part() (string, bool) {
	if s.Of.IsZero() {
		return "", false
	}
	return ratio(s.Known.Big(), s.Of.Big(), rateDigits), true
}

// Percent is Known ÷ Of in whole percent, rounded down, so that 100 means all.
func (s AmountShare) Percent() int {
	if s.Of.IsZero() {
		return 0
	}
	part := new(big.Int).Mul(s.Known.Big(), big.NewInt(100))
	return int(part.Quo(part, s.Of.Big()).Int64())
}

// shareCount counts of what share of the data a thing is known.
type shareCount struct {
	what    string
	known   func(*Reported) bool // of payments; nil where something else is counted
	of      map[domain.VictimID]bool
	victims int
	sure    int // of victims
	amounts map[domain.Asset]*AmountShare
}

func newShare(what string) *shareCount {
	return &shareCount{what: what, of: map[domain.VictimID]bool{}, amounts: map[domain.Asset]*AmountShare{}}
}

func newShares(list []question) (shares []*shareCount) {
	for _, q := range list {
		share := newShare(q.what)
		share.known = q.known
		shares = append(shares, share)
	}
	return shares
}

// add counts the payments of one group of cases.
func (s *shareCount) add(losses []Reported) error {
	for i := range losses {
		if err := s.note(losses[i].Victim, losses[i].Amount, s.known(&losses[i])); err != nil {
			return err
		}
	}
	s.close()
	return nil
}

// note counts one amount of a victim, of which the thing is known or not.
func (s *shareCount) note(victim domain.VictimID, amount domain.Amount, known bool) (err error) {
	share := s.amounts[amount.Asset]
	if share == nil {
		share = &AmountShare{Asset: amount.Asset}
		s.amounts[amount.Asset] = share
	}
	if share.Of, err = share.Of.Add(amount.Units); err != nil {
		return fmt.Errorf("the sum of %s: %w", share.Asset.Code, err)
	}
	before, counted := s.of[victim]
	s.of[victim] = known && (before || !counted)
	if known {
		share.Known = share.Known.Plus(amount.Units)
	}
	return nil
}

// close ends a group of cases: no victim has payments in two.
func (s *shareCount) close() {
	s.victims += len(s.of)
	for _, sure := range s.of {
		if sure {
			s.sure++
		}
	}
	clear(s.of)
}

func (s *shareCount) share() Share {
	share := Share{What: s.what, Known: s.sure, Of: s.victims}
	for _, amount := range s.amounts {
		share.Amounts = append(share.Amounts, *amount)
	}
	slices.SortFunc(share.Amounts, func(a, b AmountShare) int {
		return cmp.Or(cmp.Compare(a.Asset.Code, b.Asset.Code), cmp.Compare(a.Asset.Digits, b.Asset.Digits))
	})
	return share
}
