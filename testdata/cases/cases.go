// Package cases holds whole sample cases as they would lie in an
// investigator's folder: bank statements, an exchange's answer, what a block
// explorer gives. `clew demo` imports them, the tutorial walks through one, and
// tests of several rooms hold their answers against figures that were
// calculated by hand (EXPECTED.md and expected.json beside the files).
//
// Each case has a file commands.txt: the commands of `clew`, in the order in
// which an investigator would give them.
//
//	steps, err := cases.Steps("romance")
//	steps[0].Args // ["case", "open", "ROMANCE-1", "--title", "Two victims, one mule"]
package cases

import (
	"embed"
	"fmt"
	"strings"
)

// Files are the cases: a folder each.
//
//go:embed romance documented chain
var Files embed.FS

// Names lists the cases that have commands, in the order in which a newcomer
// should meet them.
func Names() []string { return []string{"romance", "documented", "chain"} }

// Step is one command of a case. A file is named as it is in the case's folder.
type Step struct {
	Says string   // why it is done: the comment above it
	Args []string // what follows the word clew
}

// Steps reads a case's commands. A line is a comment or a command; a comment
// belongs to the command below it; words with blanks are in double quotes.
func Steps(name string) ([]Step, error) {
	text, err := Files.ReadFile(name + "/commands.txt")
	if err != nil {
		return nil, fmt.Errorf("there is no sample case %q: it is one of %v", name, Names())
	}
	var steps []Step
	var says []string
	for i, line := range strings.Split(string(text), "\n") {
		comment, isComment := strings.CutPrefix(line, "#")
		switch {
		case isComment:
			says = append(says, strings.TrimSpace(comment))
		case strings.TrimSpace(line) == "":
			says = nil
		default:
			args, err := words(line)
			if err != nil {
				return nil, fmt.Errorf("%s/commands.txt line %d: %w", name, i+1, err)
			}
			steps = append(steps, Step{strings.Join(says, " "), args})
			says = nil
		}
	}
	return steps, nil
}

// words splits a command at blanks outside of double quotes and takes off the
// word clew.
func words(line string) ([]string, error) {
	var list []string
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			list = append(list, part)
			continue
		}
		list = append(list, strings.Fields(part)...)
	}
	if strings.Count(line, `"`)%2 == 1 || len(list) < 2 || list[0] != "clew" {
		return nil, fmt.Errorf("%q is not a command: it begins with clew, and quotes come in pairs", line)
	}
	return list[1:], nil
}
