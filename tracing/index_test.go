package tracing_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"clew/domain"
	"clew/tracing"

	"pgregory.net/rapid"
)

// The index answers what the walk answers, for every victim and every account
// and as of any moment, or says that it does not know.
func TestTheIndexAnswersAsTheWalkDoes(t *testing.T) {
	known, asked := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		in := network(t)
		if rapid.Bool().Draw(t, "nothing is shared out") {
			in.Rows = slices.DeleteFunc(in.Rows, func(r tracing.Row) bool { return r.Kind == domain.Conversion || r.Kind == domain.Return })
		}
		if len(in.Rows) == 0 {
			return
		}
		in.Rule = tracing.FIFO
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
			k, n := compareIndex(t, x, in, answer)
			known, asked = known+k, asked+n
		}
	})
	if 2*known < asked {
		t.Errorf("the index knew %d answers of %d only: the networks do not test it", known, asked)
	}
}

func compareIndex(t *rapid.T, x *tracing.Index, in tracing.Input, answer tracing.Answer) (known, asked int) {
	for _, name := range []domain.VictimID{"V1", "V2", "V3", "V4", "nobody"} {
		var want []tracing.Victim
		for _, v := range answer.Victims {
			if v.Victim == name {
				want = append(want, v)
			}
		}
		asked++
		if got, knows := x.Victim(name, in.At); knows {
			known++
			if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
				t.Fatalf("%s at %s:\n%+v\nnot\n%+v", name, in.At, got, want)
			}
		}
	}
	accounts := map[domain.AccountID]bool{"nobody's": true}
	for _, r := range in.Rows {
		accounts[r.From], accounts[r.To] = true, true
		for _, l := range slices.Concat(r.Inputs, r.Outputs) {
			accounts[l.Account] = true
		}
	}
	for name := range accounts {
		var want []tracing.Holding
		for _, p := range answer.Accounts {
			if p.Account == name && !p.Balance.IsZero() {
				want = append(want, tracing.Holding{Account: name, Asset: p.Asset, Balance: p.Balance, Untraced: p.Untraced, Traced: p.Traced})
			}
		}
		asked++
		if got, knows := x.Account(name, in.At); name != "" && knows {
			known++
			if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
				t.Fatalf("%s at %s:\n%+v\nnot\n%+v", name, in.At, got, want)
			}
		}
	}
	return known, asked
}
