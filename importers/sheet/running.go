package sheet

import (
	"fmt"

	"clew/domain"
	"clew/importers/statement"
)

// maxBreaks bounds the warnings of one table: a column that is no running
// balance at all breaks on every row.
const maxBreaks = 100

// maxTracks bounds how many accounts and assets one table may have balances
// of. Beyond it the rows are recorded and their balances are not followed.
const maxTracks = 10_000

// running holds the running balances of a table against its rows, and keeps
// what they give: what an account held before its first row and after its last.
type running struct {
	out    func(domain.Item) error
	tracks map[pool]*track
	order  []pool
	breaks int
	losses int    // rows that were lost so far
	full   bool   // there are more than maxTracks
	listed string // in which order the table lists its rows
}

// pool is one account's holding of one asset.
type pool struct {
	account domain.AccountID
	asset   domain.Asset
}

// track is one running balance.
type track struct {
	book     *statement.Book
	expected domain.Amount // the balance that the next row must fit to
	known    bool
	sum      domain.Amount // of the rows until a balance was first stated
	settled  bool          // the balance at the table's beginning is known, or never will be
	opening  *statement.Stated
	closing  *statement.Stated
	losses   int // those that the track knows of
}

func newRunning(out func(domain.Item) error) running {
	return running{out: out, tracks: map[pool]*track{}}
}

// row takes the next row in the order of the table.
func (r *running) row(w row, order string) error {
	r.listed = order
	if w.lost {
		r.losses++
		return nil
	}
	for i, change := range w.changes {
		delta, repeated, err := total(w.changes, i)
		if err != nil || repeated {
			continue // the sum was taken with the first change in this asset
		}
		t, err := r.track(w, pool{w.account, change.Asset})
		if err != nil || t == nil {
			return err
		}
		t.book.Booked(delta, w.when)
		var balance *domain.Amount
		if w.balance != nil && w.balance.Asset == change.Asset {
			balance = w.balance
		}
		if gap := r.step(t, delta, balance, w); gap != nil {
			if err := r.broken(w, *gap); err != nil {
				return err
			}
		}
	}
	return nil
}

// step has a track take a row, and gives the gap where it does not fit.
func (r *running) step(t *track, delta domain.Amount, balance *domain.Amount, w row) *domain.Amount {
	first := !t.settled
	if t.losses != r.losses { // what those rows did to the account is not known
		t.losses, t.known, t.settled = r.losses, false, true
	}
	if r.listed == newestFirst {
		return t.backward(delta, balance, w, first)
	}
	return t.forward(delta, balance, w)
}

// total sums the changes in the asset of the ith; repeated says that an
// earlier one has that asset, and so was summed already.
func total(changes []domain.Amount, i int) (sum domain.Amount, repeated bool, err error) {
	sum = domain.Amount{Asset: changes[i].Asset}
	for at, c := range changes {
		if c.Asset != sum.Asset {
			continue
		}
		if at < i {
			return sum, true, nil
		}
		if sum, err = sum.Add(c); err != nil {
			return sum, false, err
		}
	}
	return sum, false, nil
}

// track gives the running balance of a pool; nil where there are too many.
func (r *running) track(w row, of pool) (*track, error) {
	if t, known := r.tracks[of]; known {
		return t, nil
	}
	if len(r.tracks) >= maxTracks {
		if r.full {
			return nil, nil
		}
		r.full = true
		return nil, r.out(domain.Warning{Line: w.line, Reason: fmt.Sprintf("the table has more than %d accounts: the running balances of the others are not checked", maxTracks)})
	}
	t := &track{book: statement.NewBook(r.out), sum: domain.Amount{Asset: of.asset}, settled: r.losses > 0, losses: r.losses}
	r.tracks[of] = t
	r.order = append(r.order, of)
	return t, t.book.Begin(statement.Head{Name: "the table", Account: of.account, Source: w.moves[0].Source, Interim: true, Line: w.line})
}

// forward takes a row of a table that begins with the oldest. It gives the gap
// where the stated balance is not what the row above and this row give.
func (t *track) forward(delta domain.Amount, balance *domain.Amount, w row) (gap *domain.Amount) {
	if !t.settled {
		t.sum, t.settled = plus(t.sum, delta)
	}
	if t.known {
		expected, overflow := plus(t.expected, delta)
		t.expected, t.known = expected, !overflow
	}
	t.closing = nil
	if balance == nil {
		return nil
	}
	if t.known && t.expected != *balance {
		gap = minus(*balance, t.expected)
	}
	if before := minus(*balance, t.sum); !t.settled && before != nil {
		t.opening = w.stated(*before)
	}
	t.expected, t.known, t.settled = *balance, true, true
	t.closing = w.stated(*balance)
	return gap
}

// backward takes a row of a table that begins with the newest; first says that
// none of the account was seen before it.
func (t *track) backward(delta domain.Amount, balance *domain.Amount, w row, first bool) (gap *domain.Amount) {
	t.settled, t.opening = true, nil
	ends := t.expected // what the row above begins with, this one ends with
	if balance != nil {
		if t.known && t.expected != *balance {
			gap = minus(t.expected, *balance)
		}
		if first {
			t.closing = w.stated(*balance)
		}
		ends, t.known = *balance, true
	}
	if !t.known {
		return nil
	}
	before := minus(ends, delta)
	if t.known = before != nil; !t.known {
		return gap
	}
	t.expected = *before
	if balance != nil {
		t.opening = w.stated(*before)
	}
	return gap
}

func (w row) stated(amount domain.Amount) *statement.Stated {
	return &statement.Stated{Amount: amount, Evidence: domain.Evidence{Line: w.line, Page: w.page}}
}

// plus and minus are of one asset. What does not fit 128 bits cannot be
// compared with anything.
func plus(a, b domain.Amount) (sum domain.Amount, overflow bool) {
	sum, err := a.Add(b)
	return sum, err != nil
}

func minus(a, b domain.Amount) *domain.Amount {
	difference, err := a.Sub(b)
	if err != nil {
		return nil
	}
	return &difference
}

// broken warns of a running balance that does not run.
func (r *running) broken(w row, gap domain.Amount) error {
	r.breaks++
	code := gap.Asset.Code
	switch {
	case r.breaks < maxBreaks:
		return r.out(domain.Warning{Line: w.line, Reason: fmt.Sprintf("the running balance %s %s of %s is not what the row next to it and the amount give: gap %s %s; a row may be missing, or the order of the rows is another", w.balance, code, w.account, gap, code)})
	case r.breaks == maxBreaks:
		return r.out(domain.Warning{Line: w.line, Reason: fmt.Sprintf("the running balance has not fitted its rows %d times: no further gap of it is named; is it a running balance?", maxBreaks)})
	}
	return nil
}

// breaks counts how often the running balance of some rows would not fit.
func breaks(rows []row, order string) int {
	r := newRunning(func(domain.Item) error { return nil })
	for _, w := range rows {
		if err := r.row(w, order); err != nil {
			return len(rows)
		}
	}
	return r.breaks
}

// close records what the table gives: each account's balance before its first
// row and after its last.
func (r *running) close(record bool) error {
	for _, of := range r.order {
		t := r.tracks[of]
		if t.losses != r.losses {
			r.unsure(t)
		}
		if !record {
			continue
		}
		if err := t.close(); err != nil {
			return err
		}
	}
	return nil
}

// unsure drops what may not hold because a row was lost behind the track's
// last one: it may have been of the same account.
func (r *running) unsure(t *track) {
	if r.listed == newestFirst {
		t.opening = nil
		return
	}
	t.closing = nil
}

func (t *track) close() error {
	if t.opening != nil {
		if err := t.book.Opening(*t.opening); err != nil {
			return err
		}
	}
	if t.closing != nil {
		if err := t.book.Closing(*t.closing); err != nil {
			return err
		}
	}
	return t.book.Close()
}
