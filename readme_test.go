package clew_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What the README and the tutorial show is run, in order, by one shell after
// another in one fresh folder that holds nothing but the samples. The rules:
//
//   - A block that begins with ```sh is run.
//   - A block that begins with ```text right after it is what it printed, to
//     stdout and stderr together. `go test . -update` writes it anew.
//   - A line … in what it printed stands for any lines. An update keeps such a
//     block as long as the rest of it still agrees.
//   - A command ends with 0 unless a line <!-- exit: N --> stands before it.
//   - A line <!-- not run: WHY --> before a block keeps it from being run. Only
//     the command that runs these very tests may have it.
//   - What differs from run to run is shown as a word: see steady.
const (
	runFence  = "```sh\n"
	showFence = "```text\n"
	fence     = "```\n"
)

// shown is one block of a page with what it says it prints.
type shown struct {
	line     int // of the page
	command  string
	output   string
	hasText  bool
	exit     string
	notRun   bool
	from, to int // of the output in the page
}

var remark = regexp.MustCompile(`<!-- (exit|not run): ([^>]*) -->\n$`)

// blocks finds what a page shows.
func blocks(t *testing.T, text string) []shown {
	t.Helper()
	var list []shown
	for at := 0; ; {
		start := strings.Index(text[at:], runFence)
		if start < 0 {
			return list
		}
		start += at
		body := start + len(runFence)
		end := strings.Index(text[body:], fence)
		if end < 0 {
			t.Fatalf("line %d: the block has no end", strings.Count(text[:start], "\n")+1)
		}
		end += body
		block := shown{line: strings.Count(text[:start], "\n") + 1, command: text[body:end], exit: "0"}
		if found := remark.FindStringSubmatch(text[:start]); found != nil {
			block.notRun = found[1] == "not run"
			if !block.notRun {
				block.exit = found[2]
			}
		}
		at = end + len(fence)
		rest := strings.TrimLeft(text[at:], "\n")
		if strings.HasPrefix(rest, showFence) {
			block.hasText = true
			block.from = len(text) - len(rest) + len(showFence)
			block.to = block.from + strings.Index(text[block.from:], fence)
			block.output = text[block.from:block.to]
			at = block.to + len(fence)
		}
		list = append(list, block)
	}
}

// changing is what no two runs share.
var changing = []struct {
	pattern *regexp.Regexp
	word    string
}{
	{regexp.MustCompile(`\b20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z`), "RECORDED-AT"},
	{regexp.MustCompile(`\b01[0-9A-HJKMNP-TV-Z]{24}\b`), "ULID"},
	{regexp.MustCompile(`(/[A-Za-z0-9._-]+)*/clew-demo[A-Za-z0-9._-]*`), "TEMPORARY-FOLDER"},
	{regexp.MustCompile(`\b\d+(\.\d+)? (s|ms)\b`), "N s"},
}

// steady takes out of an output what differs from run to run.
func steady(output string) string {
	for _, c := range changing {
		output = c.pattern.ReplaceAllString(output, c.word)
	}
	var lines []string
	for _, line := range strings.Split(output, "\n") {
		lines = append(lines, strings.TrimRight(line, " "))
	}
	return strings.Join(lines, "\n")
}

// desk is a fresh folder with the samples, and the program in PATH.
func desk(t *testing.T) (folder string, env []string) {
	t.Helper()
	house, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	binary, err := program()
	if err != nil {
		t.Fatal(err)
	}
	folder = t.TempDir()
	for _, name := range []string{"testdata", "Makefile", "go.mod"} {
		if err := os.Symlink(filepath.Join(house, name), filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
	}
	env = append(os.Environ(), "PATH="+filepath.Dir(binary)+":"+os.Getenv("PATH"), "NO_COLOR=1", "CLEW_ACTOR=ina", "CLEW_STORE=",
		"COLUMNS=120", "GOFLAGS="+strings.Join(append(buildFlags(), os.Getenv("GOFLAGS")), " "), "TZ=UTC", "LC_ALL=C.UTF-8",
		"MAKELEVEL=", "MAKEFLAGS=", "MFLAGS=") // a reader's make is not called by another, of which it would tell
	return folder, env
}

// run gives what a block prints and its exit code. What make runs, it runs
// in the house itself.
func run(folder string, env []string, command string) (output, exit string) {
	shell := exec.Command("bash", "-ec", command)
	shell.Dir, shell.Env = folder, env
	if strings.HasPrefix(command, "make ") {
		shell.Dir = "."
	}
	var both bytes.Buffer
	shell.Stdout, shell.Stderr = &both, &both
	err := shell.Run()
	var failed *exec.ExitError
	switch {
	case err == nil:
		exit = "0"
	case errors.As(err, &failed):
		exit = fmt.Sprint(failed.ExitCode())
	default:
		exit = err.Error()
	}
	return steady(both.String()), exit
}

func TestWhatTheReadmeShowsIsWhatHappens(t *testing.T)   { follow(t, "README.md") }
func TestWhatTheTutorialShowsIsWhatHappens(t *testing.T) { follow(t, "docs/tutorial.md") }

func TestWhatOperatorsAreToldIsWhatHappens(t *testing.T) { follow(t, "docs/trust/operations.md") }

// follow does what a page shows, as a newcomer would.
func follow(t *testing.T, name string) {
	text := page(t, name)
	folder, env := desk(t)
	list := blocks(t, text)
	if len(list) < 3 {
		t.Fatalf("%s shows only %d commands: the test does not see them", name, len(list))
	}
	for i, block := range list {
		if block.notRun {
			if strings.TrimSpace(block.command) != "make test" {
				t.Errorf("%s:%d: only 'make test' may go without being run", name, block.line)
			}
			continue
		}
		output, exit := run(folder, env, block.command)
		if exit != block.exit {
			t.Fatalf("%s:%d: %s ended with %s, not with %s:\n%s", name, block.line, block.command, exit, block.exit, output)
		}
		if agrees(block.output, output) {
			continue
		}
		list[i].output = output
		if block.hasText && !*update {
			t.Errorf("%s:%d: %s prints something else (%s): run 'go test . -update' and read what changed\n%s",
				name, block.line, block.command, firstDifference(block.output, output), output)
		}
	}
	if *update {
		if err := os.WriteFile(name, []byte(withOutputs(text, list)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// agrees says whether a block shows what was printed: word for word, but for
// the lines that … leaves out.
func agrees(shown, output string) bool {
	parts := strings.Split(shown, "…\n")
	rest, found := strings.CutPrefix(output, parts[0])
	for _, part := range parts[1:] {
		at := strings.Index("\n"+rest, "\n"+part)
		if part == parts[len(parts)-1] {
			at = len(rest) - len(part)
		}
		if at < 0 || !strings.HasPrefix(rest[at:], part) {
			return false
		}
		rest = rest[at+len(part):]
	}
	return found && rest == ""
}

func TestAnEllipsisLeavesOutWholeLinesOnly(t *testing.T) {
	const output = "one\ntwo\nthree\nfour\n"
	for shown, want := range map[string]bool{
		output:                      true,
		"one\n…\nfour\n":            true,
		"…\nfour\n":                 true,
		"one\n…\n":                  true,
		"one\n…\nthree\n…\n":        true,
		"one\n…\nree\n…\n":          false,
		"one\n…\nfive\n":            false,
		"one\ntwo\nthree\n":         false,
		"two\n…\n":                  false,
		"one\n…\nfour\n…\ntwo\n…\n": false,
		"":                          false,
	} {
		if agrees(shown, output) != want {
			t.Errorf("%q agrees with %q: it should be %v", shown, output, want)
		}
	}
}

// withOutputs is the page with what its blocks have printed now.
func withOutputs(text string, list []shown) string {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].hasText {
			text = text[:list[i].from] + list[i].output + text[list[i].to:]
		}
	}
	return text
}
