package indicators

import (
	"maps"

	"clew/domain"
)

// passage is one credit or debit of a pool. The other account is told by its
// number, none where there is none: an opening, a leg of a hop; there is its
// pool, and twin is where the same movement stood there when it came: a hint,
// for a movement that comes late moves others on.
type passage struct {
	at       int64
	units    domain.Units
	row      int32
	other    int32
	there    int32
	twin     int32
	in       bool
	opening  bool
	alike    bool // the other account's pool is of the same asset
	onward   bool // a route may lead on over the other account: it is alike, and no end
	reported bool // it is a payment that a victim has reported
}

func (p passage) out(units domain.Units, other, there int32) passage {
	p.units, p.other, p.there, p.in = units, other, there, false
	return p
}

func (p passage) credit(units domain.Units, other, there int32) passage {
	p.units, p.other, p.there, p.in = units, other, there, true
	return p
}

// pool is what passed through one account in one asset, in the order of time
// and then of the log.
type pool struct {
	book    *Book
	number  int32
	holder  int32
	account domain.AccountID
	asset   domain.Asset
	list    []passage
	ends    bool
	credits int
	spends  []int32 // hops that it pays, by number
	gets    []int32 // hops that pay it
	reports int     // payments of its own that victims have reported
	settled []settled
	scratch *scratch // of whoever looks at it now
}

// debits is how many there are.
func (p *pool) debits() int { return len(p.list) - p.credits }

// end says whether the account is one behind which money can no longer be told
// apart: no route is followed through it.
func (p *pool) end() bool { return p.ends }

// after is the first passage that comes truly after another account's one. It
// mostly stands right behind that one's twin.
func (p *pool) after(line *passage) int {
	if n := int(line.twin); n < len(p.list) && p.list[n].row == line.row {
		for n < len(p.list) && !p.book.earlier(line, &p.list[n]) {
			n++
		}
		return n
	}
	low, high := 0, len(p.list)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if p.book.earlier(line, &p.list[middle]) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

// since is the first passage at or after a time.
func (p *pool) since(at int64) int {
	low, high := 0, len(p.list)
	for low < high {
		middle := int(uint(low+high) >> 1)
		if p.list[middle].at >= at {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return low
}

// settled is what an indicator has found in the part of a pool that no later
// movement can change: those who follow a case movement by movement need not
// look there again. A movement that comes late, or other thresholds, open it.
type settled struct {
	limits limits
	late   int
	upto   int // passages
	best   sign
}

// What may be settled in a pool, each on its own.
const (
	ringsThere = iota
	chainsThere
	waysOut
	waysIn
	settleable
)

// resume gives what is settled, or a fresh start.
func (p *pool) resume(what int, l limits) settled {
	if p.settled != nil {
		if s := p.settled[what]; s.upto > 0 && s.late == p.book.late && maps.Equal(s.limits, l) {
			return s
		}
	}
	return settled{limits: l, late: p.book.late}
}

func (p *pool) settle(what int, s settled) {
	if s.upto == 0 {
		return
	}
	if p.settled == nil {
		p.settled = make([]settled, settleable)
	}
	p.settled[what] = s
}

// scratch is room that one question after another uses, so that a look at a
// pool makes no table of its own. What it holds is of one pool at a time.
type scratch struct {
	of      *pool
	met     bool
	in, out []int
	matched bool
	stays   []stay
	round   int32
	marks   []int32 // by account: the round in which it was last seen
	sums    []domain.Units
	counts  []int32
}

// lookedAt gives a pool to whoever looks at it, with his scratch.
func (p *pool) lookedAt(s *scratch) *pool {
	p.scratch, s.of = s, nil
	return p
}

// turn makes the scratch this pool's.
func (s *scratch) turn(p *pool) *scratch {
	if s.of != p {
		s.of, s.met, s.matched = p, false, false
	}
	return s
}

// begin starts a round in which no account has been seen.
func (s *scratch) begin(accounts int) {
	if s.round++; s.round < 0 {
		s.round = 1
		clear(s.marks)
	}
	if more := accounts - len(s.marks); more > 0 {
		s.marks, s.sums, s.counts = append(s.marks, make([]int32, more)...), append(s.sums, make([]domain.Units, more)...), append(s.counts, make([]int32, more)...)
	}
}

// first says whether an account is seen for the first time in this round.
func (s *scratch) first(account int32) bool {
	if s.marks[account] == s.round {
		return false
	}
	s.marks[account], s.sums[account], s.counts[account] = s.round, domain.Units{}, 0
	return true
}
