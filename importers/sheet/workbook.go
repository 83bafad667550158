package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"clew/domain"
	"clew/importers/tokens"
)

// The bounds of a workbook. A cell takes some 40 bytes of XML, so that 256 MB
// are about 600,000 rows of ten cells, and shrink to a tenth or less in the
// archive. More than that is read from CSV, where nothing is held in memory;
// here the archive and the texts are.
const (
	maxWorkbook  = 64 << 20
	maxParts     = 10_000
	maxUnfolded  = 256 << 20
	maxStrings   = 4_000_000
	maxStringsIn = 256 << 20 // bytes of all texts
	maxColumns   = 512
)

// workbook is a table in one sheet of an XLSX file (ECMA-376). Its values are
// read as they are stored: a formula is not computed, its stored result is
// taken. It is read here and not by a library, because a library that stops at
// the first damage and says nothing would lose rows.
type workbook struct {
	parts    map[string]*zip.File
	limit    int64 // bytes to which one part may unfold
	sheet    string
	part     io.ReadCloser
	xml      *tokens.Reader
	texts    []string
	era1904  bool
	row      int
	formulas bool // a cell with a formula was read
	done     bool
}

// newWorkbook opens the named sheet, or the only one.
func newWorkbook(in io.Reader, m *mapping, sheet string) (*workbook, error) {
	raw, err := io.ReadAll(io.LimitReader(in, maxWorkbook+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxWorkbook {
		return nil, domain.Usage("the workbook has more than %d MB: save its sheet as CSV and import that", maxWorkbook>>20)
	}
	archive, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil || len(archive.File) > maxParts {
		return nil, torn("its archive cannot be read", err)
	}
	w := unpacked(archive)
	wanted := sheet
	if wanted == "" {
		wanted = m.sheet
	}
	return w, w.open(wanted)
}

// unpacked names the parts of an archive.
func unpacked(archive *zip.Reader) *workbook {
	w := &workbook{parts: map[string]*zip.File{}, limit: maxUnfolded}
	for _, part := range archive.File {
		w.parts[strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(part.Name, "\\", "/")), "/"))] = part
	}
	return w
}

func torn(what string, err error) error {
	if err != nil {
		what += ": " + err.Error()
	}
	return domain.Usage("the workbook is damaged or none (%.200s): ask for it again, or save its sheet as CSV", what)
}

// bounded fails where a part unfolds to more than a workbook has.
type bounded struct {
	in    io.ReadCloser
	limit int64
	left  int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, domain.Usage("the workbook unfolds to more than %d MB: save its sheet as CSV and import that", b.limit>>20)
	}
	n, err := b.in.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

func (b *bounded) Close() error { return b.in.Close() }

// read opens a part of the archive.
func (w *workbook) read(name string) (io.ReadCloser, error) {
	part := w.parts[strings.ToLower(name)]
	if part == nil {
		return nil, torn("it has no part "+strconv.Quote(name), nil)
	}
	in, err := part.Open()
	if err != nil {
		return nil, torn(name, err)
	}
	return &bounded{in, w.limit, w.limit}, nil
}

// each gives every element of a part with its attributes.
func (w *workbook) each(name string, do func(*tokens.Reader, xml.StartElement) error) error {
	part, err := w.read(name)
	if err != nil {
		return err
	}
	defer func() { _ = part.Close() }()
	in := tokens.NewReader(part)
	for {
		token, err := in.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return tornPart(name, err)
		}
		if start, ok := token.(xml.StartElement); ok {
			if err := do(in, start); err != nil {
				return tornPart(name, err)
			}
		}
	}
}

func tornPart(name string, err error) error {
	if domain.ClassOf(err) == domain.ClassUsage {
		return err
	}
	return torn(name, err)
}

// book is what workbook.xml and its relations say.
type book struct {
	sheets  []sheetName
	targets map[string]string // part by relation
	strings string            // the part of shared texts, if there is one
}

type sheetName struct{ name, relation string }

// open finds the sheet, reads the shared texts and goes to the rows.
func (w *workbook) open(wanted string) error {
	b := book{targets: map[string]string{}}
	if err := w.each("xl/workbook.xml", func(_ *tokens.Reader, start xml.StartElement) error {
		switch start.Name.Local {
		case "sheet":
			b.sheets = append(b.sheets, sheetName{attribute(start, "name"), attribute(start, "id")})
		case "workbookPr":
			w.era1904 = attribute(start, "date1904") == "1" || attribute(start, "date1904") == "true"
		}
		return nil
	}); err != nil {
		return err
	}
	if err := w.each("xl/_rels/workbook.xml.rels", func(_ *tokens.Reader, start xml.StartElement) error {
		b.relate(start)
		return nil
	}); err != nil {
		return err
	}
	part, err := w.choose(b, wanted)
	if err != nil {
		return err
	}
	if b.strings != "" {
		if err := w.shared(b.strings); err != nil {
			return err
		}
	}
	if w.part, err = w.read(part); err == nil {
		w.xml = tokens.NewReader(w.part)
	}
	return err
}

func attribute(start xml.StartElement, name string) string {
	for _, a := range start.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// relate notes which part a relation leads to.
func (b *book) relate(start xml.StartElement) {
	target := attribute(start, "Target")
	if target == "" {
		return
	}
	if !strings.HasPrefix(target, "/") {
		target = "/xl/" + target
	}
	target = strings.TrimPrefix(path.Clean(target), "/")
	switch kind := path.Base(attribute(start, "Type")); kind {
	case "worksheet":
		b.targets[attribute(start, "Id")] = target
	case "sharedStrings":
		b.strings = target
	}
}

// choose finds the part of the sheet that is wanted.
func (w *workbook) choose(b book, wanted string) (string, error) {
	var names []string
	part := ""
	for _, s := range b.sheets {
		target, isTable := b.targets[s.relation]
		if !isTable {
			continue // a chart
		}
		names = append(names, strconv.Quote(s.name))
		if wanted == "" || s.name == wanted {
			part, w.sheet = target, s.name
		}
	}
	switch {
	case len(names) == 0:
		return "", torn("it has no sheet with cells", nil)
	case wanted != "" && part == "":
		return "", domain.Usage("the workbook has no sheet %q: its sheets are %s", wanted, strings.Join(names, ", "))
	case wanted == "" && len(names) > 1:
		return "", domain.Usage("the workbook has several sheets: name one with --sheet: %s", strings.Join(names, ", "))
	}
	return part, nil
}

// shared reads the texts that cells refer to by number.
func (w *workbook) shared(name string) error {
	size := 0
	return w.each(name, func(in *tokens.Reader, start xml.StartElement) error {
		if start.Name.Local != "si" {
			return nil
		}
		text, err := w.richText(in)
		if err != nil {
			return err
		}
		size += len(text)
		if size > maxStringsIn || len(w.texts) >= maxStrings {
			return domain.Usage("the workbook has more text than %d MB or %d pieces: save its sheet as CSV and import that", maxStringsIn>>20, maxStrings)
		}
		w.texts = append(w.texts, text)
		return nil
	})
}

// richText joins the pieces of a text, to the end of the element that has just
// begun. How a text is read aloud (rPh) is no part of it.
func (w *workbook) richText(in *tokens.Reader) (string, error) {
	var text strings.Builder
	inText := false
	for above := in.Depth() - 1; in.Depth() > above; {
		token, err := in.Next()
		if err != nil {
			return "", in.Torn(err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			inText = t.Name.Local == "t"
			if t.Name.Local == "rPh" {
				if err := in.Skip(); err != nil {
					return "", err
				}
			}
		case xml.CharData:
			if inText && text.Len() <= tokens.MaxToken {
				text.Write(t)
			}
		case xml.EndElement:
			inText = false
		}
	}
	return unescape(text.String()), nil
}

// unescape reads characters that XML cannot have as workbooks write them:
// _x000D_ is a carriage return.
func unescape(text string) string {
	if !strings.Contains(text, "_x") {
		return text
	}
	return strings.NewReplacer("_x000D_", "\r", "_x000A_", "\n", "_x0009_", "\t", "_x005F_", "_").Replace(text)
}

// next gives the next row that has cells.
func (w *workbook) next() (record, error) {
	for !w.done {
		token, err := w.xml.Next()
		if err == io.EOF {
			w.done = true
			break
		}
		if err != nil {
			return record{}, tornPart(w.sheet, err)
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "row" {
			r, err := w.cells(start)
			if err != nil {
				return record{}, tornPart(w.sheet, err)
			}
			return r, nil
		}
	}
	return record{}, io.EOF
}

func (w *workbook) close() error { return w.part.Close() }

// cells reads one row.
func (w *workbook) cells(start xml.StartElement) (record, error) {
	number := w.row + 1
	if text := attribute(start, "r"); text != "" {
		given, err := strconv.Atoi(text)
		if err != nil || given <= w.row || given > 1<<20 {
			return record{}, fmt.Errorf("row %q comes after row %d", text, w.row)
		}
		number = given
	}
	w.row = number
	r := record{line: number, page: w.sheet}
	for above := w.xml.Depth() - 1; w.xml.Depth() > above; {
		token, err := w.xml.Next()
		if err != nil {
			return r, w.xml.Torn(err)
		}
		if cell, ok := token.(xml.StartElement); ok && cell.Name.Local == "c" {
			if err := w.cell(cell, &r); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

// cell reads one cell into its place in the row.
func (w *workbook) cell(start xml.StartElement, r *record) error {
	at := len(r.cells)
	if name := attribute(start, "r"); name != "" {
		at = columnOf(name)
	}
	value, err := w.value(start)
	switch {
	case err != nil:
		return err
	case at < len(r.cells):
		return fmt.Errorf("cell %q stands twice", attribute(start, "r"))
	case at >= maxColumns:
		if value.text != "" {
			r.problem = fmt.Sprintf("has a cell beyond column %d", maxColumns)
		}
		return nil
	}
	r.cells = slices.Grow(r.cells, at+1-len(r.cells))
	for len(r.cells) < at {
		r.cells, r.kinds = append(r.cells, ""), append(r.kinds, asText)
	}
	r.cells, r.kinds = append(r.cells, value.text), append(r.kinds, value.kind)
	return nil
}

// columnOf turns the letters of "BC12" into a number from 0.
func columnOf(name string) int {
	n := 0
	for _, c := range name {
		if c < 'A' || c > 'Z' || n > maxColumns*26 {
			break
		}
		n = n*26 + int(c-'A') + 1
	}
	return n - 1
}

// value is a cell's content and how it is stored.
type value struct {
	text string
	kind kind
}

func (w *workbook) value(start xml.StartElement) (value, error) {
	var stored, inline string
	for above := w.xml.Depth() - 1; w.xml.Depth() > above; {
		token, err := w.xml.Next()
		if err != nil {
			return value{}, w.xml.Torn(err)
		}
		part, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch part.Name.Local {
		case "v":
			stored, err = w.plainText()
		case "is":
			inline, err = w.richText(w.xml)
		case "f":
			w.formulas = true
			err = w.xml.Skip()
		default:
			err = w.xml.Skip()
		}
		if err != nil {
			return value{}, err
		}
	}
	return w.typed(attribute(start, "t"), stored, inline)
}

func (w *workbook) plainText() (string, error) {
	var text strings.Builder
	for above := w.xml.Depth() - 1; w.xml.Depth() > above; {
		token, err := w.xml.Next()
		if err != nil {
			return "", w.xml.Torn(err)
		}
		if chars, ok := token.(xml.CharData); ok && text.Len() <= tokens.MaxToken {
			text.Write(chars)
		}
	}
	return text.String(), nil
}

// typed reads a stored value by the type of its cell (ECMA-376, ST_CellType).
func (w *workbook) typed(kind, stored, inline string) (value, error) {
	switch kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(stored))
		if err != nil || n < 0 || n >= len(w.texts) {
			return value{}, fmt.Errorf("a cell refers to text %q, which is not there", stored)
		}
		return value{w.texts[n], asText}, nil
	case "inlineStr":
		return value{inline, asText}, nil
	case "str", "e", "d", "b":
		return value{unescape(stored), asText}, nil
	}
	return number(strings.TrimSpace(stored))
}

// number reads a number as a spreadsheet program shows it: to 15 digits. A
// number is stored as a binary fraction, in which 0.1 has 17; and of an account
// number with more than 15 digits the last are lost.
func number(stored string) (value, error) {
	if stored == "" {
		return value{}, nil
	}
	n, err := strconv.ParseFloat(stored, 64)
	if err != nil || n-n != 0 {
		return value{}, fmt.Errorf("a cell has the number %q, which is none", stored)
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(n, 'e', 14, 64), 64)
	if err != nil {
		return value{}, fmt.Errorf("a cell has the number %q, which is none", stored)
	}
	text := strconv.FormatFloat(rounded, 'f', -1, 64)
	if whole, _, _ := strings.Cut(strings.TrimPrefix(text, "-"), "."); len(whole) > 15 {
		return value{text, asCut}, nil
	}
	return value{text, asNumber}, nil
}
