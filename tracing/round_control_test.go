package tracing

import (
	"math/bits"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// half is one half of a smallest unit.
const half = uint64(1) << 63

// drawCells makes a few cells in a few rows and columns. Fractions are drawn
// from few values, so that ties are common.
func drawCells(t *rapid.T, most int) (cells []cell, rows, columns int) {
	rows = rapid.IntRange(0, 3).Draw(t, "rows")
	columns = rapid.IntRange(0, 3).Draw(t, "columns")
	for range rapid.IntRange(0, most).Draw(t, "cells") {
		cells = append(cells, cell{
			row:    rapid.IntRange(-1, rows-1).Draw(t, "row"),
			column: rapid.IntRange(-1, columns-1).Draw(t, "column"),
			frac:   rapid.Uint64Range(1, 6).Draw(t, "frac") << 61,
		})
	}
	return cells, rows, columns
}

// drawUps draws numbers of ups that each line alone can reach.
func drawUps(t *rapid.T, lines int, line func(cell) int, cells []cell) []int {
	size := make([]int, lines)
	for _, c := range cells {
		if line(c) >= 0 {
			size[line(c)]++
		}
	}
	for l := range size {
		size[l] = rapid.IntRange(0, size[l]).Draw(t, "ups")
	}
	return size
}

func rowOf(c cell) int    { return c.row }
func columnOf(c cell) int { return c.column }

func lineUps(cells []cell, up []bool, lines int, line func(cell) int) []int {
	ups := make([]int, lines)
	for i, c := range cells {
		if up[i] && line(c) >= 0 {
			ups[line(c)]++
		}
	}
	return ups
}

// subsets calls f with every way to round the cells.
func subsets(n int, f func(up []bool)) {
	for set := range 1 << n {
		up := make([]bool, n)
		for i := range up {
			up[i] = set>>i&1 == 1
		}
		f(up)
	}
}

func TestControlIsMetWheneverBruteForceFindsAWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells, rows, columns := drawCells(t, 10)
		rowUps, columnUps := drawUps(t, rows, rowOf, cells), drawUps(t, columns, columnOf, cells)
		possible := false
		subsets(len(cells), func(up []bool) {
			possible = possible || slices.Equal(lineUps(cells, up, rows, rowOf), rowUps) &&
				slices.Equal(lineUps(cells, up, columns, columnOf), columnUps)
		})
		up, met := control(cells, rowUps, columnUps)
		if met != possible {
			t.Fatalf("met = %v, brute force says %v", met, possible)
		}
		if got := lineUps(cells, up, rows, rowOf); !slices.Equal(got, rowUps) {
			t.Fatalf("rows got %v ups, want %v, met or not", got, rowUps)
		}
		if got := lineUps(cells, up, columns, columnOf); met && !slices.Equal(got, columnUps) {
			t.Fatalf("columns got %v ups, want %v", got, columnUps)
		}
	})
}

func TestBothViewsAddUpAndDifferAsLittleAsBruteForceCan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cells, rows, columns := drawCells(t, 7)
		rowUps, columnUps := drawUps(t, rows, rowOf, cells), drawUps(t, columns, columnOf, cells)
		inRow, inColumn := controlViews(cells, rowUps, columnUps)
		if got := lineUps(cells, inRow, rows, rowOf); !slices.Equal(got, rowUps) {
			t.Fatalf("rows got %v ups, want %v", got, rowUps)
		}
		if got := lineUps(cells, inColumn, columns, columnOf); !slices.Equal(got, columnUps) {
			t.Fatalf("columns got %v ups, want %v", got, columnUps)
		}
		if got, least := apart(cells, inRow, inColumn), leastApart(cells, rowUps, columnUps); got != least {
			t.Fatalf("%d cells differ between the views, %d would do", got, least)
		}
	})
}

// apart counts the cells that stand in both lists with two numbers.
func apart(cells []cell, inRow, inColumn []bool) int {
	n := 0
	for i, c := range cells {
		if c.row >= 0 && c.column >= 0 && inRow[i] != inColumn[i] {
			n++
		}
	}
	return n
}

func leastApart(cells []cell, rowUps, columnUps []int) int {
	var coupled, rowSets, columnSets uint
	for i, c := range cells {
		if c.row >= 0 && c.column >= 0 {
			coupled |= 1 << i
		}
	}
	var byRow, byColumn []uint
	subsets(len(cells), func(up []bool) {
		rowSets, columnSets = 0, 0
		for i := range up {
			if up[i] {
				rowSets |= 1 << i
			}
		}
		columnSets = rowSets
		if slices.Equal(lineUps(cells, up, len(rowUps), rowOf), rowUps) {
			byRow = append(byRow, rowSets)
		}
		if slices.Equal(lineUps(cells, up, len(columnUps), columnOf), columnUps) {
			byColumn = append(byColumn, columnSets)
		}
	})
	least := len(cells)
	for _, r := range byRow {
		for _, c := range byColumn {
			least = min(least, bits.OnesCount((r^c)&coupled))
		}
	}
	return least
}

// largest gives each line its ups by largest remainder, ties by order.
func largest(cells []cell, ups []int, line func(cell) int) []bool {
	order := make([]int, len(cells))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		if cells[a].frac > cells[b].frac {
			return -1
		}
		return bits.Len64(cells[b].frac - cells[a].frac) // 0 when equal
	})
	left, up := slices.Clone(ups), make([]bool, len(cells))
	for _, i := range order {
		if l := line(cells[i]); l >= 0 && left[l] > 0 {
			up[i] = true
			left[l]--
		}
	}
	return up
}

func TestWhereLargestRemainderAgreesInBothListsItIsTheAnswer(t *testing.T) {
	agreed := 0
	rapid.Check(t, func(t *rapid.T) {
		cells, rows, columns := drawCells(t, 8)
		cells = slices.DeleteFunc(cells, func(c cell) bool { return c.row < 0 && c.column < 0 })
		rowUps := drawUps(t, rows, rowOf, cells)
		up := largest(cells, rowUps, rowOf)
		for i, c := range cells {
			up[i] = up[i] || c.row < 0 && rapid.Bool().Draw(t, "up")
		}
		columnUps := lineUps(cells, up, columns, columnOf)
		other := largest(cells, columnUps, columnOf)
		for i, c := range cells {
			if c.row >= 0 && c.column >= 0 && up[i] != other[i] {
				return // the lists do not agree here: nothing is said
			}
			if c.row < 0 {
				up[i] = other[i]
			}
		}
		agreed++
		if got, met := control(cells, rowUps, columnUps); !met || !slices.Equal(got, up) {
			t.Fatalf("got %v (met %v), largest remainder gives %v", got, met, up)
		}
	})
	if agreed == 0 {
		t.Fatal("no example in which the two lists agree was tried")
	}
}

// Two victims have half a unit each in one account, and nothing else. Halves
// go to even, so each is shown 0; the account holds 1 and must show it.
func TestAnAccountOfTwoHalvesCannotBeOneNumberInBothLists(t *testing.T) {
	cells := []cell{{0, 0, half}, {1, 0, half}}
	if up, met := control(cells, []int{0, 0}, []int{1}); met || up[0] || up[1] {
		t.Fatalf("control says %v, met %v", up, met)
	}
	inRow, inColumn := controlViews(cells, []int{0, 0}, []int{1})
	if !slices.Equal(inRow, []bool{false, false}) || !slices.Equal(inColumn, []bool{true, false}) {
		t.Fatalf("victims see %v, the account %v", inRow, inColumn)
	}
}

// The greedy choice blocks itself here: 0.9 in (0,0) leaves row 1 nothing.
func TestControlTurnsBackAChoiceThatBlocksTheWay(t *testing.T) {
	cells := []cell{{0, 0, 9 << 60}, {0, 1, 1 << 60}, {1, 0, 2 << 60}}
	up, met := control(cells, []int{1, 1}, []int{1, 1})
	if !met || !slices.Equal(up, []bool{false, true, true}) {
		t.Fatalf("got %v, met %v", up, met)
	}
}

func TestMoreUpsThanCellsAreNotMet(t *testing.T) {
	up, met := control([]cell{{0, -1, half}}, []int{2}, nil)
	if met || !up[0] {
		t.Fatalf("got %v, met %v", up, met)
	}
}

func TestControlRoundsAHundredThousandCells(t *testing.T) {
	const rows, columns = 1000, 2000
	cells, up := make([]cell, 100_000), make([]bool, 100_000)
	state := uint64(1)
	for i := range cells {
		state = state*6364136223846793005 + 1442695040888963407
		cells[i] = cell{int(state >> 33 % rows), int(state >> 43 % columns), state | 1}
		up[i] = bits.OnesCount64(state>>20)%3 == 0 // a way exists, and it is not by size
	}
	rowUps, columnUps := lineUps(cells, up, rows, rowOf), lineUps(cells, up, columns, columnOf)
	got, met := control(cells, rowUps, columnUps)
	if !met || !honoured(cells, got, rowUps, columnUps) {
		t.Fatal("a rounding exists and was not found")
	}
	again, _ := control(cells, rowUps, columnUps)
	if !slices.Equal(got, again) {
		t.Fatal("the same cells were rounded in two ways")
	}
}
