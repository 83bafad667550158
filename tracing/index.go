package tracing

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"clew/domain"
)

// Index is a case walked once under fifo, kept so that one victim or one
// account is answered in the time that its own money took, and not that of the
// whole case: where did his payments go, whose money is here, now or as of any
// earlier moment. It answers what the walk answers, to the unit.
//
// What it cannot express is an amount that is shared out over lots: a
// conversion, a deduction, a return of a known movement, and a hold, which
// looks at lots by their owner. The assets in which the case has such a thing
// it does not cover, and says so; then the walk answers.
//
//	index, err := tracing.NewIndex(tracing.Input{Case: c, Accounts: accounts})
//	lines, known := index.Victim("V17", time.Time{})
//	if !known {
//		// walk: tracing.Trace(…)
//	}
//
// Any number of goroutines may ask at the same time. The case must not grow
// while they do; for what has come since, make the index again.
type Index struct {
	plan     *plan
	book     *coordinates
	exposure *exposure
	outs     byPool
	ins      byPool
	known    []int64   // of each step in the order of the walk: the moment from which it counts
	claims   [][]made  // of each loss: its claims, in the order of the walk
	paidBack []payback // its steps are numbered in the order of the walk
}

// made is a payment that makes a claim: when it was walked, and its row.
type made struct{ seq, row int32 }

// byPool lists the flows of each pool, in their order.
type byPool struct {
	start []int32 // of each pool, and of the one after the last
	list  []int32
}

func (b *byPool) of(pool poolNo) []int32 { return b.list[b.start[pool]:b.start[pool+1]] }

func flowsBy(pools int, of []poolNo) byPool {
	b := byPool{start: make([]int32, pools+2), list: make([]int32, len(of))}
	for _, pool := range of {
		if pool != none {
			b.start[pool+2]++
		}
	}
	for pool := range pools {
		b.start[pool+2] += b.start[pool+1]
	}
	for n, pool := range of {
		if pool != none {
			b.list[b.start[pool+1]] = int32(n)
			b.start[pool+1]++
		}
	}
	b.list = b.list[:b.start[pools]]
	return b
}

// NewIndex walks the case, by fifo and to its end: Rule and At of the input do
// not matter.
func NewIndex(in Input) (*Index, error) {
	in.At = time.Time{}
	p, err := makePlan(in)
	if err != nil {
		return nil, err
	}
	w := newWalk(p, &rules[0])
	book := newCoordinates(p)
	w.book, w.lots = book, nil
	if err := w.run(); err != nil {
		return nil, err
	}
	x := &Index{plan: p, book: book, exposure: w.exposure}
	x.outs, x.ins = flowsBy(len(p.pools), book.flows.from), flowsBy(len(p.pools), book.flows.to)
	book.flows.clip()
	x.readOrder(w.agenda.found)
	p.steps, p.rare = nil, nil // what is asked for later has been taken from them
	return x, nil
}

// readOrder takes what the index asks of steps from the order of the walk.
func (x *Index) readOrder(found []int32) {
	p := x.plan
	x.known, x.claims = make([]int64, len(found)), make([][]made, len(p.losses))
	seq := make([]int32, len(found))
	for at, n := range found {
		s := &p.steps[n]
		x.known[at], seq[n] = p.moment(s), int32(at)
		if s.turn == dayCloses { // a closing balance is known when its day is over
			x.known[at] = nanosecond(p.when(s).End())
		}
		if s.claim != none {
			loss := p.claims[s.claim].loss
			x.claims[loss] = append(x.claims[loss], made{int32(at), s.row})
		}
	}
	for _, part := range x.exposure.noted {
		x.paidBack = append(x.paidBack, payback{seq[part.step], part.loss, part.units})
	}
}

// until says how many steps had been walked by a moment. Those that had are
// the first of the walk (see plan.sort).
func (x *Index) until(at time.Time) int32 {
	if at.IsZero() {
		return int32(len(x.known))
	}
	moment := nanosecond(at)
	return int32(sort.Search(len(x.known), func(i int) bool { return x.known[i] > moment }))
}

// Holding is what lies on an account in one asset, and whose it is.
type Holding struct {
	Account  domain.AccountID
	Asset    domain.Asset
	Balance  domain.Units
	Untraced domain.Units
	Traced   []Owner // by victim
}

// Victim answers with the victim's lines as Trace under fifo does as of a
// moment (the zero time: all). It does not know where one of his payments is
// in an asset that is not covered. Nobody's lines are none, and known.
func (x *Index) Victim(name domain.VictimID, at time.Time) (lines []Victim, known bool) {
	victim, ok := x.plan.victimNo(name)
	if !ok {
		return nil, true
	}
	upto := x.until(at)
	for n, l := range x.plan.losses {
		if l.victim != victim || !x.lostBy(int32(n), upto) {
			continue
		}
		if !x.book.covered[x.plan.numberOf(l.asset)] {
			return nil, false
		}
		lines = append(lines, x.line(int32(n), upto))
	}
	slices.SortFunc(lines, func(a, b Victim) int { return cmp.Compare(a.Asset.Code, b.Asset.Code) })
	return lines, true
}

// numberOf is the number of an asset that some claim is in.
func (p *plan) numberOf(a domain.Asset) int32 { return int32(slices.Index(p.assets, a)) }

// lostBy says whether one of a loss's payments had been walked by then.
func (x *Index) lostBy(loss, upto int32) bool {
	return len(x.claims[loss]) > 0 && x.claims[loss][0].seq < upto
}

// line follows all payments of one loss.
func (x *Index) line(n, upto int32) Victim {
	loss := x.plan.losses[n]
	t := trail{x: x, victim: loss.victim, upto: upto, places: map[poolNo]domain.Units{}}
	v := Victim{Victim: x.plan.victims[loss.victim], Asset: loss.asset, Scams: x.scams(n, upto)}
	f := &x.book.flows
	for _, flow := range f.claimed[loss.victim] {
		if f.seq[flow] >= upto || x.plan.claims[f.claim[flow]].loss != n {
			continue
		}
		start, end := x.reach(flow)
		v.Reported = v.Reported.Plus(end.Minus(start))
		x.whose(flow, start, end, func(o owner, part span) {
			if o == owner(f.claim[flow]) {
				v.Own = v.Own.Plus(part.end.Minus(part.start))
				t.follow(flow, part)
			}
		})
	}
	v.Returned, v.Places = t.returned, t.list()
	for _, p := range x.paidBack {
		if p.loss == n && p.step < upto {
			v.PaidBack = v.PaidBack.Plus(p.units)
		}
	}
	return v
}

func (x *Index) scams(loss, upto int32) (list []domain.Scam) {
	for _, claim := range x.claims[loss] {
		if claim.seq >= upto {
			break
		}
		told, _ := x.plan.of.reports.of(claim.row)
		if scam := domain.Scam(x.plan.of.texts.list[told.scam]); scam != domain.ScamUnstated && !slices.Contains(list, scam) {
			list = append(list, scam)
		}
	}
	slices.Sort(list)
	return list
}

// span is a part of a pool's units, counted from the first that ever came.
type span struct{ start, end domain.Units }

// reach is the span of the payee's pool that a flow has become.
func (x *Index) reach(flow int32) (start, end domain.Units) {
	f := &x.book.flows
	ins := x.ins.of(f.to[flow])
	i, _ := slices.BinarySearch(ins, flow)
	if i+1 < len(ins) {
		return f.in.at(flow), f.in.at(ins[i+1])
	}
	return f.in.at(flow), x.book.pools[f.to[flow]].in
}

// homes are the victims to one of whose homes a flow came.
func (x *Index) homes(flow int32) []int32 {
	f := &x.book.flows
	if to := &x.plan.pools[f.to[flow]]; to.home {
		return x.plan.accounts[to.account].homeOf
	}
	if len(f.homes) == 0 {
		return nil
	}
	return f.homes[flow]
}

// trail follows one victim's money forwards.
type trail struct {
	x        *Index
	victim   int32
	upto     int32
	returned domain.Units
	places   map[poolNo]domain.Units
	open     []resting
}

// resting is a span that has come to a pool and is still to be followed.
type resting struct {
	pool poolNo
	span
}

// follow follows a part of a flow as far as it went.
func (t *trail) follow(flow int32, part span) {
	t.arrive(flow, part)
	for len(t.open) > 0 {
		last := len(t.open) - 1
		at := t.open[last]
		t.open = t.open[:last]
		t.leave(at)
	}
}

// arrive brings a part of a flow to its payee: home, or to a pool.
func (t *trail) arrive(flow int32, part span) {
	if slices.Contains(t.x.homes(flow), t.victim) {
		t.returned = t.returned.Plus(part.end.Minus(part.start))
		return
	}
	t.open = append(t.open, resting{t.x.book.flows.to[flow], part})
}

// leave follows what has left a pool of a span; the rest lies there.
func (t *trail) leave(at resting) {
	f := &t.x.book.flows
	outs := t.x.outs.of(at.pool)
	i := sort.Search(len(outs), func(i int) bool { return at.start.Less(f.out.at(outs[i])) }) - 1
	for i = max(i, 0); i < len(outs) && at.start.Less(at.end); i++ {
		flow := outs[i]
		out := f.out.at(flow)
		if f.seq[flow] >= t.upto || !out.Less(at.end) {
			break
		}
		left := t.x.book.pools[at.pool].out // where the next flow leaves
		if i+1 < len(outs) {
			left = f.out.at(outs[i+1])
		}
		if left = left.Min(at.end); !at.start.Less(left) {
			continue
		}
		start := f.in.at(flow)
		t.arrive(flow, span{start.Plus(at.start.Minus(out)), start.Plus(left.Minus(out))})
		at.start = left
	}
	if at.start.Less(at.end) {
		t.places[at.pool] = t.places[at.pool].Plus(at.end.Minus(at.start))
	}
}

// list is where it lies, as the answer shows it.
func (t *trail) list() (places []Place) {
	p := t.x.plan
	for pool, units := range t.places {
		at := p.accountOf(pool)
		places = append(places, Place{at.name, p.assets[p.assetOf(pool)], units, p.pools[pool].stateOf(at)})
	}
	slices.SortFunc(places, func(a, b Place) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Asset.Code, b.Asset.Code), cmp.Compare(a.State, b.State))
	})
	return places
}

// whose tells whose the units of a flow's span are, as they lie in the payee's
// pool: piece by piece, in their order. It goes back to where they came from,
// and no further than to a pool in which no claim has ever been.
func (x *Index) whose(flow int32, start, end domain.Units, tell func(owner, span)) {
	f := &x.book.flows
	from, in := f.from[flow], f.in.at(flow)
	if from == none || x.clean(from) {
		tell(x.owned(flow, own(0)), span{start, end})
		return
	}
	out := f.out.at(flow)
	x.lying(from, span{out.Plus(start.Minus(in)), out.Plus(end.Minus(in))}, func(o owner, part span) {
		tell(x.owned(flow, o), span{in.Plus(part.start.Minus(out)), in.Plus(part.end.Minus(out))})
	})
}

// clean says whether no claim has ever been in a pool. What lies in the queue
// of a hop bears no marks: it is asked further back.
func (x *Index) clean(pool poolNo) bool {
	return x.exposure.pools[pool] == 0 && x.plan.sink(pool, sinkQueue) != pool
}

// lying tells whose a span of a pool is.
func (x *Index) lying(pool poolNo, at span, tell func(owner, span)) {
	f := &x.book.flows
	ins := x.ins.of(pool)
	i := sort.Search(len(ins), func(i int) bool { return at.start.Less(f.in.at(ins[i])) }) - 1
	for ; i < len(ins) && at.start.Less(at.end); i++ {
		end := x.book.pools[pool].in
		if i+1 < len(ins) {
			end = f.in.at(ins[i+1])
		}
		end = end.Min(at.end)
		x.whose(ins[i], at.start, end, tell)
		at.start = end
	}
}

// owned is an owner after a flow: a reported payment makes own money a claim
// (point 5), and a home makes its victim's claims own money (point 6).
func (x *Index) owned(flow int32, o owner) owner {
	if c := x.book.flows.claim[flow]; c != none && !o.claimed() {
		o = owner(c)
	}
	if o.claimed() && slices.Contains(x.homes(flow), x.plan.claims[o].victim) {
		return own(0)
	}
	return o
}

// Account answers whose money lies on an account as of a moment (the zero
// time: now), one holding an asset, by asset. It does not know where one of
// them is not covered.
func (x *Index) Account(name domain.AccountID, at time.Time) (list []Holding, known bool) {
	account, ok := x.plan.accountNo(name)
	if !ok {
		return nil, true
	}
	upto := x.until(at)
	for asset := range x.plan.assets {
		pool, ok := x.plan.of.numbers.poolNo[holdingOf{account, int32(asset)}]
		if !ok {
			continue
		}
		if !x.book.covered[asset] {
			return nil, false
		}
		if h := x.holding(pool, upto); !h.Balance.IsZero() {
			list = append(list, h)
		}
	}
	slices.SortFunc(list, func(a, b Holding) int { return cmp.Compare(a.Asset.Code, b.Asset.Code) })
	return list, true
}

func (x *Index) holding(pool poolNo, upto int32) Holding {
	at := x.lies(pool, upto)
	h := Holding{Account: x.plan.accountOf(pool).name, Asset: x.plan.assets[x.plan.assetOf(pool)], Balance: at.end.Minus(at.start)}
	h.Untraced = h.Balance
	by := map[int32]domain.Units{}
	x.lying(pool, at, func(o owner, part span) {
		if o.claimed() {
			victim := x.plan.claims[o].victim
			by[victim] = by[victim].Plus(part.end.Minus(part.start))
			h.Untraced = h.Untraced.Minus(part.end.Minus(part.start))
		}
	})
	for victim, units := range by {
		h.Traced = append(h.Traced, Owner{x.plan.victims[victim], units})
	}
	slices.SortFunc(h.Traced, func(a, b Owner) int { return cmp.Compare(a.Victim, b.Victim) })
	return h
}

// lies is the span of a pool that had come and not left.
func (x *Index) lies(pool poolNo, upto int32) span {
	f, now := &x.book.flows, x.book.pools[pool]
	walked := func(flows []int32) int {
		return sort.Search(len(flows), func(i int) bool { return f.seq[flows[i]] >= upto })
	}
	at := span{now.out, now.in}
	if outs := x.outs.of(pool); walked(outs) < len(outs) {
		at.start = f.out.at(outs[walked(outs)])
	}
	if ins := x.ins.of(pool); walked(ins) < len(ins) {
		at.end = f.in.at(ins[walked(ins)])
	}
	return at
}
