package tracing

import (
	"errors"
	"fmt"

	"clew/domain"
)

// book keeps the lots of every pool in the way that a family of rules needs:
// whole units in the order in which they came (lots.go), or exact fractions by
// owner (shares.go). The walk decides what happens; the book only says whose
// money it happens to.
//
// What has been drawn and not put down yet is "on the way". A movement draws
// onto the way, perhaps changes what is there, and puts it down. split and
// splitFirst leave a part on the way and set the rest aside, until rest brings
// that back.
type book interface {
	// draw takes an amount from a pool by the rule, as far as it lasts.
	draw(from poolNo, amount domain.Units)
	// giveBack takes from a pool first what a step delivered and earlier
	// returns have not taken: the amount's share in it (point 10). The rest it
	// draws by the rule, or makes as new own money where the pool is an end;
	// it answers with how much that was.
	giveBack(from poolNo, of int32, amount domain.Units) (beyond fixed)
	// create puts new own money on the way.
	create(amount domain.Units, as owner)
	// report makes the own money on the way a claim's (point 5).
	report(claim int32)
	// convert turns what is on the way into an amount of another asset.
	convert(into domain.Units)
	// split leaves an amount on the way, shared over all that is there.
	split(amount domain.Units)
	// splitFirst leaves the first so many units on the way, in drawn order;
	// in proportion where the rule knows no order.
	splitFirst(amount domain.Units)
	// rest brings back what a split has set aside.
	rest()
	// stamp notes who has paid own money; asked where the rule presumes.
	stamp(payer standing)
	// comeHome makes a victim's own claims on the way plain money: returned.
	comeHome(victim int32)
	// settle notes into whose hands own money comes; asked where the rule presumes.
	settle(holder standing)
	// keep remembers what a step delivers, for returns of it.
	keep(step int32)
	// put lays what is on the way into a pool, and says whether claims were
	// among it. It fails where the sum is not the amount.
	put(to poolNo, amount domain.Units) (traced bool, err error)
	// pick takes an amount that is there from a pool, class by class from the
	// lowest, within a class in the pool's order (in proportion where the rule
	// knows no order). A lot on the way remembers its place.
	pick(from poolNo, amount domain.Units, class func(owner) int)
	// putBack lays what is on the way into a pool at the places remembered.
	putBack(to poolNo, amount domain.Units) error
	// glance reads something of a pool, before it is asked for.
	glance(pool poolNo) int32
	// audit fails where something is on the way still, or where worth has
	// been lost or made.
	audit() error
	// follow gives a book the walk's tills, in which a pool's lots may lie, and
	// its clock: the tills know when claims last came to each pool, for those
	// puts of which a book can only say so at the end.
	follow(clock *int32, tills []till)
	// finish is called once, when the walk is over and before its lots are
	// asked for.
	finish() error
	// onWay gives every lot on the way; lots every lot of a pool.
	onWay(yield func(o owner, units, worth fixed))
	lots(pool poolNo, yield func(o owner, units, worth fixed))
	// tally is what the whole walk has come to.
	tally() *tally
}

// tally is what a book sums up beside the pools.
type tally struct {
	own      []fixed // by loss: what of the reported money was the victim's
	returned []fixed // by loss: worth that came home
	presumed []fixed // by asset: Answer.Presumed
}

func newTally(p *plan) *tally {
	return &tally{make([]fixed, len(p.losses)), make([]fixed, len(p.losses)), make([]fixed, len(p.assets))}
}

// presume adds to what Answer.Presumed will say.
func (t *tally) presume(asset int32, units fixed) {
	t.presumed[asset].Add(&t.presumed[asset], &units)
}

func newBook(p *plan, r *rule) book {
	if r.among == proportion {
		return newShareBook(p, r)
	}
	return newLotBook(p, r)
}

// What an audit may find. It cannot happen, and is looked for all the same at
// every step: a stopped trace is better than a wrong one.
var (
	errFault = errors.New("this is a fault of clew, not of the case: please report it")
	errSum   = fmt.Errorf("what arrives is not the sum of what was drawn: %w", errFault)
	errStray = fmt.Errorf("something was drawn and has arrived nowhere: %w", errFault)
	errWorth = fmt.Errorf("claims were worth more or less when they arrived than when they were drawn: %w", errFault)
)
