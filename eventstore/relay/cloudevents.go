package relay

import (
	"encoding/json"
	"fmt"
	"strconv"

	"clew/eventstore"
)

// BatchType is the media type of a CloudEvents batch: a JSON array.
const BatchType = "application/cloudevents-batch+json"

// cloudEvent is CloudEvents 1.0 in structured JSON. Integers are strings,
// because a position may one day not fit a JavaScript number; extension
// attributes are lower-case letters, as the standard wants them.
type cloudEvent struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Source      string          `json:"source"`
	Type        string          `json:"type"`
	Subject     string          `json:"subject"`
	Time        string          `json:"time"`
	DataType    string          `json:"datacontenttype,omitempty"`
	Position    string          `json:"position"`
	Version     string          `json:"streamversion"`
	Actor       string          `json:"actor"`
	Correlation string          `json:"correlation,omitempty"`
	Causation   string          `json:"causation,omitempty"`
	Data        json.RawMessage `json:"data,omitempty"`
	DataBase64  []byte          `json:"data_base64,omitempty"`
}

// CloudEvents writes records as a CloudEvents batch. The source is the log's
// identity as a URN, the type is the kind and the subject the stream. A body
// that is not JSON is given in base64, as the standard provides. The
// idempotency key is left out: it is the caller's.
func CloudEvents(identity string, records []eventstore.Record) ([]byte, error) {
	batch := make([]cloudEvent, len(records))
	for i, r := range records {
		e := cloudEvent{
			SpecVersion: "1.0", ID: r.ID.String(), Source: "urn:clew:log:" + identity, Type: r.Kind, Subject: r.Stream,
			Time: r.RecordedAt.Format("2006-01-02T15:04:05.000000Z"), Position: strconv.FormatUint(r.Position, 10),
			Version: strconv.FormatUint(r.Version, 10), Actor: r.Actor, Correlation: r.Correlation, Causation: r.Causation,
		}
		if json.Valid(r.Body) {
			e.DataType, e.Data = "application/json", r.Body
		} else {
			e.DataBase64 = r.Body
		}
		batch[i] = e
	}
	payload, err := json.Marshal(batch)
	if err != nil {
		return nil, fmt.Errorf("relay: write %d records as CloudEvents: %w", len(records), err)
	}
	return payload, nil
}
