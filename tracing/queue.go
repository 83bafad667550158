package tracing

import "math"

// slot is a lot as it lies in a pool and as it goes from one to the next: 16
// bytes, without pointers. It tells all where the amount fits 63 bits and a
// claim's lot is worth what it is. Where that is not so, units is less than
// nothing and names a place in the vault, in which both lie with all their 128
// bits. So every lot takes the narrow lane or the wide one by its own amounts,
// and may change over when it is cut, joined or converted.
type slot struct {
	units int64
	owner owner
	place uint32
}

// gone marks the place of a lot that was taken out of the middle.
const gone = 1<<32 - 1

// narrow says whether the slot itself tells all.
func (s *slot) narrow() bool { return s.units >= 0 }

// worth is what a narrow lot is worth to its claim.
func (s *slot) worth() int64 {
	if s.owner.claimed() {
		return s.units
	}
	return 0
}

// queue is lots in the order of their arrival, in a ring: they leave at either
// end, and nothing is moved for that. It is small, for a pool's lies in its
// till; where the ring is, the rings know.
type queue struct {
	ring    uint32
	head, n uint32
	double  uint8 // how often 1 was doubled for the ring's length; 0 while it has none
}

func (q *queue) len() int { return int(q.n) }

// room is the length of the ring.
func (q *queue) room() uint32 { return 1 << q.double &^ 1 }

// drop removes the lot that rings.next gives.
func (q *queue) drop(end sharing) {
	if end != newest {
		q.head = (q.head + 1) & (q.room() - 1)
	}
	q.n--
}

// rings gives room to queues and takes it back, so that lots cost the heap no
// allocation each: what one pool has outgrown another uses. A ring's number
// tells its slab and where in the slab it begins.
type rings struct {
	slabs [][]slot
	slab  int          // the one that has room still
	used  int          // of it
	spare [33][]uint32 // by queue.double
}

// Room is asked of the heap in slabs, each twice as large as the one before:
// from 16 KiB, for most cases are small and many are walked one after the
// other, to 1 MiB. A ring of more than a quarter of that has a slab of its own.
// So 32 bits number four billion lots, 64 GiB of them.
const (
	firstSlab = 1 << 10
	slabSize  = 1 << 16
	maxSlabs  = 1 << 16
)

// at is the i-th lot of a queue, the oldest first.
func (r *rings) at(q *queue, i int) *slot {
	return &r.slabs[q.ring/slabSize][q.ring%slabSize+(q.head+uint32(i))&(q.room()-1)]
}

// next is the lot at the end from which the rule draws.
func (r *rings) next(q *queue, end sharing) *slot {
	if end == newest {
		return r.at(q, int(q.n)-1)
	}
	return r.at(q, 0)
}

func (r *rings) push(q *queue, s slot) {
	if q.n == q.room() {
		r.grow(q)
	}
	q.n++
	*r.at(q, int(q.n)-1) = s
}

// join adds a lot to the newest where that has the same owner and both are
// narrow. It is asked only where nobody could tell.
func (r *rings) join(q *queue, s *slot) bool {
	if q.n == 0 {
		return false
	}
	last := r.at(q, int(q.n)-1)
	if last.owner != s.owner || !last.narrow() || !s.narrow() || last.units > math.MaxInt64-s.units {
		return false
	}
	last.units += s.units
	return true
}

// glance reads something of a queue's oldest lot and its newest.
func (r *rings) glance(q *queue) int32 {
	if q.n == 0 {
		return 0
	}
	return int32(r.at(q, 0).place + r.at(q, int(q.n)-1).place)
}

func (r *rings) grow(q *queue) {
	wider := queue{double: q.double + 1, n: q.n}
	wider.ring = r.take(wider.double)
	for i := range q.len() {
		*r.at(&wider, i) = *r.at(q, i)
	}
	if q.double > 0 {
		r.spare[q.double] = append(r.spare[q.double], q.ring)
	}
	*q = wider
}

func (r *rings) take(double uint8) (ring uint32) {
	n, last := 1<<double, len(r.spare[double])-1
	switch {
	case last >= 0:
		ring, r.spare[double] = r.spare[double][last], r.spare[double][:last]
		return ring
	case n > slabSize/4:
		return r.more(n)
	case len(r.slabs) == 0 || len(r.slabs[r.slab])-r.used < n:
		last := 0
		if len(r.slabs) > 0 {
			last = len(r.slabs[r.slab])
		}
		r.slab, r.used = int(r.more(min(max(2*last, firstSlab), slabSize))/slabSize), 0
	}
	r.used += n
	return uint32(r.slab*slabSize + r.used - n)
}

// more asks the heap for a slab, and gives the number of a ring that fills it.
func (r *rings) more(n int) (ring uint32) {
	r.slabs = append(r.slabs, make([]slot, n))
	return uint32(len(r.slabs)-1) * slabSize
}

// full says that no more rings can be numbered.
func (r *rings) full() bool { return len(r.slabs) == maxSlabs }

// tidy closes the gaps that lots taken out of the middle have left.
func (r *rings) tidy(q *queue) {
	kept := 0
	for i := range q.len() {
		if s := *r.at(q, i); s.place != gone {
			*r.at(q, kept) = s
			kept++
		}
	}
	q.n = uint32(kept)
}

// insert puts a lot at its place among the others.
func (r *rings) insert(q *queue, s slot) {
	r.push(q, s)
	i := q.len() - 1
	for ; i > 0 && r.at(q, i-1).place >= s.place; i-- {
		*r.at(q, i) = *r.at(q, i-1)
	}
	*r.at(q, i) = s
}
