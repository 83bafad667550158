package projections

import (
	"context"
	"database/sql/driver"
	"fmt"

	"clew/domain"
)

// Evidence keeps which files were filed in each case, and every line of them
// that could not be taken.
var Evidence = Projection{
	Name:    "evidence",
	Version: 1,
	Schema: `
CREATE TABLE evidence_name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE evidence (
	position INTEGER PRIMARY KEY, -- of the event
	"case"   INTEGER NOT NULL,    -- evidence_name
	file     INTEGER NOT NULL,    -- evidence_name: its SHA-256
	name     TEXT NOT NULL,
	size     INTEGER NOT NULL,
	format   TEXT NOT NULL,
	map      TEXT,
	source   TEXT
) STRICT;
CREATE INDEX evidence_case ON evidence ("case");
CREATE INDEX evidence_file ON evidence (file);
CREATE TABLE evidence_reject (
	position INTEGER PRIMARY KEY,
	"case"   INTEGER NOT NULL, -- evidence_name
	file     INTEGER,          -- evidence_name
	line     INTEGER NOT NULL,
	page     TEXT,
	field    TEXT,
	reason   TEXT NOT NULL
) STRICT;
CREATE INDEX evidence_reject_file ON evidence_reject ("case", file)`,
	Kinds: []string{domain.EvidenceFiled{}.Kind(), domain.LineRejected{}.Kind()},
	Apply: applyEvidence,
}

func applyEvidence(_ context.Context, tx *Tx, e *Recorded) error {
	number, err := tx.Name("evidence_name", string(e.Case))
	if err != nil {
		return err
	}
	switch event := e.Event.(type) {
	case domain.EvidenceFiled:
		file, err := tx.Name("evidence_name", string(event.File))
		if err != nil {
			return err
		}
		return tx.Insert("evidence", position(e.Position), number, file, event.Name, event.Size, event.Format, text(string(event.Map)), text(event.Source))
	case domain.LineRejected:
		file, err := tx.Name("evidence_name", string(event.Evidence.File))
		if err != nil {
			return err
		}
		return tx.Insert("evidence_reject", position(e.Position), number, file, int64(event.Evidence.Line), text(event.Evidence.Page), text(event.Field), event.Reason)
	}
	return fmt.Errorf("projection evidence does not know %s", e.Kind)
}

// Filed is one filing of a file in a case.
type Filed struct {
	Position uint64 `json:"position"`
	Case     domain.CaseID
	domain.EvidenceFiled
	Rejected uint64 `json:"rejected"` // lines of it that were not taken, over all its imports into this case
}

// Files lists what was filed in a case by a position of the log, in that order.
func (v *Views) Files(ctx context.Context, id domain.CaseID, upto uint64) ([]Filed, error) {
	return v.filed(ctx, upto, `c.name = ?2`, string(id))
}

// FiledIn lists in which cases a file was filed.
func (v *Views) FiledIn(ctx context.Context, file domain.SHA256, upto uint64) ([]Filed, error) {
	return v.filed(ctx, upto, `f.name = ?2`, string(file))
}

func (v *Views) filed(ctx context.Context, upto uint64, where, argument string) (list []Filed, err error) {
	upto, err = v.position(ctx, upto)
	if err != nil {
		return nil, err
	}
	err = v.queryAt(ctx, upto, func(c *conn) error {
		return c.each(ctx, func(row []driver.Value) error {
			id := domain.CaseID(asText(row[1]))
			filed := domain.EvidenceFiled{File: domain.SHA256(asText(row[2])), Name: asText(row[3]), Size: asInt(row[4]), Format: asText(row[5]),
				Map: domain.SHA256(asText(row[6])), Source: asText(row[7])}
			list = append(list, Filed{uint64(asInt(row[0])), id, v.opened(id, filed).(domain.EvidenceFiled), uint64(asInt(row[8]))})
			return nil
		}, `SELECT e.position, c.name, f.name, e.name, size, format, map, source,
				(SELECT count(*) FROM evidence_reject r WHERE r."case" = e."case" AND r.file = e.file AND r.position <= ?1)
			FROM evidence e JOIN evidence_name c ON c.id = e."case" JOIN evidence_name f ON f.id = e.file
			WHERE e.position <= ?1 AND `+where+` ORDER BY e.position`, position(upto), argument)
	}, Evidence.Name)
	return list, err
}

// RejectKey tells the lines of one file apart.
func RejectKey(e domain.Evidence) string { return fmt.Sprintf("%s:%d", e.Page, e.Line) }

// RejectedLines tells which lines of a file are recorded as rejected in a
// case, by RejectKey, so that importing the file again repeats them.
func (v *Views) RejectedLines(ctx context.Context, id domain.CaseID, file domain.SHA256) (map[string]bool, error) {
	lines := map[string]bool{}
	err := v.rejects(ctx, Head, id, file, func(_ uint64, r domain.LineRejected) error {
		lines[RejectKey(r.Evidence)] = true
		return nil
	})
	return lines, err
}

// Rejects gives every rejected line of a file in a case ("" for all files), in
// the order of the log, to a function.
func (v *Views) Rejects(ctx context.Context, id domain.CaseID, file domain.SHA256, do func(position uint64, r domain.LineRejected) error) error {
	return v.rejects(ctx, Head, id, file, do)
}

func (v *Views) rejects(ctx context.Context, upto uint64, id domain.CaseID, file domain.SHA256, do func(uint64, domain.LineRejected) error) error {
	upto, err := v.position(ctx, upto)
	if err != nil {
		return err
	}
	return v.queryAt(ctx, upto, func(c *conn) error {
		return c.each(ctx, func(row []driver.Value) error {
			rejected := domain.LineRejected{
				Evidence: domain.Evidence{File: domain.SHA256(asText(row[1])), Line: int(asInt(row[2])), Page: asText(row[3])},
				Field:    asText(row[4]), Reason: asText(row[5])}
			return do(uint64(asInt(row[0])), v.opened(id, rejected).(domain.LineRejected))
		}, `SELECT r.position, f.name, r.line, r.page, r.field, r.reason
			FROM evidence_reject r JOIN evidence_name c ON c.id = r."case" JOIN evidence_name f ON f.id = r.file
			WHERE c.name = ?1 AND r.position <= ?2 AND (?3 = '' OR f.name = ?3) ORDER BY r.position`, string(id), position(upto), string(file))
	}, Evidence.Name)
}
