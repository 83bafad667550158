package projections

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"

	"clew/domain"
)

// EvidenceOf gives the lines of the files that show movements of a walk, of
// each all its tellings: how a number opens its reason, down to the line. Of
// what was corrected it is the line that the correction names.
func (v *Views) EvidenceOf(ctx context.Context, s *Assembly, ids []domain.MovementID) (map[domain.MovementID][]domain.Evidence, error) {
	var names []domain.MovementID
	for _, id := range ids {
		names = append(append(names, id), s.Tellings[id]...)
	}
	var reads map[domain.MovementID]uint64
	err := v.queryAt(ctx, s.Position, func(c *conn) (err error) {
		reads, err = readAt(ctx, c, s, names)
		return err
	}, Movements.Name)
	if err != nil {
		return nil, err
	}
	evidence := map[domain.MovementID][]domain.Evidence{}
	for _, id := range ids {
		if evidence[id] != nil {
			continue
		}
		if evidence[id], err = v.linesOf(ctx, reads, append([]domain.MovementID{id}, s.Tellings[id]...)); err != nil {
			return nil, err
		}
	}
	return evidence, nil
}

// linesOf lists the lines that tell one payment.
func (v *Views) linesOf(ctx context.Context, reads map[domain.MovementID]uint64, tellings []domain.MovementID) (lines []domain.Evidence, err error) {
	for _, name := range tellings {
		at, known := reads[name]
		if !known {
			return nil, domain.NotFound("there is no movement %s in this case, as far as asked: 'clew timeline' lists them", name)
		}
		m, err := v.told(ctx, at)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(lines, m.Evidence) {
			lines = append(lines, m.Evidence)
		}
	}
	return lines, nil
}

// readAt gives the position of the event that holds each movement as it reads
// in a walk.
func readAt(ctx context.Context, c *conn, s *Assembly, names []domain.MovementID) (map[domain.MovementID]uint64, error) {
	reads, nameOf := map[domain.MovementID]uint64{}, map[uint64]domain.MovementID{}
	var firsts []int64
	for _, id := range s.Cases {
		number, err := caseNumber(c, id)
		if err != nil {
			return nil, err
		}
		found, err := firstVersions(c, number, names...)
		if err != nil {
			return nil, err
		}
		for _, m := range found {
			if m.Position <= s.Position {
				reads[m.ID], nameOf[m.Position] = m.Position, m.ID
				firsts = append(firsts, int64(m.Position))
			}
		}
	}
	corrected := fmt.Sprintf("SELECT first, max(position) FROM movements_later WHERE position <= %d AND first IN %s GROUP BY first", s.Position, chunkMarks)
	return reads, inChunks(firsts, func(chunk []driver.Value) error {
		return c.each(ctx, func(row []driver.Value) error {
			reads[nameOf[uint64(asInt(row[0]))]] = uint64(asInt(row[1]))
			return nil
		}, corrected, chunk...)
	})
}
