package main

import (
	"math"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"clew/domain"
	"clew/testdata/networks"
	"clew/tracing"

	"github.com/shopspring/decimal"
)

// Every contest but Postgres's runs, with few rows: each side checks that it
// did its work.
func TestEverySideDoesItsWork(t *testing.T) {
	for _, c := range contests(2_000) {
		for i, s := range c.sides {
			if strings.HasPrefix(s.name, "Postgres") {
				continue
			}
			if got, err := s.measure(c.work); err != nil || got.perSecond <= 0 {
				t.Errorf("%s, %s (%d): %+v, %v", c.name, s.name, i, got, err)
			}
		}
	}
}

// A comparison is worth something only if both sides give the same answer:
// where nobody is paid back, the decimal lots hold for every victim in every
// account what clew's fifo says.
func TestDecimalLotsAgreeWithFifo(t *testing.T) {
	network := networks.Standard(20_000, 50)
	network.Paid = 0
	var all []domain.Movement
	for m := range network.Movements() {
		all = append(all, m)
	}
	lots, err := walkDecimals(decimalPayments(all))
	if err != nil {
		t.Fatal(err)
	}
	kept, err := caseOf(all, everybody)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := tracing.Trace(tracing.Input{Rule: "fifo", Case: kept})
	if err != nil {
		t.Fatal(err)
	}
	theirs, ours := map[[2]string]string{}, map[[2]string]string{}
	for account, list := range lots {
		sums := map[domain.VictimID]decimal.Decimal{}
		for _, lot := range list {
			sums[lot.owner] = sums[lot.owner].Add(lot.amount)
		}
		for owner, sum := range sums {
			if owner != "" {
				theirs[[2]string{string(account), string(owner)}] = sum.StringFixed(2)
			}
		}
	}
	for _, pool := range answer.Accounts {
		for _, owner := range pool.Traced {
			ours[[2]string{string(pool.Account), string(owner.Victim)}] = domain.Amount{Units: owner.Units, Asset: pool.Asset}.String()
		}
	}
	if len(ours) < 500 {
		t.Fatalf("only %d places hold traced money", len(ours))
	}
	for place, amount := range ours {
		if theirs[place] != amount {
			t.Errorf("%v: clew says %s, the decimal lots say %q", place, amount, theirs[place])
		}
	}
	if len(theirs) != len(ours) {
		t.Errorf("clew has %d places, the decimal lots %d", len(ours), len(theirs))
	}
}

func TestTheRowByRowStoreRefusesAStaleVersion(t *testing.T) {
	all, err := events(10)
	if err != nil {
		t.Fatal(err)
	}
	s, err := openRowByRow(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer s.db.Close()
	if err := s.save("NETWORK", 0, all); err != nil {
		t.Fatal(err)
	}
	if err := s.save("NETWORK", 0, all); err == nil {
		t.Error("ten events were appended twice at the same version")
	}
	if err := s.replay(10); err != nil {
		t.Error(err)
	}
}

func TestTheScanFromCSeesEveryRow(t *testing.T) {
	all, err := events(100)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "native.db")
	if err := nativeInsert(path, packed(all), len(all), 30); err != nil {
		t.Fatal(err)
	}
	if nativeScan(path, 100) != nil || nativeScan(path, 101) == nil {
		t.Error("a hundred rows are not a hundred")
	}
	if nativeInsert(path, packed(all), len(all), 30) == nil {
		t.Error("a table was made twice")
	}
}

func TestGrowthIsTheSlopeOfTheLogarithms(t *testing.T) {
	output := `goos: linux
BenchmarkWalk/rule=fifo/transfers=100k-2   10   2000000 ns/op   5 B/op
BenchmarkWalk/rule=fifo/transfers=1M-2     10   20000000 ns/op
BenchmarkWalk/rule=lifo/transfers=10k-2    10   100 ns/op
BenchmarkWalk/rule=lifo/transfers=20k-2    10   400 ns/op
BenchmarkOther-2  7 3 ns/op
`
	found, err := readBenchmarks(strings.NewReader(output))
	if err != nil || len(found) != 2 {
		t.Fatal(found, err)
	}
	for name, want := range map[string]float64{"BenchmarkWalk/rule=fifo/transfers=*-2": 1, "BenchmarkWalk/rule=lifo/transfers=*-2": 2} {
		if got := slope(found[name]); math.Abs(got-want) > 1e-9 {
			t.Errorf("%s grows with exponent %v, not %v", name, got, want)
		}
	}
	var table strings.Builder
	if err := printGrowth(&table, strings.NewReader(output)); err != nil || !strings.Contains(table.String(), "| 100 k, 1 M | 1.00 |") {
		t.Errorf("%v:\n%s", err, table.String())
	}
}

// The table of goals has a row for every rule, and its figures are of work
// that was done.
func TestEveryRuleIsMeasured(t *testing.T) {
	var table strings.Builder
	if err := (goals{&table, regexp.MustCompile(""), 2, 0}).rules("small", networks.Standard(1_000, 10)); err != nil {
		t.Fatal(err)
	}
	for _, rule := range tracing.Rules() {
		if !strings.Contains(table.String(), "| small, "+string(rule.Rule)+" | 1 k | ") {
			t.Errorf("%s is not in\n%s", rule.Rule, table.String())
		}
	}
	if strings.Contains(table.String(), "| 0 s |") || strings.Contains(table.String(), "NaN") {
		t.Error(table.String())
	}
}

func TestTheMedianOfFewTurns(t *testing.T) {
	if median([]float64{3, 1, 2}) != 2 || median([]float64{4, 1, 2, 3}) != 2.5 || median([]float64{7}) != 7 {
		t.Error("the middle is elsewhere")
	}
	if short(1_234_567) != "1.23 M" || short(45_600) != "45.6 k" || short(7.891) != "7.89" {
		t.Error(short(1_234_567), short(45_600), short(7.891))
	}
}
