package tracing_test

import (
	"cmp"
	"slices"
	"testing"

	"clew/tracing"

	"pgregory.net/rapid"
)

// everyPrefix is how many rows a case may have for all of its prefixes to be
// walked; of a longer one it is so many of them.
const everyPrefix = 40

// Whatever has been recorded so far, in the order of the log, the ledgers of
// all victims add up and no money is made or lost, under every rule.
func TestLedgersAddUpAtEveryPrefix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := freezes(t, network(t))
		rows := slices.SortedFunc(slices.Values(in.Rows), func(a, b tracing.Row) int { return cmp.Compare(a.Position, b.Position) })
		step := 1 + len(rows)/everyPrefix
		for n := rapid.IntRange(0, step-1).Draw(t, "first"); n <= len(rows); n += step {
			in.Rows = rows[:n]
			addsUp(t, in)
		}
	})
}

func addsUp(t *rapid.T, in tracing.Input) {
	for _, in.Rule = range everyRule {
		answer, err := tracing.Trace(in)
		if err != nil {
			t.Fatalf("%s over %d rows: %v", in.Rule, len(in.Rows), err)
		}
		if wrong := unbalanced(answer); wrong != "" {
			t.Fatalf("%s over %d rows: %s", in.Rule, len(in.Rows), wrong)
		}
	}
}
