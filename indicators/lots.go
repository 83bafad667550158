package indicators

import (
	"slices"
	"time"

	"clew/domain"
	"clew/tracing"
)

// chest is what a walk's lots tell of a pool: all that left and arrived there
// (openings, fees and what stated balances show, too), whose money it was, and
// how many hops from its victim it had come.
type chest struct {
	walked   *pool // what left and arrived, as a pool of its own
	victims  []domain.VictimID
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
	b.chests, b.entries, b.walked = make([]*chest, len(b.pools)), nil, nil
	answer, err := tracing.Watch(in, b.carry)
	if err != nil {
		return err
	}
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
	at := b.chest(number)
	row := b.rowOf(c)
	line := passage{at: c.When.Time.UnixNano(), row: row, other: none, there: none, units: c.Units, in: c.Arrives}
	at.walked.list = append(at.walked.list, line)
	if !c.Arrives {
		return
	}
	at.walked.credits++
	if len(c.Owners) == 0 {
		return
	}
	at.last = row
	for _, owner := range c.Owners {
		if !slices.Contains(at.victims, owner.Victim) {
			at.victims, at.firsts = append(at.victims, owner.Victim), append(at.firsts, row)
		}
	}
	if layer := b.layerOf(c) + 1; layer > at.layer {
		at.layer, at.layered = layer, row
	}
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
	if int(number) >= len(b.chests) {
		return nil
	}
	return b.chests[number]
}

// chest is the same, made where there is none.
func (b *Book) chest(number int32) *chest {
	for int(number) >= len(b.chests) {
		b.chests = append(b.chests, nil)
	}
	if b.chests[number] == nil {
		p := b.pools[number]
		b.chests[number] = &chest{walked: &pool{book: b, number: number, holder: p.holder, account: p.account, asset: p.asset}}
	}
	return b.chests[number]
}

// rowOf is the number of a movement; balances and returns get theirs here. Most
// movements stand where the log's first one and their position say.
func (b *Book) rowOf(c *tracing.Carried) int32 {
	if len(b.rows) > 0 {
		if guess := c.Position - b.rows[0].position; guess < uint64(len(b.rows)) && b.rows[guess].position == c.Position {
			return int32(guess)
		}
	}
	if b.entries == nil {
		b.entries = map[uint64]int32{}
		for n := range b.rows {
			b.entries[b.rows[n].position] = int32(n)
		}
	}
	row, known := b.entries[c.Position]
	if !known {
		row = int32(len(b.rows))
		b.rows = append(b.rows, entry{c.When.Time.UnixNano(), c.Position, c.Movement})
		b.entries[c.Position] = row
	}
	return row
}

// layerOf is how many hops from a victim the payer stands; a victim's own
// account stands at none.
func (b *Book) layerOf(c *tracing.Carried) int64 {
	holder, known := b.numbers[c.From]
	if !known || len(b.holders[holder].homes) > 0 {
		return 0
	}
	most := int64(0)
	for _, n := range b.holders[holder].pools {
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
	s := dwellTime(at.walked, l)
	for _, n := range s.shown {
		s.beyond = append(s.beyond, at.walked.list[n].row)
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
