package projections

import (
	"cmp"
	"context"
	"database/sql/driver"
	"slices"
	"time"

	"clew/domain"
)

// Recording keeps when and by whom each stretch of the log was recorded: one
// row where the time, the actor or the correlation changes. It resolves
// "known at T" to a position and puts dates to positions.
var Recording = Projection{
	Name:    "recording",
	Version: 1,
	Schema: `
CREATE TABLE recording (
	position    INTEGER PRIMARY KEY, -- of the stretch's first event
	at          INTEGER NOT NULL,    -- recorded_at, microseconds since 1970, UTC
	actor       TEXT NOT NULL,
	correlation TEXT NOT NULL
) STRICT;
CREATE INDEX recording_at ON recording (at)`,
	Kinds: domain.Kinds(),
	Apply: applyRecording,
}

// stretch is what the events of one row of recording have in common.
type stretch struct {
	at                 int64
	actor, correlation string
}

func applyRecording(_ context.Context, tx *Tx, e *Recorded) error {
	before, err := lastStretch(tx)
	if err != nil {
		return err
	}
	now := stretch{e.RecordedAt.UnixMicro(), e.Actor, e.Correlation}
	if before == now {
		return nil
	}
	tx.recall["last"] = now
	return tx.Insert("recording", position(e.Position), now.at, now.actor, now.correlation)
}

func lastStretch(tx *Tx) (stretch, error) {
	if last, ok := tx.recall["last"].(stretch); ok {
		return last, nil
	}
	row, err := tx.Row("SELECT at, actor, correlation FROM recording ORDER BY position DESC LIMIT 1")
	if err != nil || row == nil {
		return stretch{}, err
	}
	return stretch{asInt(row[0]), asText(row[1]), asText(row[2])}, nil
}

// KnownAt gives the last position that had been recorded by a time, inclusive:
// 0 if nothing had.
func (v *Views) KnownAt(ctx context.Context, t time.Time) (upto uint64, err error) {
	head, err := v.store.Head(ctx)
	if err != nil {
		return 0, err
	}
	err = v.queryAt(ctx, head, func(c *conn) error {
		upto, err = knownAt(c, t, head)
		return err
	}, Recording.Name)
	return upto, err
}

// knownAt looks for the first event recorded after t; recorded_at never runs
// backwards, so all before it had been recorded by t.
func knownAt(c *conn, t time.Time, head uint64) (uint64, error) {
	row, err := c.row("SELECT min(position) FROM recording WHERE at > ?", t.UnixMicro())
	if err != nil || row[0] == nil {
		return head, err
	}
	return min(uint64(asInt(row[0]))-1, head), nil
}

// Stretch is when and by whom the events from a position on were recorded.
type Stretch struct {
	Position    uint64
	RecordedAt  time.Time
	Actor       string
	Correlation string
}

// stretches is the whole of recording, in the order of the log.
type stretches []Stretch

func (v *Views) stretches(ctx context.Context) (list stretches, err error) {
	err = v.query(ctx, func(c *conn) error {
		return c.each(ctx, func(row []driver.Value) error {
			list = append(list, Stretch{uint64(asInt(row[0])), time.UnixMicro(asInt(row[1])).UTC(), asText(row[2]), asText(row[3])})
			return nil
		}, "SELECT position, at, actor, correlation FROM recording ORDER BY position")
	}, Recording.Name)
	return list, err
}

// at is the stretch that a position lies in.
func (s stretches) at(position uint64) Stretch {
	n, found := slices.BinarySearchFunc(s, position, func(a Stretch, p uint64) int { return cmp.Compare(a.Position, p) })
	if found {
		return s[n]
	}
	if n == 0 {
		return Stretch{}
	}
	return s[n-1]
}
