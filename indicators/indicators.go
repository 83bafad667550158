// Package indicators looks for signs of mule accounts in a case's movements.
// Each indicator is one row of one table: a name, a version, thresholds with
// their sources, its formula in words and what an innocent explanation would
// be. What it finds names the account and the very movements that show it.
//
// A finding is a reason to look, never a verdict, and blocks nothing: the
// holder may be a victim, may act under force, or may keep a shop. There is no
// sum of findings and no score. The room is pure: the same movements under the
// same thresholds give the same findings on any machine. It refuses to guess:
// what the movements do not say is not found.
//
//	book := indicators.NewBook(accounts)
//	for row := range rows {
//		book.Add(row)
//	}
//	findings, err := book.Findings(indicators.Ask{Thresholds: indicators.Standard()})
package indicators

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"clew/domain"
)

// Finding is one indicator that fires at one account, in one asset.
type Finding struct {
	Indicator  string
	Version    int
	Account    domain.AccountID
	Asset      domain.Asset
	Strength   int   // 50 at the threshold, 100 at twice it or at the most there can be
	Measured   int64 // in the unit of the threshold that it is held against
	Says       string
	Innocent   string      // what an innocent explanation would be
	Recognised Recognition // what already speaks for the holder; "" for nothing
	From, To   time.Time   // of the first and the last movement that show it
	Movements  []domain.MovementID
	Thresholds map[string]int64
}

// Indicator is one row of the table.
type Indicator struct {
	Name     string
	Version  int    // of the formula; an older one stays in the table, so that an old finding can be made again
	Formula  string // in words
	Says     string // what a finding says; names in braces stand for thresholds and for what was measured
	Innocent string
	Against  string   // the threshold that the measure is held against
	needs    []string // its thresholds
	look     func(*pool, limits) sign
	scale    scale
}

// sign is what an indicator measures in a pool, and what shows it.
type sign struct {
	measured int64
	shown    []int   // passages of the pool
	beyond   []int32 // movements, also of other accounts
	remark   string  // what must be read with it
}

// scale says how a measure becomes a strength.
type scale int

const (
	counts    scale = iota // the more, the stronger
	shares                 // permille: the more, the stronger; a thousand is all
	durations              // minutes: the fewer, the stronger
	below                  // fires below its threshold: the fewer, the stronger
)

// limits are an indicator's thresholds by name.
type limits map[string]int64

func (l limits) span(name string) int64 {
	if name == "hours" {
		return int64(time.Hour) * l[name]
	}
	return int64(24*time.Hour) * l[name]
}

// Find gives an indicator by name, or by name and version as in
// "pass-through@1"; without a version, the newest.
func Find(text string) (Indicator, error) {
	name, version, exact := strings.Cut(text, "@")
	number, wrong := strconv.Atoi(version)
	best := Indicator{}
	for _, row := range Table() {
		if row.Name == name && (!exact || wrong == nil && row.Version == number) && row.Version > best.Version {
			best = row
		}
	}
	if best.Name == "" {
		return best, domain.Usage("indicator %q is not known: use one of %s", text, strings.Join(Names(), ", "))
	}
	return best, nil
}

// Names lists every indicator once, in the order of the table.
func Names() (names []string) {
	for _, row := range Table() {
		if !slices.Contains(names, row.Name) {
			names = append(names, row.Name)
		}
	}
	return names
}

// newest leaves of each indicator its highest version.
func newest() (rows []Indicator) {
	for _, name := range Names() {
		row, _ := Find(name)
		rows = append(rows, row)
	}
	return rows
}

// fires says whether a measure reaches its threshold.
func (i *Indicator) fires(s sign, l limits) bool {
	if len(s.shown)+len(s.beyond) == 0 {
		return false
	}
	switch i.scale {
	case durations:
		return s.measured <= l[i.Against]
	case below:
		return s.measured < l[i.Against]
	}
	return s.measured >= l[i.Against]
}

// strength is 50 at the threshold and 100 at most.
func (i *Indicator) strength(measured, threshold int64) int {
	switch i.scale {
	case shares:
		return int(50 + 50*(measured-threshold)/max(1, 1000-threshold))
	case durations, below:
		return int(min(100, 50*threshold/max(1, measured)))
	}
	return int(min(100, 50*measured/max(1, threshold)))
}

func (i *Indicator) sentence(measured int64, l limits) string {
	text := strings.ReplaceAll(i.Says, "{measured}", fmt.Sprint(measured))
	for name, value := range l {
		text = strings.ReplaceAll(text, "{"+name+"}", fmt.Sprint(value))
	}
	return text
}

// finding looks at one pool.
func (i *Indicator) finding(p *pool, l limits) (Finding, bool) {
	s := i.look(p, l)
	if !i.fires(s, l) {
		return Finding{}, false
	}
	f := Finding{Indicator: i.Name, Version: i.Version, Account: p.account, Asset: p.asset, Measured: s.measured, Innocent: i.Innocent,
		Strength: i.strength(s.measured, l[i.Against]), Says: i.sentence(s.measured, l) + s.remark, Thresholds: l}
	rows := p.movements(s)
	for _, n := range rows {
		f.Movements = append(f.Movements, p.book.rows[n].id)
	}
	f.From, f.To = timeOf(p.book.rows[rows[0]].at), timeOf(p.book.rows[rows[len(rows)-1]].at)
	return f, true
}

// movements are those that show a sign, each once, in their order, which is
// that of the pool's passages.
func (p *pool) movements(s sign) []int32 {
	rows := slices.Clone(s.beyond)
	slices.Sort(s.shown)
	for _, n := range slices.Compact(s.shown) {
		rows = append(rows, p.list[n].row)
	}
	if len(s.beyond) == 0 {
		return slices.Compact(rows)
	}
	slices.SortFunc(rows, func(a, b int32) int {
		one, other := &p.book.rows[a], &p.book.rows[b]
		return cmp.Or(cmp.Compare(one.at, other.at), cmp.Compare(one.position, other.position), cmp.Compare(a, b))
	})
	return slices.Compact(rows)
}

func timeOf(nanoseconds int64) time.Time { return time.Unix(0, nanoseconds).UTC() }

// inOrder sorts findings by account, asset and indicator.
func inOrder(list []Finding) {
	slices.SortStableFunc(list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Asset.Code, b.Asset.Code), cmp.Compare(a.Asset.Digits, b.Asset.Digits))
	})
}

// Fewer says whether an indicator fires at or below its threshold, and not at
// or above.
func (i Indicator) Fewer() bool { return i.scale == durations || i.scale == below }
