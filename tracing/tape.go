package tracing

// tape is what a walk under pro-rata or libr did to the joint claims, in the
// order in which it did it. Where a draw is shared in proportion, everybody
// loses the same part of what he has: so one victim's money can be followed
// alone, by these parts, and all that the walk itself must know of the others
// is their sum. What moves none of the joint claims' money is not on the tape.
type tape struct {
	deeds  []deed
	ratios []ratio
	sums   []fixed
	plan   *plan
	member []int32 // by loss: which of the joint claims' losses it is; none
	losses []int32 // by member
	whole  []int32 // by victim: he has joint claims
	lone   int     // the draw or claim that alone brought what is on the way; none
	bare   bool    // nothing of the joint claims is on the way
	plain  bool    // some of what is on the way may have become plain: it came home
	clock  *int32  // the walk's
	tills  []till  // by pool: the walk's own, for the clock at the last traced arrival
	turns  bool    // something was converted: worth goes its own way
	wide   bool    // some sum needs more than 62 bits before the point
}

// deed is one thing that was done. Places are pools, the way, or aside.
type deed struct {
	what     deedKind
	from, to int32 // places; of a claim the member; of a homecoming the victim
	part     int32 // the ratio, the first sum, or the clock
}

type deedKind int32

const (
	moved    deedKind = iota // a part of what is at one place goes to another
	movedAll                 // all of it
	laid                     // all that is on the way goes to a pool: a traced arrival or not
	claimed                  // own money on the way becomes a claim
	turned                   // what is on the way becomes another asset
	returned                 // what is a victim's on the way is his again
)

// wholly is the ratio of all.
var wholly *ratio

func newTape(p *plan, whose []owner) *tape {
	t := &tape{plan: p, clock: new(int32), tills: make([]till, len(p.pools)), lone: none, bare: true, member: make([]int32, len(p.losses)), whole: make([]int32, len(p.victims))}
	for n := range t.member {
		t.member[n] = none
	}
	for c, claim := range p.claims {
		if whose[c] == joint && t.member[claim.loss] == none {
			t.member[claim.loss] = int32(len(t.losses))
			t.losses = append(t.losses, claim.loss)
			t.whole[claim.victim]++
		}
	}
	return t
}

// The places that are no pools.
func (t *tape) way() int32   { return int32(len(t.plan.pools)) }
func (t *tape) aside() int32 { return int32(len(t.plan.pools) + 1) }

func (t *tape) move(from, to int32, r *ratio) {
	if r == wholly {
		t.deeds = append(t.deeds, deed{what: movedAll, from: from, to: to})
		return
	}
	t.deeds = append(t.deeds, deed{what: moved, from: from, to: to, part: int32(len(t.ratios))})
	t.ratios = append(t.ratios, *r)
}

// drawn notes what part of some shares goes from a pool onto the way.
func (t *tape) drawn(from poolNo, r *ratio, shares vector) {
	if shares.joint() == nil {
		return
	}
	t.lone = none
	if t.bare {
		t.lone, t.plain = len(t.deeds), false
	}
	t.bare = false
	t.move(from, t.way(), r)
}

// put notes that what is on the way goes to a pool, and says whether that is a
// traced arrival. Where one draw or claim brought it and nothing else was done,
// the two are one deed. Where the sum does not tell whether anybody has as much as a
// grain of it, the tape does, later.
func (t *tape) put(to poolNo, way vector) (traced bool) {
	s := way.joint()
	if t.bare || s == nil {
		return false
	}
	t.bare = true
	most := fixed{0, 2 * uint64(len(t.losses)), 0, 0} // then somebody has more than a grain
	switch {
	case t.plain || !s.units.Lt(&grain) && s.units.Lt(&most):
		t.deeds = append(t.deeds, deed{what: laid, from: t.way(), to: to, part: *t.clock})
		return false
	case t.lone == len(t.deeds)-1:
		t.deeds[t.lone].to = to
	default:
		t.move(t.way(), to, wholly)
	}
	return !s.units.Lt(&grain)
}

// split notes that a part stays on the way and the rest goes aside.
func (t *tape) split(r *ratio, aside vector) {
	if aside.joint() == nil {
		return
	}
	t.lone = none
	t.move(t.way(), t.aside(), wholly)
	t.move(t.aside(), t.way(), r)
}

func (t *tape) rest(aside vector) {
	if aside.joint() == nil {
		return
	}
	t.lone, t.bare = none, false
	t.move(t.aside(), t.way(), wholly)
}

func (t *tape) reported(loss int32, units *fixed) {
	t.plain = t.plain && !t.bare
	t.lone = none
	if t.bare {
		t.lone = len(t.deeds)
	}
	t.bare = false
	t.deeds = append(t.deeds, deed{what: claimed, from: t.member[loss], to: t.way(), part: int32(len(t.sums))})
	t.sums = append(t.sums, *units)
}

func (t *tape) converted(to, whole *fixed, way vector) {
	if way.joint() == nil {
		return
	}
	t.lone, t.turns = none, true
	t.deeds = append(t.deeds, deed{what: turned, part: int32(len(t.sums))})
	t.sums = append(t.sums, *to, *whole)
}

func (t *tape) cameHome(victim int32, way vector) {
	if way.joint() == nil || t.whole[victim] == 0 {
		return
	}
	t.lone, t.plain = none, true
	t.deeds = append(t.deeds, deed{what: returned, from: victim})
}

// widen notes a sum that does not fit the narrow lane. Two digits are left for
// what comes from more than one pool at once.
func (t *tape) widen(s *share) {
	if s != nil {
		t.wide = t.wide || s.units[3] != 0 || s.worth[3] != 0 || (s.units[2]|s.worth[2])>>62 != 0
	}
}
