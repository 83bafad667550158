package tracing

import "math/bits"

// pass follows a few members of the joint claims, each a victim's claims in
// one asset, over the tape. What each has at a place is a number of its own;
// nobody's depends on another's.
type pass struct {
	tape  *tape
	first int32 // the members are those from first on
	count int32
	live  []uint64 // by place: who may have something there, a bit each
	units lane
	worth lane    // the same as units where nothing was converted
	home  []fixed // by member: what came home
	own   []fixed // by member: what was his
	laid  []int32 // by pool: the clock at the last traced arrival that is known
}

// How many members go over the tape together: eight, or more where there are
// so few pools that what they have stays near the processor. The tape is then
// read less often.
const (
	fewAbreast  = 8
	mostAbreast = 64
	nearby      = 1 << 20 // shares
)

func (t *tape) abreast() int32 {
	n := int32(fewAbreast)
	for n < mostAbreast && n < int32(len(t.losses)) && int(n)*2*len(t.plan.pools) <= nearby {
		n *= 2
	}
	return min(n, max(1, int32(len(t.losses))))
}

// lane is what the members of a pass have at every place.
type lane interface {
	// move takes a part of what is at one place to another; moveAll all of it.
	move(from, to int32, r *ratio, who uint64)
	moveAll(from, to int32, who uint64)
	// add gives a member more on a place.
	add(at int32, member int, units *fixed)
	// set and get are one member's at one place.
	set(at int32, member int, units *fixed)
	get(at int32, member int) fixed
}

func newLane(t *tape, members int32) lane {
	shift := bits.Len32(uint32(members - 1))
	places := len(t.plan.pools) + 2
	if t.wide {
		return &wideLane{make([]fixed, places<<shift), shift}
	}
	return &narrowLane{make([]narrow, places<<shift), shift}
}

// laidSoFar is by pool the clock at the last traced arrival that the walk saw.
func laidSoFar(t *tape) []int32 {
	list := make([]int32, len(t.plan.pools))
	for pool := range list {
		list[pool] = t.tills[pool].traced
	}
	return list
}

func newPass(t *tape, members int32) *pass {
	p := &pass{tape: t, live: make([]uint64, len(t.plan.pools)+2), units: newLane(t, members),
		home: make([]fixed, members), own: make([]fixed, members), laid: laidSoFar(t)}
	p.worth = p.units
	if t.turns {
		p.worth = newLane(t, members)
	}
	return p
}

// run goes over the tape for the members from first on, from the first claim
// of any of them.
func (p *pass) run(first, count int32) {
	p.first, p.count = first, count
	clear(p.home)
	clear(p.own)
	deeds, turns := p.tape.deeds, p.tape.turns
	for i := range deeds {
		d := &deeds[i]
		if d.what > movedAll {
			if d.what != claimed || uint32(d.from-first) < uint32(count) {
				p.do(d)
			}
			continue
		}
		who := p.live[d.from]
		switch {
		case who == 0 || d.what == movedAll && d.from == d.to:
			continue
		case d.what == movedAll:
			p.moveAll(d, who)
			continue
		}
		p.live[d.to] |= who
		r := &p.tape.ratios[d.part]
		p.units.move(d.from, d.to, r, who)
		if turns {
			p.worth.move(d.from, d.to, r, who)
		}
	}
}

// do is what is rare.
func (p *pass) do(d *deed) {
	switch d.what {
	case laid:
		p.lay(d)
	case claimed:
		p.claim(d)
	case turned:
		p.turn(&p.tape.sums[d.part], &p.tape.sums[d.part+1])
	case returned:
		p.comeHome(d.from)
	}
}

// lay says whether somebody has a grain or more of what arrives.
func (p *pass) lay(d *deed) {
	who := p.live[d.from]
	for left := who; left != 0; left &= left - 1 {
		units := p.units.get(d.from, bits.TrailingZeros64(left))
		if !units.Lt(&grain) {
			p.laid[d.to] = max(p.laid[d.to], d.part)
		}
	}
	p.moveAll(d, who)
}

func (p *pass) moveAll(d *deed, who uint64) {
	p.live[d.from] = 0
	p.live[d.to] |= who
	p.units.moveAll(d.from, d.to, who)
	if p.tape.turns {
		p.worth.moveAll(d.from, d.to, who)
	}
}

func (p *pass) claim(d *deed) {
	m, units := d.from-p.first, &p.tape.sums[d.part]
	p.live[d.to] |= 1 << m
	p.own[m].Add(&p.own[m], units)
	p.units.add(d.to, int(m), units)
	if p.tape.turns {
		p.worth.add(d.to, int(m), units)
	}
}

// turn is a conversion: worth stays what it is.
func (p *pass) turn(to, whole *fixed) {
	way := p.tape.way()
	for who := p.live[way]; who != 0; who &= who - 1 {
		m := bits.TrailingZeros64(who)
		units := p.units.get(way, m)
		units = scale(&units, to, whole)
		p.units.set(way, m, &units)
	}
}

func (p *pass) comeHome(victim int32) {
	way := p.tape.way()
	for who := p.live[way]; who != 0; who &= who - 1 {
		m := bits.TrailingZeros64(who)
		if p.tape.plan.losses[p.loss(m)].victim != victim {
			continue
		}
		worth := p.worth.get(way, m)
		p.home[m].Add(&p.home[m], &worth)
		p.units.set(way, m, &fixed{})
		p.worth.set(way, m, &fixed{})
		p.live[way] &^= 1 << m
	}
}

func (p *pass) loss(member int) int32 { return p.tape.losses[p.first+int32(member)] }

// collect gives what the members have in each pool, and clears it away.
func (p *pass) collect(yield func(pool poolNo, member int, units, worth fixed)) {
	for pool := range p.tape.plan.pools {
		for who := p.live[pool]; who != 0; who &= who - 1 {
			m, at := bits.TrailingZeros64(who), int32(pool)
			units, worth := p.units.get(at, m), p.worth.get(at, m)
			p.units.set(at, m, &fixed{})
			p.worth.set(at, m, &fixed{})
			if !units.IsZero() || !worth.IsZero() {
				yield(at, m, units, worth)
			}
		}
		p.live[pool] = 0
	}
}

// narrow is a share of less than 2^64 units: the same 128 binary digits below
// the point as any other, and 64 before it.
type narrow [3]uint64

type narrowLane struct {
	shares []narrow
	shift  int
}

func (l *narrowLane) move(from, to int32, r *ratio, who uint64) {
	f, t := int(from)<<l.shift, int(to)<<l.shift
	for ; who != 0; who &= who - 1 {
		m := bits.TrailingZeros64(who)
		x, y := &l.shares[f+m], &l.shares[t+m]
		p := r.ofNarrow(x)
		var c uint64
		x[0], c = bits.Sub64(x[0], p[0], 0)
		x[1], c = bits.Sub64(x[1], p[1], c)
		x[2], _ = bits.Sub64(x[2], p[2], c)
		y[0], c = bits.Add64(y[0], p[0], 0)
		y[1], c = bits.Add64(y[1], p[1], c)
		y[2], _ = bits.Add64(y[2], p[2], c)
	}
}

func (l *narrowLane) moveAll(from, to int32, who uint64) {
	f, t := int(from)<<l.shift, int(to)<<l.shift
	for ; who != 0; who &= who - 1 {
		m := bits.TrailingZeros64(who)
		x, y := &l.shares[f+m], &l.shares[t+m]
		var c uint64
		y[0], c = bits.Add64(y[0], x[0], 0)
		y[1], c = bits.Add64(y[1], x[1], c)
		y[2], _ = bits.Add64(y[2], x[2], c)
		*x = narrow{}
	}
}

func (l *narrowLane) add(at int32, member int, units *fixed) {
	sum := l.get(at, member)
	sum.Add(&sum, units)
	l.set(at, member, &sum)
}

func (l *narrowLane) set(at int32, member int, units *fixed) {
	l.shares[int(at)<<l.shift+member] = narrow(units[:3])
}

func (l *narrowLane) get(at int32, member int) fixed {
	s := &l.shares[int(at)<<l.shift+member]
	return fixed{s[0], s[1], s[2], 0}
}

type wideLane struct {
	shares []fixed
	shift  int
}

func (l *wideLane) move(from, to int32, r *ratio, who uint64) {
	f, t := int(from)<<l.shift, int(to)<<l.shift
	for ; who != 0; who &= who - 1 {
		m := bits.TrailingZeros64(who)
		x, y := &l.shares[f+m], &l.shares[t+m]
		p := r.of(x)
		x.Sub(x, &p)
		y.Add(y, &p)
	}
}

func (l *wideLane) moveAll(from, to int32, who uint64) {
	f, t := int(from)<<l.shift, int(to)<<l.shift
	for ; who != 0; who &= who - 1 {
		m := bits.TrailingZeros64(who)
		x, y := &l.shares[f+m], &l.shares[t+m]
		y.Add(y, x)
		x.Clear()
	}
}

func (l *wideLane) add(at int32, member int, units *fixed) {
	s := &l.shares[int(at)<<l.shift+member]
	s.Add(s, units)
}

func (l *wideLane) set(at int32, member int, units *fixed) {
	l.shares[int(at)<<l.shift+member] = *units
}

func (l *wideLane) get(at int32, member int) fixed { return l.shares[int(at)<<l.shift+member] }
