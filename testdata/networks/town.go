package networks

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"

	"clew/domain"
)

// Town is a year of a town in which few accounts are mules, and nobody is known
// by how busy he is: shops, landlords, clubs and agents have bank accounts like
// everybody else, whose customers follow a power law. Shops pay a supplier once
// a week out of many payments, landlords are paid by all on one day, clubs
// collect and hand over, agents pass on less a tenth: all of them look like
// mules in one way. A mule is somebody of the town, with his wage and his
// shopping, until he is recruited for some days or weeks.
type Town struct {
	Seed   uint64
	People int
	Mules  int // among the people
}

// The town's other accounts, for so many people one.
const (
	peopleAShop, peopleALandlord, peopleAClub, peopleAnAgent, peopleAnEmployer = 25, 40, 60, 400, 50
	townDays                                                                   = 365
)

// Further roles of a town.
const (
	TownShop Role = "shop" // with a bank account: no end
	Landlord Role = "landlord"
	Club     Role = "club"
	Agent    Role = "agent" // passes on what he is paid, less his share, by contract
)

func (t Town) sections() []section {
	return []section{{Truth{Role: Honest}, t.People - t.Mules, iban}, {Truth{Mule, 1}, t.Mules - t.Mules/3, iban}, {Truth{Mule, 2}, t.Mules / 3, iban},
		{Truth{Role: TownShop}, 1 + t.People/peopleAShop, iban}, {Truth{Role: Landlord}, 1 + t.People/peopleALandlord, iban},
		{Truth{Role: Club}, 1 + t.People/peopleAClub, iban}, {Truth{Role: Agent}, 1 + t.People/peopleAnAgent, iban},
		{Truth{Role: Employer}, 1 + t.People/peopleAnEmployer, iban}, {Truth{Role: Exchange}, 5, named("vasp:exchange/%d")}, {Truth{Role: Cash}, 1, named("cash:dispenser-%d")}}
}

// Truths are all accounts that may occur, with what they truly are.
func (t Town) Truths() iter.Seq2[domain.AccountID, Truth] { return told(t.sections()) }

// Movements are the town's movements, in the order of time.
func (t Town) Movements() iter.Seq[domain.Movement] {
	return func(yield func(domain.Movement) bool) {
		sections := t.sections()
		y := &year{run: newRun(t.Seed, noLimit, yield), people: span{0, t.People}, first: spans(sections, Mule)[0], second: spans(sections, Mule)[1],
			shops: spans(sections, TownShop)[0], landlords: spans(sections, Landlord)[0], clubs: spans(sections, Club)[0], agents: spans(sections, Agent)[0],
			employers: spans(sections, Employer)[0], exchanges: spans(sections, Exchange)[0], cash: spans(sections, Cash)[0]}
		y.accounts = spell(sections)
		y.lives()
		y.trades()
		y.frauds()
		y.tell()
	}
}

// year is a town's year while it is made: payments in any order, told in the
// order of time when all are there.
type year struct {
	*run
	payments                                                                           []payment
	people, first, second, shops, landlords, clubs, agents, employers, exchanges, cash span
	taken                                                                              []int64 // of each shop and week, what it took
}

type payment struct {
	at       time.Duration // since the year began
	from, to int
	units    int64
	reported bool
}

const day = 24 * time.Hour

func (y *year) add(at time.Duration, from, to int, units int64) {
	y.payments = append(y.payments, payment{at, from, to, max(1, units), false})
}

// within is a moment of a day's business hours, from a day on.
func (y *year) within(from, days int) time.Duration {
	return time.Duration(from+y.IntN(days))*day + 8*time.Hour + time.Duration(y.IntN(12*3600))*time.Second
}

// lives are everybody's wages, rents, shopping, friends and clubs.
func (y *year) lives() {
	y.taken = make([]int64, y.shops.n*53)
	for person := range y.people.n {
		wage, employer, landlord := 150_000+y.Int64N(350_000), y.employers.at(y.IntN(y.employers.n)), y.landlords.at(y.skewed(y.landlords.n))
		for month := range 12 {
			y.add(y.within(month*30+25, 2), employer, person, wage)
			y.add(y.within(month*30+1, 3), person, landlord, wage*3/10)
		}
		for range 10 + y.skewed(300) {
			y.shopping(person)
		}
		friends := []int{y.IntN(y.people.n), y.IntN(y.people.n), y.IntN(y.people.n)}
		for range 2 + y.skewed(40) {
			y.friendship(person, friends[y.IntN(len(friends))])
		}
		if y.chance(40) {
			club := y.skewed(y.clubs.n)
			y.add(y.within(club%330, 7), person, y.clubs.at(club), 2_000+500*y.Int64N(10))
		}
		if y.chance(2) { // a careful buyer tries the number first
			at, seller := y.IntN(350), y.IntN(y.people.n)
			y.add(y.within(at, 1), person, seller, 100)
			y.add(y.within(at+1, 3), person, seller, 50_000+y.Int64N(400_000))
		}
	}
}

func (y *year) shopping(person int) {
	shop, at, sum := y.skewed(y.shops.n), y.within(0, townDays), y.money(9, 14)
	y.add(at, person, y.shops.at(shop), sum)
	y.taken[shop*53+int(at/(7*day))] += sum
}

// friendship is a payment among friends, of which one in six is shared out or
// comes back.
func (y *year) friendship(person, friend int) {
	at, sum := y.within(0, townDays-3), y.money(10, 16)
	y.add(at, person, friend, sum)
	if y.IntN(6) == 0 {
		y.add(at+time.Duration(1+y.IntN(48))*time.Hour, friend, y.IntN(y.people.n), sum)
	}
}

// trades are what shops, landlords, clubs and agents do with what they are paid.
func (y *year) trades() {
	for n, sum := range y.taken {
		if shop, week := n/53, n%53; sum > 0 {
			supplier := y.shops.at((shop*7 + 3) % y.shops.n)
			y.add(time.Duration(week+1)*7*day+7*time.Hour, y.shops.at(shop), supplier, sum*int64(60+y.IntN(35))/100)
		}
	}
	for landlord := range y.landlords.n {
		for month := range 12 {
			y.add(y.within(month*30+5, 3), y.landlords.at(landlord), y.employers.at(0), 200_000+y.Int64N(300_000))
		}
	}
	for club := range y.clubs.n {
		y.add(y.within(club%330+9, 3), y.clubs.at(club), y.shops.at(y.IntN(y.shops.n)), 40_000+y.Int64N(60_000))
	}
	for agent := range y.agents.n {
		for range 30 + y.IntN(60) {
			at, sum := y.within(0, townDays-2), 20_000+y.Int64N(200_000)
			y.add(at, y.IntN(y.people.n), y.agents.at(agent), sum)
			y.add(at+time.Duration(1+y.IntN(30))*time.Hour, y.agents.at(agent), y.IntN(y.people.n), sum*9/10)
		}
	}
}

// frauds are each mule's days: victims pay, and it goes on.
func (y *year) frauds() {
	for mule := range y.first.n {
		begin, days, kept := y.IntN(townDays-40), 2+y.IntN(18), 3+y.IntN(10)
		next := y.second.at(y.IntN(max(1, y.second.n)))
		for range 3 + y.IntN(10) {
			victim, at, sum := y.IntN(y.first.first), y.within(begin, days), 30_000+y.money(14, 21)
			if y.chance(20) {
				y.add(at-time.Duration(1+y.IntN(20))*time.Hour, victim, y.first.at(mule), 100+y.Int64N(800))
			}
			y.payments = append(y.payments, payment{at, victim, y.first.at(mule), sum, true})
			at += time.Duration(5+y.IntN(24*60)) * time.Minute
			y.onward(at, y.first.at(mule), next, sum*int64(100-kept)/100)
		}
	}
}

// onward lets a mule of the first layer pay one of the second, an exchange or
// draw cash; one of the second goes on to an exchange.
func (y *year) onward(at time.Duration, mule, next int, sum int64) {
	switch n := y.IntN(10); {
	case n < 2:
		y.add(at, mule, y.cash.at(0), sum-sum%1_000)
	case n < 5:
		y.add(at, mule, y.exchanges.at(y.IntN(y.exchanges.n)), sum)
	default:
		y.add(at, mule, next, sum)
		y.add(at+time.Duration(10+y.IntN(36*60))*time.Minute, next, y.exchanges.at(y.IntN(y.exchanges.n)), sum*int64(94+y.IntN(4))/100)
	}
}

// tell hands the payments out in the order of time.
func (y *year) tell() {
	slices.SortStableFunc(y.payments, func(a, b payment) int { return cmp.Compare(a.at, b.at) })
	for _, p := range y.payments {
		if !y.more() {
			return
		}
		m := domain.Movement{Kind: domain.Transfer, When: domain.Instant(y.start.Add(p.at)), From: y.accounts[p.from].name, To: y.accounts[p.to].name, Amount: y.amount(p.units)}
		if p.reported {
			m.Victim, m.Scam = domain.VictimID(fmt.Sprintf("V%05d", p.from+1)), "investment"
		}
		y.count++
		m.Source, m.SourceID = string(Case), fmt.Sprintf("N%08d", y.count)
		m.ID = domain.Identify(Case, m.Source, m.SourceID, [32]byte{}, 1)
		y.stopped = m.From != m.To && !y.yield(m)
	}
}
