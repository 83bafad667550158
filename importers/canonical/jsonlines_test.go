package canonical

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"clew/domain"
	"clew/importers/lines"
)

func jsonLine(fields map[string]string) string {
	line, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return string(line)
}

func TestEveryRuleOfTheTableIsHeldInJSON(t *testing.T) {
	for _, rule := range broken() {
		checkBroken(t, jsonLine(rule.row)+"\n"+jsonLine(with())+"\n", 1, rule.field, rule.why)
	}
}

func TestAJSONLineSaysTheSameAsARowOfCSV(t *testing.T) {
	for _, row := range []map[string]string{
		with(), with("id", "x", "ref", "y", "note", "a\nb \"c\" é €"), with("fee", "0.10", "victim", "V1", "scam", "job"),
		with("to_amount", "4"), with("to_amount", "4", "to_asset", "USD"), with("kind", "return", "of", "x"),
		with("kind", "opening", "from", ""), with("kind", "balance", "from", "", "amount", "-1"), with("from", "unknown"),
	} {
		byCSV, _, _ := read(t, fullHeader+"\n"+csvRow(row)+"\n")
		byJSON, rejects, _ := read(t, "\n"+jsonLine(row)+"\n")
		if len(byCSV) != 1 || len(byJSON) != 1 || tell(byCSV[0]) != tell(byJSON[0]) || byCSV[0].Content() != byJSON[0].Content() {
			t.Errorf("%v\nin CSV  %v\nin JSON %v %v", row, byCSV, byJSON, rejects)
		}
	}
}

const goodJSON = `{"time":"2024-01-05T10:00:00Z","from":"A","to":"B","amount":"5.00","asset":"EUR"}`

func TestJSONThatSaysTwoThingsIsRejected(t *testing.T) {
	for line, want := range map[string][2]string{
		`{"time":"2024-01-05","from":"A","to":"B","amount":5,"asset":"EUR"}`:                           {"amount", "a number"},
		`{"time":"2024-01-05","from":"A","to":"B","amount":"5","fee":0.1,"asset":"EUR"}`:               {"fee", "a number"},
		`{"time":"2024-01-05","from":"A","to":"B","amount":"5","to_amount":1e2,"asset":"EUR"}`:         {"to_amount", "a number"},
		`{"time":1704448800,"from":"A","to":"B","amount":"5","asset":"EUR"}`:                           {"time", "a number"},
		`{"time":"2024-01-05","from":{"a":1},"to":"B","amount":"5","asset":"EUR"}`:                     {"from", "an object"},
		`{"time":"2024-01-05","from":["A"],"to":"B","amount":"5","asset":"EUR"}`:                       {"from", "a list"},
		`{"time":"2024-01-05","from":true,"to":"B","amount":"5","asset":"EUR"}`:                        {"from", "true or false"},
		`{"amount":"1","time":"2024-01-05","from":"A","to":"B","amount":"5","asset":"EUR"}`:            {"amount", "stands twice"},
		`{"\u0061mount":"1","time":"2024-01-05","from":"A","to":"B","amount":"5","asset":"EUR"}`:       {"amount", "stands twice"},
		`{"Amount":"1","time":"2024-01-05","from":"A","to":"B","amount":"5","asset":"EUR"}`:            {"amount", "stands twice"},
		`{"x":1,"x":1,"time":"2024-01-05","from":"A","to":"B","amount":"5","asset":"EUR"}`:             {"x", "stands twice"},
		`{"victims":"V1","time":"2024-01-05","from":"A","to":"B","amount":"5","asset":"EUR"}`:          {"victims", `did you mean "victim"`},
		`{"time":"2024-01-05","from":"\ud800","to":"B","amount":"5","asset":"EUR"}`:                    {"", "surrogate"},
		`{"time":"2024-01-05","from":"\udc00\ud800","to":"B","amount":"5","asset":"EUR"}`:              {"", "surrogate"},
		`{"time":"2024-01-05","from":"\ufffd\udbff\u0041","to":"B","amount":"5","asset":"EUR"}`:        {"", "surrogate"},
		`{"time":"2024-01-05","from":"A\u0000","to":"B","amount":"5","asset":"EUR"}`:                   {"from", "invisible"},
		"{\"time\":\"2024-01-05\",\"from\":\"A\xff\",\"to\":\"B\",\"amount\":\"5\",\"asset\":\"EUR\"}": {"", "UTF-8"},
		`{"time":"2024-01-05","from":"A","to":"B","amount":"5","asset":"EUR"},`:                        {"", "JSON object"},
		`{"time":"2024-01-05","from":"A","to":"B","amount":"5","asset":"EUR"`:                          {"", "JSON object"},
		`{"time":"2024-01-05"}{"from":"A"}`:                                                            {"", "JSON object"},
		`["2024-01-05"]`:                                                                               {"", "JSON object"},
		`"time"`:                                                                                       {"", "JSON object"},
		`null`:                                                                                         {"", "JSON object"},
		`{}`:                                                                                           {"asset", "missing"},
		`{"time":"2024-01-05","from":"A","to":"B","amount":"5","asset":"EUR","inputs":[]}`:             {"inputs", "hop"},
		`{"a":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`:                        {"", "JSON object"},
		`{"note":"` + strings.Repeat("x", 1<<20) + `"}`:                                                {"", "1048576 bytes"},
		manyKeys(lines.MaxKeys + 1):                                                                    {"", "64 keys"},
	} {
		checkBroken(t, goodJSON+"\n"+line+"\n"+goodJSON+"\n", 2, want[0], want[1])
	}
}

func manyKeys(n int) string {
	line := strings.TrimSuffix(goodJSON, "}")
	for i := 5; i < n; i++ {
		line += fmt.Sprintf(`,"k%d":%d`, i, i)
	}
	return line + "}"
}

func TestJSONThatIsOddButClearIsTaken(t *testing.T) {
	const want = "1 transfer 2024-01-05T10:00:00Z A>B 5.00 EUR"
	for _, line := range []string{
		goodJSON,
		"  " + strings.NewReplacer(":", " : ", ",", " ,\t").Replace(`{"from":"A","to":"B","amount":"5.00","asset":"EUR"`) + ` , "time" : "2024-01-05T10:00:00Z" } `,
		`{"TIME":"2024-01-05T10:00:00Z","from":"\u0041","to":" B ","amount":"5.00","asset":"EUR","victim":null,"note":"","fee":null,"inputs":null}`,
		`{"time":"2024-01-05T10:00:00Z","from":"A","to":"B","amount":"5.00","asset":"EUR","note":"\ufffd \ud83d\ude00 \\ud800 \n"}`,
		strings.Replace(goodJSON, "{", `{"other":{"a":[1,"]}",{"b":"\"}"}],"c":null},"list":[[],{}],`, 1),
		manyKeys(lines.MaxKeys),
	} {
		rows, rejects, _ := read(t, line)
		if len(rows) != 1 || !strings.HasPrefix(tell(rows[0]), want) {
			t.Errorf("%.100s: %v, rejects %+v", line, rows, rejects)
		}
	}
}

func TestAnUnknownKeyIsWarnedOfOnce(t *testing.T) {
	line := strings.Replace(goodJSON, "{", `{"branch":42,`, 1) + "\n"
	rows, _, others := read(t, line+line)
	if len(rows) != 2 || len(others) != 1 {
		t.Fatalf("%d rows, %v", len(rows), others)
	}
	var file strings.Builder
	for i := range maxStrange + 1 {
		fmt.Fprintf(&file, "%s\n", strings.Replace(goodJSON, "{", fmt.Sprintf(`{"strange%d":1,`, i), 1))
	}
	if rows, _, others = read(t, file.String()); len(rows) != maxStrange+1 || len(others) != maxStrange {
		t.Errorf("%d rows, %d warnings of %d keys", len(rows), len(others), maxStrange+1)
	}
}

func TestAHopIsReadWithItsInputsAndOutputs(t *testing.T) {
	rows, rejects, _ := read(t, `{"kind":"hop","time":"2024-01-05T10:00:00Z","id":"f1","ref":"f1","asset":"BTC","inputs":[{"account":"t1:0","amount":"1.5","address":"bc1qa"},{"account":"t2:1","amount":"0.5"}],"outputs":[{"account":"f1:0","amount":"0.3"},{"amount":"1.69999","account":"f1:1","address":null}],"note":"n"}`)
	const want = "1 hop 2024-01-05T10:00:00Z > 0  id=f1 ref=f1 note=n in=t1:0:1.50000000bc1qa in=t2:1:0.50000000 out=f1:0:0.30000000 out=f1:1:1.69999000"
	if len(rows) != 1 || tell(rows[0]) != want {
		t.Errorf("%v %+v", rows, rejects)
	}
}

func TestAHopThatCannotBeIsRejected(t *testing.T) {
	hop := func(in, out, more string) string {
		return `{"kind":"hop","time":"2024-01-05T10:00:00Z","asset":"BTC","inputs":` + in + `,"outputs":` + out + more + `}`
	}
	const one = `[{"account":"t:0","amount":"1"}]`
	for line, want := range map[string][2]string{
		hop("[]", one, ""):                                                   {"inputs", "at least one"},
		hop(one, "null", ""):                                                 {"inputs", "at least one"},
		hop(one, `{"account":"t:0","amount":"1"}`, ""):                       {"outputs", "a list"},
		hop(one, `[{"account":"t:0","amount":"2"}]`, ""):                     {"outputs", "more than the inputs"},
		hop(one, `[{"account":"t:0","amount":"-1"}]`, ""):                    {"outputs", "negative"},
		hop(one, `[{"account":"t:0","amount":1}]`, ""):                       {"outputs", "a number"},
		hop(one, `[{"account":"t:0"}]`, ""):                                  {"outputs", "empty"},
		hop(one, `[{"amount":"1"}]`, ""):                                     {"outputs", "without account"},
		hop(one, `[{"account":"unknown","amount":"1"}]`, ""):                 {"outputs", "without account"},
		hop(one, `["t:0"]`, ""):                                              {"outputs", "an object"},
		hop(one, `[{"account":"t:0","amount":"1","n":0}]`, ""):               {"outputs", "and no n"},
		hop(one, `[{"account":"t:0","amount":"1","amount":"1"}]`, ""):        {"outputs", "twice"},
		hop(one, `[{"account":"t:0","amount":"0.000000001"}]`, ""):           {"outputs", "smallest unit"},
		hop(one, `[{"account":"t:0","amount":"1","address":"a\u202e"}]`, ""): {"outputs", "invisible"},
		hop(one, `[{"account":"a\u202e","amount":"1"}]`, ""):                 {"outputs", "invisible"},
		hop(one, one, `,"from":"A"`):                                         {"from", "hop"},
		hop(one, one, `,"amount":"1"`):                                       {"amount", "hop"},
		hop(one, one, `,"victim":"V1"`):                                      {"victim", "hop"},
		hop(one, one, `,"fee":"0.1"`):                                        {"fee", "hop"},
		strings.Replace(hop(one, one, ""), "2024-01-05T10:00:00Z", "", 1):    {"time", "missing"},
		strings.Replace(hop(one, one, ""), "2024-01-05T10", "x", 1):          {"time", "RFC 3339"},
		strings.Replace(hop(one, one, ""), "BTC", "", 1):                     {"asset", "missing"},
		strings.Replace(hop(one, one, ""), "BTC", "XBT", 1):                  {"asset", "clew asset add"},
	} {
		checkBroken(t, line+"\n"+goodJSON, 1, want[0], want[1])
	}
	rows, rejects, _ := read(t, fullHeader+"\n"+csvRow(with("kind", "hop")))
	if len(rows) != 0 || len(rejects) != 1 || rejects[0].Field != "kind" {
		t.Errorf("a hop in CSV: %v %v", rows, rejects)
	}
}

func TestDetectKnowsATableByItsHeader(t *testing.T) {
	for head, want := range map[string]int{
		"time,from,to,amount,asset\n":                             90,
		"\xef\xbb\xbf\"asset\",\"amount\",\"to\",\"time\"\r\nEUR": 90,
		"\n\n" + fullHeader:                                       90,
		goodJSON + "\n{":                                          90,
		goodJSON:                                                  90,
		`{"kind":"hop","time":"x","asset":"BTC","inputs":[],"outputs":[]}`: 90,
		"time,from,to,amount,note":         40,
		"time;from;to;amount;asset\n":      0,
		"txid,from,to,amount":              0,
		"Date,Amount,Payee":                0,
		"":                                 0,
		"%PDF-1.4":                         0,
		`{"data":[{"from":"A","to":"B"}]}`: 0,
		"{\n \"time\": 1":                  0,
		`{"time":`:                         0,
		":20:START":                        0,
	} {
		if got := Detect([]byte(head), "table.csv"); got != want {
			t.Errorf("%q: %d, want %d", head, got, want)
		}
	}
}

func TestTheKindsOfTheTableAreTheDomains(t *testing.T) {
	for _, kind := range []domain.MovementKind{domain.Transfer, domain.Opening, domain.Balance, domain.Return} {
		row := with("kind", string(kind), "of", map[bool]string{true: "x"}[kind == domain.Return])
		if kind == domain.Opening || kind == domain.Balance {
			row["from"] = ""
		}
		if rows, rejects, _ := read(t, jsonLine(row)); len(rows) != 1 || rows[0].Kind != kind {
			t.Errorf("%s: %v %v", kind, rows, rejects)
		}
	}
}
