package picture

import (
	"cmp"
	"slices"
)

// Ports: where the ribbons begin and end. At every bar they stand in the order
// of the bars at their other ends, so that they cross as little as can be; what
// loops back stands last. Ribbons to one fold lie side by side, so that they
// are one while it is folded and part without moving anything when it is not.

// ends is one side of the picture's edges while its ports are given out.
type ends struct {
	*placing
	near  func(edge int) int // the node at this side
	other func(edge int) int
	outer func(*Port) *float64
	inner func(*Port) *float64
}

func (p *placing) ports() {
	for i := range p.Graph.Edges {
		e := &p.Graph.Edges[i]
		p.Ports[i].Width = p.pixels(e.Sum)
		p.Ports[i].Backwards = p.column0(e.To) <= p.column0(e.From)
	}
	from := func(edge int) int { return p.Graph.Edges[edge].From }
	to := func(edge int) int { return p.Graph.Edges[edge].To }
	leaving := ends{p, from, to, func(o *Port) *float64 { return &o.FromOuter }, func(o *Port) *float64 { return &o.FromInner }}
	arriving := ends{p, to, from, func(o *Port) *float64 { return &o.ToOuter }, func(o *Port) *float64 { return &o.ToInner }}
	leaving.give()
	arriving.give()
}

func (p *placing) column0(node int) int { return p.Rows[p.Bars[node].Row].Column }

// give gives every edge its place at this side.
func (e *ends) give() {
	byRow, byNode := make([][]int, len(e.Rows)), make([][]int, len(e.Graph.Nodes))
	for i := range e.Graph.Edges {
		node := e.near(i)
		byRow[e.Bars[node].Row] = append(byRow[e.Bars[node].Row], i)
		byNode[node] = append(byNode[node], i)
	}
	for row, edges := range byRow {
		e.pile(edges, e.Rows[row].Y, e.outer)
	}
	for node, edges := range byNode {
		e.pile(edges, e.Bars[node].Y, e.inner)
	}
}

func (e *ends) pile(edges []int, y float64, at func(*Port) *float64) {
	slices.SortFunc(edges, e.before)
	for _, i := range edges {
		*at(&e.Ports[i]) = y
		y += e.Ports[i].Width
	}
}

// before is the order at a bar: what loops comes last; then by the row at the
// other end, the node in it, and the node at this end.
func (e *ends) before(a, b int) int {
	rowA, rowB := e.Bars[e.other(a)].Row, e.Bars[e.other(b)].Row
	return cmp.Or(
		last(e.Ports[a].Backwards)-last(e.Ports[b].Backwards),
		cmp.Compare(e.middle(rowA), e.middle(rowB)),
		cmp.Compare(rowA, rowB),
		cmp.Compare(e.Bars[e.other(a)].Y, e.Bars[e.other(b)].Y),
		cmp.Compare(e.other(a), e.other(b)),
		cmp.Compare(e.Bars[e.near(a)].Y, e.Bars[e.near(b)].Y),
		cmp.Compare(e.near(a), e.near(b)),
	)
}

func (e *ends) middle(row int) float64 { return e.Rows[row].Y + e.Rows[row].H/2 }
