package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/projections"
	"clew/vault"
)

// readsPath is where the log of reads lies.
func (p *program) readsPath(path string) string { return path + ".reads" }

// consulted logs that a case is looked at, once for each command. Of an errand
// the gate has logged it before it came here.
func (o *office) consulted(id domain.CaseID) error {
	if o.program.errand != nil {
		return nil
	}
	if o.seen == nil {
		o.seen = map[domain.CaseID]bool{}
	}
	if o.seen[id] {
		return nil
	}
	o.seen[id] = true
	by, err := o.program.by()
	if err != nil {
		return err
	}
	return o.reads(by, casework.Read{Does: vault.Consulted, Case: id, What: o.program.command})
}

// reads logs a read. Where the store may only be read, as an auditor's copy,
// the person is told that it could not be logged; anywhere else nothing is
// shown that is not logged.
func (o *office) reads(by casework.By, read casework.Read) error {
	read.Why = cmp.Or(read.Why, o.program.why)
	err := o.desk.Reading(by, read)
	if err != nil && (o.store.ReadOnly() || errors.Is(err, fs.ErrPermission)) {
		o.program.tell("clew: this could not be noted in the log of reads: %v", errors.Unwrap(err))
		return nil
	}
	return err
}

// readShape is an entry of the log of reads in JSON.
type readShape struct {
	Number uint64        `json:"number"`
	At     time.Time     `json:"at"`
	By     string        `json:"by"`
	Does   vault.Does    `json:"does"`
	Case   domain.CaseID `json:"case"`
	What   string        `json:"what"`
	To     string        `json:"to"`
	Basis  string        `json:"basis"`
	Why    string        `json:"why"`
}

// readsShape is the log of reads in JSON, with the hash of its last entry.
type readsShape struct {
	Reads []readShape `json:"reads"`
	Head  string      `json:"head"`
}

func (p *program) readsCommand() *cobra.Command {
	var of, by string
	cmd := &cobra.Command{
		Use: "reads", Short: "Show who consulted, combined, exported or disclosed what, when and why",
		Long: `Show the log of reads (LED art. 25): a file of its own beside the log. Each entry bears the hash of the one before
it, and that is checked on the way. The last line is the hash of the last entry: kept by somebody else, it shows
later whether entries were taken off the end. The purpose of a command is given with --why.`,
		Example: "  clew reads\n  clew reads --of C1 --json", Args: p.takes(),
	}
	cmd.Flags().StringVar(&of, "of", "", "only reads of this case")
	cmd.Flags().StringVar(&by, "by", "", "only reads by this person")
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		return p.with(ctx, mustExist, func(o *office) error {
			list := []readShape{}
			t := newTable("number>", "at", "by", "does", "case", "what", "to", "basis", "why")
			head, err := o.desk.Reads.Each(func(r vault.Read) error {
				if of != "" && string(r.Case) != of || by != "" && r.By != by {
					return nil
				}
				list = append(list, readShape{r.Number, r.At, r.By, r.Does, r.Case, r.What, r.To.Clear, r.Basis.Clear, r.Why.Clear})
				t.add(number(r.Number), r.At.Format(time.RFC3339), r.By, string(r.Does), string(r.Case), r.What, r.To.Clear, r.Basis.Clear, r.Why.Clear)
				return nil
			})
			if err != nil {
				return err
			}
			return p.say(reply{object: readsShape{list, head}, table: t, text: func(w *page) {
				w.table(t)
				w.line("The last entry's hash is %s.", cmp.Or(head, "none: nothing was read yet"))
			}})
		})
	})
	return cmd
}

// disclosed logs that a paper leaves, to whom and on what basis.
func (o *office) disclosed(ctx context.Context, id domain.CaseID, freeze domain.FreezeID, kind string) error {
	by, err := o.program.by()
	if err != nil {
		return err
	}
	file, err := o.views.CaseFile(ctx, id, projections.Head)
	if err != nil {
		return err
	}
	read := casework.Read{Does: vault.Disclosed, Case: id, What: "paper " + kind + " of freeze " + string(freeze)}
	if f := file.Freezes[freeze]; f != nil {
		read.To, read.Basis = cmp.Or(f.Request.Responding, string(f.Request.Account)), cmp.Or(f.Request.Basis, f.Request.Mechanism)
	}
	return o.reads(by, read)
}
