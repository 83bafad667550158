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
