package canonical

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"clew/domain"
)

// read reads a file that must not fail as a whole.
func read(t testing.TB, file string) (rows []domain.Movement, rejects []domain.Reject, others []domain.Item) {
	t.Helper()
	rows, rejects, others, err := collect(strings.NewReader(file))
	if err != nil {
		t.Fatalf("the file was refused: %v", err)
	}
	return rows, rejects, others
}

func collect(file io.Reader) (rows []domain.Movement, rejects []domain.Reject, others []domain.Item, err error) {
	err = Read(file, domain.ReadOptions{Assets: domain.StandardAssets()}, func(item domain.Item) error {
		switch item := item.(type) {
		case domain.Row:
			rows = append(rows, item.Movement)
		case domain.Reject:
			rejects = append(rejects, item)
		default:
			others = append(others, item)
		}
		return nil
	})
	return rows, rejects, others, err
}

// tell writes a movement in one line, for comparing.
func tell(m domain.Movement) string {
	line := fmt.Sprintf("%d %s %s %s>%s %s %s", m.Evidence.Line, m.Kind, m.When, m.From, m.To, m.Amount, m.Amount.Asset.Code)
	for _, part := range []struct{ name, text string }{{"id", m.SourceID}, {"ref", m.Ref}, {"of", m.OfSource}, {"victim", string(m.Victim)},
		{"scam", string(m.Scam)}, {"note", m.Note}} {
		if part.text != "" {
			line += " " + part.name + "=" + part.text
		}
	}
	if m.Fee.Given() {
		line += " fee=" + m.Fee.String()
	}
	if m.Received.Given() {
		line += " received=" + m.Received.String() + string(m.Received.Asset.Code)
	}
	for _, leg := range m.Inputs {
		line += " in=" + string(leg.Account) + ":" + leg.Amount.String() + leg.Address
	}
	for _, leg := range m.Outputs {
		line += " out=" + string(leg.Account) + ":" + leg.Amount.String() + leg.Address
	}
	return line
}

func TestEveryColumnIsRead(t *testing.T) {
	for _, c := range []struct{ header, row, want string }{
		{"time,from,to,amount,asset", "2024-01-05T10:00:00+01:00,V1,M1,500.00,EUR", "2 transfer 2024-01-05T09:00:00Z V1>M1 500.00 EUR"},
		{"asset,amount,to,from,time", "eur,500,M1,V1,2024-01-05", "2 transfer 2024-01-05 V1>M1 500.00 EUR"},
		{" Time ,FROM,To,Amount,Asset", " 2024-01-05 , V1 , M1 , 1 , usdt ", "2 transfer 2024-01-05 V1>M1 1.000000 USDT"},
		{"time,from,to,amount,asset,id,ref,note", "2024-01-05,A,B,1,EUR,x-1,E2E 7,for the flight", "2 transfer 2024-01-05 A>B 1.00 EUR id=x-1 ref=E2E 7 note=for the flight"},
		{"time,to,amount,asset,kind", "2024-01-05,A,10,EUR,opening", "2 opening 2024-01-05 >A 10.00 EUR"},
		{"time,from,to,amount,asset,kind", "2024-01-05,,A,-10.5,EUR,Balance", "2 balance 2024-01-05 >A -10.50 EUR"},
		{"time,from,to,amount,asset,kind", "2024-01-05,A,A,0,EUR,balance", "2 balance 2024-01-05 >A 0.00 EUR"},
		{"time,from,to,amount,asset,kind", "2024-01-05,A,B,0,EUR,transfer", "2 transfer 2024-01-05 A>B 0.00 EUR"},
		{"time,from,to,amount,asset,kind", "2024-01-05,A,A,7,EUR,", "2 transfer 2024-01-05 A>A 7.00 EUR"},
		{"time,from,to,amount,asset,kind,of", "2024-01-05,B,A,7,EUR,return,x-1", "2 return 2024-01-05 B>A 7.00 EUR of=x-1"},
		{"time,from,to,amount,asset,victim,scam", "2024-01-05,A,B,7,EUR,V1,romance", "2 transfer 2024-01-05 A>B 7.00 EUR victim=V1 scam=romance"},
		{"time,from,to,amount,asset,victim,scam", "2024-01-05,A,B,7,EUR,V1,", "2 transfer 2024-01-05 A>B 7.00 EUR victim=V1"},
		{"time,from,to,amount,asset,fee", "2024-01-05,A,B,7,EUR,0.30", "2 transfer 2024-01-05 A>B 7.00 EUR fee=0.30"},
		{"time,from,to,amount,asset,fee", "2024-01-05,A,B,7,EUR,0", "2 transfer 2024-01-05 A>B 7.00 EUR"},
		{"time,from,to,amount,asset,fee", "2024-01-05,A,B,0,ETH,0.000000000000000001", "2 transfer 2024-01-05 A>B 0.000000000000000000 ETH fee=0.000000000000000001"},
		{"time,from,to,amount,asset,to_amount,to_asset", "2024-01-05,A,B,7,EUR,8.1,USDT", "2 conversion 2024-01-05 A>B 7.00 EUR received=8.100000USDT"},
		{"time,from,to,amount,asset,to_amount,to_asset", "2024-01-05,A,B,7,EUR,6.50,", "2 conversion 2024-01-05 A>B 7.00 EUR received=6.50EUR"},
		{"time,from,to,amount,asset,to_amount,to_asset", "2024-01-05,A,B,7,EUR,7,eur", "2 conversion 2024-01-05 A>B 7.00 EUR received=7.00EUR"},
		{"time,from,to,amount,asset,to_amount,victim", "2024-01-05,A,B,7,EUR,6.5,V1", "2 conversion 2024-01-05 A>B 7.00 EUR victim=V1 received=6.50EUR"},
		{"time,from,to,amount,asset", "2024-01-05,DE89 3704 0044 0532 0130 00,eip155:1:0xAB,7,EUR", "2 transfer 2024-01-05 iban:DE89370400440532013000>eip155:1:0xab 7.00 EUR"},
		{"time,from,to,amount,asset", "2024-01-05,unknown,B,7,EUR", "2 transfer 2024-01-05 >B 7.00 EUR"},
		{"time,from,to,amount,asset", "2024-01-05,A,Unknown,7,EUR", "2 transfer 2024-01-05 A> 7.00 EUR"},
		{"time,from,to,amount,asset", "2024-01-05,A,B,7,eip155:1/erc20:0xDAC17F958D2ee523a2206206994597C13D831ec7", "2 transfer 2024-01-05 A>B 7.000000 USDT"},
		{"time,from,to,amount,asset,note", "2024-01-05,A,B,7,EUR,\"line one\r\nline two, with a comma and a \"\"mark\"\"\"", "2 transfer 2024-01-05 A>B 7.00 EUR note=line one\nline two, with a comma and a \"mark\""},
	} {
		rows, rejects, others := read(t, c.header+"\n"+c.row+"\n")
		if len(rows) != 1 || len(rejects) != 0 || len(others) != 0 {
			t.Errorf("%s\n%s: %d rows, rejects %+v, others %+v", c.header, c.row, len(rows), rejects, others)
			continue
		}
		if got := tell(rows[0]); got != c.want {
			t.Errorf("%s\n%s\nis   %s\nwant %s", c.header, c.row, got, c.want)
		}
	}
}

// fullHeader has every column; row fills those given and leaves the others.
const fullHeader = "time,from,to,amount,asset,id,ref,kind,of,victim,scam,fee,to_amount,to_asset,note"

func csvRow(fields map[string]string) string {
	var cells []string
	for _, name := range names {
		cell := fields[name]
		if strings.ContainsAny(cell, "\",\n") {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		cells = append(cells, cell)
	}
	return strings.Join(cells, ",")
}

// with is a good row with some fields changed: name, text, name, text …
func with(changes ...string) map[string]string {
	row := map[string]string{"time": "2024-01-05T10:00:00Z", "from": "A", "to": "B", "amount": "5.00", "asset": "EUR"}
	for i := 0; i < len(changes); i += 2 {
		row[changes[i]] = changes[i+1]
	}
	return row
}

// rule is a row that breaks one rule of the table, with the field and a word
// of the reason that a person must be told.
type rule struct {
	row        map[string]string
	field, why string
}

// broken lists one row for every rule of the table. They hold in CSV and in
// JSON.
func broken() []rule { return append(brokenFields(), brokenRows()...) }

// brokenFields break what a field itself must be.
func brokenFields() []rule {
	return []rule{
		{with("time", ""), "time", "missing"},
		{with("time", "05.01.2024"), "time", "RFC 3339"},
		{with("time", "2024-02-30"), "time", "RFC 3339"},
		{with("time", "0001-01-01"), "time", "1700"},
		{with("from", ""), "from", "missing"},
		{with("to", ""), "to", "missing"},
		{with("amount", ""), "amount", "missing"},
		{with("asset", ""), "asset", "missing"},
		{with("amount", "-5.00"), "amount", "negative"},
		{with("amount", "-5.00", "kind", "opening", "from", ""), "amount", "negative"},
		{with("amount", "-5.00", "kind", "return"), "amount", "negative"},
		{with("amount", "5.001"), "amount", "smallest unit"},
		{with("amount", "0.0000001", "asset", "USDT"), "amount", "smallest unit"},
		{with("amount", "1e9999"), "amount", "exponent"},
		{with("amount", "1,000.00"), "amount", "grouping"},
		{with("amount", "5,00"), "amount", "grouping"},
		{with("amount", "NaN"), "amount", "not a plain number"},
		{with("amount", "\u22125"), "amount", "U+2212"},
		{with("amount", strings.Repeat("9", 500)), "amount", "500 characters"},
		{with("amount", strings.Repeat("9", 60)), "amount", "128 bits"},
		{with("asset", "XYZ"), "asset", "clew asset add XYZ"},
		{with("asset", "USDT@bsc"), "asset", "clew asset add USDT@bsc"},
		{with("asset", "€"), "asset", "ISO 4217"},
		{with("kind", "payment"), "kind", "none of"},
		{with("kind", "conversion"), "kind", "to_amount"},
		{with("from", "iban:DE89370400440532013001"), "from", "IBAN"},
		{with("to", "bank:"), "to", "prefix"},
		{with("to", "B\u202eC"), "to", "invisible"},
		{with("from", strings.Repeat("a", 257)), "from", "256"},
		{with("from", "unknown", "to", "unknown"), "to", "at least one account"},
	}
}

// brokenRows break what fields must be to one another.
func brokenRows() []rule {
	return []rule{
		{with("kind", "opening"), "from", "goes with a payment"},
		{with("kind", "balance"), "from", "goes with a payment"},
		{with("kind", "balance", "from", "", "to", "unknown"), "to", "unknown"},
		{with("kind", "balance", "from", "", "fee", "1"), "fee", "payer"},
		{with("fee", "-0.01"), "fee", "negative"},
		{with("fee", "0.001"), "fee", "smallest unit"},
		{with("fee", "x"), "fee", "plain number"},
		{with("id", "a\u202e"), "id", "invisible"},
		{with("id", strings.Repeat("i", 257)), "id", "256"},
		{with("ref", strings.Repeat("r", 257)), "ref", "256"},
		{with("of", "x-1"), "of", "return only"},
		{with("kind", "return", "id", "x-1", "of", "x-1"), "of", "own id"},
		{with("kind", "return", "of", "x-1", "to_amount", "4"), "to_amount", "transfer only"},
		{with("kind", "balance", "from", "", "to_amount", "4"), "to_amount", "transfer only"},
		{with("to_amount", "5.01"), "to_amount", "same asset"},
		{with("to_amount", "5.01", "to_asset", "EUR"), "to_amount", "same asset"},
		{with("to_amount", "0"), "to_amount", "more than 0"},
		{with("to_amount", "-1", "to_asset", "USD"), "to_amount", "more than 0"},
		{with("amount", "0", "to_amount", "1", "to_asset", "USD"), "to_amount", "more than 0"},
		{with("to_amount", "1.001", "to_asset", "USD"), "to_amount", "smallest unit"},
		{with("to_amount", "1", "to_asset", "XYZ"), "to_asset", "clew asset add"},
		{with("to_asset", "USD"), "to_amount", "how much"},
		{with("victim", "V1", "amount", "0"), "amount", "more than 0"},
		{with("victim", "V1", "kind", "return", "of", "x"), "victim", "transfer only"},
		{with("victim", "V1", "kind", "opening", "from", ""), "victim", "transfer only"},
		{with("victim", "V1", "kind", "balance", "from", ""), "victim", "transfer only"},
		{with("victim", "V\u200b1"), "victim", "invisible"},
		{with("victim", strings.Repeat("v", 129)), "victim", "128"},
		{with("victim", "V1", "scam", "pig"), "scam", "typology"},
		{with("scam", "romance"), "scam", "no victim"},
		{with("note", "a\x1b[31mb"), "note", "control character"},
		{with("note", strings.Repeat("n", domain.MaxNote+1)), "note", "bytes"},
	}
}

func TestEveryRuleOfTheTableIsHeldInCSV(t *testing.T) {
	for _, rule := range broken() {
		checkBroken(t, fullHeader+"\n"+csvRow(rule.row)+"\n"+csvRow(with())+"\n", 2, rule.field, rule.why)
	}
}

// checkBroken reads a file with one bad row and a good one after it.
func checkBroken(t *testing.T, file string, line int, fieldAndWhy ...string) {
	t.Helper()
	field, why := fieldAndWhy[0], fieldAndWhy[1]
	rows, rejects, _ := read(t, file)
	if len(rejects) != 1 || len(rows) == 0 {
		t.Errorf("%.200q: %d rejects, %d rows; want one that is rejected and one after it (%s: %s)", file, len(rejects), len(rows), field, why)
		return
	}
	r := rejects[0]
	if r.Evidence.Line != line || r.Field != field || !strings.Contains(r.Reason, why) || len(r.Reason) > 600 {
		t.Errorf("%.200q: line %d, field %q, %q; want line %d, field %q, a reason with %q", file, r.Evidence.Line, r.Field, r.Reason, line, field, why)
	}
	if last := rows[len(rows)-1]; last.Evidence.Line != line+1 {
		t.Errorf("the row after it is line %d", last.Evidence.Line)
	}
}

func TestALineThatIsNoRowCostsItselfOnly(t *testing.T) {
	good := csvRow(with()) + "\n"
	for bad, why := range map[string]string{
		"2024-01-05,A,B\n":                  "3 fields where the header has 15",
		csvRow(with()) + ",\n":              "16 fields where the header has 15",
		"\"2024-01-05,A,B\n":                "quotation mark",
		"\"2024\"-01-05,A\n":                "quotation mark",
		strings.Repeat("x", 1<<20+1) + "\n": "1048576 bytes",
		strings.Repeat(",", 2000) + "\n":    "512 fields",
	} {
		checkBroken(t, fullHeader+"\n"+bad+good, 2, "", why)
	}
	checkBroken(t, fullHeader+"\n"+strings.Replace(csvRow(with("note", "caf\xe9")), "", "", 1)+"\n"+good, 2, "note", "UTF-8")
	checkBroken(t, fullHeader+"\n"+csvRow(with("to", "B\x00"))+"\n"+good, 2, "to", "invisible")
}

func TestBlankLinesAreNoise(t *testing.T) {
	file := "\xef\xbb\xbf\n" + fullHeader + "\r\n\r\n" + csvRow(with()) + "\r\n   \r\n,,,,,,,,,,,,,,\r\n"
	rows, rejects, others := read(t, file)
	want := []domain.Item{domain.Noise{Line: 1}, domain.Noise{Line: 3}, domain.Noise{Line: 5}, domain.Noise{Line: 6}}
	if len(rows) != 1 || len(rejects) != 0 || fmt.Sprint(others) != fmt.Sprint(want) {
		t.Errorf("rows %d, rejects %v, others %v", len(rows), rejects, others)
	}
}

func TestAHeaderThatIsNoneIsRefusedWithWhatToDo(t *testing.T) {
	for file, why := range map[string]string{
		"":                                 "no line",
		"\n\n":                             "no line",
		"a,b\n1,2\n":                       `no column "time"`,
		"from,to,amount,asset\n":           `no column "time"`,
		"time,from,amount,asset\n":         `no column "to"`,
		"time,from,to,asset\n":             `no column "amount"`,
		"time,from,to,amount\n":            `no column "asset"`,
		"time;from;to;amount;asset\n":      "separated by commas",
		"time,to,amount,asset,Amount\n":    "twice",
		"time,to,amount,asset,victims\n":   `did you mean "victim"`,
		"time,to,amount,asset,fees\n":      `did you mean "fee"`,
		"time,to,amount,asset,to amount\n": `did you mean "to_amount"`,
		"time,to,amount,asset,ToAsset\n":   `did you mean "to_asset"`,
		"time,to,amount,asset,\"note\n":    "quotation mark",
		"[{\"time\":\"2024-01-05\"}]\n":    `no column "time"`,
		"\x00\x01\x02":                     `no column "time"`,
		strings.Repeat("x", 1<<20+1):       "bytes",
		"time\rto\ramount\rasset\r":        `no column "time"`,
	} {
		rows, _, _, err := collect(strings.NewReader(file))
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%.80q: %v, want an error with %q", file, err, why)
			continue
		}
		if len(rows) != 0 || domain.ClassOf(err) != domain.ClassUsage || len(err.Error()) > 700 {
			t.Errorf("%.80q: %d rows, class %d, %d bytes of error", file, len(rows), domain.ClassOf(err), len(err.Error()))
		}
	}
}

func TestAColumnOfAnotherKindIsWarnedOfOnce(t *testing.T) {
	rows, rejects, others := read(t, "time,branch,to,amount,asset,from,\n2024-01-05,42,B,1,EUR,A,\n2024-01-06,43,B,1,EUR,A,x\n")
	if len(rows) != 2 || len(rejects) != 0 || len(others) != 2 {
		t.Fatalf("%d rows, rejects %v, others %v", len(rows), rejects, others)
	}
	warning, ok := others[0].(domain.Warning)
	if !ok || warning.Line != 1 || !strings.Contains(warning.Reason, `"branch"`) {
		t.Errorf("the warning is %+v", others[0])
	}
}

func TestARowOverSeveralLinesHasTheNumberOfItsFirst(t *testing.T) {
	file := "time,from,to,amount,asset,note\n2024-01-05,A,B,1,EUR,\"a\nb\nc\"\n2024-01-05,A,B,x,EUR,\n"
	rows, rejects, _ := read(t, file)
	if len(rows) != 1 || rows[0].Evidence.Line != 2 || len(rejects) != 1 || rejects[0].Evidence.Line != 5 {
		t.Errorf("rows %+v, rejects %+v", rows, rejects)
	}
}

func TestAFieldOverManyLinesIsWarnedOf(t *testing.T) {
	for lines, want := range map[int]int{longField - 1: 0, longField: 1} {
		file := "time,from,to,amount,asset,note\n2024-01-05,A,B,1,EUR,\"" + strings.Repeat("x\n", lines) + "\"\n"
		rows, _, others := read(t, file)
		if len(rows) != 1 || len(others) != want {
			t.Errorf("a field over %d more lines: %d rows, %v", lines, len(rows), others)
		}
	}
}

func TestAReturnOfNothingKnownIsTakenAndWarnedOf(t *testing.T) {
	rows, _, others := read(t, fullHeader+"\n"+csvRow(with("kind", "return"))+"\n")
	if len(rows) != 1 || rows[0].Kind != domain.Return || len(others) != 1 {
		t.Errorf("rows %v, others %v", rows, others)
	}
}

func TestAnErrorOfTheReceiverEndsTheReading(t *testing.T) {
	full := errors.New("the disk is full")
	for _, file := range []string{fullHeader + "\n" + csvRow(with()) + "\n", fullHeader + "\n\n", fullHeader + "\nx\n", "\n" + fullHeader,
		fullHeader + ",other\n", `{"time":"x"}`, "\n{}", `{"other":1}`, fullHeader + "\n" + csvRow(with("kind", "return")) + "\n"} {
		count := 0
		err := Read(strings.NewReader(file), domain.ReadOptions{Assets: domain.StandardAssets()}, func(domain.Item) error {
			count++
			return full
		})
		if !errors.Is(err, full) || count != 1 {
			t.Errorf("%.60q: %v after %d items", file, err, count)
		}
	}
}

func TestAnErrorOfTheWorldIsPassedOn(t *testing.T) {
	gone := errors.New("the disk is gone")
	for _, begin := range []string{"", fullHeader, fullHeader + "\n2024", fullHeader + "\n\"", "{}\n{"} {
		if _, _, _, err := collect(io.MultiReader(strings.NewReader(begin), failing{gone})); !errors.Is(err, gone) {
			t.Errorf("%q: %v", begin, err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
