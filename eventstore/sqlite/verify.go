package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"io"

	"clew/eventstore"
)

// Verify reads everything and names the first thing that is wrong: pages and
// indexes, every record against its leaf, the tree over the leaves, the
// streams' versions, the appends and their keys, the order of the checkpoints,
// and every evidence file against its hash. It takes as long
// as reading the whole file does; others may append meanwhile.
//
// What it finds whole is consistent with itself. That nobody has rewritten it
// from the start, only a head that somebody else holds can show.
func (s *Store) Verify(ctx context.Context) error {
	err := s.readers.use(ctx, func(c *conn) error {
		if err := c.integrity(ctx); err != nil {
			return err
		}
		return checkEnds(c)
	})
	if err != nil {
		return err
	}
	lend := func(do func(*conn) error) error { return s.readers.use(ctx, do) }
	if err := verifyRecords(ctx, lend); err != nil {
		return err
	}
	for _, check := range []func(context.Context, *conn) error{verifyStreams, verifyAppends, verifyCheckpoints} {
		if err := s.readers.use(ctx, func(c *conn) error { return check(ctx, c) }); err != nil {
			return err
		}
	}
	return s.verifyEvidence(ctx)
}

// integrity has SQLite compare its pages, and its indexes with their tables.
func (c *conn) integrity(ctx context.Context) error {
	return c.each(ctx, func(row []driver.Value) error {
		if row[0] != "ok" {
			return fault(eventstore.ErrDamaged, c.path, fmt.Sprint(row[0]), restore)
		}
		return nil
	}, `PRAGMA integrity_check(1)`)
}

// verifyRecords reads all records and the tree above them, page by page, each
// with a connection that lend gives: others may append meanwhile.
func verifyRecords(ctx context.Context, lend func(func(*conn) error) error) error {
	var tree forest
	for more := true; more; {
		err := lend(func(c *conn) error {
			page, err := readPage(ctx, c, tree.size, segmentSize)
			if more = len(page) == segmentSize; err == nil && more {
				err = compareSegment(c, page)
			}
			if err != nil {
				return err
			}
			return tree.verify(c, page)
		})
		if err != nil {
			return err
		}
	}
	return lend(func(c *conn) error { return verifyCounts(ctx, c) })
}

// verify grows the tree by records and compares each node that they complete
// with the stored one.
func (f *forest) verify(c *conn, page []eventstore.Record) error {
	var hasher eventstore.Hasher
	var completed []node
	for i := range page {
		completed = f.grow(hasher.Leaf(&page[i]), completed)
	}
	for _, n := range completed {
		if err := compareNode(c, n); err != nil {
			return err
		}
	}
	return nil
}

// verifyCounts sees that there is no node and no segment beside those that
// were compared, but for what was appended since.
func verifyCounts(ctx context.Context, c *conn) error {
	type counted struct{ level, rows, end int64 }
	var levels []counted
	err := c.each(ctx, func(row []driver.Value) error {
		level, _ := row[0].(int64)
		rows, _ := row[1].(int64)
		end, _ := row[2].(int64)
		levels = append(levels, counted{level, rows, end})
		return nil
	}, `SELECT level, count(*), max(number) + 1 FROM node GROUP BY level`)
	if err != nil {
		return err
	}
	segments, err := c.number(`SELECT max(number) + 1 FROM segment`)
	if err != nil {
		return err
	}
	head, err := c.number(`SELECT max(position) FROM record`)
	if err == nil && segments > head/segmentSize {
		err = fault(eventstore.ErrDamaged, c.path, fmt.Sprintf("it has segments up to number %d, and %d records", segments-1, head), restore)
	}
	for i := 0; i < len(levels) && err == nil; i++ {
		l := levels[i]
		if l.level < tileHeight || l.level >= maxLevel || l.level%tileHeight != 0 || l.rows != l.end || l.end > head>>l.level {
			err = fault(eventstore.ErrDamaged, c.path, fmt.Sprintf("its tree has %d hashes of level %d up to number %d, and %d records", l.rows, l.level, l.end, head), restore)
		}
	}
	return err
}

// verifyCheckpoints does not read what they say: it has no keys.
func verifyCheckpoints(ctx context.Context, c *conn) error {
	return c.each(ctx, func(row []driver.Value) error {
		return fault(eventstore.ErrDamaged, c.path, fmt.Sprintf("of size %v it has %v checkpoints, the last with number %v, and the log ends at %v", row[0], row[1], row[2], row[3]), restore)
	}, `SELECT size, count(*), max(number), (SELECT max(position) FROM record) FROM checkpoint GROUP BY size
		HAVING count(*) <> max(number) OR min(number) <> 1 OR size > ifnull((SELECT max(position) FROM record), 0) LIMIT 1`)
}

// verifyStreams relies on the index, which lets no version come twice.
func verifyStreams(ctx context.Context, c *conn) error {
	return c.each(ctx, func(row []driver.Value) error {
		return fault(eventstore.ErrDamaged, c.path, fmt.Sprintf("stream %v has %v records and ends at version %v", row[0], row[1], row[2]), restore)
	}, `SELECT s.name, count(*), max(r.version) FROM record r LEFT JOIN stream s ON s.id = r.stream
		GROUP BY r.stream HAVING count(*) <> max(r.version) OR min(r.version) <> 1 LIMIT 1`)
}

// verifyAppends sees that the appends follow one another without a gap, in
// the order of their times, and that each record belongs to the one that it
// names.
func verifyAppends(ctx context.Context, c *conn) error {
	end, at := int64(0), int64(0)
	err := c.each(ctx, func(row []driver.Value) error {
		first, _ := row[0].(int64)
		last, _ := row[1].(int64)
		recordedAt, _ := row[2].(int64)
		if first != end+1 || last < first || recordedAt < at {
			return damagedAt(c.path, uint64(end+1), fmt.Sprintf("after the append that ends at %d, of %d µs, comes one from %d to %d, of %d µs", end, at, first, last, recordedAt))
		}
		end, at = last, recordedAt
		return nil
	}, `SELECT first, last, recorded_at FROM append ORDER BY first`)
	if err != nil {
		return err
	}
	return c.each(ctx, func(row []driver.Value) error {
		position, _ := row[0].(int64)
		return damagedAt(c.path, uint64(position), "it belongs to another append than it says")
	}, `SELECT r.position FROM record r LEFT JOIN append a ON a.first = r.append
		WHERE a.first IS NULL OR r.position NOT BETWEEN a.first AND a.last LIMIT 1`)
}

func (s *Store) verifyEvidence(ctx context.Context) error {
	var sums [][32]byte
	err := s.readers.use(ctx, func(c *conn) error {
		return c.each(ctx, func(row []driver.Value) error {
			sum, _ := row[0].([]byte)
			if len(sum) != 32 {
				return fault(eventstore.ErrDamaged, s.path, "an evidence file is kept under the hash "+hex.EncodeToString(sum), restore)
			}
			sums = append(sums, [32]byte(sum))
			return nil
		}, `SELECT sha256 FROM evidence WHERE complete = 1 ORDER BY id`)
	})
	for i := 0; i < len(sums) && err == nil; i++ {
		err = s.verifyFile(ctx, sums[i])
	}
	return err
}

func (s *Store) verifyFile(ctx context.Context, sum [32]byte) error {
	r, _, err := s.OpenEvidence(ctx, sum)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(io.Discard, r)
	return err
}
