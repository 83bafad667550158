package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// form is how an answer is written.
type form string

// The forms of --output.
const (
	asTable form = "table"
	asJSON  form = "json"
	asCSV   form = "csv"
)

// form is the one that was asked for.
func (p *program) form() form {
	if p.json {
		return asJSON
	}
	return form(p.output)
}

func (p *program) checkForm() error {
	switch p.form() {
	case asTable, asJSON, asCSV:
		return nil
	}
	return fmt.Errorf("--output %q is not one of table, json, csv", p.output)
}

// reply is one answer, for a program, for a spreadsheet and for a person.
type reply struct {
	object any         // for --json
	table  *table      // for --output csv; nil where the answer is no table
	text   func(*page) // for a person; nil: the table
}

// say writes an answer in the form that was asked for.
func (p *program) say(r reply) error {
	switch p.form() {
	case asJSON:
		return writeJSON(p.out, r.object)
	case asCSV:
		if r.table == nil {
			return usage(fmt.Errorf("this answer is no table: ask for --json, or leave --output away"))
		}
		return r.table.writeCSV(p.out)
	}
	sheet := &page{out: p.out, colour: p.colours()}
	if r.text == nil {
		sheet.table(r.table)
		return nil
	}
	r.text(sheet)
	return nil
}

// writeJSON writes one object with the amounts as the caller spelled them.
func writeJSON(out io.Writer, object any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(object)
}

// colours says whether headings may stand out: on a terminal only, and not
// where the person has said no (https://no-color.org).
func (p *program) colours() bool {
	return p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb" && p.onTerminal
}

// terminal says whether a stream is a terminal. The null device is a character
// device as well; what is written there is seen by nobody.
func terminal(stream any) bool {
	file, ok := stream.(*os.File)
	if !ok {
		return false
	}
	found, err := file.Stat()
	if err != nil || found.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(found, null)
}

// column is one column of a table. Amounts stand on the right, so that digits
// of one weight stand under one another.
type column struct {
	name  string
	right bool
}

// table is what can be written as rows, for a person or a spreadsheet.
type table struct {
	columns []column
	rows    [][]string
}

// newTable makes a table; a name that ends in > stands on the right.
func newTable(names ...string) *table {
	t := &table{}
	for _, name := range names {
		plain, right := strings.CutSuffix(name, ">")
		t.columns = append(t.columns, column{plain, right})
	}
	return t
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

func (t *table) names() []string {
	var names []string
	for _, c := range t.columns {
		names = append(names, c.name)
	}
	return names
}

// plainNumber is what a spreadsheet may take for a number without harm.
var plainNumber = regexp.MustCompile(`^[+-]?[0-9]+(\.[0-9]+)?$`)

// harmless puts an apostrophe before what a spreadsheet would run as a formula
// (OWASP, CSV Injection), unless it is a plain number.
func harmless(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) || plainNumber.MatchString(cell) {
		return cell
	}
	return "'" + cell
}

func (t *table) writeCSV(out io.Writer) error {
	w := csv.NewWriter(out)
	if err := w.Write(t.names()); err != nil {
		return err
	}
	for _, row := range t.rows {
		safe := make([]string, len(row))
		for i, cell := range row {
			safe[i] = harmless(cell)
		}
		if err := w.Write(safe); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// page is what a person reads.
type page struct {
	out    io.Writer
	colour bool
}

// line writes one line; what comes from files and people cannot move the
// cursor or turn the direction of writing.
func (p *page) line(format string, args ...any) {
	fmt.Fprintln(p.out, printable(fmt.Sprintf(format, args...)))
}

// head writes a line that stands out on a terminal.
func (p *page) head(format string, args ...any) {
	text := printable(fmt.Sprintf(format, args...))
	if p.colour {
		text = "\x1b[1m" + text + "\x1b[0m"
	}
	fmt.Fprintln(p.out, text)
}

// raw writes text as it is, but for what would move the cursor.
func (p *page) raw(text string) {
	for line := range strings.Lines(text) {
		p.line("%s", strings.TrimRight(line, "\r\n"))
	}
}

func (p *page) space() { fmt.Fprintln(p.out) }

// table writes rows under one another, two blanks between the columns.
func (p *page) table(t *table) {
	lines := append([][]string{t.names()}, t.rows...)
	widths := make([]int, len(t.columns))
	for i, line := range lines {
		lines[i] = make([]string, len(line))
		for c, cell := range line {
			lines[i][c] = printable(strings.Join(strings.FieldsFunc(cell, breaks), " "))
			widths[c] = max(widths[c], utf8.RuneCountInString(lines[i][c]))
		}
	}
	for i, line := range lines {
		text := t.aligned(line, widths)
		if i == 0 {
			p.head("%s", text)
			continue
		}
		fmt.Fprintln(p.out, text)
	}
}

func breaks(r rune) bool { return r == '\n' || r == '\r' || r == '\t' }

func (t *table) aligned(line []string, widths []int) string {
	var b strings.Builder
	for c, cell := range line {
		fill := strings.Repeat(" ", widths[c]-utf8.RuneCountInString(cell))
		if c > 0 {
			b.WriteString("  ")
		}
		if t.columns[c].right {
			cell, fill = fill, cell
		}
		b.WriteString(cell)
		b.WriteString(fill)
	}
	return strings.TrimRight(b.String(), " ")
}

// printable shows characters that would act on a terminal, or that do not
// show, by their code: a file's text must not be able to fake a screen.
func printable(text string) string {
	if !strings.ContainsFunc(text, acts) && utf8.ValidString(text) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if acts(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r) // a byte that is not UTF-8 becomes U+FFFD
	}
	return b.String()
}

func acts(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) || r == '\u200b' || r == '\ufeff'
}

// section writes a table under a heading, or nothing where it has no rows.
func (p *page) section(heading string, t *table) {
	if len(t.rows) == 0 {
		return
	}
	p.space()
	p.head("%s", heading)
	p.table(t)
}

// without leaves out the named columns whose cells are all dull.
func (t *table) without(dull func(string) bool, names ...string) *table {
	var kept []int
	for c := range t.columns {
		interesting := slices.ContainsFunc(t.rows, func(row []string) bool { return !dull(row[c]) })
		if interesting || !slices.Contains(names, t.columns[c].name) {
			kept = append(kept, c)
		}
	}
	shorter := &table{}
	for _, c := range kept {
		shorter.columns = append(shorter.columns, t.columns[c])
	}
	for _, row := range t.rows {
		var cells []string
		for _, c := range kept {
			cells = append(cells, row[c])
		}
		shorter.add(cells...)
	}
	return shorter
}
