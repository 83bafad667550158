package tracing

import (
	"slices"
	"sort"

	"clew/domain"
)

// aside keeps what few rows have, in the order of the rows.
type aside[T any] struct {
	rows  []int32
	facts []T
}

func (a *aside[T]) put(row int32, fact T) {
	a.rows, a.facts = append(a.rows, row), append(a.facts, fact)
}

func (a *aside[T]) of(row int32) (fact T, found bool) {
	i, found := slices.BinarySearch(a.rows, row)
	if found {
		fact = a.facts[i]
	}
	return fact, found
}

// runs keeps what many rows after one another have alike: once.
type runs struct {
	first []int32 // row of each run
	value []int32
}

func (r *runs) put(row, value int32) {
	if n := len(r.value); n == 0 || r.value[n-1] != value {
		r.first, r.value = append(r.first, row), append(r.value, value)
	}
}

func (r *runs) of(row int32) int32 {
	return r.value[sort.Search(len(r.first), func(i int) bool { return r.first[i] > row })-1]
}

// evidenceRuns keeps where rows are shown. The rows of one file mostly follow
// one another, line by line: that is one run, however long.
type evidenceRuns []evidenceRun

type evidenceRun struct {
	first, file, page int32 // the row, and texts
	line              int32 // of the first row
	counts            bool  // each row stands a line below the one before
	rows              int32
}

func (e *evidenceRuns) put(row, file, page int32, line int) {
	if n := len(*e); n > 0 && (*e)[n-1].takes(file, page, int32(line)) {
		return
	}
	*e = append(*e, evidenceRun{first: row, file: file, page: page, line: int32(line), rows: 1})
}

// takes says whether one row more belongs to a run. Its second row tells
// whether it counts.
func (r *evidenceRun) takes(file, page, line int32) bool {
	if r.file != file || r.page != page {
		return false
	}
	if r.rows == 1 {
		r.counts = line == r.line+1
	}
	next := r.line
	if r.counts {
		next += r.rows
	}
	if line != next {
		return false
	}
	r.rows++
	return true
}

func (e evidenceRuns) of(row int32) evidenceRun {
	return e[sort.Search(len(e), func(i int) bool { return e[i].first > row })-1]
}

// texts gives every text a number; the empty one has 0.
type texts struct {
	list    []string
	numbers map[string]int32
}

func newTexts() texts { return texts{[]string{""}, map[string]int32{"": 0}} }

func (t *texts) number(text string) int32 {
	if text == "" {
		return 0
	}
	if last := len(t.list) - 1; t.list[last] == text { // most rows repeat the one before
		return int32(last)
	}
	n, ok := t.numbers[text]
	if !ok {
		n = int32(len(t.list))
		t.list, t.numbers[text] = append(t.list, text), n
	}
	return n
}

// name is a movement's name as domain.Identify makes it: 128 bits.
type name struct{ high, low uint64 }

const crockford = "0123456789abcdefghjkmnpqrstvwxyz"

// nameLength is 128 bits by five: 25 digits, and three bits in the last.
const nameLength = 26

// crockfordDigits is what each letter counts; noDigit of all that are none. A
// table answers at once where asking in which run a letter lies guesses wrong
// at every second one.
var crockfordDigits = func() (digits [256]uint8) {
	for i := range digits {
		digits[i] = noDigit
	}
	for digit := range len(crockford) {
		digits[crockford[digit]] = uint8(digit)
	}
	return digits
}()

// noDigit is a bit that none of the 32 digits has: one strange letter shows in
// all of a name's digits put together.
const noDigit = 32

// parseName reads a name that id would write the same again, and no other.
func parseName(id domain.MovementID) (n name, ok bool) {
	if len(id) != nameLength {
		return n, false
	}
	strange := uint8(0)
	for i := range nameLength - 1 {
		digit := crockfordDigits[id[i]]
		strange |= digit
		n.high, n.low = n.high<<5|n.low>>59, n.low<<5|uint64(digit)
	}
	last := crockfordDigits[id[nameLength-1]]
	strange |= last
	n.high, n.low = n.high<<3|n.low>>61, n.low<<3|uint64(last)>>2
	if strange >= noDigit || last&3 != 0 {
		return name{}, false
	}
	return n, true
}

func (n name) id() domain.MovementID {
	var text [nameLength]byte
	text[nameLength-1] = crockford[n.low<<2&31]
	high, low := n.high>>3, n.low>>3|n.high<<61
	for i := nameLength - 2; i >= 0; i-- {
		text[i] = crockford[low&31]
		high, low = high>>5, low>>5|high<<59
	}
	return domain.MovementID(text[:])
}

// numbers gives accounts, assets, victims and pools their numbers, in the
// order in which they are first named.
type numbers struct {
	accounts []domain.AccountID
	assets   []domain.Asset
	victims  []domain.VictimID
	pools    []holdingOf
	sinks    [][4]poolNo // of each asset

	accountNo map[domain.AccountID]int32
	assetNo   map[domain.Asset]int32
	victimNo  map[domain.VictimID]int32
	poolNo    map[holdingOf]poolNo
}

// holdingOf is one account's holding of one asset.
type holdingOf struct{ account, asset int32 }

func newNumbers() numbers {
	return numbers{accountNo: map[domain.AccountID]int32{}, assetNo: map[domain.Asset]int32{},
		victimNo: map[domain.VictimID]int32{}, poolNo: map[holdingOf]poolNo{}}
}

func (t *numbers) account(name domain.AccountID) int32 {
	n, ok := t.accountNo[name]
	if !ok {
		n = int32(len(t.accounts))
		t.accounts, t.accountNo[name] = append(t.accounts, name), n
	}
	return n
}

// asset numbers an asset and makes its sinks.
func (t *numbers) asset(a domain.Asset) int32 {
	if n := len(t.assets) - 1; n >= 0 && t.assets[n] == a {
		return int32(n)
	}
	n, ok := t.assetNo[a]
	if !ok {
		n = int32(len(t.assets))
		t.assets, t.assetNo[a] = append(t.assets, a), n
		t.sinks = append(t.sinks, [4]poolNo{
			t.pool(domain.SinkFees, a), t.pool(domain.SinkUnrecorded, a), t.pool(domain.SinkOverdraft, a), t.pool(hopQueue, a),
		})
	}
	return n
}

func (t *numbers) victim(name domain.VictimID) int32 {
	n, ok := t.victimNo[name]
	if !ok {
		n = int32(len(t.victims))
		t.victims, t.victimNo[name] = append(t.victims, name), n
	}
	return n
}

func (t *numbers) pool(name domain.AccountID, a domain.Asset) poolNo {
	key := holdingOf{t.account(name), t.asset(a)}
	n, ok := t.poolNo[key]
	if !ok {
		n = poolNo(len(t.pools))
		t.pools, t.poolNo[key] = append(t.pools, key), n
	}
	return n
}

// named is the account and the asset of a pool.
func (t *numbers) named(pool poolNo) (domain.AccountID, domain.Asset) {
	at := t.pools[pool]
	return t.accounts[at.account], t.assets[at.asset]
}
