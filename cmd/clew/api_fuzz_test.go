package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"clew/testdata/torture"
)

// operationDescribed is an operation as the API describes it.
type operationDescribed struct {
	method, path string
	params       []any
	body         map[string]any // the schema of a JSON body; nil: none
	sends        bool           // a file
	answers      map[string]*jsonschema.Schema
}

// openDocument is the description as any program reads it, with its schemas
// compiled by others.
func openDocument(t *testing.T, text []byte) (list []operationDescribed) {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("api.json", document); err != nil {
		t.Fatal(err)
	}
	paths := document.(map[string]any)["paths"].(map[string]any)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for _, method := range slices.Sorted(maps.Keys(paths[path].(map[string]any))) {
			op := paths[path].(map[string]any)[method].(map[string]any)
			d := operationDescribed{method: strings.ToUpper(method), path: path, answers: map[string]*jsonschema.Schema{}}
			d.params, _ = op["parameters"].([]any)
			if body, ok := op["requestBody"].(map[string]any); ok {
				content := body["content"].(map[string]any)
				if object, ok := content["application/json"].(map[string]any); ok {
					d.body = object["schema"].(map[string]any)
				}
				d.sends = content["multipart/form-data"] != nil
			}
			for status, answer := range op["responses"].(map[string]any) {
				for kind := range answer.(map[string]any)["content"].(map[string]any) {
					at := "api.json#/paths/" + pointer(path) + "/" + method + "/responses/" + status + "/content/" + pointer(kind) + "/schema"
					if d.answers[status+" "+kind], err = compiler.Compile(at); err != nil {
						t.Fatal(err)
					}
				}
			}
			list = append(list, d)
		}
	}
	return list
}

// pointer escapes a name for a JSON pointer within an address.
func pointer(name string) string {
	return url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
}

// caller makes requests out of what the API says of itself: most of them fit,
// and the others nearly do.
type caller struct {
	chance *rand.Rand
	known  map[string][]string // values that fit a name
}

// odd are values that fit nothing, or hardly.
var odd = []string{"", " ", "-1", "--help", "=cmd()", "../../etc/passwd", "\x00", "\u202e", "💶", "1e400", "0x10", "null", "true", "9999999999999999999999",
	strings.Repeat("9", 500), strings.Repeat("a", 5000), "'; DROP TABLE record; --", "<script>alert(1)</script>", "2024-02-30", "0001-01-01", "9999-12-31T23:59:59Z", "NaN", "%00", "\xff\xfe"}

func (c *caller) pick(list []string) string { return list[c.chance.IntN(len(list))] }

// value is a value for a name: mostly one that is known to fit.
func (c *caller) value(name string) string {
	if fitting := c.known[name]; len(fitting) > 0 && c.chance.IntN(8) > 0 {
		return c.pick(fitting)
	}
	if c.chance.IntN(3) > 0 {
		return c.pick(c.known["text"])
	}
	return c.pick(odd)
}

// of is a value of a schema, as JSON has it.
func (c *caller) of(name string, schema map[string]any) any {
	if c.chance.IntN(40) == 0 {
		return []any{nil, 7, -0.5, true, map[string]any{"a": 1}, []any{}}[c.chance.IntN(6)]
	}
	switch schema["type"] {
	case "boolean":
		return c.chance.IntN(2) == 0
	case "integer":
		return c.chance.IntN(200) - 1
	case "array":
		list := []string{}
		for range c.chance.IntN(3) {
			list = append(list, c.value(name))
		}
		return list
	}
	return c.value(name)
}

// request makes a request for an operation.
func (c *caller) request(op operationDescribed) *http.Request {
	path, query := "/api/v1"+op.path, url.Values{}
	for _, p := range op.params {
		param := p.(map[string]any)
		name, schema := param["name"].(string), param["schema"].(map[string]any)
		switch {
		case param["in"] == "path":
			path = strings.Replace(path, "{"+name+"}", url.PathEscape(c.value(name)), 1)
		case param["in"] == "query" && (param["required"] == true || c.chance.IntN(4) == 0):
			query.Set(name, fmt.Sprint(c.of(name, schema)))
		}
	}
	if c.chance.IntN(30) == 0 {
		query.Set("surprise", "1")
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	var body []byte
	kind := "application/json"
	switch {
	case op.sends:
		body, kind = []byte(c.pick(c.known["table"])), "application/octet-stream"
	case op.body != nil:
		body = c.object(op.body)
	}
	r := httptest.NewRequest(op.method, path, bytes.NewReader(body))
	if body != nil {
		r.Header.Set("Content-Type", kind)
	}
	return r
}

// object is a body: what is needed and some of the rest, or none of it JSON.
func (c *caller) object(schema map[string]any) []byte {
	if c.chance.IntN(40) == 0 {
		return []byte(c.pick(odd))
	}
	required, _ := schema["required"].([]any)
	properties, _ := schema["properties"].(map[string]any)
	object := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		needed := slices.Contains(required, any(name)) || len(c.known[name]) > 0
		if needed && c.chance.IntN(12) > 0 || c.chance.IntN(5) == 0 {
			object[name] = c.of(name, properties[name].(map[string]any))
		}
	}
	text, _ := json.Marshal(object) // of what cannot be written there is nothing in it
	return text
}

// fits says whether an answer is one that the API says there is.
func (op *operationDescribed) fits(answer *httptest.ResponseRecorder) error {
	kind, _, _ := strings.Cut(answer.Header().Get("Content-Type"), ";")
	status := "200"
	if answer.Code != http.StatusOK {
		status = "default"
	}
	schema := op.answers[status+" "+kind]
	if schema == nil {
		for described, one := range op.answers { // with the type's own parameters
			if strings.HasPrefix(described, status+" "+kind+";") {
				schema = one
			}
		}
	}
	if schema == nil {
		return fmt.Errorf("nothing is said of %d %s", answer.Code, kind)
	}
	if !strings.HasSuffix(kind, "json") {
		return nil
	}
	value, err := jsonschema.UnmarshalJSON(answer.Body)
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// No request that the API's own description allows, or nearly allows, brings
// it to its knees; and every answer is one that it says there is.
func TestTheAPIIsWhatItSaysOfItself(t *testing.T) {
	chance := torture.Chance(t, torture.NewSeed())
	l := apiOf(t, "romance")
	operations := slices.DeleteFunc(openDocument(t, openAPI(t, l)), func(op operationDescribed) bool { return op.path == "/events" }) // does not end
	c := &caller{chance, knownValues(t, l)}
	statuses := map[int]int{}
	reached := map[string]bool{}
	for n := range torture.Often(t, "CLEW_REQUESTS", 2000) {
		op := operations[chance.IntN(len(operations))]
		if op.path == "/verify" && chance.IntN(20) > 0 {
			continue // reads the whole log again
		}
		r := c.request(op)
		sent := r.Method + " " + r.URL.String()
		answer := httptest.NewRecorder()
		l.site.ServeHTTP(answer, r)
		statuses[answer.Code]++
		reached[op.method+" "+op.path] = reached[op.method+" "+op.path] || answer.Code == http.StatusOK
		text := answer.Body.String()
		if answer.Code >= http.StatusInternalServerError || answer.Code == http.StatusMovedPermanently {
			t.Fatalf("request %d, %.300s: %d %.500s", n, sent, answer.Code, text)
		}
		if answer.Code == http.StatusTemporaryRedirect || answer.Code == http.StatusPermanentRedirect {
			continue // the path was put in order
		}
		if err := op.fits(answer); err != nil {
			t.Fatalf("request %d, %.300s: the answer is not what is said of it: %v\n%.1000s", n, sent, err, text)
		}
	}
	good := 0
	for _, was := range reached {
		if was {
			good++
		}
	}
	t.Logf("%v; of %d operations %d answered with what was asked for", statuses, len(operations), good)
	if statuses[http.StatusOK] < statuses[http.StatusBadRequest]/3 {
		t.Errorf("most requests are turned away at the door: %v", statuses)
	}
}

// knownValues are values that fit, by the name of what they are for.
func knownValues(t *testing.T, l *line) map[string][]string {
	t.Helper()
	known := map[string][]string{
		"case": {"ROMANCE-1", "ROMANCE-1", "EMPTY", "NEW"}, "other": {"EMPTY", "NOBODY"}, "victim": {"V1", "V2"}, "freeze": {"F1", "F2"}, "rule": {"fifo", "libr", "pro-rata", "poison"},
		"at": {"2024-03-05", "2024-03-01T10:00:00Z"}, "known_at": {"2024-06-03"}, "upto": {"12", "40"}, "asset": {"EUR"}, "amount": {"10.00", "500.00"},
		"time": {"2024-03-01", "2024-03-02T10:00:00Z"}, "title": {"A title"}, "text": {"a text", "x"}, "reason": {"because"}, "basis": {"a letter"}, "source": {"a letter"},
		"from": {"3", "12", "bank:1"}, "to": {"20", "30", "bank:2"}, "mechanism": {"i-grip", "bank"}, "limit": {"3", "100"}, "after": {"0", "20"}, "order": {"both", "known"},
		"by": {"case", "month"}, "position": {"1", "12"}, "authority": {"a court"}, "label": {"a label"}, "kind": {"letter", "ffkc", "camt.056"}, "code": {"ABC@chain"}, "decimals": {"6"},
		"person": {"P1"}, "name": {"A. Example", "table.csv"}, "role": {"auditor"}, "user": {"ben"}, "token": {"nightly"}, "payer": {"A bank"}, "until": {"2025-01-01"}, "due": {"2025-01-01"},
		"typology": {"romance"}, "scam": {"romance"}, "answer": {"matched"}, "rates": {"USD=1.0873"}, "base": {"EUR"}, "day": {"2024-03-01"}, "team": {"North"}, "contact": {"I. Example"},
		"method": {"trace", "pari-passu-net"}, "operation": {"HARBOUR"}, "sort": {"phone"}, "value": {"+49 30 123456"}, "country": {"DE"}, "category": {"scam_target"}, "as": {"suspect", "bank:1"},
		"table": {"time,from,to,amount,asset\n2024-03-01,bank:1,bank:2,5.00,EUR\n", "time,to,amount,asset\nx,y,z\n", "", "\x00\x01", "<xml/>"},
	}
	var page movementsShape
	if err := json.Unmarshal(l.asks("GET", "/cases/ROMANCE-1/movements", "").Body.Bytes(), &page); err != nil {
		t.Fatal(err)
	}
	for _, m := range page.Movements {
		known["movement"] = append(known["movement"], string(m.Movement))
		known["account"] = append(known["account"], string(m.To))
	}
	known["payment"], known["join"], known["apart"] = known["movement"], known["movement"], known["movement"]
	var files []fileShape
	if err := json.Unmarshal(l.asks("GET", "/cases/ROMANCE-1/evidence", "").Body.Bytes(), &files); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		known["sha"] = append(known["sha"], string(f.SHA256))
	}
	return known
}

// Found by the requests above: of a pool of which nothing but a hold is known,
// the signs of mules were looked for in an empty list.
func TestAnAccountThatIsOnlyHeldCanBeShown(t *testing.T) {
	l := apiOf(t, "romance")
	const account = "iban:DE33900300300000889901"
	want(t, l.asks("POST", "/cases/ROMANCE-1/holds", `{"account": "`+account+`", "asset": "USD", "amount": "10.00", "at": "2024-03-01", "mechanism": "bank"}`), http.StatusOK)
	for _, at := range []string{"", "?at=2024-03-01T10:00:00Z", "?at=2024-03-02"} {
		want(t, l.asks("GET", "/cases/ROMANCE-1/accounts/"+account+at, ""), http.StatusOK)
	}
}
