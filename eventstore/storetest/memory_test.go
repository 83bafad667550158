package storetest_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"iter"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"clew/eventstore"
)

// disk is a log in memory, simple enough to be right at a glance, with faults
// that can be switched on by name.
type disk struct {
	lock     sync.Mutex
	name     string
	records  []eventstore.Record
	leaves   [][32]byte
	versions map[string]uint64
	keys     map[string]kept
	files    map[[32]byte][]byte
	notes    []eventstore.Checkpoint
	fault    string
	appended int
}

type kept struct {
	request []byte
	receipt eventstore.Receipt
}

func newDisk(fault string) *disk {
	return &disk{name: rand.Text(), versions: map[string]uint64{}, keys: map[string]kept{}, files: map[[32]byte][]byte{}, fault: fault}
}

// memory is one opening of a disk.
type memory struct {
	*disk
	readOnly, closed bool
}

func refusal(kind error) error { return &eventstore.Fault{Kind: kind, Where: "memory"} }

func (m *memory) refuses(ctx context.Context, writes bool) error {
	switch {
	case m.closed && m.fault != "a closed log answers":
		return refusal(eventstore.ErrClosed)
	case writes && m.readOnly && m.fault != "a log that is read-only records":
		return refusal(eventstore.ErrReadOnly)
	case m.fault == "an ended caller is recorded":
		return nil
	}
	return ctx.Err()
}

func (m *memory) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if err := m.refuses(ctx, true); err != nil {
		return eventstore.Receipt{}, err
	}
	if err := a.Check(); err != nil && m.fault != "limits are not kept" {
		return eventstore.Receipt{}, err
	}
	if m.fault == "a refused append uses its key up" && a.Key != "" {
		defer func() { m.keys[a.Key] = kept{a.Request, eventstore.Receipt{First: 1, Last: 1}} }()
	}
	if k, ok := m.keys[a.Key]; ok {
		if !bytes.Equal(k.request, a.Request) && m.fault != "another request gets the first answer" {
			return eventstore.Receipt{}, &eventstore.KeyConflict{Key: a.Key, First: k.receipt.First, Difference: eventstore.Difference(k.request, a.Request)}
		}
		k.receipt.Repeated = true
		return k.receipt, nil
	}
	for _, e := range a.Expect {
		if at := m.versions[e.Stream]; e.Version != eventstore.Any && e.Version != at && m.fault != "expected versions are not checked" {
			if m.fault == "a refused append leaves some of its events" {
				m.add(&a, a.Events[:1])
			}
			return eventstore.Receipt{}, &eventstore.VersionConflict{Stream: e.Stream, Expected: e.Version, Actual: at}
		}
	}
	return m.add(&a, a.Events), nil
}

func (m *memory) Told(ctx context.Context, key string, request []byte) (eventstore.Receipt, bool, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	k, ok := m.keys[key]
	if !ok || m.fault == "nothing is told" {
		return eventstore.Receipt{}, false, m.refuses(ctx, false)
	}
	if !bytes.Equal(k.request, request) {
		return eventstore.Receipt{}, false, &eventstore.KeyConflict{Key: key, First: k.receipt.First, Difference: eventstore.Difference(k.request, request)}
	}
	k.receipt.Repeated = true
	return k.receipt, true, m.refuses(ctx, false)
}

func (m *memory) add(a *eventstore.Append, events []eventstore.Event) eventstore.Receipt {
	m.appended++
	receipt := eventstore.Receipt{First: uint64(len(m.records)) + 1}
	at := a.Now.UTC().Truncate(time.Microsecond)
	var last eventstore.Record
	if n := len(m.records); n > 0 {
		last = m.records[n-1]
	}
	if at.Before(last.RecordedAt) && m.fault != "time runs backwards" {
		at = last.RecordedAt
	}
	for _, e := range events {
		m.versions[e.Stream]++
		id, err := eventstore.NextID(last.ID, at, rand.Reader)
		if err != nil {
			panic(err)
		}
		last = eventstore.Record{
			Position: uint64(len(m.records)) + 1, Stream: e.Stream, Version: m.versions[e.Stream], ID: id, Kind: e.Kind, RecordedAt: at,
			Actor: a.Actor, Key: a.Key, Correlation: a.Correlation, Causation: a.Causation, Body: bytes.Clone(e.Body),
		}
		if len(e.Fast) > 0 {
			last.Fast = bytes.Clone(e.Fast)
		}
		m.put(last)
	}
	receipt.Last = uint64(len(m.records))
	if a.Key != "" && m.fault != "keys are forgotten" {
		m.keys[a.Key] = kept{bytes.Clone(a.Request), receipt}
	}
	return receipt
}

func (m *memory) put(r eventstore.Record) {
	switch n := m.appended; {
	case m.fault == "a position is left out" && n == 5:
		r.Position++
	case m.fault == "every hundredth append is lost" && n%100 == 0:
		return
	case m.fault == "ids are random":
		rand.Read(r.ID[:])
	case m.fault == "the fast block is lost":
		r.Fast = nil
	case m.fault == "causation is lost":
		r.Causation = ""
	}
	m.records = append(m.records, r)
	m.leaves = append(m.leaves, eventstore.Leaf(eventstore.Encode(r)))
}

func (m *memory) Head(ctx context.Context) (uint64, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	return uint64(len(m.records)), m.refuses(ctx, false)
}

func (m *memory) Version(ctx context.Context, stream string) (uint64, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	return m.versions[stream], m.refuses(ctx, false)
}

func (m *memory) Read(ctx context.Context, after uint64, limit int) ([]eventstore.Record, error) {
	all := func(eventstore.Record) bool { return true }
	if m.fault == "the last of a page is left out" && limit > 2 {
		limit--
	}
	return m.page(ctx, all, after, limit)
}

func (m *memory) ReadStream(ctx context.Context, stream string, after uint64, limit int) ([]eventstore.Record, error) {
	wanted := func(r eventstore.Record) bool { return r.Stream == stream }
	if m.fault == "streams are mixed up" {
		wanted = func(r eventstore.Record) bool { return len(r.Stream) == len(stream) }
	}
	return m.page(ctx, wanted, after, limit)
}

func (m *memory) Replay(ctx context.Context, after uint64) iter.Seq2[[]eventstore.Record, error] {
	return func(yield func([]eventstore.Record, error) bool) {
		for {
			batch, err := m.Read(ctx, after, 10)
			if m.fault == "a replay leaves the rest out" && after > 0 {
				batch = nil
			}
			for i := range batch {
				if batch[i].Fast != nil || m.fault == "a replay gives no bodies" {
					batch[i].Body = nil
				}
			}
			if len(batch) > 0 {
				after = batch[len(batch)-1].Position
			}
			if len(batch) == 0 && err == nil || !yield(batch, err) || err != nil {
				return
			}
		}
	}
}

// page counts after in records that are wanted, which is the position in the
// log and the version in a stream.
func (m *memory) page(ctx context.Context, wanted func(eventstore.Record) bool, after uint64, limit int) (page []eventstore.Record, err error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if err := m.refuses(ctx, false); err != nil {
		return nil, err
	}
	if err := eventstore.CheckRead(limit); err != nil {
		return nil, err
	}
	seen := uint64(0)
	for i, r := range m.records {
		if !wanted(r) {
			continue
		}
		if seen++; seen <= after || len(page) == limit {
			continue
		}
		changed := m.leaves[i] != eventstore.Leaf(eventstore.Encode(r)) || r.Position != uint64(i)+1
		if changed && m.fault != "leaves are not checked" && m.fault != "a position is left out" {
			return nil, &eventstore.Fault{Kind: eventstore.ErrDamaged, Where: "memory", Position: uint64(i) + 1}
		}
		page = append(page, r)
	}
	return page, nil
}

// Hashes computes each from the leaves.
func (m *memory) Hashes(ctx context.Context, indexes []int64) (hashes []tlog.Hash, err error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	for _, index := range indexes {
		of, err := eventstore.SubtreeAt(index, uint64(len(m.leaves)))
		if err != nil {
			if m.fault != "a tree beyond the log is given" {
				return nil, err
			}
			of = eventstore.Subtree{First: 1, Last: 1}
		}
		if m.fault == "a node is wrong" && of.Level > 0 && of.Number == 2 {
			of.First, of.Last = of.First-1, of.Last-1
		}
		hashes = append(hashes, over(m.leaves[of.First-1:of.Last]))
	}
	return hashes, m.refuses(ctx, false)
}

func over(leaves [][32]byte) tlog.Hash {
	if half := len(leaves) / 2; half > 0 {
		return tlog.NodeHash(over(leaves[:half]), over(leaves[half:]))
	}
	return leaves[0]
}

func (m *memory) PutCheckpoint(ctx context.Context, c eventstore.Checkpoint) (eventstore.Checkpoint, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if err := m.refuses(ctx, true); err != nil {
		return c, err
	}
	if err := cmp.Or(c.Check(), c.CheckSize(uint64(len(m.records)))); err != nil && m.fault != "any checkpoint is kept" {
		return c, err
	}
	c.Number = 1
	for _, kept := range m.notes {
		if kept.Size == c.Size {
			if bytes.Equal(kept.Note, c.Note) && m.fault != "a checkpoint is kept twice" {
				return kept, nil
			}
			c.Number++
		}
	}
	c.RecordedAt = c.RecordedAt.UTC().Truncate(time.Microsecond)
	m.notes = append(m.notes, c)
	return c, nil
}

func (m *memory) Checkpoints(ctx context.Context, after eventstore.Checkpoint, limit int) ([]eventstore.Checkpoint, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if err := cmp.Or(m.refuses(ctx, false), eventstore.CheckRead(limit)); err != nil {
		return nil, err
	}
	order := func(a, b eventstore.Checkpoint) int {
		return cmp.Or(cmp.Compare(a.Size, b.Size), cmp.Compare(a.Number, b.Number))
	}
	all := slices.SortedFunc(slices.Values(m.notes), order)
	all = slices.DeleteFunc(all, func(c eventstore.Checkpoint) bool { return order(c, after) <= 0 })
	return all[:min(len(all), limit)], nil
}

func (m *memory) LastCheckpoint(ctx context.Context) (last eventstore.Checkpoint, err error) {
	all, err := m.Checkpoints(ctx, last, eventstore.MaxRead)
	if len(all) > 0 {
		last = all[len(all)-1]
	}
	return last, err
}

func (m *memory) PutEvidence(ctx context.Context, file io.Reader) (e eventstore.Evidence, err error) {
	if err := m.refuses(ctx, true); err != nil {
		return e, err
	}
	content, err := io.ReadAll(file)
	if m.fault == "half a file is kept" {
		err = nil
	} else if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return e, err
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	e = eventstore.Evidence{SHA256: sha256.Sum256(content), Size: int64(len(content))}
	if m.fault != "evidence is lost" {
		m.files[e.SHA256] = content
	}
	return e, nil
}

func (m *memory) OpenEvidence(ctx context.Context, sum [32]byte) (io.ReadCloser, eventstore.Evidence, error) {
	m.lock.Lock()
	defer m.lock.Unlock()
	content, ok := m.files[sum]
	if !ok {
		return nil, eventstore.Evidence{}, refusal(eventstore.ErrNotFound)
	}
	r := io.Reader(bytes.NewReader(content))
	if sha256.Sum256(content) != sum && m.fault != "evidence is not checked" {
		r = broken{}
	}
	return io.NopCloser(r), eventstore.Evidence{SHA256: sum, Size: int64(len(content))}, m.refuses(ctx, false)
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, refusal(eventstore.ErrDamaged) }

func (m *memory) ReadOnly() bool { return m.readOnly }

func (m *memory) Identity() string {
	if m.fault == "the identity changes" {
		return rand.Text()
	}
	return m.name
}

func (m *memory) Close() error {
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.fault == "the last append is lost at close" && !m.closed && len(m.records) > 0 {
		m.records = m.records[:len(m.records)-1]
	}
	m.closed = true
	return nil
}

func (d *disk) change(position uint64) error {
	r := &d.records[position-1]
	r.Body = slices.Insert(bytes.Clone(r.Body), 0, ' ')
	return nil
}

// remove takes the record and its leaf out, so that only its position tells.
func (d *disk) remove(position uint64) error {
	d.records = slices.Delete(d.records, int(position)-1, int(position))
	d.leaves = slices.Delete(d.leaves, int(position)-1, int(position))
	return nil
}

func (d *disk) changeEvidence(sum [32]byte) error {
	content := bytes.Clone(d.files[sum])
	content[700_000] ^= 1
	d.files[sum] = content
	return nil
}
