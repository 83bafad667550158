package seal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// proofDomain is the first line of a C2SP tlog-proof.
const proofDomain = "c2sp.org/tlog-proof@v1"

// maxPath is the longest path in a tree of 2^62 leaves.
const maxPath = 62

// maxProof bounds a proof's text: a record of 1 MB and its block in base64,
// the path and the checkpoint, with room.
const maxProof = 4 << 20

// Proof shows that a record is in the tree of a checkpoint.
type Proof struct {
	Index  uint64 // of the leaf, from 0: the record's position less 1
	Record []byte // the bytes that the leaf covers
	Path   []Hash // the siblings, from the leaf's up to the root's child
	Signed []byte // the checkpoint
}

// Prove makes the path from a leaf to the root of the first size leaves.
func Prove(size, index uint64, r Reader) ([]Hash, error) {
	if index >= size || size > maxSize {
		return nil, fmt.Errorf("a tree of %d records has no record %d", size, index+1)
	}
	return tlog.ProveRecord(int64(size), int64(index), r)
}

// CheckPath says whether a path leads from a record's bytes at an index to
// the root of a head.
func CheckPath(h Head, index uint64, record []byte, path []Hash) error {
	switch {
	case index >= h.Size || h.Size > maxSize:
		return fmt.Errorf("the head %s has no record at position %d", h, index+1)
	case len(path) > maxPath:
		return fmt.Errorf("a path has at most %d steps, and this one has %d", maxPath, len(path))
	}
	if err := tlog.CheckRecord(path, int64(h.Size), h.Root, int64(index), tlog.RecordHash(record)); err != nil {
		return fmt.Errorf("the record does not lead to the root of head %s at position %d: the record, its place or the proof was changed", h, index+1)
	}
	return nil
}

// Text is the proof as a C2SP tlog-proof; the record's bytes are its extra
// data, so that the file alone shows what was recorded.
func (p Proof) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", proofDomain, base64.StdEncoding.EncodeToString(p.Record), p.Index)
	for _, h := range p.Path {
		fmt.Fprintf(&b, "%s\n", h)
	}
	fmt.Fprintf(&b, "\n%s", p.Signed)
	return b.String()
}

// ParseProof reads what Text wrote, and nothing else. It checks nothing yet:
// Check does.
func ParseProof(text string) (Proof, error) {
	if len(text) > maxProof {
		return Proof{}, fmt.Errorf("a proof has at most %d bytes", maxProof)
	}
	head, signed, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 3 || lines[0] != proofDomain {
		return Proof{}, fmt.Errorf("this is no proof: its first line is %s, then come extra, index, the path, an empty line and the checkpoint", proofDomain)
	}
	p := Proof{Signed: []byte(signed)}
	extra, ok := strings.CutPrefix(lines[1], "extra ")
	var err error
	if p.Record, err = base64.StdEncoding.Strict().DecodeString(extra); err != nil || !ok {
		return Proof{}, errors.New("the proof's second line is not extra and the record's bytes in base64")
	}
	number, ok := strings.CutPrefix(lines[2], "index ")
	if p.Index, err = strconv.ParseUint(number, 10, 62); err != nil || !ok {
		return Proof{}, errors.New("the proof's third line is not index and a number")
	}
	if p.Path, err = parsePath(lines[3:]); err != nil {
		return Proof{}, err
	}
	if p.Text() != text {
		return Proof{}, errors.New("the proof is not spelled as one has to be")
	}
	return p, nil
}

func parsePath(lines []string) ([]Hash, error) {
	if len(lines) > maxPath {
		return nil, fmt.Errorf("a path has at most %d steps", maxPath)
	}
	var path []Hash
	for i, line := range lines {
		raw, err := base64.StdEncoding.Strict().DecodeString(line)
		if err != nil || len(raw) != len(Hash{}) {
			return nil, fmt.Errorf("step %d of the path is not base64 of 32 bytes", i+1)
		}
		path = append(path, Hash(raw))
	}
	return path, nil
}

// Check opens the proof's checkpoint and follows the path.
func (p Proof) Check(ring Keyring, witnesses ...PublicKey) (Checkpoint, error) {
	c, err := Open(p.Signed, ring, witnesses...)
	if err != nil {
		return Checkpoint{}, err
	}
	return c, CheckPath(c.Head, p.Index, p.Record, p.Path)
}
