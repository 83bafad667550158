package tracing_test

import (
	"reflect"
	"runtime"
	"testing"
	"time"

	"clew/domain"
	"clew/tracing"

	"pgregory.net/rapid"
)

// dressed gives a network's rows what the walk itself does not ask for: names
// as imports make them, evidence, references and far positions.
func dressed(t *rapid.T) tracing.Input {
	in := network(t)
	file := rapid.SampledFrom([]domain.SHA256{"", "aa", "bb"})
	names := map[domain.MovementID]domain.MovementID{}
	for i := range in.Rows {
		names[in.Rows[i].ID] = in.Rows[i].ID
		if rapid.Bool().Draw(t, "identified") {
			names[in.Rows[i].ID] = domain.Identify("C", "bank", string(in.Rows[i].ID), [32]byte{}, 1)
		}
	}
	far := rapid.SampledFrom([]uint64{0, 0, 1 << 32, 1<<63 - 5}).Draw(t, "far")
	for i := range in.Rows {
		r := &in.Rows[i]
		r.ID, r.Position = names[r.ID], r.Position+far
		if of, ok := names[r.Of]; ok {
			r.Of = of
		}
		r.Source = rapid.SampledFrom([]string{"", "bank", "explorer"}).Draw(t, "source")
		r.Evidence = domain.Evidence{File: file.Draw(t, "file"), Line: i + rapid.IntRange(0, 1).Draw(t, "line")}
		r.Ref = rapid.SampledFrom([]string{"", "", "E2E-1"}).Draw(t, "ref")
	}
	return in
}

// A case gives back every row as it came.
func TestACaseGivesItsRowsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := dressed(t)
		c := tracing.NewCase(0)
		for i := range in.Rows {
			if err := c.Add(&in.Rows[i]); err != nil {
				t.Fatal(err)
			}
		}
		for i, row := range c.Rows() {
			if !reflect.DeepEqual(row, in.Rows[i]) {
				t.Fatalf("row %d came as\n%+v\nand comes back as\n%+v", i, in.Rows[i], row)
			}
		}
	})
}

// One case serves every rule and every moment, and answers as the rows do; the
// names of movements make no difference but where they are shown.
func TestOneCaseServesEveryRuleAndMoment(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := dressed(t)
		c := tracing.NewCase(len(in.Rows))
		for i := range in.Rows {
			if err := c.Add(&in.Rows[i]); err != nil {
				t.Fatal(err)
			}
		}
		for _, at := range []time.Time{in.At, {}, in.Rows[0].When.Time} {
			for _, rule := range tracing.Rules() {
				fromRows, fromCase := in, tracing.Input{Case: c, Accounts: in.Accounts}
				fromRows.Rule, fromRows.At, fromCase.Rule, fromCase.At = rule.Rule, at, rule.Rule, at
				want, err := tracing.Trace(fromRows)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := tracing.Trace(fromCase); err != nil || !reflect.DeepEqual(got, want) {
					t.Fatalf("%s at %s: %v\n%+v\nnot\n%+v", rule.Rule, at, err, got, want)
				}
			}
		}
	})
}

func TestACaseAndRowsTogetherAreRefused(t *testing.T) {
	in := tracing.Input{Rule: tracing.FIFO, Case: tracing.NewCase(0), Rows: []tracing.Row{{}}}
	if _, err := tracing.Trace(in); domain.ClassOf(err) != domain.ClassUsage {
		t.Error(err)
	}
}

// What no evidence can make right is refused with its name, and leaves the
// case as it was.
func TestACaseRefusesWhatCannotBeWalked(t *testing.T) {
	good := tracing.Row{}
	good.ID, good.Kind, good.From, good.To = "m1", domain.Transfer, "A", "B"
	good.When, good.Amount = domain.Date(2024, 1, 5), domain.Amount{Units: domain.NewUnits(1), Asset: coin}
	for what, spoil := range map[string]func(*tracing.Row){
		"to":   func(r *tracing.Row) { r.To = "" },
		"kind": func(r *tracing.Row) { r.Kind = "gift" },
		"time": func(r *tracing.Row) { r.When = domain.Date(1066, 10, 14) },
	} {
		c, bad := tracing.NewCase(0), good
		spoil(&bad)
		if err := c.Add(&bad); err == nil || c.Len() != 0 {
			t.Errorf("%s: %v, %d rows", what, err, c.Len())
		}
		if err := c.Add(&good); err != nil || !reflect.DeepEqual(c.Row(0), good) {
			t.Errorf("%s: after it %v, %+v", what, err, c.Row(0))
		}
	}
}

// The goals are 48 bytes for a transfer whose amount fits 63 bits, and 80 for
// others. Names of accounts aside it is 42, and 16 more for each wide amount.
func TestATransferIsKeptInFewBytes(t *testing.T) {
	const rows = 200_000
	for most, huge := range map[int]bool{44: false, 60: true} {
		before := heap()
		c := tracing.NewCase(rows)
		fill(t, c, rows, huge)
		if each := (heap() - before) / rows; int(each) > most {
			t.Errorf("huge %t: a transfer is kept in %d bytes, more than %d", huge, each, most)
		}
		runtime.KeepAlive(c)
	}
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// fill adds transfers as an import of one file gives them, among few accounts.
func fill(t *testing.T, c *tracing.Case, rows int, huge bool) {
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range rows {
		r := tracing.Row{Position: uint64(i + 1)}
		r.ID = domain.Identify("C", "bank", "", [32]byte{byte(i), byte(i >> 8), byte(i >> 16)}, 1)
		r.Kind, r.From, r.To, r.When = domain.Transfer, "A", "B", domain.Instant(start.Add(time.Duration(i)*time.Second))
		r.Amount = domain.Amount{Units: domain.NewUnits(int64(i)), Asset: coin}
		if huge {
			r.Amount.Units = domain.UnitsFromWords(1, uint64(i))
		}
		r.Source, r.Evidence = "bank", domain.Evidence{File: "aa", Line: i + 2}
		if err := c.Add(&r); err != nil {
			t.Fatal(err)
		}
	}
}
