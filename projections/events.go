package projections

import (
	"context"

	"clew/domain"
	"clew/eventstore"
)

// EntryShape is an entry in JSON: of a timeline, of what was recorded since,
// and of what is sent to those who follow the log.
type EntryShape struct {
	Position   uint64            `json:"position"`
	RecordedAt string            `json:"recorded_at"`
	Actor      string            `json:"actor"`
	Case       domain.CaseID     `json:"case"`
	Kind       string            `json:"kind"`
	Movement   domain.MovementID `json:"movement"`
	Time       *domain.When      `json:"time"` // when it happened; null where it only became known
	Text       string            `json:"text"`
}

// recordedLayout shows the microseconds that the log keeps, always all six.
const recordedLayout = "2006-01-02T15:04:05.000000Z07:00"

// Shape is the entry in JSON.
func (e Entry) Shape() EntryShape {
	shape := EntryShape{e.Position, e.RecordedAt.UTC().Format(recordedLayout), e.Actor, e.Case, e.Kind, e.Movement, nil, e.Text}
	if !e.When.IsZero() {
		shape.Time = &e.When
	}
	return shape
}

// Events tells up to limit events after a position, of all streams, in the
// order of the log. Fewer than limit means that its end was reached.
func (v *Views) Events(ctx context.Context, after uint64, limit int) ([]Entry, error) {
	records, err := v.store.Read(ctx, after, limit)
	return v.entriesOf(records), err
}

// CaseEvents tells up to limit events of a case after a version of it.
func (v *Views) CaseEvents(ctx context.Context, id domain.CaseID, after uint64, limit int) ([]Entry, error) {
	records, err := v.store.ReadStream(ctx, CaseStream(id), after, limit)
	return v.entriesOf(records), err
}

func (v *Views) entriesOf(records []eventstore.Record) []Entry {
	list := make([]Entry, 0, len(records))
	for _, r := range records {
		list = append(list, v.entryOf(r))
	}
	return list
}
