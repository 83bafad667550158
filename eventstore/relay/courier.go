package relay

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"

	"clew/eventstore"
)

// Parcel is something that is on its way to a receiver. Its ID is the same
// however often it is handed over.
type Parcel struct {
	ID   string
	Body []byte
}

// Addressed is what somebody is to be told.
type Addressed struct {
	Receiver string
	Parcel
}

// Parked is a parcel that its receiver did not take, and why.
type Parked struct {
	Parcel
	Why string
}

// CourierConfig says who gets what.
type CourierConfig struct {
	Log eventstore.Store // whose records are told
	Own eventstore.Store // what is on its way, how far that is, and what is parked; never the log itself

	// Address says which receivers are told of some records, and what. Where it
	// cannot say, it is asked again: nothing is passed by.
	Address func(records []eventstore.Record) ([]Addressed, error)
	// HandOver gives a parcel to a receiver. What fails is tried again.
	HandOver func(ctx context.Context, receiver string, p Parcel) error

	Tries   int           // how often a parcel is handed over before it is parked; 0: 8
	First   time.Duration // the first wait between two tries, of which each is twice the one before; 0: a second
	Longest time.Duration // the longest wait; 0: a minute

	Bell *Doorbell // of Log; nil: it looks for itself

	Logger watermill.LoggerAdapter // nil: silent
}

// Courier tells receivers of records, each at his own pace and in the order of
// the log, through Watermill's router. What a receiver does not take is handed
// over again with growing waits, and then parked, so that what follows gets
// through; what is parked is kept until somebody has it sent again. A parcel
// may come twice, never not at all.
type Courier struct {
	c         CourierConfig
	router    *message.Router
	publisher *Publisher
	offsets   *Offsets
	inner     *Subscriber // of what is on its way

	mu     sync.Mutex
	served map[string]*message.Handler
}

// NewCourier makes a courier. The logs stay the caller's to close, after it.
func NewCourier(c CourierConfig) (*Courier, error) {
	if c.Logger == nil {
		c.Logger = watermill.NopLogger{}
	}
	if c.Tries == 0 {
		c.Tries = 8
	}
	if c.First == 0 {
		c.First = time.Second
	}
	if c.Longest == 0 {
		c.Longest = time.Minute
	}
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: 10 * time.Second}, c.Logger)
	if err != nil {
		return nil, err
	}
	k := &Courier{c: c, router: router, publisher: NewPublisher(c.Own, courierName), offsets: NewOffsets(c.Own, courierName), served: map[string]*message.Handler{}}
	k.inner = NewSubscriber(SubscriberConfig{Source: Messages(c.Own), Group: courierName, Offsets: k.offsets, Logger: c.Logger})
	outer := NewSubscriber(SubscriberConfig{Source: Batches(c.Log, 0), Group: courierName, Offsets: k.offsets, Bell: c.Bell, Logger: c.Logger})
	router.AddConsumerHandler(courierName, "log", outer, k.address)
	return k, nil
}

const courierName = "courier"

// Run carries until the context ends.
func (k *Courier) Run(ctx context.Context) error {
	err := k.router.Run(ctx)
	return errors.Join(err, k.inner.Close())
}

// Running is closed once it carries.
func (k *Courier) Running() chan struct{} { return k.router.Running() }

// address puts what a batch of records says to receivers on its way.
func (k *Courier) address(m *message.Message) error {
	first, last, err := span(m)
	if err != nil {
		return err
	}
	records, err := k.c.Log.Read(m.Context(), first-1, int(last-first)+1)
	if err != nil {
		return err
	}
	list, err := k.c.Address(records)
	if err != nil {
		return err
	}
	for _, a := range list {
		if err := k.publisher.Publish(onItsWay(a.Receiver), message.NewMessage(a.ID, a.Body)); err != nil {
			return err
		}
	}
	return nil
}

// span is which records a batch is of.
func span(m *message.Message) (first, last uint64, err error) {
	if err = json.Unmarshal([]byte(m.Metadata.Get("first")), &first); err == nil {
		err = json.Unmarshal([]byte(m.Metadata.Get("last")), &last)
	}
	if err != nil || first == 0 || last < first {
		return 0, 0, fmt.Errorf("relay: message %s does not say which records it is of: %w", m.UUID, eventstore.ErrInvalid)
	}
	return first, last, nil
}

func onItsWay(receiver string) string { return "to/" + receiver }
func parkedOf(receiver string) string { return "parked/" + receiver }
func sentOf(receiver string) string   { return "sent-again/" + receiver }

// Serve has exactly these receivers served from now on.
func (k *Courier) Serve(ctx context.Context, receivers []string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for name, handler := range k.served {
		if !slices.Contains(receivers, name) {
			handler.Stop()
			<-handler.Stopped()
			delete(k.served, name)
		}
	}
	for _, name := range receivers {
		if k.served[name] != nil {
			continue
		}
		handler, err := k.serve(name)
		if err != nil {
			return err
		}
		k.served[name] = handler
	}
	return k.router.RunHandlers(ctx)
}

// serve hands over what is on its way to one receiver: retries within, parking
// around them.
func (k *Courier) serve(receiver string) (*message.Handler, error) {
	handler := k.router.AddConsumerHandler("to "+receiver, onItsWay(receiver), k.inner, func(m *message.Message) error {
		return k.c.HandOver(m.Context(), receiver, Parcel{m.UUID, m.Payload})
	})
	park, err := middleware.PoisonQueueWithFilter(k.publisher, parkedOf(receiver), func(err error) bool { return !errors.Is(err, context.Canceled) })
	if err != nil {
		return nil, err
	}
	retry := middleware.Retry{MaxRetries: k.c.Tries - 1, InitialInterval: k.c.First, MaxInterval: k.c.Longest, Multiplier: 2, RandomizationFactor: 0.1, Logger: k.c.Logger}
	handler.AddMiddleware(park, retry.Middleware, middleware.Recoverer)
	return handler, nil
}

// Parked lists what a receiver did not take and nobody has had sent again.
func (k *Courier) Parked(ctx context.Context, receiver string) ([]Parked, error) {
	again := map[string]bool{}
	err := k.each(ctx, sentOf(receiver), func(m *message.Message) { again[m.UUID] = true })
	list := []Parked{}
	if err == nil {
		err = k.each(ctx, parkedOf(receiver), func(m *message.Message) {
			if !again[m.UUID] {
				list = append(list, Parked{Parcel{m.UUID, m.Payload}, m.Metadata.Get(middleware.ReasonForPoisonedKey)})
			}
		})
	}
	return list, err
}

// SendAgain hands a parked parcel over at once; if it is taken it is parked no
// more.
func (k *Courier) SendAgain(ctx context.Context, receiver, id string) error {
	list, err := k.Parked(ctx, receiver)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list, func(p Parked) bool { return p.ID == id })
	if at < 0 {
		return fmt.Errorf("relay: nothing that is called %s is parked for %s: %w", id, receiver, eventstore.ErrNotFound)
	}
	if err := k.c.HandOver(ctx, receiver, list[at].Parcel); err != nil {
		return err
	}
	return k.publisher.Publish(sentOf(receiver), message.NewMessage(id, nil))
}

// each gives all messages of a topic.
func (k *Courier) each(ctx context.Context, topic string, do func(*message.Message)) error {
	source := Messages(k.c.Own)
	for after := uint64(0); ; {
		parcels, err := source.next(ctx, topic, after)
		if err != nil || len(parcels) == 0 {
			return err
		}
		for _, p := range parcels {
			do(p.message)
			after = p.offset
		}
	}
}
