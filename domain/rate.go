package domain

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"sort"
	"time"

	"github.com/shopspring/decimal"
)

// Rates are published exchange rates, by day. They only ever add a marked
// column beside the answer (what a payment was worth on its day): no trace and
// no sum rests on them.
type Rates struct {
	days map[AssetCode][]dayRates // by base, in order of day
}

type dayRates struct {
	day   time.Time
	rates map[AssetCode]decimal.Decimal // one unit of the base is so much of the other
}

// rateDays is how old a published rate may be on the day it is used: central
// banks publish none at weekends and over Easter.
const rateDays = 5

// ParseRate reads one rate, which is more than nothing.
func ParseRate(text string) (decimal.Decimal, error) {
	if reason := unplain(text); reason != "" {
		return decimal.Decimal{}, fmt.Errorf("rate %s %s: write it as digits with a point, like 1.0873", quoted(text), reason)
	}
	rate, err := decimal.NewFromString(text)
	if err != nil || rate.Sign() <= 0 {
		return decimal.Decimal{}, fmt.Errorf("rate %s is not a number above 0", quoted(text))
	}
	return rate, nil
}

// With adds a day's rates; a later publication of the same day and base takes
// the place of an earlier one, rate by rate.
func (r Rates) With(event RatePublished) (Rates, error) {
	rates := map[AssetCode]decimal.Decimal{}
	for code, text := range event.Rates {
		rate, err := ParseRate(text)
		if err != nil {
			return r, fmt.Errorf("%s to %s on %s: %w", event.Base, code, event.Day, err)
		}
		rates[code] = rate
	}
	days := maps.Clone(r.days)
	if days == nil {
		days = map[AssetCode][]dayRates{}
	}
	days[event.Base] = insertDay(slices.Clone(days[event.Base]), dayRates{event.Day.Day(), rates})
	return Rates{days}, nil
}

func insertDay(list []dayRates, added dayRates) []dayRates {
	at := sort.Search(len(list), func(i int) bool { return !list[i].day.Before(added.day) })
	if at == len(list) || !list[at].day.Equal(added.day) {
		return slices.Insert(list, at, added)
	}
	merged := maps.Clone(list[at].rates)
	maps.Copy(merged, added.rates)
	list[at].rates = merged
	return list
}

// Convert gives an amount in another asset at the rate of a day (or of the
// last day before it that has one, at most five days back), rounded half to
// even, and false where no such rate was published. A rate may be turned
// around, and two rates of one base may be crossed.
func (r Rates) Convert(a Amount, to Asset, day time.Time) (Amount, bool) {
	if a.Asset.Code == to.Code {
		return a, true
	}
	bases := slices.Sorted(maps.Keys(r.days))
	for _, base := range bases {
		from, okFrom := r.rate(base, a.Asset.Code, day)
		into, okInto := r.rate(base, to.Code, day)
		if okFrom && okInto {
			return crossed(a, to, into, from)
		}
	}
	return Amount{}, false
}

// rate is how much of an asset one unit of the base is on a day.
func (r Rates) rate(base, code AssetCode, day time.Time) (decimal.Decimal, bool) {
	if base == code {
		return decimal.NewFromInt(1), true
	}
	list := r.days[base]
	oldest := day.AddDate(0, 0, -rateDays)
	for at := sort.Search(len(list), func(i int) bool { return list[i].day.After(day) }) - 1; at >= 0 && !list[at].day.Before(oldest); at-- {
		if rate, ok := list[at].rates[code]; ok {
			return rate, true
		}
	}
	return decimal.Decimal{}, false
}

// on is the rate that was published for the very day.
func (r Rates) on(base, code AssetCode, day time.Time) (decimal.Decimal, bool) {
	for _, d := range r.days[base] {
		if d.day.Equal(day) {
			rate, ok := d.rates[code]
			return rate, ok
		}
	}
	return decimal.Decimal{}, false
}

// crossed is amount × into ÷ from, exactly, rounded once to the asset's
// smallest unit.
func crossed(a Amount, to Asset, into, from decimal.Decimal) (Amount, bool) {
	exact := a.Decimal().Rat()
	exact.Mul(exact, into.Rat()).Quo(exact, from.Rat())
	units, err := unitsFromBig(roundHalfEven(exact, to.Digits))
	return Amount{units, to}, err == nil
}

// roundHalfEven is the count of smallest units nearest to an exact value.
func roundHalfEven(exact *big.Rat, digits uint8) *big.Int {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	scaled := new(big.Rat).Mul(exact, new(big.Rat).SetInt(scale))
	quotient, rest := new(big.Int).QuoRem(scaled.Num(), scaled.Denom(), new(big.Int))
	twice := new(big.Int).Abs(rest)
	twice.Lsh(twice, 1)
	if order := twice.Cmp(scaled.Denom()); order > 0 || (order == 0 && quotient.Bit(0) == 1) {
		quotient.Add(quotient, big.NewInt(int64(scaled.Sign())))
	}
	return quotient
}
