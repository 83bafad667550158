package tracing

import (
	"fmt"
	"math/bits"
)

// pass follows a few members of the joint claims, each a victim's claims in
// one asset, over the tape. What each has at a place is a number of its own;
// nobody's depends on another's.
type pass struct {
	tape  *tape
	first int32 // the members are those from first on
	count int32
	live  []uint8 // by place: who may have something there, a bit each
	units lane
	worth lane // the same as units where nothing was converted
	home  [abreast]fixed
	own   [abreast]fixed
}

// abreast is how many members go over the tape together.
const abreast = 8

// lane is what the members of a pass have at every place.
type lane interface {
	// move takes a part of what is at one place to another; moveAll all of it.
	move(from, to int32, r *ratio, who uint8)
	moveAll(from, to int32, who uint8)
	// add gives a member more on a place.
	add(at int32, member int, units *fixed)
	// set and get are one member's at one place.
	set(at int32, member int, units *fixed)
	get(at int32, member int) fixed
}

func newLane(t *tape, members int32) lane {
	shift := 0
	if members > 1 {
		shift = bits.Len(abreast - 1)
	}
	places := len(t.plan.pools) + 2
	if t.wide {
		return &wideLane{make([]fixed, places<<shift), shift}
	}
	return &narrowLane{make([]narrow, places<<shift), shift}
}

func newPass(t *tape, members int32) *pass {
	p := &pass{tape: t, live: make([]uint8, len(t.plan.pools)+2), units: newLane(t, members)}
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
	p.home, p.own = [abreast]fixed{}, [abreast]fixed{}
	deeds, turns := p.tape.deeds, p.tape.turns
	for i := range deeds {
		d := &deeds[i]
		if d.what > movedAll {
			p.do(d)
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
		units := p.units.get(d.from, bits.TrailingZeros8(left))
		if !units.Lt(&grain) {
			p.tape.traced[d.to] = max(p.tape.traced[d.to], d.part)
		}
	}
	p.moveAll(d, who)
}

func (p *pass) moveAll(d *deed, who uint8) {
	p.live[d.from] = 0
	p.live[d.to] |= who
	p.units.moveAll(d.from, d.to, who)
	if p.tape.turns {
		p.worth.moveAll(d.from, d.to, who)
	}
}

func (p *pass) claim(d *deed) {
	m, way, units := d.from-p.first, p.tape.way(), &p.tape.sums[d.part]
	if m < 0 || m >= p.count {
		return
	}
	p.live[way] |= 1 << m
	p.own[m].Add(&p.own[m], units)
	p.units.add(way, int(m), units)
	if p.tape.turns {
		p.worth.add(way, int(m), units)
	}
}

// turn is a conversion: worth stays what it is.
func (p *pass) turn(to, whole *fixed) {
	way := p.tape.way()
	for who := p.live[way]; who != 0; who &= who - 1 {
		m := bits.TrailingZeros8(who)
		units := p.units.get(way, m)
		units = scale(&units, to, whole)
		p.units.set(way, m, &units)
	}
}

func (p *pass) comeHome(victim int32) {
	way := p.tape.way()
	for who := p.live[way]; who != 0; who &= who - 1 {
		m := bits.TrailingZeros8(who)
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
func (p *pass) collect(yield func(pool poolNo, s piece)) {
	for pool := range p.tape.plan.pools {
		for who := p.live[pool]; who != 0; who &= who - 1 {
			m, at := bits.TrailingZeros8(who), int32(pool)
			s := piece{p.loss(m), p.units.get(at, m), p.worth.get(at, m)}
			p.units.set(at, m, &fixed{})
			p.worth.set(at, m, &fixed{})
			if !s.units.IsZero() || !s.worth.IsZero() {
				yield(at, s)
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

func (l *narrowLane) move(from, to int32, r *ratio, who uint8) {
	f, t := int(from)<<l.shift, int(to)<<l.shift
	for ; who != 0; who &= who - 1 {
		m := bits.TrailingZeros8(who)
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

func (l *narrowLane) moveAll(from, to int32, who uint8) {
	f, t := int(from)<<l.shift, int(to)<<l.shift
	for ; who != 0; who &= who - 1 {
		m := bits.TrailingZeros8(who)
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

func (l *wideLane) move(from, to int32, r *ratio, who uint8) {
	f, t := int(from)<<l.shift, int(to)<<l.shift
	for ; who != 0; who &= who - 1 {
		m := bits.TrailingZeros8(who)
		x, y := &l.shares[f+m], &l.shares[t+m]
		p := r.of(x)
		x.Sub(x, &p)
		y.Add(y, &p)
	}
}

func (l *wideLane) moveAll(from, to int32, who uint8) {
	f, t := int(from)<<l.shift, int(to)<<l.shift
	for ; who != 0; who &= who - 1 {
		m := bits.TrailingZeros8(who)
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

// piece is what a victim's joint claims in one asset have in a pool.
type piece struct {
	loss  int32
	units fixed
	worth fixed
}

// parts is the pieces of every pool.
type parts struct {
	whose  []owner // by loss: a claim of it
	pieces []piece
	ends   []int // by pool: where its pieces end
	own    []fixed
}

// of gives a pool's pieces, and what is own money that came home.
func (p *parts) of(pool poolNo, yield func(o owner, units, worth fixed)) {
	for _, s := range p.pieces[p.start(int(pool)):p.ends[pool]] {
		yield(p.whose[s.loss], s.units, s.worth)
	}
	if !p.own[pool].IsZero() {
		yield(own(0), p.own[pool], fixed{})
	}
}

// start is where a pool's pieces begin.
func (p *parts) start(pool int) int {
	if pool == 0 {
		return 0
	}
	return p.ends[pool-1]
}

// part sends every member of the joint claims over the tape, and holds what it
// finds against what the walk has found for all of them together.
func (t *tape) part(jointly func(poolNo) fixed, sums *tally) (*parts, error) {
	p := &parts{whose: make([]owner, len(t.plan.losses)), ends: make([]int, len(t.plan.pools)), own: make([]fixed, len(t.plan.pools))}
	for c := len(t.plan.claims) - 1; c >= 0; c-- {
		p.whose[t.plan.claims[c].loss] = owner(c)
	}
	if len(t.losses) == 0 {
		return p, nil
	}
	found, cameHome, err := t.passes(sums)
	if err != nil {
		return nil, err
	}
	p.sort(found)
	return p, p.level(jointly, cameHome)
}

type foundPiece struct {
	pool poolNo
	piece
}

func (t *tape) passes(sums *tally) (found []foundPiece, cameHome bool, err error) {
	members := int32(len(t.losses))
	run := newPass(t, members)
	for first := int32(0); first < members; first += abreast {
		run.run(first, min(abreast, members-first))
		var worth [abreast]fixed
		run.collect(func(pool poolNo, s piece) {
			m := t.member[s.loss] - first
			worth[m].Add(&worth[m], &s.worth)
			found = append(found, foundPiece{pool, s})
		})
		for m := range run.count {
			worth[m].Add(&worth[m], &run.home[m])
			if run.own[m] != worth[m] {
				return nil, false, fmt.Errorf("the places of a victim's claims do not sum to what was his: %w", errWorth)
			}
			cameHome = cameHome || !run.home[m].IsZero()
			sum := &sums.returned[run.loss(int(m))]
			sum.Add(sum, &run.home[m])
		}
	}
	return found, cameHome, nil
}

// sort puts the pieces in the order of the pools.
func (p *parts) sort(found []foundPiece) {
	for _, s := range found {
		p.ends[s.pool]++
	}
	from := make([]int, len(p.ends))
	for pool := 1; pool < len(p.ends); pool++ {
		from[pool] = p.ends[pool-1]
		p.ends[pool] += p.ends[pool-1]
	}
	p.pieces = make([]piece, len(found))
	for _, s := range found {
		p.pieces[from[s.pool]] = s.piece
		from[s.pool]++
	}
}

// level makes the pieces of each pool sum to what the joint claims have there.
// What differs by less than a speck is the error of fractions, and the largest
// piece's; more can only be money that came home and has become plain.
func (p *parts) level(jointly func(poolNo) fixed, cameHome bool) error {
	for pool, end := range p.ends {
		pieces, left := p.pieces[p.start(pool):end], jointly(poolNo(pool))
		for i := range pieces {
			left.Sub(&left, &pieces[i].units)
		}
		switch most := largestPiece(pieces); {
		case cameHome && left.Sign() > 0 && !left.Lt(&grain), most == nil && small(&left):
			p.own[pool] = left
		case most != nil && small(&left):
			most.units.Add(&most.units, &left)
		default:
			return fmt.Errorf("what each victim has in a pool does not sum to what they all have: %w", errSum)
		}
	}
	return nil
}

// small says whether a difference, of either sign, is so small that it can be
// the error of fractions, grain by grain: 2^-32 of a unit.
func small(left *fixed) bool {
	var size fixed
	return size.Abs(left).Lt(&fixed{0, 1 << 32, 0, 0})
}

func largestPiece(pieces []piece) *piece {
	var most *piece
	for i := range pieces {
		if most == nil || most.units.Lt(&pieces[i].units) {
			most = &pieces[i]
		}
	}
	return most
}
