package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// samples is a store with the sample cases.
type samples string

func sampleCases(t *testing.T) samples {
	t.Helper()
	store := "sqlite:" + filepath.Join(t.TempDir(), "clew.db")
	if err := clewIn(io.Discard, "demo", "--store", string(store)); err != nil {
		t.Fatal(err)
	}
	return samples(store)
}

// clewIn runs a command of clew in this process, at a moment that stands still.
func clewIn(out io.Writer, args ...string) error {
	p := &program{args: append(args, "--actor", "ina"), in: strings.NewReader(""), out: out, err: io.Discard,
		getenv: func(string) string { return "" }, now: clockOf("2024-04-02T08:00:00Z")}
	return p.carryOut(context.Background())
}

// says is what a command answers.
func (s samples) says(t *testing.T, args ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := clewIn(&out, append(args, "--store", string(s))...); err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return out.Bytes()
}

// answer is what it answers in JSON.
func (s samples) answer(t *testing.T, args ...string) map[string]any {
	t.Helper()
	var answer map[string]any
	if err := json.Unmarshal(s.says(t, append(args, "--json")...), &answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

// sampleNames are the cases that the demo opens.
func sampleNames() []string { return []string{"ROMANCE-1", "NDOH-2025", "WALLET-1", "BITFINEX-100"} }

var (
	htmlRow  = regexp.MustCompile(`<tr[^>]*>.*?</tr>`)
	htmlCell = regexp.MustCompile(`<t[hd][^>]*>(.*?)</t[hd]>`)
)

// printedRows are the rows of a table of the report, by the names of its
// columns.
func printedRows(t *testing.T, page []byte, id string) (rows []map[string]string) {
	t.Helper()
	table := regexp.MustCompile(`(?s)<table id="` + id + `">.*?</table>`).Find(page)
	var names []string
	for _, row := range htmlRow.FindAll(table, -1) {
		var cells []string
		for _, cell := range htmlCell.FindAllSubmatch(row, -1) {
			cells = append(cells, html.UnescapeString(string(cell[1])))
		}
		if names == nil {
			names = cells
			continue
		}
		named := map[string]string{}
		for i, name := range names {
			named[name] = cells[i]
		}
		if named[names[0]] != "all" { // the sum of the rows above
			rows = append(rows, named)
		}
	}
	return rows
}

// sameRows holds a table of the report against the answer of another command,
// row by row. A column that the report leaves out must be nothing but zeros.
func sameRows(t *testing.T, page []byte, id string, answer any, columns map[string]string) {
	t.Helper()
	printed, rows := printedRows(t, page, id), answer.([]any)
	if len(printed) != len(rows) {
		t.Errorf("table %s has %d rows, the answer %d", id, len(printed), len(rows))
		return
	}
	for i, row := range rows {
		for field, column := range columns {
			want := fmt.Sprint(row.(map[string]any)[field])
			if got, there := printed[i][column]; got != want && (there || !nothing(want)) {
				t.Errorf("table %s, row %d, %s: the report says %q, the answer %q", id, i+1, column, got, want)
			}
		}
	}
}

// Every number of a report is the one that the other commands answer.
func TestTheReportSaysWhatTheOtherCommandsSay(t *testing.T) {
	store := sampleCases(t)
	for _, c := range sampleNames() {
		for _, rule := range []string{"fifo", "libr"} {
			page := store.says(t, "report", c, "--rule", rule)
			sameRows(t, page, "ledger", store.answer(t, "ledger", c, "--rule", rule)["victims"], map[string]string{"victim": "victim", "asset": "asset", "reported": "reported",
				"paid_back": "paid back", "net": "net", "own": "own", "at_large": "at large", "held": "held", "seized": "seized", "restored": "restored", "returned": "returned",
				"cashed_out": "cashed out", "at_service": "at service", "unaccounted": "unaccounted", "fees": "fees", "scam": "scam"})
			sameRows(t, page, "accounts", store.answer(t, "where", c, "--rule", rule)["accounts"], map[string]string{"account": "account", "asset": "asset", "balance": "balance",
				"untraced": "untraced", "unexplained": "unexplained", "held": "held"})
			sameRows(t, page, "targets", store.answer(t, "targets", c, "--rule", rule)["targets"], map[string]string{"account": "account", "traced": "traced", "least": "least", "most": "most", "seen": "last seen"})
			spreads := store.answer(t, "rules", c)["victims"].([]any)
			for _, s := range spreads {
				row := s.(map[string]any)
				row["least"], row["most"] = row["least"].(map[string]any)["recoverable"], row["most"].(map[string]any)["recoverable"]
				for name, units := range row["by_rule"].(map[string]any) {
					row["rule "+name] = units
				}
			}
			sameRows(t, page, "rules", spreads, map[string]string{"victim": "victim", "least": "least", "most": "most", "rule fifo": "fifo", "rule lifo": "lifo",
				"rule pro-rata": "pro-rata", "rule libr": "libr", "rule own-first-fifo": "own-first-fifo", "rule proceeds-first": "proceeds-first"})
			sameVictims(t, page, store.answer(t, "trace", c, "--rule", rule))
		}
	}
}

// sameVictims holds where each victim's money lies, and which payments are
// asked for, against the trace.
func sameVictims(t *testing.T, page []byte, trace map[string]any) {
	t.Helper()
	places := map[string][]any{}
	for _, v := range trace["victims"].([]any) {
		victim := v.(map[string]any)
		for _, place := range victim["positions"].([]any) {
			row := place.(map[string]any)
			row["state"], row["of"] = strings.ReplaceAll(row["state"].(string), "_", " "), victim["asset"]
			name := victim["victim"].(string)
			places[name] = append(places[name], row)
		}
	}
	for name, rows := range places {
		sameRows(t, page, "victim-"+name+"-places", rows, map[string]string{"account": "account", "claim": "claim", "of": "asset", "asset": "asset there", "state": "state"})
	}
	for _, row := range printedRows(t, page, "inquiries") {
		if !slices.ContainsFunc(slices.Concat(trace["accounts"].([]any), trace["missing"].([]any), trace["warnings"].([]any)), func(one any) bool { return asks(row, one.(map[string]any)) }) {
			t.Errorf("the report asks for what no answer says: %v", row)
		}
	}
}

// asks says whether a question rests on a frontier account, on a missing
// record or on a gap.
func asks(row map[string]string, about map[string]any) bool {
	if about["amount"] != nil {
		return row["amount"] == about["amount"] && row["asset"] == about["asset"]
	}
	return about["frontier"] == true && row["asset"] == about["asset"] && (row["account"] == about["account"] || strings.HasPrefix(about["account"].(string), "unknown:"))
}

// The reports of the sample cases as they were read; what differs from log to
// log (its name and its root) is taken out.
func TestTheReportsAreAsTheyWereRead(t *testing.T) {
	store := sampleCases(t)
	log := regexp.MustCompile(`clew/[A-Z2-7]{26}|root [A-Za-z0-9+/&;#]{43,80}=|head [0-9a-f…]{20,80}|clew \(devel\)[ 0-9a-f]*`)
	for _, c := range sampleNames() {
		page := log.ReplaceAll(store.says(t, "report", c), []byte("[of this log]"))
		name := filepath.Join("testdata", "report", c+".html")
		if *update {
			if err := os.WriteFile(name, page, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil || !bytes.Equal(page, want) {
			t.Errorf("the report of %s is not as it was read (%v): run 'go test ./cmd/clew -update' and look at what changed", c, err)
		}
	}
}

// The PDF is the page: the same words, and tagged for those who have it read
// to them.
func TestTheReportAsAPDFSaysTheSame(t *testing.T) {
	store := sampleCases(t)
	file := filepath.Join(t.TempDir(), "r.pdf")
	if err := clewIn(io.Discard, "report", "ROMANCE-1", "--format", "pdf", "-o", file, "--store", string(store)); err != nil {
		t.Fatal(err)
	}
	text, err := exec.Command("pdftotext", "-raw", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	printed := strings.Join(strings.Fields(string(text)), "")
	for _, table := range []string{"ledger", "accounts", "targets", "inquiries", "files", "rules"} {
		for _, row := range printedRows(t, store.says(t, "report", "ROMANCE-1"), table) {
			for _, cell := range row {
				if !strings.Contains(printed, strings.Join(strings.Fields(cell), "")) {
					t.Errorf("%q of table %s is not in the PDF", cell, table)
				}
			}
		}
	}
	pdf, err := os.ReadFile(file)
	if err != nil || !bytes.Contains(pdf, []byte("/StructTreeRoot")) || !bytes.Contains(pdf, []byte("/Marked true")) {
		t.Errorf("the PDF is not tagged: %v", err)
	}
}

func TestWithoutABrowserItSaysWhatToInstall(t *testing.T) {
	_, err := printed(context.Background(), "no-such-browser", nil)
	if err == nil || !strings.Contains(err.Error(), "apt-get install chromium") || !strings.Contains(err.Error(), "--format html") {
		t.Error(err)
	}
}
