package tracing

import (
	"cmp"
	"maps"
	"slices"

	"clew/domain"
)

// figure is one number of the answer before it is rounded. It stands in a
// victim's places (its row), among an account's owners (its column), or in
// both, where the claim and the units are the same amount: then it is one
// number in both lists.
type figure struct {
	exact       fixed
	row, column int
	// Shown in the row and in the column. They are the same number but where
	// no rounding can serve both lists.
	inRow, inColumn domain.Units
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
}

// entry is what one victim has in one pool in the claims of one loss. Its
// figures say what it is worth (claim) and, once for all his losses in the
// pool, what units it holds.
type entry struct {
	loss   int32
	column int
	claim  int // figure; none where units has it all
	units  int // figure; none for a further loss of the same victim
}

type blind struct {
	untraced    int // figure
	unexplained fixed
}

// show makes the answer of a walk: rounded once, here.
func (w *walk) show() Answer {
	s := &sheet{w: w, losses: w.plan.lossesByName()}
	s.rowOf = make([]int, len(s.losses))
	for row, n := range s.losses {
		s.rowOf[n] = row
		own := w.book.tally().own[n]
		s.own = append(s.own, nearest(&own))
		s.add(w.book.tally().returned[n], row, none)
	}
	for _, pool := range w.plan.poolsByName() {
		s.column(pool)
	}
	s.round()
	answer := Answer{Rule: w.rule.name, Missing: w.showMissing(), Warnings: w.warnings, Presumed: w.showPresumed()}
	answer.Victims = s.victims()
	answer.Accounts = s.accounts()
	if w.rule.name == Poison {
		answer.Exposed = w.exposed()
	}
	return answer
}

func (s *sheet) add(exact fixed, row, column int) int {
	s.figures = append(s.figures, figure{exact: exact, row: row, column: column})
	return len(s.figures) - 1
}

// holding is what the lots of one loss sum up to in a pool.
type holding struct{ units, worth fixed }

// column takes a pool into the sheet.
func (s *sheet) column(pool poolNo) {
	var own, unexplainedOwn, total fixed
	byRow := map[int]*holding{}
	s.w.book.lots(pool, func(o owner, units, worth fixed) {
		total.Add(&total, &units)
		if !o.claimed() {
			own.Add(&own, &units)
			if o.has(unexplained) {
				unexplainedOwn.Add(&unexplainedOwn, &units)
			}
			return
		}
		row := s.rowOf[s.w.plan.claims[o].loss]
		if byRow[row] == nil {
			byRow[row] = &holding{}
		}
		byRow[row].units.Add(&byRow[row].units, &units)
		byRow[row].worth.Add(&byRow[row].worth, &worth)
	})
	// What is less than a grain is the error of fractions: nobody is there.
	maps.DeleteFunc(byRow, func(_ int, h *holding) bool { return h.units.Lt(&grain) && h.worth.Lt(&grain) })
	if total.IsZero() && len(byRow) == 0 && s.w.overdrawn(pool).IsZero() {
		return
	}
	n := len(s.pools)
	s.pools = append(s.pools, pool)
	s.total = append(s.total, nearest(&total))
	s.blind = append(s.blind, blind{s.add(own, none, n), unexplainedOwn})
	s.owners(n, byRow)
}

// owners takes what the victims have in a pool into the sheet. A victim's row
// and the pool's column meet in one figure where he has claims of one asset
// there, the pool's, and they are worth as many units as they hold.
func (s *sheet) owners(column int, byRow map[int]*holding) {
	rows := make([]int, 0, len(byRow))
	for row := range byRow {
		rows = append(rows, row)
	}
	slices.Sort(rows)
	for len(rows) > 0 {
		victim := s.victimAt(rows[0])
		mine := 1
		for mine < len(rows) && s.victimAt(rows[mine]) == victim {
			mine++
		}
		s.owner(column, rows[:mine], byRow)
		rows = rows[mine:]
	}
}

func (s *sheet) victimAt(row int) int32 { return s.w.plan.losses[s.losses[row]].victim }

func (s *sheet) owner(column int, rows []int, byRow map[int]*holding) {
	first := byRow[rows[0]]
	asset := s.w.plan.assets[s.w.plan.assetOf(s.pools[column])]
	if len(rows) == 1 && same(&first.units, &first.worth) && s.w.plan.losses[s.losses[rows[0]]].asset == asset {
		one := s.add(first.units, rows[0], column)
		s.entries = append(s.entries, entry{s.losses[rows[0]], column, one, one})
		return
	}
	var units fixed
	for _, row := range rows {
		units.Add(&units, &byRow[row].units)
	}
	held := s.add(units, none, column)
	for _, row := range rows {
		claim := s.add(byRow[row].worth, row, none)
		s.entries = append(s.entries, entry{s.losses[row], column, claim, held})
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
	var cells []cell
	var fractional []int
	for _, i := range order {
		f := &s.figures[i]
		whole, frac := snap(&f.exact)
		f.inRow, f.inColumn = whole, whole
		if f.row != none {
			left[0][f.row] = left[0][f.row].Minus(whole)
		}
		if f.column != none {
			left[1][f.column] = left[1][f.column].Minus(whole)
		}
		if frac != 0 {
			cells = append(cells, cell{f.row, f.column, frac})
			fractional = append(fractional, i)
		}
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
		s.figures[i].up(inRow[k], inColumn[k])
	}
}

func (f *figure) up(inRow, inColumn bool) {
	if inRow {
		f.inRow = f.inRow.Plus(domain.NewUnits(1))
	}
	if inColumn {
		f.inColumn = f.inColumn.Plus(domain.NewUnits(1))
	}
}

func count(u domain.Units) int {
	n, _ := u.Int64()
	return int(n)
}

// figuresInOrder is the order of ties: what has returned and what is untraced
// before the rest, which stands by account, asset and victim already.
func (s *sheet) figuresInOrder() []int {
	order := make([]int, 0, len(s.figures))
	for i := range s.losses {
		order = append(order, i)
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
		list[row] = Victim{Victim: s.w.plan.victims[l.victim], Asset: l.asset, Own: s.own[row], Returned: s.figures[row].inRow,
			Reported: s.w.exposure.reported[n], PaidBack: s.w.exposure.paidBack[n], Scams: s.w.plan.scamsOf(n)}
	}
	for _, e := range s.entries {
		claim := s.figures[e.claim].inRow
		if claim.IsZero() {
			continue
		}
		v, pool := &list[s.rowOf[e.loss]], s.pools[e.column]
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
	var list []Pool
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
			p.Frontier = len(p.Traced) > 0 && !s.w.plan.pools[main].end && s.w.tills[main].paid <= s.w.traced[main]
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
	untraced := s.figures[s.blind[n].untraced].inColumn
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
	for _, e := range s.entries {
		if line[e.column] == none || e.units == none || s.figures[e.units].inColumn.IsZero() {
			continue
		}
		p := &list[line[e.column]]
		units := s.figures[e.units].inColumn
		victim := s.w.plan.victims[s.w.plan.losses[e.loss].victim]
		i, found := slices.BinarySearchFunc(p.Traced, victim, func(o Owner, v domain.VictimID) int { return cmp.Compare(o.Victim, v) })
		if !found {
			p.Traced = slices.Insert(p.Traced, i, Owner{Victim: victim})
		}
		p.Traced[i].Units = p.Traced[i].Units.Plus(units)
	}
}

func (w *walk) overdrawn(pool poolNo) domain.Units { return w.tills[pool].overdraft }

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
