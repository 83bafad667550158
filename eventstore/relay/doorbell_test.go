package relay_test

import (
	"context"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"

	"clew/eventstore"
	"clew/eventstore/relay"
	"clew/eventstore/sqlite"
)

// never is longer than any test: a bell with it hears rings only.
const never = time.Hour

// wakes waits until a watcher is told a head.
func wakes(t *testing.T, heads <-chan uint64, want uint64) {
	t.Helper()
	for {
		select {
		case head, open := <-heads:
			if !open {
				t.Fatalf("the bell has ended before it told %d", want)
			}
			if head > want {
				t.Fatalf("the bell tells %d, and the log ends at %d", head, want)
			}
			if head == want {
				return
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("nobody was told of %d", want)
		}
	}
}

// quiet makes sure that a watcher is told nothing.
func quiet(t *testing.T, heads <-chan uint64) {
	t.Helper()
	select {
	case head := <-heads:
		t.Errorf("the bell tells %d for no reason", head)
	case <-time.After(30 * time.Millisecond):
	}
}

func watch(t *testing.T, bell *relay.Doorbell) <-chan uint64 {
	t.Helper()
	ctx, end := context.WithCancel(context.Background())
	t.Cleanup(end)
	return bell.Watch(ctx)
}

func newBell(t *testing.T, log relay.Heads, c relay.DoorbellConfig) *relay.Doorbell {
	t.Helper()
	bell := relay.NewDoorbell(log, c)
	t.Cleanup(func() { bell.Close() })
	return bell
}

func TestTheBellRingsWithinAProcess(t *testing.T) {
	log := openLog(t)
	bell := newBell(t, log, relay.DoorbellConfig{Every: never})
	rings := bell.Ringing(log)
	first, second := watch(t, bell), watch(t, bell)
	wakes(t, first, 0)
	wakes(t, second, 0)
	for i := range 20 {
		record(t, rings, 3)
		wakes(t, first, uint64(3*i+3))
	}
	wakes(t, second, 60) // it was slow, and is told the latest
	quiet(t, second)
	wakes(t, watch(t, bell), 60) // it came late
}

func TestTheBellSeesOtherProcesses(t *testing.T) {
	path := t.TempDir() + "/clew.db"
	var logs [2]eventstore.Store
	for i := range logs {
		log, err := sqlite.Open(context.Background(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		logs[i] = log
	}
	heads := watch(t, newBell(t, logs[0], relay.DoorbellConfig{Every: time.Millisecond}))
	wakes(t, heads, 0)
	record(t, logs[1], 2)
	wakes(t, heads, 2)
}

// Rings may be lost, doubled, late or plainly wrong.
func TestBadRingsDoNoHarm(t *testing.T) {
	log := openLog(t)
	bus := gochannel.NewGoChannel(gochannel.Config{}, nil)
	defer bus.Close()
	bell := newBell(t, log, relay.DoorbellConfig{Every: never, Bus: bus})
	heads := watch(t, bell)
	wakes(t, heads, 0)
	for _, ring := range []string{"99999999999999999999", "-1", "", "head", "1000", "1000"} {
		if err := bus.Publish("clew.head", message.NewMessage("x", []byte(ring))); err != nil {
			t.Fatal(err)
		}
	}
	bell.Ring(1 << 40)
	quiet(t, heads)
	record(t, log, 5)
	bell.Ring(1) // late
	wakes(t, heads, 5)
	record(t, log, 1) // its ring is lost
	quiet(t, heads)
	wakes(t, watch(t, newBell(t, log, relay.DoorbellConfig{Every: time.Millisecond, Bus: bus})), 6)
}

func TestTheBellEndsWithItsLog(t *testing.T) {
	log := openLog(t)
	heads := watch(t, newBell(t, log, relay.DoorbellConfig{Every: time.Millisecond}))
	wakes(t, heads, 0)
	log.Close()
	if head, open := <-heads; open {
		t.Errorf("a closed log is said to end at %d", head)
	}
}

func TestLookingGoesOnWithoutABus(t *testing.T) {
	log := openLog(t)
	bell := newBell(t, log, relay.DoorbellConfig{Every: time.Millisecond})
	before := watch(t, bell)
	wakes(t, before, 0)
	bell.Close()
	after := watch(t, bell)
	record(t, bell.Ringing(log), 4)
	wakes(t, before, 4)
	wakes(t, after, 4)
}
