package picture

import (
	"cmp"
	"math"
	"slices"

	"clew/domain"
)

// The measures of the picture, in pixels at its own size.
const (
	columnWidth = 196.0 // from one column to the next
	barWidth    = 12.0
	leftMargin  = 24.0
	topMargin   = 64.0 // the headers of the columns
	bodyHeight  = 600.0
	gap         = 6.0  // between two bars, at least
	labelHeight = 29.0 // two lines
	heldHeight  = 13.0 // a third line, where money is held
	largest     = 8    // so many accounts of a column are drawn, the rest is folded
	sweeps      = 8    // over all columns, to put them in an order with few crossings
	relaxations = 24   // of the places, once the order stands
)

// Layout is a graph with a place for every bar and every end of a ribbon. It
// is made once, for the end of all: what is folded, unfolded, selected or
// replayed moves nothing.
type Layout struct {
	Graph   *Graph
	Width   float64
	Height  float64
	Scale   float64 // pixels for each thousandth of a smallest unit
	Columns []Column
	Bars    []Bar  // by node
	Rows    []Row  // the bars and folds of each column, from top to bottom
	Ports   []Port // by edge
}

// Column is one hop: what it says above it.
type Column struct {
	Hop   int
	X     float64
	Sum   domain.Units // what came there; of the victims what they lost
	Count int          // of accounts; of the first column, of victims
	Rows  []int
	Fold  int // the row in which the rest is folded; -1: none
}

// Row is a bar of a column, or several that are folded into one.
type Row struct {
	Column int
	Nodes  []int // of a fold: from top to bottom
	Y, H   float64
	Size   domain.Units
	label  float64 // how high its label is
	slot   float64 // what it takes up, with its label
}

// Bar is where a node stands, folded or not.
type Bar struct {
	Row  int
	Y, H float64
}

// Port says where an edge begins and ends. Outer is where it does so while the
// bar at that end is folded, Inner while it is not: of a bar that is never
// folded they are the same.
type Port struct {
	Width     float64
	FromOuter float64
	FromInner float64
	ToOuter   float64
	ToInner   float64
	Backwards bool // it goes to its own column or to an earlier one: a loop on the right
}

// placing is a layout while it is made.
type placing struct {
	*Layout
	links   [][]link // by row: to and from other columns
	centres []float64
}

type link struct {
	row    int
	weight float64
	later  bool // the other row stands in a later column
}

// Place gives everything in a graph its place.
func Place(g *Graph) *Layout {
	p := &placing{Layout: &Layout{Graph: g, Bars: make([]Bar, len(g.Nodes)), Ports: make([]Port, len(g.Edges))}}
	p.columns()
	p.scale()
	p.measure()
	p.links = p.link()
	p.order()
	p.relax()
	p.stack()
	p.ports()
	p.Width = leftMargin + float64(max(len(p.Columns), 1))*columnWidth
	p.Height = topMargin + bodyHeight + footHeight
	return p.Layout
}

// pixels is what an amount measures.
func (l *Layout) pixels(u domain.Units) float64 {
	hi, lo := u.Words()
	return max((float64(hi)*math.Exp2(64)+float64(lo))*l.Scale, 0)
}

// columns parts the nodes, which stand by hop and size, into columns and rows.
func (p *placing) columns() {
	nodes := p.Graph.Nodes
	for first := 0; first < len(nodes); {
		end := first
		for end < len(nodes) && nodes[end].Hop == nodes[first].Hop {
			end++
		}
		p.column(first, end)
		first = end
	}
}

func (p *placing) column(first, end int) {
	c := Column{Hop: p.Graph.Nodes[first].Hop, X: leftMargin + float64(len(p.Columns))*columnWidth, Count: end - first, Fold: -1}
	var victims []domain.VictimID
	for n := first; n < end; n++ {
		node := &p.Graph.Nodes[n]
		victims = append(victims, node.Victims...)
		c.Sum = c.Sum.Plus(node.Final.In).Plus(node.Final.New)
		if c.Hop == 0 {
			c.Sum = c.Sum.Minus(node.Final.In)
		}
	}
	if c.Hop == 0 {
		slices.Sort(victims)
		c.Count = len(slices.Compact(victims))
	}
	shown := min(largest, end-first)
	if end-first == largest+1 {
		shown = end - first // one alone is not worth a fold
	}
	for n := first; n < first+shown; n++ {
		c.Rows = append(c.Rows, p.row([]int{n}))
	}
	if first+shown < end {
		c.Fold = p.row(p.folded(first+shown, end))
		c.Rows = append(c.Rows, c.Fold)
	}
	p.Columns = append(p.Columns, c)
}

// folded are the nodes of a fold from top to bottom: class by class, the
// largest first.
func (p *placing) folded(first, end int) []int {
	nodes, sums := p.Graph.Nodes, map[Class]domain.Units{}
	var list []int
	for n := first; n < end; n++ {
		list = append(list, n)
		sums[nodes[n].Class] = sums[nodes[n].Class].Plus(nodes[n].Final.Size())
	}
	slices.SortStableFunc(list, func(a, b int) int {
		return cmp.Or(sums[nodes[b].Class].Cmp(sums[nodes[a].Class]), cmp.Compare(nodes[a].Class, nodes[b].Class), cmp.Compare(a, b))
	})
	return list
}

func (p *placing) row(nodes []int) int {
	r := Row{Column: len(p.Columns), Nodes: nodes}
	for _, n := range nodes {
		r.Size = r.Size.Plus(p.Graph.Nodes[n].Final.Size())
		p.Bars[n].Row = len(p.Rows)
	}
	r.label = p.lines(&r)
	p.Rows = append(p.Rows, r)
	return len(p.Rows) - 1
}

// lines is how high a row's label is.
func (p *placing) lines(r *Row) float64 {
	for _, n := range r.Nodes {
		if s := &p.Graph.Nodes[n].Final; p.Graph.kept(s) != "" {
			return labelHeight + heldHeight
		}
	}
	return labelHeight
}

// scale finds the largest scale at which every column fits its height, with
// room for every label.
func (p *placing) scale() {
	p.Scale = 1
	most := 0.0
	for i := range p.Rows {
		most = max(most, p.pixels(p.Rows[i].Size))
	}
	if most == 0 {
		return
	}
	low, high := 0.0, bodyHeight/most
	for range 60 {
		p.Scale = (low + high) / 2
		if p.fits() {
			low = p.Scale
		} else {
			high = p.Scale
		}
	}
	p.Scale = low
}

func (p *placing) fits() bool {
	for i := range p.Columns {
		height := 0.0
		for _, r := range p.Columns[i].Rows {
			height += max(p.pixels(p.Rows[r].Size), p.Rows[r].label) + gap
		}
		if height > bodyHeight {
			return false
		}
	}
	return true
}

func (p *placing) measure() {
	for i := range p.Rows {
		r := &p.Rows[i]
		r.H = p.pixels(r.Size)
		r.slot = max(r.H, r.label) + gap
	}
}

// link says which rows pass money to one another, in both directions.
func (p *placing) link() [][]link {
	type pair struct{ from, to int }
	weights := map[pair]float64{}
	var pairs []pair
	for i := range p.Graph.Edges {
		e := &p.Graph.Edges[i]
		k := pair{p.Bars[e.From].Row, p.Bars[e.To].Row}
		if p.Rows[k.from].Column == p.Rows[k.to].Column {
			continue
		}
		if _, known := weights[k]; !known {
			pairs = append(pairs, k)
		}
		weights[k] += p.pixels(e.Sum) + 1e-9
	}
	links := make([][]link, len(p.Rows))
	for _, k := range pairs {
		later := p.Rows[k.from].Column < p.Rows[k.to].Column
		links[k.from] = append(links[k.from], link{k.to, weights[k], later})
		links[k.to] = append(links[k.to], link{k.from, weights[k], !later})
	}
	return links
}

// order sweeps over the columns there and back: every row goes where its
// payers, then its payees are, weighed by what passes. Folds stay last.
func (p *placing) order() {
	p.centres = make([]float64, len(p.Rows))
	for i := range p.Columns {
		p.centre(&p.Columns[i])
	}
	for sweep := range sweeps {
		forth := sweep%2 == 0
		for n := range p.Columns {
			c := &p.Columns[n]
			if !forth {
				c = &p.Columns[len(p.Columns)-1-n]
			}
			p.sweep(c, forth)
		}
	}
}

func (p *placing) sweep(c *Column, forth bool) {
	wish := map[int]float64{}
	for _, r := range c.Rows {
		wish[r] = p.wish(r, func(l *link) bool { return l.later != forth })
	}
	slices.SortStableFunc(c.Rows, func(a, b int) int {
		if a == c.Fold || b == c.Fold {
			return last(a == c.Fold) - last(b == c.Fold)
		}
		return cmp.Compare(wish[a], wish[b])
	})
	p.centre(c)
}

func last(is bool) int {
	if is {
		return 1
	}
	return 0
}

// wish is where a row would stand if it could: the weighted middle of those it
// passes money to or from; where it stands, if there are none.
func (p *placing) wish(r int, counts func(*link) bool) float64 {
	sum, weight := 0.0, 0.0
	for i := range p.links[r] {
		if l := &p.links[r][i]; counts(l) {
			sum, weight = sum+p.centres[l.row]*l.weight, weight+l.weight
		}
	}
	if weight == 0 {
		return p.centres[r]
	}
	return sum / weight
}

// centre stacks a column in the middle of the height.
func (p *placing) centre(c *Column) {
	total := 0.0
	for _, r := range c.Rows {
		total += p.Rows[r].slot
	}
	y := (bodyHeight - total) / 2
	for _, r := range c.Rows {
		p.centres[r] = y + p.Rows[r].slot/2
		y += p.Rows[r].slot
	}
}

// relax moves rows towards those they pass money to and from, a little less
// every time, and pushes apart what would overlap. The order stands.
func (p *placing) relax() {
	pull := 0.9
	for round := range relaxations {
		for n := range p.Columns {
			c := &p.Columns[n]
			if round%2 == 1 {
				c = &p.Columns[len(p.Columns)-1-n]
			}
			for _, r := range c.Rows {
				p.centres[r] += (p.wish(r, func(*link) bool { return true }) - p.centres[r]) * pull
			}
			p.part(c)
		}
		pull *= 0.93
	}
}

// part pushes the rows of a column apart and into the picture.
func (p *placing) part(c *Column) {
	y := 0.0
	for _, r := range c.Rows {
		half := p.Rows[r].slot / 2
		p.centres[r] = max(p.centres[r], y+half)
		y = p.centres[r] + half
	}
	y = bodyHeight
	for i := len(c.Rows) - 1; i >= 0; i-- {
		half := p.Rows[c.Rows[i]].slot / 2
		p.centres[c.Rows[i]] = min(p.centres[c.Rows[i]], y-half)
		y = p.centres[c.Rows[i]] - half
	}
}

// stack turns the middles into places, and stacks the nodes of a fold.
func (p *placing) stack() {
	for i := range p.Rows {
		r := &p.Rows[i]
		r.Y = topMargin + p.centres[i] - r.H/2
		y := r.Y
		for _, n := range r.Nodes {
			h := p.pixels(p.Graph.Nodes[n].Final.Size())
			p.Bars[n].Y, p.Bars[n].H = y, h
			y += h
		}
	}
}
