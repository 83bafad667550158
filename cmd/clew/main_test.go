package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite docs/reference/cli.md and what the scripts expect")

// TestMain lets the scripts run clew as a command of its own. There the clock
// can be set (CLEW_TEST_NOW); the program itself has no such door.
func TestMain(m *testing.M) {
	testscript.Main(closing{m}, map[string]func(){
		"clew": func() {
			code := run(&program{
				args: os.Args[1:], in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, now: clockOf(os.Getenv("CLEW_TEST_NOW")),
			})
			tellMemory(os.Getenv("CLEW_TEST_MEMORY"))
			os.Exit(code)
		},
	})
}

// tellMemory writes what Linux knows of this process into a file: among it the
// most memory it ever had (VmHWM). What a process that has ended leaves behind
// for that counts its parent's too, from before it became a program of its own.
func tellMemory(file string) {
	if file == "" {
		return
	}
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		os.WriteFile(file, status, 0o600)
	}
}

// clockOf stands still at a given time.
func clockOf(text string) func() time.Time {
	now, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return time.Now
	}
	return func() time.Time { return now }
}

// The scripts check what clew gives out with the program that outsiders have.
func TestScripts(t *testing.T) {
	p := inScripts(filepath.Join("testdata", "script"))
	verifier := filepath.Join(t.TempDir(), "clew-verify")
	if out, err := exec.Command("go", "build", "-o", verifier, "../clew-verify").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	inner := p.Setup
	p.Setup = func(env *testscript.Env) error {
		env.Setenv("PATH", filepath.Dir(verifier)+string(filepath.ListSeparator)+env.Getenv("PATH"))
		return inner(env)
	}
	p.UpdateScripts = *update
	testscript.Run(t, p)
}

// inScripts is how scripts run: with a store, an actor and a clock of their
// own.
func inScripts(dir string) testscript.Params {
	return testscript.Params{
		Dir:                 dir,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("CLEW_ACTOR", "ina")
			env.Setenv("CLEW_TEST_NOW", "2024-03-01T08:00:00Z")
			env.Setenv("CLEW_STORE", "sqlite:"+filepath.Join(env.WorkDir, "clew.db"))
			env.Setenv("TMPDIR", env.Getenv("WORK"))
			env.Setenv("GORACE", os.Getenv("GORACE")) // see the Makefile: how long a command waits before it ends
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"code": exitsWith, "json": jsonAt, "overwrite": overwrite, "nowhere": nowhere, "forge": forge, "pubkey": pubkey, "filehash": filehash},
		Condition: func(name string) (bool, error) {
			return name == "root" && runtime.GOOS != "windows" && os.Geteuid() == 0, nil
		},
	}
}
