package storetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"clew/eventstore"
)

func keys() []Guarantee {
	return []Guarantee{
		{"the same request under the same key gets the first answer, for ever", sameKey},
		{"a key tells its first answer without an append", told},
		{"another request under the same key is a conflict and says where they differ", keyConflict},
		{"a refused append does not use its key up", keyOfRefused},
		{"of those who come at once with one key one is recorded", keyRace},
	}
}

func keyed(key, request string, events ...eventstore.Event) eventstore.Append {
	a := plain(events...)
	a.Key, a.Request = key, []byte(request)
	return a
}

func sameKey(t T, h Harness) {
	s := h.open(t)
	must(t, s, plain(events("case/C1", 5)...))
	a := keyed("import-1", `{"file":"a"}`, events("case/C1", 3)...)
	a.Expect = []eventstore.Expectation{{Stream: "case/C1", Version: 5}}
	first := must(t, s, a)
	if first.Repeated || first.First != 6 || first.Last != 8 {
		t.Errorf("the first answer is %+v", first)
	}
	must(t, s, plain(events("case/C1", 2)...))
	first.Repeated = true
	for range 3 {
		// Its expectation is stale by now, and its events may be made anew
		// with other times in them: the request is what counts.
		a.Events = events("case/C1", 4)
		if got := must(t, s, a); got != first {
			t.Errorf("the same request got %+v, and first %+v", got, first)
		}
		s = h.again(t, s)
	}
	stands(t, s, 10)
	must(t, s, keyed("import-2", `{"file":"a"}`, events("case/C1", 1)...))
	must(t, s, plain(events("case/C1", 1)...))
	must(t, s, plain(events("case/C1", 1)...))
	stands(t, s, 13)
}

func told(t T, h Harness) {
	s := h.open(t)
	must(t, s, plain(events("case/C1", 2)...))
	for _, key := range []string{"k", ""} {
		if r, known, err := s.Told(context.Background(), key, []byte(`{}`)); err != nil || known || r != (eventstore.Receipt{}) {
			t.Errorf("a key that is new tells %+v, %v, %v", r, known, err)
		}
	}
	first := must(t, s, keyed("k", `{"a":1}`, events("case/C1", 2)...))
	first.Repeated = true
	for range 2 {
		if r, known, err := s.Told(context.Background(), "k", []byte(`{"a":1}`)); err != nil || !known || r != first {
			t.Errorf("it tells %+v, %v, %v, and not %+v", r, known, err, first)
		}
		_, known, err := s.Told(context.Background(), "k", []byte(`{"a":2}`))
		var conflict *eventstore.KeyConflict
		if !errors.As(err, &conflict) || known || conflict.First != 3 || conflict.Difference == "" {
			t.Errorf("another request is told %v, %v", known, err)
		}
		s = h.again(t, s)
	}
	stands(t, s, 4)
}

func keyConflict(t T, h Harness) {
	s := h.open(t)
	must(t, s, keyed("k", `{"amount":"10.00","to":"B"}`, events("case/C1", 1)...))
	for range 2 {
		_, err := s.Append(context.Background(), keyed("k", `{"amount":"11.00","to":"B"}`, events("case/C1", 1)...))
		var conflict *eventstore.KeyConflict
		if !errors.As(err, &conflict) || conflict.Key != "k" || conflict.First != 1 {
			t.Fatalf("%v", err)
		}
		if d := conflict.Difference; !strings.Contains(d, "10.00") || !strings.Contains(d, "11.00") || strings.Contains(d, "B") {
			t.Errorf("the difference is said to be %s", d)
		}
		s = h.again(t, s)
	}
	stands(t, s, 1)
}

func keyOfRefused(t T, h Harness) {
	s := h.open(t)
	must(t, s, plain(events("case/C1", 1)...))
	a := keyed("k", `{}`, events("case/C1", 1)...)
	a.Expect = []eventstore.Expectation{{Stream: "case/C1", Version: 0}}
	if _, err := s.Append(context.Background(), a); err == nil {
		t.Errorf("a stale append was recorded")
	}
	a.Expect[0].Version = 1
	if r := must(t, s, a); r.Repeated || r.First != 2 {
		t.Errorf("after the refusal it got %+v", r)
	}
	stands(t, s, 2)
}

func keyRace(t T, h Harness) {
	const clients, keys = 16, 8
	s := h.open(t)
	var recorded atomic.Int64
	together(t, clients, func(int) error {
		for k := range keys {
			r, err := s.Append(context.Background(), keyed(fmt.Sprint("k", k), `{}`, events(fmt.Sprint("case/C", k), 2)...))
			if err != nil {
				return err
			}
			if r.Last != r.First+1 {
				return fmt.Errorf("key %d got %+v", k, r)
			}
			if !r.Repeated {
				recorded.Add(1)
			}
		}
		return nil
	})
	if recorded.Load() != keys {
		t.Errorf("%d clients were told that theirs was the first of %d", recorded.Load(), keys)
	}
	stands(t, s, 2*keys)
}
