package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
)

func (p *program) freezePaper() *cobra.Command {
	var asked casework.PaperAsked
	cmd := &cobra.Command{
		Use: "paper CASE ID KIND", Short: "Draft a paper of a freeze from the trace",
		Long: `Draft a paper: camt.056 (recall between banks), ffkc or ffkc-html (Financial Fraud Kill Chain sheet), goaml (report
to an FIU) or letter (in the request's language). The draft goes to standard output. Every field that is not known
is marked in its place and named on standard error; nothing is made up, and nothing is sent.`,
		Example: "  clew freeze paper C1 F1 camt.056 --reason FRAD > recall.xml\n  clew freeze paper C1 F1 letter --json", Args: p.takes("CASE", "ID", "KIND"),
	}
	for _, flag := range []struct {
		to          *string
		name, usage string
	}{
		{&asked.Reason, "reason", "of a recall: FRAD, TECH, DUPL …"}, {&asked.Summary, "summary", "what happened, in a few sentences"},
		{&asked.FIU, "fiu", "whose lookups a goAML report uses, as a country's two letters"}, {&asked.Officer, "officer", "who signs"},
		{&asked.Message, "message-name", "of the message that carried the payment: pacs.008.001.08, MT103"}, {&asked.Instr, "instruction-id", "of the payment"},
	} {
		cmd.Flags().StringVar(flag.to, flag.name, "", flag.usage)
	}
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		freeze, err := domain.ParseFreeze(rest[0])
		if err != nil {
			return usage(err)
		}
		asked.Kind, asked.Reason = rest[1], strings.ToUpper(asked.Reason)
		return p.with(ctx, mustExist, func(o *office) error {
			paper, err := o.desk.Paper(ctx, id, freeze, asked)
			if err != nil {
				return err
			}
			if err := o.disclosed(ctx, id, freeze, asked.Kind); err != nil {
				return err
			}
			if p.form() == asJSON {
				return p.say(reply{object: paperShape{id, freeze, paper.Name, paper.File, paper.MediaType, listed(paper.Missing), listed(paper.Discloses), string(paper.Bytes)}})
			}
			for _, missing := range paper.Missing {
				p.tell("missing: %s", missing)
			}
			_, err = p.out.Write(paper.Bytes)
			return err
		})
	})
	return p.caseFlag(cmd)
}

// paperShape is a paper in JSON.
type paperShape struct {
	Case      domain.CaseID     `json:"case"`
	Freeze    domain.FreezeID   `json:"freeze"`
	Name      string            `json:"name"`
	File      string            `json:"file"`
	MediaType string            `json:"media_type"`
	Missing   []string          `json:"missing"`
	Discloses []domain.VictimID `json:"discloses"`
	Text      string            `json:"text"`
}

// answeredShape is what became of a bank's answers, in JSON.
type answeredShape struct {
	Case    domain.CaseID       `json:"case"`
	Answers []casework.Answered `json:"answers"`
}

func (p *program) freezeRead() *cobra.Command {
	dryRun := false
	cmd := &cobra.Command{
		Use: "read CASE FILE", Short: "Read a bank's answers to recalls (camt.029, pacs.004) and move the requests",
		Long: `Read answers to recalls. An answer belongs to a request where two identifiers or an identifier and the amount agree
and nothing speaks against it; then its step is taken. Where that is not sure nothing is taken: the choices are
shown, with what agrees and what differs, and a person takes the step.`,
		Example: "  clew freeze read C1 answer.xml\n  clew freeze read C1 answer.xml --dry-run --json", Args: p.takes("CASE", "FILE"),
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only say what each answer belongs to")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		file, err := p.fileOrSent(rest[0])
		if err != nil {
			return err
		}
		defer file.Close()
		by, err := p.by()
		if err != nil {
			return err
		}
		return p.with(ctx, mustExist, func(o *office) error {
			list, err := o.desk.ReadAnswers(ctx, by, id, casework.AnswerFile{In: file, DryRun: dryRun})
			if err != nil {
				return err
			}
			return p.say(reply{object: answeredShape{id, listed(list)}, text: func(w *page) {
				for _, answered := range list {
					answerText(w, id, answered)
				}
			}})
		})
	})
	return p.caseFlag(cmd)
}

// fileOrSent opens a file; of an errand it is the one that was sent.
func (p *program) fileOrSent(name string) (io.ReadCloser, error) {
	if p.errand != nil {
		return io.NopCloser(p.in), nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, domain.NotFound("%v", err)
	}
	return file, nil
}

// answerText says what became of one answer.
func answerText(w *page, id domain.CaseID, a casework.Answered) {
	head := fmt.Sprintf("Line %d: %s %s %s", a.Answer.Line, a.Answer.Message, a.Answer.Outcome, strings.Join(a.Answer.Codes, " "))
	switch {
	case a.Taken:
		w.line("%s: freeze %s takes the step %s", head, a.Choices[0].Freeze, a.Choices[0].Step.Step)
	case a.Sure:
		w.line("%s: belongs to freeze %s, whose step would be %s", head, a.Choices[0].Freeze, a.Choices[0].Step.Step)
	default:
		w.line("%s: nothing is taken", head)
	}
	for _, warning := range a.Warnings {
		w.line("  warning: %s", warning)
	}
	if a.Sure {
		return
	}
	for _, choice := range a.Choices {
		w.line("  perhaps freeze %s (agrees: %s; differs: %s): clew freeze %s %s %s …", choice.Freeze,
			strings.Join(choice.Agrees, ", "), strings.Join(choice.Differs, ", "), choice.Step.Step, id, choice.Freeze)
	}
}
