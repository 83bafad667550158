package main

import (
	"encoding/base64"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// maxProof bounds a proof: a record has a megabyte at most.
const maxProof = 4 << 20

// checkProof checks a C2SP tlog-proof whose extra data are the record.
func checkProof(file io.ReaderAt, ask *asked, r *report) error {
	text, err := io.ReadAll(io.NewSectionReader(file, 0, maxProof))
	if err != nil {
		return err
	}
	top, signed, found := strings.Cut(string(text), "\n\n")
	lines := strings.Split(top, "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return errors.New("it is neither a bundle nor a proof: its first line is not c2sp.org/tlog-proof@v1")
	}
	if !ask.pinned {
		return errors.New("a proof is checked with the log's key: give it with --key")
	}
	extra, ok := strings.CutPrefix(lines[1], "extra ")
	bytes, err := base64.StdEncoding.Strict().DecodeString(extra)
	if !ok || err != nil {
		return errors.New("the proof's second line does not bear the record")
	}
	number, ok := strings.CutPrefix(lines[2], "index ")
	index, err := strconv.ParseUint(number, 10, 62)
	if !ok || err != nil || strconv.FormatUint(index, 10) != number {
		return errors.New("the proof's third line does not bear the index")
	}
	path, err := parsePath(lines[3:])
	if err != nil {
		return err
	}
	h, err := openHead([]byte(signed), []adoption{{key: ask.key}}, ask, r)
	if err != nil {
		return err
	}
	return r.proved(h, index, bytes, path)
}

func (r *report) proved(h head, index uint64, bytes []byte, path [][32]byte) error {
	if err := included(h, index, leafOf(bytes), path); err != nil {
		return err
	}
	rec, err := parseRecord(bytes)
	if err != nil {
		return err
	}
	if rec.position != index+1 {
		return errors.New("the record says another position than the proof")
	}
	r.ok("position %d of the log (%s, %s) was recorded by %s on %s, by the log's clock:", rec.position, rec.stream, rec.kind, rec.actor, rec.at.Format(time.RFC3339))
	r.ok("%s", rec.body)
	return nil
}
