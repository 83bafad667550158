package indicators

import "clew/domain"

// firsts gives the passages by which the account met somebody: the first with
// each other account, payer or payee.
func (p *pool) firsts() (in, out []int) {
	if p.met == nil {
		in, out = p.meet()
		p.met = &[2][]int{in, out}
	}
	return p.met[0], p.met[1]
}

func (p *pool) meet() (in, out []int) {
	met := map[domain.AccountID]bool{}
	for n, line := range p.list {
		if line.other == "" || met[line.other] {
			continue
		}
		met[line.other] = true
		if line.in {
			in = append(in, n)
		} else {
			out = append(out, n)
		}
	}
	return in, out
}

// busiest is the longest run of passages within a span; of several the first.
func (p *pool) busiest(list []int, span int64) (s sign) {
	from, best, end := 0, 0, 0
	for to := range list {
		for p.list[list[to]].at-p.list[list[from]].at > span {
			from++
		}
		if to+1-from > best {
			best, end = to+1-from, to+1
		}
	}
	return sign{int64(best), append([]int(nil), list[end-best:end]...)}
}

func fanIn(p *pool, l limits) sign {
	in, _ := p.firsts()
	return p.busiest(in, l.span("days"))
}

func fanOut(p *pool, l limits) sign {
	_, out := p.firsts()
	return p.busiest(out, l.span("days"))
}

// gatherScatter looks at the moment after each new payer: those who came
// within the span before, and whom the account then met within the span after.
func gatherScatter(p *pool, l limits) (s sign) {
	in, out := p.firsts()
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
			s = sign{fewer, append(append([]int(nil), in[from:to+1]...), out[begin:end]...)}
		}
	}
	return s
}

func oneExit(p *pool, l limits) (s sign) {
	payers, paid := map[domain.AccountID]bool{}, map[domain.AccountID]domain.Units{}
	in, out, most, exit := domain.Units{}, domain.Units{}, domain.Units{}, domain.AccountID("")
	for _, line := range p.list {
		if line.in {
			in, payers[line.other] = sum(in, line.units), true
			continue
		}
		out, paid[line.other] = sum(out, line.units), sum(paid[line.other], line.units)
		if most.Less(paid[line.other]) {
			most, exit = paid[line.other], line.other
		}
	}
	delete(payers, "")
	if exit == "" || parts(most, out, 100) < l["percent"] || parts(most, in, 100) < l["percent"] {
		return s
	}
	s.measured = int64(len(payers))
	for n, line := range p.list {
		if line.in || line.other == exit {
			s.shown = append(s.shown, n)
		}
	}
	return s
}
