package seal

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Head says what a log holds: so many records, and the root over all of them.
// Two logs with one head hold the same records to the byte.
type Head struct {
	Origin string
	Size   uint64
	Root   Hash
}

// maxSize is the most leaves that tlog counts.
const maxSize = 1 << 62

// Text is the head as C2SP's tlog-checkpoint has it: three lines.
func (h Head) Text() string { return fmt.Sprintf("%s\n%d\n%s\n", h.Origin, h.Size, h.Root) }

// String is the head in one line, for people.
func (h Head) String() string { return fmt.Sprintf("%d/%s", h.Size, Short(h.Root)) }

// ParseHead reads what Text wrote. It takes no further lines: whatever stood
// there would be signed without anybody saying what it means.
func ParseHead(text string) (Head, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Head{}, errors.New("a checkpoint has three lines: origin, size, root")
	}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil || size > maxSize {
		return Head{}, fmt.Errorf("the checkpoint's size %.30q is no number of records", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != len(Hash{}) {
		return Head{}, fmt.Errorf("the checkpoint's root %.60q is not base64 of 32 bytes", lines[2])
	}
	h := Head{lines[0], size, Hash(root)}
	if err := checkKeyName(h.Origin); err != nil {
		return Head{}, fmt.Errorf("the checkpoint's origin: %w", err)
	}
	if h.Text() != text {
		return Head{}, errors.New("the checkpoint is not spelled as one has to be: a size without zeros before it, plain base64")
	}
	return h, nil
}

// Sign makes a checkpoint with the log's key.
func (h Head) Sign(key Key) ([]byte, error) {
	if key.public.role != Log || key.Name() != h.Origin {
		return nil, fmt.Errorf("the key is %s's, and a checkpoint of %s is signed with that log's own key", key.Name(), h.Origin)
	}
	if _, err := ParseHead(h.Text()); err != nil {
		return nil, err
	}
	return note.Sign(&note.Note{Text: h.Text()}, signer{key: key})
}

// Cosignature is one witness's word that the log had kept all that he had
// seen of it.
type Cosignature struct {
	Witness PublicKey
	At      time.Time // by the witness's clock
}

// Checkpoint is a head that was signed with a known key of its log.
type Checkpoint struct {
	Head
	Note    []byte        // all of it, with signatures by unknown keys too
	Key     PublicKey     // the log's, by which it was checked
	Witness []Cosignature // by the witnesses that were asked for, oldest first

	opened *note.Note
}

// Open reads a checkpoint and checks it: the log's signature with a key of
// the ring that was in force at that size, cosignatures with those of the
// witnesses' keys that are given. A signature by a known key that does not
// fit is an error, whatever others say; one by an unknown key says nothing.
func Open(signed []byte, ring Keyring, witnesses ...PublicKey) (Checkpoint, error) {
	if err := strict(signed); err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", err)
	}
	known := append(ring.keys(), witnesses...)
	opened, err := note.Open(signed, verifiers(known))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("checkpoint: %w", saidPlainly(err))
	}
	head, err := ParseHead(opened.Text)
	if err != nil {
		return Checkpoint{}, err
	}
	c := Checkpoint{Head: head, Note: slices.Clone(signed), opened: opened}
	if c.Key, err = ring.signerOf(opened, head); err != nil {
		return Checkpoint{}, err
	}
	return c, c.readCosignatures(witnesses)
}

// readCosignatures notes who of the known witnesses has signed, and when.
func (c *Checkpoint) readCosignatures(witnesses []PublicKey) error {
	for _, s := range c.opened.Sigs {
		for _, w := range witnesses {
			if w.role != Witness || w.name != s.Name || w.KeyHash() != s.Hash {
				continue
			}
			at, err := timeOf(s.Base64)
			if err != nil {
				return err
			}
			c.Witness = append(c.Witness, Cosignature{w, at})
		}
	}
	slices.SortStableFunc(c.Witness, func(a, b Cosignature) int { return a.At.Compare(b.At) })
	return nil
}

// saidPlainly puts the errors of package note in words for people.
func saidPlainly(err error) error {
	var wrong *note.InvalidSignatureError
	var unknown *note.UnverifiedNoteError
	switch {
	case errors.As(err, &wrong):
		return fmt.Errorf("the signature of %s (key %08x) does not fit its text: the text or the signature was changed", wrong.Name, wrong.Hash)
	case errors.As(err, &unknown):
		return errors.New("no known key has signed it: give the log's public key, as its keeper gave it to you")
	}
	return err
}

// Cosign adds a witness's signature. Only who has checked that the log kept
// all that it had may call it (Follows).
func (c Checkpoint) Cosign(key Key, at time.Time) ([]byte, error) {
	if key.public.role != Witness {
		return nil, fmt.Errorf("the key of %s is a log's: a witness signs with a key of his own", key.Name())
	}
	return note.Sign(c.opened, signer{key, at})
}

// Merge gives one note with the signatures of both, which speak of one head.
// Of a witness who signed twice the later time stays.
func Merge(one, other Checkpoint) ([]byte, error) {
	if one.Head != other.Head {
		return nil, fmt.Errorf("these are two checkpoints, %s and %s: signatures of one do not speak for the other", one.Head, other.Head)
	}
	all := *one.opened
	all.Sigs = append(slices.Clone(all.Sigs), all.UnverifiedSigs...)
	all.UnverifiedSigs = nil
	for _, s := range append(slices.Clone(other.opened.Sigs), other.opened.UnverifiedSigs...) {
		at := slices.IndexFunc(all.Sigs, func(have note.Signature) bool { return have.Name == s.Name && have.Hash == s.Hash })
		switch {
		case at < 0:
			all.Sigs = append(all.Sigs, s)
		case s.Hash != one.Key.KeyHash() && later(s.Base64, all.Sigs[at].Base64):
			all.Sigs[at] = s
		}
	}
	return note.Sign(&all)
}

func later(one, other string) bool {
	a, errA := timeOf(one)
	b, errB := timeOf(other)
	return errA == nil && errB == nil && a.After(b)
}

// OpenHeld reads a head that somebody outside kept: a checkpoint with or
// without signatures. The log's own signature is not asked for, because the
// one who kept it need not believe the log; who of the given witnesses has
// signed is checked, and a signature of theirs that does not fit is an error.
func OpenHeld(kept []byte, witnesses ...PublicKey) (Head, []Cosignature, error) {
	text, _, signed := strings.Cut(string(kept), "\n\n")
	if !signed {
		head, err := ParseHead(string(kept))
		return head, nil, err
	}
	head, err := ParseHead(text + "\n")
	if err != nil {
		return Head{}, nil, err
	}
	if err := strict(kept); err != nil {
		return Head{}, nil, fmt.Errorf("checkpoint: %w", err)
	}
	opened, err := note.Open(kept, verifiers(witnesses))
	var unknown *note.UnverifiedNoteError
	switch {
	case errors.As(err, &unknown):
		return head, nil, nil
	case err != nil:
		return Head{}, nil, fmt.Errorf("checkpoint: %w", saidPlainly(err))
	}
	c := Checkpoint{opened: opened}
	err = c.readCosignatures(witnesses)
	return head, c.Witness, err
}
