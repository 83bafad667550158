package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/seal"
	"clew/eventstore/sqlite"
	"clew/projections"
)

// unverified says that something was checked and is not as it should be.
type unverified struct{ why error }

func (u *unverified) Error() string { return u.why.Error() }

// Unwrap gives what was found.
func (u *unverified) Unwrap() error { return u.why }

// verifying is what verify's flags say.
type verifying struct {
	heads, witnesses, logKeys []string
	since                     string
	watch                     bool
}

func (p *program) verifyCommand() *cobra.Command {
	var f verifying
	cmd := &cobra.Command{
		Use: "verify", Short: "Read the log again from end to end and say whether it can be believed",
		Long: `Read everything again: positions, versions, every record against its leaf, both forms of its facts against one
another, the tree, its root, every kept checkpoint, every evidence file, and the read models against a rebuild. The
first bad position is named and the exit code is 1; 0 means that nothing was found.

A log that is consistent with itself may still have been rewritten by whoever holds it and its key, or cut off at its
end. Only a head that somebody else holds shows that: --head takes a checkpoint as a witness signed it, or the folder
that was exported to him, which finds a change to the very position. --since begins after the head in a file and
leaves the new one there; --watch goes on with new events until it is interrupted.`,
		Example: "  clew verify\n  clew verify --head cosigned.txt --witness court.pub --log-key log.pub\n  clew verify --since verified.txt --watch", Args: p.takes(),
	}
	flags := cmd.Flags()
	flags.StringArrayVar(&f.heads, "head", nil, "a checkpoint that somebody outside holds, or the folder exported to him (may stand several times)")
	flags.StringArrayVar(&f.witnesses, "witness", nil, "the public key of a witness whose signature is on it, or a file with it (may stand several times)")
	flags.StringArrayVar(&f.logKeys, "log-key", nil, "a public key of the log as it was told outside (default: the log's own word)")
	flags.StringVar(&f.since, "since", "", "a file with the head that was verified last, kept outside the log: only what is newer is read")
	flags.BoolVar(&f.watch, "watch", false, "go on verifying new events as they come, until interrupted")
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error { return p.verify(ctx, f) })
	return cmd
}

// outsideShape is a head that somebody holds, in JSON.
type outsideShape struct {
	Head string `json:"head"`
	Size uint64 `json:"size"`
	Root string `json:"root"`
	Held string `json:"held_by"` // a witness, or the file
	On   string `json:"on"`
	File string `json:"file"`
}

// verifiedShape is `verify --json`.
type verifiedShape struct {
	Verified    bool           `json:"verified"`
	Origin      string         `json:"origin,omitempty"`
	Size        uint64         `json:"size"`
	Root        string         `json:"root,omitempty"`
	Read        uint64         `json:"read"`
	From        uint64         `json:"from"` // the position after which it was read
	Checkpoints int            `json:"checkpoints"`
	Signed      uint64         `json:"signed_up_to"`
	Projections int            `json:"projections"` // compared with a rebuild
	Outside     []outsideShape `json:"outside"`
	Words       string         `json:"words"`
	Position    uint64         `json:"first_bad_position,omitempty"`
}

// verification is one run of verify.
type verification struct {
	program *program
	flags   verifying
	store   *sqlite.Store
	desk    *casework.Desk
	in      casework.Inspection
	outside []outsideShape
	shape   verifiedShape
}

func (p *program) verify(ctx context.Context, f verifying) error {
	path, err := storePath(p.store)
	if err != nil {
		return err
	}
	v := &verification{program: p, flags: f}
	if err := v.readFlags(ctx); err != nil {
		return err
	}
	v.store, err = sqlite.Open(ctx, path, sqlite.Options{MustExist: true})
	if errors.Is(err, eventstore.ErrNotFound) {
		return domain.NotFound("there is no store %s: name the right one with --store or CLEW_STORE", path)
	}
	if err == nil {
		v.desk = &casework.Desk{Store: v.store, Clock: p.now}
		err = errors.Join(v.run(ctx, path), v.store.Close())
	}
	return v.answer(err)
}

// answer says what came of it: what is damaged is an answer of verify and no
// failure of it.
func (v *verification) answer(err error) error {
	var refuted *casework.Refuted
	var fault *eventstore.Fault
	switch {
	case errors.As(err, &refuted):
		v.shape.Position = refuted.Position
	case damaged(err):
		if errors.As(err, &fault) {
			v.shape.Position = fault.Position
		}
		if v.shape.Position > 0 {
			err = &casework.Refuted{Position: v.shape.Position, Why: err}
		}
	default:
		return err
	}
	if v.program.form() == asJSON {
		v.shape.Verified, v.shape.Words, v.shape.Outside = false, err.Error(), listed(v.outside)
		err = errors.Join(&unverified{err}, v.program.say(reply{object: v.shape}))
		return err
	}
	return &unverified{fmt.Errorf("NOT VERIFIED: %w", err)}
}

// readFlags reads what others hold, before the log is looked at.
func (v *verification) readFlags(ctx context.Context) error {
	witnesses, err := publicKeys("--witness", v.flags.witnesses)
	if err != nil {
		return err
	}
	keys, err := publicKeys("--log-key", v.flags.logKeys)
	if err != nil {
		return err
	}
	switch len(keys) {
	case 0:
	case 1:
		v.in.Trusted = &keys[0]
	default:
		return domain.Usage("give one --log-key: the others follow from it")
	}
	for _, name := range v.flags.heads {
		if err := v.readHead(ctx, name, witnesses); err != nil {
			return flagError("--head", err)
		}
	}
	if v.flags.since == "" {
		return nil
	}
	text, err := os.ReadFile(v.flags.since)
	if isMissing(err) {
		return nil
	}
	if err == nil {
		v.in.From, err = seal.ParseHead(string(text))
	}
	return flagError("--since", err)
}

// readHead reads one head that is held outside.
func (v *verification) readHead(ctx context.Context, name string, witnesses []seal.PublicKey) error {
	found, err := os.Stat(name)
	if err != nil {
		return err
	}
	file := name
	if found.IsDir() {
		file = filepath.Join(name, "checkpoint")
		if found, err = os.Stat(file); err != nil {
			return err
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	head, signed, err := seal.OpenHeld(text, witnesses...)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	held := casework.Held{Head: head}
	if file != name {
		held.Tree = seal.TreeOf(head, func(path string) ([]byte, error) { return fetch(ctx, name, path) })
	}
	v.in.Held = append(v.in.Held, held)
	shape := outsideShape{head.String(), head.Size, head.Root.String(), "the file " + file, found.ModTime().UTC().Format(time.RFC3339), file}
	for _, w := range signed {
		shape.Held, shape.On = w.Witness.Name(), w.At.Format(time.RFC3339)
	}
	if len(witnesses) > 0 && len(signed) == 0 {
		return fmt.Errorf("%s: none of the witnesses given with --witness has signed it", file)
	}
	v.outside = append(v.outside, shape)
	return nil
}

// run verifies once, and again with --watch.
func (v *verification) run(ctx context.Context, path string) error {
	if v.in.From.Size > 0 {
		v.outside = append(v.outside, outsideShape{v.in.From.String(), v.in.From.Size, v.in.From.Root.String(), "the file " + v.flags.since, "an earlier run", v.flags.since})
	}
	v.shape.From = v.in.From.Size
	found, err := v.once(ctx)
	if err != nil {
		return err
	}
	if v.flags.since == "" && !v.flags.watch {
		err = v.rest(ctx, path)
	}
	if err != nil {
		return err
	}
	if err := v.say(found); err != nil || !v.flags.watch {
		return err
	}
	return v.goOn(ctx)
}

// once reads the log from where it was verified before.
func (v *verification) once(ctx context.Context) (casework.Inspected, error) {
	progress := v.program.bar(ctx, "verifying", events)
	v.in.Progress = func(done, all uint64) { progress.reached(int64(done), int64(all)) }
	found, err := v.desk.Verify(ctx, v.in)
	progress.done()
	var refuted *casework.Refuted
	if errors.As(err, &refuted) && refuted.Position == 0 {
		// The file's own tables may know the place better.
		if closer := v.store.Verify(ctx); positioned(closer) {
			err = closer
		}
	}
	if err != nil {
		return found, err
	}
	v.in.From = found.Head
	if v.flags.since != "" {
		err = writeWhole(v.flags.since, []byte(found.Head.Text()))
	}
	return found, err
}

func positioned(err error) bool {
	var fault *eventstore.Fault
	return errors.As(err, &fault) && fault.Position > 0
}

// rest is what only a whole verification reads: the file's pages, indexes and
// appends, the evidence files, and the read models against a rebuild.
func (v *verification) rest(ctx context.Context, path string) error {
	progress := v.program.bar(ctx, "verifying the file and its evidence", nobodyKnows)
	err := v.store.Verify(ctx)
	progress.done()
	if err != nil {
		return err
	}
	if _, err := os.Stat(path + ".views"); isMissing(err) {
		return nil
	}
	kept, err := fingerprints(ctx, path+".views", v.store)
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp("", "clew-verify-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	rebuilt, err := fingerprints(ctx, filepath.Join(folder, "views"), v.store)
	if err != nil {
		return err
	}
	return v.compare(kept, rebuilt)
}

func fingerprints(ctx context.Context, path string, store eventstore.Store) (projections.Standing, error) {
	views, err := projections.Open(ctx, path, store)
	if err != nil {
		return projections.Standing{}, err
	}
	standing, err := views.Status(ctx)
	return standing, errors.Join(err, views.Close())
}

// compare names the projection that a rebuild makes otherwise. Somebody may
// have appended between the two; then they cannot be compared.
func (v *verification) compare(kept, rebuilt projections.Standing) error {
	if kept.Head != rebuilt.Head {
		v.program.tell("the read models were not compared: events were recorded meanwhile; run it again when nobody records")
		return nil
	}
	again := map[string]projections.Status{}
	for _, s := range rebuilt.Projections {
		again[s.Name] = s
	}
	for _, s := range kept.Projections {
		if s.Fingerprint != again[s.Name].Fingerprint {
			return &casework.Refuted{Why: fmt.Errorf("the read model %s is not what the log makes of it (fingerprint %.12s, rebuilt %.12s): the log is whole, answers were not; 'clew rebuild' makes it again", s.Name, s.Fingerprint, again[s.Name].Fingerprint)}
		}
		v.shape.Projections++
	}
	return nil
}

// say says what was found, in the only words that it bears.
func (v *verification) say(found casework.Inspected) error {
	s := &v.shape
	s.Verified, s.Origin, s.Size, s.Root = true, found.Head.Origin, found.Head.Size, found.Head.Root.String()
	s.Read, s.Checkpoints, s.Outside = found.Read, found.Checkpoints, listed(v.outside)
	if found.Signed != nil {
		s.Signed = found.Signed.Size
	}
	s.Words = v.words(found)
	t := newTable("verified", "size>", "root", "read>", "checkpoints>", "signed up to>", "words")
	t.add("true", number(s.Size), s.Root, number(s.Read), number(s.Checkpoints), number(s.Signed), s.Words)
	return v.program.say(reply{object: *s, table: t, text: func(w *page) { v.text(w, found) }})
}

// words is the verdict in a sentence.
func (v *verification) words(found casework.Inspected) string {
	if len(v.outside) == 0 {
		return fmt.Sprintf("The log is consistent with itself, up to head %s.", found.Head)
	}
	longest := v.outside[0]
	for _, o := range v.outside {
		if o.Size >= longest.Size {
			longest = o
		}
	}
	return fmt.Sprintf("The log is consistent with head %s held by %s on %s.", longest.Head, longest.Held, longest.On)
}

func (v *verification) text(w *page, found casework.Inspected) {
	w.head("%s", v.shape.Words)
	read := fmt.Sprintf("%s read", count(int(found.Read), "event"))
	if v.shape.From > 0 {
		read += fmt.Sprintf(" after position %d", v.shape.From)
	}
	w.line("%s, %s compared, %s.", read, count(found.Checkpoints, "checkpoint"), signedWords(found))
	if v.shape.Projections > 0 {
		w.line("Evidence files fit their hashes; %s are what a rebuild makes.", count(v.shape.Projections, "read model"))
	}
	w.space()
	if len(v.outside) == 0 {
		w.line("That does not prove that nobody rewrote it from its start, put an old copy in its place or cut off its end: for")
		w.line("that somebody else must hold a head of it ('clew checkpoint' makes one, 'clew witness' signs it). Give his with --head.")
		return
	}
	largest := uint64(0)
	for _, o := range v.outside {
		w.line("Events 1 to %d are those of head %s, held by %s on %s: none was changed, removed or put in since.", o.Size, o.Head, o.Held, o.On)
		largest = max(largest, o.Size)
	}
	if largest < found.Head.Size {
		w.line("Events %d to %d are newer, and consistent with themselves alone.", largest+1, found.Head.Size)
	}
}

func signedWords(found casework.Inspected) string {
	switch {
	case found.Signed == nil:
		return "nothing of it is signed"
	case found.Signed.Size < found.Head.Size:
		return fmt.Sprintf("signed up to position %d", found.Signed.Size)
	}
	return "signed to its end"
}

// watchEvery is how often new events are looked for.
const watchEvery = time.Second

// goOn verifies what comes, until somebody interrupts it: that is its end and
// no failure.
func (v *verification) goOn(ctx context.Context) error {
	v.program.tell("watching from position %d on; interrupt to end", v.in.From.Size+1)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(watchEvery):
		}
		before := v.in.From.Size
		_, err := v.once(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if v.in.From.Size > before {
			fmt.Fprintf(v.program.out, "%s verified, up to head %s\n", count(int(v.in.From.Size-before), "event"), v.in.From)
			if err := v.program.paper.Flush(); err != nil {
				return cmp.Or(err, ctx.Err())
			}
		}
	}
}
