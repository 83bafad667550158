package projections

import (
	"cmp"
	"context"
	"slices"

	"clew/domain"
)

// Sight is what the read models have of some names and references, and how far
// they stood when they said so. Who records meanwhile knows himself what came
// after that, and need not wait until the read models have it as well.
type Sight struct {
	Upto  uint64                       // what was recorded up to this position was seen, and nothing after it
	Blank bool                         // no movement of the case had ever been recorded
	Known map[domain.MovementID]Known  // as Views.Known
	ByRef map[string][]domain.Movement // as Views.ByRef
}

// See is Known and ByRef at one moment, for rows that stand at least at a
// position of the log; Head: at its head.
func (v *Views) See(ctx context.Context, id domain.CaseID, least uint64, ids []domain.MovementID, refs []string) (Sight, error) {
	var s Sight
	least, err := v.position(ctx, least)
	if err != nil {
		return s, err
	}
	err = v.queryAt(ctx, least, func(c *conn) error {
		s = Sight{Known: map[domain.MovementID]Known{}, ByRef: map[string][]domain.Movement{}}
		states, err := v.states(c)
		if err != nil {
			return err
		}
		s.Upto = states[Movements.Name].position
		number, err := caseNumber(c, id)
		if s.Blank = number == 0; err != nil || s.Blank {
			return err
		}
		return s.look(ctx, c, number, ids, refs)
	}, Movements.Name)
	return s, err
}

func (s *Sight) look(ctx context.Context, c *conn, number int64, ids []domain.MovementID, refs []string) error {
	first, err := firstVersions(c, number, ids...)
	if err != nil {
		return err
	}
	for _, m := range first {
		s.Known[m.ID] = Known{m.Movement.Content(), m.Position, m.Movement}
	}
	if len(refs) == 0 {
		return nil
	}
	standing, err := bearing(ctx, c, number, refs)
	slices.SortFunc(standing, func(a, b Version) int { return cmp.Compare(a.First, b.First) })
	for _, m := range standing {
		s.ByRef[m.Ref] = append(s.ByRef[m.Ref], m.Movement)
	}
	return err
}
