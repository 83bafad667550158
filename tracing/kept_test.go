package tracing_test

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"clew/domain"
	"clew/tracing"

	"pgregory.net/rapid"
)

// A case grows by batches, mostly in the order of time, sometimes by rows that
// come late. A kept walk answers after each what a fresh one answers.
func TestAKeptWalkAnswersAsAFreshOne(t *testing.T) {
	fresh, asked := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		in := network(t)
		if rapid.Bool().Draw(t, "nothing is shared out") {
			in.Rows = slices.DeleteFunc(in.Rows, func(r tracing.Row) bool { return r.Kind == domain.Conversion || r.Kind == domain.Return })
		}
		if rapid.Bool().Draw(t, "of all time, with nothing said") {
			in.At, in.Accounts = time.Time{}, nil
		}
		rows := in.Rows
		in.Rows, in.Rule = nil, rapid.SampledFrom(wholeUnits()).Draw(t, "rule")
		if rapid.IntRange(0, 3).Draw(t, "late rows") > 0 {
			slices.SortFunc(rows, func(a, b tracing.Row) int {
				return cmp.Or(a.When.End().Compare(b.When.End()), cmp.Compare(a.Position, b.Position))
			})
		}
		in.Case = tracing.NewCase(0)
		kept, err := tracing.Keep(in)
		if err != nil {
			t.Fatal(err)
		}
		batch := 1 + len(rows)/rapid.IntRange(1, 8).Draw(t, "batches")
		for batch := range slices.Chunk(rows, batch) {
			for i := range batch {
				if err := in.Case.Add(&batch[i]); err != nil {
					t.Fatal(err)
				}
			}
			want, err := tracing.Trace(in)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := kept.Trace(in); err != nil || !reflect.DeepEqual(got, want) {
				t.Fatalf("%s after %d rows: %v\n%+v\nnot\n%+v", in.Rule, in.Case.Len(), err, got, want)
			}
			asked++
		}
		fresh += kept.Fresh()
	})
	t.Logf("%d of %d answers took a fresh walk", fresh, asked)
	if walkedOn := asked - fresh; walkedOn < asked/25 || fresh == 0 {
		t.Errorf("%d of %d answers took a fresh walk: the networks do not test it", fresh, asked)
	}
}

// Money that moves on after the end is walked on; a home that becomes known
// later changes what was walked.
func TestAKeptWalkBeginsAgainWhereThePastChanges(t *testing.T) {
	in := tracing.Input{Rule: tracing.FIFO, Case: tracing.NewCase(0)}
	add := func(rows ...tracing.Row) {
		for i := range rows {
			if err := in.Case.Add(&rows[i]); err != nil {
				t.Fatal(err)
			}
		}
	}
	kept, err := tracing.Keep(in)
	if err != nil {
		t.Fatal(err)
	}
	steps := []struct {
		what  string
		row   tracing.Row
		fresh int
	}{
		{"the first row", instant(1, "V", "A", 100, "V"), 1},
		{"a row after the end", instant(2, "A", "B", 60, ""), 1},
		{"another", instant(3, "B", "W", 10, ""), 1},
		{"a late one", instant(0, "X", "A", 5, ""), 2},
		{"a report from an account that has been paid", instant(4, "W", "A", 7, "V"), 3},
	}
	for _, s := range steps {
		add(s.row)
		want, err := tracing.Trace(in)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := kept.Trace(in); err != nil || !reflect.DeepEqual(got, want) || kept.Fresh() != s.fresh {
			t.Errorf("%s: %v, walked afresh %d times, not %d\n%+v\nnot\n%+v", s.what, err, kept.Fresh(), s.fresh, got, want)
		}
	}
}

func instant(minute int, from, to domain.AccountID, units int64, victim domain.VictimID) tracing.Row {
	r := tracing.Row{Position: uint64(minute + 10), Victim: victim}
	r.ID, r.Kind, r.From, r.To = domain.MovementID(fmt.Sprint("m", minute)), domain.Transfer, from, to
	r.When = domain.Instant(time.Date(2024, 1, 5, 10, minute, 0, 0, time.UTC))
	r.Amount = domain.Amount{Units: domain.NewUnits(units), Asset: coin}
	return r
}
