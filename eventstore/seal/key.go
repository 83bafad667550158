package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// Role says what a key signs. It is the key's algorithm byte in C2SP's
// signed-note, so that a witness's key cannot be taken for a log's.
type Role byte

const (
	Log     Role = 0x01 // Ed25519 over the note's text
	Witness Role = 0x04 // Ed25519 over a time and the note's text: cosignature/v1
)

// secretPrefix opens every secret key, so that nobody takes one for a public
// key and sends it out.
const secretPrefix = "PRIVATE+KEY+"

// maxKey bounds a key's text; its name takes most of it.
const maxKey = 512

// PublicKey is what checks signatures. It is given out freely; in text it is
// a C2SP verifier key: name, key hash and key, joined by plus signs.
type PublicKey struct {
	role Role
	name string
	key  string // 32 bytes; a string, so that public keys can be compared
}

// Name is whose key it is: of a log, its origin.
func (p PublicKey) Name() string { return p.name }

// Role is what the key signs.
func (p PublicKey) Role() Role { return p.role }

// KeyHash is the four bytes that stand before a signature by this key.
func (p PublicKey) KeyHash() uint32 {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%c%s", p.name, p.role, p.key)
	return binary.BigEndian.Uint32(sum.Sum(nil))
}

// Print is the first half of the key's SHA-256, in groups of four: what two
// people read to each other over the telephone.
func (p PublicKey) Print() string {
	sum := sha256.Sum256([]byte(p.key))
	text := hex.EncodeToString(sum[:16])
	var groups []string
	for ; text != ""; text = text[4:] {
		groups = append(groups, text[:4])
	}
	return strings.Join(groups, " ")
}

func (p PublicKey) String() string {
	return fmt.Sprintf("%s+%08x+%s", p.name, p.KeyHash(), base64.StdEncoding.EncodeToString(append([]byte{byte(p.role)}, p.key...)))
}

// Verify checks a signature of a note's text. Of a cosignature the first
// eight bytes are its time.
func (p PublicKey) Verify(text, signature []byte) bool {
	if p.role == Witness {
		if len(signature) != 8+ed25519.SignatureSize {
			return false
		}
		at := binary.BigEndian.Uint64(signature)
		if at >= 1<<63 {
			return false
		}
		text, signature = cosigned(at, text), signature[8:]
	}
	return len(signature) == ed25519.SignatureSize && ed25519.Verify(ed25519.PublicKey(p.key), text, signature)
}

// cosigned is the message of a cosignature.
func cosigned(at uint64, text []byte) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", at), text...)
}

// ParsePublicKey reads what String wrote, and nothing else.
func ParsePublicKey(text string) (PublicKey, error) {
	if strings.HasPrefix(text, secretPrefix) {
		return PublicKey{}, errors.New("this is a secret key: give the public one, and keep the secret one where nobody else reads it")
	}
	role, name, key, err := parseKey(text)
	if err != nil {
		return PublicKey{}, err
	}
	p := PublicKey{role, name, string(key)}
	if p.String() != text {
		return PublicKey{}, errors.New("the key's hash does not fit its name and bytes: it was copied wrongly")
	}
	return p, nil
}

// parseKey takes name+hash+base64 apart.
func parseKey(text string) (role Role, name string, key []byte, err error) {
	if len(text) > maxKey {
		return 0, "", nil, fmt.Errorf("a key has at most %d letters, and this text has %d", maxKey, len(text))
	}
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return 0, "", nil, errors.New("a key reads NAME+HASH+KEY")
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	switch {
	case err != nil || len(raw) != 1+ed25519.SeedSize:
		return 0, "", nil, errors.New("the key's last part is not base64 of 33 bytes")
	case Role(raw[0]) != Log && Role(raw[0]) != Witness:
		return 0, "", nil, fmt.Errorf("a key of type %d is not known here: 1 is a log's, 4 a witness's", raw[0])
	}
	return Role(raw[0]), parts[0], raw[1:], checkKeyName(parts[0])
}

// checkKeyName keeps to what a note can bear.
func checkKeyName(name string) error {
	bad := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '+' }
	if name == "" || len(name) > 256 || !utf8.ValidString(name) || strings.ContainsFunc(name, bad) {
		return fmt.Errorf("%q is no name of a key: 1 to 256 bytes without spaces and plus signs, for example witness.example.org/desk-4", name)
	}
	return nil
}

// Key is a secret key. It signs as its role has it.
type Key struct {
	public PublicKey
	seed   []byte
}

// NewKey draws a key for a name.
func NewKey(role Role, name string, random io.Reader) (Key, error) {
	if err := checkKeyName(name); err != nil {
		return Key{}, err
	}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return Key{}, fmt.Errorf("draw a key: %w", err)
	}
	return keyOf(role, name, seed), nil
}

func keyOf(role Role, name string, seed []byte) Key {
	public := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	return Key{PublicKey{role, name, string(public)}, seed}
}

// ParseKey reads what Secret wrote.
func ParseKey(text string) (Key, error) {
	rest, secret := strings.CutPrefix(text, secretPrefix)
	if !secret {
		return Key{}, errors.New("this is no secret key: one begins with " + secretPrefix)
	}
	role, name, seed, err := parseKey(rest)
	if err != nil {
		return Key{}, err
	}
	k := keyOf(role, name, seed)
	if k.Secret() != text {
		return Key{}, errors.New("the secret key's hash does not fit its name and bytes: the file was changed")
	}
	return k, nil
}

// Secret is the key as it is kept in a file that only its owner reads.
func (k Key) Secret() string {
	return fmt.Sprintf("%s%s+%08x+%s", secretPrefix, k.public.name, k.public.KeyHash(),
		base64.StdEncoding.EncodeToString(append([]byte{byte(k.public.role)}, k.seed...)))
}

// Public is the key to give out.
func (k Key) Public() PublicKey { return k.public }

// Name is whose key it is.
func (k Key) Name() string { return k.public.name }

// signer is a key at work, as package note wants it.
type signer struct {
	key Key
	at  time.Time // of a cosignature
}

var _ note.Signer = signer{}

func (s signer) Name() string    { return s.key.public.name }
func (s signer) KeyHash() uint32 { return s.key.public.KeyHash() }

// Sign signs a note's text.
func (s signer) Sign(text []byte) ([]byte, error) {
	private := ed25519.NewKeyFromSeed(s.key.seed)
	if s.key.public.role == Log {
		return ed25519.Sign(private, text), nil
	}
	at := s.at.Unix()
	if at < 0 {
		return nil, fmt.Errorf("a cosignature bears a time since 1970, and this is %s", s.at)
	}
	signature := binary.BigEndian.AppendUint64(nil, uint64(at))
	return append(signature, ed25519.Sign(private, cosigned(uint64(at), text))...), nil
}

// timeOf is the time that a cosignature's bytes bear.
func timeOf(signature string) (time.Time, error) {
	raw, err := base64.StdEncoding.DecodeString(signature)
	if err != nil || len(raw) < 4+8 {
		return time.Time{}, errors.New("the cosignature bears no time")
	}
	return time.Unix(int64(binary.BigEndian.Uint64(raw[4:])), 0).UTC(), nil
}

// verifiers are the keys by which package note looks signatures up.
type verifiers []PublicKey

func (v verifiers) Verifier(name string, hash uint32) (note.Verifier, error) {
	for _, key := range v {
		if key.name == name && key.KeyHash() == hash {
			return key, nil
		}
	}
	return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
}

// strict refuses a signed note whose signatures could be spelled in two ways,
// so that whoever keeps or compares notes by their bytes is not deceived.
func strict(signed []byte) error {
	_, lines, found := bytes.Cut(signed, []byte("\n\n"))
	if !found || len(signed) > maxNote {
		return fmt.Errorf("it is no signed note: text, an empty line, then signatures, %d bytes at most", maxNote)
	}
	seen := map[string]bool{}
	for line := range bytes.Lines(lines) {
		parts := strings.Split(strings.TrimSuffix(string(line), "\n"), " ")
		if len(parts) != 3 || parts[0] != "—" {
			return fmt.Errorf("%q is no line of a signature", line)
		}
		raw, err := base64.StdEncoding.Strict().DecodeString(parts[2])
		if err != nil || base64.StdEncoding.EncodeToString(raw) != parts[2] || len(raw) < 5 {
			return fmt.Errorf("the signature of %q is not plain base64", parts[1])
		}
		key := parts[1] + string(raw[:4])
		if seen[key] {
			return fmt.Errorf("%q has signed twice with one key", parts[1])
		}
		seen[key] = true
	}
	return nil
}

// maxNote bounds a signed note: a hundred signatures, the most that package
// note takes, are a quarter of it.
const maxNote = 64 << 10
