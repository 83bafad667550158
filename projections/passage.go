package projections

import (
	"cmp"
	"slices"
	"time"

	"clew/domain"
	"clew/tracing"
)

// Passages are what comes to a pool and leaves it, as the evidence tells: for
// how long money stays, what left while a request was on its way, and how low
// a balance fell. They are no walk: nobody's money is told apart here, and so
// nothing here depends on a rule.

// passage is one movement as one pool sees it.
type passage struct {
	when     domain.When
	position uint64
	in, out  domain.Units
	stated   bool // in is a balance that was observed
}

// poolKey names a pool.
type poolKey struct {
	account domain.AccountID
	asset   domain.Asset
}

// passages sorts the movements of an assembly by pool, each in the order in
// which they happened. What had not happened by a moment is left out.
func passages(s *Assembly, at time.Time, of func(poolKey) bool) map[poolKey][]passage {
	all := map[poolKey][]passage{}
	add := func(r *tracing.Row, account domain.AccountID, p passage) {
		asset := r.Amount.Asset
		if r.Kind == domain.Hop {
			asset = r.Inputs[0].Amount.Asset
		}
		key := poolKey{account, asset}
		if r.Received.Given() && p.out.IsZero() {
			key.asset = r.Received.Asset
		}
		if account != "" && of(key) {
			p.when, p.position = r.When, r.Position
			all[key] = append(all[key], p)
		}
	}
	for r := range s.rowsBy(at) {
		eachPassage(r, add)
	}
	for _, list := range all {
		slices.SortStableFunc(list, func(a, b passage) int {
			return cmp.Or(a.when.Time.Compare(b.when.Time), compareBool(b.when.Bare, a.when.Bare), cmp.Compare(a.position, b.position))
		})
	}
	return all
}

// eachPassage tells a movement to the pools that it touches. A fee of another
// asset than the movement's is left aside.
func eachPassage(r *tracing.Row, do func(*tracing.Row, domain.AccountID, passage)) {
	switch r.Kind {
	case domain.Opening:
		do(r, r.To, passage{in: r.Amount.Units})
	case domain.Balance:
		do(r, r.To, passage{in: r.Amount.Units, stated: true})
	case domain.Hop:
		for _, leg := range r.Inputs {
			do(r, leg.Account, passage{out: leg.Amount.Units})
		}
		for _, leg := range r.Outputs {
			do(r, leg.Account, passage{in: leg.Amount.Units})
		}
	default:
		do(r, r.From, passage{out: r.Amount.Units})
		if r.Fee.Given() && r.Fee.Asset == r.Amount.Asset {
			do(r, r.From, passage{out: r.Fee.Units})
		}
		do(r, r.To, passage{in: r.Arrives().Units})
	}
}

// leftBetween is what left a pool after one moment and up to another.
func leftBetween(list []passage, from, to time.Time) (sum domain.Units, err error) {
	for _, p := range list {
		if p.when.Time.After(from) && !p.when.Time.After(to) {
			if sum, err = sum.Add(p.out); err != nil {
				return sum, err
			}
		}
	}
	return sum, nil
}

// lowestBetween is how low a balance fell after one moment, at which it is
// known, and up to another.
func lowestBetween(list []passage, balance domain.Units, from, to time.Time) (lowest domain.Units, err error) {
	lowest = balance
	for _, p := range list {
		if !p.when.Time.After(from) || p.when.Time.After(to) {
			continue
		}
		if balance, err = p.after(balance); err != nil {
			return lowest, err
		}
		lowest = lowest.Min(balance)
	}
	return lowest, nil
}

// after is a balance after a passage. What leaves beyond what is there was
// never seen to come.
func (p passage) after(balance domain.Units) (domain.Units, error) {
	if p.stated {
		return notBelow(p.in), nil
	}
	sum, err := balance.Add(p.in)
	if err != nil {
		return sum, err
	}
	return sum.Minus(p.out.Min(sum)), nil
}

// notBelow is the count, or nothing where it is below nothing.
func notBelow(u domain.Units) domain.Units {
	if u.Sign() < 0 {
		return domain.Units{}
	}
	return u
}

// less takes b from a, and stops at nothing.
func less(a, b domain.Units) domain.Units { return a.Minus(b.Min(a)) }
