package tracing_test

import (
	"math/big"
	"slices"

	"clew/domain"
	"clew/tracing"
)

// draw takes an amount from a payer's pool [3, 4, 7, 11]. It always gives all
// of it: what the pool lacks is an own lot.
func (o *oracle) draw(row tracing.Row, pool *oraclePool, amount fraction) []oracleLot {
	if o.end(pool.account) { // [7] what an end pays is a new own lot
		return []oracleLot{{units: amount, worth: nothing()}}
	}
	lots, lack := o.take(pool, amount)
	if lack.Sign() == 0 {
		return lots
	}
	lot := oracleLot{units: whole(lack), worth: nothing()}
	if pool.overdraft.Sign() > 0 { // [11] it adds to the overdraft and is not missing
		pool.overdraft.Add(pool.overdraft, lack)
		return append(lots, lot)
	}
	lot.unexplained = true // [4]
	o.miss(row, pool.oraclePlace, lack)
	return append(lots, lot)
}

func (o *oracle) miss(row tracing.Row, place oraclePlace, lack *big.Int) {
	if o.missing[place] == nil {
		o.missing[place] = &oracleMissing{amount: new(big.Int), first: row.When}
	}
	o.missing[place].amount.Add(o.missing[place].amount, lack)
	o.missing[place].last = row.When
}

// take draws by the rule, as far as there are lots, and says what is lacking.
// Pools hold whole units, and so whole units are lacking, even where the last
// part of a return asks for less than one.
func (o *oracle) take(pool *oraclePool, amount fraction) (lots []oracleLot, lack *big.Int) {
	if o.exact() {
		return o.takeExact(pool, amount)
	}
	pool.lots, lots, lack = o.takeInOrder(pool.lots, o.ruleOrder(pool.lots), amount)
	return o.tell(pool, lots), lack
}

// ruleOrder lists a pool's lots in the order in which the rule takes them.
func (o *oracle) ruleOrder(lots []oracleLot) []int {
	var all, first, second []int
	for i, lot := range lots {
		all = append(all, i)
		if o.goesFirst(lot) {
			first = append(first, i)
		} else {
			second = append(second, i)
		}
	}
	switch o.in.Rule {
	case tracing.LIFO:
		slices.Reverse(all)
		return all
	case tracing.OwnFirst, tracing.ProceedsFirst:
		return append(first, second...)
	}
	return all
}

// goesFirst: own lots under libr and own-first-fifo, unless an innocent third
// party paid them (they share with the claims); claims under proceeds-first.
func (o *oracle) goesFirst(lot oracleLot) bool {
	if o.in.Rule == tracing.ProceedsFirst {
		return lot.claim != nil
	}
	return lot.claim == nil && lot.standing != innocent
}

// takeInOrder takes whole lots in an order until the amount is reached; the
// last one is cut. A lot of nothing leaves with the draw that still needs
// units when it comes to it, and with a draw that takes all there is, last [8].
func (o *oracle) takeInOrder(lots []oracleLot, order []int, amount fraction) (rest, taken []oracleLot, lack *big.Int) {
	need := amount
	left := slices.Clone(lots)
	gone := make([]bool, len(lots))
	for _, i := range order {
		if need.sign() == 0 {
			break
		}
		part, remains := o.cut(left[i], o.min(need, left[i].units))
		taken, left[i] = append(taken, part), remains
		gone[i] = remains.units.sign() == 0
		need = o.sub(need, part.units)
	}
	if o.allGone(left) && amount.sign() > 0 {
		for _, i := range order {
			if !gone[i] {
				taken, gone[i] = append(taken, left[i]), true
			}
		}
	}
	for i, lot := range left {
		if !gone[i] {
			rest = append(rest, lot)
		}
	}
	return rest, taken, need.integer()
}

func (o *oracle) allGone(lots []oracleLot) bool {
	return !slices.ContainsFunc(lots, func(lot oracleLot) bool { return lot.units.sign() > 0 })
}

// cut divides a lot. Its worth is cut with it: under whole-unit rules the part
// taken is rounded down and the rest keeps the rest (Exactness).
func (o *oracle) cut(lot oracleLot, amount fraction) (part, rest oracleLot) {
	part, rest = lot, lot
	part.units, rest.units = amount, o.sub(lot.units, amount)
	switch {
	case rest.units.sign() == 0:
		rest.worth = nothing()
		return part, rest
	case amount.sign() == 0:
		part.worth = nothing()
		return part, rest
	case o.cmp(lot.worth, lot.units) == 0:
		part.worth, rest.worth = part.units, rest.units
		return part, rest
	}
	top, bottom := o.ratio(amount, lot.units)
	part.worth = o.times(lot.worth, top, bottom)
	if !o.exact() {
		part.worth = whole(part.worth.floor())
	}
	rest.worth = o.sub(lot.worth, part.worth)
	return part, rest
}

// takeExact: every owner in proportion; under libr own lots first, then all
// claims in proportion.
func (o *oracle) takeExact(pool *oraclePool, need fraction) (lots []oracleLot, lack *big.Int) {
	if o.in.Rule == tracing.LIBR {
		lots, need = o.takeShare(pool, need, o.goesFirst)
	}
	more, need := o.takeShare(pool, need, anyLot)
	return o.tell(pool, append(lots, more...)), need.integer()
}

func anyLot(oracleLot) bool { return true }

// takeShare draws from the chosen lots, from each in proportion, and says what
// is still needed.
func (o *oracle) takeShare(pool *oraclePool, need fraction, chosen func(oracleLot) bool) (lots []oracleLot, still fraction) {
	total := nothing()
	for _, lot := range pool.lots {
		if chosen(lot) {
			total = o.add(total, lot.units)
		}
	}
	if total.sign() == 0 || need.sign() == 0 {
		return nil, need
	}
	top, bottom := o.ratio(o.min(need, total), total)
	var rest []oracleLot
	for _, lot := range pool.lots {
		if !chosen(lot) {
			rest = append(rest, lot)
			continue
		}
		part, left := o.portion(lot, top, bottom)
		lots = append(lots, part)
		if left.units.sign() > 0 {
			rest = append(rest, left)
		}
	}
	pool.lots = rest
	return lots, o.sub(need, o.min(need, total))
}

// portion divides a lot, and its worth, exactly.
func (o *oracle) portion(lot oracleLot, top, bottom *big.Int) (part, rest oracleLot) {
	part, rest = lot, lot
	part.units, part.worth = o.times(lot.units, top, bottom), o.times(lot.worth, top, bottom)
	rest.units, rest.worth = o.sub(lot.units, part.units), o.sub(lot.worth, part.worth)
	return part, rest
}

// tell notes the own money from payers nobody has described that was drawn
// before claims, or an innocent's money: each unit once, and only where some of
// these stay behind (a draw that takes all there is presumes nothing).
func (o *oracle) tell(pool *oraclePool, taken []oracleLot) []oracleLot {
	spared := slices.ContainsFunc(pool.lots, func(lot oracleLot) bool { return !o.goesFirst(lot) })
	if o.in.Rule != tracing.LIBR && o.in.Rule != tracing.OwnFirst || !spared || o.exact() && o.speck(slices.Concat(pool.lots, taken)) {
		return taken
	}
	for i, lot := range taken {
		if lot.claim == nil && lot.standing == presumed {
			if _, ok := o.presumed[pool.asset]; !ok {
				o.presumed[pool.asset] = nothing()
			}
			o.presumed[pool.asset] = o.add(o.presumed[pool.asset], lot.units)
			taken[i].standing = counted
		}
	}
	return taken
}

// speck says whether claims, and an innocent's money, come to less than a grain.
func (o *oracle) speck(lots []oracleLot) bool {
	sum := nothing()
	for _, lot := range lots {
		if !o.goesFirst(lot) {
			sum = o.add(sum, lot.units)
		}
	}
	return o.cmp(sum, grain) < 0
}

// shares divides an amount over weights: exactly, or by largest remainder in
// their order, ties to the earlier.
func (o *oracle) shares(amount *big.Int, weights []fraction) []fraction {
	total := nothing()
	for _, weight := range weights {
		total = o.add(total, weight)
	}
	top, bottom := o.ratio(whole(amount), total)
	shares := make([]fraction, len(weights))
	for i, weight := range weights {
		shares[i] = o.times(weight, top, bottom)
	}
	if o.exact() {
		return shares
	}
	return o.largestRemainder(amount, shares)
}

func (o *oracle) largestRemainder(amount *big.Int, shares []fraction) []fraction {
	left := new(big.Int).Set(amount)
	rounded, rest := make([]fraction, len(shares)), make([]fraction, len(shares))
	for i, share := range shares {
		rounded[i] = whole(share.floor())
		rest[i] = o.sub(share, rounded[i])
		left.Sub(left, rounded[i].top)
	}
	for ; left.Sign() > 0; left.Sub(left, one) {
		most := 0
		for i := range rest {
			if o.cmp(rest[i], rest[most]) > 0 {
				most = i
			}
		}
		rounded[most], rest[most] = o.add(rounded[most], whole(one)), whole(big.NewInt(-1))
	}
	return rounded
}

// innocents marks the own lots that an innocent third party or a coerced holder
// pays or receives.
func (o *oracle) innocents(lots []oracleLot, accounts ...domain.AccountID) []oracleLot {
	noted := slices.Clone(lots)
	for i, lot := range noted {
		if lot.claim == nil && slices.ContainsFunc(accounts, o.innocent) {
			noted[i].standing = innocent
		}
	}
	return noted
}

// received says what stands of own lots when they arrive (Rules: the
// presumption runs against the wrongdoer only): an innocent's money stays an
// innocent's; other own money is the holder's, or presumed to be. What a
// holder pays to himself stays what it was.
func (o *oracle) received(account domain.AccountID, lots []oracleLot, payers []domain.AccountID) []oracleLot {
	if len(payers) == 1 {
		lots = o.innocents(lots, payers[0])
	}
	if len(payers) == 0 || slices.Contains(payers, account) {
		return lots
	}
	known := true
	for _, payer := range payers {
		known = known && o.described(payer)
	}
	for i, lot := range lots {
		switch {
		case lot.claim != nil || lot.standing == innocent:
		case known:
			lots[i].standing = holders
		case lot.standing != counted:
			lots[i].standing = presumed
		}
	}
	return lots
}

func (o *oracle) innocent(account domain.AccountID) bool {
	return o.in.Accounts[account].Innocent || o.in.Accounts[account].Coerced
}

func (o *oracle) described(account domain.AccountID) bool {
	said := o.in.Accounts[account]
	return said.Described || said.Shared || said.Victim != "" || said.NotVictim != "" || o.innocent(account)
}

// arrive brings lots to a pool: homecoming first [6], then a known overdraft is
// repaid [11], and the rest goes to the end of the pool [3]. It answers with
// what was delivered: after the one, before the other [10].
func (o *oracle) arrive(account domain.AccountID, asset domain.Asset, lots []oracleLot, payers ...domain.AccountID) []oracleLot {
	pool := o.pool(account, asset)
	lots = o.innocents(o.comeHome(account, o.received(account, lots, payers)), account)
	rest := lots
	if pool.overdraft.Sign() > 0 {
		rest = o.repay(pool, lots)
	}
	pool.lots = o.append(pool.lots, rest)
	o.step++
	if slices.ContainsFunc(lots, func(lot oracleLot) bool { return lot.claim != nil && o.cmp(lot.units, grain) >= 0 }) {
		pool.traced = o.step
	}
	return lots
}

// comeHome [6]: a lot that reaches a home of its own victim is returned; it is
// plain money from there on.
func (o *oracle) comeHome(account domain.AccountID, lots []oracleLot) []oracleLot {
	var came []oracleLot
	for _, lot := range lots {
		if lot.claim == nil || !o.homes[lot.claim.victim][account] {
			came = append(came, lot)
			continue
		}
		loss := o.loss(lot.claim.victim, lot.claim.asset)
		loss.returned = o.add(loss.returned, lot.worth)
		if lot.units.sign() > 0 {
			came = append(came, oracleLot{units: lot.units, worth: nothing()})
		}
	}
	return came
}

// repay [11]: whatever arrives first repays a known overdraft, in drawn order,
// in proportion under pro-rata and libr: that part goes to sink:overdraft.
func (o *oracle) repay(pool *oraclePool, lots []oracleLot) (rest []oracleLot) {
	arriving := &oraclePool{lots: slices.Clone(lots)}
	var part []oracleLot
	lack := new(big.Int)
	if o.exact() {
		var still fraction
		part, still = o.takeShare(arriving, whole(pool.overdraft), anyLot)
		lack = still.integer()
	} else {
		order := make([]int, len(lots))
		for i := range order {
			order[i] = i
		}
		arriving.lots, part, lack = o.takeInOrder(lots, order, whole(pool.overdraft))
	}
	pool.overdraft = lack
	if len(part) > 0 {
		o.mark(domain.SinkOverdraft, pool.asset, o.pays(pool.account, pool.asset))
		o.arrive(domain.SinkOverdraft, pool.asset, part, pool.account)
	}
	return arriving.lots
}

// append puts lots at the end of a list. Under pro-rata and libr a pool holds
// one lot per owner; own money of several standings is kept apart, for it is
// drawn at other times.
func (o *oracle) append(lots, more []oracleLot) []oracleLot {
	list := slices.Clone(lots)
	for _, lot := range more {
		same := slices.IndexFunc(list, func(other oracleLot) bool { return o.exact() && sameOwner(lot, other) })
		if same < 0 {
			list = append(list, lot)
			continue
		}
		list[same].units = o.add(list[same].units, lot.units)
		list[same].worth = o.add(list[same].worth, lot.worth)
	}
	return list
}

func sameOwner(a, b oracleLot) bool {
	if a.claim != nil || b.claim != nil {
		return a.claim == b.claim
	}
	return a.unexplained == b.unexplained && a.standing == b.standing
}

// holding is what a pool holds: a whole number, whatever the rule.
func (o *oracle) holding(pool *oraclePool) *big.Int {
	total := nothing()
	for _, lot := range pool.lots {
		total = o.add(total, lot.units)
	}
	return total.integer()
}

// out notes an outgoing movement or a balance, for the frontier.
func (o *oracle) out(pool *oraclePool) {
	o.step++
	pool.paid = o.step
}
