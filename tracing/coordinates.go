package tracing

import (
	"fmt"

	"clew/domain"
)

// Under fifo the k-th unit that leaves a pool is the k-th that came to it. So
// it is enough to count: a payment takes the stretch [out, out+x) of its
// payer's pool and becomes the stretch [in, in+x) of its payee's, whatever
// lots lie there. coordinates is a book that writes only that down, while the
// walk itself goes as ever; index.go follows the stretches afterwards.

// coordinates is the book.
type coordinates struct {
	plan    *plan
	covered []bool // by asset: stretches tell all (see plan.joins)
	pools   []passed
	way     []stretch
	aside   []stretch
	home    []int32 // victims to whose home the way has come
	flows   flows
	seq     int32 // steps walked so far
	sums    *tally
}

// passed is what has come to a pool so far, and what has left it.
type passed struct{ in, out domain.Units }

// stretch is a part of a pool's units on their way; of no pool where they are
// new own money.
type stretch struct {
	from  poolNo
	claim int32 // that its own money becomes; none
	start domain.Units
	units domain.Units
}

// flows are stretches that have arrived, in the order of their arrival: 32
// bytes each, and 16 more in a case with a pool to which more than 64 bits
// have come.
type flows struct {
	from, to []poolNo
	seq      []int32
	claim    []int32
	out, in  column128
	homes    map[int32][]int32 // of flows that came by a home to elsewhere: whose
	claimed  map[int32][]int32 // the flows that make a victim's claims
}

// column128 is a column of numbers that mostly need no high word.
type column128 struct {
	low  []uint64
	high []int64 // nothing as long as all are zero
}

func (c *column128) push(u domain.Units) {
	high, low := u.Words()
	if high != 0 && c.high == nil {
		c.high = make([]int64, len(c.low))
	}
	c.low = append(c.low, low)
	if c.high != nil {
		c.high = append(c.high, high)
	}
}

func (c *column128) at(n int32) domain.Units {
	if c.high == nil {
		return domain.UnitsFromWords(0, c.low[n])
	}
	return domain.UnitsFromWords(c.high[n], c.low[n])
}

// clip gives back the room that more flows would have taken.
func (f *flows) clip() {
	for _, c := range []*[]int32{&f.from, &f.to, &f.seq, &f.claim} {
		*c = append(make([]int32, 0, len(*c)), *c...)
	}
	for _, c := range []*column128{&f.out, &f.in} {
		c.low = append(make([]uint64, 0, len(c.low)), c.low...)
	}
}

func newCoordinates(p *plan) *coordinates {
	return &coordinates{plan: p, covered: p.joins(), pools: make([]passed, len(p.pools)), sums: newTally(p),
		flows: flows{homes: map[int32][]int32{}, claimed: map[int32][]int32{}}}
}

func (b *coordinates) draw(from poolNo, amount domain.Units) {
	b.home = b.home[:0]
	pool := &b.pools[from]
	taken := amount.Min(pool.in.Minus(pool.out))
	if taken.IsZero() {
		return
	}
	b.way = append(b.way, stretch{from, none, pool.out, taken})
	pool.out = pool.out.Plus(taken)
}

func (b *coordinates) create(amount domain.Units, _ owner) {
	b.home = b.home[:0]
	if !amount.IsZero() {
		b.way = append(b.way, stretch{from: none, claim: none, units: amount})
	}
}

func (b *coordinates) report(claim int32) {
	for i := range b.way {
		b.way[i].claim = claim
	}
}

func (b *coordinates) splitFirst(amount domain.Units) {
	way := b.way
	b.way = nil
	for _, s := range way {
		part := s
		part.units = amount.Min(s.units)
		amount = amount.Minus(part.units)
		if !part.units.IsZero() {
			b.way = append(b.way, part)
		}
		if s.start, s.units = s.start.Plus(part.units), s.units.Minus(part.units); !s.units.IsZero() {
			b.aside = append(b.aside, s)
		}
	}
}

func (b *coordinates) rest() {
	b.way = append(b.way, b.aside...)
	b.aside = b.aside[:0]
}

func (b *coordinates) comeHome(victim int32) { b.home = append(b.home, victim) }

func (b *coordinates) put(to poolNo, amount domain.Units) (bool, error) {
	pool, sum := &b.pools[to], domain.Units{}
	in, err := pool.in.Add(amount)
	if err != nil {
		return false, err
	}
	covered := b.covered[b.plan.assetOf(to)]
	for _, s := range b.way {
		if covered {
			b.arrive(to, s, pool.in.Plus(sum))
		}
		sum = sum.Plus(s.units)
	}
	b.way = b.way[:0]
	if covered && sum != amount {
		return false, errSum
	}
	pool.in = in
	return false, nil
}

// arrive writes a flow down.
func (b *coordinates) arrive(to poolNo, s stretch, in domain.Units) {
	f, n := &b.flows, int32(len(b.flows.to))
	f.from, f.to = append(f.from, s.from), append(f.to, to)
	f.seq, f.claim = append(f.seq, b.seq), append(f.claim, s.claim)
	f.out.push(s.start)
	f.in.push(in)
	if s.claim != none {
		victim := b.plan.claims[s.claim].victim
		f.claimed[victim] = append(f.claimed[victim], n)
	}
	if len(b.home) > 0 && !b.plan.pools[to].home {
		f.homes[n] = append([]int32(nil), b.home...)
	}
}

// What follows happens only in assets that are not covered: their pools are
// counted and no more.
func (b *coordinates) giveBack(from poolNo, _ int32, amount domain.Units) fixed {
	b.leave(from, amount)
	return fixed{}
}

func (b *coordinates) pick(from poolNo, amount domain.Units, _ func(owner) int) {
	b.leave(from, amount)
}

func (b *coordinates) leave(from poolNo, amount domain.Units) {
	pool := &b.pools[from]
	pool.out = pool.out.Plus(amount.Min(pool.in.Minus(pool.out)))
}

func (b *coordinates) putBack(to poolNo, amount domain.Units) error {
	_, err := b.put(to, amount)
	return err
}

func (b *coordinates) convert(domain.Units) { b.way = b.way[:0] }
func (b *coordinates) split(domain.Units)   { b.way = b.way[:0] }
func (b *coordinates) keep(int32)           {}
func (b *coordinates) stamp(standing)       {}
func (b *coordinates) settle(standing)      {}
func (b *coordinates) tally() *tally        { return b.sums }

func (b *coordinates) glance(pool poolNo) int32 {
	_, low := b.pools[pool].in.Words()
	return int32(low)
}

func (b *coordinates) follow(*int32, []till) {}
func (b *coordinates) finish() error         { return nil }

// audit is called when a step is over.
func (b *coordinates) audit() error {
	b.seq++
	if len(b.way) > 0 || len(b.aside) > 0 {
		return fmt.Errorf("counting stretches: %w", errStray)
	}
	return nil
}

func (b *coordinates) onWay(func(o owner, units, worth fixed)) {}

func (b *coordinates) lots(pool poolNo, yield func(o owner, units, worth fixed)) {
	at := &b.pools[pool]
	yield(own(0), fixedOf(at.in.Minus(at.out)), fixed{})
}
