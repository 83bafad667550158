package domain

import (
	"errors"
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// fits128 says whether a number lies within ±2^127, the lower edge included.
func fits128(n *big.Int) bool {
	edge := new(big.Int).Lsh(big.NewInt(1), 127)
	return n.Cmp(edge) < 0 && n.Cmp(new(big.Int).Neg(edge)) >= 0
}

// agree checks an answer of 128 bits against one of any size: equal where it
// fits, and otherwise an overflow that is said, never a wrapped number.
func agree(t *rapid.T, what string, got Units, err error, want *big.Int) {
	switch {
	case !fits128(want):
		if !errors.Is(err, ErrOverflow) {
			t.Fatalf("%s is %s (%v), but %s does not fit", what, got, err, want)
		}
	case err != nil || got.Big().Cmp(want) != 0:
		t.Fatalf("%s is %s (%v), want %s", what, got, err, want)
	}
}

func TestUnitsAgreeWithNumbersOfAnySize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u, v := genUnits().Draw(t, "u"), genUnits().Draw(t, "v")
		a, b := u.Big(), v.Big()
		if u.String() != a.String() {
			t.Fatalf("%s prints as %s", a, u)
		}
		if u.Cmp(v) != a.Cmp(b) || u.Less(v) != (a.Cmp(b) < 0) || u.Sign() != a.Sign() || u.IsZero() != (a.Sign() == 0) {
			t.Fatalf("%s and %s are not ordered as their numbers are", u, v)
		}
		if least := u.Min(v); least.Big().Cmp(a) > 0 || least.Big().Cmp(b) > 0 || least != u && least != v {
			t.Fatalf("the smaller of %s and %s is %s", u, v, least)
		}
		sum, err := u.Add(v)
		agree(t, "the sum", sum, err, new(big.Int).Add(a, b))
		diff, err := u.Sub(v)
		agree(t, "the difference", diff, err, new(big.Int).Sub(a, b))
		turned, err := u.Neg()
		agree(t, "the opposite", turned, err, new(big.Int).Neg(a))
		hi, lo := u.Words()
		if UnitsFromWords(hi, lo) != u {
			t.Fatalf("%s is not made again from its words", u)
		}
		if n, ok := u.Int64(); ok != a.IsInt64() || ok && n != a.Int64() {
			t.Fatalf("%s as 64 bits is %d, %v", u, n, ok)
		}
	})
}

func TestPlusAndMinusStopAtOverflow(t *testing.T) {
	most := Units{1<<63 - 1, ^uint64(0)}
	for name, sum := range map[string]func(){
		"plus":  func() { most.Plus(NewUnits(1)) },
		"minus": func() { (Units{-1 << 63, 0}).Minus(NewUnits(1)) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s went on with a number that does not fit", name)
				}
			}()
			sum()
		}()
	}
	if got := most.Minus(NewUnits(1)).Plus(NewUnits(1)); got != most {
		t.Errorf("one less and one more is %s", got)
	}
}

// A share and its remainder make up the whole again, in 256 bits.
func TestAShareLosesNothing(t *testing.T) {
	positive := rapid.Map(genUnits(), func(u Units) Units {
		hi, lo := u.Words()
		return UnitsFromWords(hi&(1<<63-1), lo)
	})
	rapid.Check(t, func(t *rapid.T) {
		u, part, whole := positive.Draw(t, "u"), positive.Draw(t, "part"), positive.Draw(t, "whole")
		if whole.Less(part) {
			part, whole = whole, part
		}
		if whole.IsZero() {
			whole = NewUnits(1)
		}
		share, rest := u.Share(part, whole)
		want, remainder := new(big.Int).QuoRem(new(big.Int).Mul(u.Big(), part.Big()), whole.Big(), new(big.Int))
		if share.Big().Cmp(want) != 0 || rest.Big().Cmp(remainder) != 0 {
			t.Fatalf("%s × %s ÷ %s is %s rest %s, want %s rest %s", u, part, whole, share, rest, want, remainder)
		}
	})
}

func TestASharePastTheWholeIsBadMath(t *testing.T) {
	for _, c := range [][3]int64{{1, 2, 1}, {1, 0, 0}, {-1, 1, 1}, {1, -1, 1}, {1, 1, -1}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("a share of %d by %d/%d was given", c[0], c[1], c[2])
				}
			}()
			NewUnits(c[0]).Share(NewUnits(c[1]), NewUnits(c[2]))
		}()
	}
}
