package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// A profile is written of work that succeeds and of work that fails, in the
// form that 'go tool pprof' reads: gzip.
func TestAProfileIsWrittenOfAnyCommand(t *testing.T) {
	dir := t.TempDir()
	store := filepath.Join(dir, "clew.db")
	must(t, "case", "open", "C1", "--title", "Many", "--store", store)
	file := filepath.Join(dir, "rows.csv")
	if err := os.WriteFile(file, manyRows(100), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"import", file, "--case", "C1"}, {"import", file, "--case", "C9"}, {"trace", "C1"}} {
		cpu, mem := filepath.Join(dir, "cpu"), filepath.Join(dir, "mem")
		clew(t, append(args, "--store", store, "--cpuprofile", cpu, "--memprofile", mem)...).Run()
		for _, profile := range []string{cpu, mem} {
			text, err := os.ReadFile(profile)
			if err != nil || !bytes.HasPrefix(text, []byte{0x1f, 0x8b}) {
				t.Errorf("clew %v wrote no profile %s: %v", args, filepath.Base(profile), err)
			}
			os.Remove(profile)
		}
	}
	code, said := outcome(t, clew(t, "trace", "C1", "--store", store, "--cpuprofile", filepath.Join(dir, "no", "where")))
	if code != exitUsage {
		t.Errorf("a profile in no folder ends with %d: %s", code, said)
	}
}
