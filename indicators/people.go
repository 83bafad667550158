package indicators

import (
	"slices"
	"strings"
	"time"

	"clew/domain"
)

// payback looks at each debit to a home of somebody who had reported a payment
// before: small against what he had paid, and followed by a larger one.
func payback(p *pool, l limits) (s sign) {
	if len(p.book.victims) == 0 || p.debits() == 0 {
		return s
	}
	for n := range p.list {
		line := &p.list[n]
		if line.in || line.other == none || !p.book.isHome[line.other] {
			continue
		}
		for _, name := range p.book.holders[line.other].homes {
			if after := p.lured(name, line, l); after != none {
				s.measured++
				s.shown, s.beyond = append(s.shown, n), append(s.beyond, after)
			}
		}
	}
	return s
}

// lured gives the first payment that a victim reports after a bait and within
// the span, if it is larger than the bait and the bait is small against what he
// had reported before.
func (p *pool) lured(name domain.VictimID, bait *passage, l limits) int32 {
	b := p.book
	v := b.victims[name]
	if v == nil || bait.at < v.first || bait.at > v.last {
		return none
	}
	paid, after, at := domain.Units{}, none, int64(0)
	for _, r := range v.reports {
		one := &passage{at: b.rows[r.row].at, row: r.row}
		switch {
		case r.asset != p.asset:
		case b.earlier(one, bait):
			paid = sum(paid, r.units)
		case b.earlier(bait, one) && one.at-bait.at <= l.span("days") && bait.units.Less(r.units) && (after == none || b.earlier(one, &passage{at: at, row: after})):
			after, at = r.row, one.at
		}
	}
	if paid.Sign() <= 0 || !atLeast(paid, l["percent"], bait.units, 100) {
		return none
	}
	return after
}

// emptied is, at a victim's home whose opening balance is known, the largest
// share of what lay there that he paid to the scam within the days.
func emptied(p *pool, l limits) (s sign) {
	if p.reports == 0 || !slices.ContainsFunc(p.list, func(line passage) bool { return line.opening }) {
		return s
	}
	within, balance, before := l.span("days"), domain.Units{}, make([]domain.Units, len(p.list))
	for n := range p.list {
		before[n] = balance
		if line := &p.list[n]; line.in {
			balance = sum(balance, line.units)
		} else {
			balance = balance.Minus(line.units.Min(balance))
		}
	}
	for n := range p.list {
		if !p.list[n].reported || p.list[n].in {
			continue
		}
		lay, paid, shown := before[n], domain.Units{}, []int(nil)
		for m := n; m < len(p.list) && p.list[m].at-p.list[n].at <= within; m++ {
			switch line := &p.list[m]; {
			case line.in:
				lay = sum(lay, line.units)
			case line.reported:
				paid, shown = sum(paid, line.units), append(shown, m)
			}
		}
		if share := parts(paid, lay, 1000); share > s.measured {
			s = sign{measured: share, shown: shown}
		}
	}
	return s
}

// borrowed counts the payments that a victim reports within the days after a
// credit from whom somebody has labelled a lender.
func borrowed(p *pool, l limits) (s sign) {
	if p.reports == 0 {
		return s
	}
	within, loan := l.span("days"), -1
	for n := range p.list {
		line := &p.list[n]
		switch {
		case line.in && line.other != none && p.book.labelled(line.other, "lender"):
			loan = n
		case !line.in && line.reported && loan >= 0 && line.at-p.list[loan].at <= within:
			s.measured++
			s.shown = append(s.shown, loan, n)
		}
	}
	return s
}

// labelled says whether one of an account's labels is a word, or has it among
// its words.
func (b *Book) labelled(holder int32, word string) bool {
	for _, label := range b.said[b.holders[holder].name].Labels {
		if slices.Contains(strings.Fields(strings.ToLower(label)), word) {
			return true
		}
	}
	return false
}

// firstExchange looks at the first payment of a victim's home to an exchange,
// after so many days in which it is known and paid none.
func firstExchange(p *pool, l limits) (s sign) {
	if len(p.book.holders[p.holder].homes) == 0 {
		return s
	}
	for n := range p.list {
		line := &p.list[n]
		if line.in || line.other == none || !p.book.exchange(line.other) {
			continue
		}
		s.measured = (line.at - p.list[0].at) / int64(24*time.Hour)
		s.shown = []int{0, n}
		return s
	}
	return s
}

// exchange says whether an account is a customer's at an exchange, or is
// labelled as an exchange's own.
func (b *Book) exchange(holder int32) bool {
	return b.holders[holder].kind == domain.KindVASP || b.labelled(holder, "exchange")
}

// newAccount is what came in, in whole units, within the days after the account
// was opened, where somebody has said when that was.
func newAccount(p *pool, l limits) (s sign) {
	opened := p.book.said[p.account].Opened
	if opened.IsZero() {
		return s
	}
	from, all := opened.UnixNano(), domain.Units{}
	for n := range p.list {
		if line := &p.list[n]; line.in && line.at >= from && line.at-from <= l.span("days") {
			all = sum(all, line.units)
			s.shown = append(s.shown, n)
		}
	}
	whole, known := p.wholes(all)
	if !known {
		return sign{}
	}
	s.measured = whole
	return s
}

// atExchange is pass-through at an account at an exchange: what came and left
// within the hours, in thousandths.
func atExchange(p *pool, l limits) (s sign) {
	if !p.book.exchange(p.holder) || p.end() {
		return s
	}
	return passThrough(p, l)
}

// abroad is the most exchanges in other countries than the account's own that
// it paid, or was paid by, within the days.
func abroad(p *pool, l limits) (s sign) {
	home := p.book.said[p.account].Country
	if home == "" {
		return s
	}
	var list []int
	for n := range p.list {
		if line := &p.list[n]; !line.in && line.other != none && p.book.foreign(line.other, home) != "" {
			list = append(list, n)
		}
	}
	within := l.span("days")
	for from := range list {
		seen, shown := map[string]bool{}, []int(nil)
		for _, n := range list[from:] {
			name := p.book.foreign(p.list[n].other, home)
			if p.list[n].at-p.list[list[from]].at <= within && !seen[name] {
				seen[name], shown = true, append(shown, n)
			}
		}
		if many := int64(len(seen)); many > s.measured {
			s = sign{measured: many, shown: shown}
		}
	}
	return s
}

// foreign is the exchange at which an account lies, if it is known to be in
// another country.
func (b *Book) foreign(holder int32, home string) string {
	said := b.said[b.holders[holder].name]
	if !b.exchange(holder) || said.Country == "" || said.Country == home {
		return ""
	}
	return said.Institution
}
