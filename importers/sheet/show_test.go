package sheet

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

func standard() domain.ReadOptions {
	return domain.ReadOptions{Assets: domain.StandardAssets(), Account: "bank:own"}
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
	for _, part := range [][2]string{{" ref=", m.Ref}, {" id=", m.SourceID}, {" fee=", fee(m)}} {
		if part[1] != "" {
			text += part[0] + part[1]
		}
	}
	if m.Received.Given() {
		text += " for " + m.Received.String() + " " + string(m.Received.Asset.Code)
	}
	if m.Evidence.Page != "" {
		text += " page=" + m.Evidence.Page
	}
	return text + " source=" + m.Source + " note=" + m.Note
}

func fee(m domain.Movement) string {
	if !m.Fee.Given() {
		return ""
	}
	return m.Fee.String()
}

func orNone(text string) string {
	if text == "" {
		return "?"
	}
	return text
}

// of gives what a table becomes by a mapping.
func of(t testing.TB, mapping, table string) (said []string, err error) {
	t.Helper()
	options := standard()
	options.Map = []byte(mapping)
	return read(t, table, options)
}

// samples are tables from real banks, each with the mapping that reads it:
// one that comes with clew, or one beside it.
var samples = map[string]string{
	"20171001-20171106.csv":                     "n26",
	"20180226-1000594757-umsatz.CSV":            "sparkasse",
	"2019-03-02_11-50-46_bunq-statement.csv":    "bunq",
	"MS_JANE_SMITH_01-12-2019_14-12-2019.csv":   "john-lewis-card",
	"Movements_1234512345_201805271848.csv":     "cz-raiffeisenbank",
	"TransactionHistory_20180418043121.csv":     "ocbc",
	"W80844_EBH_201945.202122.csv":              "hu-erste",
	"export_BE11123456789012_20180304_1422.csv": "kbc",
	"test_BOI_TransactionExport.csv":            "bank-of-ireland",
	"test_raiffeisen_02.csv":                    "at-raiffeisen",
	"test_headers.csv":                          "headers.yaml",
	"test_row_format_CD_flag.csv":               "flag.yaml",
	"test_row_format_neg_inflow.csv":            "at-raiffeisen",
	"TH_20180101-20180523_strana_1.csv":         "ceska.yaml",
	"kta_ei.dat":                                "schilling.yaml",
}

// Every sample becomes exactly what stands in testdata/read.
func TestSamples(t *testing.T) {
	for name, by := range samples {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			said, err := readBy(t, by, string(text))
			if err != nil {
				said = append(said, "error "+err.Error())
			}
			keep(t, filepath.Join("testdata/read", name+".txt"), strings.Join(said, "\n")+"\n")
		})
	}
}

func readBy(t *testing.T, by, text string) (said []string, err error) {
	t.Helper()
	for _, l := range Layouts() {
		if l.Name == by {
			err = l.Read(strings.NewReader(text), standard(), func(item domain.Item) error {
				said = append(said, show(item))
				return nil
			})
			return said, err
		}
	}
	mapping, err := os.ReadFile(filepath.Join("testdata", by))
	if err != nil {
		t.Fatal(err)
	}
	return of(t, string(mapping), text)
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
