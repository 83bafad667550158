package sqlite

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"time"

	"clew/eventstore"
)

// Append records a, in one transaction with what waits beside it.
func (s *Store) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	if err := a.Check(); err != nil {
		return eventstore.Receipt{}, err
	}
	if s.writer == nil {
		return eventstore.Receipt{}, s.readOnly()
	}
	return s.writer.do(ctx, &task{append: &a})
}

func (s *Store) readOnly() error {
	return fault(eventstore.ErrReadOnly, s.path, "nothing was recorded", "open it for writing, as a user who may write the file and its directory")
}

// Head is the last position.
func (s *Store) Head(ctx context.Context) (head uint64, err error) {
	err = s.readers.use(ctx, func(c *conn) error {
		last, err := c.number(`SELECT max(position) FROM record`)
		head = uint64(last)
		return err
	})
	return head, err
}

// Version is the stream's last version.
func (s *Store) Version(ctx context.Context, stream string) (version uint64, err error) {
	err = s.readers.use(ctx, func(c *conn) error {
		last, err := c.number(`SELECT max(version) FROM record WHERE stream = (SELECT id FROM stream WHERE name = ?)`, stream)
		version = uint64(last)
		return err
	})
	return version, err
}

// Read returns up to limit records after a position, each checked against its
// leaf, without a gap.
func (s *Store) Read(ctx context.Context, after uint64, limit int) (page []eventstore.Record, err error) {
	if err := eventstore.CheckRead(limit); err != nil {
		return nil, err
	}
	if after > maxPosition {
		return nil, nil
	}
	err = s.readers.use(ctx, func(c *conn) error {
		page, err = readPage(ctx, c, after, limit)
		return err
	})
	return page, err
}

// maxPosition is SQLite's largest integer; nothing lies beyond.
const maxPosition = 1<<63 - 1

// columns of a record. What the events of an append share is read once per
// append, in a second query: a page of an import has one or two of them.
const columns = `position, stream, version, kind, id, append, body, fast, leaf`

func readPage(ctx context.Context, c *conn, after uint64, limit int) ([]eventstore.Record, error) {
	p := pageReader{ctx: ctx, c: c}
	return p.after(after, limit)
}

// readFull reads a page of which it is known that it is full.
func readFull(ctx context.Context, c *conn, number uint64) ([]eventstore.Record, error) {
	const n = segmentSize
	p := pageReader{ctx: ctx, c: c, page: make([]eventstore.Record, 0, n), appends: make([]int64, 0, n), leaves: make([][]byte, 0, n), names: make([][2]int64, 0, n)}
	return p.after(number*n, n)
}

func (p *pageReader) after(after uint64, limit int) ([]eventstore.Record, error) {
	err := p.c.each(p.ctx, p.row, `SELECT `+columns+` FROM record WHERE position > ? ORDER BY position LIMIT ?`, int64(after), int64(limit))
	if err != nil || len(p.page) == 0 {
		return nil, err
	}
	for i := range p.page {
		if want := after + uint64(i) + 1; p.page[i].Position != want {
			return nil, damagedAt(p.c.path, want, "it is missing")
		}
	}
	err = p.finish(`first BETWEEN ? AND ?`, p.appends[0], int64(p.page[len(p.page)-1].Position))
	return p.page, err
}

// ReadStream returns up to limit records of one stream after a version.
func (s *Store) ReadStream(ctx context.Context, stream string, after uint64, limit int) (page []eventstore.Record, err error) {
	if err := eventstore.CheckRead(limit); err != nil {
		return nil, err
	}
	if after > maxPosition {
		return nil, nil
	}
	err = s.readers.use(ctx, func(c *conn) error {
		page, err = readStream(ctx, c, stream, after, limit)
		return err
	})
	return page, err
}

func readStream(ctx context.Context, c *conn, stream string, after uint64, limit int) ([]eventstore.Record, error) {
	id, err := c.number(`SELECT id FROM stream WHERE name = ?`, stream)
	if err != nil || id == 0 {
		return nil, err
	}
	p := pageReader{ctx: ctx, c: c}
	err = c.each(ctx, p.row, `SELECT `+columns+` FROM record WHERE stream = ? AND version > ? ORDER BY version LIMIT ?`, id, int64(after), int64(limit))
	if err != nil || len(p.page) == 0 {
		return nil, err
	}
	for i := range p.page {
		if want := after + uint64(i) + 1; p.page[i].Version != want {
			return nil, fault(eventstore.ErrDamaged, c.path, fmt.Sprintf("version %d of stream %s is missing", want, stream), restore)
		}
	}
	err = p.finish(`first IN (SELECT append FROM record WHERE stream = ? AND version > ? AND version <= ?)`, id, int64(after), int64(p.page[len(p.page)-1].Version))
	return p.page, err
}

// pageReader puts records together from the three tables that they lie in.
type pageReader struct {
	ctx     context.Context
	c       *conn
	page    []eventstore.Record
	appends []int64    // append.first of each record
	leaves  [][]byte   // of each record, as stored
	names   [][2]int64 // stream.id and kind.id of each record
}

func (p *pageReader) row(row []driver.Value) error {
	position, _ := row[0].(int64)
	version, _ := row[2].(int64)
	stream, _ := row[1].(int64)
	kind, _ := row[3].(int64)
	first, _ := row[5].(int64)
	r := eventstore.Record{Position: uint64(position), Version: uint64(version)}
	id, _ := row[4].([]byte)
	copy(r.ID[:], id)
	r.Body, _ = row[6].([]byte)
	r.Fast, _ = row[7].([]byte)
	leaf, _ := row[8].([]byte)
	p.page = append(p.page, r)
	p.appends = append(p.appends, first)
	p.leaves = append(p.leaves, leaf)
	p.names = append(p.names, [2]int64{stream, kind})
	return nil
}

// shared is what all events of one append have in common.
type shared struct {
	recordedAt                         time.Time
	actor, key, correlation, causation string
}

// finish fills in what the records share and checks every leaf. Whatever is
// wrong with a row, be it of record, append, stream or kind, shows there.
func (p *pageReader) finish(where string, args ...driver.Value) error {
	appends, err := p.readAppends(where, args...)
	if err != nil {
		return err
	}
	var hasher eventstore.Hasher
	for i := range p.page {
		r, a := &p.page[i], appends[p.appends[i]]
		r.RecordedAt, r.Actor, r.Key, r.Correlation, r.Causation = a.recordedAt, a.actor, a.key, a.correlation, a.causation
		if r.Stream, err = p.c.name(`SELECT name FROM stream WHERE id = ?`, p.names[i][0]); err != nil {
			return err
		}
		if r.Kind, err = p.c.name(`SELECT name FROM kind WHERE id = ?`, p.names[i][1]); err != nil {
			return err
		}
		if leaf := hasher.Leaf(r); !slices.Equal(leaf[:], p.leaves[i]) {
			return damagedAt(p.c.path, r.Position, "what is stored does not fit its leaf")
		}
	}
	return nil
}

func (p *pageReader) readAppends(where string, args ...driver.Value) (map[int64]shared, error) {
	appends := map[int64]shared{}
	err := p.c.each(p.ctx, func(row []driver.Value) error {
		var a shared
		first, _ := row[0].(int64)
		at, _ := row[1].(int64)
		a.recordedAt = time.UnixMicro(at).UTC()
		a.actor, _ = row[2].(string)
		a.key, _ = row[3].(string)
		a.correlation, _ = row[4].(string)
		a.causation, _ = row[5].(string)
		appends[first] = a
		return nil
	}, `SELECT first, recorded_at, actor, key, correlation, causation FROM append WHERE `+where, args...)
	return appends, err
}

// checkEnds compares the two ends of the log with what it says about itself:
// cheap enough for every opening. A hole in the middle is found by whoever
// reads there; a tail that was cut off and all trace of it with it, only by a
// head that somebody else holds.
func checkEnds(c *conn) error {
	// One statement sees one moment: between two of them somebody may append.
	ends, err := c.row(`SELECT (SELECT max(position) FROM record), (SELECT last FROM append ORDER BY first DESC LIMIT 1)`)
	if err != nil {
		return err
	}
	last, _ := ends[0].(int64) // of an empty log neither is there
	said, _ := ends[1].(int64)
	if said != last {
		return damagedAt(c.path, uint64(min(said, last))+1, fmt.Sprintf("the last append ends at %d, and the last record is %d", said, last))
	}
	if last == 0 {
		return nil
	}
	if _, err := readPage(context.Background(), c, 0, 1); err != nil {
		return err
	}
	_, err = readPage(context.Background(), c, uint64(last)-1, 1)
	return err
}
