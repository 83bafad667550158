package casework

import (
	"context"
	"sync"

	"clew/domain"
)

// turns lets those who decide about one case at one desk do so one after the
// other. They would all have their turn anyway, for each decides on what is
// known; but without a queue each of twenty would have to decide twenty times.
// Against another process the version of the stream still decides.
type turns struct {
	mu    sync.Mutex
	taken map[domain.CaseID]chan struct{} // closed when the turn ends
}

// take waits for the turn of a case, and gives what ends it.
func (t *turns) take(ctx context.Context, c domain.CaseID) (end func(), err error) {
	for {
		t.mu.Lock()
		before := t.taken[c]
		if before == nil {
			break
		}
		t.mu.Unlock()
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-before:
		}
	}
	defer t.mu.Unlock()
	if t.taken == nil {
		t.taken = map[domain.CaseID]chan struct{}{}
	}
	mine := make(chan struct{})
	t.taken[c] = mine
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.taken, c)
		close(mine)
	}, nil
}
