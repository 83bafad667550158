package domain

import (
	"bytes"
	"encoding/binary"
	"errors"
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
	if !ok {
		return nil
	}
	return AppendFast(nil, &m)
}

// AppendFast appends the Fast block of the event that records a movement, or
// nothing where it has none.
func AppendFast(out []byte, m *Movement) []byte {
	id, named := m.ID.Digest()
	kind := fastKind(m.Kind)
	if !named || kind < 0 {
		return out
	}
	out = append(out, fastLayout, byte(kind), fastFlags(m))
	out = append(out, id[:]...)
	out = binary.BigEndian.AppendUint64(out, uint64(m.When.Time.UnixNano()))
	for _, text := range [...]string{string(m.From), string(m.To), string(m.Of), m.OfSource, m.Source, m.Ref, string(m.Victim), string(m.Scam)} {
		out = binary.AppendUvarint(out, uint64(len(text)))
		out = append(out, text...)
	}
	out = appendFastAmount(out, &m.Amount)
	out = appendFastAmount(out, &m.Received)
	return appendFastAmount(out, &m.Fee)
}

func fastKind(kind MovementKind) int {
	for i, k := range fastKinds {
		if k == kind {
			return i
		}
	}
	return -1
}

func fastFlags(m *Movement) (flags byte) {
	for i, on := range [...]bool{m.When.Bare, m.Received.Given(), m.Fee.Given(), m.Opens} {
		if on {
			flags |= 1 << i
		}
	}
	return flags
}

func appendFastAmount(out []byte, a *Amount) []byte {
	if !a.Given() {
		return out
	}
	out = binary.AppendUvarint(out, uint64(len(a.Asset.Code)))
	out = append(out, a.Asset.Code...)
	out = append(out, a.Asset.Digits)
	out = binary.BigEndian.AppendUint64(out, uint64(a.Units.hi))
	return binary.BigEndian.AppendUint64(out, a.Units.lo)
}

// DecodeFast reads a Fast block. Note, SourceID and Evidence are not in it.
func DecodeFast(block []byte) (m Movement, err error) {
	var once *FastDecoder // nothing will be seen again
	err = once.Decode(block, &m)
	return m, err
}

// FastDecoder reads many Fast blocks. The names in them repeat, so it keeps
// those that it has seen and gives the same string again: a movement costs one
// allocation, its name. It numbers them too, so that who takes movements from
// it can find what he knows of an account without reading its name again. It
// is for one goroutine at a time.
type FastDecoder struct {
	seen     map[string]seenName
	last     NameNumber // that was given
	from, to NameNumber // of the movement that was read last
}

// seenName is a name with its number.
type seenName struct {
	text   string
	number NameNumber
}

// NameNumber stands for a name that a decoder has read: the same number is
// always the same name, of one decoder. A name that comes again after so long
// that the decoder has forgotten it has another number then. 0 is no number.
type NameNumber uint64

// maxSeen bounds the names that a decoder keeps; beyond it they are forgotten
// and kept anew.
const maxSeen = 1 << 18

// Place is where a list keeps something for the name: in which of the decoder's
// generations, of which each has forgotten the one before it, and at which of
// fewer than 262,144 places.
func (n NameNumber) Place() (generation uint64, at int) {
	return uint64(n / maxSeen), int(n % maxSeen)
}

// Parties are the numbers of the accounts of the movement that was read last;
// 0 where there is none, or one that the movement alone names.
func (d *FastDecoder) Parties() (from, to NameNumber) { return d.from, d.to }

// FastDigest is the digest of the name of the movement in a block, which all
// blocks have at one place; false where there is none. It checks nothing else.
func FastDigest(block []byte) (d Digest, ok bool) {
	if len(block) < 3+len(d) || block[0] != fastLayout {
		return d, false
	}
	return Digest(block[3 : 3+len(d)]), true
}

// Decode reads a Fast block. Note, SourceID and Evidence are not in it. After
// an error the movement is worthless.
func (d *FastDecoder) Decode(block []byte, m *Movement) error {
	digest, ok := FastDigest(block)
	if !ok || int(block[1]) >= len(fastKinds) || block[2] > 15 {
		return errFast
	}
	flags := block[2]
	r := fastReader{rest: block[3+len(digest):], names: d}
	*m = Movement{ID: digest.Name(), Kind: fastKinds[block[1]], Opens: flags&fastOpens != 0}
	m.When = When{time.Unix(0, int64(r.uint64())).UTC(), flags&fastBare != 0}
	from, to := r.account(), r.account()
	m.From, m.To = AccountID(from.text), AccountID(to.text)
	m.Of, m.OfSource = MovementID(r.text()), string(r.text())
	m.Source, m.Ref = r.name(), string(r.text())
	m.Victim, m.Scam = VictimID(r.name()), Scam(r.name())
	r.amount(&m.Amount, true)
	r.amount(&m.Received, flags&fastReceived != 0)
	r.amount(&m.Fee, flags&fastFee != 0)
	if r.torn || len(r.rest) != 0 {
		return errFast
	}
	if d != nil {
		d.from, d.to = from.number, to.number
	}
	return nil
}

// name gives the text that bytes spell, the same one each time.
func (d *FastDecoder) name(spelt []byte) seenName {
	if d == nil {
		return seenName{text: string(spelt)}
	}
	if name, ok := d.seen[string(spelt)]; ok {
		return name
	}
	if d.last++; d.seen == nil || d.last%maxSeen == 0 {
		d.seen = map[string]seenName{}
	}
	name := seenName{string(spelt), d.last}
	d.seen[name.text] = name
	return name
}

// fastReader takes fields off the front; torn stays set once one was missing.
type fastReader struct {
	rest  []byte
	names *FastDecoder
	torn  bool
}

func (r *fastReader) uint64() uint64 {
	if len(r.rest) < 8 {
		r.torn, r.rest = true, nil
		return 0
	}
	n := binary.BigEndian.Uint64(r.rest)
	r.rest = r.rest[8:]
	return n
}

func (r *fastReader) text() []byte {
	length, n := binary.Uvarint(r.rest)
	if n <= 0 || length > uint64(len(r.rest)-n) {
		r.torn, r.rest = true, nil
		return nil
	}
	text := r.rest[n : n+int(length)]
	r.rest = r.rest[n+int(length):]
	return text
}

// name is a text that others have as well.
func (r *fastReader) name() string {
	text := r.text()
	if len(text) == 0 {
		return ""
	}
	return r.names.name(text).text
}

// account is a name, unless it is one that its movement alone bears.
func (r *fastReader) account() seenName {
	text := r.text()
	if len(text) == 0 || bytes.HasPrefix(text, []byte(unknownAccount)) {
		return seenName{text: string(text)}
	}
	return r.names.name(text)
}

func (r *fastReader) amount(a *Amount, stated bool) {
	if !stated {
		return
	}
	a.Asset.Code = AssetCode(r.name())
	if len(r.rest) == 0 {
		r.torn = true
		return
	}
	a.Asset.Digits, r.rest = r.rest[0], r.rest[1:]
	a.Units.hi = int64(r.uint64())
	a.Units.lo = r.uint64()
}
