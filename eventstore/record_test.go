package eventstore_test

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"clew/eventstore"
)

// example is the record that the golden bytes below stand for.
func example() eventstore.Record {
	return eventstore.Record{
		Position: 17, Stream: "case/C1", Version: 3, ID: eventstore.ID{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16},
		Kind: "transfer.observed.v1", RecordedAt: time.Date(2026, 11, 22, 10, 11, 12, 131415000, time.UTC),
		Actor: "insp.lind", Key: "k-1", Causation: "01K0", Body: []byte(`{"amount":"10.00"}`), Fast: []byte{0, 255},
	}
}

// These bytes are fixed for ever: logs, proofs and bundles out there have
// leaves over them. If this test fails, the code is wrong and not the test.
const (
	golden = "636c65772f7265636f72642f76310a" + // domain
		"0000000000000011" + "0000000000000003" + "000660dab2617157" + // position, version, recorded_at
		"0102030405060708090a0b0c0d0e0f10" + // id
		"00000007" + "636173652f4331" + // stream
		"00000014" + "7472616e736665722e6f627365727665642e7631" + // kind
		"00000009" + "696e73702e6c696e64" + // actor
		"00000003" + "6b2d31" + // key
		"00000000" + // correlation
		"00000004" + "30314b30" + // causation
		"00000012" + "7b22616d6f756e74223a2231302e3030227d" + // body
		"00000002" + "00ff" // fast
	goldenLeaf = "7d2beca9e0bb5b21e7011be85bf60ce6f086d72a7457bb48f6a40e67a9acddf5"
)

func TestEncodeIsFixedForEver(t *testing.T) {
	encoded := eventstore.Encode(example())
	if got := hex.EncodeToString(encoded); got != golden {
		t.Errorf("encoded\n%s, not\n%s", got, golden)
	}
	leaf := eventstore.Leaf(encoded)
	if got := hex.EncodeToString(leaf[:]); got != goldenLeaf {
		t.Errorf("leaf %s, not %s", got, goldenLeaf)
	}
}

func TestLeafIsTheTransparencyLogs(t *testing.T) {
	var hasher eventstore.Hasher
	rapid.Check(t, func(t *rapid.T) {
		r := records().Draw(t, "record")
		encoded := eventstore.Encode(r)
		if got, want := eventstore.Leaf(encoded), tlog.RecordHash(encoded); got != [32]byte(want) {
			t.Fatalf("leaf %x, and tlog says %x", got, want)
		}
		if got := hasher.Leaf(&r); got != eventstore.Leaf(encoded) {
			t.Fatalf("the hasher says %x", got)
		}
	})
}

// records draws any record that a store could hold.
func records() *rapid.Generator[eventstore.Record] {
	return rapid.Custom(func(t *rapid.T) eventstore.Record {
		needed := rapid.StringMatching(`[\PC]{1,64}`)
		maybe := rapid.OneOf(rapid.Just(""), needed)
		bytes := rapid.SliceOfN(rapid.Byte(), 1, 100)
		r := eventstore.Record{
			Position: rapid.Uint64Min(1).Draw(t, "position"), Version: rapid.Uint64Min(1).Draw(t, "version"),
			RecordedAt: time.UnixMicro(rapid.Int64Range(0, 253402300799999999).Draw(t, "recorded_at")).UTC(),
			Stream:     needed.Draw(t, "stream"), Kind: needed.Draw(t, "kind"), Actor: needed.Draw(t, "actor"),
			Key: maybe.Draw(t, "key"), Correlation: maybe.Draw(t, "correlation"), Causation: maybe.Draw(t, "causation"),
			Body: bytes.Draw(t, "body"),
		}
		copy(r.ID[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		if rapid.Bool().Draw(t, "has fast") {
			r.Fast = bytes.Draw(t, "fast")
		}
		return r
	})
}

func TestDecodeGivesWhatWasEncoded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := records().Draw(t, "record")
		got, err := eventstore.Decode(eventstore.Encode(want))
		if err != nil {
			t.Fatal(err)
		}
		if difference := cmp.Diff(want, got); difference != "" {
			t.Fatal(difference)
		}
	})
}

// No prefix of a record is one, and nothing may follow it.
func TestDecodeRefusesAnyOtherLength(t *testing.T) {
	whole := eventstore.Encode(example())
	for n := range whole {
		refused(t, whole[:n])
	}
	refused(t, append(bytes.Clone(whole), 0))
}

func TestDecodeRefusesWhatWasNeverRecorded(t *testing.T) {
	for name, change := range map[string]func(*eventstore.Record){
		"position 0":          func(r *eventstore.Record) { r.Position = 0 },
		"version 0":           func(r *eventstore.Record) { r.Version = 0 },
		"no stream":           func(r *eventstore.Record) { r.Stream = "" },
		"no kind":             func(r *eventstore.Record) { r.Kind = "" },
		"no actor":            func(r *eventstore.Record) { r.Actor = "" },
		"no body":             func(r *eventstore.Record) { r.Body = nil },
		"a line feed":         func(r *eventstore.Record) { r.Stream = "case\nC1" },
		"bytes, not text":     func(r *eventstore.Record) { r.Key = "\xff" },
		"a long name":         func(r *eventstore.Record) { r.Key = string(make([]byte, eventstore.MaxName+1)) },
		"a long body":         func(r *eventstore.Record) { r.Body = make([]byte, eventstore.MaxBody+1) },
		"before 1970":         func(r *eventstore.Record) { r.RecordedAt = time.Unix(-1, 0) },
		"after the year 9999": func(r *eventstore.Record) { r.RecordedAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) },
	} {
		t.Run(name, func(t *testing.T) {
			r := example()
			change(&r)
			refused(t, eventstore.Encode(r))
		})
	}
}

func refused(t *testing.T, record []byte) {
	t.Helper()
	if r, err := eventstore.Decode(record); !errors.Is(err, eventstore.ErrDamaged) {
		t.Errorf("%d bytes were read as %+v, %v", len(record), r, err)
	}
}

// FuzzDecode holds that whatever is accepted encodes to the very same bytes.
func FuzzDecode(f *testing.F) {
	whole := eventstore.Encode(example())
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, record []byte) {
		r, err := eventstore.Decode(record)
		if err == nil && !bytes.Equal(eventstore.Encode(r), record) {
			t.Errorf("%x is accepted and encodes to %x", record, eventstore.Encode(r))
		}
	})
}

func TestIDsAscend(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var last eventstore.ID
		for range 100 {
			at := time.UnixMilli(1_800_000_000_000 + int64(rapid.IntRange(-3, 3).Draw(t, "clock")))
			next, err := eventstore.NextID(last, at, rand.Reader)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Compare(last[:], next[:]) >= 0 {
				t.Fatalf("%s follows %s", next, last)
			}
			last = next
		}
	})
}

func TestIDsCarryOver(t *testing.T) {
	full := eventstore.ID{0, 0, 0, 0, 0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255}
	next, err := eventstore.NextID(full, time.UnixMilli(1), bytes.NewReader(make([]byte, 4)))
	if want := (eventstore.ID{5: 2}); err != nil || next != want {
		t.Errorf("%v follows %v: %v", next, full, err)
	}
	for i := range full {
		full[i] = 255
	}
	if next, err := eventstore.NextID(full, time.UnixMilli(1), bytes.NewReader(make([]byte, 4))); err == nil {
		t.Errorf("%v follows the last id", next)
	}
}

func TestIDsAreWrittenAndRead(t *testing.T) {
	id := example().ID
	if got, err := eventstore.ParseID(id.String()); err != nil || got != id {
		t.Errorf("%s was read as %s, %v", id, got, err)
	}
	if _, err := eventstore.ParseID("U1234567890123456789012345"); !errors.Is(err, eventstore.ErrInvalid) {
		t.Errorf("a letter that no ULID has: %v", err)
	}
}
