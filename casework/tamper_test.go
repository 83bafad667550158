package casework_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"clew/casework"
	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/seal"
	"clew/eventstore/sqlite"
	"clew/projections"
)

// forged is a log as its keeper could rewrite it who has the file, the key and
// all the time in the world: whatever records he likes, hashed anew, in a tree
// of their own, signed by the log's own key. It is whole in itself.
type forged struct {
	eventstore.Store
	records []eventstore.Record
	nodes   []tlog.Hash
	signed  []eventstore.Checkpoint
}

// forge numbers the records anew, as a log must be numbered.
func forge(of eventstore.Store, records []eventstore.Record) *forged {
	f := &forged{Store: of}
	var tree seal.Tree
	versions := map[string]uint64{}
	for i, r := range records {
		versions[r.Stream]++
		r.Position, r.Version = uint64(i+1), versions[r.Stream]
		f.records = append(f.records, r)
		f.nodes = append(f.nodes, tree.Add(eventstore.Leaf(eventstore.Encode(r)))...)
	}
	return f
}

func (f *forged) Head(context.Context) (uint64, error) { return uint64(len(f.records)), nil }

func (f *forged) Read(_ context.Context, after uint64, limit int) ([]eventstore.Record, error) {
	rest := f.records[min(after, uint64(len(f.records))):]
	return rest[:min(limit, len(rest))], nil
}

func (f *forged) ReadStream(_ context.Context, stream string, after uint64, _ int) (list []eventstore.Record, err error) {
	for _, r := range f.records {
		if r.Stream == stream && r.Version > after {
			list = append(list, r)
		}
	}
	return list, nil
}

func (f *forged) Hashes(_ context.Context, indexes []int64) (list []tlog.Hash, err error) {
	for _, i := range indexes {
		if i >= int64(len(f.nodes)) {
			return nil, eventstore.Beyond(i, 0, uint64(len(f.records)))
		}
		list = append(list, f.nodes[i])
	}
	return list, nil
}

func (f *forged) Checkpoints(_ context.Context, after eventstore.Checkpoint, _ int) ([]eventstore.Checkpoint, error) {
	if after.Number > 0 {
		return nil, nil
	}
	return f.signed, nil
}

// sign signs the forged head with the log's own key.
func (f *forged) sign(t *testing.T, key seal.Key) {
	t.Helper()
	size := uint64(len(f.records))
	root, err := eventstore.Root(t.Context(), f, size)
	check(t, err)
	note, err := seal.Head{Origin: key.Name(), Size: size, Root: root}.Sign(key)
	check(t, err)
	f.signed = []eventstore.Checkpoint{{Size: size, Number: 1, Note: note}}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// sealedLog is a real log with a key, two streams and some notes.
func sealedLog(t *testing.T) (*casework.Desk, seal.Key) {
	t.Helper()
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "clew.db")
	store, err := sqlite.Open(ctx, path, sqlite.Options{})
	check(t, err)
	t.Cleanup(func() { store.Close() })
	views, err := projections.Open(ctx, path+".views", store)
	check(t, err)
	t.Cleanup(func() { views.Close() })
	desk := &casework.Desk{Store: store, Views: views, Clock: func() time.Time { return time.Date(2024, 3, 1, 8, 0, 0, 0, time.UTC) }}
	by := casework.By{Actor: "ina"}
	for _, c := range []domain.CaseID{"C1", "C2"} {
		_, err := desk.Do(ctx, by, c, domain.OpenCase{Case: c, Title: "t"})
		check(t, err)
	}
	key, err := seal.NewKey(seal.Log, seal.Origin(store.Identity()), rand.Reader)
	check(t, err)
	_, err = desk.AdoptKey(ctx, by, casework.Adoption{Key: key})
	check(t, err)
	for i := range 12 {
		c := domain.CaseID(fmt.Sprintf("C%d", i%2+1))
		_, err := desk.Do(ctx, by, c, domain.NoteCase{Text: fmt.Sprintf("note %d", i)})
		check(t, err)
	}
	_, _, err = desk.SignHead(ctx, key)
	check(t, err)
	return desk, key
}

// Every way to tamper with a log, by its name: done with all the keeper's
// powers it leaves a log that is consistent with itself, which is why that
// proves nothing; and one head that somebody else holds shows it.
func TestEveryTamperingIsSeenByWhoHoldsAHead(t *testing.T) {
	desk, key := sealedLog(t)
	records, err := desk.Store.Read(t.Context(), 0, 1000)
	check(t, err)
	all := uint64(len(records))
	whole := forge(desk.Store, records)
	held := headOf(t, whole, all)
	edited := func(r eventstore.Record) eventstore.Record {
		body, err := domain.EncodeEvent(domain.CaseNoted{Text: domain.Personal{Clear: "something else"}})
		check(t, err)
		r.Kind, r.Body, r.Fast = domain.CaseNoted{}.Kind(), body, nil
		return r
	}
	swapped := func(r eventstore.Record, stream string) eventstore.Record { r.Stream = stream; return r }
	for name, c := range map[string]struct {
		records []eventstore.Record
		first   uint64
		short   bool
	}{
		"delete":                    {slices.Delete(slices.Clone(records), 6, 7), 7, true},
		"delete and add at the end": {append(slices.Delete(slices.Clone(records), 6, 7), edited(records[14])), 7, false},
		"reorder":                   {exchanged(records, 7, 8), 8, false},
		"duplicate":                 {slices.Insert(slices.Clone(records), 6, records[5]), 7, false},
		"truncate":                  {records[:10], 11, true},
		"old backup":                {records[:4], 5, true},
		"swap streams":              {replaced(replaced(records, 7, swapped(records[7], records[8].Stream)), 8, swapped(records[8], records[7].Stream)), 8, false},
		"edit and re-hash":          {replaced(records, 9, edited(records[9])), 10, false},
		"fork":                      {append(slices.Clone(records[:11]), edited(records[11]), edited(records[12]), edited(records[13]), edited(records[14]), edited(records[14])), 12, false},
	} {
		t.Run(name, func(t *testing.T) {
			bad := forge(desk.Store, c.records)
			bad.sign(t, key)
			forger := &casework.Desk{Store: bad, Clock: desk.Clock}
			if _, err := forger.Verify(t.Context(), casework.Inspection{}); err != nil {
				t.Fatalf("the forger has made a mistake, so this shows nothing: %v", err)
			}
			for _, h := range []casework.Held{{Head: held}, {Head: held, Tree: whole}} {
				mustRefute(t, forger, h, c.first, c.short)
			}
		})
	}
	found, err := desk.Verify(t.Context(), casework.Inspection{Held: []casework.Held{{Head: held}}})
	if err != nil || found.Head != held || found.Checkpoints != 1 {
		t.Errorf("the true log: %+v, %v", found, err)
	}
}

func (f *forged) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	return f.Hashes(context.Background(), indexes)
}

func headOf(t *testing.T, f *forged, size uint64) seal.Head {
	t.Helper()
	root, err := eventstore.Root(t.Context(), f, size)
	check(t, err)
	return seal.Head{Origin: seal.Origin(f.Identity()), Size: size, Root: root}
}

// mustRefute wants the tampering named: a log that became shorter as such, any
// other as rewritten; and the position, where the held tree shows it.
func mustRefute(t *testing.T, forger *casework.Desk, held casework.Held, first uint64, short bool) {
	t.Helper()
	_, err := forger.Verify(t.Context(), casework.Inspection{Held: []casework.Held{held}})
	var refuted *casework.Refuted
	var truncated *casework.Truncated
	var rewritten *casework.Rewritten
	switch {
	case !errors.As(err, &refuted):
		t.Fatalf("it was not seen: %v", err)
	case short && !errors.As(err, &truncated), !short && !errors.As(err, &rewritten):
		t.Errorf("it is called by another name: %v", err)
	case !short && held.Tree != nil && (refuted.Position != first || rewritten.First != first || rewritten.Last != first):
		t.Errorf("the first bad position is %d, and it says: %v", first, err)
	}
}

func replaced(records []eventstore.Record, at int, by eventstore.Record) []eventstore.Record {
	list := slices.Clone(records)
	list[at] = by
	return list
}

func exchanged(records []eventstore.Record, a, b int) []eventstore.Record {
	list := slices.Clone(records)
	list[a], list[b] = list[b], list[a]
	return list
}

// What a forger without the key cannot hide even in the log itself.
func TestWithoutTheKeyTheLogsOwnCheckpointsTell(t *testing.T) {
	desk, _ := sealedLog(t)
	records, err := desk.Store.Read(t.Context(), 0, 1000)
	check(t, err)
	signed, err := desk.Store.Checkpoints(t.Context(), eventstore.Checkpoint{}, 10)
	check(t, err)
	note, err := domain.EncodeEvent(domain.CaseNoted{Text: domain.Personal{Clear: "something else"}})
	check(t, err)
	changed := records[9]
	changed.Body = note
	bad := forge(desk.Store, replaced(records, 9, changed))
	bad.signed = signed
	var rewritten *casework.Rewritten
	_, err = (&casework.Desk{Store: bad, Clock: desk.Clock}).Verify(t.Context(), casework.Inspection{})
	if !errors.As(err, &rewritten) || rewritten.First != 1 || rewritten.Last != uint64(len(records)) {
		t.Errorf("an edited record under an old checkpoint: %v", err)
	}

	// Another key, of the same name, adopted in the place of the first.
	thief, err := seal.NewKey(seal.Log, seal.Origin(desk.Store.Identity()), rand.Reader)
	check(t, err)
	adoption, err := seal.Adopt(thief, 2, nil)
	check(t, err)
	body, err := domain.EncodeEvent(domain.KeyAdopted{Key: thief.Public().String(), Note: string(adoption)})
	check(t, err)
	adopted := records[2]
	adopted.Body = body
	bad = forge(desk.Store, replaced(records, 2, adopted))
	bad.sign(t, thief)
	forger := &casework.Desk{Store: bad, Clock: desk.Clock}
	_, err = forger.Verify(t.Context(), casework.Inspection{})
	check(t, err) // consistent with itself, as docs/trust/verify.md says
	keys, err := desk.Keys(t.Context())
	check(t, err)
	var refuted *casework.Refuted
	if _, err = forger.Verify(t.Context(), casework.Inspection{Trusted: &keys[0].Key}); !errors.As(err, &refuted) {
		t.Errorf("another key of the same name was believed by who knew the first: %v", err)
	}
}

// A record whose typed block says something else than its body would trace
// money that its evidence does not show.
func TestAFastBlockThatSaysAnotherThingIsNamed(t *testing.T) {
	desk, key := sealedLog(t)
	records, err := desk.Store.Read(t.Context(), 0, 1000)
	check(t, err)
	records[5].Fast = []byte{1, 2, 3}
	bad := forge(desk.Store, records)
	bad.sign(t, key)
	var refuted *casework.Refuted
	_, err = (&casework.Desk{Store: bad, Clock: desk.Clock}).Verify(t.Context(), casework.Inspection{})
	if !errors.As(err, &refuted) || refuted.Position != 6 {
		t.Errorf("it says %v", err)
	}
}
