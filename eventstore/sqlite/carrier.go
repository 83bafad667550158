package sqlite

import "time"

// carrier moves what stands in the write-ahead log into the file, which SQLite
// calls a checkpoint, while the writer records the next append. SQLite's own
// way is to do it within a COMMIT, where everybody waits for it.
//
// SQLite begins a write-ahead log anew, at its start, only with a transaction
// that finds all of it moved. While somebody appends without a pause, the
// carrier is always behind by what was committed meanwhile: that little is
// moved by the writer itself. Nothing depends on either: what could not be
// moved stays in the write-ahead log, where it was synced, and is tried again
// after the next commit.
type carrier struct {
	path string
	busy time.Duration
	c    *conn         // its own, opened when it is first needed
	done chan struct{} // closed when it last came back; nil before it first set out
	grew int           // about how many bytes were committed since somebody looked
}

// Pages of 4 KiB. The write-ahead log is left alone up to carryAt: with less
// those pages that each commit changes would be moved again and again. From
// carryMost on nobody appends before all is moved, by SQLite within the commit
// or here: that bounds the write-ahead log where the carrier is not fast enough
// or could not set out.
const (
	carryAt   = 4_000
	carryMost = 16_000
	little    = 6 // a sixth of the write-ahead log is little enough for the writer
)

// rounds is how often the carrier goes at once. SQLite syncs the file in a
// round during which nobody commits, such as the short ones after the first:
// without them all that was moved would be left for the writer to sync.
const rounds = 3

// How long the write-ahead log is SQLite is only asked when a megabyte may have
// been added, and not after every small commit. A commit adds at least the
// pages in which tables and indexes end.
const (
	askAfter  = 1 << 20
	perCommit = 8 * 4096
)

// committed is for the writer between two transactions, with its own
// connection and about how many bytes the last one has added.
func (k *carrier) committed(c *conn, size int) {
	if k.grew += size + perCommit; k.grew >= askAfter {
		k.grew = 0
		k.look(c)
	}
}

func (k *carrier) look(c *conn) {
	row, err := c.row("PRAGMA wal_checkpoint(NOOP)")
	if err != nil || row == nil {
		return
	}
	pages, _ := row[1].(int64)
	moved, _ := row[2].(int64)
	switch left := pages - moved; {
	case pages < carryAt || left == 0:
	case pages >= carryMost:
		k.await()
		move(c)
	case k.away():
	case left*little <= pages:
		move(c)
	default:
		k.done = make(chan struct{})
		go k.carry(k.done)
	}
}

// away says that the carrier is at work.
func (k *carrier) away() bool {
	select {
	case <-k.done:
		return false
	default:
		return k.done != nil
	}
}

func (k *carrier) await() {
	if k.done != nil {
		<-k.done
	}
}

func (k *carrier) carry(done chan struct{}) {
	defer close(done)
	if k.c == nil {
		c, err := connect(k.path, writing, k.busy)
		if err != nil {
			return
		}
		k.c = c
	}
	for range rounds {
		move(k.c)
	}
}

// move moves as much as no reader stands in the way of. As with SQLite's own
// checkpoints, an error is none of an append's: nothing of the log is lost.
func move(c *conn) { _, _ = c.row("PRAGMA wal_checkpoint(PASSIVE)") }

// close waits until the carrier has come back, and gives its connection back.
func (k *carrier) close() error {
	k.await()
	return k.c.close()
}
