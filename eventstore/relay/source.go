package relay

import (
	"context"
	"fmt"
	"strconv"

	"github.com/ThreeDotsLabs/watermill/message"

	"clew/eventstore"
)

// Source cuts a log into messages. There are two: Messages and Batches.
type Source interface {
	// next gives some parcels of a topic after an offset, in order; none if
	// the end was reached.
	next(ctx context.Context, topic string, after uint64) ([]parcel, error)

	// log is what the doorbell watches.
	log() eventstore.Store
}

// parcel is one message and the offset that its acknowledgement stands for.
type parcel struct {
	message *message.Message
	offset  uint64
}

// page is how many records are read ahead. What a consumer does not
// acknowledge before it ends is read again.
const page = 100

type messages struct{ from eventstore.Store }

// Messages gives what a Publisher put into a log, message by message: a topic
// is a stream, and an offset is a version.
func Messages(log eventstore.Store) Source { return messages{log} }

func (m messages) log() eventstore.Store { return m.from }

func (m messages) next(ctx context.Context, topic string, after uint64) ([]parcel, error) {
	records, err := m.from.ReadStream(ctx, streamOf(topic), after, page)
	if err != nil {
		return nil, err
	}
	parcels := make([]parcel, len(records))
	for i, r := range records {
		m, err := decodeMessage(r.Body)
		if err != nil {
			return nil, fmt.Errorf("record %d of topic %s: %w", r.Position, topic, err)
		}
		parcels[i] = parcel{message: m, offset: r.Version}
	}
	return parcels, nil
}

// DefaultBatch is how many records a message carries: with one each a broker
// is thirty to a hundred times slower, and with five hundred as fast as it
// gets.
const DefaultBatch = 500

type batches struct {
	from eventstore.Store
	size int
}

// Batches gives every record of a log, up to size of them in one message, as
// a CloudEvents batch. A topic is only the name that the offset is kept
// under, and an offset is a position: dense, so that a consumer who finds a
// hole between two messages can fill it from the store. A size of 0 is
// DefaultBatch.
func Batches(log eventstore.Store, size int) Source {
	if size <= 0 {
		size = DefaultBatch
	}
	return batches{from: log, size: min(size, eventstore.MaxRead)}
}

func (b batches) log() eventstore.Store { return b.from }

func (b batches) next(ctx context.Context, _ string, after uint64) ([]parcel, error) {
	records, err := b.from.Read(ctx, after, b.size)
	if err != nil || len(records) == 0 {
		return nil, err
	}
	payload, err := CloudEvents(b.from.Identity(), records)
	if err != nil {
		return nil, err
	}
	first, last := records[0].Position, records[len(records)-1].Position
	m := message.NewMessage(fmt.Sprintf("%s/%d-%d", b.from.Identity(), first, last), payload)
	m.Metadata = message.Metadata{
		"content-type": BatchType, "log": b.from.Identity(),
		"first": strconv.FormatUint(first, 10), "last": strconv.FormatUint(last, 10),
	}
	return []parcel{{message: m, offset: last}}, nil
}
