package projections

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"

	"clew/eventstore/sqlite"
	"clew/testdata/torture"
)

// A bit of the log's file flips: either somebody says so, or every projection
// is as it was. CLEW_FLIPS raises the number, CLEW_SEED changes the bits.
func TestAFlippedBitIsToldOrChangesNoProjection(t *testing.T) {
	flips, random := torture.Often(t, "CLEW_FLIPS", 250), torture.Chance(t, torture.SameSeed)
	log := rapid.Custom(func(r *rapid.T) *memoryLog { return drawLog(t, r, 40) }).Example(random.Int())
	store := stored(t, log.records)
	want := standing(t, see(t, store))
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(store.Path())
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	for range flips {
		bit := random.IntN(len(whole) * 8)
		spoiled := bytes.Clone(whole)
		spoiled[bit/8] ^= 1 << (bit % 8)
		got, err := seenThrough(t, spoiled)
		if err != nil {
			told++
			continue
		}
		for name, was := range want {
			if got[name].Fingerprint != was.Fingerprint || got[name].Position != was.Position {
				t.Fatalf("bit %d of the file flipped, nobody said so, and projection %s is another", bit, name)
			}
		}
	}
	t.Logf("%d of %d flips were told, the others changed nothing", told, flips)
	if told == 0 {
		t.Error("no flip was told: were there any?")
	}
}

// seenThrough fills new views from a log's bytes. A parked projection counts
// as told: no answer is given that rests on it.
func seenThrough(t *testing.T, bytes []byte) (seen map[string]Status, err error) {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "clew.db")
	if err := os.WriteFile(path, bytes, 0o600); err != nil {
		t.Fatal(err)
	}
	store, err := sqlite.Open(ctx, path, sqlite.Options{MustExist: true})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	views, err := Open(ctx, filepath.Join(dir, "views"), store)
	if err != nil {
		return nil, err
	}
	defer views.Close()
	if err := views.CatchUp(ctx); err != nil {
		return nil, err
	}
	status, err := views.Status(ctx)
	if err != nil {
		return nil, err
	}
	seen = map[string]Status{}
	for _, s := range status.Projections {
		if s.Parked != nil {
			err = errors.Join(err, s.Parked)
		}
		seen[s.Name] = s
	}
	return seen, err
}
