package projections

import (
	"context"
	"database/sql/driver"
)

// joinedGroup is all that hangs together with one movement by joins that stand
// at a position of the log, in the order in which it was reached.
type joinedGroup struct {
	order []int64         // first positions
	via   map[int64]int64 // the join at the first step towards each member
}

// nearest is the join, next to the movement the group was reached from, on the
// way to another member.
func (g joinedGroup) nearest(member int64) (join int64, found bool) {
	join, found = g.via[member]
	return join, found && member != g.order[0]
}

// joinedWith walks from a movement over the joins that stand at a position.
func joinedWith(ctx context.Context, c *conn, first int64, upto uint64) (joinedGroup, error) {
	g := joinedGroup{order: []int64{first}, via: map[int64]int64{first: 0}}
	for i := 0; i < len(g.order); i++ {
		from := g.order[i]
		err := c.each(ctx, func(row []driver.Value) error {
			join, member := asInt(row[0]), asInt(row[1])
			if _, seen := g.via[member]; seen {
				return nil
			}
			if i > 0 {
				join = g.via[from]
			}
			g.order, g.via[member] = append(g.order, member), join
			return nil
		}, `SELECT position, other AS member FROM movements_join WHERE kept = ?1 AND position <= ?2 AND (until IS NULL OR until > ?2)
			UNION ALL SELECT position, kept FROM movements_join WHERE other = ?1 AND position <= ?2 AND (until IS NULL OR until > ?2)
			ORDER BY 1`, from, position(upto))
		if err != nil {
			return g, err
		}
	}
	return g, nil
}
