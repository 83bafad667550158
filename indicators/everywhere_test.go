package indicators

import (
	"fmt"
	"runtime"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/testdata/networks"
	"clew/tracing"
)

// eager are thresholds under which nearly everything fires in a small network.
func eager(t interface{ Fatal(...any) }) Thresholds {
	list := Standard()
	for _, row := range newest() {
		value := int64(1)
		switch {
		case row.Fewer():
			value = 1000
		case row.Name == "layer-decay":
			value = 2
		}
		var err error
		if list, _, err = list.With(Threshold{Indicator: row.Name, Name: row.Against, Value: value, Source: "a test"}); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

// told is what fires, in words.
func told(t interface{ Fatal(...any) }, b *Book, ask Ask) string {
	found, err := b.Findings(ask)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(found)
}

// However many processors look, and however often, what is found is the same.
func TestHoweverManyProcessorsLookTheFindingsAreTheSame(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var rows []tracing.Row
	for m := range networks.Standard(6_000, 40).Movements() {
		rows = append(rows, tracing.Row{Movement: m, Position: uint64(len(rows) + 1), Victim: m.Victim})
	}
	ask, want := Ask{Thresholds: eager(t)}, ""
	for _, processors := range []int{1, 2, 7} {
		runtime.GOMAXPROCS(processors)
		b := NewBook(nil)
		for i := range rows {
			b.Add(&rows[i])
		}
		if err := b.Trace(tracing.Input{Rows: rows}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			got := told(t, b, ask)
			if want == "" {
				want = got
			}
			if got != want || len(got) < 500_000 {
				t.Fatalf("%d processors: %d letters of findings, another number or another time %d", processors, len(got), len(want))
			}
		}
	}
}

// To ask about all accounts at once says what asking about each one says.
func TestLookingEverywhereFindsWhatLookingAtEachFinds(t *testing.T) {
	ask, fired := Ask{Thresholds: eager(t)}, map[string]bool{}
	rapid.Check(t, func(rt *rapid.T) {
		rows := someNetwork(rt)
		b := NewBook(someSaid)
		for _, row := range rapid.Permutation(rows).Draw(rt, "order of recording") {
			b.Add(&row)
		}
		if rapid.Bool().Draw(rt, "walked") {
			if err := b.Trace(tracing.Input{Rows: rows}); err != nil {
				rt.Fatal(err)
			}
		}
		all, err := b.Findings(ask)
		if err != nil {
			rt.Fatal(err)
		}
		var each []Finding
		accounts := []domain.AccountID{}
		for _, h := range b.holders {
			accounts = append(accounts, h.name)
		}
		for _, ask.Account = range slices.Sorted(slices.Values(accounts)) {
			found, err := b.Findings(ask)
			if err != nil {
				rt.Fatal(err)
			}
			each = append(each, found...)
		}
		ask.Account = ""
		if fmt.Sprint(all) != fmt.Sprint(each) {
			rt.Fatalf("everywhere: %v\nat each: %v", all, each)
		}
		for _, f := range all {
			fired[f.Indicator] = true
		}
	})
	for _, name := range []string{"layer-decay", "cycle", "scatter-gather", "payback", "dwell-time", "convergence-hub"} {
		if !fired[name] {
			t.Errorf("%s never fired: this test shows nothing of it", name)
		}
	}
}
