package indicators

import (
	"time"

	"clew/domain"
	"clew/tracing"
)

// Said is what people have said about an account. The zero value says nothing,
// and nothing is made of it: an indicator that needs to know does not fire
// where nobody has told.
type Said struct {
	tracing.Account
	Institution string
	Country     string    // ISO 3166-1, two letters
	Opened      time.Time // the day on which the account was opened
	Labels      []string
}

// notHome says whether somebody has said that the account is no home of this
// victim: it is held by several, or it is not his.
func (s Said) notHome(v domain.VictimID) bool { return s.Shared || s.NotVictim == v }

// Recognition is what already speaks for a holder. It changes no finding: it
// stands beside it, and is to be read first.
type Recognition string

// The recognitions, from the strongest.
const (
	CoercedHolder  Recognition = "its holder acts under force: care before contact"
	VictimsAccount Recognition = "a victim's own account"
	InnocentHolder Recognition = "an innocent third party's account"
	PooledWallet   Recognition = "a pooled service: many customers' money passes here"
	Shop           Recognition = "a merchant, or cash: paying in is its ordinary use"
	LongOrdinary   Recognition = "a long ordinary history: a year and more, with many payers"
)

// A history is long and ordinary from so many days and different payers on.
// Both are clew's own and on the careful side: who is recognised is still shown.
const (
	ordinaryDays   = 365
	ordinaryPayers = 20
)

// Recognise says what speaks for an account, whether anything fires there or
// not; nothing where the book does not know it.
func (b *Book) Recognise(account domain.AccountID) (best Recognition) {
	holder, known := b.numbers[account]
	if !known {
		holder = b.number(account)
	}
	for _, n := range b.holders[holder].pools {
		if best = b.recognise(b.pools[n].lookedAt(&b.scratch)); best != "" {
			return best
		}
	}
	return b.recogniseHolder(holder)
}

func (b *Book) recognise(p *pool) Recognition {
	if told := b.recogniseHolder(p.holder); told != "" {
		return told
	}
	if p.ordinary() {
		return LongOrdinary
	}
	return ""
}

// recogniseHolder says what people, reports and the name tell of an account,
// whatever passed there.
func (b *Book) recogniseHolder(number int32) Recognition {
	h := &b.holders[number]
	said := b.said[h.name]
	switch {
	case said.Coerced:
		return CoercedHolder
	case len(h.homes) > 0:
		return VictimsAccount
	case said.Innocent:
		return InnocentHolder
	case h.kind == domain.KindService || h.kind == domain.KindMixer || h.kind == domain.KindGambling, h.kind != domain.KindVASP && b.labelled(number, "exchange"):
		return PooledWallet
	case h.kind.End():
		return Shop
	}
	return ""
}

func (p *pool) ordinary() bool {
	if p.credits < ordinaryPayers { // a pool of which only a hold is known has no lines
		return false
	}
	if life := p.list[len(p.list)-1].at - p.list[0].at; life < int64(ordinaryDays*24*time.Hour) {
		return false
	}
	s, payers := p.scratch, 0
	s.begin(len(p.book.holders))
	for n := range p.list {
		if line := &p.list[n]; line.in && line.other != none && s.first(line.other) {
			payers++
		}
	}
	return payers >= ordinaryPayers
}
