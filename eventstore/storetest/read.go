package storetest

import (
	"bytes"
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
		{"a replay gives every record, without the bodies that fast blocks repeat", replayAll},
		{"a replay ends when its reader does, or cannot go on", replayEnds},
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

// facts is many records, with and without a fast block, in appends that share
// what they say of themselves and in such that do not.
func facts(t T, s eventstore.Store, n int) {
	t.Helper()
	before := head(t, s)
	for i := 0; n > 0; i++ {
		a := plain(events(fmt.Sprint("case/C", i%3), min(n, 1+i*i%700))...)
		for j := range a.Events {
			if (i+j)%4 > 0 {
				a.Events[j].Fast = fmt.Append(nil, "fast ", i, " ", j)
			}
		}
		if i%3 == 0 {
			a.Actor, a.Correlation, a.Causation = "insp.holm", fmt.Sprint("import ", i), "C"
		}
		if i%5 == 0 {
			a.Key, a.Request = fmt.Sprint("fact ", before, i), []byte("{}")
		}
		must(t, s, a)
		n -= len(a.Events)
	}
}

// replayed copies what a replay gives: the batches are not the reader's.
func replayed(t T, s eventstore.Store, after uint64) (all []eventstore.Record) {
	t.Helper()
	for batch, err := range s.Replay(context.Background(), after) {
		if err != nil {
			t.Fatalf("replay after %d: %v", after, err)
		}
		for _, r := range batch {
			if len(r.Fast) > 0 && r.Body != nil {
				t.Fatalf("record %d comes with a body and a fast block", r.Position)
			}
			r.Body, r.Fast = bytes.Clone(r.Body), bytes.Clone(r.Fast)
			all = append(all, r)
		}
		for i := range batch { // whoever writes into a batch must not reach the log
			batch[i].Position = 0
		}
	}
	return all
}

func replayAll(t T, h Harness) {
	s := h.open(t)
	if all := replayed(t, s, 0); len(all) != 0 {
		t.Errorf("of an empty log %d records are replayed", len(all))
	}
	for _, n := range []int{700, 700, 2000} {
		facts(t, s, n)
		want, err := s.Read(context.Background(), 0, eventstore.MaxRead)
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		for i := range want {
			if len(want[i].Fast) > 0 {
				want[i].Body = nil
			}
		}
		for _, after := range []int{len(want) - 1, len(want), 1, 1023, 1024, 1025, 0, 0} {
			same(t, want[min(after, len(want)):], replayed(t, s, uint64(after)))
		}
		s = h.again(t, s)
		same(t, want, replayed(t, s, 0))
	}
	for _, after := range []uint64{1 << 40, math.MaxInt64, math.MaxUint64} {
		if all := replayed(t, s, after); len(all) != 0 {
			t.Errorf("%d records are replayed after %d", len(all), after)
		}
	}
}

func replayEnds(t T, h Harness) {
	s := h.open(t)
	facts(t, s, 1500)
	for range s.Replay(context.Background(), 0) {
		break
	}
	ended, end := context.WithCancel(context.Background())
	defer end()
	turns := 0
	for batch, err := range s.Replay(ended, 0) {
		if turns++; turns > 1 && !errors.Is(err, context.Canceled) {
			t.Errorf("after its end the reader is given %d records, %v", len(batch), err)
		}
		end()
	}
	if turns != 2 {
		t.Errorf("a reader that ended in its first turn has had %d", turns)
	}
}
