package projections

import (
	"context"
	"slices"

	"clew/domain"
)

// EvidenceOf gives the lines of the files that show movements of a walk, of
// each all its tellings: how a number opens its reason, down to the line. Of
// what was corrected it is the line that the correction names.
func (v *Views) EvidenceOf(ctx context.Context, s *Assembly, ids []domain.MovementID) (map[domain.MovementID][]domain.Evidence, error) {
	evidence := map[domain.MovementID][]domain.Evidence{}
	for _, id := range ids {
		if evidence[id] != nil {
			continue
		}
		for _, telling := range append([]domain.MovementID{id}, s.Tellings[id]...) {
			m, err := v.movementIn(ctx, s, telling)
			if err != nil {
				return nil, err
			}
			if !slices.Contains(evidence[id], m.Evidence) {
				evidence[id] = append(evidence[id], m.Evidence)
			}
		}
	}
	return evidence, nil
}

// movementIn reads a movement of one of the cases of a walk, whole, from the
// log.
func (v *Views) movementIn(ctx context.Context, s *Assembly, name domain.MovementID) (m domain.Movement, err error) {
	for _, id := range s.Cases {
		var found traces
		err = v.queryAt(ctx, s.Position, func(c *conn) error {
			found, err = tracesOf(ctx, c, id, movementAt{name, s.Position})
			return err
		}, Movements.Name)
		if err == nil {
			return v.told(ctx, found.reads)
		}
		if domain.ClassOf(err) != domain.ClassNotFound {
			return m, err
		}
	}
	return m, err
}
