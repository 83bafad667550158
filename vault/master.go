package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"strconv"
	"strings"

	"clew/domain"
)

// Protection is what the master key is wrapped by. At most one is set. Without
// one the master key stands in the keys file as it is: whoever reads that file
// can read all that is sealed.
type Protection struct {
	Passphrase string
	KeyFile    []byte // the bytes of a file that is kept elsewhere
}

// The ways in which a master key is protected, as status names them.
const (
	byNothing    = "none"
	byPassphrase = "passphrase"
	byFile       = "file"
)

const (
	// rounds of PBKDF2 with SHA-256: what OWASP asks for in 2023. It costs
	// 0.15 s at each start, and an attacker as much for each guess.
	rounds = 600_000
	// maxRounds bounds what a damaged file can ask for.
	maxRounds = 50_000_000
	saltSize  = 16
)

// master is the master key, ready for use.
type master struct {
	by     string
	line   string // as it stands in the file
	secret []byte
	wraps  cipher.AEAD // of data keys
}

var masterPlace = bound("clew/master/v1")

// wrap gives the line of the file that holds a master key.
func (p Protection) wrap(secret []byte, random io.Reader) (string, error) {
	encode := base64.RawURLEncoding.EncodeToString
	switch {
	case p.Passphrase != "":
		salt := make([]byte, saltSize)
		if _, err := io.ReadFull(random, salt); err != nil {
			return "", err
		}
		key, err := stretched(p.Passphrase, salt, rounds)
		if err != nil {
			return "", err
		}
		wrapped, err := sealWith(key, random, secret, masterPlace)
		return fmt.Sprintf("master %s %d %s %s\n", byPassphrase, rounds, encode(salt), encode(wrapped)), err
	case len(p.KeyFile) > 0:
		key, err := p.fileKey()
		if err != nil {
			return "", err
		}
		wrapped, err := sealWith(key, random, secret, masterPlace)
		return fmt.Sprintf("master %s %s\n", byFile, encode(wrapped)), err
	}
	return fmt.Sprintf("master %s %s\n", byNothing, encode(secret)), nil
}

func stretched(passphrase string, salt []byte, rounds int) ([]byte, error) {
	return pbkdf2.Key(sha256.New, passphrase, salt, rounds, keySize)
}

// fileKey is the key that a key file stands for. It must hold as much chance
// as a key has.
func (p Protection) fileKey() ([]byte, error) {
	if len(p.KeyFile) < keySize {
		return nil, domain.Usage("the key file has %d bytes, fewer than %d: make one with 'head -c 32 /dev/urandom'", len(p.KeyFile), keySize)
	}
	return hkdf.Key(sha256.New, p.KeyFile, nil, "clew vault key file v1", keySize)
}

// unwrap reads the line that wrap made.
func (p Protection) unwrap(line string) (master, error) {
	words := strings.Fields(line)
	secret, err := p.secret(words[1:])
	if err != nil {
		return master{}, err
	}
	m := master{by: words[1], line: line + "\n", secret: secret}
	key, err := m.derive("wrap")
	if err != nil {
		return master{}, err
	}
	m.wraps, err = gcm(key)
	return m, err
}

func (p Protection) secret(words []string) ([]byte, error) {
	wrapped, err := base64.RawURLEncoding.DecodeString(words[len(words)-1])
	switch {
	case err != nil:
		return nil, &domain.Error{Class: domain.ClassWorld, Text: "the master key in the keys file cannot be read: bring the file back from where its copy is kept", Cause: err}
	case len(words) == 2 && words[0] == byNothing && len(wrapped) == keySize:
		return wrapped, nil
	case len(words) == 4 && words[0] == byPassphrase:
		return p.byPassphrase(words, wrapped)
	case len(words) == 2 && words[0] == byFile:
		return p.byFile(wrapped)
	}
	return nil, &domain.Error{Class: domain.ClassWorld, Text: "the master key in the keys file is protected in a way that this clew does not know: update clew, or bring the file back from where its copy is kept"}
}

func denied(format string, args ...any) error {
	return &domain.Error{Class: domain.ClassDenied, Text: fmt.Sprintf(format, args...)}
}

func (p Protection) byPassphrase(words []string, wrapped []byte) ([]byte, error) {
	if p.Passphrase == "" {
		return nil, denied("the keys are protected by a passphrase: put it into a file and name that with --vault-passphrase-file or CLEW_VAULT_PASSPHRASE_FILE")
	}
	n, err := strconv.Atoi(words[1])
	salt, wrong := base64.RawURLEncoding.DecodeString(words[2])
	if err != nil || wrong != nil || n < 1 || n > maxRounds {
		return nil, denied("the passphrase's parameters in the keys file cannot be read: bring the file back from where its copy is kept")
	}
	key, err := stretched(p.Passphrase, salt, n)
	if err != nil {
		return nil, err
	}
	secret, err := openWith(key, wrapped, masterPlace)
	if err != nil {
		return nil, denied("the passphrase is not the one that the keys are protected by")
	}
	return secret, nil
}

func (p Protection) byFile(wrapped []byte) ([]byte, error) {
	if len(p.KeyFile) == 0 {
		return nil, denied("the keys are protected by a key file: name it with --vault-key-file or CLEW_VAULT_KEY_FILE")
	}
	key, err := p.fileKey()
	if err != nil {
		return nil, err
	}
	secret, err := openWith(key, wrapped, masterPlace)
	if err != nil {
		return nil, denied("the key file is not the one that the keys are protected by")
	}
	return secret, nil
}

// Protect changes what the master key is wrapped by. The keys stay the same.
func (v *Vault) Protect(by Protection) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	line, err := by.wrap(v.master.secret, v.random)
	if err != nil {
		return err
	}
	m, err := by.unwrap(strings.TrimSuffix(line, "\n"))
	if err != nil {
		return err
	}
	return v.rewrite(func() bool { v.master = m; return true })
}

// derive gives a key for one purpose.
func (m master) derive(purpose string) ([]byte, error) {
	return hkdf.Key(sha256.New, m.secret, nil, "clew vault "+purpose+" v1", keySize)
}

func (m master) wrap(random io.Reader, secret, place []byte) ([]byte, error) {
	return sealed(m.wraps, random, secret, place)
}

// gcm makes the cipher of a key.
func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func sealWith(key []byte, random io.Reader, secret, place []byte) ([]byte, error) {
	aead, err := gcm(key)
	if err != nil {
		return nil, err
	}
	return sealed(aead, random, secret, place)
}

func openWith(key, text, place []byte) ([]byte, error) {
	aead, err := gcm(key)
	if err != nil {
		return nil, err
	}
	return opened(aead, text, place)
}
