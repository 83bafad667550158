package indicators_test

import (
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"clew/domain"
	"clew/indicators"
	"clew/testdata/networks"
	"clew/tracing"
)

// network is movements with the truth about their accounts.
type network struct {
	rows  []tracing.Row
	mules map[domain.AccountID]bool // every account that is judged: a mule or not
}

// trial is a network on whose one part thresholds and weights are chosen, and
// on whose other part all figures are taken.
type trial struct {
	name         string
	tune, report network
}

// trials are AMLSim, parted by the accounts' names, and two networks of our
// own, parted by seed. Who has reported a payment is left out: it would say
// whose account is a mule's.
func trials(t *testing.T) []trial {
	sim := amlsim(t)
	list := []trial{{"AMLSim, 20K_cycle200, by accounts", sim.half(true), sim.half(false)}}
	if fewTrials {
		return list
	}
	return append(list,
		trial{"testdata/networks, Standard(100 000, 500), by seed", layered(1), layered(2)},
		trial{"testdata/networks, Town of 1 500 with 60 mules, by seed", town(1), town(2)})
}

func town(seed uint64) network { return made(networks.Town{Seed: seed, People: 1_500, Mules: 60}) }

func layered(seed uint64) network {
	shape := networks.Standard(100_000, 500)
	shape.Seed = seed
	return made(shape)
}

// made are the movements of a network of our own, and who is judged: ends and
// exchanges are not.
func made(shape networks.Network) network {
	n := network{mules: map[domain.AccountID]bool{}}
	for m := range shape.Movements() {
		n.rows = append(n.rows, tracing.Row{Movement: m, Position: uint64(len(n.rows) + 1)})
	}
	for account, truth := range shape.Truths() {
		if !account.Kind().End() && truth.Role != networks.Exchange {
			n.mules[account] = truth.Role == networks.Mule
		}
	}
	return n
}

// half is the network with half of its accounts judged: in which half one is
// depends on nothing but its name.
func (n network) half(first bool) network {
	judged := map[domain.AccountID]bool{}
	for account, mule := range n.mules {
		h := fnv.New32a()
		h.Write([]byte(account))
		if (h.Sum32()>>7&1 == 0) == first {
			judged[account] = mule
		}
	}
	return network{n.rows, judged}
}

func amlsim(t *testing.T) network {
	n := network{mules: map[domain.AccountID]bool{}}
	for _, line := range table(t, "testdata/amlsim/nodes.csv.gz") {
		n.mules[domain.AccountID(line[0])] = line[1] != "0"
	}
	dollar := domain.Asset{Code: "USD", Digits: 2}
	for i, line := range table(t, "testdata/amlsim/transactions.csv.gz") {
		value, err := strconv.ParseFloat(line[2], 64)
		day, wrong := strconv.Atoi(line[3])
		if err != nil || wrong != nil {
			t.Fatal(line, err, wrong)
		}
		row := tracing.Row{Position: uint64(i + 1)}
		row.ID, row.Kind, row.When = domain.MovementID(fmt.Sprint("t", i)), domain.Transfer, domain.Date(2024, 1, day)
		row.From, row.To = domain.AccountID(line[0]), domain.AccountID(line[1])
		row.Amount = domain.Amount{Units: domain.NewUnits(int64(value*100 + 0.5)), Asset: dollar}
		n.rows = append(n.rows, row)
	}
	return n
}

// book is the network's, filled once for many questions.
func (n network) book() *indicators.Book {
	book := indicators.NewBook(nil)
	for i := range n.rows {
		book.Add(&n.rows[i])
	}
	return book
}

// table reads a compressed table without its heading.
func table(t *testing.T, name string) [][]string {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	plain, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines, err := csv.NewReader(plain).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return lines[1:]
}

// ranking gives accounts a number: the higher, the more suspect; none is 0.
type ranking map[domain.AccountID]float64

// force is how far a finding is beyond its threshold, without the bound that a
// strength has: 1 at the threshold.
func force(f indicators.Finding, row indicators.Indicator) float64 {
	threshold := float64(f.Thresholds[row.Against])
	if row.Fewer() {
		return threshold / max(float64(f.Measured), 0.5)
	}
	return float64(f.Measured) / threshold
}

// found ranks accounts by each indicator's force, in whichever asset it is
// larger.
func found(t *testing.T, book *indicators.Book, thresholds indicators.Thresholds) map[string]ranking {
	t.Helper()
	list, err := book.Findings(indicators.Ask{Thresholds: thresholds})
	if err != nil {
		t.Fatal(err)
	}
	by, rows := map[string]ranking{}, map[string]indicators.Indicator{}
	for _, name := range indicators.Names() {
		by[name] = ranking{}
		rows[name], _ = indicators.Find(name)
	}
	for _, f := range list {
		by[f.Indicator][f.Account] = max(by[f.Indicator][f.Account], force(f, rows[f.Indicator]))
	}
	return by
}

// judged are accounts in the order of a ranking, most suspect first.
func (n network) judged(r ranking) []domain.AccountID {
	list := slices.Collect(maps.Keys(n.mules))
	slices.SortFunc(list, func(a, b domain.AccountID) int { return cmp.Or(-cmp.Compare(r[a], r[b]), cmp.Compare(a, b)) })
	return list
}

// curve walks down a ranking, over accounts of one rank in one step.
func (n network) curve(r ranking, step func(rank, precision, recall float64)) {
	list, all := n.judged(r), n.base()*float64(len(n.mules))
	hits := 0.0
	for i, account := range list {
		if n.mules[account] {
			hits++
		}
		if i+1 == len(list) || r[list[i+1]] != r[account] {
			step(r[account], hits/float64(i+1), hits/all)
		}
	}
}

// base is the share of mules among the judged.
func (n network) base() float64 {
	mules := 0.0
	for _, mule := range n.mules {
		if mule {
			mules++
		}
	}
	return mules / float64(len(n.mules))
}

// area is the area under precision and recall.
func (n network) area(r ranking) (area float64) {
	before := 0.0
	n.curve(r, func(_, precision, recall float64) {
		area += (recall - before) * precision
		before = recall
	})
	return area
}

// at is precision and recall from a rank on.
func (n network) at(r ranking, cut float64) (precision, recall float64) {
	n.curve(r, func(rank, p, all float64) {
		if rank >= cut && rank > 0 {
			precision, recall = p, all
		}
	})
	return precision, recall
}

// cut is the rank that is best on a part, by the harmonic mean.
func (n network) cut(r ranking) (best float64) {
	most := 0.0
	n.curve(r, func(rank, precision, recall float64) {
		if f := 2 * precision * recall / max(precision+recall, 1e-9); f > most && rank > 0 {
			most, best = f, rank
		}
	})
	return best
}

// BenchmarkMillion is all indicators on a million movements, without and with
// the walk that some rest on, beside counting degrees, in processor time and by
// the clock.
func BenchmarkMillion(b *testing.B) {
	var rows []tracing.Row
	for m := range networks.Standard(1_000_000, 1_000).Movements() {
		rows = append(rows, tracing.Row{Movement: m, Position: uint64(len(rows) + 1), Victim: m.Victim})
	}
	ask := indicators.Ask{Thresholds: indicators.Standard()}
	kept := tracing.NewCase(len(rows))
	for i := range rows {
		if err := kept.Add(&rows[i]); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		counted := timed(func() { degrees(rows) })
		var book *indicators.Book
		filled := timed(func() {
			book = indicators.NewBook(nil)
			for i := range rows {
				book.Add(&rows[i])
			}
		})
		walked := timed(func() { book.Trace(tracing.Input{Case: kept}) })
		found := timed(func() { book.Findings(ask) })
		for name, t := range map[string]took{"degrees": counted, "filling": filled, "looking": found, "walking": walked} {
			b.ReportMetric(t.processor.Seconds(), "s-"+name)
			b.ReportMetric(t.clock.Seconds(), "clock-s-"+name)
		}
	}
}

// took is what a piece of work took.
type took struct{ processor, clock time.Duration }

// timed is the processor time of a piece of work, the collector's with it, and
// its time by the clock.
func timed(work func()) took {
	runtime.GC()
	begin, since := processor(program), time.Now()
	work()
	return took{processor(program) - begin, time.Since(since)}
}

// The clocks of processor time: other work on the machine does not count there.
const (
	program = 2 // CLOCK_PROCESS_CPUTIME_ID
	thread  = 3 // CLOCK_THREAD_CPUTIME_ID
)

func processor(clock uintptr) time.Duration {
	var now syscall.Timespec
	if _, _, wrong := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&now)), 0); wrong != 0 {
		panic(wrong)
	}
	return time.Duration(now.Nano())
}

// degrees is the control: how many movements each account has.
func degrees(rows []tracing.Row) map[domain.AccountID]int {
	degree := map[domain.AccountID]int{}
	for i := range rows {
		degree[rows[i].From]++
		degree[rows[i].To]++
	}
	return degree
}

// BenchmarkFollow is one movement more in a case of a hundred thousand, from
// its being there to what then fires, in processor time.
func BenchmarkFollow(b *testing.B) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	rows := layered(1).rows
	ask := indicators.Ask{Thresholds: indicators.Standard()}
	var took []time.Duration
	for b.Loop() {
		book := indicators.NewBook(nil)
		for i := range rows[:90_000] {
			book.Add(&rows[i])
		}
		for i := range rows[90_000:] {
			begin := processor(thread)
			if _, err := book.Follow(&rows[90_000+i], ask); err != nil {
				b.Fatal(err)
			}
			took = append(took, processor(thread)-begin)
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "median-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(took[len(took)-1].Microseconds()), "longest-µs")
}
