// Package projections keeps the read models: tables that are made from the log
// alone, and the answers that are read from them. They live in a SQLite file
// of their own beside the store, which may be removed at any time: the log
// fills another.
//
// A projection is one file here: name, version, schema, Apply, queries. Its
// rows and its position commit in one transaction. A raised version rebuilds
// it by the same Apply from event 1. Nothing in a projection depends on the
// clock, on the size of a batch or on the machine: a fingerprint over its rows
// says so.
//
// It refuses to pass an event by: where one cannot be applied its projection
// parks, keeps its position, and every answer that rests on it says so
// (*Parked) until a clew comes that can.
//
//	views, err := projections.Open(ctx, "clew.db.views", store)
//	if err != nil { … }
//	defer views.Close()
//	answer, err := views.Trace(ctx, projections.Ask{Case: "C1"}) // as of the head of the log
package projections

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"clew/domain"
	"clew/eventstore"
)

// Projection is one read model.
type Projection struct {
	Name    string   // every table of it is called so, or so and then _ and more
	Version int      // Raise it when Schema or Apply changes: the runner rebuilds from event 1.
	Schema  string   // CREATE statements
	Kinds   []string // the kinds of event that it takes note of; all others pass it by
	Apply   func(ctx context.Context, tx *Tx, e *Recorded) error
}

// All lists the projections. A new one is a file and a row here.
func All() []Projection {
	return []Projection{Movements, CaseFiles, Evidence, Accounts, Recording}
}

// Recorded is one record of the log with its meaning. It and what it points to
// are Apply's until it returns: the next page is written over them. Of what has a
// Fast block neither that nor Body is there.
type Recorded struct {
	eventstore.Record
	Case domain.CaseID // from the stream "case/<ID>"; "" for every other stream

	// Event is what was recorded; nil where Movement is set.
	Event domain.Event

	// Movement is what an observation observed. It bears what the fast block
	// bears: note, evidence and the source's own id stand in Body only.
	Movement *domain.Movement

	unread error // why neither of the two could be had

	from, to domain.NameNumber // of the movement's accounts; 0: not numbered
}

// caseStream comes before a case's name in the name of its stream.
const caseStream = "case/"

// CaseStream is the stream of a case's events.
func CaseStream(id domain.CaseID) string { return caseStream + string(id) }

// AssetStream is the stream of the asset register, which all cases share.
const AssetStream = "assets"

// RateStream is the stream of exchange rates, which all cases share.
const RateStream = "rates"

// SettingStream is the stream of what an installation has decided for all of
// its cases, such as the limit above which a freeze needs a second person.
const SettingStream = "settings"

// OperationStream and CentreStream are the streams of what operations and scam
// centres are, which all cases share.
const (
	OperationStream = "operations"
	CentreStream    = "centres"
)

// Head stands for the last position of the log, wherever a position is asked
// for.
const Head = ^uint64(0)

// decoder gives records their meaning. It is for one goroutine at a time.
type decoder struct{ names domain.FastDecoder }

// add puts a record on a page with its meaning, or with why it has none. It
// keeps none of the record's bytes.
func (d *decoder) add(p *page, r *eventstore.Record) {
	p.events = append(p.events, Recorded{Record: *r})
	n := len(p.events) - 1
	e, m := &p.events[n], &p.movements[n]
	e.Body, e.Fast = nil, nil
	if id, ok := strings.CutPrefix(r.Stream, caseStream); ok {
		e.Case = domain.CaseID(id)
	}
	if len(r.Fast) > 0 {
		if err := d.names.Decode(r.Fast, m); err != nil {
			e.unread = fmt.Errorf("event %s cannot be read: %w", r.Kind, err)
			return
		}
		e.Movement = m
		e.from, e.to = d.names.Parties()
		return
	}
	e.Body = bytes.Clone(r.Body)
	event, err := domain.DecodeEvent(r.Kind, r.Body)
	if err != nil {
		e.unread = err
		return
	}
	e.Event = event
	if observed, ok := domain.MovementOf(event); ok {
		*m = observed
		m.Note, m.SourceID, m.Evidence = "", "", domain.Evidence{}
		e.Event, e.Movement = nil, m
	}
}

// schemaHash tells a changed schema even where nobody raised the version.
func (p Projection) schemaHash() string {
	sum := sha256.Sum256([]byte(p.Schema))
	return hex.EncodeToString(sum[:])
}

// CaseOfStream is the case that a stream belongs to; "" for the registers.
func CaseOfStream(stream string) domain.CaseID {
	if id, ok := strings.CutPrefix(stream, caseStream); ok {
		return domain.CaseID(id)
	}
	return ""
}

func caseOf(r eventstore.Record) domain.CaseID { return CaseOfStream(r.Stream) }
