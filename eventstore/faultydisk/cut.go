package faultydisk

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sector is the least that a disk writes as a whole.
const sector = 512

// Disk follows a diary and knows of every file what is safe and what is not.
type Disk struct {
	safe    map[string][]byte      // as of the last sync
	pending map[string][]Operation // since then
	Lies    bool                   // says that it has synced a write-ahead log, and has not
}

// NewDisk is a disk on which the files lie that are given, safely.
func NewDisk(files map[string][]byte) *Disk {
	d := &Disk{safe: map[string][]byte{}, pending: map[string][]Operation{}}
	for name, content := range files {
		d.safe[name] = slices.Clone(content)
	}
	return d
}

// Follow does what the next operation of the diary does.
func (d *Disk) Follow(op Operation) {
	switch op.Kind {
	case Open:
		if _, there := d.safe[op.File]; !there {
			d.safe[op.File] = nil
		}
	case Write, Truncate:
		d.pending[op.File] = append(d.pending[op.File], op)
	case Delete:
		delete(d.safe, op.File)
		delete(d.pending, op.File)
	case Sync:
		if d.Lies && strings.HasSuffix(op.File, "-wal") {
			return
		}
		for _, was := range d.pending[op.File] {
			d.safe[op.File] = was.on(d.safe[op.File])
		}
		delete(d.pending, op.File)
	}
}

// on changes a file's content as the operation does, in place.
func (op Operation) on(content []byte) []byte {
	size := op.At
	if op.Kind == Write {
		size = max(op.At+int64(len(op.Bytes)), int64(len(content)))
	}
	content = resized(content, size)
	if op.Kind == Write {
		copy(content[op.At:], op.Bytes)
	}
	return content
}

func resized(content []byte, size int64) []byte {
	if size <= int64(len(content)) {
		return content[:size]
	}
	return append(content, make([]byte, size-int64(len(content)))...)
}

// Loss is what a power cut does with writes that were not synced.
type Loss int

const (
	Dropped Loss = iota // none was kept
	Prefix              // the first of them were kept
	Torn                // any of their sectors were kept
	Losses              // how many there are
)

// Cut takes the power and writes the files, as they are then, to a directory.
// A file's own name is kept; the directories that it lay in are not.
func (d *Disk) Cut(dir string, loss Loss, random *rand.Rand) error {
	for name, content := range d.safe {
		content = lose(slices.Clone(content), d.pending[name], loss, random)
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func lose(content []byte, pending []Operation, loss Loss, random *rand.Rand) []byte {
	switch {
	case len(pending) == 0 || loss == Dropped:
		return content
	case loss == Prefix:
		for _, op := range pending[:random.IntN(len(pending)+1)] {
			content = op.on(content)
		}
		return content
	}
	for _, op := range pending {
		for _, piece := range op.torn() {
			if random.IntN(2) == 0 {
				content = piece.on(content)
			}
		}
	}
	return content
}

// torn cuts a write at the borders of sectors.
func (op Operation) torn() (pieces []Operation) {
	if op.Kind != Write {
		return []Operation{op}
	}
	for rest := op; len(rest.Bytes) > 0; {
		n := min(int64(len(rest.Bytes)), sector-rest.At%sector)
		piece := rest
		piece.Bytes = rest.Bytes[:n]
		pieces = append(pieces, piece)
		rest.At, rest.Bytes = rest.At+n, rest.Bytes[n:]
	}
	return pieces
}
