package indicators

import "clew/domain"

// firsts gives the passages by which the account met somebody: the first with
// each other account, payer or payee.
func (p *pool) firsts() (in, out []int) {
	s := p.scratch.turn(p)
	if !s.met {
		s.met = true
		p.meet(s)
	}
	return s.in, s.out
}

func (p *pool) meet(s *scratch) {
	s.in, s.out = s.in[:0], s.out[:0]
	s.begin(len(p.book.holders))
	for n := range p.list {
		line := &p.list[n]
		switch {
		case line.other == none || !s.first(line.other):
		case line.in:
			s.in = append(s.in, n)
		default:
			s.out = append(s.out, n)
		}
	}
}

// busiest is the longest run of passages within a span; of several the first.
// Fewer than the least are not looked at.
func (p *pool) busiest(list []int, span, least int64) (s sign) {
	if int64(len(list)) < least {
		return s
	}
	from, best, end := 0, 0, 0
	for to := range list {
		for p.list[list[to]].at-p.list[list[from]].at > span {
			from++
		}
		if to+1-from > best {
			best, end = to+1-from, to+1
		}
	}
	return sign{measured: int64(best), shown: append([]int(nil), list[end-best:end]...)}
}

func fanIn(p *pool, l limits) sign {
	in, _ := p.firsts()
	return p.busiest(in, l.span("days"), l["payers"])
}

func fanOut(p *pool, l limits) sign {
	_, out := p.firsts()
	return p.busiest(out, l.span("days"), l["payees"])
}

// gatherScatter looks at the moment after each new payer: those who came
// within the span before, and whom the account then met within the span after.
func gatherScatter(p *pool, l limits) (s sign) {
	in, out := p.firsts()
	if int64(min(len(in), len(out))) < l["accounts"] {
		return s
	}
	span, from, begin, end := l.span("days"), 0, 0, 0
	for to, now := range in {
		at := p.list[now].at
		for at-p.list[in[from]].at > span {
			from++
		}
		for begin < len(out) && out[begin] < now {
			begin++
		}
		for end = max(end, begin); end < len(out) && p.list[out[end]].at-at <= span; {
			end++
		}
		if fewer := int64(min(to+1-from, end-begin)); fewer > s.measured {
			s = sign{measured: fewer, shown: append(append([]int(nil), in[from:to+1]...), out[begin:end]...)}
		}
	}
	return s
}

func oneExit(p *pool, l limits) (s sign) {
	if int64(p.credits) < l["payers"] || p.debits() == 0 {
		return s
	}
	exit, payers, most := p.payee(l["percent"])
	if exit == none || int64(payers) < l["payers"] || parts(most, p.total(true), 100) < l["percent"] {
		return s
	}
	s.measured = int64(payers)
	for n := range p.list {
		if p.list[n].in || p.list[n].other == exit {
			s.shown = append(s.shown, n)
		}
	}
	return s
}

// payee is to whom a share of all debits at least went, and how many pay in.
func (p *pool) payee(percent int64) (exit int32, payers int, most domain.Units) {
	s := p.scratch
	s.begin(len(p.book.holders))
	exit = none
	for n := range p.list {
		if line := &p.list[n]; line.in && line.other != none && s.first(line.other) {
			payers++
		}
	}
	s.begin(len(p.book.holders))
	for n := range p.list {
		line := &p.list[n]
		if line.in || line.other == none {
			continue
		}
		s.first(line.other)
		s.sums[line.other] = sum(s.sums[line.other], line.units)
		if most.Less(s.sums[line.other]) {
			most, exit = s.sums[line.other], line.other
		}
	}
	if parts(most, p.total(false), 100) < percent {
		exit = none
	}
	return exit, payers, most
}

// total is what came in, or went out, in all.
func (p *pool) total(in bool) (all domain.Units) {
	for n := range p.list {
		if p.list[n].in == in {
			all = sum(all, p.list[n].units)
		}
	}
	return all
}
