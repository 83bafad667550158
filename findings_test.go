package clew_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A finding is a reason to look. No decision rests on one: neither the facts
// nor what a person may do know that indicators exist, but for the threshold
// that somebody sets and its name in the log.
func TestNoActRestsOnAFinding(t *testing.T) {
	var files []string
	for _, room := range []string{"domain", "casework", "papers", "vault"} {
		list, wrong := filepath.Glob(filepath.Join(room, "*.go"))
		if wrong != nil || len(list) == 0 {
			t.Fatal(room, wrong)
		}
		files = append(files, list...)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, way := range []string{`"clew/indicators"`, ".Mules(", ".Findings("} {
			if strings.Contains(string(text), way) {
				t.Errorf("%s asks what the indicators find (%s): no act may rest on a finding", name, way)
			}
		}
	}
}
