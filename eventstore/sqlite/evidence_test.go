package sqlite_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"testing"

	"clew/eventstore"
	"clew/eventstore/sqlite"
)

// A file of any size goes through the same few megabytes.
func TestEvidenceKeepsMemoryFlat(t *testing.T) {
	s := openNew(t)
	const size = 96 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	e, err := s.PutEvidence(context.Background(), io.LimitReader(zeros{}, size))
	runtime.ReadMemStats(&after)
	if err != nil || e.Size != size {
		t.Fatal(e, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
		t.Errorf("%d MB were allocated for a file of %d", used>>20, size>>20)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// An upload that broke off is taken up where it ended, and a file that is
// there already adds no row.
func TestEvidenceIsResumedAndKeptOnce(t *testing.T) {
	path, file := logWith(t, 1), bytes.Repeat([]byte("evidence "), 200_000)
	sum := sha256.Sum256(file)
	chunk := file[:256<<10]
	outside(t, path, fmt.Sprintf(`INSERT INTO evidence (id, sha256, size, complete) VALUES (7, x'%x', %d, 0)`, sum, len(file)),
		fmt.Sprintf(`INSERT INTO chunk VALUES (7, 0, x'%x', x'%x')`, sha256.Sum256(chunk), chunk))
	for range 2 {
		s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if e, err := s.PutEvidence(context.Background(), bytes.NewReader(file)); err != nil || e != (eventstore.Evidence{SHA256: sum, Size: int64(len(file))}) {
			t.Fatal(e, err)
		}
		r, _, err := s.OpenEvidence(context.Background(), sum)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, file) {
			t.Errorf("%d bytes came back: %v", len(got), err)
		}
		s.Close()
	}
	if files, chunks := count(t, path, "evidence"), count(t, path, "chunk"); files != 1 || chunks != 7 {
		t.Errorf("%d files and %d chunks", files, chunks)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func count(t *testing.T, path, table string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(`SELECT count(*) FROM ` + table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// What was recorded cannot be changed by a slip at a SQLite prompt.
func TestThePromptIsGuarded(t *testing.T) {
	path := logWith(t, 1)
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		`UPDATE record SET body = x'00'`, `DELETE FROM record`, `UPDATE append SET actor = 'me'`, `DELETE FROM append`,
		`UPDATE stream SET name = 'x'`, `DELETE FROM kind`, `UPDATE meta SET value = 'x'`, `DELETE FROM meta`,
	} {
		if _, err := db.Exec(statement); err == nil {
			t.Errorf("%s was done", statement)
		}
	}
}
