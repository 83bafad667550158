package tracing

import (
	"reflect"
	"testing"
)

// Many pools are taken into several sheets side by side; joined, they are what
// one sheet would be.
func TestSheetsSideBySideAreOneSheet(t *testing.T) {
	p, err := makePlan(Input{Rows: crowd(90_000, false)})
	if err != nil {
		t.Fatal(err)
	}
	for i := range rules {
		if rules[i].name != FIFO && rules[i].name != ProceedsFirst {
			continue
		}
		w := newWalk(p, &rules[i])
		if err := w.run(); err != nil {
			t.Fatal(err)
		}
		order := p.poolsByName()
		one, parts := newSheet(w, len(order)), newSheet(w, len(order))
		one.take(order)
		if n := parts.columns(order); n < 3 {
			t.Fatalf("%d parts: nothing was joined", n)
		}
		if !reflect.DeepEqual(parts.figures, one.figures) || !reflect.DeepEqual(parts.entries, one.entries) ||
			!reflect.DeepEqual(parts.blind, one.blind) || !reflect.DeepEqual(parts.pools, one.pools) || !reflect.DeepEqual(parts.total, one.total) {
			t.Errorf("%s: the sheets joined are not the one sheet", rules[i].name)
		}
	}
}

// A panic in one of several works reaches the caller, after all have ended.
func TestAPanicBesideOthersReachesTheCaller(t *testing.T) {
	done := false
	defer func() {
		if trouble := recover(); trouble != "bad math" || !done {
			t.Errorf("recovered %v; the other work was done: %t", trouble, done)
		}
	}()
	sideBySide(func() { panic("bad math") }, func() { done = true })
}
