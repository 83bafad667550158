package tracing

import "slices"

// Kept is a walk that goes on: where a case has grown by movements after its
// end, only those are walked. Everything else (a late row, a correction, a new
// home, a return of what was delivered before) changes what was walked
// already, and then the case is walked afresh. The answer is always that of a
// fresh walk.
//
//	kept, err := tracing.Keep(tracing.Input{Case: c, Rule: tracing.FIFO})
//	c.Add(&row)
//	answer, err := kept.Trace(tracing.Input{Case: c, Rule: tracing.FIFO})
//
// It keeps what the walk has in memory, some 30 bytes a transfer. It is for
// one goroutine at a time, and for the rules that move whole units: under
// pro-rata and libr an answer asks for a pass over everything in any case.
type Kept struct {
	walk  *walk
	fresh int // how often a case was walked afresh
}

// Keep walks a case and keeps the walk.
func Keep(in Input) (*Kept, error) {
	k := &Kept{}
	return k, k.walkTo(in)
}

// Trace answers as Trace does, and walks no more than it must.
func (k *Kept) Trace(in Input) (Answer, error) {
	if err := k.walkTo(in); err != nil {
		return Answer{}, err
	}
	answer := k.walk.show()
	answer.Warnings = slices.Clone(answer.Warnings) // the walk goes on adding to its own
	return answer, nil
}

func (k *Kept) walkTo(in Input) error {
	rule, err := findRule(in.Rule)
	if err != nil {
		return err
	}
	p, err := makePlan(in)
	if err != nil {
		return err
	}
	p.tellVictimsApart()
	w := k.walk
	k.walk = nil // a walk that has stopped is no walk to go on from
	if w == nil || w.rule != rule || !w.follows(p) {
		w, k.fresh = newWalk(p, rule), k.fresh+1
	} else {
		w.takeUp(p)
	}
	if err := w.run(); err != nil {
		return err
	}
	if w.lots != nil {
		k.walk = w
	}
	return nil
}

// tellVictimsApart gives every victim a class of his own: who is paid back for
// the first time must not change the marks of before.
func (p *plan) tellVictimsApart() {
	for v := range p.classes {
		p.classes[v] = int32(v) + 1
	}
}

// follows says whether a plan begins with all that was walked, and nothing
// that it has on top would have changed a step of it.
func (w *walk) follows(p *plan) bool {
	was := w.plan
	n := len(was.steps)
	// A case only grows: if it is the same, so are the rows of the steps.
	return w.lots != nil && p.of == was.of && len(was.holds)+len(p.holds) == 0 &&
		starts(p.steps, was.steps) && starts(p.rare, was.rare) && starts(p.claims, was.claims) && starts(p.pools, was.pools) &&
		starts(p.assets, was.assets) && starts(p.victims, was.victims) && starts(p.losses, was.losses) && starts(p.sinks, was.sinks) &&
		!lostMore(p, was) && starts(p.classes, was.classes) && starts(p.joins(), w.lots.joins) && sameAccounts(p, was) && sameWarnings(p, was) &&
		(n == len(p.steps) || n == 0 || p.steps[n].turn != bareDated || p.steps[n-1].turn != bareDated || !p.sameDay(n-1, n))
}

// lostMore says whether a victim with a loss has one in another asset now: then
// what was paid back to him in that asset counts, which it did not before.
func lostMore(p, was *plan) bool {
	return slices.ContainsFunc(p.losses[min(len(was.losses), len(p.losses)):], func(more loss) bool {
		return slices.ContainsFunc(was.losses, func(l loss) bool { return l.victim == more.victim })
	})
}

// starts says whether a list begins with another.
func starts[T comparable](list, with []T) bool {
	return len(list) >= len(with) && slices.Equal(list[:len(with)], with)
}

// sameAccounts says whether the accounts that were known are what they were:
// their homes too.
func sameAccounts(p, was *plan) bool {
	return len(p.accounts) >= len(was.accounts) && slices.EqualFunc(p.accounts[:len(was.accounts)], was.accounts, func(a, b account) bool {
		return a.name == b.name && a.kind == b.kind && a.coerced == b.coerced && a.standing == b.standing && slices.Equal(a.homeOf, b.homeOf)
	})
}

// sameWarnings says whether the plan warns of what it warned of, and of no
// more: a warning stands before those of the walk.
func sameWarnings(p, was *plan) bool { return slices.Equal(p.warnings, was.warnings) }

// takeUp gives the walk a plan that begins with its own.
func (w *walk) takeUp(p *plan) {
	pools, losses := len(p.pools), len(p.losses)
	w.plan = p
	w.tills, w.owed, w.missing = p.tillsOf(w.tills), grown(w.owed, pools), grown(w.missing, pools)
	w.lots.takeUp(p)
	w.exposure.takeUp(p, w.tills)
	w.book.follow(&w.clock, w.tills)
	w.lots.sums.own, w.lots.sums.returned = grown(w.lots.sums.own, losses), grown(w.lots.sums.returned, losses)
	w.lots.sums.presumed = grown(w.lots.sums.presumed, len(p.assets))
	w.agenda.plan, w.agenda.steps, w.agenda.tills, w.agenda.done = p, p.steps, w.tills, grown(w.agenda.done, len(p.steps))
	w.agenda.next = min(w.agenda.next, int32(len(w.agenda.found))) // it had looked one step beyond the end
}

func (b *lotBook) takeUp(p *plan) {
	b.plan, b.joins = p, p.joins()
	if b.second != nil {
		b.second = grown(b.second, len(p.pools))
	}
}

func (e *exposure) takeUp(p *plan, tills []till) {
	words := wordsOf(p)
	if words > e.words {
		e.widen(words)
	}
	e.plan, e.tills, e.pools, e.accounts, e.began = p, tills, grown(e.pools, len(p.pools)), grown(e.accounts, len(p.accounts)), grown(e.began, len(p.victims))
	e.reported, e.paidBack = grown(e.reported, len(p.losses)), grown(e.paidBack, len(p.losses))
}

// widen gives every set more words.
func (e *exposure) widen(words int) {
	was := e.words
	e.words, e.room, e.way, e.queue = words, nil, make(classSet, words), nil
	wider := func(s classSet) classSet {
		if s == nil {
			return nil
		}
		set := e.set()
		copy(set, s)
		return set
	}
	sets := e.sets
	e.sets = nil
	for at := 0; at < len(sets); at += was {
		e.sets = append(append(e.sets, sets[at:at+was]...), make([]uint64, words-was)...)
	}
	for n, s := range e.borne {
		e.borne[n] = wider(s)
	}
}

func grown[T any](list []T, n int) []T {
	return append(list, make([]T, max(0, n-len(list)))...)
}
