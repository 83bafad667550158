package relay_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill"
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

// TestWatermillAccepts runs Watermill's own suite: with CLEW_LONG set its full
// numbers, ten thousand messages and fifty subscribers, and else a tenth.
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
	everybody := func(t *testing.T) (message.Publisher, message.Subscriber) { return start(t, "everybody") }
	features := tests.Features{ConsumerGroups: true, GuaranteedOrder: true, Persistent: true, ForceShort: os.Getenv("CLEW_LONG") == ""}
	tests.TestPubSub(t, features, everybody, start)

	// A group of one's own gets all that was ever published.
	features.NewSubscriberReceivesOldMessages = true
	tests.TestNewSubscriberReceivesOldMessages(t, tests.TestContext{TestID: tests.NewTestID(), Features: features},
		func(t *testing.T) (message.Publisher, message.Subscriber) { return start(t, watermill.NewUUID()) })
}
