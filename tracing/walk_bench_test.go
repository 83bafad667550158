package tracing

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	"clew/domain"
	"clew/testdata/networks"
)

// sizes of the networks that are walked: make bench BENCH=large adds the last.
func sizes() []int {
	switch os.Getenv("BENCH") {
	case "large":
		return []int{100_000, 1_000_000, 10_000_000}
	case "quick":
		return []int{100_000}
	}
	return []int{100_000, 1_000_000}
}

func sized(n int) string {
	if n >= 1_000_000 {
		return fmt.Sprintf("%dM", n/1_000_000)
	}
	return fmt.Sprintf("%dk", n/1000)
}

// networkCase is a network as a case, without the rows ever being there
// together.
func networkCase(b testing.TB, n networks.Network) *Case {
	c := NewCase(0)
	for m := range n.Movements() {
		r := Row{Movement: m, Victim: m.Victim, Scam: m.Scam, Position: uint64(c.Len() + 1)}
		if err := c.Add(&r); err != nil {
			b.Fatal(err)
		}
	}
	return c
}

// The walk alone, over a plan that is there: what every further rule and every
// further moment costs. B/transfer is what lies in memory at its end.
func BenchmarkWalk(b *testing.B) {
	for _, n := range sizes() {
		c := networkCase(b, networks.Standard(n, n/1000))
		p, err := makePlan(Input{Case: c})
		if err != nil {
			b.Fatal(err)
		}
		for i := range rules {
			if r := &rules[i]; r.among != proportion {
				b.Run(fmt.Sprintf("rule=%s/transfers=%s", r.name, sized(n)), func(b *testing.B) { benchWalk(b, p, r) })
			}
		}
	}
}

// The same where nothing but the day is known of any row, and all have one:
// the order is looked for among all of them.
func BenchmarkWalkOfBareDay(b *testing.B) {
	for _, n := range sizes() {
		network := networks.Standard(n, n/1000)
		network.Bare, network.Days = true, 1
		p, err := makePlan(Input{Case: networkCase(b, network)})
		if err != nil {
			b.Fatal(err)
		}
		rule, err := findRule(FIFO)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("transfers="+sized(n), func(b *testing.B) { benchWalk(b, p, rule) })
	}
}

func benchWalk(b *testing.B, p *plan, r *rule) {
	b.ReportAllocs()
	before, cpu := heapAlloc(), cpuTime(b)
	var w *walk
	for b.Loop() {
		w = newWalk(p, r)
		if err := w.run(); err != nil {
			b.Fatal(err)
		}
	}
	reportSpeed(b, len(p.steps), cpu)
	b.ReportMetric(float64(heapAlloc()-before)/float64(len(p.steps)), "B/transfer")
	runtime.KeepAlive(w)
}

// reportSpeed says how much was done by the clock and by the processor's own
// time: where others use the machine, only the second means something.
func reportSpeed(b *testing.B, transfers int, since time.Duration) {
	done := float64(transfers * b.N)
	b.ReportMetric(done/b.Elapsed().Seconds(), "transfers/s")
	b.ReportMetric(done/(cpuTime(b)-since).Seconds(), "transfers/cpu-s")
}

func cpuTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func heapAlloc() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// The shape of the 225 million USDT case under each rule that moves whole
// units: plan, walk and answer.
func BenchmarkDeposits(b *testing.B) {
	c := networkCase(b, networks.USDT225())
	for i := range rules {
		if r := &rules[i]; r.among != proportion {
			b.Run("rule="+string(r.name), func(b *testing.B) {
				cpu := cpuTime(b)
				for b.Loop() {
					if _, err := Trace(Input{Case: c, Rule: r.name}); err != nil {
						b.Fatal(err)
					}
				}
				reportSpeed(b, c.Len(), cpu)
			})
		}
	}
}

// Each victim, and one account, where the index is kept.
func BenchmarkIndex(b *testing.B) {
	for _, n := range sizes() {
		c := networkCase(b, networks.Standard(n, n/1000))
		before := heapAlloc()
		x, err := NewIndex(Input{Case: c, Rule: FIFO})
		if err != nil {
			b.Fatal(err)
		}
		kept := float64(heapAlloc()-before) / float64(c.Len())
		b.Run("ask=victim/transfers="+sized(n), func(b *testing.B) {
			each, places := make([]time.Duration, len(x.plan.victims)), 0
			for b.Loop() {
				places = 0
				for i, name := range x.plan.victims {
					began := time.Now()
					for _, line := range x.Victim(name, time.Time{}) {
						places += len(line.Places)
					}
					if took := time.Since(began); each[i] == 0 || took < each[i] { // the least of all turns: others use the machine
						each[i] = took
					}
				}
			}
			slices.Sort(each)
			for at, metric := range map[int]string{len(each) / 2: "median-µs", len(each) * 99 / 100: "p99-µs", len(each) - 1: "max-µs"} {
				b.ReportMetric(float64(each[at].Nanoseconds())/1000, metric)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*places), "ns/place")
			b.ReportMetric(kept, "B/transfer")
		})
		b.Run("ask=account/transfers="+sized(n), func(b *testing.B) {
			cpu := cpuTime(b)
			for i := 0; b.Loop(); i++ {
				x.Account(x.plan.accounts[i*7919%len(x.plan.accounts)].name, time.Time{})
			}
			b.ReportMetric(float64((cpuTime(b)-cpu).Microseconds())/float64(b.N), "cpu-µs/op")
		})
		b.Run("ask=make/transfers="+sized(n), func(b *testing.B) {
			cpu := cpuTime(b)
			for b.Loop() {
				if _, err := NewIndex(Input{Case: c, Rule: FIFO}); err != nil {
					b.Fatal(err)
				}
			}
			reportSpeed(b, c.Len(), cpu)
		})
	}
}

// What an answer costs in its parts, and what going on from a kept walk saves:
// a hundred rows more, after the end. show is the answer's making.
func BenchmarkKept(b *testing.B) {
	for _, n := range sizes() {
		for _, way := range []string{"fresh", "kept", "show"} {
			b.Run(fmt.Sprintf("way=%s/transfers=%s", way, sized(n)), func(b *testing.B) { benchKept(b, n, way) })
		}
	}
}

func benchKept(b *testing.B, n int, way string) {
	in := Input{Case: networkCase(b, networks.Standard(n, n/1000)), Rule: FIFO}
	kept, err := Keep(in)
	if err != nil {
		b.Fatal(err)
	}
	last := in.Case.Row(n - 1)
	cpu := cpuTime(b)
	for b.Loop() {
		for i := 0; way != "show" && i < 100; i++ {
			last.Position, last.When = last.Position+1, domain.Instant(last.When.Time.Add(time.Second))
			if err := in.Case.Add(&last); err != nil {
				b.Fatal(err)
			}
		}
		switch way {
		case "fresh":
			_, err = Trace(in)
		case "kept":
			_, err = kept.Trace(in)
		case "show":
			kept.walk.show()
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((cpuTime(b)-cpu).Milliseconds())/float64(b.N), "cpu-ms/op")
}

// From rows to a case, and from a case to a plan.
func BenchmarkCase(b *testing.B) {
	var rows []Row
	for m := range networks.Standard(100_000, 100).Movements() {
		rows = append(rows, Row{Movement: m, Victim: m.Victim, Scam: m.Scam, Position: uint64(len(rows) + 1)})
	}
	b.ReportAllocs()
	cpu := cpuTime(b)
	for b.Loop() {
		if _, err := caseOf(rows); err != nil {
			b.Fatal(err)
		}
	}
	reportSpeed(b, len(rows), cpu)
}

func BenchmarkPlan(b *testing.B) {
	for _, n := range sizes() {
		c := networkCase(b, networks.Standard(n, n/1000))
		b.Run("transfers="+sized(n), func(b *testing.B) {
			b.ReportAllocs()
			cpu := cpuTime(b)
			for b.Loop() {
				if _, err := makePlan(Input{Case: c}); err != nil {
					b.Fatal(err)
				}
			}
			reportSpeed(b, c.Len(), cpu)
		})
	}
}
