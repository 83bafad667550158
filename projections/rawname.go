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
	raw   domain.Digest
	text  string
}

func rawOf(id domain.MovementID) rawName {
	if digest, ok := id.Digest(); ok {
		return rawName{isRaw: true, raw: digest}
	}
	return rawName{text: string(id)}
}

// id writes the name.
func (n rawName) id() domain.MovementID {
	if n.isRaw {
		return n.raw.Name()
	}
	return domain.MovementID(n.text)
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
