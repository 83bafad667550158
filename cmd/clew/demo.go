package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"clew/testdata/cases"
)

func (p *program) demoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "demo", Short: "Make sample cases, trace them and say where the money is",
		Long: `Make sample cases in a fresh store, import their files as an investigator would, and print each victim's loss
ledger, where the money is now, which statement to ask for next and what to freeze next. Without --store the store is a temporary
one, whatever CLEW_STORE says, so that no sample gets between real cases.`,
		Example: "  clew demo\n  clew demo --store sqlite:sample.db", Args: p.takes(),
	}
	serve := false
	cmd.Flags().BoolVar(&serve, "serve", false, "where a person is at the terminal, serve the samples then to a browser of this machine")
	cmd.RunE = p.does(func(ctx context.Context, _ []string) error {
		folder, err := os.MkdirTemp("", "clew-demo-")
		if err != nil {
			return err
		}
		store, litter := p.store, folder
		if !cmd.Flags().Changed("store") {
			store, litter = "sqlite:"+filepath.Join(folder, "clew.db"), filepath.Join(folder, "files")
		}
		defer os.RemoveAll(litter)
		files := filepath.Join(folder, "files")
		if err := os.CopyFS(files, cases.Files); err != nil {
			return err
		}
		d := demo{p, store, files, &page{out: p.out, colour: p.colours()}}
		if err := d.all(ctx); err != nil || !serve || !p.onTerminal {
			return err
		}
		p.store = store
		return p.serveStore(ctx, &serving{listen: "127.0.0.1:0"})
	})
	return cmd
}

// demo does with the sample cases what an investigator would do.
type demo struct {
	program *program
	store   string
	files   string
	page    *page
}

// demoCase is a sample case's answers, in JSON.
type demoCase struct {
	Case    string          `json:"case"`
	Ledger  json.RawMessage `json:"ledger"`
	Where   json.RawMessage `json:"where"`
	Targets json.RawMessage `json:"targets"`
}

func (d *demo) all(ctx context.Context) error {
	answers, first := []demoCase{}, ""
	d.greets()
	for _, name := range cases.Names() {
		id, err := d.work(ctx, name)
		if err != nil {
			return err
		}
		first = cmp.Or(first, id)
		if d.program.form() == asTable {
			err = d.show(ctx, id)
		} else {
			err = d.collect(ctx, id, &answers)
		}
		if err != nil {
			return err
		}
	}
	if d.program.form() == asTable {
		d.program.tell("next: the store stays, so look further: clew explain %s --victim V1 --store %s", first, d.store)
		d.program.tell("or in a browser: clew serve --store %s", d.store)
		return nil
	}
	return d.program.say(reply{object: map[string]any{"store": d.store, "cases": answers}})
}

// greets says to a newcomer how to read what follows.
func (d *demo) greets() {
	if d.program.form() != asTable {
		return
	}
	d.page.line("Sample cases, worked as an investigator would work them. Each line that begins with $ is a command that you")
	d.page.line("can give yourself. In a ledger, reported is what a victim paid to the scam, own is what of it was his, and the")
	d.page.line("columns after net say what has become of that. A frontier account holds traced money, and nothing later is")
	d.page.line("known of it: there is the next statement to ask for.")
	d.page.space()
}

// work does a case's commands and gives its name.
func (d *demo) work(ctx context.Context, name string) (id string, err error) {
	steps, err := cases.Steps(name)
	if err != nil {
		return "", err
	}
	for _, step := range steps {
		if len(step.Args) > 2 && step.Args[0] == "case" && step.Args[1] == "open" {
			id = step.Args[2]
			d.title(id)
		}
		d.says(step)
		if err := d.does(ctx, d.answer(), filepath.Join(d.files, name), step.Args); err != nil {
			return id, err
		}
	}
	if id == "" {
		return "", fmt.Errorf("the sample case %s opens no case: %w", name, fs.ErrInvalid)
	}
	return id, nil
}

// answer is where a step's answer is written: nowhere, where a program asked.
func (d *demo) answer() io.Writer {
	if d.program.form() == asTable {
		return d.program.out
	}
	return io.Discard
}

func (d *demo) title(id string) {
	if d.program.form() == asTable {
		d.page.head("==== %s ====", id)
	}
}

// says shows a command and why it is given.
func (d *demo) says(step cases.Step) {
	if d.program.form() != asTable {
		return
	}
	d.page.space()
	if step.Says != "" {
		d.page.line("# %s", step.Says)
	}
	d.page.head("$ clew %s", inShell(step.Args))
}

// inShell writes arguments as a person would type them.
func inShell(args []string) string {
	var words []string
	for _, arg := range args {
		if strings.ContainsAny(arg, " '$*?&;|<>()") {
			arg = `"` + arg + `"`
		}
		words = append(words, arg)
	}
	return strings.Join(words, " ")
}

// does carries a command out on the sample store. Rejected lines are a part of
// the sample; any other failure ends the demo.
func (d *demo) does(ctx context.Context, out io.Writer, dir string, args []string) error {
	p := d.program
	inner := &program{args: append(args, "--store", d.store), in: strings.NewReader(""), out: out, err: io.Discard,
		getenv: p.getenv, now: p.now, dir: dir, onTerminal: p.onTerminal}
	for flag, value := range map[string]string{"--actor": p.actor, "--vault": p.keys, "--vault-passphrase-file": p.passphrase, "--vault-key-file": p.keyFile} {
		if value != "" {
			inner.args = append(inner.args, flag, value)
		}
	}
	err := inner.carryOut(ctx)
	if codeOf(err) == exitIncomplete {
		fmt.Fprintf(out, "(%s: exit code 1)\n", printable(err.Error()))
		return nil
	}
	return err
}

// show prints what a newcomer wants to know of a case.
func (d *demo) show(ctx context.Context, id string) error {
	for _, question := range []struct{ says, does string }{
		{"Who has lost what, and what has become of it?", "ledger"}, {"Where is the money now, and which statement should be asked for next?", "where"},
		{"What should be frozen next, and why?", "targets"},
	} {
		args := []string{question.does, id}
		d.says(cases.Step{Says: question.says, Args: args})
		if err := d.does(ctx, d.program.out, d.files, args); err != nil {
			return err
		}
	}
	d.page.space()
	return nil
}

func (d *demo) collect(ctx context.Context, id string, answers *[]demoCase) error {
	answer := demoCase{Case: id}
	for _, question := range []struct {
		does string
		to   *json.RawMessage
	}{{"ledger", &answer.Ledger}, {"where", &answer.Where}, {"targets", &answer.Targets}} {
		var text bytes.Buffer
		if err := d.does(ctx, &text, d.files, []string{question.does, id, "--json"}); err != nil {
			return err
		}
		*question.to = text.Bytes()
	}
	*answers = append(*answers, answer)
	return nil
}
