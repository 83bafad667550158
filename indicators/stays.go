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
	s := p.scratch.turn(p)
	if !s.matched {
		s.matched = true
		s.stays = p.match(s.stays[:0])
	}
	return s.stays
}

func (p *pool) match(list []stay) []stay {
	credit, left := none, domain.Units{} // the oldest credit of which something is left
	for n := range p.list {
		line := &p.list[n]
		if line.in {
			continue
		}
		for due := line.units; due.Sign() > 0; {
			for left.IsZero() {
				if credit++; int(credit) >= n {
					credit = int32(n) - 1
					break
				}
				if p.list[credit].in {
					left = p.list[credit].units
				}
			}
			if left.IsZero() {
				break
			}
			part := due.Min(left)
			list = append(list, stay{int(credit), n, part, line.at - p.list[credit].at})
			due, left = due.Minus(part), left.Minus(part)
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
	part = part.Min(whole)
	if n, small := whole.Int64(); small && n < 1<<50 && of <= 1000 {
		m, _ := part.Int64()
		return m * of / n
	}
	share, _ := domain.NewUnits(of).Share(part, whole)
	n, _ := share.Int64()
	return n
}

func passThrough(p *pool, l limits) (s sign) {
	if int64(p.credits) < l["credits"] {
		return s
	}
	in, out, within := p.total(true), domain.Units{}, l.span("hours")
	list := p.stays()
	for i := range list {
		if list[i].lasted <= within {
			out = sum(out, list[i].units)
		}
	}
	if s.measured = parts(out, in, 1000); s.measured < l["share"] {
		return s
	}
	for i := range list {
		if list[i].lasted <= within {
			s.shown = append(s.shown, list[i].in, list[i].out)
		}
	}
	return s
}

// dwellTime first asks whether half of what left had stayed a short time: only
// then is the order of all stays of interest.
func dwellTime(p *pool, l limits) (s sign) {
	if p.debits() == 0 || int64(p.credits) < l["credits"] {
		return s
	}
	credits, all, quick, last := int64(0), domain.Units{}, domain.Units{}, -1
	var brief []stay
	for _, one := range p.stays() {
		all = sum(all, one.units)
		if one.in != last {
			credits, last = credits+1, one.in
		}
		if one.lasted/int64(time.Minute) <= l["minutes"] {
			quick, brief = sum(quick, one.units), append(brief, one)
		}
	}
	if credits < l["credits"] || quick.Less(all.Minus(quick)) {
		return s
	}
	slices.SortFunc(brief, func(a, b stay) int {
		return cmp.Or(cmp.Compare(a.lasted, b.lasted), cmp.Compare(a.in, b.in), cmp.Compare(a.out, b.out))
	})
	reached := domain.Units{}
	for _, one := range brief {
		s.shown = append(s.shown, one.in, one.out)
		if reached = sum(reached, one.units); !reached.Less(all.Minus(reached)) {
			s.measured = one.lasted / int64(time.Minute)
			break
		}
	}
	return s
}
