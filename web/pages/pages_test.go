package pages_test

import (
	"bytes"
	"context"
	"flag"
	"html"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"clew/casework"
	"clew/domain"
	"clew/eventstore/sqlite"
	"clew/projections"
	"clew/testdata/cases"
	"clew/testdata/networks"
	"clew/tracing"
	"clew/vault"
	"clew/web/gate"
	"clew/web/pages"
)

var update = flag.Bool("update", false, "write the texts of the pages as they are now")

// house is a server's pages over a store of its own, for a person.
type house struct {
	t      *testing.T
	office *gate.Office
	who    gate.Person
	site   http.Handler
	now    time.Time
}

// Person makes the house the keeper of its one person.
func (h *house) Person(*http.Request) (*gate.Person, error) { return &h.who, nil }

// open makes a house with the sample cases of these names.
func open(t *testing.T, names ...string) *house {
	t.Helper()
	h := &house{t: t, who: gate.Person{Name: "ina", Role: casework.Owner}, now: time.Date(2024, 3, 20, 9, 0, 0, 0, time.UTC)}
	path := filepath.Join(t.TempDir(), "clew.db")
	store := must(sqlite.Open(t.Context(), path, sqlite.Options{}))
	t.Cleanup(func() { store.Close() })
	views := must(projections.Open(t.Context(), path+".views", store))
	t.Cleanup(func() { views.Close() })
	tick := func() time.Time { return h.now }
	keys := must(vault.Create(path+".keys", vault.Options{Log: store.Identity(), Now: tick}))
	desk := &casework.Desk{Store: store, Views: views, Clock: tick, Vault: keys, Reads: vault.NewReads(path+".reads", keys)}
	views.OpenWith(desk.Opened)
	stopping, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	h.office = &gate.Office{Desk: desk, Views: views, Now: tick, Stopping: stopping, PerSecond: 1000}
	h.office.Page = pages.Problem(h.office)
	h.site = must(gate.New(h.office, h).Handler(pages.Routes(h.office)))
	for _, name := range names {
		h.work(name)
	}
	return h
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// work does with a sample case what its commands say.
func (h *house) work(name string) {
	h.t.Helper()
	for _, step := range must(cases.Steps(name)) {
		flags, rest := map[string]string{}, []string{}
		for i := 0; i < len(step.Args); i++ {
			if flag, ok := strings.CutPrefix(step.Args[i], "--"); ok {
				flags[flag], i = step.Args[i+1], i+1
				continue
			}
			rest = append(rest, step.Args[i])
		}
		h.command(name, rest, flags)
	}
}

func (h *house) command(name string, args []string, flags map[string]string) {
	h.t.Helper()
	by, id, ctx := casework.By{Actor: "ina"}, domain.CaseID(flags["case"]), h.t.Context()
	var err error
	switch args[0] {
	case "case":
		_, err = h.office.Desk.Do(ctx, by, domain.CaseID(args[2]), domain.OpenCase{Case: domain.CaseID(args[2]), Title: flags["title"]})
	case "import":
		for _, file := range args[1:] {
			err = h.file(name, file, casework.File{Case: id, Source: flags["source"]}, flags["map"])
		}
	case "account":
		account := must(domain.ParseAccount(args[2]))
		var command domain.Command = domain.DescribeAccount{Account: account, As: domain.AccountKind(flags["as"]), Basis: flags["basis"]}
		if args[1] == "identify" {
			command = domain.IdentifyAccounts{Account: account, As: must(domain.ParseAccount(flags["as"])), Basis: flags["basis"]}
		}
		_, err = h.office.Desk.Do(ctx, by, id, command)
	}
	if err != nil {
		h.t.Fatalf("%v: %v", args, err)
	}
}

func (h *house) file(name, file string, f casework.File, mapping string) error {
	f.Name = file
	f.Open = func() (io.ReadCloser, error) { return cases.Files.Open(name + "/" + file) }
	if mapping != "" {
		f.Map = must(cases.Files.ReadFile(name + "/" + mapping))
	}
	_, err := h.office.Desk.Import(h.t.Context(), casework.By{Actor: "ina"}, f)
	return err
}

// get asks for a page and gives it.
func (h *house) get(path string) string {
	h.t.Helper()
	answer := h.ask("GET", path, nil)
	if answer.Code != http.StatusOK {
		h.t.Fatalf("%s: %d %s", path, answer.Code, text(answer.Body.String()))
	}
	return answer.Body.String()
}

// post sends a form.
func (h *house) post(path string, form url.Values) *httptest.ResponseRecorder {
	h.t.Helper()
	return h.ask("POST", path, form)
}

func (h *house) ask(method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Accept", "text/html")
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer := httptest.NewRecorder()
	h.site.ServeHTTP(answer, r)
	return answer
}

var (
	tag   = regexp.MustCompile(`<[^>]*>`)
	block = regexp.MustCompile(`</?(p|div|dt|dd|tr|h1|h2|h3|li|caption|table|section|summary|label|option|pre)\b[^>]*>`)
	inRow = regexp.MustCompile(`</(th|td)>`)
	blank = regexp.MustCompile(`[ \t]+`)
)

// text is what somebody reads on a page, a line for each piece.
func text(page string) string {
	_, page, _ = strings.Cut(page, "<body")
	page = inRow.ReplaceAllString(page, " | ")
	page = block.ReplaceAllString(page, "\n")
	page = html.UnescapeString(tag.ReplaceAllString(" <body"+page, ""))
	page = strings.NewReplacer("\u202f", "", "\u00a0", " ").Replace(page)
	var lines []string
	for line := range strings.Lines(page) {
		if line = strings.Trim(blank.ReplaceAllString(line, " "), " |\n"); line != "" {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// screens are the pages of the first sample case.
var screens = map[string]string{
	"cases": "/cases", "case": "/cases/ROMANCE-1", "case-past": "/cases/ROMANCE-1?at=2024-03-07&rule=pro-rata", "ledger": "/cases/ROMANCE-1/ledger",
	"where": "/cases/ROMANCE-1/where", "where-libr": "/cases/ROMANCE-1/where?rule=libr", "targets": "/cases/ROMANCE-1/targets",
	"explain":  "/cases/ROMANCE-1/explain?victim=V1",
	"accounts": "/cases/ROMANCE-1/accounts", "account": "/cases/ROMANCE-1/account?name=iban%3ADE33900300300000889901",
	"case-selected": "/cases/ROMANCE-1?account=vasp%3Atulipex%3A77410",
	"mules":         "/cases/ROMANCE-1/mules", "links": "/cases/ROMANCE-1/links", "timeline": "/cases/ROMANCE-1/timeline", "known": "/cases/ROMANCE-1/timeline?order=known",
	"files": "/cases/ROMANCE-1/files", "file": "/cases/ROMANCE-1/file", "rules": "/cases/ROMANCE-1/rules", "freezes": "/cases/ROMANCE-1/freezes", "request": "/cases/ROMANCE-1/freezes/new?amount=12.00",
	"help": "/help?q=freeze", "help-page": "/help/how-to/freeze.md", "queue": "/freezes", "totals": "/totals?by=mechanism", "verify": "/verify", "find": "/find?q=ROMANCE-1",
	"stats": "/stats", "stats-losses": "/stats/losses?by=month", "stats-countries": "/stats/countries?case=ROMANCE-1&in=EUR", "stats-ledgers": "/stats/ledgers?rule=libr", "stats-corridors": "/stats/corridors",
	"stats-operations": "/stats/operations", "stats-centres": "/stats/centres", "stats-notices": "/stats/notices", "stats-crimes": "/stats/crimes",
	"published-case": "/cases/NDOH-2025", "chain": "/cases/WALLET-1/where", "unreported": "/cases/WALLET-1",
}

func TestEachScreenShowsWhatItShould(t *testing.T) {
	h := open(t, cases.Names()...)
	for name, path := range screens {
		if strings.HasPrefix(name, "help") {
			continue // the docs are their own
		}
		got := text(h.get(path))
		got = regexp.MustCompile(`[0-9a-f]{16}…|head [0-9a-f…]{20,}|[0-9a-f]{64}`).ReplaceAllString(got, "HASH")
		file := filepath.Join("testdata", name+".txt")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (%s) reads otherwise; look at it, then 'go test ./web/pages -update':\n%s", name, path, diff)
		}
	}
}

// What may not be on a page at all: the policy would forbid it, or it would
// leave a reader guessing.
var forbidden = map[string]*regexp.Regexp{
	"a style of its own":     regexp.MustCompile(`(?i)<[^>]*\sstyle=|<style`),
	"a script of its own":    regexp.MustCompile(`(?i)<script(>|[^>]*>[^<])|\son[a-z]+="`),
	"an address elsewhere":   regexp.MustCompile(`(?i)(src|href|action)="(https?:|//)`),
	"an empty cell":          regexp.MustCompile(`<t[dh][^>]*></t[dh]>`),
	"what a template missed": regexp.MustCompile(`ZgotmplZ|&lt;no value|%!|<nil>|&lt;nil`),
}

func TestNoScreenBreaksTheRules(t *testing.T) {
	h := open(t, cases.Names()...)
	for name, path := range screens {
		page := h.get(path)
		for what, pattern := range forbidden {
			if found := pattern.FindString(page); found != "" {
				t.Errorf("%s has %s: %.120s", name, what, found)
			}
		}
		if len(page) > 120_000 {
			t.Errorf("%s weighs %d bytes", name, len(page))
		}
		for _, once := range []string{"<h1", `<main id="main"`, `class="skip"`, `<html lang="en"`} {
			if n := strings.Count(page, once); n != 1 {
				t.Errorf("%s has %d of %s", name, n, once)
			}
		}
		ids := regexp.MustCompile(`\sid="([^"]+)"`).FindAllStringSubmatch(page, -1)
		seen := map[string]bool{}
		for _, id := range ids {
			if seen[id[1]] {
				t.Errorf("%s has two elements with the id %s", name, id[1])
			}
			seen[id[1]] = true
		}
		for _, about := range regexp.MustCompile(`(?:for|aria-labelledby|aria-describedby)="([^"]+)"`).FindAllStringSubmatch(page, -1) {
			for id := range strings.FieldsSeq(about[1]) {
				if !seen[id] {
					t.Errorf("%s speaks of %s, which is not there", name, id)
				}
			}
		}
	}
}

func TestEveryLinkOfTheScreensLeadsSomewhere(t *testing.T) {
	h := open(t, "romance")
	tried, alike := map[string]bool{}, map[string]int{}
	for _, path := range screens {
		if strings.Contains(path, "NDOH") || strings.Contains(path, "WALLET") {
			continue
		}
		for _, found := range regexp.MustCompile(`href="([^"#]+)"`).FindAllStringSubmatch(h.get(path), -1) {
			to := html.UnescapeString(found[1])
			if tried[to] || strings.HasPrefix(to, "/people") || strings.HasPrefix(to, "/api/") || to == "/me" || strings.Contains(to, "://") {
				continue
			}
			tried[to] = true
			at := must(url.Parse(to))
			shape := at.Path + " " + strings.Join(slices.Sorted(maps.Keys(at.Query())), " ")
			if alike[shape]++; alike[shape] > 3 {
				continue // three accounts, days or rules show what a hundred would
			}
			if answer := h.ask("GET", to, nil); answer.Code != http.StatusOK {
				t.Errorf("%s leads to %s: %d %s", path, to, answer.Code, text(answer.Body.String()))
			}
		}
	}
	if len(tried) < 100 {
		t.Errorf("only %d links were found: the test does not see the pages", len(tried))
	}
}

func TestALedgerShowsWhatTheProjectionAnswers(t *testing.T) {
	h := open(t, "romance")
	for _, rule := range []string{"fifo", "lifo", "pro-rata", "libr", "proceeds-first"} {
		page := text(h.get("/cases/ROMANCE-1/ledger?at=2024-03-12&rule=" + rule))
		ask := projections.Ask{Case: "ROMANCE-1", Rule: tracing.Rule(rule), At: time.Date(2024, 3, 12, 23, 59, 59, 999999999, time.UTC)}
		ledger := must(h.office.Views.Ledger(t.Context(), ask))
		for _, row := range ledger.Rows {
			line := lineWith(page, string(row.Victim)+" |")
			for _, u := range []domain.Units{row.Reported, row.Own, row.PaidBack, row.Net, row.AtLarge} {
				if !strings.Contains(line, row.Asset.Format(u)+" EUR") {
					t.Errorf("%s: %s is not in %q", rule, row.Asset.Format(u), line)
				}
			}
		}
	}
}

func TestTheOtherNumbersAreTheProjectionsToo(t *testing.T) {
	h := open(t, "romance")
	for _, rule := range []tracing.Rule{tracing.FIFO, tracing.ProRata, tracing.LIBR} {
		ask := projections.Ask{Case: "ROMANCE-1", Rule: rule}
		where, traced := text(h.get("/cases/ROMANCE-1/where?rule="+string(rule))), must(h.office.Views.Trace(t.Context(), ask))
		for _, pool := range traced.Answer.Accounts {
			if pool.Balance.IsZero() {
				continue
			}
			line := lineWith(where, string(pool.Account)+" | "+pool.Asset.Format(pool.Balance)+" "+string(pool.Asset.Code))
			wants := []string{pool.Asset.Format(pool.Untraced), pool.Asset.Format(pool.Unexplained)}
			for _, owner := range pool.Traced {
				wants = append(wants, string(owner.Victim)+" "+pool.Asset.Format(owner.Units))
			}
			for _, want := range wants {
				if !strings.Contains(line+after(where, line), want) {
					t.Errorf("%s: %s holds %s; the page says %q", rule, pool.Account, want, line)
				}
			}
		}
	}
	rules, compared := text(h.get("/cases/ROMANCE-1/rules")), must(h.office.Views.Compare(t.Context(), projections.Ask{Case: "ROMANCE-1"}))
	for _, s := range compared.Spreads {
		line := lineWith(rules, string(s.Victim)+" | ")
		for _, reach := range append(s.ByRule, s.Least, s.Most) {
			if !strings.Contains(line, s.Asset.Format(reach.Recoverable)+" EUR") {
				t.Errorf("%s of %s under %s is not in %q", s.Asset.Format(reach.Recoverable), s.Victim, reach.Rule, line)
			}
		}
	}
	page, list := text(h.get("/cases/ROMANCE-1")), must(h.office.Views.Targets(t.Context(), projections.TargetsAsk{Ask: projections.Ask{Case: "ROMANCE-1"}}))
	best := list.Rows[0]
	if want := string(best.Account) + "\nIn DE. " + best.Asset.Format(best.Traced) + " EUR of victims' money lies there; " + best.Asset.Format(best.Expected); !strings.Contains(page, want) {
		t.Errorf("the first thing to freeze is not %q", want)
	}
}

// after is the lines that follow a line: a cell with several victims has one
// each.
func after(page, line string) string {
	_, rest, _ := strings.Cut(page, line)
	lines := strings.SplitAfterN(rest, "\n", 4)
	return strings.Join(lines[:min(3, len(lines))], "")
}

func lineWith(page, start string) string {
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, start) {
			return line
		}
	}
	return ""
}

func TestAFormThatIsWrongComesBackWithWhatWasTyped(t *testing.T) {
	h := open(t, "romance")
	answer := h.post("/cases/ROMANCE-1/freezes/new", url.Values{"account": {"iban:DE33900300300000889901"}, "asset": {"EUR"}, "amount": {"1.234,50"}, "responding": {"Tulip Bank"}, "mechanism": {"i-grip"}})
	if answer.Code != http.StatusBadRequest {
		t.Fatalf("%d %s", answer.Code, text(answer.Body.String()))
	}
	for _, want := range []string{`value="1.234,50"`, `value="Tulip Bank"`, `aria-invalid="true"`, "Nothing was recorded"} {
		if !strings.Contains(answer.Body.String(), want) {
			t.Errorf("the form lost %s", want)
		}
	}
	if list := must(h.office.Views.Freezes(t.Context(), projections.Ask{Case: "ROMANCE-1"})); len(list) != 0 {
		t.Errorf("a wrong form recorded %v", list)
	}
}

func TestAFreezeIsAskedForByOneAndApprovedByAnother(t *testing.T) {
	h := open(t, "romance")
	draft := url.Values{"account": {"iban:DE33900300300000889901"}, "asset": {"EUR"}, "amount": {"1445.00"}, "mechanism": {"i-grip"}, "key": {"once"}, "actor": {"somebody else"}, "by": {"somebody else"}}
	for range 2 { // the button is pressed twice
		if answer := h.post("/cases/ROMANCE-1/freezes/new", draft); answer.Code != http.StatusSeeOther || answer.Header().Get("Location") != "/cases/ROMANCE-1/freezes/F1" {
			t.Fatalf("%d to %q: %s", answer.Code, answer.Header().Get("Location"), text(answer.Body.String()))
		}
	}
	if list := must(h.office.Views.Freezes(t.Context(), projections.Ask{Case: "ROMANCE-1"})); len(list) != 1 || list[0].Request.By != "ina" {
		t.Fatalf("there are %d freezes, the first drafted by %s", len(list), list[0].Request.By)
	}
	if page := text(h.get("/cases/ROMANCE-1/freezes/F1")); !strings.Contains(page, "another person has to approve it") {
		t.Error("the drafter is offered to approve his own request")
	}
	h.who = gate.Person{Name: "ben", Role: casework.Owner}
	for _, step := range []string{"approve", "submit"} {
		if answer := h.post("/cases/ROMANCE-1/freezes/F1/"+step, url.Values{"step": {step}}); answer.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", step, answer.Code, text(answer.Body.String()))
		}
	}
	h.post("/cases/ROMANCE-1/freezes/F1/hold", url.Values{"step": {"hold"}, "amount": {"800.00"}, "until": {"2024-06-01"}, "told": {"Tulip Bank"}})
	page := text(h.get("/cases/ROMANCE-1/freezes/F1"))
	for _, want := range []string{"Approved by\nben", "Held now\n800.00 EUR", "hold | 2024-03-20 09:00:00 UTC | 800.00 EUR"} {
		if !strings.Contains(page, want) {
			t.Errorf("the freeze's page does not say %q:\n%s", want, page)
		}
	}
}

func TestAFileIsLookedAtBeforeItIsRecorded(t *testing.T) {
	h := open(t)
	h.post("/cases", url.Values{"case": {"C1"}, "title": {"The lost savings"}})
	at := h.upload("/cases/C1/import", "complaints.csv", must(cases.Files.ReadFile("romance/1-complaints.csv")), map[string]string{"source": "police"})
	if at.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", at.Code, text(at.Body.String()))
	}
	page := text(h.get(at.Header().Get("Location")))
	if !strings.Contains(page, "Lines read\n4") || !strings.Contains(page, "check digits") {
		t.Errorf("the preview says:\n%s", page)
	}
	if files := must(h.office.Views.Files(t.Context(), "C1", projections.Head)); len(files) != 0 {
		t.Errorf("a look has recorded %d files", len(files))
	}
	done := h.post(at.Header().Get("Location"), url.Values{})
	for strings.Contains(text(h.get(done.Header().Get("Location"))), "It is being recorded") {
		time.Sleep(time.Millisecond)
	}
	if page := text(h.get(done.Header().Get("Location"))); !strings.Contains(page, "It is recorded") || !strings.Contains(page, "Recorded\n3") {
		t.Errorf("it says:\n%s", page)
	}
	csv := h.get("/cases/C1/rejects")
	if !strings.Contains(csv, "check digits") {
		t.Errorf("the rejects are %s", csv)
	}
}

// A table of a bank that nobody has mapped yet: the page drafts its mapping, a
// person answers what it asks, and the file is looked at by it.
func TestATableThatNobodyHasMappedIsDraftedAMapping(t *testing.T) {
	h := open(t)
	h.post("/cases", url.Values{"case": {"C1"}, "title": {"Mobile money"}})
	table := []byte("Receipt No.,Completion Time,Details,Paid In,Withdrawn\nR1,2024-05-02 10:14:22,from a friend,\"45,000.00\",\nR2,2024-05-02 10:20:03,to another,,\"-30,000.00\"\n")
	answer := h.upload("/cases/C1/import", "mobile.csv", table, map[string]string{"source": "mobile"})
	page := text(answer.Body.String())
	for _, want := range []string{"is a table that clew does not know", "in: Paid In", "out: Withdrawn", "# ? asset"} {
		if answer.Code != http.StatusBadRequest || !strings.Contains(page, want) {
			t.Errorf("%d, the page lacks %q:\n%s", answer.Code, want, page)
		}
	}
	draft, _, err := casework.DraftMapping(bytes.NewReader(table), "mobile.csv", "")
	if err != nil {
		t.Fatal(err)
	}
	answered := draft + "\nasset: KES\nzone: Africa/Nairobi\n"
	at := h.upload("/cases/C1/import", "mobile.csv", table, map[string]string{"source": "mobile", "account": "bank:254722999888", "mapping": answered})
	if at.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", at.Code, text(at.Body.String()))
	}
	if page := text(h.get(at.Header().Get("Location"))); !strings.Contains(page, "Recorded\n2") {
		t.Errorf("the preview says:\n%s", page)
	}
	other := text(h.upload("/cases/C1/import", "notes.txt", []byte("no table, but words, and more\n"), nil).Body.String())
	if strings.Contains(other, "is a table that clew does not know") {
		t.Errorf("what is no table gets a draft:\n%s", other)
	}
}

// upload sends a file with a form.
func (h *house) upload(path, name string, body []byte, fields map[string]string) *httptest.ResponseRecorder {
	h.t.Helper()
	var out bytes.Buffer
	out.WriteString("--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\n\r\n")
	out.Write(body)
	for field, value := range fields {
		out.WriteString("\r\n--cut\r\nContent-Disposition: form-data; name=\"" + field + "\"\r\n\r\n" + value)
	}
	out.WriteString("\r\n--cut--\r\n")
	r := httptest.NewRequest("POST", path, &out)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=cut")
	r.Header.Set("Accept", "text/html")
	answer := httptest.NewRecorder()
	h.site.ServeHTTP(answer, r)
	return answer
}

func TestTheDocsAreFoundAndReadOnScreen(t *testing.T) {
	h := open(t)
	if found := text(h.get("/help?q=stopping+money")); !strings.Contains(found, "how-to/freeze.md") || strings.Contains(found, "how-to/import.md") {
		t.Errorf("stopping money is found in:\n%s", found)
	}
	page := h.get("/help/how-to/freeze.md")
	for _, want := range []string{"<h1>Stopping money: from the first call to restitution</h1>", "<table>", "<h2 id="} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if page := h.get("/help/how-to/mules.md"); !strings.Contains(page, `href="/help/reference/indicators.md"`) {
		t.Error("a link between two pages does not lead to the other one")
	}
	for _, path := range []string{"/help/none.md", "/help/../go.mod", "/help/docs.go"} {
		if answer := h.ask("GET", path, nil); answer.Code == http.StatusOK {
			t.Errorf("%s is shown", path)
		}
	}
}

// A case of two thousand accounts is folded: its page stays as light as any.
func TestALargeCaseIsALightPage(t *testing.T) {
	h := open(t)
	var csv bytes.Buffer
	if err := networks.WriteCSV(&csv, networks.Standard(5_000, 600).Movements()); err != nil {
		t.Fatal(err)
	}
	_ = must(h.office.Desk.Do(t.Context(), casework.By{Actor: "ina"}, "BIG", domain.OpenCase{Case: "BIG", Title: "Six hundred victims"}))
	_ = must(h.office.Desk.Import(t.Context(), casework.By{Actor: "ina"}, casework.File{Case: "BIG", Name: "network.csv", Source: "police",
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(csv.Bytes())), nil }}))
	for path, most := range map[string]int{"/cases/BIG": 120_000, "/cases/BIG/where": 120_000, "/cases/BIG/accounts": 120_000, "/cases/BIG/timeline": 120_000, "/cases/BIG/mules": 160_000,
		"/cases/BIG/ledger": 50_000, "/cases/BIG/rules": 50_000, "/cases/BIG/targets": 120_000, "/cases/BIG/file": 80_000} {
		if page := h.get(path); len(page) > most {
			t.Errorf("%s weighs %d bytes, more than %d", path, len(page), most)
		}
	}
	if next := text(h.get("/cases/BIG/ledger?from=100")); strings.Contains(next, "V00001 ") || !strings.Contains(next, "from row 126") {
		t.Error("the second page of the ledger is not the second")
	}
}

func TestVerifySaysOnlyWhatWasRead(t *testing.T) {
	h, other := open(t, "romance"), open(t, "documented")
	ofOther := must(other.office.Desk.Verify(t.Context(), casework.Inspection{})).Head.Text()
	head := must(h.office.Desk.Verify(t.Context(), casework.Inspection{})).Head
	docs := must(os.ReadFile("../../docs/trust/verify.md"))
	flat := strings.Join(strings.Fields(text(h.get("/verify"))), " ")
	for _, words := range []string{"Nothing was changed by accident, and by nobody who lacks the key.", "prove that the keeper of the key did not rewrite it from the start, put an old copy in its place or cut off its end.",
		"The first so many events, to the byte, are those that W saw on D. None was changed, removed, moved or put in since."} {
		if !strings.Contains(flat, words) || !strings.Contains(strings.Join(strings.Fields(string(docs)), " "), words) {
			t.Errorf("page and docs/trust/verify.md do not both say %q", words)
		}
	}
	for _, try := range []struct {
		form url.Values
		says string
	}{
		{url.Values{}, "The log is consistent with itself, up to head " + head.String() + "."},
		{url.Values{"head": {head.Text()}}, "The log is consistent with head " + head.String() + " held by whoever gave it to you"},
		{url.Values{"head": {ofOther}}, "NOT VERIFIED"},
		{url.Values{"head": {"no checkpoint"}}, "Nothing was recorded"},
	} {
		page := text(h.post("/verify", try.form).Body.String())
		if !strings.Contains(page, try.says) {
			t.Errorf("with %v it does not say %q:\n%s", try.form, try.says, page)
		}
	}
}

func TestWhatIsSaidOfMovementsAndAccountsIsRecordedAsTheSignedInPerson(t *testing.T) {
	h := open(t, "romance")
	account := "/cases/ROMANCE-1/account?name=iban%3ADE85900400400000100200"
	rows := must(h.office.Views.AccountMovements(t.Context(), projections.Ask{Case: "ROMANCE-1"}, "iban:DE85900400400000100200"))
	movement := "/cases/ROMANCE-1/movement?id=" + string(rows[0].ID)
	for _, try := range []struct {
		path string
		form url.Values
		then string // on the page that it leads to
	}{
		{movement, url.Values{"does": {"report"}, "victim": {"V3"}, "scam": {"romance"}}, "Reported by\nV3"},
		{movement, url.Values{"does": {"unreport"}, "reason": {"she was mistaken"}}, "she was mistaken"},
		{movement, url.Values{"does": {"withdraw"}, "reason": {"never was"}}, "it turned out not to have been"},
		{account, url.Values{"does": {"describe"}, "institution": {"Nordbank"}, "country": {"nl"}, "basis": {"letter"}, "coerced": {"yes"}}, "Nordbank"},
		{account, url.Values{"does": {"label"}, "label": {"mule"}, "source": {"letter"}, "assessment": {"yes"}}, "mule | letter | not known | assessment"},
		{account, url.Values{"does": {"unlabel"}, "label": {"iban:DE85900400400000100200\nmule"}, "reason": {"the bank says no"}}, "Nobody has attached a label"},
		{"/cases/ROMANCE-1/file", url.Values{"does": {"note"}, "text": {"The bank promised the statement for Monday."}}, "for Monday"},
		{"/cases/ROMANCE-1/file", url.Values{"does": {"victim"}, "victim": {"V9"}, "category": {"scam_target"}, "name": {"Erika Example"}}, "V9 | Erika Example"},
		{"/cases/ROMANCE-1/rules", url.Values{"rule": {"libr"}, "authority": {"prosecutor"}, "reason": {"mixed account"}}, "The case's rule is libr, by authority of prosecutor"},
	} {
		answer := h.post(try.path, try.form)
		if answer.Code != http.StatusSeeOther {
			t.Errorf("%v: %d %s", try.form, answer.Code, text(answer.Body.String()))
			continue
		}
		if page := text(h.get(answer.Header().Get("Location"))); !strings.Contains(page, try.then) {
			t.Errorf("%v: the page does not say %q:\n%s", try.form, try.then, page)
		}
	}
	known := text(h.get("/cases/ROMANCE-1/timeline?order=known"))
	if strings.Count(known, "| ina |") < 9 {
		t.Errorf("not all was recorded as ina:\n%s", known)
	}
}

// A page of an earlier day does not say what was asked for later.
func TestAFreezeOfLaterIsNotThereYet(t *testing.T) {
	h := open(t, "romance")
	amount := must(domain.ParseAmount("1445.00", domain.Asset{Code: "EUR", Digits: 2}))
	asked := casework.Asked{Request: domain.FreezeRequested{Account: "iban:DE33900300300000889901", Asset: "EUR", Digits: 2, Scope: domain.ScopeAmount, Amount: &amount, Mechanism: "bank"}}
	if _, _, err := h.office.Desk.RequestFreeze(t.Context(), casework.By{Actor: "ina"}, "ROMANCE-1", asked); err != nil {
		t.Fatal(err)
	}
	for _, screen := range []string{"", "/account?name=iban:DE33900300300000889901&"} {
		if now := text(h.get("/cases/ROMANCE-1" + screen)); !strings.Contains(now, "F1 is draft") {
			t.Errorf("%s does not say that a freeze was asked for:\n%s", screen, now)
		}
		at := strings.TrimSuffix("/cases/ROMANCE-1"+screen, "&")
		join := "?"
		if strings.Contains(at, "?") {
			join = "&"
		}
		if then := text(h.get(at + join + "at=2024-03-13")); strings.Contains(then, "F1 is") {
			t.Errorf("%s says on 13 March what was asked for on the 20th:\n%s", screen, then)
		}
	}
}
