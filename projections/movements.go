package projections

import (
	"context"
	"database/sql/driver"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"strings"

	"clew/domain"
)

// Movements keeps every version of every movement with both of its times: when
// it happened, and from which to which position of the log it was known so;
// with it what was reported, joined and separated. What only a reader of one
// movement asks for (note, the source's own id, evidence) stands in the log at
// the row's position.
var Movements = Projection{
	Name:    "movements",
	Version: 1,
	Schema:  movementsSchema + movementIDs.schema() + movementRefs.schema(),
	Kinds: append([]string{
		domain.MovementCorrected{}.Kind(), domain.MovementWithdrawn{}.Kind(), domain.MovementJoined{}.Kind(),
		domain.MovementSeparated{}.Kind(), domain.PaymentReported{}.Kind(), domain.ReportWithdrawn{}.Kind(),
	}, observedKinds()...),
	Apply: applyMovements,
}

// Accounts, sources and victims stand once in movements_name and by number in
// the rows: they repeat, and numbers are what a scan of a million rows reads
// fastest. 0 is the counterparty that nobody has named, whose name is made
// from the movement's own (domain.MovementID.Unknown).
//
// A count of smallest units is one integer where it fits 64 bits; beyond, it
// is the low word, and the high word stands beside it.
const movementsSchema = `
CREATE TABLE movements_name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE movements_asset (id INTEGER PRIMARY KEY, code TEXT NOT NULL, digits INTEGER NOT NULL, UNIQUE (code, digits)) STRICT;
CREATE TABLE movements (
	position       INTEGER PRIMARY KEY, -- of the event that gave it this version
	"case"         INTEGER NOT NULL,    -- movements_name
	first          INTEGER, -- of a correction: position of the first version, kept for ties
	until          INTEGER, -- position of the event that ended this version; NULL: it stands
	id             ANY NOT NULL, -- its 16 bytes; the text, where it is no such name
	kind           INTEGER NOT NULL, -- movements_name
	time           INTEGER NOT NULL, -- nanoseconds since 1970, UTC
	bare           INTEGER NOT NULL, -- 1: only the day is known
	"from"         INTEGER,          -- movements_name; 0: not named
	"to"           INTEGER,          -- movements_name; 0: not named
	units          INTEGER, high INTEGER, asset INTEGER, -- amount; movements_asset
	received       INTEGER, received_high INTEGER, received_asset INTEGER,
	fee            INTEGER, fee_high INTEGER, fee_asset INTEGER,
	"of"           ANY, -- what a return gives back
	of_source      TEXT,
	source         INTEGER, -- movements_name
	ref            TEXT,
	victim         INTEGER, -- movements_name: who reported it, where the row itself says so
	scam           INTEGER, -- movements_name
	unreported     INTEGER, -- position of the event that ended that report
	opens          INTEGER NOT NULL, -- 1: a balance that opens a statement
	legs           TEXT -- of a hop, as JSON
) STRICT;
CREATE INDEX movements_case ON movements ("case");
CREATE TABLE movements_later (
	first    INTEGER NOT NULL, -- position of a movement's first version
	position INTEGER NOT NULL, -- and of one that corrects it
	PRIMARY KEY (first, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE movements_source (
	position INTEGER PRIMARY KEY, -- of the first movement that a source told in a case
	"case"   INTEGER NOT NULL,
	source   INTEGER NOT NULL,
	UNIQUE ("case", source)
) STRICT;
CREATE TABLE movements_report (
	position INTEGER PRIMARY KEY, -- of the event
	"case"   INTEGER NOT NULL,
	movement INTEGER NOT NULL,    -- its first position
	victim   INTEGER NOT NULL,
	scam     INTEGER,
	until    INTEGER
) STRICT;
CREATE INDEX movements_report_movement ON movements_report (movement);
CREATE INDEX movements_report_case ON movements_report ("case");
CREATE TABLE movements_join (
	position INTEGER PRIMARY KEY,
	"case"   INTEGER NOT NULL,
	kept     INTEGER NOT NULL, -- first positions
	other    INTEGER NOT NULL,
	until    INTEGER
) STRICT;
CREATE INDEX movements_join_kept ON movements_join (kept);
CREATE INDEX movements_join_other ON movements_join (other);
CREATE INDEX movements_join_case ON movements_join ("case");
CREATE TABLE movements_apart (
	position INTEGER PRIMARY KEY,
	"case"   INTEGER NOT NULL,
	one      INTEGER NOT NULL, -- first positions
	other    INTEGER NOT NULL,
	until    INTEGER
) STRICT;
CREATE INDEX movements_apart_one ON movements_apart (one);
CREATE INDEX movements_apart_other ON movements_apart (other);
CREATE INDEX movements_apart_case ON movements_apart ("case");`

// applyMovements takes note of one event about a movement.
func applyMovements(ctx context.Context, tx *Tx, e *Recorded) error {
	if e.Movement != nil {
		return insertMovement(tx, e, nil, e.Movement)
	}
	f := movementFold{ctx, tx, e}
	switch event := e.Event.(type) {
	case domain.MovementCorrected:
		return f.correct(event)
	case domain.MovementWithdrawn:
		return f.withdraw(event)
	case domain.MovementJoined:
		return f.join(event)
	case domain.MovementSeparated:
		return f.separate(event)
	case domain.PaymentReported:
		return f.report(event)
	case domain.ReportWithdrawn:
		return f.unreport(event)
	}
	return fmt.Errorf("projection movements does not know %s", e.Kind)
}

// insertMovement writes one version; first is nil for the first of them.
func insertMovement(tx *Tx, e *Recorded, first driver.Value, m *domain.Movement) error {
	w := rowWriter{tx: tx}
	inCase, source, id := w.name(string(e.Case)), w.name(m.Source), idColumn(m.ID)
	row := make([]driver.Value, 0, 28)
	row = append(row, position(e.Position), inCase, first, nil, id, w.name(string(m.Kind)),
		m.When.Time.UnixNano(), flag(m.When.Bare), w.account(m, m.From), w.account(m, m.To))
	row = append(row, w.amount(m.Amount)...)
	row = append(row, w.amount(m.Received)...)
	row = append(row, w.amount(m.Fee)...)
	row = append(row, idColumn(m.Of), text(m.OfSource), source, text(m.Ref))
	if first == nil { // what was reported is not touched by a correction
		row = append(row, w.name(string(m.Victim)), w.name(string(m.Scam)))
	} else {
		row = append(row, nil, nil)
	}
	row = append(row, nil, flag(m.Opens), w.legs(m))
	if w.err != nil {
		return w.err
	}
	if err := noteSource(tx, e, inCase, source); err != nil {
		return err
	}
	if m.Ref != "" {
		if err := movementRefs.add(tx, textKey(m.Ref), e.Position); err != nil {
			return err
		}
	}
	if err := noteName(tx, e, id, first); err != nil {
		return err
	}
	return tx.Insert("movements", row...)
}

// noteName makes a first version to be found by the movement's name, and a
// later one by the first.
func noteName(tx *Tx, e *Recorded, id, first driver.Value) error {
	if first != nil {
		return tx.Insert("movements_later", first, position(e.Position))
	}
	return movementIDs.add(tx, columnKey(id), e.Position)
}

// noteSource remembers who tells movements of a case: with that, a source's
// own id leads to a movement without an index of its own.
func noteSource(tx *Tx, e *Recorded, caseNumber, source driver.Value) error {
	key := [2]driver.Value{caseNumber, source}
	if source == nil || tx.recall[key] != nil {
		return nil
	}
	tx.recall[key] = true
	return tx.Exec("INSERT OR IGNORE INTO movements_source VALUES (?, ?, ?)", position(e.Position), caseNumber, source)
}

// rowWriter turns values into columns and keeps the first error.
type rowWriter struct {
	tx  *Tx
	err error
}

// name gives a text's number; nothing for no text.
func (w *rowWriter) name(name string) driver.Value {
	if name == "" || w.err != nil {
		return nil
	}
	id, err := w.tx.Name("movements_name", name)
	w.err = err
	return id
}

func (w *rowWriter) account(m *domain.Movement, account domain.AccountID) driver.Value {
	if strings.HasPrefix(string(account), "unknown:") && account == m.ID.Unknown() {
		return int64(0)
	}
	return w.name(string(account))
}

// amount gives three columns.
func (w *rowWriter) amount(a domain.Amount) []driver.Value {
	if !a.Given() || w.err != nil {
		return []driver.Value{nil, nil, nil}
	}
	asset, err := assetNumber(w.tx, a.Asset)
	w.err = err
	if n, ok := a.Units.Int64(); ok {
		return []driver.Value{n, nil, asset}
	}
	high, low := a.Units.Words()
	return []driver.Value{int64(low), high, asset}
}

func assetNumber(tx *Tx, asset domain.Asset) (int64, error) {
	if n, ok := tx.recall[asset].(int64); ok {
		return n, nil
	}
	row, err := tx.Row("SELECT id FROM movements_asset WHERE code = ? AND digits = ?", string(asset.Code), int64(asset.Digits))
	if err != nil {
		return 0, err
	}
	if row == nil {
		if err := tx.Exec("INSERT INTO movements_asset (code, digits) VALUES (?, ?)", string(asset.Code), int64(asset.Digits)); err != nil {
			return 0, err
		}
		return assetNumber(tx, asset)
	}
	tx.recall[asset] = asInt(row[0])
	return asInt(row[0]), nil
}

type legsJSON struct {
	Inputs  []domain.Leg `json:"inputs"`
	Outputs []domain.Leg `json:"outputs"`
}

func (w *rowWriter) legs(m *domain.Movement) driver.Value {
	if m.Kind != domain.Hop || w.err != nil {
		return nil
	}
	text, err := json.Marshal(legsJSON{m.Inputs, m.Outputs})
	w.err = err
	return string(text)
}

// lowerCrockford is the alphabet of a movement's name as it is written.
var lowerCrockford = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// idColumn keeps a name that domain.Identify made as its 16 bytes, which halve
// the index, and any other as its text.
func idColumn(id domain.MovementID) driver.Value {
	if id == "" {
		return nil
	}
	if len(id) == 26 {
		var again [26]byte
		raw, err := lowerCrockford.DecodeString(string(id))
		if lowerCrockford.Encode(again[:], raw); err == nil && string(again[:]) == string(id) {
			return raw
		}
	}
	return string(id)
}

func movementID(column driver.Value) domain.MovementID {
	if raw, ok := column.([]byte); ok {
		return domain.MovementID(lowerCrockford.EncodeToString(raw))
	}
	return domain.MovementID(asText(column))
}

func flag(on bool) driver.Value {
	if on {
		return int64(1)
	}
	return int64(0)
}

// text makes NULL of no text.
func text(s string) driver.Value {
	if s == "" {
		return nil
	}
	return s
}

// movementFold applies what is said about a movement after it was observed.
// These events are few; each looks up what it speaks of.
type movementFold struct {
	ctx context.Context
	tx  *Tx
	e   *Recorded
}

// joined is all that hangs together with a movement now.
func (f movementFold) joined(first int64) (joinedGroup, error) {
	if err := f.tx.flush(); err != nil {
		return joinedGroup{}, err
	}
	return joinedWith(f.ctx, f.tx.conn, first, f.e.Position)
}

func (f movementFold) at() driver.Value { return position(f.e.Position) }

// first finds the first position of a movement of this case.
func (f movementFold) first(id domain.MovementID) (int64, error) {
	number, err := f.caseNumber()
	if err != nil {
		return 0, err
	}
	if err := f.tx.flush(); err != nil {
		return 0, err
	}
	found, err := firstVersions(f.ctx, f.tx.conn, number, id)
	if err != nil {
		return 0, err
	}
	if len(found) == 0 {
		return 0, fmt.Errorf("it speaks of movement %q, which case %s does not have", id, f.e.Case)
	}
	return int64(found[0].Position), nil
}

func (f movementFold) correct(event domain.MovementCorrected) error {
	first, err := f.first(event.Movement)
	if err != nil {
		return err
	}
	if err := f.end(first); err != nil {
		return err
	}
	now := event.Now.Movement
	now.ID = event.Movement
	return insertMovement(f.tx, f.e, first, &now)
}

// end closes the version of a movement that stands, if one does.
func (f movementFold) end(first int64) error {
	return f.tx.Exec("UPDATE movements SET until = ?1 WHERE position IN "+versionsOf("?2")+" AND until IS NULL", f.at(), first)
}

// versionsOf lists the positions of a movement's versions by its first one.
func versionsOf(first string) string {
	return "(SELECT " + first + " UNION ALL SELECT position FROM movements_later WHERE first = " + first + ")"
}

func (f movementFold) withdraw(event domain.MovementWithdrawn) error {
	first, err := f.first(event.Movement)
	if err != nil {
		return err
	}
	return f.end(first)
}

// caseNumber is the case's number in movements_name.
func (f movementFold) caseNumber() (int64, error) {
	return f.tx.Name("movements_name", string(f.e.Case))
}

// report opens a report and ends the one before: one payment is reported by
// one person.
func (f movementFold) report(event domain.PaymentReported) error {
	first, err := f.first(event.Movement)
	if err != nil {
		return err
	}
	if err := f.endReport(first, nil); err != nil {
		return err
	}
	w := rowWriter{tx: f.tx}
	row := []driver.Value{f.at(), w.name(string(f.e.Case)), first, w.name(string(event.Victim)), w.name(string(event.Scam)), nil}
	if w.err != nil {
		return w.err
	}
	return f.tx.Insert("movements_report", row...)
}

// endReport ends the report of a movement that stands; victim nil: whoever's.
func (f movementFold) endReport(first int64, victim driver.Value) error {
	err := f.tx.Exec(`UPDATE movements SET unreported = ?1 WHERE position = ?2 AND victim IS NOT NULL AND unreported IS NULL AND (?3 IS NULL OR victim = ?3)`, f.at(), first, victim)
	if err != nil {
		return err
	}
	return f.tx.Exec(`UPDATE movements_report SET until = ?1 WHERE movement = ?2 AND until IS NULL AND (?3 IS NULL OR victim = ?3)`, f.at(), first, victim)
}

// unreport ends a victim's report, on whichever telling of the payment it was
// made: else a joined one would go on saying it.
func (f movementFold) unreport(event domain.ReportWithdrawn) error {
	first, err := f.first(event.Movement)
	if err != nil {
		return err
	}
	victim, err := f.tx.Name("movements_name", string(event.Victim))
	if err != nil {
		return err
	}
	joined, err := f.joined(first)
	if err != nil {
		return err
	}
	for _, member := range joined.order {
		if err := f.endReport(member, victim); err != nil {
			return err
		}
	}
	return nil
}

func (f movementFold) join(event domain.MovementJoined) error {
	kept, err := f.first(event.Kept)
	if err != nil {
		return err
	}
	other, err := f.first(event.Other)
	if err != nil {
		return err
	}
	number, err := f.caseNumber()
	if err != nil {
		return err
	}
	err = f.tx.Exec("UPDATE movements_apart SET until = ?1 WHERE (one = ?2 AND other = ?3 OR one = ?3 AND other = ?2) AND \"case\" = ?4 AND until IS NULL", f.at(), kept, other, number)
	if err != nil {
		return err
	}
	return f.tx.Insert("movements_join", f.at(), number, kept, other, nil)
}

// separate undoes every join by which the two hang together, from the second
// one's side, and remembers that they are two.
func (f movementFold) separate(event domain.MovementSeparated) error {
	one, err := f.first(event.One)
	if err != nil {
		return err
	}
	other, err := f.first(event.Other)
	if err != nil {
		return err
	}
	for {
		joined, err := f.joined(other)
		if err != nil {
			return err
		}
		nearest, found := joined.nearest(one)
		if !found {
			break
		}
		if err := f.tx.Exec("UPDATE movements_join SET until = ? WHERE position = ?", f.at(), nearest); err != nil {
			return err
		}
	}
	number, err := f.caseNumber()
	if err != nil {
		return err
	}
	return f.tx.Insert("movements_apart", f.at(), number, one, other, nil)
}
