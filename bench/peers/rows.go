package main

import (
	"strings"

	"clew/domain"
	"clew/eventstore"
	"clew/testdata/networks"
	"clew/tracing"
)

// event is what a log keeps of a movement, encoded as clew does.
type event struct {
	kind string
	body []byte
	fast []byte
}

// movements are the first so many of the standard network.
func movements(n int) []domain.Movement {
	list := make([]domain.Movement, 0, n)
	file := domain.SHA256(strings.Repeat("5c", 32))
	for m := range networks.Standard(n, victimsOf(n)).Movements() {
		m.Evidence = domain.Evidence{File: file, Line: len(list) + 2}
		list = append(list, m)
	}
	return list
}

// victimsOf is one victim for a thousand transfers, as in the goals.
func victimsOf(transfers int) int { return max(10, transfers/1_000) }

// events are movements as an import records them.
func events(n int) ([]event, error) {
	list := make([]event, 0, n)
	for _, m := range movements(n) {
		observed := domain.Observe(m)
		body, err := domain.EncodeEvent(observed)
		if err != nil {
			return nil, err
		}
		list = append(list, event{observed.Kind(), body, domain.EncodeFast(observed)})
	}
	return list, nil
}

// batches are events as clew appends them.
func batches(all []event, size int) []eventstore.Append {
	var list []eventstore.Append
	for first := 0; first < len(all); first += size {
		a := eventstore.Append{Actor: "insp.lind", Correlation: "01K0IMPORT0000000000000000", Now: batchTime}
		for _, e := range all[first:min(first+size, len(all))] {
			a.Events = append(a.Events, eventstore.Event{Stream: "case/NETWORK", Kind: e.kind, Body: e.body, Fast: e.fast})
		}
		list = append(list, a)
	}
	return list
}

// caseOf are movements as they are traced; keep says whose reports count.
func caseOf(all []domain.Movement, keep func(domain.VictimID) bool) (*tracing.Case, error) {
	c := tracing.NewCase(len(all))
	for i, m := range all {
		row := tracing.Row{Movement: m, Position: uint64(i + 1)}
		if keep(m.Victim) {
			row.Victim, row.Scam = m.Victim, m.Scam
		}
		if err := c.Add(&row); err != nil {
			return nil, err
		}
	}
	return c, nil
}

func everybody(domain.VictimID) bool { return true }
