package projections

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"clew/domain"
)

// foundBy is a projection whose rows bear keys, with small spans.
func foundBy(k *keys) Projection {
	k.newer = func(c *conn, after uint64, do func(int64, uint64)) (upto uint64, err error) {
		upto = after
		err = c.each(context.Background(), func(row []driver.Value) error {
			upto = uint64(asInt(row[0]))
			do(asInt(row[1]), upto)
			return nil
		}, "SELECT position, key FROM found WHERE position > ? ORDER BY position", position(after))
		return upto, err
	}
	return Projection{Name: "found", Version: 1, Schema: "CREATE TABLE found (position INTEGER PRIMARY KEY, key INTEGER NOT NULL) STRICT;" + k.schema(), Kinds: []string{domain.TransferObserved{}.Kind()},
		Apply: func(_ context.Context, tx *Tx, e *Recorded) error {
			f, ok := tx.recall["finder"].(*finder)
			if !ok {
				f = newFinder(k)
				tx.recall["finder"] = f
				if err := f.resume(tx.conn); err != nil {
					return err
				}
			}
			key := textKey(e.Movement.Ref)
			return errors.Join(f.add(tx.conn, key, e.Position), tx.Insert("found", position(e.Position), key))
		}}
}

// Keys are found wherever they lie, and lie where the log alone puts them.
func TestKeysAreFoundWhereverTheyLie(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		k := &keys{table: "found_key", spans: []uint64{4, 12, 24}}
		p := foundBy(k)
		log := &memoryLog{identity: "drawn"}
		borne := map[string]int{}
		atOnce, live := seeAt(t, t.TempDir()+"/views", log, []Projection{p}), seeAt(t, t.TempDir()+"/views", log, []Projection{p})
		live.batch = batch{rapid.IntRange(1, 5).Draw(r, "page"), 1, 2}
		reader := newFinder(k) // it looks now and then while the log grows
		find := func(v *Views, f *finder, key string) (found []int64) {
			err := v.queryAt(context.Background(), uint64(len(log.records)), func(c *conn) (err error) {
				found, err = f.find(c, []int64{textKey(key), textKey(key), 7})
				return err
			}, "found")
			if err != nil {
				r.Fatal(err)
			}
			return found
		}
		for i := range rapid.IntRange(1, 60).Draw(r, "rows") {
			m := paid("C1", fmt.Sprint("T", i), "A", "B", "1.00")
			m.Ref = rapid.StringMatching("[a-c]").Draw(r, "key")
			log.tell(t, "C1", domain.Observe(m))
			borne[m.Ref]++
			if rapid.Bool().Draw(r, "noted between") {
				log.tell(t, "C1", domain.CaseNoted{})
			}
			if rapid.IntRange(0, 9).Draw(r, "looked") == 0 {
				if got := find(live, reader, m.Ref); len(got) != borne[m.Ref] {
					r.Errorf("key %q was found at %d, want %d", m.Ref, got, borne[m.Ref])
				}
			}
		}
		sameStanding(r, standing(t, live), standing(t, atOnce), "in other batches")
		for key, want := range borne {
			for _, f := range []*finder{reader, newFinder(k)} {
				if found := find(live, f, key); len(found) != want || !slices.IsSorted(found) {
					r.Errorf("key %q was found at %d, want %d", key, found, want)
				}
			}
		}
		live.Close()
		atOnce.Close()
	})
}

// Through a sieve nothing that is there falls, while spans end and runs are
// merged; most of what is not there does.
func TestASieveLosesNoKey(t *testing.T) {
	k := &keys{table: "found_key", spans: []uint64{500, 2000}}
	log := newLog()
	v := seeAt(t, t.TempDir()+"/views", log, []Projection{foundBy(k)})
	reader := newFinder(k)
	var there, nowhere []int64
	for i := range 3200 {
		m := paid("C1", fmt.Sprint("T", i), "A", "B", "1.00")
		m.Ref = fmt.Sprint("R", i)
		log.tell(t, "C1", domain.Observe(m))
		there, nowhere = append(there, textKey(m.Ref)), append(nowhere, textKey(fmt.Sprint("none", i)))
		if i%700 != 699 {
			continue
		}
		err := v.queryAt(context.Background(), uint64(len(log.records)), func(c *conn) error {
			found, err := reader.find(c, slices.Clone(there))
			if err != nil || len(found) != len(there) {
				t.Errorf("of %d keys %d were found: %v", len(there), len(found), err)
			}
			if found, err = reader.find(c, slices.Clone(nowhere)); err != nil || len(found) != 0 {
				t.Errorf("keys that nothing bears were found at %d: %v", found, err)
			}
			return nil
		}, "found")
		if err != nil {
			t.Fatal(err)
		}
	}
	passed := 0
	for _, key := range nowhere {
		for _, sieve := range reader.sieves {
			if sieve.mayHave(key) {
				passed++
			}
		}
	}
	if len(reader.sieves) == 0 || passed > len(nowhere)*len(reader.sieves)/20 {
		t.Errorf("%d of %d pass through %d sieves", passed, len(nowhere), len(reader.sieves))
	}
}
