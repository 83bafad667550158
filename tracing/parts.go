package tracing

import (
	"fmt"
	"slices"
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
	full   [][]finding
	last   []finding
	worth  [][]fixed
}

func (l *findings) add(f finding, worth *fixed) {
	if len(l.last) == cap(l.last) {
		l.close()
	}
	l.last = append(l.last, f)
	if n := len(l.worth) - 1; l.worthy {
		l.worth[n] = append(l.worth[n], *worth)
	}
}

// close begins the next room, twice as large up to a limit.
func (l *findings) close() {
	room := min(max(2*cap(l.last), 64), 1<<16)
	l.full = append(l.full, l.last)
	l.last = make([]finding, 0, room)
	if l.worthy {
		l.worth = append(l.worth, make([]fixed, 0, room))
	}
}

// passes runs all members, and says whether anybody's money came home.
func (t *tape) passes(sums *tally, list *findings) (cameHome bool, err error) {
	members, abreast := int32(len(t.losses)), t.abreast()
	run, found := newPass(t, abreast), make([]fixed, abreast)
	for first := int32(0); first < members; first += abreast {
		run.run(first, min(abreast, members-first))
		copy(found, run.home)
		run.collect(func(pool poolNo, m int, units, worth fixed) {
			found[m].Add(&found[m], &worth)
			list.add(finding{pool, piece{run.loss(m), units}}, &worth)
		})
		if !slices.Equal(found, run.own) {
			return false, fmt.Errorf("the places of a victim's claims do not sum to what was his: %w", errWorth)
		}
		for m := range int(run.count) {
			cameHome = cameHome || !run.home[m].IsZero()
			sum := &sums.returned[run.loss(m)]
			sum.Add(sum, &run.home[m])
		}
	}
	list.close()
	return cameHome, nil
}

// sort puts the pieces in the order of the pools.
func (p *parts) sort(list *findings) {
	count := 0
	for _, room := range list.full {
		for i := range room {
			p.ends[room[i].pool]++
		}
		count += len(room)
	}
	for pool := 1; pool < len(p.ends); pool++ {
		p.ends[pool] += p.ends[pool-1]
	}
	p.pieces = make([]piece, count)
	if list.worthy {
		p.worth = make([]fixed, count)
	}
	// From the end on: an end moves to its pool's beginning, and back below.
	for n := len(list.full) - 1; n >= 0; n-- {
		room := list.full[n]
		for i := len(room) - 1; i >= 0; i-- {
			at := &p.ends[room[i].pool]
			*at--
			p.pieces[*at] = room[i].piece
			if list.worthy {
				p.worth[*at] = list.worth[n-1][i]
			}
		}
		list.full[n] = nil
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
