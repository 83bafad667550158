package relay_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/tests"
	"go.uber.org/goleak"

	"clew/eventstore"
	"clew/eventstore/relay"
	"clew/eventstore/sqlite"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func openLog(t *testing.T) eventstore.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "clew.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// TestWatermillAccepts runs Watermill's own suite. CLEW_LONG runs it with its
// full numbers, which takes minutes.
func TestWatermillAccepts(t *testing.T) {
	log := openLog(t)
	offsets := relay.NewOffsets(log, "relay")
	bell := relay.NewDoorbell(log, relay.DoorbellConfig{})
	t.Cleanup(func() { bell.Close() })
	start := func(t *testing.T, group string) (message.Publisher, message.Subscriber) {
		sub := relay.NewSubscriber(relay.SubscriberConfig{
			Source: relay.Messages(log), Group: group, Offsets: offsets, Bell: bell, Pause: time.Millisecond,
		})
		t.Cleanup(func() { sub.Close() }) // TestPublishSubscribeInOrder forgets some
		return relay.NewPublisher(bell.Ringing(log), "test"), sub
	}
	tests.TestPubSub(t, tests.Features{
		ConsumerGroups: true, GuaranteedOrder: true, Persistent: true, ForceShort: os.Getenv("CLEW_LONG") == "",
	}, func(t *testing.T) (message.Publisher, message.Subscriber) { return start(t, "everybody") }, start)
}
