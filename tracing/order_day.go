package tracing

import (
	"math/bits"
	"slices"

	"clew/domain"
)

// bareDay is the bare-dated rows of one day while they are walked. The next
// row is the first in log order that does not have to wait, and when all have
// to, the first. Each waiting row stands with one pool that lacked what it
// needs, and is looked at again only when that pool holds enough for it: so a
// day of n rows costs n log n, not n². Everything lies in lists by row or by
// pool: a day may have a million rows.
type bareDay struct {
	agenda *agenda
	start  int32 // the day's rows are the steps from it up to end
	end    int32
	left   int      // rows not walked yet
	head   int32    // no row before it is left
	ready  stepSet  // rows that did not have to wait when they were put here
	needs  []demand // of all rows, one row after another
	first  []int32  // by row: its first demand; at the end, how many there are
	at     []int32  // by row: the demand with which it waits; none
	queues []waiting
	lines  []int32           // the rows that may wait at each pool, one pool after another
	behind map[int32][]int32 // returns that wait for this row
}

// demand is what a row needs of a pool, and its place among those who may wait
// there.
type demand struct {
	pool  poolNo
	place int32
	units domain.Units
}

// openDay takes up the bare-dated rows of the next day.
func (a *agenda) openDay() {
	d := &bareDay{agenda: a, start: a.next, head: a.next, end: a.next + 1, behind: map[int32][]int32{}}
	day := dayOf(a.plan.moment(&a.steps[a.next]))
	for int(d.end) < len(a.steps) && a.steps[d.end].turn == bareDated && dayOf(a.plan.moment(&a.steps[d.end])) == day {
		d.end++
	}
	d.left, a.next, a.day = int(d.end-d.head), d.end, d
	a.queueOf = grown(a.queueOf, len(a.plan.pools))
	d.demand()
	d.lineUp()
	d.at, d.ready = slices.Repeat([]int32{none}, d.left), newStepSet(d.left)
	for n := d.start; n < d.end; n++ {
		d.admit(n)
	}
}

// closeDay makes ready for another day.
func (a *agenda) closeDay() {
	for i := range a.day.needs {
		a.queueOf[a.day.needs[i].pool] = 0
	}
	a.day = nil
}

// demand lists what the rows wait for, and counts who may wait at each pool.
func (d *bareDay) demand() {
	d.first, d.needs = make([]int32, 0, d.left+1), make([]demand, 0, d.left)
	for n := d.start; n < d.end; n++ {
		d.first = append(d.first, int32(len(d.needs)))
		d.needs = d.demands(d.needs, n)
	}
	d.first = append(d.first, int32(len(d.needs)))
	for i := range d.needs {
		need := &d.needs[i]
		queue := &d.agenda.queueOf[need.pool]
		if *queue == 0 {
			d.queues = append(d.queues, waiting{})
			*queue = int32(len(d.queues))
		}
		need.place = d.queues[*queue-1].rows
		d.queues[*queue-1].rows++
	}
}

// lineUp gives every pool its line of rows, all in one piece.
func (d *bareDay) lineUp() {
	rows, least := int32(0), 0
	for i := range d.queues {
		q := &d.queues[i]
		q.first, rows = rows, rows+q.rows
		least += 2 * q.size()
	}
	room := slices.Repeat([]domain.Units{never}, least)
	for i := range d.queues {
		width := 2 * d.queues[i].size()
		d.queues[i].least, room = room[:width:width], room[width:]
	}
	d.lines = make([]int32, rows)
	for n := d.start; n < d.end; n++ {
		for _, need := range d.of(n) {
			d.lines[d.queue(need.pool).first+need.place] = n
		}
	}
}

// of is what a row needs.
func (d *bareDay) of(n int32) []demand { return d.needs[d.first[n-d.start]:d.first[n-d.start+1]] }

// queue is who may wait at a pool; nobody.
func (d *bareDay) queue(pool poolNo) *waiting {
	if n := d.agenda.queueOf[pool]; n != 0 {
		return &d.queues[n-1]
	}
	return nil
}

// admit lets a row wait: a return for its movement, where that is among the
// day's rows; any row for what it needs.
func (d *bareDay) admit(n int32) {
	of := d.agenda.plan.rareOf(&d.agenda.steps[n]).of
	if of >= d.start && of < d.end && !d.agenda.done[of] {
		d.behind[of] = append(d.behind[of], n)
		return
	}
	d.file(n)
}

// demands adds what a row waits for, one line a pool. Openings, reported
// payments and payments by ends never wait.
func (d *bareDay) demands(needs []demand, n int32) []demand {
	s, p := &d.agenda.steps[n], d.agenda.plan
	if s.kind == kindOpening || p.victimOf(s) != none {
		return needs
	}
	more, before := p.rareOf(s), len(needs)
	for _, in := range p.inputs(more) {
		needs = d.need(needs, before, demand{pool: in.pool, units: in.units})
	}
	if s.from != none {
		needs = d.need(needs, before, demand{pool: s.from, units: p.units(s)})
	}
	if more.purse != none {
		needs = d.need(needs, before, demand{pool: more.purse, units: more.fee})
	}
	return needs
}

func (d *bareDay) need(needs []demand, before int, more demand) []demand {
	if d.agenda.plan.pools[more.pool].end {
		return needs
	}
	i := slices.IndexFunc(needs[before:], func(n demand) bool { return n.pool == more.pool })
	if i < 0 {
		return append(needs, more)
	}
	need := &needs[before+i]
	sum, err := need.units.Add(more.units)
	if err != nil {
		sum = never // no pool holds that much: it waits to the end
	}
	need.units = sum
	return needs
}

// file puts a row where it waits, or among the ready.
func (d *bareDay) file(n int32) {
	if lacks := d.lacks(n); lacks != none {
		d.wait(n, lacks)
		return
	}
	if len(d.of(n)) > 0 {
		d.wait(n, d.first[n-d.start])
	}
	d.ready.add(n - d.start)
}

// wait lets a row wait with one of its demands.
func (d *bareDay) wait(n, with int32) {
	need := &d.needs[with]
	d.at[n-d.start] = with
	d.queue(need.pool).set(need.place, need.units)
}

// leave takes a row from where it waits, and lets the next one there come up.
func (d *bareDay) leave(n int32) {
	with := d.at[n-d.start]
	if with == none {
		return
	}
	need := &d.needs[with]
	d.at[n-d.start] = none
	d.queue(need.pool).set(need.place, never)
	d.offer(need.pool)
}

// offer looks whether a pool holds enough for a row that waits there.
func (d *bareDay) offer(pool poolNo) {
	q := d.queue(pool)
	if q == nil {
		return
	}
	if place, ok := q.serves(d.agenda.tills[pool].balance); ok {
		d.ready.add(d.lines[q.first+place] - d.start)
	}
}

// next gives the row to walk next. A row found ready earlier may have to wait
// again, because another took the money: then its pool has been asked since,
// or it waits for another pool from now on.
func (d *bareDay) next() int32 {
	for {
		i, some := d.ready.takeFirst()
		if !some {
			break
		}
		n := d.start + i
		if d.agenda.done[n] {
			continue
		}
		lacks := d.lacks(n)
		if lacks == none {
			return n
		}
		if d.at[i] != lacks {
			d.leave(n)
			d.wait(n, lacks)
		}
	}
	for d.agenda.done[d.head] {
		d.head++
	}
	return d.head
}

// lacks is the first demand of a row that its pool cannot serve; none.
func (d *bareDay) lacks(n int32) int32 {
	for i, need := range d.of(n) {
		if d.agenda.tills[need.pool].balance.Less(need.units) {
			return d.first[n-d.start] + int32(i)
		}
	}
	return none
}

// walked is told of every row of the day that has been walked.
func (d *bareDay) walked(n int32) {
	d.left--
	d.leave(n)
	if len(d.behind) == 0 {
		return
	}
	for _, waiting := range d.behind[n] {
		if !d.agenda.done[waiting] {
			d.file(waiting)
		}
	}
}

// stepSet is a set of numbers that gives its least: a bit each, above them a
// bit for each word that is not empty, and so on up to one word.
type stepSet [][]uint64

func newStepSet(n int) (s stepSet) {
	for {
		n = (n + 63) / 64
		s = append(s, make([]uint64, n))
		if n <= 1 {
			return s
		}
	}
}

func (s stepSet) add(n int32) {
	for _, words := range s {
		word := &words[n/64]
		empty := *word == 0
		*word |= 1 << (n % 64)
		if !empty {
			return
		}
		n /= 64
	}
}

func (s stepSet) takeFirst() (n int32, some bool) {
	if top := s[len(s)-1]; top[0] == 0 {
		return 0, false
	}
	for level := len(s) - 1; level >= 0; level-- {
		n = n*64 + int32(bits.TrailingZeros64(s[level][n]))
	}
	for i, level := n, 0; level < len(s); level++ {
		word := &s[level][i/64]
		if *word &^= 1 << (i % 64); *word != 0 {
			break
		}
		i /= 64
	}
	return n, true
}

// waiting is the rows that may wait at one pool, in log order, with what each
// needs: a tree of least needs, in which the first row that a balance can
// serve is found in log n steps. A row that does not wait here needs "never".
type waiting struct {
	first, rows int32          // its part of bareDay.lines
	least       []domain.Units // of a binary tree in an array: node i has 2i and 2i+1
}

// never is more than any pool can hold.
var never = domain.UnitsFromWords(1<<63-1, 1<<64-1)

// size is how many leaves the tree has: a power of two.
func (w *waiting) size() int { return 1 << bits.Len32(uint32(w.rows-1)) }

func (w *waiting) set(place int32, needs domain.Units) {
	i := len(w.least)/2 + int(place)
	w.least[i] = needs
	for i /= 2; i >= 1; i /= 2 {
		least := w.least[2*i].Min(w.least[2*i+1])
		if w.least[i] == least {
			return
		}
		w.least[i] = least
	}
}

// serves finds the first row that needs no more than a balance.
func (w *waiting) serves(balance domain.Units) (place int32, some bool) {
	if w.least[1] == never || balance.Less(w.least[1]) {
		return 0, false
	}
	i, leaves := 1, len(w.least)/2
	for i < leaves {
		i *= 2
		if balance.Less(w.least[i]) {
			i++
		}
	}
	return int32(i - leaves), true
}
