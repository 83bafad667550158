package storetest_test

import (
	"runtime"
	"sync/atomic"
	"testing"

	"clew/eventstore"
	"clew/eventstore/storetest"
)

func harness(fault string) storetest.Harness {
	d := newDisk(fault)
	return storetest.Harness{
		Open:           func() (eventstore.Store, error) { return &memory{disk: d}, nil },
		OpenReadOnly:   func() (eventstore.Store, error) { return &memory{disk: d, readOnly: true}, nil },
		Change:         d.change,
		Remove:         d.remove,
		ChangeEvidence: d.changeEvidence,
	}
}

func TestTheSimplestStorePasses(t *testing.T) {
	storetest.Run(t, func(storetest.T) storetest.Harness { return harness("") })
}

// Each fault must be caught by a guarantee that speaks of it: a suite which
// lets one pass would let a store lose events.
func TestEveryFaultIsCaught(t *testing.T) {
	for fault, guarantee := range map[string]string{
		"a closed log answers":                       "a closed log refuses",
		"a log that is read-only records":            "a log that is open for reading reads and refuses to record",
		"an ended caller is recorded":                "a caller that has ended records nothing",
		"limits are not kept":                        "what is one beyond its limit is refused",
		"a refused append uses its key up":           "a refused append does not use its key up",
		"another request gets the first answer":      "another request under the same key is a conflict and says where they differ",
		"expected versions are not checked":          "an append holds only at the expected version",
		"a refused append leaves some of its events": "an append over several streams is recorded whole or not at all",
		"time runs backwards":                        "recorded_at never runs backwards",
		"nothing is told":                            "a key tells its first answer without an append",
		"keys are forgotten":                         "the same request under the same key gets the first answer, for ever",
		"a position is left out":                     "positions are dense and an append's events are neighbours",
		"every hundredth append is lost":             "sixty-four writers at once lose nothing and double nothing",
		"ids are random":                             "positions are dense and an append's events are neighbours",
		"the fast block is lost":                     "what is read is what was appended",
		"causation is lost":                          "what is read is what was appended",
		"the last of a page is left out":             "pages of any size give the same records",
		"streams are mixed up":                       "pages of a stream give its records and no others",
		"leaves are not checked":                     "a record that was changed is named",
		"a replay leaves the rest out":               "a replay gives every record, without the bodies that fast blocks repeat",
		"a replay gives no bodies":                   "a replay gives every record, without the bodies that fast blocks repeat",
		"a node is wrong":                            "the root is that of RFC 6962 over the records' leaves",
		"a tree beyond the log is given":             "a tree larger than the log is refused",
		"any checkpoint is kept":                     "a checkpoint that the log does not bear out is refused",
		"a checkpoint is kept twice":                 "checkpoints are kept as they were given, in their order",
		"half a file is kept":                        "evidence is not there before all of it is",
		"evidence is lost":                           "evidence of any size comes back byte for byte",
		"evidence is not checked":                    "evidence that was changed is not handed out",
		"the identity changes":                       "the log keeps its identity",
		"the last append is lost at close":           "what was read once is read the same for ever",
	} {
		t.Run(fault, func(t *testing.T) {
			if catches(t, guarantee, fault) == 0 {
				t.Errorf("a store with this fault passes %q", guarantee)
			}
		})
	}
}

// catches counts what a guarantee says about a store with a fault.
func catches(t *testing.T, guarantee, fault string) int64 {
	for _, g := range storetest.Guarantees() {
		if g.Name == guarantee {
			w := &witness{T: t}
			done := make(chan struct{})
			go func() { defer close(done); g.Check(w, harness(fault)) }()
			<-done
			return w.said.Load()
		}
	}
	t.Fatalf("there is no guarantee %q", guarantee)
	return 0
}

// witness counts failures instead of failing.
type witness struct {
	*testing.T
	said atomic.Int64
}

func (w *witness) Errorf(string, ...any) { w.said.Add(1) }

func (w *witness) Fatalf(string, ...any) {
	w.said.Add(1)
	runtime.Goexit()
}
