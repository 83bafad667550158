package indicators

import (
	"slices"
	"sync"

	"clew/domain"
	"clew/tracing"
)

// none stands where there is no account, pool or movement.
const none int32 = -1

// Book keeps a case's movements by account. It may grow at any time, in any
// order: a movement that comes late is put where it belongs, and only the
// accounts that it touches are looked at again. One goroutine at a time may use
// it.
//
// Accounts, pools and movements have numbers here: a million movements are two
// million passages without a pointer in them.
type Book struct {
	said     map[domain.AccountID]Said
	numbers  map[domain.AccountID]int32
	assets   map[domain.Asset]int32
	asset    numbered // of the last movement
	holders  []holder
	pools    []*pool
	rows     []entry
	victims  map[domain.VictimID]*victim
	isHome   []bool // by account: it is somebody's home
	fed      []bool // by movement, while all are looked at: see feed
	latest   int64  // the time of the last movement
	late     int    // how often a movement came that was not the last: what was settled is open again
	hops     []hop
	forest   forest
	chests   []chest          // by pool: what a walk's lots show
	courses  []course         // of the walk: by pool, how far it has told what passed there
	jumbled  bool             // movements were added in another order than the log's
	entries  map[uint64]int32 // of the walk: movements by position, where they are jumbled or it alone tells of them
	drift    uint64           // of the walk: how far a movement's position lies beyond its number
	recorded int              // of the walk: movements that were there before
	walked   []int32          // of the walk: pools by the walk's own numbers
	asked    asked
	scratch  scratch
}

// entry is a movement.
type entry struct {
	at       int64 // nanoseconds of Unix time; a bare date is the day's first moment
	position uint64
	id       domain.MovementID
}

// holder is an account.
type holder struct {
	name  domain.AccountID
	kind  domain.AccountKind
	sink  bool
	asset int32   // in which it was met last
	pool  int32   // its pool in that asset
	pools []int32 // one an asset
	homes []domain.VictimID
}

// victim is who has reported payments, the first and the last of them at these
// times.
type victim struct {
	reports     []report
	first, last int64
}

// report is a reported payment: passage n of a pool may move when others come,
// so it is found by its movement.
type report struct {
	row   int32
	asset domain.Asset
	units domain.Units
}

// NewBook makes an empty book of accounts as people have described them.
func NewBook(said map[domain.AccountID]Said) *Book {
	return &Book{said: said, numbers: map[domain.AccountID]int32{}, assets: map[domain.Asset]int32{}, victims: map[domain.VictimID]*victim{}}
}

// Add takes a movement. Balances say what is there and not what passed, and
// returns undo what somebody else did: neither is looked at, nor is a payment
// to oneself.
func (b *Book) Add(row *tracing.Row) {
	switch {
	case row.Kind == domain.Balance || row.Kind == domain.Return:
		return
	case row.Kind == domain.Hop:
		b.hop(row)
		return
	case row.From == row.To && row.Amount.Asset == row.Arrives().Asset:
		return
	}
	line := b.enter(row)
	payer, payee := b.number(row.From), b.number(row.To)
	from, to := b.poolOf(payer, row.Amount), b.poolOf(payee, row.Arrives())
	line.opening = row.Kind == domain.Opening
	line.reported = row.Victim != "" && from != none
	if line.reported {
		b.report(row, line, from)
	}
	same := payer != payee && from != none && to != none && row.Amount.Asset == row.Arrives().Asset
	line.alike, line.onward = same, same && !b.pools[to].ends
	b.put(from, line.out(row.Amount.Units, payee, to))
	line.onward = same && !b.pools[from].ends
	b.put(to, line.credit(row.Arrives().Units, payer, from))
	if same {
		b.pair(b.pools[from].list, b.pools[to].list)
	}
}

// pair notes where the two passages of one movement stand, where they came last.
func (b *Book) pair(paid, got []passage) {
	out, in := len(paid)-1, len(got)-1
	if paid[out].row == got[in].row {
		paid[out].twin, got[in].twin = int32(in), int32(out)
	}
}

// enter gives a movement its number.
func (b *Book) enter(row *tracing.Row) passage {
	at := row.When.Time.UnixNano()
	b.jumbled = b.jumbled || len(b.rows) > 0 && row.Position <= b.rows[len(b.rows)-1].position
	b.rows = append(b.rows, entry{at, row.Position, row.ID})
	if at < b.latest {
		b.late++
	}
	b.latest = max(b.latest, at)
	return passage{at: at, row: int32(len(b.rows) - 1), other: none, there: none}
}

// number is an account's; an account that is met for the first time gets one.
func (b *Book) number(account domain.AccountID) int32 {
	if account == "" {
		return none
	}
	n, known := b.numbers[account]
	if !known {
		n = int32(len(b.holders))
		b.numbers[account] = n
		said := b.said[account]
		kind := account.DescribedKind(said.As)
		h := holder{name: account, kind: kind, sink: kind == domain.KindSink, asset: none}
		if said.Victim != "" && !kind.End() && !said.notHome(said.Victim) {
			h.homes = []domain.VictimID{said.Victim}
		}
		b.holders, b.isHome = append(b.holders, h), append(b.isHome, len(h.homes) > 0)
	}
	return n
}

// poolFor is the pool that an amount leaves or reaches, or none where nothing
// is looked at: a sink, no account, no amount.
func (b *Book) poolFor(account domain.AccountID, amount domain.Amount) int32 {
	return b.poolOf(b.number(account), amount)
}

func (b *Book) poolOf(holder int32, amount domain.Amount) int32 {
	if holder == none || amount.Units.Sign() <= 0 || b.holders[holder].sink {
		return none
	}
	h, asset := &b.holders[holder], b.assetOf(amount.Asset)
	if h.asset != asset {
		h.asset, h.pool = asset, b.poolIn(holder, amount.Asset)
	}
	return h.pool
}

// poolIn is an account's pool in an asset, made where there is none.
func (b *Book) poolIn(holder int32, asset domain.Asset) int32 {
	h := &b.holders[holder]
	for _, n := range h.pools {
		if b.pools[n].asset == asset {
			return n
		}
	}
	n := int32(len(b.pools))
	h.pools = append(h.pools, n)
	b.pools = append(b.pools, &pool{book: b, number: n, holder: holder, account: h.name, asset: asset, ends: h.kind.End()})
	return n
}

// assetOf is an asset's number. Most movements are of the one before.
func (b *Book) assetOf(asset domain.Asset) int32 {
	if last := &b.asset; last.known && last.Asset == asset {
		return last.number
	}
	n, known := b.assets[asset]
	if !known {
		n = int32(len(b.assets))
		b.assets[asset] = n
	}
	b.asset = numbered{asset, n, true}
	return n
}

// numbered is an asset with its number.
type numbered struct {
	domain.Asset
	number int32
	known  bool
}

// report remembers who has reported what, and that the payer is a home of his.
func (b *Book) report(row *tracing.Row, line passage, from int32) {
	v := b.victims[row.Victim]
	if v == nil {
		v = &victim{first: line.at, last: line.at}
		b.victims[row.Victim] = v
	}
	v.first, v.last = min(v.first, line.at), max(v.last, line.at)
	v.reports = append(v.reports, report{line.row, row.Amount.Asset, row.Amount.Units})
	b.pools[from].reports++
	h := &b.holders[b.pools[from].holder]
	if !h.kind.End() && !slices.Contains(h.homes, row.Victim) && !b.said[h.name].notHome(row.Victim) {
		h.homes = append(h.homes, row.Victim)
		b.isHome[b.pools[from].holder] = true
	}
}

// put takes a passage where it belongs by time and then by the log.
func (b *Book) put(number int32, line passage) {
	if number == none {
		return
	}
	p := b.pools[number]
	if line.in {
		p.credits++
	}
	if p.list == nil {
		p.list = make([]passage, 0, 8)
	}
	if n := len(p.list); n == 0 || b.before(&p.list[n-1], &line) {
		p.list = append(p.list, line)
		return
	}
	b.ownChest(number)
	p.list = slices.Insert(p.list, p.after(&line), line)
}

// before says whether a passage comes before another one: by time, then by the
// log. Two legs of one movement come in their order.
func (b *Book) before(one, other *passage) bool {
	return one.at < other.at || one.at == other.at && b.rows[one.row].position <= b.rows[other.row].position
}

// earlier says whether one movement comes truly before another one.
func (b *Book) earlier(one, other *passage) bool {
	return one.at < other.at || one.at == other.at && b.rows[one.row].position < b.rows[other.row].position
}

// Ask says what to look for, and where.
type Ask struct {
	Thresholds Thresholds
	Indicator  string           // "name" or "name@version"; "": the newest of all
	Account    domain.AccountID // "": all
}

// Findings gives all that fires, by account, asset and the table's order.
func (b *Book) Findings(ask Ask) (list []Finding, err error) {
	looks, err := ask.looks()
	if err != nil {
		return nil, err
	}
	if ask.Account != "" {
		if holder, known := b.numbers[ask.Account]; known {
			for _, n := range b.holders[holder].pools {
				list = append(list, b.at(b.pools[n].lookedAt(&b.scratch), looks)...)
			}
		}
		inOrder(list)
		return list, nil
	}
	list = b.everywhere(looks)
	inOrder(list)
	return list, nil
}

// So many look at a book at once, each at so many pools before he takes more.
const (
	lookers = 4
	aTurn   = 256
)

// everywhere looks at all pools, several at once. A pool is looked at by one
// alone, in whose scratch nobody else writes, and all else is only read: so
// what is found does not depend on who looks when.
func (b *Book) everywhere(looks []look) []Finding {
	b.grown() // before several ask for it
	for i := range looks {
		if looks[i].Name == layerDecayName {
			b.fed = make([]bool, len(b.rows))
			b.each(func(p *pool) []Finding { return p.feed(looks[i].limits) })
		}
	}
	list := b.each(func(p *pool) []Finding { return b.at(p, looks) })
	b.fed = nil
	return list
}

// each does something at every pool, several at once, and gives all that it
// finds in the order of the pools.
func (b *Book) each(do func(*pool) []Finding) []Finding {
	turns := slices.Collect(slices.Chunk(b.pools, aTurn))
	found, next := make([][]Finding, len(turns)), make(chan int)
	var all sync.WaitGroup
	for range min(lookers, len(turns)) {
		all.Go(func() {
			own := &scratch{}
			for n := range next {
				for _, p := range turns[n] {
					found[n] = append(found[n], do(p.lookedAt(own))...)
				}
			}
		})
	}
	for n := range turns {
		next <- n
	}
	close(next)
	all.Wait()
	return slices.Concat(found...)
}

// Follow takes a movement, as Add does, and gives what now fires at the
// accounts that it names: the same as Findings would say there.
func (b *Book) Follow(row *tracing.Row, ask Ask) (list []Finding, err error) {
	looks, err := b.looks(ask)
	if err != nil {
		return nil, err
	}
	b.Add(row)
	touched := []int32{b.poolFor(row.From, row.Amount), b.poolFor(row.To, row.Arrives())}
	for _, legs := range [][]domain.Leg{row.Inputs, row.Outputs} {
		for _, leg := range legs {
			touched = append(touched, b.poolFor(leg.Account, leg.Amount))
		}
	}
	for n, number := range touched {
		if number == none || slices.Contains(touched[:n], number) || ask.Account != "" && b.pools[number].account != ask.Account {
			continue
		}
		list = append(list, b.at(b.pools[number].lookedAt(&b.scratch), looks)...)
	}
	inOrder(list)
	return list, nil
}

// look is an indicator with its thresholds.
type look struct {
	Indicator
	limits limits
}

// looks are those of the last question, where this one is the same.
func (b *Book) looks(a Ask) (list []look, err error) {
	last := &b.asked
	same := last.looks != nil && last.indicator == a.Indicator && len(last.thresholds) == len(a.Thresholds) && len(a.Thresholds) > 0 && &last.thresholds[0] == &a.Thresholds[0]
	if same {
		return last.looks, nil
	}
	list, err = a.looks()
	*last = asked{a.Indicator, a.Thresholds, list}
	return list, err
}

// asked is a question with its indicators and their thresholds.
type asked struct {
	indicator  string
	thresholds Thresholds
	looks      []look
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
	for i := range looks {
		if f, fires := looks[i].finding(p, looks[i].limits); fires {
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
