package pages_test

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"clew/casework"
	"clew/domain"
	"clew/projections"
	"clew/web/gate"
)

// payloads are what somebody may call himself, his bank or his file, in the
// hope that a page runs it or misleads its reader.
var payloads = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg onload=alert(1)>`, `javascript:alert(1)`, `</title><script>alert(1)</script>`,
	`</textarea><script>alert(1)</script>`, `</option></select><img src=x onerror=alert(1)>`, `{{.Who}}{{template "base"}}`, `<!--<script>`, `]]><script>alert(1)</script>`,
	`<a href="javascript:alert(1)">x</a>`, `<style>*{display:none}</style>`, `<meta http-equiv=refresh content=0;url=//evil.example>`, `" autofocus onfocus=alert(1) x="`,
	"`${alert(1)}`", `&lt;script&gt;alert(1)&lt;/script&gt;`, "safe\u202egnp.exe", "in\u200bvisible", "\u2066mirrored\u2069",
}

// hostileCase has a payload wherever somebody else's words can stand.
func hostileCase(h *house) {
	h.t.Helper()
	var csv strings.Builder
	csv.WriteString("kind,id,time,from,to,amount,asset,victim,scam,note\n")
	for i, p := range payloads {
		quoted := func(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }
		n := string(rune('a' + i))
		csv.WriteString("transfer," + n + ",2024-03-05T10:00:00Z,bank:victim-" + n + "," + quoted("mule "+p) + ",500.00,EUR,V" + n + ",romance," + quoted(p) + "\n")
		csv.WriteString("transfer," + quoted("id "+p) + ",2024-03-05T11:00:00Z," + quoted("mule "+p) + "," + quoted("next "+p) + ",100.00,EUR,,," + quoted(p) + "\n")
		csv.WriteString("transfer,x" + n + ",when" + p[:1] + ",a,b,1.00,EUR,,,\n")
	}
	by, desk := casework.By{Actor: "ina"}, h.office.Desk
	_ = must(desk.Do(h.t.Context(), by, "EVIL", domain.OpenCase{Case: "EVIL", Title: payloads[0]}))
	_ = must(desk.Import(h.t.Context(), by, casework.File{Case: "EVIL", Name: payloads[1] + ".csv", Source: "police",
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(csv.String())), nil }}))
	for _, p := range payloads {
		account := domain.AccountID("mule " + p)
		for _, command := range []domain.Command{
			domain.DescribeAccount{Account: account, Holder: p, Institution: p, Country: "NL", Basis: p},
			domain.AttachLabel{Account: account, Label: p, Source: p, Confidence: p},
			domain.NoteCase{Text: p},
			domain.LockRule{Rule: "fifo", Authority: p, Reason: p},
		} {
			if _, err := desk.Do(h.t.Context(), by, "EVIL", command); err != nil && domain.ClassOf(err) != domain.ClassUsage {
				h.t.Fatalf("%T with %q: %v", command, p, err) // what does not show is refused in a name
			}
		}
	}
	for _, p := range payloads[:6] {
		h.post("/cases/EVIL/freezes/new", url.Values{"account": {"mule " + p}, "asset": {"EUR"}, "mechanism": {"bank"}, "responding": {p}, "contact": {p}, "basis": {p}, "reference": {p}, "requesting": {p}})
	}
}

// runs reads a page as a browser does and gives what it would run, load or
// follow by itself that the templates do not have.
func runs(page string) string {
	tokens := html.NewTokenizer(strings.NewReader(page))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return ""
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := tokens.Token()
			if slices.Contains([]string{"img", "iframe", "object", "embed", "style", "base", "math"}, tag.Data) {
				return tag.String()
			}
			for _, a := range tag.Attr {
				value := strings.ToLower(strings.TrimSpace(a.Val))
				foreign := (a.Key == "src" || a.Key == "href" || a.Key == "action") && !strings.HasPrefix(value, "/") && !strings.HasPrefix(value, "#")
				if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "http-equiv" || a.Key == "autofocus" || foreign || tag.Data == "script" && a.Key == "src" && !strings.HasPrefix(value, "/assets/") {
					return tag.String()
				}
			}
		}
	}
}

func TestNoNameIsRunByAPage(t *testing.T) {
	h := open(t)
	hostileCase(h)
	mule := url.QueryEscape("mule " + payloads[1])
	paths := []string{"/cases", "/cases/EVIL", "/cases/EVIL/ledger", "/cases/EVIL/where", "/cases/EVIL/targets", "/cases/EVIL/accounts", "/cases/EVIL/mules",
		"/cases/EVIL/timeline", "/cases/EVIL/timeline?order=known", "/cases/EVIL/files", "/cases/EVIL/rules", "/cases/EVIL/freezes", "/cases/EVIL/freezes/F1", "/freezes",
		"/cases/EVIL/account?name=" + mule, "/cases/EVIL?account=" + mule, "/cases/EVIL/freezes/new?account=" + mule, "/cases/EVIL/explain?victim=Vb",
		"/totals?by=institution", "/audit?case=EVIL", "/find?q=" + mule, "/help?q=" + mule, "/cases/EVIL/accounts?name=" + url.QueryEscape(payloads[0])}
	for _, file := range must(h.office.Views.Files(t.Context(), "EVIL", projections.Head)) {
		paths = append(paths, "/cases/EVIL/files/"+string(file.File)+"?line=2")
	}
	for _, p := range payloads { // in an address, where it ends in an error
		paths = append(paths, "/cases/EVIL?rule="+url.QueryEscape(p), "/cases/"+url.PathEscape(p)+"/ledger", "/cases/EVIL?at="+url.QueryEscape(p))
	}
	seen := 0
	for _, path := range paths {
		page := h.ask("GET", path, nil).Body.String()
		if found := runs(page); found != "" {
			t.Errorf("%s: a browser would run %q", path, found)
		}
		if strings.ContainsAny(page, "\u202e\u200b\u2066\u2069") {
			t.Errorf("%s has characters that do not show", path)
		}
		seen += strings.Count(page, "alert(1)") + strings.Count(page, `\u202e`)
	}
	if seen < 200 {
		t.Errorf("the payloads are on the pages only %d times: the test does not see them", seen)
	}
}

func TestAFormShowsAPayloadAndDoesNotRunIt(t *testing.T) {
	h := open(t, "romance")
	for _, p := range payloads {
		form := url.Values{}
		for _, name := range []string{"account", "amount", "mechanism", "responding", "contact", "basis"} {
			form.Set(name, p)
		}
		form.Set("asset", "EUR")
		form.Set("amount", "x")
		if found := runs(h.post("/cases/ROMANCE-1/freezes/new", form).Body.String()); found != "" {
			t.Errorf("%q: a browser would run %q", p, found)
		}
	}
}

// named is the first sample case with somebody's name in it.
func named(t *testing.T) *house {
	h := open(t, "romance")
	_ = must(h.office.Desk.Do(t.Context(), casework.By{Actor: "ina"}, "ROMANCE-1", domain.DescribeAccount{Account: "iban:DE33900300300000889901", Holder: "Erika Example", Basis: "letter"}))
	_ = must(h.office.Desk.Do(t.Context(), casework.By{Actor: "ina"}, "ROMANCE-1", domain.NoteCase{Text: "Erika called twice."}))
	rows := "time,from,to,amount,asset,note\n2024-03-15T12:00:00Z,tron:TRKN6UJJnLYYZNH22xm6XzFB4nxTdJUwaK,Erika Example + Sons,100.000000,USDT,for Erika\n"
	_ = must(h.office.Desk.Import(t.Context(), casework.By{Actor: "ina"}, casework.File{Case: "ROMANCE-1", Name: "more.csv", Source: "police",
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(rows)), nil }}))
	return h
}

func TestWhoHidesNamesSeesNone(t *testing.T) {
	open := named(t)
	if page := open.get("/cases/ROMANCE-1/account?name=iban%3ADE33900300300000889901"); !strings.Contains(page, "Erika Example") {
		t.Error("without hiding the holder is not shown")
	}
	h := named(t)
	h.office.Views.OpenWith(gate.Mask)
	h.office.Incognito = true
	for name, path := range screens {
		if strings.Contains(path, "NDOH") || strings.Contains(path, "WALLET") || strings.HasPrefix(name, "help") {
			continue
		}
		shown := text(h.get(path))
		for _, secret := range []string{"Erika", "DE33900300300000889901", "TAN5uyu6suSgHJKqbTA6iseFQfhtvgoyv9", "DE3390030"} {
			if strings.Contains(shown, secret) {
				t.Errorf("%s shows %s", name, secret)
			}
		}
	}
	file := must(h.office.Views.Files(t.Context(), "ROMANCE-1", projections.Head))[0].File
	if shown := text(h.get("/cases/ROMANCE-1/files/" + string(file) + "?line=2")); !strings.Contains(shown, "hidden with the names") || strings.Contains(shown, "DE") {
		t.Errorf("a file's line is shown:\n%s", shown)
	}
	for _, path := range []string{"flow/csv", "rejects", "report", "files/" + string(file) + "/whole"} {
		if answer := h.ask("GET", "/cases/ROMANCE-1/"+path, nil); answer.Code != http.StatusForbidden {
			t.Errorf("names can be taken away by %s: %d", path, answer.Code)
		}
	}
}

func TestNobodySeesACaseThatHeMayNot(t *testing.T) {
	h := open(t, "romance", "documented")
	h.who = gate.Person{Name: "pia", Role: casework.Police, Cases: []domain.CaseID{"NDOH-2025"}}
	for name, path := range screens {
		if strings.Contains(path, "/cases/ROMANCE-1") {
			if answer := h.ask("GET", path, nil); answer.Code != http.StatusForbidden {
				t.Errorf("%s: %d", name, answer.Code)
			}
			continue
		}
		if strings.HasPrefix(name, "help") {
			continue // its examples are the sample case's
		}
		answer := h.ask("GET", path, nil)
		shown := text(answer.Body.String())
		if strings.Contains(shown, "Two victims, one mule") || strings.Contains(shown, "DE33900300300000889901") {
			t.Errorf("%s tells of a case that she is not on:\n%s", name, shown)
		}
	}
	if found := text(h.get("/find?q=iban:DE33900300300000889901")); strings.Contains(found, "| ROMANCE-1") {
		t.Error("a search leads to a case that she is not on")
	}
	if answer := h.post("/cases/ROMANCE-1/freezes/new", url.Values{}); answer.Code != http.StatusForbidden {
		t.Errorf("she may draft a freeze there: %d", answer.Code)
	}
}
