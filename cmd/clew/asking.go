package main

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
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
		return positionOf("--upto", a.upto)
	case a.knownAt != "":
		when, err := domain.ParseWhen(a.knownAt)
		if err != nil {
			return 0, flagError("--known-at", err)
		}
		return o.views.KnownAt(ctx, when.End())
	}
	return projections.Head, nil
}

// question turns the flags into what projections are asked.
func (a *asking) question(ctx context.Context, o *office, id domain.CaseID) (projections.Ask, error) {
	at, err := a.happened()
	if err != nil {
		return projections.Ask{}, err
	}
	rule := tracing.Rule("")
	if a.rule != "" {
		if rule, err = findRule(a.rule); err != nil {
			return projections.Ask{}, flagError("--rule", err)
		}
	}
	upto, err := a.known(ctx, o)
	if err == nil && upto == 0 {
		err = noCase(id, a)
	}
	if err == nil {
		err = o.consulted(id)
	}
	return projections.Ask{Case: id, Rule: rule, At: timeOrZero(at), Upto: upto}, err
}

// times are the two times as a person gave them, normalised.
func (a *asking) told() (at, knownAt *string) { return normalTime(a.at), normalTime(a.knownAt) }

func normalTime(text string) *string {
	when, err := domain.ParseWhen(text)
	if text == "" || err != nil {
		return nil
	}
	text = when.String()
	return &text
}

// everything is a question about all cases. A log of which nothing was known
// then has nothing to say of them.
func (a *asking) everything(ctx context.Context, o *office) (projections.Ask, error) {
	question, err := a.question(ctx, o, "")
	if err != nil && domain.ClassOf(err) == domain.ClassNotFound {
		return question, domain.NotFound("nothing was recorded by then: leave --known-at and --upto away")
	}
	return question, err
}

// asOf is what every answer says about when it is asked as of.
type asOf struct {
	Case     domain.CaseID `json:"case"`
	Position uint64        `json:"position"`
	At       *string       `json:"at"`
	KnownAt  *string       `json:"known_at"`
}

func (a *asking) asOf(id domain.CaseID, position uint64) asOf {
	at, known := a.told()
	return asOf{id, position, at, known}
}

// withCase opens the store and loads a case as it was known.
func (p *program) withCase(ctx context.Context, id domain.CaseID, ask *asking, do func(*office, *domain.CaseFile, uint64) error) error {
	return p.with(ctx, mustExist, func(o *office) error {
		upto, err := ask.known(ctx, o)
		if err != nil {
			return err
		}
		file, err := o.views.CaseFile(ctx, id, upto)
		if err != nil {
			return err
		}
		if !file.Opened {
			return noCase(id, ask)
		}
		if err := o.consulted(id); err != nil {
			return err
		}
		return do(o, file, upto)
	})
}

func noCase(id domain.CaseID, ask *asking) error {
	if ask.knownAt != "" || ask.upto != "" {
		return domain.NotFound("there was no case %s then: leave --known-at and --upto away, or see 'clew case list'", id)
	}
	return domain.NotFound("there is no case %s: see 'clew case list', or open it with 'clew case open %s --title …'", id, id)
}

// askedOf is a question about one case, or about all where none is named.
func (o *office) askedOf(ctx context.Context, ask *asking, name string) (projections.Ask, error) {
	question, err := ask.everything(ctx, o)
	if err != nil {
		return question, err
	}
	if name == "" {
		return question, o.consulted("")
	}
	if question.Case, err = domain.ParseCase(name); err != nil {
		return question, usage(err)
	}
	file, err := o.views.CaseFile(ctx, question.Case, question.Upto)
	if err == nil && !file.Opened {
		err = noCase(question.Case, ask)
	}
	if err == nil {
		err = o.consulted(question.Case)
	}
	return question, err
}

// head is a position of the log; the last one for projections.Head.
func (o *office) head(ctx context.Context, upto uint64) (uint64, error) {
	if upto != projections.Head {
		return upto, nil
	}
	return o.store.Head(ctx)
}

// withCaseOrAll answers about one case, or about all where none is named.
func (p *program) withCaseOrAll(ctx context.Context, args []string, ask *asking, say func(*office, domain.CaseID) error) error {
	if len(args) == 0 && p.caseID == "" {
		return p.with(ctx, mustExist, func(o *office) error { return errors.Join(o.consulted(""), say(o, "")) })
	}
	id, _, err := p.about(args)
	if err != nil {
		return err
	}
	return p.withCase(ctx, id, ask, func(o *office, _ *domain.CaseFile, _ uint64) error { return say(o, id) })
}

// answerCase answers a question about one case.
func (p *program) answerCase(ctx context.Context, id domain.CaseID, ask *asking, say func(*office, projections.Ask) error) error {
	return p.withCase(ctx, id, ask, func(o *office, _ *domain.CaseFile, _ uint64) error {
		question, err := ask.question(ctx, o, id)
		if err != nil {
			return err
		}
		return say(o, question)
	})
}
