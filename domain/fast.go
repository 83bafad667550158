package domain

import (
	"encoding/binary"
	"errors"
	"strings"
	"time"
)

// The Fast block says again, in fixed fields, what replay needs of a movement:
// name, time, accounts, amounts, source, reference and report. It leaves out
// what only a reader of one movement asks for (note, the source's own id,
// evidence). The leaf covers it and the JSON body; verify checks that both say
// the same.
//
// Layout, all integers big-endian:
//
//	1 byte   layout: 1
//	1 byte   kind: index in fastKinds
//	1 byte   flags: 1 bare date, 2 received, 4 fee, 8 opens
//	16 bytes movement id
//	8 bytes  time in Unix nanoseconds
//	text     from, to, of, of_source, source, ref, victim, scam: each uvarint length + bytes
//	amount   amount, then received and fee where flagged: text code, 1 byte digits, 16 bytes two's complement
const fastLayout = 1

const (
	fastBare = 1 << iota
	fastReceived
	fastFee
	fastOpens
)

var fastKinds = [...]MovementKind{Opening, Balance, Transfer, Conversion, Return}

var errFast = errors.New("the fast block is damaged: verify the log")

// EncodeFast makes the Fast block of an event, or nil where it has none.
func EncodeFast(e Event) []byte {
	m, ok := MovementOf(e)
	id, named := m.ID.bytes()
	kind := fastKind(m.Kind)
	if !ok || !named || kind < 0 {
		return nil
	}
	out := make([]byte, 0, 160)
	out = append(out, fastLayout, byte(kind), fastFlags(m))
	out = append(out, id[:]...)
	out = binary.BigEndian.AppendUint64(out, uint64(m.When.Time.UnixNano()))
	for _, text := range []string{string(m.From), string(m.To), string(m.Of), m.OfSource, m.Source, m.Ref, string(m.Victim), string(m.Scam)} {
		out = binary.AppendUvarint(out, uint64(len(text)))
		out = append(out, text...)
	}
	for _, amount := range []Amount{m.Amount, m.Received, m.Fee} {
		out = appendFastAmount(out, amount)
	}
	return out
}

func fastKind(kind MovementKind) int {
	for i, k := range fastKinds {
		if k == kind {
			return i
		}
	}
	return -1
}

func fastFlags(m Movement) (flags byte) {
	for bit, on := range map[byte]bool{fastBare: m.When.Bare, fastReceived: m.Received.Given(), fastFee: m.Fee.Given(), fastOpens: m.Opens} {
		if on {
			flags |= bit
		}
	}
	return flags
}

func appendFastAmount(out []byte, a Amount) []byte {
	if !a.Given() {
		return out
	}
	out = binary.AppendUvarint(out, uint64(len(a.Asset.Code)))
	out = append(out, a.Asset.Code...)
	out = append(out, a.Asset.Digits)
	out = binary.BigEndian.AppendUint64(out, uint64(a.Units.hi))
	return binary.BigEndian.AppendUint64(out, a.Units.lo)
}

// bytes gives the 128 bits of a name that Identify made.
func (id MovementID) bytes() (raw [16]byte, ok bool) {
	if len(id) != 26 {
		return raw, false
	}
	decoded, err := crockford.DecodeString(strings.ToUpper(string(id)))
	if err != nil || len(decoded) != 16 {
		return raw, false
	}
	copy(raw[:], decoded)
	return raw, movementID(raw) == id
}

func movementID(raw [16]byte) MovementID {
	return MovementID(strings.ToLower(crockford.EncodeToString(raw[:])))
}

// DecodeFast reads a Fast block. Note, SourceID and Evidence are not in it.
func DecodeFast(block []byte) (Movement, error) {
	r := fastReader{rest: block}
	layout, kind, flags := r.byte(), r.byte(), r.byte()
	if layout != fastLayout || int(kind) >= len(fastKinds) || flags > 15 {
		return Movement{}, errFast
	}
	var id [16]byte
	copy(id[:], r.take(16))
	m := Movement{ID: movementID(id), Kind: fastKinds[kind], Opens: flags&fastOpens != 0}
	m.When = When{time.Unix(0, int64(r.uint64())).UTC(), flags&fastBare != 0}
	m.From, m.To, m.Of = AccountID(r.text()), AccountID(r.text()), MovementID(r.text())
	m.OfSource, m.Source, m.Ref = r.text(), r.text(), r.text()
	m.Victim, m.Scam = VictimID(r.text()), Scam(r.text())
	m.Amount = r.amount(true)
	m.Received = r.amount(flags&fastReceived != 0)
	m.Fee = r.amount(flags&fastFee != 0)
	if r.torn || len(r.rest) != 0 {
		return Movement{}, errFast
	}
	return m, nil
}

// fastReader takes fields off the front; torn stays set once one was missing.
type fastReader struct {
	rest []byte
	torn bool
}

func (r *fastReader) take(n int) []byte {
	if n < 0 || n > len(r.rest) {
		r.torn, r.rest = true, nil
		return make([]byte, min(max(n, 0), 16))
	}
	field := r.rest[:n]
	r.rest = r.rest[n:]
	return field
}

func (r *fastReader) byte() byte     { return r.take(1)[0] }
func (r *fastReader) uint64() uint64 { return binary.BigEndian.Uint64(r.take(8)) }

func (r *fastReader) text() string {
	length, n := binary.Uvarint(r.rest)
	if n <= 0 || length > uint64(len(r.rest)) {
		r.torn, r.rest = true, nil
		return ""
	}
	r.take(n)
	return string(r.take(int(length)))
}

func (r *fastReader) amount(stated bool) Amount {
	if !stated {
		return Amount{}
	}
	code, digits := AssetCode(r.text()), r.byte()
	hi := int64(r.uint64())
	return Amount{Units{hi, r.uint64()}, Asset{code, digits}}
}
