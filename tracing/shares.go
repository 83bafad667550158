package tracing

import (
	"slices"

	"clew/domain"
)

// shareBook keeps of every pool what each owner has in it, as fractions: the
// rules that draw in proportion know no order among equals. Sums are exact to
// the last binary digit, so conservation can be asserted and not only
// approached.
//
// Most claims are kept as one, the joint claims: what any of them has in a
// pool changes nothing but its own part of what is drawn. What happens to them
// is written on a tape, and when the walk is over each goes over it alone
// (tape.go, pass.go). Claims that must be told apart on the way (reach.go) are
// owners of their own.
type shareBook struct {
	plan  *plan
	rule  *rule
	whose []owner // of each claim: the claim under which it is kept
	pools []sharePool
	way   vector
	aside vector
	spare vector // room for what a draw takes
	kept  map[int32]vector
	sums  *tally
	worth fixed  // drawn and not yet put down
	room  vector // for the first shares of the next pools
	tape  *tape
	parts *parts // of the joint claims, by pool; once the walk is over
}

type sharePool struct {
	ranks [ranks]vector
	sums  [ranks]fixed
}

// joint owns all claims that are kept as one. It stands after every other.
const joint owner = 1<<31 - 1

func newShareBook(p *plan, r *rule) *shareBook {
	b := &shareBook{plan: p, rule: r, whose: keepers(p, p.toldApart()), pools: make([]sharePool, len(p.pools)),
		kept: map[int32]vector{}, sums: newTally(p)}
	b.tape = newTape(p, b.whose)
	return b
}

// keepers says under which claim each claim is kept. Of the claims that are
// told apart, only returns and holds ask for one rather than another; where
// there are none, all claims of a victim in one asset are kept as one, which
// changes no share and keeps pools narrow.
func keepers(p *plan, apart []bool) []owner {
	whose, first := make([]owner, len(p.claims)), map[int32]owner{}
	for c, claim := range p.claims {
		whose[c] = owner(c)
		if !apart[claim.victim] {
			whose[c] = joint
			continue
		}
		if p.returns || len(p.holds) > 0 {
			continue
		}
		if _, ok := first[claim.loss]; !ok {
			first[claim.loss] = owner(c)
		}
		whose[c] = first[claim.loss]
	}
	return whose
}

func (b *shareBook) tally() *tally { return b.sums }

func (b *shareBook) follow(clock *int32, tills []till) { b.tape.clock, b.tape.tills = clock, tills }

// glance reads the first and the last share of a pool.
func (b *shareBook) glance(pool poolNo) (seen int32) {
	p := &b.pools[pool]
	for r := range p.ranks {
		if v := p.ranks[r]; len(v) > 0 {
			seen += int32(v[0].owner) + int32(v[len(v)-1].units[3])
		}
	}
	return seen
}

// finish parts the joint claims: it is called once, when the walk is over.
func (b *shareBook) finish() (err error) {
	b.parts, err = b.tape.part(b.jointly, b.sums)
	b.tape = nil
	return err
}

// jointly is what the joint claims have in a pool.
func (b *shareBook) jointly(pool poolNo) (units fixed) {
	for _, rank := range b.pools[pool].ranks {
		if s := rank.joint(); s != nil {
			units = s.units
		}
	}
	return units
}

// take moves shares onto the way.
func (b *shareBook) take(v vector) {
	for i := range v {
		b.worth.Add(&b.worth, &v[i].worth)
	}
	b.way = b.way.plus(v)
}

func (b *shareBook) draw(from poolNo, amount domain.Units) {
	need := fixedOf(amount)
	b.drawFixed(from, &need)
}

func (b *shareBook) drawFixed(from poolNo, need *fixed) {
	pool, total := &b.pools[from], b.pools[from].total()
	if !need.Lt(&total) {
		b.takeAll(from)
		return
	}
	pool.level(need)
	b.drawRank(from, 0, need)
	if b.rule.presumes() && !pool.sums[1].Lt(&grain) {
		b.presume(from)
	}
	b.take(b.spare)
	b.drawRank(from, 1, need)
	b.take(b.spare)
}

func (b *shareBook) takeAll(from poolNo) {
	pool := &b.pools[from]
	for r := range pool.ranks {
		b.tape.drawn(from, wholly, pool.ranks[r])
		b.take(pool.ranks[r])
		pool.ranks[r], pool.sums[r] = pool.ranks[r][:0], fixed{}
	}
}

// drawRank takes what a rank has of what is needed, into the spare room.
func (b *shareBook) drawRank(from poolNo, rank int, need *fixed) {
	pool := &b.pools[from]
	v, sum := pool.ranks[rank], &pool.sums[rank]
	b.spare = b.spare[:0]
	switch {
	case need.IsZero() || len(v) == 0:
	case !need.Lt(sum):
		b.tape.drawn(from, wholly, v)
		b.spare, pool.ranks[rank] = append(b.spare, v...), v[:0]
		need.Sub(need, sum)
		sum.Clear()
	default:
		r := ratioOf(need, sum)
		b.tape.drawn(from, &r, v)
		b.spare = v.part(b.spare, &r, need)
		sum.Sub(sum, need)
		need.Clear()
	}
}

// level makes the first rank exactly what is needed where it differs by less
// than a grain only: that is the error of fractions, and without it a payment
// of all own money would carry a speck of the claims, or leave one behind.
func (p *sharePool) level(need *fixed) {
	var speck fixed
	if need.Gt(&p.sums[0]) {
		if speck.Sub(need, &p.sums[0]); speck.Lt(&grain) {
			p.shift(1, 0, &speck)
		}
		return
	}
	if speck.Sub(&p.sums[0], need); speck.Lt(&grain) {
		p.shift(0, 1, &speck)
	}
}

// shift moves a speck of units from the largest share of one rank to the
// largest of the other.
func (p *sharePool) shift(from, to int, speck *fixed) {
	giver, taker := p.ranks[from].largest(), p.ranks[to].largest()
	if giver == nil || taker == nil || giver.units.Lt(speck) {
		return
	}
	giver.units.Sub(&giver.units, speck)
	p.sums[from].Sub(&p.sums[from], speck)
	taker.units.Add(&taker.units, speck)
	p.sums[to].Add(&p.sums[to], speck)
}

// presume counts the own money of undescribed payers among what was drawn
// while claims stayed behind.
func (b *shareBook) presume(from poolNo) {
	for _, s := range b.spare {
		if s.owner.has(presumed) && !s.owner.has(counted) {
			b.sums.presume(b.plan.assetOf(from), s.units)
		}
	}
	b.spare = b.spare.renameOwn(func(o owner) owner {
		if o.has(presumed) {
			return own(o.marks() | counted)
		}
		return o
	})
}

func (b *shareBook) create(amount domain.Units, as owner) {
	if !amount.IsZero() {
		b.way = b.way.with(share{owner: as, units: fixedOf(amount)})
	}
}

func (b *shareBook) report(c int32) {
	first := b.way.claims()
	claimed := share{owner: b.whose[c], units: b.way[:first].sum()}
	if claimed.units.IsZero() {
		return
	}
	claimed.worth = claimed.units
	loss := b.plan.claims[c].loss
	b.sums.own[loss].Add(&b.sums.own[loss], &claimed.worth)
	b.worth.Add(&b.worth, &claimed.worth)
	if claimed.owner == joint {
		b.tape.reported(loss, &claimed.units)
	}
	b.way = slices.Delete(b.way, 0, first).with(claimed)
}

func (b *shareBook) convert(into domain.Units) {
	whole, to := b.way.sum(), fixedOf(into)
	left := to
	b.tape.converted(&to, &whole, b.way)
	for i := range b.way {
		b.way[i].units = scale(&b.way[i].units, &to, &whole)
		left.Sub(&left, &b.way[i].units)
	}
	if most := b.way.largest(); most != nil {
		most.units.Add(&most.units, &left)
	}
}

func (b *shareBook) split(amount domain.Units) {
	whole, cut := b.way.sum(), fixedOf(amount)
	if !cut.Lt(&whole) {
		return // nothing is left to set aside
	}
	b.aside, b.way = b.way, b.aside[:0]
	r := ratioOf(&cut, &whole)
	b.tape.split(&r, b.aside)
	b.way = b.aside.part(b.way, &r, &cut)
}

func (b *shareBook) splitFirst(amount domain.Units) { b.split(amount) }

func (b *shareBook) rest() {
	b.tape.rest(b.aside)
	b.way = b.way.plus(b.aside)
	b.aside = b.aside[:0]
}

func (b *shareBook) stamp(payer standing) {
	b.way = b.way.renameOwn(func(o owner) owner { return o.paid(payer) })
}

func (b *shareBook) settle(holder standing) {
	b.way = b.way.renameOwn(func(o owner) owner { return o.held(holder) })
}

func (b *shareBook) comeHome(victim int32) {
	plain := share{owner: own(0)}
	b.tape.cameHome(victim, b.way)
	b.way = slices.DeleteFunc(b.way, func(s share) bool {
		if !s.owner.claimed() || s.owner == joint || b.plan.claims[s.owner].victim != victim {
			return false
		}
		loss := b.plan.claims[s.owner].loss
		b.sums.returned[loss].Add(&b.sums.returned[loss], &s.worth)
		b.worth.Sub(&b.worth, &s.worth)
		plain.units.Add(&plain.units, &s.units)
		return true
	})
	if !plain.units.IsZero() {
		b.way = b.way.with(plain)
	}
}

func (b *shareBook) keep(step int32) {
	b.kept[step] = b.kept[step].plus(slices.Clone(b.way).renameOwn(owner.plain))
}

// giveBack shares the amount over what is left of what the step delivered,
// and takes each owner's share from the pool as far as it is there. What is
// shared out counts as taken.
func (b *shareBook) giveBack(from poolNo, of int32, amount domain.Units) fixed {
	left, beyond := b.kept[of], fixedOf(amount)
	whole := left.sum()
	shares := left
	if beyond.Lt(&whole) {
		r := ratioOf(&beyond, &whole)
		shares = left.part(nil, &r, &beyond)
	} else {
		b.kept[of] = nil
	}
	for _, s := range shares {
		taken := b.takeOf(from, s.owner, &s.units)
		beyond.Sub(&beyond, &taken)
	}
	return b.drawBeyond(from, beyond)
}

// drawBeyond draws what a return lacks. Less than a grain is the error of
// fractions: it is drawn all the same, so that the sums hold, and not told.
func (b *shareBook) drawBeyond(from poolNo, beyond fixed) (told fixed) {
	pool, total := &b.pools[from], b.pools[from].total()
	speck := beyond.Lt(&grain)
	if !speck {
		told = beyond
	}
	switch most := b.way.largest(); {
	case b.plan.pools[from].end && !speck:
		b.way = b.way.with(share{owner: own(0), units: beyond})
	case !beyond.Lt(&total):
		b.takeAll(from)
	case speck && most != nil:
		pool.shed(most, &beyond)
	default:
		b.drawFixed(from, &beyond)
	}
	return told
}

// total is all that lies in a pool.
func (p *sharePool) total() (sum fixed) {
	sum.Add(&p.sums[0], &p.sums[1])
	return sum
}

// shed moves a speck from a pool that holds more to a share on the way.
func (p *sharePool) shed(to *share, speck *fixed) {
	for r := range p.ranks {
		for i := range p.ranks[r] {
			giver, some := &p.ranks[r][i], *speck
			if giver.units.Lt(&some) {
				some = giver.units
			}
			giver.units.Sub(&giver.units, &some)
			p.sums[r].Sub(&p.sums[r], &some)
			to.units.Add(&to.units, &some)
			speck.Sub(speck, &some)
		}
	}
}

// takeOf takes one owner's part of a pool, as far as it is there, onto the
// way. Own money is one owner.
func (b *shareBook) takeOf(from poolNo, whose owner, want *fixed) (taken fixed) {
	pool := &b.pools[from]
	var there fixed
	for r := range pool.ranks {
		some := pool.ranks[r].of(whose).sum()
		there.Add(&there, &some)
	}
	all := !want.Lt(&there)
	for r := range pool.ranks {
		mine := pool.ranks[r].of(whose)
		cut := mine.sum()
		if !all {
			cut = scale(&cut, want, &there)
		}
		b.takeCut(pool, r, mine, &cut)
		taken.Add(&taken, &cut)
	}
	return taken
}

// takeCut takes an amount out of some shares of a rank onto the way.
func (b *shareBook) takeCut(pool *sharePool, rank int, mine vector, cut *fixed) {
	whole := mine.sum()
	switch {
	case cut.IsZero():
		return
	case cut.Lt(&whole):
		r := ratioOf(cut, &whole)
		b.take(mine.part(nil, &r, cut))
	default:
		b.take(mine)
		clear(mine)
		pool.ranks[rank] = pool.ranks[rank].clean()
	}
	pool.sums[rank].Sub(&pool.sums[rank], cut)
}

func (b *shareBook) put(to poolNo, amount domain.Units) (bool, error) {
	sum, want := b.way.sum(), fixedOf(amount)
	if !sum.Eq(&want) {
		return false, errSum
	}
	pool, first, traced := &b.pools[to], b.way.claims(), b.tape.put(to, b.way)
	for _, s := range b.way[:first] {
		r := b.rule.rank(s.owner)
		pool.ranks[r] = b.roomy(pool.ranks[r]).with(s)
		pool.sums[r].Add(&pool.sums[r], &s.units)
	}
	claims := b.way[first:]
	for i := range claims {
		traced = traced || claims[i].owner != joint && !claims[i].units.Lt(&grain)
		b.worth.Sub(&b.worth, &claims[i].worth)
	}
	if len(claims) > 0 {
		r, sum := b.rule.rank(claims[0].owner), claims.sum()
		pool.ranks[r] = b.roomy(pool.ranks[r]).plus(claims)
		pool.sums[r].Add(&pool.sums[r], &sum)
		b.tape.widen(pool.ranks[r].joint())
	}
	b.way = b.way[:0]
	return traced, nil
}

// roomy gives a rank that never had a share room for two: most have no more.
func (b *shareBook) roomy(v vector) vector {
	const first = 2
	if cap(v) > 0 {
		return v
	}
	if len(b.room) < first {
		b.room = make(vector, 1024*first)
	}
	v, b.room = b.room[:0:first], b.room[first:]
	return v
}

func (b *shareBook) audit() error {
	switch {
	case len(b.way) > 0 || len(b.aside) > 0:
		return errStray
	case !b.worth.IsZero():
		return errWorth
	}
	return nil
}

func (b *shareBook) onWay(yield func(o owner, units, worth fixed)) {
	for _, s := range b.way {
		yield(s.owner, s.units, s.worth)
	}
}

func (b *shareBook) lots(pool poolNo, yield func(o owner, units, worth fixed)) {
	for r := range b.pools[pool].ranks {
		for _, s := range b.pools[pool].ranks[r] {
			if s.owner != joint || b.parts == nil {
				yield(s.owner, s.units, s.worth)
			}
		}
	}
	if b.parts != nil {
		b.parts.of(pool, yield)
	}
}

// pick takes shares class by class, within a class in proportion.
func (b *shareBook) pick(from poolNo, amount domain.Units, class func(owner) int) {
	pool, need := &b.pools[from], fixedOf(amount)
	total := pool.total()
	if !need.Lt(&total) {
		b.takeAll(from)
		return
	}
	for _, c := range pool.classes(class) {
		if need.IsZero() {
			return
		}
		b.take(b.pickClass(from, &need, func(o owner) bool { return class(o) == c }))
	}
}

// classes lists the classes of the owners that a pool has, lowest first.
func (p *sharePool) classes(class func(owner) int) (list []int) {
	for r := range p.ranks {
		for i := range p.ranks[r] {
			list = append(list, class(p.ranks[r][i].owner))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// picking is what some owners have in a pool, while a part of it is taken.
type picking struct {
	from        poolNo
	is          func(owner) bool
	take, there fixed
}

// pickClass takes what some owners have, as far as it is needed.
func (b *shareBook) pickClass(from poolNo, need *fixed, is func(owner) bool) vector {
	p := picking{from: from, is: is}
	pool := &b.pools[from]
	for r := range pool.ranks {
		for _, s := range pool.ranks[r] {
			if is(s.owner) {
				p.there.Add(&p.there, &s.units)
			}
		}
	}
	p.take = *need
	if p.there.Lt(&p.take) {
		p.take = p.there
	}
	need.Sub(need, &p.take)
	var taken vector
	for r := range pool.ranks {
		taken = taken.plus(b.pickRank(r, &p))
	}
	return taken
}

// pickRank takes from one rank its part of an amount; the last rank that has
// some takes what is left of it, so that the sum is exact.
func (b *shareBook) pickRank(rank int, p *picking) vector {
	pool := &b.pools[p.from]
	var mine, others vector
	for _, s := range pool.ranks[rank] {
		if p.is(s.owner) {
			mine = append(mine, s)
		} else {
			others = append(others, s)
		}
	}
	sum := mine.sum()
	if sum.IsZero() || p.take.IsZero() {
		return nil
	}
	cut := scale(&sum, &p.take, &p.there)
	if sum.Eq(&p.there) {
		cut = p.take
	}
	p.take.Sub(&p.take, &cut)
	p.there.Sub(&p.there, &sum)
	part := ratioOf(&cut, &sum)
	b.tape.drawn(p.from, &part, mine)
	taken := mine.part(nil, &part, &cut)
	pool.sums[rank].Sub(&pool.sums[rank], &cut)
	nothing := func(s share) bool { return s.units.IsZero() && s.worth.IsZero() }
	pool.ranks[rank] = others.plus(slices.DeleteFunc(mine, nothing))
	return taken
}

// putBack lays shares into a pool. They know no places.
func (b *shareBook) putBack(to poolNo, amount domain.Units) error {
	_, err := b.put(to, amount)
	return err
}
