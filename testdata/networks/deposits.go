package networks

import (
	"iter"

	"clew/domain"
)

// Deposits is the shape of a pig-butchering case on a chain: victims pay again
// and again to addresses that a site shows them; the addresses are swept into
// pools, where money of strangers lies as well; the pools pay through layers of
// wallets to accounts at exchanges. Nobody knows where strangers have their
// money from. All in USDT, to the second.
type Deposits struct {
	Seed      uint64
	Deposits  int // payments of victims: every one of them is a claim
	Victims   int
	Addresses int
	Pools     int
	Layers    int // of wallets between the pools and the exchanges
	PerLayer  int
	Exchanges int // accounts at exchanges
	Days      int
}

// USDT225 has the size of the 225 million USDT case: 263,000 deposits of 434
// victims, about 390,000 movements in all.
func USDT225() Deposits {
	return Deposits{Seed: 225, Deposits: 263_000, Victims: 434, Addresses: 4_000, Pools: 35, Layers: 4, PerLayer: 150, Exchanges: 144, Days: 900}
}

func (d Deposits) sections() []section {
	list := []section{{Truth{Role: Victim}, d.Victims, wallet}, {Truth{Role: Address}, d.Addresses, wallet}, {Truth{Role: Pool}, d.Pools, wallet}}
	for layer := range d.Layers {
		list = append(list, section{Truth{Mule, layer + 1}, d.PerLayer, wallet})
	}
	return append(list,
		section{Truth{Role: Exchange}, d.Exchanges, named("vasp:exchange/%d")},
		section{Truth{Role: Honest}, 1 + d.Victims, wallet},
	)
}

// Truths are all accounts that may occur, with what they truly are.
func (d Deposits) Truths() iter.Seq2[domain.AccountID, Truth] { return told(d.sections()) }

// Movements are the case's movements, in the order of time.
func (d Deposits) Movements() iter.Seq[domain.Movement] {
	return func(yield func(domain.Movement) bool) {
		sections := d.sections()
		r := &depositsRun{run: newRun(d.Seed, noLimit, yield), d: d, victims: spans(sections, Victim)[0], addresses: spans(sections, Address)[0],
			pools: spans(sections, Pool)[0], layers: spans(sections, Mule), exchanges: spans(sections, Exchange)[0], strangers: spans(sections, Honest)[0]}
		r.accounts = spell(sections)
		r.asset = tether
		r.paced(d.Days, 2*d.Deposits)
		for r.made < d.Deposits && r.more() {
			r.deposit()
			if r.chance(45) {
				r.carry()
			}
		}
		for r.more() && r.carry() {
		}
	}
}

// depositsRun is a case of deposits while it is made.
type depositsRun struct {
	*run
	d                                               Deposits
	victims, addresses, pools, exchanges, strangers span
	layers                                          []span
	made                                            int
}

// deposit lets a victim pay to one of the few addresses that he was shown.
func (r *depositsRun) deposit() {
	number := r.made
	if number >= r.victims.n {
		number = r.skewed(r.victims.n)
	}
	victim, amount := r.victims.at(number), 10_000_000+r.money(20, 32)
	if a := &r.accounts[victim]; !a.opened {
		r.open(victim, amount+r.money(36, 40))
	} else if a.holds < amount {
		r.pay(r.stranger(), victim, amount+r.money(36, 40))
	}
	address := r.addresses.at((number*9 + r.IntN(9)) % r.addresses.n)
	r.claim(victim, address, amount)
	r.made++
	if r.IntN(10) == 0 {
		r.heat(address)
	}
}

// carry lets one of the accounts that lately got money pass it on. It says
// whether there was one.
func (r *depositsRun) carry() bool {
	from, hot := r.warm(400)
	if !hot {
		return false
	}
	switch truth := r.accounts[from].truth; truth.Role {
	case Address:
		r.sweep(from)
	case Pool:
		r.split(from, 0)
	default:
		r.split(from, truth.Layer)
	}
	return true
}

// sweep moves all that an address holds into a pool; now and then a stranger
// pays into the pool as well.
func (r *depositsRun) sweep(address int) {
	pool := r.pools.at(r.IntN(r.pools.n))
	if r.chance(5) {
		r.pay(r.stranger(), pool, r.money(26, 34))
	}
	if held := r.accounts[address].holds; held > 0 {
		r.pay(address, pool, held)
	}
	if r.chance(30) {
		r.heat(pool)
	}
}

func (r *depositsRun) stranger() int { return r.strangers.at(r.IntN(r.strangers.n)) }

// split pays a part or all of what lies in a pool or wallet to the next layer,
// or from the last to an exchange.
func (r *depositsRun) split(from, layer int) {
	held := r.accounts[from].holds
	if held <= 0 {
		return
	}
	part := held
	if held > 1_000_000_000 && r.chance(60) {
		part = held * int64(20+r.IntN(60)) / 100
		r.heat(from)
	}
	if layer >= len(r.layers) {
		r.pay(from, r.exchanges.at(r.skewed(r.exchanges.n)), part)
		return
	}
	to := r.layers[layer].at(r.IntN(r.layers[layer].n))
	r.pay(from, to, part)
	r.heat(to)
}
