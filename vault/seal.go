package vault

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"clew/domain"
)

// A sealed text is one byte for the layout, twelve for the nonce, and what
// AES-256-GCM makes of the text, with its tag of sixteen bytes. The nonce is
// drawn anew for every text: a key seals far fewer than the 2^32 texts up to
// which two nonces do not meet.
const layout = 1

const nonceSize = 12

// Place is where a text stands: nothing that was sealed for one place opens at
// another, and nothing sealed under one person's key under another's.
type Place struct {
	Case  domain.CaseID // "" for the registers that all cases share
	Field string        // the event's kind and the field's name
}

// bound writes texts so that no two lists of them have the same bytes.
func bound(of string, texts ...string) []byte {
	out := append([]byte(of), '\n')
	for _, text := range texts {
		out = binary.BigEndian.AppendUint32(out, uint32(len(text)))
		out = append(out, text...)
	}
	return out
}

func (p Place) bytes(key string) []byte {
	return bound("clew/personal/v1", string(p.Case), p.Field, key)
}

func sealed(aead cipher.AEAD, random io.Reader, text, place []byte) ([]byte, error) {
	out := make([]byte, 1+nonceSize, 1+nonceSize+len(text)+aead.Overhead())
	out[0] = layout
	if _, err := io.ReadFull(random, out[1:]); err != nil {
		return nil, fmt.Errorf("vault: no randomness: %w", err)
	}
	return aead.Seal(out, out[1:1+nonceSize], text, place), nil
}

var errSealed = errors.New("what was sealed does not open: it was changed, or stands in another place than it was sealed for")

func opened(aead cipher.AEAD, text, place []byte) ([]byte, error) {
	if len(text) < 1+nonceSize+aead.Overhead() || text[0] != layout {
		return nil, errSealed
	}
	clear, err := aead.Open(nil, text[1:1+nonceSize], text[1+nonceSize:], place)
	if err != nil {
		return nil, errSealed
	}
	return clear, nil
}

// ready is a key unwrapped: one cipher for texts, and what the file's own key
// is derived from.
type ready struct {
	secret []byte
	texts  cipher.AEAD
}

// use gives a key ready for use; it is unwrapped once.
func (v *Vault) use(key string) (*entry, error) {
	e := v.keys[key]
	if e == nil {
		if err := v.refresh(); err != nil {
			return nil, err
		}
		e = v.keys[key]
	}
	switch {
	case e == nil:
		return nil, &UnknownKey{key, v.path}
	case e.gone != nil:
		return nil, &Destroyed{key, *e.gone}
	case e.ready != nil:
		return e, nil
	}
	secret, err := opened(v.master.wraps, e.wrapped, keyPlace(e.id, e.subject))
	if err != nil {
		return nil, damaged(v.path, "the key "+key+" does not open")
	}
	texts, err := subkey(secret, "text")
	if err != nil {
		return nil, err
	}
	e.ready = &ready{secret, texts}
	return e, nil
}

// subkey keeps apart what one key seals texts and a file with.
func subkey(secret []byte, purpose string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "clew "+purpose+" v1", keySize)
	if err != nil {
		return nil, err
	}
	return gcm(key)
}

// Seal encrypts a text under a key, for one place.
func (v *Vault) Seal(key string, place Place, text string) (domain.Personal, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	e, err := v.use(key)
	if err != nil {
		return domain.Personal{}, err
	}
	bytes, err := sealed(e.ready.texts, v.random, []byte(text), place.bytes(key))
	return domain.Personal{Sealed: bytes, Key: key}, err
}

// Open gives a text back: *UnknownKey and *Destroyed say why it cannot.
func (v *Vault) Open(place Place, p domain.Personal) (string, error) {
	if p.Key == "" {
		return p.Clear, nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	e, err := v.use(p.Key)
	if err != nil {
		return "", err
	}
	text, err := opened(e.ready.texts, p.Sealed, place.bytes(p.Key))
	return string(text), err
}

// Mark is a keyed hash of a text for one purpose: it tells whether two texts
// are the same to whoever has the vault, and nothing to anybody else.
func (v *Vault) Mark(purpose string, texts ...string) (string, error) {
	if v.absent != nil {
		return "", v.absent
	}
	key, err := v.master.derive(purpose)
	if err != nil {
		return "", err
	}
	h := hmac.New(sha256.New, key)
	h.Write(bound("clew/mark/v1", texts...))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16]), nil
}

// OfName is the sort of what is joined by a person's name.
const OfName = "name"

// Join remembers the keyed hash of a name, or of another thing of a sort that
// a person is met by, with the key of the text that it stands in, so that the
// same in another case is found. It goes when the key goes. Of a name the
// spelling does not matter; of anything else plain is what is compared.
func (v *Vault) Join(sort, plain string, text domain.Personal) error {
	mark, err := v.markOf(sort, plain)
	if err != nil {
		return err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	e, err := v.use(text.Key)
	if err != nil {
		return err
	}
	word := mark + "." + textMark(text.Sealed)
	if names := e.namesOfAnyText(); sort == OfName && (len(names) == 0 || len(names) == 1 && names[0] == mark) {
		word = mark // the only name that there is: it need not be told apart
	}
	if slices.Contains(e.joins, word) {
		return nil
	}
	return v.change(func() (string, error) { return "join " + text.Key + " " + word + "\n", nil })
}

// namesOfAnyText are the keyed hashes of names that are tied to no text.
func (e *entry) namesOfAnyText() (marks []string) {
	for _, word := range e.joins {
		if !strings.Contains(word, ".") {
			marks = append(marks, word)
		}
	}
	return marks
}

// markOf is the keyed hash by which two are found to be the same.
func (v *Vault) markOf(sort, plain string) (string, error) {
	if sort == OfName {
		return v.Mark("joins", plainName(plain))
	}
	return v.Mark("joins", sort, plain)
}

// textMark tells which sealed text a keyed hash was made for: the same text
// sealed again is another.
func textMark(sealed []byte) string {
	sum := sha256.Sum256(sealed)
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// Joins are the keyed hashes that a sealed text is joined by: none where its
// key was destroyed.
func (v *Vault) Joins(sort string, text domain.Personal) (marks []string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.refresh(); err != nil {
		return nil, err
	}
	e := v.keys[text.Key]
	if e == nil || e.gone != nil {
		return nil, nil
	}
	for _, word := range e.joins {
		if mark, of, tied := strings.Cut(word, "."); tied && of == textMark(text.Sealed) {
			marks = append(marks, mark)
		}
	}
	if len(marks) == 0 && sort == OfName {
		return e.namesOfAnyText(), nil
	}
	return marks, nil
}

// Named lists the subjects that bear a name, in every case.
func (v *Vault) Named(name string) ([]string, error) {
	mark, err := v.markOf(OfName, name)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.refresh(); err != nil {
		return nil, err
	}
	var subjects []string
	for _, id := range v.names[mark] {
		if e := v.keys[id]; e != nil && e.gone == nil && !slices.Contains(subjects, e.subject) {
			subjects = append(subjects, e.subject)
		}
	}
	return subjects, nil
}

// plainName leaves out what two spellings of one name differ in most often:
// case, blanks and full stops.
func plainName(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '.' || r == ',' || r == '\t' }), " ")
}
