package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/web/gate"
)

// program is one run of clew: what surrounds it, and the flags that every
// command has.
type program struct {
	args   []string
	in     io.Reader
	out    io.Writer
	err    io.Writer
	getenv func(string) string
	now    func() time.Time
	dir    string // where files that are named lie; "" for the current folder

	paper      *bufio.Writer // before out
	onTerminal bool          // standard output is one
	talking    bool          // standard error is one: progress may be drawn there

	store      string // --store
	actor      string // --actor
	key        string // --key
	output     string // -o
	json       bool   // --json
	strict     bool   // --strict
	mechanisms string // --mechanisms
	keys       string // --vault
	passphrase string // --vault-passphrase-file
	keyFile    string // --vault-key-file
	why        string // --why
	command    string // that is carried out, for the log of reads
	caseID     string // --case, for those who prefer it to the first argument
	cpuProfile string // --cpuprofile
	memProfile string // --memprofile

	sealKeyFile string // --seal-key
	hooksWithin bool   // --hooks-within
	sealNow     bool   // what this command does is signed at once

	understood bool // cobra found the command and its flags; what fails now is the command itself

	office *office      // that is open already, where a server carries the command out; nil: the command opens one
	errand *gate.Errand // of somebody at the other end of a line; nil: somebody is at the terminal
}

// run carries the command line out and answers with the exit code.
func run(p *program) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the process at once
	p.onTerminal, p.talking = terminal(p.out), terminal(p.err)
	err := p.carryOut(ctx)
	p.complain(err)
	return codeOf(err)
}

// carryOut finds the command and does it.
func (p *program) carryOut(ctx context.Context) error {
	p.paper = bufio.NewWriter(p.out)
	p.out = p.paper
	root := p.root()
	root.SetArgs(p.args)
	err := root.ExecuteContext(ctx)
	if err != nil && !p.understood {
		err = &misused{err}
	}
	if ctx.Err() != nil && err != nil {
		err = errors.Join(err, ctx.Err())
	}
	if flushed := p.paper.Flush(); err == nil && flushed != nil {
		err = fmt.Errorf("the answer could not be written to standard output: %w", flushed)
	}
	return err
}

// complain tells a person what went wrong.
func (p *program) complain(err error) {
	var wrong *misused
	switch {
	case err == nil:
	case errors.As(err, &wrong):
		fmt.Fprintf(p.err, "clew: %s\nSee 'clew --help', or 'clew COMMAND --help' with an example.\n", printable(wrong.Error()))
	case errors.Is(err, context.Canceled):
		fmt.Fprintf(p.err, "clew: interrupted; what was recorded stays recorded\n")
	default:
		fmt.Fprintf(p.err, "clew: %s\n", printable(err.Error()))
	}
}

// tell says something to the person at the terminal that is not the answer,
// after what has been answered so far.
func (p *program) tell(format string, args ...any) {
	p.paper.Flush() // an error stays with the writer and is told at the end
	fmt.Fprintln(p.err, printable(fmt.Sprintf(format, args...)))
}

// next says what a person would do next, unless a program asked.
func (p *program) next(format string, args ...any) {
	if p.form() == asTable {
		p.tell("next: "+format, args...)
	}
}

// work is the body of a command, once its arguments are counted.
type work func(ctx context.Context, args []string) error

// does makes work the body of a command.
func (p *program) does(do work) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if p.json && cmd.InheritedFlags().Changed("output") && p.output != string(asJSON) {
			return fmt.Errorf("--json and --output %s ask for two forms: give one of them", p.output)
		}
		if err := p.checkForm(); err != nil {
			return err
		}
		p.understood, p.command = true, cmd.CommandPath()
		return p.profiled(func() error { return do(cmd.Context(), args) })
	}
}

// doesAbout makes work about one case the body of a command; rest are its
// arguments but for the case.
func (p *program) doesAbout(do func(ctx context.Context, id domain.CaseID, rest []string) error) func(*cobra.Command, []string) error {
	return p.does(func(ctx context.Context, args []string) error {
		id, rest, err := p.about(args)
		if err != nil {
			return err
		}
		return do(ctx, id, rest)
	})
}

// takes checks the arguments by name and count. A name that ends in … may
// stand once or more; one in brackets may be left out. A first name of CASE or
// ID may be given as --case instead.
func (p *program) takes(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		wanted := names
		if p.caseID != "" && len(names) > 0 && namesCase(names[0]) {
			wanted = names[1:]
		}
		least, most := counts(wanted)
		switch {
		case len(args) < least:
			return fmt.Errorf("'%s' needs %s: for example\n%s", cmd.CommandPath(), wanted[len(args)], cmd.Example)
		case len(args) > most:
			return fmt.Errorf("'%s' does not know what to do with %q: for example\n%s", cmd.CommandPath(), args[most], cmd.Example)
		}
		return nil
	}
}

func namesCase(name string) bool { return name == "CASE" || name == "ID" }

func counts(names []string) (least, most int) {
	for _, name := range names {
		switch {
		case name[0] == '[':
			most++
		case len(name) > len("…") && name[len(name)-len("…"):] == "…":
			least, most = least+1, 1<<20
		default:
			least, most = least+1, most+1
		}
	}
	return least, most
}

// about gives the case that a command is about, and its other arguments.
func (p *program) about(args []string) (domain.CaseID, []string, error) {
	name := p.caseID
	if name == "" {
		name, args = args[0], args[1:]
	}
	id, err := domain.ParseCase(name)
	return id, args, usage(err)
}
