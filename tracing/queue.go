package tracing

import "math/bits"

// slot is a lot as it lies in a pool: 24 bytes, without pointers, as long as
// its amounts fit 63 bits. Where one does not, units is less than nothing and
// names a place in the vault, in which both lie with all their 128 bits. So
// every lot takes the narrow lane or the wide one by its own amounts, and may
// change over when it is cut or joined.
type slot struct {
	units, worth int64
	owner        owner
	place        uint32
}

// gone marks the place of a lot that was taken out of the middle.
const gone = 1<<32 - 1

// queue is lots in the order of their arrival, in a ring: they leave at either
// end, and nothing is moved for that.
type queue struct {
	ring    []slot // its length is a power of two, or nothing
	head, n uint32
}

func (q *queue) len() int { return int(q.n) }

// at is the i-th lot, the oldest first.
func (q *queue) at(i int) *slot { return &q.ring[(q.head+uint32(i))&uint32(len(q.ring)-1)] }

// next is the lot at the end from which the rule draws.
func (q *queue) next(end sharing) *slot {
	if end == newest {
		return q.at(int(q.n) - 1)
	}
	return &q.ring[q.head]
}

// drop removes the lot that next gives.
func (q *queue) drop(end sharing) {
	if end != newest {
		q.head = (q.head + 1) & uint32(len(q.ring)-1)
	}
	q.n--
}

func (q *queue) push(s slot, rings *rings) {
	if int(q.n) == len(q.ring) {
		q.grow(rings)
	}
	q.n++
	*q.at(int(q.n) - 1) = s
}

func (q *queue) grow(rings *rings) {
	wider := rings.take(max(2, 2*len(q.ring)))
	copied := copy(wider, q.ring[q.head:])
	copy(wider[copied:], q.ring[:q.head])
	rings.give(q.ring)
	q.ring, q.head = wider, 0
}

// tidy closes the gaps that lots taken out of the middle have left.
func (q *queue) tidy() {
	kept := 0
	for i := range q.len() {
		if s := *q.at(i); s.place != gone {
			*q.at(kept) = s
			kept++
		}
	}
	q.n = uint32(kept)
}

// insert puts a lot at its place among the others.
func (q *queue) insert(s slot, rings *rings) {
	q.push(s, rings)
	i := q.len() - 1
	for ; i > 0 && q.at(i-1).place >= s.place; i-- {
		*q.at(i) = *q.at(i - 1)
	}
	*q.at(i) = s
}

// rings gives room to queues and takes it back, so that lots cost the heap no
// allocation each: what one pool has outgrown another uses.
type rings struct {
	spare [32][][]slot // by the logarithm of their length
	slab  []slot
	slots int // of the last slab
}

// Room is asked of the heap in slabs, each twice as large as the one before:
// from 24 KiB, for most cases are small and many are walked one after the
// other, to 1.5 MiB.
const (
	firstSlab = 1 << 10
	lastSlab  = 1 << 16
)

func (r *rings) take(n int) (ring []slot) {
	class := bits.Len(uint(n)) - 1
	if last := len(r.spare[class]) - 1; last >= 0 {
		ring, r.spare[class] = r.spare[class][last], r.spare[class][:last]
		return ring
	}
	if n > lastSlab/4 {
		return make([]slot, n)
	}
	if len(r.slab) < n {
		r.slots = min(max(2*r.slots, firstSlab), lastSlab)
		r.slab = make([]slot, max(r.slots, n))
	}
	ring, r.slab = r.slab[:n:n], r.slab[n:]
	return ring
}

func (r *rings) give(ring []slot) {
	if len(ring) == 0 {
		return
	}
	class := bits.Len(uint(len(ring))) - 1
	r.spare[class] = append(r.spare[class], ring)
}
