package relay

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"

	"clew/eventstore"
)

// SubscriberConfig says what is handed out, and to whom.
type SubscriberConfig struct {
	Source  Source   // Messages of a log of their own, or Batches of the evidence log
	Group   string   // consumers with the same name share the messages
	Offsets *Offsets // where the group stands; shared by all subscribers of a process

	// Bell wakes the subscriber. Nil: it looks for itself, every 100 ms.
	Bell *Doorbell

	// Pause is how long it waits before it hands out again what was refused,
	// or reads again what could not be read. 0 stands for 100 ms: a consumer
	// that refuses at once would else keep a processor busy.
	Pause time.Duration

	Logger watermill.LoggerAdapter // nil: silent
}

const defaultPause = 100 * time.Millisecond

// Subscriber hands messages out in order and at least once: the next one
// follows when the one before was acknowledged and that is recorded. One that
// is refused comes again, and nothing overtakes it.
type Subscriber struct {
	c       SubscriberConfig
	closing context.Context
	close   context.CancelFunc
	feeds   sync.WaitGroup
	lock    sync.Mutex // guards feeds against Close
}

var _ message.Subscriber = (*Subscriber)(nil)

// NewSubscriber makes a subscriber. The logs stay the caller's to close,
// after it.
func NewSubscriber(c SubscriberConfig) *Subscriber {
	if c.Pause <= 0 {
		c.Pause = defaultPause
	}
	if c.Logger == nil {
		c.Logger = watermill.NopLogger{}
	}
	closing, stop := context.WithCancel(context.Background())
	return &Subscriber{c: c, closing: closing, close: stop}
}

// Subscribe hands out what follows the group's offset on a topic, until the
// context ends or the subscriber is closed; then the channel is closed.
func (s *Subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.closing.Err() != nil {
		return nil, fmt.Errorf("relay: subscribe to %s: %w; make another subscriber", topic, eventstore.ErrClosed)
	}
	ctx, end := context.WithCancel(ctx)
	unhook := context.AfterFunc(s.closing, end)
	f := &feed{SubscriberConfig: s.c, topic: topic, out: make(chan *message.Message)}
	s.feeds.Go(func() {
		defer close(f.out)
		defer end()
		defer unhook()
		f.run(ctx)
	})
	return f.out, nil
}

// Close ends every subscription and waits for them.
func (s *Subscriber) Close() error {
	s.lock.Lock()
	s.close()
	s.lock.Unlock()
	s.feeds.Wait()
	return nil
}

// feed is one subscription.
type feed struct {
	SubscriberConfig
	topic string
	place *place
	out   chan *message.Message
}

func (f *feed) run(ctx context.Context) {
	place, release, err := f.Offsets.claim(ctx, f.Group, f.topic)
	if err != nil {
		return // the subscription has ended before its turn came
	}
	defer release()
	f.place = place
	bell := f.Bell
	if bell == nil {
		bell = NewDoorbell(f.Source.log(), DoorbellConfig{})
		defer bell.Close()
	}
	heads := bell.Watch(ctx)
	for ctx.Err() == nil {
		more, err := f.round(ctx)
		if err != nil && ctx.Err() == nil {
			f.Logger.Error("relay: nothing is handed out until this is mended; nothing is skipped", err, watermill.LogFields{"topic": f.topic, "group": f.Group})
			f.rest(ctx)
			continue
		}
		if !more && !wait(ctx, heads) {
			return
		}
	}
}

// wait sleeps until there may be more.
func wait(ctx context.Context, heads <-chan uint64) bool {
	select {
	case _, open := <-heads:
		return open
	case <-ctx.Done():
		return false
	}
}

// rest is the pause after what went wrong.
func (f *feed) rest(ctx context.Context) {
	t := time.NewTimer(f.Pause)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// round hands out what follows the offset, and says whether there was any.
// The offset is read anew each time: another process may serve the group.
func (f *feed) round(ctx context.Context) (more bool, err error) {
	if err := f.Offsets.find(ctx, f.place); err != nil {
		return false, err
	}
	parcels, err := f.Source.next(ctx, f.topic, f.place.at)
	if err != nil {
		return false, err
	}
	for _, p := range parcels {
		if !f.deliver(ctx, p.message) {
			return true, nil // the context has ended
		}
		// What was acknowledged is recorded even if the context ends now: it
		// would else come again for no reason.
		err := f.Offsets.reach(context.WithoutCancel(ctx), f.place, p.offset)
		var moved *eventstore.VersionConflict
		if errors.As(err, &moved) {
			return true, nil // another process was faster; go by its offset
		}
		if err != nil {
			return true, err
		}
	}
	return len(parcels) > 0, nil
}

// deliver hands a message out until it is acknowledged.
func (f *feed) deliver(ctx context.Context, m *message.Message) bool {
	for {
		if acked, ended := f.offer(ctx, m.Copy()); acked || ended {
			return acked
		}
		f.rest(ctx)
	}
}

// offer hands a message out once. Its context ends with it.
func (f *feed) offer(ctx context.Context, m *message.Message) (acked, ended bool) {
	its, end := context.WithCancel(ctx)
	defer end()
	m.SetContext(its)
	select {
	case f.out <- m:
	case <-ctx.Done():
		return false, true
	}
	select {
	case <-m.Acked():
		return true, false
	case <-m.Nacked():
		return false, false
	case <-ctx.Done():
	}
	select {
	case <-m.Acked():
		return true, false
	default:
		return false, true
	}
}
