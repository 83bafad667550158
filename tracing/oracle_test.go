package tracing_test

import (
	"fmt"
	"maps"
	"math/big"
	"slices"

	"clew/domain"
	"clew/tracing"
)

// The oracle is a second tracer, written from the text of
// docs/reference/tracing.md alone and kept as simple as it can be: lists of
// lots that are searched from end to end, exact fractions, no rounding before
// the end. It is slow, and it is right where the text is; the engine is held
// against it on random networks (compare_test.go). Numbers in brackets are the
// points of that page, "The walk".
type oracle struct {
	*sums
	in        tracing.Input
	pools     map[oraclePlace]*oraclePool
	homes     map[domain.VictimID]map[domain.AccountID]bool
	delivered map[domain.MovementID]*oracleDelivery
	victims   map[oracleLoss]*oracleVictim
	paying    map[domain.VictimID]bool // has reported a payment that was walked
	begun     domain.VictimID          // reports a payment by the row that is being walked
	missing   map[oraclePlace]*oracleMissing
	warnings  []oracleWarning
	presumed  map[domain.Asset]fraction
	marked    map[oraclePlace]victims // by poison: whose money may have come there
	bore      map[domain.MovementID]victims
	opens     map[domain.MovementID]bool // bare-dated balances that are openings
	found     found
	step      int // counts what happens, for "after"
}

// oraclePlace names a pool: one account's holding of one asset.
type oraclePlace struct {
	account domain.AccountID
	asset   domain.Asset
}

type oraclePool struct {
	oraclePlace
	lots      []oracleLot // the oldest first
	overdraft *big.Int    // known to be owed
	known     bool        // some row has named this pool
	traced    int         // the step of the last traced arrival
	paid      int         // the step of the last outgoing movement or balance
}

// oracleLot is an amount with one owner.
type oracleLot struct {
	claim       *oracleClaim // nil: own
	units       fraction
	worth       fraction // to its claim, in the claim's own asset
	unexplained bool     // of an own lot: nobody has seen it come
	standing    standing // of an own lot
}

// standing says whether own money is presumed to be the holder's. Under libr
// and own-first-fifo it matters; otherwise it does not.
type standing int

const (
	holders  standing = iota // an opening, or from a payer somebody has described
	presumed                 // from a payer nobody has described, or nobody knows
	counted                  // the same, and the answer has told of it: it does so once
	innocent                 // a third party's or a coerced holder's: no presumption runs against it
)

// victims is a set.
type victims map[domain.VictimID]bool

// oracleClaim is one reported scam payment.
type oracleClaim struct {
	victim domain.VictimID
	asset  domain.Asset
}

type oracleLoss struct {
	victim domain.VictimID
	asset  domain.Asset
}

type oracleVictim struct {
	reported, paidBack *big.Int
	own, returned      fraction
	scams              map[domain.Scam]bool
}

type oracleMissing struct {
	amount      *big.Int
	first, last domain.When
}

type oracleWarning struct {
	code     string
	movement domain.MovementID
}

// oracleDelivery is what a movement delivered: the lots as they arrived, and
// how much of each later returns have taken.
type oracleDelivery struct {
	asset domain.Asset
	lots  []oracleLot
	left  []fraction
}

// widestFraction is how many binary digits the bottoms of the oracle's
// fractions may have. A few returns that find only parts of what they give
// back square them each time: what is longer takes minutes.
const widestFraction = 1 << 14

// consult walks the whole input, or less of it if fractions become too long:
// then the last third of the rows is left out, until they do not.
func consult(in tracing.Input) (*oracle, tracing.Input) {
	for {
		o := walked(in)
		if o.widest <= widestFraction {
			return o, in
		}
		in.Rows = slices.SortedFunc(slices.Values(in.Rows), func(a, b tracing.Row) int { return a.When.Time.Compare(b.When.Time) })
		in.Rows = in.Rows[:len(in.Rows)*2/3]
	}
}

// walked walks the input as far as fractions are not too long.
func walked(in tracing.Input) *oracle {
	o := &oracle{sums: newSums(), in: in,
		pools: map[oraclePlace]*oraclePool{}, homes: map[domain.VictimID]map[domain.AccountID]bool{},
		delivered: map[domain.MovementID]*oracleDelivery{}, victims: map[oracleLoss]*oracleVictim{},
		paying: map[domain.VictimID]bool{}, missing: map[oraclePlace]*oracleMissing{},
		presumed: map[domain.Asset]fraction{}, marked: map[oraclePlace]victims{}, bore: map[domain.MovementID]victims{}}
	o.found.places, o.found.owners = map[oracleLoss]map[oraclePlace]*big.Rat{}, map[oraclePlace]map[domain.VictimID]*big.Rat{}
	o.findHomes()
	o.opens = bareOpenings(in.Rows)
	for rows := o.happened(); len(rows) > 0 && o.widest <= widestFraction; {
		n := o.first(rows)
		o.walk(rows[n])
		rows = slices.Delete(slices.Clone(rows), n, n+1)
	}
	return o
}

// findHomes [6]: homes are the accounts from which he reports a payment,
// earlier or later, whatever At says, and accounts described as his; never an
// end, and never an account described as shared or not his.
func (o *oracle) findHomes() {
	home := func(victim domain.VictimID, account domain.AccountID) {
		said := o.in.Accounts[account]
		if victim == "" || account == "" || o.end(account) || said.Shared || said.NotVictim == victim {
			return
		}
		if o.homes[victim] == nil {
			o.homes[victim] = map[domain.AccountID]bool{}
		}
		o.homes[victim][account] = true
	}
	for _, row := range o.in.Rows {
		home(row.Victim, row.From)
		for _, leg := range row.Inputs {
			home(row.Victim, leg.Account)
		}
	}
	for account, said := range o.in.Accounts {
		home(said.Victim, account)
	}
}

// kind: the prefix sets it; what people say does where the prefix does not
// tell it (an address on a chain may be a mixer's).
func (o *oracle) kind(account domain.AccountID) domain.AccountKind {
	kind, said := account.Kind(), o.in.Accounts[account].As
	if kind.End() || said == domain.KindUnknown {
		return kind
	}
	return said
}

func (o *oracle) end(account domain.AccountID) bool { return o.kind(account).End() }

func (o *oracle) pool(account domain.AccountID, asset domain.Asset) *oraclePool {
	place := oraclePlace{account, asset}
	if o.pools[place] == nil {
		o.pools[place] = &oraclePool{oraclePlace: place, overdraft: new(big.Int)}
	}
	return o.pools[place]
}

// exact says whether the rule divides without rounding.
func (o *oracle) exact() bool { return o.in.Rule == tracing.ProRata || o.in.Rule == tracing.LIBR }

func (o *oracle) warn(code string, row tracing.Row) {
	o.warnings = append(o.warnings, oracleWarning{code, row.ID})
}

func (o *oracle) walk(row tracing.Row) {
	switch row.Kind {
	case domain.Opening:
		o.open(row)
	case domain.Balance:
		o.balance(row)
	case domain.Hop:
		o.hop(row)
	case domain.Return:
		o.giveBack(row)
	default:
		o.transfer(row)
	}
	o.fee(row)
	if o.begun != "" {
		o.paying[o.begun], o.begun = true, "" // from here on what comes is paid back
	}
}

// open [2]: the pool receives an own lot. Each adds; it is never a check.
func (o *oracle) open(row tracing.Row) {
	o.pool(row.To, row.Amount.Asset).known = true
	if row.Amount.Units.Sign() > 0 {
		o.arrive(row.To, row.Amount.Asset, []oracleLot{{units: units(row.Amount), worth: nothing()}})
	}
}

// transfer [3, 5, 8]: also a conversion, and a deduction.
func (o *oracle) transfer(row tracing.Row) {
	from, to := o.pool(row.From, row.Amount.Asset), o.pool(row.To, row.Arrives().Asset)
	from.known, to.known = true, true
	o.out(from)
	if row.Amount.Units.IsZero() { // an amount of 0 moves nothing
		o.delivered[row.ID] = newDelivery(row.Arrives().Asset, nil)
		return
	}
	lots := o.draw(row, from, units(row.Amount))
	lots = o.report(row, lots)
	lots = o.convert(row, lots)
	o.deliver(row, lots)
}

// deliver brings lots to the payee [3, 6, 10, 11] and remembers what arrived.
func (o *oracle) deliver(row tracing.Row, lots []oracleLot) {
	asset := row.Arrives().Asset
	o.bore[row.ID] = o.bears(row)
	o.payBack(row.To, row.Arrives(), o.backFrom(row, row.From))
	o.mark(row.To, asset, o.bore[row.ID])
	o.delivered[row.ID] = newDelivery(asset, o.arrive(row.To, asset, lots, row.From))
}

func newDelivery(asset domain.Asset, lots []oracleLot) *oracleDelivery {
	delivery := &oracleDelivery{asset: asset, lots: lots}
	for _, lot := range lots {
		delivery.left = append(delivery.left, lot.units)
	}
	return delivery
}

// report [5]: the own lots that a reported payment carries (unexplained ones
// too) become a new claim of that victim; lots of an earlier claim keep it.
func (o *oracle) report(row tracing.Row, lots []oracleLot) []oracleLot {
	if row.Victim == "" {
		return lots
	}
	if o.homes[row.Victim][row.To] {
		o.warn(tracing.WarnOwnTransfer, row)
		return lots
	}
	o.lose(row, row.Amount)
	return o.claim(&oracleClaim{row.Victim, row.Amount.Asset}, lots)
}

// lose counts what left a victim, in its asset, whatever arrives.
func (o *oracle) lose(row tracing.Row, amount domain.Amount) {
	loss := o.loss(row.Victim, amount.Asset)
	loss.reported.Add(loss.reported, amount.Units.Big())
	if row.Scam != "" {
		loss.scams[row.Scam] = true
	}
	o.begun = row.Victim
}

func (o *oracle) claim(claim *oracleClaim, lots []oracleLot) []oracleLot {
	if o.in.Rule == tracing.Poison {
		return lots // an exposure, never a ledger: no claims
	}
	loss, claimed := o.loss(claim.victim, claim.asset), slices.Clone(lots)
	for i, lot := range claimed {
		if lot.claim == nil {
			claimed[i] = oracleLot{claim: claim, units: lot.units, worth: lot.units}
			loss.own = o.add(loss.own, lot.units)
		}
	}
	return claimed
}

func (o *oracle) loss(victim domain.VictimID, asset domain.Asset) *oracleVictim {
	key := oracleLoss{victim, asset}
	if o.victims[key] == nil {
		o.victims[key] = &oracleVictim{reported: new(big.Int), paidBack: new(big.Int),
			own: nothing(), returned: nothing(), scams: map[domain.Scam]bool{}}
	}
	return o.victims[key]
}

// convert [8].
func (o *oracle) convert(row tracing.Row, lots []oracleLot) []oracleLot {
	switch {
	case !row.Received.Given():
		return lots
	case row.Received.Asset == row.Amount.Asset:
		return o.deduct(row, lots)
	}
	// Each lot gets its share of y and keeps its worth. A claim's lot whose
	// share is nothing goes on as an amount of 0 with its worth; an own lot of
	// nothing vanishes.
	var converted []oracleLot
	for i, share := range o.shares(row.Received.Units.Big(), unitsOf(lots)) {
		lot := lots[i]
		lot.units = share
		if lot.claim != nil || share.sign() > 0 {
			converted = append(converted, lot)
		}
	}
	return converted
}

// deduct [8]: the difference x − y is shared over the lots drawn, cut off
// each, and goes to sink:fees, before the rest arrives.
func (o *oracle) deduct(row tracing.Row, lots []oracleLot) []oracleLot {
	difference := new(big.Int).Sub(row.Amount.Units.Big(), row.Received.Units.Big())
	if difference.Sign() == 0 {
		return lots
	}
	var cut, rest []oracleLot
	for i, share := range o.shares(difference, unitsOf(lots)) {
		if lots[i].units.sign() == 0 {
			rest = append(rest, lots[i])
			continue
		}
		off, left := o.portion(lots[i], difference, row.Amount.Units.Big())
		if !o.exact() {
			off, left = o.cut(lots[i], share)
		}
		if off.units.sign() > 0 {
			cut = append(cut, off)
		}
		if left.units.sign() > 0 {
			rest = append(rest, left)
		}
	}
	o.mark(domain.SinkFees, row.Amount.Asset, o.bears(row))
	o.arrive(domain.SinkFees, row.Amount.Asset, cut, row.From)
	return rest
}

// fee [9]: a movement of its own, drawn right after the main one.
func (o *oracle) fee(row tracing.Row) {
	if !row.Fee.Given() || row.From == "" {
		return
	}
	pool := o.pool(row.From, row.Fee.Asset)
	pool.known = true
	o.out(pool)
	if row.Fee.Units.IsZero() {
		return
	}
	lots := o.draw(row, pool, units(row.Fee))
	o.mark(domain.SinkFees, row.Fee.Asset, o.pays(row.From, row.Fee.Asset))
	o.arrive(domain.SinkFees, row.Fee.Asset, lots, row.From)
}

// balance [11, and the balance that opens a statement].
func (o *oracle) balance(row tracing.Row) {
	pool := o.pool(row.To, row.Amount.Asset)
	opens := row.Statement && !pool.known
	pool.known = true
	stated := row.Amount.Units.Big()
	switch {
	case o.end(row.To): // [7]
		o.warn(tracing.WarnEndBalance, row)
		return
	case opens && stated.Sign() >= 0:
		o.open(row)
		return
	}
	o.out(pool)
	held := new(big.Int).Sub(o.holding(pool), pool.overdraft)
	difference := new(big.Int).Sub(stated, held)
	switch difference.Sign() {
	case 1: // above: the difference arrives as an own lot (unexplained)
		lot := oracleLot{units: whole(difference), worth: nothing(), unexplained: true, standing: presumed}
		o.arrive(row.To, row.Amount.Asset, []oracleLot{lot})
	case -1:
		o.unrecorded(row, pool, difference.Neg(difference))
	}
}

// unrecorded [11]: below, the difference is drawn by the rule to
// sink:unrecorded, and what the pool lacks for that is a known overdraft.
func (o *oracle) unrecorded(row tracing.Row, pool *oraclePool, difference *big.Int) {
	lots, lack := o.take(pool, whole(difference))
	pool.overdraft.Add(pool.overdraft, lack)
	if len(lots) > 0 {
		o.mark(domain.SinkUnrecorded, row.Amount.Asset, o.pays(row.To, row.Amount.Asset))
		o.arrive(domain.SinkUnrecorded, row.Amount.Asset, lots, row.To)
	}
}

// hop [12]: the inputs' lots, in input order, form one queue; outputs draw
// from it in output order; the fee draws last.
func (o *oracle) hop(row tracing.Row) {
	asset := row.Inputs[0].Amount.Asset
	queue := &oraclePool{oraclePlace: oraclePlace{"", asset}, overdraft: new(big.Int)}
	passed := victims{}
	for _, leg := range row.Inputs {
		pool := o.pool(leg.Account, asset)
		pool.known = true
		o.out(pool)
		if !leg.Amount.Units.IsZero() {
			maps.Copy(passed, o.pays(leg.Account, asset))
			queue.lots = o.append(queue.lots, o.innocents(o.draw(row, pool, units(leg.Amount)), leg.Account))
		}
	}
	claim := o.hopReport(row, asset)
	o.bore[row.ID] = maps.Clone(passed)
	marked := o.backFrom(row, inputsOf(row)...) // before the hop: it does not mark its own inputs
	var delivered []oracleLot
	for _, leg := range row.Outputs {
		o.pool(leg.Account, asset).known = true
		of := claim
		if claim != nil && o.change(row, leg) {
			of = nil
		}
		delivered = append(delivered, o.hopOut(row, queue, leg, hopPart{of, passed, marked})...)
	}
	o.delivered[row.ID] = newDelivery(asset, delivered)
	fee := domain.Leg{Account: domain.SinkFees, Amount: domain.Amount{Units: hopFee(row), Asset: asset}}
	o.hopOut(row, queue, fee, hopPart{nil, passed, marked})
}

// hopReport [5]: of a reported hop all outputs but the change are the payment.
func (o *oracle) hopReport(row tracing.Row, asset domain.Asset) *oracleClaim {
	if row.Victim == "" {
		return nil
	}
	paid := domain.Amount{Asset: asset}
	for _, leg := range row.Outputs {
		if !o.change(row, leg) {
			paid.Units = paid.Units.Plus(leg.Amount.Units)
		}
	}
	if paid.Units.IsZero() {
		o.warn(tracing.WarnOwnTransfer, row)
		return nil
	}
	o.lose(row, paid)
	return &oracleClaim{row.Victim, asset}
}

// change is an output at the victim's own home, or at an input's own address.
func (o *oracle) change(row tracing.Row, output domain.Leg) bool {
	for _, input := range row.Inputs {
		if output.Address != "" && input.Address == output.Address {
			return true
		}
	}
	return o.homes[row.Victim][output.Account]
}

// hopPart is what an output of a hop bears: its claim if it is a payment, the
// marks of the inputs, and which inputs were marked.
type hopPart struct {
	claim  *oracleClaim
	passed victims
	marked []domain.AccountID
}

func (o *oracle) hopOut(row tracing.Row, queue *oraclePool, leg domain.Leg, part hopPart) []oracleLot {
	if leg.Amount.Units.IsZero() {
		return nil
	}
	lots, lack := o.take(queue, units(leg.Amount))
	if lack.Sign() != 0 {
		panic(fmt.Sprintf("the queue of hop %s lacks %v", row.ID, lack))
	}
	passed := maps.Clone(part.passed)
	if part.claim != nil {
		lots = o.claim(part.claim, lots)
		passed[row.Victim] = true
		o.bore[row.ID][row.Victim] = true
	}
	o.payBack(leg.Account, leg.Amount, part.marked)
	o.mark(leg.Account, leg.Amount.Asset, passed)
	return o.arrive(leg.Account, leg.Amount.Asset, lots, inputsOf(row)...)
}

func inputsOf(row tracing.Row) []domain.AccountID {
	var accounts []domain.AccountID
	for _, leg := range row.Inputs {
		if !leg.Amount.Units.IsZero() {
			accounts = append(accounts, leg.Account)
		}
	}
	return accounts
}

func hopFee(row tracing.Row) domain.Units {
	var fee domain.Units
	for _, leg := range row.Inputs {
		fee = fee.Plus(leg.Amount.Units)
	}
	for _, leg := range row.Outputs {
		fee = fee.Minus(leg.Amount.Units)
	}
	return fee
}

func units(a domain.Amount) fraction { return whole(a.Units.Big()) }

func unitsOf(lots []oracleLot) []fraction {
	var list []fraction
	for _, lot := range lots {
		list = append(list, lot.units)
	}
	return list
}
