package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The first command on a store of an older clew says what happened to it, and
// the next has nothing to say.
func TestAnOlderStoreIsUpgradedAndSaysSo(t *testing.T) {
	kept, err := os.ReadFile(filepath.Join("..", "..", "testdata", "stores", "v1.clew"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "clew.db")
	if err := os.WriteFile(path, kept, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, first := range []bool{true, false} {
		said := must(t, "case", "list", "--store", "sqlite:"+path)
		if !strings.Contains(said, "ROMANCE-1") || strings.Contains(said, "upgraded from version 1") != first {
			t.Errorf("first %v: %s", first, said)
		}
	}
}
