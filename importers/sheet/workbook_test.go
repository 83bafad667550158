package sheet

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"clew/domain"
)

// sheetOf makes a workbook with one sheet of rows.
func sheetOf(t testing.TB, rows [][]any, change func(*excelize.File)) string {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	for i, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	if change != nil {
		change(f)
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAWorkbookIsReadByTheSameMapping(t *testing.T) {
	mapping := "columns: {date: Date, amount: Amount, account: Account, note: Text}\ndates: DD.MM.YYYY\ndecimal: ','\ngrouping: .\nasset: EUR\n"
	table := sheetOf(t, [][]any{
		{"Statement of account"}, nil,
		{"Date", "Amount", "Account", "Text"},
		{"05.01.2024", "-1.234,50", "DE89370400440532013000", "as text"},
		{time.Date(2024, 1, 6, 0, 0, 0, 0, time.UTC), -1234.5, 532013000, "as a number"},
		{"07.01.2024", 0.1, "", "a tenth"},
		nil,
		{"08.01.2024", 1.005, "", "too fine"},
		{"09.01.2024", 1, 12345678901234567.0, "cut off"},
		{"10.01.2024", "x", "", "no number"},
	}, nil)
	becomes(t, mapping, table,
		"1 noise", "!3 noise",
		"4 transfer 2024-01-05 iban:DE89370400440532013000 -> ? 1234.50 EUR page=Sheet1 source=mapped iban:DE89370400440532013000 note=as text",
		"5 transfer 2024-01-06 bank:532013000 -> ? 1234.50 EUR page=Sheet1",
		"6 transfer 2024-01-07 ? -> bank:own 0.10 EUR", "8 reject amount", "9 reject account: 12345678901234500 has more than 15 digits", "10 reject amount")
}

func TestTimesInAWorkbook(t *testing.T) {
	mapping := plainMapping + "zone: Europe/Amsterdam\n"
	table := [][]any{{"Date", "Amount"}, {45296.427083333336, -1}, {45297, -2}, {0.5, -3}, {-1, -4}, {"2024-01-09", -5}, {999999999, -6}}
	becomes(t, mapping, sheetOf(t, table, nil),
		"2 transfer 2024-01-05T09:15:00Z", "3 transfer 2024-01-06 bank", "4 reject time", "5 reject time", "6 transfer 2024-01-09", "7 reject time")
	becomes(t, mapping, sheetOf(t, table[:3], func(f *excelize.File) {
		yes := true
		_ = f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &yes})
	}), "2 transfer 2028-01-06T09:15:00Z")
}

func TestTheSheetIsNamedOrTheOnlyOne(t *testing.T) {
	two := sheetOf(t, [][]any{{"Date", "Amount"}, {"2024-01-05", -1}}, func(f *excelize.File) {
		_, _ = f.NewSheet("Other, sheet")
		_ = f.SetSheetRow("Other, sheet", "A1", &[]any{"Date", "Amount"})
		_ = f.SetSheetRow("Other, sheet", "A2", &[]any{"2024-01-06", -2})
	})
	becomes(t, plainMapping, two, `error the workbook has several sheets: name one with --sheet: "Sheet1", "Other, sheet"`)
	becomes(t, plainMapping+"sheet: 'Other, sheet'\n", two, "2.00 EUR page=Other, sheet", "!1.00 EUR")
	becomes(t, plainMapping+"sheet: Third\n", two, `has no sheet "Third": its sheets are "Sheet1"`)
	options := standard()
	options.Map, options.Sheet = []byte(plainMapping+"sheet: 'Other, sheet'\n"), "Sheet1"
	said, err := read(t, two, options)
	if all := strings.Join(said, "\n"); err != nil || !strings.Contains(all, "1.00 EUR page=Sheet1") {
		t.Error(all, err)
	}
	options.Map = nil
	if _, err := read(t, two, options); err == nil || !strings.Contains(err.Error(), `"Date", "Amount"`) {
		t.Error(err)
	}
}

// A formula is not computed: what the file stores as its result is taken, and
// where it stores none there is none.
func TestFormulasAreNotComputed(t *testing.T) {
	table := sheetOf(t, [][]any{{"Date", "Amount"}, {"2024-01-05", -1}, {"2024-01-06", -2}}, func(f *excelize.File) {
		_ = f.SetCellFormula("Sheet1", "B3", "1+1")
	})
	result := func(stored string) string {
		return rewritten(t, table, "xl/worksheets/sheet1.xml", func(text string) string {
			if !strings.Contains(text, "<v>-2</v>") {
				t.Fatal(text)
			}
			return strings.Replace(text, "<v>-2</v>", stored, 1)
		})
	}
	becomes(t, plainMapping, result(""), "2 transfer", "3 reject amount: is missing", "has formulas")
	becomes(t, plainMapping, result("<v>-7.5</v>"), "3 transfer 2024-01-06 bank:own -> ? 7.50 EUR", "has formulas")
	becomes(t, plainMapping, sheetOf(t, [][]any{{"Date", "Amount"}, {"2024-01-05", "=HYPERLINK(\"http://x\")"}}, nil), "reject amount")
}

func TestRichAndInlineTexts(t *testing.T) {
	table := sheetOf(t, [][]any{{"Date", "Amount"}, {"2024-01-05", -1}}, func(f *excelize.File) {
		_ = f.SetCellRichText("Sheet1", "A1", []excelize.RichTextRun{{Text: "Da"}, {Text: "te"}})
	})
	becomes(t, plainMapping, table, "2 transfer 2024-01-05")
	inline := rewritten(t, table, "xl/worksheets/sheet1.xml", func(string) string {
		return `<worksheet xmlns="x"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Date</t><rPh sb="0" eb="1"><t>no</t></rPh></is></c><c t="inlineStr"><is><r><t>Amo</t></r><r><t>unt</t></r></is></c></row>` +
			`<row><c t="str"><v>2024-01-05</v></c><c><v>-1</v></c></row></sheetData></worksheet>`
	})
	becomes(t, plainMapping, inline, "2 transfer 2024-01-05 bank:own -> ? 1.00")
}

// rewritten changes one part of a workbook.
func rewritten(t testing.TB, table, part string, change func(string) string) string {
	t.Helper()
	in, err := zip.NewReader(strings.NewReader(table), int64(len(table)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, file := range in.File {
		from, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(from)
		if err != nil {
			t.Fatal(err)
		}
		to, err := w.Create(file.Name)
		if err != nil {
			t.Fatal(err)
		}
		if file.Name == part {
			text = []byte(change(string(text)))
		}
		if _, err := to.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// Damage is said: a row that is not read because the file ends within it would
// be a lost movement.
func TestDamagedWorkbooks(t *testing.T) {
	table := sheetOf(t, [][]any{{"Date", "Amount"}, {"2024-01-05", -1}, {"2024-01-06", -2}}, nil)
	sheet := "xl/worksheets/sheet1.xml"
	damage := func(old, with string) string {
		return rewritten(t, table, sheet, func(text string) string {
			if !strings.Contains(text, old) {
				t.Fatalf("%q is not in %s", old, text)
			}
			return strings.Replace(text, old, with, 1)
		})
	}
	flipped := []byte(table)
	flipped[bytes.Index(flipped, []byte("xl/worksheets/sheet1.xml"))+60] ^= 0x10
	for name, c := range map[string]struct{ file, want string }{
		"cut off":              {table[:len(table)/2], "damaged"},
		"one bit turned":       {string(flipped), "damaged"},
		"a torn sheet":         {damage("</sheetData>", ""), "damaged"},
		"a row out of order":   {damage(`<row r="3"`, `<row r="2"`), "comes after row"},
		"a cell out of order":  {damage(`r="B3"`, `r="A3"`), "stands twice"},
		"a text not there":     {damage(`t="s"><v>0</v>`, `t="s"><v>99</v>`), "not there"},
		"an odd number":        {damage("<v>-1</v>", "<v>NaN</v>"), "which is none"},
		"a declaration":        {damage("<worksheet", "<!DOCTYPE a><worksheet"), "document type declaration"},
		"another zip":          {rewritten(t, table, "none", nil)[:0] + zipOf(t, "readme.txt", "hello"), "it has no part"},
		"an old workbook":      {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more", "old workbook"},
		"a column far away":    {damage(`r="B3"`, `r="ZZZ3"`), "beyond column 512"},
		"no name for a column": {damage(`r="B3"`, `r="3"`), "stands twice"},
	} {
		t.Run(name, func(t *testing.T) { becomes(t, plainMapping, c.file, c.want) })
	}
}

func zipOf(t testing.TB, name, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	part, err := w.Create(name)
	if err == nil {
		_, err = io.WriteString(part, text)
	}
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return out.String()
}

// A few kilobytes that unfold to megabytes are stopped at the limit, wherever
// in the workbook they are.
func TestAWorkbookThatUnfoldsTooFar(t *testing.T) {
	const limit = 4 << 20
	blanks := strings.Repeat("<c/>"+strings.Repeat(" ", 1<<16-4), limit>>16)
	table := sheetOf(t, [][]any{{"Date", "Amount"}, {"2024-01-05", -1}}, nil)
	for part, text := range map[string]string{
		"xl/worksheets/sheet1.xml": "<worksheet><sheetData>" + blanks + "</sheetData></worksheet>",
		"xl/sharedStrings.xml":     "<sst>" + blanks + "</sst>",
		"xl/workbook.xml":          "<workbook>" + blanks + "</workbook>",
	} {
		bomb := rewritten(t, table, part, func(string) string { return text })
		if len(bomb) > 64<<10 {
			t.Fatalf("the bomb has %d bytes", len(bomb))
		}
		archive, err := zip.NewReader(strings.NewReader(bomb), int64(len(bomb)))
		if err != nil {
			t.Fatal(err)
		}
		w := unpacked(archive)
		w.limit = limit
		if err = w.open(""); err == nil {
			_, err = w.next()
		}
		if err == nil || !strings.Contains(err.Error(), "unfolds to more than 4 MB") || domain.ClassOf(err) != domain.ClassUsage {
			t.Errorf("%s: %v", part, err)
		}
	}
}

// zeros gives n bytes of nothing.
type zeros struct{ left int64 }

func (z *zeros) Read(p []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), z.left)
	z.left -= n
	return int(n), nil
}

func TestThePartOfAWorkbookAtItsLimit(t *testing.T) {
	for more, refused := range map[int64]bool{-1: false, 1: true} {
		_, err := io.Copy(io.Discard, &bounded{io.NopCloser(&zeros{maxUnfolded + more}), maxUnfolded, maxUnfolded})
		if (err != nil) != refused {
			t.Errorf("%d bytes beyond the limit: %v", more, err)
		}
	}
}

func TestAWorkbookBeyondTheLimit(t *testing.T) {
	options := standard()
	options.Map = []byte(plainMapping)
	err := Read(&repeated{"PK\x03\x04", strings.Repeat("x", 1<<16), maxWorkbook >> 16}, options, func(domain.Item) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "more than 64 MB") {
		t.Error(err)
	}
}

func TestDetectWorkbooks(t *testing.T) {
	table := sheetOf(t, [][]any{{"Date"}}, nil)
	if Detect([]byte(table), "x.bin") < 80 || Detect([]byte(table)[:30], "x.xlsx") < 80 {
		t.Error("a workbook is not recognised")
	}
	if Detect([]byte(zipOf(t, "a.txt", "x")), "x.zip") != 0 || Detect([]byte("Date,Amount\n"), "x.xlsx") != 0 {
		t.Error("something else is taken for a workbook")
	}
	for _, l := range Layouts() {
		if l.Detect([]byte(table), "elbi_umsaetze_1.csv") != 0 {
			t.Errorf("%s takes a workbook for its own", l.Name)
		}
	}
}

// Another reader of workbooks finds the same cells.
func TestAgainstAnotherReader(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var rows [][]any
		for range rapid.IntRange(1, 6).Draw(rt, "rows") {
			var row []any
			for range rapid.IntRange(1, 5).Draw(rt, "cells") {
				row = append(row, rapid.OneOf(
					rapid.StringMatching(`[a-zA-Zäß <&"']{0,8}`).AsAny(),
					rapid.Int32().AsAny(),
					rapid.Map(rapid.Int32Range(-1_000_000, 1_000_000), func(cents int32) any { return float64(cents) / 100 }).AsAny(),
				).Draw(rt, "cell"))
			}
			rows = append(rows, row)
		}
		table := sheetOf(t, rows, nil)
		theirs, err := excelize.OpenReader(strings.NewReader(table))
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = theirs.Close() }()
		ours, err := newWorkbook(strings.NewReader(table), &mapping{}, "")
		if err != nil {
			rt.Fatal(err)
		}
		for r, err := ours.next(); err != io.EOF; r, err = ours.next() {
			if err != nil {
				rt.Fatal(err)
			}
			for i, cell := range r.cells {
				name, _ := excelize.CoordinatesToCellName(i+1, r.line)
				if want, err := theirs.GetCellValue("Sheet1", name); err != nil || want != cell {
					rt.Fatalf("%s is %q, the other reader has %q (%v)", name, cell, want, err)
				}
			}
		}
	})
}

func FuzzWorkbook(f *testing.F) {
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Date</t></is></c><c r="B1" t="inlineStr"><is><t>Amount</t></is></c></row><row r="2"><c r="A2"><v>45296</v></c><c r="B2"><v>-1</v></c></row></sheetData></worksheet>`))
	f.Add([]byte(`<worksheet><sheetData><row><c t="s"><v>0</v></c></row></sheetData>`))
	table := sheetOf(f, [][]any{{"Date", "Amount"}, {"2024-01-05", -1}}, nil)
	options := standard()
	options.Map = []byte(plainMapping)
	f.Fuzz(func(t *testing.T, sheet []byte) {
		file := rewritten(t, table, "xl/worksheets/sheet1.xml", func(string) string { return string(sheet) })
		_ = Read(strings.NewReader(file), options, func(item domain.Item) error {
			if row, ok := item.(domain.Row); ok && row.Movement.When.IsZero() {
				t.Errorf("half a row: %+v", row.Movement)
			}
			return nil
		})
	})
}
