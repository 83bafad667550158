package tracing

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"clew/domain"
)

// plan is a case made ready for walking as of a moment, with what people have
// said of its accounts and with its holds: everything in numbers, so that the
// walk itself needs neither maps nor text. It does not depend on the rule, and
// any number of walks may follow it.
type plan struct {
	of       *Case
	accounts []account
	pools    []place
	assets   []domain.Asset
	victims  []domain.VictimID
	losses   []loss
	scams    [][]domain.Scam // by loss: how the payments were reported to have come about
	claims   []claim
	classes  []int32 // of each victim: see exposure.go
	steps    []step  // sorted as far as the rows alone can tell; see order.go
	rare     []rare
	change   map[int32]bool // legs of Case.legs that a reporting payer pays to himself
	warnings []Warning

	holds    []hold
	wanted   []wanted // by hold: whose claims it reserves first
	acts     []HoldStep
	shown    map[key]int32 // movements that show a return or a seizure of held money
	sinks    [][4]poolNo   // of each asset: fees, unrecorded, overdraft, and the queue of the hop being walked
	followed int32         // the victim of whom a watcher must be told; none
	apart    []bool        // by victim, once a walk in proportion has asked: see toldApart
	byName   []poolNo      // the pools in the order shown, once somebody has asked
	returns  bool          // some return gives back a movement of the case
	balances bool          // some step is a balance
	parts    bool          // some step shares an amount over lots
	numbers  planNumbers
	said     map[domain.AccountID]Account // what people have said
}

// poolNo is a pool's number: its place in plan.pools. The case's own pools
// come first, under the numbers that the case has given them.
type poolNo = int32

const none = -1

type account struct {
	name     domain.AccountID
	kind     domain.AccountKind
	end      bool
	coerced  bool
	standing standing
	homeOf   []int32 // the victims whose home it is
}

type place struct {
	account  int32
	asset    int32
	main     poolNo // the account's own pool
	end      bool
	home     bool // some victim's
	standing standing
	beside   beside // what a hold keeps or has taken lies here
}

// step is one row, or one step of a hold, in numbers. It has no pointers: a
// million of them are nothing to the garbage collector.
type step struct {
	units    int64 // or, where wide, a place in Case.wide
	row      int32 // in the case; of a hold, in plan.acts
	from, to poolNo
	claim    int32 // that the payment makes; none
	rare     int32 // place in plan.rare; none where the step is a payment and no more
	kind     kind
	turn     turn
	wide     bool
	kept     bool // a return gives it back, so what it delivers is kept
}

// rare is what few steps have.
type rare struct {
	purse    poolNo // pays the fee; none
	fee      domain.Units
	received domain.Units // of a conversion
	converts bool
	victim   int32 // who reported it; none
	toOwn    bool  // reported, but to the victim's own home
	of       int32 // the step that a return gives back; none
	hold     int32 // of a hold's step: which; else none
	holdTo   poolNo
	shown    int32 // the hold whose return or seizure the row shows; none
	// The legs of a hop, in Case.legs: inputs up to outputs, outputs up to end.
	inputs, outputs, end int32
}

// plain is what a step without rare facts has of them.
var plain = rare{purse: none, victim: none, of: none, hold: none, holdTo: none, shown: none}

// planNumbers finds the number of a name that the case itself does not know,
// and of a loss.
type planNumbers struct {
	accounts map[domain.AccountID]int32
	assets   map[domain.Asset]int32
	victims  map[domain.VictimID]int32
	losses   map[loss]int32
	pools    map[holdingOf]poolNo
}

// key is a movement's name for finding it again.
type key struct {
	name
	odd domain.MovementID // where domain.Identify has not made it
}

func keyOf(id domain.MovementID) key {
	if n, ok := parseName(id); ok {
		return key{name: n}
	}
	return key{odd: id}
}

func (c *Case) key(n int32) key {
	if c.marks[n].has(oddName) {
		return key{odd: c.id(n)}
	}
	return key{name: c.ids[n]}
}

// makePlan reads the rows that had happened by At. Homes come from all rows.
func makePlan(in Input) (*plan, error) {
	c := in.Case
	if c == nil {
		var err error
		if c, err = caseOf(in.Rows); err != nil {
			return nil, err
		}
	} else if len(in.Rows) > 0 {
		return nil, domain.Usage("a walk takes its movements from a case or from rows, not from both")
	}
	p := c.plan(in.Accounts)
	p.readHomes()
	p.readRows(in.At)
	if err := p.readHolds(in); err != nil {
		return nil, err
	}
	for n := range p.pools {
		p.pools[n].home = len(p.accountOf(poolNo(n)).homeOf) > 0
	}
	p.sort(in.At)
	p.number()
	p.classes = p.victimClasses()
	p.firstClaims()
	return p, nil
}

// plan takes over the case's numbers.
func (c *Case) plan(said map[domain.AccountID]Account) *plan {
	p := &plan{of: c, said: said, followed: none, shown: map[key]int32{}, change: map[int32]bool{},
		assets: slices.Clone(c.numbers.assets), victims: slices.Clone(c.numbers.victims), sinks: slices.Clone(c.numbers.sinks),
		accounts: make([]account, 0, len(c.numbers.accounts)), pools: make([]place, 0, len(c.numbers.pools)),
		numbers: planNumbers{map[domain.AccountID]int32{}, map[domain.Asset]int32{}, map[domain.VictimID]int32{},
			map[loss]int32{}, map[holdingOf]poolNo{}}}
	for _, name := range c.numbers.accounts {
		p.addAccount(name)
	}
	for _, at := range c.numbers.pools {
		p.addPool(at)
	}
	return p
}

// reports says whether a row can be a reported payment. Only what pays can.
func (k kind) reports() bool { return k == kindTransfer || k == kindConversion || k == kindHop }

// readHomes finds the homes: the accounts from which a victim reports a
// payment, and those described as his.
func (p *plan) readHomes() {
	for i, row := range p.of.reports.rows {
		victim := p.of.reports.facts[i].victim
		if victim == none || !p.of.kind(row).reports() {
			continue
		}
		if facts, has := p.of.legsAt(row); has {
			for _, in := range p.of.legs[facts.inputs:facts.outputs] {
				p.home(p.pools[in.pool].account, victim)
			}
		}
		if from := p.of.from[row]; from != none {
			p.home(p.pools[from].account, victim)
		}
	}
	for name, said := range p.said {
		if said.Victim != "" {
			p.home(p.account(name), p.victim(said.Victim))
		}
	}
}

func (c *Case) legsAt(row int32) (facts hopFacts, has bool) {
	if !c.marks[row].has(received) {
		return facts, false
	}
	return c.hops.of(row)
}

// readRows makes the steps of the rows that had happened.
func (p *plan) readRows(at time.Time) {
	steps, until := make([]step, 0, len(p.of.ids)), nanosecond(at)
	for row, when := range p.of.when {
		if when > until {
			continue
		}
		s := p.step(int32(row))
		steps = append(steps, s)
		p.balances = p.balances || s.kind == kindBalance
		p.parts = p.parts || s.kind == kindConversion || s.kind == kindReturn
	}
	p.steps = steps
}

// nanosecond is a moment as Case.when has it; none at all is after all rows.
func nanosecond(at time.Time) int64 {
	switch {
	case at.IsZero() || !at.Before(lastMoment):
		return lastMoment.UnixNano()
	case at.Before(firstMoment):
		return firstMoment.UnixNano() - 1
	}
	return at.UnixNano()
}

// step is a row with its pools.
func (p *plan) step(row int32) step {
	c := p.of
	m := c.marks[row]
	s := step{units: c.units[row], row: row, from: c.from[row], to: c.to[row], claim: none, rare: none,
		kind: c.kind(row), turn: turnOf(m), wide: m.has(wide)}
	if !m.has(hasFee | received) {
		return s
	}
	more := p.more(&s)
	if m.has(hasFee) {
		f, _ := c.fees.of(row)
		more.purse, more.fee = f.purse, f.units
	}
	if facts, has := c.legsAt(row); has {
		more.inputs, more.outputs, more.end = facts.inputs, facts.outputs, facts.end
		more.converts, more.received = s.kind == kindConversion, facts.amount.Units
	}
	return s
}

// more makes room for the rare facts of a step.
func (p *plan) more(s *step) *rare {
	if s.rare == none {
		s.rare = int32(len(p.rare))
		p.rare = append(p.rare, plain)
	}
	return &p.rare[s.rare]
}

// rareOf is what a step has of rare facts, to read.
func (p *plan) rareOf(s *step) *rare {
	if s.rare == none {
		return &plain
	}
	return &p.rare[s.rare]
}

// joins says whether a step has several payers at a time: a hop.
func (s *step) joins() bool { return s.kind == kindHop }

func (p *plan) units(s *step) domain.Units {
	if s.wide {
		return p.of.wide[s.units]
	}
	return domain.NewUnits(s.units)
}

func (p *plan) inputs(r *rare) []leg  { return p.of.legs[r.inputs:r.outputs] }
func (p *plan) outputs(r *rare) []leg { return p.of.legs[r.outputs:r.end] }

// row is what the evidence says of a step, for those who tell of it.
func (p *plan) row(s *step) Row {
	if s.kind != kindHold {
		return p.of.Row(int(s.row))
	}
	act := &p.acts[s.row]
	r := Row{Position: act.Position}
	r.ID, r.Kind, r.When, r.To = domain.MovementID(act.Freeze), domain.MovementKind(kindHold.String()), act.When, act.Account
	return r
}

// when is the time of a step.
func (p *plan) when(s *step) domain.When {
	if s.kind == kindHold {
		return p.acts[s.row].When
	}
	return p.of.time(s.row)
}

// opens says whether the step is a balance that opens a statement.
func (p *plan) opens(s *step) bool {
	return s.kind == kindBalance && p.of.marks[s.row].has(opens|stated)
}

// home makes an account one of the victim's homes, unless it is an end or is
// described as shared or as not his (point 6).
func (p *plan) home(n, victim int32) {
	a := &p.accounts[n]
	said := p.said[a.name]
	if a.end || said.Shared || said.NotVictim == p.victims[victim] || slices.Contains(a.homeOf, victim) {
		return
	}
	a.homeOf = append(a.homeOf, victim)
}

func (p *plan) accountNo(name domain.AccountID) (int32, bool) {
	if n, ok := p.of.numbers.accountOf(name); ok {
		return n, true
	}
	n, ok := p.numbers.accounts[name]
	return n, ok
}

func (p *plan) account(name domain.AccountID) int32 {
	if n, ok := p.accountNo(name); ok {
		return n
	}
	p.numbers.accounts[name] = int32(len(p.accounts))
	return p.addAccount(name)
}

func (p *plan) addAccount(name domain.AccountID) int32 {
	said := p.said[name]
	kind := name.DescribedKind(said.As)
	p.accounts = append(p.accounts, account{name: name, kind: kind, end: kind.End(), coerced: said.Coerced, standing: standingOf(said)})
	return int32(len(p.accounts) - 1)
}

func (p *plan) victimNo(name domain.VictimID) (int32, bool) {
	if n, ok := p.of.numbers.victimNo[name]; ok {
		return n, true
	}
	n, ok := p.numbers.victims[name]
	return n, ok
}

func (p *plan) victim(name domain.VictimID) int32 {
	if n, ok := p.victimNo(name); ok {
		return n
	}
	p.victims = append(p.victims, name)
	p.numbers.victims[name] = int32(len(p.victims) - 1)
	return p.numbers.victims[name]
}

// asset numbers an asset and makes its sinks.
func (p *plan) asset(a domain.Asset) int32 {
	if n, ok := p.of.numbers.assetNo[a]; ok {
		return n
	}
	if n, ok := p.numbers.assets[a]; ok {
		return n
	}
	n := int32(len(p.assets))
	p.assets = append(p.assets, a)
	p.numbers.assets[a] = n
	p.sinks = append(p.sinks, [4]poolNo{
		p.pool(domain.SinkFees, a), p.pool(domain.SinkUnrecorded, a), p.pool(domain.SinkOverdraft, a), p.pool(hopQueue, a),
	})
	return n
}

func (p *plan) pool(name domain.AccountID, a domain.Asset) poolNo {
	at := holdingOf{p.account(name), p.asset(a)}
	if n, ok := p.of.numbers.poolOf(at); ok {
		return n
	}
	if n, ok := p.numbers.pools[at]; ok {
		return n
	}
	p.numbers.pools[at] = poolNo(len(p.pools))
	return p.addPool(at)
}

func (p *plan) addPool(at holdingOf) poolNo {
	n := poolNo(len(p.pools))
	p.pools = append(p.pools, place{account: at.account, asset: at.asset, main: n,
		end: p.accounts[at.account].end, standing: p.accounts[at.account].standing})
	return n
}

func (p *plan) loss(victim int32, a domain.Asset) int32 {
	key := loss{victim, a}
	if n, ok := p.numbers.losses[key]; ok {
		return n
	}
	n := int32(len(p.losses))
	p.losses, p.scams = append(p.losses, key), append(p.scams, nil)
	p.numbers.losses[key] = n
	return n
}

// number gives the sorted steps their claims, and returns what they give back.
func (p *plan) number() {
	at := p.positions()
	for i := range p.steps {
		s := &p.steps[i]
		if s.kind == kindHold {
			continue
		}
		m := p.of.marks[s.row]
		if len(p.shown) > 0 {
			if n, ok := p.shown[p.of.key(s.row)]; ok {
				p.more(s).shown = n
			}
		}
		if m.has(hasReport) {
			p.nameClaim(s)
		}
		if s.kind == kindReturn && m.has(hasGift) {
			p.givesBack(int32(i), at)
		}
	}
}

func (p *plan) givesBack(n int32, at map[key]int32) {
	g, _ := p.of.gifts.of(p.steps[n].row)
	if of, ok := at[keyOf(g.of)]; ok && of != n && g.of != "" {
		p.more(&p.steps[n]).of = of
		p.steps[of].kept, p.returns = true, true
	}
}

// positions finds steps by the movement's name, for returns only.
func (p *plan) positions() map[key]int32 {
	wanted := map[key]int32{}
	for i := range p.of.gifts.facts {
		if of := p.of.gifts.facts[i].of; of != "" {
			wanted[keyOf(of)] = none
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	for i := range p.steps {
		if p.steps[i].kind == kindHold {
			continue
		}
		k := p.of.key(p.steps[i].row)
		if _, ok := wanted[k]; ok {
			wanted[k] = int32(i)
		}
	}
	maps.DeleteFunc(wanted, func(_ key, n int32) bool { return n == none })
	return wanted
}

// names lists the pools that a step names, whatever the amount.
func (p *plan) names(s *step, yield func(poolNo)) {
	for _, n := range [...]poolNo{s.from, s.to} {
		if n != none {
			yield(n)
		}
	}
	if s.rare == none {
		return
	}
	more := p.rareOf(s)
	if more.purse != none {
		yield(more.purse)
	}
	for _, l := range p.of.legs[more.inputs:more.end] {
		yield(l.pool)
	}
}

// markChange finds the outputs of a reported hop that go back to its payer:
// to a home of his, which the inputs are, or to the address of an input.
func (p *plan) markChange(more *rare) {
	for i, out := range p.outputs(more) {
		home := slices.Contains(p.accounts[p.pools[out.pool].account].homeOf, more.victim)
		same := func(in leg) bool { return in.address == out.address }
		if home || out.address != 0 && slices.ContainsFunc(p.inputs(more), same) {
			p.change[more.outputs+int32(i)] = true
		}
	}
}

// nameClaim says whether the step is a reported payment, and of which claim.
// A payment to the victim's own home makes none (point 5).
func (p *plan) nameClaim(s *step) {
	told, _ := p.of.reports.of(s.row)
	if told.victim == none {
		return
	}
	if !s.kind.reports() {
		p.warnReport(s)
		return
	}
	if s.kind == kindHop || p.toOwnHome(s, told.victim) {
		more := p.more(s)
		more.victim = told.victim
		p.markChange(more)
		if more.toOwn = p.toOwnHome(s, told.victim); more.toOwn {
			return
		}
	}
	s.claim = int32(len(p.claims))
	n := p.loss(told.victim, p.assets[p.paidIn(s)])
	p.claims = append(p.claims, claim{told.victim, n})
	if scam := domain.Scam(p.of.texts.list[told.scam]); scam != domain.ScamUnstated && !slices.Contains(p.scams[n], scam) {
		p.scams[n] = append(p.scams[n], scam)
	}
}

// paidIn is the asset that leaves the payer of a payment.
func (p *plan) paidIn(s *step) int32 {
	if s.kind == kindHop {
		return p.assetOf(p.inputs(p.rareOf(s))[0].pool)
	}
	return p.assetOf(s.from)
}

// victimOf is who reported a step as a payment; none.
func (p *plan) victimOf(s *step) int32 {
	if s.claim != none {
		return p.claims[s.claim].victim
	}
	return p.rareOf(s).victim
}

func (p *plan) toOwnHome(s *step, victim int32) bool {
	if s.kind != kindHop {
		return slices.Contains(p.accounts[p.pools[s.to].account].homeOf, victim)
	}
	more := p.rareOf(s)
	for i, out := range p.outputs(more) {
		if !p.change[more.outputs+int32(i)] && !out.units.IsZero() {
			return false
		}
	}
	return true
}

func (p *plan) warnReport(s *step) {
	r := p.row(s)
	p.warnings = append(p.warnings, Warning{Code: WarnReport, Movement: r.ID, Account: r.To,
		Text: fmt.Sprintf("The report of %s by %s is left aside: a %s is no payment that a victim can report.", r.ID, r.Victim, s.kind)})
}

// delivers is the asset in which a step brings lots to a payee; none where it
// has no payer, and so nothing that could be given back.
func (p *plan) delivers(n int32) int32 {
	switch s := &p.steps[n]; s.kind {
	case kindOpening, kindBalance:
		return none
	case kindHop:
		return p.assetOf(p.outputs(p.rareOf(s))[0].pool)
	default:
		return p.assetOf(s.to)
	}
}

// The sinks of an asset.
const (
	sinkFees = iota
	sinkUnrecorded
	sinkOverdraft
	sinkQueue
)

// hopQueue is the name under which a hop's queue is a pool. No account can
// have it; when a step is over the queue is empty, so it is never shown.
const hopQueue domain.AccountID = ""

// sink is a sink in the asset of a pool.
func (p *plan) sink(of poolNo, which int) poolNo { return p.sinks[p.pools[of].asset][which] }

func (p *plan) accountOf(pool poolNo) *account { return &p.accounts[p.pools[pool].account] }
func (p *plan) assetOf(pool poolNo) int32      { return p.pools[pool].asset }

// scamsOf is sorted.
func (p *plan) scamsOf(loss int32) []domain.Scam { return slices.Sorted(slices.Values(p.scams[loss])) }

// lossesByName lists the numbers of the losses as the answer shows them.
func (p *plan) lossesByName() []int32 {
	order := numbered(0, len(p.losses))
	slices.SortFunc(order, func(a, b int32) int {
		x, y := p.losses[a], p.losses[b]
		return cmp.Or(cmp.Compare(p.victims[x.victim], p.victims[y.victim]), cmp.Compare(x.asset.Code, y.asset.Code))
	})
	return order
}

// poolsByName lists the numbers of the pools as the answer shows them: the
// case's own, sorted once for all its walks, and what this plan has on top.
func (p *plan) poolsByName() []poolNo {
	if p.byName == nil {
		p.byName = p.of.poolsByName()
		if known := len(p.byName); known < len(p.pools) {
			more := numbered(known, len(p.pools))
			slices.SortFunc(more, p.comparePools)
			p.byName = withNew(p.byName, more, p.comparePools)
		}
	}
	return p.byName
}

func (p *plan) comparePools(a, b poolNo) int {
	x, y := &p.pools[a], &p.pools[b]
	return cmp.Or(cmp.Compare(p.accounts[x.account].name, p.accounts[y.account].name),
		cmp.Compare(p.assets[x.asset].Code, p.assets[y.asset].Code), cmp.Compare(x.beside.state(), y.beside.state()), cmp.Compare(a, b))
}
