package relay

import (
	"encoding/json"
	"fmt"

	"github.com/ThreeDotsLabs/watermill/message"
)

// messageKind is the name on disk of a message in a log of its own.
const messageKind = "message.published.v1"

// stored is a message as it lies in the log.
type stored struct {
	UUID     string            `json:"uuid"`
	Metadata map[string]string `json:"metadata,omitempty"`
	Payload  []byte            `json:"payload,omitempty"`
}

func encodeMessage(m *message.Message) ([]byte, error) {
	return json.Marshal(stored{UUID: m.UUID, Metadata: m.Metadata, Payload: m.Payload})
}

func decodeMessage(body []byte) (*message.Message, error) {
	var s stored
	if err := json.Unmarshal(body, &s); err != nil {
		return nil, fmt.Errorf("it is not a message: %w", err)
	}
	m := message.NewMessage(s.UUID, s.Payload)
	for key, value := range s.Metadata {
		m.Metadata.Set(key, value)
	}
	return m, nil
}
