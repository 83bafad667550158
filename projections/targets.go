package projections

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"clew/domain"
	"clew/tracing"
)

// TargetsAsk asks what to freeze next.
type TargetsAsk struct {
	Ask
	Now       time.Time     // when it is asked; zero: when the last movement happened
	Mechanism string        // whose usual time to a hold counts
	Latency   time.Duration // that time; 0: what the log has learned of the mechanism, else of all
}

// Targets are the accounts where a hold would do most, best first.
type Targets struct {
	*Traced
	Now          time.Time
	Latency      time.Duration // from the request to the hold
	LatencyBasis string        // who says so
	Rows         []Target
}

// Target is one account worth a hold.
type Target struct {
	Account     domain.AccountID
	Asset       domain.Asset
	Institution string
	Country     string
	Traced      domain.Units    // victims' money at large there, no more than they have not got back
	Victims     []tracing.Owner // whose
	Expected    domain.Units    // of Traced, when the hold would land
	Least, Most domain.Units    // of Expected, over the rules
	OneRule     tracing.Rule    // the only rule under which there is anything; else ""
	Basis       Basis           // from what the stay was learned
	Seen        time.Time       // when the account was last seen
	Hop         int             // movements since a victim's payment; 0: not known
	Frontier    bool
	Coerced     bool // its holder acts under force: with care, and never in a letter
	Innocent    bool // an innocent third party's
	Why         string
}

// Targets answers what to freeze next (FREEZES, ledgers, 4). Victims' homes,
// ends and pooled services are never among them.
func (v *Views) Targets(ctx context.Context, a TargetsAsk) (*Targets, error) {
	upto, err := v.resolve(ctx, a.Ask)
	if err != nil {
		return nil, err
	}
	a.Upto, a.KnownAt = upto, time.Time{}
	t, err := v.Trace(ctx, a.Ask)
	if err != nil {
		return nil, err
	}
	if t.Rule == tracing.Poison {
		return nil, domain.Usage("rule poison is an exposure and has no targets: take another rule")
	}
	list := &Targets{Traced: t, Now: a.Now}
	if list.Now.IsZero() {
		list.Now = lastSeen(t.Assembly, a.At)
	}
	if list.Latency, list.LatencyBasis, err = v.usualWait(ctx, a); err != nil {
		return nil, err
	}
	look, err := v.outlooks(ctx, t.Assembly, a.Ask)
	if err != nil {
		return nil, err
	}
	if err := v.overRules(ctx, a, list, look); err != nil {
		return nil, err
	}
	list.describe(look)
	return list, v.rank(ctx, list)
}

// lastSeen is when the last movement happened.
func lastSeen(s *Assembly, at time.Time) (last time.Time) {
	for r := range s.rowsBy(at) {
		if r.When.Time.After(last) {
			last = r.When.Time
		}
	}
	return last
}

// usualWait is the time from a request to its hold: as told, as the log has
// learned it of the mechanism, or of all mechanisms; else none.
func (v *Views) usualWait(ctx context.Context, a TargetsAsk) (time.Duration, string, error) {
	if a.Latency != 0 {
		return a.Latency, "as told", nil
	}
	everywhere := a.Ask
	everywhere.Case = ""
	chains, err := v.Latencies(ctx, everywhere)
	if err != nil {
		return 0, "", err
	}
	if wait, ok := medianWait(chains, a.Mechanism); ok {
		return wait, "median of " + a.Mechanism + " in this log", nil
	}
	for i := range chains {
		chains[i].Mechanism = ""
	}
	if wait, ok := medianWait(chains, ""); ok {
		return wait, "median of all mechanisms in this log", nil
	}
	return 0, "not known: as if the hold landed at once", nil
}

// overRules walks under every rule: the asked one's targets first, and the
// least and the most of each over all.
func (v *Views) overRules(ctx context.Context, a TargetsAsk, list *Targets, look func(poolKey) outlook) error {
	rows, under := map[poolKey]*Target{}, map[poolKey][]tracing.Rule{}
	lands := list.Now.Add(list.Latency)
	rules := 0
	for _, rule := range tracing.Rules() {
		if rule.Rule == tracing.Poison {
			continue
		}
		rules++
		a.Rule = rule.Rule
		t, err := v.Trace(ctx, a.Ask)
		if err != nil {
			return err
		}
		found, err := freeMoney(t)
		if err != nil {
			return err
		}
		for key, owners := range found {
			row := rows[key]
			if row == nil {
				row = &Target{Account: key.account, Asset: key.asset}
				rows[key] = row
			}
			sum := ownersSum(owners)
			expected := look(key).expected(sum, lands)
			if len(under[key]) == 0 || expected.Less(row.Least) {
				row.Least = expected
			}
			row.Most = most(row.Most, expected)
			under[key] = append(under[key], rule.Rule)
			if rule.Rule == list.Rule {
				row.Traced, row.Victims, row.Expected = sum, owners, expected
			}
		}
	}
	for key, row := range rows {
		if len(under[key]) < rules {
			row.Least = domain.Units{}
		}
		if len(under[key]) == 1 {
			row.OneRule = under[key][0]
		}
		list.Rows = append(list.Rows, *row)
	}
	return nil
}

func ownersSum(owners []tracing.Owner) (sum domain.Units) {
	for _, o := range owners {
		sum = sum.Plus(o.Units) // parts of one balance
	}
	return sum
}

// freeMoney is what of victims' money lies at large, by pool: no more of each
// than he has not got back, so that an innocent holder's own money stays free.
func freeMoney(t *Traced) (map[poolKey][]tracing.Owner, error) {
	losses, err := lossesOf(t)
	if err != nil {
		return nil, err
	}
	left := map[reporter]domain.Units{}
	for _, l := range losses {
		if left[reporter{l.Victim, l.Asset}], err = l.Unrecovered(); err != nil {
			return nil, err
		}
	}
	skip := t.Assembly.homesAndEnds()
	found := map[poolKey][]tracing.Owner{}
	for _, pool := range t.Answer.Accounts {
		key := poolKey{pool.Account, pool.Asset}
		if skip(pool.Account) {
			continue
		}
		for _, owner := range pool.Traced {
			if units := freeOf(t, key, owner, left); units.Sign() > 0 {
				found[key] = append(found[key], tracing.Owner{Victim: owner.Victim, Units: units})
			}
		}
	}
	return found, nil
}

// freeOf is one victim's part of a pool that is at large, cut down in
// proportion where his claim there is more than he has not got back.
func freeOf(t *Traced, key poolKey, owner tracing.Owner, left map[reporter]domain.Units) domain.Units {
	units := owner.Units
	for _, victim := range t.Answer.Victims {
		if victim.Victim != owner.Victim {
			continue
		}
		var free, held domain.Units
		for _, place := range victim.Places {
			switch {
			case place.Account != key.account || place.Asset != key.asset:
			case place.State == tracing.AtLarge:
				free = free.Plus(place.Claim) // parts of one claim
			case place.State == tracing.Held:
				held = held.Plus(place.Claim)
			}
		}
		if all := free.Plus(held); all.Sign() > 0 {
			part, _ := owner.Units.Share(free.Min(left[reporter{victim.Victim, victim.Asset}]), all)
			units = units.Min(part)
		}
	}
	return units
}

// describe fills in what is known of each account, and says why it is there.
func (list *Targets) describe(look func(poolKey) outlook) {
	s := list.Assembly
	hops := hopsOf(s, list.At)
	for i := range list.Rows {
		row := &list.Rows[i]
		said := s.File.Accounts[row.Account]
		o := look(poolKey{row.Account, row.Asset})
		row.Institution, row.Country = said.Institution, cmp.Or(said.Country, ibanCountry(row.Account))
		row.Hop, row.Basis, row.Seen = hops[row.Account], o.basis, o.seen
		row.Coerced, row.Innocent = s.Accounts[row.Account].Coerced, s.Accounts[row.Account].Innocent
		row.Frontier = poolAt(list.Traced, row.Account, row.Asset).Frontier
		row.Why = row.why(list)
	}
}

// why is the reason in a sentence.
func (r *Target) why(list *Targets) string {
	show := func(u domain.Units) string { return r.Asset.Format(u) + " " + string(r.Asset.Code) }
	var victims []string
	for _, owner := range r.Victims {
		victims = append(victims, string(owner.Victim))
	}
	text := fmt.Sprintf("Under %s %s of %s lies here, last seen %s", list.Rule, show(r.Traced), strings.Join(victims, ", "), domain.Instant(r.Seen))
	if len(victims) == 0 {
		text = fmt.Sprintf("Under %s nobody's money lies here, but up to %s under another rule, last seen %s", list.Rule, show(r.Most), domain.Instant(r.Seen))
	}
	text += fmt.Sprintf("; by the stays of %s, %s is expected when a hold lands after %s min", r.Basis, show(r.Expected), Minutes(list.Latency))
	if r.Basis == OfNothing {
		text = strings.Replace(text, "; by the stays of nothing", "; no departure is known to learn from, so", 1)
	}
	text += fmt.Sprintf(" (least %s, most %s over the rules)", show(r.Least), show(r.Most))
	if r.OneRule != "" {
		text += fmt.Sprintf("; it is there under %s only", r.OneRule)
	}
	if _, name, unknown := strings.Cut(string(r.Account), "unknown:"); unknown {
		text += fmt.Sprintf("; nobody has named this account yet: ask who was paid by movement %s", name)
	}
	return text + "."
}

// rank puts the most expected first. Two assets can be compared only where
// the case has a currency and rates for both; else assets come by name, those
// with a worth first.
func (v *Views) rank(ctx context.Context, list *Targets) error {
	worth, err := v.worthIn(ctx, list.Assembly, list.Now)
	if err != nil {
		return err
	}
	slices.SortFunc(list.Rows, func(a, b Target) int {
		return cmp.Or(worth.compare(domain.Amount{Units: a.Expected, Asset: a.Asset}, domain.Amount{Units: b.Expected, Asset: b.Asset}),
			b.Most.Cmp(a.Most), cmp.Compare(a.Account, b.Account))
	})
	return nil
}

// worth compares amounts of several assets.
type worth struct {
	rates    domain.Rates
	currency domain.Asset // not given: nothing can be compared
	day      time.Time
}

func (v *Views) worthIn(ctx context.Context, s *Assembly, day time.Time) (worth, error) {
	w := worth{day: day.UTC().Truncate(24 * time.Hour)}
	if s.File.Currency == "" {
		return w, nil
	}
	register, err := v.Assets(ctx, s.Position)
	if err != nil {
		return w, err
	}
	if w.currency, err = register.Find(string(s.File.Currency)); err != nil {
		return w, err
	}
	w.rates, err = v.Rates(ctx, s.Position)
	return w, err
}

// compare puts the greater worth first.
func (w worth) compare(a, b domain.Amount) int {
	if a.Asset == b.Asset {
		return b.Units.Cmp(a.Units)
	}
	x, okX := w.of(a)
	y, okY := w.of(b)
	switch {
	case okX && okY:
		return y.Units.Cmp(x.Units)
	case okX != okY:
		return compareBool(okY, okX)
	}
	return cmp.Compare(a.Asset.Code, b.Asset.Code)
}

func (w worth) of(a domain.Amount) (domain.Amount, bool) {
	if w.currency.Code == "" {
		return domain.Amount{}, false
	}
	return w.rates.Convert(a, w.currency, w.day)
}
