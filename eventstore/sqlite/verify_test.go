package sqlite_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"clew/eventstore"
	"clew/eventstore/sqlite"
)

func verify(t *testing.T, path string) error {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	defer s.Close()
	return s.Verify(context.Background())
}

// Each change is made as a careful forger would: the schema is as before.
func TestVerifyFindsWhatWasChanged(t *testing.T) {
	for name, c := range map[string]struct{ table, verb, change, says string }{
		"a body":                    {"record", "update", `UPDATE record SET body = x'00' WHERE position = 15`, "record 15"},
		"a fast block":              {"record", "update", `UPDATE record SET fast = NULL WHERE position = 15`, "record 15"},
		"a leaf":                    {"record", "update", `UPDATE record SET leaf = zeroblob(32) WHERE position = 15`, "record 15"},
		"a kind":                    {"kind", "update", `UPDATE kind SET name = 'label.attached.v1'`, "record 1"},
		"a stream":                  {"stream", "update", `UPDATE stream SET name = 'case/C2'`, "record 1"},
		"an actor":                  {"append", "update", `UPDATE append SET actor = 'insp.holm' WHERE first = 11`, "record 11"},
		"a time":                    {"append", "update", `UPDATE append SET recorded_at = recorded_at - 1 WHERE first = 11`, "record 11"},
		"a key":                     {"append", "update", `UPDATE append SET key = 'k9' WHERE first = 11`, "record 11"},
		"where an append ends":      {"append", "update", `UPDATE append SET last = 19 WHERE first = 11`, "record 20"},
		"which append it is of":     {"record", "update", `UPDATE record SET append = 21 WHERE position = 15`, "record 15"},
		"a record is missing":       {"record", "delete", `DELETE FROM record WHERE position = 15`, "record 15"},
		"an append is missing":      {"append", "delete", `DELETE FROM append WHERE first = 11`, "record 11"},
		"two records are exchanged": {"record", "update", `UPDATE record SET position = CASE position WHEN 15 THEN -16 ELSE -15 END WHERE position IN (15, 16); UPDATE record SET position = -position WHERE position < 0`, "record 15"},
		"an evidence file":          {"chunk", "update", `UPDATE chunk SET bytes = x'00'`, "evidence"},
		"an evidence file is cut":   {"chunk", "delete", `DELETE FROM chunk WHERE number = 1`, "evidence"},
	} {
		t.Run(name, func(t *testing.T) {
			path := logWith(t, 3)
			putEvidence(t, path, bytes.Repeat([]byte("e"), 300<<10))
			if err := verify(t, path); err != nil {
				t.Fatalf("before: %v", err)
			}
			guard := fmt.Sprintf(`%s_no_%s`, c.table, c.verb)
			outside(t, path, `DROP TRIGGER `+guard, c.change, fmt.Sprintf(`CREATE TRIGGER %s BEFORE %s ON %s BEGIN SELECT RAISE(ABORT, 'what was recorded is never changed'); END`,
				guard, strings.ToUpper(c.verb), c.table))
			if err := verify(t, path); !errors.Is(err, eventstore.ErrDamaged) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("it says %v, and should name %s", err, c.says)
			}
		})
	}
}

func putEvidence(t *testing.T, path string, file []byte) {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.PutEvidence(context.Background(), bytes.NewReader(file)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// An index that does not fit its table would answer for a key or a version
// that is not there. Only SQLite's own check compares the two.
func TestVerifyComparesIndexes(t *testing.T) {
	path := logWith(t, 3)
	content := read(t, path)
	// The key k1 stands in the table and in the index; the index has it
	// twice near by another.
	at := bytes.LastIndex(content, []byte("k1"))
	if first := bytes.Index(content, []byte("k1")); at < 0 || first == at {
		t.Fatal("the key was not found twice")
	}
	for _, at := range []int{at, bytes.Index(content, []byte("k1"))} {
		changed := bytes.Clone(content)
		changed[at+1] = '7'
		write(t, path, changed)
		if err := verify(t, path); !errors.Is(err, eventstore.ErrDamaged) {
			t.Errorf("byte %d: %v", at, err)
		}
	}
}
