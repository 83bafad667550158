package indicators_test

import (
	"cmp"
	"compress/gzip"
	"encoding/csv"
	"fmt"
	"hash/fnv"
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
	name  string
	rows  []tracing.Row
	mules map[domain.AccountID]bool // every account that is judged: a mule or not
}

// The table of docs/performance.md. Thresholds are the standard ones, chosen
// on neither network. Where a cut must be chosen (of a baseline, and of how
// many indicators fire) the accounts of one half choose it, and all figures
// are about the other half.
func TestWhatTheIndicatorsAreWorth(t *testing.T) {
	text := ""
	for _, n := range []network{amlsim(t), layered()} {
		text += n.judged(t)
	}
	old, err := os.ReadFile("testdata/quality.txt")
	if err != nil && !*update {
		t.Fatal(err)
	}
	keep(t, "testdata/quality.txt", string(old), text)
}

func layered() network {
	shape := networks.Standard(100_000, 500)
	n := network{name: "testdata/networks, Standard(100 000, 500)", mules: map[domain.AccountID]bool{}}
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

func amlsim(t *testing.T) network {
	n := network{name: "AMLSim, 20K_cycle200", mules: map[domain.AccountID]bool{}}
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

func (n network) judged(t *testing.T) string {
	book := indicators.NewBook(nil)
	degree, volume, rapid := ranking{}, ranking{}, ranking{}
	for i := range n.rows {
		row := &n.rows[i]
		book.Add(row)
		units, _ := row.Amount.Units.Int64()
		degree[row.From]++
		degree[row.To]++
		volume[row.To] += float64(units)
	}
	list, err := book.Findings(indicators.Ask{Thresholds: indicators.Standard()})
	if err != nil {
		t.Fatal(err)
	}
	by, together := map[string]ranking{}, ranking{}
	for _, f := range list {
		if by[f.Indicator] == nil {
			by[f.Indicator] = ranking{}
		}
		by[f.Indicator][f.Account] = float64(f.Strength)
		together[f.Account] += 1 + float64(f.Strength)/10_000
		if f.Indicator == "pass-through" {
			rapid[f.Account] = float64(f.Measured)
		}
	}
	mules := 0
	for _, mule := range n.mules {
		if mule {
			mules++
		}
	}
	text := fmt.Sprintf("%s: %d movements, %d accounts judged, %d mules\n%-24s %9s %7s %7s\n", n.name, len(n.rows), len(n.mules), mules, "", "precision", "recall", "PR-AUC")
	for _, name := range indicators.Names() {
		text += n.line(name, by[name], 1)
	}
	for _, one := range []struct {
		name string
		rank ranking
	}{{"together", together}, {"degree alone", degree}, {"volume alone", volume}, {"rapid movement alone", rapid}} {
		text += n.line(one.name, one.rank, n.cut(one.rank))
	}
	return text + "\n"
}

// half says in which half an account is: it depends on nothing but its name.
func half(account domain.AccountID) bool {
	h := fnv.New32a()
	h.Write([]byte(account))
	return h.Sum32()>>7&1 == 0
}

// ranked are a half's accounts, most suspect first.
func (n network) ranked(r ranking, first bool) []domain.AccountID {
	var list []domain.AccountID
	for account := range n.mules {
		if half(account) == first {
			list = append(list, account)
		}
	}
	slices.SortFunc(list, func(a, b domain.AccountID) int { return cmp.Or(-cmp.Compare(r[a], r[b]), cmp.Compare(a, b)) })
	return list
}

// curve walks down a ranking, over accounts of one rank in one step.
func (n network) curve(r ranking, first bool, step func(rank, precision, recall float64)) {
	list, all := n.ranked(r, first), 0.0
	for _, account := range list {
		if n.mules[account] {
			all++
		}
	}
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

// cut is the rank that is best on the first half, by the harmonic mean.
func (n network) cut(r ranking) (best float64) {
	most := 0.0
	n.curve(r, true, func(rank, precision, recall float64) {
		if f := 2 * precision * recall / max(precision+recall, 1e-9); f > most && rank > 0 {
			most, best = f, rank
		}
	})
	return best
}

func (n network) line(name string, r ranking, cut float64) string {
	area, before, precision, recall := 0.0, 0.0, 0.0, 0.0
	n.curve(r, false, func(rank, p, all float64) {
		area += (all - before) * p
		before = all
		if rank >= cut && rank > 0 {
			precision, recall = p, all
		}
	})
	return fmt.Sprintf("%-24s %9.3f %7.3f %7.3f\n", name, precision, recall, area)
}

// BenchmarkMillion is all indicators on a million movements, without and with
// the walk that some rest on, beside counting degrees, in processor time.
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
		found := timed(func() { book.Findings(ask) })
		walked := timed(func() { book.Trace(tracing.Input{Case: kept}) })
		b.ReportMetric(counted.Seconds(), "s-degrees")
		b.ReportMetric(filled.Seconds(), "s-filling")
		b.ReportMetric(found.Seconds(), "s-looking")
		b.ReportMetric(walked.Seconds(), "s-walking")
	}
}

// timed is the processor time of a piece of work, the collector's with it.
func timed(work func()) time.Duration {
	runtime.GC()
	begin := processor(program)
	work()
	return processor(program) - begin
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
	rows := layered().rows
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
