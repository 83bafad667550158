package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"clew/eventstore"
	"clew/eventstore/sqlite"
)

func TestAppendThenReadAfterReopen(t *testing.T) {
	ctx, path := context.Background(), filepath.Join(t.TempDir(), "a b?c#d%e.db")
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := s.Append(ctx, batchOf(45)); err != nil {
			t.Fatal(err)
		}
	}
	name := s.Identity()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	// A log at rest is one file: whoever copies it has all of it.
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("a closed log is %v, %v", files, err)
	}
	s, err = sqlite.Open(ctx, path, sqlite.Options{MustExist: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if s.Identity() != name || name == "" {
		t.Errorf("identity was %q and is %q", name, s.Identity())
	}
	page, err := s.Read(ctx, 0, 1000)
	if err != nil || len(page) != 135 {
		t.Fatalf("%d records, %v", len(page), err)
	}
	if got := page[134].RecordedAt; time.Since(got) > time.Minute || page[134].Version != 135 {
		t.Errorf("last record is %+v", page[134])
	}
	var _ eventstore.Store = s
}
