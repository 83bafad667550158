package main

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

// leafOf is RFC 6962's hash of a leaf.
func leafOf(record []byte) [32]byte { return sha256.Sum256(append([]byte{0}, record...)) }

func nodeOf(left, right [32]byte) [32]byte {
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// included follows a path from a leaf to the root (RFC 9162, 2.1.3.2).
func included(h head, index uint64, leaf [32]byte, path [][32]byte) error {
	if index >= h.size {
		return fmt.Errorf("the tree has %d records, and none at position %d", h.size, index+1)
	}
	at, last, hash := index, h.size-1, leaf
	for _, p := range path {
		if last == 0 {
			return errors.New("the path is longer than the tree is high")
		}
		if at&1 == 0 && at != last {
			hash = nodeOf(hash, p)
		} else {
			hash = nodeOf(p, hash)
			for at&1 == 0 && at != 0 {
				at, last = at>>1, last>>1
			}
		}
		at, last = at>>1, last>>1
	}
	if last != 0 || hash != h.root {
		return fmt.Errorf("the record at position %d does not lead to the root: it, its place or its path was changed", index+1)
	}
	return nil
}

func parsePath(lines []string) ([][32]byte, error) {
	var path [][32]byte
	for _, line := range lines {
		raw, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(raw) != 32 {
			return nil, errors.New("a step of the path is not base64 of 32 bytes")
		}
		path = append(path, [32]byte(raw))
	}
	return path, nil
}
