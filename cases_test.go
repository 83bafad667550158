package clew_test

import (
	"path"
	"strings"
	"testing"

	"clew/testdata/cases"
)

// The commands of the sample cases are what `clew demo` and the tutorial give,
// so each must name a file that is there.
func TestEveryStepOfASampleCaseHasItsFile(t *testing.T) {
	for _, name := range cases.Names() {
		steps, err := cases.Steps(name)
		if err != nil {
			t.Fatal(err)
		}
		imported := 0
		for _, step := range steps {
			if step.Says == "" {
				t.Errorf("%s: %v has no comment that says why it is done", name, step.Args)
			}
			if step.Args[0] != "import" {
				continue
			}
			imported++
			if _, err := cases.Files.ReadFile(path.Join(name, step.Args[1])); err != nil {
				t.Errorf("%s imports %s: %v", name, step.Args[1], err)
			}
		}
		if imported < 2 || steps[0].Args[0] != "case" {
			t.Errorf("%s does not open a case and import several files: %v", name, steps)
		}
	}
}

func TestAnUnknownSampleCaseIsRefused(t *testing.T) {
	_, err := cases.Steps("atlantis")
	if err == nil || !strings.Contains(err.Error(), "romance") {
		t.Errorf("the error does not name the cases there are: %v", err)
	}
}
