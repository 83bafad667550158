package tracing

import (
	"hash/maphash"
	"slices"
	"sort"
	"strings"

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

// stretches keep numbers that mostly count up by one from row to row: where
// they do not, a new stretch begins.
type stretches struct {
	first  []int32 // row of each stretch
	number []uint64
}

func (s *stretches) put(row int32, number uint64) {
	if n := len(s.first) - 1; n >= 0 && s.number[n]+uint64(row-s.first[n]) == number {
		return
	}
	s.first, s.number = append(s.first, row), append(s.number, number)
}

func (s *stretches) of(row int32) uint64 {
	n := sort.Search(len(s.first), func(i int) bool { return s.first[i] > row }) - 1
	return s.number[n] + uint64(row-s.first[n])
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

// register finds the numbers of things that stand in a list of their own: four
// bytes for each, and as many again for room, where a map would keep the thing
// a second time.
type register struct {
	slots []int32 // one more than a number; 0 where none is
	count int
}

// find gives the number that is the one, among those whose hash may be this.
func (r *register) find(hash uint64, is func(n int32) bool) (n int32, known bool) {
	if r.count == 0 {
		return 0, false
	}
	for at := int(hash) & (len(r.slots) - 1); r.slots[at] != 0; at = (at + 1) & (len(r.slots) - 1) {
		if n := r.slots[at] - 1; is(n) {
			return n, true
		}
	}
	return 0, false
}

// put takes a number that is not in it; hash gives that of any that is.
func (r *register) put(n int32, hash func(n int32) uint64) {
	if 4*r.count >= 3*len(r.slots) {
		was := r.slots
		r.slots = make([]int32, max(8, 2*len(was)))
		for _, slot := range was {
			if slot != 0 {
				r.enter(slot, hash(slot-1))
			}
		}
	}
	r.enter(n+1, hash(n))
	r.count++
}

func (r *register) enter(slot int32, hash uint64) {
	at := int(hash) & (len(r.slots) - 1)
	for r.slots[at] != 0 {
		at = (at + 1) & (len(r.slots) - 1)
	}
	r.slots[at] = slot
}

// shelfOfNames keeps the letters of names, many in one piece.
type shelfOfNames struct {
	piece   *strings.Builder
	letters int // for which it has room
}

// How many letters lie in a piece, at first and later: most cases are small.
const firstPiece, lastPiece = 1 << 9, 1 << 14

func (s *shelfOfNames) keep(name domain.AccountID) domain.AccountID {
	if s.piece == nil || s.piece.Cap()-s.piece.Len() < len(name) {
		s.letters = min(max(2*s.letters, firstPiece), lastPiece)
		s.piece = new(strings.Builder)
		s.piece.Grow(max(s.letters, len(name)))
	}
	begin := s.piece.Len()
	s.piece.WriteString(string(name))
	return domain.AccountID(s.piece.String()[begin:])
}

// numbers gives accounts, assets, victims and pools their numbers, in the
// order in which they are first named.
type numbers struct {
	accounts []domain.AccountID
	assets   []domain.Asset
	victims  []domain.VictimID
	pools    []holdingOf
	sinks    [][4]poolNo // of each asset

	letters   shelfOfNames
	accountNo register
	poolNo    register
	assetNo   map[domain.Asset]int32
	victimNo  map[domain.VictimID]int32
}

// holdingOf is one account's holding of one asset.
type holdingOf struct{ account, asset int32 }

func newNumbers() numbers {
	return numbers{assetNo: map[domain.Asset]int32{}, victimNo: map[domain.VictimID]int32{}}
}

// accountOf is the number of an account, poolOf that of a pool, if it has one.
func (t *numbers) accountOf(name domain.AccountID) (n int32, known bool) {
	return t.accountNo.find(t.hashOfAccount(name), func(n int32) bool { return t.accounts[n] == name })
}

func (t *numbers) poolOf(at holdingOf) (n poolNo, known bool) {
	return t.poolNo.find(at.hash(), func(n int32) bool { return t.pools[n] == at })
}

func (t *numbers) hashOfAccount(name domain.AccountID) uint64 {
	return maphash.String(seed, string(name))
}

// seed differs from run to run: nobody can choose names that stand in one
// another's way. Within one run two cases with the same rows are the same.
var seed = maphash.MakeSeed()

// hash spreads what we have numbered ourselves.
func (at holdingOf) hash() uint64 {
	h := (uint64(at.account)<<32 | uint64(at.asset)) * 0x9e3779b97f4a7c15
	return h ^ h>>32
}

func (t *numbers) account(name domain.AccountID) int32 {
	n, known := t.accountOf(name)
	if !known {
		n = int32(len(t.accounts))
		t.accounts = append(t.accounts, t.letters.keep(name))
		t.accountNo.put(n, func(n int32) uint64 { return t.hashOfAccount(t.accounts[n]) })
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
	at := holdingOf{t.account(name), t.asset(a)}
	n, known := t.poolOf(at)
	if !known {
		n = poolNo(len(t.pools))
		t.pools = append(t.pools, at)
		t.poolNo.put(n, func(n int32) uint64 { return t.pools[n].hash() })
	}
	return n
}

// named is the account and the asset of a pool.
func (t *numbers) named(pool poolNo) (domain.AccountID, domain.Asset) {
	at := t.pools[pool]
	return t.accounts[at.account], t.assets[at.asset]
}
