package relay

import (
	"context"
	"errors"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/pubsub/gochannel"

	"clew/eventstore"
)

// bellTopic is the topic that every ring goes to.
const bellTopic = "clew.head"

// defaultEvery is how often the head is looked at, for appends of other
// processes. A look costs ten microseconds.
const defaultEvery = 100 * time.Millisecond

// Heads is what a doorbell watches: any store.
type Heads interface {
	Head(ctx context.Context) (uint64, error)
}

// Bus carries rings: any Watermill Pub/Sub.
type Bus interface {
	message.Publisher
	message.Subscriber
}

// DoorbellConfig may be left empty.
type DoorbellConfig struct {
	// Every is how often the head is looked at, for appends of processes that
	// do not ring here. 0 stands for 100 ms.
	Every time.Duration

	// Bus carries the rings. Nil: Watermill's GoChannel, within the process.
	Bus Bus

	Logger watermill.LoggerAdapter // nil: silent
}

// Doorbell wakes whoever follows a log. A ring says "head = N", and is only a
// hint: the bell looks at the log itself and never believes the number. So a
// ring that is lost, doubled, late or wrong does no harm; the worst is that
// the next look, at most Every later, finds what it would have told.
type Doorbell struct {
	log     Heads
	c       DoorbellConfig
	owned   bool // the bus is the bell's to close
	ringing atomic.Bool
	rings   atomic.Uint64 // how many there were
}

// NewDoorbell makes a doorbell for a log.
func NewDoorbell(log Heads, c DoorbellConfig) *Doorbell {
	d := &Doorbell{log: log, c: c}
	if c.Every <= 0 {
		d.c.Every = defaultEvery
	}
	if c.Logger == nil {
		d.c.Logger = watermill.NopLogger{}
	}
	if c.Bus == nil {
		d.c.Bus, d.owned = gochannel.NewGoChannel(gochannel.Config{}, watermill.NopLogger{}), true
	}
	return d
}

// Ring says that the log has come to a head. It does not wait. Of those who
// ring at once one message goes out: a burst of appends needs no burst of
// messages.
func (d *Doorbell) Ring(head uint64) {
	d.rings.Add(1)
	for !d.ringing.Swap(true) {
		told := d.rings.Load()
		m := message.NewMessage(watermill.NewShortUUID(), strconv.AppendUint(nil, head, 10))
		if err := d.c.Bus.Publish(bellTopic, m); err != nil {
			d.c.Logger.Error("relay: a ring was lost; the next look will find what it would have told", err, nil)
		}
		d.ringing.Store(false)
		if d.rings.Load() == told {
			return // else somebody rang meanwhile and left it to this one
		}
	}
}

// Watch gives the head, at once and whenever it has grown, until the context
// ends or the log is closed; then the channel is closed. Who is slow gets the
// latest head and not each of them.
func (d *Doorbell) Watch(ctx context.Context) <-chan uint64 {
	out := make(chan uint64, 1)
	ctx, end := context.WithCancel(ctx)
	rings, err := d.c.Bus.Subscribe(ctx, bellTopic)
	if err != nil {
		d.c.Logger.Error("relay: no ring will be heard; the log is looked at all the same", err, nil)
		rings = nil
	}
	go func() {
		defer close(out)
		defer end()
		d.watch(ctx, rings, out)
	}()
	return out
}

func (d *Doorbell) watch(ctx context.Context, rings <-chan *message.Message, out chan uint64) {
	look := time.NewTicker(d.c.Every)
	defer look.Stop()
	seen, first := uint64(0), true
	for {
		head, err := d.log.Head(ctx)
		switch {
		case errors.Is(err, eventstore.ErrClosed) || ctx.Err() != nil:
			return
		case err != nil:
			d.c.Logger.Error("relay: the head cannot be read", err, nil)
		case head > seen || first:
			seen, first = head, false
			replace(out, head)
		}
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		case m, open := <-rings:
			if !open {
				rings = nil // the bus is closed; looking goes on
				continue
			}
			m.Ack()
		}
	}
}

// replace leaves the latest head in the channel. Only one goroutine sends.
func replace(out chan uint64, head uint64) {
	select {
	case <-out:
	default:
	}
	out <- head
}

// Close closes the bus, if it is the bell's own. Who watches goes on looking.
func (d *Doorbell) Close() error {
	if d.owned {
		return d.c.Bus.Close()
	}
	return nil
}

// Ringing is the store with a bell on it: whatever is appended through it
// rings.
func (d *Doorbell) Ringing(s eventstore.Store) eventstore.Store { return ringing{s, d} }

type ringing struct {
	eventstore.Store
	bell *Doorbell
}

func (r ringing) Append(ctx context.Context, a eventstore.Append) (eventstore.Receipt, error) {
	receipt, err := r.Store.Append(ctx, a)
	if err == nil && !receipt.Repeated {
		r.bell.Ring(receipt.Last)
	}
	return receipt, err
}
