package tracing

import (
	"container/heap"
	"slices"

	"clew/domain"
)

// bareDay is the bare-dated rows of one day while they are walked. The next
// row is the first in log order that does not have to wait, and when all have
// to, the first. Each waiting row stands with one pool that lacked what it
// needs, and is looked at again only when that pool holds enough for it: so a
// day of n rows costs n log n, not n².
type bareDay struct {
	agenda *agenda
	end    int32 // the day's rows are the steps before it
	left   int   // rows not walked yet
	head   int32 // no row before it is left
	ready  steps // rows that did not have to wait when they were put here
	queues map[poolNo]*waiting
	at     map[int32]poolNo  // the pool at which a row waits
	behind map[int32][]int32 // returns that wait for this row
}

// demand is what a row needs of a pool.
type demand struct {
	pool  poolNo
	units domain.Units
}

// openDay takes up the bare-dated rows of the next day.
func (a *agenda) openDay() {
	d := &bareDay{agenda: a, head: a.next, end: a.next + 1,
		queues: map[poolNo]*waiting{}, at: map[int32]poolNo{}, behind: map[int32][]int32{}}
	day := dayOf(a.plan.moment(&a.steps[a.next]))
	for int(d.end) < len(a.steps) && a.steps[d.end].turn == bareDated && dayOf(a.plan.moment(&a.steps[d.end])) == day {
		d.end++
	}
	d.left, a.next, a.day = int(d.end-d.head), d.end, d
	for n := d.head; n < d.end; n++ {
		for _, need := range d.demands(n) {
			d.queue(need.pool).rows = append(d.queue(need.pool).rows, n)
		}
	}
	for _, q := range d.queues {
		q.build()
	}
	for n := d.head; n < d.end; n++ {
		d.admit(n, d.head)
	}
}

func (d *bareDay) queue(pool poolNo) *waiting {
	if d.queues[pool] == nil {
		d.queues[pool] = &waiting{}
	}
	return d.queues[pool]
}

// admit lets a row wait: a return for its movement, where that is among the
// day's rows from first on; any row for what it needs.
func (d *bareDay) admit(n, first int32) {
	of := d.agenda.plan.rareOf(&d.agenda.steps[n]).of
	if of >= first && of < d.end && !d.agenda.done[of] {
		d.behind[of] = append(d.behind[of], n)
		return
	}
	d.file(n)
}

// demands lists what a row waits for, one line a pool. Openings, reported
// payments and payments by ends never wait.
func (d *bareDay) demands(n int32) []demand {
	s, p := &d.agenda.steps[n], d.agenda.plan
	if s.kind == kindOpening || p.victimOf(s) != none {
		return nil
	}
	more, needs := p.rareOf(s), []demand(nil)
	for _, in := range p.inputs(more) {
		needs = d.need(needs, in.pool, in.units)
	}
	if s.from != none {
		needs = d.need(needs, s.from, p.units(s))
	}
	if more.purse != none {
		needs = d.need(needs, more.purse, more.fee)
	}
	return needs
}

func (d *bareDay) need(needs []demand, pool poolNo, units domain.Units) []demand {
	if d.agenda.plan.pools[pool].end {
		return needs
	}
	i := slices.IndexFunc(needs, func(n demand) bool { return n.pool == pool })
	if i < 0 {
		return append(needs, demand{pool, units})
	}
	sum, err := needs[i].units.Add(units)
	if err != nil {
		sum = never // no pool holds that much: it waits to the end
	}
	needs[i].units = sum
	return needs
}

// file puts a row where it waits, or among the ready.
func (d *bareDay) file(n int32) {
	needs := d.demands(n)
	for _, need := range needs {
		if d.agenda.tills[need.pool].balance.Less(need.units) {
			d.wait(n, need)
			return
		}
	}
	if len(needs) > 0 {
		d.wait(n, needs[0])
	}
	heap.Push(&d.ready, n)
}

func (d *bareDay) wait(n int32, need demand) {
	d.at[n] = need.pool
	d.queues[need.pool].set(n, need.units)
}

// leave takes a row from where it waits, and lets the next one there come up.
func (d *bareDay) leave(n int32) {
	pool, waits := d.at[n]
	if !waits {
		return
	}
	delete(d.at, n)
	d.queues[pool].set(n, never)
	d.offer(pool)
}

// offer looks whether a pool holds enough for a row that waits there.
func (d *bareDay) offer(pool poolNo) {
	q := d.queues[pool]
	if q == nil {
		return
	}
	if n, ok := q.first(d.agenda.tills[pool].balance); ok {
		heap.Push(&d.ready, n)
	}
}

// first gives the row to walk next. A row found ready earlier may have to wait
// again, because another took the money: then its pool has been asked since,
// or it waits for another pool from now on.
func (d *bareDay) first() int32 {
	for len(d.ready) > 0 {
		n := heap.Pop(&d.ready).(int32)
		if d.agenda.done[n] {
			continue
		}
		lacks := d.lacks(n)
		if lacks.pool == none {
			return n
		}
		if d.at[n] != lacks.pool {
			d.leave(n)
			d.wait(n, lacks)
		}
	}
	for d.agenda.done[d.head] {
		d.head++
	}
	return d.head
}

func (d *bareDay) lacks(n int32) demand {
	for _, need := range d.demands(n) {
		if d.agenda.tills[need.pool].balance.Less(need.units) {
			return need
		}
	}
	return demand{pool: none}
}

// walked is told of every row of the day that has been walked.
func (d *bareDay) walked(n int32) {
	d.left--
	d.leave(n)
	for _, waiting := range d.behind[n] {
		if !d.agenda.done[waiting] {
			d.file(waiting)
		}
	}
}

// steps is a heap of step numbers, the first in log order on top.
type steps []int32

func (s steps) Len() int           { return len(s) }
func (s steps) Less(i, j int) bool { return s[i] < s[j] }
func (s steps) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *steps) Push(n any)        { *s = append(*s, n.(int32)) }
func (s *steps) Pop() any {
	last := len(*s) - 1
	n := (*s)[last]
	*s = (*s)[:last]
	return n
}

// waiting is the rows that may wait at one pool, in log order, with what each
// needs: a tree of least needs, in which the first row that a balance can
// serve is found in log n steps. A row that does not wait here needs "never".
type waiting struct {
	rows  []int32
	least []domain.Units // of a binary tree in an array: node i has 2i and 2i+1
	size  int
}

// never is more than any pool can hold.
var never = domain.UnitsFromWords(1<<63-1, 1<<64-1)

func (w *waiting) build() {
	w.size = 1
	for w.size < len(w.rows) {
		w.size *= 2
	}
	w.least = slices.Repeat([]domain.Units{never}, 2*w.size)
}

func (w *waiting) set(row int32, needs domain.Units) {
	i, _ := slices.BinarySearch(w.rows, row)
	i += w.size
	w.least[i] = needs
	for i /= 2; i >= 1; i /= 2 {
		w.least[i] = w.least[2*i].Min(w.least[2*i+1])
	}
}

// first finds the first row that needs no more than a balance.
func (w *waiting) first(balance domain.Units) (int32, bool) {
	if w.least[1] == never || balance.Less(w.least[1]) {
		return 0, false
	}
	i := 1
	for i < w.size {
		i *= 2
		if balance.Less(w.least[i]) {
			i++
		}
	}
	return w.rows[i-w.size], true
}
