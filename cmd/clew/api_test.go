package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"clew/casework"
	"clew/domain"
	"clew/eventstore/relay"
	"clew/testdata/cases"
	"clew/web/api"
	"clew/web/gate"
)

// line is the API of a store with the sample cases, and who speaks on it.
type line struct {
	site   http.Handler
	store  string
	office *gate.Office
	person gate.Person
}

// Person says who asks: whoever the test has put there.
func (l *line) Person(*http.Request) (*gate.Person, error) { return &l.person, nil }

// noon is when all of these tests take place.
func noon() time.Time { return time.Date(2024, 6, 3, 12, 0, 0, 0, time.UTC) }

// apiOf serves a store that has the named sample cases.
func apiOf(t *testing.T, names ...string) *line {
	t.Helper()
	folder := t.TempDir()
	l := &line{store: "sqlite:" + filepath.Join(folder, "clew.db"), person: gate.Person{Name: "ina", Role: casework.Owner}}
	if err := os.CopyFS(filepath.Join(folder, "files"), cases.Files); err != nil {
		t.Fatal(err)
	}
	l.says(t, "case", "open", "EMPTY", "--title", "Nothing yet")
	l.says(t, "key", "create")
	for _, name := range names {
		steps, err := cases.Steps(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range steps {
			l.carry(t, io.Discard, filepath.Join(folder, "files", name), step.Args)
		}
	}
	p := &program{store: l.store, getenv: l.env, now: noon, out: io.Discard, err: io.Discard}
	path, _ := storePath(l.store)
	o, err := p.open(t.Context(), path, mustExist)
	if err != nil {
		t.Fatal(err)
	}
	bell := relay.NewDoorbell(o.store, relay.DoorbellConfig{})
	t.Cleanup(func() { bell.Close(); o.close() })
	o.desk.Store = bell.Ringing(o.store)
	l.office = &gate.Office{Desk: o.desk, Views: o.views, Now: noon, Bell: bell, Counter: &counterOf{p, o}, PerSecond: 1 << 20, Stopping: t.Context(),
		Log: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))}
	if l.site, err = gate.New(l.office, l).Handler(api.Routes(l.office)); err != nil {
		t.Fatal(err)
	}
	return l
}

func (l *line) env(name string) string {
	return map[string]string{"CLEW_STORE": l.store, "CLEW_ACTOR": "ina"}[name]
}

// carry carries a command out as on the command line.
func (l *line) carry(t *testing.T, out io.Writer, folder string, args []string) {
	t.Helper()
	p := &program{args: args, in: strings.NewReader(""), out: out, err: io.Discard, getenv: l.env, now: noon, dir: folder}
	if err := p.carryOut(t.Context()); codeOf(err) > exitIncomplete {
		t.Fatalf("clew %v: %v", args, err)
	}
}

// says is what the command line answers.
func (l *line) says(t *testing.T, args ...string) string {
	t.Helper()
	var out bytes.Buffer
	l.carry(t, &out, "", args)
	return out.String()
}

// asks sends a request to the API; a header is "Name: value".
func (l *line) asks(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	answer := httptest.NewRecorder()
	l.site.ServeHTTP(answer, r)
	return answer
}

// want fails the test where an answer has another status.
func want(t *testing.T, answer *httptest.ResponseRecorder, status int) {
	t.Helper()
	if answer.Code != status {
		t.Fatalf("%d, not %d: %s", answer.Code, status, answer.Body)
	}
}

// problem is what a refusal says.
func problem(t *testing.T, answer *httptest.ResponseRecorder) (p gate.Problem) {
	t.Helper()
	if got := answer.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("%d is answered as %s: %s", answer.Code, got, answer.Body)
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	return p
}

// The same question has the same answer, byte for byte, whichever way it is
// asked.
func TestTheAPIAnswersAsTheCommandLine(t *testing.T) {
	l := apiOf(t, cases.Names()...)
	for _, c := range []struct{ path, line string }{
		{"/cases", "case list"},
		{"/cases/{case}", "case show {case}"},
		{"/cases/{case}/trace", "trace {case}"},
		{"/cases/{case}/trace?rule=libr&at=2024-03-05", "trace {case} --rule libr --at 2024-03-05"},
		{"/cases/{case}/trace?known_at=2024-06-03&rule=poison", "trace {case} --known-at 2024-06-03 --rule poison"},
		{"/cases/{case}/where", "where {case}"},
		{"/cases/{case}/ledger?rule=pro-rata", "ledger {case} --rule pro-rata"},
		{"/cases/ROMANCE-1/explain?victim=V1", "explain ROMANCE-1 --victim V1"},
		{"/cases/{case}/rules", "rules {case}"},
		{"/cases/{case}/timeline", "timeline {case}"},
		{"/cases/{case}/timeline?order=known", "timeline {case} --order known"},
		{"/cases/ROMANCE-1/diff?from=3&to=9", "diff ROMANCE-1 --from 3 --to 9"},
		{"/cases/{case}/targets", "targets {case}"},
		{"/cases/{case}/mules", "mules {case}"},
		{"/cases/{case}/victims", "victim show {case}"},
		{"/cases/ROMANCE-1/victims/V1", "victim show ROMANCE-1 V1"},
		{"/cases/{case}/accounts", "account show {case}"},
		{"/cases/{case}/movements?limit=3", "movement list {case} --limit 3"},
		{"/cases/{case}/doubles", "match {case}"},
		{"/cases/{case}/evidence", "evidence list {case}"},
		{"/cases/{case}/rejects", "evidence list {case} --rejects"},
		{"/cases/{case}/persons", "person show {case}"},
		{"/cases/{case}/privacy", "privacy show {case}"},
		{"/cases/{case}/freezes", "freeze list --case {case}"},
		{"/freezes", "freeze list"},
		{"/totals?by=mechanism", "totals --by mechanism"},
		{"/mechanisms", "freeze mechanisms"},
		{"/limits", "freeze limit show"},
		{"/assets", "asset list"},
		{"/formats", "formats"},
		{"/template", "template"},
		{"/version", "version"},
		{"/verify", "verify"},
		{"/checkpoints", "checkpoint --list"},
		{"/keys", "key show"},
		{"/projections", "projections"},
	} {
		for _, id := range []string{"ROMANCE-1", "NDOH-2025"} {
			named := strings.NewReplacer("{case}", id)
			answer := l.asks("GET", named.Replace(c.path), "")
			want(t, answer, http.StatusOK)
			line := l.says(t, append(strings.Fields(named.Replace(c.line)), "--json")...)
			if answer.Body.String() != line {
				t.Errorf("GET %s answers\n%s\nand clew %s --json\n%s", c.path, answer.Body, c.line, line)
			}
			if !strings.Contains(c.path, "{case}") {
				break
			}
		}
	}
}

func TestEveryCommandHasAnAddressOrAReason(t *testing.T) {
	addressed := api.Addressed()
	elsewhere := api.Elsewhere()
	for _, c := range (&counterOf{}).Commands() {
		switch reason := elsewhere[c.Name]; {
		case addressed[c.Name] && reason != "":
			t.Errorf("clew %s has an address, and a reason why it has none", c.Name)
		case !addressed[c.Name] && reason == "":
			t.Errorf("clew %s has no address in the API: give it a row in web/api/routes.go, or say why not", c.Name)
		}
		delete(elsewhere, c.Name)
	}
	for name := range elsewhere {
		t.Errorf("%s is no command", name)
	}
}

// Whoever asks gets an answer, and whoever describes it says of what it is
// made: a question whose answer nobody described would pass for an act.
func TestNoQuestionIsAnsweredAsAnAct(t *testing.T) {
	var document struct {
		Paths map[string]map[string]struct {
			Responses map[string]struct {
				Content map[string]struct {
					Schema struct {
						Ref string `json:"$ref"`
					} `json:"schema"`
				} `json:"content"`
			} `json:"responses"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(openAPI(t, apiOf(t)), &document); err != nil {
		t.Fatal(err)
	}
	for path, methods := range document.Paths {
		if methods["get"].Responses["200"].Content["application/json"].Schema.Ref == "#/components/schemas/Act" {
			t.Errorf("GET %s: say in cmd/clew/answers.go of what type its JSON is", path)
		}
	}
}

func TestWhatIsOftenAskedIsTheSameCommand(t *testing.T) {
	root := tree(t)
	for word, branch := range oftenAsked() {
		whole, _, err := root.Find([]string{word})
		if alone := branch(&program{getenv: func(string) string { return "" }}); err != nil || whole.Name() != alone.Name() || whole.Short != alone.Short {
			t.Errorf("%s is %s alone, and %s in the tree: %v", word, alone.Name(), whole.Name(), err)
		}
	}
}

// A flag that names a file would have somebody far away read or write a file
// of the server.
func TestNoParameterNamesAFileOfTheServer(t *testing.T) {
	l := apiOf(t)
	if err := api.Fits(l.office); err != nil {
		t.Fatal(err)
	}
	var d described
	if err := json.Unmarshal(openAPI(t, l), &d); err != nil {
		t.Fatal(err)
	}
	kept := regexp.MustCompile(`^(POST|GET) /cases/\{case\}/(privacy/.*|erasures|findings|identifiers|evidence.*|imports|(crimes|notices|centres)(/.*)?)$`) // of a kept file, or of the one that is sent
	for path, methods := range d.Paths {
		for method, op := range methods {
			name := strings.ToUpper(method) + " " + path
			says := map[string]string{}
			for _, p := range op.Parameters {
				says[p.Name] = p.Description
			}
			for field, f := range op.RequestBody.Content["application/json"].Schema.Properties {
				says[field] = f.Description
			}
			for param, text := range says {
				if regexp.MustCompile(`(?i)\b(file|folder|directory|path|browser)\b`).MatchString(text+" "+param) && !kept.MatchString(name) {
					t.Errorf("%s takes %s: %s", name, param, text)
				}
			}
		}
	}
}

func TestTablesAreSafeForSpreadsheets(t *testing.T) {
	l := apiOf(t, "romance")
	want(t, l.asks("POST", "/cases", `{"case": "C2", "title": "=HYPERLINK(\"http://evil.example\")"}`), http.StatusOK)
	for _, answer := range []*httptest.ResponseRecorder{l.asks("GET", "/cases.csv", ""), l.asks("GET", "/cases", "", "Accept: text/csv")} {
		want(t, answer, http.StatusOK)
		if got := answer.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/csv") {
			t.Errorf("a table is answered as %s", got)
		}
		if body := answer.Body.String(); !strings.Contains(body, `"'=HYPERLINK(`) || strings.Contains(body, `,"=`) {
			t.Errorf("a formula stands in the table:\n%s", body)
		}
	}
	table := l.asks("GET", "/cases/ROMANCE-1/ledger.csv?rule=fifo", "")
	want(t, table, http.StatusOK)
	if line := l.says(t, "ledger", "ROMANCE-1", "--rule", "fifo", "-o", "csv"); table.Body.String() != line {
		t.Errorf("the table is\n%s\nand that of the command line\n%s", table.Body, line)
	}
}

// A version that somebody has seen holds what he decides on it.
func TestADecisionOnAnOldVersionIsRefusedWithWhatChanged(t *testing.T) {
	l := apiOf(t, "romance")
	seen := l.asks("GET", "/cases/ROMANCE-1", "").Header().Get("ETag")
	if !strings.HasPrefix(seen, `"ROMANCE-1.`) {
		t.Fatalf("the case is at version %s", seen)
	}
	first := l.asks("POST", "/cases/ROMANCE-1/notes", `{"text": "the bank called"}`, "If-Match: "+seen)
	want(t, first, http.StatusOK)
	second := l.asks("POST", "/cases/ROMANCE-1/notes", `{"text": "the bank did not call"}`, "If-Match: "+seen)
	want(t, second, http.StatusPreconditionFailed)
	if p := problem(t, second); p.Code != "precondition_failed" || !strings.Contains(second.Body.String(), `"kind":"case.noted.v1"`) {
		t.Errorf("what changed is not told: %s", second.Body)
	}
	want(t, l.asks("POST", "/cases/ROMANCE-1/notes", `{"text": "the bank did not call"}`, "If-Match: "+first.Header().Get("ETag")), http.StatusOK)
	want(t, l.asks("POST", "/cases/ROMANCE-1/notes", `{"text": "x"}`, `If-Match: "OTHER.3"`), http.StatusBadRequest)
	if text := l.says(t, "case", "show", "ROMANCE-1", "--json"); strings.Count(text, "the bank") != 2 {
		t.Errorf("the notes are %s", text)
	}
}

func TestARequestThatIsSentTwiceIsCarriedOutOnce(t *testing.T) {
	l := apiOf(t)
	first := l.asks("POST", "/cases/EMPTY/notes", `{"text": "called"}`, "Idempotency-Key: k1")
	want(t, first, http.StatusOK)
	again := l.asks("POST", "/cases/EMPTY/notes", `{"text": "called"}`, "Idempotency-Key: k1")
	want(t, again, http.StatusOK)
	var one, two actShape
	if json.Unmarshal(first.Body.Bytes(), &one) != nil || json.Unmarshal(again.Body.Bytes(), &two) != nil {
		t.Fatalf("%s\n%s", first.Body, again.Body)
	}
	if one.Repeated || !two.Repeated || *one.First != *two.First {
		t.Errorf("the answers are %s and %s", first.Body, again.Body)
	}
	other := l.asks("POST", "/cases/EMPTY/notes", `{"text": "called twice"}`, "Idempotency-Key: k1")
	want(t, other, http.StatusConflict)
	if p := problem(t, other); p.Code != "key_conflict" {
		t.Errorf("another request under the key: %+v", p)
	}
	l.person.Name = "ben"
	want(t, l.asks("POST", "/cases/EMPTY/notes", `{"text": "called twice"}`, "Idempotency-Key: k1"), http.StatusOK)
}

func TestWhatNobodyReadsIsRefused(t *testing.T) {
	l := apiOf(t, "romance")
	for _, c := range []struct {
		method, path, body string
		status             int
		says               string
	}{
		{"GET", "/cases/ROMANCE-1/trace?rul=fifo", "", 400, "rul is nothing that this takes: it takes "},
		{"GET", "/cases/ROMANCE-1/trace?rule=fifo&rule=libr", "", 400, "rule stands 2 times"},
		{"GET", "/cases/ROMANCE-1/trace?rule=first", "", 400, "rule: "},
		{"GET", "/cases/ROMANCE-1/trace?at=yesterday", "", 400, "at: "},
		{"GET", "/cases/ROMANCE-1/trace?store=/etc/passwd", "", 400, "store is nothing"},
		{"GET", "/cases/ROMANCE-1/trace?upto=99999", "", 400, "position 99999"},
		{"GET", "/cases/NOBODY/trace", "", 404, "there is no case NOBODY"},
		{"GET", "/cases/-h/trace", "", 400, ""},
		{"GET", "/cases/ROMANCE-1/mules?thresholds=/etc/passwd", "", 400, "thresholds is nothing"},
		{"POST", "/cases/ROMANCE-1/notes", `{}`, 400, "text is needed"},
		{"POST", "/cases/ROMANCE-1/notes", `[]`, 400, "no JSON object"},
		{"POST", "/cases/ROMANCE-1/notes", `{"text": 7}`, 400, "text: it must be a string"},
		{"POST", "/cases/ROMANCE-1/notes", `{"text": "x", "actor": "eve"}`, 400, "actor is nothing"},
		{"POST", "/cases/ROMANCE-1/notes?text=x", "", 400, "stands in the body"},
		{"POST", "/cases/ROMANCE-1/payments", `{"victim": "V1", "amount": 500.00}`, 400, "amounts too"},
		{"POST", "/cases/ROMANCE-1/payments", `{"victim": "V1", "from": "a"}`, 400, "a payment needs to"},
		{"POST", "/cases/ROMANCE-1/freezes/F99/submit", `{"urgent": "yes"}`, 400, "urgent: it must be true or false"},
		{"POST", "/cases/ROMANCE-1/freezes/F99/submit", `{"urgent": true}`, 404, "has no freeze F99"},
	} {
		answer := l.asks(c.method, c.path, c.body)
		want(t, answer, c.status)
		if p := problem(t, answer); !strings.Contains(p.Detail, c.says) {
			t.Errorf("%s %s %s: %q does not say %q", c.method, c.path, c.body, p.Detail, c.says)
		}
	}
}

// Whoever opens a case through the API works on it, as one who opens it on
// screen does.
func TestWhoOpensACaseThroughTheAPIIsOnIt(t *testing.T) {
	l := apiOf(t)
	l.says(t, "user", "add", "ben", "--role", "investigator")
	l.person = gate.Person{Name: "ben", Role: casework.Investigator}
	want(t, l.asks("POST", "/cases", `{"case": "C9", "title": "New"}`), http.StatusOK)
	var on []domain.CaseID
	if err := l.office.Desk.Access(t.Context(), func(a *domain.Access) { on = slices.Collect(maps.Keys(a.Users["ben"].Cases)) }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(on, []domain.CaseID{"C9"}) {
		t.Errorf("ben is on %v", on)
	}
}

// A person sees what his role and his cases let him see, in lists too.
func TestListsSpeakOfNoCaseThatOneMayNotRead(t *testing.T) {
	l := apiOf(t, "romance", "chain")
	l.person = gate.Person{Name: "ben", Role: casework.Investigator, Cases: []domain.CaseID{"WALLET-1"}}
	list := l.asks("GET", "/cases", "")
	want(t, list, http.StatusOK)
	if body := list.Body.String(); strings.Contains(body, "ROMANCE-1") || !strings.Contains(body, "WALLET-1") {
		t.Errorf("he sees %s", body)
	}
	for path, status := range map[string]int{
		"/cases/ROMANCE-1/trace": 403, "/cases/WALLET-1/trace": 200, "/totals": 403, "/totals?case=WALLET-1": 200, "/totals?case=ROMANCE-1": 403,
		"/freezes?case=ROMANCE-1": 403, "/freezes": 200, "/events?case=ROMANCE-1": 403, "/reads": 403,
	} {
		answer := l.asks("GET", path, "")
		if answer.Code != status {
			t.Errorf("GET %s: %d, not %d: %s", path, answer.Code, status, answer.Body)
		}
	}
	l.person = gate.Person{Name: "ina", Role: casework.Owner, Only: []domain.CaseID{"WALLET-1"}}
	if body := l.asks("GET", "/cases", "").Body.String(); strings.Contains(body, "ROMANCE-1") || !strings.Contains(body, "WALLET-1") {
		t.Errorf("a token for one case lists %s", body)
	}
	want(t, l.asks("GET", "/totals", ""), http.StatusForbidden)
	l.person = gate.Person{Name: "ben", Role: casework.Investigator, Cases: []domain.CaseID{"WALLET-1"}}
	want(t, l.asks("POST", "/cases/WALLET-1/links", `{"other": "ROMANCE-1"}`), http.StatusNotFound)
	var files []fileShape
	if err := json.Unmarshal([]byte(l.says(t, "evidence", "list", "ROMANCE-1", "--json")), &files); err != nil {
		t.Fatal(err)
	}
	want(t, l.asks("GET", "/cases/WALLET-1/evidence/"+string(files[0].SHA256)+"/content", ""), http.StatusNotFound)
}
