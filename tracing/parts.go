package tracing

import (
	"fmt"
	"slices"
	"sync"
)

// piece is what a victim's joint claims in one asset have in a pool.
type piece struct {
	loss  int32
	units fixed
}

// parts is the pieces of every pool, when the joint claims have been parted.
type parts struct {
	whose  []owner // by loss: a claim of it
	pieces []piece
	worth  []fixed // of each piece; nil where all are worth their units
	ends   []int   // by pool: where its pieces end
	own    []fixed // by pool: what has come home and is plain
}

// of gives a pool's pieces, and what is own money that came home.
func (p *parts) of(pool poolNo, yield func(o owner, units, worth fixed)) {
	for i := p.start(int(pool)); i < p.ends[pool]; i++ {
		s := &p.pieces[i]
		worth := s.units
		if p.worth != nil {
			worth = p.worth[i]
		}
		yield(p.whose[s.loss], s.units, worth)
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
	list := &findings{worthy: t.turns}
	cameHome, err := t.passes(sums, list)
	if err != nil {
		return nil, err
	}
	p.sort(list)
	return p, p.level(jointly, cameHome)
}

// finding is a piece that a pass has found in a pool.
type finding struct {
	pool poolNo
	piece
}

// findings is a list that grows without moving what is there: it may be long.
type findings struct {
	worthy bool // worth is not the same as units
	rooms  []room
}

// room holds so many findings, and of each its worth where that is another.
type room struct {
	list  []finding
	worth []fixed
}

func (l *findings) add(f finding, worth *fixed) {
	last := len(l.rooms) - 1
	if last < 0 || len(l.rooms[last].list) == cap(l.rooms[last].list) {
		last++
		l.rooms = append(l.rooms, l.next())
	}
	in := &l.rooms[last]
	in.list = append(in.list, f)
	if l.worthy {
		in.worth = append(in.worth, *worth)
	}
}

// next is a room twice as large as the last one, up to a limit.
func (l *findings) next() (r room) {
	size := 64
	if n := len(l.rooms); n > 0 {
		size = min(2*cap(l.rooms[n-1].list), 1<<16)
	}
	r.list = make([]finding, 0, size)
	if l.worthy {
		r.worth = make([]fixed, 0, size)
	}
	return r
}

// stint is a piece of the work of parting: some members, one after another, and
// what was found of them. No stint needs another one.
type stint struct {
	first, end int32
	found      findings
	home       []fixed // by member from the first on: what came home
	err        error
}

// How many stints there are at most, and how many go over the tape at once: so
// many that a few processors have work to the end, and no more than the room
// allows that each of them needs.
const (
	mostStints = 64
	atOnce     = 2
	mostShares = 1 << 25
)

// stints divides the members, whole blocks of those who go abreast.
func (t *tape) stints(abreast int32) (list []*stint) {
	members := int32(len(t.losses))
	blocks := (members + abreast - 1) / abreast
	size := (blocks + mostStints - 1) / mostStints * abreast
	for first := int32(0); first < members; first += size {
		end := min(first+size, members)
		list = append(list, &stint{first: first, end: end, found: findings{worthy: t.turns}, home: make([]fixed, end-first)})
	}
	return list
}

// passes runs all members, and says whether anybody's money came home. What it
// gives does not depend on which stint is done when, or by which processor.
func (t *tape) passes(sums *tally, list *findings) (cameHome bool, err error) {
	abreast := t.abreast()
	stints := t.stints(abreast)
	t.runAll(stints, abreast)
	for _, s := range stints {
		if s.err != nil {
			return false, s.err
		}
		list.rooms = append(list.rooms, s.found.rooms...)
		for m := range s.home {
			cameHome = cameHome || !s.home[m].IsZero()
			sum := &sums.returned[t.losses[int(s.first)+m]]
			sum.Add(sum, &s.home[m])
		}
	}
	return cameHome, nil
}

// runAll shares the stints out among a few passes.
func (t *tape) runAll(stints []*stint, abreast int32) {
	room := max(1, mostShares/(len(t.plan.pools)*int(abreast)+1))
	runs := make([]*pass, min(len(stints), atOnce, room))
	work := make(chan *stint)
	var all sync.WaitGroup
	for i := range runs {
		runs[i] = newPass(t, abreast)
		all.Go(func() {
			for s := range work {
				s.run(runs[i])
			}
		})
	}
	for _, s := range stints {
		work <- s
	}
	close(work)
	all.Wait()
	for _, run := range runs {
		for pool, at := range run.laid {
			t.tills[pool].traced = max(t.tills[pool].traced, at)
		}
	}
}

// run sends the members of a stint over the tape, so many abreast.
func (s *stint) run(p *pass) {
	abreast := int32(len(p.own))
	found := make([]fixed, abreast)
	for first := s.first; first < s.end; first += abreast {
		p.run(first, min(abreast, s.end-first))
		copy(s.home[first-s.first:], p.home[:p.count])
		copy(found, p.home)
		p.collect(func(pool poolNo, m int, units, worth fixed) {
			found[m].Add(&found[m], &worth)
			s.found.add(finding{pool, piece{p.loss(m), units}}, &worth)
		})
		if !slices.Equal(found, p.own) {
			s.err = fmt.Errorf("the places of a victim's claims do not sum to what was his: %w", errWorth)
			return
		}
	}
}

// sort puts the pieces in the order of the pools.
func (p *parts) sort(list *findings) {
	count := 0
	for _, in := range list.rooms {
		for i := range in.list {
			p.ends[in.list[i].pool]++
		}
		count += len(in.list)
	}
	for pool := 1; pool < len(p.ends); pool++ {
		p.ends[pool] += p.ends[pool-1]
	}
	p.pieces = make([]piece, count)
	if list.worthy {
		p.worth = make([]fixed, count)
	}
	// From the end on: an end moves to its pool's beginning, and back below.
	for n, in := range slices.Backward(list.rooms) {
		for i := len(in.list) - 1; i >= 0; i-- {
			at := &p.ends[in.list[i].pool]
			*at--
			p.pieces[*at] = in.list[i].piece
			if list.worthy {
				p.worth[*at] = in.worth[i]
			}
		}
		list.rooms[n] = room{}
	}
	copy(p.ends, p.ends[1:])
	p.ends[len(p.ends)-1] = count
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
