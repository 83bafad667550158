package sheet

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"clew/domain"
)

// Draft writes the mapping file of a table that nobody has mapped yet, for a
// person to check: what the headings and the first rows show is filled in, and
// what they do not show stands there as a question. name is the file's,
// without its folder, sheet the workbook's sheet that is meant. It is likely a
// table where a column of days was found.
func Draft(in io.Reader, name, sheet string) (text string, likely bool, err error) {
	d, err := newDraft(in, sheet)
	if err != nil {
		return "", false, err
	}
	d.findDates()
	d.findNumbers()
	d.findWords()
	return d.text(name), d.has("date"), nil
}

// draft is a table's first rows, and what they are taken for.
type draft struct {
	how     mapping  // it is opened by
	header  []string // nil: the table seems to have none
	rows    [][]string
	at      map[role]int // the column that is taken for a role
	days    []layout     // by which the days of the table can be read
	numbers numbers
	negated bool // what went out bears a minus
	doubts  []string
}

// A draft looks at so many rows, and at so many columns of each.
const (
	draftRows    = 200
	draftColumns = 60
)

// newDraft opens the table, and finds where its header ends.
func newDraft(in io.Reader, sheet string) (*draft, error) {
	buffered := bufio.NewReaderSize(in, 64<<10)
	head, err := buffered.Peek(32 << 10)
	if err != nil && err != io.EOF {
		return nil, err
	}
	d := &draft{at: map[role]int{}, how: mapping{separator: separatorOf(head), encoding: "utf-8"}}
	if cut := head[:max(0, len(head)-utf8.UTFMax)]; !utf8.Valid(cut) && !bytes.HasPrefix(head, workbookMark) {
		d.how.encoding = "windows-1252"
		d.doubts = append(d.doubts, "encoding: the file is not UTF-8; if names look wrong, it is another of the encodings")
	}
	t, err := openTable(buffered, &d.how, sheet)
	if err != nil {
		return nil, err
	}
	defer func() { _ = t.close() }()
	for len(d.rows) < draftRows {
		r, err := t.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if r.problem == "" && !r.blank() {
			d.rows = append(d.rows, trimmed(r.cells[:min(len(r.cells), draftColumns)]))
		}
	}
	d.splitHeader()
	return d, nil
}

func trimmed(cells []string) []string {
	list := make([]string, len(cells))
	for i, cell := range cells {
		list[i] = strings.TrimFunc(cell, isBlank)
	}
	return list
}

// separatorOf is the mark that parts most cells, line by line.
func separatorOf(head []byte) byte {
	best, most := byte(','), 0
	for _, mark := range []byte(",;\t|") {
		cells := 0
		for line := range bytes.Lines(head) {
			if n := bytes.Count(line, []byte{mark}); n > 1 {
				cells += 100 + n // many lines with two cells tell more than one with many
			}
		}
		if cells > most {
			best, most = mark, cells
		}
	}
	return best
}

// splitHeader takes the first row of words for the header, if it stands above
// the first row that has a day and a number; where there is none, columns have
// numbers.
func (d *draft) splitHeader() {
	first := slices.IndexFunc(d.rows, func(cells []string) bool {
		return len(cells) > 2 && slices.ContainsFunc(cells, isDay) && slices.ContainsFunc(cells, isNumber)
	})
	if first < 0 {
		first = len(d.rows)
	}
	if at := slices.IndexFunc(d.rows[:first], isHeader); at >= 0 {
		d.header, d.rows = d.rows[at], d.rows[at+1:]
		return
	}
	d.how.noHeader, d.rows = true, d.rows[min(first, max(0, len(d.rows)-1)):]
	for i := range slices.Concat(d.rows[:min(1, len(d.rows))]...) {
		d.header = append(d.header, strconv.Itoa(i+1))
	}
}

// isHeader says whether a row has three words at least, and no day and no number.
func isHeader(cells []string) bool {
	filled := slices.DeleteFunc(slices.Clone(cells), func(cell string) bool { return cell == "" })
	return len(filled) > 2 && !slices.ContainsFunc(filled, isDay) && !slices.ContainsFunc(filled, isNumber)
}

// dayPatterns are how days are written in statements, the likelier before the
// others; the first that fits all cells is taken.
var dayPatterns = []string{"YYYY-MM-DD hh:mm:ss", "YYYY-MM-DDThh:mm:ssZ", "YYYY-MM-DDThh:mm:ss", "YYYY-MM-DD hh:mm", "YYYY-MM-DD",
	"DD.MM.YYYY hh:mm:ss", "DD.MM.YYYY hh:mm", "DD.MM.YYYY", "DD.MM.YY",
	"DD/MM/YYYY hh:mm:ss AM", "MM/DD/YYYY hh:mm:ss AM", "DD/MM/YYYY hh:mm:ss", "MM/DD/YYYY hh:mm:ss", "DD/MM/YYYY hh:mm", "MM/DD/YYYY hh:mm",
	"DD/MM/YYYY", "MM/DD/YYYY", "D/M/YYYY", "M/D/YYYY", "DD/MM/YY", "MM/DD/YY", "DD-MM-YYYY hh:mm:ss", "DD-MM-YYYY", "MM-DD-YYYY",
	"YYYY/MM/DD hh:mm:ss", "YYYY/MM/DD", "YYYY.MM.DD.", "YYYY.MM.DD", "DD MMM YYYY", "DD MMM YY", "D MMM YYYY", "DD-MMM-YYYY", "DD-MMM-YY", "MMM DD, YYYY", "D MMMM YYYY", "YYYYMMDD"}

// dayLayouts are those patterns, read.
var dayLayouts = func() (list []layout) {
	for _, pattern := range dayPatterns {
		if l, err := parseLayout(pattern); err == nil {
			list = append(list, l)
		}
	}
	return list
}()

// dayOf is what a cell says, read by a pattern; the zero time where it does not fit.
func dayOf(cell string, l layout) time.Time {
	at, err := time.Parse(l.format, cell)
	if err != nil || at.Year() < 1990 || at.Year() >= 2100 {
		return time.Time{}
	}
	return at
}

func isDay(cell string) bool {
	return slices.ContainsFunc(dayLayouts, func(l layout) bool { return !dayOf(cell, l).IsZero() })
}

// cells are what a column has, without what is empty.
func (d *draft) cells(column int) (list []string) {
	for _, row := range d.rows {
		if column < len(row) && row[column] != "" {
			list = append(list, row[column])
		}
	}
	return list
}

// all says that a column has cells, and that each of them fits.
func all(cells []string, fits func(string) bool) bool {
	return len(cells) > 0 && !slices.ContainsFunc(cells, func(cell string) bool { return !fits(cell) })
}

// findDates takes the first column of days, and one of times of day.
func (d *draft) findDates() {
	for column := range d.header {
		if d.days = daysOf(d.cells(column)); len(d.days) > 0 {
			d.at["date"] = column
			break
		}
	}
	for column := range d.header {
		if d.free(column) && all(d.cells(column), d.isHour) {
			d.at["time"] = column
			break
		}
	}
}

// daysOf are the patterns by which most of some cells are days, the first and
// those by which they would be others.
func daysOf(cells []string) (found []layout) {
	for _, l := range dayLayouts {
		days, differs := 0, len(found) == 0
		for _, cell := range cells {
			if at := dayOf(cell, l); !at.IsZero() {
				days++
				differs = differs || !at.Equal(dayOf(cell, found[0]))
			}
		}
		if 2*days > len(cells) && differs {
			found = append(found, l)
		}
	}
	return found
}

func (d *draft) isHour(cell string) bool {
	return slices.ContainsFunc(d.how.hours(), func(l layout) bool { _, err := time.Parse(l.format, cell); return err == nil })
}

// ways are how amounts are written, the plainest first.
var ways = []numbers{{decimal: '.'}, {decimal: '.', grouping: ','}, {decimal: ','}, {decimal: ',', grouping: '.'}, {decimal: ',', grouping: ' '},
	{decimal: '.', grouping: ' '}, {decimal: '.', grouping: '\''}}

func isNumber(cell string) bool {
	return slices.ContainsFunc(ways, func(n numbers) bool { return n.reads(cell) })
}

// reads says whether a cell is a number written so, but for a currency sign.
func (n numbers) reads(cell string) bool {
	_, err := n.plain(currencySign.ReplaceAllString(cell, ""))
	return err == nil
}

var currencySign = regexp.MustCompile(`\p{Sc}`)

// findNumbers finds the columns of amounts by their headings, and how amounts
// are written in them.
func (d *draft) findNumbers() {
	for _, w := range amountWords {
		empty := w.role == "in" || w.role == "out" // in the first rows all may have gone one way
		d.find(w, func(cells []string) bool { return all(cells, isNumber) || empty && len(cells) == 0 })
	}
	if sides := len(d.of("in")) + len(d.of("out")); d.has("amount") && sides < 2 || sides == 0 {
		delete(d.at, "in")
		delete(d.at, "out")
	} else {
		delete(d.at, "amount")
	}
	var amounts []string
	for _, what := range roles {
		if what.isAmount() {
			amounts = append(amounts, d.of(what)...)
		}
	}
	at := max(0, slices.IndexFunc(ways, func(n numbers) bool {
		return all(amounts, n.reads)
	}))
	d.numbers = ways[at]
	d.negated = all(d.of("out"), func(cell string) bool { _, minus := unsigned(cell); return minus })
}

// findWords finds the columns of text by their headings.
func (d *draft) findWords() {
	for _, w := range textWords {
		d.find(w, func(cells []string) bool {
			switch w.role {
			case "asset":
				return all(cells, assetCode.MatchString) && d.stated() == ""
			case "id": // where two rows have the same, it tells none apart
				return len(cells) > 0 && len(cells) == len(words(cells))
			}
			return len(cells) > 0
		})
	}
}

// heading is what a column may be called that says something.
type heading struct {
	role  role
	words []string
}

// amountWords and textWords are headings in statements of many countries. The
// surer stand first: a column is taken once.
var (
	amountWords = []heading{
		{"balance", []string{"balance", "saldo", "solde", "kontostand", "bakiye", "stan konta", "egyenleg", "zůstatek", "остаток", "余额", "残高", "số dư"}},
		{"fee", []string{"fee", "gebühr", "frais", "comisión", "charge amount"}},
		{"in", []string{"paid in", "money in", "credit", "deposit", "haben", "eingang", "crédit", "abono", "entrada", "avere", "uznania", "приход", "收入", "alacak"}},
		{"out", []string{"withdrawn", "paid out", "money out", "withdrawal", "debit", "soll", "ausgang", "débit", "cargo", "salida", "dare", "obciążenia", "расход", "支出", "borç"}},
		{"amount", []string{"amount", "betrag", "umsatz", "montant", "importe", "importo", "bedrag", "kwota", "tutar", "částka", "összeg", "valor", "сумма", "金额", "jumlah", "value"}},
	}
	textWords = []heading{
		{"asset", []string{"currency", "ccy", "währung", "waehrung", "devise", "moneda", "divisa", "waluta", "valuta", "deviza", "munt", "měna", "asset", "coin", "token", "валюта", "货币"}},
		{"ref", []string{"end-to-end", "end to end", "e2e", "uetr", "txid", "tx hash", "txhash", "transaction hash"}},
		{"id", []string{"receipt no", "transaction id", "transaction no", "transaction number", "trans id", "order id", "reference", "referenz", "ref no", "référence"}},
		{"counterparty", []string{"counterparty account", "counterparty iban", "account of the other", "beneficiary account", "gegenkonto", "kontonummer", "tegenrekening", "rekeningnummer tegenpartij", "to account", "address", "iban", "counterparty"}},
		{"note", []string{"details", "description", "narrative", "particulars", "memo", "verwendungszweck", "buchungstext", "libellé", "concepto", "causale", "omschrijving", "opis", "açıklama", "описание", "摘要", "keterangan"}},
	}
)

// assetCode is what the cells of a column of currencies look like, and
// headingCode a currency in a heading.
var (
	assetCode   = regexp.MustCompile(`^[A-Z][A-Z0-9]{1,5}$`)
	headingCode = regexp.MustCompile(`\b[A-Z]{3}\b`)
)

// words are the different cells of a column.
func words(cells []string) []string { return slices.Compact(slices.Sorted(slices.Values(cells))) }

// find takes the first free column with one of the words in its heading whose
// cells fit.
func (d *draft) find(w heading, fits func(cells []string) bool) {
	for _, word := range w.words {
		for column, text := range d.header {
			if d.free(column) && strings.Contains(strings.ToLower(text), word) && fits(d.cells(column)) {
				d.at[w.role] = column
				return
			}
		}
	}
}

func (d *draft) has(what role) bool {
	_, found := d.at[what]
	return found
}

// of are the cells of the column that is taken for a role.
func (d *draft) of(what role) []string {
	if column, found := d.at[what]; found {
		return d.cells(column)
	}
	return nil
}

// free says that a column is taken for nothing.
func (d *draft) free(column int) bool {
	for _, taken := range d.at {
		if taken == column {
			return false
		}
	}
	return true
}

// text is the mapping file. A line that begins with "# ?" is a question.
func (d *draft) text(name string) string {
	file := oneLine(name)
	lines := []string{"# Drafted from the headings and first rows of " + file + ". Check every line; answer what begins with '# ?'.",
		"# Then: clew import " + file + " --case ID --map FILE --account bank:NUMBER --dry-run", "name: " + quoted(strings.TrimSuffix(file, path.Ext(file)))}
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if d.how.separator != ',' {
		add("delimiter: %s", map[byte]string{';': `";"`, '\t': "tab", '|': `"|"`}[d.how.separator])
	}
	if d.how.encoding != "utf-8" {
		add("encoding: %s", d.how.encoding)
	}
	if d.how.noHeader {
		add("header: false")
	}
	lines = append(lines, d.columnLines()...)
	lines = append(lines, d.dayLines()...)
	if d.numbers.decimal == ',' {
		add(`decimal: ","`)
	}
	if d.numbers.grouping != 0 {
		add("grouping: %q", string(d.numbers.grouping))
	}
	if d.negated {
		add("out_negative: true")
	}
	lines = append(lines, d.cleanLines()...)
	if !d.has("asset") {
		lines = append(lines, d.assetLine())
	}
	for _, doubt := range d.doubts {
		add("# ? %s", doubt)
	}
	return strings.Join(append(lines, d.leftOver()...), "\n") + "\n"
}

// stated is the currency that the heading of an amount bears.
func (d *draft) stated() domain.AssetCode {
	for _, what := range roles {
		if !d.has(what) || !what.isAmount() {
			continue
		}
		if asset, err := domain.StandardAssets().Find(headingCode.FindString(d.header[d.at[what]])); err == nil {
			return asset.Code
		}
	}
	return ""
}

// assetLine is the currency where it has no column.
func (d *draft) assetLine() string {
	if code := d.stated(); code != "" {
		return "asset: " + string(code)
	}
	return "# ? asset: the currency of every row, for example EUR"
}

func (d *draft) columnLines() []string {
	if len(d.at) == 0 {
		return []string{"# ? columns: {date: …, amount: …}  (or in and out instead of amount)"}
	}
	lines := []string{"columns:"}
	for _, what := range roles {
		if column, found := d.at[what]; found {
			lines = append(lines, fmt.Sprintf("  %s: %s", what, d.nameOf(column)))
		}
	}
	if !d.has("date") {
		lines = append(lines, "  # ? date: which column has the day?")
	}
	if !d.has("amount") && !d.has("in") && !d.has("out") {
		lines = append(lines, "  # ? amount: which column has it? (or two columns: in, out)")
	}
	return lines
}

// nameOf is a column's heading, or its number where that names no column, or
// several.
func (d *draft) nameOf(column int) string {
	text := d.header[column]
	same := slices.DeleteFunc(slices.Clone(d.header), func(other string) bool { return other != text })
	if d.how.noHeader || text == "" || len(same) > 1 {
		return strconv.Itoa(column + 1)
	}
	return quoted(text)
}

// cleanLines take currency signs out of amounts.
func (d *draft) cleanLines() (lines []string) {
	for _, what := range roles {
		if what.isAmount() && slices.ContainsFunc(d.of(what), currencySign.MatchString) {
			lines = append(lines, fmt.Sprintf(`  %s: [{find: '\p{Sc}', replace: ""}]`, what))
		}
	}
	if len(lines) > 0 {
		lines = append([]string{"clean:"}, lines...)
	}
	return lines
}

func (r role) isAmount() bool {
	return slices.Contains([]role{"amount", "in", "out", "balance", "fee"}, r)
}

func (d *draft) dayLines() (lines []string) {
	if len(d.days) == 0 {
		return []string{"# ? dates: how days are written, for example DD.MM.YYYY"}
	}
	lines = []string{"dates: " + d.days[0].pattern}
	if len(d.days) > 1 {
		lines = append(lines, "# ? the days of the first rows could also be "+strings.ReplaceAll(patterns(d.days[1:]), ", ", " or ")+": look at a day after the twelfth")
	}
	if odd := d.withoutDay(); len(odd) > 0 {
		lines = append(lines, "# ? noise or pending: rows whose day is "+oneLine(strings.Join(odd[:min(len(odd), 5)], ", ")))
	}
	if l := d.days[0]; !l.zoned && (l.timed || d.has("time")) {
		lines = append(lines, "# ? zone: where the times are told, UTC, +01:00 or a name like Africa/Nairobi; without it only days are recorded")
	}
	return lines
}

// statusWords head a column that says whether a row is booked.
var statusWords = []string{"status", "state", "zustand", "estado", "stato", "statut", "durum", "stav", "статус", "状态"}

// withoutDay are the cells of the column of days that are none.
func (d *draft) withoutDay() []string {
	return slices.DeleteFunc(words(d.of("date")), func(cell string) bool { return !dayOf(cell, d.days[0]).IsZero() })
}

// leftOver lists the columns that the draft does not use. Of one that may say
// what is not booked it lists the words.
func (d *draft) leftOver() (lines []string) {
	for column, text := range d.header {
		if text == "" || !d.free(column) {
			continue
		}
		status := slices.ContainsFunc(statusWords, func(word string) bool { return strings.Contains(strings.ToLower(text), word) })
		if found := words(d.cells(column)); status && len(found) > 0 && len(found) <= 9 {
			lines = append(lines, fmt.Sprintf("# ? pending: {column: %s, match: ^…$}  (which of its words are not booked: %s)", d.nameOf(column), oneLine(strings.Join(found, ", "))))
			continue
		}
		lines = append(lines, "# not used: "+oneLine(text))
	}
	return lines
}

// quoted writes a text as YAML reads it, in one line.
func quoted(text string) string {
	node := yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
	if text != oneLine(text) {
		node.Style = yaml.DoubleQuotedStyle
	}
	written, err := yaml.Marshal(&node)
	if err != nil {
		return strconv.Quote(text)
	}
	return strings.TrimSpace(string(written))
}

// oneLine shows a text in a comment.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
}
