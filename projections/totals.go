package projections

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"clew/domain"
)

// TotalsAsk asks what was intercepted. Ask.Case may be empty: all cases. At is
// as_of: what had happened by then. Rule "" is each case's own.
type TotalsAsk struct {
	Ask
	By string // one of TotalsBy, or "" for one row an asset
}

// TotalsBy lists by what totals can be grouped.
func TotalsBy() []string {
	return []string{"mechanism", "country", "institution", "scam", "month", "case", "operation"}
}

// Totals are what was requested, held, seized and restored. They are different
// ledgers: no sum of two of them means anything.
type Totals struct {
	Rule     string // of held_traced; "each case's own" where several cases have several
	AsOf     time.Time
	Position uint64
	Overlap  bool // rows may count the same money: grouped by case
	Rows     []TotalsRow
}

// TotalsRow is one group's totals in one asset.
type TotalsRow struct {
	Group       map[string]string
	Asset       domain.Asset
	Requests    int          // that went out; drafts do not count
	Requested   domain.Units // one loss once, whoever was asked for it
	Held        domain.Units // ever, each unit once; it may exceed the known loss
	HeldTraced  domain.Units // of Held, to known victims; under the rule
	OverHeld    domain.Units // Held less HeldTraced
	UnderHeld   domain.Units // traced, and left free by the last hold on the account
	Seized      domain.Units
	Restored    domain.Units
	Released    domain.Units
	Returned    domain.Units
	Transferred domain.Units
	Waits       []time.Duration // from submitted to first held, shortest first
}

// Totals answers what was intercepted (FREEZES, ledgers, 2 and 6).
func (v *Views) Totals(ctx context.Context, a TotalsAsk) (*Totals, error) {
	if a.By != "" && !slices.Contains(TotalsBy(), a.By) {
		return nil, domain.Usage("totals cannot be grouped by %q: take one of %s", a.By, strings.Join(TotalsBy(), ", "))
	}
	upto, err := v.resolve(ctx, a.Ask)
	if err != nil {
		return nil, err
	}
	a.Upto, a.KnownAt = upto, time.Time{}
	files, err := v.Freezes(ctx, a.Ask)
	if err != nil {
		return nil, err
	}
	totals := &Totals{AsOf: a.At, Position: upto, Overlap: a.By == "case"}
	if totals.Rule, err = v.ruleOf(ctx, a.Ask, files); err != nil {
		return nil, err
	}
	rows := map[string]*TotalsRow{}
	for _, together := range countedTogether(files, a.By) {
		list, err := v.intercept(ctx, a.Ask, together)
		if err != nil {
			return nil, err
		}
		for _, i := range list {
			if err := v.addTo(ctx, rows, a, i); err != nil {
				return nil, err
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		totals.Rows = append(totals.Rows, *rows[key])
	}
	return totals, nil
}

// countedTogether is one list of all freezes, in which each unit counts once;
// by case each case has a list of its own, and rows may overlap.
func countedTogether(files []*FreezeFile, by string) [][]*FreezeFile {
	if by != "case" {
		return [][]*FreezeFile{files}
	}
	var lists [][]*FreezeFile
	at := map[domain.CaseID]int{}
	for _, f := range files {
		n, known := at[f.Case]
		if !known {
			n = len(lists)
			at[f.Case], lists = n, append(lists, nil)
		}
		lists[n] = append(lists[n], f)
	}
	return lists
}

// ruleOf names the rule that held_traced rests on.
func (v *Views) ruleOf(ctx context.Context, a Ask, files []*FreezeFile) (string, error) {
	name := ""
	for _, f := range files {
		assembly, err := v.Assemble(ctx, f.Case, a.Upto)
		if err != nil {
			return "", err
		}
		rule, _ := chosenRule(a.Rule, assembly.File)
		if name != "" && name != string(rule) {
			return "each case's own", nil
		}
		name = string(rule)
	}
	if name == "" {
		rule, _ := chosenRule(a.Rule, &domain.CaseFile{})
		name = string(rule)
	}
	return name, nil
}

// addTo adds a freeze to its group's row. What neither went out nor held
// anything is not there.
func (v *Views) addTo(ctx context.Context, rows map[string]*TotalsRow, a TotalsAsk, i *interception) error {
	if !i.isRequest() && i.nothing() {
		return nil
	}
	group, err := v.groupOf(ctx, a, i.FreezeFile)
	if err != nil {
		return err
	}
	key := fmt.Sprintf("%q %s %d", []string{group[a.By], group["from"]}, i.Asset().Code, i.Asset().Digits)
	row := rows[key]
	if row == nil {
		row = &TotalsRow{Group: group, Asset: i.Asset()}
		rows[key] = row
	}
	return row.add(i)
}

func (i *interception) nothing() bool {
	return i.held.IsZero() && i.released.IsZero() && i.returned.IsZero() && i.seized.IsZero() && i.restored.IsZero() && i.moved.IsZero()
}

func (r *TotalsRow) add(i *interception) error {
	for _, sum := range []struct {
		of *domain.Units
		by domain.Units
	}{
		{&r.Requested, i.requested}, {&r.Held, i.held}, {&r.HeldTraced, i.traced}, {&r.OverHeld, i.held.Minus(i.traced)}, {&r.UnderHeld, i.under},
		{&r.Seized, i.seized}, {&r.Restored, i.restored}, {&r.Released, i.released}, {&r.Returned, i.returned}, {&r.Transferred, i.moved},
	} {
		total, err := sum.of.Add(sum.by)
		if err != nil {
			return fmt.Errorf("totals of %s: %w", r.Asset.Code, err)
		}
		*sum.of = total
	}
	if i.isRequest() {
		r.Requests++
	}
	if wait, ok := i.wait(); ok {
		at, _ := slices.BinarySearch(r.Waits, wait)
		r.Waits = slices.Insert(r.Waits, at, wait)
	}
	return nil
}

// wait is how long a request waited for its first hold. A hold that was there
// before the request did not wait for it.
func (i *interception) wait() (time.Duration, bool) {
	wait := between(i.SubmittedAt, i.FirstHeldAt)
	return wait, i.isRequest() && !i.FirstHeldAt.IsZero() && wait >= 0
}

// rateDigits is how finely a success rate is shown: a hundredth of a percent.
const rateDigits = 4

// SuccessRate is held ÷ requested, to four decimals, halves to even; it may
// exceed 1. false where nothing was requested.
func (r TotalsRow) SuccessRate() (string, bool) {
	if r.Requested.IsZero() {
		return "", false
	}
	return ratio(r.Held.Big(), r.Requested.Big(), rateDigits), true
}

// ratio writes a fraction of counts with so many decimals, halves to even.
func ratio(part, whole *big.Int, digits int64) string {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(digits), nil)
	quotient, rest := new(big.Int).QuoRem(new(big.Int).Mul(part, scale), whole, new(big.Int))
	if c := rest.Lsh(rest, 1).Cmp(whole); c > 0 || c == 0 && quotient.Bit(0) == 1 {
		quotient.Add(quotient, big.NewInt(1))
	}
	text := fmt.Sprintf("%0*s", int(digits)+1, quotient)
	return text[:len(text)-int(digits)] + "." + text[len(text)-int(digits):]
}

// MedianToHold is the median wait from submitted to first held; of an even
// number the middle between the two. false where nothing was held.
func (r TotalsRow) MedianToHold() (time.Duration, bool) {
	n := len(r.Waits)
	if n == 0 {
		return 0, false
	}
	low, high := r.Waits[(n-1)/2], r.Waits[n/2]
	return low + (high-low)/2, true
}

// MarshalJSON writes the rows of CONTRACT.
func (r TotalsRow) MarshalJSON() ([]byte, error) {
	show := r.Asset.Format
	out := struct {
		Group       map[string]string `json:"group"`
		Asset       domain.AssetCode  `json:"asset"`
		Requests    int               `json:"requests"`
		Requested   string            `json:"requested"`
		Held        string            `json:"held"`
		HeldTraced  string            `json:"held_traced"`
		OverHeld    string            `json:"over_held"`
		UnderHeld   string            `json:"under_held"`
		Seized      string            `json:"seized"`
		Restored    string            `json:"restored"`
		Released    string            `json:"released"`
		Returned    string            `json:"returned"`
		Transferred string            `json:"transferred"`
		SuccessRate *string           `json:"success_rate"`
		Median      *json.Number      `json:"median_minutes_to_hold"`
	}{r.Group, r.Asset.Code, r.Requests, show(r.Requested), show(r.Held), show(r.HeldTraced), show(r.OverHeld), show(r.UnderHeld), show(r.Seized),
		show(r.Restored), show(r.Released), show(r.Returned), show(r.Transferred), nil, nil}
	if rate, ok := r.SuccessRate(); ok {
		out.SuccessRate = &rate
	}
	if median, ok := r.MedianToHold(); ok {
		minutes := Minutes(median)
		out.Median = &minutes
	}
	return json.Marshal(out)
}

// MarshalJSON writes totals as CONTRACT has them, and the position with them.
func (t Totals) MarshalJSON() ([]byte, error) {
	out := struct {
		Rule     string      `json:"rule"`
		AsOf     *string     `json:"as_of"`
		Position uint64      `json:"position"`
		Overlap  bool        `json:"overlap"`
		Rows     []TotalsRow `json:"rows"`
	}{t.Rule, nil, t.Position, t.Overlap, append([]TotalsRow{}, t.Rows...)}
	if !t.AsOf.IsZero() {
		asOf := domain.Instant(t.AsOf).String()
		out.AsOf = &asOf
	}
	return json.Marshal(out)
}

// Minutes writes a time in minutes, exactly where it is whole, else to two
// decimals.
func Minutes(d time.Duration) json.Number {
	if d%time.Minute == 0 {
		return json.Number(fmt.Sprint(int64(d / time.Minute)))
	}
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	return json.Number(sign + ratio(big.NewInt(int64(d)), big.NewInt(int64(time.Minute)), 2))
}

// groupOf says in which group a freeze counts, with all its sums.
func (v *Views) groupOf(ctx context.Context, a TotalsAsk, f *FreezeFile) (map[string]string, error) {
	assembly, err := v.Assemble(ctx, f.Case, a.Upto)
	if err != nil {
		return nil, err
	}
	switch a.By {
	case "mechanism":
		return map[string]string{a.By: f.Request.Mechanism}, nil
	case "country":
		return map[string]string{a.By: countryOf(assembly, f), "from": countryFrom(assembly, f)}, nil
	case "institution":
		return map[string]string{a.By: institutionOf(assembly, f)}, nil
	case "scam":
		return map[string]string{a.By: scamOf(assembly, f)}, nil
	case "month":
		return map[string]string{a.By: monthOf(f)}, nil
	case "case":
		return map[string]string{a.By: string(f.Case)}, nil
	case "operation":
		return map[string]string{a.By: f.Request.Operation}, nil
	}
	return map[string]string{}, nil
}

// countryOf is where the account is held: as the request says, as people have
// described it, as its IBAN begins; "" where nobody knows.
func countryOf(s *Assembly, f *FreezeFile) string {
	return cmp.Or(f.Request.Country, s.File.Accounts[f.Account].Country, ibanCountry(f.Account))
}

// countryFrom is the country that the money left: the victims', else that of
// the account it left.
func countryFrom(s *Assembly, f *FreezeFile) string {
	var countries []string
	for _, victim := range f.Request.Victims {
		if country := s.File.Victims[victim].Country; country != "" && !slices.Contains(countries, country) {
			countries = append(countries, country)
		}
	}
	if len(countries) > 0 {
		slices.Sort(countries)
		return strings.Join(countries, ",")
	}
	if row := lossOf(s, f.Request); row != nil {
		return cmp.Or(s.File.Accounts[row.From].Country, ibanCountry(row.From))
	}
	return ""
}

func ibanCountry(account domain.AccountID) string {
	if account.Kind() != domain.KindIBAN {
		return ""
	}
	return string(account[len("iban:"):][:2])
}

// institutionOf is who holds the account.
func institutionOf(s *Assembly, f *FreezeFile) string {
	bank := ""
	if f.Request.Wire != nil {
		bank = f.Request.Wire.BeneficiaryBank
	}
	return cmp.Or(s.File.Accounts[f.Account].Institution, f.Request.Responding, bank)
}

// scamOf is the typology of the payment that is spoken of, else of all that
// its victims reported, sorted and joined with commas.
func scamOf(s *Assembly, f *FreezeFile) string {
	if f.Request.Payment != "" {
		if row := lossOf(s, f.Request); row != nil {
			return string(row.Scam)
		}
	}
	var scams []string
	for r := range s.Rows() {
		if r.Scam != "" && slices.Contains(f.Request.Victims, r.Victim) && !slices.Contains(scams, string(r.Scam)) {
			scams = append(scams, string(r.Scam))
		}
	}
	slices.Sort(scams)
	return strings.Join(scams, ",")
}

// monthOf is the month (UTC) in which the request went out, else that of the
// first hold, else of the first news.
func monthOf(f *FreezeFile) string {
	at := f.Request.At
	if !f.FirstHeldAt.IsZero() {
		at = f.FirstHeldAt
	}
	if !f.SubmittedAt.IsZero() {
		at = f.SubmittedAt
	}
	return at.Time.UTC().Format("2006-01")
}
