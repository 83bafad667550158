package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"database/sql/driver"
	"time"

	"clew/eventstore"
)

// PutCheckpoint keeps a signed text beside the log.
func (s *Store) PutCheckpoint(ctx context.Context, k eventstore.Checkpoint) (eventstore.Checkpoint, error) {
	k.RecordedAt = k.RecordedAt.UTC().Truncate(time.Microsecond)
	if err := k.Check(); err != nil {
		return eventstore.Checkpoint{}, err
	}
	if s.writer == nil {
		return eventstore.Checkpoint{}, s.readOnly()
	}
	// A refusal is no failure of the transaction, which others share.
	var refused error
	_, err := s.writer.do(ctx, &task{work: func(c *conn) (err error) {
		refused, err = keepCheckpoint(c, &k)
		return err
	}})
	if err != nil || refused != nil {
		return eventstore.Checkpoint{}, cmp.Or(err, refused)
	}
	return k, nil
}

// keepCheckpoint refuses what the log as it stands in this transaction does
// not bear out.
func keepCheckpoint(c *conn, k *eventstore.Checkpoint) (refused, err error) {
	head, err := c.number(`SELECT max(position) FROM record`)
	if err != nil {
		return nil, err
	}
	if err := k.CheckSize(uint64(head)); err != nil {
		return err, nil
	}
	first := eventstore.Checkpoint{Size: k.Size}
	err = eachCheckpoint(c, func(kept eventstore.Checkpoint) {
		if first.Number == 0 && bytes.Equal(kept.Note, k.Note) {
			first = kept
		}
		k.Number = kept.Number
	}, `size = ? ORDER BY number`, int64(k.Size))
	if err != nil || first.Number > 0 {
		*k = first
		return nil, err
	}
	k.Number++
	return nil, c.run(`INSERT INTO checkpoint VALUES (?, ?, ?, ?)`, int64(k.Size), int64(k.Number), k.RecordedAt.UnixMicro(), k.Note)
}

// Checkpoints gives kept checkpoints in the order of size and number.
func (s *Store) Checkpoints(ctx context.Context, after eventstore.Checkpoint, limit int) (all []eventstore.Checkpoint, err error) {
	if err := eventstore.CheckRead(limit); err != nil {
		return nil, err
	}
	if after.Size > maxPosition || after.Number > maxPosition {
		return nil, nil
	}
	err = s.readers.use(ctx, func(c *conn) error {
		return eachCheckpoint(c, func(k eventstore.Checkpoint) { all = append(all, k) },
			`(size, number) > (?, ?) ORDER BY size, number LIMIT ?`, int64(after.Size), int64(after.Number), int64(limit))
	})
	return all, err
}

// LastCheckpoint gives the last in that order.
func (s *Store) LastCheckpoint(ctx context.Context) (last eventstore.Checkpoint, err error) {
	err = s.readers.use(ctx, func(c *conn) error {
		return eachCheckpoint(c, func(k eventstore.Checkpoint) { last = k }, `true ORDER BY size DESC, number DESC LIMIT 1`)
	})
	return last, err
}

func eachCheckpoint(c *conn, do func(eventstore.Checkpoint), where string, args ...driver.Value) error {
	return c.each(context.Background(), func(row []driver.Value) error {
		size, _ := row[0].(int64)
		number, _ := row[1].(int64)
		at, _ := row[2].(int64)
		note, _ := row[3].([]byte)
		do(eventstore.Checkpoint{Size: uint64(size), Number: uint64(number), RecordedAt: time.UnixMicro(at).UTC(), Note: note})
		return nil
	}, `SELECT size, number, recorded_at, note FROM checkpoint WHERE `+where, args...)
}
