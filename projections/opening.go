package projections

import (
	"context"
	"database/sql/driver"
	"strings"
	"time"

	"clew/domain"
	"clew/eventstore"
)

// Opening makes an event readable for somebody who may read it: what is sealed
// in it is opened, or says why it is not. Rows hold events as they were
// recorded, sealed; only answers are opened, so no file of the read models and
// no fingerprint ever has personal text in it.
type Opening func(domain.CaseID, domain.Event) domain.Event

// OpenWith sets how answers are opened from now on.
func (v *Views) OpenWith(opens Opening) { v.opening.Store(&opens) }

func (v *Views) opened(c domain.CaseID, event domain.Event) domain.Event {
	if opens := v.opening.Load(); opens != nil {
		return (*opens)(c, event)
	}
	return event
}

// CaseOfStream is the case that a stream belongs to; "" for the registers.
func CaseOfStream(stream string) domain.CaseID {
	if id, ok := strings.CutPrefix(stream, caseStream); ok {
		return domain.CaseID(id)
	}
	return ""
}

func caseOf(r eventstore.Record) domain.CaseID { return CaseOfStream(r.Stream) }

// Fact is a small fact with its place in the log.
type Fact struct {
	Position   uint64
	Case       domain.CaseID
	RecordedAt time.Time
	Event      domain.Event // as it was recorded: sealed
}

// EachFact gives the small facts of one kind, of all cases, to a function, as
// they were recorded.
func (v *Views) EachFact(ctx context.Context, kind string, upto uint64, do func(Fact) error) error {
	upto, err := v.position(ctx, upto)
	if err != nil {
		return err
	}
	var facts []Fact
	err = v.queryAt(ctx, upto, func(c *conn) error {
		return c.each(ctx, func(row []driver.Value) error {
			event, err := domain.DecodeEvent(asText(row[1]), []byte(asText(row[2])))
			facts = append(facts, Fact{Position: uint64(asInt(row[0])), Case: domain.CaseID(asText(row[3])), Event: event})
			return err
		}, `SELECT position, kind, body, "case" FROM casefile WHERE kind = ? AND position <= ? ORDER BY position`, kind, position(upto))
	}, CaseFiles.Name)
	for _, fact := range facts {
		record, wrong := v.record(ctx, fact.Position)
		if err != nil || wrong != nil {
			return orFirst(err, wrong)
		}
		fact.RecordedAt = record.RecordedAt
		if err := do(fact); err != nil {
			return err
		}
	}
	return err
}

func orFirst(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Sealed lists which keys the event at a position was sealed under, and its
// case.
func (v *Views) Sealed(ctx context.Context, at uint64) (domain.CaseID, []string, error) {
	record, err := v.record(ctx, at)
	if err != nil {
		return "", nil, err
	}
	event, err := domain.DecodeEvent(record.Kind, record.Body)
	if err != nil {
		return "", nil, err
	}
	var keys []string
	_, err = domain.EachPersonal(event, func(_ domain.Whose, _ string, text domain.Personal) (domain.Personal, error) {
		if text.Key != "" {
			keys = append(keys, text.Key)
		}
		return text, nil
	})
	return caseOf(record), keys, err
}

// IsSealed says whether anything in the log was sealed.
func (v *Views) IsSealed(ctx context.Context) (is bool, err error) {
	err = v.queryAt(ctx, 0, func(c *conn) error {
		row, err := c.row(`SELECT 1 FROM casefile WHERE body LIKE '%clew/sealed:%' OR body LIKE '%"sealed":%' LIMIT 1`)
		is = row != nil
		return err
	}, CaseFiles.Name)
	return is, err
}
