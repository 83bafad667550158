package main

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/eventstore/sqlite"
)

func (p *program) backupCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "backup FILE", Short: "Copy the whole log to a file, while work goes on",
		Long: `Copy the log and every evidence file in it to FILE. Others may read and record meanwhile: the copy is the log as
it stood at one moment. It is read through and held against the log's own tree and checkpoints before it gets its name,
so FILE is a whole backup or is not there. A file that exists is never written over. Read models are not copied: they are made
again from the log. FILE is as confidential as the log; keep it on another machine.`,
		Example: "  clew backup /media/vault/clew-2026-11-22.backup", Args: p.takes("FILE"),
	}
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			made, err := o.store.Backup(ctx, args[0], believable)
			if err != nil {
				return err
			}
			if err := p.sayCopy(args[0], "Backed up", made); err != nil {
				return err
			}
			p.next("copy it to another machine; not in it, and to be kept apart from it: the keys (clew vault status, clew key show) and the log of who read what (%s.reads)", o.store.Path())
			return nil
		})
	})
	return cmd
}

func (p *program) restoreCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "restore FILE", Short: "Make a log from a backup, where there is none",
		Long: `Copy a backup to where --store says, and read it through before it gets that name. A log that is there is never
written over: move it away first, with the files beside it, and keep it. A backup of an older clew is brought up to
date on the way; the backup itself is not touched. What was recorded after the backup was made is not in it: compare
the head with one that somebody else holds.`,
		Example: "  clew restore /media/vault/clew-2026-11-22.backup --store sqlite:clew.db", Args: p.takes("FILE"),
	}
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		path, err := storePath(p.store)
		if err != nil {
			return err
		}
		made, err := sqlite.Restore(ctx, args[0], path, believable)
		if err != nil {
			return err
		}
		if err := p.sayCopy(path, "Restored", made); err != nil {
			return err
		}
		p.next("bring the keys file back to %s.keys, or name it with --vault; then 'clew verify --head FILE' with a head that somebody else holds", path)
		return nil
	})
	return cmd
}

// believable reads a copy as 'clew verify' does: both forms of every fact, and
// the tree against every checkpoint that is kept.
func believable(ctx context.Context, s *sqlite.Store) error {
	_, err := (&casework.Desk{Store: s}).Verify(ctx, casework.Inspection{})
	return err
}

// copyJSON is the answer of both, and the same words.
type copyJSON struct {
	File  string `json:"file"`
	Bytes int64  `json:"bytes"`
	Log   string `json:"log"`
	Head  uint64 `json:"head"`
	Root  string `json:"root"`
}

func (p *program) sayCopy(file, done string, c sqlite.Copy) error {
	answer := copyJSON{file, c.Bytes, c.Identity, c.Head, hex.EncodeToString(c.Root[:])}
	t := newTable("file", "bytes>", "log", "head>", "root")
	t.add(file, fmt.Sprint(c.Bytes), c.Identity, number(c.Head), answer.Root)
	return p.say(reply{object: answer, table: t, text: func(w *page) {
		w.head("%s to %s.", done, file)
		w.line("The log %s up to position %d, with its evidence files: %d bytes, read through and whole.", c.Identity, c.Head, c.Bytes)
		w.line("Root of its tree: %s. Write it down with the date: it tells later whether a log is this one.", answer.Root)
	}})
}
