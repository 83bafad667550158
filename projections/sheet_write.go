package projections

import (
	"errors"
	"strings"

	"clew/domain"
)

// sheetWriter numbers the names of movements and puts them on the last sheet.
// It is remembered from one transaction to the next.
type sheetWriter struct {
	tx      *Tx
	find    *finders
	last    sheet
	cases   map[uint64]int // how many versions of each case lie on it
	written bool           // it stands in the table as it is
	now     packed         // the movement that is being written
	err     error          // why it cannot be

	parties    noted // numbers of accounts, and one
	assets     map[domain.Asset]uint64
	tellers    map[[2]uint64]bool // cases and sources that are noted in movements_source
	lastCase   lastNumber
	lastSource lastNumber
}

// lastNumber is a name with its number: cases and sources come in long runs.
type lastNumber struct {
	name   string
	number uint64
}

// sheetsOf gives the writer that is remembered, or one that goes on where the
// table ends.
func sheetsOf(tx *Tx) (*sheetWriter, error) {
	if tx.sheets != nil {
		return tx.sheets, nil
	}
	w, ok := tx.recall["sheets"].(*sheetWriter)
	if !ok {
		w = &sheetWriter{find: newFinders(), cases: map[uint64]int{}, written: true, assets: map[domain.Asset]uint64{}, tellers: map[[2]uint64]bool{}}
		if err := w.resume(tx); err != nil {
			return nil, err
		}
		tx.recall["sheets"] = w
	}
	w.tx, tx.sheets, tx.conn.find = tx, w, w.find
	return w, nil
}

// resume takes up the last sheet of the table.
func (w *sheetWriter) resume(tx *Tx) error {
	if err := errors.Join(w.find.ids.resume(tx.conn), w.find.refs.resume(tx.conn)); err != nil {
		return err
	}
	row, err := tx.conn.row("SELECT position, sheet, rows FROM movements ORDER BY position DESC LIMIT 1")
	if err != nil || row == nil || asInt(row[2]) >= sheetRows {
		return err
	}
	bytes, _ := row[1].([]byte)
	at := uint64(asInt(row[0]))
	r := readSheet(at, bytes)
	var n packed
	rows := 0
	for ; r.next(&n); rows++ {
		w.cases[n.inCase]++
	}
	if r.torn {
		return errSheet
	}
	w.last = sheet{position: at, rows: rows, bytes: bytes, before: r.before}
	return nil
}

// add puts the movement that was numbered on the last sheet, or on a new one.
func (w *sheetWriter) add() error {
	if w.last.rows == sheetRows {
		if err := w.write(); err != nil {
			return err
		}
		w.last = sheet{bytes: w.last.bytes[:0]}
		clear(w.cases)
	}
	w.last.add(&w.now)
	w.cases[w.now.inCase]++
	w.written = false
	return nil
}

// write puts the last sheet into the table as it is now.
func (w *sheetWriter) write() error {
	if w.written {
		return nil
	}
	s := &w.last
	err := w.tx.conn.run("INSERT OR REPLACE INTO movements VALUES (?, ?, ?, ?)", position(s.position), position(s.before.position), int64(s.rows), s.bytes)
	for number, rows := range w.cases {
		if err == nil {
			err = w.tx.conn.run("INSERT OR REPLACE INTO movements_case VALUES (?, ?, ?)", int64(number), position(s.position), int64(rows))
		}
	}
	w.written = err == nil
	return err
}

// number turns a movement's names into numbers.
func (w *sheetWriter) number(e *Recorded, m *domain.Movement) {
	w.err = nil
	w.now = packed{
		inCase: w.run(&w.lastCase, string(e.Case)), source: w.run(&w.lastSource, m.Source),
		bare: m.When.Bare, opens: m.Opens, id: rawOf(m.ID), of: rawOf(m.Of), ofSource: m.OfSource, ref: m.Ref,
		second: m.When.Time.Unix(), nanos: uint32(m.When.Time.Nanosecond()),
		from: w.party(m, m.From, e.from), to: w.party(m, m.To, e.to),
		amount: w.amount(m.Amount), received: w.amount(m.Received), fee: w.amount(m.Fee),
		victim: w.name(string(m.Victim)), scam: w.name(string(m.Scam)),
	}
	w.kind(m.Kind)
	if m.Kind == domain.Hop {
		w.legs(m)
	}
}

func (w *sheetWriter) kind(kind domain.MovementKind) {
	for i, k := range sheetKinds {
		if k == kind {
			w.now.kind = uint8(i)
			return
		}
	}
	w.now.kind, w.now.kindName = uint8(len(sheetKinds)), w.name(string(kind))
}

// name gives a text's number; 0 for no text.
func (w *sheetWriter) name(name string) uint64 {
	if name == "" || w.err != nil {
		return 0
	}
	id, err := w.tx.Name("movements_name", name)
	w.err = err
	return uint64(id)
}

// run is name for what seldom changes from one movement to the next.
func (w *sheetWriter) run(last *lastNumber, name string) uint64 {
	if last.name != name || last.number == 0 {
		*last = lastNumber{name, w.name(name)}
	}
	return last.number
}

// party is account for one that the decoder has numbered, whose name need not
// be looked up each time.
func (w *sheetWriter) party(m *domain.Movement, account domain.AccountID, n domain.NameNumber) uint64 {
	if n == 0 {
		return w.account(m, account)
	}
	known := w.parties.of(n)
	if *known == 0 && w.err == nil {
		number := w.account(m, account)
		if w.err != nil {
			return 0
		}
		*known = number
	}
	return *known
}

// account gives 0 for nobody and 1 for whom nobody has named: his name is made
// from the movement's own (domain.MovementID.Unknown).
func (w *sheetWriter) account(m *domain.Movement, account domain.AccountID) uint64 {
	switch {
	case account == "":
		return 0
	case strings.HasPrefix(string(account), "unknown:") && account == m.ID.Unknown():
		return 1
	}
	return w.name(string(account)) + 1
}

func (w *sheetWriter) amount(a domain.Amount) counted128 {
	if !a.Given() || w.err != nil {
		return counted128{}
	}
	return counted128{a.Units, w.asset(a.Asset)}
}

func (w *sheetWriter) asset(asset domain.Asset) uint64 {
	if n, ok := w.assets[asset]; ok {
		return n
	}
	find := func() (number uint64, err error) {
		row, err := w.tx.conn.row("SELECT id FROM movements_asset WHERE code = ? AND digits = ?", string(asset.Code), int64(asset.Digits))
		if err != nil || row == nil {
			return 0, err
		}
		return uint64(asInt(row[0])), nil
	}
	number, err := find()
	if err == nil && number == 0 {
		if err = w.tx.conn.run("INSERT INTO movements_asset (code, digits) VALUES (?, ?)", string(asset.Code), int64(asset.Digits)); err == nil {
			number, err = find()
		}
	}
	if w.err = err; err == nil {
		w.assets[asset] = number
	}
	return number
}

func (w *sheetWriter) legs(m *domain.Movement) {
	w.now.inputs = len(m.Inputs)
	for _, legs := range [][]domain.Leg{m.Inputs, m.Outputs} {
		for _, leg := range legs {
			w.now.legs = append(w.now.legs, numberedLeg{w.name(string(leg.Account)), w.name(leg.Address), w.amount(leg.Amount)})
		}
	}
}

// noteSource remembers who tells movements of a case: with that, a source's
// own id leads to a movement without an index of its own.
func (w *sheetWriter) noteSource() error {
	key := [2]uint64{w.now.inCase, w.now.source}
	if w.now.source == 0 || w.tellers[key] {
		return nil
	}
	w.tellers[key] = true
	return w.tx.conn.run("INSERT OR IGNORE INTO movements_source VALUES (?, ?, ?)", position(w.now.position), int64(w.now.inCase), int64(w.now.source))
}

// noteName makes a first version to be found by the movement's name, and a
// later one by the first.
func (w *sheetWriter) noteName() error {
	if w.now.first != 0 {
		return w.tx.Insert("movements_later", position(w.now.first), position(w.now.position))
	}
	return w.find.ids.add(w.tx.conn, w.now.id.key(), w.now.position)
}
