package casework

import (
	"context"
	"io"

	"clew/domain"
	"clew/importers"
	"clew/projections"
)

// batchRows is how many rows go into one append: enough that the sync to disk
// and the look into the read models cost little per row, few enough that a
// batch stays in a few megabytes.
const batchRows = 8192

// entry is one piece of the file that waits for its batch.
type entry struct {
	item     domain.Item     // nil: a row
	movement domain.Movement // of a row, with its name
}

func (e *entry) isRow() bool { return e.item == nil }

// batch is a stretch of the file that is decided and recorded together.
type batch struct {
	read, noise int
	warnings    []domain.Warning
	entries     []entry
}

// reading is the file while it is read: it runs ahead of what is recorded by a
// batch or two, so that one processor reads while the other records.
type reading struct {
	file        File
	format      importers.Format
	rows        int // of a full batch
	sum         domain.SHA256
	occurrences *projections.Occurrences // which of several equal rows of the file this is
	stop        context.Context
	next        batch
	given       bool         // a batch before this one
	spare       chan []entry // of batches that nobody looks at any more
	out         chan batch
	err         error // why reading ended before the file did; for when out is closed
}

// start reads in a goroutine of its own, which has ended when out is closed.
func (r *reading) start(in io.Reader, options domain.ReadOptions) <-chan batch {
	r.out = make(chan batch, 1)
	go func() {
		defer close(r.out)
		r.err = r.format.Read(&counting{stop: r.stop, in: in, told: r.file.Progress}, options, r.take)
		if err := r.give(); r.err == nil {
			r.err = err
		}
	}()
	return r.out
}

// take puts one piece of the file into the batch.
func (r *reading) take(item domain.Item) error {
	switch piece := item.(type) {
	case domain.Warning:
		r.next.warnings = append(r.next.warnings, piece)
		return r.giveIfFull()
	case domain.NewAsset:
		return r.add(entry{item: item})
	}
	r.next.read++
	switch piece := item.(type) {
	case domain.Noise:
		r.next.noise++
		return nil
	case domain.Row:
		return r.row(&piece.Movement)
	case domain.FreezeNews:
		piece.Evidence.File = r.sum
		item = piece
	case domain.Reject:
		piece.Evidence.File = r.sum
		item = piece
	}
	return r.add(entry{item: item})
}

// row gives a row its source, its name for ever, and an account of its own to
// a counterparty that the file does not name.
func (r *reading) row(m *domain.Movement) error {
	m.Source = firstOf(r.file.Source, m.Source, r.format.Source, string(r.file.Case))
	m.Evidence.File = r.sum
	var content [32]byte
	nth := 0
	if m.SourceID == "" { // else its name does not depend on it
		var err error
		content = m.Content()
		if nth, err = r.occurrences.Next(content); err != nil {
			return err
		}
	}
	giveName(m, r.file.Case, content, nth)
	return r.add(entry{movement: *m})
}

// add puts an entry into the batch. The first batch grows as it must, for most
// files are small; those after it are made at their full size.
func (r *reading) add(e entry) error {
	if r.next.entries == nil && r.given {
		r.next.entries = r.room()
	}
	r.next.entries = append(r.next.entries, e)
	return r.giveIfFull()
}

// room is where a full batch goes: that of an old one, if there is any.
func (r *reading) room() []entry {
	select {
	case old := <-r.spare:
		return old[:0]
	default:
		return make([]entry, 0, r.rows)
	}
}

func (r *reading) giveIfFull() error {
	if len(r.next.entries) < r.rows && len(r.next.warnings) < r.rows {
		return nil
	}
	return r.give()
}

func (r *reading) give() error {
	select {
	case <-r.stop.Done():
		return r.stop.Err()
	case r.out <- r.next:
		r.next, r.given = batch{}, true
		return nil
	}
}

// counting tells how many bytes went by, and reads no more once the work has
// ended.
type counting struct {
	stop context.Context
	in   io.Reader
	read int64
	told func(int64)
}

func (c *counting) Read(p []byte) (int, error) {
	if err := c.stop.Err(); err != nil {
		return 0, err
	}
	n, err := c.in.Read(p)
	c.read += int64(n)
	if c.told != nil {
		c.told(c.read)
	}
	return n, err
}
