package projections

import (
	"encoding/binary"
	"errors"

	"clew/domain"
)

// A sheet holds up to sheetRows movements in the order of the log, packed one
// after the other into the bytes of one row: a row of SQLite for each movement
// with a column for each of its facts costs ten times as much to write, and to
// read again for a walk. Names stand in movements_name and are numbers here.
//
// A movement lies on its sheet as:
//
//	uvarint  position, less that of the movement before (of the first: 0)
//	uvarint  flags (sheetFlag)
//	uvarint  case, source, asset: where they differ from those of the movement before
//	uvarint  kind, where it is none of sheetKinds
//	name     id
//	varint   seconds since 1970, less those of the movement before; uvarint nanoseconds, where flagged
//	uvarint  from, to: 0 nobody, 1 whom nobody has named, else the number and one
//	varint   units; 16 bytes where they are wide; nothing where there is no amount
//	…        received, fee, of, ref, report, first, legs: each where flagged
//
// A name is a uvarint, 0 for none, 1 and 16 bytes for one that domain.Identify
// made, else its length and two and its text. A text is its length and itself.
// A sheet is full or the last one, whatever the size of a batch: its bytes
// depend on the log alone.
type sheet struct {
	position uint64 // of its first movement
	rows     int
	bytes    []byte
	before   preceding
}

// sheetRows is how many movements lie on a sheet: many enough that the row of
// SQLite costs little, few enough that one movement is found on it in ten
// microseconds and the last sheet may be written anew for every movement that
// a person tells.
const sheetRows = 256

// preceding is what a movement is told apart from: the one before it.
type preceding struct {
	position                uint64
	second                  int64
	inCase, source, ofAsset uint64
}

const (
	sheetKindBits = 7
	sheetBare     = 1 << (iota + 2)
	sheetNewCase
	sheetNewSource
	sheetNewAsset
	sheetNanos // from here on flags take a second byte
	sheetWide
	sheetOpens
	sheetNoAmount
	sheetReceived
	sheetFee
	sheetOf
	sheetRef
	sheetReport
	sheetLater
	sheetLegs
)

// sheetKinds is the order of the kinds on a sheet; a number beyond it says that
// the kind stands as a name.
var sheetKinds = [...]domain.MovementKind{domain.Opening, domain.Balance, domain.Transfer, domain.Conversion, domain.Return, domain.Hop}

// packed is one version of a movement with numbers for its names.
type packed struct {
	position, first uint64 // first is 0 of a first version
	inCase, source  uint64
	kind            uint8  // index in sheetKinds, or len(sheetKinds)
	kindName        uint64 // of another kind
	bare, opens     bool
	id, of          rawName
	second          int64
	nanos           uint32
	from, to        uint64 // 0 nobody, 1 whom nobody has named, else the number and one
	amount          counted128
	received, fee   counted128
	ofSource, ref   string
	victim, scam    uint64 // who reported it, where the row itself says so
	legs            []numberedLeg
	inputs          int // how many of legs are inputs
}

// counted128 is an amount with its asset's number; 0: not given.
type counted128 struct {
	units domain.Units
	asset uint64
}

type numberedLeg struct {
	account, address uint64
	amount           counted128
}

func (n *packed) flags(before *preceding) (flags uint64) {
	flags = uint64(n.kind)
	_, narrow := n.amount.units.Int64()
	for _, f := range [...]struct {
		on  bool
		bit uint64
	}{
		{n.bare, sheetBare}, {n.inCase != before.inCase, sheetNewCase}, {n.source != before.source, sheetNewSource},
		{n.amount.asset != 0 && n.amount.asset != before.ofAsset, sheetNewAsset}, {n.nanos != 0, sheetNanos}, {!narrow, sheetWide},
		{n.opens, sheetOpens}, {n.amount.asset == 0, sheetNoAmount}, {n.received.asset != 0, sheetReceived}, {n.fee.asset != 0, sheetFee},
		{n.of.given() || n.ofSource != "", sheetOf}, {n.ref != "", sheetRef}, {n.victim != 0 || n.scam != 0, sheetReport},
		{n.first != 0, sheetLater}, {len(n.legs) > 0, sheetLegs},
	} {
		if f.on {
			flags |= f.bit
		}
	}
	return flags
}

// add puts a movement at the end.
func (s *sheet) add(n *packed) {
	if s.rows == 0 {
		s.position, s.before = n.position, preceding{position: n.position}
	}
	flags := n.flags(&s.before)
	b := binary.AppendUvarint(s.bytes, n.position-s.before.position)
	b = binary.AppendUvarint(b, flags)
	for _, f := range [...]struct{ flag, number uint64 }{{sheetNewCase, n.inCase}, {sheetNewSource, n.source}, {sheetNewAsset, n.amount.asset}} {
		if flags&f.flag != 0 {
			b = binary.AppendUvarint(b, f.number)
		}
	}
	if int(n.kind) >= len(sheetKinds) {
		b = binary.AppendUvarint(b, n.kindName)
	}
	b = n.id.append(b)
	b = binary.AppendVarint(b, n.second-s.before.second)
	if flags&sheetNanos != 0 {
		b = binary.AppendUvarint(b, uint64(n.nanos))
	}
	b = binary.AppendUvarint(b, n.from)
	b = binary.AppendUvarint(b, n.to)
	if flags&sheetNoAmount == 0 {
		b = appendUnits(b, n.amount.units, flags&sheetWide != 0)
		s.before.ofAsset = n.amount.asset
	}
	s.bytes = n.appendRare(b, flags)
	s.rows++
	s.before.position, s.before.second, s.before.inCase, s.before.source = n.position, n.second, n.inCase, n.source
}

func (n *packed) appendRare(b []byte, flags uint64) []byte {
	if flags < sheetReceived {
		return b
	}
	if flags&sheetReceived != 0 {
		b = n.received.append(b)
	}
	if flags&sheetFee != 0 {
		b = n.fee.append(b)
	}
	if flags&sheetOf != 0 {
		b = appendText(n.of.append(b), n.ofSource)
	}
	if flags&sheetRef != 0 {
		b = appendText(b, n.ref)
	}
	if flags&sheetReport != 0 {
		b = binary.AppendUvarint(binary.AppendUvarint(b, n.victim), n.scam)
	}
	if flags&sheetLater != 0 {
		b = binary.AppendUvarint(b, n.first)
	}
	if flags&sheetLegs != 0 {
		b = n.appendLegs(b)
	}
	return b
}

func (n *packed) appendLegs(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(n.inputs))
	b = binary.AppendUvarint(b, uint64(len(n.legs)-n.inputs))
	for _, leg := range n.legs {
		b = binary.AppendUvarint(binary.AppendUvarint(b, leg.account), leg.address)
		b = leg.amount.append(b)
	}
	return b
}

// append writes an amount that stands by itself: its asset, twice, and one
// where it is wide.
func (c counted128) append(b []byte) []byte {
	_, narrow := c.units.Int64()
	head := c.asset << 1
	if !narrow {
		head |= 1
	}
	return appendUnits(binary.AppendUvarint(b, head), c.units, !narrow)
}

func appendUnits(b []byte, u domain.Units, wide bool) []byte {
	hi, lo := u.Words()
	if wide {
		return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(b, uint64(hi)), lo)
	}
	return binary.AppendVarint(b, int64(lo))
}

func appendText(b []byte, text string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

var errSheet = errors.New("a sheet of movements is damaged: run 'clew rebuild movements'")

// sheetReader takes the movements off a sheet, one after the other. After the
// first thing that does not fit it stays torn.
type sheetReader struct {
	rest   []byte
	before preceding
	torn   bool
	scrap  []numberedLeg // the legs that were read last, to be used again
}

func readSheet(position uint64, bytes []byte) sheetReader {
	return sheetReader{rest: bytes, before: preceding{position: position}}
}

// next reads one movement; false at the end, and where the sheet is torn.
func (r *sheetReader) next(n *packed) bool {
	if len(r.rest) == 0 || r.torn {
		return false
	}
	*n = packed{position: r.before.position + r.uvarint()}
	flags := r.uvarint()
	n.kind, n.bare, n.opens = uint8(flags&sheetKindBits), flags&sheetBare != 0, flags&sheetOpens != 0
	if flags&sheetNewCase != 0 {
		r.before.inCase = r.uvarint()
	}
	if flags&sheetNewSource != 0 {
		r.before.source = r.uvarint()
	}
	if flags&sheetNewAsset != 0 {
		r.before.ofAsset = r.uvarint()
	}
	n.inCase, n.source = r.before.inCase, r.before.source
	if int(n.kind) >= len(sheetKinds) {
		n.kindName = r.uvarint()
	}
	n.id = r.name()
	n.second = r.before.second + r.varint()
	if flags&sheetNanos != 0 {
		n.nanos = uint32(r.uvarint())
	}
	n.from, n.to = r.uvarint(), r.uvarint()
	if flags&sheetNoAmount == 0 {
		n.amount = counted128{r.units(flags&sheetWide != 0), r.before.ofAsset}
	}
	if flags >= sheetReceived {
		r.rare(n, flags)
	}
	r.before.position, r.before.second = n.position, n.second
	return !r.torn
}

func (r *sheetReader) rare(n *packed, flags uint64) {
	if flags&sheetReceived != 0 {
		n.received = r.amount()
	}
	if flags&sheetFee != 0 {
		n.fee = r.amount()
	}
	if flags&sheetOf != 0 {
		n.of, n.ofSource = r.name(), r.text()
	}
	if flags&sheetRef != 0 {
		n.ref = r.text()
	}
	if flags&sheetReport != 0 {
		n.victim, n.scam = r.uvarint(), r.uvarint()
	}
	if flags&sheetLater != 0 {
		n.first = r.uvarint()
	}
	if flags&sheetLegs != 0 {
		r.legs(n)
	}
}

func (r *sheetReader) legs(n *packed) {
	inputs, outputs := r.uvarint(), r.uvarint()
	if inputs > uint64(len(r.rest)) || outputs > uint64(len(r.rest)) { // each takes a byte at least
		r.torn = true
		return
	}
	r.scrap = r.scrap[:0]
	for range inputs + outputs {
		r.scrap = append(r.scrap, numberedLeg{r.uvarint(), r.uvarint(), r.amount()})
	}
	n.legs, n.inputs = r.scrap, int(inputs)
}

func (r *sheetReader) amount() counted128 {
	head := r.uvarint()
	return counted128{r.units(head&1 != 0), head >> 1}
}

func (r *sheetReader) units(wide bool) domain.Units {
	if !wide {
		return domain.NewUnits(r.varint())
	}
	raw := r.take(16)
	if raw == nil {
		return domain.Units{}
	}
	return domain.UnitsFromWords(int64(binary.BigEndian.Uint64(raw)), binary.BigEndian.Uint64(raw[8:]))
}

func (r *sheetReader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.torn, r.rest = true, nil
		return nil
	}
	field := r.rest[:n]
	r.rest = r.rest[n:]
	return field
}

func (r *sheetReader) uvarint() uint64 {
	if len(r.rest) > 0 && r.rest[0] < 0x80 {
		n := uint64(r.rest[0])
		r.rest = r.rest[1:]
		return n
	}
	n, size := binary.Uvarint(r.rest)
	r.skip(size)
	return n
}

func (r *sheetReader) varint() int64 {
	u := r.uvarint()
	return int64(u>>1) ^ -int64(u&1)
}

func (r *sheetReader) skip(size int) {
	if size <= 0 {
		r.torn, r.rest = true, nil
		return
	}
	r.rest = r.rest[size:]
}

func (r *sheetReader) text() string { return string(r.take(r.uvarint())) }

func (r *sheetReader) name() (name rawName) {
	switch n := r.uvarint(); n {
	case 0:
	case 1:
		name.isRaw = true
		copy(name.raw[:], r.take(16))
	default:
		name.text = string(r.take(n - 2))
	}
	return name
}
