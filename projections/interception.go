package projections

import (
	"context"
	"slices"
	"time"

	"clew/domain"
)

// What was intercepted is counted per account and time, from what was told;
// where no sum was told, from the account's balance at that time. So it does
// not depend on the rule. Each unit counts once, for the hold that had it
// first: a second hold on units that are held, or that were released and have
// not left since, adds nothing. docs/reference/freezes.md has the definitions.

// interception is what one freeze comes to in the totals.
type interception struct {
	*FreezeFile
	requested domain.Units // nobody asked for the same loss before
	held      domain.Units
	traced    domain.Units // of held, under the case's rule
	under     domain.Units // traced, and left free by the last hold on the account
	seized    domain.Units
	restored  domain.Units
	released  domain.Units
	returned  domain.Units
	moved     domain.Units // transferred to another jurisdiction
}

// standing is how one freeze stands on a pool while its steps are counted.
type holdStanding struct {
	now     domain.Units // held by it now
	wanted  domain.Units // told to be held; what is not there yet is expected
	all     bool         // later credits too
	sumTold bool         // some hold of it came with a sum
}

// poolCount counts the holds on one pool.
type poolCount struct {
	ctx       context.Context
	looks     *looks
	ask       Ask
	key       poolKey
	passages  map[domain.CaseID][]passage // as each case tells them
	of        map[*FreezeFile]*interception
	standing  map[*FreezeFile]*holdStanding
	order     []*FreezeFile // in which they first held
	freed     domain.Units  // was held, was released, and may be there still
	freedAt   time.Time     // when that was last looked at
	balance   domain.Units  // at freedAt
	lastUnder *interception
	told      map[toldStep]bool
}

// toldStep tells two tellings of one step under two freezes apart from two
// steps: the same movement, or the same verb, time and sum on one account.
type toldStep struct {
	step     domain.FreezeStep
	at       time.Time
	sum      domain.Units
	movement domain.MovementID
}

// intercept counts what a list of freezes intercepted. Freezes of several
// cases on one account are counted together.
func (v *Views) intercept(ctx context.Context, a Ask, files []*FreezeFile) ([]*interception, error) {
	of, looks := map[*FreezeFile]*interception{}, newLooks(v, a)
	var list []*interception
	pools := map[poolKey][]*FreezeFile{}
	var order []poolKey
	for _, f := range files {
		of[f] = &interception{FreezeFile: f}
		list = append(list, of[f])
		key := poolKey{f.Account, f.Asset()}
		if pools[key] == nil {
			order = append(order, key)
			looks.wanted[key] = true
		}
		pools[key] = append(pools[key], f)
	}
	for _, key := range order {
		p := &poolCount{ctx: ctx, looks: looks, ask: a, key: key, of: of, standing: map[*FreezeFile]*holdStanding{}, told: map[toldStep]bool{}}
		if err := p.count(pools[key]); err != nil {
			return nil, err
		}
	}
	return list, countRequested(ctx, looks, list)
}

// count takes the steps of all freezes on the pool in the order in which they
// happened, with the credits that an account-wide hold takes in between.
func (p *poolCount) count(files []*FreezeFile) error {
	var steps []freezeStep
	for _, f := range files {
		p.standing[f] = &holdStanding{}
		steps = append(steps, f.steps...)
	}
	if err := p.gather(files); err != nil {
		return err
	}
	slices.SortStableFunc(steps, freezeStep.before)
	var since time.Time
	for _, s := range steps {
		if err := p.credits(since, s.news.At.Time); err != nil {
			return err
		}
		since = s.news.At.Time
		if err := p.step(s); err != nil {
			return err
		}
	}
	return p.credits(since, p.ask.At)
}

func (p *poolCount) gather(files []*FreezeFile) error {
	p.passages = map[domain.CaseID][]passage{}
	for _, f := range files {
		if p.passages[f.Case] != nil {
			continue
		}
		all, err := p.looks.passages(p.ctx, f.Case)
		if err != nil {
			return err
		}
		p.passages[f.Case] = append([]passage{}, all[p.key]...)
	}
	return nil
}

// at asks the walk of a freeze's case what is in the pool at a moment.
func (p *poolCount) at(f *FreezeFile, moment time.Time) (balance, victims domain.Units, err error) {
	found, err := p.looks.at(p.ctx, look{f.Case, moment.UTC()}, p.key)
	return found.balance, found.victims, err
}

func (p *poolCount) heldNow() (sum domain.Units, err error) {
	for _, s := range p.standing {
		if sum, err = sum.Add(s.now); err != nil {
			return sum, err
		}
	}
	return sum, nil
}

func (p *poolCount) step(s freezeStep) error {
	switch s.step {
	case domain.StepHold:
		return p.hold(s)
	case domain.StepRelease, domain.StepExpire:
		return p.release(s)
	case domain.StepReturn, domain.StepSeize:
		return p.take(s)
	case domain.StepRestore, domain.StepTransfer:
		return p.give(s)
	}
	return nil
}

// hold counts a hold. What was told stands where nobody else holds anything;
// beside another hold it is as much as the balance has beyond it, and nothing
// where both hold the money of one payment.
func (p *poolCount) hold(s freezeStep) error {
	st, held := p.standing[s.file], s.event.(domain.FreezeHeld)
	before, err := p.heldNow()
	if err != nil {
		return err
	}
	balance, victims, err := p.at(s.file, s.news.At.Time)
	if err != nil {
		return err
	}
	others := before.Minus(st.now)
	room := less(balance, others)
	want := room
	if s.sum != nil {
		want, st.sumTold = less(s.sum.Units, p.samePayment(s.file)), true
		if others.IsZero() {
			room = want
		}
	}
	scope := s.file.Request.Scope
	if held.Scope != "" {
		scope = held.Scope
	}
	st.all = st.all || scope == domain.ScopeAccount && s.sum == nil
	if st.wanted.Less(want) {
		st.wanted = want
	}
	if !slices.Contains(p.order, s.file) {
		p.order = append(p.order, s.file)
	}
	if err := p.reserve(s, want.Min(room), counted{before, victims, victims}); err != nil {
		return err
	}
	return p.underHeld(s.file, victims)
}

// counted is what a step found: what was held before it, and what of the pool
// traced to victims before it and traces to them after it.
type counted struct{ held, before, victims domain.Units }

// reserve lets a freeze hold so much, and counts what was never held before.
func (p *poolCount) reserve(s freezeStep, target domain.Units, found counted) error {
	st, own := p.standing[s.file], p.of[s.file]
	more := less(target, st.now)
	if more.IsZero() {
		return nil
	}
	again, err := p.stillThere(s, found.held)
	if err != nil {
		return err
	}
	again = again.Min(more)
	st.now, p.freed = st.now.Plus(more), p.freed.Minus(again)
	fresh := more.Minus(again)
	now, err := found.held.Add(more)
	if err != nil {
		return err
	}
	if own.held, err = own.held.Add(fresh); err != nil {
		return err
	}
	traced := less(now.Min(found.victims), found.held.Min(found.before)).Min(fresh)
	own.traced, err = own.traced.Add(traced)
	return err
}

// stillThere is what of the money that holds have released cannot have left
// since: no more than the balance ever fell to, beside what is held.
func (p *poolCount) stillThere(s freezeStep, held domain.Units) (domain.Units, error) {
	if p.freed.IsZero() {
		return p.freed, nil
	}
	lowest, err := lowestBetween(p.passages[s.file.Case], p.balance, p.freedAt, s.news.At.Time)
	if err != nil {
		return lowest, err
	}
	p.freed = p.freed.Min(less(lowest, held))
	return p.freed, nil
}

// samePayment is what other freezes hold of the payment that this one names.
func (p *poolCount) samePayment(f *FreezeFile) (sum domain.Units) {
	if f.Request.Payment == "" {
		return sum
	}
	for other, st := range p.standing {
		if other != f && other.Request.Payment == f.Request.Payment {
			sum = sum.Plus(st.now)
		}
	}
	return sum
}

// underHeld remembers, for the last hold on the pool, which traced money stays
// free.
func (p *poolCount) underHeld(f *FreezeFile, victims domain.Units) error {
	now, err := p.heldNow()
	if err != nil {
		return err
	}
	if p.lastUnder != nil {
		p.lastUnder.under = domain.Units{}
	}
	p.lastUnder = p.of[f]
	p.lastUnder.under = less(victims, now)
	return nil
}

// release frees all or a part. Another hold that expects more takes it: those
// units count already.
func (p *poolCount) release(s freezeStep) error {
	st, own := p.standing[s.file], p.of[s.file]
	part := st.now
	if s.sum != nil {
		part = s.sum.Units
	}
	var err error
	if own.released, err = own.released.Add(part); err != nil {
		return err
	}
	held, err := p.heldNow()
	if err != nil {
		return err
	}
	if _, err := p.stillThere(s, held); err != nil {
		return err
	}
	if s.sum == nil {
		st.all = false
	}
	free := part.Min(st.now)
	st.now, st.wanted, p.freed = st.now.Minus(free), less(st.wanted, part), p.freed.Plus(free)
	p.freedAt = s.news.At.Time
	if p.balance, _, err = p.at(s.file, p.freedAt); err != nil {
		return err
	}
	p.expected(s.file)
	return nil
}

// expected hands freed money to the holds that still wait for some, in the
// order in which they came. The one that released it does not take it back.
func (p *poolCount) expected(but *FreezeFile) {
	for _, f := range p.order {
		st := p.standing[f]
		if f == but {
			continue
		}
		want := less(st.wanted, st.now)
		if st.all {
			want = p.freed
		}
		part := want.Min(p.freed)
		st.now, p.freed = st.now.Plus(part), p.freed.Minus(part)
	}
}

// take counts what was returned or seized. What was returned had to be held,
// even where nobody told so; so had what was seized under a hold whose sum
// nobody told.
func (p *poolCount) take(s freezeStep) error {
	if p.known(s) {
		return nil
	}
	st, own, sum := p.standing[s.file], p.of[s.file], s.sum.Units
	counts := &own.seized
	if s.step == domain.StepReturn {
		counts = &own.returned
	}
	var err error
	if *counts, err = counts.Add(sum); err != nil {
		return err
	}
	if st.now.Less(sum) && (s.step == domain.StepReturn || slices.Contains(p.order, s.file) && !st.sumTold) {
		if err := p.wasHeld(s); err != nil {
			return err
		}
	}
	st.now, st.wanted = less(st.now, sum), less(st.wanted, sum)
	return nil
}

// wasHeld counts as held, at the last moment, what then went away.
func (p *poolCount) wasHeld(s freezeStep) error {
	before, err := p.heldNow()
	if err != nil {
		return err
	}
	_, victims, err := p.at(s.file, s.news.At.Time.Add(-time.Nanosecond))
	if err != nil {
		return err
	}
	return p.reserve(s, s.sum.Units, counted{before, victims, victims})
}

func (p *poolCount) give(s freezeStep) error {
	if p.known(s) {
		return nil
	}
	own := p.of[s.file]
	counts := &own.restored
	if s.step == domain.StepTransfer {
		counts = &own.moved
	}
	var err error
	*counts, err = counts.Add(s.sum.Units)
	return err
}

// known says whether the same step was told under another freeze before.
func (p *poolCount) known(s freezeStep) bool {
	key := toldStep{step: s.step, at: s.news.At.Time, sum: s.sum.Units}
	switch e := s.event.(type) {
	case domain.FreezeReturned:
		key.movement = e.Movement
	case domain.FreezeSeized:
		key.movement = e.Movement
	}
	if key.movement != "" {
		key.at = time.Time{}
	}
	told := p.told[key]
	p.told[key] = true
	return told
}

// credits lets an account-wide hold take what came between two moments. The
// first that holds all has it.
func (p *poolCount) credits(after, upto time.Time) error {
	i := slices.IndexFunc(p.order, func(f *FreezeFile) bool { return p.standing[f].all })
	if i < 0 {
		return nil
	}
	f := p.order[i]
	came := map[time.Time]domain.Units{}
	var moments []time.Time
	for _, c := range p.passages[f.Case] {
		if c.in.Sign() <= 0 || c.stated || !c.when.Time.After(after) || !upto.IsZero() && c.when.Time.After(upto) {
			continue
		}
		if _, known := came[c.when.Time]; !known {
			moments = append(moments, c.when.Time)
		}
		sum, err := came[c.when.Time].Add(c.in)
		if err != nil {
			return err
		}
		came[c.when.Time] = sum
	}
	for _, moment := range moments {
		if err := p.credit(f, moment, came[moment]); err != nil {
			return err
		}
	}
	return nil
}

// credit lets an account-wide hold take what came at one moment.
func (p *poolCount) credit(f *FreezeFile, moment time.Time, units domain.Units) error {
	held, err := p.heldNow()
	if err != nil {
		return err
	}
	_, before, err := p.at(f, moment.Add(-time.Nanosecond))
	if err != nil {
		return err
	}
	_, victims, err := p.at(f, moment)
	if err != nil {
		return err
	}
	target, err := p.standing[f].now.Add(units)
	if err != nil {
		return err
	}
	return p.reserve(freezeStep{file: f, news: domain.News{At: domain.Instant(moment)}}, target, counted{held, before, victims})
}
