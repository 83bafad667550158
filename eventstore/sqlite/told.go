package sqlite

import (
	"context"

	"clew/eventstore"
)

// Told answers for a key that was used before.
func (s *Store) Told(ctx context.Context, key string, request []byte) (r eventstore.Receipt, known bool, err error) {
	if key == "" {
		return r, false, nil
	}
	err = s.readers.use(ctx, func(c *conn) error {
		k, err := lookUp(c, key)
		if err != nil {
			return err
		}
		r, err = k.answer(key, request)
		return err
	})
	return r, r.First > 0, err
}
