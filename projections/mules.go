package projections

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"clew/domain"
	"clew/indicators"
	"clew/tracing"
)

// MulesAsk is what is asked about a case's mule accounts.
type MulesAsk struct {
	Ask                             // its rule is not looked at: lots are followed by fifo
	Indicator string                // "name" or "name@version"; "": the newest of all
	Account   domain.AccountID      // "": all; under any of its names
	Limits    indicators.Thresholds // empty: those that were in force
}

// Mules are the findings of a case, by account.
type Mules struct {
	Case     domain.CaseID
	Position uint64
	Findings []indicators.Finding
	// Recognised is what speaks for the account that was asked about, whether
	// anything fires there or not; "" where nothing does, or all were asked about.
	Recognised indicators.Recognition
	Unwalked   string // why no lots could be followed: then what rests on them is not found; "" where they were
}

// Mules looks for signs of mule accounts in a case as it was known at a
// position of the log and had happened by a moment. Nothing is kept: the
// findings are made anew from the movements, so they change with them. Whose
// money it was is what a walk under fifo says, whatever the case's rule.
func (v *Views) Mules(ctx context.Context, a MulesAsk) (*Mules, error) {
	s, err := v.assembled(ctx, a.Ask)
	if err != nil {
		return nil, err
	}
	if len(a.Limits) == 0 {
		if a.Limits, err = v.Thresholds(ctx, s.Position); err != nil {
			return nil, err
		}
	}
	m := &Mules{Case: a.Case, Position: s.Position}
	book := bookOf(s, a.At)
	if err := book.Trace(s.input(tracing.FIFO, a.Ask)); err != nil {
		m.Unwalked = err.Error()
	}
	account := a.Account
	if account != "" {
		account = s.File.Resolve(account)
		m.Recognised = book.Recognise(account)
	}
	m.Findings, err = book.Findings(indicators.Ask{Thresholds: a.Limits, Indicator: a.Indicator, Account: account})
	return m, err
}

// Thresholds are those of all indicators as they had been set by a position of
// the log: clew's own where nobody has set another.
func (v *Views) Thresholds(ctx context.Context, upto uint64) (indicators.Thresholds, error) {
	list := indicators.Standard()
	err := v.eachFact(ctx, upto, func(event domain.Event) error {
		set := event.(domain.IndicatorSet)
		changed, _, err := list.With(indicators.Threshold{Indicator: set.Indicator, Name: set.Threshold, Value: set.Now, Source: set.Reason})
		if err == nil { // else a newer clew has set what this one does not know
			list = changed
		}
		return nil
	}, domain.IndicatorSet{}.Kind())
	return list, err
}

// bookOf fills a book with what had happened by a moment.
func bookOf(s *Assembly, at time.Time) *indicators.Book {
	book := indicators.NewBook(saidOf(s))
	for row := range s.rowsBy(at) {
		book.Add(row)
	}
	return book
}

// saidOf is what people have said of every account, under the name that it is
// walked by. What they said of that very name counts before what they said of
// another one.
func saidOf(s *Assembly) map[domain.AccountID]indicators.Said {
	said := map[domain.AccountID]indicators.Said{}
	for name, account := range s.Accounts {
		said[name] = indicators.Said{Account: account}
	}
	for _, name := range slices.Sorted(maps.Keys(s.File.Accounts)) {
		d, as := s.File.Accounts[name], s.File.Resolve(name)
		one := said[as]
		if name == as || one.Institution == "" {
			one.Institution = cmp.Or(d.Institution, one.Institution)
		}
		if name == as || one.Country == "" {
			one.Country = cmp.Or(d.Country, one.Country)
		}
		if !d.Opened.IsZero() && (name == as || one.Opened.IsZero()) {
			one.Opened = d.Opened.Time
		}
		said[as] = one
	}
	for _, name := range slices.Sorted(maps.Keys(s.File.Labels)) {
		as := s.File.Resolve(name)
		one := said[as]
		for _, label := range s.File.Labels[name] {
			one.Labels = append(one.Labels, label.Label)
		}
		said[as] = one
	}
	return said
}

// Threshold is what a threshold is now, before somebody sets it: an error where
// there is none of that name, or where it may not be what he wants.
func (v *Views) Threshold(ctx context.Context, set domain.IndicatorSet) (was int64, err error) {
	list, err := v.Thresholds(ctx, Head)
	if err != nil {
		return 0, err
	}
	_, was, err = list.With(indicators.Threshold{Indicator: set.Indicator, Name: set.Threshold, Value: set.Now, Source: set.Reason})
	return was, err
}
