package main

import (
	"context"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
)

// whoseFlags say whose data a command is about.
type whoseFlags struct {
	victim, person, account, file string
	event                         uint64
}

// target are the flags without an event's: what somebody may be tied to.
func (w *whoseFlags) target(cmd *cobra.Command) *cobra.Command {
	flags := cmd.Flags()
	flags.StringVar(&w.victim, "victim", "", "a victim, by his reference")
	flags.StringVar(&w.person, "person", "", "a person, by his reference")
	flags.StringVar(&w.account, "account", "", "an account")
	flags.StringVar(&w.file, "file", "", "a file, by its SHA-256 or the beginning of it")
	cmd.MarkFlagsMutuallyExclusive("victim", "person", "account", "file")
	return cmd
}

// on are the flags of whose personal data it is: of an account, its holder's.
func (w *whoseFlags) on(cmd *cobra.Command) *cobra.Command {
	w.target(cmd).Flags().Lookup("account").Usage = "the holder of an account"
	cmd.Flags().Uint64Var(&w.event, "event", 0, "the free text of the event at this position: a note, a reason")
	cmd.MarkFlagsMutuallyExclusive("victim", "person", "account", "file", "event")
	return cmd
}

// whose reads the flags; none of them is the whole case.
func (w *whoseFlags) whose(ctx context.Context, o *office) (of domain.Whose, err error) {
	of = domain.Whose{Victim: domain.VictimID(w.victim), Person: domain.PersonID(w.person), Event: w.event}
	if w.account != "" {
		if of.Account, err = domain.ParseAccount(w.account); err != nil {
			return of, flagError("--account", err)
		}
	}
	if w.file != "" {
		if err = o.catchUp(ctx); err == nil {
			of.File, err = findFile(ctx, o, w.file)
		}
	}
	return of, err
}

// doAbout carries out a command about whom or what the flags name. make gives
// it, and says in words what holds then.
func (p *program) doAbout(ctx context.Context, id domain.CaseID, flags *whoseFlags, make func(domain.Whose) (domain.Command, string)) error {
	return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
		of, err := flags.whose(ctx, o)
		if err != nil {
			return act{}, err
		}
		command, what := make(of)
		outcome, err := o.desk.Do(ctx, by, id, command)
		return act{what: what, fields: map[string]any{"case": id, "of": of}, outcome: outcome}, err
	})
}
