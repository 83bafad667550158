package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"

	"clew/eventstore"
)

func reading() []Guarantee {
	return []Guarantee{
		{"pages of any size give the same records", paging},
		{"pages of a stream give its records and no others", streamPaging},
		{"what was read once is read the same for ever", readTheSame},
	}
}

// mixed appends a few hundred events in appends of several sizes.
func mixed(t T, s eventstore.Store) {
	t.Helper()
	for i := range 40 {
		a := plain(append(events("case/C1", i%5), events(fmt.Sprintf("case/C%d", 2+i%3), 1+i%7)...)...)
		a.Correlation = fmt.Sprint("import ", i)
		if i%2 == 1 {
			a.Key, a.Request = fmt.Sprint("key ", i), []byte("{}")
		}
		must(t, s, a)
	}
}

func paging(t T, h Harness) {
	s := h.open(t)
	mixed(t, s)
	all := readAll(t, s)
	sound(t, all)
	for _, size := range []int{1, 2, 20, len(all) - 1, len(all), len(all) + 1, eventstore.MaxRead} {
		var read []eventstore.Record
		for {
			page, err := s.Read(context.Background(), uint64(len(read)), size)
			if err != nil {
				t.Fatalf("pages of %d after %d: %v", size, len(read), err)
			}
			if len(page) > size {
				t.Fatalf("a page of %d has %d records", size, len(page))
			}
			if read = append(read, page...); len(page) < size {
				break
			}
		}
		same(t, all, read)
	}
	for _, after := range []uint64{uint64(len(all)), uint64(len(all)) + 1, math.MaxInt64, math.MaxUint64} {
		if page, err := s.Read(context.Background(), after, 10); err != nil || len(page) != 0 {
			t.Errorf("%d records lie after %d: %v", len(page), after, err)
		}
	}
	for _, limit := range []int{0, -1, eventstore.MaxRead + 1} {
		if _, err := s.Read(context.Background(), 0, limit); !errors.Is(err, eventstore.ErrInvalid) {
			t.Errorf("a page of %d: %v", limit, err)
		}
	}
}

func streamPaging(t T, h Harness) {
	s := h.open(t)
	mixed(t, s)
	var want []eventstore.Record
	for _, r := range readAll(t, s) {
		if r.Stream == "case/C3" {
			want = append(want, r)
		}
	}
	for _, size := range []int{1, 3, len(want), len(want) + 1} {
		var read []eventstore.Record
		for {
			page, err := s.ReadStream(context.Background(), "case/C3", uint64(len(read)), size)
			if err != nil {
				t.Fatalf("pages of %d after version %d: %v", size, len(read), err)
			}
			if read = append(read, page...); len(page) < size {
				break
			}
		}
		same(t, want, read)
	}
	if page, err := s.ReadStream(context.Background(), "case/C3", math.MaxUint64, 1); err != nil || len(page) != 0 {
		t.Errorf("%d records lie after the last version that there can be: %v", len(page), err)
	}
	if _, err := s.ReadStream(context.Background(), "case/C3", 0, 0); !errors.Is(err, eventstore.ErrInvalid) {
		t.Errorf("a page of nothing: %v", err)
	}
}

func readTheSame(t T, h Harness) {
	s := h.open(t)
	mixed(t, s)
	before := readAll(t, s)
	s = h.again(t, s)
	same(t, before, readAll(t, s))
	mixed(t, s)
	after := readAll(t, h.again(t, s))
	same(t, before, after[:len(before)])
	sound(t, after)
}
