package casework_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"clew/casework"
	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/faultydisk"
	"clew/eventstore/sqlite"
	"clew/projections"
	"clew/testdata/torture"
)

// diskRows is a small file with something of everything: rows that are new,
// repeated and rejected.
func diskRows() casework.File {
	lines := []string{header}
	for i := range 60 {
		lines = append(lines, fmt.Sprintf("2024-01-05T10:%02d:00Z,bank:A%d,bank:B,%d.00,EUR,,,", i, i%7, i+1))
	}
	return table(append(lines, "2024-01-05,bank:A1,bank:B,5.00,EUR,T1,,V1", "2024-01-05,bank:A1,bank:B,5.00,EUR,T1,,V1", "no day,A,B,1,EUR,,,")...)
}

// importOnce opens everything, imports and closes it again, as a command does.
func importOnce(path string) (err error) {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, path, sqlite.Options{MustExist: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	views, err := projections.Open(ctx, path+".views", store)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, views.Close()) }()
	desk := &casework.Desk{Store: store, Views: views, Clock: moment}
	_, err = desk.Import(ctx, ina, diskRows())
	return err
}

// Every operation on the disk of an import fails, once or from then on: the
// import succeeds or says what is wrong, and when it is run again on a sound
// disk all rows are recorded, once, with the ledgers of a calm import.
// CLEW_FAILURES raises the number.
func TestAnImportOnAFailingDiskIsFinishedLater(t *testing.T) {
	if err := faultydisk.Install(); err != nil {
		t.Fatal(err)
	}
	calm := emptyCase(t)
	before := faultydisk.Count()
	if err := importOnce(calm); err != nil {
		t.Fatal(err)
	}
	all, want := faultydisk.Count()-before, told(t, calm)
	failures, random := torture.Often(t, "CLEW_FAILURES", 60), torture.Chance(t, torture.SameSeed)
	t.Logf("%d operations", all)
	for n := 1; n <= all; n++ {
		for way := range 6 {
			if random.IntN(6*all) >= failures {
				continue
			}
			path := emptyCase(t)
			faultydisk.Fail(n, faultydisk.Failure(1+way/2), way%2 == 1)
			err := importOnce(path)
			faultydisk.Mend()
			if wrong := unclear(err); wrong != nil {
				t.Errorf("operation %d fails, way %d: %v", n, way, wrong)
			}
			if err := importOnce(path); err != nil {
				t.Errorf("operation %d failed, way %d; again on a sound disk: %v", n, way, err)
			} else if got := told(t, path); !reflect.DeepEqual(got, want) {
				t.Errorf("operation %d failed, way %d: %v, and of a calm import %v", n, way, got, want)
			}
			os.RemoveAll(filepath.Dir(path))
		}
	}
}

// unclear is an error that does not tell a person where he stands.
func unclear(err error) error {
	var fault *eventstore.Fault
	var file *projections.FileError
	if err == nil || errors.As(err, &fault) || errors.As(err, &file) {
		return nil
	}
	return err
}

// moment is a clock that stands still.
func moment() time.Time { return time.Date(2024, 3, 1, 8, 0, 0, 0, time.UTC) }

func emptyCase(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(t.TempDir(), "disk")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "clew.db")
	store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	desk := &casework.Desk{Store: store, Clock: moment}
	desk.Views, err = projections.Open(t.Context(), path+".views", store)
	if err == nil {
		_, err = desk.Do(t.Context(), ina, "C1", domain.OpenCase{Case: "C1", Title: "A disk that fails"})
		err = errors.Join(err, desk.Views.Close(), store.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// told is the trace of the case, and what was read of its files.
func told(t *testing.T, path string) (all []any) {
	t.Helper()
	store, err := sqlite.Open(t.Context(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	views, err := projections.Open(t.Context(), path+".views", store)
	if err != nil {
		t.Fatal(err)
	}
	defer views.Close()
	if err := errors.Join(views.CatchUp(t.Context()), store.Verify(t.Context())); err != nil {
		t.Fatal(err)
	}
	traced, err := views.Trace(t.Context(), projections.Ask{Case: "C1", Rule: "fifo"})
	if err != nil {
		t.Fatal(err)
	}
	head, err := store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return []any{head, traced.Answer}
}
