package vault

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"clew/domain"
)

// The keys file is text, one line each, of words with a blank between them.
// Lines are added at the end and synced before what they stand for is
// recorded; only destroying a key and changing the protection write the file
// anew. What follows the last line end was not finished, and stands for
// nothing. A line that begins with another word was written by a newer clew.
//
//	clew keys 1 LOG                       the first line: whose keys these are
//	master none|passphrase|file …         the master key (master.go)
//	key ID SUBJECT MADE WRAPPED           a key; SUBJECT is percent-encoded
//	file ID STORED                        the file under that key is kept as STORED
//	join ID HMAC.TEXT                     the keyed hash of a name, and of which sealed text; alone: of every name that has none
//	gone ID SUBJECT MADE AT BASIS         a key that was destroyed
const firstWords = "clew keys 1 "

const (
	keySize  = 32 // AES-256
	nameSize = 10 // of a key's name: 80 bits never meet twice by chance
)

func header(log string) string { return firstWords + url.QueryEscape(log) + "\n" }

// fileError says what is wrong with the keys file and that nothing went on.
func fileError(path string, err error) error {
	return &domain.Error{Class: domain.ClassWorld, Text: "the keys file " + path + " cannot be used, and nothing was recorded", Cause: err}
}

func damaged(path, why string) error {
	return &domain.Error{Class: domain.ClassWorld, Text: fmt.Sprintf("the keys file %s is damaged (%s): bring it back from where its copy is kept", path, why)}
}

// load reads the whole file, the master key with it.
func (v *Vault) load(by Protection) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	lines, err := v.read()
	if err != nil {
		return err
	}
	if len(lines) < 2 || !strings.HasPrefix(lines[1], "master ") {
		return damaged(v.path, "it has no master key")
	}
	if v.master, err = by.unwrap(lines[1]); err != nil {
		return err
	}
	return v.take(lines)
}

// refresh reads the file again if another process has changed it.
func (v *Vault) refresh() error {
	if v.absent != nil {
		return nil
	}
	now, err := os.Stat(v.path)
	if err != nil {
		return fileError(v.path, err)
	}
	if os.SameFile(now, v.seen) && now.Size() == v.seen.Size() {
		return nil
	}
	lines, err := v.read()
	if err != nil {
		return err
	}
	return v.take(lines)
}

// read gives the file's whole lines, after a look at the first.
func (v *Vault) read() ([]string, error) {
	file, err := os.Open(v.path)
	if err != nil {
		return nil, fileError(v.path, err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, fileError(v.path, err)
	}
	text, err := io.ReadAll(file)
	if err != nil {
		return nil, fileError(v.path, err)
	}
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	lines := strings.Split(strings.TrimSuffix(string(whole), "\n"), "\n")
	switch {
	case !strings.HasPrefix(lines[0], "clew keys "):
		return nil, damaged(v.path, "it does not begin with \"clew keys\"")
	case !strings.HasPrefix(lines[0], firstWords):
		return nil, &domain.Error{Class: domain.ClassWorld, Text: "the keys file " + v.path + " was written by a newer clew: update clew; nothing was changed"}
	case lines[0]+"\n" != header(v.log):
		return nil, domain.Conflict("the keys file %s belongs to another log: name the right one with --vault or CLEW_VAULT", v.path)
	}
	v.seen, v.whole = info, int64(len(whole))
	return lines, nil
}

// take builds the tables anew. Keys that were in use stay ready.
func (v *Vault) take(lines []string) error {
	before := v.keys
	v.keys, v.whose, v.names = map[string]*entry{}, map[string]string{}, map[string][]string{}
	for i, line := range lines[2:] {
		if err := v.line(strings.Split(line, " ")); err != nil {
			return damaged(v.path, fmt.Sprintf("line %d: %v", i+3, err))
		}
	}
	for id, e := range v.keys {
		if known := before[id]; known != nil && e.gone == nil {
			e.ready = known.ready
		}
	}
	return nil
}

var errLine = errors.New("it has not the words that it should have")

// line takes in one line.
func (v *Vault) line(words []string) error {
	switch {
	case words[0] == "key" && len(words) == 5:
		return v.lineOfKey(words[1:])
	case words[0] == "gone" && len(words) == 6:
		return v.lineOfGone(words[1:])
	case len(words) != 3 || v.keys[words[1]] == nil:
		return errLine
	case words[0] == "file":
		v.keys[words[1]].stored = words[2]
	case words[0] == "join":
		v.join(v.keys[words[1]], words[2])
	default:
		return fmt.Errorf("%q is a word of a newer clew", words[0])
	}
	return nil
}

func (v *Vault) join(e *entry, word string) {
	e.joins = append(e.joins, word)
	mac, _, _ := strings.Cut(word, ".")
	v.names[mac] = append(v.names[mac], e.id)
}

func (v *Vault) lineOfKey(words []string) error {
	subject, err := url.QueryUnescape(words[1])
	if err != nil {
		return err
	}
	made, err := time.Parse(time.RFC3339, words[2])
	if err != nil {
		return err
	}
	wrapped, err := base64.RawURLEncoding.DecodeString(words[3])
	if err != nil {
		return err
	}
	v.keys[words[0]] = &entry{id: words[0], subject: subject, made: made, wrapped: wrapped}
	v.whose[subject] = words[0]
	return nil
}

func (v *Vault) lineOfGone(words []string) error {
	subject, err := url.QueryUnescape(words[1])
	if err != nil {
		return err
	}
	basis, err := url.QueryUnescape(words[4])
	if err != nil {
		return err
	}
	made, wrong := time.Parse(time.RFC3339, words[2])
	at, err := time.Parse(time.RFC3339, words[3])
	v.keys[words[0]] = &entry{id: words[0], subject: subject, made: made, gone: &Gone{at, basis}}
	if v.whose[subject] == "" {
		v.whose[subject] = words[0]
	}
	return errors.Join(wrong, err)
}

// lines writes an entry as it stands in the file.
func (e *entry) lines() string {
	name, made := url.QueryEscape(e.subject), e.made.UTC().Format(time.RFC3339)
	if e.gone != nil {
		return fmt.Sprintf("gone %s %s %s %s %s\n", e.id, name, made, e.gone.At.UTC().Format(time.RFC3339), url.QueryEscape(e.gone.Basis))
	}
	text := fmt.Sprintf("key %s %s %s %s\n", e.id, name, made, base64.RawURLEncoding.EncodeToString(e.wrapped))
	if e.stored != "" {
		text += "file " + e.id + " " + e.stored + "\n"
	}
	for _, mac := range e.joins {
		text += "join " + e.id + " " + mac + "\n"
	}
	return text
}

// newKey draws a key and gives its line.
func (v *Vault) newKey(subject string) (line, id string, err error) {
	secret := make([]byte, keySize)
	if _, err = io.ReadFull(v.random, secret); err != nil {
		return "", "", err
	}
	if id, err = v.draw(nameSize); err != nil {
		return "", "", err
	}
	wrapped, err := v.master.wrap(v.random, secret, keyPlace(id, subject))
	e := entry{id: id, subject: subject, made: v.now(), wrapped: wrapped}
	return e.lines(), id, err
}

// keyPlace binds a wrapped key to its name and its subject.
func keyPlace(id, subject string) []byte { return bound("clew/key/v1", id, subject) }

// draw makes a name by chance.
func (v *Vault) draw(size int) (string, error) {
	raw := make([]byte, size)
	_, err := io.ReadFull(v.random, raw)
	return hex.EncodeToString(raw), err
}

// change adds lines at the end of the file, synced, and takes them in. What a
// broken write left behind is cut off first. Nothing else is ever between two
// of them: the file is locked.
func (v *Vault) change(what func() (string, error)) error {
	if v.absent != nil {
		return v.absent
	}
	unlock, err := lock(v.path)
	if err != nil {
		return fileError(v.path, err)
	}
	defer unlock()
	if err := v.refresh(); err != nil {
		return err
	}
	text, err := what()
	if err != nil || text == "" {
		return err
	}
	if err := v.append(text); err != nil {
		return fileError(v.path, err)
	}
	for line := range strings.Lines(text) {
		if err := v.line(strings.Split(strings.TrimSuffix(line, "\n"), " ")); err != nil {
			return err
		}
	}
	return nil
}

func (v *Vault) append(text string) (err error) {
	file, err := os.OpenFile(v.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if err = file.Truncate(v.whole); err != nil {
		return err
	}
	if _, err = file.WriteAt([]byte(text), v.whole); err != nil {
		return errors.Join(err, file.Truncate(v.whole))
	}
	if err = file.Sync(); err != nil {
		return err
	}
	v.seen, err = file.Stat()
	v.whole += int64(len(text))
	return err
}

// rewrite writes the file anew after a change, and over the old one's bytes
// before they go. On disks that write elsewhere (SSD, copy on write) an old
// block may survive until it is used again: docs/trust/privacy.md.
func (v *Vault) rewrite(how func() (changed bool)) error {
	if v.absent != nil {
		return v.absent
	}
	unlock, err := lock(v.path)
	if err != nil {
		return fileError(v.path, err)
	}
	defer unlock()
	if err := v.refresh(); err != nil {
		return err
	}
	if !how() {
		return nil
	}
	if err := v.writeAnew(); err != nil {
		return fileError(v.path, err)
	}
	lines, err := v.read()
	if err != nil {
		return err
	}
	return v.take(lines)
}

func (v *Vault) writeAnew() error {
	var text strings.Builder
	text.WriteString(header(v.log) + v.master.line)
	for _, e := range slices.SortedFunc(values(v.keys), oldestFirst) {
		text.WriteString(e.lines())
	}
	old, err := os.OpenFile(v.path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	err = replace(v.path, text.String())
	if err == nil {
		err = blank(old)
	}
	return errors.Join(err, old.Close())
}

// blank writes zeros over a file that nobody can name any more.
func blank(old *os.File) error {
	info, err := old.Stat()
	if err != nil {
		return err
	}
	_, err = old.WriteAt(make([]byte, info.Size()), 0)
	return errors.Join(err, old.Sync())
}

// replace gives a file new content: whole or not at all.
func replace(path, text string) (err error) {
	draft, err := os.CreateTemp(filepath.Dir(path), ".clew-keys-*") // readable by its owner only
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	_, err = draft.WriteString(text)
	err = errors.Join(err, draft.Sync(), draft.Close())
	if err == nil {
		err = os.Rename(draft.Name(), path)
	}
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}
