package tracing

import (
	"slices"

	"clew/domain"
)

// journal is a book of lots that also writes down, step by step, what comes to
// every pool and what leaves it, and by whose money. The book that it is made
// of draws and lays down as ever, under whichever rule and whatever is held,
// returned or converted: the journal only writes. An index is made of it.
type journal struct {
	*lotBook
	walk     *walk
	most     int // postings
	postings postings
	rows     []int32  // of each loss, in the order shown
	begun    []begun  // of each row
	beside   []noLots // of each pool
	owed     map[poolNo]domain.Units
	touched  []poolNo       // where a hold keeps money, by the step that is being walked
	worthy   bool           // something is converted, so that worth is not the units
	known    []int64        // of each step, in the order of the walk: the moment from which it counts
	noted    int            // what the exposure has noted as paid back, as far as it is written
	sums     []domain.Units // of each row: what was reported, as far as it is written
}

// begun is when a loss began, and from when on its payments were told to have
// come about in which ways.
type begun struct {
	seq   int32 // none as long as it has not
	scams []scamSince
}

type scamSince struct {
	seq  int32
	scam domain.Scam
}

// noLots is what of a pool is no lot, as it was last written.
type noLots uint8

const (
	passed noLots = 1 << iota // it has paid since traced money last came
	owing                     // it owes what journal.owed says
)

// posting is an amount that comes to a line in a pool, or leaves it.
type posting struct {
	units  int64 // or, where wide, a place in postings.wide
	seq    int32 // the step, in the order of the walk
	line   int32
	pool   poolNo
	leaves bool
	wide   bool
}

// postings are kept on pages, so that none is moved when more come.
type postings struct {
	pages [][]posting
	count int
	wide  []domain.Units
}

const page = 1 << 14 // postings

// enter takes a posting with its units.
func (e *postings) enter(one posting, units domain.Units) {
	if units.IsZero() {
		return
	}
	if e.count%page == 0 {
		e.pages = append(e.pages, make([]posting, 0, page))
	}
	n, narrow := units.Int64()
	if one.units, one.wide = n, !narrow; one.wide {
		one.units = int64(len(e.wide))
		e.wide = append(e.wide, units)
	}
	last := &e.pages[len(e.pages)-1]
	*last = append(*last, one)
	e.count++
}

func (e *postings) unitsOf(one *posting) domain.Units {
	if one.wide {
		return e.wide[one.units]
	}
	return domain.NewUnits(one.units)
}

// The lines of a journal: what the claims of each loss are worth, what units
// they hold (the same lines, where nothing is converted), and behind them what
// is asked of a pool whoever owns what lies there.
const (
	lineAll    = iota // all that lies there
	lineUnseen        // what of it nobody has seen come
	lineOwed          // its known overdraft
	linePassed        // one while it has paid since traced money last came
	linesMore
)

// Behind the pools stand three that no money lies in, for the lines of losses.
const (
	poolHome     = iota // what has come home
	poolReported        // what was reported
	poolPaidBack
	poolsMore
)

func newJournal(w *walk, most int) *journal {
	p := w.plan
	j := &journal{lotBook: w.lots, walk: w, most: most, rows: make([]int32, len(p.losses)), begun: make([]begun, len(p.losses)), beside: make([]noLots, len(p.pools)), owed: map[poolNo]domain.Units{},
		worthy: slices.ContainsFunc(p.rare, func(r rare) bool { return r.converts }), known: make([]int64, 0, len(p.steps)), sums: make([]domain.Units, len(p.losses))}
	for row, n := range p.lossesByName() {
		j.rows[n], j.begun[row].seq = int32(row), none
	}
	return j
}

// seq is how many steps have been walked.
func (j *journal) seq() int32 { return int32(len(j.known)) }

// unitsLine is the line of the units of a loss.
func (j *journal) unitsLine(row int32) int32 {
	if j.worthy {
		return row + int32(len(j.rows))
	}
	return row
}

// line is one of the lines behind those of the losses.
func (j *journal) line(which int32) int32 { return j.unitsLine(int32(len(j.rows))) + which }

// lines is how many there are.
func (j *journal) lines() int { return int(j.line(linesMore)) }

func (j *journal) enter(line int32, pool poolNo, units domain.Units, leaves bool) {
	j.postings.enter(posting{seq: j.seq(), line: line, pool: pool, leaves: leaves}, units)
}

// of is a pool that no money lies in.
func (j *journal) of(which int) poolNo { return poolNo(len(j.plan.pools) + which) }

// drawn writes down what has left a pool for the way, on which there were so
// many lots before, but for what was made there.
func (j *journal) drawn(from poolNo, before int, made domain.Units) {
	var units domain.Units
	for i := range j.way[before:] {
		units = units.Plus(j.vault.units(&j.way[before+i]))
	}
	j.enter(j.line(lineAll), from, units.Minus(made), true)
	j.write(from, j.way[before:], true)
}

// write writes lots down, those of one line that lie beside each other as one.
func (j *journal) write(pool poolNo, lots []slot, leave bool) {
	if j.plan.pools[pool].beside != 0 {
		j.touched = append(j.touched, pool)
	}
	for i := 0; i < len(lots); {
		l := j.vault.look(&lots[i])
		for i++; i < len(lots) && j.sameLine(l.owner, lots[i].owner); i++ {
			l.units, l.worth = l.units.Plus(j.vault.units(&lots[i])), l.worth.Plus(j.vault.worth(&lots[i]))
		}
		switch {
		case l.owner.claimed():
			row := j.rowOf(l.owner)
			j.enter(row, pool, l.worth, leave)
			if j.worthy {
				j.enter(j.unitsLine(row), pool, l.units, leave)
			}
		case l.owner.has(unexplained):
			j.enter(j.line(lineUnseen), pool, l.units, leave)
		}
	}
}

func (j *journal) rowOf(o owner) int32 { return j.rows[j.plan.claims[o].loss] }

func (j *journal) sameLine(a, b owner) bool {
	if a.claimed() && b.claimed() {
		return j.plan.claims[a].loss == j.plan.claims[b].loss
	}
	return a == b
}

func (j *journal) draw(from poolNo, amount domain.Units) {
	before := len(j.way)
	j.lotBook.draw(from, amount)
	j.drawn(from, before, domain.Units{})
}

func (j *journal) giveBack(from poolNo, of int32, amount domain.Units) fixed {
	before, made := len(j.way), domain.Units{}
	beyond := j.lotBook.giveBack(from, of, amount)
	if j.plan.pools[from].end {
		made = nearest(&beyond)
	}
	j.drawn(from, before, made)
	return beyond
}

func (j *journal) pick(from poolNo, amount domain.Units, class func(owner) int) {
	before := len(j.way)
	j.lotBook.pick(from, amount, class)
	j.drawn(from, before, domain.Units{})
}

func (j *journal) put(to poolNo, amount domain.Units) (bool, error) {
	j.arrives(to, amount)
	return j.lotBook.put(to, amount)
}

func (j *journal) putBack(to poolNo, amount domain.Units) error {
	j.arrives(to, amount)
	return j.lotBook.putBack(to, amount)
}

func (j *journal) arrives(to poolNo, amount domain.Units) {
	j.enter(j.line(lineAll), to, amount, false)
	j.write(to, j.way, false)
}

func (j *journal) comeHome(victim int32) {
	for i := range j.way {
		if l := &j.way[i]; l.owner.claimed() && j.plan.claims[l.owner].victim == victim {
			j.enter(j.rowOf(l.owner), j.of(poolHome), j.vault.worth(l), false)
		}
	}
	j.lotBook.comeHome(victim)
}

// audit is called when a step is over: it writes down what is no lot.
func (j *journal) audit() error {
	s := &j.plan.steps[j.walk.now]
	if s.claim != none {
		j.reported(s)
	}
	for _, p := range j.walk.exposure.noted[j.noted:] {
		j.enter(j.rows[p.loss], j.of(poolPaidBack), p.units, false)
		j.noted++
	}
	j.plan.names(s, j.stands)
	if to := j.plan.rareOf(s).holdTo; to != none {
		j.stands(to)
	}
	for _, pool := range j.touched {
		j.stands(j.plan.pools[pool].main)
	}
	j.touched = j.touched[:0]
	j.known = append(j.known, j.plan.knownFrom(s))
	if j.postings.count > j.most {
		return ErrNoIndex
	}
	return j.lotBook.audit()
}

// knownFrom is the moment from which a step counts: a closing balance is known
// when its day is over.
func (p *plan) knownFrom(s *step) int64 {
	if s.turn == dayCloses {
		return nanosecond(p.when(s).End())
	}
	return p.moment(s)
}

// reported writes down a payment that makes a claim.
func (j *journal) reported(s *step) {
	loss := j.plan.claims[s.claim].loss
	row := j.rows[loss]
	sum := j.walk.exposure.reported[loss]
	j.enter(row, j.of(poolReported), sum.Minus(j.sums[row]), false)
	j.sums[row] = sum
	told, _ := j.plan.of.reports.of(s.row)
	j.begun[row].add(scamSince{j.seq(), domain.Scam(j.plan.of.texts.list[told.scam])})
}

func (b *begun) add(told scamSince) {
	if b.seq == none {
		b.seq = told.seq
	}
	same := func(s scamSince) bool { return s.scam == told.scam }
	if told.scam != domain.ScamUnstated && !slices.ContainsFunc(b.scams, same) {
		b.scams = append(b.scams, told)
	}
}

// stands writes down what has changed of a pool beside its lots.
func (j *journal) stands(pool poolNo) {
	was, till := j.beside[pool], &j.walk.tills[pool]
	if pays := till.traced > 0 && till.paid > till.traced; pays != (was&passed != 0) {
		j.enter(j.line(linePassed), pool, domain.NewUnits(1), !pays)
		j.beside[pool] ^= passed
	}
	if !till.owes && was&owing == 0 || j.walk.owed[pool] == j.owed[pool] {
		return
	}
	j.enter(j.line(lineOwed), pool, j.owed[pool], true)
	j.owed[pool] = j.walk.owed[pool]
	j.enter(j.line(lineOwed), pool, j.owed[pool], false)
	j.beside[pool] |= owing
}
