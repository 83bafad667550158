package projections

import (
	"cmp"
	"database/sql/driver"
	"slices"

	"clew/domain"
	"clew/tracing"
)

// telling is one payment that was told more than once.
type telling struct {
	members []uint64        // first positions
	others  map[uint64]bool // those that a join names as further evidence
	rows    []tracing.Row   // of the members that stand
	tellers []teller        // of those
}

// readJoins puts movements that hang together into one telling.
func (g *gathering) readJoins() error {
	g.groups = map[uint64]*telling{}
	where, args := g.where()
	return g.c.each(g.ctx, func(row []driver.Value) error {
		kept, other := uint64(asInt(row[0])), uint64(asInt(row[1]))
		t := g.unite(g.telling(kept), g.telling(other))
		t.others[other] = true
		return nil
	}, "SELECT kept, other FROM movements_join WHERE "+where+" ORDER BY position", args...)
}

func (g *gathering) telling(first uint64) *telling {
	if g.groups[first] == nil {
		g.groups[first] = &telling{members: []uint64{first}, others: map[uint64]bool{}}
	}
	return g.groups[first]
}

// unite makes one telling of two; the smaller one moves.
func (g *gathering) unite(a, b *telling) *telling {
	if a == b {
		return a
	}
	if len(a.members) < len(b.members) {
		a, b = b, a
	}
	for _, member := range b.members {
		g.groups[member] = a
	}
	a.members = append(a.members, b.members...)
	for other := range b.others {
		a.others[other] = true
	}
	return a
}

// merge makes one row of every payment that was told more than once. The kept
// telling stands, or the first one where that is withdrawn; it takes a fee, a
// received amount and a report that only another has.
func (g *gathering) merge() error {
	s := g.assembly
	g.keptAs = map[domain.MovementID]domain.MovementID{}
	done := map[*telling]bool{}
	for _, t := range g.groups {
		if done[t] || len(t.rows) == 0 {
			continue
		}
		done[t] = true
		slices.SortFunc(t.rows, func(a, b tracing.Row) int {
			return cmp.Or(compareBool(t.others[a.Position], t.others[b.Position]), cmp.Compare(a.Position, b.Position))
		})
		row := t.rows[0]
		for _, other := range t.rows[1:] {
			complete(&row, other)
			s.Tellings[row.ID] = append(s.Tellings[row.ID], other.ID)
			g.keptAs[other.ID] = row.ID
		}
		g.merged = append(g.merged, row)
	}
	slices.SortFunc(g.merged, func(a, b tracing.Row) int { return cmp.Compare(a.Position, b.Position) })
	for i := range g.merged {
		if name, ok := g.keptAs[g.merged[i].Of]; ok {
			g.merged[i].Of = name
		}
	}
	return nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// complete adds to a row what only another telling of it has.
func complete(row *tracing.Row, other tracing.Row) {
	if !row.Fee.Given() {
		row.Fee = other.Fee
	}
	if !row.Received.Given() && other.Received.Given() {
		row.Received, row.Kind = other.Received, other.Kind
	}
	if row.Of == "" {
		row.Of, row.OfSource = other.Of, other.OfSource
	}
	if row.Victim == "" {
		row.Victim, row.Scam = other.Victim, other.Scam
	}
	if row.Ref == "" {
		row.Ref = other.Ref
	}
}
