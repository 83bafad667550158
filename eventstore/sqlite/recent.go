package sqlite

import (
	"slices"
	"sync"
	"time"

	"clew/eventstore"
)

// Bounds of what is remembered: more than the four batches of an import that
// its read models may be behind.
const (
	recentEvents = 40_000
	recentBytes  = 32 << 20
)

// recent remembers what this process has committed last, for replays that
// follow closely: what was hashed and synced a moment ago need not be read
// back and hashed again. It is a copy of its own, so that a caller may use his
// buffers again.
//
// Nothing gets in before its commit is synced. All of it is let go when a
// transaction fails, when another process has committed, when the log closes,
// and when so much was recorded that nobody asked for; and each append when a
// replay has passed it. Whoever finds nothing here reads the file.
type recent struct {
	staged stretch // of the transaction that is open; only the writer's goroutine knows it

	lock      sync.Mutex
	committed stretch
	unasked   int // how many events were committed since a replay came by
	closed    bool
}

// stretch is a part of the log without a gap, the end of which is kept.
type stretch struct {
	parts  []*part
	events int
	size   int
}

// part is what is kept of one append.
type part struct {
	shared
	first   uint64
	records []brief
	text    []byte // of all records, one after the other
}

// brief is what is a record's own.
type brief struct {
	stream, kind string
	version      uint64
	id           eventstore.ID
	end          int  // of its fast block or body in text
	fast         bool // it is a fast block
}

// briefSize is about what a brief takes in memory.
const briefSize = 80

// stage copies the rows of an append, with what they share in r, until their
// transaction ends.
func (f *recent) stage(rows []row, r *eventstore.Record) {
	size := 0
	for i := range rows {
		size += len(replayed(rows[i].event))
	}
	if !f.followed() || len(rows) > recentEvents || size+len(rows)*briefSize > recentBytes {
		return // what follows it does not fit what stands before, and begins anew
	}
	p := &part{
		shared: shared{time.UnixMicro(r.RecordedAt.UnixMicro()).UTC(), r.Actor, r.Key, r.Correlation, r.Causation},
		first:  rows[0].position, records: make([]brief, len(rows)), text: make([]byte, 0, size),
	}
	for i := range rows {
		w := &rows[i]
		p.text = append(p.text, replayed(w.event)...)
		p.records[i] = brief{w.event.Stream, w.event.Kind, w.version, w.id, len(p.text), len(w.event.Fast) > 0}
	}
	f.staged.add(p)
}

// replayed is what a replay gives of an event.
func replayed(e *eventstore.Event) []byte {
	if len(e.Fast) > 0 {
		return e.Fast
	}
	return e.Body
}

// followed says whether a replay has come by lately.
func (f *recent) followed() bool {
	f.lock.Lock()
	defer f.lock.Unlock()
	return !f.closed && f.unasked <= recentEvents
}

// publish is for what was staged, after the commit.
func (f *recent) publish() {
	f.lock.Lock()
	defer f.lock.Unlock()
	for _, p := range f.staged.parts {
		f.committed.add(p)
		f.unasked += len(p.records)
	}
	f.staged = stretch{}
	if f.closed || f.unasked > recentEvents {
		f.committed = stretch{}
	}
}

// drop lets go of everything.
func (f *recent) drop() {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.staged, f.committed = stretch{}, stretch{}
}

// close lets go of what is committed, for good.
func (f *recent) close() {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.committed, f.closed = stretch{}, true
}

// add puts a part behind the others. Where it does not follow them, or all
// would be too much, those before go.
func (s *stretch) add(p *part) {
	if len(s.parts) > 0 && s.last()+1 != p.first {
		*s = stretch{}
	}
	s.parts = append(s.parts, p)
	s.events += len(p.records)
	s.size += p.size()
	for s.events > recentEvents || s.size > recentBytes {
		s.shift()
	}
}

// shift lets the first part go.
func (s *stretch) shift() {
	s.events -= len(s.parts[0].records)
	s.size -= s.parts[0].size()
	s.parts[0] = nil
	s.parts = s.parts[1:]
}

func (s *stretch) last() uint64 { return s.parts[len(s.parts)-1].last() }

func (p *part) last() uint64 { return p.first + uint64(len(p.records)) - 1 }

func (p *part) size() int { return len(p.text) + len(p.records)*briefSize }

// copied is a reader's own copy of records, which he may write into.
type copied struct {
	page []eventstore.Record
	text []byte
}

// after copies up to a segment's worth of the records after a position; none
// if they are not remembered. The appends before it are let go: who asks for
// more has taken them in, and a second, slower follower finds them in the file.
func (f *recent) after(position uint64, c *copied) []eventstore.Record {
	f.lock.Lock()
	defer f.lock.Unlock()
	f.unasked = 0
	for len(f.committed.parts) > 0 && f.committed.parts[0].last() <= position {
		f.committed.shift()
	}
	parts := f.committed.parts
	if len(parts) == 0 || position+1 < parts[0].first {
		return nil
	}
	most := int(min(segmentSize, f.committed.last()-position))
	c.page, c.text = slices.Grow(c.page[:0], most), c.text[:0]
	for i := 0; len(c.page) < most; i++ {
		from := int(position + uint64(len(c.page)) + 1 - parts[i].first)
		c.take(parts[i], from, min(len(parts[i].records), from+most-len(c.page)))
	}
	return c.page
}

// take copies the records of a part from one number up to another.
func (c *copied) take(p *part, from, upto int) {
	start := 0
	if from > 0 {
		start = p.records[from-1].end
	}
	before := len(c.text)
	c.text = append(c.text, p.text[start:p.records[upto-1].end]...)
	rest := c.text[before:]
	for i := from; i < upto; i++ {
		b := &p.records[i]
		size := b.end - start
		own := rest[:size:size]
		start, rest = b.end, rest[size:]
		r := eventstore.Record{
			Position: p.first + uint64(i), Stream: b.stream, Version: b.version, ID: b.id, Kind: b.kind, RecordedAt: p.recordedAt,
			Actor: p.actor, Key: p.key, Correlation: p.correlation, Causation: p.causation,
		}
		if b.fast {
			r.Fast = own
		} else {
			r.Body = own
		}
		c.page = append(c.page, r)
	}
}
