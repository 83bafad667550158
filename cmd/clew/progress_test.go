package main

import (
	"testing"
	"time"

	"github.com/vbauerster/mpb/v8/decor"
)

// The rate is that of what this run has done, not of what was done before it.
func TestABarTellsItsPaceAndTheTimeLeft(t *testing.T) {
	now := time.Date(2024, 3, 1, 9, 0, 0, 0, time.UTC)
	p := pace{now: func() time.Time { return now }}
	for _, step := range []struct {
		after   time.Duration
		current int64
		want    string
	}{
		{0, 0, " 0 events "},
		{time.Second, 600_000, " 600000 events "},
		{0, 600_000, " 600000 events "},
		{2 * time.Second, 800_000, " 800000 events, 100000/s, 2s left "},
		{time.Second, 1_000_000, " 1000000 events, 133333/s, 0s left "},
	} {
		now = now.Add(step.after)
		if got := p.of(decor.Statistics{Current: step.current, Total: 1_000_000}); got != step.want {
			t.Errorf("at %d: %q, want %q", step.current, got, step.want)
		}
	}
}
