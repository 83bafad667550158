package projections

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/sqlite"
	"clew/tracing"
)

// stored keeps records in a real log: the same events, at the same times.
func stored(t testing.TB, records []eventstore.Record) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "clew.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	for _, r := range records {
		a := eventstore.Append{Actor: r.Actor, Now: r.RecordedAt, Events: []eventstore.Event{{Stream: r.Stream, Kind: r.Kind, Body: r.Body, Fast: r.Fast}}}
		if _, err := store.Append(context.Background(), a); err != nil {
			t.Fatal(err)
		}
	}
	return store
}

// As of a position, a real log answers as one that ends there, under every
// rule, and has the fingerprints of any other store with the same events.
func TestAPrefixOfARealLogGivesTheAnswerOfALogThatEndsThere(t *testing.T) {
	ctx := context.Background()
	drawn := rapid.Custom(func(r *rapid.T) *memoryLog { return drawLog(t, r, 40) })
	for seed := range 6 {
		log := drawn.Example(seed)
		upto := len(log.records) * 2 / 3
		whole, part := see(t, stored(t, log.records)), see(t, stored(t, log.records[:upto]))
		sameStanding(t, standing(t, whole), standing(t, see(t, log)), fmt.Sprintf("seed %d: in another store", seed))
		for _, rule := range tracing.Rules() {
			then, errThen := whole.Trace(ctx, Ask{Case: "C1", Rule: rule.Rule, Upto: uint64(upto)})
			ended, errEnded := part.Trace(ctx, Ask{Case: "C1", Rule: rule.Rule})
			if fmt.Sprint(errThen) != fmt.Sprint(errEnded) {
				t.Fatalf("seed %d, %s: %v and %v", seed, rule.Rule, errThen, errEnded)
			}
			if errThen == nil && !reflect.DeepEqual(then.Answer, ended.Answer) {
				t.Errorf("seed %d, %s as of %d: %+v, a log that ends there: %+v", seed, rule.Rule, upto, then.Answer, ended.Answer)
			}
		}
	}
}

// childOf names the log that a child process of this test follows.
const childOf = "CLEW_TEST_VIEWS_CHILD"

// TestMain lets the test binary be the process that is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv(childOf); path != "" {
		follow(path)
		return
	}
	goleak.VerifyTestMain(m)
}

// follow fills views in small transactions and tells each on its own line.
func follow(path string) {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, path, sqlite.Options{ReadOnly: false})
	if err == nil {
		var views *Views
		if views, err = Open(ctx, path+".views", store); err == nil {
			views.batch = batch{events: 5, pages: 1, names: 3}
			err = views.CatchUpTelling(ctx, func(done, total uint64) { fmt.Println(done, total) })
		}
	}
	fmt.Println("ended:", err)
}

func TestAProcessThatIsKilledLeavesRowsThatFitTheirPosition(t *testing.T) {
	log := newLog()
	many(t, log, "C1", 200)
	want := standing(t, see(t, log))
	for _, after := range []int{1, 7, 20} {
		store := stored(t, log.records)
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), childOf+"="+store.Path())
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; n < after && lines.Scan(); n++ {
			if strings.HasPrefix(lines.Text(), "ended") {
				t.Fatalf("it ended by itself: %s", lines.Text())
			}
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		child.Wait()

		views := seeAt(t, store.Path()+".views", store, All())
		sameStanding(t, standing(t, views), want, fmt.Sprintf("killed after %d transactions", after))
		if known, err := views.Known(context.Background(), "C1", []domain.MovementID{paid("C1", "T3", "A3", "B3", "10.00").ID}); err != nil || len(known) != 1 {
			t.Errorf("killed after %d transactions: %v, %v", after, known, err)
		}
	}
}
