package tracing

import (
	"testing"

	"github.com/holiman/uint256"
	"pgregory.net/rapid"
)

// word draws numbers of every length.
func word(t *rapid.T, name string) uint64 {
	return rapid.Uint64().Draw(t, name) >> rapid.IntRange(0, 63).Draw(t, name+" shorter by")
}

// A ratio of whole units is the ratio of the same fractions, to the last digit.
func TestARatioOfWholeUnitsIsARatio(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		den := max(word(t, "den"), 1)
		num := word(t, "num") % den
		one := fixed{0, 0, 0, 1 << 63}
		want := ratio(scale(&fixed{0, 0, num, 0}, &one, &fixed{0, 0, den, 0}))
		if got := ratioOf(&fixed{0, 0, num, 0}, &fixed{0, 0, den, 0}); got != want {
			t.Fatalf("%d of %d is %x, not %x", num, den, got, want)
		}
	})
}

// The narrow lane takes the same part as the wide one, to two in the last of
// 128 digits; all of a share is all of it.
func TestTheNarrowLaneTakesThePartThatTheWideOneTakes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := narrow{rapid.Uint64().Draw(t, "low"), rapid.Uint64().Draw(t, "fraction"), word(t, "units")}
		den := fixed{rapid.Uint64().Draw(t, "den low"), rapid.Uint64().Draw(t, "den fraction"), word(t, "den units"), 0}
		num := fixed{rapid.Uint64().Draw(t, "num low"), rapid.Uint64().Draw(t, "num fraction"), word(t, "num units"), 0}
		if den.IsZero() {
			den = fixed{1, 0, 0, 0}
		}
		if num.Gt(&den) {
			num = den
		}
		r := ratioOf(&num, &den)
		slim := r.ofNarrow(&x)
		whole := fixed{x[0], x[1], x[2], 0}
		got, want := fixed{slim[0], slim[1], slim[2], 0}, r.of(&whole)
		var apart uint256.Int
		apart.Sub(&want, &got)
		if num.Eq(&den) && got != whole || got.Gt(&want) || apart.Gt(&fixed{3, 0, 0, 0}) {
			t.Fatalf("%x of %x is %x, not %x", r, x, got, want)
		}
	})
}
