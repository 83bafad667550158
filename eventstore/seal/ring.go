package seal

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// adoptionDomain opens the text of an adoption, so that it can never be taken
// for a checkpoint: no origin is called so.
const adoptionDomain = "clew/key/v1"

// Adoption says that a log signs with a key from now on. It is signed with
// that key, which shows that whoever says so has it; and, but for the log's
// first key, with the one before, which shows that he may.
//
// The text has four lines: clew/key/v1, the log's origin, the size of the log
// when it was said, the new public key.
type Adoption struct {
	Origin string
	From   uint64
	Key    PublicKey
	Note   []byte
}

// Adopt makes the adoption of a log's key. Before is the key that is
// replaced; nil for the first.
func Adopt(key Key, from uint64, before *Key) ([]byte, error) {
	if key.public.role != Log {
		return nil, errors.New("a log signs with a log's key, and this is a witness's")
	}
	if before != nil && (before.Name() != key.Name() || before.public == key.public) {
		return nil, errors.New("the new key is another key of the same log")
	}
	n := &note.Note{Text: fmt.Sprintf("%s\n%s\n%d\n%s\n", adoptionDomain, key.Name(), from, key.Public())}
	signers := []note.Signer{signer{key: key}}
	if before != nil {
		signers = append([]note.Signer{signer{key: *before}}, signers...)
	}
	return note.Sign(n, signers...)
}

// ParseAdoption reads an adoption and checks that its own key has signed it.
// Whether the key before has, the ring says.
func ParseAdoption(signed []byte) (Adoption, error) {
	if err := strict(signed); err != nil {
		return Adoption{}, fmt.Errorf("adoption of a key: %w", err)
	}
	text, _, _ := strings.Cut(string(signed), "\n\n")
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[0] != adoptionDomain {
		return Adoption{}, fmt.Errorf("the adoption of a key has four lines, and the first is %s", adoptionDomain)
	}
	from, err := strconv.ParseUint(lines[2], 10, 63)
	if err != nil || strconv.FormatUint(from, 10) != lines[2] || from > maxSize {
		return Adoption{}, fmt.Errorf("adoption of a key: %.30q is no size of a log", lines[2])
	}
	key, err := ParsePublicKey(lines[3])
	if err != nil {
		return Adoption{}, fmt.Errorf("adoption of a key: %w", err)
	}
	a := Adoption{lines[1], from, key, slices.Clone(signed)}
	if key.role != Log || key.name != a.Origin {
		return Adoption{}, fmt.Errorf("the adopted key is %s's, and the log is %s", key.name, a.Origin)
	}
	return a, a.signedBy(key)
}

// ParseAdoptions reads what 'clew key export' writes: adoptions, one after
// the other, an empty line between them.
func ParseAdoptions(text string) ([]Adoption, error) {
	var list []Adoption
	for _, part := range strings.Split(text, "\n"+adoptionDomain+"\n") {
		part = strings.TrimPrefix(part, adoptionDomain+"\n")
		signed := adoptionDomain + "\n" + strings.TrimSuffix(part, "\n") + "\n"
		a, err := ParseAdoption([]byte(signed))
		if err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, nil
}

func (a Adoption) signedBy(key PublicKey) error {
	if _, err := note.Open(a.Note, verifiers{key}); err != nil {
		return fmt.Errorf("adoption of key %08x: key %08x has not signed it: %w", a.Key.KeyHash(), key.KeyHash(), saidPlainly(err))
	}
	return nil
}

// InForce is a key of a log, and from which size of the log on it signs.
type InForce struct {
	Key  PublicKey
	From uint64
}

// Keyring is the keys of one log, one after the other. A checkpoint beyond
// the size at which a key was replaced does not count with that key: a key
// that leaked later cannot make new heads with it.
type Keyring []InForce

// NewKeyring follows a log's adoptions, in their order, from a key that is
// trusted. Those before it are passed over: whoever trusts the second key
// need not know the first.
func NewKeyring(trusted PublicKey, adoptions []Adoption) (Keyring, error) {
	if trusted.role != Log {
		return nil, fmt.Errorf("the key of %s is a witness's: give the log's own", trusted.name)
	}
	start := slices.IndexFunc(adoptions, func(a Adoption) bool { return a.Key == trusted })
	if start < 0 {
		if len(adoptions) == 0 {
			return Keyring{{Key: trusted}}, nil
		}
		return nil, fmt.Errorf("key %08x, which you trust, is not among the %d that this log has adopted: it is another log, or its keys were replaced by somebody else", trusted.KeyHash(), len(adoptions))
	}
	ring := Keyring{{trusted, adoptions[start].From}}
	for _, a := range adoptions[start+1:] {
		last := ring[len(ring)-1]
		if err := a.signedBy(last.Key); err != nil {
			return nil, err
		}
		if a.From < last.From || a.Key.name != trusted.name {
			return nil, fmt.Errorf("adoption of key %08x: it was adopted at size %d of %s, before the key that it replaces", a.Key.KeyHash(), a.From, a.Origin)
		}
		ring = append(ring, InForce{a.Key, a.From})
	}
	return ring, nil
}

// Current is the key that signs now.
func (r Keyring) Current() PublicKey { return r[len(r)-1].Key }

func (r Keyring) keys() []PublicKey {
	var keys []PublicKey
	for _, k := range r {
		keys = append(keys, k.Key)
	}
	return keys
}

// signerOf finds the key of the ring that signed, and was in force.
func (r Keyring) signerOf(opened *note.Note, head Head) (PublicKey, error) {
	replaced := uint64(0)
	for i, k := range r {
		signed := slices.ContainsFunc(opened.Sigs, func(s note.Signature) bool { return s.Name == k.Key.name && s.Hash == k.Key.KeyHash() })
		switch {
		case !signed || k.Key.name != head.Origin:
		case i+1 < len(r) && head.Size > r[i+1].From:
			replaced = r[i+1].From
		default:
			return k.Key, nil
		}
	}
	if replaced > 0 {
		return PublicKey{}, fmt.Errorf("checkpoint %s is signed with a key that was replaced at size %d: who still has it has made this", head, replaced)
	}
	return PublicKey{}, fmt.Errorf("checkpoint %s of %s: no known key of that log has signed it", head, head.Origin)
}
