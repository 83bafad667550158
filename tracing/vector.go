package tracing

import (
	"cmp"
	"slices"
)

// share is what one owner has in a pool.
type share struct {
	owner owner
	units fixed
	worth fixed // to the claims, in their own asset; nothing for own money
}

// vector is shares sorted by owner, each owner once, none of nothing. Own
// money (a few kinds of it) stands before all claims.
type vector []share

func (s *share) add(t *share) {
	s.units.Add(&s.units, &t.units)
	s.worth.Add(&s.worth, &t.worth)
}

func (s *share) sub(t *share) {
	s.units.Sub(&s.units, &t.units)
	s.worth.Sub(&s.worth, &t.worth)
}

func (s *share) empty() bool { return s.units.IsZero() && s.worth.IsZero() }

// sum is all units of a vector.
func (v vector) sum() (sum fixed) {
	for i := range v {
		sum.Add(&sum, &v[i].units)
	}
	return sum
}

// few is how many shares are looked through from end to end: most pools have
// own money, the joint claims, and no more.
const few = 8

// find gives the place of an owner at or after from.
func (v vector) find(o owner, from int) (int, bool) {
	if len(v)-from <= few {
		for from < len(v) && v[from].owner < o {
			from++
		}
		return from, from < len(v) && v[from].owner == o
	}
	i, found := slices.BinarySearchFunc(v[from:], o, func(s share, o owner) int { return cmp.Compare(s.owner, o) })
	return from + i, found
}

// claims is where the claims begin.
func (v vector) claims() int {
	i, _ := v.find(0, 0)
	return i
}

// with adds one share.
func (v vector) with(s share) vector {
	i, found := v.find(s.owner, 0)
	if !found {
		return slices.Insert(v, i, s)
	}
	v[i].add(&s)
	return v
}

// plus adds another vector, in place where v has all its owners already.
func (v vector) plus(w vector) vector {
	if len(v) == 0 {
		return append(v, w...)
	}
	i, missing := 0, 0
	for j := range w {
		var found bool
		if i, found = v.next(w[j].owner, i, 8*len(w) < len(v)); found {
			v[i].add(&w[j])
		} else {
			missing++
		}
	}
	return v.insert(w, missing)
}

// next finds an owner at or after i, by leaps or step by step.
func (v vector) next(o owner, i int, leap bool) (int, bool) {
	if leap {
		return v.find(o, i)
	}
	for i < len(v) && v[i].owner < o {
		i++
	}
	return i, i < len(v) && v[i].owner == o
}

// insert puts in those shares of w whose owners v has not, from the end on.
func (v vector) insert(w vector, missing int) vector {
	from := len(v) - 1
	v = slices.Grow(v, missing)[:len(v)+missing]
	to := len(v) - 1
	for j := len(w) - 1; missing > 0; j-- {
		for from >= 0 && v[from].owner > w[j].owner {
			v[to] = v[from]
			to, from = to-1, from-1
		}
		if from >= 0 && v[from].owner == w[j].owner {
			continue
		}
		v[to] = w[j]
		to, missing = to-1, missing-1
	}
	return v
}

// part takes units out of a vector, from every share in proportion, and adds
// them to taken. The amount is less than the whole. What the divisions leave
// over, less than a last digit a share, is the largest share's, as far as it
// has so much: so the sum of what is taken is the amount, to the last digit.
// The ratio is the amount's part of the whole.
func (v vector) part(taken vector, r *ratio, amount *fixed) vector {
	left, first, most := *amount, len(taken), 0
	taken = slices.Grow(taken, len(v))
	for i := range v {
		s := &v[i]
		if v[most].units.Lt(&s.units) {
			most = i
		}
		t := share{owner: s.owner, units: r.of(&s.units)}
		switch {
		case !s.owner.claimed():
		case s.worth == s.units:
			t.worth = t.units
		default:
			t.worth = r.of(&s.worth)
		}
		left.Sub(&left, &t.units)
		taken = append(taken, t)
	}
	for i := most; !left.IsZero(); i = (i + 1) % len(v) {
		taken[first+i].fill(&v[i], &left)
	}
	for i := range v {
		v[i].sub(&taken[first+i])
	}
	return taken
}

// fill takes what is left over as well, as far as there is room for it.
func (s *share) fill(from *share, left *fixed) {
	var room fixed
	if room.Sub(&from.units, &s.units); left.Lt(&room) {
		room = *left
	}
	extra := share{units: room}
	if from.owner.claimed() && from.worth == from.units {
		extra.worth = room
	}
	s.add(&extra)
	left.Sub(left, &room)
}

// largest is the largest share; nil in an empty vector.
func (v vector) largest() *share {
	var most *share
	for i := range v {
		if most == nil || most.units.Lt(&v[i].units) {
			most = &v[i]
		}
	}
	return most
}

// of is the shares of one owner; all own money is one.
func (v vector) of(whose owner) vector {
	if !whose.claimed() {
		return v[:v.claims()]
	}
	if i, found := v.find(whose, 0); found {
		return v[i : i+1]
	}
	return nil
}

// joint is the share of the claims that are kept as one; nil where they have
// none.
func (v vector) joint() *share {
	if last := len(v) - 1; last >= 0 && v[last].owner == joint {
		return &v[last]
	}
	return nil
}

// clean leaves out shares of nothing.
func (v vector) clean() vector {
	return slices.DeleteFunc(v, func(s share) bool { return s.empty() })
}

// renameOwn gives own money other marks, and joins what is one then.
func (v vector) renameOwn(name func(owner) owner) vector {
	n, changed := v.claims(), false
	for i := range v[:n] {
		changed = changed || name(v[i].owner) != v[i].owner
	}
	switch {
	case !changed:
		return v
	case n == 1:
		v[0].owner = name(v[0].owner)
		return v
	}
	var fresh vector
	for _, s := range v[:n] {
		s.owner = name(s.owner)
		fresh = fresh.with(s)
	}
	return slices.Replace(v, 0, n, fresh...)
}
