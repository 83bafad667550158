package indicators

import (
	"math"
	"math/bits"

	"clew/domain"
)

// dormant looks at each silence that a movement ends: what moves then, against
// what moved before on the mean of as many days. Where hardly anything moved
// before, the mean is that of one such span at least.
func dormant(p *pool, l limits) (s sign) {
	before, span, quiet := domain.Units{}, l.span("days"), l.span("quiet")
	for n := range p.list {
		line := &p.list[n]
		if n > 0 && line.at-p.list[n-1].at >= quiet {
			after, shown := domain.Units{}, []int{n - 1}
			for m := n; m < len(p.list) && p.list[m].at-line.at <= span; m++ {
				after, shown = sum(after, p.list[m].units), append(shown, m)
			}
			spans := max(1, (p.list[n-1].at-p.list[0].at)/span)
			if times := hundredths(after, before, spans); times > s.measured {
				s = sign{measured: times, shown: shown}
			}
		}
		before = sum(before, line.units)
	}
	return s
}

// hundredths is after ÷ (before ÷ spans) in hundredths, rounded down.
func hundredths(after, before domain.Units, spans int64) int64 {
	if before.Sign() <= 0 {
		return 0
	}
	if a, small := after.Int64(); small && a < 1<<57 {
		if b, tiny := before.Int64(); tiny {
			high, low := bits.Mul64(uint64(a)*100, uint64(spans))
			if high >= uint64(b) {
				return math.MaxInt32
			}
			times, _ := bits.Div64(high, low, uint64(b))
			return int64(min(times, math.MaxInt32))
		}
	}
	big := after.Big()
	big.Mul(big, domain.NewUnits(100).Big())
	big.Mul(big, domain.NewUnits(spans).Big())
	big.Quo(big, before.Big())
	if !big.IsInt64() {
		return math.MaxInt32
	}
	return min(big.Int64(), math.MaxInt32)
}

func burst(p *pool, l limits) (s sign) {
	if int64(len(p.list)) <= l["movements"] {
		return s
	}
	first, last := 0, -1
	from, span, quiet := 0, l.span("days"), l.span("quiet")
	for n := 0; n+1 < len(p.list); n++ {
		for p.list[n].at-p.list[from].at > span {
			from++
		}
		if many := int64(n + 1 - from); many > s.measured && p.list[n+1].at-p.list[n].at >= quiet {
			s.measured, first, last = many, from, n+1
		}
	}
	s.shown = numbers(first, last)
	return s
}
