package networks

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"time"

	"clew/domain"
)

// noLimit is for shapes that end by themselves.
const noLimit = math.MaxInt

// The assets of networks. manyWei is what a cent is turned into for amounts
// beyond 63 bits: a prime near 10^16, so that every decimal of an amount is in
// use and sums stay exact (it is linear).
var (
	euro   = domain.Asset{Code: "EUR", Digits: 2}
	ether  = domain.Asset{Code: "ETH", Digits: 18}
	tether = domain.Asset{Code: "USDT", Digits: 6}
)

const manyWei = 9_999_999_999_999_937

// run is a network while it is made: its accounts, its chance, its clock.
type run struct {
	*rand.Rand
	accounts []account
	hot      []int // who holds money that will soon be passed on, the latest last
	asset    domain.Asset
	scale    uint64
	start    time.Time
	gap      time.Duration // between two movements
	bare     bool
	count    int
	limit    int
	stopped  bool // by the caller
	yield    func(domain.Movement) bool
}

func newRun(seed uint64, limit int, yield func(domain.Movement) bool) *run {
	return &run{Rand: rand.New(rand.NewPCG(seed, 0xc1e3)), asset: euro, scale: 1, limit: limit, yield: yield,
		start: time.Date(2023, 1, 2, 0, 0, 0, 0, time.UTC)}
}

// calendar spreads the movements evenly over so many days.
func (r *run) calendar(days int, bare bool) {
	r.paced(days, max(r.limit, 1))
	r.bare = bare
}

func (r *run) paced(days, movements int) {
	r.gap = time.Duration(days) * 24 * time.Hour / time.Duration(movements)
}

func (r *run) more() bool { return !r.stopped && r.count < r.limit }

// chance is true n times in a hundred.
func (r *run) chance(n int) bool { return r.IntN(100) < n }

// skewed is a number below n by a power law: each time the half with the small
// numbers is taken with thirteen chances of sixteen, which makes the weight of
// number i about i to the power of -0.7, in integers.
func (r *run) skewed(n int) int {
	for n > 1 && r.IntN(16) < 13 {
		n = (n + 1) / 2
	}
	return r.IntN(n)
}

// money is an amount of that many binary digits, from few to many, each
// number of digits as often as any other.
func (r *run) money(fewest, most int) int64 {
	return 1 + r.Int64N(1<<(fewest+r.IntN(most-fewest+1)))
}

// heat notes that an account holds money which will be passed on.
func (r *run) heat(account int) { r.hot = append(r.hot, account) }

// warm takes one of the accounts that got money last, among so many.
func (r *run) warm(among int) (account int, ok bool) {
	for len(r.hot) > 0 {
		last := len(r.hot) - 1
		i := last - r.IntN(min(among, len(r.hot)))
		account = r.hot[i]
		r.hot[i] = r.hot[last]
		r.hot = r.hot[:last]
		if r.accounts[account].holds > 0 {
			return account, true
		}
	}
	return 0, false
}

func (r *run) open(to int, units int64) {
	r.accounts[to].opened = true
	r.accounts[to].holds += units
	r.emit(domain.Movement{Kind: domain.Opening, To: r.accounts[to].name, Amount: r.amount(units)})
}

func (r *run) pay(from, to int, units int64) {
	r.emit(r.transfer(from, to, units))
}

// claim is a payment that its victim reports. It says whether there was still
// room for it.
func (r *run) claim(from, to int, units int64) bool {
	room := r.more()
	m := r.transfer(from, to, units)
	m.Victim, m.Scam = domain.VictimID(fmt.Sprintf("V%05d", from+1)), "investment"
	r.emit(m)
	return room
}

func (r *run) transfer(from, to int, units int64) domain.Movement {
	payer, payee := &r.accounts[from], &r.accounts[to]
	payer.holds = max(0, payer.holds-units)
	payee.holds += units
	payee.opened = true
	return domain.Movement{Kind: domain.Transfer, From: payer.name, To: payee.name, Amount: r.amount(units)}
}

func (r *run) amount(units int64) domain.Amount {
	high, low := bits.Mul64(uint64(units), r.scale)
	return domain.Amount{Units: domain.UnitsFromWords(int64(high), low), Asset: r.asset}
}

// emit gives a movement its time and its name and hands it out.
func (r *run) emit(m domain.Movement) {
	if !r.more() {
		return
	}
	at := r.start.Add(time.Duration(r.count) * r.gap).Truncate(time.Second)
	m.When = domain.Instant(at)
	if r.bare {
		m.When = domain.Date(at.Date())
	}
	r.count++
	m.Source, m.SourceID = string(Case), fmt.Sprintf("N%08d", r.count)
	m.ID = domain.Identify(Case, m.Source, m.SourceID, [32]byte{}, 1)
	r.stopped = !r.yield(m)
}
