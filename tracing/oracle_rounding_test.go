package tracing_test

import (
	"fmt"
	"math/big"
	"slices"

	"clew/domain"
	"clew/tracing"
)

// oneNumber checks that a cell whose claim and units are the same amount is
// one number in both views (Exactness), unless no such rounding exists.
func (c *comparison) oneNumber() {
	net := &roundings{}
	rows, columns := map[oracleLoss]int{}, map[oraclePlace]int{}
	for _, v := range c.answer.Victims {
		loss := oracleLoss{v.Victim, v.Asset}
		ups := v.Own.Big()
		var parts []*big.Rat
		for place, claim := range c.places(loss) {
			ups.Sub(ups, first(span(claim)))
			if !c.coupled(loss, place, claim) {
				parts = append(parts, claim)
			}
		}
		returned := c.victims[loss].returned.rat()
		ups.Sub(ups, first(span(returned)))
		rows[loss] = net.line(true, ups, append(parts, returned))
	}
	for _, pool := range c.answer.Accounts {
		place := oraclePlace{pool.Account, pool.Asset}
		ups := pool.Balance.Big()
		var parts []*big.Rat
		for victim, units := range c.owners(place) {
			ups.Sub(ups, first(span(units)))
			if !c.coupled(oracleLoss{victim, pool.Asset}, place, units) {
				parts = append(parts, units)
			}
		}
		columns[place] = net.line(false, ups, parts)
	}
	if at := c.apart(rows, columns, net); at != "" && net.exists() {
		c.fail("%s is shown as two numbers, and one is possible", at)
	}
}

func first(a, _ *big.Int) *big.Int { return a }

// coupled says whether a victim's part of a pool is the same amount in both
// views: of the same asset, and worth what it holds.
func (c *comparison) coupled(loss oracleLoss, place oraclePlace, amount *big.Rat) bool {
	if loss.victim == "" || loss.asset != place.asset {
		return false
	}
	claim, units := c.places(loss)[place], c.owners(place)[loss.victim]
	return claim != nil && units != nil && claim.Cmp(units) == 0 && units.Cmp(amount) == 0
}

// specks says whether somebody's claim and units differ by less than the digits
// that are kept: by a speck of another claim. The page does not say whether
// that is one number; either may be shown.
func (c *comparison) specks() bool {
	for _, loss := range c.oracle.losses() {
		for place, claim := range c.places(loss) {
			units := c.owners(place)[loss.victim]
			apart := new(big.Rat).Sub(claim, cmpOr(units, new(big.Rat)))
			if loss.asset == place.asset && apart.Sign() != 0 && apart.Abs(apart).Cmp(grain.rat()) < 0 {
				return true
			}
		}
	}
	return false
}

// apart adds the coupled cells to the net and names one that is shown as two
// numbers.
func (c *comparison) apart(rows map[oracleLoss]int, columns map[oraclePlace]int, net *roundings) (apart string) {
	for loss, row := range rows {
		for place, claim := range c.places(loss) {
			column, listed := columns[place]
			if !c.coupled(loss, place, claim) || !listed {
				continue
			}
			if !claim.IsInt() {
				net.cells = append(net.cells, [2]int{row, column})
			}
			if c.shownClaim(loss, place) != c.shownUnits(loss.victim, place) {
				apart = string(loss.victim) + " at " + string(place.account)
			}
		}
	}
	return apart
}

func (c *comparison) shownClaim(loss oracleLoss, at oraclePlace) domain.Units {
	for _, v := range c.answer.Victims {
		for _, place := range v.Places {
			if v.Victim == loss.victim && v.Asset == loss.asset && place.Account == at.account && place.Asset == at.asset {
				return place.Claim
			}
		}
	}
	return domain.Units{}
}

func (c *comparison) shownUnits(victim domain.VictimID, at oraclePlace) domain.Units {
	for _, pool := range c.answer.Accounts {
		i := slices.IndexFunc(pool.Traced, func(owner tracing.Owner) bool { return owner.Victim == victim })
		if pool.Account == at.account && pool.Asset == at.asset && i >= 0 {
			return pool.Traced[i].Units
		}
	}
	return domain.Units{}
}

// roundings decides whether cells can be rounded so that every line gets its
// ups: a line takes some from its own loose cells and needs the rest, between
// least and most, from cells that it shares.
type roundings struct {
	lines []roundingLine
	cells [][2]int // a row and a column
}

type roundingLine struct {
	row         bool
	least, most int
}

func (n *roundings) line(row bool, ups *big.Int, loose []*big.Rat) int {
	slack := 0
	for _, part := range loose {
		if !part.IsInt() {
			slack++
		}
	}
	most := int(ups.Int64())
	n.lines = append(n.lines, roundingLine{row, most - slack, most})
	return len(n.lines) - 1
}

// exists looks for such a rounding: first every line's least, then never more
// than its most, by turning cells along alternating ways.
func (n *roundings) exists() bool {
	up, got := make([]bool, len(n.cells)), make([]int, len(n.lines))
	for _, line := range n.lines {
		if line.most < 0 {
			return false
		}
	}
	for i, line := range n.lines {
		for got[i] < line.least {
			if !n.raise(i, up, got) {
				return false
			}
		}
	}
	return true
}

// raise gives a line one more up, and finds a line at the end of the way that
// can take one more, or spare one.
func (n *roundings) raise(line int, up []bool, got []int) bool {
	seen := make([]bool, len(n.lines))
	var way func(at int, more bool) bool
	way = func(at int, more bool) bool {
		if seen[at] {
			return false
		}
		seen[at] = true
		for i, cell := range n.cells {
			other := cell[0] + cell[1] - at
			if cell[0] != at && cell[1] != at || up[i] == more {
				continue
			}
			if done := n.ends(other, more, got) || way(other, !more); done {
				up[i] = more
				return true
			}
		}
		return false
	}
	if !way(line, true) {
		return false
	}
	n.count(up, got)
	return true
}

// ends says whether a way may end at a line that gets one more up, or one less.
func (n *roundings) ends(line int, more bool, got []int) bool {
	if more {
		return got[line] < n.lines[line].most
	}
	return got[line] > max(n.lines[line].least, 0)
}

func (n *roundings) count(up []bool, got []int) {
	clear(got)
	for i, cell := range n.cells {
		if up[i] {
			got[cell[0]]++
			got[cell[1]]++
		}
	}
}

// shown is one number of an answer: where it stands, how much it is exactly,
// and the other list's number that must be the same.
type shown struct {
	exact *big.Rat
	got   domain.Units
	twin  string
}

// largestRemainders checks the answer against largest remainder in every list
// (Exactness), where that is one number in both views and nothing is a tie.
// It says whether there was anything to check.
func (c *comparison) largestRemainders() bool {
	if c.specks() {
		return false
	}
	rounded := map[string]*big.Int{}
	var all []shown
	for _, list := range append(c.rowLists(), c.columnLists()...) {
		wanted, clear := rounds(list)
		if !clear {
			return false
		}
		for i, cell := range list {
			if twin := rounded[cell.twin]; cell.twin != "" && twin != nil && twin.Cmp(wanted[i]) != 0 {
				return false
			}
			rounded[cell.twin] = wanted[i]
			all = append(all, shown{new(big.Rat).SetInt(wanted[i]), cell.got, cell.twin})
		}
	}
	for _, cell := range all {
		if cell.got.Big().Cmp(cell.exact.Num()) != 0 {
			c.fail("%s is shown as %v, largest remainder gives %v in every list", cell.twin, cell.got, cell.exact.Num())
		}
	}
	return len(all) > 0
}

func (c *comparison) rowLists() [][]shown {
	var lists [][]shown
	for _, v := range c.answer.Victims {
		loss := oracleLoss{v.Victim, v.Asset}
		list := []shown{{exact: c.victims[loss].returned.rat(), got: v.Returned}}
		for place, claim := range c.places(loss) {
			cell := shown{exact: claim, got: c.shownClaim(loss, place)}
			if c.coupled(loss, place, claim) {
				cell.twin = fmt.Sprint(loss.victim, place)
			}
			list = append(list, cell)
		}
		lists = append(lists, list)
	}
	return lists
}

func (c *comparison) columnLists() [][]shown {
	var lists [][]shown
	for _, pool := range c.answer.Accounts {
		place := oraclePlace{pool.Account, pool.Asset}
		var list []shown
		for victim, units := range c.owners(place) {
			cell := shown{exact: units, got: c.shownUnits(victim, place)}
			if victim == "" {
				cell.got = pool.Untraced
			}
			if c.coupled(oracleLoss{victim, pool.Asset}, place, units) {
				cell.twin = fmt.Sprint(victim, place)
			}
			list = append(list, cell)
		}
		lists = append(lists, list)
	}
	return lists
}

// rounds is largest remainder for one list; it is not clear where the last up
// and the first down differ by next to nothing.
func rounds(list []shown) (wanted []*big.Int, clear bool) {
	sum, remainders := new(big.Rat), make([]*big.Rat, len(list))
	ups := new(big.Int)
	for i, cell := range list {
		floor := first(span(cell.exact))
		wanted = append(wanted, floor)
		remainders[i] = new(big.Rat).Sub(cell.exact, new(big.Rat).SetInt(floor))
		sum.Add(sum, cell.exact)
		ups.Sub(ups, floor)
	}
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return remainders[b].Cmp(remainders[a]) })
	n := int(ups.Add(ups, nearest(sum)).Int64())
	for _, i := range order[:n] {
		wanted[i] = new(big.Int).Add(wanted[i], one)
	}
	if n == 0 || n == len(order) {
		return wanted, true
	}
	gap := new(big.Rat).Sub(remainders[order[n-1]], remainders[order[n]])
	return wanted, gap.Cmp(new(big.Rat).SetFrac(one, new(big.Int).Lsh(one, 40))) > 0
}
