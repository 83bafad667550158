package picture

import (
	"math"
	"math/big"
	"slices"
	"time"

	"clew/domain"
	"clew/tracing"
)

// Pass is what of the money passes one account: of every step the part that
// has come through it before, or comes to it later. It follows claims alone,
// in the order in which the rule draws them: one after another under the rules
// of whole units, in proportion under pro-rata and libr. Where a hold or a
// return takes claims out of that order, a reported payment carries others'
// claims too, or money comes home out of a mixture, what is lit can differ from
// what those took; the sums at every account are right all the same.
type Pass struct {
	Node  int
	Steps []domain.Units // of each step's Worth
	New   []domain.Units // of each step's New
	Exact bool           // false under the rules that know fractions
	// Turned says that holds, returns or payments of others' claims took claims
	// out of the order in which they stand: what is lit is then only what would
	// have passed had they not.
	Turned bool
}

// turned says whether anything in a case takes claims out of their order.
func (g *Graph) turned() bool {
	return slices.ContainsFunc(g.Steps, func(s Step) bool {
		return s.State != "" || s.Back || !s.New.IsZero() && s.New.Less(s.Worth)
	})
}

// Pass finds what passes a node.
func (g *Graph) Pass(node int) *Pass {
	p := &Pass{Node: node, Steps: make([]domain.Units, len(g.Steps)), New: make([]domain.Units, len(g.Steps)), Exact: true, Turned: g.turned()}
	if g.Rule == tracing.ProRata || g.Rule == tracing.LIBR {
		p.Exact = false
		mixed := mixture{g: g, pass: p, pools: map[pool]*brew{}}
		mixed.follow()
		return p
	}
	l := line{g: g, pass: p, pools: map[pool][]int{}, newest: g.Rule == tracing.LIFO}
	l.follow()
	return p
}

// lit sums up what is lit as of a moment.
func (g *Graph) lit(p *Pass, at time.Time) amounts {
	a := amounts{make([]Stock, len(g.Nodes)), make([]domain.Units, len(g.Edges))}
	for i := range g.Steps {
		s := g.Steps[i]
		if s.State != "" || !at.IsZero() && s.At.After(at) {
			continue
		}
		s.Worth, s.New = p.Steps[i], p.New[i]
		a.take(&s)
	}
	return a
}

// pool is one account's holding of one asset.
type pool struct {
	node  int
	asset domain.AssetCode
}

// line follows parts of claims that stand in line at every pool.
type line struct {
	g      *Graph
	pass   *Pass
	pools  map[pool][]int // parts, the oldest first
	parts  []part
	newest bool // the newest leaves first
}

// part is a part of a claim as one step carried it.
type part struct {
	step   int
	before int // the part that it was cut from or was; none: -1
	units  domain.Units
	left   domain.Units // of it, still in its pool
	victim domain.VictimID
	passed bool         // it has come to the node, or come through it
	later  domain.Units // of the units, what comes to the node later
	fresh  bool         // it became a claim with this step
}

func (l *line) follow() {
	for i := range l.g.Steps {
		if l.g.Steps[i].State == "" {
			l.step(i)
		}
	}
	for i := len(l.parts) - 1; i >= 0; i-- { // what a part came to is known before it is
		p := &l.parts[i]
		if p.passed {
			p.later = p.units
		}
		if p.before >= 0 && !l.parts[p.before].passed {
			l.parts[p.before].later = l.parts[p.before].later.Plus(p.later)
		}
	}
	for i := range l.parts {
		p := &l.parts[i]
		l.pass.Steps[p.step] = l.pass.Steps[p.step].Plus(p.later)
		if p.fresh {
			l.pass.New[p.step] = l.pass.New[p.step].Plus(p.later)
		}
	}
}

// step carries what it draws to its payee.
func (l *line) step(i int) {
	s := &l.g.Steps[i]
	first := len(l.parts)
	if s.From >= 0 {
		l.draw(i, pool{s.From, s.Drawn}, s.Worth.Minus(s.New))
	}
	if !s.New.IsZero() {
		l.parts = append(l.parts, part{step: i, before: -1, units: s.New, left: s.New, victim: s.Victim, fresh: true,
			passed: s.From == l.pass.Node || s.To == l.pass.Node})
	}
	l.comeHome(l.parts[first:], s)
	to := pool{s.To, s.Arrived}
	for n := first; n < len(l.parts); n++ {
		l.pools[to] = append(l.pools[to], n)
	}
}

// draw takes parts out of a line as far as it lasts.
func (l *line) draw(i int, from pool, need domain.Units) {
	queue := l.pools[from]
	for !need.IsZero() && len(queue) > 0 {
		at := 0
		if l.newest {
			at = len(queue) - 1
		}
		n := queue[at]
		taken := l.parts[n].left.Min(need)
		l.parts[n].left, need = l.parts[n].left.Minus(taken), need.Minus(taken)
		if l.parts[n].left.IsZero() {
			queue = slices.Delete(queue, at, at+1)
		}
		if !taken.IsZero() {
			l.parts = append(l.parts, part{step: i, before: n, units: taken, left: taken, victim: l.parts[n].victim,
				passed: l.parts[n].passed || from.node == l.pass.Node || l.g.Steps[i].To == l.pass.Node})
		}
	}
	l.pools[from] = queue
}

// comeHome takes what has returned out of the lines: the victim's own first.
func (l *line) comeHome(parts []part, s *Step) {
	home := s.Returned
	for _, own := range []bool{true, false} {
		for n := range parts {
			if own == slices.Contains(l.g.Nodes[s.To].Victims, parts[n].victim) {
				back := parts[n].left.Min(home)
				parts[n].left, home = parts[n].left.Minus(back), home.Minus(back)
			}
		}
	}
}

// mixture follows claims that cannot be told apart in a pool: everything there
// leaves in the same proportion.
type mixture struct {
	g     *Graph
	pass  *Pass
	pools map[pool]*brew
	drawn []float64 // of each step: the part of its pool that it drew
}

// brew is what a pool holds of claims: all of it, what has passed the node,
// and the part of the rest that comes to it later.
type brew struct{ all, passed, later float64 }

func (m *mixture) at(p pool) *brew {
	if m.pools[p] == nil {
		m.pools[p] = &brew{}
	}
	return m.pools[p]
}

func (m *mixture) follow() {
	m.drawn = make([]float64, len(m.g.Steps))
	passed := make([]float64, len(m.g.Steps))
	for i := range m.g.Steps {
		if s := &m.g.Steps[i]; s.State == "" {
			passed[i] = m.forth(i, s)
		}
	}
	for i := len(m.g.Steps) - 1; i >= 0; i-- {
		if s := &m.g.Steps[i]; s.State == "" {
			m.back(i, s, passed[i])
		}
	}
}

// forth carries what has passed the node along.
func (m *mixture) forth(i int, s *Step) (passed float64) {
	worth, fresh, home := size(s.Worth), size(s.New), size(s.Returned)
	if s.From >= 0 {
		from := m.at(pool{s.From, s.Drawn})
		if from.all > 0 {
			m.drawn[i] = min((worth-fresh)/from.all, 1)
		}
		passed = from.passed * m.drawn[i]
		from.all, from.passed = from.all*(1-m.drawn[i]), from.passed*(1-m.drawn[i])
	}
	if s.From == m.pass.Node || s.To == m.pass.Node {
		passed = worth
	}
	to := m.at(pool{s.To, s.Arrived})
	stays := 1.0
	if worth > 0 {
		stays = 1 - home/worth
	}
	to.all, to.passed = to.all+worth*stays, to.passed+passed*stays
	return passed
}

// back finds what comes to the node later, from the last step to the first.
func (m *mixture) back(i int, s *Step, passed float64) {
	worth := size(s.Worth)
	later := m.at(pool{s.To, s.Arrived}).later
	if worth > 0 {
		later *= 1 - size(s.Returned)/worth
	}
	if s.To == m.pass.Node {
		later = 1
	}
	lit := passed + (worth-passed)*later
	m.pass.Steps[i] = unitsOf(lit, s.Worth)
	if worth > 0 {
		m.pass.New[i] = unitsOf(lit*size(s.New)/worth, s.New)
	}
	if s.From >= 0 {
		from := m.at(pool{s.From, s.Drawn})
		from.later = from.later*(1-m.drawn[i]) + later*m.drawn[i]
	}
}

func size(u domain.Units) float64 {
	hi, lo := u.Words()
	return float64(hi)*math.Exp2(64) + float64(lo)
}

// unitsOf brings a part that was worked out in fractions back to units.
func unitsOf(x float64, most domain.Units) domain.Units {
	whole, _ := big.NewFloat(max(math.Round(x), 0)).Int(nil)
	lo := new(big.Int).And(whole, new(big.Int).SetUint64(math.MaxUint64)).Uint64()
	hi := new(big.Int).Rsh(whole, 64).Int64()
	return domain.UnitsFromWords(hi, lo).Min(most)
}
