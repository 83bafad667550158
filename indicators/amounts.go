package indicators

import (
	"slices"

	"clew/domain"
)

// inDollars are the assets in which a threshold of ten thousand dollars or of
// ten dollars says something: near enough to a dollar. In others nothing is
// measured against an amount: what is little there nobody has said.
var inDollars = []domain.AssetCode{"USD", "EUR", "GBP", "AUD", "CAD", "CHF", "SGD", "NZD", "USDT", "USDC"}

// whole turns a number of whole units into smallest ones.
func (p *pool) whole(n int64) (units domain.Units, known bool) {
	if !slices.Contains(inDollars, p.asset.Code) || p.asset.Digits > 8 {
		return units, false
	}
	for range p.asset.Digits {
		n *= 10
	}
	return domain.NewUnits(n), true
}

func structuring(p *pool, l limits) sign {
	least, known := p.whole(l["amount"] * 9 / 10)
	limit, _ := p.whole(l["amount"])
	if !known || int64(p.credits) < l["credits"] {
		return sign{}
	}
	var list []int
	for n := range p.list {
		if line := &p.list[n]; line.in && !line.units.Less(least) && line.units.Less(limit) {
			list = append(list, n)
		}
	}
	return p.busiest(list, l.span("hours"), l["credits"])
}

func testPayment(p *pool, l limits) (s sign) {
	small, known := p.whole(l["small"])
	large, _ := p.whole(l["large"])
	if !known {
		return s
	}
	within, tried := l.span("days"), map[int32]int{} // the last tiny credit of each payer, found for one who is counted
	for n := range p.list {
		line := &p.list[n]
		if !line.in || line.other == none {
			continue
		}
		if !small.Less(line.units) {
			if at, was := tried[line.other]; !was || at != found {
				tried[line.other] = n
			}
			continue
		}
		if len(tried) == 0 || line.units.Less(large) {
			continue
		}
		if first, was := tried[line.other]; was && first != found && line.at-p.list[first].at <= within {
			tried[line.other] = found
			s.measured, s.shown = s.measured+1, append(s.shown, first, n)
		}
	}
	return s
}

// found stands in the place of a tiny credit whose payer is counted already.
const found = -1

// kept is a credit that the very next movement passed on, and how many
// thousandths stayed.
type kept struct {
	in    int
	share int64
}

func commission(p *pool, l limits) (s sign) {
	var list []kept
	within := l.span("days")
	for n := 1; n < len(p.list); n++ {
		in, out := &p.list[n-1], &p.list[n]
		if !in.in || out.in || in.other == out.other || in.units.Less(out.units) || out.at-in.at > within {
			continue
		}
		if share := parts(in.units.Minus(out.units), in.units, 1000); share >= 10 && share <= 200 {
			list = append(list, kept{n - 1, share})
		}
	}
	if int64(len(list)) < l["pairs"] {
		return s
	}
	slices.SortStableFunc(list, func(a, b kept) int { return int(a.share - b.share) })
	from := 0
	for to := range list {
		for list[to].share-list[from].share > 10 {
			from++
		}
		if many := int64(to + 1 - from); many > s.measured {
			s = sign{measured: many, shown: s.shown[:0]}
			for _, pair := range list[from : to+1] {
				s.shown = append(s.shown, pair.in, pair.in+1)
			}
		}
	}
	return s
}

// conduit matches each debit with the oldest credit of its very amount that is
// not matched yet and came from somebody else.
func conduit(p *pool, l limits) (s sign) {
	if p.credits == 0 || p.debits() == 0 {
		return s
	}
	waiting, within := map[domain.Units][]int{}, l.span("days")
	for n := range p.list {
		line := &p.list[n]
		if line.in {
			waiting[line.units] = append(waiting[line.units], n)
			continue
		}
		list, some := waiting[line.units]
		if !some {
			continue
		}
		late := slices.IndexFunc(list, func(c int) bool { return line.at-p.list[c].at <= within })
		if late < 0 {
			delete(waiting, line.units)
			continue
		}
		list = list[late:]
		if at := slices.IndexFunc(list, func(c int) bool { return p.list[c].other != line.other }); at >= 0 {
			s.measured, s.shown = s.measured+1, append(s.shown, list[at], n)
			list = slices.Delete(list, at, at+1)
		}
		waiting[line.units] = list
	}
	return s
}

// oneDebit looks at each run of credits that a debit ends.
func oneDebit(p *pool, l limits) (s sign) {
	first, last := 0, none
	from, in, within := 0, domain.Units{}, l.span("days")
	for n := range p.list {
		line := &p.list[n]
		if line.in {
			in = sum(in, line.units)
			continue
		}
		for from < n && line.at-p.list[from].at > within {
			in, from = in.Minus(p.list[from].units), from+1
		}
		if many := int64(n - from); many > s.measured && parts(line.units, in, 100) >= l["percent"] {
			s.measured, first, last = many, from, int32(n)
		}
		from, in = n+1, domain.Units{}
	}
	s.shown = numbers(first, int(last))
	return s
}

// numbers are those from the first to the last.
func numbers(first, last int) (list []int) {
	for n := first; n <= last; n++ {
		list = append(list, n)
	}
	return list
}
