package projections

import (
	"context"

	"clew/domain"
)

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
