package storetest

import (
	"context"
	"errors"
	"strings"
	"time"

	"clew/eventstore"
)

func limits() []Guarantee {
	return []Guarantee{
		{"what stands at its limit is recorded", atLimits},
		{"what is one beyond its limit is refused", beyondLimits},
	}
}

// change makes something of an append that holds.
type change struct {
	name   string
	change func(a *eventstore.Append)
}

func atLimits(t T, h Harness) {
	s, name, recorded := h.open(t), strings.Repeat("n", eventstore.MaxName), uint64(0)
	for _, c := range []change{
		{"names", func(a *eventstore.Append) {
			a.Actor, a.Key, a.Correlation, a.Causation = name, name, name, name
			a.Events[0].Stream, a.Events[0].Kind, a.Request = name, name, make([]byte, eventstore.MaxRequest)
		}},
		{"body", func(a *eventstore.Append) { a.Events[0].Body = make([]byte, eventstore.MaxBody) }},
		{"fast", func(a *eventstore.Append) { a.Events[0].Fast = make([]byte, eventstore.MaxFast) }},
		{"events", func(a *eventstore.Append) { a.Events = events("case/C1", eventstore.MaxEvents) }},
		{"the first moment", func(a *eventstore.Append) { a.Now = time.Unix(0, 0) }},
		{"the last moment", func(a *eventstore.Append) { a.Now = time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC) }},
	} {
		a := plain(events("case/C1", 1)...)
		c.change(&a)
		if _, err := s.Append(context.Background(), a); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		recorded += uint64(len(a.Events))
	}
	stands(t, s, recorded)
}

func beyondLimits(t T, h Harness) {
	s, name := h.open(t), strings.Repeat("n", eventstore.MaxName+1)
	for _, c := range []change{
		{"no events", func(a *eventstore.Append) { a.Events = nil }},
		{"too many events", func(a *eventstore.Append) { a.Events = events("case/C1", eventstore.MaxEvents+1) }},
		{"too many bytes", func(a *eventstore.Append) { a.Events = heavy(eventstore.MaxAppend/eventstore.MaxBody + 1) }},
		{"too many expectations", func(a *eventstore.Append) { a.Expect = make([]eventstore.Expectation, eventstore.MaxExpect+1) }},
		{"long body", func(a *eventstore.Append) { a.Events[0].Body = make([]byte, eventstore.MaxBody+1) }},
		{"no body", func(a *eventstore.Append) { a.Events[0].Body = nil }},
		{"long fast", func(a *eventstore.Append) { a.Events[0].Fast = make([]byte, eventstore.MaxFast+1) }},
		{"long request", func(a *eventstore.Append) { a.Key, a.Request = "k", make([]byte, eventstore.MaxRequest+1) }},
		{"key without request", func(a *eventstore.Append) { a.Key = "k" }},
		{"long stream", func(a *eventstore.Append) { a.Events[0].Stream = name }},
		{"no stream", func(a *eventstore.Append) { a.Events[0].Stream = "" }},
		{"stream of two lines", func(a *eventstore.Append) { a.Events[0].Stream = "case\nC1" }},
		{"stream with NUL", func(a *eventstore.Append) { a.Events[0].Stream = "case\x00" }},
		{"stream in another encoding", func(a *eventstore.Append) { a.Events[0].Stream = "\xe9" }},
		{"long kind", func(a *eventstore.Append) { a.Events[0].Kind = name }},
		{"no kind", func(a *eventstore.Append) { a.Events[0].Kind = "" }},
		{"no actor", func(a *eventstore.Append) { a.Actor = "" }},
		{"long actor", func(a *eventstore.Append) { a.Actor = name }},
		{"long key", func(a *eventstore.Append) { a.Key, a.Request = name, []byte("{}") }},
		{"long correlation", func(a *eventstore.Append) { a.Correlation = name }},
		{"long causation", func(a *eventstore.Append) { a.Causation = name }},
		{"long expected stream", func(a *eventstore.Append) {
			a.Expect = []eventstore.Expectation{{Stream: name, Version: eventstore.Any}}
		}},
		{"no time", func(a *eventstore.Append) { a.Now = time.Time{} }},
		{"before 1970", func(a *eventstore.Append) { a.Now = time.Unix(0, -1) }},
		{"after 9999", func(a *eventstore.Append) { a.Now = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
	} {
		a := plain(events("case/C1", 1)...)
		c.change(&a)
		if _, err := s.Append(context.Background(), a); !errors.Is(err, eventstore.ErrInvalid) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	stands(t, s, 0)
}

// heavy makes events of the greatest weight that all share one body.
func heavy(n int) []eventstore.Event {
	made, body := make([]eventstore.Event, n), make([]byte, eventstore.MaxBody)
	for i := range made {
		made[i] = eventstore.Event{Stream: "case/C1", Kind: "note.made.v1", Body: body}
	}
	return made
}
