package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// record is what the bytes under a leaf say (clew/record/v1).
type record struct {
	position, version                                uint64
	at                                               time.Time
	stream, kind, actor, key, correlation, causation string
	body                                             []byte
}

const recordDomain = "clew/record/v1\n"

var errRecord = errors.New("its bytes are not a record's")

// parseRecord takes a record's bytes apart; nothing may be left over.
func parseRecord(b []byte) (record, error) {
	const fixed = len(recordDomain) + 8 + 8 + 8 + 16
	if len(b) < fixed || string(b[:len(recordDomain)]) != recordDomain {
		return record{}, errRecord
	}
	n := len(recordDomain)
	r := record{position: binary.BigEndian.Uint64(b[n:]), version: binary.BigEndian.Uint64(b[n+8:])}
	r.at = time.UnixMicro(int64(binary.BigEndian.Uint64(b[n+16:]))).UTC()
	b = b[fixed:]
	var fields [8][]byte
	for i := range fields {
		if len(b) < 4 {
			return record{}, errRecord
		}
		size := uint64(binary.BigEndian.Uint32(b))
		if uint64(len(b)-4) < size {
			return record{}, errRecord
		}
		fields[i], b = b[4:4+size], b[4+size:]
	}
	if len(b) > 0 {
		return record{}, fmt.Errorf("%w: %d bytes are left over", errRecord, len(b))
	}
	r.stream, r.kind, r.actor, r.key = string(fields[0]), string(fields[1]), string(fields[2]), string(fields[3])
	r.correlation, r.causation, r.body = string(fields[4]), string(fields[5]), fields[6]
	return r, nil
}
