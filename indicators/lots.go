package indicators

import (
	"cmp"
	"slices"
	"time"

	"clew/domain"
	"clew/tracing"
)

// chest is what a walk's lots tell of a pool: all that left and arrived there
// (openings, fees and what stated balances show, too), whose money it was, and
// how many hops from its victim it had come.
type chest struct {
	told     bool    // the walk has told something of it; else there is nothing here
	same     int32   // so many of the pool's passages it has told as they are, and then
	walked   *pool   // something else: all that left and arrived, as a pool of its own
	victims  []int32 // by the walk's own numbers, in their order
	firsts   []int32 // of each victim the movement that first brought money of his
	layer    int64   // the highest that has arrived
	layered  int32   // the movement that brought it
	last     int32   // the last movement that brought victims' money
	balance  domain.Units
	theirs   domain.Units
	standing bool // balance and theirs are known
}

// Trace walks a case under fifo and keeps what the lots show beside the
// movements. Without it the indicators that rest on lots do not fire; movements
// that are added later are not in it.
func (b *Book) Trace(in tracing.Input) error {
	in.Rule = tracing.FIFO
	b.jumbled = b.jumbled || len(b.entries) > 0 // a walk before has added some
	b.chests, b.courses, b.entries, b.walked = make([]chest, len(b.pools)), make([]course, len(b.pools)), nil, nil
	answer, err := tracing.Watch(in, b.carry)
	if err != nil {
		b.chests = nil
		return err
	}
	for number := range b.courses {
		b.keepCourse(int32(number))
	}
	b.courses = nil
	for i := range answer.Accounts {
		b.stand(&answer.Accounts[i])
	}
	return nil
}

// carry takes what the walk tells.
func (b *Book) carry(c *tracing.Carried) {
	number := b.walkedPool(c)
	if number == none {
		return
	}
	row := b.pass(number, c)
	if len(c.Victims) == 0 {
		return
	}
	at := b.chest(number)
	at.last = row
	for _, victim := range c.Victims {
		if n, known := slices.BinarySearch(at.victims, victim); !known {
			at.victims, at.firsts = slices.Insert(at.victims, n, victim), slices.Insert(at.firsts, n, row)
		}
	}
	if layer := b.layerOf(c) + 1; layer > at.layer {
		at.layer, at.layered = layer, row
	}
}

// course is how a walk goes through a pool. Mostly that is just what the book
// has there, passage by passage.
type course struct {
	list   []passage // the pool's, as far as it has been told, and on
	same   int32     // so many of them have been told
	begun  bool
	parted bool // what is told is kept in the chest's own pool
}

// pass notes what left a pool or arrived there, and gives its movement.
func (b *Book) pass(number int32, c *tracing.Carried) (row int32) {
	for int(number) >= len(b.courses) {
		b.courses = append(b.courses, course{})
	}
	way := &b.courses[number]
	if !way.begun {
		way.begun, way.list = true, b.pools[number].list
	}
	if !way.parted && int(way.same) < len(way.list) {
		line := &way.list[way.same]
		if line.in == c.Arrives && line.units == c.Units && b.rows[line.row].position == c.Position {
			way.same++
			return line.row
		}
	}
	if !way.parted {
		way.parted = true
		b.keepCourse(number)
		b.ownChest(number)
	}
	row = b.rowOf(c)
	at := b.chest(number)
	at.walked.list = append(at.walked.list, passage{at: c.When.Time.UnixNano(), row: row, other: none, there: none, units: c.Units, in: c.Arrives})
	if c.Arrives {
		at.walked.credits++
	}
	return row
}

// keepCourse says in a pool's chest how much of it has been told as it is.
func (b *Book) keepCourse(number int32) {
	if way := &b.courses[number]; way.begun {
		b.chest(number).same = way.same
	}
}

// ownChest makes what a walk has told of a pool a list of its own.
func (b *Book) ownChest(number int32) {
	at := b.chestOf(number)
	if at == nil || at.walked != nil {
		return
	}
	at.walked = b.pools[number].upto(int(at.same))
	at.walked.list = slices.Clone(at.walked.list)
}

// upto is so much of a pool as a pool of its own.
func (p *pool) upto(n int) *pool {
	part := &pool{book: p.book, number: p.number, holder: p.holder, account: p.account, asset: p.asset, list: p.list[:n]}
	for i := range part.list {
		if part.list[i].in {
			part.credits++
		}
	}
	return part
}

// walkedPool is the pool that the walk has its own number for.
func (b *Book) walkedPool(c *tracing.Carried) int32 {
	for int(c.Pool) >= len(b.walked) {
		b.walked = append(b.walked, unasked)
	}
	if b.walked[c.Pool] == unasked {
		b.walked[c.Pool] = b.poolFor(c.Account, domain.Amount{Units: c.Units, Asset: c.Asset})
	}
	return b.walked[c.Pool]
}

// unasked stands where a number of the walk has not been met.
const unasked int32 = -2

// chestOf is what the lots tell of a pool, nil where nothing was told.
func (b *Book) chestOf(number int32) *chest {
	if int(number) >= len(b.chests) || !b.chests[number].told {
		return nil
	}
	return &b.chests[number]
}

// chest is the same, made where there is none.
func (b *Book) chest(number int32) *chest {
	for int(number) >= len(b.chests) {
		b.chests = append(b.chests, chest{})
	}
	b.chests[number].told = true
	return &b.chests[number]
}

// rowOf is the number of a movement; balances and returns get theirs here. Most
// movements stand as far from their position in the log as the one before.
func (b *Book) rowOf(c *tracing.Carried) int32 {
	if guess := c.Position - b.drift; guess < uint64(len(b.rows)) && b.rows[guess].position == c.Position {
		return int32(guess)
	}
	row, known := b.find(c.Position)
	if !known {
		row = int32(len(b.rows))
		b.rows = append(b.rows, entry{c.When.Time.UnixNano(), c.Position, c.Movement})
		b.entries[c.Position] = row
		return row
	}
	b.drift = c.Position - uint64(row)
	return row
}

// find looks a movement up by its position.
func (b *Book) find(position uint64) (row int32, known bool) {
	if b.entries == nil {
		b.entries, b.recorded = map[uint64]int32{}, len(b.rows)
		for n := 0; b.jumbled && n < len(b.rows); n++ {
			b.entries[b.rows[n].position] = int32(n)
		}
	}
	if !b.jumbled {
		n, there := slices.BinarySearchFunc(b.rows[:b.recorded], position, func(e entry, p uint64) int { return cmp.Compare(e.position, p) })
		if there {
			return int32(n), true
		}
	}
	row, known = b.entries[position]
	return row, known
}

// layerOf is how many hops from a victim the payer stands; a victim's own
// account stands at none. What it pays from the walk has told before.
func (b *Book) layerOf(c *tracing.Carried) (most int64) {
	if c.PaidFrom == none || b.walked[c.PaidFrom] == none {
		return 0
	}
	payer := &b.holders[b.pools[b.walked[c.PaidFrom]].holder]
	if len(payer.homes) > 0 {
		return 0
	}
	for _, n := range payer.pools {
		if from := b.chestOf(n); from != nil {
			most = max(most, from.layer)
		}
	}
	return most
}

// stand keeps what lies in a pool at the end of the walk, and whose it is.
func (b *Book) stand(p *tracing.Pool) {
	number := b.poolFor(p.Account, domain.Amount{Units: domain.NewUnits(1), Asset: p.Asset})
	at := b.chestOf(max(number, 0))
	if number == none || at == nil {
		return
	}
	at.balance, at.standing = p.Balance, true
	for _, owner := range p.Traced {
		at.theirs = sum(at.theirs, owner.Units)
	}
}

// hub is how many victims' money has come to an account.
func hub(p *pool, _ limits) sign {
	at := p.book.chestOf(p.number)
	if at == nil || p.end() || len(p.book.holders[p.holder].homes) > 0 {
		return sign{}
	}
	return sign{measured: int64(len(at.victims)), beyond: at.firsts}
}

// layerIndex is how many hops from the victim the money had come.
func layerIndex(p *pool, _ limits) sign {
	at := p.book.chestOf(p.number)
	if at == nil || at.layer == 0 || len(p.book.holders[p.holder].homes) > 0 {
		return sign{}
	}
	return sign{measured: at.layer, beyond: []int32{at.layered}}
}

// dilution is the share of the balance that is victims' money, in thousandths.
func dilution(p *pool, _ limits) sign {
	at := p.book.chestOf(p.number)
	if at == nil || !at.standing || at.theirs.Sign() <= 0 {
		return sign{}
	}
	return sign{measured: parts(at.theirs, at.balance, 1000), beyond: []int32{at.last}}
}

// dust is what of victims' money lies there, in whole units.
func dust(p *pool, _ limits) sign {
	at := p.book.chestOf(p.number)
	if at == nil || !at.standing || at.theirs.Sign() <= 0 {
		return sign{}
	}
	whole, known := p.wholes(at.theirs)
	if !known {
		return sign{}
	}
	return sign{measured: whole, beyond: []int32{at.last}}
}

// dwellOfLots is dwellTime where the case has been walked: with all that came
// and left, as the lots lay under fifo. Else it is the same over the movements.
func dwellOfLots(p *pool, l limits) sign {
	at := p.book.chestOf(p.number)
	if at == nil {
		return dwellTime(p, l)
	}
	if at.walked == nil && int(at.same) == len(p.list) {
		return dwellTime(p, l)
	}
	walked := at.walked
	if walked == nil {
		walked = p.upto(int(at.same))
	}
	walked.scratch = p.scratch
	s := dwellTime(walked, l)
	for _, n := range s.shown {
		s.beyond = append(s.beyond, walked.list[n].row)
	}
	s.shown = nil
	return s
}

// wholes is an amount in whole units, rounded down, where such a number says
// something.
func (p *pool) wholes(units domain.Units) (n int64, known bool) {
	one, known := p.whole(1)
	if !known {
		return 0, false
	}
	whole, _ := units.Share(domain.NewUnits(1), one)
	n, fits := whole.Int64()
	if !fits {
		return int64(time.Hour), true
	}
	return n, true
}
