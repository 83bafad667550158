package projections

import (
	"cmp"
	"context"
	"database/sql/driver"
	"fmt"
	"hash/maphash"
	"slices"

	"clew/domain"
	"clew/tracing"
)

// alike is what look-alikes agree on, beside the time (domain.SamePayment).
type alike struct {
	kind     domain.MovementKind
	from, to domain.AccountID
	amount   domain.Amount
}

// teller is who tells a movement: a source, within one case.
type teller struct {
	inCase int64
	source string
}

// pair is two movements by their first positions, the earlier first.
type pair [2]uint64

func pairOf(a, b uint64) pair { return pair{min(a, b), max(a, b)} }

// findDoubles warns of rows that may be one payment told by two sources: alike
// in accounts, amount and, within two days, time, with no references that tell
// them apart. Two equal rows of one source are two payments. Each row is
// warned of once, with the nearest before it.
func (g *gathering) findDoubles() error {
	if len(g.tellers) < 2 {
		return nil
	}
	apart, err := g.apart()
	if err != nil {
		return err
	}
	var found []Double
	for _, members := range g.lookAlikes() {
		d := doubles{rows: members, tellers: g.tellersOf, apart: apart, recent: map[bucket][]int{}}
		found = append(found, d.all()...)
	}
	slices.SortFunc(found, func(a, b Double) int {
		return cmp.Or(cmp.Compare(a.Other.Position, b.Other.Position), cmp.Compare(a.One.Position, b.One.Position))
	})
	for _, p := range found {
		g.assembly.Doubles = append(g.assembly.Doubles, p)
		g.assembly.Warnings = append(g.assembly.Warnings, doubleWarning(g.assembly.File.ID, &p.One, &p.Other))
	}
	return nil
}

// lookAlikes gives the rows that others look like, together with these. Rows
// are told apart by a hash first: most look like no other.
func (g *gathering) lookAlikes() map[alike][]tracing.Row {
	seed := maphash.MakeSeed()
	met := map[uint64]bool{} // whether more than once
	each := func(do func(hash uint64, r *tracing.Row)) {
		for r := range g.assembly.Rows() {
			if countsTwice(r.Kind) {
				do(maphash.Comparable(seed, alikeOf(r)), r)
			}
		}
	}
	each(func(hash uint64, _ *tracing.Row) {
		_, again := met[hash]
		met[hash] = again
	})
	groups := map[alike][]tracing.Row{}
	each(func(hash uint64, r *tracing.Row) {
		if met[hash] {
			groups[alikeOf(r)] = append(groups[alikeOf(r)], *r)
		}
	})
	return groups
}

func alikeOf(r *tracing.Row) alike { return alike{r.Kind, r.From, r.To, r.Amount} }

// Double is two movements that may be one payment told by two sources, which
// nobody has yet joined or kept apart.
type Double struct{ One, Other tracing.Row }

// PossibleDoubles lists what a person should join or keep apart.
func (v *Views) PossibleDoubles(ctx context.Context, id domain.CaseID, upto uint64) ([]Double, error) {
	upto, err := v.position(ctx, upto)
	if err != nil {
		return nil, err
	}
	assembly, err := v.Assemble(ctx, id, upto)
	if err != nil {
		return nil, err
	}
	return assembly.Doubles, nil
}

// countsTwice says whether two equal ones would move money twice. Two balances
// that agree are no double; hops bear their transaction's id.
func countsTwice(kind domain.MovementKind) bool {
	return kind != domain.Balance && kind != domain.Hop
}

// apart reads which movements somebody has found to be two.
func (g *gathering) apart() (map[pair]bool, error) {
	apart := map[pair]bool{}
	where, args := g.where()
	err := g.c.each(g.ctx, func(row []driver.Value) error {
		apart[pairOf(uint64(asInt(row[0])), uint64(asInt(row[1])))] = true
		return nil
	}, "SELECT one, other FROM movements_apart WHERE "+where, args...)
	return apart, err
}

// tellersOf lists who tells a row: all sources, where it was told more than
// once.
func (g *gathering) tellersOf(r *tracing.Row) []teller {
	if told := g.groups[r.Position]; told != nil {
		return told.tellers
	}
	return []teller{{g.caseOf[r.Position], r.Source}}
}

// doubles looks for pairs in one group of look-alikes.
type doubles struct {
	rows    []tracing.Row // by time
	tellers func(*tracing.Row) []teller
	apart   map[pair]bool
	recent  map[bucket][]int // rows met so far, in the order of time
}

// bucket sorts the rows met by who tells them and by reference.
type bucket struct {
	teller teller
	ref    string
	any    bool // whatever the reference
}

func (d *doubles) all() (found []Double) {
	slices.SortFunc(d.rows, func(a, b tracing.Row) int {
		return cmp.Or(a.When.Time.Compare(b.When.Time), cmp.Compare(a.Position, b.Position))
	})
	var all []teller
	for i := range d.rows {
		own := d.tellers(&d.rows[i])
		if j := d.nearest(i, own, all); j >= 0 {
			p := Double{d.rows[j], d.rows[i]}
			if p.Other.Position < p.One.Position {
				p.One, p.Other = p.Other, p.One
			}
			found = append(found, p)
		}
		for _, t := range own {
			if !slices.Contains(all, t) {
				all = append(all, t)
			}
			for _, b := range []bucket{{t, "", true}, {t, d.rows[i].Ref, false}} {
				d.recent[b] = append(d.recent[b], i)
			}
		}
	}
	return found
}

// nearest is the latest row met that others tell and that may be the same
// payment; -1 if there is none.
func (d *doubles) nearest(i int, own, all []teller) int {
	best := -1
	for _, t := range all {
		if slices.Contains(own, t) {
			continue
		}
		buckets := []bucket{{t, "", true}}
		if ref := d.rows[i].Ref; ref != "" { // two references tell two payments apart
			buckets = []bucket{{t, "", false}, {t, ref, false}}
		}
		for _, b := range buckets {
			if j := d.last(i, own, d.recent[b]); j >= 0 && (best < 0 || d.rows[best].When.Time.Before(d.rows[j].When.Time)) {
				best = j
			}
		}
	}
	return best
}

func (d *doubles) last(i int, own []teller, met []int) int {
	for _, j := range slices.Backward(met) {
		if !domain.SamePayment(d.rows[i].Movement, d.rows[j].Movement) {
			return -1 // too far back in time: so is all before it
		}
		toldByOwn := slices.ContainsFunc(d.tellers(&d.rows[j]), func(t teller) bool { return slices.Contains(own, t) })
		if !toldByOwn && !d.apart[pairOf(d.rows[i].Position, d.rows[j].Position)] {
			return j
		}
	}
	return -1
}

func doubleWarning(id domain.CaseID, a, b *tracing.Row) tracing.Warning {
	return tracing.Warning{Code: tracing.WarnPossibleTwin, Movement: b.ID, Account: b.To, Amount: b.Amount, Text: fmt.Sprintf(
		"Movement %s (told by %s, %s) and movement %s (told by %s, %s) agree in accounts and amount and lie within two days: if they are one payment it is counted twice here; say which with 'clew match %s --join %s %s' or '--apart'.",
		a.ID, a.Source, a.When, b.ID, b.Source, b.When, id, a.ID, b.ID)}
}
