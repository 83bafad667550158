package clew_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"testing"

	"clew/importers"
)

// scratch is where the tests of the whole house build the program.
var scratch, scratchErr = os.MkdirTemp("", "clew-house-")

func TestMain(m *testing.M) {
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// program builds clew once for all tests here and gives its path.
var program = sync.OnceValues(func() (string, error) {
	if scratchErr != nil {
		return "", scratchErr
	}
	binary := filepath.Join(scratch, "clew")
	build := exec.Command("go", append(append([]string{"build", "-o", binary}, buildFlags()...), "./cmd/clew")...)
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("clew does not build: %w\n%s", err, out)
	}
	return binary, nil
})

// buildFlags are the flags of this very test, so that SQLite's C is not
// compiled a second time.
func buildFlags() []string {
	build, _ := debug.ReadBuildInfo()
	for _, setting := range build.Settings {
		if setting.Key == "-race" && setting.Value == "true" {
			return []string{"-race"}
		}
	}
	return nil
}

func TestEveryFormatIsExplained(t *testing.T) {
	text := page(t, "docs/how-to/import.md") + page(t, "docs/reference/mapping.md")
	formats := importers.Formats()
	if len(formats) == 0 {
		t.Fatal("there is no format: nothing can be imported")
	}
	for _, format := range formats {
		if !strings.Contains(text, "`"+format.Name+"`") {
			t.Errorf("neither docs/how-to/import.md nor docs/reference/mapping.md names the format %s: say what it is and where such files come from", format.Name)
		}
	}
}
