package tracing_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/tracing"
)

// Claims that are kept as one and parted when the walk is over have what each
// has that is followed all the way: on random networks with returns,
// conversions, hops, overdrafts, homes that are paid and pay again, and holds.
func TestJointClaimsHaveWhatEachHasAlone(t *testing.T) {
	law := &law{breaks: apartDifference}
	var together, all int
	rapid.Check(t, func(t *rapid.T) {
		in := network(t)
		switch rapid.IntRange(0, 3).Draw(t, "holds, returns, neither") {
		case 0:
			in = freezes(t, in)
		case 1, 2:
			in.Rows = slices.DeleteFunc(in.Rows, func(r tracing.Row) bool { return r.Kind == domain.Return })
		}
		for _, rule := range []tracing.Rule{tracing.ProRata, tracing.LIBR} {
			in.Rule = rule
			law.check(t, in)
			some, of, err := tracing.Joint(in)
			if err != nil {
				t.Fatal(err)
			}
			together, all = together+some, all+of
		}
	})
	if together*10 < all {
		t.Errorf("only %d of %d claims were kept as one: the test tests little", together, all)
	}
	t.Logf("%d of %d claims were kept as one", together, all)
}

func apartDifference(in tracing.Input) string {
	joint, err := trace(in)
	if err != nil {
		return "the walk stopped: " + err.Error()
	}
	alone, err := tracing.Apart{}.Trace(in)
	if err != nil {
		return "the walk with all told apart stopped: " + err.Error()
	}
	if !reflect.DeepEqual(joint, alone) {
		return fmt.Sprintf("together\n%+v\nalone\n%+v", joint, alone)
	}
	for _, v := range joint.Victims {
		ask := tracing.Ask{Victim: v.Victim}
		one, err := tracing.Explain(in, ask)
		if err != nil {
			return "the explanation stopped: " + err.Error()
		}
		other, err := tracing.Apart{}.Explain(in, ask)
		if err != nil {
			return "the explanation with all told apart stopped: " + err.Error()
		}
		if !reflect.DeepEqual(one, other) {
			return fmt.Sprintf("%s is told together\n%+v\nalone\n%+v", v.Victim, one, other)
		}
	}
	return ""
}
