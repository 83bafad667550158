package domain

import (
	"errors"
	"math/bits"
	"strconv"

	"github.com/holiman/uint256"
)

// Units counts smallest units of one asset (cents, satoshi, wei) as a signed
// 128-bit integer in two's complement. Its range is ±1.7e38, which is 1.7e20
// whole ETH. The zero value is zero. Units are comparable with ==.
type Units struct {
	hi int64
	lo uint64
}

// ErrOverflow says that a sum or product does not fit 128 bits. No real asset
// reaches it: an answer that would need it is an error, never a wrapped number.
var ErrOverflow = errors.New("the amount does not fit 128 bits: check the asset's decimals and the amount's digits")

// NewUnits makes Units from a 64-bit integer.
func NewUnits(n int64) Units { return Units{hi: n >> 63, lo: uint64(n)} }

// UnitsFromWords makes Units from their two's complement words, high first.
func UnitsFromWords(hi int64, lo uint64) Units { return Units{hi, lo} }

// Words gives the two's complement words, high first.
func (u Units) Words() (hi int64, lo uint64) { return u.hi, u.lo }

// Int64 gives the value when it fits 63 bits and a sign.
func (u Units) Int64() (int64, bool) { return int64(u.lo), u.hi == int64(u.lo)>>63 }

// Sign is -1, 0 or 1.
func (u Units) Sign() int {
	switch {
	case u.hi < 0:
		return -1
	case u.hi == 0 && u.lo == 0:
		return 0
	}
	return 1
}

// IsZero says whether the count is nothing.
func (u Units) IsZero() bool { return u == Units{} }

// Cmp is -1, 0 or 1 as u is less than, equal to or more than v.
func (u Units) Cmp(v Units) int {
	switch {
	case u == v:
		return 0
	case u.hi < v.hi || (u.hi == v.hi && u.lo < v.lo):
		return -1
	}
	return 1
}

// Less says whether u is smaller than v.
func (u Units) Less(v Units) bool { return u.hi < v.hi || (u.hi == v.hi && u.lo < v.lo) }

// Min is the smaller of the two.
func (u Units) Min(v Units) Units {
	if v.Less(u) {
		return v
	}
	return u
}

// Add sums, or says that the sum does not fit.
func (u Units) Add(v Units) (Units, error) {
	lo, carry := bits.Add64(u.lo, v.lo, 0)
	hi, _ := bits.Add64(uint64(u.hi), uint64(v.hi), carry)
	sum := Units{int64(hi), lo}
	if (u.hi < 0) == (v.hi < 0) && (sum.hi < 0) != (u.hi < 0) {
		return Units{}, ErrOverflow
	}
	return sum, nil
}

// Sub takes v from u, or says that the difference does not fit.
func (u Units) Sub(v Units) (Units, error) {
	lo, borrow := bits.Sub64(u.lo, v.lo, 0)
	hi, _ := bits.Sub64(uint64(u.hi), uint64(v.hi), borrow)
	diff := Units{int64(hi), lo}
	if (u.hi < 0) != (v.hi < 0) && (diff.hi < 0) != (u.hi < 0) {
		return Units{}, ErrOverflow
	}
	return diff, nil
}

// Plus sums where the caller has proved that the sum fits: a part of a whole
// that fits. It panics otherwise, because a wrong sum must never be shown.
func (u Units) Plus(v Units) Units {
	sum, err := u.Add(v)
	if err != nil {
		panic("domain: bad math: " + err.Error())
	}
	return sum
}

// Minus takes v from u where the caller has proved that it fits.
func (u Units) Minus(v Units) Units {
	diff, err := u.Sub(v)
	if err != nil {
		panic("domain: bad math: " + err.Error())
	}
	return diff
}

// Neg turns the sign.
func (u Units) Neg() (Units, error) { return Units{}.Sub(u) }

// Share is the part of u that falls to part of whole: u × part ÷ whole,
// rounded down, and the remainder of that division (in 1/whole units). All
// three must be at least nothing, whole more than nothing, and part at most
// whole; the product is kept in 256 bits, so nothing is lost on the way.
func (u Units) Share(part, whole Units) (share, remainder Units) {
	if u.hi < 0 || part.hi < 0 || whole.Sign() <= 0 || whole.Less(part) {
		panic("domain: bad math: a share of " + u.String() + " by " + part.String() + "/" + whole.String())
	}
	var product, quotient, rest uint256.Int
	product.Mul(u.wide(), part.wide())
	quotient.DivMod(&product, whole.wide(), &rest)
	return narrow(&quotient), narrow(&rest)
}

// magnitude is a count without a sign, of up to 128 bits.
type magnitude struct{ hi, lo uint64 }

// push puts one decimal digit behind those that are there, or says that the
// number does not fit any more; it is then worthless.
func (m *magnitude) push(digit uint64) (fits bool) {
	carried, lo := bits.Mul64(m.lo, 10)
	over, hi := bits.Mul64(m.hi, 10)
	lo, carry := bits.Add64(lo, digit, 0)
	hi, beyond := bits.Add64(hi, carried, carry)
	m.hi, m.lo = hi, lo
	return over == 0 && beyond == 0
}

// signed gives the count its sign, or says that it does not fit 127 bits and
// a sign. The one number that has no opposite is -2^127.
func (m magnitude) signed(negative bool) (u Units, fits bool) {
	if negative {
		lo, borrow := bits.Sub64(0, m.lo, 0)
		hi, _ := bits.Sub64(0, m.hi, borrow)
		return Units{int64(hi), lo}, m.hi < 1<<63 || m == magnitude{hi: 1 << 63}
	}
	return Units{int64(m.hi), m.lo}, m.hi < 1<<63
}

func (u Units) wide() *uint256.Int { return &uint256.Int{u.lo, uint64(u.hi), 0, 0} }

func narrow(w *uint256.Int) Units { return Units{int64(w[1]), w[0]} }

// String is the plain integer, as in "-12".
func (u Units) String() string { return string(u.append(nil)) }

func (u Units) append(text []byte) []byte {
	if n, ok := u.Int64(); ok {
		return strconv.AppendInt(text, n, 10)
	}
	var w uint256.Int
	if u.hi < 0 {
		w.Neg(&uint256.Int{u.lo, uint64(u.hi), ^uint64(0), ^uint64(0)})
		return append(append(text, '-'), w.Dec()...)
	}
	return append(text, u.wide().Dec()...)
}
