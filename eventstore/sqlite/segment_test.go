package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/eventstore"
)

// drawPage is a full page of any records.
func drawPage(t *rapid.T) []eventstore.Record {
	number := rapid.Uint64Range(0, 1<<40).Draw(t, "number")
	text := rapid.StringN(0, 20, -1)
	block := rapid.SliceOfN(rapid.Byte(), 0, 300)
	few := make([]eventstore.Record, 8) // whose parts come again and again
	for i := range few {
		few[i] = eventstore.Record{
			Stream: text.Draw(t, "stream"), Kind: text.Draw(t, "kind"), Actor: text.Draw(t, "actor"), Key: text.Draw(t, "key"),
			Correlation: text.Draw(t, "correlation"), Causation: text.Draw(t, "causation"),
			RecordedAt: time.UnixMicro(rapid.Int64Range(0, 1<<52).Draw(t, "recorded_at")).UTC(),
			Version:    rapid.Uint64().Draw(t, "version"), Body: append(block.Draw(t, "body"), 'b'), Fast: block.Draw(t, "fast"),
		}
		copy(few[i].ID[:], block.Draw(t, "id"))
		if len(few[i].Fast) == 0 {
			few[i].Fast = nil
		}
	}
	page := make([]eventstore.Record, segmentSize)
	step := rapid.IntRange(1, 200).Draw(t, "step")
	for i := range page {
		page[i] = few[i/step%len(few)]
		page[i].Position = number*segmentSize + uint64(i) + 1
	}
	return page
}

func TestASegmentSaysWhatItsRecordsSay(t *testing.T) {
	var u unpacker
	rapid.Check(t, func(t *rapid.T) {
		page := drawPage(t)
		number := (page[0].Position - 1) / segmentSize
		segment := packSegment(page)
		got, err := u.unpack(segment, number)
		if err != nil {
			t.Fatal(err)
		}
		for i := range page {
			if len(page[i].Fast) > 0 {
				page[i].Body = nil
			}
			if !bytes.Equal(eventstore.Encode(page[i]), eventstore.Encode(got[i])) {
				t.Fatalf("record %d was %+v and comes as %+v", i, page[i], got[i])
			}
		}
		if _, err := u.unpack(segment, number+1); !errors.Is(err, errSegment) {
			t.Errorf("it stands for other records: %v", err)
		}
		bit := rapid.IntRange(0, len(segment)*8-1).Draw(t, "bit")
		segment[bit/8] ^= 1 << (bit % 8)
		if _, err := u.unpack(segment, number); !errors.Is(err, errSegment) {
			t.Errorf("with bit %d flipped: %v", bit, err)
		}
	})
}

// Whatever bytes stand in the table, and even with sums that fit: no panic,
// no more memory than they have, and never more or fewer than a thousand.
func FuzzUnpackSegment(f *testing.F) {
	page := make([]eventstore.Record, segmentSize)
	for i := range page {
		page[i] = eventstore.Record{Position: uint64(i) + 1, Stream: "case/C1", Version: uint64(i) + 1, Kind: "k", Actor: "a", Body: []byte("b")}
	}
	whole := packSegment(page)
	f.Add(whole[:len(whole)-8])
	f.Add([]byte{segmentLayout, 0, 1, 200, 200, 200, 200, 200})
	f.Fuzz(func(t *testing.T, content []byte) {
		var u unpacker
		page, err := u.unpack(appendSums(bytes.Clone(content)), 0)
		if err == nil && (len(page) != segmentSize || page[segmentSize-1].Position != segmentSize) {
			t.Errorf("%d records", len(page))
		}
		if len(u.names) > len(content) || len(u.appends) > len(content) {
			t.Errorf("%d names and %d appends from %d bytes", len(u.names), len(u.appends), len(content))
		}
	})
}

// segmented makes a log with two segments and a few records more.
func segmented(t *testing.T) (path string, want []eventstore.Record) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "clew.db")
	s, err := Open(context.Background(), path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		appendSome(t, s, 800)
	}
	if err := s.Close(); err != nil { // which forgets what it has just appended
		t.Fatal(err)
	}
	if s, err = Open(context.Background(), path, Options{}); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	want = replayOf(t, s)
	if n := segments(t, s); n != 2 {
		t.Fatalf("%d segments were made", n)
	}
	return path, want
}

// segments counts those that are kept.
func segments(t *testing.T, s *Store) (n int64) {
	t.Helper()
	err := s.readers.use(t.Context(), func(c *conn) (err error) {
		n, err = c.number(`SELECT count(*) FROM segment`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func replayOf(t *testing.T, s *Store) (all []eventstore.Record) {
	t.Helper()
	for batch, err := range s.Replay(context.Background(), 0) {
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range batch {
			r.Body, r.Fast = bytes.Clone(r.Body), bytes.Clone(r.Fast)
			all = append(all, r)
		}
	}
	return all
}

// A damaged segment never gives other facts than the records; verifying names
// it, whether its sums fit or not.
func TestADamagedSegmentIsNotBelieved(t *testing.T) {
	for name, change := range map[string]string{
		"a byte":            `UPDATE segment SET bytes = CAST(substr(bytes, 1, 5000) || x'ff' || substr(bytes, 5002) AS BLOB) WHERE number = 1`,
		"cut off":           `UPDATE segment SET bytes = substr(bytes, 1, 1000) WHERE number = 1`,
		"empty":             `UPDATE segment SET bytes = x'' WHERE number = 1`,
		"another's":         `UPDATE segment SET bytes = (SELECT bytes FROM segment WHERE number = 0) WHERE number = 1`,
		"of no records yet": `UPDATE segment SET number = 2 WHERE number = 1`,
	} {
		t.Run(name, func(t *testing.T) {
			path, want := segmented(t)
			if err := verifyFile(path); err != nil {
				t.Fatal("before:", err)
			}
			forge(t, path, "segment_no_update", change)
			s, err := Open(context.Background(), path, Options{ReadOnly: true})
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			sameRecords(t, want, replayOf(t, s))
			if err := s.Verify(context.Background()); !errors.Is(err, eventstore.ErrDamaged) || !strings.Contains(err.Error(), "segment") {
				t.Error(err)
			}
		})
	}
}

func sameRecords(t *testing.T, want, got []eventstore.Record) {
	t.Helper()
	if len(want) != len(got) {
		t.Fatalf("%d records, and there were %d", len(got), len(want))
	}
	for i := range want {
		if !bytes.Equal(eventstore.Encode(want[i]), eventstore.Encode(got[i])) {
			t.Fatalf("record %d is %+v and was %+v", i+1, got[i], want[i])
		}
	}
}

// Somebody who puts other facts into a segment, with sums that fit, is found
// when it is compared with the records.
func TestVerifyTrustsNoChecksum(t *testing.T) {
	path, want := segmented(t)
	page := want[:segmentSize]
	page[7].Body = []byte("other facts")
	forge(t, path, "segment_no_update", fmt.Sprintf(`UPDATE segment SET bytes = x'%x' WHERE number = 0`, packSegment(page)))
	if err := verifyFile(path); !errors.Is(err, eventstore.ErrDamaged) || !strings.Contains(err.Error(), "record 1:") {
		t.Error(err)
	}
}
