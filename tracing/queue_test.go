package tracing

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Queues that grow, shrink and share their rings hold what lists would hold.
func TestQueuesHoldTheirLotsInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r rings
		var queues [3]queue
		var lists [3][]slot
		for place := range uint32(rapid.IntRange(1, 400).Draw(t, "deeds")) {
			n := rapid.IntRange(0, 2).Draw(t, "queue")
			q, list := &queues[n], &lists[n]
			switch end := rapid.SampledFrom([]sharing{oldest, newest}).Draw(t, "end"); rapid.IntRange(0, 4).Draw(t, "deed") {
			case 0:
				if len(*list) > 0 {
					if end == newest {
						*list = (*list)[:len(*list)-1]
					} else {
						*list = (*list)[1:]
					}
					q.drop(end)
				}
			case 1:
				if len(*list) > 0 {
					i := rapid.IntRange(0, len(*list)-1).Draw(t, "place")
					r.at(q, i).place = gone
					r.tidy(q)
					back := (*list)[i]
					*list = slices.Delete(slices.Clone(*list), i, i+1)
					if end == newest {
						r.insert(q, back)
						*list = slices.Insert(*list, i, back)
					}
				}
			default:
				for range rapid.SampledFrom([]int{1, 1, 1, 40}).Draw(t, "lots") {
					s := slot{units: int64(place), owner: owner(n), place: place}
					r.push(q, s)
					*list = append(*list, s)
				}
			}
			for n := range queues {
				var got []slot
				for i := range queues[n].len() {
					got = append(got, *r.at(&queues[n], i))
				}
				if !slices.Equal(got, lists[n]) {
					t.Fatalf("queue %d holds %v, not %v", n, got, lists[n])
				}
			}
		}
	})
}

// A ring longer than a slab has one of its own; the shorter ones go on in
// theirs, and what was outgrown is used again.
func TestALongRingHasASlabOfItsOwn(t *testing.T) {
	var r rings
	var long, short queue
	for i := range uint32(3 * slabSize) {
		r.push(&long, slot{place: i})
		if i%4 == 0 {
			r.push(&short, slot{place: i / 4})
		}
	}
	for i := range long.len() {
		if got := r.at(&long, i).place; got != uint32(i) {
			t.Fatalf("lot %d is %d", i, got)
		}
	}
	for i := range short.len() {
		if got := r.at(&short, i).place; got != uint32(i) {
			t.Fatalf("lot %d of the other is %d", i, got)
		}
	}
	if slabs := len(r.slabs); slabs > 16 {
		t.Errorf("%d slabs for two queues", slabs)
	}
}

// The walk is as fast as it is because a till fills one line of memory.
func TestATillIsOneLineOfMemory(t *testing.T) {
	if size := reflect.TypeFor[till]().Size(); size != 64 {
		t.Errorf("a till takes %d bytes", size)
	}
	if size := reflect.TypeFor[slot]().Size(); size != 16 {
		t.Errorf("a lot takes %d bytes", size)
	}
}
