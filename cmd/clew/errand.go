package main

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"clew/domain"
	"clew/projections"
	"clew/web/gate"
)

// counterOf is where people at the other end of a line are served: each errand
// is one run of the program at the office that is open already. So what the
// API does is what the command line does, word for word.
type counterOf struct {
	program *program // whose flags and environment hold for all
	office  *office
}

// Carry carries a command out for somebody.
func (c *counterOf) Carry(ctx context.Context, e gate.Errand) error {
	return classed(c.run(e).carryOut(ctx))
}

// run is the program as it serves one errand: its environment is the server's,
// but for who asks and why.
func (c *counterOf) run(e gate.Errand) *program {
	server := c.program
	environment := map[string]string{
		"CLEW_STORE": server.store, "CLEW_MECHANISMS": server.mechanisms, "CLEW_SEAL_KEY": server.sealKeyFile, "CLEW_VAULT": server.keys,
		"CLEW_ACTOR": e.By.Actor, "CLEW_WHY": e.Why, "GOGC": "the server's",
	}
	return &program{
		args: lineOf(e), in: e.In, out: e.Out, err: io.Discard, now: server.now,
		getenv: func(name string) string { return environment[name] },
		office: c.office, errand: &e, hooksWithin: server.hooksWithin,
	}
}

// sees says whether lists may speak of a case: at a terminal, of every one.
func (p *program) sees(id domain.CaseID) bool {
	return p.errand == nil || p.errand.Sees == nil || p.errand.Sees(id)
}

// often hangs one branch into the tree: that of a question which a server is
// asked again and again. To make the other hundred commands takes as long as
// the answer.
func (p *program) often(root *cobra.Command) bool {
	if p.errand == nil {
		return false
	}
	word, _, _ := strings.Cut(p.errand.Command, " ")
	branch := oftenAsked()[word]
	if branch == nil {
		return false
	}
	p.add(root, groupAsk, branch(p))
	root.SetHelpCommandGroupID(groupAsk)
	root.SetCompletionCommandGroupID(groupAsk)
	return true
}

func oftenAsked() map[string]func(*program) *cobra.Command {
	return map[string]func(*program) *cobra.Command{
		"case": (*program).caseCommands, "trace": (*program).traceCommand, "where": (*program).whereCommand, "ledger": (*program).ledgerCommand,
		"explain": (*program).explainCommand, "rules": (*program).rulesCommand, "timeline": (*program).timelineCommand, "targets": (*program).targetsCommand,
		"movement": (*program).movementCommands, "freeze": (*program).freezeCommands, "victim": (*program).victimCommands, "account": (*program).accountCommands,
	}
}

// lineOf writes an errand as a command line. What people send stands behind
// "=" or "--", where nothing of it can be taken for a flag.
func lineOf(e gate.Errand) []string {
	line := append(strings.Fields(e.Command), "--key="+e.By.Key)
	switch e.Form {
	case gate.JSON:
		line = append(line, "--json")
	case gate.CSV:
		line = append(line, "--output=csv")
	}
	for name, values := range e.Flags {
		for _, value := range values {
			line = append(line, "--"+name+"="+value)
		}
	}
	return append(append(line, "--"), e.Args...)
}

// classed gives an error the class that its exit code stands for. An answer
// that says what is not right, such as an import with rejects, is an answer.
func classed(err error) error {
	var wrong *misused
	code := codeOf(err)
	switch {
	case code == exitDone, code == exitIncomplete:
		return nil
	case errors.As(err, &wrong):
		return usage(wrong.error)
	}
	return err
}

// Version is how many events a case has.
func (c *counterOf) Version(ctx context.Context, id domain.CaseID) (uint64, error) {
	return c.office.store.Version(ctx, projections.CaseStream(id))
}

// Commands lists what can be run, with the flags of each.
func (c *counterOf) Commands() []gate.Command {
	var list []gate.Command
	root := (&program{getenv: func(string) string { return "" }}).root()
	leaves(root, func(cmd *cobra.Command) {
		name := strings.TrimPrefix(cmd.CommandPath(), "clew ")
		one := gate.Command{Name: name, Short: cmd.Short, Long: cmd.Long, Answers: answersOf(name)}
		cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			one.Flags = append(one.Flags, gate.Flag{Name: f.Name, Kind: f.Value.Type(), Usage: f.Usage})
		})
		list = append(list, one)
	})
	return list
}

// leaves visits every command that can be run: a noun only names its verbs,
// unless it takes something itself.
func leaves(cmd *cobra.Command, do func(*cobra.Command)) {
	for _, c := range cmd.Commands() {
		if (!c.HasSubCommands() || c.Args != nil) && !c.Hidden {
			do(c)
		}
		leaves(c, do)
	}
}
