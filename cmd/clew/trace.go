package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

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

// traced is the walk's answer with what it speaks of.
type traced struct {
	headShape
	file   *domain.CaseFile
	rows   []tracing.Row // all that is known, whatever until says
	until  time.Time     // of --at; zero: all
	answer *tracing.Answer
}

func (o *office) trace(ctx context.Context, id domain.CaseID, ask *asking) (traced, error) {
	question, err := ask.question(ctx, o, id)
	if err != nil {
		return traced{}, err
	}
	if question.Upto == projections.Head {
		question.Upto, err = o.store.Head(ctx)
	}
	input, file, err := o.views.Input(ctx, question)
	if err != nil {
		return traced{}, err
	}
	answer, err := tracing.Trace(input)
	head := headShape{Case: id, Rule: input.Rule, Chosen: file.Lock != nil && file.Lock.Rule == string(input.Rule), Position: question.Upto}
	head.At, head.KnownAt = ask.told()
	return traced{head, file, input.Rows, question.At, &answer}, err
}

func (p *program) traceCommand() *cobra.Command {
	var ask asking
	victim := ""
	cmd := &cobra.Command{
		Use: "trace ID", Short: "Walk the case and say where each victim's money is",
		Long: `Walk all movements of a case by one rule and say where each victim's money is now: his claim, account by
account, and what each account holds. Without --rule it is the case's locked rule, else fifo.`,
		Example: "  clew trace C1\n  clew trace C1 --rule libr --at 2024-03-05 --json", Args: p.takes("ID"),
	}
	cmd.Flags().StringVar(&victim, "victim", "", "only this victim's money")
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		id, _, err := p.about(args)
		if err != nil {
			return err
		}
		return p.with(ctx, mustExist, func(o *office) error {
			t, err := o.trace(ctx, id, &ask)
			if err != nil {
				return err
			}
			shape := shapeOfTrace(t.headShape, t.answer)
			if err := p.say(reply{object: shape, table: placesTable(shape.Victims), text: func(w *page) { traceText(w, shape) }}); err != nil {
				return err
			}
			return p.strictly(shape)
		})
	})
	return ask.rules(p.caseFlag(cmd))
}

// strictly is what --strict makes of an answer's doubts.
func (p *program) strictly(shape traceShape) error {
	if !p.strict {
		return nil
	}
	return doubtful(shape.Accounts, shape.Missing, shape.Warnings)
}

func traceText(w *page, t traceShape) {
	t.head(w)
	w.section("Where each victim's claim lies", placesTable(t.Victims))
	w.section("What the accounts hold", poolsTable(t.Accounts))
	missingText(w, t.Missing)
	warningsText(w, t.Warnings)
}
