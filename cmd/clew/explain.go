package main

import (
	"context"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

// explainShape is `explain --json`: every step in a sentence.
type explainShape struct {
	headShape
	Victim  domain.VictimID  `json:"victim"`
	Account domain.AccountID `json:"account"` // "": wherever it is
	Steps   []stepShape      `json:"steps"`
}

// stepShape is one step, with the lines that show it. A step without a
// movement says what lies where in the end.
type stepShape struct {
	Movement domain.MovementID `json:"movement"`
	Time     *domain.When      `json:"time"`
	Text     string            `json:"text"`
	Evidence []placeOfFile     `json:"evidence"`
}

type placeOfFile struct {
	SHA256 domain.SHA256 `json:"sha256"`
	File   string        `json:"file"`
	Line   int           `json:"line"`
	Page   string        `json:"page"`
}

func (p *program) explainCommand() *cobra.Command {
	var ask asking
	var victim, account string
	cmd := &cobra.Command{
		Use: "explain ID", Short: "Tell every step by which a victim's money came where it is",
		Long: `Tell every step by which a victim's money came where it is, in sentences, with the file and line that shows
each. With --account only how it came there.`,
		Example: "  clew explain C1 --victim V1\n  clew explain C1 --victim V1 --account M2 --rule libr --json", Args: p.takes("ID"),
	}
	cmd.Flags().StringVar(&victim, "victim", "", "whose money (needed)")
	cmd.Flags().StringVar(&account, "account", "", "only how it came to this account")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) (err error) {
		about := tracing.Ask{}
		if about.Victim, err = domain.ParseVictim(victim); err != nil {
			return flagError("--victim", err)
		}
		if account != "" {
			if about.Account, err = domain.ParseAccount(account); err != nil {
				return flagError("--account", err)
			}
		}
		return p.with(ctx, mustExist, func(o *office) error {
			question, err := ask.question(ctx, o, id)
			if err != nil {
				return err
			}
			e, err := o.views.Explain(ctx, question, about)
			if err != nil {
				return err
			}
			shape := shapeOfExplanation(ask.head(e.Traced), e)
			return p.say(reply{object: shape, table: explainTable(shape), text: func(w *page) { explainText(w, shape) }})
		})
	})
	return ask.rules(p.caseFlag(cmd))
}

func shapeOfExplanation(head headShape, e *projections.Explained) explainShape {
	shape := explainShape{headShape: head, Victim: e.Victim, Account: e.Account, Steps: []stepShape{}}
	files := e.Assembly.File.Files
	for _, s := range e.Sentences {
		step := stepShape{Movement: s.Movement, Text: s.Text, Evidence: []placeOfFile{}}
		if !s.When.IsZero() {
			step.Time = &s.When
		}
		for _, place := range e.Evidence[s.Movement] {
			step.Evidence = append(step.Evidence, placeOfFile{place.File, files[place.File].Name, place.Line, place.Page})
		}
		shape.Steps = append(shape.Steps, step)
	}
	return shape
}

func explainTable(shape explainShape) *table {
	t := newTable("time", "text", "movement", "file", "line>", "page")
	for _, s := range shape.Steps {
		time, first := "", placeOfFile{}
		if s.Time != nil {
			time = s.Time.String()
		}
		if len(s.Evidence) > 0 {
			first = s.Evidence[0]
		}
		t.add(time, s.Text, string(s.Movement), first.File, number(first.Line), first.Page)
	}
	return t
}

// explainText writes the sentences as the walk tells them, and then which file
// is meant by which hash.
func explainText(w *page, shape explainShape) {
	shape.head(w)
	w.space()
	for _, s := range shape.Steps {
		w.line("%s", s.Text)
	}
	named := map[domain.SHA256]bool{}
	files := newTable("file", "sha256")
	for _, s := range shape.Steps {
		for _, e := range s.Evidence {
			if !named[e.SHA256] && e.SHA256 != "" {
				named[e.SHA256] = true
				files.add(e.File, string(e.SHA256))
			}
		}
	}
	w.section("The files", files)
}
