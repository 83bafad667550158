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

// coin is half a euro in a slow walk, which moves every one of them alone.
type coin struct {
	victim domain.VictimID // whose claim it is; "" for nobody's
	since  int64
}

// purse is what the slow walk knows of an account.
type purse struct {
	coins   []coin
	stayed  []int64 // of each coin that left and had been seen to come
	credits map[int64]bool
	in      int64
	victims map[domain.VictimID]bool
	layer   int64
}

const coinage = 50

func slowWalk(rows []tracing.Row) map[domain.AccountID]*purse {
	purses := map[domain.AccountID]*purse{}
	of := func(a domain.AccountID) *purse {
		if purses[a] == nil {
			purses[a] = &purse{victims: map[domain.VictimID]bool{}, credits: map[int64]bool{}}
		}
		return purses[a]
	}
	for n, r := range rows {
		at, from, to := r.When.Time.UnixNano(), of(r.From), of(r.To)
		way := make([]coin, euros(r)/coinage)
		for i := range way {
			if r.From != "" && !r.From.Kind().End() && len(from.coins) > 0 {
				way[i], from.coins = from.coins[0], from.coins[1:]
				from.stayed, from.credits[way[i].since] = append(from.stayed, at-rows[way[i].since].When.Time.UnixNano()), true
			}
			if way[i].victim == "" {
				way[i].victim = r.Victim
			}
			if slowHome(rows, r.To, way[i].victim) && !r.To.Kind().End() {
				way[i].victim = ""
			}
			way[i].since = int64(n)
		}
		for _, c := range way {
			if c.victim != "" {
				to.victims[c.victim] = true
			}
		}
		if carries := slices.ContainsFunc(way, func(c coin) bool { return c.victim != "" }); carries {
			layer := from.layer + 1
			if !r.From.Kind().End() && (slowHome(rows, r.From, "V1") || slowHome(rows, r.From, "V2")) {
				layer = 1
			}
			to.layer = max(to.layer, layer)
		}
		to.coins, to.in = append(to.coins, way...), to.in+1
	}
	return purses
}

// slowLots measures at an account what the indicators on lots do, or -1 where
// there is nothing to measure.
var slowLots = map[string]func(rows []tracing.Row, account domain.AccountID, p *purse, l limits) int64{
	"convergence-hub": func(rows []tracing.Row, a domain.AccountID, p *purse, _ limits) int64 {
		return unlessKnown(rows, a, int64(len(p.victims)), true)
	},
	"layer-index": func(rows []tracing.Row, a domain.AccountID, p *purse, _ limits) int64 {
		return unlessKnown(rows, a, p.layer, false)
	},
	"dilution": func(_ []tracing.Row, _ domain.AccountID, p *purse, _ limits) int64 {
		if p.theirs() == 0 {
			return -1
		}
		return p.theirs() * 1000 / int64(len(p.coins))
	},
	"dust": func(_ []tracing.Row, _ domain.AccountID, p *purse, _ limits) int64 {
		if p.theirs() == 0 {
			return -1
		}
		return p.theirs() * coinage / 100
	},
	"dwell-time": func(_ []tracing.Row, _ domain.AccountID, p *purse, l limits) int64 {
		if len(p.stayed) == 0 || int64(len(p.credits)) < l["credits"] {
			return -1
		}
		slices.Sort(p.stayed)
		return p.stayed[(len(p.stayed)-1)/2] / int64(time.Minute)
	},
}

func (p *purse) theirs() (n int64) {
	for _, c := range p.coins {
		if c.victim != "" {
			n++
		}
	}
	return n
}

// unlessKnown is a measure that is not taken at a victim's home, nor at an end.
func unlessKnown(rows []tracing.Row, a domain.AccountID, n int64, end bool) int64 {
	home := slowHome(rows, a, "V1") || slowHome(rows, a, "V2")
	if a.Kind().End() && end || home && !a.Kind().End() {
		return 0
	}
	return n
}

func TestWhatRestsOnLotsIsWhatEveryCoinSays(t *testing.T) {
	accounts := map[domain.AccountID]tracing.Account{}
	for name, said := range someSaid {
		accounts[name] = said.Account
	}
	for name, measure := range slowLots {
		t.Run(name, func(t *testing.T) {
			row, err := Find(name)
			if err != nil {
				t.Fatal(err)
			}
			rapid.Check(t, func(rt *rapid.T) {
				rows := slices.DeleteFunc(someNetwork(rt), func(r tracing.Row) bool {
					return r.Victim != "" && (r.From.Kind().End() || r.To == "B" || r.Victim == "V2" && r.From == "B")
				})
				rows = slices.DeleteFunc(rows, func(r tracing.Row) bool { return r.Victim != "" && slowHome(rows, r.To, r.Victim) })
				for i := range rows {
					rows[i].Amount.Units = domain.NewUnits(euros(rows[i]) / coinage * coinage)
				}
				b := NewBook(someSaid)
				for i := range rows {
					b.Add(&rows[i])
				}
				if err := b.Trace(tracing.Input{Rows: rows, Accounts: accounts}); err != nil {
					rt.Fatal(err)
				}
				l, purses := someLimits(rt, row), slowWalk(rows)
				l["share"], l["amount"], l["minutes"] = int64(rapid.IntRange(1, 900).Draw(rt, "share")), int64(rapid.IntRange(1, 20).Draw(rt, "amount")), int64(rapid.IntRange(1, 5000).Draw(rt, "minutes"))
				l["credits"] = int64(rapid.IntRange(1, 3).Draw(rt, "credits"))
				for _, p := range b.pools {
					if name == "dwell-time" && p.end() {
						continue // what an end pays is no lot of what came there
					}
					sameAsSlow(rt, row, p, outcome{measure(rows, p.account, purses[p.account], l), l})
				}
			})
		})
	}
}

// someHops are transactions among few addresses.
func someHops(rt *rapid.T) (rows []tracing.Row) {
	bitcoin := domain.Asset{Code: "BTC", Digits: 8}
	legs := func(what string, most int) (list []domain.Leg) {
		for range rapid.IntRange(1, most).Draw(rt, what) {
			value := rapid.SampledFrom([]int64{546, 1_000_000, 2_000_000, 2730, 123_456}).Draw(rt, "value")
			list = append(list, domain.Leg{Account: rapid.SampledFrom([]domain.AccountID{"A", "B", "C", "D", "E", "F", "G", "H"}).Draw(rt, "address"),
				Amount: domain.Amount{Units: domain.NewUnits(value), Asset: bitcoin}})
		}
		return list
	}
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for n := range rapid.IntRange(1, 9).Draw(rt, "transactions") {
		at = at.Add(time.Duration(rapid.IntRange(0, 1).Draw(rt, "minutes")) * time.Minute)
		row := tracing.Row{Position: uint64(n + 1)}
		row.ID, row.Kind, row.When = domain.MovementID(fmt.Sprintf("m%d", n)), domain.Hop, domain.Instant(at)
		row.Inputs, row.Outputs = legs("inputs", 3), legs("outputs", 4)
		if rapid.Bool().Draw(rt, "peels") {
			row.Inputs, row.Outputs = row.Inputs[:1], append(row.Outputs, row.Outputs[0])[:2]
		}
		rows = append(rows, row)
	}
	return rows
}

var slowChains = map[string]func([]tracing.Row, domain.AccountID, limits) int64{"peel-chain": slowPeel, "coinjoin": slowCoinJoin, "change-output": slowChange}

func TestEveryTransactionIsWhatItsLegsSay(t *testing.T) {
	for name, measure := range slowChains {
		t.Run(name, func(t *testing.T) {
			row, err := Find(name)
			if err != nil {
				t.Fatal(err)
			}
			rapid.Check(t, func(rt *rapid.T) {
				rows := someHops(rt)
				b := NewBook(nil)
				for _, one := range rapid.Permutation(rows).Draw(rt, "order of recording") {
					b.Add(&one)
				}
				l := standard.of(row.Name)
				for _, p := range b.pools {
					sameAsSlow(rt, row, p, outcome{measure(rows, p.account, l), l})
				}
			})
		})
	}
}

func names(legs []domain.Leg) (list []domain.AccountID) {
	for _, leg := range legs {
		list = append(list, leg.Account)
	}
	return list
}

func slowPeels(r tracing.Row) bool { return len(r.Inputs) == 1 && len(r.Outputs) == 2 }

// slowParent is the last transaction before that pays the only input, if it
// peels as well.
func slowParent(rows []tracing.Row, n int) int {
	for m := n - 1; m >= 0 && slowPeels(rows[n]); m-- {
		if slices.Contains(names(rows[m].Outputs), rows[n].Inputs[0].Account) {
			if slowPeels(rows[m]) {
				return m
			}
			return -1
		}
	}
	return -1
}

func slowPeel(rows []tracing.Row, m domain.AccountID, _ limits) (most int64) {
	for last := range rows {
		var chain []int
		for at := last; at >= 0 && slowPeels(rows[at]); at = slowParent(rows, at) {
			chain = append(chain, at)
		}
		for _, at := range chain {
			if rows[at].Inputs[0].Account == m {
				most = max(most, int64(len(chain)))
			}
		}
	}
	return most
}

func slowJoins(r tracing.Row) int64 {
	p, payers := (len(r.Outputs)+1)/2, slices.Compact(slices.Sorted(slices.Values(names(r.Inputs))))
	if len(r.Inputs) < 2 || len(r.Outputs) < 3 || p > len(payers) {
		return 0
	}
	often := func(value domain.Units) (n int) {
		for _, out := range r.Outputs {
			if out.Amount.Units == value {
				n++
			}
		}
		return n
	}
	commonest := r.Outputs[0].Amount.Units
	for _, out := range r.Outputs {
		if n := often(out.Amount.Units); n > often(commonest) || n == often(commonest) && out.Amount.Units.Less(commonest) {
			commonest = out.Amount.Units
		}
	}
	if often(commonest) != p || cents(commonest) == 546 || cents(commonest) == 2730 {
		return 0
	}
	return int64(p)
}

func slowCoinJoin(rows []tracing.Row, m domain.AccountID, _ limits) (most int64) {
	for _, r := range rows {
		if slices.Contains(names(r.Inputs), m) {
			most = max(most, slowJoins(r))
		}
	}
	return most
}

// slowTogether is every account that has paid together with one, or with one
// of those, and so on.
func slowTogether(rows []tracing.Row, of domain.AccountID) []domain.AccountID {
	list := []domain.AccountID{of}
	for i := 0; i < len(list); i++ {
		for _, r := range rows {
			if payers := names(r.Inputs); slowJoins(r) == 0 && slices.Contains(payers, list[i]) {
				for _, other := range payers {
					if !slices.Contains(list, other) {
						list = append(list, other)
					}
				}
			}
		}
	}
	return list
}

func slowChange(rows []tracing.Row, m domain.AccountID, _ limits) (most int64) {
	for n, r := range rows {
		payers := names(r.Inputs)
		if !slices.Contains(payers, m) || len(r.Outputs) < 2 || slowJoins(r) > 0 {
			continue
		}
		fresh := 0
		for _, out := range names(r.Outputs) {
			switch {
			case slices.Contains(payers, out):
				most = 100
			case slices.Contains(slowTogether(rows, payers[0]), out):
				most = max(most, 50)
			}
			paid := slices.ContainsFunc(rows, func(other tracing.Row) bool {
				return other.ID != rows[n].ID && slices.Contains(names(other.Outputs), out)
			})
			if !paid && !slices.Contains(payers, out) {
				fresh++
			}
		}
		if fresh == 1 {
			most = max(most, 50)
		}
	}
	return most
}

// A transaction may have legs of nothing: they lead nowhere, and end no look.
func TestLegsOfNothingLeadNowhere(t *testing.T) {
	bitcoin := domain.Asset{Code: "BTC", Digits: 8}
	leg := func(name domain.AccountID, units int64) domain.Leg {
		return domain.Leg{Account: name, Amount: domain.Amount{Units: domain.NewUnits(units), Asset: bitcoin}}
	}
	b := NewBook(nil)
	for n, legs := range [][]domain.Leg{{leg("A", 5), leg("Z", 0), leg("B", 5)}, {leg("Z", 0), leg("C", 0), leg("D", 0)}} {
		row := tracing.Row{Position: uint64(n + 1)}
		row.ID, row.Kind, row.When = domain.MovementID(fmt.Sprintf("m%d", n)), domain.Hop, domain.Instant(time.Unix(int64(n), 0))
		row.Inputs, row.Outputs = legs[:1], legs[1:]
		b.Add(&row)
	}
	found, err := b.Findings(Ask{Thresholds: standard, Indicator: "peel-chain"})
	if err != nil || len(found) != 0 {
		t.Errorf("a chain through nothing: %v, %v", found, err)
	}
}
