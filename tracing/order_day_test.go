package tracing

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// A set of steps gives its numbers from the least up, whatever was added when,
// also where it has several levels of words.
func TestAStepSetGivesItsLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.SampledFrom([]int{1, 64, 65, 4096, 4097, 300_000}).Draw(t, "size")
		set, want := newStepSet(size), []int32(nil)
		for range rapid.IntRange(1, 60).Draw(t, "deeds") {
			if rapid.Bool().Draw(t, "add") {
				n := rapid.Int32Range(0, int32(size-1)).Draw(t, "number")
				set.add(n)
				if at, there := slices.BinarySearch(want, n); !there {
					want = slices.Insert(want, at, n)
				}
				continue
			}
			n, some := set.takeFirst()
			if some != (len(want) > 0) || some && n != want[0] {
				t.Fatalf("the least is %d (%t), want the first of %v", n, some, want)
			}
			want = want[min(1, len(want)):]
		}
	})
}
