package sqlite

import (
	"bytes"
	"context"

	"clew/eventstore"
)

// Told answers for a key that was used before.
func (s *Store) Told(ctx context.Context, key string, request []byte) (r eventstore.Receipt, known bool, err error) {
	if key == "" {
		return r, false, nil
	}
	err = s.readers.use(ctx, func(c *conn) error {
		row, err := c.row(`SELECT first, last, request FROM append WHERE key = ? AND key <> ''`, key)
		if err != nil || row == nil {
			return err
		}
		r, known = eventstore.Receipt{First: uint64(row[0].(int64)), Last: uint64(row[1].(int64)), Repeated: true}, true
		if told := row[2].([]byte); !bytes.Equal(told, request) {
			return &eventstore.KeyConflict{Key: key, First: r.First, Difference: eventstore.Difference(told, request)}
		}
		return nil
	})
	return r, known, err
}
