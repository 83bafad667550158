package projections

import (
	"context"

	"clew/domain"
)

// Operations are what operations are said to be, as it stood at a position of
// the log.
func (v *Views) Operations(ctx context.Context, upto uint64) (map[domain.OperationID]domain.OperationDescribed, error) {
	known := map[domain.OperationID]domain.OperationDescribed{}
	err := v.eachFact(ctx, upto, func(event domain.Event) error {
		said := event.(domain.OperationDescribed)
		known[said.Operation] = said
		return nil
	}, domain.OperationDescribed{}.Kind())
	return known, err
}

// Centres are the scam centres that were described and not withdrawn by a
// position of the log.
func (v *Views) Centres(ctx context.Context, upto uint64) (map[domain.CentreID]domain.CentreDescribed, error) {
	known := map[domain.CentreID]domain.CentreDescribed{}
	err := v.eachFact(ctx, upto, func(event domain.Event) error {
		switch e := event.(type) {
		case domain.CentreDescribed:
			known[e.Centre] = e
		case domain.CentreWithdrawn:
			delete(known, e.Centre)
		}
		return nil
	}, domain.CentreDescribed{}.Kind(), domain.CentreWithdrawn{}.Kind())
	return known, err
}
