package main

import (
	"context"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
)

// asking is the flags of every question: by which rule, and as of which two
// times (CONTRACT, Two times).
type asking struct {
	rule    string
	at      string
	knownAt string
	upto    string
}

// times gives a command the flags of the two times.
func (a *asking) times(cmd *cobra.Command) *cobra.Command {
	flags := cmd.Flags()
	flags.StringVar(&a.at, "at", "", "what had happened by then: RFC 3339 or a date (the end of that day, UTC), inclusive")
	flags.StringVar(&a.knownAt, "known-at", "", "what had been recorded by then: RFC 3339 or a date (the end of that day, UTC), inclusive")
	flags.StringVar(&a.upto, "upto", "", "what had been recorded up to this position of the log, inclusive")
	cmd.MarkFlagsMutuallyExclusive("known-at", "upto")
	return cmd
}

// rules gives a command the flag of the rule as well.
func (a *asking) rules(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().StringVar(&a.rule, "rule", "", "fifo, lifo, pro-rata, libr, own-first-fifo, proceeds-first or poison (default: the case's locked rule, else fifo)")
	return a.times(cmd)
}

// happened is the moment of --at; zero where none was given.
func (a *asking) happened() (domain.When, error) {
	if a.at == "" {
		return domain.When{}, nil
	}
	when, err := domain.ParseWhen(a.at)
	return when, flagError("--at", err)
}

// known is the position of the log that the question is asked as of.
func (a *asking) known(ctx context.Context, o *office) (uint64, error) {
	if _, err := a.happened(); err != nil {
		return 0, err
	}
	if err := o.catchUp(ctx); err != nil {
		return 0, err
	}
	switch {
	case a.upto != "":
		position, err := strconv.ParseUint(a.upto, 10, 63)
		if err != nil {
			return 0, domain.Usage("--upto %q is not a position of the log: it is a whole number", a.upto)
		}
		return position, nil
	case a.knownAt != "":
		when, err := domain.ParseWhen(a.knownAt)
		if err != nil {
			return 0, flagError("--known-at", err)
		}
		return o.views.KnownAt(ctx, when.End())
	}
	return projections.Head, nil
}

// timeOrZero is the last moment that a time covers; zero where none was given.
func timeOrZero(w domain.When) time.Time {
	if w.IsZero() {
		return time.Time{}
	}
	return w.End()
}

// flagError says at which flag a text went wrong.
func flagError(flag string, err error) error {
	if err == nil {
		return nil
	}
	return domain.Usage("%s: %v", flag, err)
}
