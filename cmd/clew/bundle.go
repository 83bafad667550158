package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/tracing"
	"clew/vault"
)

// bundling is what bundle's flags say.
type bundling struct {
	file, at  string
	to, basis string
	rules     []string
	witnesses []string
}

// bundledReply is `bundle --json`.
type bundledReply struct {
	Case     domain.CaseID           `json:"case"`
	File     string                  `json:"file"`
	SHA256   string                  `json:"sha256"`
	Size     uint64                  `json:"size"` // of the log, by its checkpoint
	Records  int                     `json:"records"`
	Evidence int                     `json:"evidence"`
	Withheld []casework.WithheldFile `json:"withheld"`
	Rules    []tracing.Rule          `json:"rules"`
}

func (p *program) bundleCommand() *cobra.Command {
	var f bundling
	cmd := &cobra.Command{
		Use: "bundle CASE", Short: "Write a case into one file that anybody can check without clew",
		Long: `Write a case, with those it is linked with, into one file: every record as it stands, its proof, the signed
checkpoint, the evidence files, and the traces with every hop and ledger, by the case's rule or those asked for.
clew-verify, a small program of its own, checks it offline. A draft of a certification (FRE 902(13) and (14)) and of the
chain of custody (ISO/IEC 27037) is in it, with blanks for what the log cannot know. A file whose handling conditions forbid it
stays behind, or stops the bundle ('clew evidence handling'). docs/trust/bundle.md has the format.`,
		Example: "  clew bundle C1 --file C1.zip --to 'district court' --basis 'order of 4 June'\n  clew bundle C1 --file C1.zip --rule fifo --rule pro-rata --at 2024-03-31", Args: p.takes("CASE"),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.file, "file", "", "the file to write (needed); one that is there already is not written over")
	flags.StringVar(&f.at, "at", "", "trace what had happened by then: RFC 3339 or a date (the end of that day, UTC)")
	flags.StringVar(&f.to, "to", "", "who receives it: kept in the log of reads")
	flags.StringVar(&f.basis, "basis", "", "on what basis he may: kept in the log of reads")
	flags.StringArrayVar(&f.rules, "rule", nil, "a rule to trace by (may stand several times; default: the case's)")
	flags.StringArrayVar(&f.witnesses, "witness", nil, "a witness's public key, or a file with it: his signature is checked first")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		switch {
		case p.errand != nil: // it is sent, and lies here no longer than that takes
			folder, err := os.MkdirTemp("", "clew-bundle-")
			if err != nil {
				return err
			}
			defer os.RemoveAll(folder)
			f.file = filepath.Join(folder, string(id)+".zip")
		case f.file == "":
			return domain.Usage("say with --file where the bundle shall lie")
		}
		by, err := p.by()
		if err != nil {
			return err
		}
		return p.with(ctx, mustExist, func(o *office) error {
			ask := casework.BundleAsked{Case: id, By: by.Actor}
			if err := f.read(&ask); err != nil {
				return err
			}
			return p.bundle(ctx, o, &f, ask)
		})
	})
	return p.caseFlag(cmd)
}

func (f *bundling) read(ask *casework.BundleAsked) error {
	for _, text := range f.rules {
		rule, err := findRule(text)
		if err != nil {
			return flagError("--rule", err)
		}
		if rule == tracing.Poison {
			return domain.Usage("--rule poison: it marks what was touched and has no ledgers that could add up")
		}
		ask.Rules = append(ask.Rules, rule)
	}
	var at domain.When
	err := whenOf("--at", f.at, &at)
	ask.At = timeOrZero(at)
	return err
}

// bundle writes beside the file and puts the whole into its place: half a
// bundle is never there.
func (p *program) bundle(ctx context.Context, o *office, f *bundling, ask casework.BundleAsked) error {
	witnesses, err := publicKeys("--witness", f.witnesses)
	if err != nil {
		return err
	}
	if _, err := os.Stat(f.file); err == nil {
		return &domain.Error{Class: domain.ClassConflict, Text: f.file + " is there already: give another name, or move it away"}
	}
	if ask.Checkpoint, err = p.currentCheckpoint(ctx, o, witnesses); err != nil {
		return err
	}
	read := casework.Read{Does: vault.Disclosed, Case: ask.Case, What: "bundle " + filepath.Base(f.file), Purpose: casework.Purpose{To: f.to, Basis: f.basis}}
	if err := o.reads(casework.By{Actor: ask.By}, read); err != nil {
		return err
	}
	draft, err := os.CreateTemp(filepath.Dir(f.file), ".clew-bundle-*")
	if err != nil {
		return err
	}
	defer os.Remove(draft.Name())
	done, err := o.desk.Bundle(ctx, ask, draft)
	if err = errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err := errors.Join(os.Rename(draft.Name(), f.file), syncFolder(filepath.Dir(f.file))); err != nil {
		return err
	}
	if p.errand != nil {
		return p.sendFile(f.file)
	}
	shape := bundledReply{ask.Case, f.file, hex.EncodeToString(done.SHA256[:]), ask.Checkpoint.Size, done.Records, done.Files, listed(done.Withheld), done.Rules}
	t := newTable("case", "file", "sha256", "size>", "records>", "evidence>", "withheld>")
	t.add(string(shape.Case), shape.File, shape.SHA256, number(shape.Size), number(shape.Records), number(shape.Evidence), number(len(shape.Withheld)))
	err = p.say(reply{object: shape, table: t, text: func(w *page) { bundleText(w, &shape) }})
	p.next("clew-verify %s --key KEY, on another machine", f.file)
	return err
}

// sendFile writes a file out whole.
func (p *program) sendFile(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(p.out, file)
	return errors.Join(err, file.Close())
}

func bundleText(w *page, shape *bundledReply) {
	w.head("%s holds case %s up to position %d of the log.", shape.File, shape.Case, shape.Size)
	w.line("%s with proofs, %s; SHA-256 %s", count(shape.Records, "record"), count(shape.Evidence, "evidence file"), shape.SHA256)
	for _, file := range shape.Withheld {
		w.line("Withheld: %s: %s", file.SHA256, file.Reason)
	}
	w.line("%s", fmt.Sprintf("Traced by %s.", joined(shape.Rules)))
}
