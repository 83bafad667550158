package tracing

import (
	"fmt"
	"testing"

	"clew/domain"
	"clew/testdata/networks"
)

// BenchmarkShares traces all victims under the rules that draw in proportion:
// the walk with the sums, the passes that part them, and the showing.
func BenchmarkShares(b *testing.B) {
	for _, transfers := range sizes() {
		for _, victims := range []int{10, 1_000, 10_000} {
			if victims > transfers/20 {
				continue
			}
			c := networkCase(b, networks.Standard(transfers, victims))
			for _, rule := range []Rule{ProRata, LIBR} {
				name := fmt.Sprintf("rule=%s/victims=%s/transfers=%s", rule, networks.Short(victims), sized(transfers))
				b.Run(name, func(b *testing.B) { benchTrace(b, Input{Rule: rule, Case: c}) })
			}
		}
	}
}

func benchTrace(b *testing.B, in Input) {
	b.ReportAllocs()
	cpu := cpuTime(b)
	for b.Loop() {
		if _, err := Trace(in); err != nil {
			b.Fatal(err)
		}
	}
	reportSpeed(b, in.Case.Len(), cpu)
}

// BenchmarkSharesOfDeposits is the shape of the 225 million USDT case.
func BenchmarkSharesOfDeposits(b *testing.B) {
	c := networkCase(b, networks.USDT225())
	for _, rule := range []Rule{ProRata, LIBR} {
		b.Run(fmt.Sprintf("rule=%s", rule), func(b *testing.B) { benchTrace(b, Input{Rule: rule, Case: c}) })
	}
}

// BenchmarkSharesOfBareDay is a network whose days alone are known, all on
// one day.
func BenchmarkSharesOfBareDay(b *testing.B) {
	for _, transfers := range sizes() {
		for _, bare := range []bool{false, true} {
			n := networks.Standard(transfers, 1_000)
			n.Bare, n.Days = bare, 1
			c := networkCase(b, n)
			b.Run(fmt.Sprintf("rule=%s/bare=%t/transfers=%s", ProRata, bare, sized(transfers)),
				func(b *testing.B) { benchTrace(b, Input{Rule: ProRata, Case: c}) })
		}
	}
}

// BenchmarkOneVictim is the pass of one victim over the tape of a walk.
func BenchmarkOneVictim(b *testing.B) {
	for _, transfers := range sizes() {
		for _, wide := range []bool{false, true} {
			n := networks.Standard(transfers, 10)
			n.Wide = wide
			c := networkCase(b, n)
			for _, rule := range []Rule{ProRata, LIBR} {
				b.Run(fmt.Sprintf("rule=%s/wide=%t/transfers=%s", rule, wide, sized(transfers)),
					func(b *testing.B) { benchPass(b, Input{Rule: rule, Case: c}) })
			}
		}
	}
}

func benchPass(b *testing.B, in Input) {
	p, err := makePlan(in)
	if err != nil {
		b.Fatal(err)
	}
	rule, err := findRule(in.Rule)
	if err != nil {
		b.Fatal(err)
	}
	w := newWalk(p, rule)
	if err := w.all(); err != nil {
		b.Fatal(err)
	}
	t := w.book.(*shareBook).tape
	pass := newPass(t, 1)
	b.ReportAllocs()
	cpu := cpuTime(b)
	for b.Loop() {
		pass.run(0, 1)
		pass.collect(func(poolNo, int, fixed, fixed) {})
	}
	b.ReportMetric(float64((cpuTime(b)-cpu).Nanoseconds())/float64(b.N)/float64(in.Case.Len()), "cpu-ns/transfer")
	b.ReportMetric(float64(len(t.deeds))/float64(in.Case.Len()), "deeds/transfer")
}

// BenchmarkSharesApart is where joint claims do not help: every victim is paid
// a little back and pays on from the home it came to, or one payment in a
// hundred is returned.
func BenchmarkSharesApart(b *testing.B) {
	n := networks.Standard(100_000, 1_000)
	n.Paid = n.Victims
	benchApart(b, "paid-back", networkCase(b, n))

	c, back := NewCase(0), uint64(2_000_000)
	for m := range networks.Standard(100_000, 1_000).Movements() {
		r := Row{Movement: m, Victim: m.Victim, Scam: m.Scam, Position: uint64(c.Len() + 1)}
		if err := c.Add(&r); err != nil {
			b.Fatal(err)
		}
		if back++; back%100 != 0 || m.From == "" {
			continue
		}
		r = Row{Movement: m, Position: back}
		r.ID, r.Kind, r.From, r.To, r.Of = "back "+m.ID, domain.Return, m.To, m.From, m.ID
		if err := c.Add(&r); err != nil {
			b.Fatal(err)
		}
	}
	benchApart(b, "returns", c)
}

func benchApart(b *testing.B, why string, c *Case) {
	for _, rule := range []Rule{ProRata, LIBR} {
		b.Run(fmt.Sprintf("rule=%s/why=%s", rule, why), func(b *testing.B) {
			benchTrace(b, Input{Rule: rule, Case: c})
			together, all, err := Joint(Input{Rule: rule, Case: c})
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(together)/float64(all), "joint/claim")
		})
	}
}
