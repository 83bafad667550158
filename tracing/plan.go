package tracing

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"clew/domain"
)

// plan is the case made ready for walking: every name has become a number, so
// that the walk itself needs neither maps nor text. It does not depend on the
// rule.
type plan struct {
	accounts []account
	pools    []place
	assets   []domain.Asset
	victims  []domain.VictimID
	losses   []loss
	scams    [][]domain.Scam // by loss: how the payments were reported to have come about
	claims   []claim
	steps    []step // sorted as far as the rows alone can tell; see order.go
	warnings []Warning

	holds   []hold
	wanted  []wanted                    // by hold: whose claims it reserves first
	shown   map[domain.MovementID]int32 // movements that show a return or a seizure of held money
	sinks   [][4]poolNo                 // of each asset: fees, unrecorded, overdraft, and the queue of the hop being walked
	returns bool                        // some return gives back a movement of the case
	numbers numbers
	said    map[domain.AccountID]Account // what people have said
}

// poolNo is a pool's number: its place in plan.pools.
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
	account int32
	asset   int32
	end     bool
	state   State  // of what a hold keeps or has taken; "" for the account's own pool
	main    poolNo // the account's own pool
}

// step is one row, in numbers.
type step struct {
	row      *Row
	kind     domain.MovementKind
	turn     turn
	from, to poolNo
	purse    poolNo // pays the fee
	claim    int32  // that the payment makes; none
	victim   int32  // who reported it; none
	toOwn    bool   // reported, but to the victim's own home
	of       int32  // the step that a return gives back; none
	kept     bool   // a return gives it back, so what it delivers is kept
	inputs   []leg
	outputs  []leg
	hold     *holdStep
	shown    int32 // the hold whose return or seizure the row shows; none
}

// leg is one input or output of a hop.
type leg struct {
	pool   poolNo
	units  domain.Units
	change bool // an output that the payer pays to himself
}

// numbers finds the number of a name while the plan is made.
type numbers struct {
	accounts map[domain.AccountID]int32
	assets   map[domain.Asset]int32
	victims  map[domain.VictimID]int32
	losses   map[loss]int32
	pools    map[[2]int32]poolNo
}

// makePlan reads the rows that had happened by At. Homes come from all rows.
func makePlan(in Input) (*plan, error) {
	p := &plan{said: in.Accounts, shown: map[domain.MovementID]int32{}, numbers: numbers{
		map[domain.AccountID]int32{}, map[domain.Asset]int32{}, map[domain.VictimID]int32{},
		map[loss]int32{}, map[[2]int32]poolNo{},
	}}
	p.steps = make([]step, 0, len(in.Rows))
	for i := range in.Rows {
		if err := p.read(&in.Rows[i], in.At); err != nil {
			return nil, err
		}
	}
	for name, said := range in.Accounts {
		if said.Victim != "" {
			p.home(name, said.Victim)
		}
	}
	if err := p.readHolds(in); err != nil {
		return nil, err
	}
	p.sort(in.At)
	p.number()
	p.firstClaims()
	return p, nil
}

// reports says whether a row can be a reported payment. Only what pays can.
func reports(r *Row) bool {
	paying := r.Kind == domain.Transfer || r.Kind == domain.Conversion || r.Kind == domain.Hop
	return r.Victim != "" && paying
}

func (p *plan) read(r *Row, at time.Time) error {
	if wrong := domain.CheckMovement(r.Movement); wrong != nil {
		return fmt.Errorf("movement %s cannot be walked: %w", r.ID, wrong)
	}
	if reports(r) {
		for _, input := range r.Inputs {
			p.home(input.Account, r.Victim)
		}
		if r.From != "" {
			p.home(r.From, r.Victim)
		}
	}
	if at.IsZero() || !r.When.Time.After(at) {
		p.steps = append(p.steps, p.pooled(r))
	}
	return nil
}

// opens says whether the row is a balance that opens a statement.
func (r *Row) opens() bool { return r.Kind == domain.Balance && (r.Statement || r.Opens) }

// home makes an account one of the victim's homes, unless it is an end or is
// described as shared or as not his (point 6).
func (p *plan) home(name domain.AccountID, victim domain.VictimID) {
	said := p.said[name]
	a := &p.accounts[p.account(name)]
	v := p.victim(victim)
	if a.end || said.Shared || said.NotVictim == victim || slices.Contains(a.homeOf, v) {
		return
	}
	a.homeOf = append(a.homeOf, v)
}

// kindOf is the account's kind: a prefix that tells an end tells all; else
// what people say, else the prefix.
func kindOf(name domain.AccountID, said Account) domain.AccountKind {
	prefix := name.Kind()
	if !prefix.End() && said.As != domain.KindUnknown {
		return said.As
	}
	return prefix
}

func (p *plan) account(name domain.AccountID) int32 {
	if n, ok := p.numbers.accounts[name]; ok {
		return n
	}
	said := p.said[name]
	kind := kindOf(name, said)
	n := int32(len(p.accounts))
	p.accounts = append(p.accounts, account{name: name, kind: kind, end: kind.End(), coerced: said.Coerced, standing: standingOf(said)})
	p.numbers.accounts[name] = n
	return n
}

func (p *plan) victim(name domain.VictimID) int32 {
	if n, ok := p.numbers.victims[name]; ok {
		return n
	}
	n := int32(len(p.victims))
	p.victims = append(p.victims, name)
	p.numbers.victims[name] = n
	return n
}

// asset numbers an asset and makes its sinks.
func (p *plan) asset(a domain.Asset) int32 {
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
	key := [2]int32{p.account(name), p.asset(a)}
	if n, ok := p.numbers.pools[key]; ok {
		return n
	}
	n := poolNo(len(p.pools))
	p.pools = append(p.pools, place{account: key[0], asset: key[1], end: p.accounts[key[0]].end, main: n})
	p.numbers.pools[key] = n
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
		if n, ok := p.shown[s.row.ID]; ok && s.hold == nil {
			s.shown = n
		}
		p.nameClaim(s)
		if s.kind != domain.Return || s.row.Of == "" {
			continue
		}
		if of, ok := at[s.row.Of]; ok && of != int32(i) {
			s.of, p.steps[of].kept, p.returns = of, true, true
		}
	}
}

// positions finds steps by the movement's name, for returns only.
func (p *plan) positions() map[domain.MovementID]int32 {
	wanted := map[domain.MovementID]int32{}
	for i := range p.steps {
		if of := p.steps[i].row.Of; of != "" {
			wanted[of] = none
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	for i := range p.steps {
		if _, ok := wanted[p.steps[i].row.ID]; ok {
			wanted[p.steps[i].row.ID] = int32(i)
		}
	}
	for id, n := range wanted {
		if n == none {
			delete(wanted, id)
		}
	}
	return wanted
}

// pooled is a row with its pools.
func (p *plan) pooled(r *Row) step {
	s := step{row: r, kind: r.Kind, turn: turnOf(r), from: none, to: none, purse: none, claim: none, victim: none, of: none, shown: none}
	if r.From != "" {
		s.from = p.pool(r.From, r.Amount.Asset)
	}
	if r.To != "" {
		s.to = p.pool(r.To, r.Arrives().Asset)
	}
	if r.Fee.Given() && r.From != "" {
		s.purse = p.pool(r.From, r.Fee.Asset)
	}
	for _, in := range r.Inputs {
		s.inputs = append(s.inputs, leg{pool: p.pool(in.Account, in.Amount.Asset), units: in.Amount.Units})
	}
	for _, out := range r.Outputs {
		s.outputs = append(s.outputs, leg{pool: p.pool(out.Account, out.Amount.Asset), units: out.Amount.Units})
	}
	return s
}

// names lists the pools that a step names, whatever the amount.
func (s *step) names(yield func(poolNo)) {
	for _, n := range [...]poolNo{s.from, s.to, s.purse} {
		if n != none {
			yield(n)
		}
	}
	for _, l := range s.inputs {
		yield(l.pool)
	}
	for _, l := range s.outputs {
		yield(l.pool)
	}
}

// markChange finds the outputs of a reported hop that go back to its payer:
// to a home of his, which the inputs are, or to the address of an input.
func (p *plan) markChange(s *step) {
	for i := range s.outputs {
		address := s.row.Outputs[i].Address
		home := slices.Contains(p.accounts[p.pools[s.outputs[i].pool].account].homeOf, s.victim)
		same := func(in domain.Leg) bool { return in.Address == address }
		s.outputs[i].change = home || address != "" && slices.ContainsFunc(s.row.Inputs, same)
	}
}

// nameClaim says whether the step is a reported payment, and of which claim.
// A payment to the victim's own home makes none (point 5).
func (p *plan) nameClaim(s *step) {
	r := s.row
	if r.Victim == "" {
		return
	}
	if !reports(r) {
		p.warn(s, WarnReport, "The report of %s by %s is left aside: a %s is no payment that a victim can report.", r.ID, r.Victim, r.Kind)
		return
	}
	s.victim = p.victim(r.Victim)
	p.markChange(s)
	if p.toOwnHome(s) {
		s.toOwn = true
		return
	}
	asset := r.Amount.Asset
	if s.kind == domain.Hop {
		asset = r.Inputs[0].Amount.Asset
	}
	s.claim = int32(len(p.claims))
	n := p.loss(s.victim, asset)
	p.claims = append(p.claims, claim{s.victim, n})
	if r.Scam != domain.ScamUnstated && !slices.Contains(p.scams[n], r.Scam) {
		p.scams[n] = append(p.scams[n], r.Scam)
	}
}

func (p *plan) toOwnHome(s *step) bool {
	if s.kind == domain.Hop {
		return !slices.ContainsFunc(s.outputs, func(out leg) bool { return !out.change && !out.units.IsZero() })
	}
	return slices.Contains(p.accounts[p.pools[s.to].account].homeOf, s.victim)
}

func (p *plan) warn(s *step, code, format string, args ...any) {
	p.warnings = append(p.warnings, Warning{Code: code, Movement: s.row.ID, Account: s.row.To, Text: fmt.Sprintf(format, args...)})
}

// pays says whether an account is among those that pay in a step.
func (s *step) pays(p *plan, account int32) bool {
	if s.from != none && p.pools[s.from].account == account {
		return true
	}
	return slices.ContainsFunc(s.inputs, func(in leg) bool { return p.pools[in.pool].account == account })
}

// delivers is the asset in which a step brings lots to a payee; none where it
// has no payer, and so nothing that could be given back.
func (p *plan) delivers(n int32) domain.Asset {
	switch s := &p.steps[n]; s.kind {
	case domain.Opening, domain.Balance:
		return domain.Asset{}
	case domain.Hop:
		return s.row.Outputs[0].Amount.Asset
	default:
		return s.row.Arrives().Asset
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
	order := make([]int32, len(p.losses))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int {
		x, y := p.losses[a], p.losses[b]
		return cmp.Or(cmp.Compare(p.victims[x.victim], p.victims[y.victim]), cmp.Compare(x.asset.Code, y.asset.Code))
	})
	return order
}

// poolsByName lists the numbers of the pools as the answer shows them.
func (p *plan) poolsByName() []poolNo {
	order := make([]poolNo, len(p.pools))
	for i := range order {
		order[i] = poolNo(i)
	}
	slices.SortFunc(order, func(a, b poolNo) int {
		x, y := p.pools[a], p.pools[b]
		return cmp.Or(cmp.Compare(p.accounts[x.account].name, p.accounts[y.account].name),
			cmp.Compare(p.assets[x.asset].Code, p.assets[y.asset].Code), cmp.Compare(x.state, y.state), cmp.Compare(a, b))
	})
	return order
}
