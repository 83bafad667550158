package projections

import (
	"context"
	"time"

	"clew/domain"
	"clew/tracing"
)

// looks remember what was found in the pools that freezes speak of. Many
// freezes were placed at one moment, and many on the accounts of one case: a
// case is walked for the first few moments, then once for all others where
// there can be an index of it, and it is read once for its passages.
type looks struct {
	views   *Views
	ask     Ask
	wanted  map[poolKey]bool
	indexes map[domain.CaseID]*tracing.Index // nil where the case must be walked
	walked  map[look]map[poolKey]inPool
	walks   map[domain.CaseID]int // moments
	passed  map[domain.CaseID]map[poolKey][]passage
}

// fewMoments are walked one by one: an index takes as long as three or four
// walks to earlier moments.
const fewMoments = 3

// look is a case at a moment.
type look struct {
	id domain.CaseID
	at time.Time
}

// inPool is what lies in a pool, and what of it traces to victims.
type inPool struct{ balance, victims domain.Units }

func newLooks(v *Views, a Ask) *looks {
	return &looks{views: v, ask: a, wanted: map[poolKey]bool{}, indexes: map[domain.CaseID]*tracing.Index{}, walked: map[look]map[poolKey]inPool{},
		walks: map[domain.CaseID]int{}, passed: map[domain.CaseID]map[poolKey][]passage{}}
}

// at gives what a wanted pool holds.
func (l *looks) at(ctx context.Context, moment look, key poolKey) (inPool, error) {
	found, known := l.walked[moment]
	if known {
		return found[key], nil
	}
	var index *tracing.Index
	var err error
	if l.walks[moment.id] >= fewMoments {
		index, err = l.index(ctx, moment.id)
	}
	switch {
	case err != nil:
		return inPool{}, err
	case index != nil:
		return inIndex(index, moment.at, key), nil
	}
	found, err = l.walk(ctx, moment)
	return found[key], err
}

func inIndex(index *tracing.Index, at time.Time, key poolKey) inPool {
	for _, pool := range index.Account(key.account, at) {
		if pool.Asset == key.asset {
			return inPool{pool.Balance, tracedOf(pool)}
		}
	}
	return inPool{}
}

func (l *looks) index(ctx context.Context, id domain.CaseID) (*tracing.Index, error) {
	if index, known := l.indexes[id]; known {
		return index, nil
	}
	ask := l.ask
	ask.Case = id
	index, err := l.views.index(ctx, ask)
	if err == nil {
		l.indexes[id] = index
	}
	return index, err
}

// walk gives what the wanted pools hold; those that are not there hold nothing.
func (l *looks) walk(ctx context.Context, moment look) (map[poolKey]inPool, error) {
	ask := l.ask
	ask.Case, ask.At = moment.id, moment.at
	t, err := l.views.Trace(ctx, ask)
	if err != nil {
		return nil, err
	}
	found := map[poolKey]inPool{}
	for _, pool := range t.Answer.Accounts {
		if key := (poolKey{pool.Account, pool.Asset}); l.wanted[key] {
			found[key] = inPool{pool.Balance, tracedOf(pool)}
		}
	}
	l.walked[moment] = found
	l.walks[moment.id]++
	return found, nil
}

// passages are those of the wanted pools, as a case tells them.
func (l *looks) passages(ctx context.Context, id domain.CaseID) (map[poolKey][]passage, error) {
	if passed, known := l.passed[id]; known {
		return passed, nil
	}
	assembly, err := l.views.Assemble(ctx, id, l.ask.Upto)
	if err != nil {
		return nil, err
	}
	l.passed[id] = passages(assembly, l.ask.At, func(k poolKey) bool { return l.wanted[k] })
	return l.passed[id], nil
}
