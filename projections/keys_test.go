package projections

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"clew/domain"
)

// Keys are found wherever they lie, and lie where the log alone puts them.
func TestKeysAreFoundWhereverTheyLie(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		k := keys{"found", [2]uint64{4, 12}}
		p := Projection{Name: "found", Version: 1, Schema: "CREATE TABLE found (position INTEGER PRIMARY KEY) STRICT;" + k.schema(), Kinds: []string{domain.TransferObserved{}.Kind()},
			Apply: func(_ context.Context, tx *Tx, e *Recorded) error {
				return errors.Join(tx.Insert("found", position(e.Position)), k.add(tx, textKey(e.Movement.Ref), e.Position))
			}}
		log := &memoryLog{identity: "drawn"}
		borne := map[string]int{}
		for i := range rapid.IntRange(1, 60).Draw(r, "rows") {
			m := paid("C1", fmt.Sprint("T", i), "A", "B", "1.00")
			m.Ref = rapid.StringMatching("[a-c]").Draw(r, "key")
			log.tell(t, "C1", domain.Observe(m))
			borne[m.Ref]++
			if rapid.Bool().Draw(r, "noted between") {
				log.tell(t, "C1", domain.CaseNoted{})
			}
		}
		atOnce := seeAt(t, t.TempDir()+"/views", log, []Projection{p})
		live := seeAt(t, t.TempDir()+"/views", log, []Projection{p})
		live.batch = batch{rapid.IntRange(1, 5).Draw(r, "page"), 1, 2}
		sameStanding(r, standing(t, live), standing(t, atOnce), "in other batches")

		for key, want := range borne {
			var found []int64
			err := live.readers.use(context.Background(), func(c *conn) (err error) {
				found, err = k.find(context.Background(), c, []int64{textKey(key), textKey(key), 7})
				return err
			})
			if err != nil || len(found) != want || !slices.IsSorted(found) {
				r.Errorf("key %q was found at %d, %v, want %d", key, found, err, want)
			}
		}
		live.Close()
		atOnce.Close()
	})
}
