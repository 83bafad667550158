package tracing

import (
	"cmp"
	"slices"
)

// cell is one fractional number that is shown in two lists: in a victim's
// places (its row) and among an account's owners (its column). Only the 64
// binary digits below the smallest unit matter for rounding, and they are not
// all nothing: a whole number needs no choice and is no cell.
type cell struct {
	row, column int // −1 where the number stands in one list only
	frac        uint64
}

// control rounds every cell down or up so that row r gets exactly rowUps[r]
// ups and column c exactly columnUps[c]: the controlled rounding of TRACING,
// Exactness ("every cell one of its two neighbours, rows and columns adding
// up"). Larger fractions go up first, ties by the order of the cells, so that
// the answer is largest remainder in both lists wherever the two agree.
//
// Where the rows' and the columns' wishes cannot be met by one number a cell,
// met is false and up honours the rows. A caller who shows both lists must
// then take controlViews: a list that does not add up is wrong, while one
// smallest unit of difference between two lists can be told and explained.
func control(cells []cell, rowUps, columnUps []int) (up []bool, met bool) {
	up, _ = controlViews(cells, rowUps, columnUps)
	return up, honoured(cells, up, rowUps, columnUps)
}

// controlViews gives each cell's rounding in its row and in its column. The
// two are the same for as many cells as can be (for all, where control is
// met); rows and columns each get exactly their ups, as far as they have cells.
func controlViews(cells []cell, rowUps, columnUps []int) (inRow, inColumn []bool) {
	net := newRoundingNet(cells, rowUps, columnUps)
	net.greedy()
	net.fillRows()
	net.fillColumns()
	inRow = slices.Clone(net.up)
	inColumn = net.up
	net.fillApart(inRow, func(i int32) int { return net.tail(i) })
	net.fillApart(inColumn, func(i int32) int { return net.head(i) })
	return inRow, inColumn
}

// honoured says whether every row and column has exactly its ups.
func honoured(cells []cell, up []bool, rowUps, columnUps []int) bool {
	rows, columns := slices.Clone(rowUps), slices.Clone(columnUps)
	for i, c := range cells {
		if up[i] && c.row >= 0 {
			rows[c.row]--
		}
		if up[i] && c.column >= 0 {
			columns[c.column]--
		}
	}
	some := func(lack int) bool { return lack != 0 }
	return !slices.ContainsFunc(rows, some) && !slices.ContainsFunc(columns, some)
}

// roundingNet is the flow network of the rounding. Its nodes are the rows, the
// columns and one free node, which stands for "no row" and "no column". A cell
// is an arc of capacity one from its row to its column; it is up when it
// carries its unit, and then the unit can be sent back.
type roundingNet struct {
	cells []cell
	ends  []arc
	order []int32 // the cells, the one that should go up first, first
	up    []bool
	lack  []int     // a node's ups that are still to be found
	arcs  [][]int32 // a node's cells, the ones to be turned first, first
	level []int     // a node's distance from where this round began
	next  []int     // the first arc of a node that is not exhausted in this round
	rows  int
	free  int
}

func newRoundingNet(cells []cell, rowUps, columnUps []int) *roundingNet {
	nodes := len(rowUps) + len(columnUps) + 1
	net := &roundingNet{cells: cells, up: make([]bool, len(cells)), rows: len(rowUps), free: nodes - 1}
	net.lack = append(append(append(net.lack, rowUps...), columnUps...), 0)
	net.level, net.next = make([]int, nodes), make([]int, nodes)
	net.order = largestFirst(cells)
	net.draw()
	net.join(nodes)
	return net
}

// largestFirst is the order of the cells by their fractions, ties to the
// earlier. The fractions are copied beside the places: a million of them are
// then sorted without a look elsewhere.
func largestFirst(cells []cell) []int32 {
	type key struct {
		frac uint64
		cell int32
	}
	keys := make([]key, len(cells))
	for i := range cells {
		keys[i] = key{cells[i].frac, int32(i)}
	}
	slices.SortFunc(keys, func(a, b key) int {
		if a.frac != b.frac {
			return cmp.Compare(b.frac, a.frac)
		}
		return cmp.Compare(a.cell, b.cell)
	})
	order := make([]int32, len(cells))
	for i := range keys {
		order[i] = keys[i].cell
	}
	return order
}

// join gives every node its cells. A unit leaves a row by a cell that goes up
// and leaves a column by a cell that goes down again: so rows have the largest
// fraction first, columns the smallest.
func (net *roundingNet) join(nodes int) {
	degree := make([]int, nodes)
	for i := range net.cells {
		degree[net.tail(int32(i))]++
		degree[net.head(int32(i))]++
	}
	room := make([]int32, 2*len(net.cells))
	net.arcs = make([][]int32, nodes)
	for node, n := range degree {
		net.arcs[node], room = room[:0:n], room[n:]
	}
	for k := range net.order {
		up, down := net.order[k], net.order[len(net.order)-1-k]
		tail, head := net.tail(up), net.head(down)
		net.arcs[tail] = append(net.arcs[tail], up)
		net.arcs[head] = append(net.arcs[head], down)
	}
}

// arc is the two nodes of a cell: what the search for ways asks for again and
// again, and so by itself.
type arc struct{ tail, head int32 }

func (net *roundingNet) draw() {
	net.ends = make([]arc, len(net.cells))
	for i, c := range net.cells {
		net.ends[i] = arc{int32(net.free), int32(net.free)}
		if c.row >= 0 {
			net.ends[i].tail = int32(c.row)
		}
		if c.column >= 0 {
			net.ends[i].head = int32(net.rows + c.column)
		}
	}
}

func (net *roundingNet) tail(i int32) int { return int(net.ends[i].tail) }
func (net *roundingNet) head(i int32) int { return int(net.ends[i].head) }

// greedy raises the largest fractions first while their row and column both
// want it. A cell in no list goes to its nearest neighbour.
func (net *roundingNet) greedy() {
	for _, i := range net.order {
		tail, head := net.tail(i), net.head(i)
		wanted := (tail == net.free || net.lack[tail] > 0) && (head == net.free || net.lack[head] > 0)
		if tail == head {
			wanted = net.cells[i].frac >= 1<<63
		}
		if wanted {
			net.up[i] = true
			net.take(tail)
			net.take(head)
		}
	}
}

func (net *roundingNet) take(node int) {
	if node != net.free {
		net.lack[node]--
	}
}

// fillRows finds ways from rows that lack ups to columns that lack ups, or out
// of the lists at the free node, until there are none (Dinic's algorithm).
func (net *roundingNet) fillRows() {
	end := func(node int) bool { return node == net.free || node >= net.rows && net.lack[node] > 0 }
	for {
		var starts []int
		for row := range net.rows {
			if net.lack[row] > 0 {
				starts = append(starts, row)
			}
		}
		if !net.round(starts, end) {
			return
		}
	}
}

// fillColumns does the same from the free node. No row loses an up by it. By
// the theorem of Mendelsohn and Dulmage what is reached is the most that rows
// and columns can have at once.
func (net *roundingNet) fillColumns() {
	end := func(node int) bool { return node != net.free && node >= net.rows && net.lack[node] > 0 }
	for net.round([]int{net.free}, end) {
	}
}

// round is one phase of Dinic's algorithm: it sends units along shortest ways
// only, and says whether it sent any.
func (net *roundingNet) round(starts []int, end func(node int) bool) bool {
	net.measure(starts, end)
	sent := false
	for _, start := range starts {
		for (start == net.free || net.lack[start] > 0) && net.send(start, end) {
			net.take(start)
			sent = true
		}
	}
	return sent
}

// measure sets every node's distance from the starts.
func (net *roundingNet) measure(starts []int, end func(node int) bool) {
	for node := range net.level {
		net.level[node], net.next[node] = -1, 0
	}
	for _, start := range starts {
		net.level[start] = 0
	}
	for queue := slices.Clone(starts); len(queue) > 0; queue = queue[1:] {
		node := queue[0]
		if net.level[node] > 0 && end(node) {
			continue
		}
		for _, i := range net.arcs[node] {
			if to, ok := net.across(node, i); ok && net.level[to] < 0 {
				net.level[to] = net.level[node] + 1
				queue = append(queue, to)
			}
		}
	}
}

// across says where a unit gets from a node by a cell, if it can.
func (net *roundingNet) across(node int, i int32) (int, bool) {
	tail, head := net.tail(i), net.head(i)
	switch {
	case tail == head:
		return 0, false
	case tail == node && !net.up[i]:
		return head, true
	case head == node && net.up[i]:
		return tail, true
	}
	return 0, false
}

// send moves one unit from a node to an end, turning the cells on its way.
func (net *roundingNet) send(node int, end func(node int) bool) bool {
	if net.level[node] > 0 && end(node) {
		net.take(node)
		return true
	}
	for ; net.next[node] < len(net.arcs[node]); net.next[node]++ {
		i := net.arcs[node][net.next[node]]
		to, ok := net.across(node, i)
		if ok && net.level[to] == net.level[node]+1 && net.send(to, end) {
			net.up[i] = !net.up[i]
			return true
		}
	}
	return false
}

// fillApart raises cells in one of the two lists alone, where that list still
// lacks ups: the largest fractions that are down.
func (net *roundingNet) fillApart(up []bool, node func(i int32) int) {
	for _, i := range net.order {
		if n := node(i); n != net.free && net.lack[n] > 0 && !up[i] {
			up[i] = true
			net.lack[n]--
		}
	}
}
