package canonical

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"clew/domain"
	"clew/importers/lines"
	"pgregory.net/rapid"
)

// genRow draws the texts of a row that may be taken: what is printed of it,
// whatever way, must be read back as it was.
func genRow() *rapid.Generator[map[string]string] {
	account := rapid.SampledFrom([]string{"A", "M 1", "iban:DE89370400440532013000", "eip155:1:0xab", "cash:Paris", "Müller, Söhne", `the "Club"`})
	assets := []string{"EUR", "JPY", "BTC", "ETH", "USDT", "KWD"}
	return rapid.Custom(func(t *rapid.T) map[string]string {
		register := domain.StandardAssets()
		amount := func(asset, name string) string {
			found, err := register.Find(asset)
			if err != nil {
				t.Fatal(err)
			}
			return found.Format(domain.NewUnits(rapid.Int64Range(1, 1<<62).Draw(t, name)))
		}
		asset := rapid.SampledFrom(assets).Draw(t, "asset")
		row := map[string]string{
			"time": rapid.SampledFrom([]string{"2024-01-05", "2024-01-05T10:00:00Z", "2024-01-05T10:00:00.000000001Z"}).Draw(t, "time"),
			"from": account.Draw(t, "from"), "to": account.Draw(t, "to"), "asset": asset, "amount": amount(asset, "amount"),
			"id":   rapid.SampledFrom([]string{"", "x-1", "a,b", "ü"}).Draw(t, "id"),
			"note": rapid.SampledFrom([]string{"", "two\nlines", `"marked"`, "a, b", "ありがとう"}).Draw(t, "note"),
		}
		switch rapid.IntRange(0, 4).Draw(t, "sort") {
		case 0:
			row["victim"], row["scam"] = "V1", string(rapid.SampledFrom(domain.Scams()).Draw(t, "scam"))
		case 1:
			row["to_asset"] = rapid.SampledFrom(slices.DeleteFunc(slices.Clone(assets), func(a string) bool { return a == asset })).Draw(t, "to_asset")
			row["to_amount"] = amount(row["to_asset"], "to_amount")
		case 2:
			row["kind"], row["of"] = "return", "another"
		case 3:
			row["kind"], row["from"] = rapid.SampledFrom([]string{"opening", "balance"}).Draw(t, "kind"), ""
		case 4:
			row["fee"] = amount(asset, "fee")
		}
		return row
	})
}

func TestWhatIsPrintedIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := genRow().Draw(t, "row")
		columns := rapid.Permutation(names[:]).Draw(t, "columns")
		var file bytes.Buffer
		w := csv.NewWriter(&file)
		w.UseCRLF = rapid.Bool().Draw(t, "crlf")
		fields := make([]string, len(columns))
		for i, name := range columns {
			fields[i] = row[name]
		}
		if err := w.WriteAll([][]string{columns, fields}); err != nil {
			t.Fatal(err)
		}
		byCSV, rejects, _, err := collect(&file)
		if err != nil || len(byCSV) != 1 {
			t.Fatalf("%v %v", rejects, err)
		}
		byJSON, rejects, _, err := collect(strings.NewReader(jsonLine(row)))
		if err != nil || len(byJSON) != 1 {
			t.Fatalf("%v %v", rejects, err)
		}
		if byCSV[0].Content() != byJSON[0].Content() || byCSV[0].SourceID != byJSON[0].SourceID || byCSV[0].Note != byJSON[0].Note {
			t.Fatalf("in CSV  %s\nin JSON %s", tell(byCSV[0]), tell(byJSON[0]))
		}
		if again := printed(byCSV[0]); !maps.Equal(again, row) {
			t.Fatalf("read  %v\nprint %v", row, again)
		}
	})
}

// printed writes a movement's columns as they were.
func printed(m domain.Movement) map[string]string {
	row := map[string]string{"time": m.When.String(), "from": string(m.From), "to": string(m.To), "asset": string(m.Amount.Asset.Code),
		"amount": m.Amount.String(), "id": m.SourceID, "note": m.Note}
	if m.Victim != "" {
		row["victim"], row["scam"] = string(m.Victim), string(m.Scam)
	}
	if m.Received.Given() {
		row["to_asset"], row["to_amount"] = string(m.Received.Asset.Code), m.Received.String()
	}
	if m.Fee.Given() {
		row["fee"] = m.Fee.String()
	}
	if m.Kind == domain.Return {
		row["of"] = m.OfSource
	}
	if m.Kind != domain.Transfer && m.Kind != domain.Conversion {
		row["kind"] = string(m.Kind)
	}
	return row
}

// FuzzRead: whatever the bytes are, nothing panics, and every line after the
// header becomes exactly one row, rejection or blank line.
func FuzzRead(f *testing.F) {
	for _, rule := range broken() {
		f.Add([]byte(fullHeader + "\n" + csvRow(rule.row) + "\n" + csvRow(with())))
		f.Add([]byte(jsonLine(rule.row) + "\n" + goodJSON))
	}
	f.Add([]byte(`{"kind":"hop","time":"2024-01-05","asset":"BTC","inputs":[{"account":"a","amount":"1"}],"outputs":[{"account":"b","amount":"1"}]}`))
	f.Add([]byte("\xef\xbb\xbf\n\n" + fullHeader + "\r\n\"\n\"\"\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		next, told := 1, 0
		err := Read(bytes.NewReader(file), domain.ReadOptions{Assets: domain.StandardAssets()}, func(item domain.Item) error {
			line := 0
			switch item := item.(type) {
			case domain.Row:
				line = item.Movement.Evidence.Line
				if item.Movement.ID != "" {
					t.Fatal("a reader has named a movement")
				}
			case domain.Reject:
				line = item.Evidence.Line
				if item.Reason == "" {
					t.Fatal("a rejection without a reason")
				}
			case domain.Noise:
				line = item.Line
			default:
				return nil
			}
			if line < next {
				t.Fatalf("line %d is told of after line %d", line, next-1)
			}
			next = line + 1
			told++
			return nil
		})
		if err != nil && domain.ClassOf(err) != domain.ClassUsage {
			t.Fatalf("reading bytes failed: %v", err)
		}
		if got, want := told, records(file); err == nil && got != want {
			t.Fatalf("%d records of %d were accounted for", got, want)
		}
	})
}

// records counts what should be accounted for.
func records(file []byte) int {
	r := lines.NewReader(bytes.NewReader(file))
	head, _ := r.Head(64 << 10)
	next, count := func() error { _, err := r.Next(); return err }, 0
	if begin := bytes.TrimSpace(head); len(begin) == 0 || begin[0] != '{' {
		table := lines.NewTable(r, ',')
		next, count = func() error { _, err := table.Next(); return err }, -1 // the header
	}
	for next() != io.EOF {
		count++
	}
	return count
}

// A hostile file is as long as it likes and costs no more memory than a short
// one: rows that all differ, and one line of 100 MB.
func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	const rowCount = 50_000
	hostile := io.MultiReader(strings.NewReader("time,from,to,amount,asset\n"), &many{left: rowCount}, io.LimitReader(zeros{}, 100<<20))
	var most uint64
	rows, rejects := 0, 0
	err := Read(hostile, domain.ReadOptions{Assets: domain.StandardAssets()}, func(item domain.Item) error {
		switch item.(type) {
		case domain.Row:
			rows++
		case domain.Reject:
			rejects++
		}
		if (rows+rejects)%10_000 == 1 {
			most = max(most, inUse())
		}
		return nil
	})
	most = max(most, inUse())
	if err != nil || rows != rowCount || rejects != 1 {
		t.Fatalf("%d rows, %d rejects, %v", rows, rejects, err)
	}
	if most > 64<<20 {
		t.Errorf("%d bytes were in use at once", most)
	}
}

// inUse is how much memory is held.
func inUse() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// many gives rows that all name another payer.
type many struct {
	left int
	rest string
}

func (m *many) Read(p []byte) (int, error) {
	if m.rest == "" {
		if m.left == 0 {
			return 0, io.EOF
		}
		m.rest = fmt.Sprintf("2024-01-05,payer %0100d,B,1,EUR\n", m.left)
		m.left--
	}
	n := copy(p, m.rest)
	m.rest = m.rest[n:]
	return n, nil
}

// zeros gives bytes of 0 without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func BenchmarkReadCSV(b *testing.B)  { benchmark(b, fullHeader+"\n", csvRow(benchRow())) }
func BenchmarkReadJSON(b *testing.B) { benchmark(b, "", jsonLine(benchRow())) }

func benchRow() map[string]string {
	return with("from", "iban:DE89370400440532013000", "id", "x-1", "ref", "E2E-1", "victim", "V1", "scam", "romance", "fee", "0.10", "note", "for the flight")
}

func benchmark(b *testing.B, header, row string) {
	const rows = 10_000
	file := header + strings.Repeat(row+"\n", rows)
	b.ReportAllocs()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		count := 0
		err := Read(strings.NewReader(file), domain.ReadOptions{Assets: domain.StandardAssets()}, func(domain.Item) error { count++; return nil })
		if err != nil || count != rows {
			b.Fatal(count, err)
		}
	}
	b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
}
