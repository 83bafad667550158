package tracing_test

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

// fraction is an exact number, top ÷ bottom. It is never rounded and, to be
// quick, not reduced either: all lots of a pool share one bottom, so that two
// of them are added without looking for a common one.
type fraction struct{ top, bottom *big.Int }

var one = big.NewInt(1) // nobody writes to it

// grain is 2^-64 of a unit. Inside, 64 binary digits are kept below the smallest
// unit (Exactness): a share of less is no traced arrival, and a return that
// lacks less lacks nothing.
var grain = fraction{one, new(big.Int).Lsh(one, 64)}

func whole(n *big.Int) fraction { return fraction{n, one} }

func nothing() fraction { return fraction{new(big.Int), one} }

// sums does arithmetic with fractions. It remembers which bottom two bottoms
// make, because the same two meet once for every lot of a pool.
type sums struct {
	products map[[2]*big.Int]*big.Int
	commons  map[[2]*big.Int]common
	widest   int // bits of the longest bottom so far
}

// common is the least common multiple of two bottoms and what each top is
// multiplied by to stand over it.
type common struct{ bottom, first, second *big.Int }

func newSums() *sums {
	return &sums{products: map[[2]*big.Int]*big.Int{}, commons: map[[2]*big.Int]common{}}
}

func (s *sums) common(a, b *big.Int) common {
	key := [2]*big.Int{a, b}
	if c, ok := s.commons[key]; ok {
		return c
	}
	gcd := new(big.Int).GCD(nil, nil, a, b)
	first, second := new(big.Int).Quo(b, gcd), new(big.Int).Quo(a, gcd)
	bottom := new(big.Int).Mul(a, first)
	switch {
	case bottom.Cmp(a) == 0:
		bottom = a
	case bottom.Cmp(b) == 0:
		bottom = b
	}
	s.widest = max(s.widest, bottom.BitLen())
	s.commons[key] = common{bottom, first, second}
	return s.commons[key]
}

func (s *sums) add(a, b fraction) fraction {
	switch {
	case a.bottom == b.bottom:
		return fraction{new(big.Int).Add(a.top, b.top), a.bottom}
	case a.top.Sign() == 0:
		return b
	case b.top.Sign() == 0:
		return a
	}
	c := s.common(a.bottom, b.bottom)
	first, second := new(big.Int).Mul(a.top, c.first), new(big.Int).Mul(b.top, c.second)
	return fraction{first.Add(first, second), c.bottom}
}

func (s *sums) sub(a, b fraction) fraction {
	return s.add(a, fraction{new(big.Int).Neg(b.top), b.bottom})
}

func (s *sums) cmp(a, b fraction) int { return s.sub(a, b).top.Sign() }

func (s *sums) min(a, b fraction) fraction {
	if s.cmp(a, b) <= 0 {
		return a
	}
	return b
}

// times is a × top ÷ bottom.
func (s *sums) times(a fraction, top, bottom *big.Int) fraction {
	if top.Cmp(bottom) == 0 {
		return a
	}
	product := a.bottom
	if bottom.Cmp(one) != 0 {
		key := [2]*big.Int{a.bottom, bottom}
		if _, ok := s.products[key]; !ok {
			s.products[key] = new(big.Int).Mul(a.bottom, bottom)
			s.widest = max(s.widest, s.products[key].BitLen())
		}
		product = s.products[key]
	}
	return fraction{new(big.Int).Mul(a.top, top), product}
}

// ratio is a ÷ b as two whole numbers without a common divisor.
func (s *sums) ratio(a, b fraction) (top, bottom *big.Int) {
	r := new(big.Rat).Quo(a.rat(), b.rat())
	return r.Num(), r.Denom()
}

func (f fraction) sign() int { return f.top.Sign() }

func (f fraction) rat() *big.Rat { return new(big.Rat).SetFrac(f.top, f.bottom) }

// floor is the whole units of a fraction that is not negative.
func (f fraction) floor() *big.Int { return new(big.Int).Quo(f.top, f.bottom) }

// integer is a fraction that must be whole: balances are, whatever the rule.
func (f fraction) integer() *big.Int {
	n, rest := new(big.Int).QuoRem(f.top, f.bottom, new(big.Int))
	if rest.Sign() != 0 {
		panic("the oracle's sums fail: a balance is not whole")
	}
	return n
}

func TestFractionsAreRationalNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newSums()
		a, b := nothing(), nothing()
		ra, rb := new(big.Rat), new(big.Rat)
		for range rapid.IntRange(1, 20).Draw(t, "steps") {
			n := big.NewInt(rapid.Int64Range(0, 50).Draw(t, "top"))
			d := big.NewInt(rapid.Int64Range(1, 50).Draw(t, "bottom"))
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				a, ra = s.add(a, whole(n)), new(big.Rat).Add(ra, new(big.Rat).SetInt(n))
			case 1:
				a, ra = s.times(a, n, d), new(big.Rat).Mul(ra, new(big.Rat).SetFrac(n, d))
			case 2:
				a, b, ra, rb = s.sub(b, a), a, new(big.Rat).Sub(rb, ra), ra
			case 3:
				a, b, ra, rb = s.add(a, b), a, new(big.Rat).Add(ra, rb), ra
			}
			if a.rat().Cmp(ra) != 0 || s.cmp(a, b) != ra.Cmp(rb) {
				t.Fatalf("got %v and %v, want %v and %v", a.rat(), b.rat(), ra, rb)
			}
		}
	})
}
