package indicators

import (
	"cmp"
	"slices"
	"time"

	"clew/domain"
	"clew/tracing"
)

// passage is one credit or debit of a pool.
type passage struct {
	at       int64 // nanoseconds of Unix time; a bare date is the day's first moment
	position uint64
	movement domain.MovementID
	other    domain.AccountID // "" where there is none: an opening, a leg of a hop
	units    domain.Units
	in       bool
}

// pool is what passed through one account in one asset, in the order of time
// and then of the log.
type pool struct {
	account domain.AccountID
	asset   domain.Asset
	list    []passage
	// What several indicators ask for is worked out once between two movements.
	met     *[2][]int
	matched *[]stay
}

type poolName struct {
	account domain.AccountID
	asset   domain.Asset
}

// Book keeps a case's movements by account. It may grow at any time, in any
// order: a movement that comes late is put where it belongs, and only the
// accounts that it touches are looked at again. One goroutine at a time may use
// it.
type Book struct {
	accounts map[domain.AccountID]tracing.Account
	pools    map[poolName]*pool
}

// NewBook makes an empty book of accounts as people have described them.
func NewBook(accounts map[domain.AccountID]tracing.Account) *Book {
	return &Book{accounts, map[poolName]*pool{}}
}

// Add takes a movement. Balances say what is there and not what passed, and
// returns undo what somebody else did: neither is looked at, nor is a payment
// to oneself.
func (b *Book) Add(row *tracing.Row) {
	line := passage{at: row.When.Time.UnixNano(), position: row.Position, movement: row.ID}
	switch {
	case row.Kind == domain.Balance || row.Kind == domain.Return:
		return
	case row.Kind == domain.Hop:
		b.hop(row, line)
		return
	case row.From == row.To && row.Amount.Asset == row.Arrives().Asset:
		return
	}
	b.put(row.From, row.Amount, line.with(row.To, false))
	b.put(row.To, row.Arrives(), line.with(row.From, true))
}

func (b *Book) hop(row *tracing.Row, line passage) {
	for _, leg := range row.Inputs {
		b.put(leg.Account, leg.Amount, line.with("", false))
	}
	for _, leg := range row.Outputs {
		b.put(leg.Account, leg.Amount, line.with("", true))
	}
}

func (p passage) with(other domain.AccountID, in bool) passage {
	p.other, p.in = other, in
	return p
}

func (b *Book) put(account domain.AccountID, amount domain.Amount, line passage) {
	if account == "" || amount.Units.Sign() <= 0 || account.Kind() == domain.KindSink {
		return
	}
	line.units = amount.Units
	name := poolName{account, amount.Asset}
	p := b.pools[name]
	if p == nil {
		p = &pool{account: account, asset: amount.Asset}
		b.pools[name] = p
	}
	at, _ := slices.BinarySearchFunc(p.list, line, func(a, b passage) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.position, b.position), -1)
	})
	p.list, p.met, p.matched = slices.Insert(p.list, at, line), nil, nil
}

// Ask says what to look for, and where.
type Ask struct {
	Thresholds Thresholds
	Indicator  string           // "name" or "name@version"; "": the newest of all
	Account    domain.AccountID // "": all
}

// Findings gives all that fires, by account, asset and the table's order.
func (b *Book) Findings(ask Ask) ([]Finding, error) {
	looks, err := ask.looks()
	if err != nil {
		return nil, err
	}
	var list []Finding
	for name, p := range b.pools {
		if ask.Account == "" || name.account == ask.Account {
			list = append(list, b.at(p, looks)...)
		}
	}
	inOrder(list)
	return list, nil
}

// Follow takes a movement, as Add does, and gives what now fires at the
// accounts that it names: the same as Findings would say there.
func (b *Book) Follow(row *tracing.Row, ask Ask) (list []Finding, err error) {
	looks, err := ask.looks()
	if err != nil {
		return nil, err
	}
	b.Add(row)
	touched := []poolName{{row.From, row.Amount.Asset}, {row.To, row.Arrives().Asset}}
	for _, legs := range [][]domain.Leg{row.Inputs, row.Outputs} {
		for _, leg := range legs {
			touched = append(touched, poolName{leg.Account, leg.Amount.Asset})
		}
	}
	for n, name := range touched {
		p := b.pools[name]
		if p != nil && !slices.Contains(touched[:n], name) && (ask.Account == "" || name.account == ask.Account) {
			list = append(list, b.at(p, looks)...)
		}
	}
	inOrder(list)
	return list, nil
}

// look is an indicator with its thresholds.
type look struct {
	Indicator
	limits limits
}

func (a Ask) looks() (list []look, err error) {
	rows := newest()
	if a.Indicator != "" {
		row, err := Find(a.Indicator)
		if err != nil {
			return nil, err
		}
		rows = []Indicator{row}
	}
	for _, row := range rows {
		list = append(list, look{row, a.Thresholds.of(row.Name)})
	}
	return list, nil
}

func (b *Book) at(p *pool, looks []look) (list []Finding) {
	for _, one := range looks {
		if f, fires := one.finding(p, one.limits); fires {
			list = append(list, f)
		}
	}
	if len(list) == 0 {
		return nil
	}
	known := b.recognise(p)
	for i := range list {
		list[i].Recognised = known
	}
	return list
}

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

func (b *Book) recognise(p *pool) Recognition {
	said := b.accounts[p.account]
	kind := p.account.Kind()
	if kind == domain.KindUnknown {
		kind = said.As
	}
	switch {
	case said.Coerced:
		return CoercedHolder
	case said.Victim != "":
		return VictimsAccount
	case said.Innocent:
		return InnocentHolder
	case kind == domain.KindService || kind == domain.KindMixer || kind == domain.KindGambling:
		return PooledWallet
	case kind.End():
		return Shop
	case p.ordinary():
		return LongOrdinary
	}
	return ""
}

func (p *pool) ordinary() bool {
	life := p.list[len(p.list)-1].at - p.list[0].at
	if life < int64(ordinaryDays*24*time.Hour) {
		return false
	}
	payers := map[domain.AccountID]bool{}
	for _, line := range p.list {
		if line.in && line.other != "" {
			payers[line.other] = true
		}
	}
	return len(payers) >= ordinaryPayers
}
