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
	question
	victims int
	unknown int
	amounts map[domain.Asset]*AmountShare
}

func newShares(list []question) (shares []*shareCount) {
	for _, q := range list {
		shares = append(shares, &shareCount{question: q, amounts: map[domain.Asset]*AmountShare{}})
	}
	return shares
}

// add counts the payments of one group of cases: no victim has payments in
// two.
func (s *shareCount) add(losses []Reported) (err error) {
	known := map[domain.VictimID]bool{}
	for i := range losses {
		l := &losses[i]
		share := s.amounts[l.Amount.Asset]
		if share == nil {
			share = &AmountShare{Asset: l.Amount.Asset}
			s.amounts[l.Amount.Asset] = share
		}
		if share.Of, err = share.Of.Add(l.Amount.Units); err != nil {
			return fmt.Errorf("the sum of %s: %w", share.Asset.Code, err)
		}
		before, counted := known[l.Victim]
		known[l.Victim] = s.known(l) && (before || !counted)
		if s.known(l) {
			share.Known = share.Known.Plus(l.Amount.Units)
		}
	}
	s.victims += len(known)
	for _, all := range known {
		if !all {
			s.unknown++
		}
	}
	return nil
}

func (s *shareCount) share() Share {
	share := Share{What: s.what, Known: s.victims - s.unknown, Of: s.victims}
	for _, amount := range s.amounts {
		share.Amounts = append(share.Amounts, *amount)
	}
	slices.SortFunc(share.Amounts, func(a, b AmountShare) int {
		return cmp.Or(cmp.Compare(a.Asset.Code, b.Asset.Code), cmp.Compare(a.Asset.Digits, b.Asset.Digits))
	})
	return share
}
