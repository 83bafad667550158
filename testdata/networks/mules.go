package networks

import (
	"iter"

	"clew/domain"
)

// Mules is a layered mule network in the middle of honest traffic. Victims pay
// mules of the first layer; these pass on within a short time, in parts, mostly
// to the next layer, sometimes across or back; the last layer pays exchanges
// and draws cash. Mules have money of their own, shop, and are paid by honest
// people, so that money mixes. Who pays and who is paid honestly follows a
// power law (rank to the power of -0.7): few accounts have most of the traffic.
// One honest payment in five hundred is more than its account holds.
type Mules struct {
	Seed      uint64
	Transfers int  // movements in all; openings are among them
	Accounts  int  // all accounts, whatever their role; more than the rest needs
	Victims   int  // each pays at least once, if there are movements enough
	Layers    int  // how many mules the money passes
	PerLayer  int  // mules in each layer
	Honest    int  // of a hundred movements, those that have nothing to do with the fraud
	Paid      int  // victims who are paid a little back, as bait
	Days      int  // how many days it all takes
	Bare      bool // only the day of each movement is known
	Wide      bool // ETH with 18 decimals instead of euro cents: beyond 63 bits
}

// Standard is the network that figures are about: a tenth as many accounts as
// transfers, four layers, seven honest movements of ten, two years.
func Standard(transfers, victims int) Mules {
	return Mules{
		Seed: 1, Transfers: transfers, Accounts: transfers/10 + 2*victims + 100, Victims: victims, Layers: 4, PerLayer: 10 + transfers/2_000,
		Honest: 70, Paid: victims / 100, Days: 730,
	}
}

func (m Mules) sections() []section {
	list := []section{{Truth{Role: Victim}, m.Victims, iban}}
	for layer := range m.Layers {
		list = append(list, section{Truth{Mule, layer + 1}, m.PerLayer, iban})
	}
	rest := max(m.Accounts-m.Victims-m.Layers*m.PerLayer, 10)
	exchanges, merchants, employers := 1+m.PerLayer/2, 1+rest/50, 1+rest/200
	return append(list,
		section{Truth{Role: Exchange}, exchanges, named("vasp:exchange/%d")},
		section{Truth{Role: Cash}, 1, named("cash:dispenser-%d")},
		section{Truth{Role: Merchant}, merchants, named("merchant:m-%d")},
		section{Truth{Role: Employer}, employers, iban},
		section{Truth{Role: Honest}, max(1, rest-exchanges-merchants-employers-1), iban},
	)
}

// Truths are all accounts that may occur, with what they truly are.
func (m Mules) Truths() iter.Seq2[domain.AccountID, Truth] { return told(m.sections()) }

// Movements are the network's movements, in the order of time.
func (m Mules) Movements() iter.Seq[domain.Movement] {
	return func(yield func(domain.Movement) bool) {
		sections := m.sections()
		r := &mulesRun{run: newRun(m.Seed, m.Transfers, yield), m: m, layers: spans(sections, Mule),
			victims: spans(sections, Victim)[0], exchanges: spans(sections, Exchange)[0], cash: spans(sections, Cash)[0],
			merchants: spans(sections, Merchant)[0], employers: spans(sections, Employer)[0], honest: spans(sections, Honest)[0]}
		r.accounts = spell(sections)
		r.calendar(m.Days, m.Bare)
		if m.Wide {
			r.asset, r.scale = ether, manyWei
		}
		for r.more() {
			if r.chance(m.Honest) {
				r.live()
			} else {
				r.launder()
			}
		}
	}
}

// mulesRun is a mule network while it is made.
type mulesRun struct {
	*run
	m                                                      Mules
	layers                                                 []span
	victims, exchanges, cash, merchants, employers, honest span
	reports, paid                                          int
}

// live is one day's honest business: somebody shops, pays a friend, a mule or
// a victim, and is paid his wages when he has run out of money.
func (r *mulesRun) live() {
	payer := r.honest.at(r.skewed(r.honest.n))
	amount := r.money(8, 17)
	if !r.afford(payer, amount) {
		return
	}
	switch n := r.IntN(100); {
	case n < 60:
		r.pay(payer, r.merchants.at(r.skewed(r.merchants.n)), amount)
	case n < 95:
		r.pay(payer, r.honest.at(r.skewed(r.honest.n)), amount)
	case n < 97:
		r.pay(payer, r.victims.at(r.IntN(r.victims.n)), amount)
	default:
		layer := r.layers[r.IntN(len(r.layers))]
		r.pay(payer, layer.at(r.IntN(layer.n)), amount)
	}
}

// afford says whether the payer may pay now; if not, what he was given instead
// was this turn's movement.
func (r *mulesRun) afford(payer int, amount int64) bool {
	a := &r.accounts[payer]
	switch {
	case a.holds >= amount, r.IntN(500) == 0:
		return true
	case !a.opened:
		r.open(payer, r.money(16, 20))
		return false
	}
	r.fund(payer, 150_000+r.Int64N(300_000))
	return false
}

// fund pays somebody by an employer, whose own account is opened for good.
func (r *mulesRun) fund(payee int, units int64) {
	employer := r.employers.at(r.skewed(r.employers.n))
	if !r.accounts[employer].opened {
		r.open(employer, 1_000_000_000_000_00)
	}
	r.pay(employer, payee, units)
}

// launder is one movement of the fraud: a victim pays, or a mule passes on.
func (r *mulesRun) launder() {
	mule, hot := r.warm(100)
	switch {
	case !hot || r.reports < r.m.Victims && r.chance(30) || r.chance(12):
		r.defraud()
	case r.paid < r.m.Paid && r.IntN(200) == 0:
		r.pay(mule, r.victims.at(r.paid), min(r.accounts[mule].holds, r.money(8, 14)))
		r.paid++
	default:
		r.passOn(mule)
	}
}

// defraud lets a victim pay a mule of the first layer: each victim once, then
// some much more often than others.
func (r *mulesRun) defraud() {
	number := r.reports
	if number >= r.victims.n {
		number = r.skewed(r.victims.n)
	}
	victim, amount := r.victims.at(number), r.money(13, 21)
	if a := &r.accounts[victim]; !a.opened {
		r.open(victim, amount+r.money(14, 22))
	} else if a.holds < amount {
		r.fund(victim, amount+r.money(14, 22))
	}
	mule := r.layers[0].at(r.IntN(r.layers[0].n))
	if a := &r.accounts[mule]; !a.opened && r.chance(50) {
		r.open(mule, r.money(10, 18))
	}
	if r.claim(victim, mule, amount) {
		r.reports++
	}
	r.heat(mule)
}

// passOn lets a mule pay a part or nearly all of what he holds.
func (r *mulesRun) passOn(mule int) {
	a := r.accounts[mule]
	part := 90 + r.IntN(10)
	if r.chance(50) {
		part = 25 + r.IntN(50)
	}
	payee := r.next(a.truth.Layer)
	r.pay(mule, payee, max(1, a.holds*int64(part)/100))
	if r.accounts[payee].truth.Role == Mule {
		r.heat(payee)
	}
	if r.accounts[mule].holds >= 1_00 {
		r.heat(mule)
	}
}

// next is whom a mule of a layer pays.
func (r *mulesRun) next(layer int) int {
	n := r.IntN(100)
	switch {
	case n < 5:
		return r.merchants.at(r.skewed(r.merchants.n))
	case n < 12:
		return r.cash.at(0)
	case n < 20:
		across := r.layers[r.IntN(len(r.layers))]
		return across.at(r.IntN(across.n))
	case layer < len(r.layers):
		return r.layers[layer].at(r.IntN(r.layers[layer].n))
	}
	return r.exchanges.at(r.skewed(r.exchanges.n))
}
