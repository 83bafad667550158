package projections

import (
	"cmp"
	"context"
	"slices"
	"time"

	"clew/domain"
	"clew/eventstore"
	"clew/tracing"
)

// Entry is one line of a case's timeline.
type Entry struct {
	Position   uint64 // of the event; of a movement as it happened: of its first record
	Case       domain.CaseID
	RecordedAt time.Time
	Actor      string
	Kind       string            // of the event; of a movement as it happened: of movement
	Movement   domain.MovementID // "" where it concerns none
	When       domain.When       // when it happened; zero where it only became known
	Text       string            // one sentence
}

// Order is one of the two ways to tell a case.
type Order int

// As it became known is event by event, in the order of the log. As it
// happened is movement by movement, as the case is walked.
const (
	AsItBecameKnown Order = iota
	AsItHappened
)

// Timeline tells a case, with those it is linked with, entry by entry to a
// function. It bears the two times of the question.
func (v *Views) Timeline(ctx context.Context, a Ask, order Order, do func(Entry) error) error {
	assembly, err := v.assembled(ctx, a)
	if err != nil {
		return err
	}
	if order == AsItHappened {
		return v.happened(ctx, assembly, a.At, do)
	}
	return v.recorded(ctx, assembly.Cases, 0, assembly.Position, func(e Entry) error {
		if !a.At.IsZero() && e.When.Time.After(a.At) {
			return nil
		}
		return do(e)
	})
}

// pageOfStream is how many events of a case are read at once.
const pageOfStream = 500

// recorded tells the events of some cases after a position and up to another,
// in the order of the log, from the log itself.
func (v *Views) recorded(ctx context.Context, cases []domain.CaseID, after, upto uint64, do func(Entry) error) error {
	return v.events(ctx, cases, after, upto, func(r eventstore.Record) error { return do(v.entryOf(r)) })
}

// events gives the events of some cases as they lie in the log.
func (v *Views) events(ctx context.Context, cases []domain.CaseID, after, upto uint64, do func(eventstore.Record) error) error {
	var streams []*eventReader
	for _, id := range cases {
		streams = append(streams, &eventReader{store: v.store, stream: CaseStream(id), upto: upto})
	}
	for {
		next, err := earliest(ctx, streams)
		if err != nil || next == nil {
			return err
		}
		record := next.take()
		if record.Position <= after {
			continue
		}
		if err := do(record); err != nil {
			return err
		}
	}
}

// Moment is when something of a case was recorded, and how many events then.
type Moment struct {
	At     time.Time
	Events int
}

// RecordedMoments lists when a case, with those it is linked with, was recorded
// up to the position that is asked about: where its history can be stopped at.
func (v *Views) RecordedMoments(ctx context.Context, a Ask) (list []Moment, err error) {
	assembly, err := v.assembled(ctx, a)
	if err != nil {
		return nil, err
	}
	err = v.events(ctx, assembly.Cases, 0, assembly.Position, func(r eventstore.Record) error {
		if n := len(list); n > 0 && list[n-1].At.Equal(r.RecordedAt) {
			list[n-1].Events++
			return nil
		}
		list = append(list, Moment{r.RecordedAt, 1})
		return nil
	})
	return list, err
}

// eventReader reads one stream in pages.
type eventReader struct {
	store   eventstore.Store
	stream  string
	upto    uint64
	version uint64 // of the last event read
	page    []eventstore.Record
	ended   bool
}

func (r *eventReader) peek(ctx context.Context) (*eventstore.Record, error) {
	if len(r.page) == 0 && !r.ended {
		page, err := r.store.ReadStream(ctx, r.stream, r.version, pageOfStream)
		if err != nil {
			return nil, err
		}
		r.page, r.ended = page, len(page) == 0
	}
	if r.ended || r.page[0].Position > r.upto {
		return nil, nil
	}
	return &r.page[0], nil
}

func (r *eventReader) take() eventstore.Record {
	record := r.page[0]
	r.page, r.version = r.page[1:], record.Version
	return record
}

// earliest is the stream whose next event comes first in the log; nil when all
// have ended.
func earliest(ctx context.Context, streams []*eventReader) (first *eventReader, err error) {
	var at uint64
	for _, s := range streams {
		record, err := s.peek(ctx)
		if err != nil {
			return nil, err
		}
		if record != nil && (first == nil || record.Position < at) {
			first, at = s, record.Position
		}
	}
	return first, nil
}

// entryOf tells one event. What cannot be read is told as such: a timeline
// shows what is there.
func (v *Views) entryOf(r eventstore.Record) Entry {
	entry := Entry{Position: r.Position, Case: caseOf(r), RecordedAt: r.RecordedAt, Actor: r.Actor, Kind: r.Kind}
	event, err := domain.DecodeEvent(r.Kind, r.Body)
	if err != nil {
		entry.Text = "This event cannot be read: " + err.Error() + "."
		return entry
	}
	entry.Movement, entry.When, entry.Text = tell(v.opened(entry.Case, event))
	return entry
}

// happened tells the movements of an assembly in the order in which they
// happened.
func (v *Views) happened(ctx context.Context, s *Assembly, at time.Time, do func(Entry) error) error {
	type moment struct {
		when     domain.When
		position uint64
		row      int
	}
	order := make([]moment, 0, s.Len())
	n := 0
	for r := range s.Rows() {
		if happened(r, at) {
			order = append(order, moment{r.When, r.Position, n})
		}
		n++
	}
	slices.SortFunc(order, func(a, b moment) int {
		return cmp.Or(a.when.Time.Compare(b.when.Time), compareBool(b.when.Bare, a.when.Bare), cmp.Compare(a.position, b.position))
	})
	log, err := v.stretches(ctx)
	if err != nil {
		return err
	}
	for _, m := range order {
		r := s.Row(m.row)
		recorded := log.at(r.Position)
		err := do(Entry{Position: r.Position, Case: s.File.ID, RecordedAt: recorded.RecordedAt, Actor: recorded.Actor,
			Kind: string(r.Kind), Movement: r.ID, When: r.When, Text: tellRow(&r)})
		if err != nil {
			return err
		}
	}
	return nil
}

// tellRow tells a movement as it is walked.
func tellRow(r *tracing.Row) string {
	m := r.Movement
	m.Victim, m.Scam = r.Victim, r.Scam
	return tellMovement(m)
}
