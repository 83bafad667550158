package projections

import (
	"context"
	"errors"
)

// query runs a function on rows that stand at least at the head of the log,
// all of one moment. Where a projection that it rests on is parked the error
// is a *Parked.
func (v *Views) query(ctx context.Context, do func(*conn) error, restsOn ...string) error {
	head, err := v.store.Head(ctx)
	if err != nil {
		return err
	}
	return v.queryAt(ctx, head, do, restsOn...)
}

// queryAt is query for rows that stand at least at a position of the log.
func (v *Views) queryAt(ctx context.Context, least uint64, do func(*conn) error, restsOn ...string) error {
	for range 3 {
		err := v.readers.use(ctx, func(c *conn) error {
			if err := v.standing(c, least, restsOn); err != nil {
				return err
			}
			return do(c)
		})
		if !errors.Is(err, errBehind) {
			return err
		}
		if err := v.CatchUp(ctx); err != nil {
			return err
		}
	}
	return &FileError{v.path, errors.New("another process empties them again and again")}
}

var errBehind = errors.New("the read models are behind the log")

// standing says whether the rows may be read for a position.
func (v *Views) standing(c *conn, least uint64, restsOn []string) error {
	states, err := v.states(c)
	if err != nil {
		return err
	}
	if !v.compared.Load() {
		return errBehind
	}
	for _, name := range restsOn {
		s := states[name]
		if s.position >= least {
			continue
		}
		if s.parked != nil {
			return s.parked
		}
		return errBehind
	}
	return nil
}
