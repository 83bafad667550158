package indicators

import (
	"cmp"
	"slices"
	"time"

	"clew/domain"
)

// stay is an amount that came with one passage and left with another. Money
// leaves oldest first, as the walk's lots do under fifo.
type stay struct {
	in, out int
	units   domain.Units
	lasted  int64
}

// stays matches a pool's credits with its debits, oldest first. What left
// without having been seen to come is matched with nothing.
func (p *pool) stays() []stay {
	if p.matched == nil {
		list := p.match()
		p.matched = &list
	}
	return *p.matched
}

func (p *pool) match() (list []stay) {
	oldest, left := 0, domain.Units{}
	var credits []int
	for n, line := range p.list {
		if line.in {
			credits = append(credits, n)
			continue
		}
		for due := line.units; due.Sign() > 0 && oldest < len(credits); {
			credit := credits[oldest]
			if left.IsZero() {
				left = p.list[credit].units
			}
			part := due.Min(left)
			list = append(list, stay{credit, n, part, line.at - p.list[credit].at})
			if due, left = due.Minus(part), left.Minus(part); left.IsZero() {
				oldest++
			}
		}
	}
	return list
}

// sum adds units; beyond 128 bits it stays at the last sum, far above any
// threshold.
func sum(all, more domain.Units) domain.Units {
	if total, err := all.Add(more); err == nil {
		return total
	}
	return all
}

// parts is part ÷ whole in so many parts of one, rounded down; at most whole.
func parts(part, whole domain.Units, of int64) int64 {
	if whole.Sign() <= 0 {
		return 0
	}
	share, _ := domain.NewUnits(of).Share(part.Min(whole), whole)
	n, _ := share.Int64()
	return n
}

func passThrough(p *pool, l limits) (s sign) {
	in, out, credits := domain.Units{}, domain.Units{}, int64(0)
	for _, line := range p.list {
		if line.in {
			in, credits = sum(in, line.units), credits+1
		}
	}
	if credits < l["credits"] {
		return s
	}
	within := l.span("hours")
	for _, stay := range p.stays() {
		if stay.lasted <= within {
			out = sum(out, stay.units)
			s.shown = append(s.shown, stay.in, stay.out)
		}
	}
	s.measured = parts(out, in, 1000)
	return s
}

func dwellTime(p *pool, l limits) (s sign) {
	list := slices.Clone(p.stays())
	credits, all := map[int]bool{}, domain.Units{}
	for _, stay := range list {
		credits[stay.in], all = true, sum(all, stay.units)
	}
	if int64(len(credits)) < l["credits"] {
		return s
	}
	slices.SortFunc(list, func(a, b stay) int {
		return cmp.Or(cmp.Compare(a.lasted, b.lasted), cmp.Compare(a.in, b.in), cmp.Compare(a.out, b.out))
	})
	reached := domain.Units{}
	for _, stay := range list {
		s.shown = append(s.shown, stay.in, stay.out)
		if reached = sum(reached, stay.units); !reached.Less(all.Minus(reached)) {
			s.measured = stay.lasted / int64(time.Minute)
			break
		}
	}
	return s
}
