package tracing

import (
	"cmp"
	"slices"
	"sync"
)

// The order of names in which answers show pools. It depends on the case
// alone, so it is found once for all rules and moments, and when a case has
// grown only the new pools are sorted.

// nameOrder is the pools of a case in that order, as far as somebody has asked.
type nameOrder struct {
	finding sync.Mutex
	pools   []poolNo
}

// poolsByName lists the pools of a case by account and asset. Any number of
// walks may ask at a time.
func (c *Case) poolsByName() []poolNo {
	o := &c.shownAs
	o.finding.Lock()
	defer o.finding.Unlock()
	if known := len(o.pools); known < len(c.numbers.pools) {
		o.pools = withNew(o.pools, c.numbers.sorted(known), c.numbers.comparePools)
	}
	return o.pools
}

func (t *numbers) comparePools(a, b poolNo) int {
	x, y := t.pools[a], t.pools[b]
	return cmp.Or(cmp.Compare(t.accounts[x.account], t.accounts[y.account]),
		cmp.Compare(t.assets[x.asset].Code, t.assets[y.asset].Code), cmp.Compare(a, b))
}

// withNew makes one sorted list of two.
func withNew(list, more []poolNo, compare func(a, b poolNo) int) []poolNo {
	if len(list) == 0 {
		return more
	}
	all := make([]poolNo, 0, len(list)+len(more))
	for _, n := range more {
		before, _ := slices.BinarySearchFunc(list, n, compare)
		all = append(append(all, list[:before]...), n)
		list = list[before:]
	}
	return append(all, list...)
}

// numbered lists the numbers from one up to another.
func numbered(first, end int) []int32 {
	list := make([]int32, end-first)
	for i := range list {
		list[i] = int32(first + i)
	}
	return list
}

// spelled is a pool with eight letters of its account's name.
type spelled struct {
	letters uint64
	pool    poolNo
}

// sorted lists the pools from first on by name.
func (t *numbers) sorted(first int) []poolNo {
	list := numbered(first, len(t.pools))
	names := make([]spelled, len(list))
	for i, n := range list {
		names[i].pool = n
	}
	t.spell(names, 0)
	for i := range names {
		list[i] = names[i].pool
	}
	return list
}

// fewPools are compared by their whole names; so are those that have
// manyLetters alike.
const fewPools, manyLetters = 12, 64

// spell sorts pools whose names are alike up to a letter: by the next eight as
// one number, and those that are alike in these too by the eight after them. A
// name is so read seldom, where comparing two at a time reads each of a
// hundred thousand some twenty times.
func (t *numbers) spell(names []spelled, from int) {
	if len(names) <= fewPools || from >= manyLetters {
		slices.SortFunc(names, func(a, b spelled) int { return t.comparePools(a.pool, b.pool) })
		return
	}
	for i := range names {
		names[i].letters = letters(string(t.accounts[t.pools[names[i].pool].account]), from)
	}
	slices.SortFunc(names, func(a, b spelled) int { return cmp.Compare(a.letters, b.letters) })
	for len(names) > 0 {
		alike := 1
		for alike < len(names) && names[alike].letters == names[0].letters {
			alike++
		}
		if alike > 1 {
			t.spell(names[:alike], from+8)
		}
		names = names[alike:]
	}
}

// letters is eight bytes of a name as a number, nothing after its end.
func letters(name string, from int) (n uint64) {
	for i := from; i < from+8; i++ {
		n <<= 8
		if i < len(name) {
			n |= uint64(name[i])
		}
	}
	return n
}
