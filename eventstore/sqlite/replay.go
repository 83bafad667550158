package sqlite

import (
	"context"
	"iter"

	"clew/eventstore"
)

// Replay gives the records after a position in batches: what this process has
// just committed from memory, and what came before from segments, where there
// are any. Where one is missing, the records are read, and the segment
// is made if the log is open for writing.
func (s *Store) Replay(ctx context.Context, after uint64) iter.Seq2[[]eventstore.Record, error] {
	return func(yield func([]eventstore.Record, error) bool) {
		r := replay{store: s, after: after, keeps: s.writer != nil}
		r.ahead = ahead{store: s, packs: r.keeps}
		defer r.finish()
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
	ahead    ahead  // where segments are missing
	copied   copied // of what this process has just committed
	keeps    bool   // makes the segments that are missing
	made     []segment
	handed   *task // the segments that the writer has been given last
}

// segment is one that was made and is not yet kept.
type segment struct {
	number uint64
	bytes  []byte
}

// handful is how many segments are written at once, so that a first replay
// waits for few syncs.
const handful = 16

// next gives the records after r.after up to the end of their segment, or of
// the log.
func (r *replay) next(ctx context.Context) (batch []eventstore.Record, err error) {
	if r.after > maxPosition-segmentSize {
		return nil, ctx.Err()
	}
	if batch = r.recent(); len(batch) > 0 {
		return batch, ctx.Err()
	}
	number, inside := r.after/segmentSize, int(r.after%segmentSize)
	var whole uint64
	err = r.store.readers.use(ctx, func(c *conn) (err error) {
		var missing bool
		if batch, missing = r.segment(c, number); missing {
			whole, err = wholePages(c)
		}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case batch != nil:
		return batch[inside:], nil
	case number >= whole:
		return r.read(ctx, segmentSize-inside)
	}
	if batch, err = r.page(ctx, number, whole); err != nil {
		return nil, err
	}
	return batch[inside:], nil
}

// wholePages is how many pages of the log are full.
func wholePages(c *conn) (uint64, error) {
	head, err := c.number(`SELECT max(position) FROM record`)
	return uint64(head) / segmentSize, err
}

// read gives up to so many records that no segment is made of.
func (r *replay) read(ctx context.Context, most int) (batch []eventstore.Record, err error) {
	err = r.store.readers.use(ctx, func(c *conn) error {
		batch, err = readPage(ctx, c, r.after, most)
		return err
	})
	return lean(batch), err
}

// lean is without the bodies that fast blocks repeat.
func lean(batch []eventstore.Record) []eventstore.Record {
	for i := range batch {
		if len(batch[i].Fast) > 0 {
			batch[i].Body = nil
		}
	}
	return batch
}

// page gives the records of a full page, and keeps their segment.
func (r *replay) page(ctx context.Context, number, whole uint64) ([]eventstore.Record, error) {
	p := r.ahead.page(ctx, number, whole)
	if p.err == nil && r.keeps {
		r.made = append(r.made, segment{number, p.packed})
	}
	if len(r.made) >= handful {
		r.hand()
	}
	return p.records, p.err
}

// recent gives what this process has committed a moment ago.
func (r *replay) recent() []eventstore.Record {
	if r.store.writer == nil {
		return nil
	}
	return r.store.writer.ledger.recent.after(r.after, &r.copied)
}

// segment gives the records of a segment. One that is damaged is left as it
// is, because nothing in a log is ever mended, and its records are read.
func (r *replay) segment(c *conn, number uint64) (page []eventstore.Record, missing bool) {
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

// hand gives what was made to the writer, and does not wait but for those
// before. That a segment could not be kept makes the next replay no faster,
// and is no reason to end this one: who appends hears what is wrong.
func (r *replay) hand() {
	r.await()
	made := r.made
	r.made = nil
	if !r.keeps || len(made) == 0 {
		return
	}
	r.handed = &task{answer: make(chan answer, 1), work: func(c *conn) error {
		for _, s := range made {
			if err := c.run(`INSERT OR IGNORE INTO segment VALUES (?, ?)`, int64(s.number), s.bytes); err != nil {
				return err
			}
		}
		return nil
	}}
	if !r.store.writer.stand(r.handed) {
		r.handed, r.keeps = nil, false
	}
}

func (r *replay) await() {
	if r.handed == nil {
		return
	}
	if a := <-r.handed.answer; a.err != nil {
		r.keeps = false
	}
	r.handed = nil
}

// finish sees what was made kept, so that the next replay finds it.
func (r *replay) finish() {
	r.ahead.drop()
	r.hand()
	r.await()
}
