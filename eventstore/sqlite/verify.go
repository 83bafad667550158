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
// indexes, every record against its leaf, the streams' versions, the appends
// and their keys, and every evidence file against its hash. It takes as long
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
	if err := s.verifyRecords(ctx); err != nil {
		return err
	}
	for _, check := range []func(context.Context, *conn) error{verifyStreams, verifyAppends} {
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

// verifyPage is how many records are read at once.
const verifyPage = 1000

func (s *Store) verifyRecords(ctx context.Context) error {
	for after := uint64(0); ; after += verifyPage {
		page, err := s.Read(ctx, after, verifyPage)
		if err != nil || len(page) < verifyPage {
			return err
		}
	}
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
