package indicators

import "clew/domain"

// layerDecayName is the indicator's, which alone has something to make ready.
const layerDecayName = "layer-decay"

// longestChain bounds a chain: what is longer shows no more.
const longestChain = 16

// layerDecay is the most payments of a chain through one of the account's
// credits, each a little smaller than the one before.
func layerDecay(p *pool, l limits) sign {
	if p.credits == 0 {
		return sign{}
	}
	done, span := p.resume(chainsThere, l), l.span("hours")
	best := done.best
	for n := done.upto; n < len(p.list); n++ {
		line := &p.list[n]
		if line.in && line.other != none {
			if now := p.chain(n, l); now.measured > best.measured {
				best = now
			}
		}
		if line.at+span < p.book.latest && n == done.upto {
			done.upto, done.best = n+1, best
		}
	}
	p.settle(chainsThere, done)
	return best
}

// chain is the longest one through a credit: so many payments up to it that
// begin as late as possible, so many from it on that end as early as possible.
func (p *pool) chain(n int, l limits) (best sign) {
	credit, here, span := &p.list[n], p.list[n], l.span("hours")
	here.twin = int32(n) // from here on it goes among the pool's own passages
	d := decay{book: p.book, l: l, since: credit.at - span, till: credit.at + span}
	preceded := d.preceded(p, credit)
	if !preceded && l["payments"] > 1 && !d.followed(p, n) {
		return best
	}
	after := d.forth(p, &here)
	if !preceded && int64(len(after)) < l["payments"] {
		return best
	}
	before := d.back(p, credit)
	if int64(len(before)+len(after)) <= l["payments"] {
		return best
	}
	for i, one := range before {
		for j, other := range after {
			if many := int64(i + j + 1); many > best.measured && other.at-one.at <= span {
				best = sign{measured: many, beyond: append(one.rows(), other.rows()...)}
			}
		}
	}
	return best
}

// decay looks for chains around one payment, within a span on either side.
type decay struct {
	book        *Book
	l           limits
	since, till int64
	past, ahead map[int32][]*link // by movement: what has been found already
}

// link is a payment of a chain, and when the chain begins or ends.
type link struct {
	at   int64
	row  int32
	next *link
}

func (k *link) rows() (list []int32) {
	for ; k != nil; k = k.next {
		list = append(list, k.row)
	}
	return list
}

// falls says whether a payment is smaller than the one before it by as much as
// the thresholds want.
func (d *decay) falls(before, after *passage) bool {
	if !after.units.Less(before.units) {
		return false
	}
	lost := before.units.Minus(after.units)
	return atLeast(lost, 1000, before.units, d.l["least"]) && atLeast(before.units, d.l["most"], lost, 1000)
}

// preceded says whether any payment may stand before a credit in a chain.
func (d *decay) preceded(p *pool, credit *passage) bool {
	if d.book.fed != nil {
		return d.book.fed[credit.row]
	}
	payer := p.next(credit)
	return payer != nil && payer.credits > 0 && d.fed(payer, payer.after(credit), credit)
}

// fed says whether one of a pool's credits before a passage may stand before a
// payment in a chain.
func (d *decay) fed(p *pool, before int, payment *passage) bool {
	for n := before - 1; n >= 0 && p.list[n].at >= d.since; n-- {
		if earlier := &p.list[n]; earlier.in && d.falls(earlier, payment) {
			return true
		}
	}
	return false
}

// followed says whether any payment may stand behind a credit in a chain.
func (d *decay) followed(p *pool, n int) bool {
	credit := &p.list[n]
	for n++; !p.end() && n < len(p.list) && p.list[n].at <= d.till; n++ {
		if later := &p.list[n]; !later.in && d.falls(credit, later) {
			return true
		}
	}
	return false
}

// feed notes of a pool's payments which of them are preceded: asked of the pool
// that pays, which is at hand, and not by each that is paid. Nobody else writes
// what it notes.
func (p *pool) feed(l limits) []Finding {
	d, span := decay{book: p.book, l: l}, l.span("hours")
	for n := range p.list {
		if line := &p.list[n]; !line.in && line.alike && !p.ends {
			d.since = line.at - span
			p.book.fed[line.row] = d.fed(p, n, line)
		}
	}
	return nil
}

// back gives the chains that end with a credit, by their length less one: of
// several of one length the one that begins last.
func (d *decay) back(p *pool, credit *passage) []*link {
	if known, is := d.past[credit.row]; is {
		return known
	}
	chains := []*link{{credit.at, credit.row, nil}}
	payer := p.next(credit)
	if payer == nil {
		return chains
	}
	for n := payer.since(d.since); n < len(payer.list) && payer.list[n].at <= credit.at; n++ {
		earlier := &payer.list[n]
		if !earlier.in || earlier.other == none || !d.book.earlier(earlier, credit) || !d.falls(earlier, credit) {
			continue
		}
		chains = longer(chains, d.back(payer, earlier), credit, func(a, b int64) bool { return a > b })
	}
	d.past = noted(d.past, credit.row, chains)
	return chains
}

// forth gives the chains that begin with a payment to a pool: of several of one
// length the one that ends first.
func (d *decay) forth(p *pool, payment *passage) []*link {
	if known, is := d.ahead[payment.row]; is {
		return known
	}
	chains := []*link{{payment.at, payment.row, nil}}
	if p == nil || p.end() {
		return chains
	}
	for n := p.after(payment); n < len(p.list) && p.list[n].at <= d.till; n++ {
		later := &p.list[n]
		if later.in || !d.falls(payment, later) {
			continue
		}
		chains = longer(chains, d.forth(p.next(later), later), payment, func(a, b int64) bool { return a < b })
	}
	d.ahead = noted(d.ahead, payment.row, chains)
	return chains
}

// noted keeps chains of several payments: a single one is found as fast.
func noted(all map[int32][]*link, row int32, chains []*link) map[int32][]*link {
	if len(chains) == 1 {
		return all
	}
	if all == nil {
		all = map[int32][]*link{}
	}
	all[row] = chains
	return all
}

// longer puts a payment on the end of each chain and keeps the better ones.
func longer(chains, others []*link, payment *passage, better func(a, b int64) bool) []*link {
	for h, one := range others {
		if h+1 >= longestChain {
			break
		}
		grown := &link{one.at, payment.row, one}
		switch {
		case h+1 >= len(chains):
			chains = append(chains, grown)
		case better(one.at, chains[h+1].at):
			chains[h+1] = grown
		}
	}
	return chains
}

// atLeast says whether a × n is b × m at least. Both are more than nothing.
func atLeast(a domain.Units, n int64, b domain.Units, m int64) bool {
	x, small := a.Int64()
	y, tiny := b.Int64()
	if small && tiny && x < 1<<50 && y < 1<<50 && n <= 1000 && m <= 1000 {
		return x*n >= y*m
	}
	one, other := a.Big(), b.Big()
	one.Mul(one, domain.NewUnits(n).Big())
	other.Mul(other, domain.NewUnits(m).Big())
	return one.Cmp(other) >= 0
}
