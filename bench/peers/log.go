package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/sqlite"
)

// batchTime is when everything is recorded.
var batchTime = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// logContests compare the log: durable appends in batches, many clients with
// one event each, and reading it all back.
func logContests(rows int) []contest {
	made := sync.OnceValues(func() ([]event, error) { return events(rows) })
	var list []contest
	for _, size := range []int{1_000, 10_000} {
		list = append(list, appendContest(made, size, rows))
	}
	few := max(64, rows/50)
	return append(list,
		appendContest(first(made, rows/10), 100, rows/10),
		contest{"append, one event each", "events/s", few, []side{
			{name: "clew, 64 clients", prepare: appendSingly(first(made, few), 64)},
			{name: "clew, one client", prepare: appendSingly(first(made, few), 1)},
		}},
		contest{"replay to typed movements", "events/s", rows, []side{
			{name: "clew, from segments", prepare: replayClew(made, 1)},
			{name: "clew, the first time, which makes them", prepare: replayClew(made, 0)},
			{name: "SQLite scan from C, bytes only", prepare: scanNative(made)},
			{name: "event store, row by row", prepare: replayRowByRow(made)},
		}},
	)
}

func appendContest(made rowsMade, size, rows int) contest {
	sides := []side{
		{name: "clew, hashed and sealed", prepare: appendClew(made, size)},
		{name: "SQLite from C, not hashed", prepare: appendNative(made, size)},
		{name: "event store, row by row", prepare: appendRowByRow(made, size)},
	}
	if _, err := postgresPrograms(); err == nil {
		sides = append(sides, side{"Postgres, COPY, not hashed", appendPostgres(made, size), true})
	}
	return contest{fmt.Sprintf("append, batches of %d", size), "events/s", rows, sides}
}

// rowsMade gives the events of a contest, made once for all of its sides.
type rowsMade func() ([]event, error)

// first are only so many of the events.
func first(made rowsMade, n int) rowsMade {
	return func() ([]event, error) {
		all, err := made()
		return all[:min(n, len(all))], err
	}
}

func openClew(dir string) (*sqlite.Store, error) {
	return sqlite.Open(context.Background(), filepath.Join(dir, "clew.db"), sqlite.Options{})
}

func appendClew(made rowsMade, size int) func(string) (turn, error) {
	return func(dir string) (turn, error) {
		all, err := made()
		if err != nil {
			return turn{}, err
		}
		store, err := openClew(dir)
		if err != nil {
			return turn{}, err
		}
		list := batches(all, size)
		return turn{func() error { return appendAll(store, list) }, store.Close}, nil
	}
}

func appendAll(store eventstore.Store, list []eventstore.Append) error {
	for _, a := range list {
		if _, err := store.Append(context.Background(), a); err != nil {
			return err
		}
	}
	return nil
}

// appendSingly lets clients append one event each and wait for it.
func appendSingly(made rowsMade, clients int) func(string) (turn, error) {
	return func(dir string) (turn, error) {
		all, err := made()
		if err != nil {
			return turn{}, err
		}
		store, err := openClew(dir)
		if err != nil {
			return turn{}, err
		}
		list := batches(all, 1)
		return turn{func() error { return appendAtOnce(store, list, clients) }, store.Close}, nil
	}
}

func appendAtOnce(store eventstore.Store, list []eventstore.Append, clients int) error {
	var working sync.WaitGroup
	failed := make([]error, clients)
	for client := range clients {
		from, to := client*len(list)/clients, (client+1)*len(list)/clients
		working.Go(func() { failed[client] = appendAll(store, list[from:to]) })
	}
	working.Wait()
	for _, err := range failed {
		if err != nil {
			return err
		}
	}
	return nil
}

func appendNative(made rowsMade, size int) func(string) (turn, error) {
	return func(dir string) (turn, error) {
		all, err := made()
		if err != nil {
			return turn{}, err
		}
		rows, path := packed(all), filepath.Join(dir, "native.db")
		return turn{run: func() error { return nativeInsert(path, rows, len(all), size) }}, nil
	}
}

func scanNative(made rowsMade) func(string) (turn, error) {
	return func(dir string) (turn, error) {
		all, err := made()
		if err != nil {
			return turn{}, err
		}
		path := filepath.Join(dir, "native.db")
		if err := nativeInsert(path, packed(all), len(all), 10_000); err != nil {
			return turn{}, err
		}
		return turn{run: func() error { return nativeScan(path, len(all)) }}, nil
	}
}

// replayClew reads a log that was replayed so often before: the first replay
// checks every leaf and makes segments, the others read these.
func replayClew(made rowsMade, before int) func(string) (turn, error) {
	return func(dir string) (turn, error) {
		all, err := made()
		if err != nil {
			return turn{}, err
		}
		store, err := openClew(dir)
		if err != nil {
			return turn{}, err
		}
		err = appendAll(store, batches(all, 10_000))
		for range before {
			err = errors.Join(err, replay(store, len(all)))
		}
		return turn{func() error { return replay(store, len(all)) }, store.Close}, err
	}
}

// replay reads the log to typed movements.
func replay(store eventstore.Store, want int) error {
	var decoder domain.FastDecoder
	var m domain.Movement
	count := 0
	for batch, err := range store.Replay(context.Background(), 0) {
		if err != nil {
			return err
		}
		for i := range batch {
			if err := decoder.Decode(batch[i].Fast, &m); err != nil || m.Amount.Units.Sign() <= 0 {
				return fmt.Errorf("record %d: %+v, %w", batch[i].Position, m, err)
			}
			count++
		}
	}
	if count != want {
		return fmt.Errorf("%d of %d movements came back", count, want)
	}
	return nil
}
