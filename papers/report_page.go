package papers

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"

	"clew/picture"
)

//go:embed report.html
var reportHTML string

//go:embed report.css
var reportCSS string

// reportForm is the page; html/template escapes all that it is given.
var reportForm = template.Must(template.New("report").Parse(reportHTML))

// ReportStyle is the style of a report's page, for a server that gives it out
// as a file.
func ReportStyle() []byte { return []byte(reportCSS + picture.Style) }

// Style says how a page comes by its style.
type Style struct{ link string }

// WithStyle puts the style into the page, which then needs no other file, and
// allows the page that style, by its hash, and nothing else.
func WithStyle() Style { return Style{} }

// LinkedStyle has the page take its style from an address of its own server,
// whose policy forbids styles within pages.
func LinkedStyle(address string) Style { return Style{address} }

// reportPage is what the form is filled with.
type reportPage struct {
	document
	Style  template.CSS // in the page; "" where Link is set
	Link   string
	Policy string
}

// Page prints the report as one HTML page, without any script.
func (r Report) Page(style Style) ([]byte, error) {
	document, err := r.document()
	if err != nil {
		return nil, err
	}
	page, out := reportPage{document: document, Link: style.link}, &bytes.Buffer{}
	if style.link == "" {
		style := ReportStyle()
		sum := sha256.Sum256(style)
		page.Style = template.CSS(style)
		page.Policy = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
	}
	if err := reportForm.Execute(out, page); err != nil {
		return nil, fmt.Errorf("report of case %s: %w", r.Case, err)
	}
	return out.Bytes(), nil
}

// document is a report in the form in which it is printed: chapters of
// sentences and tables.
type document struct {
	Title    string
	Facts    []row
	Chapters []chapter
}

// chapter is one part of a report.
type chapter struct {
	ID      string
	Title   string
	Text    []string
	Drawing template.HTML // the flow picture
	Grids   []grid
	List    []string
	Code    string // to be compared letter by letter
}

// grid is a table: its first cell names the row.
type grid struct {
	ID      string
	Caption string
	Columns []gridColumn
	Rows    []gridRow
	Rest    string // what is left out
}

type gridColumn struct {
	Name   string
	Number bool
}

type gridRow struct {
	Cells []string
	Sum   bool // of the rows above
}

// newGrid makes a table; the name of a column of amounts ends in >.
func newGrid(id, caption string, columns ...string) grid {
	g := grid{ID: id, Caption: caption}
	for _, name := range columns {
		number := name[len(name)-1] == '>'
		if number {
			name = name[:len(name)-1]
		}
		g.Columns = append(g.Columns, gridColumn{name, number})
	}
	return g
}

func (g *grid) add(cells ...string)    { g.Rows = append(g.Rows, gridRow{Cells: cells}) }
func (g *grid) addSum(cells ...string) { g.Rows = append(g.Rows, gridRow{Cells: cells, Sum: true}) }

// Cell is a cell with what its column says of it.
type gridCell struct {
	Text   string
	Name   bool // it names the row
	Number bool
}

// Lines gives the rows to the form.
func (g grid) Lines() (lines []struct {
	Sum   bool
	Cells []gridCell
}) {
	for _, r := range g.Rows {
		line := struct {
			Sum   bool
			Cells []gridCell
		}{Sum: r.Sum}
		for i, text := range r.Cells {
			line.Cells = append(line.Cells, gridCell{shown(text), i == 0, g.Columns[i].Number})
		}
		lines = append(lines, line)
	}
	return lines
}

// without leaves out the named columns in which no row says anything.
func (g grid) without(dull func(string) bool, names ...string) grid {
	shorter := grid{ID: g.ID, Caption: g.Caption, Rest: g.Rest, Rows: make([]gridRow, len(g.Rows))}
	for c, column := range g.Columns {
		if g.dull(c, dull) && contains(names, column.Name) {
			continue
		}
		shorter.Columns = append(shorter.Columns, column)
		for i, r := range g.Rows {
			shorter.Rows[i].Sum = r.Sum
			shorter.Rows[i].Cells = append(shorter.Rows[i].Cells, r.Cells[c])
		}
	}
	return shorter
}

func (g grid) dull(c int, dull func(string) bool) bool {
	for _, r := range g.Rows {
		if !dull(r.Cells[c]) {
			return false
		}
	}
	return true
}
