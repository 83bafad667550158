package projections

import (
	"cmp"
	"context"
	"slices"
	"time"

	"clew/domain"
)

// How long money stays is learned from the log: of each account that is no
// end and no victim's home, arrivals are matched with departures, oldest
// first. What is still there when the account was last seen has stayed at
// least so long. Of these stays, weighted by units, the product-limit estimate
// (Kaplan and Meier, 1958) gives the share of money that stays longer than a
// time: first of the account itself, else of its institution, else of all
// accounts, always in one asset.

// Basis says from what a survival was learned.
type Basis string

// The bases, from the nearest to the farthest.
const (
	OfAccount     Basis = "this account"
	OfInstitution Basis = "this institution"
	OfAll         Basis = "all accounts"
	OfNothing     Basis = "nothing" // no departure is known: nothing says that money leaves
)

// enoughStays is how many departures an account or an institution needs before
// its own are asked: fewer say more about chance than about the holder.
const enoughStays = 5

// stay is an amount that stayed for a time. left says that it then left; else
// nobody has looked since.
type stay struct {
	units  domain.Units
	lasted time.Duration
	left   bool
}

// parcel is an amount that is still there.
type parcel struct {
	units domain.Units
	since time.Time
}

// stays matches a pool's arrivals with its departures, oldest first, and gives
// what is still there and when the pool was last seen.
func stays(list []passage) (gone []stay, there []parcel, seen time.Time) {
	balance := domain.Units{}
	for _, p := range list {
		in, out := p.in, p.out
		if p.stated {
			stated := notBelow(p.in)
			in, out = less(stated, balance), less(balance, stated)
		}
		seen = p.when.Time
		if in.Sign() > 0 {
			if sum, err := balance.Add(in); err == nil {
				balance, there = sum, append(there, parcel{in, seen})
			}
		}
		balance = less(balance, out)
		for out.Sign() > 0 && len(there) > 0 {
			part := out.Min(there[0].units)
			gone = append(gone, stay{part, seen.Sub(there[0].since), true})
			out, there[0].units = out.Minus(part), there[0].units.Minus(part)
			if there[0].units.IsZero() {
				there = there[1:]
			}
		}
	}
	return gone, there, seen
}

// one is the whole of a survival: shares are counted in its parts.
var one = domain.NewUnits(1_000_000_000_000_000_000)

// survival is the share of money that stays longer than a time. It falls at
// each of its times.
type survival struct {
	times  []time.Duration
	shares []domain.Units
	left   int // departures it was learned from
}

// survivalOf is the product-limit estimate over stays. Where the amounts are
// too large to be summed, it stands still.
func survivalOf(list []stay) survival {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b stay) int { return cmp.Compare(b.lasted, a.lasted) })
	type fall struct {
		at           time.Duration
		left, atRisk domain.Units
	}
	var falls []fall
	s, risk := survival{}, domain.Units{}
	for i := 0; i < len(list); {
		now := fall{at: list[i].lasted}
		for ; i < len(list) && list[i].lasted == now.at; i++ {
			sum, err := risk.Add(list[i].units)
			if err != nil {
				return survival{}
			}
			risk = sum
			if list[i].left {
				now.left, s.left = now.left.Plus(list[i].units), s.left+1
			}
		}
		now.atRisk = risk
		falls = append(falls, now)
	}
	share := one
	for _, f := range slices.Backward(falls) {
		if f.left.Sign() > 0 {
			share, _ = share.Share(f.atRisk.Minus(f.left), f.atRisk)
			s.times, s.shares = append(s.times, f.at), append(s.shares, share)
		}
	}
	return s
}

// beyond is the share that stays longer than a time.
func (s survival) beyond(d time.Duration) domain.Units {
	n, found := slices.BinarySearch(s.times, d)
	if found {
		n++
	}
	if n == 0 {
		return one
	}
	return s.shares[n-1]
}

// dwells are the stays that the log tells of, by how near they are.
type dwells struct {
	accounts     map[poolKey][]stay
	institutions map[atInstitution][]stay
	all          map[domain.Asset][]stay

	// What follows from the last two, once for all accounts that ask.
	ofInstitution map[atInstitution]survival
	ofAll         map[domain.Asset]survival
}

type atInstitution struct {
	name  string
	asset domain.Asset
}

// dwellsOf learns from all cases that were known by a position of the log. A
// case that is linked with one that was looked at is not looked at again.
func (v *Views) dwellsOf(ctx context.Context, a Ask) (*dwells, error) {
	return v.dwelling.get(ctx, assemblyMoment{a.Upto, a.At.UTC()}, func() (*dwells, error) {
		d := &dwells{map[poolKey][]stay{}, map[atInstitution][]stay{}, map[domain.Asset][]stay{}, map[atInstitution]survival{}, map[domain.Asset]survival{}}
		cases, err := v.Cases(ctx, a.Upto)
		if err != nil {
			return nil, err
		}
		looked := map[domain.CaseID]bool{}
		for _, row := range cases {
			if looked[row.Case] {
				continue
			}
			assembly, err := v.Assemble(ctx, row.Case, a.Upto)
			if err != nil {
				return nil, err
			}
			for _, id := range assembly.Cases {
				looked[id] = true
			}
			d.learn(assembly, a.At)
		}
		d.estimate()
		return d, nil
	})
}

type assemblyMoment struct {
	upto uint64
	at   time.Time
}

func (d *dwells) learn(s *Assembly, at time.Time) {
	skip := s.homesAndEnds()
	for key, list := range passages(s, at, func(k poolKey) bool { return !skip(k.account) }) {
		gone, there, seen := stays(list)
		for _, p := range there {
			gone = append(gone, stay{p.units, seen.Sub(p.since), false})
		}
		d.accounts[key] = append(d.accounts[key], gone...)
		if name := s.File.Accounts[key.account].Institution; name != "" {
			d.institutions[atInstitution{name, key.asset}] = append(d.institutions[atInstitution{name, key.asset}], gone...)
		}
		d.all[key.asset] = append(d.all[key.asset], gone...)
	}
}

// estimate works out what all accounts share.
func (d *dwells) estimate() {
	for name, list := range d.institutions {
		d.ofInstitution[name] = survivalOf(list)
	}
	for asset, list := range d.all {
		d.ofAll[asset] = survivalOf(list)
	}
}

// of is the survival to expect in a pool, and from what it was learned.
func (d *dwells) of(s *Assembly, key poolKey) (survival, Basis) {
	if own := survivalOf(d.accounts[key]); own.left >= enoughStays {
		return own, OfAccount
	}
	if name := s.File.Accounts[key.account].Institution; name != "" {
		if near := d.ofInstitution[atInstitution{name, key.asset}]; near.left >= enoughStays {
			return near, OfInstitution
		}
	}
	if all := d.ofAll[key.asset]; all.left > 0 {
		return all, OfAll
	}
	return survival{}, OfNothing
}

// outlook is what may be expected of the money in one pool.
type outlook struct {
	survival
	there []parcel
	seen  time.Time
	total domain.Units
	basis Basis
}

// outlooks gives a function that looks at one pool of a case.
func (v *Views) outlooks(ctx context.Context, s *Assembly, a Ask) (func(poolKey) outlook, error) {
	learned, err := v.dwellsOf(ctx, a)
	if err != nil {
		return nil, err
	}
	all := passages(s, a.At, func(k poolKey) bool { return !s.isEnd(k.account) })
	return func(key poolKey) outlook {
		o := outlook{}
		_, o.there, o.seen = stays(all[key])
		o.survival, o.basis = learned.of(s, key)
		for _, p := range o.there {
			o.total = o.total.Plus(p.units) // a pool's balance, which fits
		}
		return o
	}, nil
}

// expected is how much of an amount is expected to be still there at a moment,
// given that it was there when the pool was last seen. It is rounded down.
func (o outlook) expected(units domain.Units, at time.Time) domain.Units {
	if !at.After(o.seen) || units.Sign() <= 0 {
		return units
	}
	there, total := o.there, o.total
	if total.IsZero() { // nobody has seen it come: it is as old as the last look
		there, total = []parcel{{units, o.seen}}, units
	}
	left := domain.Units{}
	for _, p := range there {
		now, then := o.beyond(at.Sub(p.since)), o.beyond(o.seen.Sub(p.since))
		if then.IsZero() {
			now, then = one, one // it has stayed longer than anything seen before
		}
		part, _ := p.units.Share(now, then)
		left = left.Plus(part)
	}
	share, _ := units.Share(left, total)
	return share
}
