package sqlite

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"clew/eventstore"
)

// A segment holds what Replay gives of segmentSize neighbouring records, so
// that a thousand of them come with one row. It is made from records that were
// checked against their leaves, it can be thrown away at any time, and it is
// never asked where a record itself is wanted. Two checksums find what a disk
// does to it; that it says the same as the records, Verify compares byte by
// byte.
//
// Segment n is about the records n·1024+1 to n·1024+1024:
//
//	byte 1: the layout
//	uvarint n
//	names:   uvarint count, then uvarint length and bytes of each: streams and kinds
//	appends: uvarint count, then of each: varint recorded_at in microseconds,
//	         and actor, key, correlation, causation, each as length and bytes
//	records: of each: uvarint number of its append and of the names of its
//	         stream and kind, uvarint version, 16 bytes of id, uvarint length
//	         of fast and its bytes; where that is 0, length of body and its bytes
//	8 bytes: CRC-32C and CRC-32 (IEEE) of all before, big-endian
const segmentSize = 1024

// segmentLayout is the first byte.
const segmentLayout = 1

// packSegment makes the segment of a full page of records.
func packSegment(page []eventstore.Record) []byte {
	var p packer
	for i := range page {
		p.add(&page[i])
	}
	return p.seal((page[0].Position - 1) / segmentSize)
}

// packer gathers the parts of a segment.
type packer struct {
	numbers                 map[string]uint64
	names, appends, records []byte
	appended                uint64
	last                    eventstore.Record // of which the append's fields count
}

func (p *packer) add(r *eventstore.Record) {
	if p.appended == 0 || !sameAppend(&p.last, r) {
		p.appends = binary.AppendVarint(p.appends, r.RecordedAt.UnixMicro())
		for _, text := range [...]string{r.Actor, r.Key, r.Correlation, r.Causation} {
			p.appends = appendText(p.appends, text)
		}
		p.appended++
		p.last = *r
	}
	for _, n := range [...]uint64{p.appended - 1, p.name(r.Stream), p.name(r.Kind), r.Version} {
		p.records = binary.AppendUvarint(p.records, n)
	}
	p.records = append(p.records, r.ID[:]...)
	p.records = appendText(p.records, r.Fast)
	if len(r.Fast) == 0 {
		p.records = appendText(p.records, r.Body)
	}
}

// sameAppend says that two records share what stands once for each append;
// whether they are of one append does not matter here.
func sameAppend(a, b *eventstore.Record) bool {
	return a.RecordedAt.Equal(b.RecordedAt) && a.Actor == b.Actor && a.Key == b.Key && a.Correlation == b.Correlation && a.Causation == b.Causation
}

func (p *packer) name(name string) uint64 {
	if n, ok := p.numbers[name]; ok {
		return n
	}
	if p.numbers == nil {
		p.numbers = map[string]uint64{}
	}
	n := uint64(len(p.numbers))
	p.numbers[name] = n
	p.names = appendText(p.names, name)
	return n
}

func appendText[T string | []byte](dst []byte, text T) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

func (p *packer) seal(number uint64) []byte {
	s := make([]byte, 0, 64+len(p.names)+len(p.appends)+len(p.records))
	s = binary.AppendUvarint(append(s, segmentLayout), number)
	s = append(binary.AppendUvarint(s, uint64(len(p.numbers))), p.names...)
	s = append(binary.AppendUvarint(s, p.appended), p.appends...)
	return appendSums(append(s, p.records...))
}

func appendSums(s []byte) []byte {
	castagnoli := crc32.Checksum(s, crc32.MakeTable(crc32.Castagnoli))
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(s, castagnoli), crc32.ChecksumIEEE(s))
}

// errSegment is why a segment is not believed: its records are read instead.
var errSegment = errors.New("the segment is not as it was made")

// unpacker reads segments. What it gives is overwritten by the next.
type unpacker struct {
	rest    []byte
	names   []string
	appends []shared
	page    []eventstore.Record
	broken  bool
}

// unpack gives the records of a segment. Their bytes lie in the segment.
func (u *unpacker) unpack(segment []byte, number uint64) ([]eventstore.Record, error) {
	end := len(segment) - 8
	if end < 0 || !bytes.Equal(appendSums(segment[:end:end])[end:], segment[end:]) {
		return nil, errSegment
	}
	if u.page == nil {
		u.page = make([]eventstore.Record, segmentSize)
	}
	*u = unpacker{rest: segment[:end:end], names: u.names[:0], appends: u.appends[:0], page: u.page}
	if layout := u.bytes(1); len(layout) == 0 || layout[0] != segmentLayout || u.uvarint() != number {
		return nil, errSegment
	}
	for n := u.count(); n > 0 && !u.broken; n-- {
		u.names = append(u.names, string(u.text()))
	}
	for n := u.count(); n > 0 && !u.broken; n-- {
		u.append()
	}
	for i := 0; i < segmentSize && !u.broken; i++ {
		u.page[i].Position = number*segmentSize + uint64(i) + 1
		u.record(&u.page[i])
	}
	if u.broken || len(u.rest) > 0 {
		return nil, errSegment
	}
	return u.page, nil
}

func (u *unpacker) append() {
	var before, a shared
	if n := len(u.appends); n > 0 {
		before = u.appends[n-1]
	}
	a.recordedAt = time.UnixMicro(u.varint()).UTC()
	a.actor, a.key = u.again(before.actor), u.again(before.key)
	a.correlation, a.causation = u.again(before.correlation), u.again(before.causation)
	u.appends = append(u.appends, a)
}

// again reads a text, which is often the one before it.
func (u *unpacker) again(before string) string {
	text := u.text()
	if string(text) == before {
		return before
	}
	return string(text)
}

// record writes into a record of an earlier segment, field by field: making
// one anew and copying it takes twice as long.
func (u *unpacker) record(r *eventstore.Record) {
	of, stream, kind := u.uvarint(), u.uvarint(), u.uvarint()
	if of >= uint64(len(u.appends)) || stream >= uint64(len(u.names)) || kind >= uint64(len(u.names)) {
		u.broken = true
		return
	}
	a := &u.appends[of]
	r.Stream, r.Kind, r.Version = u.names[stream], u.names[kind], u.uvarint()
	r.RecordedAt, r.Actor, r.Key, r.Correlation, r.Causation = a.recordedAt, a.actor, a.key, a.correlation, a.causation
	r.ID = eventstore.ID{}
	copy(r.ID[:], u.bytes(uint64(len(r.ID))))
	r.Fast, r.Body = u.text(), nil
	if len(r.Fast) == 0 {
		r.Fast, r.Body = nil, u.text()
	}
}

func (u *unpacker) uvarint() uint64 {
	if len(u.rest) > 0 && u.rest[0] < 0x80 {
		n := u.rest[0]
		u.rest = u.rest[1:]
		return uint64(n)
	}
	n, size := binary.Uvarint(u.rest)
	if size <= 0 {
		u.broken, u.rest = true, nil
		return 0
	}
	u.rest = u.rest[size:]
	return n
}

func (u *unpacker) varint() int64 {
	n, size := binary.Varint(u.rest)
	if size <= 0 {
		u.broken, u.rest = true, nil
		return 0
	}
	u.rest = u.rest[size:]
	return n
}

// count is of parts that have at least a byte each, so that no damage can ask
// for more memory than the segment has.
func (u *unpacker) count() uint64 {
	n := u.uvarint()
	if n > uint64(len(u.rest)) {
		u.broken = true
	}
	return n
}

func (u *unpacker) text() []byte { return u.bytes(u.uvarint()) }

func (u *unpacker) bytes(n uint64) []byte {
	if n > uint64(len(u.rest)) {
		u.broken, u.rest = true, nil
		return nil
	}
	text := u.rest[:n:n]
	u.rest = u.rest[n:]
	return text
}

// compareSegment is for Verify, which trusts no checksum: a segment must be
// what is made of its records now.
func compareSegment(c *conn, page []eventstore.Record) error {
	number := (page[0].Position - 1) / segmentSize
	row, err := c.row(`SELECT bytes FROM segment WHERE number = ?`, int64(number))
	if err != nil || row == nil {
		return err
	}
	if kept, _ := row[0].([]byte); !bytes.Equal(kept, packSegment(page)) {
		return damagedAt(c.path, page[0].Position, fmt.Sprintf("segment %d, which is made of this record and those after it, does not say what they say", number))
	}
	return nil
}
