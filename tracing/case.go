package tracing

import (
	"fmt"
	"iter"
	"math"
	"time"

	"clew/domain"
)

// Case is a case's movements kept narrow: a column for what every row has,
// numbers for names, and tables aside for what few rows have. A million rows
// fill less than fifty megabytes, with hardly a pointer in them, where a million Rows
// fill half a gigabyte. It is filled row by row, so that the Rows need never
// exist together, and then read: by any number of walks at a time, under any
// rule, as of any moment. Add must not run beside them.
//
//	c := tracing.NewCase(1_000_000)
//	for row := range rows {
//		if err := c.Add(&row); err != nil { … }
//	}
//	answer, err := tracing.Trace(tracing.Input{Case: c, Rule: tracing.FIFO})
type Case struct {
	ids      []name
	when     []int64 // nanoseconds of Unix time
	units    []int64 // or, where the row is marked wide, a place in wide
	from, to []poolNo
	marks    []mark

	numbers numbers
	wide    []domain.Units
	counted stretches // positions in the log
	reports aside[report]
	fees    aside[fee]
	hops    aside[hopFacts]
	legs    []leg
	gifts   aside[gift]
	refs    aside[string]
	sources runs
	shown   evidenceRuns
	texts   texts
	shownAs nameOrder
}

// mark is a row's kind, and which facts it has aside.
type mark uint16

const (
	kindMark mark = 1<<3 - 1
	bare     mark = 1 << (iota + 2)
	opens         // a balance: it opens a statement
	wide          // the amount does not fit 63 bits
	oddName       // the name was not made by domain.Identify
	hasReport
	hasFee
	received // the amount that arrives is in hops, as are legs
	hasGift
	stated // Row.Statement
)

func (m mark) has(any mark) bool { return m&any != 0 }

// kind is a domain.MovementKind as a number.
type kind uint8

const (
	kindTransfer kind = iota
	kindOpening
	kindBalance
	kindConversion
	kindReturn
	kindHop
	kindHold // marks the steps of holds among the steps of a walk
)

// String is the name that the evidence bears.
func (k kind) String() string {
	return string([...]domain.MovementKind{domain.Transfer, domain.Opening, domain.Balance, domain.Conversion, domain.Return, domain.Hop, "hold"}[k])
}

func kindNumber(k domain.MovementKind) (kind, bool) {
	switch k {
	case domain.Transfer:
		return kindTransfer, true
	case domain.Opening:
		return kindOpening, true
	case domain.Balance:
		return kindBalance, true
	case domain.Conversion:
		return kindConversion, true
	case domain.Return:
		return kindReturn, true
	case domain.Hop:
		return kindHop, true
	}
	return 0, false
}

// report is who reported a row: a victim, or none.
type report struct{ victim, scam int32 }

// fee is drawn from a pool; none where the row names no payer.
type fee struct {
	purse poolNo
	asset int32
	units domain.Units
}

// hopFacts are the legs of a hop, in Case.legs, and the amounts that a row
// bears beside its payment: what arrives, or, of a hop, what it says at all.
type hopFacts struct {
	inputs, outputs, end int32
	amount               domain.Amount
}

// leg is one input or output of a hop.
type leg struct {
	pool    poolNo
	address int32
	units   domain.Units
}

// gift is what a return gives back.
type gift struct {
	of     domain.MovementID
	source string
}

// NewCase makes room for so many rows; it holds more when more come.
func NewCase(rows int) *Case {
	return &Case{numbers: newNumbers(), texts: newTexts(),
		ids: make([]name, 0, rows), when: make([]int64, 0, rows), units: make([]int64, 0, rows),
		from: make([]poolNo, 0, rows), to: make([]poolNo, 0, rows), marks: make([]mark, 0, rows)}
}

// caseOf is the case of rows that are there already.
func caseOf(rows []Row) (*Case, error) {
	c := NewCase(len(rows))
	for i := range rows {
		if err := c.Add(&rows[i]); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// Len is how many rows there are.
func (c *Case) Len() int { return len(c.ids) }

// maxRows is how many rows 31 bits can number.
const maxRows = math.MaxInt32

// Add takes one row more. It keeps nothing of r, and fails where the row is
// none that can be walked (domain.CheckMovement).
func (c *Case) Add(r *Row) error {
	k, wrong := checkRow(r)
	switch {
	case wrong != nil:
		return fmt.Errorf("movement %s cannot be walked: %w", r.ID, wrong)
	case c.Len() == maxRows:
		return fmt.Errorf("a case of more than %d movements cannot be walked: split it", maxRows)
	}
	m := mark(k)
	m |= c.addName(r.ID) | c.addWhen(r.When) | c.addUnits(r.Amount.Units)
	m |= c.addPools(r) | c.addReport(r) | c.addFee(r) | c.addLegs(r) | c.addGift(r)
	if r.Opens {
		m |= opens
	}
	if r.Statement {
		m |= stated
	}
	c.addTelling(r)
	c.marks = append(c.marks, m)
	return nil
}

// The first and the last moment that 64 bits of nanoseconds are asked to hold
// (domain.ParseWhen takes no other).
var (
	firstMoment = time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC)
	lastMoment  = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

func checkRow(r *Row) (kind, *domain.FieldError) {
	if wrong := domain.CheckMovement(r.Movement); wrong != nil {
		return 0, wrong
	}
	k, known := kindNumber(r.Kind)
	switch {
	case !known:
		return 0, &domain.FieldError{Field: "kind", Reason: fmt.Sprintf("%q is none that can be walked", r.Kind)}
	case r.When.Time.Before(firstMoment) || !r.When.Time.Before(lastMoment):
		return 0, &domain.FieldError{Field: "time", Reason: "lies outside 1700 to 2199: check the year"}
	}
	return k, nil
}

// The parts of Add: each appends to its columns and gives its marks. The row
// being added has the number of c.row().
func (c *Case) row() int32 { return int32(len(c.marks)) }

func (c *Case) addName(id domain.MovementID) mark {
	n, ok := parseName(id)
	if ok {
		c.ids = append(c.ids, n)
		return 0
	}
	c.ids = append(c.ids, name{low: uint64(c.texts.number(string(id)))})
	return oddName
}

func (c *Case) addWhen(w domain.When) mark {
	c.when = append(c.when, w.Time.UnixNano())
	if w.Bare {
		return bare
	}
	return 0
}

func (c *Case) addUnits(u domain.Units) mark {
	n, narrow := u.Int64()
	if narrow {
		c.units = append(c.units, n)
		return 0
	}
	c.units = append(c.units, int64(len(c.wide)))
	c.wide = append(c.wide, u)
	return wide
}

func (c *Case) addPools(r *Row) mark {
	from, to := poolNo(none), poolNo(none)
	if r.From != "" {
		from = c.numbers.pool(r.From, r.Amount.Asset)
	}
	if r.To != "" {
		to = c.numbers.pool(r.To, r.Arrives().Asset)
	}
	c.from, c.to = append(c.from, from), append(c.to, to)
	return 0
}

func (c *Case) addReport(r *Row) mark {
	if r.Victim == "" && r.Scam == "" {
		return 0
	}
	told := report{none, c.texts.number(string(r.Scam))}
	if r.Victim != "" {
		told.victim = c.numbers.victim(r.Victim)
	}
	c.reports.put(c.row(), told)
	return hasReport
}

func (c *Case) addFee(r *Row) mark {
	if !r.Fee.Given() {
		return 0
	}
	f := fee{none, c.numbers.asset(r.Fee.Asset), r.Fee.Units}
	if r.From != "" {
		f.purse = c.numbers.pool(r.From, r.Fee.Asset)
	}
	c.fees.put(c.row(), f)
	return hasFee
}

func (c *Case) addLegs(r *Row) mark {
	if !r.Received.Given() && len(r.Inputs)+len(r.Outputs) == 0 {
		return 0
	}
	f := hopFacts{inputs: int32(len(c.legs)), outputs: int32(len(c.legs) + len(r.Inputs)), amount: r.Received}
	for _, legs := range [...][]domain.Leg{r.Inputs, r.Outputs} {
		for i := range legs {
			l := &legs[i]
			c.legs = append(c.legs, leg{c.numbers.pool(l.Account, l.Amount.Asset), c.texts.number(l.Address), l.Amount.Units})
		}
	}
	if f.end = int32(len(c.legs)); r.Kind == domain.Hop {
		f.amount = r.Amount
	}
	c.hops.put(c.row(), f)
	return received
}

func (c *Case) addGift(r *Row) mark {
	if r.Of == "" && r.OfSource == "" {
		return 0
	}
	c.gifts.put(c.row(), gift{r.Of, r.OfSource})
	return hasGift
}

// addTelling keeps who tells the row, and where.
func (c *Case) addTelling(r *Row) {
	c.counted.put(c.row(), r.Position)
	c.sources.put(c.row(), c.texts.number(r.Source))
	c.shown.put(c.row(), c.texts.number(string(r.Evidence.File)), c.texts.number(r.Evidence.Page), r.Evidence.Line)
	if r.Ref != "" {
		c.refs.put(c.row(), r.Ref)
	}
}

// Rows gives every row, in the order in which they were added.
func (c *Case) Rows() iter.Seq2[int, Row] {
	return func(yield func(int, Row) bool) {
		for n := range c.Len() {
			if !yield(n, c.Row(n)) {
				return
			}
		}
	}
}

// Row is a row again as it was added, but for its note and its source's own
// id, of which the case knows nothing.
func (c *Case) Row(n int) Row {
	i, m := int32(n), c.marks[n]
	r := Row{Position: c.position(i), Statement: m.has(stated)}
	r.ID, r.Kind, r.When, r.Opens = c.id(i), domain.MovementKind(c.kind(i).String()), c.time(i), m.has(opens)
	r.Amount.Units = c.amount(i)
	if to := c.to[i]; to != none {
		r.To, r.Amount.Asset = c.numbers.named(to)
	}
	if from := c.from[i]; from != none {
		r.From, r.Amount.Asset = c.numbers.named(from)
	}
	c.rowAside(i, &r)
	r.Source, r.Evidence = c.texts.list[c.sources.of(i)], c.evidence(i)
	r.Ref, _ = c.refs.of(i)
	return r
}

// rowAside adds the facts that few rows have.
func (c *Case) rowAside(n int32, r *Row) {
	m := c.marks[n]
	if m.has(hasReport) {
		told, _ := c.reports.of(n)
		if r.Scam = domain.Scam(c.texts.list[told.scam]); told.victim != none {
			r.Victim = c.numbers.victims[told.victim]
		}
	}
	if m.has(hasFee) {
		f, _ := c.fees.of(n)
		r.Fee = domain.Amount{Units: f.units, Asset: c.numbers.assets[f.asset]}
	}
	if m.has(hasGift) {
		g, _ := c.gifts.of(n)
		r.Of, r.OfSource = g.of, g.source
	}
	if !m.has(received) {
		return
	}
	f, _ := c.hops.of(n)
	r.Inputs, r.Outputs = c.legsOf(c.legs[f.inputs:f.outputs]), c.legsOf(c.legs[f.outputs:f.end])
	if r.Received = f.amount; r.Kind == domain.Hop {
		r.Amount, r.Received = f.amount, domain.Amount{}
	}
}

func (c *Case) legsOf(legs []leg) (list []domain.Leg) {
	for _, l := range legs {
		account, asset := c.numbers.named(l.pool)
		list = append(list, domain.Leg{Account: account, Address: c.texts.list[l.address], Amount: domain.Amount{Units: l.units, Asset: asset}})
	}
	return list
}

func (c *Case) kind(n int32) kind { return kind(c.marks[n] & kindMark) }

func (c *Case) id(n int32) domain.MovementID {
	if c.marks[n].has(oddName) {
		return domain.MovementID(c.texts.list[c.ids[n].low])
	}
	return c.ids[n].id()
}

func (c *Case) position(n int32) uint64 { return c.counted.of(n) }

func (c *Case) time(n int32) domain.When {
	return domain.When{Time: time.Unix(0, c.when[n]).UTC(), Bare: c.marks[n].has(bare)}
}

func (c *Case) amount(n int32) domain.Units {
	if c.marks[n].has(wide) {
		return c.wide[c.units[n]]
	}
	return domain.NewUnits(c.units[n])
}

func (c *Case) evidence(n int32) domain.Evidence {
	run := c.shown.of(n)
	e := domain.Evidence{File: domain.SHA256(c.texts.list[run.file]), Line: int(run.line), Page: c.texts.list[run.page]}
	if run.counts {
		e.Line += int(n - run.first)
	}
	return e
}
