package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// rowByRow is an event store as event-sourcing libraries make it over
// database/sql: one table for all streams, the stream's version asked for in
// the transaction, a statement for each event, times as text, bodies and what
// is said about them as JSON; reading gives pages of rows, each unmarshalled.
// It is written for this comparison, after the tables and statements that
// hallgren/eventsourcing documents; it is not that library.
type rowByRow struct{ db *sql.DB }

const rowByRowSchema = `
CREATE TABLE events (seq INTEGER PRIMARY KEY AUTOINCREMENT, id VARCHAR NOT NULL, version INTEGER, reason VARCHAR,
	type VARCHAR, timestamp VARCHAR, data BLOB, metadata BLOB, UNIQUE (id, type, version));
CREATE INDEX id_type ON events (id, type);`

func openRowByRow(dir string) (rowByRow, error) {
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "events.db")+"?_journal_mode=WAL&_synchronous=FULL")
	if err != nil {
		return rowByRow{}, err
	}
	_, err = db.Exec(rowByRowSchema)
	return rowByRow{db}, err
}

// save appends events to a stream at a known version.
func (s rowByRow) save(stream string, after int, batch []event) error {
	tx, err := s.db.BeginTx(context.Background(), nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	version := 0
	err = tx.QueryRow(`SELECT version FROM events WHERE id = ? AND type = ? ORDER BY version DESC LIMIT 1`, stream, "case").Scan(&version)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if version != after {
		return fmt.Errorf("the stream stands at %d, not at %d", version, after)
	}
	for i, e := range batch {
		about, err := json.Marshal(map[string]string{"actor": "insp.lind", "correlation": "01K0IMPORT0000000000000000"})
		if err != nil {
			return err
		}
		result, err := tx.Exec(`INSERT INTO events (id, version, reason, type, timestamp, data, metadata) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			stream, after+i+1, e.kind, "case", batchTime.Format(time.RFC3339), e.body, about)
		if err != nil {
			return err
		}
		if _, err := result.LastInsertId(); err != nil {
			return err
		}
	}
	return tx.Commit()
}

func (s rowByRow) saveAll(all []event, size int) error {
	for first := 0; first < len(all); first += size {
		if err := s.save("NETWORK", first, all[first:min(first+size, len(all))]); err != nil {
			return err
		}
	}
	return nil
}

// all reads every event, a page at a time.
func (s rowByRow) all(give func(plainEvent) error) error {
	after, page := 0, 1_000
	for {
		count, last, err := s.page(after, page, give)
		if err != nil || count < page {
			return err
		}
		after = last
	}
}

func (s rowByRow) page(after, limit int, give func(plainEvent) error) (count, last int, err error) {
	rows, err := s.db.Query(`SELECT seq, id, version, reason, type, timestamp, data, metadata FROM events WHERE seq > ? ORDER BY seq LIMIT ?`, after, limit)
	if err != nil {
		return 0, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, reason, kind, at string
		var version int
		var data, about []byte
		if err := rows.Scan(&last, &id, &version, &reason, &kind, &at, &data, &about); err != nil {
			return count, last, err
		}
		m, err := unmarshal(at, data, about)
		if err != nil {
			return count, last, err
		}
		if err := give(m); err != nil {
			return count, last, err
		}
		count++
	}
	return count, last, rows.Err()
}

// plainEvent is a movement as a user of such a library declares it: fields and
// tags, no methods.
type plainEvent struct {
	ID       string    `json:"id"`
	When     time.Time `json:"when"`
	Source   string    `json:"source"`
	SourceID string    `json:"source_id"`
	Evidence struct {
		File string `json:"file"`
		Line int    `json:"line"`
	} `json:"evidence"`
	From    string `json:"from"`
	To      string `json:"to"`
	Account string `json:"account"`
	Amount  struct {
		Value string `json:"value"`
		Asset string `json:"asset"`
	} `json:"amount"`
	Victim string `json:"victim"`
	Scam   string `json:"scam"`
}

// unmarshal makes an event of its JSON, and a map of what is said about it.
func unmarshal(at string, data, about []byte) (e plainEvent, err error) {
	if _, err := time.Parse(time.RFC3339, at); err != nil {
		return e, err
	}
	var said map[string]any
	if err := json.Unmarshal(about, &said); err != nil {
		return e, err
	}
	err = json.Unmarshal(data, &e)
	return e, err
}

func appendRowByRow(made rowsMade, size int) func(string) (turn, error) {
	return func(dir string) (turn, error) {
		all, err := made()
		if err != nil {
			return turn{}, err
		}
		s, err := openRowByRow(dir)
		return turn{func() error { return s.saveAll(all, size) }, s.db.Close}, err
	}
}

func replayRowByRow(made rowsMade) func(string) (turn, error) {
	return func(dir string) (turn, error) {
		all, err := made()
		if err != nil {
			return turn{}, err
		}
		s, err := openRowByRow(dir)
		if err != nil {
			return turn{}, err
		}
		if err := s.saveAll(all, 10_000); err != nil {
			return turn{}, err
		}
		return turn{func() error { return s.replay(len(all)) }, s.db.Close}, nil
	}
}

func (s rowByRow) replay(want int) error {
	count := 0
	err := s.all(func(e plainEvent) error {
		if e.Amount.Value == "" {
			return fmt.Errorf("%+v came back", e)
		}
		count++
		return nil
	})
	if err == nil && count != want {
		err = fmt.Errorf("%d of %d movements came back", count, want)
	}
	return err
}
