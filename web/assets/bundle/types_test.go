package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// checked has TypeScript's own compiler look at files, and says what is wrong.
func checked(t *testing.T, files ...string) string {
	t.Helper()
	asked := append([]string{"--noEmit", "--strict", "--noUnusedLocals", "--noImplicitReturns", "--skipLibCheck",
		"--target", "es2022", "--module", "esnext", "--moduleResolution", "node"}, files...)
	said, err := exec.CommandContext(t.Context(), "tsc", asked...).CombinedOutput()
	if _, wrong := err.(*exec.ExitError); err != nil && !wrong {
		t.Fatalf("tsc: %v ('scripts/need test' installs it)", err)
	}
	if err != nil && len(said) == 0 {
		t.Fatalf("tsc: %v, and it says nothing", err)
	}
	return string(said)
}

// The bundler takes types away without looking at them: a wrong one would show
// in a user's browser only.
func TestTheTypesOfTheIslandsHold(t *testing.T) {
	entries, err := islands("..")
	if err != nil {
		t.Fatal(err)
	}
	var scripts []string
	for _, entry := range entries {
		if filepath.Ext(entry) == ".ts" {
			scripts = append(scripts, entry)
		}
	}
	if said := checked(t, scripts...); said != "" {
		t.Error(said)
	}
}

// What the test above relies on: a wrong type is found.
func TestAWrongOneOfTheTypesOfAnIslandIsFound(t *testing.T) {
	island := filepath.Join(t.TempDir(), "island.ts")
	if err := os.WriteFile(island, []byte("export const sum: bigint = 12;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if said := checked(t, island); !strings.Contains(said, "TS2322") {
		t.Errorf("a number passed for a bigint: %q", said)
	}
}
