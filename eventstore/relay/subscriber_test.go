package relay_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"pgregory.net/rapid"

	"clew/eventstore"
	"clew/eventstore/relay"
	"clew/eventstore/sqlite"
)

// record appends n events to a log.
func record(t *testing.T, log eventstore.Store, n int) {
	t.Helper()
	a := eventstore.Append{Actor: "insp.lind", Key: fmt.Sprint(time.Now().UnixNano()), Request: []byte("{}"), Correlation: "import 1", Now: time.Date(2026, 11, 22, 12, 0, 0, 5000, time.UTC)}
	for i := range n {
		a.Events = append(a.Events, eventstore.Event{Stream: "case/C1", Kind: "note.made.v1", Body: fmt.Appendf(nil, `{"n":%d}`, i)})
	}
	if _, err := log.Append(context.Background(), a); err != nil {
		t.Fatal(err)
	}
}

func subscribe(t *testing.T, s *relay.Subscriber) <-chan *message.Message {
	t.Helper()
	messages, err := s.Subscribe(context.Background(), "webhook")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return messages
}

func receive(t *testing.T, messages <-chan *message.Message) *message.Message {
	t.Helper()
	select {
	case m, open := <-messages:
		if !open {
			t.Fatal("the subscription has ended")
		}
		return m
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came")
	}
	return nil
}

// The evidence log goes out in batches, and nothing comes into it: it is open
// for reading only, and the offsets lie elsewhere.
func TestTheEvidenceLogGoesOutInBatches(t *testing.T) {
	path := t.TempDir() + "/clew.db"
	log, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	record(t, log, 12)
	readOnly, err := sqlite.Open(context.Background(), path, sqlite.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer readOnly.Close()
	c := relay.SubscriberConfig{Source: relay.Batches(readOnly, 5), Group: "webhooks", Offsets: relay.NewOffsets(openLog(t), "relay"), Pause: time.Millisecond}
	first := relay.NewSubscriber(c)
	messages := subscribe(t, first)
	for _, want := range []string{"1-5", "6-10"} {
		m := receive(t, messages)
		if got := m.Metadata["first"] + "-" + m.Metadata["last"]; got != want || m.UUID != log.Identity()+"/"+want {
			t.Errorf("%s came, and not %s: %s", got, want, m.UUID)
		}
		m.Ack()
	}
	receive(t, messages) // 11 and 12 are not acknowledged
	first.Close()
	record(t, log, 2)
	m := receive(t, subscribe(t, relay.NewSubscriber(c)))
	if got := m.Metadata["first"] + "-" + m.Metadata["last"]; got != "11-14" {
		t.Errorf("after a restart %s came", got)
	}
	checkBatch(t, log, m)
	m.Ack()
}

func checkBatch(t *testing.T, log eventstore.Store, m *message.Message) {
	t.Helper()
	page, err := log.Read(context.Background(), 10, 1)
	if err != nil {
		t.Fatal(err)
	}
	var batch []map[string]any
	if err := json.Unmarshal(m.Payload, &batch); err != nil || len(batch) != 4 || m.Metadata["content-type"] != relay.BatchType {
		t.Fatalf("%v %v: %s", err, m.Metadata, m.Payload)
	}
	want := `map[actor:insp.lind correlation:import 1 data:map[n:10] datacontenttype:application/json id:` + page[0].ID.String() +
		` position:11 source:urn:clew:log:` + log.Identity() + ` specversion:1.0 streamversion:11 subject:case/C1 time:2026-11-22T12:00:00.000005Z type:note.made.v1]`
	if got := fmt.Sprint(batch[0]); got != want {
		t.Errorf("the first of the batch is\n%s, not\n%s", got, want)
	}
}

func TestABodyThatIsNotJSON(t *testing.T) {
	payload, err := relay.CloudEvents("L", []eventstore.Record{{Position: 1, Version: 1, Stream: "s", Kind: "k", Actor: "a", Body: []byte{0xff, 1}}})
	if err != nil || !strings.Contains(string(payload), `"data_base64":"/wE="`) || strings.Contains(string(payload), `"data":`) {
		t.Errorf("%s %v", payload, err)
	}
}

// Whatever a consumer refuses and whenever it restarts: it gets every message,
// and the first time of each in order.
func TestOrderWhateverTheConsumerDoes(t *testing.T) {
	const published = 20
	log, group := openLog(t), 0
	p := relay.NewPublisher(log, "test")
	for i := range published {
		if err := p.Publish("webhook", message.NewMessage(strconv.Itoa(i), nil)); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		group++ // a new one begins at the first message
		c := relay.SubscriberConfig{Source: relay.Messages(log), Group: fmt.Sprint("g", group), Offsets: relay.NewOffsets(log, "relay"), Pause: time.Microsecond}
		s := relay.NewSubscriber(c)
		messages := subscribe(t, s)
		for next := 0; next < published; {
			m := receive(t, messages)
			if at, _ := strconv.Atoi(m.UUID); at != next && at != next-1 {
				r.Fatalf("%s came, and %d was due", m.UUID, next)
			} else if at == next-1 {
				m.Ack() // it was acknowledged as the subscriber closed
				continue
			}
			switch rapid.SampledFrom([]string{"ack", "ack", "ack", "refuse", "restart", "ack and restart"}).Draw(r, "do") {
			case "refuse":
				m.Nack()
				continue
			case "restart":
				s.Close()
				s = relay.NewSubscriber(c)
				messages = subscribe(t, s)
				continue
			case "ack and restart":
				m.Ack()
				s.Close()
				s = relay.NewSubscriber(c)
				messages = subscribe(t, s)
			default:
				m.Ack()
			}
			next++
		}
		s.Close()
	})
}

// Two processes that serve one group know nothing of each other but the
// offsets. Messages may come twice; none is lost.
func TestTwoProcessesServeOneGroup(t *testing.T) {
	const published = 200
	log := openLog(t)
	p := relay.NewPublisher(log, "test")
	for i := range published {
		if err := p.Publish("webhook", message.NewMessage(strconv.Itoa(i), nil)); err != nil {
			t.Fatal(err)
		}
	}
	var lock sync.Mutex
	got, done := map[string]bool{}, make(chan struct{})
	for range 2 {
		messages := subscribe(t, relay.NewSubscriber(relay.SubscriberConfig{
			Source: relay.Messages(log), Group: "g", Offsets: relay.NewOffsets(log, "relay"), Pause: time.Millisecond,
		}))
		go func() {
			for m := range messages {
				lock.Lock()
				if got[m.UUID] = true; len(got) == published {
					close(done)
					got = map[string]bool{}
				}
				lock.Unlock()
				m.Ack()
			}
		}()
	}
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Errorf("%d of %d messages came", len(got), published)
	}
}

// flaky cannot be read while it is told so.
type flaky struct {
	eventstore.Store
	broken atomic.Bool
}

func (f *flaky) Read(ctx context.Context, after uint64, limit int) ([]eventstore.Record, error) {
	if f.broken.Load() {
		return nil, &eventstore.Fault{Kind: eventstore.ErrDamaged, Where: "record 1", Position: 1}
	}
	return f.Store.Read(ctx, after, limit)
}

// A record that cannot be read stops what follows it, until it can.
func TestNothingIsSkipped(t *testing.T) {
	log := &flaky{Store: openLog(t)}
	record(t, log, 3)
	log.broken.Store(true)
	messages := subscribe(t, relay.NewSubscriber(relay.SubscriberConfig{
		Source: relay.Batches(log, 1), Group: "g", Offsets: relay.NewOffsets(openLog(t), "relay"), Pause: time.Millisecond,
	}))
	select {
	case m := <-messages:
		t.Fatalf("%s came from a damaged log", m.UUID)
	case <-time.After(20 * time.Millisecond):
	}
	log.broken.Store(false)
	for i := range 3 {
		m := receive(t, messages)
		if want := strconv.Itoa(i + 1); m.Metadata["first"] != want {
			t.Errorf("%s came, and %s was due", m.Metadata["first"], want)
		}
		m.Ack()
	}
}

func TestAClosedSubscriberRefuses(t *testing.T) {
	log := openLog(t)
	s := relay.NewSubscriber(relay.SubscriberConfig{Source: relay.Messages(log), Group: "g", Offsets: relay.NewOffsets(log, "relay")})
	messages := subscribe(t, s)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, open := <-messages; open {
		t.Error("a message came after the end")
	}
	if _, err := s.Subscribe(context.Background(), "webhook"); !errors.Is(err, eventstore.ErrClosed) {
		t.Error(err)
	}
}
