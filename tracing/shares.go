package tracing

import (
	"cmp"
	"errors"
	"slices"

	"clew/domain"
)

// shareBook keeps of every pool what each owner has in it, as fractions: the
// rules that draw in proportion know no order among equals. Sums are exact to
// the last binary digit: what a division leaves over is dealt out, one grain
// of 2^-128 each, so conservation can be asserted and not only approached.
type shareBook struct {
	plan  *plan
	rule  *rule
	whose []owner // of each claim: the claim under which it is kept
	pools []sharePool
	way   vector
	aside vector
	kept  map[int32]vector
	sums  *tally
	worth fixed // drawn and not yet put down
}

// share is what one owner has in a pool.
type share struct {
	owner owner
	units fixed
	worth fixed // to the claims, in their own asset; nothing for own money
}

// vector is shares sorted by owner, each owner once.
type vector []share

type sharePool struct {
	ranks [ranks]vector
	sums  [ranks]fixed
}

func newShareBook(p *plan, r *rule) *shareBook {
	b := &shareBook{plan: p, rule: r, pools: make([]sharePool, len(p.pools)), kept: map[int32]vector{}, sums: newTally(p)}
	b.whose = keepers(p)
	return b
}

// keepers says under which claim each claim is kept. Only a return asks for
// one claim rather than another; where there is none, all claims of a victim in
// one asset are kept as one, which changes no share and keeps pools narrow.
func keepers(p *plan) []owner {
	whose, first := make([]owner, len(p.claims)), map[int32]owner{}
	for c, claim := range p.claims {
		whose[c] = owner(c)
		if p.returns {
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

// sum is all units of a vector.
func (v vector) sum() fixed {
	var sum fixed
	for i := range v {
		sum.Add(&sum, &v[i].units)
	}
	return sum
}

// plus merges two vectors.
func (v vector) plus(w vector) vector {
	switch {
	case len(w) == 0:
		return v
	case len(v) == 0:
		return append(v, w...)
	case len(w) <= 4:
		for i := range w {
			v = v.with(w[i])
		}
		return v
	}
	merged := make(vector, 0, len(v)+len(w))
	for len(v) > 0 && len(w) > 0 {
		switch cmp.Compare(v[0].owner, w[0].owner) {
		case -1:
			merged, v = append(merged, v[0]), v[1:]
		case 1:
			merged, w = append(merged, w[0]), w[1:]
		default:
			both := v[0]
			both.units.Add(&both.units, &w[0].units)
			both.worth.Add(&both.worth, &w[0].worth)
			merged, v, w = append(merged, both), v[1:], w[1:]
		}
	}
	return append(append(merged, v...), w...)
}

// with adds one share.
func (v vector) with(s share) vector {
	i, found := v.find(s.owner)
	if !found {
		return slices.Insert(v, i, s)
	}
	v[i].units.Add(&v[i].units, &s.units)
	v[i].worth.Add(&v[i].worth, &s.worth)
	return v
}

func (v vector) find(o owner) (int, bool) {
	return slices.BinarySearchFunc(v, o, func(s share, o owner) int { return cmp.Compare(s.owner, o) })
}

// renamed gives every share a new owner, and joins those that are one then.
func (v vector) renamed(name func(owner) owner) vector {
	changed := false
	for i := range v {
		changed = changed || name(v[i].owner) != v[i].owner
	}
	if !changed {
		return v
	}
	var fresh vector
	for _, s := range v {
		s.owner = name(s.owner)
		fresh = fresh.with(s)
	}
	return fresh
}

// part takes units out of a vector, from every share in proportion. The sum
// of what is taken is the amount, to the last digit.
func (v vector) part(amount, whole *fixed) (taken vector) {
	taken = make(vector, len(v))
	left := *amount
	for i := range v {
		s, t := &v[i], &taken[i]
		t.owner, t.units = s.owner, scale(&s.units, amount, whole)
		switch {
		case !s.owner.claimed():
		case s.worth == s.units:
			t.worth = t.units
		default:
			t.worth = scale(&s.worth, amount, whole)
		}
		left.Sub(&left, &t.units)
	}
	taken.deal(v, &left)
	for i := range v {
		v[i].units.Sub(&v[i].units, &taken[i].units)
		v[i].worth.Sub(&v[i].worth, &taken[i].worth)
	}
	return taken
}

// deal gives what divisions have left over to the shares that have room for
// it: a last digit each.
func (v vector) deal(from vector, left *fixed) {
	one := fixed{1}
	for i := 0; !left.IsZero(); i = (i + 1) % len(v) {
		if !v[i].units.Lt(&from[i].units) {
			continue
		}
		if from[i].owner.claimed() && from[i].worth == from[i].units {
			v[i].worth.Add(&v[i].worth, &one)
		}
		v[i].units.Add(&v[i].units, &one)
		left.Sub(left, &one)
	}
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
		b.takeAll(pool)
		return
	}
	pool.level(need)
	taken := pool.draw(0, need)
	if b.rule.presumes() && !pool.sums[1].Lt(&grain) {
		taken = b.presume(from, taken)
	}
	b.take(taken)
	b.take(pool.draw(1, need))
}

func (b *shareBook) takeAll(pool *sharePool) {
	for r := range pool.ranks {
		b.take(pool.ranks[r])
		pool.ranks[r], pool.sums[r] = nil, fixed{}
	}
}

// draw takes what a rank has of what is needed.
func (p *sharePool) draw(rank int, need *fixed) vector {
	v, sum := p.ranks[rank], p.sums[rank]
	switch {
	case need.IsZero():
		return nil
	case !need.Lt(&sum):
		p.ranks[rank], p.sums[rank] = nil, fixed{}
		need.Sub(need, &sum)
		return v
	}
	taken := v.part(need, &sum)
	p.sums[rank].Sub(&sum, need)
	need.Clear()
	return taken
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

func (v vector) largest() *share {
	var most *share
	for i := range v {
		if most == nil || most.units.Lt(&v[i].units) {
			most = &v[i]
		}
	}
	return most
}

// presume counts the own money of undescribed payers that was drawn while
// claims stayed behind.
func (b *shareBook) presume(from poolNo, taken vector) vector {
	for _, s := range taken {
		if s.owner.has(presumed) && !s.owner.has(counted) {
			b.sums.presume(b.plan.assetOf(from), s.units)
		}
	}
	return taken.renamed(func(o owner) owner {
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
	var claimed share
	claimed.owner = b.whose[c]
	first, _ := b.way.find(0) // own money stands before all claims
	for _, s := range b.way[:first] {
		claimed.units.Add(&claimed.units, &s.units)
	}
	claimed.worth = claimed.units
	loss := b.plan.claims[c].loss
	b.sums.own[loss].Add(&b.sums.own[loss], &claimed.worth)
	b.worth.Add(&b.worth, &claimed.worth)
	b.way = slices.Clone(b.way[first:])
	if !claimed.units.IsZero() {
		b.way = b.way.with(claimed)
	}
}

func (b *shareBook) convert(into domain.Units) {
	whole, to := b.way.sum(), fixedOf(into)
	left := to
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
	b.aside = b.way
	b.way = b.aside.part(&cut, &whole)
}

func (b *shareBook) splitFirst(amount domain.Units) { b.split(amount) }

func (b *shareBook) rest() {
	nothing := func(s share) bool { return s.units.IsZero() && s.worth.IsZero() }
	b.way = b.way.plus(slices.DeleteFunc(b.aside, nothing))
	b.aside = nil
}

func (b *shareBook) stamp(payer standing) {
	b.way = b.way.renamed(func(o owner) owner { return o.paid(payer) })
}

func (b *shareBook) settle(holder standing) {
	b.way = b.way.renamed(func(o owner) owner { return o.held(holder) })
}

func (b *shareBook) comeHome(victim int32) {
	for i := range b.way {
		s := &b.way[i]
		if !s.owner.claimed() || b.plan.claims[s.owner].victim != victim {
			continue
		}
		loss := b.plan.claims[s.owner].loss
		b.sums.returned[loss].Add(&b.sums.returned[loss], &s.worth)
		b.worth.Sub(&b.worth, &s.worth)
		s.worth.Clear()
	}
	b.way = b.way.renamed(func(o owner) owner {
		if o.claimed() && b.plan.claims[o].victim == victim {
			return own(0)
		}
		return o
	})
}

func (b *shareBook) keep(step int32) {
	b.kept[step] = b.kept[step].plus(slices.Clone(b.way.renamed(owner.plain)))
}

func (b *shareBook) giveBack(from poolNo, of int32, amount domain.Units) fixed {
	left := b.kept[of]
	whole, beyond := left.sum(), fixedOf(amount)
	shared := beyond
	if whole.Lt(&shared) {
		shared = whole
	}
	if !shared.IsZero() {
		for _, s := range left.part(&shared, &whole) {
			taken := b.takeOf(from, s.owner, &s.units)
			beyond.Sub(&beyond, &taken)
		}
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
		b.takeAll(pool)
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
	take := *want
	if there.Lt(&take) {
		take = there
	}
	if take.IsZero() {
		return taken
	}
	for r := range pool.ranks {
		mine := pool.ranks[r].of(whose)
		some := mine.sum()
		cut := scale(&some, &take, &there)
		b.take(pool.cut(r, mine, &cut))
		taken.Add(&taken, &cut)
	}
	return taken
}

// of is the shares of one owner; all own money is one.
func (v vector) of(whose owner) vector {
	if !whose.claimed() {
		first, _ := v.find(0)
		return v[:first]
	}
	if i, found := v.find(whose); found {
		return v[i : i+1]
	}
	return nil
}

// cut takes an amount out of some shares of a rank.
func (p *sharePool) cut(rank int, mine vector, amount *fixed) vector {
	whole := mine.sum()
	if whole.IsZero() {
		return nil
	}
	taken := mine.part(amount, &whole)
	p.sums[rank].Sub(&p.sums[rank], amount)
	return taken
}

// errSum says that lots do not sum to the amount that moves.
var errSum = errors.New("the shares on the way do not sum to the amount that moves")

func (b *shareBook) put(to poolNo, amount domain.Units) (bool, error) {
	sum, want := b.way.sum(), fixedOf(amount)
	if !sum.Eq(&want) {
		return false, errSum
	}
	pool, traced := &b.pools[to], false
	var parts [ranks]vector
	for i := range b.way {
		s := &b.way[i]
		traced = traced || s.owner.claimed() && !s.units.Lt(&grain)
		b.worth.Sub(&b.worth, &s.worth)
		if s.units.IsZero() && s.worth.IsZero() {
			continue
		}
		r := b.rule.rank(s.owner)
		parts[r] = append(parts[r], *s)
		pool.sums[r].Add(&pool.sums[r], &s.units)
	}
	for r := range parts {
		pool.ranks[r] = pool.ranks[r].plus(parts[r])
	}
	b.way = nil
	return traced, nil
}

func (b *shareBook) audit() error {
	switch {
	case len(b.way) > 0 || len(b.aside) > 0:
		return errSum
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
			yield(s.owner, s.units, s.worth)
		}
	}
}

// pick takes shares class by class, within a class in proportion.
func (b *shareBook) pick(from poolNo, amount domain.Units, class func(owner) int) {
	pool, need := &b.pools[from], fixedOf(amount)
	total := pool.total()
	if !need.Lt(&total) {
		b.takeAll(pool)
		return
	}
	for _, c := range pool.classes(class) {
		if need.IsZero() {
			return
		}
		b.take(pool.pickClass(&need, func(o owner) bool { return class(o) == c }))
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

// pickClass takes what some owners have, as far as it is needed.
func (p *sharePool) pickClass(need *fixed, is func(owner) bool) vector {
	var there fixed
	for r := range p.ranks {
		for _, s := range p.ranks[r] {
			if is(s.owner) {
				there.Add(&there, &s.units)
			}
		}
	}
	take := *need
	if there.Lt(&take) {
		take = there
	}
	need.Sub(need, &take)
	var taken vector
	for r := range p.ranks {
		taken = taken.plus(p.pickRank(r, is, &take, &there))
	}
	return taken
}

// pickRank takes from one rank its part of an amount; the last rank that has
// some takes what is left of it, so that the sum is exact.
func (p *sharePool) pickRank(rank int, is func(owner) bool, take, there *fixed) vector {
	var mine, others vector
	for _, s := range p.ranks[rank] {
		if is(s.owner) {
			mine = append(mine, s)
		} else {
			others = append(others, s)
		}
	}
	sum := mine.sum()
	if sum.IsZero() || take.IsZero() {
		return nil
	}
	cut := scale(&sum, take, there)
	if sum.Eq(there) {
		cut = *take
	}
	take.Sub(take, &cut)
	there.Sub(there, &sum)
	taken := mine.part(&cut, &sum)
	p.sums[rank].Sub(&p.sums[rank], &cut)
	nothing := func(s share) bool { return s.units.IsZero() && s.worth.IsZero() }
	p.ranks[rank] = others.plus(slices.DeleteFunc(mine, nothing))
	return taken
}

// putBack lays shares into a pool. They know no places.
func (b *shareBook) putBack(to poolNo, amount domain.Units) error {
	_, err := b.put(to, amount)
	return err
}
