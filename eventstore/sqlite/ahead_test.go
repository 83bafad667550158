package sqlite

import (
	"context"
	"errors"
	"testing"

	"clew/eventstore"
)

// fresh is a log of 5,000 records that nobody has replayed yet.
func fresh(t *testing.T) *Store {
	t.Helper()
	s := newLog(t)
	for range 5 {
		appendSome(t, s, 1000)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return again(t, s)
}

// Whoever begins a first replay anywhere in the log gets the same records, and
// keeps the segments that he has passed.
func TestAFirstReplayBeginsAnywhere(t *testing.T) {
	all := replayOf(t, fresh(t))
	for after, made := range map[uint64]int64{0: 4, 1: 4, 1023: 4, 1024: 3, 3000: 2, 4095: 1, 4096: 0, 4999: 0, 5000: 0} {
		s := fresh(t)
		var got []eventstore.Record
		for batch, err := range s.Replay(context.Background(), after) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, batch...)
		}
		if len(got) != len(all)-int(after) || (len(got) > 0 && got[0].Position != after+1) {
			t.Errorf("%d records after %d", len(got), after)
		}
		if n := segments(t, s); n != made {
			t.Errorf("after %d: %d segments are kept, and not %d", after, n, made)
		}
	}
}

// Whoever breaks off gets back what was on its way for him before it ends: the
// log can be closed at once.
func TestAFirstReplayBreaksOff(t *testing.T) {
	s := fresh(t)
	for _, err := range s.Replay(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if n := segments(t, s); n != 1 {
		t.Errorf("%d segments are kept of one that was passed", n)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// Pages that are read ahead say what is wrong with them in their turn, after
// the records before them.
func TestADamagedRecordIsFoundInItsTurn(t *testing.T) {
	s := fresh(t)
	c, err := connect(s.path, writing, defaultBusyTimeout)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if err := c.script(`DROP TRIGGER record_no_update; UPDATE record SET body = x'00' WHERE position = 2500`); err != nil {
		t.Fatal(err)
	}
	given := 0
	for batch, err := range s.Replay(context.Background(), 0) {
		var damaged *eventstore.Fault
		if err != nil && (!errors.As(err, &damaged) || damaged.Position != 2500 || given != 2048) {
			t.Errorf("after %d records: %v", given, err)
		}
		given += len(batch)
	}
	if given != 2048 {
		t.Errorf("%d records were given, and the one at 2,500 is damaged", given)
	}
}
