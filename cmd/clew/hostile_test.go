//go:build linux

package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// hostile is a file that somebody made in order to do harm, or that a broken
// program made by chance. It is written when the test runs: what makes most of
// them hostile is their size.
type hostile struct {
	name  string // its ending says what it pretends to be
	write func(io.Writer) error
	code  int    // how the import ends: 1 where its one bad line was rejected and its one good line recorded, 2 where it is refused as a whole
	says  string // and what it says of it
}

const header = "time,from,to,amount,asset,id,note\n"

func row(amount, note string) string {
	return "2024-03-01T10:00:00Z,bank:A,bank:B," + amount + ",EUR,," + note + "\n"
}

// zeros gives so many zero bytes.
func zeros(n int64) io.Reader { return io.LimitReader(endless{}, n) }

type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// lines writes a table in which one line is hostile and one is good.
func lines(bad string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, header+bad+row("12.00", "good"))
		return err
	}
}

// long writes a table with one line of a hundred megabytes.
func long(w io.Writer) error {
	io.WriteString(w, header+"2024-03-01T10:00:00Z,bank:A,bank:B,1.00,EUR,,")
	chunk := bytes.Repeat([]byte("x"), 1<<20)
	for range 100 {
		if _, err := w.Write(chunk); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, "\n"+row("12.00", "good"))
	return err
}

// bomb writes a workbook whose parts are a gigabyte of nothing. A megabyte is
// compressed once and stands there a thousand times.
func bomb(w io.Writer) error {
	const times = 1000 / 3
	var once, end bytes.Buffer
	packer, err := flate.NewWriter(&once, flate.BestCompression)
	if err == nil {
		_, err = io.Copy(packer, zeros(1<<20))
	}
	if err == nil {
		err = packer.Flush() // ends at a byte, so that it can be repeated
	}
	if err != nil {
		return err
	}
	last, _ := flate.NewWriter(&end, flate.BestCompression)
	if err := last.Close(); err != nil {
		return err
	}
	sum := crc32.NewIEEE()
	io.Copy(sum, zeros(times<<20))
	z := zip.NewWriter(w)
	for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
		f, err := z.CreateRaw(&zip.FileHeader{Name: name, Method: zip.Deflate, CRC32: sum.Sum32(),
			CompressedSize64: uint64(times*once.Len() + end.Len()), UncompressedSize64: times << 20})
		if err != nil {
			return err
		}
		if _, err := f.Write(append(bytes.Repeat(once.Bytes(), times), end.Bytes()...)); err != nil {
			return err
		}
	}
	return z.Close()
}

// laughs writes a statement whose entities grow tenfold nine times.
func laughs(w io.Writer) error {
	fmt.Fprint(w, `<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY l0 "ha">`)
	for i := range 9 {
		fmt.Fprintf(w, `<!ENTITY l%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&l%d;", i), 10))
	}
	_, err := fmt.Fprint(w, `]><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>&l9;</Id></Stmt></BkToCstmrStmt></Document>`)
	return err
}

// deep writes a statement of a million elements, one within the other.
func deep(w io.Writer) error {
	io.WriteString(w, `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">`)
	_, err := io.WriteString(w, strings.Repeat("<A>", 1_000_000))
	return err
}

func nested(w io.Writer) error {
	_, err := io.WriteString(w, `{"time":`+strings.Repeat("[", 5_000_000))
	return err
}

func hostiles() []hostile {
	return []hostile{
		{"workbook.xlsx", bomb, 2, ""},
		{"laughs.xml", laughs, 2, "document type"},
		{"outside.xml", func(w io.Writer) error {
			_, err := io.WriteString(w, `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>&x;</BkToCstmrStmt></Document>`)
			return err
		}, 2, "document type"},
		{"deep.xml", deep, 2, ""},
		{"nested.jsonl", nested, 2, ""},
		{"exponent.csv", lines(row("1e400", "")), 1, "line 2"},
		{"digits.csv", lines(row(strings.Repeat("9", 500), "")), 1, "line 2"},
		{"fraction.csv", lines(row("0."+strings.Repeat("0", 500)+"1", "")), 1, "line 2"},
		{"minus.csv", lines(row("\u2212"+"5.00", "")), 1, "line 2"},
		{"rightleft.csv", lines("2024-03-01T10:00:00Z,bank:A\u202e,bank:B,5.00,EUR,,\n"), 1, "invisible"},
		{"escape.csv", lines(row("5.00", "\x1b[2J\x1b[H all is well")), 1, "control character"},
		{"nul.csv", lines(row("5.00", "a\x00b")), 1, "line 2"},
		{"latin.csv", lines(row("5.00", "caf\xe9")), 1, "line 2"},
		{"overlong.csv", lines(row("5.00", "\xc0\xaf")), 1, "line 2"},
		{"long.csv", long, 1, "line 2"},
		{"zeros.csv", func(w io.Writer) error { _, err := io.Copy(w, zeros(100<<20)); return err }, 2, ""},
	}
}

// Each is refused with a word on what it is, within 256 MB of memory; what is
// good in it is recorded, and the store works on. The time that each takes is
// printed, and stands in docs/testing.md.
func TestHostileFiles(t *testing.T) {
	for _, h := range hostiles() {
		t.Run(h.name, func(t *testing.T) {
			dir := t.TempDir()
			file, store := filepath.Join(dir, h.name), filepath.Join(dir, "clew.db")
			writeHostile(t, file, h)
			must(t, "case", "open", "C1", "--title", "x", "--store", store)
			cmd := clew(t, "import", file, "--case", "C1", "--store", store)
			memory := filepath.Join(dir, "memory")
			cmd.Env = append(cmd.Env, "CLEW_TEST_MEMORY="+memory)
			code, said := outcome(t, cmd)
			peak := mostMemory(t, memory)
			t.Logf("ended with %d after %v of work and %d MB: %.300s", code, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime(), peak, said)
			if code != h.code || !strings.Contains(said, h.says) || strings.Contains(said, "goroutine ") {
				t.Errorf("it ended with %d, and %d with %q was expected:\n%.2000s", code, h.code, h.says, said)
			}
			if peak > 256 {
				t.Errorf("it took %d MB of memory", peak)
			}
			if len(said) > 8<<10 {
				t.Errorf("it said %d bytes", len(said))
			}
			if good := strings.Count(must(t, "trace", "C1", "--store", store, "--json"), `"bank:A"`); (good > 0) != (h.code == 1) {
				t.Errorf("the good row was recorded: %v", good > 0)
			}
		})
	}
}

// mostMemory reads how many MB a process had at most from its own word on it.
func mostMemory(t *testing.T, file string) int {
	t.Helper()
	status, err := os.ReadFile(file)
	found := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if err != nil || found == nil {
		t.Fatalf("what it took of memory is not known: %v", err)
	}
	kilobytes, err := strconv.Atoi(string(found[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kilobytes / 1024
}

func writeHostile(t *testing.T, file string, h hostile) {
	t.Helper()
	f, err := os.Create(file)
	if err == nil {
		err = h.write(f)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}
