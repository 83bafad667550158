package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// The types of keys: C2SP signed-note and tlog-cosignature.
const (
	logKey     = 0x01
	witnessKey = 0x04
)

// publicKey is a C2SP verifier key.
type publicKey struct {
	kind byte
	name string
	key  string
}

// parseKey reads NAME+HASH+BASE64.
func parseKey(text string) (publicKey, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return publicKey{}, fmt.Errorf("%.60q is no public key: one reads NAME+HASH+KEY", text)
	}
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(raw) != 33 || raw[0] != logKey && raw[0] != witnessKey {
		return publicKey{}, fmt.Errorf("%.60q is no public key of a log (type 1) or a witness (type 4)", text)
	}
	k := publicKey{raw[0], parts[0], string(raw[1:])}
	if k.String() != text {
		return publicKey{}, fmt.Errorf("the hash in the public key of %s does not fit it: it was copied wrongly", k.name)
	}
	return k, nil
}

// KeyHash is the first four bytes of SHA-256 over name, line feed, type, key.
func (k publicKey) KeyHash() uint32 {
	sum := sha256.Sum256([]byte(k.name + "\n" + string(rune(k.kind)) + k.key))
	return binary.BigEndian.Uint32(sum[:4])
}

// Name is whose key it is.
func (k publicKey) Name() string { return k.name }

func (k publicKey) String() string {
	return fmt.Sprintf("%s+%08x+%s", k.name, k.KeyHash(), base64.StdEncoding.EncodeToString([]byte(string(rune(k.kind))+k.key)))
}

// Verify checks a signature over a note's text, or a witness's over a time
// and the text.
func (k publicKey) Verify(text, signature []byte) bool {
	if k.kind == witnessKey {
		if len(signature) != 8+ed25519.SignatureSize {
			return false
		}
		at := binary.BigEndian.Uint64(signature)
		text = append([]byte("cosignature/v1\ntime "+strconv.FormatUint(at, 10)+"\n"), text...)
		signature = signature[8:]
	}
	return ed25519.Verify(ed25519.PublicKey(k.key), text, signature)
}

// open checks a signed note: every signature by one of the keys must fit, and
// one must be there. It gives the text, and of each key that signed the
// signature's bytes.
func open(signed []byte, known []publicKey) (text string, by map[publicKey][]byte, err error) {
	var list []note.Verifier
	for _, k := range known {
		list = append(list, k)
	}
	n, err := note.Open(signed, note.VerifierList(list...))
	if err != nil {
		return "", nil, err
	}
	by = map[publicKey][]byte{}
	for _, s := range n.Sigs {
		at := slices.IndexFunc(known, func(k publicKey) bool { return k.name == s.Name && k.KeyHash() == s.Hash })
		raw, err := base64.StdEncoding.DecodeString(s.Base64)
		if err != nil || at < 0 {
			return "", nil, fmt.Errorf("the signature of %s cannot be read", s.Name)
		}
		by[known[at]] = raw[4:]
	}
	return n.Text, by, nil
}

// head is a size and a root of a log.
type head struct {
	origin string
	size   uint64
	root   [32]byte
}

func (h head) String() string { return fmt.Sprintf("%d/%x", h.size, h.root[:6]) }

// parseHead reads the three lines of a C2SP tlog-checkpoint.
func parseHead(text string) (head, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return head{}, errors.New("the checkpoint has not the three lines origin, size and root")
	}
	size, err := strconv.ParseUint(lines[1], 10, 62)
	root, err2 := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || err2 != nil || len(root) != 32 || strconv.FormatUint(size, 10) != lines[1] {
		return head{}, errors.New("the checkpoint's size or root cannot be read")
	}
	return head{lines[0], size, [32]byte(root)}, nil
}

// adoption is a log's word that it signs with a key from a size on.
type adoption struct {
	from uint64
	key  publicKey
	note []byte
}

const adoptionLine = "clew/key/v1\n"

// parseAdoptions reads keys.txt: notes, an empty line between them.
func parseAdoptions(content []byte) ([]adoption, error) {
	var list []adoption
	for i, part := range bytes.Split(append([]byte("\n"), content...), []byte("\n"+adoptionLine)) {
		if i == 0 {
			if len(part) > 0 {
				return nil, errors.New("keys.txt does not begin with " + strings.TrimSpace(adoptionLine))
			}
			continue
		}
		signed := append([]byte(adoptionLine), bytes.TrimSuffix(part, []byte("\n"))...)
		signed = append(signed, '\n')
		lines := strings.Split(string(signed), "\n")
		if len(lines) < 6 || lines[4] != "" {
			return nil, fmt.Errorf("the adoption of key %d is not the note it has to be", i)
		}
		from, err := strconv.ParseUint(lines[2], 10, 62)
		if err != nil {
			return nil, fmt.Errorf("the adoption of key %d names no size", i)
		}
		key, err := parseKey(lines[3])
		if err != nil {
			return nil, err
		}
		if key.kind != logKey || key.name != lines[1] {
			return nil, fmt.Errorf("the adopted key is %s's, and the log is %s", key.name, lines[1])
		}
		if _, _, err := open(signed, []publicKey{key}); err != nil {
			return nil, fmt.Errorf("the adopted key %08x has not signed its own adoption: %w", key.KeyHash(), err)
		}
		list = append(list, adoption{from, key, signed})
	}
	return list, nil
}

// follow gives the keys from a trusted one on, each signed for by the one
// before, and from which size each is in force.
func follow(trusted publicKey, all []adoption) ([]adoption, error) {
	at := slices.IndexFunc(all, func(a adoption) bool { return a.key == trusted })
	if at < 0 {
		return nil, fmt.Errorf("the key you gave (%08x of %s) is none of those that this log has adopted", trusted.KeyHash(), trusted.name)
	}
	ring := all[at : at+1]
	for i := at + 1; i < len(all); i++ {
		if _, _, err := open(all[i].note, []publicKey{all[i-1].key}); err != nil || all[i].from < all[i-1].from {
			return nil, fmt.Errorf("key %08x was not adopted by the key before it", all[i].key.KeyHash())
		}
		ring = all[at : i+1]
	}
	return ring, nil
}

// openHead checks a checkpoint against the ring and the witnesses.
func openHead(signed []byte, ring []adoption, ask *asked, r *report) (head, error) {
	known := slices.Clone(ask.witness)
	for _, a := range ring {
		known = append(known, a.key)
	}
	text, by, err := open(signed, known)
	if err != nil {
		return head{}, fmt.Errorf("the checkpoint: %w", err)
	}
	h, err := parseHead(text)
	if err != nil {
		return head{}, err
	}
	if err := r.signedBy(h, ring, by); err != nil {
		return head{}, err
	}
	for _, w := range ask.witness {
		signature, signed := by[w]
		if !signed || w.kind != witnessKey {
			return head{}, fmt.Errorf("the witness %s has not signed the checkpoint", w.name)
		}
		at := time.Unix(int64(binary.BigEndian.Uint64(signature)), 0).UTC().Format(time.RFC3339)
		r.held = append(r.held, w.name+" on "+at)
		r.ok("the witness %s has signed it on %s, by his clock", w.name, at)
	}
	r.head, r.pinned = h, ask.pinned
	return h, nil
}

// signedBy finds the log's key that signed, and was in force at that size.
func (r *report) signedBy(h head, ring []adoption, by map[publicKey][]byte) error {
	for i, a := range ring {
		if _, signed := by[a.key]; !signed || a.key.name != h.origin {
			continue
		}
		if i+1 < len(ring) && h.size > ring[i+1].from {
			return fmt.Errorf("the checkpoint of %d records is signed with key %08x, which was replaced at %d", h.size, a.key.KeyHash(), ring[i+1].from)
		}
		r.ok("checkpoint %s of log %s is signed with its key %08x", h, h.origin, a.key.KeyHash())
		return nil
	}
	return fmt.Errorf("no key of the log %s has signed the checkpoint", h.origin)
}
