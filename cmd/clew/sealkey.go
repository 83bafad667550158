package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/eventstore/seal"
)

// sealKeyPath is where the key lies by which checkpoints are signed.
func (p *program) sealKeyPath() (string, error) {
	if p.sealKeyFile != "" {
		return p.sealKeyFile, nil
	}
	store, err := storePath(p.store)
	return store + ".seal-key", err
}

// sealKey reads the key file; nil where there is none.
func (p *program) sealKey() (*seal.Key, error) {
	path, err := p.sealKeyPath()
	if err != nil {
		return nil, err
	}
	key, err := readKey(path)
	if errors.Is(err, fs.ErrNotExist) && p.sealKeyFile == "" {
		return nil, nil
	}
	return key, err
}

// neededKey is sealKey for those who cannot do without.
func (p *program) neededKey() (*seal.Key, error) {
	key, err := p.sealKey()
	if err == nil && key == nil {
		path, _ := p.sealKeyPath()
		err = domain.NotFound("there is no key %s: 'clew key create' makes it, or name the right one with --seal-key or CLEW_SEAL_KEY", path)
	}
	return key, err
}

// readKey refuses a key that others may read: it may have been read.
func readKey(path string) (*seal.Key, error) {
	found, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if found.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		return nil, &domain.Error{Class: domain.ClassDenied, Text: fmt.Sprintf("others than its owner may read the key %s: if nobody can have done so, chmod 600 it, else replace it with 'clew key rotate'", path)}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := seal.ParseKey(strings.TrimSuffix(string(text), "\n"))
	if err != nil {
		return nil, domain.Usage("the file %s holds no key: %v", path, err)
	}
	return &key, nil
}

// writeNew writes a file that must not be there yet, synced, for its owner's
// eyes only.
func writeNew(path string, text string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return &domain.Error{Class: domain.ClassConflict, Text: path + " is there already, and a key is never written over: give another name, or move it away"}
	}
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	return errors.Join(err, file.Sync(), file.Close(), syncFolder(filepath.Dir(path)))
}

// publicKeys reads keys that were told outside: as text, or as files that
// hold one in each line.
func publicKeys(flag string, texts []string) ([]seal.PublicKey, error) {
	var keys []seal.PublicKey
	for _, text := range texts {
		content := text
		if file, err := os.ReadFile(text); err == nil {
			content = string(file)
		}
		for _, line := range strings.Fields(content) {
			key, err := seal.ParsePublicKey(line)
			if err != nil {
				return nil, flagError(flag, fmt.Errorf("%.80q: %w", text, err))
			}
			keys = append(keys, key)
		}
	}
	return keys, nil
}

func (p *program) keyCommands() *cobra.Command {
	return p.branch("key", "Make, replace and show the keys by which checkpoints are signed", p.keyCreate(), p.keyRotate(), p.keyShow(), p.keyExport())
}

func (p *program) keyCreate() *cobra.Command {
	witness := ""
	cmd := &cobra.Command{
		Use: "create", Short: "Make the key of this log, or a witness's",
		Long: `Make the key by which this log signs its checkpoints, and record that it does. The key lies in a file of its own
that only you may read: STORE.seal-key, or where --seal-key says. Keep a copy apart from the log and its backups,
and give the public key to whoever will check: docs/trust/keys.md has the ceremony. With --witness it is the key of
a person or office of that name, who watches logs of others; no store is needed.`,
		Example: "  clew key create --seal-key /media/key/C1.seal-key\n  clew key create --witness court.example/desk-4 --seal-key witness.key", Args: p.takes(),
	}
	cmd.Flags().StringVar(&witness, "witness", "", "make a witness's key of this name instead")
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		if witness != "" {
			return p.createWitness(witness)
		}
		return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
			key, err := seal.NewKey(seal.Log, seal.Origin(o.store.Identity()), rand.Reader)
			if err != nil {
				return act{}, err
			}
			return p.adopt(ctx, o, by, casework.Adoption{Key: key})
		})
	})
	return cmd
}

func (p *program) createWitness(name string) error {
	key, err := seal.NewKey(seal.Witness, name, rand.Reader)
	if err != nil {
		return flagError("--witness", err)
	}
	if p.sealKeyFile == "" {
		return domain.Usage("say with --seal-key where the witness's key shall lie")
	}
	if err := writeNew(p.sealKeyFile, key.Secret()+"\n"); err != nil {
		return err
	}
	return p.sayKey(key.Public(), "the witness's public key, to be given to those who will believe him")
}

// keyShape is a public key in JSON.
type keyShape struct {
	Key    string `json:"key"`
	Print  string `json:"print"` // what two people read to each other
	Signs  string `json:"signs"` // log or witness
	From   uint64 `json:"from"`  // the log's size when it was adopted
	Reason string `json:"reason,omitempty"`
}

func shapeOfKey(key seal.PublicKey) keyShape {
	signs := "log"
	if key.Role() == seal.Witness {
		signs = "witness"
	}
	return keyShape{Key: key.String(), Print: key.Print(), Signs: signs}
}

func (p *program) sayKey(key seal.PublicKey, what string) error {
	shape := shapeOfKey(key)
	return p.say(reply{object: shape, table: keysTable([]keyShape{shape}), text: func(w *page) {
		w.line("%s", shape.Key)
		p.tell("%s; its print is %s", what, shape.Print)
	}})
}

func keysTable(keys []keyShape) *table {
	t := newTable("key", "print", "signs", "from>", "reason")
	for _, k := range keys {
		t.add(k.Key, k.Print, k.Signs, number(k.From), k.Reason)
	}
	return t
}

// adopt writes the key down before the log says that it signs with it: a key
// that is recorded and lost could sign nothing.
func (p *program) adopt(ctx context.Context, o *office, by casework.By, a casework.Adoption) (act, error) {
	path, err := p.sealKeyPath()
	if err != nil {
		return act{}, err
	}
	draft := path
	if a.Before != nil {
		draft = path + ".next"
	}
	if err := writeNew(draft, a.Key.Secret()+"\n"); err != nil {
		return act{}, err
	}
	outcome, err := o.desk.AdoptKey(ctx, by, a)
	if err != nil {
		return act{}, errors.Join(err, os.Remove(draft))
	}
	if a.Before != nil {
		if err := replaceKey(path, draft, a.Before.Public()); err != nil {
			return act{}, err
		}
	}
	p.sealNow = true
	public := a.Key.Public()
	return act{fmt.Sprintf("the log signs with the key %s, whose print is %s", public, public.Print()),
		map[string]any{"key": public.String(), "print": public.Print(), "file": path},
		"keep a copy of " + path + " apart from the log, and give the public key to whoever will check: docs/trust/keys.md", outcome}, nil
}

// replaceKey puts the next key in the place of the one before, which stays
// beside it under its hash.
func replaceKey(path, next string, before seal.PublicKey) error {
	old := fmt.Sprintf("%s.%08x", path, before.KeyHash())
	err := os.Rename(path, old)
	if err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		return fmt.Errorf("the log has adopted the key that lies in %s, but that could not be moved to %s: move it by hand: %w", next, path, err)
	}
	return syncFolder(filepath.Dir(path))
}

func (p *program) keyRotate() *cobra.Command {
	reason := ""
	cmd := &cobra.Command{
		Use: "rotate", Short: "Replace the log's key by a new one, which the old one signs for",
		Long: `Make a new key and record that the log signs with it from here on; the old key signs that word, so that whoever
trusts the old one can follow. What the old one signed stays good; a checkpoint of more records than there are now,
signed with the old key, does not count. The old key stays beside the new one under its hash: destroy it.`,
		Example: `  clew key rotate --reason "the yearly change"`, Args: p.takes(),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why (needed)")
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		if strings.TrimSpace(reason) == "" {
			return domain.Usage("say with --reason why the key is replaced: it is kept with the new one")
		}
		before, err := p.neededKey()
		if err != nil {
			return err
		}
		return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
			key, err := seal.NewKey(seal.Log, seal.Origin(o.store.Identity()), rand.Reader)
			if err != nil {
				return act{}, err
			}
			return p.adopt(ctx, o, by, casework.Adoption{Key: key, Before: before, Reason: reason})
		})
	})
	return cmd
}

func (p *program) keyShow() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show", Short: "Show the public keys of this log, oldest first",
		Long: `Show the public keys by which this log has signed, with the size of the log from which each was in force, and the
print that two people read to each other to be sure that they mean the same key.`,
		Example: "  clew key show\n  clew key show --json", Args: p.takes(),
	}
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			adopted, err := o.desk.Keys(ctx)
			if err != nil {
				return err
			}
			list := []keyShape{}
			for _, a := range adopted {
				shape := shapeOfKey(a.Key)
				shape.From, shape.Reason = a.From, a.Reason
				list = append(list, shape)
			}
			return p.say(reply{object: list, table: keysTable(list), text: func(w *page) { keysText(w, list) }})
		})
	})
	return cmd
}

func keysText(w *page, list []keyShape) {
	if len(list) == 0 {
		w.line("The log has no key yet, so nothing of it is signed: 'clew key create' makes one.")
	}
	for _, k := range list {
		w.line("%s", k.Key)
		w.line("  print %s, in force from position %d on%s", k.Print, k.From+1, told(" (%s)", k.Reason))
	}
}

func (p *program) keyExport() *cobra.Command {
	cmd := &cobra.Command{
		Use: "export", Short: "Write out how the log came to its keys, for those who check",
		Long: `Write out the signed words by which this log adopted each of its keys, oldest first. Whoever trusts one of them
follows the others from there: the file belongs beside what 'clew checkpoint --export' and 'clew bundle' write.`,
		Example: "  clew key export > keys.txt", Args: p.takes(),
	}
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			adopted, err := o.desk.Keys(ctx)
			if err != nil {
				return err
			}
			var notes []string
			for _, a := range adopted {
				notes = append(notes, string(a.Note))
			}
			return p.say(reply{object: listed(notes), text: func(w *page) { w.raw(strings.Join(notes, "\n")) }})
		})
	})
	return cmd
}

// How long what was recorded may stay unsigned: so many records, or so many
// seconds. A freeze, a paper and a key are signed at once.
const (
	unsignedRecords = 1000
	unsignedSeconds = 60
)

// sealing does a piece of work and, where it recorded something and a key is
// at hand, signs it on the way out.
func (p *program) sealing(ctx context.Context, o *office, do func(*office) error) error {
	before, err := o.store.Head(ctx)
	if err != nil {
		return err
	}
	done := do(o)
	after, err := o.store.Head(ctx)
	if err != nil || after == before && !p.sealNow || o.store.ReadOnly() {
		return cmp.Or(done, err)
	}
	return errors.Join(done, p.signIfDue(ctx, o, after))
}

// signIfDue makes a checkpoint where the last one is long ago. That there is
// no key, or a wrong one, is no failure of what was recorded.
func (p *program) signIfDue(ctx context.Context, o *office, head uint64) error {
	key, err := p.sealKey()
	if err != nil {
		p.tell("warning: what was recorded is not signed: %v", err)
		return nil
	}
	last, err := o.store.LastCheckpoint(ctx)
	if key == nil || err != nil {
		return err
	}
	due := p.sealNow || head-last.Size >= unsignedRecords || p.now().Sub(last.RecordedAt).Seconds() >= unsignedSeconds
	if !due || head <= last.Size {
		return nil
	}
	_, _, err = o.desk.SignHead(ctx, *key)
	if err != nil && !damaged(err) {
		p.tell("warning: what was recorded is not signed: %v", err)
		return nil
	}
	return err
}
