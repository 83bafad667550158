package papers

import (
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"clew/domain"
)

const (
	camtSchema  = "testdata/camt.056.001.08.xsd"
	goamlSchema = "testdata/goAMLSchema-5.0.2.xsd"
)

// The drafts as they are printed: of a request of which all is known, of one
// of which nothing is, and of one on a chain.
func TestTheDraftsAreAsTheyWereRead(t *testing.T) {
	for name, r := range map[string]Request{"full": full(), "bare": bare(), "chain": chained()} {
		for _, kind := range Kinds() {
			p := made(t, kind.Name, r)
			golden(t, name+"-"+kind.Name+"."+kind.Extension, p.Bytes)
			if complete := len(p.Missing) == 0; complete != (name == "full" || name == "chain" && kind.Name == "letter") {
				t.Errorf("%s of %s misses %q", kind.Name, name, p.Missing)
			}
			if p.MediaType != kind.MediaType || !strings.HasSuffix(p.File, "-"+kind.Name+"."+kind.Extension) {
				t.Errorf("%s: %+v", kind.Name, p)
			}
		}
	}
}

func TestEveryPaperOfAMechanismCanBeMade(t *testing.T) {
	for _, m := range domain.StandardMechanisms() {
		for _, name := range m.Papers {
			if _, err := Find(name); err != nil {
				t.Errorf("mechanism %s: %v", m.Name, err)
			}
		}
	}
	if _, err := Make("camt.055", full()); err == nil || !strings.Contains(err.Error(), "ffkc-html") || domain.ClassOf(err) != domain.ClassUsage {
		t.Error(err)
	}
}

// The same request gives the same bytes, and nothing of it is changed.
func TestADraftIsTheSameEveryTime(t *testing.T) {
	r := full()
	for _, kind := range Kinds() {
		if one, two := made(t, kind.Name, r), made(t, kind.Name, r); !reflect.DeepEqual(one, two) {
			t.Errorf("%s differs from itself", kind.Name)
		}
	}
	if !reflect.DeepEqual(r, full()) {
		t.Error("a draft changed its request")
	}
}

func TestTheNamesOfVictimsAreDisclosedOnPurpose(t *testing.T) {
	for name, want := range map[string]bool{"camt.056": false, "ffkc": true, "ffkc-html": true, "goaml": true, "letter": false} {
		p := made(t, name, full())
		if bears := strings.Contains(string(p.Bytes), "Erika"); bears != want || slices.Contains(p.Discloses, "V1") != want {
			t.Errorf("%s bears the name: %t, and says so of %v", name, bears, p.Discloses)
		}
	}
}

// That somebody acts under force has no way into a paper: no field of a
// request can hold it, and notes of movements are never printed.
func TestNothingOfCoercionLeaves(t *testing.T) {
	for _, kind := range Kinds() {
		if strings.Contains(strings.ToLower(string(made(t, kind.Name, full()).Bytes)), "coerced") {
			t.Errorf("%s bears a note", kind.Name)
		}
	}
	var look func(of reflect.Type)
	seen := map[reflect.Type]bool{}
	look = func(of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice || of.Kind() == reflect.Map {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct || seen[of] {
			return
		}
		seen[of] = true
		for i := range of.NumField() {
			if field := of.Field(i); strings.Contains(strings.ToLower(field.Name), "coerce") {
				t.Errorf("%s.%s can bear it", of, field.Name)
			} else {
				look(field.Type)
			}
		}
	}
	look(reflect.TypeOf(Request{}))
	if len(seen) < 10 {
		t.Errorf("only %d types were seen", len(seen))
	}
}

func TestDraftsAreValidAgainstTheSchema(t *testing.T) {
	if said := against(t, camtSchema, made(t, "camt.056", full()).Bytes); said != "" {
		t.Error(said)
	}
	if said := against(t, goamlSchema, made(t, "goaml", full()).Bytes); said != "" {
		t.Error(said)
	}
	sample, err := os.ReadFile("testdata/STR.xml")
	if err != nil {
		t.Fatal(err)
	}
	if said := against(t, goamlSchema, sample); said != "" {
		t.Errorf("the FIU's own sample is not valid: %s", said)
	}
	broken := strings.Replace(string(made(t, "camt.056", full()).Bytes), "<CreDtTm>", "<CreDtTm>x", 1)
	if said := against(t, camtSchema, []byte(broken)); !strings.Contains(said, "CreDtTm") {
		t.Errorf("the schema takes what is wrong: %s", said)
	}
}

// The schema of another FIU has other codes; the shape of the report is the
// same.
func TestTheGenericReportHasItsShapeAgainstTheSchema(t *testing.T) {
	r := full()
	r.FIU, r.Reporting.Currency, r.Reporting.Indicators = fiu("generic"), "EUR", []string{"X1"}
	r.FIU.ModeComment = "E"
	r.Steps[0].Local = nil
	p := made(t, "goaml", r)
	if said := against(t, structure(t), p.Bytes); said != "" || len(p.Missing) > 0 {
		t.Errorf("%q %s", p.Missing, said)
	}
	for _, status := range AccountStatuses() {
		account := r.Accounts[mule]
		account.Status = status
		r.Accounts[mule] = account
		if want := "<status_code>" + r.FIU.AccountStatus[status] + "</status_code>"; !strings.Contains(string(made(t, "goaml", r).Bytes), want) {
			t.Errorf("%s is not %s", status, want)
		}
	}
}

// draw is a request some of whose fields are known. Each known one bears a
// word of its own, so that it can be found again.
func draw(t *rapid.T) (r Request, words map[string]string) {
	words = map[string]string{}
	word := func(key string) string {
		if !rapid.Bool().Draw(t, key) {
			return ""
		}
		words[key] = key + rapid.StringMatching(`[A-Za-z0-9äß'&<>"-]{1,8}`).Draw(t, key+" text") + "x"
		return words[key]
	}
	day := func(key string) domain.When {
		if !rapid.Bool().Draw(t, key) {
			return domain.When{}
		}
		w := domain.Date(2026, 1, rapid.IntRange(1, 28).Draw(t, key+" day"))
		words[key] = w.String()
		return w
	}
	sum := func(key string) *domain.Amount {
		if !rapid.Bool().Draw(t, key) {
			return nil
		}
		a := amount(rapid.Int64Range(1, 1<<40).Draw(t, key+" units"), euro)
		words[key] = a.String() + " EUR"
		return a
	}
	wire := domain.Wire{OriginatingBank: word("originating_bank"), Originator: domain.AccountID(word("originating_account")), BeneficiaryBank: word("bank"), Intermediary: word("intermediary"),
		UETR: word("uetr"), EndToEnd: word("end_to_end"), TransactionID: word("transaction_id"), MessageID: word("message_id"), SettledOn: day("payment_date"),
		Amount: sum("payment_amount"), FurtherCredit: word("further_credit"), RecallSent: day("recall_sent")}
	asked := domain.FreezeRequested{Freeze: "F1", Account: domain.AccountID(word("account")), Asset: "EUR", Digits: 2, Scope: domain.ScopeAmount, Amount: sum("amount"), Traced: sum("traced"), Rule: word("rule"),
		Mechanism: word("mechanism"), Basis: word("basis"), Requesting: word("requesting"), Responding: word("responding"), Contact: word("contact"), Country: word("country"),
		Priority: word("priority"), Deadline: day("deadline"), OrderDue: day("order_due"), Reference: word("other_reference"), Disclosure: word("disclosure"), Wire: &wire}
	r = Request{Case: "C1", Title: word("title"), Summary: word("summary"), Freeze: domain.Freeze{Request: asked}, From: Agency{Email: word("requesting_contact")},
		Victims: []Victim{{ID: "V1", Name: word("victim_names"), City: word("victim_places")}}}
	if holder := word("holder"); holder != "" && asked.Account != "" {
		r.Accounts = map[domain.AccountID]Account{asked.Account: {Holder: holder}}
	} else {
		delete(words, "holder")
	}
	return r, words
}

// Every field of the request that is known stands in the sheet, on both forms,
// and every one that is not is named as missing, unless there need be none.
func TestASheetHasEveryFieldOrNamesIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, words := draw(t)
		text, page := mustMake(t, "ffkc", r), mustMake(t, "ffkc-html", r)
		for _, rows := range ffkcRows(r) {
			for _, row := range rows {
				word, known := words[row.key]
				switch {
				case known && !strings.Contains(string(text.Bytes), word):
					t.Fatalf("%s is not in the sheet:\n%s", row.key, text.Bytes)
				case known && !strings.Contains(html.UnescapeString(string(page.Bytes)), word):
					t.Fatalf("%s is not on the page:\n%s", row.key, page.Bytes)
				}
				if lacks(text, row.key) != lacks(page, row.key) || known && lacks(text, row.key) {
					t.Fatalf("%s: %q", row.key, text.Missing)
				}
			}
		}
		for _, key := range []string{"summary", "basis", "deadline", "uetr", "amount", "victim_names", "recall_sent"} {
			if _, known := words[key]; lacks(text, key) == known {
				t.Fatalf("%s is known: %t, and missing are %q", key, known, text.Missing)
			}
		}
	})
}

func mustMake(t *rapid.T, name string, r Request) Paper {
	p, err := Make(name, r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func lacks(p Paper, key string) bool {
	return slices.ContainsFunc(p.Missing, func(m string) bool { return strings.HasPrefix(m, key+": ") })
}

// The same for letters, in every language.
func TestALetterHasEveryFieldOrNamesIt(t *testing.T) {
	languages := StandardLetters().Languages()
	if !slices.Equal(languages, []string{"de", "en", "es", "fr", "pt"}) {
		t.Fatal(languages)
	}
	rapid.Check(t, func(t *rapid.T) {
		r, words := draw(t)
		r.Freeze.Request.Language = rapid.SampledFrom(languages).Draw(t, "language")
		p := mustMake(t, "letter", r)
		for _, key := range []string{"requesting", "requesting_contact", "responding", "contact", "account", "bank", "amount", "basis", "deadline"} {
			word, known := words[key]
			if known && (!strings.Contains(string(p.Bytes), word) || lacks(p, key)) || !known && !lacks(p, key) {
				t.Fatalf("%s: known %t, missing %q\n%s", key, known, p.Missing, p.Bytes)
			}
		}
		for _, key := range []string{"holder", "country", "other_reference", "priority", "order_due", "traced"} {
			if word, known := words[key]; known && !strings.Contains(string(p.Bytes), word) {
				t.Fatalf("%s is not in the letter\n%s", key, p.Bytes)
			}
		}
	})
}

// Whatever is known or not, an XML draft is well-formed, has every field or
// marks it, and has as many marks as it lists.
func TestAnXMLDraftIsAlwaysWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r, words := draw(t)
		r.Steps = []Step{{Movement: domain.Movement{ID: "m1", Kind: domain.Transfer, From: "a", To: r.Freeze.Request.Account, Amount: *amount(1, euro), Ref: words["uetr"]}, Text: rapid.String().Draw(t, "step")}}
		for _, name := range []string{"camt.056", "goaml"} {
			p := mustMake(t, name, r)
			said, err := texts(p.Bytes)
			if err != nil {
				t.Fatalf("%s: %v\n%s", name, err, p.Bytes)
			}
			for _, m := range p.Missing {
				if strings.Count(string(p.Bytes), comment(m)) < 2 {
					t.Fatalf("%s: %q is not marked in its place and at the head\n%s", name, m, p.Bytes)
				}
			}
			if name == "camt.056" {
				for key, element := range map[string]string{"end_to_end": "OrgnlEndToEndId", "transaction_id": "OrgnlTxId"} {
					if word, known := words[key]; known && said[element] != word || known == lacks(p, element) {
						t.Fatalf("%s is %q: %q", element, said[element], p.Missing)
					}
				}
			}
		}
	})
}

// texts gives the text of each element, the last of a name.
func texts(document []byte) (map[string]string, error) {
	said, name := map[string]string{}, ""
	for in := xml.NewDecoder(strings.NewReader(string(document))); ; {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			return said, nil
		}
		if err != nil {
			return said, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			name = token.Name.Local
			said[name] = ""
		case xml.CharData:
			said[name] += strings.TrimSpace(string(token))
		}
	}
}

// What people write into a field stays text on the page.
func TestAPageIsSafe(t *testing.T) {
	for _, attack := range []string{`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</td></table><form action="http://evil.example">`, `javascript:alert(1)`, `{{.Case}}`, "a\n<b>"} {
		r := full()
		r.Summary, r.Title, r.Freeze.Request.Basis, r.Freeze.Request.Wire.FurtherCredit, r.Steps[0].Text, r.Case = attack, attack, attack, attack, attack, domain.CaseID(attack)
		r.Victims[0].Name, r.Victims[0].ID, r.Freeze.Request.Account = attack, domain.VictimID(attack), domain.AccountID(attack)
		page := string(made(t, "ffkc-html", r).Bytes)
		for _, tag := range []string{"<script", "<img", "<form", "<b>", `href=`, "onerror=alert(1)>"} {
			if strings.Contains(page, tag) {
				t.Errorf("%q got through as %s", attack, tag)
			}
		}
		if strings.Count(page, "</table>") != 3 {
			t.Errorf("%q breaks the page", attack)
		}
	}
}

func TestASheetPrintsNoMoreStepsThanAnybodyReads(t *testing.T) {
	r := full()
	for len(r.Steps) < maxSheetSteps {
		r.Steps = append(r.Steps, r.Steps[0])
	}
	if text := string(made(t, "ffkc", r).Bytes); strings.Contains(text, "not printed here") || strings.Count(text, "Of it 58400.00 EUR of V1.") != maxSheetSteps {
		t.Error(text)
	}
	r.Steps = append(r.Steps, r.Steps[0], r.Steps[0])
	for _, name := range []string{"ffkc", "ffkc-html"} {
		if text := strings.ToLower(string(made(t, name, r).Bytes)); !strings.Contains(text, "and 2 steps more, which are not printed here") {
			t.Error(text)
		}
	}
	if text := string(made(t, "goaml", r).Bytes); strings.Count(text, "<transaction>") != maxSheetSteps+2 {
		t.Error("a report leaves steps out")
	}
}

// A name between banks, the case and the freeze say which request it is, and
// the file is named after it safely.
func TestThePapersBearOneReference(t *testing.T) {
	r := full()
	for _, kind := range Kinds() {
		if p := made(t, kind.Name, r); !strings.Contains(html.UnescapeString(string(p.Bytes)), "C1/F1") || !strings.HasPrefix(p.File, "C1-F1-") {
			t.Errorf("%s: %s", kind.Name, p.File)
		}
	}
	r.Case = "../../etc/passwd"
	if p := made(t, "letter", r); strings.ContainsAny(p.File, "/\\") || strings.HasPrefix(p.File, ".") {
		t.Error(p.File)
	}
}

func TestTheReferencePageExplainsEveryFact(t *testing.T) {
	page, err := os.ReadFile("../docs/reference/papers.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range facts(full()) {
		if !strings.Contains(string(page), "| `"+f.key+"` |") {
			t.Errorf("docs/reference/papers.md does not explain the fact %s (%s)", f.key, f.title)
		}
	}
	for _, kind := range Kinds() {
		if !strings.Contains(string(page), "`"+kind.Name+"`") {
			t.Errorf("docs/reference/papers.md does not explain the paper %s", kind.Name)
		}
	}
	for _, reason := range domain.RecallReasons() {
		if !strings.Contains(string(page), fmt.Sprintf("| `%s` | %s |", reason.Code, reason.Meaning)) {
			t.Errorf("docs/reference/papers.md does not explain the code %s (%s)", reason.Code, reason.Meaning)
		}
	}
	for _, status := range AccountStatuses() {
		if !strings.Contains(string(page), "`"+string(status)+"`") {
			t.Errorf("docs/reference/papers.md does not explain the account status %s", status)
		}
	}
}
