package tracing

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sort"
	"time"

	"clew/domain"
)

// Index is a case walked once and kept, so that one victim or one account is
// answered without another walk, now or as of any earlier moment: where did
// his payments go, whose money is here. It answers what the walk answers, to
// the unit, whatever was held, returned or converted: it is what the walk
// itself has written down.
//
//	index, err := tracing.NewIndex(tracing.Input{Rule: tracing.FIFO, Case: c, Accounts: accounts, Holds: holds})
//	if errors.Is(err, tracing.ErrNoIndex) {
//		// walk: tracing.Trace(…)
//	}
//	lines := index.Victim("V17", time.Time{})
//
// Any number of goroutines may ask at the same time. The case must not grow
// while they do; for what has come since, make the index again.
type Index struct {
	plan      *plan
	histories *histories
	losses    []int32 // in the order shown: the losses' own numbers
	begun     []begun // of each of these
	known     []int64 // of each step in the order of the walk: the moment from which it counts
}

// ErrNoIndex says that a case is to be walked: the rule moves no whole lots,
// or the index would be too large.
var ErrNoIndex = errors.New("no index: walk the case")

// mostPostings is how many postings an index may have: 3 GB while it is made.
// Only a case in which many lots go round and round has more.
const mostPostings = 1 << 27

// NewIndex walks the case to its end: At of the input does not matter. Where
// there can be no index it answers ErrNoIndex.
func NewIndex(in Input) (*Index, error) { return newIndex(in, mostPostings) }

func newIndex(in Input, most int) (*Index, error) {
	rule, err := findRule(in.Rule)
	switch {
	case err != nil:
		return nil, err
	case rule.among == proportion || rule.name == Poison:
		return nil, fmt.Errorf("rule %s moves no whole lots: %w", rule.name, ErrNoIndex)
	}
	in.At = time.Time{}
	p, err := makePlan(in)
	if err != nil {
		return nil, err
	}
	w := newWalk(p, rule)
	j := newJournal(w, most)
	w.book = j
	if err := w.run(); err != nil {
		return nil, err
	}
	x := &Index{plan: p, losses: p.lossesByName(), begun: j.begun, known: j.known}
	x.histories = newHistories(&j.postings, j.lines(), p.ranks())
	p.steps, p.rare = nil, nil // what is asked for later has been taken from them
	return x, nil
}

// ranks are the pools' places in the order shown; those of which only losses
// know come last.
func (p *plan) ranks() []int32 {
	ranks := numbered(0, len(p.pools)+poolsMore)
	for rank, pool := range p.poolsByName() {
		ranks[pool] = int32(rank)
	}
	return ranks
}

// until says how many steps had been walked by a moment. Those that had are
// the first of the walk (see plan.sort).
func (x *Index) until(at time.Time) int32 {
	if at.IsZero() {
		return int32(len(x.known))
	}
	moment := nanosecond(at)
	return int32(sort.Search(len(x.known), func(i int) bool { return x.known[i] > moment }))
}

// Victim answers with the victim's lines as Trace does as of a moment (the
// zero time: now). Nobody's lines are none.
func (x *Index) Victim(name domain.VictimID, at time.Time) (lines []Victim) {
	upto := x.until(at)
	first := sort.Search(len(x.losses), func(i int) bool { return x.nameOf(i) >= name })
	for row := first; row < len(x.losses) && x.nameOf(row) == name; row++ {
		if x.begun[row].seq < upto {
			lines = append(lines, x.line(row, upto))
		}
	}
	return lines
}

func (x *Index) nameOf(row int) domain.VictimID {
	return x.plan.victims[x.plan.losses[x.losses[row]].victim]
}

func (x *Index) line(row int, upto int32) Victim {
	h, p := x.histories, x.plan
	v := Victim{Victim: x.nameOf(row), Asset: p.losses[x.losses[row]].asset, Scams: x.begun[row].by(upto)}
	for n := h.lines[row]; n < h.lines[row+1]; n++ {
		worth, pool := h.at(n, upto), h.stays[n].pool
		if worth.IsZero() {
			continue
		}
		switch int(pool) - len(p.pools) {
		case poolReported:
			v.Reported = worth
			continue
		case poolPaidBack:
			v.PaidBack = worth
			continue
		case poolHome:
			v.Returned = worth
		default:
			at := p.accountOf(pool)
			v.add(Place{at.name, p.assets[p.assetOf(pool)], worth, p.pools[pool].stateOf(at)})
		}
		v.Own = v.Own.Plus(worth)
	}
	return v
}

// by lists the ways in which payments had been told to have come about.
func (b *begun) by(upto int32) (scams []domain.Scam) {
	for _, told := range b.scams {
		if told.seq < upto {
			scams = append(scams, told.scam)
		}
	}
	slices.Sort(scams)
	return scams
}

// Account answers what lies on an account and whose it is, as Trace does as of
// a moment (the zero time: now), by asset.
func (x *Index) Account(name domain.AccountID, at time.Time) (list []Pool) {
	account, known := x.plan.accountNo(name)
	if !known {
		return nil
	}
	upto := x.until(at)
	for asset := range x.plan.assets {
		pool, known := x.plan.poolNo(holdingOf{account, int32(asset)})
		if !known {
			continue
		}
		if p := x.pool(pool, upto); !p.Balance.IsZero() || !p.Overdraft.IsZero() {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b Pool) int { return cmp.Compare(a.Asset.Code, b.Asset.Code) })
	return list
}

func (p *plan) poolNo(at holdingOf) (poolNo, bool) {
	if n, ok := p.of.numbers.poolOf(at); ok {
		return n, true
	}
	n, ok := p.numbers.pools[at]
	return n, ok
}

// pool is an account's line in one asset. What is held counts in it.
func (x *Index) pool(main poolNo, upto int32) Pool {
	p := Pool{Account: x.plan.accountOf(main).name, Asset: x.plan.assets[x.plan.assetOf(main)]}
	passed := x.lies(&p, main, upto)
	free := p.Balance
	for n := range x.plan.holds {
		if h := &x.plan.holds[n]; h.pool == main {
			x.lies(&p, h.held, upto)
		}
	}
	p.Held, p.Untraced = p.Balance.Minus(free), p.Balance
	for _, o := range p.Traced {
		p.Untraced = p.Untraced.Minus(o.Units)
	}
	p.Frontier = len(p.Traced) > 0 && !x.plan.pools[main].end && !passed
	return p
}

// lies adds what lies in a pool, and says whether that has paid since traced
// money last came.
func (x *Index) lies(p *Pool, pool poolNo, upto int32) (passed bool) {
	h := x.histories
	more := len(h.lines) - 1 - linesMore
	for _, n := range h.there[h.pools[pool]:h.pools[pool+1]] {
		units := h.at(n, upto)
		if units.IsZero() {
			continue
		}
		switch line := int(h.stays[n].line); line - more {
		case lineAll:
			p.Balance = p.Balance.Plus(units)
		case lineUnseen:
			p.Unexplained = p.Unexplained.Plus(units)
		case lineOwed:
			p.Overdraft = units
		case linePassed:
			passed = true
		default:
			if row := line - (more - len(x.losses)); row >= 0 { // of two lines of a loss the second has the units
				p.own(x.nameOf(row), units)
			}
		}
	}
	return passed
}

// own adds a victim's part.
func (p *Pool) own(victim domain.VictimID, units domain.Units) {
	i, found := slices.BinarySearchFunc(p.Traced, victim, func(o Owner, v domain.VictimID) int { return cmp.Compare(o.Victim, v) })
	if !found {
		p.Traced = slices.Insert(p.Traced, i, Owner{Victim: victim})
	}
	p.Traced[i].Units = p.Traced[i].Units.Plus(units)
}
