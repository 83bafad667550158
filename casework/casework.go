// Package casework is what a person may do: open a case, import a file, report
// a payment, correct a movement, lock a rule. Every act goes one way: load
// what is known, decide in package domain, append the events with the version
// that was known. Where somebody else was faster, the decision is taken again
// on what is known then.
//
// It refuses what the deciders refuse, and says so with what to do next. It
// shows nothing: answers come from package projections.
//
// An act lies in the file of what it is about. The way that all of them go is
// here (onCase), and in registers.go for what all cases share. A file goes
// another: import.go keeps it, intake.go runs its stages, reading.go reads
// ahead, sift.go says what each row is, underway.go appends while the next rows
// are read. What is recorded passes sealing.go, which has the keys.
//
//	desk := casework.Desk{Store: store, Views: views, Clock: time.Now}
//	desk.Do(ctx, casework.By{Actor: "ina"}, "C1", domain.OpenCase{Case: "C1", Title: "The lost savings"})
//	desk.Import(ctx, casework.By{Actor: "ina"}, casework.File{Case: "C1", Path: "statement.csv"})
package casework

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"clew/domain"
	"clew/eventstore"
	"clew/projections"
	"clew/vault"
)

// Desk is where a person works: the log, the read models, a clock.
type Desk struct {
	Store eventstore.Store
	Views *projections.Views
	Clock func() time.Time
	// Mechanisms by which money can be stopped; nil: those clew ships with.
	Mechanisms domain.Mechanisms
	// Vault seals what is personal before it is recorded; nil: nothing is
	// sealed, as in tests of other things.
	Vault *vault.Vault
	// Reads logs who reads what; nil: nobody asks, as in tests.
	Reads *vault.Reads

	rows    int // how many rows an import decides together; 0: batchRows
	keeping sync.Mutex
	closed  map[string]string // keys whose use is restricted, and why
	roster  roster
	turns   turns
}

// By says who acts. Key is an idempotency key: the same act under the same key
// is carried out once, for ever. It may be empty. Version is how many events
// the case had when he decided: if it has more, the act is not carried out, and
// *Moved says so. 0: he decides on whatever is there. Sees says into which
// cases he may look; nil: into all, as at the command line.
type By struct {
	Actor   string
	Key     string
	Version uint64
	Sees    func(domain.CaseID) bool
}

func (by By) sees(c domain.CaseID) bool { return by.Sees == nil || by.Sees(c) }

// Moved says that a case has changed since somebody looked at it.
type Moved struct {
	Case      domain.CaseID
	Seen, Now uint64 // versions
}

func (m *Moved) Error() string {
	return fmt.Sprintf("case %s has changed since you looked: it had %d events and has %d; look at what is new, and decide again", m.Case, m.Seen, m.Now)
}

// Outcome is what an act recorded: the events' positions, or nothing new.
type Outcome struct {
	First, Last uint64
	Nothing     bool // it was recorded already
}

// repeated says whether the act's key was known, so that the positions are
// those of its first time.
func (o Outcome) repeated() bool { return o.Nothing && o.First > 0 }

// maxTries is how often a decision is taken again because somebody else was
// faster. Each time they got further; eight in a row means that something is
// wrong, and a person should look.
const maxTries = 8

// caseStream is the stream of a case's events.
func caseStream(c domain.CaseID) string { return projections.CaseStream(c) }

// draft is what a decision wants recorded, and at which versions it was taken.
type draft struct {
	events []eventstore.Event
	expect []eventstore.Expectation
	room   []byte // where the bytes of observations are written, one after the other
	vault  *vault.Vault
	file   domain.SHA256 // that the events were read from; "" where a person told them
	noteOf noteKey
}

// add seals what is personal and encodes events for a stream.
func (d *draft) add(stream string, events ...domain.Event) error {
	for _, e := range events {
		e, err := d.sealed(projections.CaseOfStream(stream), e)
		if err != nil {
			return err
		}
		body, err := domain.EncodeEvent(e)
		if err != nil {
			return err
		}
		d.events = append(d.events, eventstore.Event{Stream: stream, Kind: e.Kind(), Body: body, Fast: domain.EncodeFast(e)})
	}
	return nil
}

// The bytes of observations lie together in pieces of roomSize, so that they
// cost the memory one allocation in hundreds; usualFact is what one takes.
const (
	roomSize  = 256 << 10
	usualFact = 1 << 10
)

// addFacts encodes facts for a stream.
func (d *draft) addFacts(stream string, facts []fact) error {
	d.events = slices.Grow(d.events, len(facts))
	for _, f := range facts {
		if f.observed != nil {
			if err := d.observe(stream, f.observed); err != nil {
				return err
			}
			continue
		}
		if err := d.add(stream, f.event); err != nil {
			return err
		}
	}
	return nil
}

// observe seals the note of a movement and encodes the event that records it.
func (d *draft) observe(stream string, m *domain.Movement) error {
	m, err := d.sealedNote(projections.CaseOfStream(stream), m)
	if err != nil {
		return err
	}
	if cap(d.room)-len(d.room) < usualFact {
		d.room = make([]byte, 0, roomSize)
	}
	from := len(d.room)
	d.room = domain.AppendObserved(d.room, m)
	split := len(d.room)
	d.room = domain.AppendFast(d.room, m)
	d.events = append(d.events, eventstore.Event{Stream: stream, Kind: domain.ObservedKind(m.Kind),
		Body: d.room[from:split:split], Fast: d.room[split:len(d.room):len(d.room)]})
	return nil
}

// act is one thing that a person does: what its idempotency key stands for,
// and how it is decided on what is known.
type act struct {
	by      By
	about   domain.CaseID // whose turn it waits for; "": what all cases share
	request []byte
	blind   []byte // the request as it is kept: without personal text
	decide  func(plan *draft) error
}

// newAct names the case, the command and its content: the body that is
// compared when the key comes again.
func newAct(by By, c domain.CaseID, command any, decide func(*draft) error) (act, error) {
	request, err := json.Marshal(struct {
		Case    domain.CaseID `json:"case"`
		Does    string        `json:"does"`
		Command any           `json:"command"`
	}{c, fmt.Sprintf("%T", command), command})
	if err != nil {
		return act{}, fmt.Errorf("the command cannot be written down: %w", err)
	}
	return act{by: by, about: c, request: request, decide: decide}, nil
}

// record decides on what is known, appends, and decides again where somebody
// else was faster. An act whose key is known gets its first answer.
func (d *Desk) record(ctx context.Context, a act) (_ Outcome, err error) {
	if a.blind, err = d.blind(a.by.Key, a.request); err != nil {
		return Outcome{}, err
	}
	if a.by.Key != "" {
		receipt, known, err := d.told(ctx, a)
		if known || err != nil {
			return Outcome{receipt.First, receipt.Last, true}, err
		}
	}
	end, err := d.turns.take(ctx, a.about)
	if err != nil {
		return Outcome{}, err
	}
	defer end()
	for try := 1; ; try++ {
		outcome, err := d.attempt(ctx, a)
		var stale *eventstore.VersionConflict
		if !errors.As(err, &stale) {
			return outcome, err
		}
		if try == maxTries {
			return Outcome{}, &domain.Error{Class: domain.ClassConflict, Cause: err,
				Text: fmt.Sprintf("somebody else recorded here %d times while this was decided: try again", maxTries)}
		}
	}
}

func (d *Desk) attempt(ctx context.Context, a act) (Outcome, error) {
	plan := draft{vault: d.Vault}
	if err := a.decide(&plan); err != nil {
		return Outcome{}, err
	}
	if err := a.by.fits(plan.expect); err != nil {
		return Outcome{}, err
	}
	if len(plan.events) == 0 {
		return Outcome{Nothing: true}, nil
	}
	unit := eventstore.Append{Events: plan.events, Expect: plan.expect, Actor: a.by.Actor, Now: d.Clock()}
	if a.by.Key != "" {
		unit.Key, unit.Request = a.by.Key, a.blind
	}
	receipt, err := d.Store.Append(ctx, unit)
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{receipt.First, receipt.Last, receipt.Repeated}, d.Views.CatchUp(ctx)
}

// firstTold is the event of one kind that an act recorded when its key first
// came: the answer to its repetition is made of it, since nothing was decided
// now. Personal text in it stays sealed.
func firstTold[E domain.Event](ctx context.Context, d *Desk, o Outcome) (told E, err error) {
	records, err := d.Store.Read(ctx, o.First-1, int(o.Last-o.First+1))
	if err != nil {
		return told, err
	}
	for _, record := range records {
		event, err := domain.DecodeEvent(record.Kind, record.Body)
		if err != nil {
			return told, err
		}
		if told, is := event.(E); is {
			return told, nil
		}
	}
	return told, fmt.Errorf("positions %d to %d of the log have no %s, though this key recorded one there", o.First, o.Last, told.Kind())
}

// fits says whether a case stands where somebody saw it. It is the first that
// an act loads, and the append holds it there.
func (by By) fits(expect []eventstore.Expectation) error {
	if by.Version == 0 || len(expect) == 0 || expect[0].Version == by.Version {
		return nil
	}
	return &Moved{projections.CaseOfStream(expect[0].Stream), by.Version, expect[0].Version}
}

// open loads a case file and notes at which version it was read. The version
// is read first, so that a file that is newer fails at the append.
func (d *Desk) open(ctx context.Context, c domain.CaseID, plan *draft) (*domain.CaseFile, error) {
	version, err := d.Store.Version(ctx, caseStream(c))
	if err != nil {
		return nil, err
	}
	plan.expect = append(plan.expect, eventstore.Expectation{Stream: caseStream(c), Version: version})
	if err := d.Views.CatchUp(ctx); err != nil {
		return nil, err
	}
	return d.Views.CaseFile(ctx, c, projections.Head)
}

// onCase is how nearly every act goes: load the case's file, decide on it,
// append what was decided. command is what was asked for, by which a repeated
// request is known.
func (d *Desk) onCase(ctx context.Context, by By, c domain.CaseID, command any, decide func(*domain.CaseFile) ([]domain.Event, error)) (Outcome, error) {
	act, err := newAct(by, c, command, func(plan *draft) error {
		file, err := d.open(ctx, c, plan)
		if err != nil {
			return err
		}
		events, err := decide(file)
		if err != nil {
			return err
		}
		return plan.add(caseStream(c), events...)
	})
	if err != nil {
		return Outcome{}, err
	}
	return d.record(ctx, act)
}

// Do carries out a command on a case.
func (d *Desk) Do(ctx context.Context, by By, c domain.CaseID, command domain.Command) (Outcome, error) {
	return d.onCase(ctx, by, c, command, command.Decide)
}

// Link says that two cases are walked as one. It is recorded in both, in one
// append: neither ever stands alone.
func (d *Desk) Link(ctx context.Context, by By, one, other domain.CaseID, reason string) (Outcome, error) {
	act, err := newAct(by, one, domain.LinkCase{Other: other, Reason: reason}, func(plan *draft) error {
		for _, side := range [][2]domain.CaseID{{one, other}, {other, one}} {
			file, err := d.open(ctx, side[0], plan)
			if err != nil {
				return err
			}
			events, err := domain.LinkCase{Other: side[1], Reason: reason}.Decide(file)
			if err != nil {
				return err
			}
			if err := plan.add(caseStream(side[0]), events...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Outcome{}, err
	}
	return d.record(ctx, act)
}
