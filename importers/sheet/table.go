package sheet

import (
	"bufio"
	"bytes"
	"io"
	"maps"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"clew/domain"
	"clew/importers/lines"
)

// record is one row of a table.
type record struct {
	line    int
	page    string // the sheet of a workbook
	cells   []string
	kinds   []kind // of the cells, in a workbook
	problem string // why it cannot be read
}

// kind is how a workbook stores a cell. In CSV every cell is text.
type kind byte

const (
	asText kind = iota
	asNumber
	asCut // a number of which digits are lost
)

// kind says how a cell is stored.
func (r record) kind(at int) kind {
	if at < len(r.kinds) {
		return r.kinds[at]
	}
	return asText
}

func (r record) blank() bool {
	for _, cell := range r.cells {
		if len(bytes.TrimSpace([]byte(cell))) > 0 {
			return false
		}
	}
	return r.problem == ""
}

// table gives the rows of a file, or io.EOF. A record is valid until the next.
type table interface {
	next() (record, error)
	close() error
}

// encodings are what a mapping may say of its table.
var encodings = map[string]encoding.Encoding{
	"utf-8": nil, "utf-16": unicode.UTF16(unicode.LittleEndian, unicode.UseBOM),
	"iso-8859-1": charmap.Windows1252, "iso-8859-2": charmap.ISO8859_2, "iso-8859-9": charmap.ISO8859_9, "iso-8859-15": charmap.ISO8859_15,
	"windows-1250": charmap.Windows1250, "windows-1251": charmap.Windows1251, "windows-1252": charmap.Windows1252,
	"windows-1253": charmap.Windows1253, "windows-1254": charmap.Windows1254, "windows-1255": charmap.Windows1255,
	"windows-1256": charmap.Windows1256, "windows-1257": charmap.Windows1257, "windows-1258": charmap.Windows1258, "windows-874": charmap.Windows874,
	"cp437": charmap.CodePage437, "cp850": charmap.CodePage850, "cp852": charmap.CodePage852, "koi8-r": charmap.KOI8R,
	"gb18030": simplifiedchinese.GB18030, "big5": traditionalchinese.Big5, "shift_jis": japanese.ShiftJIS, "euc-kr": korean.EUCKR,
}

func encodingNames() []string { return slices.Sorted(maps.Keys(encodings)) }

// decoded is the file as UTF-8. A byte order mark of UTF-16 is believed,
// whatever the mapping says.
func decoded(in *bufio.Reader, name string) io.Reader {
	head, _ := in.Peek(2)
	if bytes.HasPrefix(head, []byte{0xff, 0xfe}) || bytes.HasPrefix(head, []byte{0xfe, 0xff}) {
		name = "utf-16"
	}
	if encodings[name] == nil {
		return in
	}
	return transform.NewReader(in, encodings[name].NewDecoder())
}

// text is a table in CSV.
type text struct{ in *lines.Table }

func newText(in *bufio.Reader, m *mapping) text {
	return text{lines.NewTable(lines.NewReader(decoded(in, m.encoding)), m.separator)}
}

func (t text) next() (record, error) {
	r, err := t.in.Next()
	if err != nil {
		return record{}, err
	}
	rec := record{line: r.Line, cells: r.Fields, problem: r.Problem}
	for _, cell := range r.Fields {
		if !utf8.ValidString(cell) {
			rec.problem = "is not UTF-8: name its encoding in the mapping (encoding: windows-1252, …)"
		}
	}
	return rec, nil
}

func (t text) close() error { return nil }

// What a workbook begins with: a zip archive; what an old or an encrypted one
// begins with: a compound file.
var (
	workbookMark = []byte("PK\x03\x04")
	compoundMark = []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
)

// openTable sees what the file is and opens it.
func openTable(in io.Reader, m *mapping, sheet string) (table, error) {
	buffered := bufio.NewReaderSize(in, 64<<10)
	head, err := buffered.Peek(len(compoundMark))
	switch {
	case err != nil && err != io.EOF:
		return nil, err
	case bytes.HasPrefix(head, workbookMark):
		return newWorkbook(buffered, m, sheet)
	case bytes.HasPrefix(head, compoundMark):
		return nil, domain.Usage("the file is an old workbook (.xls) or one with a password: open it in a spreadsheet program and save it as .xlsx without a password, or as CSV")
	}
	return newText(buffered, m), nil
}
