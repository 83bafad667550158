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

// slowRoutes holds a second version of every indicator that looks beyond one
// account: every path is tried.
var slowRoutes = map[string]func([]tracing.Row, domain.AccountID, limits) int64{
	"cycle": slowCycle, "scatter-gather": slowScatterGather, "layer-decay": slowDecay,
	"payback": slowPayback, "savings-emptied": slowEmptied, "loan-then-paid": slowBorrowed, "first-exchange-payment": slowFirstExchange,
	"new-account-out-of-line": slowNewAccount, "exchange-in-and-out": slowAtExchange, "several-exchanges-abroad": slowAbroad,
}

func TestEveryRouteIsFoundThatExists(t *testing.T) {
	for name, measure := range slowRoutes {
		t.Run(name, func(t *testing.T) {
			row, err := Find(name)
			if err != nil {
				t.Fatal(err)
			}
			rapid.Check(t, func(rt *rapid.T) {
				rows := someNetwork(rt)
				b := NewBook(someSaid)
				for _, one := range rapid.Permutation(rows).Draw(rt, "order of recording") {
					b.Add(&one)
				}
				l := someLimits(rt, row)
				l["longest"], l["percent"], l["least"] = int64(rapid.IntRange(3, 5).Draw(rt, "longest")), int64(rapid.IntRange(40, 100).Draw(rt, "percent")), 20
				if row.Name == "new-account-out-of-line" {
					l["amount"] = int64(rapid.IntRange(1, 30).Draw(rt, "amount"))
				}
				for _, p := range b.pools {
					sameAsSlow(rt, row, p, outcome{measure(rows, p.account, l), l})
				}
			})
		})
	}
}

// someSaid is what people say about some of a network's accounts.
var someSaid = map[domain.AccountID]Said{
	"B": {Account: tracing.Account{Victim: "V1"}, Country: "DE", Opened: time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC)},
	"D": {Labels: []string{"licensed lender"}, Country: "DE"},
	"E": {Labels: []string{"exchange"}, Country: "FR", Institution: "One"}, "vasp:two/1": {Country: "GB", Institution: "Two"}, "vasp:three/1": {},
}

// someNetwork is payments among few accounts, in the order of time, in amounts
// between which chains of a small fall exist.
func someNetwork(rt *rapid.T) (rows []tracing.Row) {
	names := []domain.AccountID{"A", "B", "C", "D", "E", "merchant:m", "vasp:two/1", "vasp:three/1"}
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := range rapid.IntRange(1, 24).Draw(rt, "rows") {
		at = at.Add(time.Duration(rapid.SampledFrom([]int{0, 1, 2, 7, 24, 60}).Draw(rt, "hours")) * time.Hour)
		row := tracing.Row{Position: uint64(n + 1)}
		row.ID, row.Kind, row.When = domain.MovementID(fmt.Sprintf("m%d", n)), domain.Transfer, domain.Instant(at)
		row.Amount = domain.Amount{Units: domain.NewUnits(int64(rapid.SampledFrom([]int{100, 800, 950, 970, 1000}).Draw(rt, "units"))), Asset: domain.Asset{Code: "EUR", Digits: 2}}
		row.From, row.To = rapid.SampledFrom(names).Draw(rt, "from"), rapid.SampledFrom(names).Draw(rt, "to")
		switch rapid.IntRange(0, 8).Draw(rt, "sort") {
		case 0:
			row.Kind, row.From = domain.Opening, ""
		case 1, 2:
			row.Victim = rapid.SampledFrom([]domain.VictimID{"V1", "V2"}).Draw(rt, "victim")
		}
		if row.From != row.To {
			rows = append(rows, row)
		}
	}
	return rows
}

// later says whether one movement comes truly after another one.
func later(one, other tracing.Row) bool {
	return one.When.Time.After(other.When.Time) || one.When.Time.Equal(other.When.Time) && one.Position > other.Position
}

func gap(from, to tracing.Row) int64 { return int64(to.When.Time.Sub(from.When.Time)) }

func euros(r tracing.Row) int64 { return cents(r.Amount.Units) }

func slowCycle(rows []tracing.Row, m domain.AccountID, l limits) (rings int64) {
	if m.Kind().End() {
		return 0
	}
	for _, first := range rows {
		if first.From == m && slowReturns(rows, []tracing.Row{first}, l) {
			rings++
		}
	}
	return rings
}

// slowReturns tries every way on from a path.
func slowReturns(rows, path []tracing.Row, l limits) bool {
	first, last := path[0], path[len(path)-1]
	for _, next := range rows {
		fits := next.From == last.To && !last.To.Kind().End() && later(next, last) && gap(first, next) <= l.span("days") &&
			euros(next) <= euros(first) && euros(next)*100/1 >= euros(first)*l["percent"]/100*100
		visited := slices.ContainsFunc(path, func(p tracing.Row) bool { return p.To == next.To })
		switch {
		case !fits || visited:
		case next.To == first.From && len(path) >= 2:
			return true
		case next.To != first.From && int64(len(path)+2) <= l["longest"] && slowReturns(rows, append(slices.Clone(path), next), l):
			return true
		}
	}
	return false
}

func slowScatterGather(rows []tracing.Row, m domain.AccountID, l limits) (most int64) {
	if m.Kind().End() {
		return 0
	}
	for _, begin := range rows {
		between := map[[2]domain.AccountID]map[domain.AccountID]bool{}
		for _, one := range rows {
			for _, two := range rows {
				ends := [2]domain.AccountID{one.From, two.To}
				if one.From == "" || one.To != two.From || one.To.Kind().End() || !later(two, one) || ends[0] == ends[1] || ends[0] != m && ends[1] != m ||
					gap(begin, one) < 0 || gap(begin, two) > l.span("days") {
					continue
				}
				if between[ends] == nil {
					between[ends] = map[domain.AccountID]bool{}
				}
				between[ends][one.To] = true
				most = max(most, int64(len(between[ends])))
			}
		}
	}
	return most
}

func slowDecay(rows []tracing.Row, m domain.AccountID, l limits) (most int64) {
	var grow func(chain []tracing.Row)
	grow = func(chain []tracing.Row) {
		if slices.ContainsFunc(chain, func(r tracing.Row) bool { return r.To == m }) {
			most = max(most, int64(len(chain)))
		}
		last := chain[len(chain)-1]
		for _, next := range rows {
			lost := (euros(last) - euros(next)) * 1000
			if next.From == last.To && !last.To.Kind().End() && later(next, last) && gap(chain[0], next) <= l.span("hours") &&
				lost > 0 && lost >= euros(last)*l["least"] && lost <= euros(last)*l["most"] {
				grow(append(slices.Clone(chain), next))
			}
		}
	}
	for _, first := range rows {
		if first.From != "" {
			grow([]tracing.Row{first})
		}
	}
	return most
}

// slowHome says whether an account is a home of a victim: no end, and described
// so, or he reports a payment from it.
func slowHome(rows []tracing.Row, account domain.AccountID, v domain.VictimID) bool {
	return !account.Kind().End() && (someSaid[account].Victim == v || slices.ContainsFunc(rows, func(r tracing.Row) bool { return r.From == account && r.Victim == v }))
}

func slowPayback(rows []tracing.Row, m domain.AccountID, l limits) (paybacks int64) {
	for _, bait := range rows {
		for _, v := range []domain.VictimID{"V1", "V2"} {
			if bait.From != m || !slowHome(rows, bait.To, v) {
				continue
			}
			paid, lured := int64(0), false
			for _, r := range rows {
				if r.Victim == v && later(bait, r) {
					paid += euros(r)
				}
				lured = lured || r.Victim == v && later(r, bait) && gap(bait, r) <= l.span("days") && euros(r) > euros(bait)
			}
			if lured && paid > 0 && euros(bait)*100 <= paid*l["percent"] {
				paybacks++
			}
		}
	}
	return paybacks
}

func slowEmptied(rows []tracing.Row, m domain.AccountID, l limits) (most int64) {
	if !slices.ContainsFunc(rows, func(r tracing.Row) bool { return r.Kind == domain.Opening && r.To == m }) {
		return 0
	}
	balance := int64(0)
	for n, first := range rows {
		lay, paid := balance, int64(0)
		for _, r := range rows[n:] {
			switch {
			case gap(first, r) > l.span("days"):
			case r.To == m:
				lay += euros(r)
			case r.From == m && r.Victim != "":
				paid += euros(r)
			}
		}
		if first.From == m && first.Victim != "" && lay > 0 {
			most = max(most, min(paid, lay)*1000/lay)
		}
		switch m {
		case first.To:
			balance += euros(first)
		case first.From:
			balance = max(0, balance-euros(first))
		}
	}
	return most
}

func slowBorrowed(rows []tracing.Row, m domain.AccountID, l limits) (many int64) {
	for _, paid := range rows {
		lent := slices.ContainsFunc(rows, func(r tracing.Row) bool {
			return r.From == "D" && r.To == m && later(paid, r) && gap(r, paid) <= l.span("days")
		})
		if paid.From == m && paid.Victim != "" && lent {
			many++
		}
	}
	return many
}

func slowExchange(a domain.AccountID) bool { return a == "E" || a.Kind() == domain.KindVASP }

func slowFirstExchange(rows []tracing.Row, m domain.AccountID, _ limits) int64 {
	if !slowHome(rows, m, "V1") && !slowHome(rows, m, "V2") {
		return 0
	}
	known := slices.IndexFunc(rows, func(r tracing.Row) bool { return r.From == m || r.To == m })
	for _, r := range rows {
		if r.From == m && slowExchange(r.To) {
			return gap(rows[known], r) / int64(24*time.Hour)
		}
	}
	return 0
}

func slowNewAccount(rows []tracing.Row, m domain.AccountID, l limits) int64 {
	all, opened := int64(0), someSaid[m].Opened
	for _, r := range rows {
		if age := r.When.Time.Sub(opened); !opened.IsZero() && r.To == m && age >= 0 && int64(age) <= l.span("days") {
			all += euros(r)
		}
	}
	return all / 100
}

func slowAtExchange(rows []tracing.Row, m domain.AccountID, l limits) int64 {
	if !slowExchange(m) {
		return 0
	}
	var list []seen
	for _, r := range rows {
		if r.From == m || r.To == m {
			list = append(list, seen{r.When.Time.UnixNano(), r.From, r.Amount.Units, r.To == m})
		}
	}
	if !slices.ContainsFunc(list, func(s seen) bool { return s.in }) {
		return 0
	}
	return slowPassThrough(list, l)
}

func slowAbroad(rows []tracing.Row, m domain.AccountID, l limits) (most int64) {
	for _, first := range rows {
		names := map[string]bool{}
		for _, r := range rows {
			said := someSaid[r.To]
			if someSaid[m].Country != "" && r.From == m && slowExchange(r.To) && said.Country != "" && said.Country != someSaid[m].Country &&
				gap(first, r) >= 0 && gap(first, r) <= l.span("days") {
				names[said.Institution] = true
			}
		}
		most = max(most, int64(len(names)))
	}
	return most
}
