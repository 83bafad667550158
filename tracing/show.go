package tracing

import (
	"cmp"
	"slices"
	"sync"

	"clew/domain"
)

// figure is one number of the answer before it is rounded. It stands in a
// victim's places (its row), among an account's owners (its column), or in
// both, where the claim and the units are the same amount: then it is one
// number in both lists.
type figure struct {
	whole       domain.Units // the lower neighbour
	frac        uint64       // by how much the exact number is above it: 64 binary digits
	row, column int32
	// Whether the row and the column show the upper neighbour. They agree but
	// where no rounding can serve both lists.
	rowUp, columnUp bool
}

func (f *figure) inRow() domain.Units    { return above(f.whole, f.rowUp) }
func (f *figure) inColumn() domain.Units { return above(f.whole, f.columnUp) }

// above is a number's upper neighbour, or the number.
func above(n domain.Units, up bool) domain.Units {
	if up {
		return n.Plus(domain.NewUnits(1))
	}
	return n
}

// sheet is the answer while it is rounded.
type sheet struct {
	w       *walk
	losses  []int32  // rows, in the order shown
	rowOf   []int    // the row of each loss
	pools   []poolNo // columns, in the order shown
	own     []domain.Units
	total   []domain.Units
	figures []figure
	entries []entry
	blind   []blind // by column: what no victim owns
	found   found
	seen    int32 // of no meaning: see walk.lookAt
}

// entry is what one victim has in one pool in the claims of one loss. Its
// figures say what it is worth (claim) and, once for all his losses in the
// pool, what units it holds.
type entry struct {
	loss   int32
	column int32
	claim  int32 // figure; the same as units where units has it all
	units  int32 // figure; none for a further loss of the same victim
}

type blind struct {
	untraced    int32 // figure
	unexplained fixed
}

// show makes the answer of a walk: rounded once, here.
func (w *walk) show() Answer {
	order := w.plan.poolsByName()
	s := newSheet(w, len(order))
	for row, n := range s.losses {
		s.rowOf[n] = row
		own := w.book.tally().own[n]
		s.own = append(s.own, nearest(&own))
		s.add(w.book.tally().returned[n], row, none)
	}
	s.columns(order)
	s.round()
	answer := Answer{Rule: w.rule.name, Missing: w.showMissing(), Warnings: w.warnings, Presumed: w.showPresumed()}
	sideBySide(func() { answer.Victims = s.victims() }, func() { answer.Accounts = s.accounts() })
	if w.rule.name == Poison {
		answer.Exposed = w.exposed()
	}
	return answer
}

func newSheet(w *walk, pools int) *sheet {
	losses := w.plan.lossesByName()
	return &sheet{w: w, losses: losses, rowOf: make([]int, len(losses)), own: make([]domain.Units, 0, len(losses)),
		pools: make([]poolNo, 0, pools), total: make([]domain.Units, 0, pools), blind: make([]blind, 0, pools),
		found: found{at: make([]int32, len(losses))}}
}

func (s *sheet) add(exact fixed, row, column int) int32 {
	whole, frac := snap(&exact)
	if len(s.figures) == cap(s.figures) { // there may be millions: doubling leaves less behind
		s.figures, s.entries = slices.Grow(s.figures, len(s.figures)+64), slices.Grow(s.entries, len(s.figures)+64-len(s.entries))
	}
	s.figures = append(s.figures, figure{whole: whole, frac: frac, row: int32(row), column: int32(column)})
	return int32(len(s.figures) - 1)
}

// owned is what the lots of one loss sum up to in a pool.
type owned struct {
	row          int
	units, worth fixed
}

// found is what lies in the pool that is being taken into the sheet.
type found struct {
	total, own, unexplained fixed
	owned                   []owned // one line a row
	at                      []int32 // of each row: one more than its place in owned; 0
}

// find takes in one lot.
func (s *sheet) find(o owner, units, worth fixed) {
	f := &s.found
	f.total.Add(&f.total, &units)
	if !o.claimed() {
		f.own.Add(&f.own, &units)
		if o.has(unexplained) {
			f.unexplained.Add(&f.unexplained, &units)
		}
		return
	}
	row := s.rowOf[s.w.plan.claims[o].loss]
	if f.at[row] == 0 {
		f.owned = append(f.owned, owned{row, units, worth})
		f.at[row] = int32(len(f.owned))
		return
	}
	sum := &f.owned[f.at[row]-1]
	sum.units.Add(&sum.units, &units)
	sum.worth.Add(&sum.worth, &worth)
}

// sort puts what the victims have in the order of their rows, and makes ready
// for the next pool. What is less than a grain is the error of fractions:
// nobody is there.
func (f *found) sort() {
	for i := range f.owned {
		f.at[f.owned[i].row] = 0
	}
	if len(f.owned) > 1 {
		slices.SortFunc(f.owned, func(a, b owned) int { return cmp.Compare(a.row, b.row) })
	}
	f.owned = slices.DeleteFunc(f.owned, func(o owned) bool { return o.units.Lt(&grain) && o.worth.Lt(&grain) })
}

// columns takes pools into the sheet. Where they are many, parts of them go
// into sheets of their own, side by side, which are then joined in their order.
// It says into how many they went.
func (s *sheet) columns(order []poolNo) int {
	const fewest, most = 1 << 12, 4
	size := max(fewest, (len(order)+most-1)/most)
	parts := []*sheet{s}
	var work []func()
	for list := range slices.Chunk(order, size) {
		part := s
		if len(work) > 0 {
			part = &sheet{w: s.w, losses: s.losses, rowOf: s.rowOf, found: found{at: make([]int32, len(s.losses))}}
			parts = append(parts, part)
		}
		work = append(work, func() { part.take(list) })
	}
	sideBySide(work...)
	for _, part := range parts[1:] {
		s.join(part)
	}
	return len(parts)
}

// take takes pools into one sheet.
func (s *sheet) take(order []poolNo) {
	add := s.find
	for list := range slices.Chunk(order, ahead) {
		s.seen += s.w.lookAt(list)
		for _, pool := range list {
			s.column(pool, add)
		}
	}
}

// join puts the columns of another sheet behind those that are here.
func (s *sheet) join(part *sheet) {
	columns, figures := int32(len(s.pools)), int32(len(s.figures))
	s.pools, s.total = append(s.pools, part.pools...), append(s.total, part.total...)
	s.figures, s.entries = slices.Grow(s.figures, len(part.figures)), slices.Grow(s.entries, len(part.entries))
	for _, f := range part.figures {
		if f.column != none {
			f.column += columns
		}
		s.figures = append(s.figures, f)
	}
	for _, e := range part.entries {
		e.column, e.claim = e.column+columns, e.claim+figures
		if e.units != none {
			e.units += figures
		}
		s.entries = append(s.entries, e)
	}
	for _, b := range part.blind {
		b.untraced += figures
		s.blind = append(s.blind, b)
	}
}

// sideBySide does several works at a time. Where one panics, so does the
// caller, who may know how to go on.
func sideBySide(works ...func()) {
	var all sync.WaitGroup
	troubles := make([]any, len(works))
	for i, work := range works {
		all.Go(func() {
			defer func() { troubles[i] = recover() }()
			work()
		})
	}
	all.Wait()
	for _, trouble := range troubles {
		if trouble != nil {
			panic(trouble)
		}
	}
}

// column takes a pool into the sheet.
func (s *sheet) column(pool poolNo, add func(o owner, units, worth fixed)) {
	f := &s.found
	f.total, f.own, f.unexplained, f.owned = fixed{}, fixed{}, fixed{}, f.owned[:0]
	s.w.book.lots(pool, add)
	f.sort()
	if f.total.IsZero() && len(f.owned) == 0 && s.w.overdrawn(pool).IsZero() {
		return
	}
	n := len(s.pools)
	s.pools = append(s.pools, pool)
	s.total = append(s.total, nearest(&f.total))
	s.blind = append(s.blind, blind{s.add(f.own, none, n), f.unexplained})
	s.owners(n)
}

// owners takes what the victims have in a pool into the sheet. A victim's row
// and the pool's column meet in one figure where he has claims of one asset
// there, the pool's, and they are worth as many units as they hold.
func (s *sheet) owners(column int) {
	for rest := s.found.owned; len(rest) > 0; {
		victim := s.victimAt(rest[0].row)
		mine := 1
		for mine < len(rest) && s.victimAt(rest[mine].row) == victim {
			mine++
		}
		s.owner(column, rest[:mine])
		rest = rest[mine:]
	}
}

func (s *sheet) victimAt(row int) int32 { return s.w.plan.losses[s.losses[row]].victim }

func (s *sheet) owner(column int, mine []owned) {
	first := &mine[0]
	asset := s.w.plan.assets[s.w.plan.assetOf(s.pools[column])]
	if len(mine) == 1 && same(&first.units, &first.worth) && s.w.plan.losses[s.losses[first.row]].asset == asset {
		one := s.add(first.units, first.row, column)
		s.entries = append(s.entries, entry{s.losses[first.row], int32(column), one, one})
		return
	}
	var units fixed
	for i := range mine {
		units.Add(&units, &mine[i].units)
	}
	held := s.add(units, none, column)
	for i := range mine {
		claim := s.add(mine[i].worth, mine[i].row, none)
		s.entries = append(s.entries, entry{s.losses[mine[i].row], int32(column), claim, held})
		held = none
	}
}

// same says whether two fractions are one amount, to the grain.
func same(a, b *fixed) bool {
	wholeA, fracA := snap(a)
	wholeB, fracB := snap(b)
	return wholeA == wholeB && fracA == fracB
}

// round gives every figure one of its two neighbours, so that rows sum to what
// was the victims' own and columns to the balances.
func (s *sheet) round() {
	rowUps, columnUps := make([]int, len(s.losses)), make([]int, len(s.pools))
	left := [2][]domain.Units{slices.Clone(s.own), slices.Clone(s.total)}
	order := s.figuresInOrder()
	var fractional []int32
	for _, i := range order {
		f := &s.figures[i]
		if f.row != none {
			left[0][f.row] = left[0][f.row].Minus(f.whole)
		}
		if f.column != none {
			left[1][f.column] = left[1][f.column].Minus(f.whole)
		}
		if f.frac != 0 {
			fractional = append(fractional, i)
		}
	}
	cells := make([]cell, len(fractional))
	for k, i := range fractional {
		f := &s.figures[i]
		cells[k] = cell{int(f.row), int(f.column), f.frac}
	}
	if len(cells) == 0 {
		return
	}
	for row, units := range left[0] {
		rowUps[row] = count(units)
	}
	for column, units := range left[1] {
		columnUps[column] = count(units)
	}
	inRow, inColumn := controlViews(cells, rowUps, columnUps)
	for k, i := range fractional {
		s.figures[i].rowUp, s.figures[i].columnUp = inRow[k], inColumn[k]
	}
}

func count(u domain.Units) int {
	n, _ := u.Int64()
	return int(n)
}

// figuresInOrder is the order of ties: what has returned and what is untraced
// before the rest, which stands by account, asset and victim already.
func (s *sheet) figuresInOrder() []int32 {
	order := make([]int32, 0, len(s.figures))
	for i := range s.losses {
		order = append(order, int32(i))
	}
	for _, b := range s.blind {
		order = append(order, b.untraced)
	}
	for _, e := range s.entries {
		if e.units != none {
			order = append(order, e.units)
		}
		if e.claim != e.units {
			order = append(order, e.claim)
		}
	}
	return order
}

// victims makes the lines of the victims.
func (s *sheet) victims() []Victim {
	list := make([]Victim, len(s.losses))
	for row, n := range s.losses {
		l := s.w.plan.losses[n]
		list[row] = Victim{Victim: s.w.plan.victims[l.victim], Asset: l.asset, Own: s.own[row], Returned: s.figures[row].inRow(),
			Reported: s.w.exposure.reported[n], PaidBack: s.w.exposure.paidBack[n], Scams: s.w.plan.scamsOf(n)}
	}
	places := newShelf[Place](len(list), len(s.entries))
	for i := range s.entries {
		places.want(s.rowOf[s.entries[i].loss])
	}
	for _, e := range s.entries {
		claim := s.figures[e.claim].inRow()
		if claim.IsZero() {
			continue
		}
		v, pool := &list[s.rowOf[e.loss]], s.pools[e.column]
		if v.Places == nil {
			v.Places = places.take(s.rowOf[e.loss])
		}
		at := s.w.plan.accountOf(pool)
		v.add(Place{at.name, s.w.plan.assets[s.w.plan.assetOf(pool)], claim, s.w.plan.pools[pool].stateOf(at)})
	}
	return list
}

// add lists a place; several holds on one account are one place.
func (v *Victim) add(p Place) {
	if n := len(v.Places) - 1; n >= 0 && v.Places[n].Account == p.Account && v.Places[n].Asset == p.Asset && v.Places[n].State == p.State {
		v.Places[n].Claim = v.Places[n].Claim.Plus(p.Claim)
		return
	}
	v.Places = append(v.Places, p)
}

// stateOf is the state of what lies in a pool.
func (at place) stateOf(a *account) State {
	if at.beside != 0 {
		return at.beside.state()
	}
	return a.state()
}

// state says what has become of money that lies there (CONTRACT, JSON).
func (a *account) state() State {
	switch {
	case !a.end:
		return AtLarge
	case a.kind == domain.KindService:
		return AtService
	case a.name == domain.SinkUnrecorded:
		return Unaccounted
	case a.name == domain.SinkFees:
		return Fees
	}
	return CashedOut
}

// accounts makes the lines of the accounts. What is held counts in its
// account; what was seized has left it.
func (s *sheet) accounts() []Pool {
	list := make([]Pool, 0, len(s.pools))
	line := make([]int, len(s.pools)) // of each column; none where it has left the accounts
	for n, pool := range s.pools {
		at := s.w.plan.pools[pool]
		line[n] = none
		if at.beside > keptHere {
			continue
		}
		if last := len(list) - 1; last < 0 || s.mainOf(n-1) != at.main {
			list = append(list, Pool{Account: s.w.plan.accountOf(pool).name, Asset: s.w.plan.assets[at.asset], Overdraft: s.w.overdrawn(at.main)})
		}
		line[n] = len(list) - 1
		s.addColumn(&list[line[n]], n, at.beside)
	}
	s.addOwners(list, line)
	for n, pool := range s.pools {
		if main := s.w.plan.pools[pool].main; line[n] != none {
			p := &list[line[n]]
			p.Frontier = len(p.Traced) > 0 && !s.w.plan.pools[main].end && s.w.tills[main].paid <= s.w.tills[main].traced
		}
	}
	return slices.DeleteFunc(list, func(p Pool) bool { return p.Balance.IsZero() && p.Overdraft.IsZero() })
}

// mainOf is the account's own pool of a column; none before the first.
func (s *sheet) mainOf(column int) poolNo {
	if column < 0 {
		return none
	}
	return s.w.plan.pools[s.pools[column]].main
}

// addColumn adds what lies in a pool to its account's line.
func (s *sheet) addColumn(p *Pool, n int, beside beside) {
	untraced := s.figures[s.blind[n].untraced].inColumn()
	missing := nearest(&s.blind[n].unexplained)
	p.Balance, p.Untraced = p.Balance.Plus(s.total[n]), p.Untraced.Plus(untraced)
	p.Unexplained = p.Unexplained.Plus(missing.Min(untraced))
	if beside == keptHere {
		p.Held = p.Held.Plus(s.total[n])
	}
}

// addOwners adds the victims' parts. A victim may have some that is held and
// some that is not: one number in the account's line.
func (s *sheet) addOwners(list []Pool, line []int) {
	owners := newShelf[Owner](len(list), len(s.entries))
	for i := range s.entries {
		if n := line[s.entries[i].column]; n != none {
			owners.want(n)
		}
	}
	for _, e := range s.entries {
		if line[e.column] == none || e.units == none || s.figures[e.units].inColumn().IsZero() {
			continue
		}
		p := &list[line[e.column]]
		if p.Traced == nil {
			p.Traced = owners.take(line[e.column])
		}
		units := s.figures[e.units].inColumn()
		victim := s.w.plan.victims[s.w.plan.losses[e.loss].victim]
		i, found := slices.BinarySearchFunc(p.Traced, victim, func(o Owner, v domain.VictimID) int { return cmp.Compare(o.Victim, v) })
		if !found {
			p.Traced = slices.Insert(p.Traced, i, Owner{Victim: victim})
		}
		p.Traced[i].Units = p.Traced[i].Units.Plus(units)
	}
}

// shelf is room in one piece for the lists that many lines of an answer have:
// each line says first what it can want at most, and then takes that much.
type shelf[T any] struct {
	wants []int32
	room  []T
}

func newShelf[T any](lines, room int) *shelf[T] {
	return &shelf[T]{make([]int32, lines), make([]T, room)}
}

func (s *shelf[T]) want(line int) { s.wants[line]++ }

func (s *shelf[T]) take(line int) []T {
	n := s.wants[line]
	list := s.room[:0:n]
	s.room = s.room[n:]
	return list
}

func (w *walk) overdrawn(pool poolNo) domain.Units {
	if !w.tills[pool].owes {
		return domain.Units{}
	}
	return w.owed[pool]
}

func (w *walk) showMissing() []Missing {
	var list []Missing
	for _, pool := range w.plan.poolsByName() {
		if m := w.missing[pool]; !m.units.IsZero() {
			list = append(list, Missing{w.plan.accountOf(pool).name, w.plan.assets[w.plan.assetOf(pool)], m.units, w.plan.when(&w.plan.steps[m.first]), w.plan.when(&w.plan.steps[m.last])})
		}
	}
	return list
}

func (w *walk) showPresumed() []domain.Amount {
	var list []domain.Amount
	for n := range w.plan.assets {
		if units := nearest(&w.book.tally().presumed[n]); !units.IsZero() {
			list = append(list, domain.Amount{Units: units, Asset: w.plan.assets[n]})
		}
	}
	slices.SortFunc(list, func(a, b domain.Amount) int { return cmp.Compare(a.Asset.Code, b.Asset.Code) })
	return list
}

func (w *walk) exposed() []domain.AccountID {
	var list []domain.AccountID
	for n, marked := range w.exposure.accounts {
		if marked {
			list = append(list, w.plan.accounts[n].name)
		}
	}
	slices.Sort(list)
	return list
}
