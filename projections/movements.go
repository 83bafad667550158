package projections

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"clew/domain"
)

// Movements keeps every version of every movement with both of its times: when
// it happened, and from which to which position of the log it was known so;
// with it what was reported, joined and separated. What only a reader of one
// movement asks for (note, the source's own id, evidence) stands in the log at
// the movement's position.
var Movements = Projection{
	Name:    "movements",
	Version: 2,
	Schema:  movementsSchema + movementIDs().schema() + movementRefs().schema(),
	Kinds: append([]string{
		domain.MovementCorrected{}.Kind(), domain.MovementWithdrawn{}.Kind(), domain.MovementJoined{}.Kind(),
		domain.MovementSeparated{}.Kind(), domain.PaymentReported{}.Kind(), domain.ReportWithdrawn{}.Kind(),
	}, observedKinds()...),
	Apply: applyMovements,
}

// Versions of movements lie on sheets in the order of the log (see sheet).
// What happens to few of them afterwards stands in small tables beside: where
// a version ended, where a report did, what was joined. Accounts, sources and
// victims stand once in movements_name and by number on the sheets: they
// repeat, and numbers are what a walk over a million movements reads fastest.
const movementsSchema = `
CREATE TABLE movements_name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE movements_asset (id INTEGER PRIMARY KEY, code TEXT NOT NULL, digits INTEGER NOT NULL, UNIQUE (code, digits)) STRICT;
CREATE TABLE movements (
	position INTEGER PRIMARY KEY, -- of the event that gave the sheet's first version
	last     INTEGER NOT NULL,    -- and its last
	rows     INTEGER NOT NULL,    -- how many there are
	sheet    BLOB NOT NULL
) STRICT;
CREATE TABLE movements_case (
	"case"   INTEGER NOT NULL, -- movements_name
	position INTEGER NOT NULL, -- of a sheet
	rows     INTEGER NOT NULL, -- how many versions of the case lie on it
	PRIMARY KEY ("case", position)
) STRICT, WITHOUT ROWID;
CREATE TABLE movements_later (
	first    INTEGER NOT NULL, -- position of a movement's first version
	position INTEGER NOT NULL, -- and of one that corrects it
	PRIMARY KEY (first, position)
) STRICT, WITHOUT ROWID;
CREATE TABLE movements_ended (
	position INTEGER PRIMARY KEY, -- of a version
	"case"   INTEGER NOT NULL,
	until    INTEGER NOT NULL     -- position of the event that ended it
) STRICT;
CREATE INDEX movements_ended_case ON movements_ended ("case");
CREATE TABLE movements_unreported (
	position INTEGER PRIMARY KEY, -- of a first version that itself says who reported it
	"case"   INTEGER NOT NULL,
	until    INTEGER NOT NULL     -- position of the event that ended that report
) STRICT;
CREATE INDEX movements_unreported_case ON movements_unreported ("case");
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
		return insertMovement(tx, e, 0, e.Movement)
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

// insertMovement writes one version; first is 0 for the first of them.
func insertMovement(tx *Tx, e *Recorded, first uint64, m *domain.Movement) error {
	w, err := sheetsOf(tx)
	if err != nil {
		return err
	}
	n := &w.now
	w.number(e, m)
	n.position, n.first = e.Position, first
	if first != 0 { // what was reported is not touched by a correction
		n.victim, n.scam = 0, 0
	}
	if w.err == nil && n.inCase == 0 {
		w.err = errors.New("it observes a movement outside of any case")
	}
	if w.err != nil {
		return w.err
	}
	if err := w.noteSource(); err != nil {
		return err
	}
	if m.Ref != "" {
		if err := w.find.refs.add(tx.conn, textKey(m.Ref), e.Position); err != nil {
			return err
		}
	}
	if err := w.noteName(); err != nil {
		return err
	}
	return w.add()
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

// first finds a movement of this case as it was first recorded.
func (f movementFold) first(id domain.MovementID) (int64, error) {
	found, err := f.find(id)
	return int64(found.Position), err
}

func (f movementFold) find(id domain.MovementID) (first Version, err error) {
	number, err := f.caseNumber()
	if err != nil {
		return first, err
	}
	if _, err := sheetsOf(f.tx); err != nil {
		return first, err
	}
	if err := f.tx.flush(); err != nil {
		return first, err
	}
	found, err := firstVersions(f.tx.conn, number, id)
	if err != nil {
		return first, err
	}
	if len(found) == 0 {
		return first, fmt.Errorf("it speaks of movement %q, which case %s does not have", id, f.e.Case)
	}
	return found[0], nil
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
	return insertMovement(f.tx, f.e, uint64(first), &now)
}

// end closes the version of a movement that stands, if one does: all before it
// have ended already.
func (f movementFold) end(first int64) error {
	number, err := f.caseNumber()
	if err != nil {
		return err
	}
	return f.tx.Exec("INSERT OR IGNORE INTO movements_ended SELECT position, ?3, ?1 FROM "+versionsOf("?2")+" ORDER BY position", f.at(), first, number)
}

// versionsOf lists the positions of a movement's versions by its first one.
func versionsOf(first string) string {
	return "(SELECT " + first + " AS position UNION ALL SELECT position FROM movements_later WHERE first = " + first + ")"
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
	first, err := f.find(event.Movement)
	if err != nil {
		return err
	}
	if err := f.endReport(first, ""); err != nil {
		return err
	}
	row := []driver.Value{f.at(), first.inCase, position(first.Position), nil, nil, nil}
	for i, name := range []string{string(event.Victim), string(event.Scam)} {
		if name == "" {
			continue
		}
		if row[3+i], err = f.tx.Name("movements_name", name); err != nil {
			return err
		}
	}
	return f.tx.Insert("movements_report", row...)
}

// endReport ends the report of a movement that stands; victim "": whoever's.
func (f movementFold) endReport(first Version, victim domain.VictimID) error {
	if first.Victim != "" && (victim == "" || victim == first.Victim) {
		if err := f.tx.Exec("INSERT OR IGNORE INTO movements_unreported VALUES (?, ?, ?)", position(first.Position), first.inCase, f.at()); err != nil {
			return err
		}
	}
	var number driver.Value
	if victim != "" {
		id, err := f.tx.Name("movements_name", string(victim))
		if err != nil {
			return err
		}
		number = id
	}
	return f.tx.Exec(`UPDATE movements_report SET until = ?1 WHERE movement = ?2 AND until IS NULL AND (?3 IS NULL OR victim = ?3)`, f.at(), position(first.Position), number)
}

// unreport ends a victim's report, on whichever telling of the payment it was
// made: else a joined one would go on saying it.
func (f movementFold) unreport(event domain.ReportWithdrawn) error {
	first, err := f.first(event.Movement)
	if err != nil {
		return err
	}
	joined, err := f.joined(first)
	if err != nil {
		return err
	}
	tellings, err := versionsAt(f.tx.conn, joined.order)
	for _, member := range tellings {
		if err == nil {
			err = f.endReport(member, event.Victim)
		}
	}
	return err
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
