//go:build unix

package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A witness on another machine has nothing but a web address: what the log's
// keeper gives out is served by any web server. He signs what grew, and
// refuses what was rolled back, with the proof of it beside his state.
func TestAWitnessReadsFromAWebServer(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	store := []string{"--store", at("clew.db")}
	keeper := func(args ...string) string { t.Helper(); return must(t, append(args, store...)...) }
	keeper("case", "open", "C1", "--title", "The lost savings")
	keeper("key", "create")
	keeper("case", "note", "C1", "before")
	keeper("checkpoint", "--export", at("public"))
	if err := os.WriteFile(at("log.pub"), []byte(publicKey(t, keeper("key", "show"))), 0o600); err != nil {
		t.Fatal(err)
	}
	must(t, "key", "create", "--witness", "court.example/desk-4", "--seal-key", at("witness.key"))
	server := httptest.NewServer(http.FileServer(http.Dir(at("public"))))
	defer server.Close()
	witness := []string{"witness", "--from", server.URL, "--log-key", at("log.pub"), "--state", at("seen.txt"), "--seal-key", at("witness.key")}

	if signed := must(t, witness...); !strings.Contains(signed, "— court.example/desk-4 ") {
		t.Fatalf("it is not signed:\n%s", signed)
	}
	old := read(t, at("public"), "checkpoint")
	if err := os.WriteFile(at("rows.csv"), manyRows(600), 0o600); err != nil {
		t.Fatal(err)
	}
	keeper("import", at("rows.csv"), "--case", "C1") // more than two tiles of the tree
	keeper("checkpoint", "--export", at("public"))
	if signed := must(t, witness...); !strings.Contains(signed, "— court.example/desk-4 ") {
		t.Fatalf("what has grown is not signed:\n%s", signed)
	}

	if err := os.WriteFile(filepath.Join(at("public"), "checkpoint"), old, 0o600); err != nil {
		t.Fatal(err)
	}
	code, said := outcome(t, clew(t, witness...))
	if code != 1 || strings.Contains(said, "— court.example/desk-4 ") {
		t.Errorf("an old checkpoint ended with %d: %s", code, said)
	}
	server.Close()
	if code, said := outcome(t, clew(t, witness...)); code != exitFailed || !strings.Contains(said, server.URL) {
		t.Errorf("a server that is gone ended with %d: %s", code, said)
	}
}

// publicKey is the first word of what 'clew key show' says of a key.
func publicKey(t *testing.T, said string) string {
	t.Helper()
	key, _, found := strings.Cut(said, "\n")
	if !found || !strings.Contains(key, "+") {
		t.Fatalf("no key is shown: %s", said)
	}
	return key + "\n"
}

func read(t *testing.T, folder, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return content
}
