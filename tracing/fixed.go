package tracing

import (
	"math/bits"

	"github.com/holiman/uint256"

	"clew/domain"
)

// fixed is an exact-enough fraction of smallest units: 127 binary digits
// before the point, 128 below it. What is shown is snapped to 64 digits below
// the point first, so that the error of millions of steps, each of one unit in
// the last of 128 digits, cannot turn an exact half into something else.
type fixed = uint256.Int

// grain is 2^-64 of a smallest unit: less than it is no money but the rounding
// of fractions.
var grain = fixed{0, 1, 0, 0}

func fixedOf(u domain.Units) fixed {
	hi, lo := u.Words()
	return fixed{0, 0, lo, uint64(hi)}
}

// scale is x × num ÷ den, rounded down in the last digit; num is at most den,
// or the result is known to fit.
func scale(x, num, den *fixed) fixed {
	if short(num) && short(den) {
		return scaleShort(x, num[2], den[2])
	}
	var z fixed
	if _, overflow := z.MulDivOverflow(x, num, den); overflow {
		panic("tracing: bad math: a share does not fit 255 bits")
	}
	return z
}

// short says whether x is a whole number of 64 bits: then it divides quickly.
func short(x *fixed) bool { return x[0] == 0 && x[1] == 0 && x[3] == 0 }

func scaleShort(x *fixed, num, den uint64) fixed {
	var product [5]uint64
	var carry uint64
	for i := range x {
		hi, lo := bits.Mul64(x[i], num)
		var c uint64
		product[i], c = bits.Add64(lo, carry, 0)
		carry = hi + c
	}
	product[4] = carry
	var z fixed
	rest := product[4]
	if rest >= den {
		panic("tracing: bad math: a share does not fit 255 bits")
	}
	for i := 3; i >= 0; i-- {
		z[i], rest = bits.Div64(rest, product[i], den)
	}
	return z
}

// snap rounds to the nearest multiple of the grain and gives the whole units
// and the 64 binary digits below them.
func snap(x *fixed) (whole domain.Units, frac uint64) {
	var z fixed
	z.Add(x, &fixed{1 << 63, 0, 0, 0})
	return domain.UnitsFromWords(int64(z[3]), z[2]), z[1]
}

// nearest rounds to whole units, halves to even.
func nearest(x *fixed) domain.Units {
	whole, frac := snap(x)
	_, low := whole.Words()
	if frac > 1<<63 || frac == 1<<63 && low%2 == 1 {
		return whole.Plus(domain.NewUnits(1))
	}
	return whole
}
