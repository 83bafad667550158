package indicators

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"clew/domain"
	"clew/tracing"
)

// hop is a transaction of a chain with its legs.
type hop struct {
	row             int32
	inputs, outputs []leg
}

type leg struct {
	pool, holder int32
	address      string // its label, else the account
	units        domain.Units
}

// hop puts a transaction's legs where they belong, and keeps it whole.
func (b *Book) hop(row *tracing.Row) {
	line, number := b.enter(row), int32(len(b.hops))
	h := hop{row: line.row}
	for _, one := range row.Inputs {
		h.inputs = append(h.inputs, b.leg(one))
		if at := b.poolFor(one.Account, one.Amount); at != none {
			b.put(at, line.out(one.Amount.Units, none, none))
			b.pools[at].spends = append(b.pools[at].spends, number)
		}
	}
	for _, one := range row.Outputs {
		h.outputs = append(h.outputs, b.leg(one))
		if at := b.poolFor(one.Account, one.Amount); at != none {
			b.put(at, line.credit(one.Amount.Units, none, none))
			b.pools[at].gets = append(b.pools[at].gets, number)
		}
	}
	b.hops = append(b.hops, h)
}

func (b *Book) leg(one domain.Leg) leg {
	return leg{b.poolFor(one.Account, one.Amount), b.number(one.Account), cmp.Or(one.Address, string(one.Account)), one.Amount.Units}
}

// forest is how transactions hang together: a transaction's parent is the last
// one before it that pays its only input. It is made anew when one has come.
type forest struct {
	hops    int
	parent  []int32
	deep    []int32 // peels below, itself among them
	next    []int32 // the child by which it is deepest
	cluster []int32 // by account: one of the accounts that have paid together, the same for all of them
}

func (b *Book) grown() *forest {
	f := &b.forest
	if f.hops == len(b.hops) && len(f.cluster) == len(b.holders) {
		return f
	}
	*f = forest{hops: len(b.hops), parent: fill(len(b.hops)), next: fill(len(b.hops)), deep: make([]int32, len(b.hops)), cluster: make([]int32, len(b.holders))}
	order := b.byTime()
	last := map[int32]int32{} // by pool: the last transaction that paid it
	for _, n := range order {
		h := &b.hops[n]
		if h.peels() {
			if at, paid := last[h.inputs[0].pool]; paid && b.hops[at].peels() && b.hopBefore(at, n) {
				f.parent[n] = at
			}
		}
		for _, out := range h.outputs {
			if out.pool != none { // a leg of nothing leads nowhere
				last[out.pool] = n
			}
		}
	}
	for _, n := range slices.Backward(order) {
		if f.deep[n]++; f.parent[n] != none && f.deep[n] > f.deep[f.parent[n]] {
			f.deep[f.parent[n]], f.next[f.parent[n]] = f.deep[n], n
		}
	}
	f.join(b)
	for i := range f.cluster {
		f.cluster[i] = f.root(int32(i))
	}
	return f
}

func fill(n int) []int32 {
	list := make([]int32, n)
	for i := range list {
		list[i] = none
	}
	return list
}

func (b *Book) byTime() []int32 {
	order := make([]int32, len(b.hops))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(x, y int32) int {
		one, other := &b.rows[b.hops[x].row], &b.rows[b.hops[y].row]
		return cmp.Or(cmp.Compare(one.at, other.at), cmp.Compare(one.position, other.position))
	})
	return order
}

func (b *Book) hopBefore(x, y int32) bool {
	one, other := b.hops[x].row, b.hops[y].row
	return b.earlier(&passage{at: b.rows[one].at, row: one}, &passage{at: b.rows[other].at, row: other})
}

// join makes one cluster of accounts that have paid a transaction together, but
// for CoinJoins, in which strangers do.
func (f *forest) join(b *Book) {
	for i := range f.cluster {
		f.cluster[i] = int32(i)
	}
	for n := range b.hops {
		h := &b.hops[n]
		if h.participants(standardDust) > 0 {
			continue
		}
		for _, in := range h.inputs {
			f.cluster[f.root(in.holder)] = f.root(h.inputs[0].holder)
		}
	}
}

func (f *forest) root(n int32) int32 {
	for f.cluster[n] != n {
		f.cluster[n] = f.cluster[f.cluster[n]]
		n = f.cluster[n]
	}
	return n
}

// peels says whether a transaction has one input and two outputs.
func (h *hop) peels() bool { return len(h.inputs) == 1 && len(h.outputs) == 2 }

// peelChain is the longest chain of transactions with one input and two outputs
// through one that the account pays.
func peelChain(p *pool, _ limits) (s sign) {
	if len(p.spends) == 0 {
		return s
	}
	f := p.book.grown()
	for _, n := range p.spends {
		if !p.book.hops[n].peels() {
			continue
		}
		var chain []int32
		for at := f.parent[n]; at != none; at = f.parent[at] {
			chain = append(chain, p.book.hops[at].row)
		}
		for at := n; at != none; at = f.next[at] {
			chain = append(chain, p.book.hops[at].row)
		}
		if many := int64(len(chain)); many > s.measured {
			s = sign{measured: many, beyond: chain}
		}
	}
	return s
}

// standardDust are the two output values that mark no CoinJoin: the smallest
// amount that Bitcoin passes on, and one that a protocol on top of it uses.
var standardDust = limits{"dust": 546, "marker": 2730}

// participants is how many take part in a CoinJoin by BlockSci's definition,
// none where it is none.
func (h *hop) participants(l limits) int {
	if len(h.inputs) < 2 || len(h.outputs) < 3 {
		return 0
	}
	many, payers, values := (len(h.outputs)+1)/2, map[string]bool{}, map[domain.Units]int{}
	for _, in := range h.inputs {
		payers[in.address] = true
	}
	if many > len(payers) {
		return 0
	}
	for _, out := range h.outputs {
		values[out.units]++
	}
	most, value := 0, domain.Units{}
	for units, n := range values {
		if n > most || n == most && units.Less(value) {
			most, value = n, units
		}
	}
	if most != many || value == domain.NewUnits(l["dust"]) || value == domain.NewUnits(l["marker"]) {
		return 0
	}
	return many
}

// coinJoin is the most participants of a CoinJoin that the account pays into.
func coinJoin(p *pool, l limits) (s sign) {
	for _, n := range p.spends {
		if many := int64(p.book.hops[n].participants(l)); many > s.measured {
			s = sign{measured: many, beyond: []int32{p.book.hops[n].row}}
		}
	}
	return s
}

// guess is that an output is the payer's change.
type guess struct {
	output     int
	confidence int64
	why        string
}

// changeOutput is the highest confidence with which an output of a transaction
// that the account pays is its own change.
func changeOutput(p *pool, _ limits) (s sign) {
	if len(p.spends) == 0 {
		return s
	}
	f := p.book.grown()
	for _, n := range p.spends {
		h := &p.book.hops[n]
		if best, some := p.book.change(f, n); some && best.confidence > s.measured {
			out := h.outputs[best.output]
			s = sign{measured: best.confidence, beyond: []int32{h.row}}
			s.remark = fmt.Sprintf(" The output is %s, %s%s.", p.book.holders[out.holder].name, best.why, h.also(best.output))
		}
	}
	return s
}

// change makes a guess by the three ways for which GraphSense publishes a
// confidence.
func (b *Book) change(f *forest, n int32) (best guess, some bool) {
	h := &b.hops[n]
	if len(h.outputs) < 2 || h.participants(standardDust) > 0 {
		return best, false
	}
	fresh := -1
	for i, out := range h.outputs {
		direct := slices.ContainsFunc(h.inputs, func(in leg) bool { return in.address == out.address })
		switch {
		case direct:
			return guess{i, 100, "which has paid as well (direct)"}, true
		case f.cluster[out.holder] == f.cluster[h.inputs[0].holder] && !some:
			best, some = guess{i, 50, "which has paid together with it elsewhere (multi-input)"}, true
		case !b.fresh(out, n):
		case fresh >= 0:
			fresh = len(h.outputs) // more than one is new: which is the change is not known
		default:
			fresh = i
		}
	}
	if !some && fresh >= 0 && fresh < len(h.outputs) {
		best, some = guess{fresh, 50, "the only one that was never paid before or after (one-time)"}, true
	}
	return best, some
}

// fresh says whether a transaction is the only one that pays an output.
func (b *Book) fresh(out leg, n int32) bool {
	if out.pool == none {
		return false
	}
	for _, other := range b.pools[out.pool].gets {
		if other != n {
			return false
		}
	}
	return true
}

// also names other signs for the same output, for which nobody has published a
// confidence: they alone make no finding.
func (h *hop) also(output int) string {
	var signs []string
	least := h.inputs[0].units
	for _, in := range h.inputs {
		least = least.Min(in.units)
	}
	round, optimal, same := 0, 0, 0
	for _, out := range h.outputs {
		round += one(isRound(out.units))
		optimal += one(out.units.Less(least))
		same += one(form(out.address) == form(h.inputs[0].address))
	}
	out := h.outputs[output]
	if round == len(h.outputs)-1 && !isRound(out.units) {
		signs = append(signs, "power of ten")
	}
	if optimal == 1 && out.units.Less(least) && len(h.inputs) > 1 {
		signs = append(signs, "optimal change")
	}
	if same == 1 && form(out.address) == form(h.inputs[0].address) {
		signs = append(signs, "address type")
	}
	if len(signs) == 0 {
		return ""
	}
	return "; so say also: " + strings.Join(signs, ", ")
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// isRound says whether an amount is a multiple of a million of smallest units.
func isRound(units domain.Units) bool {
	_, rest := units.Share(domain.NewUnits(1), domain.NewUnits(1_000_000))
	return rest.IsZero()
}

// form is the kind of address that a name spells: by its first letters.
func form(address string) string {
	address = address[strings.LastIndexByte(address, ':')+1:]
	return address[:min(len(address), 1)]
}
