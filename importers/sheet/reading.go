package sheet

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"time"

	"clew/domain"
	"clew/importers/statement"
)

// The orders in which a table may list its rows. Within a day of which only
// the date is known, the order of the table is the order of the movements
// (TRACING, Order), so a table that begins with the newest is turned around,
// a day at a time.
const (
	oldestFirst = "oldest-first"
	newestFirst = "newest-first"
)

// maxDay bounds the rows of one day that are held to be turned around. A table
// that begins with the oldest needs none of them held.
const maxDay = 100_000

// reading is one table on its way through.
type reading struct {
	*bound
	options domain.ReadOptions
	out     func(domain.Item) error
	table   table

	group    []row     // the rows that may still have to be turned around
	day      time.Time // of the group
	disorder bool      // it was said that the days go both ways
	vague    []clockNote
	running  running
	waiting  int // rows that are pending
}

type clockNote struct {
	line   int
	reason string
}

// table reads a whole table.
func (m *mapping) table(in io.Reader, options domain.ReadOptions, out func(domain.Item) error) error {
	if !m.has("account") && m.account == "" && options.Account == "" {
		return domain.Usage("the table does not say whose it is: say it with --account (or in a mapping file of your own, with account: or columns.account)")
	}
	source, err := openTable(in, m, options.Sheet)
	if err != nil {
		return err
	}
	defer func() { _ = source.close() }()
	b, err := m.bind(source, func(line int) error { return out(domain.Noise{Line: line}) })
	if err != nil {
		return err
	}
	t := &reading{bound: b, options: options, out: out, table: source, running: newRunning(out)}
	return t.all()
}

func (t *reading) all() error {
	for {
		r, err := t.table.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		if err := t.take(r); err != nil {
			return err
		}
	}
	if err := t.flush(true); err != nil {
		return err
	}
	return t.finish()
}

// take sorts one row.
func (t *reading) take(r record) error {
	switch {
	case r.problem != "":
		t.group = append(t.group, row{lost: true})
		return t.out(domain.Reject{Evidence: domain.Evidence{Line: r.line, Page: r.page}, Field: "line", Reason: r.problem})
	case t.noHeader && r.line <= t.skip, r.blank(), t.holds(t.noise, r):
		return t.out(domain.Noise{Line: r.line})
	case t.holds(t.pending, r):
		t.waiting++
		return t.out(domain.Noise{Line: r.line})
	case t.continues && t.goesOn(r):
		return t.out(domain.Noise{Line: r.line})
	}
	w := t.read(r)
	if w.reject != nil {
		t.group = append(t.group, w)
		return t.out(*w.reject)
	}
	if w.odd != "" {
		if err := t.warn(w.line, "%s", w.odd); err != nil {
			return err
		}
	}
	if err := t.turn(w); err != nil {
		return err
	}
	t.group = append(t.group, w)
	if len(t.group) <= maxDay {
		return nil
	}
	if t.order == newestFirst {
		return domain.Usage("line %d: the table begins with the newest row and has more than %d rows of %s: sort it so that it begins with the oldest, and import it with order: %s", r.line, maxDay, t.day.Format(time.DateOnly), oldestFirst)
	}
	return t.flush(true)
}

// goesOn takes a row that has nothing but text as the rest of the row above.
func (t *reading) goesOn(r record) bool {
	for _, what := range []role{"date", "amount", "in", "out"} {
		if t.cell(r, what) != "" {
			return false
		}
	}
	if n := len(t.group); n > 0 && len(t.group[n-1].moves) > 0 {
		above := &t.group[n-1].moves[0]
		above.Note = statement.Note(above.Note, t.note(r))
	}
	return true
}

// turn looks which way the days go, and lets go of the rows that need not be
// held any longer.
func (t *reading) turn(w row) error {
	day := w.when.Day()
	defer func() { t.day = day }()
	later, earlier := !t.day.IsZero() && day.After(t.day), !t.day.IsZero() && day.Before(t.day)
	switch {
	case t.order == "" && later:
		t.order = oldestFirst
	case t.order == "" && earlier:
		t.order = newestFirst
	case !t.disorder && (t.order == oldestFirst && earlier || t.order == newestFirst && later):
		t.disorder = true
		if err := t.warn(w.line, "the table is read as %s, but this row's day goes the other way: within a day, the order of its rows may be wrong", t.order); err != nil {
			return err
		}
	}
	if t.order == oldestFirst || later || earlier {
		return t.flush(false)
	}
	return nil
}

// flush gives the rows that are held, the oldest first. Where the order is not
// known at the end of them, the running balance decides.
func (t *reading) flush(atEnd bool) error {
	order := t.order
	if order == "" && atEnd {
		order = t.guess()
		t.order = order
	}
	for i := range t.group {
		if !t.has("balance") {
			break
		}
		if err := t.running.row(t.group[i], order); err != nil {
			return err
		}
	}
	for i := range t.group {
		at := i
		if order == newestFirst {
			at = len(t.group) - 1 - i
		}
		if err := t.give(t.group[at]); err != nil {
			return err
		}
	}
	t.group = t.group[:0]
	return nil
}

// guess says in which order the rows of a single day stand.
func (t *reading) guess() string {
	known, bare, line := 0, 0, 0
	for _, w := range t.group {
		if w.balance != nil {
			known++
		}
		if !w.lost && w.when.Bare {
			bare++
			line = w.line
		}
	}
	if known > 1 && breaks(t.group, newestFirst) < breaks(t.group, oldestFirst) {
		return newestFirst
	}
	if bare > 1 && known < 2 {
		t.vague = append(t.vague, clockNote{line, "all rows are of one day, and nothing says whether the oldest or the newest stands first: the oldest is taken to; say otherwise with order: " + newestFirst})
	}
	return oldestFirst
}

func (t *reading) give(w row) error {
	for _, m := range w.moves {
		if err := t.out(domain.Row{Movement: m}); err != nil {
			return err
		}
	}
	return nil
}

func (t *reading) warn(line int, format string, args ...any) error {
	return t.out(domain.Warning{Line: line, Reason: fmt.Sprintf(format, args...)})
}

// noteVague remembers, once a reason, why a time is known to the day only.
func (t *reading) noteVague(reason string, line int) {
	if reason == midnight {
		return
	}
	for _, n := range t.vague {
		if n.reason == reason {
			return
		}
	}
	t.vague = append(t.vague, clockNote{line, reason})
}

// finish says what holds of the table as a whole, and records its balances.
func (t *reading) finish() error {
	for _, n := range t.vague {
		if err := t.warn(n.line, "%s", n.reason); err != nil {
			return err
		}
	}
	if t.waiting > 0 {
		if err := t.warn(0, "%d rows are pending: they are not booked and so not recorded; import the table again once they are", t.waiting); err != nil {
			return err
		}
	}
	if w, ok := t.table.(*workbook); ok && w.formulas {
		if err := t.warn(0, "sheet %q has formulas: the results stored in the file are taken, nothing was computed", w.sheet); err != nil {
			return err
		}
	}
	if !t.has("balance") {
		return nil
	}
	return t.running.close(!t.noBalances)
}

// serial reads a day as a workbook stores it: days since 30 December 1899, or
// since 1 January 1904; the fraction is the time of day.
func (t *reading) serial(day, hour string) (clock, error) {
	days, err := strconv.ParseFloat(day, 64)
	if err != nil || days < 1 || days > 300_000 {
		return clock{}, fmt.Errorf("%q is a number, but none that a workbook stores for a day", day)
	}
	begin := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if w, ok := t.table.(*workbook); ok && w.era1904 {
		begin = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	whole, fraction := math.Modf(days)
	at := begin.AddDate(0, 0, int(whole))
	if fraction == 0 && hour != "" {
		return t.readHour(at, day, hour)
	}
	at = at.Add(time.Duration(math.Round(fraction*86_400_000)) * time.Millisecond)
	return t.place(at, layout{timed: fraction != 0})
}
