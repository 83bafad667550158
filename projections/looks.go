package projections

import (
	"context"
	"time"

	"clew/domain"
	"clew/tracing"
)

// looks remember what was found in the pools that freezes speak of. Many
// freezes were placed at one moment, and many on the accounts of one case: a
// case is walked once for all moments where there is an index of it, else once
// for each, and it is read once for its passages.
type looks struct {
	views   *Views
	ask     Ask
	wanted  map[poolKey]bool
	indexes map[domain.CaseID]*tracing.Index // nil where the case must be walked
	walked  map[look]map[poolKey]inPool
	passed  map[domain.CaseID]map[poolKey][]passage
}

// look is a case at a moment.
type look struct {
	id domain.CaseID
	at time.Time
}

// inPool is what lies in a pool, and what of it traces to victims.
type inPool struct{ balance, victims domain.Units }

func newLooks(v *Views, a Ask) *looks {
	return &looks{v, a, map[poolKey]bool{}, map[domain.CaseID]*tracing.Index{}, map[look]map[poolKey]inPool{}, map[domain.CaseID]map[poolKey][]passage{}}
}

// at gives what a wanted pool holds.
func (l *looks) at(ctx context.Context, moment look, key poolKey) (inPool, error) {
	index, err := l.index(ctx, moment.id)
	if err != nil {
		return inPool{}, err
	}
	if index == nil {
		found, err := l.walk(ctx, moment)
		return found[key], err
	}
	for _, pool := range index.Account(key.account, moment.at) {
		if pool.Asset == key.asset {
			return inPool{pool.Balance, tracedOf(pool)}, nil
		}
	}
	return inPool{}, nil
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
	if found, known := l.walked[moment]; known {
		return found, nil
	}
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
