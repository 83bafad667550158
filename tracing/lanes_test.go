package tracing_test

import (
	"reflect"
	"testing"

	"clew/tracing"

	"pgregory.net/rapid"
)

// wholeUnits are the rules that move whole units.
func wholeUnits() []tracing.Rule {
	return []tracing.Rule{tracing.FIFO, tracing.LIFO, tracing.OwnFirst, tracing.ProceedsFirst, tracing.Poison}
}

// Amounts of 64 and of 128 bits answer the same, also where lots change over
// from one to the other in the middle of a walk; and lots that are joined
// answer as the same lots do apart.
func TestLanesAndJoinedLotsAnswerTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := network(t)
		from := int32(rapid.IntRange(0, len(in.Rows)).Draw(t, "changes over at"))
		lanes := map[string]tracing.Lanes{
			"wide":              {Wide: func(int32) bool { return true }},
			"wide from then on": {Wide: func(step int32) bool { return step >= from }},
			"wide until then":   {Wide: func(step int32) bool { return step < from }},
			"in turns":          {Wide: func(step int32) bool { return step%2 == 0 }},
			"apart":             {Apart: true},
			"wide and apart":    {Wide: func(int32) bool { return true }, Apart: true},
		}
		for _, in.Rule = range wholeUnits() {
			want, err := tracing.Trace(in)
			if err != nil {
				t.Fatal(err)
			}
			for name, l := range lanes {
				if got, err := tracing.TraceInLanes(in, l); err != nil || !reflect.DeepEqual(got, want) {
					t.Fatalf("%s, %s: %v\n%+v\nnot\n%+v", in.Rule, name, err, got, want)
				}
			}
		}
	})
}
