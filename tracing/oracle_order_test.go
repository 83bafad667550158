package tracing_test

import (
	"cmp"
	"math/big"
	"slices"
	"time"

	"clew/domain"
	"clew/tracing"
)

// happened is the rows that had happened by At, inclusive, in order. A bare date lies at
// the start of its day, a bare-dated balance at its end.
func (o *oracle) happened() []tracing.Row {
	var rows []tracing.Row
	for _, row := range o.in.Rows {
		if o.in.At.IsZero() || !o.moment(row).After(o.in.At) {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, o.compare)
	return rows
}

func (o *oracle) moment(row tracing.Row) time.Time {
	if o.turn(row) == closing {
		return row.When.End()
	}
	return row.When.Time
}

// The parts of a day [1]: bare dates at the start, then timed rows, and a
// bare-dated balance after everything else. A balance that opens a statement,
// and is the first thing known of its pool, stands before them all.
const (
	opening = iota
	bare
	timed
	closing
)

func (o *oracle) turn(row tracing.Row) int {
	switch {
	case !row.When.Bare:
		return timed
	case o.opens[row.ID]:
		return opening
	case row.Kind == domain.Balance:
		return closing
	}
	return bare
}

// bareOpenings finds the bare-dated balances that open a statement of a pool
// which no row of an earlier day names, and no such balance of the same day.
func bareOpenings(rows []tracing.Row) map[domain.MovementID]bool {
	opens := map[domain.MovementID]bool{}
	for _, row := range rows {
		if row.Kind == domain.Balance && row.Statement && row.When.Bare {
			opens[row.ID] = !slices.ContainsFunc(rows, func(other tracing.Row) bool { return before(other, row) })
		}
	}
	return opens
}

func before(other, row tracing.Row) bool {
	if !slices.Contains(names(other), oraclePlace{row.To, row.Amount.Asset}) {
		return false
	}
	if day := other.When.Day().Compare(row.When.Day()); day != 0 {
		return day < 0
	}
	return other.Kind == domain.Balance && other.Statement && other.When.Bare && other.Position < row.Position
}

// names lists the pools that a row speaks of.
func names(row tracing.Row) []oraclePlace {
	var list []oraclePlace
	for _, leg := range slices.Concat(row.Inputs, row.Outputs) {
		list = append(list, oraclePlace{leg.Account, leg.Amount.Asset})
	}
	for _, place := range []oraclePlace{{row.From, row.Amount.Asset}, {row.From, row.Fee.Asset}, {row.To, row.Arrives().Asset}} {
		if place.account != "" && place.asset.Code != "" {
			list = append(list, place)
		}
	}
	return list
}

// compare orders by day, turn, time, then position in the log.
func (o *oracle) compare(a, b tracing.Row) int {
	return cmp.Or(a.When.Day().Compare(b.When.Day()), cmp.Compare(o.turn(a), o.turn(b)),
		a.When.Time.Compare(b.When.Time), cmp.Compare(a.Position, b.Position))
}

// first says which of the rows, in their order, is walked next [1]: among the
// bare-dated rows of one day the first that does not have to wait, and when all
// have to, the first.
func (o *oracle) first(rows []tracing.Row) int {
	for i, row := range rows {
		if o.turn(row) != bare || !row.When.Day().Equal(rows[0].When.Day()) {
			break
		}
		if !o.waits(row, rows) {
			return i
		}
	}
	return 0
}

// waits [1]: one whose payer holds less than amount and fee waits; a return
// also waits for its movement. Otherwise openings, reported payments (own
// transfers too) and payments by ends never wait.
func (o *oracle) waits(row tracing.Row, rows []tracing.Row) bool {
	if row.Kind == domain.Return && row.Of != "" && o.comesThatDay(row, rows) {
		return true
	}
	if row.Kind == domain.Opening || row.Victim != "" {
		return false
	}
	for place, amount := range payments(row) {
		if !o.end(place.account) && o.holding(o.pool(place.account, place.asset)).Cmp(amount) < 0 {
			return true
		}
	}
	return false
}

// comesThatDay says whether what a return gives back is still to be walked
// among the bare-dated rows of its day.
func (o *oracle) comesThatDay(row tracing.Row, rows []tracing.Row) bool {
	for _, other := range rows {
		if other.ID == row.Of && other.ID != row.ID && o.turn(other) == bare && other.When.Day().Equal(row.When.Day()) {
			return true
		}
	}
	return false
}

// payments is what a row needs of which pool: amount and fee.
func payments(row tracing.Row) map[oraclePlace]*big.Int {
	needs := map[oraclePlace]*big.Int{}
	need := func(account domain.AccountID, amount domain.Amount) {
		place := oraclePlace{account, amount.Asset}
		if needs[place] == nil {
			needs[place] = new(big.Int)
		}
		needs[place].Add(needs[place], amount.Units.Big())
	}
	for _, leg := range row.Inputs {
		need(leg.Account, leg.Amount)
	}
	if row.From != "" {
		need(row.From, row.Amount)
		if row.Fee.Given() {
			need(row.From, row.Fee)
		}
	}
	return needs
}
