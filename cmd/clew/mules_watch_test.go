package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Who watches a case is told what fires now, and then what fires as movements
// are recorded by somebody else, until he ends it.
func TestAWatchTellsWhatIsRecordedMeanwhile(t *testing.T) {
	store := filepath.Join(t.TempDir(), "clew.db")
	pay := func(n int) {
		does(t, store, "payment", "report", "C1", "--victim", fmt.Sprintf("V%d", n), "--from", fmt.Sprintf("A%d", n), "--to", "M",
			"--amount", "200.00", "--asset", "EUR", "--time", fmt.Sprintf("2024-03-0%dT10:00:00Z", n))
	}
	does(t, store, "case", "open", "C1", "--title", "Parcels")
	for n := range 4 {
		pay(n + 1)
	}
	says, hears := io.Pipe()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	p := &program{args: []string{"mules", "watch", "C1", "--indicator", "fan-in", "--store", store, "--actor", "ina"}, in: strings.NewReader(""),
		out: hears, err: io.Discard, getenv: func(string) string { return "" }, now: time.Now}
	go func() {
		ended <- p.carryOut(ctx)
		hears.Close()
	}()
	lines := bufio.NewScanner(says)
	until := func(what string) {
		t.Helper()
		for lines.Scan() {
			if strings.Contains(lines.Text(), what) {
				return
			}
		}
		t.Fatalf("it ended without saying %q: %v", what, <-ended)
	}
	until("No indicator fires")
	pay(5)
	until("fan-in@1, strength 50: 5 payers")
	stop()
	go io.Copy(io.Discard, says)
	if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}
