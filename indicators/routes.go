package indicators

import (
	"cmp"
	"slices"
)

// through is a way over one account in between: it is paid by one payment and
// pays by a later one.
type through struct {
	middle, far int32 // accounts
	begin, end  int64
	rows        [2]int32
}

// scatterGather looks at an account as the one that scatters, and as the one
// that gathers.
func scatterGather(p *pool, l limits) sign {
	if p.end() || int64(max(p.credits, p.debits())) < l["accounts"] {
		return sign{}
	}
	scatters, gathers := p.between(l, false), p.between(l, true)
	if gathers.measured > scatters.measured {
		return gathers
	}
	return scatters
}

// between is the most accounts in between this one and one other. What a later
// movement cannot change is not looked at again.
func (p *pool) between(l limits, in bool) sign {
	side := waysOut
	if in {
		side = waysIn
	}
	done, span := p.resume(side, l), l.span("days")
	best := done.best
	for begin := done.upto; begin < len(p.list); {
		end := begin
		for end < len(p.list) && p.list[end].at-p.list[begin].at <= 2*span {
			end++
		}
		if int64(p.fan(begin, end, in)) >= l["accounts"] {
			if now := p.motif(p.ways(begin, end, span, in), span); now.measured > best.measured {
				best = now
			}
		}
		next := p.since(p.list[begin].at + span + 1) // a window that begins later lies in the next piece
		if p.list[begin].at+3*span < p.book.latest && begin == done.upto {
			done.upto, done.best = next, best
		}
		begin = next
	}
	p.settle(side, done)
	return best
}

// fan is how many accounts in between may be met in a piece of the list.
func (p *pool) fan(begin, end int, in bool) (many int) {
	s := p.scratch
	s.begin(len(p.book.holders))
	for n := begin; n < end; n++ {
		if line := &p.list[n]; line.in == in && line.onward && s.first(line.other) {
			many++
		}
	}
	return many
}

// ways are all that lead over one account in between within the span: of
// several by one payment to or from the same far account the shortest.
func (p *pool) ways(begin, end int, span int64, in bool) (list []through) {
	for n := begin; n < end && len(list) < farthest; n++ {
		near := &p.list[n]
		middle := p.next(near)
		if near.in != in || middle == nil {
			continue
		}
		p.scratch.begin(len(p.book.holders))
		at := middle.after(near)
		if in {
			for m := at - 1; m >= 0 && near.at-middle.list[m].at <= span; m-- {
				if far := &middle.list[m]; p.far(far, in) && p.book.earlier(far, near) && p.scratch.first(far.other) {
					list = append(list, through{near.other, far.other, far.at, near.at, [2]int32{far.row, near.row}})
				}
			}
			continue
		}
		for m := at; m < len(middle.list) && middle.list[m].at-near.at <= span; m++ {
			if far := &middle.list[m]; p.far(far, in) && p.scratch.first(far.other) {
				list = append(list, through{near.other, far.other, near.at, far.at, [2]int32{near.row, far.row}})
			}
		}
	}
	return list
}

// far says whether a payment of an account in between leads to or comes from a
// third one, in the same asset.
func (p *pool) far(line *passage, in bool) bool {
	return line.in == in && line.alike && line.other != p.holder
}

// motif is the most accounts in between that lie, way in and way out, within
// one span, for one far account.
func (p *pool) motif(list []through, span int64) (best sign) {
	slices.SortStableFunc(list, func(a, b through) int { return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(a.end, b.end)) })
	for len(list) > 0 {
		n := 0
		for n < len(list) && list[n].far == list[0].far {
			n++
		}
		if int64(n) > best.measured {
			if now := p.crowd(list[:n], span); now.measured > best.measured {
				best = now
			}
		}
		list = list[n:]
	}
	return best
}

// crowd looks at each moment at which a way ends: which accounts lie on a way
// that began no earlier than a span before.
func (p *pool) crowd(list []through, span int64) (best sign) {
	s, many, at, gone := p.scratch, int64(0), -1, 0
	begun := slices.Clone(list)
	slices.SortStableFunc(begun, func(a, b through) int { return cmp.Compare(a.begin, b.begin) })
	s.begin(len(p.book.holders))
	for to := range list {
		s.first(list[to].middle)
		if s.counts[list[to].middle]++; s.counts[list[to].middle] == 1 {
			many++
		}
		for list[to].end-begun[gone].begin > span { // it has ended by now: no way is longer than the span
			if s.counts[begun[gone].middle]--; s.counts[begun[gone].middle] == 0 {
				many--
			}
			gone++
		}
		if many > best.measured {
			best.measured, at = many, to
		}
	}
	for to := 0; to <= at; to++ {
		if list[at].end-list[to].begin <= span {
			best.beyond = append(best.beyond, list[to].rows[0], list[to].rows[1])
		}
	}
	return best
}
