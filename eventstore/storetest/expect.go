package storetest

import (
	"context"
	"errors"

	"clew/eventstore"
)

func expecting() []Guarantee {
	return []Guarantee{
		{"an append holds only at the expected version", expectedVersion},
		{"of those who decide on the same version one wins", oneWins},
		{"a refused append does not hurt those beside it", refusedBeside},
	}
}

func expectedVersion(t T, h Harness) {
	s := h.open(t)
	for i, c := range []struct {
		expected uint64
		actual   uint64
		holds    bool
	}{
		{1, 0, false},
		{eventstore.Any, 0, true},
		{0, 2, false},
		{1, 2, false},
		{3, 2, false},
		{2, 2, true},
		{eventstore.Any, 4, true},
		{eventstore.Any - 1, 6, false},
	} {
		a := plain(events("case/C1", 2)...)
		a.Expect = []eventstore.Expectation{{Stream: "case/C1", Version: c.expected}}
		_, err := s.Append(context.Background(), a)
		if c.holds && err != nil {
			t.Errorf("case %d: version %d is the stream's, and yet: %v", i, c.expected, err)
		}
		if !c.holds {
			stale(t, err, eventstore.VersionConflict{Stream: "case/C1", Expected: c.expected, Actual: c.actual})
		}
		if i%3 == 2 {
			s = h.again(t, s)
		}
	}
	stands(t, s, 6)
	elsewhere(t, s)
}

// elsewhere expects versions of streams that the append does not write to.
func elsewhere(t T, s eventstore.Store) {
	t.Helper()
	a := plain(events("case/C9", 1)...)
	a.Expect = []eventstore.Expectation{{Stream: "case/C9", Version: 0}, {Stream: "case/C1", Version: 5}}
	_, err := s.Append(context.Background(), a)
	stale(t, err, eventstore.VersionConflict{Stream: "case/C1", Expected: 5, Actual: 6})
	a.Expect[1].Version = 6
	must(t, s, a)
}

func stale(t T, err error, want eventstore.VersionConflict) {
	t.Helper()
	var got *eventstore.VersionConflict
	if !errors.As(err, &got) || *got != want {
		t.Errorf("%v, and it should be %v", err, &want)
	}
}

// oneWins lets clients raise the same stream by one each, deciding anew after
// every conflict: each version is won once.
func oneWins(t T, h Harness) {
	const clients, each = 8, 10
	s := h.open(t)
	together(t, clients, func(int) error {
		for won := 0; won < each; {
			version, err := s.Version(context.Background(), "case/C1")
			if err != nil {
				return err
			}
			a := plain(events("case/C1", 1)...)
			a.Expect = []eventstore.Expectation{{Stream: "case/C1", Version: version}}
			r, err := s.Append(context.Background(), a)
			var lost *eventstore.VersionConflict
			switch {
			case err == nil && r.First != version+1:
				return errors.New("an append that expected one version was recorded at another")
			case err == nil:
				won++
			case !errors.As(err, &lost):
				return err
			}
		}
		return nil
	})
	stands(t, s, clients*each)
	sound(t, readAll(t, s))
}

// refusedBeside has half of the clients append what cannot hold.
func refusedBeside(t T, h Harness) {
	const clients, each = 16, 10
	s := h.open(t)
	must(t, s, plain(events("case/C1", 1)...))
	together(t, clients, func(client int) error {
		for range each {
			a := plain(events("case/C1", 3)...)
			if client%2 == 1 {
				a.Expect = []eventstore.Expectation{{Stream: "case/C1", Version: 0}}
			}
			_, err := s.Append(context.Background(), a)
			if refused := err != nil; refused != (client%2 == 1) {
				return errors.Join(err, errors.New("the wrong client was refused"))
			}
		}
		return nil
	})
	stands(t, s, 1+clients/2*each*3)
	sound(t, readAll(t, s))
}
