//go:build unix

package sqlite_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"clew/eventstore"
	"clew/eventstore/sqlite"
)

// fill appends and files evidence until the disk is full: a limit on the size
// of files stands for it, which the process then lifts again.
func fill(path string, to io.Writer) error {
	const limit = 1 << 20
	if err := limitFiles(limit); err != nil {
		return err
	}
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	n, err := appendUntil(s, to)
	if !errors.Is(err, eventstore.ErrDiskFull) {
		return fmt.Errorf("after %d appends of a full disk: %w", n, err)
	}
	if _, err := s.PutEvidence(context.Background(), io.LimitReader(zeros{}, 2*limit)); !errors.Is(err, eventstore.ErrDiskFull) {
		return fmt.Errorf("evidence on a full disk: %w", err)
	}
	head, err := s.Head(context.Background())
	if err != nil || head != uint64(10*n) {
		return fmt.Errorf("%d appends were acknowledged, and the head is %d: %w", n, head, err)
	}
	if err := limitFiles(100 * limit); err != nil {
		return err
	}
	r, err := s.Append(context.Background(), batchOf(10))
	if err != nil || r.First != head+1 {
		return fmt.Errorf("with room again: %+v, %w", r, err)
	}
	fmt.Fprintln(to, r.First, r.Last)
	_, err = s.PutEvidence(context.Background(), io.LimitReader(zeros{}, 2*limit))
	return err
}

func limitFiles(size uint64) error {
	var now syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &now); err != nil {
		return err
	}
	now.Cur = size
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &now)
}

func appendUntil(s *sqlite.Store, to io.Writer) (n int, err error) {
	for ; n < 100_000; n++ {
		r, err := s.Append(context.Background(), batchOf(10))
		if err != nil {
			return n, err
		}
		fmt.Fprintln(to, r.First, r.Last)
	}
	return n, nil
}

func TestAFullDiskLosesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clew.db")
	out, err := process("fill", path).Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := bufio.NewScanner(bytes.NewReader(out))
	var first, last int
	for lines.Scan() {
		fmt.Sscan(lines.Text(), &first, &last)
	}
	if all := everything(t, path); len(all) != last || last < 100 {
		t.Errorf("%d events were acknowledged, and %d are there", last, len(all))
	}
}

// backUpOnAFullDisk has room for the log but not for a copy of it, be it a
// backup or a restored log.
func backUpOnAFullDisk(path string) error {
	ctx, dir := context.Background(), filepath.Dir(path)
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	backup := filepath.Join(dir, "backup")
	if _, err := s.Backup(ctx, backup); err != nil {
		return err
	}
	if err := limitFiles(40 << 10); err != nil {
		return err
	}
	if _, err := s.Backup(ctx, filepath.Join(dir, "second")); !errors.Is(err, eventstore.ErrDiskFull) {
		return fmt.Errorf("a backup on a full disk: %w", err)
	}
	if _, err := sqlite.Restore(ctx, backup, filepath.Join(dir, "restored.db")); !errors.Is(err, eventstore.ErrDiskFull) {
		return fmt.Errorf("a restore on a full disk: %w", err)
	}
	return nil
}

func TestAFullDiskLeavesNoHalfBackup(t *testing.T) {
	path := logWith(t, 40)
	if out, err := process("back up", path).Output(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if more := left(t, filepath.Dir(path), "clew.db", "backup"); len(more) > 0 {
		t.Errorf("left behind: %v", more)
	}
}

// look opens a log that this process may not write, in a directory that it
// may not write, and says what it finds.
func look(path string) error {
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	all, err := s.Read(context.Background(), 0, 100)
	if err != nil {
		return err
	}
	_, refused := s.Append(context.Background(), batchOf(1))
	_, err = fmt.Printf("%d records, read-only %v, refuses %v\n", len(all), s.ReadOnly(), errors.Is(refused, eventstore.ErrReadOnly))
	return err
}

// asNobody runs a role as a user for whom the rights of files hold: they hold
// for everybody but root.
func asNobody(t *testing.T, role, path string) (string, error) {
	t.Helper()
	c := process(role, path)
	if os.Geteuid() == 0 {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		c.Path = readable(t, c.Path)
	}
	c.Dir = "/"
	c.Stderr = nil
	out, err := c.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		out = append(out, exit.Stderr...)
	}
	return string(out), err
}

// readable copies a program to where everybody may run it.
func readable(t *testing.T, program string) string {
	t.Helper()
	dir := openDir(t)
	content, err := os.ReadFile(program)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "program"), content, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "program")
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

// locked copies a log into a directory where nobody may write anything.
func locked(t *testing.T, from string, suffixes ...string) string {
	t.Helper()
	dir := openDir(t)
	for _, suffix := range suffixes {
		if err := os.WriteFile(filepath.Join(dir, "clew.db"+suffix), read(t, from+suffix), 0o444); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "clew.db")
}

func TestALogThatOthersMayNotRead(t *testing.T) {
	path := locked(t, logWith(t, 1), "")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if out, err := asNobody(t, "look", path); err == nil || !strings.Contains(out, "may not read it") {
		t.Errorf("%s%v", out, err)
	}
}

const found = "20 records, read-only true, refuses true\n"

func TestReadingWhereNothingCanBeWritten(t *testing.T) {
	path := logWith(t, 2)
	if out, err := asNobody(t, "look", locked(t, path, "")); err != nil || out != found {
		t.Errorf("a log at rest: %s%v", out, err)
	}
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Append(context.Background(), batchOf(1)); err != nil {
		t.Fatal(err)
	}
	// Copied while it was open: what the write-ahead log holds must not be
	// passed over in silence.
	out, err := asNobody(t, "look", locked(t, path, "", "-wal"))
	if err == nil && strings.HasPrefix(out, "20 records") || err != nil && !strings.Contains(out, "copy both files") {
		t.Errorf("a log with a write-ahead log: %s%v", out, err)
	}
}

// A follower beside a real second process: in its order, nothing twice, and
// nothing left out, whichever of the two appended it.
func TestAFollowerBesideAnotherProcess(t *testing.T) {
	path := logWith(t, 1)
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c := process("append", path)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	var seen []eventstore.Record
	follow := func() {
		for batch, err := range s.Replay(context.Background(), uint64(len(seen))) {
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range batch {
				r.Body, r.Fast = bytes.Clone(r.Body), bytes.Clone(r.Fast)
				seen = append(seen, r)
			}
		}
	}
	own := 1 // appends of ten, the first of which made the log
	for ; own < 60 || len(seen) < 10*own+20; own++ {
		if _, err := s.Append(context.Background(), batchOf(10)); err != nil {
			t.Fatal(err)
		}
		follow()
	}
	if err := errors.Join(c.Process.Kill(), exited(c.Wait())); err != nil {
		t.Fatal(err)
	}
	follow()
	all := everything(t, path)
	if len(seen) != len(all) {
		t.Fatalf("%d records were seen, and there are %d", len(seen), len(all))
	}
	for i := range all {
		if len(all[i].Fast) > 0 {
			all[i].Body = nil
		}
		if !bytes.Equal(eventstore.Encode(all[i]), eventstore.Encode(seen[i])) {
			t.Fatalf("record %d was seen as %+v and is %+v", i+1, seen[i], all[i])
		}
	}
}

// exited takes it that a process was killed.
func exited(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}
