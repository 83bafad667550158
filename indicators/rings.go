package indicators

import "clew/domain"

// cycle counts the debits from which money comes back in a ring. A ring is
// looked for from each debit, by the earliest arrival over ever more accounts:
// who can be reached at all is reached without passing an account twice, for
// what comes between two visits can be left out.
func cycle(p *pool, l limits) (s sign) {
	if p.credits == 0 || p.debits() == 0 || p.end() {
		return s
	}
	done := p.resume(ringsThere, l)
	best, window := done.best, l.span("days")
	for n := done.upto; n < len(p.list); n++ {
		line := &p.list[n]
		ring := p.ring(n, l)
		if len(ring) > 0 {
			best.measured++
			best.beyond = append(best.beyond, ring...)
		}
		if line.at+window < p.book.latest && n == done.upto {
			done.upto, done.best = n+1, best
		}
	}
	p.settle(ringsThere, done)
	return best
}

// step is a payment on the way from the account that a ring begins at.
type step struct {
	pool    int32
	line    passage
	before  int32 // the step before
	already int   // accounts on the way, with the one at which it begins
}

// ring gives the movements of a ring that begins with a debit, or nothing.
func (p *pool) ring(n int, l limits) []int32 {
	line := p.list[n]
	first := p.next(&line)
	if line.in || first == nil {
		return nil
	}
	r := p.band(line, l)
	if !r.returns(n) {
		return nil
	}
	return r.search(step{first.number, line, none, 2}, int(l["longest"]))
}

// next is the pool that a payment reaches, where a route may go on there: no
// end, another account, the same asset.
func (p *pool) next(line *passage) *pool {
	if !line.onward {
		return nil
	}
	return p.book.pools[line.there]
}

// band is what a ring's payments keep to: after the first, within the window,
// none larger than the first and none much smaller.
type band struct {
	p     *pool
	first passage
	least domain.Units
	until int64
}

func (p *pool) band(line passage, l limits) band {
	least, _ := line.units.Share(domain.NewUnits(l["percent"]), domain.NewUnits(100))
	return band{p, line, least, line.at + l.span("days")}
}

func (r band) takes(line *passage) bool {
	return !r.first.units.Less(line.units) && !line.units.Less(r.least)
}

// returns says whether any credit could close a ring: most debits end here.
func (r band) returns(n int) bool {
	for m := n + 1; m < len(r.p.list) && r.p.list[m].at <= r.until; m++ {
		line := &r.p.list[m]
		if line.in && line.other != r.first.other && r.takes(line) && r.p.next(line) != nil {
			return true
		}
	}
	return false
}

// farthest bounds the payments that one search follows: at the busiest
// accounts a ring that is found only after so many says nothing.
const farthest = 20_000

// search goes from the first payment on, over ever more accounts. Somebody who
// is reached again counts only where he is reached earlier.
func (r band) search(first step, longest int) []int32 {
	s := r.p.scratch
	s.begin(len(r.p.book.holders))
	steps := []step{first}
	s.first(r.p.book.pools[first.pool].holder)
	for now := 0; now < len(steps) && now < farthest; now++ {
		here := steps[now]
		from := r.p.book.pools[here.pool]
		for m := from.after(&here.line); m < len(from.list) && from.list[m].at <= r.until; m++ {
			line := &from.list[m]
			if line.in || !r.takes(line) {
				continue
			}
			if line.other == r.p.holder && from.holder != r.first.other {
				return r.closed(steps, int32(now), line.row)
			}
			if to := from.next(line); to != nil && to.holder != r.p.holder && here.already < longest {
				if s.first(to.holder) || r.p.book.earlier(line, &steps[s.counts[to.holder]].line) {
					s.counts[to.holder] = int32(len(steps))
					steps = append(steps, step{to.number, *line, int32(now), here.already + 1})
				}
			}
		}
	}
	return nil
}

// closed are the movements from the first payment to the last.
func (r band) closed(steps []step, at, last int32) []int32 {
	rows := []int32{last}
	for ; at != none; at = steps[at].before {
		rows = append(rows, steps[at].line.row)
	}
	return rows
}
