//go:build unix

package main

import (
	"clew/testdata/torture"

	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// answers are what must be the same however the case came to be.
func answers(t *testing.T, store string) string {
	t.Helper()
	return must(t, "ledger", "C1", "--json", "--store", store) + must(t, "where", "C1", "--json", "--store", store)
}

// An import is killed without warning at a random moment, again and again,
// until it comes to its end: then every row is there once, and the ledgers are
// those of an import that nobody disturbed. CLEW_KILLS raises the number.
func TestAKilledImportGoesOn(t *testing.T) {
	dir := t.TempDir()
	file, calm, killed := filepath.Join(dir, "rows.csv"), filepath.Join(dir, "calm.db"), filepath.Join(dir, "killed.db")
	const rows = 12_000
	if err := os.WriteFile(file, manyRows(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, store := range []string{calm, killed} {
		must(t, "case", "open", "C1", "--title", "Many", "--store", store)
	}
	began := time.Now()
	must(t, "import", file, "--case", "C1", "--store", calm)
	whole := time.Since(began)
	want := answers(t, calm)
	random, kills := torture.Chance(t, torture.SameSeed), torture.Often(t, "CLEW_KILLS", 4)
	for kills > 0 {
		kills -= killedImports(t, file, killed, kills, func() time.Duration { return time.Duration(random.Int64N(int64(whole))) })
		said := must(t, "import", file, "--case", "C1", "--store", killed)
		var read, recorded, repeated int
		fmt.Sscanf(said[strings.Index(said, "  read"):], "  read %d = recorded %d + repeated %d", &read, &recorded, &repeated)
		if read != rows || recorded+repeated != rows {
			t.Fatalf("after a killed import of %d rows the next says: %s", rows, said)
		}
		if got := answers(t, killed); !sameAnswers(got, want) {
			t.Fatalf("the answers differ:\n%.3000s\n%.3000s", got, want)
		}
		os.Remove(killed)
		os.Remove(killed + ".views")
		os.Remove(killed + ".keys")
		must(t, "case", "open", "C1", "--title", "Many", "--store", killed)
	}
}

// killedImports kills up to so many imports into one store, and stops when one
// came to its end; it gives how many were begun.
func killedImports(t *testing.T, file, store string, most int, after func() time.Duration) (begun int) {
	t.Helper()
	for begun < most {
		begun++
		cmd := clew(t, "import", file, "--case", "C1", "--store", store)
		var said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &said, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(after(), func() { cmd.Process.Kill() })
		cmd.Wait()
		timer.Stop()
		switch code := cmd.ProcessState.ExitCode(); code {
		case 0:
			return begun
		case -1: // killed
		default:
			t.Fatalf("an import after a kill ended with %d: %s", code, said.String())
		}
	}
	return begun
}

// sameAnswers compares but for the position of the log, which depends on how
// often a file was filed.
func sameAnswers(one, other string) bool {
	return withoutHead(one) == withoutHead(other)
}

func withoutHead(answer string) string {
	var kept []string
	for _, line := range strings.Split(answer, "\n") {
		if !strings.Contains(line, `"known_at"`) && !strings.Contains(line, `"head"`) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}
