package indicators

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/tracing"
)

// slow holds a second version of every indicator, written from its words alone:
// every window is tried and every cent goes its own way.
var slow = map[string]func([]seen, limits) int64{
	"pass-through": slowPassThrough, "dwell-time": slowDwell,
	"fan-in":         func(list []seen, l limits) int64 { return mostInWindow(meetings(list, true), l.span("days")) },
	"fan-out":        func(list []seen, l limits) int64 { return mostInWindow(meetings(list, false), l.span("days")) },
	"gather-scatter": slowGather, "many-credits-one-debit": slowOneDebit, "dormant-then-active": slowDormant,
	"structuring": slowStructuring, "test-payment": slowTest, "commission": slowCommission,
	"same-amount-conduit": slowConduit, "burst-then-silence": slowBurst, "gather-to-one-exit": slowExit,
}

// seen is a passage as the slow versions read it.
type seen struct {
	at    int64
	other domain.AccountID
	units domain.Units
	in    bool
}

func asSeen(p *pool) (list []seen) {
	for _, line := range p.list {
		list = append(list, seen{line.at, p.book.holders[line.other].name, line.units, line.in})
	}
	return list
}

func TestEveryIndicatorMeasuresWhatItsWordsSay(t *testing.T) {
	for name, measure := range slow {
		t.Run(name, func(t *testing.T) {
			row, err := Find(name + "@1")
			if err != nil {
				t.Fatal(err)
			}
			rapid.Check(t, func(rt *rapid.T) {
				p := somePool(rt)
				l := someLimits(rt, row)
				sameAsSlow(rt, row, p, outcome{measure(asSeen(p), l), l})
			})
		})
	}
}

// standard is read once: it is asked for at every draw.
var standard = Standard()

// someLimits are thresholds around what so few movements can reach.
func someLimits(rt *rapid.T, row Indicator) limits {
	l := standard.of(row.Name)
	l["days"], l["hours"], l["quiet"] = int64(rapid.IntRange(1, 6).Draw(rt, "days")), int64(rapid.IntRange(1, 72).Draw(rt, "hours")), int64(rapid.IntRange(2, 8).Draw(rt, "quiet"))
	if row.scale == counts {
		l[row.Against] = int64(rapid.IntRange(1, 4).Draw(rt, row.Against))
	}
	return l
}

// outcome is what a slow version measures under thresholds.
type outcome struct {
	measured int64
	l        limits
}

// sameAsSlow holds an indicator against its slow version: whether it fires,
// and if so what it measures. What does not fire may stop measuring early.
func sameAsSlow(rt *rapid.T, row Indicator, p *pool, want outcome) {
	got, reached := row.look(p.lookedAt(&p.book.scratch), want.l), want.measured >= want.l[row.Against] && want.measured > 0
	switch row.scale {
	case durations:
		reached = want.measured >= 0 && want.measured <= want.l[row.Against]
	case below:
		reached = want.measured >= 0 && want.measured < want.l[row.Against]
	}
	if fires := row.fires(got, want.l); fires != reached || fires && got.measured != want.measured {
		rt.Fatalf("%s at %s fires %v with %d, its slow version %v with %d, under %v, in %+v", row.Name, p.account, fires, got.measured, reached, want.measured, want.l, p.list)
	}
}

// somePool is what passed through one account, out of a book filled in a
// random order.
func somePool(rt *rapid.T) *pool {
	euro := domain.Asset{Code: "EUR", Digits: 2}
	var rows []tracing.Row
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := range rapid.IntRange(1, 30).Draw(rt, "rows") {
		at = at.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 7, 24, 60, 240}).Draw(rt, "hours")) * time.Hour)
		row := tracing.Row{Position: uint64(n + 1)}
		row.ID, row.Kind, row.When = domain.MovementID(fmt.Sprintf("m%d", n)), domain.Transfer, domain.Instant(at)
		row.Amount = domain.Amount{Units: domain.NewUnits(int64(rapid.SampledFrom([]int{5, 90, 95, 100, 1000, 60_000, 900_000, 950_000, 1_000_000}).Draw(rt, "units"))), Asset: euro}
		row.From, row.To = domain.AccountID(rapid.SampledFrom([]string{"P", "Q", "R", "S"}).Draw(rt, "other")), "M"
		if rapid.Bool().Draw(rt, "out") {
			row.From, row.To = row.To, row.From
		}
		rows = append(rows, row)
	}
	b := NewBook(nil)
	for _, row := range rapid.Permutation(rows).Draw(rt, "order of recording") {
		b.Add(&row)
	}
	return b.pools[b.holders[b.numbers["M"]].pools[0]]
}

func cents(u domain.Units) int64 { n, _ := u.Int64(); return n }

// slowStays matches in whole groups of five cents, which divide every amount.
func slowStays(list []seen) (lasted []int64, credits map[int]bool) {
	var queue []int
	credits = map[int]bool{}
	for n, line := range list {
		for range cents(line.units) / 5 {
			if line.in {
				queue = append(queue, n)
			} else if len(queue) > 0 {
				lasted, credits[queue[0]] = append(lasted, line.at-list[queue[0]].at), true
				queue = queue[1:]
			}
		}
	}
	return lasted, credits
}

func slowPassThrough(list []seen, l limits) int64 {
	lasted, _ := slowStays(list)
	in, quick, credits := int64(0), int64(0), int64(0)
	for _, line := range list {
		if line.in {
			in, credits = in+cents(line.units)/5, credits+1
		}
	}
	for _, d := range lasted {
		if d <= l.span("hours") {
			quick++
		}
	}
	if credits < l["credits"] {
		return 0
	}
	return quick * 1000 / in
}

func slowDwell(list []seen, l limits) int64 {
	lasted, credits := slowStays(list)
	if int64(len(credits)) < l["credits"] {
		return -1 // nothing to measure
	}
	slices.Sort(lasted)
	return lasted[(len(lasted)-1)/2] / int64(time.Minute)
}

// meetings are the times of the first passage with each other account.
func meetings(list []seen, in bool) (times []int64) {
	for n, line := range list {
		met := slices.ContainsFunc(list[:n], func(earlier seen) bool { return earlier.other == line.other })
		if !met && line.in == in {
			times = append(times, line.at)
		}
	}
	return times
}

func mostInWindow(times []int64, span int64) (most int64) {
	for _, from := range times {
		many := int64(0)
		for _, at := range times {
			if at >= from && at-from <= span {
				many++
			}
		}
		most = max(most, many)
	}
	return most
}

func slowGather(list []seen, l limits) (most int64) {
	for n, moment := range list {
		before, after := meetings(list[:n+1], true), int64(0)
		before = slices.DeleteFunc(before, func(at int64) bool { return moment.at-at > l.span("days") })
		for m, line := range list {
			met := slices.ContainsFunc(list[:m], func(earlier seen) bool { return earlier.other == line.other })
			if m > n && !met && !line.in && line.at-moment.at <= l.span("days") {
				after++
			}
		}
		if moment.in && !slices.ContainsFunc(list[:n], func(earlier seen) bool { return earlier.other == moment.other }) {
			most = max(most, min(int64(len(before)), after))
		}
	}
	return most
}

func slowOneDebit(list []seen, l limits) (most int64) {
	for n, debit := range list {
		in, many := int64(0), int64(0)
		for m := n - 1; m >= 0 && !debit.in && list[m].in && debit.at-list[m].at <= l.span("days"); m-- {
			in, many = in+cents(list[m].units), many+1
		}
		if many > 0 && cents(debit.units)*100 >= in*l["percent"] {
			most = max(most, many)
		}
	}
	return most
}

func slowDormant(list []seen, l limits) (most int64) {
	for n := 1; n < len(list); n++ {
		if list[n].at-list[n-1].at < l.span("quiet") {
			continue
		}
		before, after := int64(0), int64(0)
		for m, line := range list {
			if m < n {
				before += cents(line.units)
			} else if line.at-list[n].at <= l.span("days") {
				after += cents(line.units)
			}
		}
		most = max(most, after*100*max(1, (list[n-1].at-list[0].at)/l.span("days"))/before)
	}
	return most
}

func slowStructuring(list []seen, l limits) int64 {
	var times []int64
	for _, line := range list {
		if line.in && cents(line.units) >= 900_000 && cents(line.units) < 1_000_000 {
			times = append(times, line.at)
		}
	}
	return mostInWindow(times, l.span("hours"))
}

func slowTest(list []seen, l limits) int64 {
	found := map[domain.AccountID]bool{}
	for m, large := range list {
		last := -1
		for n, small := range list[:m] {
			if small.in && small.other == large.other && cents(small.units) <= 1000 {
				last = n
			}
		}
		if last >= 0 && large.in && cents(large.units) >= 50_000 && large.at-list[last].at <= l.span("days") {
			found[large.other] = true
		}
	}
	return int64(len(found))
}

func slowCommission(list []seen, l limits) (most int64) {
	var shares []int64
	for n := 1; n < len(list); n++ {
		in, out := list[n-1], list[n]
		stays := cents(in.units) - cents(out.units)
		if in.in && !out.in && in.other != out.other && stays >= 0 && out.at-in.at <= l.span("days") {
			shares = append(shares, stays*1000/cents(in.units))
		}
	}
	for low := int64(10); low <= 200; low++ {
		many := int64(0)
		for _, share := range shares {
			if share >= low && share <= min(200, low+10) {
				many++
			}
		}
		most = max(most, many)
	}
	return most
}

func slowConduit(list []seen, l limits) (pairs int64) {
	taken := map[int]bool{}
	for n, debit := range list {
		for m := 0; m < n && !debit.in; m++ {
			credit := list[m]
			if credit.in && !taken[m] && credit.units == debit.units && credit.other != debit.other && debit.at-credit.at <= l.span("days") {
				taken[m], pairs = true, pairs+1
				break
			}
		}
	}
	return pairs
}

func slowBurst(list []seen, l limits) (most int64) {
	for n := 0; n+1 < len(list); n++ {
		many := int64(0)
		for m := 0; m <= n; m++ {
			if list[n].at-list[m].at <= l.span("days") {
				many++
			}
		}
		if list[n+1].at-list[n].at >= l.span("quiet") {
			most = max(most, many)
		}
	}
	return most
}

func slowExit(list []seen, l limits) int64 {
	payers, in, out := map[domain.AccountID]bool{}, int64(0), int64(0)
	paid := map[domain.AccountID]int64{}
	for _, line := range list {
		if line.in {
			payers[line.other], in = true, in+cents(line.units)
		} else {
			paid[line.other], out = paid[line.other]+cents(line.units), out+cents(line.units)
		}
	}
	for _, sum := range paid {
		if sum*100 >= out*l["percent"] && sum*100 >= in*l["percent"] && in > 0 {
			return int64(len(payers))
		}
	}
	return 0
}
