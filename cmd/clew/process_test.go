//go:build unix

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// clew is the program as a process of its own, so that rights, signals and
// standard streams are real. It is this very test under the name of clew.
func clew(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, args...)
	cmd.Args[0] = "clew"
	cmd.Env = append(os.Environ(), "CLEW_ACTOR=ina", "CLEW_STORE=", "NO_COLOR=1", "CLEW_TEST_NOW=2024-03-01T08:00:00Z")
	return cmd
}

// outcome runs the program and gives its exit code with all that it said.
func outcome(t *testing.T, cmd *exec.Cmd) (code int, said string) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

// must runs the program, which has to end well.
func must(t *testing.T, args ...string) string {
	t.Helper()
	code, said := outcome(t, clew(t, args...))
	if code != 0 {
		t.Fatalf("clew %v ended with %d:\n%s", args, code, said)
	}
	return said
}

// openDir is a directory that everybody may read, unlike those of t.TempDir.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "clew-test-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o755); os.RemoveAll(dir) })
	return dir
}

// asNobody lets a program run as a user for whom the rights of files hold:
// they hold for everybody but root.
func asNobody(t *testing.T, cmd *exec.Cmd) *exec.Cmd {
	t.Helper()
	cmd.Dir = "/"
	if os.Geteuid() != 0 {
		return cmd
	}
	program, err := os.ReadFile(cmd.Path)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Path = filepath.Join(openDir(t), "clew")
	if err := os.WriteFile(cmd.Path, program, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	return cmd
}

// A copy of a log on a stick, or in an evidence room: it may be read and not
// written. Every question is answered; nothing is recorded.
func TestALogThatMayOnlyBeReadAnswers(t *testing.T) {
	dir := openDir(t)
	store := filepath.Join(dir, "clew.db")
	must(t, "case", "open", "C1", "--title", "Romance", "--store", store)
	must(t, "payment", "report", "C1", "--victim", "V1", "--from", "X", "--to", "M", "--amount", "5.00", "--asset", "EUR", "--time", "2024-01-01", "--store", store)
	want := must(t, "trace", "C1", "--store", store, "--json")
	for _, leftover := range []string{".views", ".views-wal", ".views-shm"} {
		os.Remove(store + leftover)
	}
	for name, mode := range map[string]os.FileMode{store: 0o444, dir: 0o555} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	asked := asNobody(t, clew(t, "trace", "C1", "--store", store, "--json"))
	asked.Stderr = io.Discard
	got, err := asked.Output()
	if err != nil || string(got) != want {
		t.Errorf("a log that may only be read answers %v:\n%s\nand not:\n%s", err, got, want)
	}
	code, said := outcome(t, asNobody(t, clew(t, "case", "note", "C1", "x", "--store", store)))
	if code != exitDenied || !strings.Contains(said, "reading only") {
		t.Errorf("recording into a log that may only be read ends with %d: %s", code, said)
	}
	code, said = outcome(t, asNobody(t, clew(t, "case", "open", "C1", "--title", "x", "--store", filepath.Join(dir, "new.db"))))
	if code != exitDenied {
		t.Errorf("making a log where nothing may be written ends with %d: %s", code, said)
	}
}

// An import that is stopped says how far it came; run again it goes on, and
// nothing is counted twice.
func TestAnInterruptedImportGoesOn(t *testing.T) {
	store := filepath.Join(t.TempDir(), "clew.db")
	must(t, "case", "open", "C1", "--title", "Many", "--store", store)
	const rows = 150_000
	file := filepath.Join(t.TempDir(), "many.csv")
	if err := os.WriteFile(file, manyRows(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	interrupted := clew(t, "import", file, "--case", "C1", "--store", store, "--json")
	var out, talk bytes.Buffer
	interrupted.Stdout, interrupted.Stderr = &out, &talk
	if err := interrupted.Start(); err != nil {
		t.Fatal(err)
	}
	waitUntilRecording(t, store)
	if err := interrupted.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	interrupted.Wait()
	if code := interrupted.ProcessState.ExitCode(); code != exitInterrupted || !strings.Contains(talk.String(), "interrupted") || out.Len() > 0 {
		t.Fatalf("an interrupted import ends with %d, says %q and answers %q", code, talk.String(), out.String())
	}
	said := must(t, "import", file, "--case", "C1", "--store", store)
	var read, recorded, repeated int
	if _, err := fmt.Sscanf(said[strings.Index(said, "  read"):], "  read %d = recorded %d + repeated %d", &read, &recorded, &repeated); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if read != rows || recorded+repeated != rows || recorded == 0 || repeated == 0 {
		t.Errorf("after an interrupted import of %d rows the second says: %s", rows, said)
	}
}

// Whoever waits for a pipe that says nothing can still stop.
func TestWaitingForStandardInputCanBeInterrupted(t *testing.T) {
	store := filepath.Join(t.TempDir(), "clew.db")
	must(t, "case", "open", "C1", "--title", "Many", "--store", store)
	waiting := clew(t, "import", "-", "--case", "C1", "--store", store)
	pipe, err := waiting.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer pipe.Close()
	if err := waiting.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := pipe.Write(bytes.Repeat([]byte("x"), 1<<17)); err != nil { // more than a pipe holds: it is being read
		t.Fatal(err)
	}
	if err := waiting.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	waiting.Wait()
	if code := waiting.ProcessState.ExitCode(); code != exitInterrupted {
		t.Errorf("an interrupted wait for standard input ends with %d", code)
	}
}

// waitUntilRecording returns once the first rows are in the log and the
// import is in the midst of it.
func waitUntilRecording(t *testing.T, store string) {
	t.Helper()
	for range 2000 {
		said := must(t, "projections", "--store", store, "--json")
		var head int
		if _, err := fmt.Sscanf(said, "{\n  \"head\": %d", &head); err != nil {
			t.Fatalf("%v: %s", err, said)
		}
		if head > 1 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("the import never began to record")
}

func manyRows(n int) []byte {
	var b bytes.Buffer
	b.WriteString("time,id,from,to,amount,asset\n")
	for i := range n {
		fmt.Fprintf(&b, "2024-01-01T10:00:00Z,t%d,A%d,B%d,1.00,EUR\n", i, i%100, i%77)
	}
	return b.Bytes()
}

// What cannot be written out is no answer.
func TestAFullStandardOutputIsAnError(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	cmd := clew(t, "formats")
	cmd.Stdout = full
	var talk bytes.Buffer
	cmd.Stderr = &talk
	cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != exitFailed || !strings.Contains(talk.String(), "could not be written") {
		t.Errorf("a full standard output ends with %d: %s", code, talk.String())
	}
}

// A disk that fills up while a file is kept: nothing is lost, and the exit
// code says what it was. A limit on the size of files stands for the disk.
func TestAFullDiskIsToldAsSuch(t *testing.T) {
	store := filepath.Join(t.TempDir(), "clew.db")
	must(t, "case", "open", "C1", "--title", "Many", "--store", store)
	file := filepath.Join(t.TempDir(), "many.csv")
	if err := os.WriteFile(file, manyRows(20_000), 0o600); err != nil {
		t.Fatal(err)
	}
	limited := clew(t, "import", file, "--case", "C1", "--store", store)
	args := append([]string{"-c", `ulimit -f 400; trap '' XFSZ; exec -a clew "$0" "$@"`, limited.Path}, limited.Args[1:]...)
	limited.Path, limited.Args = "/bin/bash", append([]string{"bash"}, args...)
	code, said := outcome(t, limited)
	if code != exitFailed {
		t.Errorf("a full disk ends with %d: %s", code, said)
	}
	must(t, "trace", "C1", "--store", store)
}
