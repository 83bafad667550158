// Package relay hands committed records to whoever waits for them, by way of
// Watermill.
//
// It has two parts. The Doorbell says "there is more": projections watch it
// and read the store after their own position, so that a lost, doubled or late
// message does no harm. The Subscriber hands records out in order and at least
// once, to webhooks and brokers; where a group of consumers stands is kept in
// a log of its own, because nothing enters the evidence log except through a
// decision. With the Publisher it is a Watermill Pub/Sub over any event store,
// which Watermill's own suite accepts.
//
// It refuses to be a source of truth: it loses nothing only because the store
// loses nothing. It never skips a record that a consumer does not acknowledge,
// and never sends one message per record to a broker: Batches puts up to five
// hundred into one.
//
//	bell := relay.NewDoorbell(log, relay.DoorbellConfig{})
//	defer bell.Close()
//	log = bell.Ringing(log) // every append rings
//	for range bell.Watch(ctx) {
//		// read the store after your own position
//	}
package relay

import (
	"fmt"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"clew/eventstore"
)

// Publisher appends messages to a log of their own, one stream for each
// topic. It is never given the evidence log.
type Publisher struct {
	log   eventstore.Store
	actor string
	clock func() time.Time
}

var _ message.Publisher = (*Publisher)(nil)

// NewPublisher publishes in the name of an actor. The log stays the caller's
// to close, after the publisher and every subscriber.
func NewPublisher(log eventstore.Store, actor string) *Publisher {
	return &Publisher{log: log, actor: actor, clock: time.Now}
}

// Publish records the messages in one append, or none of them: they are
// synced when it returns. Its context is that of the first message.
func (p *Publisher) Publish(topic string, messages ...*message.Message) error {
	if len(messages) == 0 {
		return nil
	}
	a := eventstore.Append{Actor: p.actor, Now: p.clock()}
	for _, m := range messages {
		body, err := encodeMessage(m)
		if err != nil {
			return fmt.Errorf("relay: publish %s on %s: %w", m.UUID, topic, err)
		}
		a.Events = append(a.Events, eventstore.Event{Stream: streamOf(topic), Kind: messageKind, Body: body})
	}
	if _, err := p.log.Append(messages[0].Context(), a); err != nil {
		return fmt.Errorf("relay: publish on %s: %w", topic, err)
	}
	return nil
}

// streamOf keeps the streams of topics apart from those of offsets, which may
// lie in the same log.
func streamOf(topic string) string { return "topic/" + topic }

// Close has nothing to flush: what was published is synced.
func (p *Publisher) Close() error { return nil }
