package relay_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"clew/eventstore"
	"clew/eventstore/relay"
)

// receivers take what is handed to them, or not.
type receivers struct {
	mu     sync.Mutex
	took   map[string][]string // by receiver: bodies, in order
	tries  map[string]int      // by receiver and parcel
	refuse func(receiver string, body string) bool
	came   chan struct{}
}

func (r *receivers) handOver(_ context.Context, receiver string, p relay.Parcel) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tries[receiver+" "+p.ID]++
	if r.refuse != nil && r.refuse(receiver, string(p.Body)) {
		return errors.New("not today")
	}
	r.took[receiver] = append(r.took[receiver], string(p.Body))
	select {
	case r.came <- struct{}{}:
	default:
	}
	return nil
}

// until waits for something to hold, each time a receiver has taken something.
func (r *receivers) until(t *testing.T, holds func() bool) {
	t.Helper()
	patience := time.After(20 * time.Second)
	for {
		r.mu.Lock()
		done := holds()
		r.mu.Unlock()
		if done {
			return
		}
		select {
		case <-r.came:
		case <-time.After(20 * time.Millisecond):
		case <-patience:
			t.Fatalf("it does not come to that: %v", r.took)
		}
	}
}

// carries starts a courier that tells everything to two receivers.
func carries(t *testing.T, log, own eventstore.Store, r *receivers) *relay.Courier {
	t.Helper()
	k, err := relay.NewCourier(relay.CourierConfig{Log: log, Own: own, Tries: 3, First: time.Millisecond, Longest: 2 * time.Millisecond, HandOver: r.handOver,
		Address: func(records []eventstore.Record) (list []relay.Addressed, _ error) {
			for _, e := range records {
				told := relay.Parcel{ID: e.ID.String(), Body: fmt.Appendf(nil, "%d", e.Position)}
				list = append(list, relay.Addressed{Receiver: "a", Parcel: told}, relay.Addressed{Receiver: "b", Parcel: told})
			}
			return list, nil
		}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, end := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- k.Run(ctx) }()
	<-k.Running()
	if err := k.Serve(ctx, []string{"a", "b"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		end()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return k
}

// Who takes nothing holds nobody else up, and what he does not take is tried
// again, parked, shown, and sent again when somebody says so.
func TestWhatIsNotTakenIsParkedAndSentAgain(t *testing.T) {
	log, own := openLog(t), openLog(t)
	shut := true
	r := &receivers{took: map[string][]string{}, tries: map[string]int{}, came: make(chan struct{}, 1)}
	r.refuse = func(receiver, body string) bool { return receiver == "a" && shut && body != "3" }
	k := carries(t, log, own, r)
	record(t, log, 4)
	r.until(t, func() bool { return len(r.took["b"]) == 4 && len(r.took["a"]) == 1 })
	for i, body := range r.took["b"] {
		if body != fmt.Sprint(i+1) {
			t.Errorf("b is told %v", r.took["b"])
		}
	}
	var parked []relay.Parked
	r.until(t, func() bool {
		var err error
		if parked, err = k.Parked(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		return len(parked) == 3
	})
	for _, p := range parked {
		if p.Why != "not today" || r.tries["a "+p.ID] != 3 {
			t.Errorf("parcel %s is parked because %q after %d tries", p.ID, p.Why, r.tries["a "+p.ID])
		}
	}
	if err := k.SendAgain(t.Context(), "a", parked[0].ID); err == nil {
		t.Error("it is sent again to somebody who takes nothing")
	}
	r.mu.Lock()
	shut = false
	r.mu.Unlock()
	if err := k.SendAgain(t.Context(), "a", parked[0].ID); err != nil {
		t.Fatal(err)
	}
	if left, err := k.Parked(t.Context(), "a"); err != nil || len(left) != 2 || left[0].ID != parked[1].ID {
		t.Errorf("parked are %v: %v", left, err)
	}
	if err := k.SendAgain(t.Context(), "a", parked[0].ID); !errors.Is(err, eventstore.ErrNotFound) {
		t.Errorf("what is parked no more is sent again: %v", err)
	}
}

// What is on its way when the courier stops gets there by the next one.
func TestACourierGoesOnWhereTheLastOneStopped(t *testing.T) {
	log, own := openLog(t), openLog(t)
	r := &receivers{took: map[string][]string{}, tries: map[string]int{}, came: make(chan struct{}, 1)}
	t.Run("the first", func(t *testing.T) {
		carries(t, log, own, r)
		record(t, log, 3)
		r.until(t, func() bool { return len(r.took["a"]) == 3 && len(r.took["b"]) == 3 })
	})
	record(t, log, 2)
	t.Run("the next", func(t *testing.T) {
		carries(t, log, own, r)
		r.until(t, func() bool { return len(r.took["a"]) >= 5 && len(r.took["b"]) >= 5 })
	})
	seen := map[string]bool{}
	for _, body := range r.took["a"] {
		seen[body] = true
	}
	if len(seen) != 5 {
		t.Errorf("a is told %v", r.took["a"])
	}
}
