package mt940

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"clew/domain"
)

// update rewrites the files that say what each sample becomes: read them
// before they are committed.
var update = flag.Bool("update", false, "rewrite testdata/read")

// read gives what a file becomes, a line an item, and how many items count as
// read.
func read(t testing.TB, text string, options domain.ReadOptions) (said []string, err error) {
	t.Helper()
	err = Read(strings.NewReader(text), options, func(item domain.Item) error {
		said = append(said, show(item))
		return nil
	})
	return said, err
}

func show(item domain.Item) string {
	switch i := item.(type) {
	case domain.Row:
		return showRow(i.Movement)
	case domain.Noise:
		return fmt.Sprintf("%d noise", i.Line)
	case domain.Reject:
		return fmt.Sprintf("%d reject %s: %s", i.Evidence.Line, i.Field, i.Reason)
	case domain.Warning:
		return fmt.Sprintf("%d warning %s", i.Line, i.Reason)
	}
	return fmt.Sprintf("%T", item)
}

func showRow(m domain.Movement) string {
	text := fmt.Sprintf("%d %s %s %s -> %s %s %s", m.Evidence.Line, m.Kind, m.When, orNone(string(m.From)), orNone(string(m.To)), m.Amount, m.Amount.Asset.Code)
	if m.Opens {
		text += " opens"
	}
	for name, value := range map[string]string{" ref=": m.Ref} {
		if value != "" {
			text += name + value
		}
	}
	return text + " source=" + m.Source + " note=" + m.Note
}

func orNone(text string) string {
	if text == "" {
		return "?"
	}
	return text
}

// register has the one asset that a sample needs and ISO 4217 no longer has:
// the mark, which was money until 2001.
func register(t testing.TB) domain.ReadOptions {
	t.Helper()
	assets, err := domain.StandardAssets().With(domain.Asset{Code: "DEM", Digits: 2})
	if err != nil {
		t.Fatal(err)
	}
	return domain.ReadOptions{Assets: assets}
}

func samples(t testing.TB) []string {
	t.Helper()
	names, err := filepath.Glob("testdata/*/*.sta")
	if err != nil || len(names) < 25 {
		t.Fatalf("%d samples: %v", len(names), err)
	}
	return names
}

// Every sample becomes exactly what stands in testdata/read.
func TestSamples(t *testing.T) {
	for _, name := range samples(t) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			said, err := read(t, string(text), register(t))
			if err != nil {
				said = append(said, "error "+err.Error())
			}
			keep(t, filepath.Join("testdata/read", strings.TrimSuffix(filepath.Base(name), ".sta")+".txt"), strings.Join(said, "\n")+"\n")
		})
	}
}

func keep(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%swant\n%s", name, got, want)
	}
}
