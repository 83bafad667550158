package projections

import (
	"context"
	"time"

	"clew/domain"
	"clew/tracing"
)

// Ask is a question about one case. Both of its times are inclusive: At is
// what had happened by then, KnownAt and Upto are what had been recorded by
// then. The zero value of each asks for everything.
type Ask struct {
	Case    domain.CaseID
	Rule    tracing.Rule // "": the locked rule, else fifo
	At      time.Time
	KnownAt time.Time
	Upto    uint64 // a position of the log; 0 or Head: its last
}

// resolve gives the position of the log up to which the question is asked:
// recorded_at never runs backwards, so a KnownAt is some position.
func (v *Views) resolve(ctx context.Context, a Ask) (uint64, error) {
	if a.Upto == 0 {
		a.Upto = Head
	}
	upto, err := v.position(ctx, a.Upto)
	if err != nil || a.KnownAt.IsZero() {
		return upto, err
	}
	known, err := v.KnownAt(ctx, a.KnownAt)
	return min(upto, known), err
}

// position resolves Head, and refuses a position that the log does not have.
func (v *Views) position(ctx context.Context, upto uint64) (uint64, error) {
	head, err := v.store.Head(ctx)
	if err != nil {
		return 0, err
	}
	if upto == Head {
		return head, nil
	}
	if upto > head {
		return 0, domain.Usage("position %d is not recorded yet: the log ends at position %d", upto, head)
	}
	return upto, nil
}
