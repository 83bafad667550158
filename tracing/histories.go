package tracing

import (
	"sort"

	"clew/domain"
)

// histories are the postings of a journal sorted by line and pool, and added
// up: what each line has had in each pool, since which step. They take 12
// bytes a posting, and 8 more where some sum does not fit 64 bits.
type histories struct {
	lines []int32 // of each line: where its stays begin, and after the last where they end
	stays []stay  // by line, then by the rank of the pool
	since []int32 // steps, in the order of the walk
	units column128
	pools []int32 // of each pool: where its stays begin in there, and after the last where they end
	there []int32 // stays, by pool, then by line
}

// stay is one line in one pool.
type stay struct {
	line  int32
	pool  poolNo
	first int32 // place in since; those of a stay end where the next one's begin
}

// openStay is a line while its postings are added up, pool by pool.
type openStay struct {
	pool poolNo
	next int32 // place in since
	sum  domain.Units
}

// newHistories sorts by counting: by the rank of the pool, and then by line.
// It takes the postings away.
func newHistories(e *postings, lines int, rank []int32) *histories {
	open := make([]openStay, lines)
	for line, first := range e.starts(lines, func(one *posting) int32 { return one.line })[:lines] {
		open[line] = openStay{none, first, domain.Units{}}
	}
	h := &histories{since: make([]int32, e.count), units: column128{low: make([]uint64, e.count)}}
	sorted := e.sorted(rank)
	for i := range sorted {
		one := &sorted[i]
		at := &open[one.line]
		if at.pool != one.pool {
			at.pool, at.sum = one.pool, domain.Units{}
			h.stays = append(h.stays, stay{one.line, one.pool, at.next})
		}
		if units := e.unitsOf(one); one.leaves {
			at.sum = at.sum.Minus(units)
		} else {
			at.sum = at.sum.Plus(units)
		}
		h.since[at.next] = one.seq
		h.units.set(at.next, at.sum)
		at.next++
	}
	h.sort(lines, len(rank))
	return h
}

// starts says where the postings of each key begin when they are sorted by it.
func (e *postings) starts(keys int, key func(*posting) int32) []int32 {
	next := make([]int32, keys+1)
	for _, page := range e.pages {
		for i := range page {
			next[key(&page[i])+1]++
		}
	}
	addUp(next)
	return next
}

func addUp(counts []int32) {
	for i := range counts[1:] {
		counts[i+1] += counts[i]
	}
}

// sorted gives the postings in the order of the pools, and takes them away.
func (e *postings) sorted(rank []int32) []posting {
	next := e.starts(len(rank), func(one *posting) int32 { return rank[one.pool] })
	list := make([]posting, e.count)
	for n, page := range e.pages {
		for i := range page {
			at := &next[rank[page[i].pool]]
			list[*at] = page[i]
			*at++
		}
		e.pages[n] = nil
	}
	return list
}

// sort puts the stays, which stand in the order of their pools, in the order
// of their lines, and lists them by pool.
func (h *histories) sort(lines, pools int) {
	found, order := h.stays, []int32(nil)
	h.lines, order = byCount(len(found), lines, func(n int32) int32 { return found[n].line })
	h.stays = make([]stay, 0, len(found)+1)
	for _, n := range order {
		h.stays = append(h.stays, found[n])
	}
	h.pools, h.there = byCount(len(found), pools, func(n int32) int32 { return h.stays[n].pool })
	h.stays = append(h.stays, stay{none, none, int32(len(h.since))})
}

// byCount sorts numbers from 0 on by a small key, and says where those of each
// key begin.
func byCount(n, keys int, key func(int32) int32) (starts, order []int32) {
	starts, order = make([]int32, keys+2), make([]int32, n)
	for i := range int32(n) {
		starts[key(i)+2]++
	}
	addUp(starts)
	for i := range int32(n) {
		at := &starts[key(i)+1]
		order[*at] = i
		*at++
	}
	return starts[:keys+1], order
}

// at is what a stay had come to when so many steps had been walked.
func (h *histories) at(stay, upto int32) domain.Units {
	first, end := h.stays[stay].first, h.stays[stay+1].first
	if h.since[end-1] < upto {
		return h.units.at(end - 1)
	}
	later := sort.Search(int(end-first), func(i int) bool { return h.since[first+int32(i)] >= upto })
	if later == 0 {
		return domain.Units{}
	}
	return h.units.at(first + int32(later) - 1)
}

// column128 is a column of numbers that mostly need no high word.
type column128 struct {
	low  []uint64
	high []int64 // nothing as long as all are zero
}

func (c *column128) set(n int32, u domain.Units) {
	high, low := u.Words()
	if high != 0 && c.high == nil {
		c.high = make([]int64, len(c.low))
	}
	c.low[n] = low
	if c.high != nil {
		c.high[n] = high
	}
}

func (c *column128) at(n int32) domain.Units {
	if c.high == nil {
		return domain.UnitsFromWords(0, c.low[n])
	}
	return domain.UnitsFromWords(c.high[n], c.low[n])
}
