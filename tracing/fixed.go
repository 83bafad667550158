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

// scale is x × num ÷ den, rounded down in the last digit, where the result is
// known to fit.
func scale(x, num, den *fixed) fixed {
	var z fixed
	if _, overflow := z.MulDivOverflow(x, num, den); overflow {
		panic("tracing: bad math: a share does not fit 255 bits")
	}
	return z
}

// ratio is a fraction below one with 255 binary digits: to multiply by it is
// ten times as fast as to divide, and its error is below the last digit that a
// share keeps.
type ratio fixed

func ratioOf(num, den *fixed) ratio {
	if den[0]|den[1]|den[3] == 0 && num[0]|num[1]|num[3] == 0 && num[2] < den[2] {
		return ratioOfWords(num[2], den[2])
	}
	one := fixed{0, 0, 0, 1 << 63}
	return ratio(scale(num, &one, den))
}

// ratioOfWords is the same of whole units below 2^64: digit by digit, each of
// 64 binary digits.
func ratioOfWords(num, den uint64) (r ratio) {
	// Half the number, so that one has 255 digits: a digit moves from each
	// word to the next.
	var rest, digit uint64 = num, 0
	var words [4]uint64
	for i := 3; i >= 0; i-- {
		digit, rest = bits.Div64(rest, 0, den)
		words[i] = digit
	}
	return ratio{words[0]>>1 | words[1]<<63, words[1]>>1 | words[2]<<63, words[2]>>1 | words[3]<<63, words[3] >> 1}
}

// of is that part of x, rounded down in the last digit.
func (r *ratio) of(x *fixed) fixed {
	var p [8]uint64
	for i, word := range x {
		if word == 0 {
			continue
		}
		var carry uint64
		for j, digit := range r {
			hi, lo := bits.Mul64(word, digit)
			var c uint64
			lo, c = bits.Add64(lo, carry, 0)
			hi += c
			p[i+j], c = bits.Add64(p[i+j], lo, 0)
			carry = hi + c
		}
		p[i+4] = carry
	}
	return fixed{p[4]<<1 | p[3]>>63, p[5]<<1 | p[4]>>63, p[6]<<1 | p[5]>>63, p[7]<<1 | p[6]>>63}
}

// ofNarrow is that part of a narrow share. What it leaves out of the ratio and
// of the products is less than three in the last digit that a share keeps.
func (r *ratio) ofNarrow(x *narrow) narrow {
	h02, l02 := bits.Mul64(x[0], r[3])
	h11, l11 := bits.Mul64(x[1], r[2])
	h20, l20 := bits.Mul64(x[2], r[1])
	h12, l12 := bits.Mul64(x[1], r[3])
	h21, l21 := bits.Mul64(x[2], r[2])
	h22, l22 := bits.Mul64(x[2], r[3])

	p2, c := bits.Add64(l02, l11, 0)
	p3, c := bits.Add64(h02, h11, c)
	p4 := c
	p2, c = bits.Add64(p2, l20, 0)
	p3, c = bits.Add64(p3, h20, c)
	p4 += c
	p3, c = bits.Add64(p3, l12, 0)
	p4, c = bits.Add64(p4, h12, c)
	p5 := c
	p3, c = bits.Add64(p3, l21, 0)
	p4, c = bits.Add64(p4, h21, c)
	p5 += c
	p4, c = bits.Add64(p4, l22, 0)
	p5 += h22 + c
	return narrow{p3<<1 | p2>>63, p4<<1 | p3>>63, p5<<1 | p4>>63}
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
