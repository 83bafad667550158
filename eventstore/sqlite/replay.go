package sqlite

import (
	"context"
	"iter"

	"clew/eventstore"
)

// Replay gives the records after a position in batches, from segments where
// there are any. Where one is missing, the records are read, and the segment
// is made if the log is open for writing.
func (s *Store) Replay(ctx context.Context, after uint64) iter.Seq2[[]eventstore.Record, error] {
	return func(yield func([]eventstore.Record, error) bool) {
		r := replay{store: s, after: after, keeps: s.writer != nil}
		for {
			batch, err := r.next(ctx)
			if err != nil {
				yield(nil, err)
				return
			}
			r.after += uint64(len(batch))
			if len(batch) == 0 || !yield(batch, nil) {
				return
			}
		}
	}
}

// replay is one reader on its way through the log.
type replay struct {
	store    *Store
	after    uint64
	unpacker unpacker
	keeps    bool // makes the segments that are missing
}

// next gives the records after r.after up to the end of their segment, or of
// the log.
func (r *replay) next(ctx context.Context) (batch []eventstore.Record, err error) {
	if r.after > maxPosition-segmentSize {
		return nil, ctx.Err()
	}
	number, inside := r.after/segmentSize, int(r.after%segmentSize)
	missing := false
	err = r.store.readers.use(ctx, func(c *conn) (err error) {
		if batch, missing = r.segment(ctx, c, number); batch != nil {
			batch = batch[inside:]
			return nil
		}
		batch, err = readPage(ctx, c, r.after, segmentSize-inside)
		return err
	})
	if err == nil && missing && r.keeps && len(batch) == segmentSize-inside {
		err = r.keep(ctx, number, batch)
	}
	for i := range batch {
		if len(batch[i].Fast) > 0 {
			batch[i].Body = nil
		}
	}
	return batch, err
}

// segment gives the records of a segment. One that is damaged is left as it
// is, because nothing in a log is ever mended, and its records are read.
func (r *replay) segment(ctx context.Context, c *conn, number uint64) (page []eventstore.Record, missing bool) {
	segment, err := c.row(`SELECT bytes FROM segment WHERE number = ?`, int64(number))
	if err != nil || segment == nil {
		return nil, err == nil
	}
	packed, _ := segment[0].([]byte)
	page, err = r.unpacker.unpack(packed, number)
	if err != nil {
		return nil, false
	}
	return page, false
}

// keep makes a segment. Its records are read again if the replay began in
// their midst.
func (r *replay) keep(ctx context.Context, number uint64, page []eventstore.Record) (err error) {
	if len(page) < segmentSize {
		err = r.store.readers.use(ctx, func(c *conn) error {
			page, err = readPage(ctx, c, number*segmentSize, segmentSize)
			return err
		})
		if err != nil {
			return err
		}
	}
	segment := packSegment(page)
	_, err = r.store.writer.do(ctx, &task{work: func(c *conn) error {
		return c.run(`INSERT OR IGNORE INTO segment VALUES (?, ?)`, int64(number), segment)
	}})
	// It only makes the next replay faster: who appends hears what is wrong.
	if err != nil {
		r.keeps = false
	}
	return ctx.Err()
}
