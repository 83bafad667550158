package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// referencePage is the page of the docs that is made from the tree of commands.
const referencePage = "../../docs/reference/cli.md"

// inReach are the commands that cobra adds itself.
func inReach(cmd *cobra.Command) bool { return !cmd.Hidden && cmd.Name() != "help" }

func tree(t *testing.T) *cobra.Command {
	t.Helper()
	root := (&program{getenv: func(string) string { return "" }}).root()
	root.InitDefaultCompletionCmd()
	return root
}

// walk visits every command that can be run, in the order of the help.
func walk(cmd *cobra.Command, do func(*cobra.Command)) {
	for _, c := range cmd.Commands() {
		if !inReach(c) {
			continue
		}
		if !c.HasSubCommands() {
			do(c)
		}
		walk(c, do)
	}
}

func TestEveryCommandIsExplained(t *testing.T) {
	walk(tree(t), func(c *cobra.Command) {
		if strings.HasPrefix(c.CommandPath(), "clew completion") {
			return
		}
		if c.Short == "" || !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s has no short help, or its example does not show it", c.CommandPath())
		}
		if strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: the short help is no sentence and ends without a point", c.CommandPath())
		}
	})
}

func TestTheReferenceIsTheTree(t *testing.T) {
	want := reference(tree(t))
	if *update {
		if err := os.WriteFile(referencePage, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(referencePage)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the commands say: run 'go test ./cmd/clew -update' and read what changed", referencePage)
	}
}

func reference(root *cobra.Command) string {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# The command line\n\n%s\n\nThis page is made from the commands themselves by `go test ./cmd/clew -update`. What a script may rely on\nstands under [JSON](#json).\n\n", root.Long)
	b.WriteString("## Flags of every command\n\n")
	writeFlags(&b, root.PersistentFlags())
	b.WriteString(jsonChapter)
	for _, group := range root.Groups() {
		fmt.Fprintf(&b, "\n## %s\n", strings.TrimSuffix(group.Title, ":"))
		for _, c := range root.Commands() {
			if c.GroupID == group.ID && inReach(c) {
				writeBranch(&b, c)
			}
		}
	}
	return b.String()
}

func writeBranch(b *bytes.Buffer, c *cobra.Command) {
	if c.Name() == "completion" {
		fmt.Fprintf(b, "\n### `clew completion`\n\n%s: bash, zsh, fish, powershell.\n", c.Short)
		return
	}
	if !c.HasSubCommands() {
		writeCommand(b, c)
		return
	}
	for _, verb := range c.Commands() {
		writeBranch(b, verb)
	}
}

func writeCommand(b *bytes.Buffer, c *cobra.Command) {
	fmt.Fprintf(b, "\n### `%s`\n\n%s.\n", strings.TrimSuffix(c.UseLine(), " [flags]"), c.Short)
	if c.Long != "" {
		fmt.Fprintf(b, "\n%s\n", c.Long)
	}
	fmt.Fprintf(b, "\n```\n%s\n```\n", unindented(c.Example))
	if c.LocalNonPersistentFlags().HasAvailableFlags() {
		b.WriteString("\n")
		writeFlags(b, c.LocalNonPersistentFlags())
	}
}

func unindented(text string) string {
	return strings.ReplaceAll(strings.TrimPrefix(text, "  "), "\n  ", "\n")
}

func writeFlags(b *bytes.Buffer, flags *pflag.FlagSet) {
	b.WriteString("| flag | |\n|---|---|\n")
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		given := ""
		if f.DefValue != "" && f.DefValue != "false" && f.DefValue != "0" && f.DefValue != "-1" {
			given = " (default `" + f.DefValue + "`)"
		}
		fmt.Fprintf(b, "| `%s` | %s%s |\n", name, f.Usage, given)
	})
}
