package relay

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"sync"
	"time"

	"clew/eventstore"
)

// offsetKind is the name on disk of a step that a group has made.
const offsetKind = "offset.reached.v1"

// Offsets keeps how far each group of consumers has come, in a log of its
// own: as durable as the messages, and two processes that serve one group
// notice each other, because each step expects the version before it. All
// subscribers of a process share one, so that of a group one is active.
type Offsets struct {
	log   eventstore.Store
	actor string
	clock func() time.Time

	lock   sync.Mutex
	claims map[string]chan struct{}
}

// NewOffsets keeps offsets in a log, which is never the evidence log.
func NewOffsets(log eventstore.Store, actor string) *Offsets {
	return &Offsets{log: log, actor: actor, clock: time.Now, claims: map[string]chan struct{}{}}
}

// offset is what one step says.
type offset struct {
	At uint64 `json:"at,string"`
}

// place is where one group stands on one topic.
type place struct {
	stream  string
	version uint64
	at      uint64
}

// claim waits until no other subscriber of this process serves the group on
// the topic: two at a time would hand out the same messages side by side, out
// of order.
func (o *Offsets) claim(ctx context.Context, group, topic string) (*place, func(), error) {
	p := &place{stream: "offset/" + url.PathEscape(group) + "/" + topic}
	o.lock.Lock()
	turn, ok := o.claims[p.stream]
	if !ok {
		turn = make(chan struct{}, 1)
		o.claims[p.stream] = turn
	}
	o.lock.Unlock()
	select {
	case turn <- struct{}{}:
		return p, func() { <-turn }, nil
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

// find reads where the group stands; 0 if it is new.
func (o *Offsets) find(ctx context.Context, p *place) error {
	version, err := o.log.Version(ctx, p.stream)
	if err != nil || version == 0 {
		return err
	}
	last, err := o.log.ReadStream(ctx, p.stream, version-1, 1)
	if err != nil {
		return err
	}
	if len(last) == 0 {
		return fmt.Errorf("relay: version %d of %s is not there", version, p.stream)
	}
	var reached offset
	if err := json.Unmarshal(last[0].Body, &reached); err != nil {
		return fmt.Errorf("relay: version %d of %s is no offset: %w", version, p.stream, err)
	}
	p.version, p.at = version, reached.At
	return nil
}

// reach records a step. A *eventstore.VersionConflict says that another
// process serves the group, too, and has made one meanwhile.
func (o *Offsets) reach(ctx context.Context, p *place, at uint64) error {
	body, err := json.Marshal(offset{At: at})
	if err != nil {
		return err
	}
	_, err = o.log.Append(ctx, eventstore.Append{
		Actor: o.actor, Now: o.clock(),
		Events: []eventstore.Event{{Stream: p.stream, Kind: offsetKind, Body: body}},
		Expect: []eventstore.Expectation{{Stream: p.stream, Version: p.version}},
	})
	if err == nil {
		p.version, p.at = p.version+1, at
	}
	return err
}
