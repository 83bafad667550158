package lines

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func readLines(t *testing.T, in io.Reader) []Line {
	t.Helper()
	var all []Line
	for r := NewReader(in); ; {
		line, err := r.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		line.Text = bytes.Clone(line.Text)
		all = append(all, line)
	}
}

func readTable(t *testing.T, text string) []Record {
	t.Helper()
	var all []Record
	for table := NewTable(NewReader(strings.NewReader(text)), ','); ; {
		record, err := table.Next()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		record.Fields = append([]string(nil), record.Fields...)
		all = append(all, record)
	}
}

func TestLinesHaveNumbersAndNoEnds(t *testing.T) {
	lines := readLines(t, strings.NewReader("\xef\xbb\xbfone\r\n\ntwo\rhalf\nlast"))
	want := []string{"one", "", "two\rhalf", "last"}
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d", len(lines), len(want))
	}
	for i, line := range lines {
		if line.Number != i+1 || string(line.Text) != want[i] || line.TooLong {
			t.Errorf("line %d is %d %q", i+1, line.Number, line.Text)
		}
	}
}

func TestNothingAfterTheLastLineEnd(t *testing.T) {
	for text, want := range map[string]int{"": 0, "a": 1, "a\n": 1, "a\n\n": 2, "\n": 1} {
		if got := len(readLines(t, strings.NewReader(text))); got != want {
			t.Errorf("%q has %d lines, want %d", text, got, want)
		}
	}
}

func TestALineAtTheLimitIsReadAndOneBeyondIsNamed(t *testing.T) {
	for _, end := range []string{"\n", "\r\n"} {
		at, beyond := strings.Repeat("x", Limit), strings.Repeat("y", Limit+1)
		lines := readLines(t, strings.NewReader(at+end+beyond+end+"next"+end))
		if len(lines) != 3 || lines[0].TooLong || string(lines[0].Text) != at {
			t.Errorf("end %q: a line of %d bytes was not read", end, Limit)
		}
		if !lines[1].TooLong || lines[1].Number != 2 || len(lines[1].Text) != Limit {
			t.Errorf("end %q: a line of %d bytes was not named as too long", end, Limit+1)
		}
		if lines[2].TooLong || string(lines[2].Text) != "next" {
			t.Errorf("end %q: the line after it is %q", end, lines[2].Text)
		}
	}
}

// endless gives n bytes of x and then the rest.
type endless struct {
	left int
	rest io.Reader
}

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return e.rest.Read(p)
	}
	n := min(len(p), e.left)
	for i := range p[:n] {
		p[i] = 'x'
	}
	e.left -= n
	return n, nil
}

// spent is how many bytes of memory were asked for while f ran.
func spent(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestALineOf100MBCostsNoMemory(t *testing.T) {
	bytes := spent(func() {
		lines := readLines(t, &endless{100 << 20, strings.NewReader("\nnext\n")})
		if len(lines) != 2 || !lines[0].TooLong || string(lines[1].Text) != "next" {
			t.Errorf("the line after the long one was not read")
		}
	})
	if bytes > 16<<20 {
		t.Errorf("%d bytes were asked for, to read a line that is passed over", bytes)
	}
}

func TestAnErrorOfTheWorldIsPassedOn(t *testing.T) {
	broken := errors.New("the disk is gone")
	in := io.MultiReader(strings.NewReader("one\ntw"), &failing{broken})
	r := NewReader(in)
	if line, err := r.Next(); err != nil || string(line.Text) != "one" {
		t.Fatalf("%q %v", line.Text, err)
	}
	if _, err := r.Next(); !errors.Is(err, broken) {
		t.Fatalf("half a line was given instead of the error %v", err)
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

func TestHeadReadsNothingAway(t *testing.T) {
	r := NewReader(strings.NewReader("\xef\xbb\xbfhello\nworld"))
	head, err := r.Head(6)
	if err != nil || string(head) != "hel" {
		t.Fatalf("head %q %v", head, err)
	}
	if line, err := r.Next(); err != nil || string(line.Text) != "hello" {
		t.Fatalf("%q %v", line.Text, err)
	}
	if head, err := NewReader(strings.NewReader("")).Head(10); err != nil || len(head) != 0 {
		t.Fatalf("head of nothing: %q %v", head, err)
	}
}

func TestARecordMayRunOverLines(t *testing.T) {
	records := readTable(t, "a,\"x\r\ny\",b\nc,\"\"\"q\"\"\",\n")
	if len(records) != 2 || records[0].Line != 1 || records[0].Last != 2 || records[1].Line != 3 {
		t.Fatalf("%+v", records)
	}
	if got := strings.Join(records[0].Fields, "|"); got != "a|x\ny|b" {
		t.Errorf("first record is %q", got)
	}
	if got := strings.Join(records[1].Fields, "|"); got != `c|"q"|` {
		t.Errorf("second record is %q", got)
	}
}

func TestAMarkInsideAFieldStandsForItself(t *testing.T) {
	records := readTable(t, "Fa. \"Muster\",5\n")
	if len(records) != 1 || records[0].Problem != "" || records[0].Fields[0] != `Fa. "Muster"` {
		t.Fatalf("%+v", records)
	}
}

func TestAStrayMarkCostsOneLine(t *testing.T) {
	for name, text := range map[string]string{
		"never closed":          "a,\"b\nc,d\ne,f\n",
		"text after the second": "a,\"b\nc,d\ne,f\n1,\"2\"\n",
	} {
		records := readTable(t, text)
		if records[0].Problem == "" || records[0].Last != 1 || records[0].Fields != nil {
			t.Errorf("%s: the first record is %+v", name, records[0])
		}
		for _, record := range records[1:] {
			if record.Problem != "" || len(record.Fields) != 2 {
				t.Errorf("%s: line %d was lost: %+v", name, record.Line, record)
			}
		}
		if want := strings.Count(text, "\n"); len(records) != want {
			t.Errorf("%s: %d records of %d lines", name, len(records), want)
		}
	}
}

func TestAFieldMayRunOverSoManyLinesAndNoMore(t *testing.T) {
	field := "\"" + strings.Repeat("\n", maxSpanned) + "\",end\nnext,1\n"
	if records := readTable(t, field); len(records) != 2 || records[0].Problem != "" || records[0].Last != maxSpanned+1 {
		t.Errorf("a field over %d lines was not read", maxSpanned)
	}
	field = "\"" + strings.Repeat("\n", maxSpanned+1) + "x\",end\nnext,1\n"
	records := readTable(t, field)
	if records[0].Problem == "" || records[len(records)-1].Fields[0] != "next" {
		t.Errorf("a field over %d lines was taken", maxSpanned+1)
	}
}

func TestSoManyFieldsAndNoMore(t *testing.T) {
	for _, field := range []string{"a", "\"a\""} {
		at := strings.Repeat(field+",", maxFields-1) + field
		records := readTable(t, at+"\n"+at+","+field+"\n")
		if records[0].Problem != "" || len(records[0].Fields) != maxFields {
			t.Errorf("%d fields were refused: %s", maxFields, records[0].Problem)
		}
		if records[1].Problem == "" {
			t.Errorf("%d fields were taken", maxFields+1)
		}
	}
}

func TestARecordBeyondTheLimitIsNamed(t *testing.T) {
	half := strings.Repeat("x", Limit/2)
	records := readTable(t, "\""+half+"\n"+half+half[:8]+"\",1\n\"2\",3\n")
	if records[0].Problem == "" || records[0].Line != 1 {
		t.Errorf("a record of more than %d bytes was taken", Limit)
	}
	if last := records[len(records)-1]; last.Problem != "" || last.Fields[0] != "2" {
		t.Errorf("the record after it is %+v", last)
	}
}

func TestALineBeyondTheLimitWithinAFieldEndsIt(t *testing.T) {
	records := readTable(t, "\"a\n"+strings.Repeat("x", Limit+1)+"\nb\",1\n2,3\n")
	if len(records) != 4 || records[0].Problem == "" || records[1].Problem == "" || records[1].Line != 2 || records[3].Problem != "" {
		t.Errorf("%+v", records)
	}
}

func TestABlankRecordHasNothingInIt(t *testing.T) {
	for i, record := range readTable(t, "\n ,\t,\"\"\n\"x\n,0\n") {
		if want := i < 2; record.Blank() != want {
			t.Errorf("%+v is blank: %v", record, !want)
		}
	}
}

// Lines made so that each looks like the beginning of a record that runs over
// all the others: were each read to the end of the next thousand, these 20 MB
// would mean 20 GB of looking.
func TestNoFileIsLookedThroughAgainAndAgain(t *testing.T) {
	line, count := "x\",\"y\n", 1<<18
	in := io.MultiReader(strings.NewReader("\""), strings.NewReader(strings.Repeat(line, count)))
	table, reads, problems := NewTable(NewReader(in), ','), 0, 0
	for {
		record, err := table.Next()
		if err == io.EOF {
			break
		}
		reads += record.Last - record.Line + 1
		if record.Problem != "" {
			problems++
		}
	}
	if reads != count || problems == 0 {
		t.Errorf("%d of %d lines were accounted for, %d with a problem", reads, count, problems)
	}
}

// What encoding/csv writes, the table reads back.
func TestTableReadsWhatIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		field := rapid.StringOf(rapid.SampledFrom([]rune("ab,\"\n;é ")))
		rows := rapid.SliceOfN(rapid.SliceOfN(field, 2, 5), 1, 8).Draw(t, "rows")
		var text bytes.Buffer
		w := csv.NewWriter(&text)
		w.UseCRLF = rapid.Bool().Draw(t, "crlf")
		if err := w.WriteAll(rows); err != nil {
			t.Fatal(err)
		}
		table := NewTable(NewReader(&text), ',')
		for _, row := range rows {
			record, err := table.Next()
			if err != nil || record.Problem != "" {
				t.Fatalf("%+v %v", record, err)
			}
			if strings.Join(record.Fields, "\x00") != strings.Join(row, "\x00") {
				t.Fatalf("wrote %q, read %q", row, record.Fields)
			}
		}
		if _, err := table.Next(); err != io.EOF {
			t.Fatalf("there is more than was written: %v", err)
		}
	})
}

// Whatever the bytes are, every line is in exactly one record, in order.
func FuzzTable(f *testing.F) {
	for _, seed := range []string{"a,b\n", "\"a\n\"b\"\n", "\"\n\n\n\"\"\"", "a\"b,\"c\nd\"e,\r\n", "\xff\x00,\"", "x\",\"y\nx\",\"y\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		want := len(readLines(t, bytes.NewReader(file)))
		next := 1
		for table := NewTable(NewReader(bytes.NewReader(file)), ','); ; {
			record, err := table.Next()
			if err == io.EOF {
				break
			}
			if err != nil || record.Line != next || record.Last < record.Line {
				t.Fatalf("record %+v (%v) where line %d was next", record, err, next)
			}
			if (record.Problem == "") != (len(record.Fields) > 0) {
				t.Fatalf("record %+v has neither fields nor a problem, or both", record)
			}
			next = record.Last + 1
		}
		if next != want+1 {
			t.Fatalf("%d lines of %d were accounted for", next-1, want)
		}
	})
}
