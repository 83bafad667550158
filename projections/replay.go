package projections

import (
	"cmp"
	"context"
	"slices"
	"time"

	"clew/domain"
	"clew/tracing"
)

// Replayed is what a hold would have kept, had it landed earlier: the case
// walked again by the same code, with nothing changed but the hold's time.
type Replayed struct {
	*Traced // as it was, at the moment at which the hold landed
	Freeze  domain.FreezeID
	Account domain.AccountID
	Asset   domain.Asset
	HeldAt  domain.When   // the hold as it was told
	Told    *domain.Units // what it was told to hold; nil where nobody told
	Hop     int           // of the account; 0: not known
	Curve   []Earlier     // by Minus: 0 first
}

// Earlier is the hold so much earlier.
type Earlier struct {
	Minus   time.Duration
	Held    domain.Units // in the account when the hold truly landed
	Traced  domain.Units // of it, victims' money
	Victims []tracing.Owner
	// Hops is where victims' money of the same asset lay at that earlier
	// moment, by how many movements it had gone: at large, at no end.
	Hops []AtHop
}

// AtHop is what lay so many movements from the victims.
type AtHop struct {
	Hop    int // 0: not known
	Traced domain.Units
}

// UsualCurve are the times by which a hold is shifted where nobody asks for
// others.
func UsualCurve() []time.Duration {
	var list []time.Duration
	for _, minutes := range []int{0, 5, 10, 15, 30, 60, 120, 240, 480, 1440} {
		list = append(list, time.Duration(minutes)*time.Minute)
	}
	return list
}

// Replay shifts a freeze's first hold to earlier moments and walks again. The
// shifted hold asks for what was requested: what was held in truth may have
// been less because no more was there.
func (v *Views) Replay(ctx context.Context, a Ask, freeze domain.FreezeID, minus ...time.Duration) (*Replayed, error) {
	files, err := v.Freezes(ctx, a)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(files, func(f *FreezeFile) bool { return f.Case == a.Case && f.ID == freeze })
	if at < 0 {
		return nil, domain.NotFound("case %s has no freeze %s: see 'clew freeze list --case %s'", a.Case, freeze, a.Case)
	}
	f := files[at]
	hold := firstHold(f)
	switch {
	case hold == nil:
		return nil, domain.Usage("freeze %s never held anything, so there is no hold to shift", freeze)
	case hold.news.At.Bare:
		return nil, domain.Usage("of the hold of freeze %s only the day is known (%s): it cannot be shifted by minutes; record it with its time", freeze, hold.news.At)
	}
	if len(minus) == 0 {
		minus = UsualCurve()
	}
	a.At = hold.news.At.Time
	if a.Upto, err = v.resolve(ctx, a); err != nil {
		return nil, err
	}
	a.KnownAt = time.Time{}
	t, err := v.Trace(ctx, a)
	if err != nil {
		return nil, err
	}
	r := &Replayed{Traced: t, Freeze: freeze, Account: f.Account, Asset: f.Asset(), HeldAt: hold.news.At, Hop: hopsOf(t.Assembly, a.At)[f.Account]}
	if hold.sum != nil {
		told := hold.sum.Units
		r.Told = &told
	}
	return r, v.curve(ctx, a, r, f, minus)
}

// firstHold is the first hold that happened, with the sum that a retelling at
// the same moment gave it.
func firstHold(f *FreezeFile) *freezeStep {
	var first *freezeStep
	for i := range f.steps {
		s := &f.steps[i]
		if s.step == domain.StepHold && (first == nil || s.before(*first) < 0) {
			first = s
		}
	}
	return first
}

func (v *Views) curve(ctx context.Context, a Ask, r *Replayed, f *FreezeFile, minus []time.Duration) error {
	for _, earlier := range slices.Sorted(slices.Values(minus)) {
		if earlier < 0 {
			return domain.Usage("a hold can be shifted to an earlier time only, not by %s", earlier)
		}
		answer, err := tracing.Trace(shifted(r, f, earlier))
		if err != nil {
			return err
		}
		e := Earlier{Minus: earlier}
		e.count(&Traced{Answer: answer}, r)
		then := a
		then.At = r.HeldAt.Time.Add(-earlier)
		t, err := v.Trace(ctx, then)
		if err != nil {
			return err
		}
		e.Hops = atHops(t, r.Asset)
		r.Curve = append(r.Curve, e)
	}
	return nil
}

// shifted is what the case walks, with the first hold of the freeze so much
// earlier and its later steps left out.
func shifted(r *Replayed, f *FreezeFile, earlier time.Duration) tracing.Input {
	in := r.Assembly.input(r.Rule, Ask{At: r.HeldAt.Time})
	var holds []tracing.HoldStep
	first := true
	for _, h := range in.Holds {
		if h.Freeze != f.Name() {
			holds = append(holds, h)
			continue
		}
		if h.Step != domain.StepHold || !first || h.When != r.HeldAt {
			continue
		}
		first = false
		h.When = domain.Instant(h.When.Time.Add(-earlier))
		h.Amount = domain.Units{}
		if h.Scope.Bounded() && f.Request.Amount != nil {
			h.Amount = f.Request.Amount.Units
		}
		if h.Scope.Bounded() && r.Told != nil {
			h.Amount = most(h.Amount, *r.Told)
		}
		holds = append(holds, h)
	}
	in.Holds = holds
	return in
}

// count reads what is held of the account: by this freeze and by others.
func (e *Earlier) count(t *Traced, r *Replayed) {
	pool := poolAt(t, r.Account, r.Asset)
	e.Held = pool.Held
	e.Traced = pool.Held.Min(tracedOf(pool)) // a hold reserves claims first
	for _, owner := range pool.Traced {
		if units := heldOf(t, r, owner); units.Sign() > 0 {
			e.Victims = append(e.Victims, tracing.Owner{Victim: owner.Victim, Units: units})
		}
	}
}

// heldOf is one victim's part of what is held: his units in the proportion in
// which his claim there is held, rounded down.
func heldOf(t *Traced, r *Replayed, owner tracing.Owner) domain.Units {
	var free, held domain.Units
	for _, victim := range t.Answer.Victims {
		if victim.Victim != owner.Victim {
			continue
		}
		for _, place := range victim.Places {
			switch {
			case place.Account != r.Account || place.Asset != r.Asset:
			case place.State == tracing.Held:
				held = held.Plus(place.Claim) // parts of one claim
			case place.State == tracing.AtLarge:
				free = free.Plus(place.Claim)
			}
		}
	}
	all := free.Plus(held)
	if all.IsZero() {
		return all
	}
	part, _ := owner.Units.Share(held, all)
	return part
}

// atHops sums up what lies at large in one asset, by hop.
func atHops(t *Traced, asset domain.Asset) (list []AtHop) {
	hops, sums := hopsOf(t.Assembly, t.At), map[int]domain.Units{}
	for _, pool := range t.Answer.Accounts {
		if pool.Asset == asset && !t.Assembly.isEnd(pool.Account) && tracedOf(pool).Sign() > 0 {
			sums[hops[pool.Account]] = sums[hops[pool.Account]].Plus(less(tracedOf(pool), pool.Held)) // no more than was paid
		}
	}
	for hop, units := range sums {
		list = append(list, AtHop{hop, units})
	}
	slices.SortFunc(list, func(a, b AtHop) int { return cmp.Compare(a.Hop, b.Hop) })
	return list
}
