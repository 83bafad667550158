package main

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/relay"
	"clew/eventstore/sqlite"
	"clew/projections"
)

// follower is a process's view of a log: the store, and read models that wake
// when the doorbell rings.
func follower(t *testing.T, path, views string) eventstore.Store {
	t.Helper()
	ctx := context.Background()
	store, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	models, err := projections.Open(ctx, views, store)
	if err != nil {
		t.Fatal(err)
	}
	bell := relay.NewDoorbell(store, relay.DoorbellConfig{})
	following, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- models.Follow(following, bell.Watch(following)) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("the follower ended with %v", err)
		}
		if err := errors.Join(bell.Close(), models.Close(), store.Close()); err != nil {
			t.Error(err)
		}
	})
	return bell.Ringing(store)
}

// The doorbell wakes the projections of the process that appends and of
// another one: both stand at the head without having been asked.
func TestDoorbellWakesProjectionsHereAndThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clew.db")
	here := follower(t, path, path+".views")
	follower(t, path, path+".theirs")
	body, err := domain.EncodeEvent(domain.CaseOpened{Case: "C1", Title: "Rung"})
	if err != nil {
		t.Fatal(err)
	}
	receipt, err := here.Append(context.Background(), eventstore.Append{Actor: "ina", Now: time.Now(),
		Events: []eventstore.Event{{Stream: projections.CaseStream("C1"), Kind: domain.CaseOpened{}.Kind(), Body: body}}})
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the process that appended", path+".views", receipt.Last)
	waitFor(t, "another process", path+".theirs", receipt.Last)
}

// waitFor looks into the read models' file, without asking them to catch up,
// until they stand at a position. It gives up after a time that no machine
// needs.
func waitFor(t *testing.T, name, path string, position uint64) {
	t.Helper()
	file, err := sql.Open("sqlite3", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for range 600 {
		var behind int
		if err := file.QueryRow("SELECT count(*) FROM view WHERE position < ?", position).Scan(&behind); err != nil {
			t.Fatal(err)
		}
		if behind == 0 {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("%s never came to position %d", name, position)
}
