// Package vault keeps the keys under which personal text and evidence files
// are encrypted before they are recorded: one key for each person, each file
// and each free text. Destroying a key erases all that was sealed under it, in
// the log, in the read models and in every backup of them, and no hash of the
// log changes by it.
//
// The keys lie in a file of their own, apart from the log (keys.go has its
// lines). Each is wrapped by the vault's master key, and that by a passphrase,
// by a key file, or by nothing (master.go). All of it is AES-256-GCM, HKDF,
// HMAC and PBKDF2 of the standard library.
//
// It refuses: a keys file of another log or of a newer clew, a wrong
// passphrase, a text that was moved to another place than it was sealed for.
//
//	v, _ := vault.Create("clew.db.keys", vault.Options{Log: store.Identity()})
//	key, _ := v.Key("person/C1/V1")
//	place := vault.Place{Case: "C1", Field: "victim.registered.v1 name"}
//	sealed, _ := v.Seal(key, place, "A. Example") // the name is not in it
//	text, _ := v.Open(place, sealed)              // text == "A. Example"
//	v.Destroy(vault.Gone{Basis: "LED art. 16(2)"}, key)
package vault

import (
	"bufio"
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"clew/domain"
)

// Options are what a vault is made or opened with.
type Options struct {
	Log        string           // the identity of the log whose keys these are
	Protection Protection       // what the master key is wrapped by
	Random     io.Reader        // nil: the system's
	Now        func() time.Time // nil: the system's
}

// Vault is the open keys file of one log. It may be used by several
// goroutines, and by several processes at once.
type Vault struct {
	path   string
	absent error // why there are no keys here; then nothing is sealed or opened
	log    string
	now    func() time.Time
	master master

	mu     sync.Mutex
	random io.Reader
	seen   fs.FileInfo // the file as it was read last
	whole  int64       // its length up to the last whole line
	keys   map[string]*entry
	whose  map[string]string // subject → its newest key
	names  map[string][]string
}

// entry is one key with what the file says about it.
type entry struct {
	id      string
	subject string
	made    time.Time
	wrapped []byte
	stored  string // of a file: the SHA-256 under which its ciphertext is kept
	joins   []string
	gone    *Gone
	ready   *ready // once it was used
}

// Gone says when a key was destroyed, and on what basis.
type Gone struct {
	At    time.Time
	Basis string
}

// UnknownKey says that a text was sealed under a key that is not in the file.
type UnknownKey struct{ Key, Path string }

func (e *UnknownKey) Error() string {
	return fmt.Sprintf("the key %s is not in %s: bring back the keys file that belongs to this log, or a backup of it", e.Key, e.Path)
}

// Destroyed says that a text was sealed under a key that was destroyed.
type Destroyed struct {
	Key string
	Gone
}

func (e *Destroyed) Error() string {
	return fmt.Sprintf("erased on %s, basis: %s", e.At.UTC().Format(time.DateOnly), e.Basis)
}

// Create makes the keys file of a log. It never writes over one.
func Create(path string, o Options) (*Vault, error) {
	v := newVault(path, o)
	secret := make([]byte, keySize)
	if _, err := io.ReadFull(v.random, secret); err != nil {
		return nil, fmt.Errorf("vault: no randomness: %w", err)
	}
	line, err := o.Protection.wrap(secret, v.random)
	if err != nil {
		return nil, err
	}
	unlock, err := lock(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	defer unlock()
	if _, err := os.Stat(path); err == nil {
		return nil, domain.Conflict("the keys file %s is there already: it is never written over, for what is sealed under its keys could not be read any more", path)
	}
	if err := replace(path, header(o.Log)+line); err != nil {
		return nil, fileError(path, err)
	}
	return v, v.load(o.Protection)
}

// Open reads the keys file of a log.
func Open(path string, o Options) (*Vault, error) {
	v := newVault(path, o)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, &domain.Error{Class: domain.ClassNotFound, Cause: fs.ErrNotExist,
			Text: fmt.Sprintf("there is no keys file %s: name it with --vault or CLEW_VAULT, or bring it back from where its copy is kept", path)}
	}
	return v, v.load(o.Protection)
}

func newVault(path string, o Options) *Vault {
	v := &Vault{path: path, log: o.Log, now: o.Now, random: o.Random}
	if v.now == nil {
		v.now = time.Now
	}
	if v.random == nil {
		v.random = bufio.NewReaderSize(rand.Reader, 4096) // one question to the system for 340 nonces
	}
	return v
}

// Absent stands for a vault whose keys are not here, and why: what is sealed
// stays sealed, and nothing can be recorded that would have to be sealed.
func Absent(path string, why error) *Vault {
	v := newVault(path, Options{})
	v.absent, v.keys, v.whose, v.names = why, map[string]*entry{}, map[string]string{}, map[string][]string{}
	return v
}

// Absence is why the keys are not here; nil where they are.
func (v *Vault) Absence() error { return v.absent }

// Path is where the keys are.
func (v *Vault) Path() string { return v.path }

// Key is the key of a subject, made and synced to disk where it has none yet.
// A subject whose key was destroyed gets a new one: what is recorded of it
// from then on is not what was erased.
func (v *Vault) Key(subject string) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	err := v.refresh()
	if e := v.keys[v.whose[subject]]; e != nil && e.gone == nil || err != nil {
		return v.whose[subject], err
	}
	made := ""
	err = v.change(func() (string, error) {
		if e := v.keys[v.whose[subject]]; e != nil && e.gone == nil { // another process was faster
			made = e.id
			return "", nil
		}
		line, id, err := v.newKey(subject)
		made = id
		return line, err
	})
	return made, err
}

// FreeText is a key for one text that belongs to nobody in particular: a
// note, a reason. It can be erased alone.
func (v *Vault) FreeText(owner string) (string, error) {
	v.mu.Lock()
	name, err := v.draw(nameSize)
	v.mu.Unlock()
	if err != nil {
		return "", err
	}
	return v.Key("text/" + owner + "/" + name)
}

// Has is the subject's key as it stands; "" where there is none.
func (v *Vault) Has(subject string) string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if e := v.keys[v.whose[subject]]; e != nil && e.gone == nil {
		return e.id
	}
	return ""
}

// All are the keys of a subject that are there: one, or more where an old copy
// of the file brought one back.
func (v *Vault) All(subject string) (keys []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for id, e := range v.keys {
		if e.subject == subject && e.gone == nil {
			keys = append(keys, id)
		}
	}
	return keys
}

// Standing says of a key whose it is and whether it is there, gone or
// unknown.
func (v *Vault) Standing(key string) (subject string, gone *Gone, known bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	e := v.keys[key]
	if e == nil {
		return "", nil, false
	}
	return e.subject, e.gone, true
}

// Count is how many keys of one sort there are, and how many are destroyed.
type Count struct {
	Sort      string `json:"sort"` // person, account, file, text
	Keys      int    `json:"keys"`
	Destroyed int    `json:"destroyed"`
}

// Status is what `clew vault status` says.
type Status struct {
	Path       string  `json:"path"`
	Protection string  `json:"protection"` // none, passphrase, key file
	Counts     []Count `json:"counts"`
}

// Status counts the keys by sort.
func (v *Vault) Status() (Status, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.refresh(); err != nil {
		return Status{}, err
	}
	sorts := map[string]*Count{}
	for _, e := range v.keys {
		sort, _, _ := strings.Cut(e.subject, "/")
		if sorts[sort] == nil {
			sorts[sort] = &Count{Sort: sort}
		}
		if sorts[sort].Keys++; e.gone != nil {
			sorts[sort].Keys--
			sorts[sort].Destroyed++
		}
	}
	s := Status{Path: v.path, Protection: v.master.by, Counts: []Count{}}
	for _, c := range sorts {
		s.Counts = append(s.Counts, *c)
	}
	slices.SortFunc(s.Counts, func(a, b Count) int { return cmp.Compare(a.Sort, b.Sort) })
	return s, nil
}

// Destroy takes keys out of the file for ever: the file is written anew
// without them, and the old one is written over before it goes. What is known
// to be destroyed stays so; the reason stays with it.
func (v *Vault) Destroy(why Gone, keys ...string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if why.At.IsZero() {
		why.At = v.now()
	}
	return v.rewrite(func() (changed bool) {
		for _, id := range keys {
			e := v.keys[id]
			if e == nil {
				e = &entry{id: id, subject: "unknown/" + id, made: why.At}
				v.keys[id] = e
			}
			if e.gone == nil {
				e.gone, e.wrapped, e.ready, e.joins, e.stored = &why, nil, nil, nil, ""
				changed = true
			}
		}
		return changed
	})
}
