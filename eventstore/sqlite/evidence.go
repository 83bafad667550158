package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"

	"clew/eventstore"
)

const (
	// chunkSize is fixed for ever: an upload that broke off is resumed by
	// number of chunk. A quarter of a megabyte is read in one go and wastes
	// little on small files.
	chunkSize = 256 << 10

	// chunksAtOnce go into one transaction: 4 MB hold up an append for some
	// milliseconds, and keep memory flat for files of any size.
	chunksAtOnce = 16
)

// PutEvidence copies the file to a nameless one on the same disk while it
// hashes it, and only then stores it: a file that cannot be read to its end
// leaves no trace. It can be opened when its last chunk is synced, not before.
func (s *Store) PutEvidence(ctx context.Context, file io.Reader) (eventstore.Evidence, error) {
	if s.writer == nil {
		return eventstore.Evidence{}, s.readOnly()
	}
	spool, err := os.CreateTemp(filepath.Dir(s.path), ".clew-evidence-*")
	if err != nil {
		return eventstore.Evidence{}, s.spoolFault(err)
	}
	defer os.Remove(spool.Name())
	defer spool.Close()
	os.Remove(spool.Name()) // where the system allows it, not even a kill leaves it behind
	e, err := s.spool(ctx, spool, file)
	if err != nil {
		return eventstore.Evidence{}, err
	}
	return e, s.store(ctx, e, spool)
}

// spool copies and hashes.
func (s *Store) spool(ctx context.Context, spool *os.File, file io.Reader) (e eventstore.Evidence, err error) {
	sum := sha256.New()
	source := &bounded{ctx: ctx, from: file, left: eventstore.MaxEvidence}
	e.Size, err = io.CopyBuffer(io.MultiWriter(spool, sum), source, make([]byte, chunkSize))
	if source.failed != nil {
		return e, source.failed
	}
	if err != nil {
		return e, s.spoolFault(err)
	}
	sum.Sum(e.SHA256[:0])
	_, err = spool.Seek(0, io.SeekStart)
	return e, err
}

func (s *Store) spoolFault(err error) error {
	kind, next := eventstore.ErrDisk, "look at the disk and try again"
	if isFull(err) {
		kind, next = eventstore.ErrDiskFull, "make room on the disk and try again"
	}
	return &eventstore.Fault{Kind: kind, Where: filepath.Dir(s.path), Why: "the evidence file could not be copied there", Next: next, Cause: err}
}

// bounded reads until its context ends or the file is too large, and keeps
// its own errors apart from those of the copy.
type bounded struct {
	ctx    context.Context
	from   io.Reader
	left   int64
	failed error
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.failed = b.ctx.Err(); b.failed != nil {
		return 0, b.failed
	}
	n, err := b.from.Read(p)
	b.left -= int64(n)
	switch {
	case b.left < 0:
		b.failed = &eventstore.Fault{Kind: eventstore.ErrInvalid, Where: "evidence file", Why: fmt.Sprintf("it is longer than %d bytes, which is the most", int64(eventstore.MaxEvidence)), Next: "nothing was kept; split it"}
	case err != nil && err != io.EOF:
		b.failed = fmt.Errorf("sqlite: read the evidence file: %w", err)
	default:
		return n, err
	}
	return n, b.failed
}

// store writes the chunks, a few at a time, between the appends of others. It
// takes up an upload that broke off where that ended; two uploads of the same
// file at once write the same rows.
func (s *Store) store(ctx context.Context, e eventstore.Evidence, spool io.Reader) error {
	up := upload{e: e}
	for !up.complete {
		if err := up.load(spool); err != nil {
			return s.spoolFault(err)
		}
		if _, err := s.writer.do(ctx, &task{work: up.step}); err != nil {
			return err
		}
	}
	return nil
}

// upload is a file on its way in.
type upload struct {
	e        eventstore.Evidence
	id       int64
	next     int64    // number of the first of the chunks
	chunks   [][]byte // of the next step, cut from space
	space    []byte
	last     bool // no chunks follow these
	complete bool
}

// load takes the next chunks from the spool, outside of any transaction and
// into the same memory each time.
func (u *upload) load(spool io.Reader) error {
	if u.space == nil {
		u.space = make([]byte, chunksAtOnce*chunkSize)
	}
	n, err := io.ReadFull(spool, u.space)
	u.last = err == io.EOF || err == io.ErrUnexpectedEOF
	u.chunks = slices.Collect(slices.Chunk(u.space[:n], chunkSize))
	return ignoreEnd(err)
}

func ignoreEnd(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return nil
	}
	return err
}

// step is the work of one transaction. If that fails afterwards, the upload
// has ended and its fields are not looked at again.
func (u *upload) step(c *conn) error {
	if u.id == 0 {
		if err := u.begin(c); err != nil || u.complete {
			return err
		}
	}
	for _, chunk := range u.chunks {
		sum := sha256.Sum256(chunk)
		if err := c.run(`INSERT OR IGNORE INTO chunk VALUES (?, ?, ?, ?)`, u.id, u.next, sum[:], chunk); err != nil {
			return err
		}
		u.next++
	}
	if !u.last {
		return nil
	}
	u.complete = true
	return u.finish(c)
}

func (u *upload) begin(c *conn) error {
	row, err := c.row(`SELECT id, complete FROM evidence WHERE sha256 = ?`, u.e.SHA256[:])
	if err != nil {
		return err
	}
	if row != nil {
		u.id, u.complete = row[0].(int64), row[1] == int64(1)
		return nil
	}
	if err := c.run(`INSERT INTO evidence (sha256, size, complete) VALUES (?, ?, 0)`, u.e.SHA256[:], u.e.Size); err != nil {
		return err
	}
	u.id, err = c.number(`SELECT id FROM evidence WHERE sha256 = ?`, u.e.SHA256[:])
	return err
}

// finish makes the file visible, once it is sure that all of it is there.
func (u *upload) finish(c *conn) error {
	size, err := c.number(`SELECT sum(length(bytes)) FROM chunk WHERE file = ?`, u.id)
	if err != nil {
		return err
	}
	if size != u.e.Size {
		return fault(eventstore.ErrDamaged, c.path, fmt.Sprintf("evidence %x has %d bytes here and %d in the file", u.e.SHA256, size, u.e.Size), restore)
	}
	return c.run(`UPDATE evidence SET complete = 1 WHERE id = ? AND complete = 0`, u.id)
}

// OpenEvidence reads a kept file chunk by chunk. Each chunk is checked before
// it is handed out, and the whole at the end.
func (s *Store) OpenEvidence(ctx context.Context, sum [32]byte) (io.ReadCloser, eventstore.Evidence, error) {
	e := eventstore.Evidence{SHA256: sum}
	r := &evidenceReader{ctx: ctx, s: s, sum: sha256.New()}
	err := s.readers.use(ctx, func(c *conn) error {
		row, err := c.row(`SELECT id, size FROM evidence WHERE sha256 = ? AND complete = 1`, sum[:])
		if err != nil {
			return err
		}
		if row == nil {
			return fault(eventstore.ErrNotFound, s.path, "there is no evidence file with SHA-256 "+hex.EncodeToString(sum[:]), "check the hash, or file the evidence first")
		}
		r.id, e.Size = row[0].(int64), row[1].(int64)
		return nil
	})
	if err != nil {
		return nil, eventstore.Evidence{}, err
	}
	r.e = e
	return r, e, nil
}

// evidenceReader holds no connection between two chunks.
type evidenceReader struct {
	ctx   context.Context
	s     *Store
	e     eventstore.Evidence
	id    int64
	next  int64
	read  int64
	sum   hash.Hash
	chunk []byte
	err   error
}

func (r *evidenceReader) Read(p []byte) (int, error) {
	if len(r.chunk) == 0 && r.err == nil {
		r.err = r.load()
	}
	if len(r.chunk) == 0 {
		return 0, r.err
	}
	n := copy(p, r.chunk)
	r.chunk = r.chunk[n:]
	return n, nil
}

func (r *evidenceReader) load() error {
	if r.read == r.e.Size {
		return r.finish()
	}
	return r.s.readers.use(r.ctx, func(c *conn) error {
		return c.each(r.ctx, r.take, `SELECT sha256, bytes FROM (SELECT 1) LEFT JOIN chunk ON file = ? AND number = ?`, r.id, r.next)
	})
}

// take checks one chunk; a missing one comes as NULL and fits no hash.
func (r *evidenceReader) take(row []driver.Value) error {
	want, _ := row[0].([]byte)
	chunk, _ := row[1].([]byte)
	if got := sha256.Sum256(chunk); len(chunk) == 0 || string(got[:]) != string(want) {
		return r.damaged(fmt.Sprintf("chunk %d does not fit its hash", r.next))
	}
	r.next++
	r.read += int64(len(chunk))
	r.chunk = chunk
	r.sum.Write(chunk)
	return nil
}

func (r *evidenceReader) finish() error {
	if string(r.sum.Sum(nil)) != string(r.e.SHA256[:]) {
		return r.damaged("it does not have the hash that it was filed under")
	}
	return io.EOF
}

func (r *evidenceReader) damaged(why string) error {
	return &eventstore.Fault{
		Kind: eventstore.ErrDamaged, Why: why, Next: restore,
		Where: fmt.Sprintf("%s, evidence %x", r.s.path, r.e.SHA256),
	}
}

// Close ends reading. Nothing is held open.
func (r *evidenceReader) Close() error {
	r.chunk, r.err = nil, os.ErrClosed
	return nil
}
