package pdf

import (
	"strings"
	"testing"

	"clew/domain"
)

func TestAPDFIsRefusedWithWhatToAskFor(t *testing.T) {
	err := Read(strings.NewReader("%PDF-1.7 ..."), domain.ReadOptions{}, func(domain.Item) error {
		t.Error("something was read")
		return nil
	})
	if domain.ClassOf(err) != domain.ClassUsage {
		t.Errorf("%v", err)
	}
	for _, want := range []string{"camt.053", "MT940", "CSV", "XLSX", "account", "the first and the last day", "clew template"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the refusal does not name %q: %v", want, err)
		}
	}
}

func TestDetect(t *testing.T) {
	for head, want := range map[string]int{
		"%PDF-1.4\n":                              95,
		strings.Repeat(" ", 1000) + "%PDF-1.4\n":  95,
		strings.Repeat(" ", 1024) + "%PDF-1.4\n":  0,
		"date,text\n2024-01-05,see statement.pdf": 0,
		"": 0,
	} {
		if got := Detect([]byte(head), "x.pdf"); got != want {
			t.Errorf("%.20q: %d", head, got)
		}
	}
}
