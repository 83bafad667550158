package picture_test

import (
	"fmt"
	"math/big"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/picture"
	"clew/tracing"
)

// What has passed a victim's own account is his money: the walk, which follows
// him alone, carries the same amounts.
func TestWhatPassesAVictimIsHisMoney(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := cases(t)
		in.Holds = nil
		g := must(gather(in))
		if !tellsAll(g) {
			return
		}
		var sources []int
		for i, n := range g.Nodes {
			if len(n.Victims) == 1 && n.Final.In.IsZero() {
				sources = append(sources, i)
			}
		}
		if len(sources) == 0 {
			return
		}
		node := rapid.SampledFrom(sources).Draw(t, "victim")
		pass, told := g.Pass(node), map[domain.MovementID]*big.Rat{}
		for i, s := range g.Steps {
			add(told, s.Movement, new(big.Rat).SetFrac(pass.Steps[i].Big(), big.NewInt(tracing.Finer)))
		}
		for _, p := range must(tracing.Passages(in, g.Nodes[node].Victims[0])) {
			for _, w := range p.Worth {
				units, _ := new(big.Rat).SetString(w.Units)
				add(told, p.Movement, units.Neg(units))
			}
		}
		nearNothing(t, g, told)
	})
}

// tellsAll says whether the course tells who stands where in line: not where a
// reported payment carries other victims' claims as well, or where money that
// cannot be told apart came home. Then only the sums are right (Pass).
func tellsAll(g *picture.Graph) bool {
	mixed := g.Rule == tracing.ProRata || g.Rule == tracing.LIBR
	if mixed && slices.ContainsFunc(g.Nodes, func(n picture.Node) bool { return !n.Final.Returned.IsZero() }) {
		return false
	}
	return !slices.ContainsFunc(g.Steps, func(s picture.Step) bool { return !s.New.IsZero() && s.New.Less(s.Worth) })
}

func add(sums map[domain.MovementID]*big.Rat, id domain.MovementID, x *big.Rat) {
	if sums[id] == nil {
		sums[id] = new(big.Rat)
	}
	sums[id].Add(sums[id], x)
}

// nearNothing allows nothing where units are whole; of fractions, which are
// worked out to fifteen digits, two units and a speck of all that was lost.
func nearNothing(t *rapid.T, g *picture.Graph, sums map[domain.MovementID]*big.Rat) {
	most := new(big.Rat)
	if g.Rule == tracing.ProRata || g.Rule == tracing.LIBR {
		for _, n := range g.Nodes {
			most.Add(most, new(big.Rat).SetFrac(n.Final.New.Big(), big.NewInt(1e15)))
		}
		most.Add(most, big.NewRat(2, 1))
	}
	for id, rest := range sums {
		if new(big.Rat).Abs(rest).Cmp(most) > 0 {
			t.Fatalf("%s: %s units apart", id, rest.FloatString(4))
		}
	}
}

// What comes to an end from a victim is what the ledger says of him there.
func TestWhatComesToAnEndIsWhatTheLedgerSays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := cases(t)
		in.Holds = nil
		g := must(gather(in))
		if !tellsAll(g) {
			return
		}
		var ends []int
		for i, n := range g.Nodes {
			if n.Class == picture.CashOut && n.Final.Out.IsZero() {
				ends = append(ends, i)
			}
		}
		if len(ends) == 0 {
			return
		}
		node := rapid.SampledFrom(ends).Draw(t, "end")
		pass, told := g.Pass(node), map[domain.MovementID]*big.Rat{}
		for i, s := range g.Steps {
			add(told, domain.MovementID(s.Victim), new(big.Rat).SetFrac(pass.New[i].Big(), big.NewInt(tracing.Finer)))
		}
		for _, v := range must(tracing.Trace(in)).Victims {
			for _, p := range v.Places {
				if p.Account == g.Nodes[node].Account {
					add(told, domain.MovementID(v.Victim), new(big.Rat).Neg(new(big.Rat).SetInt(p.Claim.Big())))
				}
			}
		}
		nearNothing(t, g, told)
	})
}

// At every account but the one that is selected, what is lit adds up as all
// does: what came has left, came home or is there; and it is never more than all.
func TestLitMoneyAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := cases(t)
		g := must(gather(in))
		if len(g.Nodes) == 0 {
			return
		}
		node := rapid.IntRange(0, len(g.Nodes)-1).Draw(t, "node")
		pass := g.Pass(node)
		for i, s := range g.Steps {
			if s.State == "" && (s.Worth.Less(pass.Steps[i]) || s.New.Less(pass.New[i]) || pass.Steps[i].Sign() < 0) {
				t.Fatalf("step %d passes %s, of which %s are lit", i, s.Worth, pass.Steps[i])
			}
			touches := s.State == "" && (s.From == node || s.To == node)
			if touches && pass.Exact && pass.Steps[i] != s.Worth {
				t.Fatalf("step %d passes the account that is selected, and only %s of %s are lit", i, pass.Steps[i], s.Worth)
			}
		}
		at := rapid.SampledFrom(in.Rows).Draw(t, "at").When.Time
		for _, at := range []time.Time{{}, at} {
			v := picture.Place(g).View(picture.Shown{At: at, Pass: pass})
			for _, r := range v.Ribbons {
				if r.Sum.Less(r.Lit) {
					t.Fatalf("of a ribbon of %s, %s are lit", r.Sum, r.Lit)
				}
			}
			lit := slices.IndexFunc(v.Marks, func(m picture.Mark) bool { return m.Stock.Size().Less(m.Lit) })
			if lit >= 0 {
				t.Fatalf("of a bar of %s, %s are lit", fmt.Sprint(v.Marks[lit].Stock), v.Marks[lit].Lit)
			}
		}
	})
}

// coins is a payment in a story.
func coins(id string, minute int, from, to domain.AccountID, units int64) tracing.Row {
	row := tracing.Row{Position: uint64(minute)}
	row.ID, row.Kind, row.From, row.To = domain.MovementID(id), domain.Transfer, from, to
	row.When = domain.Instant(time.Date(2024, 1, 2, 10, minute, 0, 0, time.UTC))
	row.Amount = domain.Amount{Units: domain.NewUnits(units), Asset: domain.Asset{Code: "EUR", Digits: 2}}
	return row
}

// A kiosk keeps 5 of the 100 that a victim hands in. The picture once said that
// the victim paid 100 in fees, and that the 95 came from the kiosk, which had
// never been paid.
func TestWhatAKioskKeepsIsItsFeeAlone(t *testing.T) {
	paid := coins("p", 1, "cash:kiosk", "M", 10000)
	paid.Victim, paid.Kind, paid.Received = "V", domain.Conversion, domain.Amount{Units: domain.NewUnits(9500), Asset: paid.Amount.Asset}
	for _, rule := range []tracing.Rule{tracing.FIFO, tracing.LIFO, tracing.ProRata, tracing.LIBR} {
		g := must(gather(tracing.Input{Rule: rule, Rows: []tracing.Row{paid, coins("q", 2, "M", "A", 9500)}}))
		told, want := []string{}, []string{"M A 95.00", "victim V M 95.00", "victim V sink:fees 5.00"}
		_, edges := g.At(time.Time{})
		for i, e := range g.Edges {
			told = append(told, fmt.Sprintf("%s %s %s", g.Nodes[e.From].Key, g.Nodes[e.To].Key, g.Format(edges[i])))
		}
		if slices.Sort(told); !slices.Equal(told, want) {
			t.Errorf("%s: the ribbons are %q, want %q", rule, told, want)
		}
	}
}

// V1's money is held, so V2's, which came later, goes first: what would be lit by
// the order of arrival is not told as if it were so.
func TestWhatAHoldTurnsIsToldAsTurned(t *testing.T) {
	one, two := coins("1", 1, "V1 bank", "A", 100), coins("2", 2, "V2 bank", "A", 100)
	one.Victim, two.Victim = "V1", "V2"
	in := tracing.Input{Rule: tracing.FIFO, Rows: []tracing.Row{one, two, coins("3", 4, "A", "B", 100)}}
	if pass := must(gather(in)).Pass(0); pass.Turned || !pass.Exact {
		t.Errorf("without a hold: %+v", pass)
	}
	in.Holds = []tracing.HoldStep{{Freeze: "F1", Step: domain.StepHold, When: domain.Instant(time.Date(2024, 1, 2, 10, 3, 0, 0, time.UTC)), Position: 3,
		Scope: domain.ScopeAmount, Account: "A", Asset: one.Amount.Asset, Amount: domain.NewUnits(100), Victims: []domain.VictimID{"V1"}}}
	if pass := must(gather(in)).Pass(0); !pass.Turned {
		t.Error("with a hold the lit amounts are told as if nothing had been turned")
	}
	back := coins("4", 5, "B", "A", 50)
	back.Kind, back.Of = domain.Return, "3"
	in.Holds, in.Rows = nil, append(in.Rows, back)
	if pass := must(gather(in)).Pass(0); !pass.Turned {
		t.Error("with a return the lit amounts are told as if nothing had been turned")
	}
}
