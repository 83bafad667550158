package projections

import (
	"context"
	"time"
)

// pollEvery is how often the head is asked for where no doorbell rings: what
// another process appends is seen within this time.
const pollEvery = 100 * time.Millisecond

// Follow catches up whenever a doorbell rings and, in any case, every 100 ms,
// until the context ends; a lost, doubled or late ring does no harm. A nil
// doorbell never rings. It ends with the context's error, or with the first
// error of the world.
func (v *Views) Follow(ctx context.Context, doorbell <-chan uint64) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		if err := v.CatchUp(ctx); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case _, open := <-doorbell:
			if !open {
				doorbell = nil
			}
		case <-tick.C:
		}
	}
}
