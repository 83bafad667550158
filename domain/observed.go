package domain

import (
	"encoding/json"
	"fmt"
)

// Observe makes the event that records a movement.
func Observe(m Movement) Event {
	seen := Observation{m.ID, m.When, m.Source, m.SourceID, m.Ref, m.Note, m.Evidence}
	switch m.Kind {
	case Opening:
		return OpeningObserved{seen, m.To, m.Amount}
	case Balance:
		return BalanceObserved{seen, m.To, m.Amount, m.Opens}
	case Transfer:
		return TransferObserved{seen, m.From, m.To, m.Amount, given(m.Fee), m.Victim, m.Scam}
	case Conversion:
		return ConversionObserved{seen, m.From, m.To, m.Amount, m.Received, given(m.Fee), m.Victim, m.Scam}
	case Return:
		return ReturnObserved{seen, m.From, m.To, m.Amount, given(m.Fee), m.Of, m.OfSource}
	case Hop:
		return HopObserved{seen, m.Inputs, m.Outputs}
	}
	panic("domain: a movement of the unknown kind " + string(m.Kind))
}

func given(a Amount) *Amount {
	if !a.Given() {
		return nil
	}
	return &a
}

func orNone(a *Amount) Amount {
	if a == nil {
		return Amount{}
	}
	return *a
}

// MovementOf gives the movement that an event records, if it records one.
func MovementOf(e Event) (Movement, bool) {
	switch e := e.(type) {
	case OpeningObserved:
		return e.movement(Movement{Kind: Opening, To: e.Account, Amount: e.Amount}), true
	case BalanceObserved:
		return e.movement(Movement{Kind: Balance, To: e.Account, Amount: e.Amount, Opens: e.Opens}), true
	case TransferObserved:
		return e.movement(Movement{Kind: Transfer, From: e.From, To: e.To, Amount: e.Amount, Fee: orNone(e.Fee), Victim: e.Victim, Scam: e.Scam}), true
	case ConversionObserved:
		return e.movement(Movement{Kind: Conversion, From: e.From, To: e.To, Amount: e.Amount, Received: e.Received, Fee: orNone(e.Fee), Victim: e.Victim, Scam: e.Scam}), true
	case ReturnObserved:
		return e.movement(Movement{Kind: Return, From: e.From, To: e.To, Amount: e.Amount, Fee: orNone(e.Fee), Of: e.Of, OfSource: e.OfSource}), true
	case HopObserved:
		return e.movement(Movement{Kind: Hop, Inputs: e.Inputs, Outputs: e.Outputs}), true
	}
	return Movement{}, false
}

func (o Observation) movement(m Movement) Movement {
	m.ID, m.When, m.Source, m.SourceID, m.Ref, m.Note, m.Evidence = o.ID, o.When, o.Source, o.SourceID, o.Ref, o.Note, o.Evidence
	return m
}

// Observed carries an observation inside a correction, with its kind.
type Observed struct{ Movement Movement }

type observedJSON struct {
	Kind  string          `json:"kind"`
	Event json.RawMessage `json:"event"`
}

// MarshalJSON writes the observation's kind and its event.
func (o Observed) MarshalJSON() ([]byte, error) {
	event := Observe(o.Movement)
	body, err := plainJSON(event)
	if err != nil {
		return nil, err
	}
	return plainJSON(observedJSON{event.Kind(), body})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (o *Observed) UnmarshalJSON(data []byte) error {
	var text observedJSON
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	event, err := DecodeEvent(text.Kind, text.Event)
	if err != nil {
		return err
	}
	movement, ok := MovementOf(event)
	if !ok {
		return fmt.Errorf("a correction holds a %s, which is no movement", text.Kind)
	}
	o.Movement = movement
	return nil
}
