package vault

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"clew/domain"
)

// The log of reads says who consulted, combined, exported or disclosed what,
// when and why (LED art. 25). It is a file of its own, for it grows with
// looking and not with facts: one JSON object a line, each with the hash of the
// line before it, so that no line can be changed or taken out of the middle
// without a trace. That the last lines are missing shows only to whoever has
// kept a later hash.

// Does is what a read does with the data (LED art. 25).
type Does string

// What is logged here. Collection, alteration and erasure are events of the
// log of facts, which has their who, when and why.
const (
	Consulted Does = "consulted"
	Combined  Does = "combined" // data of several cases or persons was put together
	Exported  Does = "exported" // written out to be taken elsewhere
	Disclosed Does = "disclosed"
	Denied    Does = "denied" // asked for by somebody who may not
)

// Read is one entry of the log of reads.
type Read struct {
	Number uint64          `json:"n"` // from 1, without gaps
	At     time.Time       `json:"at"`
	By     string          `json:"by"`
	Does   Does            `json:"does"`
	Case   domain.CaseID   `json:"case,omitempty"` // "": every case
	What   string          `json:"what"`           // the command, or what left
	To     domain.Personal `json:"to,omitzero"`    // the recipient of a disclosure
	Basis  domain.Personal `json:"basis,omitzero"` // what a disclosure rests on
	Why    domain.Personal `json:"why,omitzero"`   // the purpose that was given
	Before string          `json:"before"`         // SHA-256 of the line before, in hex; of none: zeros
}

// maxRead bounds a line: a purpose is a sentence, not a document.
const maxRead = 64 << 10

// readsSubject is the subject of the key that purposes and recipients are
// sealed under.
const readsSubject = "reads"

// Reads is the log of reads beside a log of facts.
type Reads struct {
	path  string
	vault *Vault
}

// NewReads names the file; it is made at the first read.
func NewReads(path string, v *Vault) *Reads { return &Reads{path, v} }

// Note adds an entry, synced. Number and Before are filled in; To, Basis and
// Why are given in clear and sealed here.
func (r *Reads) Note(read Read) error {
	for _, text := range []struct {
		of    *domain.Personal
		field string
	}{{&read.To, "to"}, {&read.Basis, "basis"}, {&read.Why, "why"}} {
		if err := r.seal(text.of, text.field); err != nil {
			return err
		}
	}
	unlock, err := lock(r.path)
	if err != nil {
		return r.fault(err)
	}
	defer unlock()
	file, err := os.OpenFile(r.path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return r.fault(err)
	}
	return r.fault(errors.Join(r.append(file, read), file.Close()))
}

// seal hides a text; where the keys are not here, only that there was one is
// kept.
func (r *Reads) seal(text *domain.Personal, field string) error {
	if text.Clear == "" {
		return nil
	}
	if r.vault.Absence() != nil {
		text.Clear = "given, but not kept: the keys were not here"
		return nil
	}
	key, err := r.vault.Key(readsSubject)
	if err != nil {
		return err
	}
	*text, err = r.vault.Seal(key, Place{Field: "read " + field}, text.Clear)
	return err
}

func (r *Reads) fault(err error) error {
	if err == nil {
		return nil
	}
	return &domain.Error{Class: domain.ClassWorld, Text: "the log of reads " + r.path + " cannot be written, and what is not logged is not shown", Cause: err}
}

// append writes the next line. A line that was not finished was never
// answered for: it is written over.
func (r *Reads) append(file *os.File, read Read) error {
	end, last, err := lastLine(file)
	if err != nil {
		return err
	}
	read.Number, read.Before = 1, hex.EncodeToString(make([]byte, sha256.Size))
	if len(last) > 0 {
		var before Read
		if err := json.Unmarshal(last, &before); err != nil {
			return fmt.Errorf("its last line cannot be read: %w", err)
		}
		read.Number, read.Before = before.Number+1, lineHash(last)
	}
	line, err := json.Marshal(read)
	if err != nil || len(line) > maxRead {
		return errors.Join(err, tooLong(len(line)))
	}
	if err := file.Truncate(end); err != nil {
		return err
	}
	if _, err := file.WriteAt(append(line, '\n'), end); err != nil {
		return errors.Join(err, file.Truncate(end))
	}
	if err := file.Sync(); err != nil || read.Number > 1 {
		return err
	}
	return syncFolder(filepath.Dir(r.path))
}

func tooLong(n int) error {
	if n <= maxRead {
		return nil
	}
	return domain.Usage("the purpose is too long: the entry would have %d bytes, more than %d", n, maxRead)
}

// lineHash covers a line as a leaf of the log of facts is covered: with a zero
// byte before it.
func lineHash(line []byte) string {
	sum := sha256.Sum256(append([]byte{0}, line...))
	return hex.EncodeToString(sum[:])
}

// lastLine finds the end of the last whole line, and that line.
func lastLine(file *os.File) (end int64, line []byte, err error) {
	info, err := file.Stat()
	if err != nil {
		return 0, nil, err
	}
	from := max(0, info.Size()-2*(maxRead+1))
	tail, err := io.ReadAll(io.NewSectionReader(file, from, info.Size()-from))
	if err != nil {
		return 0, nil, err
	}
	tail = tail[:bytes.LastIndexByte(tail, '\n')+1]
	if len(tail) == 0 {
		return from, nil, nil
	}
	body := tail[:len(tail)-1]
	return from + int64(len(tail)), body[bytes.LastIndexByte(body, '\n')+1:], nil
}

// Each gives every entry, opened, in order, and checks the chain on the way.
// It answers with the hash of the last line, for somebody else to keep.
func (r *Reads) Each(do func(Read) error) (head string, err error) {
	file, err := os.Open(r.path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", r.fault(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxRead+1)
	head = hex.EncodeToString(make([]byte, sha256.Size))
	for number := uint64(1); lines.Scan(); number++ {
		var read Read
		if err := json.Unmarshal(lines.Bytes(), &read); err != nil || read.Number != number || read.Before != head {
			return "", &domain.Error{Class: domain.ClassWorld, Text: fmt.Sprintf("the log of reads %s was changed: entry %d does not follow from the one before it", r.path, number)}
		}
		head = lineHash(lines.Bytes())
		for field, text := range map[string]*domain.Personal{"to": &read.To, "basis": &read.Basis, "why": &read.Why} {
			*text = r.open(*text, field)
		}
		if err := do(read); err != nil {
			return "", err
		}
	}
	return head, lines.Err()
}

func (r *Reads) open(text domain.Personal, field string) domain.Personal {
	clear, err := r.vault.Open(Place{Field: "read " + field}, text)
	if err != nil {
		clear = "[sealed: " + err.Error() + "]"
	}
	return domain.Personal{Clear: clear}
}
