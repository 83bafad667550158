package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/eventstore/sqlite"
	"clew/projections"
	"clew/vault"
)

// keysPath is where the keys of a log lie.
func (p *program) keysPath(path string) string {
	if p.keys != "" {
		return p.keys
	}
	return path + ".keys"
}

// protection is what the person gives to open the keys with.
func (p *program) protection() (by vault.Protection, err error) {
	if p.passphrase != "" {
		text, err := os.ReadFile(p.passphrase)
		if err != nil {
			return by, domain.Usage("--vault-passphrase-file: %v", err)
		}
		line, _, _ := strings.Cut(string(text), "\n")
		by.Passphrase = strings.TrimSuffix(line, "\r")
		if by.Passphrase == "" {
			return by, domain.Usage("--vault-passphrase-file %s: its first line is empty", p.passphrase)
		}
	}
	if p.keyFile != "" {
		if by.KeyFile, err = os.ReadFile(p.keyFile); err != nil {
			return by, domain.Usage("--vault-key-file: %v", err)
		}
	}
	if by.Passphrase != "" && len(by.KeyFile) > 0 {
		return by, domain.Usage("the keys are protected by a passphrase or by a key file, not by both")
	}
	return by, nil
}

// openVault opens the keys of a log. A log without any gets them at once, so
// that nothing is ever recorded unsealed by accident; one that was sealed and
// whose keys are not here can be read, but for what is sealed.
func (p *program) openVault(ctx context.Context, path string, store *sqlite.Store, views *projections.Views) (*vault.Vault, error) {
	by, err := p.protection()
	if err != nil {
		return nil, err
	}
	options := vault.Options{Log: store.Identity(), Protection: by, Now: p.now}
	keys, err := vault.Open(p.keysPath(path), options)
	switch {
	case err == nil:
		return keys, nil
	case !errors.Is(err, fs.ErrNotExist):
		p.tell("clew: names, notes and files stay sealed: %v", err)
		return vault.Absent(p.keysPath(path), err), nil
	}
	fresh, wrong := p.unsealed(ctx, store, views)
	if wrong != nil {
		return nil, wrong
	}
	if !fresh || store.ReadOnly() {
		if !fresh {
			p.tell("clew: names, notes and files stay sealed: %v", err)
		}
		return vault.Absent(p.keysPath(path), err), nil
	}
	keys, err = vault.Create(p.keysPath(path), options)
	if domain.ClassOf(err) == domain.ClassConflict { // another process was faster
		return vault.Open(p.keysPath(path), options)
	}
	if err == nil {
		p.tell("clew: the keys to names, notes and files are in %s: keep a copy of it apart from the log's copies ('clew vault')", keys.Path())
	}
	return keys, err
}

// unsealed says whether nothing in the log was ever sealed.
func (p *program) unsealed(ctx context.Context, store *sqlite.Store, views *projections.Views) (bool, error) {
	head, err := store.Head(ctx)
	if head == 0 || err != nil {
		return head == 0, err
	}
	if err := views.CatchUp(ctx); err != nil {
		return false, err
	}
	is, err := views.IsSealed(ctx)
	return !is, err
}

func (p *program) vaultCommands() *cobra.Command {
	return p.branch("vault", "The keys under which personal data and evidence files are sealed", p.vaultStatus(), p.vaultErase(), p.vaultProtect(), p.vaultExport(), p.vaultCreate())
}

func (p *program) vaultStatus() *cobra.Command {
	cmd := &cobra.Command{
		Use: "status", Short: "Say where the keys are, how they are protected, and how many there are",
		Long: `Say where the keys are, what protects them, and how many there are of each sort: persons, holders of accounts,
files, free texts. Keys that the log says are erased, and that an old copy of the keys file brought back, are
destroyed again.`,
		Example: "  clew vault status", Args: p.takes(),
	}
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			if err := errors.Join(o.catchUp(ctx), o.desk.Vault.Absence()); err != nil {
				return err
			}
			status, err := o.desk.Vault.Status()
			if err != nil {
				return err
			}
			t := newTable("sort", "keys>", "destroyed>")
			for _, c := range status.Counts {
				t.add(c.Sort, number(c.Keys), number(c.Destroyed))
			}
			return p.say(reply{object: status, table: t, text: func(w *page) {
				w.line("The keys are in %s; protected by: %s.", status.Path, status.Protection)
				if status.Protection == "none" {
					w.line("Whoever reads that file can read all that is sealed: 'clew vault protect' sets a passphrase.")
				}
				w.table(t)
			}})
		})
	})
	return cmd
}

func (p *program) vaultCreate() *cobra.Command {
	cmd := &cobra.Command{
		Use: "create", Short: "Make a new keys file for a log whose keys are lost",
		Long: `Make a new keys file for a log that has none. A new log gets its keys by itself; this is for one whose keys are
lost: what was sealed under them stays sealed for ever, and what is recorded from now on is sealed under new
ones. If any copy of the old keys file is left, bring that back instead.`,
		Example: "  clew vault create --vault /mnt/keys/clew.db.keys", Args: p.takes(),
	}
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			by, err := p.protection()
			if err != nil {
				return err
			}
			if o.desk.Vault.Absence() != nil {
				if _, err := vault.Create(o.desk.Vault.Path(), vault.Options{Log: o.store.Identity(), Protection: by, Now: p.now}); err != nil {
					return err
				}
			}
			return p.sayKeys("the keys are in", o.desk.Vault.Path())
		})
	})
	return cmd
}

func (p *program) sayKeys(what, path string) error {
	t := newTable("path")
	t.add(path)
	return p.say(reply{object: map[string]any{"path": path}, table: t, text: func(w *page) { w.line("%s %s", what, path) }})
}

func (p *program) vaultProtect() *cobra.Command {
	var passphrase, file string
	none := false
	cmd := &cobra.Command{
		Use: "protect", Short: "Protect the keys by a passphrase or by a key file",
		Long: `Wrap the master key anew: under a passphrase (the first line of a file), under a key file of at least 32 random
bytes, or under nothing. The keys stay the same. What protects them now is given as for every command, with
--vault-passphrase-file or --vault-key-file. Copies of the keys file from before are still protected as they were.`,
		Example: "  clew vault protect --new-passphrase-file secret.txt\n  clew vault protect --new-key-file /media/stick/clew.key", Args: p.takes(),
	}
	cmd.Flags().StringVar(&passphrase, "new-passphrase-file", "", "a file whose first line is the passphrase from now on")
	cmd.Flags().StringVar(&file, "new-key-file", "", "the file that protects the keys from now on")
	cmd.Flags().BoolVar(&none, "by-nothing", false, "take the protection away")
	cmd.MarkFlagsOneRequired("new-passphrase-file", "new-key-file", "by-nothing")
	cmd.MarkFlagsMutuallyExclusive("new-passphrase-file", "new-key-file", "by-nothing")
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		by, err := (&program{passphrase: passphrase, keyFile: file}).protection()
		if err != nil {
			return err
		}
		return p.with(ctx, mustExist, func(o *office) error {
			if err := o.desk.Vault.Absence(); err != nil {
				return err
			}
			if err := o.desk.Vault.Protect(by); err != nil {
				return err
			}
			return p.sayKeys("protected anew:", o.desk.Vault.Path())
		})
	})
	return cmd
}

func (p *program) vaultExport() *cobra.Command {
	cmd := &cobra.Command{
		Use: "export FILE", Short: "Copy the keys file to another place, for safe keeping",
		Long: `Copy the keys file, as it is, to FILE: a stick in a safe, another machine; never to where the log's copies are. The
copy opens the log as well as the original does. A copy that is older than an erasure still holds the erased
keys: make a new one after each erasure, and destroy the old.`,
		Example: "  clew vault export /media/stick/clew.db.keys", Args: p.takes("FILE"),
	}
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			if err := o.desk.Vault.Absence(); err != nil {
				return err
			}
			if err := copyKeys(o.desk.Vault.Path(), args[0]); err != nil {
				return err
			}
			return p.sayKeys("copied to", args[0])
		})
	})
	return cmd
}

// copyKeys writes a copy for its owner's eyes only, and reads it back.
func copyKeys(from, to string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	copied, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return domain.Conflict("%s is there already: name a new file", to)
	}
	if err != nil {
		return err
	}
	_, err = copied.Write(text)
	if err = errors.Join(err, copied.Sync(), copied.Close()); err != nil {
		return err
	}
	back, err := os.ReadFile(to)
	if err == nil && !bytes.Equal(back, text) {
		err = fmt.Errorf("%s does not read back as it was written: use another disk", to)
	}
	return err
}

func (p *program) vaultErase() *cobra.Command {
	var flags whoseFlags
	var erase domain.Erase
	cmd := &cobra.Command{
		Use: "erase CASE", Short: "Erase personal data: destroy the keys that it is sealed under",
		Long: `Erase the data of a victim, a person, an account's holder, a file or one event's free text: that it is erased, on
what basis and by whom is recorded, and the keys are destroyed. What was sealed under them cannot be read any
more, in the log, in the read models or in any copy of them; records, hashes and proofs stay as they are, and
the answers say when and on what basis it was erased. It cannot be undone. A legal hold refuses it.

Copies of the keys file from before still hold the keys: destroy them ('clew vault export' makes a new one).`,
		Example: `  clew vault erase C1 --victim V1 --basis "LED art. 16(2)"
  clew vault erase C1 --event 17 --basis "GDPR art. 17(1)(d)" --reason "the note was about somebody else"`, Args: p.takes("CASE"),
	}
	cmd.Flags().StringVar(&erase.Basis, "basis", "", "the law, or the decision")
	cmd.Flags().StringVar(&erase.Reason, "reason", "", "why")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.act(ctx, mustExist, func(o *office, by casework.By) (_ act, err error) {
			if erase.Of, err = flags.whose(ctx, o); err != nil {
				return act{}, err
			}
			outcome, err := o.desk.Erase(ctx, by, id, erase)
			return act{what: fmt.Sprintf("data of %s in case %s is erased", erase.Of, id), fields: map[string]any{"case": id, "of": erase.Of},
				next: "make a new copy of the keys file ('clew vault export') and destroy the old ones", outcome: outcome}, err
		})
	})
	return flags.on(p.caseFlag(cmd))
}
