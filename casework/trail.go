package casework

import (
	"context"
	"math"

	"clew/domain"
	"clew/projections"
)

// maxTrail is how many batches may be recorded and not yet in the read models:
// enough that neither waits for the other, few enough to lie in memory.
const maxTrail = 4

// trail is what this import itself has recorded of late: the read models may
// not have it yet. Nobody else has recorded in the case meanwhile, or the
// import would have learnt anew; so what the read models know and the trail
// are all there is.
type trail struct {
	batches []footprint
	spare   chan []entry // takes the entries of batches that are forgotten; nil: nobody does
}

// footprint is what one batch has recorded.
type footprint struct {
	last    uint64 // position of its last event; notLanded while it is on its way
	entries []entry
	rows    map[domain.MovementID]*entry
	byRef   map[string][]*domain.Movement
}

// notLanded is the position of what is not in the log yet: beyond all others.
const notLanded = math.MaxUint64

// land says where the last batch ended in the log.
func (t *trail) land(last uint64) { t.batches[len(t.batches)-1].last = last }

// least is the position that the read models must have reached before another
// batch is decided: that of the last batch that the trail has no room for.
func (t *trail) least(learnt uint64) uint64 {
	if len(t.batches) < maxTrail {
		return learnt
	}
	return t.batches[len(t.batches)-maxTrail].last
}

// forget drops what the read models have seen.
func (t *trail) forget(seen uint64) {
	for len(t.batches) > 0 && t.batches[0].last <= seen {
		select {
		case t.spare <- t.batches[0].entries: // nothing points there but the footprint
		default:
		}
		t.batches = t.batches[1:]
	}
}

// row is the row of that name, if it is in the trail.
func (t *trail) row(id domain.MovementID) *entry {
	for i := range t.batches {
		if e := t.batches[i].rows[id]; e != nil {
			return e
		}
	}
	return nil
}

// byRef gives the movements of the trail with a reference, in the order in
// which they were recorded.
func (t *trail) byRef(ref string) (list []*domain.Movement) {
	for i := range t.batches {
		list = append(list, t.batches[i].byRef[ref]...)
	}
	return list
}

// follower has the read models follow the log in a goroutine of its own.
type follower struct {
	wake  chan struct{}
	ended chan error
}

func follow(ctx context.Context, views *projections.Views) *follower {
	f := &follower{make(chan struct{}, 1), make(chan error, 1)}
	go func() {
		for range f.wake {
			if err := views.CatchUp(ctx); err != nil {
				f.ended <- err
				return
			}
		}
		f.ended <- nil
	}()
	return f
}

// more says that there is more in the log.
func (f *follower) more() {
	select {
	case f.wake <- struct{}{}:
	default: // it is awake and will look again
	}
}

// end waits until the read models have all that was recorded, or says why they
// have not.
func (f *follower) end() error {
	close(f.wake)
	return <-f.ended
}
