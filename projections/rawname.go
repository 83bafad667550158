package projections

import (
	"encoding/binary"
	"hash/fnv"

	"clew/domain"
)

// rawName is a movement's name: its 128 bits where domain.Identify made it,
// else its text.
type rawName struct {
	isRaw bool
	raw   [16]byte
	text  string
}

// nameLetters is the alphabet of a movement's name as it is written; each
// letter stands for five bits.
const nameLetters = "0123456789abcdefghjkmnpqrstvwxyz"

// nameLength is how many letters 128 bits take. The last letter bears three of
// them: its two lower bits are nothing.
const nameLength = 26

// letterBits gives the five bits of a letter, and noLetter of all others.
var letterBits = func() (bits [256]uint8) {
	for i := range bits {
		bits[i] = noLetter
	}
	for i := range len(nameLetters) {
		bits[nameLetters[i]] = uint8(i)
	}
	return bits
}()

const noLetter = 0xff

// rawOf takes a name apart. What Identify would have written in another way
// stays the text that it is.
func rawOf(id domain.MovementID) (name rawName) {
	high, low, ok := bitsOf(string(id))
	if !ok {
		return rawName{text: string(id)}
	}
	name.isRaw = true
	binary.BigEndian.PutUint64(name.raw[:8], high)
	binary.BigEndian.PutUint64(name.raw[8:], low)
	return name
}

// bitsOf reads the 128 bits of a name.
func bitsOf(text string) (high, low uint64, ok bool) {
	if len(text) != nameLength {
		return 0, 0, false
	}
	for i := range nameLength - 1 {
		bits := letterBits[text[i]]
		if bits == noLetter {
			return 0, 0, false
		}
		high, low = high<<5|low>>59, low<<5|uint64(bits)
	}
	last := letterBits[text[nameLength-1]]
	if last == noLetter || last&3 != 0 {
		return 0, 0, false
	}
	return high<<3 | low>>61, low<<3 | uint64(last>>2), true
}

// id writes the name.
func (n rawName) id() domain.MovementID {
	if !n.isRaw {
		return domain.MovementID(n.text)
	}
	var letters [nameLength]byte
	high, low := binary.BigEndian.Uint64(n.raw[:8]), binary.BigEndian.Uint64(n.raw[8:])
	letters[nameLength-1] = nameLetters[low&7<<2]
	low, high = low>>3|high<<61, high>>3
	for i := nameLength - 2; i >= 0; i-- {
		letters[i] = nameLetters[low&31]
		low, high = low>>5|high<<59, high>>5
	}
	return domain.MovementID(letters[:])
}

func (n rawName) given() bool { return n.isRaw || n.text != "" }

// append writes the name onto a sheet.
func (n rawName) append(b []byte) []byte {
	switch {
	case n.isRaw:
		return append(append(b, 1), n.raw[:]...)
	case n.text == "":
		return append(b, 0)
	}
	return append(binary.AppendUvarint(b, uint64(len(n.text))+2), n.text...)
}

// key is the first 63 bits of a name, so that names with the same beginning
// have neighbouring keys; of a name that is no hash, those of one.
func (n rawName) key() int64 {
	if n.isRaw {
		return int64(binary.BigEndian.Uint64(n.raw[:8]) >> 1)
	}
	return textKey(n.text)
}

func idKey(id domain.MovementID) int64 { return rawOf(id).key() }

func textKey(text string) int64 {
	h := fnv.New64a()
	h.Write([]byte(text))
	return int64(h.Sum64() >> 1)
}
