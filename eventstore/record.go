package eventstore

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"time"

	"github.com/oklog/ulid/v2"
)

// recordDomain opens every encoded record, so that the bytes of a record can
// never be taken for bytes of anything else that is hashed or signed.
const recordDomain = "clew/record/v1\n"

// leafDomain is RFC 6962's prefix of a leaf; inner nodes of the tree have 1.
const leafDomain = 0x00

// fixedPart is the length of all that comes before the first text.
const fixedPart = len(recordDomain) + 8 + 8 + 8 + 16

// Encode gives the bytes of a record that its leaf covers. The layout is
// fixed for ever; a golden test pins it. All integers are big-endian.
//
//	offset  length  what
//	     0      15  "clew/record/v1" and a line feed: the domain
//	    15       8  position, unsigned
//	    23       8  version in the stream, unsigned
//	    31       8  recorded_at, microseconds since 1970-01-01T00:00:00Z, signed
//	    39      16  id, the bytes of the ULID
//	    55       -  stream, kind, actor, key, correlation, causation, body,
//	                fast, in this order, each as 4 bytes of length, unsigned,
//	                followed by that many bytes
//
// Nothing follows. A text that is absent has length 0, and so has a nil Fast:
// an empty Fast and none are the same. Every field has its length before it,
// so no two different records have the same bytes.
func Encode(r Record) []byte {
	return appendRecord(make([]byte, 0, encodedSize(&r)), &r)
}

func encodedSize(r *Record) int {
	return fixedPart + 8*4 + len(r.Stream) + len(r.Kind) + len(r.Actor) + len(r.Key) +
		len(r.Correlation) + len(r.Causation) + len(r.Body) + len(r.Fast)
}

func appendRecord(dst []byte, r *Record) []byte {
	dst = append(dst, recordDomain...)
	dst = binary.BigEndian.AppendUint64(dst, r.Position)
	dst = binary.BigEndian.AppendUint64(dst, r.Version)
	dst = binary.BigEndian.AppendUint64(dst, uint64(r.RecordedAt.UnixMicro()))
	dst = append(dst, r.ID[:]...)
	for _, text := range [...]string{r.Stream, r.Kind, r.Actor, r.Key, r.Correlation, r.Causation} {
		dst = binary.BigEndian.AppendUint32(dst, uint32(len(text)))
		dst = append(dst, text...)
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(r.Body)))
	dst = append(dst, r.Body...)
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(r.Fast)))
	return append(dst, r.Fast...)
}

// Decode reads what Encode wrote. It accepts exactly those bytes: what it
// accepts encodes to the same bytes again, and everything else, such as
// trailing bytes, a text beyond its limit or a position 0, is refused.
func Decode(record []byte) (Record, error) {
	d := decoder{rest: record}
	if string(d.take(len(recordDomain), "domain")) != recordDomain {
		return Record{}, malformed(0, "it does not begin with "+fmt.Sprintf("%q", recordDomain))
	}
	r := Record{Position: d.uint64("position"), Version: d.uint64("version")}
	r.RecordedAt = d.time()
	copy(r.ID[:], d.take(len(r.ID), "id"))
	for _, f := range []struct {
		to   *string
		name string
	}{{&r.Stream, "stream"}, {&r.Kind, "kind"}, {&r.Actor, "actor"}, {&r.Key, "key"}, {&r.Correlation, "correlation"}, {&r.Causation, "causation"}} {
		*f.to = string(d.block(MaxName, f.name))
	}
	r.Body = d.block(MaxBody, "body")
	r.Fast = d.block(MaxFast, "fast")
	if d.problem == nil && len(d.rest) > 0 {
		d.problem = malformed(len(record)-len(d.rest), fmt.Sprintf("%d bytes follow its end", len(d.rest)))
	}
	if d.problem == nil {
		d.problem = checkRecord(&r)
	}
	if d.problem != nil {
		return Record{}, d.problem
	}
	return r, nil
}

// checkRecord refuses what no store would ever have recorded.
func checkRecord(r *Record) error {
	if r.Position == 0 || r.Version == 0 {
		return malformed(0, "positions and versions begin at 1")
	}
	for _, f := range []struct {
		name, text string
		needed     bool
	}{
		{"stream", r.Stream, true}, {"kind", r.Kind, true}, {"actor", r.Actor, true},
		{"key", r.Key, false}, {"correlation", r.Correlation, false}, {"causation", r.Causation, false},
	} {
		if why := checkName(f.text, f.needed); why != "" {
			return malformed(0, "its "+f.name+" "+why)
		}
	}
	if len(r.Body) == 0 {
		return malformed(0, "it has no body")
	}
	return nil
}

func malformed(offset int, why string) error {
	return &Fault{
		Kind: ErrDamaged, Where: fmt.Sprintf("record bytes, offset %d", offset), Why: why,
		Next: "take the record from the log again, or from a backup",
	}
}

// decoder cuts fields off the front. After the first problem it gives zeros,
// so that its caller may ask once, at the end.
type decoder struct {
	rest    []byte
	taken   int
	problem error
}

func (d *decoder) take(n int, what string) []byte {
	if d.problem != nil {
		return nil
	}
	if n > len(d.rest) {
		d.problem = malformed(d.taken, fmt.Sprintf("its %s needs %d bytes and %d are left", what, n, len(d.rest)))
		return nil
	}
	field := d.rest[:n:n]
	d.rest, d.taken = d.rest[n:], d.taken+n
	return field
}

func (d *decoder) uint64(what string) uint64 {
	field := d.take(8, what)
	if field == nil {
		return 0
	}
	return binary.BigEndian.Uint64(field)
}

func (d *decoder) time() time.Time {
	at := time.UnixMicro(int64(d.uint64("recorded_at"))).UTC()
	if d.problem == nil {
		if why := checkTime(at); why != "" {
			d.problem = malformed(d.taken-8, "its recorded_at "+why)
		}
	}
	return at
}

// block is a length and that many bytes. None are nil, as they were given.
func (d *decoder) block(limit int, what string) []byte {
	field := d.take(4, "length of "+what)
	if field == nil {
		return nil
	}
	n := binary.BigEndian.Uint32(field)
	if n == 0 {
		return nil
	}
	if uint64(n) > uint64(limit) {
		d.problem = malformed(d.taken-4, fmt.Sprintf("its %s would be %d bytes long, and %d is the most", what, n, limit))
		return nil
	}
	return d.take(int(n), what)
}

// Leaf is the hash of a record in the Merkle tree of RFC 6962, section 2.1:
// SHA-256 of a zero byte and the record's bytes. golang.org/x/mod/sumdb/tlog
// calls it RecordHash.
func Leaf(record []byte) [32]byte {
	return sha256.Sum256(append([]byte{leafDomain}, record...))
}

// Hasher makes leaves of many records without an allocation for each. Stores
// use it; it is not for several goroutines at once.
type Hasher struct{ scratch []byte }

// Leaf is Leaf(Encode(*r)).
func (h *Hasher) Leaf(r *Record) [32]byte {
	h.scratch = appendRecord(append(h.scratch[:0], leafDomain), r)
	return sha256.Sum256(h.scratch)
}

// String is the ULID in its 26 letters, as it stands in Causation.
func (id ID) String() string { return ulid.ULID(id).String() }

// ParseID reads what String wrote.
func ParseID(text string) (ID, error) {
	id, err := ulid.ParseStrict(text)
	if err != nil {
		return ID{}, &Fault{Kind: ErrInvalid, Where: fmt.Sprintf("id %q", text), Why: err.Error(), Next: "give the 26 letters of a ULID"}
	}
	return ID(id), nil
}

// NextID makes the id of the record after the one with id last, recorded at
// a time. Ids ascend strictly with positions, whatever the clock does and
// whichever process appends: within one millisecond, or when the clock stands
// behind, the last id is raised by a random step instead of drawn anew.
func NextID(last ID, at time.Time, random io.Reader) (ID, error) {
	next := ulid.ULID(last)
	if ms := uint64(at.UnixMilli()); ms > next.Time() {
		if err := next.SetTime(ms); err != nil {
			return ID{}, fmt.Errorf("eventstore: make an id for %s: %w", at, err)
		}
		_, err := io.ReadFull(random, next[6:])
		next[6] &= 0x7f // leaves room to raise it 2^47 times by the largest step
		return ID(next), err
	}
	var step [4]byte
	if _, err := io.ReadFull(random, step[:]); err != nil {
		return ID{}, err
	}
	return raise(ID(next), uint64(binary.BigEndian.Uint32(step[:]))+1)
}

// raise adds to the 128 bits of an id. An overflow of the random part moves
// the time on by a millisecond, which keeps the order; one of the time part
// would take until the year 10889.
func raise(id ID, step uint64) (ID, error) {
	low := binary.BigEndian.Uint64(id[8:])
	binary.BigEndian.PutUint64(id[8:], low+step)
	if low+step >= low {
		return id, nil
	}
	high := binary.BigEndian.Uint64(id[:8]) + 1
	if high == 0 {
		return ID{}, fmt.Errorf("eventstore: no id is left after %s", id)
	}
	binary.BigEndian.PutUint64(id[:8], high)
	return id, nil
}
