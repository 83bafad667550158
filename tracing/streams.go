package tracing

import (
	"fmt"
	"slices"
	"time"

	"github.com/holiman/uint256"

	"clew/domain"
)

// Finer is how many parts a smallest unit has in a Course. Whole-unit rules
// need none of them; the fractions that pro-rata and libr know are told to the
// thousandth, so that sums over many movements are right to the unit.
const Finer = 1_000

// Course is the way of all victims' money through a case, in the order of the
// walk: what the flow picture is drawn from. Added up to any moment it gives
// what the answer as of that moment says of every account.
type Course struct {
	Streams []Stream
	Stays   []Stay
}

// Stream is one part of a movement as it carried the victims' money. Its
// amounts are worth: what was lost, in thousandths of the lost asset's smallest
// unit, whatever it had been turned into when it moved.
type Stream struct {
	Movement domain.MovementID
	When     domain.When
	At       time.Time // from which moment on it has happened: a bare-dated balance closes its day
	Part     string    // main, fee, deducted, overdraft or unrecorded
	From, To domain.AccountID
	Lost     domain.Asset    // in which the worth is told
	Worth    domain.Units    // what passed
	New      domain.Units    // of it, what became a claim with this payment: before, it was the payer's own
	Returned domain.Units    // of it, what came home to its victim and is his again
	Back     bool            // it gives back what an earlier movement delivered, whatever the rule
	Victim   domain.VictimID // who reports the payment that made the new claim
	Moved    domain.Amount   // all that arrived, whosever it was
	Drawn    domain.Asset    // that left the payer: another than the moved one where it was converted
}

// Stay is money that changes its state and not its place: it is held,
// released, seized or restored. Worth is told as in a Stream, and is below
// nothing where a state ends.
type Stay struct {
	When    domain.When
	At      time.Time
	Account domain.AccountID
	State   State // held, seized or restored
	Lost    domain.Asset
	Worth   domain.Units
}

// Streams tells the way of all victims' money. It is the walk itself that
// tells: there is no second engine.
func Streams(in Input) (Course, error) {
	rule, err := findRule(in.Rule)
	if err != nil {
		return Course{}, err
	}
	if rule.name == Poison {
		return Course{}, domain.Usage("poison marks accounts and follows nobody's money: choose another rule")
	}
	p, err := makePlan(in)
	if err != nil {
		return Course{}, err
	}
	p.apart = slices.Repeat([]bool{true}, len(p.victims)) // whose money comes home must be known on the way
	w := newWalk(p, rule)
	g := newGauge(w)
	w.watch = g
	if err := w.run(); err != nil {
		return Course{}, err
	}
	return g.course, g.err
}

// gauge watches a walk and measures what passes.
type gauge struct {
	w      *walk
	assets []int32        // of each loss: which of the lost assets it is
	lost   []domain.Asset // those, in the order in which they come up
	born   []fixed        // by lost asset: what has become claims so far
	lies   [][]fixed      // by pool, then lost asset: the claims there; nil: none
	hop    hopping
	stays  [][3][]fixed // by hold, then beside, then lost asset
	course Course
	total  domain.Units // of all that was told: no sum of some of it can be more
	err    error
}

// hopping is a hop that is being walked: what each input has given and no
// output has taken yet.
type hopping struct {
	step  int32
	gives []given
}

type given struct {
	pool  poolNo
	worth []fixed
}

func newGauge(w *walk) *gauge {
	g := &gauge{w: w, hop: hopping{step: none}, lies: make([][]fixed, len(w.plan.pools)), stays: make([][3][]fixed, len(w.plan.holds))}
	for _, l := range w.plan.losses {
		n := slices.Index(g.lost, l.asset)
		if n < 0 {
			n, g.lost = len(g.lost), append(g.lost, l.asset)
		}
		g.assets = append(g.assets, int32(n))
	}
	g.born = g.none()
	return g
}

func (g *gauge) none() []fixed { return make([]fixed, len(g.lost)) }

func (g *gauge) noted(*walk, Warning) {}

// passing is what a move carries, by lost asset.
type passing struct{ worth, fresh, home []fixed }

func (g *gauge) moved(w *walk, m move) {
	s := &w.plan.steps[m.step]
	p := passing{g.none(), g.none(), g.none()}
	homeOf := w.plan.accountOf(m.to).homeOf
	w.book.onWay(func(o owner, _, worth fixed) {
		if !o.claimed() {
			return
		}
		claim := w.plan.claims[o]
		n := g.assets[claim.loss]
		p.worth[n].Add(&p.worth[n], &worth)
		if m.part == main && slices.Contains(homeOf, claim.victim) {
			p.home[n].Add(&p.home[n], &worth)
		}
	})
	g.fresh(m, &p)
	shared := s.joins() && m.part != overdue
	if shared && g.hop.step != m.step { // before anything arrives
		g.hop = hopping{m.step, g.drawn(g.w.plan.inputs(g.w.plan.rareOf(s)))}
	}
	g.arrive(m.to, &p)
	if shared {
		g.share(m, &p)
		return
	}
	g.leave(m.from, &p)
	g.tell(m, m.from, &p)
}

// fresh is what has become claims since it was last asked for. A payment becomes
// claims all at once, before anything is deducted from it: of what is deducted no
// more is new than passes there, and the rest is new where the payment arrives.
func (g *gauge) fresh(m move, p *passing) {
	now := g.none()
	for loss := range g.w.plan.losses {
		n := g.assets[loss]
		now[n].Add(&now[n], &g.w.book.tally().own[loss])
	}
	for n := range now {
		p.fresh[n].Sub(&now[n], &g.born[n])
		if m.part == deducted && p.worth[n].Lt(&p.fresh[n]) {
			p.fresh[n] = p.worth[n]
		}
		g.born[n].Add(&g.born[n], &p.fresh[n])
	}
}

func (g *gauge) arrive(to poolNo, p *passing) {
	if g.lies[to] == nil {
		g.lies[to] = g.none()
	}
	for n, there := range g.lies[to] {
		there.Add(&there, &p.worth[n])
		g.lies[to][n].Sub(&there, &p.home[n])
	}
}

func (g *gauge) leave(from poolNo, p *passing) {
	if from == none {
		return
	}
	if g.lies[from] == nil {
		g.lies[from] = g.none()
	}
	for n, there := range g.lies[from] {
		there.Add(&there, &p.fresh[n])
		g.lies[from][n].Sub(&there, &p.worth[n])
	}
}

// share tells what an output of a hop carries input by input: outputs take
// what the inputs gave in their order, as in a queue.
func (g *gauge) share(m move, p *passing) {
	last := len(g.hop.gives) - 1
	for i := range g.hop.gives {
		from, part := &g.hop.gives[i], passing{g.none(), g.none(), g.none()}
		for n := range part.worth {
			if i == 0 {
				part.fresh[n] = p.fresh[n]
			}
			part.take(n, from, p, i == last)
		}
		g.tell(m, from.pool, &part)
	}
}

// take moves from an input onto its part of an output as much of one lost
// asset as both still have; the last input gives all that is wanted.
func (part *passing) take(n int, from *given, p *passing, last bool) {
	want := p.worth[n]
	if old := from.worth[n]; !last {
		old.Add(&old, &part.fresh[n])
		if old.Lt(&want) {
			want = old
		}
	}
	part.worth[n] = want
	p.worth[n].Sub(&p.worth[n], &want)
	old := want
	old.Sub(&old, &part.fresh[n])
	if from.worth[n].Lt(&old) {
		old = from.worth[n]
	}
	from.worth[n].Sub(&from.worth[n], &old)
	home := p.home[n]
	if want.Lt(&home) {
		home = want
	}
	part.home[n] = home
	p.home[n].Sub(&p.home[n], &home)
}

// drawn is what each input of a hop has given: what is no longer there.
func (g *gauge) drawn(inputs []leg) []given {
	var list []given
	for _, in := range inputs {
		if slices.ContainsFunc(list, func(d given) bool { return d.pool == in.pool }) {
			continue
		}
		gave, now := g.none(), g.none()
		if g.lies[in.pool] != nil {
			g.count(in.pool, now)
			for n := range gave {
				gave[n].Sub(&g.lies[in.pool][n], &now[n])
			}
			g.lies[in.pool] = now
		}
		list = append(list, given{in.pool, gave})
	}
	return list
}

// count is the claims that lie in a pool, whatever their state.
func (g *gauge) count(pool poolNo, into []fixed) {
	g.add(pool, into)
	for i := range g.w.plan.holds {
		if h := &g.w.plan.holds[i]; h.pool == pool {
			g.add(h.held, into)
			g.add(h.seized, into)
			g.add(h.given, into)
		}
	}
}

func (g *gauge) add(pool poolNo, into []fixed) {
	g.w.book.lots(pool, func(o owner, _, worth fixed) {
		if o.claimed() {
			n := g.assets[g.w.plan.claims[o].loss]
			into[n].Add(&into[n], &worth)
		}
	})
}

// tell writes down what passed, a line for each lost asset.
func (g *gauge) tell(m move, from poolNo, p *passing) {
	s := &g.w.plan.steps[m.step]
	for n, lost := range g.lost {
		if p.worth[n].Lt(&grain) {
			continue
		}
		to := g.w.plan.accountOf(m.to)
		stream := Stream{Movement: g.w.plan.id(s), When: g.w.plan.when(s), At: g.at(s), Part: partNames[m.part], To: to.name, Lost: lost,
			Worth: g.finer(&p.worth[n]), New: g.finer(&p.fresh[n]), Returned: g.finer(&p.home[n]), Back: s.kind == kindReturn,
			Moved: domain.Amount{Units: m.units, Asset: g.w.plan.assets[g.w.plan.assetOf(m.to)]}}
		if from != none {
			stream.From, stream.Drawn = g.w.plan.accountOf(from).name, g.w.plan.assets[g.w.plan.assetOf(from)]
		}
		if !stream.New.IsZero() {
			stream.Victim = g.w.plan.victims[g.w.plan.victimOf(s)]
		}
		g.tally(stream.Worth)
		g.course.Streams = append(g.course.Streams, stream)
	}
}

// tally adds to the total, so that whoever adds up some of the streams later
// cannot come to more than fits.
func (g *gauge) tally(worth domain.Units) {
	sum, err := g.total.Add(worth)
	if g.total = sum; err != nil {
		g.err = fmt.Errorf("the way of the victims' money cannot be told: %w", err)
	}
}

// walked measures what holds have done in a step.
func (g *gauge) walked(w *walk, s *step) {
	for i := range w.plan.holds {
		h := &w.plan.holds[i]
		if s.kind != kindHold && !s.joins() && s.from != h.pool && s.to != h.pool {
			continue
		}
		for at, pool := range [...]poolNo{h.held, h.seized, h.given} {
			now := g.none()
			g.add(pool, now)
			g.stay(s, i, at, now)
		}
	}
}

func (g *gauge) stay(s *step, hold, at int, now []fixed) {
	before := g.stays[hold][at]
	if before == nil {
		before = g.none()
	}
	g.stays[hold][at] = now
	for n := range now {
		difference := g.finer(&now[n]).Minus(g.finer(&before[n]))
		if difference.IsZero() {
			continue
		}
		g.course.Stays = append(g.course.Stays, Stay{When: g.w.plan.when(s), At: g.at(s), Account: g.w.plan.accountOf(g.w.plan.holds[hold].pool).name,
			State: beside(at + 1).state(), Lost: g.lost[n], Worth: difference})
	}
}

// at is the first moment as of which the walk takes a step.
func (g *gauge) at(s *step) time.Time {
	when := g.w.plan.when(s)
	if s.turn == dayCloses {
		return when.End()
	}
	return when.Time
}

// finer tells an exact amount in thousandths of a smallest unit, rounded to the
// nearest.
func (g *gauge) finer(x *fixed) domain.Units {
	var z fixed
	if _, overflow := z.MulOverflow(x, uint256.NewInt(Finer)); overflow || z[3]>>62 != 0 {
		g.err = fmt.Errorf("the way of the victims' money cannot be told: an amount is above what thousandths of a smallest unit can count")
		return domain.Units{}
	}
	z.Add(&z, &fixed{0, 1 << 63, 0, 0})
	return domain.UnitsFromWords(int64(z[3]), z[2])
}
