package sqlite

import (
	"context"

	"clew/eventstore"
)

// ahead reads the pages that a replay comes to next where there are no
// segments: each is read, checked against its leaves and packed by a goroutine
// of its own, while the replay's reader takes in the page before. A first
// replay is so as fast as all processors, and not as one.
type ahead struct {
	store *Store
	packs bool    // segments are wanted
	pages []*page // on their way, in their order, without a gap
}

// page is a segment's worth of records on its way.
type page struct {
	number  uint64
	records []eventstore.Record
	packed  []byte
	err     error
	done    chan struct{}
}

// inFlight is how many pages are read at once, and no more: each has its
// bodies in memory and a connection, of which others need some.
const inFlight = 2

// page gives a page, which must be below whole: full.
func (a *ahead) page(ctx context.Context, number, whole uint64) *page {
	if len(a.pages) > 0 && a.pages[0].number != number {
		a.drop()
	}
	a.begin(ctx, number, whole)
	p := a.pages[0]
	<-p.done
	a.pages = a.pages[1:]
	a.begin(ctx, number+1, whole)
	return p
}

// begin sees to it that the pages from a number on are on their way.
func (a *ahead) begin(ctx context.Context, number, whole uint64) {
	for next := number + uint64(len(a.pages)); next < min(number+inFlight, whole); next++ {
		p := &page{number: next, done: make(chan struct{})}
		a.pages = append(a.pages, p)
		go p.read(ctx, a.store, a.packs)
	}
}

func (p *page) read(ctx context.Context, s *Store, packs bool) {
	defer close(p.done)
	p.err = s.readers.use(ctx, func(c *conn) (err error) {
		p.records, err = readFull(ctx, c, p.number)
		return err
	})
	if packs && p.err == nil {
		p.packed = packSegment(p.records)
	}
	lean(p.records)
}

// drop waits for the pages that nobody will ask for.
func (a *ahead) drop() {
	for _, p := range a.pages {
		<-p.done
	}
	a.pages = nil
}
