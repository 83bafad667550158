package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/eventstore"
	"clew/eventstore/seal"
	"clew/projections"
)

// checkpointFlags is what a checkpoint is wanted for.
type checkpointFlags struct {
	export, add string
	list        bool
	witnesses   []string
}

func (p *program) checkpointCommand() *cobra.Command {
	var f checkpointFlags
	cmd := &cobra.Command{
		Use: "checkpoint", Short: "Sign what the log holds now, and give it out",
		Long: `Sign the size and root of the log with its key and print the checkpoint (C2SP tlog-checkpoint). It is made by
itself as well: with every step of a freeze, every paper, and when a command has recorded something and the last one
is a thousand records or a minute old. A checkpoint binds nobody until somebody outside holds it: give it away.
--export writes the log's tree into a folder, where a witness can read it, also through a web server. --add keeps
the checkpoint that a witness has signed ('clew witness').`,
		Example: "  clew checkpoint\n  clew checkpoint --export public\n  clew checkpoint --add cosigned.txt --witness witness.pub\n  clew checkpoint --list --json", Args: p.takes(),
	}
	flags := cmd.Flags()
	flags.StringVar(&f.export, "export", "", "write checkpoint, keys and tree into this folder (C2SP tlog-tiles)")
	flags.StringVar(&f.add, "add", "", "keep a checkpoint that witnesses have signed")
	flags.BoolVar(&f.list, "list", false, "list the kept checkpoints")
	flags.StringArrayVar(&f.witnesses, "witness", nil, "a witness's public key, or a file with it (may stand several times)")
	cmd.MarkFlagsMutuallyExclusive("export", "add", "list")
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		witnesses, err := publicKeys("--witness", f.witnesses)
		if err != nil {
			return err
		}
		return p.with(ctx, mustExist, func(o *office) error {
			switch {
			case f.list:
				return p.listCheckpoints(ctx, o, witnesses)
			case f.add != "":
				return p.addCheckpoint(ctx, o, f.add, witnesses)
			}
			return p.makeCheckpoint(ctx, o, f.export, witnesses)
		})
	})
	return cmd
}

// checkpointShape is a checkpoint in JSON.
type checkpointShape struct {
	Origin    string        `json:"origin"`
	Size      uint64        `json:"size"`
	Root      string        `json:"root"` // base64, as in the note
	Key       string        `json:"key"`
	Witnesses []cosignShape `json:"witnesses"`
	Note      string        `json:"note"`
}

type cosignShape struct {
	Witness string    `json:"witness"`
	Key     string    `json:"key"`
	At      time.Time `json:"at"`
}

func shapeOfCheckpoint(c seal.Checkpoint) checkpointShape {
	shape := checkpointShape{c.Origin, c.Size, c.Root.String(), c.Key.String(), []cosignShape{}, string(c.Note)}
	for _, w := range c.Witness {
		shape.Witnesses = append(shape.Witnesses, cosignShape{w.Witness.Name(), w.Witness.String(), w.At})
	}
	return shape
}

func (p *program) sayCheckpoint(c seal.Checkpoint) error {
	shape := shapeOfCheckpoint(c)
	return p.say(reply{object: shape, table: checkpointsTable([]checkpointShape{shape}), text: func(w *page) { w.raw(shape.Note) }})
}

func checkpointsTable(list []checkpointShape) *table {
	t := newTable("size>", "root", "key", "witnesses")
	for _, c := range list {
		witnesses := ""
		for i, w := range c.Witnesses {
			if i > 0 {
				witnesses += ", "
			}
			witnesses += w.Witness + " on " + w.At.Format(time.RFC3339)
		}
		t.add(number(c.Size), c.Root, c.Key, witnesses)
	}
	return t
}

func (p *program) listCheckpoints(ctx context.Context, o *office, witnesses []seal.PublicKey) error {
	ring, err := o.desk.Keyring(ctx, nil)
	if err != nil {
		return err
	}
	all, err := o.desk.Signed(ctx, ring, witnesses...)
	if err != nil {
		return err
	}
	list := []checkpointShape{}
	for _, c := range all {
		list = append(list, shapeOfCheckpoint(c))
	}
	return p.say(reply{object: list, table: checkpointsTable(list)})
}

func (p *program) addCheckpoint(ctx context.Context, o *office, name string, witnesses []seal.PublicKey) error {
	note, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	c, err := o.desk.AddSignatures(ctx, note, witnesses)
	if err != nil {
		return err
	}
	return p.sayCheckpoint(c)
}

// makeCheckpoint signs where something is unsigned, and gives the last one.
func (p *program) makeCheckpoint(ctx context.Context, o *office, folder string, witnesses []seal.PublicKey) error {
	c, err := p.currentCheckpoint(ctx, o, witnesses)
	if err != nil {
		return err
	}
	if folder != "" {
		if err := o.export(ctx, folder, c); err != nil {
			return err
		}
	}
	if err := p.sayCheckpoint(c); err != nil {
		return err
	}
	if folder == "" {
		p.next("give it to somebody outside: clew checkpoint --export FOLDER writes what a witness needs")
	}
	return nil
}

// currentCheckpoint is one of all that is recorded: made now, where a key is
// at hand; else the last that is kept.
func (p *program) currentCheckpoint(ctx context.Context, o *office, witnesses []seal.PublicKey) (seal.Checkpoint, error) {
	ring, err := o.desk.Keyring(ctx, nil)
	if err != nil {
		return seal.Checkpoint{}, err
	}
	key, err := p.sealKey()
	if err != nil {
		return seal.Checkpoint{}, err
	}
	if key != nil && !o.store.ReadOnly() {
		if _, _, err := o.desk.SignHead(ctx, *key); err != nil {
			return seal.Checkpoint{}, err
		}
	}
	last, err := o.desk.LastSigned(ctx, ring, witnesses...)
	if err == nil && last == nil {
		_, err = p.neededKey()
	}
	if err != nil {
		return seal.Checkpoint{}, err
	}
	return *last, nil
}

// export writes the tree of a checkpoint into a folder. The checkpoint comes
// last: a reader never sees one whose tree is not there yet.
func (o *office) export(ctx context.Context, folder string, c seal.Checkpoint) error {
	reader := eventstore.HashReader(ctx, o.store)
	for _, tile := range seal.Tiles(0, c.Size) {
		path := filepath.Join(folder, filepath.FromSlash(tile.Path()))
		if _, err := os.Stat(path); err == nil {
			continue
		}
		content, err := tile.Bytes(reader)
		if err != nil {
			return err
		}
		if err := writeWhole(path, content); err != nil {
			return err
		}
	}
	adopted, err := o.desk.Keys(ctx)
	if err != nil {
		return err
	}
	var keys []byte
	for _, a := range adopted {
		keys = append(append(keys, a.Note...), '\n')
	}
	if err := writeWhole(filepath.Join(folder, "keys"), bytes.TrimSuffix(keys, []byte("\n"))); err != nil {
		return err
	}
	return writeWhole(filepath.Join(folder, "checkpoint"), c.Note)
}

func (p *program) proveCommand() *cobra.Command {
	var witnesses []string
	cmd := &cobra.Command{
		Use: "prove POSITION", Short: "Prove that a record is in the log",
		Long: `Write the proof that a record is in the log as the last checkpoint has it: a C2SP tlog-proof with the record's very
bytes, the path to the root and the signed checkpoint. Whoever has the log's public key checks it without the log:
clew-verify FILE --key KEY. With --json what the record says stands beside it.`,
		Example: "  clew prove 12 > record-12.tlog-proof\n  clew prove 12 --json", Args: p.takes("POSITION"),
	}
	cmd.Flags().StringArrayVar(&witnesses, "witness", nil, "a witness's public key, or a file with it: his signature is checked and named")
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		position, err := strconv.ParseUint(args[0], 10, 62)
		if err != nil || position == 0 {
			return domain.Usage("%q is no position of the log: positions are counted from 1", args[0])
		}
		keys, err := publicKeys("--witness", witnesses)
		if err != nil {
			return err
		}
		return p.with(ctx, mustExist, func(o *office) error {
			head, err := o.store.Head(ctx)
			if err != nil {
				return err
			}
			if position > head {
				return domain.NotFound("the log ends at position %d: there is no %d", head, position)
			}
			c, err := p.covering(ctx, o, position, keys)
			if err != nil {
				return err
			}
			proved, err := o.desk.Prove(ctx, c, position)
			if err != nil {
				return err
			}
			if id := projections.CaseOfStream(proved.Stream); id != "" {
				if !p.sees(id) {
					return domain.NotFound("position %d of the log is of no case that you may read", position)
				}
				if err := o.consulted(id); err != nil {
					return err
				}
			}
			return p.sayProof(proved)
		})
	})
	return cmd
}

// covering is the last kept checkpoint, which others may hold already, if it
// covers a position; else one that is made now.
func (p *program) covering(ctx context.Context, o *office, position uint64, witnesses []seal.PublicKey) (seal.Checkpoint, error) {
	ring, err := o.desk.Keyring(ctx, nil)
	if err != nil {
		return seal.Checkpoint{}, err
	}
	last, err := o.desk.LastSigned(ctx, ring, witnesses...)
	if err != nil {
		return seal.Checkpoint{}, err
	}
	if last != nil && last.Size >= position {
		return *last, nil
	}
	return p.currentCheckpoint(ctx, o, witnesses)
}

// proofShape is a proof in JSON. Record are the bytes that the leaf covers.
type proofShape struct {
	Position   uint64          `json:"position"`
	Stream     string          `json:"stream"`
	Version    uint64          `json:"version"`
	Kind       string          `json:"kind"`
	RecordedAt time.Time       `json:"recorded_at"`
	Actor      string          `json:"actor"`
	Record     string          `json:"record"` // base64
	Leaf       string          `json:"leaf"`
	Path       []string        `json:"path"`
	Checkpoint checkpointShape `json:"checkpoint"`
	Proof      string          `json:"proof"` // the same as a C2SP tlog-proof
}

func (p *program) sayProof(proved casework.Proved) error {
	shape := proofShape{proved.Position, proved.Stream, proved.Version, proved.Kind, proved.RecordedAt, proved.Actor,
		base64.StdEncoding.EncodeToString(proved.Proof.Record), "", []string{}, shapeOfCheckpoint(proved.Checkpoint), proved.Proof.Text()}
	shape.Leaf = seal.Hash(eventstore.Leaf(proved.Proof.Record)).String()
	for _, h := range proved.Proof.Path {
		shape.Path = append(shape.Path, h.String())
	}
	return p.say(reply{object: shape, text: func(w *page) { fmt.Fprint(w.out, shape.Proof) }})
}
