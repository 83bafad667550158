package tracing_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"clew/domain"
	"clew/tracing"

	"pgregory.net/rapid"
)

// indexed are the rules that there is an index for.
func indexed() []tracing.Rule {
	return []tracing.Rule{tracing.FIFO, tracing.LIFO, tracing.OwnFirst, tracing.ProceedsFirst}
}

// An index answers what the walk answers, for every victim and every account
// and as of any moment, whatever is held, returned, converted or deducted.
func TestTheIndexAnswersAsTheWalkDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := network(t)
		if rapid.Bool().Draw(t, "with freezes") {
			in = freezes(t, in)
		}
		if len(in.Rows) == 0 {
			return
		}
		in.Rule = rapid.SampledFrom(indexed()).Draw(t, "rule")
		x, err := tracing.NewIndex(in)
		if err != nil {
			t.Fatal(err)
		}
		some := rapid.SampledFrom(in.Rows).Draw(t, "as of").When
		for _, in.At = range []time.Time{{}, in.At, some.Time, some.End()} {
			answer, err := tracing.Trace(in)
			if err != nil {
				t.Fatal(err)
			}
			compareIndex(t, x, in.At, answer)
		}
	})
}

// fatal is a test, or a test of many.
type fatal interface{ Fatalf(string, ...any) }

func compareIndex(t fatal, x *tracing.Index, at time.Time, answer tracing.Answer) {
	victims := map[domain.VictimID][]tracing.Victim{"nobody": nil, "V1": nil, "V2": nil, "V3": nil, "V4": nil}
	for _, v := range answer.Victims {
		victims[v.Victim] = append(victims[v.Victim], v)
	}
	for name, want := range victims {
		if got := x.Victim(name, at); !reflect.DeepEqual(got, want) {
			t.Fatalf("%s, %s at %s:\n%+v\nnot\n%+v", answer.Rule, name, at, got, want)
		}
	}
	accounts := map[domain.AccountID][]tracing.Pool{"nobody's": nil, "M1": nil, "M2": nil, "H1": nil, "cash:a": nil, "T0:0": nil}
	for _, p := range answer.Accounts {
		accounts[p.Account] = append(accounts[p.Account], p)
	}
	for name, want := range accounts {
		if got := x.Account(name, at); !reflect.DeepEqual(got, want) {
			t.Fatalf("%s, %s at %s:\n%+v\nnot\n%+v", answer.Rule, name, at, got, want)
		}
	}
}

// compareStory asks an index of a story for what the walk has answered.
func compareStory(t fatal, in tracing.Input, answer tracing.Answer) {
	if !slices.Contains(indexed(), in.Rule) {
		return
	}
	x, err := tracing.NewIndex(in)
	if err != nil {
		t.Fatalf("%v", err)
	}
	compareIndex(t, x, in.At, answer)
}

// Where there can be no index it says so, and the walk answers.
func TestThereIsNoIndexWhereLotsAreNotWholeOrTooMany(t *testing.T) {
	in := tracing.Input{Rows: transfers("V > A 10 !; A > B 4")}
	for _, in.Rule = range []tracing.Rule{tracing.ProRata, tracing.LIBR, tracing.Poison} {
		if _, err := tracing.NewIndex(in); !errors.Is(err, tracing.ErrNoIndex) {
			t.Errorf("%s: %v", in.Rule, err)
		}
	}
	in.Rule = tracing.FIFO
	if _, err := tracing.IndexOfAtMost(in, 3); !errors.Is(err, tracing.ErrNoIndex) {
		t.Errorf("of at most three postings: %v", err)
	}
	in.Rule = "newest"
	if _, err := tracing.NewIndex(in); err == nil || errors.Is(err, tracing.ErrNoIndex) {
		t.Errorf("a rule that is none: %v", err)
	}
}
