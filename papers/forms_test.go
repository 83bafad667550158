package papers

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
)

// has checks that a draft bears texts; "!" before one: that it does not.
func has(t *testing.T, p Paper, want ...string) {
	t.Helper()
	for _, w := range want {
		if without, not := strings.CutPrefix(w, "!"); strings.Contains(string(p.Bytes), without) == not {
			t.Errorf("want %q in\n%s", w, p.Bytes)
		}
	}
}

// missing checks which fields a draft says are missing.
func missing(t *testing.T, p Paper, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(strings.Join(p.Missing, "\n"), w) {
			t.Errorf("want %q in %q", w, p.Missing)
		}
	}
	if len(want) != len(p.Missing) {
		t.Errorf("%d are missing: %q", len(p.Missing), p.Missing)
	}
}

// Whatever fits its place makes a recall that is valid, and what does not is
// named. The values come from all that the log may hold.
func TestEveryCompleteRecallIsValidAgainstTheSchema(t *testing.T) {
	id := rapid.StringMatching(`[A-Za-z0-9äß&<>"'/ -]{0,3}[a-z]{0,37}`)
	any := rapid.Custom(func(t *rapid.T) Request {
		r := full()
		wire := r.Freeze.Request.Wire
		asset := rapid.SampledFrom([]domain.Asset{euro, {Code: "JPY"}, {Code: "KWD", Digits: 3}, {Code: "CLF", Digits: 4}}).Draw(t, "asset")
		wire.Amount = amount(rapid.Int64().Filter(func(n int64) bool { return n > 0 }).Draw(t, "units"), asset)
		wire.EndToEnd, wire.TransactionID, wire.MessageID = id.Draw(t, "e2e"), id.Draw(t, "tx"), id.Draw(t, "message")
		wire.UETR = rapid.SampledFrom([]string{wire.UETR, strings.ToUpper(wire.UETR), "8a562c67-ca16-18ba-b074-65581be6f011"}).Draw(t, "uetr")
		wire.FurtherCredit, r.Freeze.Request.Basis = rapid.StringN(0, 300, -1).Draw(t, "credit"), rapid.StringN(0, 300, -1).Draw(t, "basis")
		wire.OriginatingBank, wire.BIC = rapid.SampledFrom([]string{"INVNDEFF", "INVNDEFFXXX", "Bank"}).Draw(t, "bank"), rapid.SampledFrom([]string{"INVNNL2A", "INVNNL2"}).Draw(t, "bic")
		wire.Originator = domain.AccountID(rapid.SampledFrom([]string{string(home), "bank:12-34", "bank:" + strings.Repeat("9", 35)}).Draw(t, "account"))
		r.Case, r.Reason = domain.CaseID(rapid.StringMatching(`[A-Za-z0-9._-]{1,64}`).Draw(t, "case")), rapid.SampledFrom(Reasons()).Draw(t, "reason")
		r.From.Name = rapid.StringN(1, 150, -1).Draw(t, "agency")
		return r
	})
	folder, complete := t.TempDir(), []string{}
	for seed := range 300 {
		p := made(t, "camt.056", any.Example(seed))
		if _, err := texts(p.Bytes); err != nil {
			t.Fatalf("%v\n%s", err, p.Bytes)
		}
		if len(p.Missing) > 0 {
			continue
		}
		name := filepath.Join(folder, fmt.Sprint(seed, ".xml"))
		if err := os.WriteFile(name, p.Bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		complete = append(complete, name)
	}
	if len(complete) < 5 {
		t.Fatalf("only %d recalls were complete", len(complete))
	}
	said, err := exec.Command("xmllint", append([]string{"--noout", "--nonet", "--schema", camtSchema}, complete...)...).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%.2000s", err, said)
	}
}

func TestARecallTakesOnlyWhatFits(t *testing.T) {
	for _, tc := range []struct {
		name    string
		edit    func(*Request, *domain.Wire)
		missing string
	}{
		{"a reason nobody knows", func(r *Request, _ *domain.Wire) { r.Reason = "SCAM" }, `Rsn: the reason "SCAM" is none of DUPL, AGNT, CURR, CUST, UPAY, CUTA, TECH, FRAD`},
		{"no reason", func(r *Request, _ *domain.Wire) { r.Reason = "" }, "Rsn: the reason is not known"},
		{"36 characters", func(_ *Request, w *domain.Wire) { w.EndToEnd = strings.Repeat("e", 36) }, "OrgnlEndToEndId: the end-to-end id of the payment"},
		{"no UUID", func(_ *Request, w *domain.Wire) { w.UETR = "8a562c67" }, `"8a562c67" is no UUID of version 4`},
		{"a coin", func(_ *Request, w *domain.Wire) { w.Amount = amount(1, usdt) }, `OrgnlIntrBkSttlmAmt: the asset "USDT" is no currency of ISO 4217`},
		{"19 digits", func(_ *Request, w *domain.Wire) {
			w.Amount = amount(9_000_000_000_000_000_000, domain.Asset{Code: "JPY"})
		}, "is no amount that the schema takes"},
		{"six digits after the point", func(_ *Request, w *domain.Wire) { w.Amount = amount(1, domain.Asset{Code: "XXX", Digits: 6}) }, "is no amount that the schema takes"},
		{"no name of the message", func(r *Request, _ *domain.Wire) { r.Payment.MessageName = "" }, "OrgnlGrpInf/OrgnlMsgNmId: the name of the message"},
		{"a long name of the message", func(_ *Request, w *domain.Wire) { w.MessageID = strings.Repeat("m", 36) }, "OrgnlGrpInf/OrgnlMsgId: the id of the message"},
		{"a control character", func(_ *Request, w *domain.Wire) { w.TransactionID = "T\x01" }, "has a character that XML cannot carry"},
		{"no UTF-8", func(_ *Request, w *domain.Wire) { w.TransactionID = "T\xff" }, "has a character that XML cannot carry"},
		{"an end of a comment", func(_ *Request, w *domain.Wire) { w.UETR = "--><x>--" }, "is no UUID"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := full()
			tc.edit(&r, r.Freeze.Request.Wire)
			p := made(t, "camt.056", r)
			missing(t, p, tc.missing)
			if _, err := texts(p.Bytes); err != nil || !strings.Contains(string(p.Bytes), "<!-- MISSING ") {
				t.Errorf("%v\n%s", err, p.Bytes)
			}
		})
	}
}

func TestARecallSaysTheAmountToItsLastDigit(t *testing.T) {
	for units, asset := range map[int64]domain.Asset{7: {Code: "JPY"}, 500: euro, 12345: {Code: "KWD", Digits: 3}} {
		r := full()
		r.Freeze.Request.Wire.Amount = amount(units, asset)
		has(t, made(t, "camt.056", r), fmt.Sprintf(`Ccy="%s">%s<`, asset.Code, amount(units, asset)))
	}
	r := full()
	r.Freeze.Request.Amount = amount(62_000_00, euro)
	has(t, made(t, "camt.056", r), "!Amount asked")
	r.Freeze.Request.Wire.EndToEnd = domain.NotProvided
	has(t, made(t, "camt.056", r), "<OrgnlEndToEndId>NOTPROVIDED</OrgnlEndToEndId>")
}

// A long text is cut into pieces, and nothing of it is lost.
func TestLongTextsAreCutAndNotLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text, most := rapid.String().Draw(t, "text"), rapid.IntRange(1, 20).Draw(t, "most")
		cut := parts(text, most)
		if strings.Join(cut, "") != string([]rune(text)) {
			t.Fatalf("%q became %q", text, cut)
		}
		for _, part := range cut {
			if len([]rune(part)) > most || part == "" {
				t.Fatalf("%q has a piece %q", text, part)
			}
		}
	})
}

func TestABankIsItsNameAndItsBIC(t *testing.T) {
	for _, tc := range []struct {
		account  Account
		recorded []string
		want     string
	}{
		{Account{}, []string{"INVNDEFF"}, "INVNDEFF"},
		{Account{}, []string{"Invented Bank"}, "Invented Bank"},
		{Account{Institution: "Invented Bank", BIC: "INVNDEFF"}, nil, "Invented Bank (INVNDEFF)"},
		{Account{Institution: "Other Bank", BIC: "OTHRDEFF"}, []string{"INVNDEFF", "Invented Bank"}, "Invented Bank (INVNDEFF)"},
		{Account{}, nil, ""},
	} {
		if got := bankOf(tc.account, tc.recorded...).String(); got != tc.want {
			t.Errorf("%q, want %q", got, tc.want)
		}
	}
}

func TestTheCountryIsWhatIsKnownOrShown(t *testing.T) {
	r := Request{Accounts: map[domain.AccountID]Account{"a": {Country: "FR"}, "b": {BIC: "INVNESMM"}}}
	for id, want := range map[domain.AccountID]string{"a": "FR", "b": "ES", home: "DE", "c": "", "bank:1": ""} {
		if got := r.countryOf(id); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	r.Freeze.Request.Account, r.Freeze.Request.Wire = "c", &domain.Wire{BIC: "INVNPTPL"}
	if got := r.countryOf("c"); got != "PT" {
		t.Errorf("%q", got)
	}
	r.Freeze.Request.Country = "HK"
	if got := r.countryOf("c"); got != "HK" {
		t.Errorf("%q", got)
	}
}

func TestOfSeveralVictimsEachIsNamedOrMissing(t *testing.T) {
	r := full()
	r.Freeze.Request.Victims = append(r.Freeze.Request.Victims, "V2")
	r.Victims = append(r.Victims, Victim{ID: "V2", City: "Elsewhere"})
	p := made(t, "ffkc", r)
	has(t, p, "V1: Erika Invented", "V2: not known", "V2: Elsewhere", "V1, V2")
	missing(t, p, "victim_names: the name of the victim of V2 is not known")
}

func TestALetterIsInTheLanguageOfTheRequest(t *testing.T) {
	for language, want := range map[string]string{"": "Legal basis", "DE": "Rechtsgrundlage", "fr": "Base légale", "es": "Base jurídica", "pt-br": "Base legal"} {
		r := full()
		r.Freeze.Request.Language = language
		p := made(t, "letter", r)
		has(t, p, want, "58400.00 EUR", "![")
		golden(t, "full-letter-"+strings.ToLower(first(language, "en"))[:2]+".txt", p.Bytes)
	}
	r := full()
	r.Freeze.Request.Language = "en-GB"
	has(t, made(t, "letter", r), "Legal basis")
	r.Freeze.Request.Language = "xx"
	if _, err := Make("letter", r); err == nil || domain.ClassOf(err) != domain.ClassUsage || !strings.Contains(err.Error(), "de, en, es, fr, pt") {
		t.Error(err)
	}
}

// Each scope is asked for in its own words, in every language, and a letter
// about nothing known marks every blank.
func TestEveryScopeHasItsWords(t *testing.T) {
	for _, language := range StandardLetters().Languages() {
		said := map[string]bool{}
		for _, scope := range append(domain.FreezeScopes(), "") {
			r := full()
			r.Freeze.Request.Language, r.Freeze.Request.Scope = language, scope
			said[string(made(t, "letter", r).Bytes)] = true
		}
		if len(said) != 5 {
			t.Errorf("%s has %d letters for five scopes", language, len(said))
		}
		empty := made(t, "letter", Request{Freeze: domain.Freeze{Request: domain.FreezeRequested{Language: language, Scope: domain.ScopePayment}}})
		if marks := strings.Count(string(empty.Bytes), "["); marks != 14 || len(empty.Missing) != 13 { // the account stands in it twice
			t.Errorf("%s: %d marks, missing %q\n%s", language, marks, empty.Missing, empty.Bytes)
		}
	}
}

func TestUsersAddLettersOfTheirOwn(t *testing.T) {
	letters, err := Letters{}.With("IT", `Conto {{need "account" "MANCA: conto"}}, {{fact "victim_names"}}{{range steps}}
{{.}}{{end}}`)
	if err != nil {
		t.Fatal(err)
	}
	r := full()
	r.Letters, r.Freeze.Request.Language = letters, "it"
	p := made(t, "letter", r)
	has(t, p, "Conto NL27INVN0123456789, Erika Invented\n2026-03-02T09:30:00Z: DE82")
	if len(p.Discloses) != 1 || len(letters.Languages()) != 6 || len(StandardLetters().Languages()) != 5 {
		t.Errorf("%v %v", p.Discloses, letters.Languages())
	}
	for text, want := range map[string]string{
		`{{need "coerced" "x"}}`:                             `there is no fact "coerced"`,
		`{{if eq scope "account"}}{{fact "nothing"}}{{end}}`: `there is no fact "nothing"`,
		`{{nonsense}}`:                     "letter it",
		strings.Repeat("x", maxTemplate+1): "at most 65536 bytes",
	} {
		if _, err := (Letters{}).With("it", text); err == nil || !strings.Contains(err.Error(), want) || domain.ClassOf(err) != domain.ClassUsage {
			t.Errorf("%.60s: %v", text, err)
		}
	}
	if _, err := (Letters{}).With("it", strings.Repeat("x", maxTemplate)); err != nil {
		t.Error(err)
	}
	if _, err := (Letters{}).With(" ", "x"); err == nil {
		t.Error("a letter in no language")
	}
}

// A line that somebody wrote cannot pass for a line of the letter, nor drive a
// terminal.
func TestALineStaysALine(t *testing.T) {
	r := full()
	r.Freeze.Request.Basis = "law\nPlease answer by: never\x1b[2J"
	account := r.Accounts[mule]
	account.Holder = "Max\nAccount: 1"
	r.Accounts[mule] = account
	for _, name := range []string{"letter", "ffkc"} {
		has(t, made(t, name, r), "law Please answer by: never", "Max Account: 1", "!\x1b", "!\nPlease answer by: never")
	}
}

func TestAReportNeverConvertsByItself(t *testing.T) {
	r := full()
	r.Steps[0].Local = nil
	missing(t, made(t, "goaml", r), "amount_local: what 62000.00 EUR of movement m1 was in AED is not known")
	r.Steps[0].Local = amount(1, euro)
	missing(t, made(t, "goaml", r), "amount_local: ")
	r.Steps[0].Local = nil
	r.Reporting.Currency = "EUR"
	p := made(t, "goaml", r)
	missing(t, p)
	has(t, p, "<amount_local>62000.00</amount_local>", "!foreign_currency", "<currency_code_local>EUR<")
}

func TestAReportTellsEveryMovementAndNoState(t *testing.T) {
	r := full()
	balance, opening := r.Steps[0], r.Steps[0]
	balance.Movement.Kind, opening.Movement.Kind = domain.Balance, domain.Opening
	r.Steps = []Step{balance, r.Steps[0], opening}
	if p := made(t, "goaml", r); strings.Count(string(p.Bytes), "<transaction>") != 1 {
		t.Errorf("%s", p.Bytes)
	}
	r.Steps = r.Steps[:1]
	missing(t, made(t, "goaml", r), "transaction: no movement")
	r.Steps = nil
	missing(t, made(t, "goaml", r), "transaction: no movement", "indicator: ")
}

func TestAReportKeepsToTheFIUsNames(t *testing.T) {
	r := full()
	r.Reporting.LastName = "Müller"
	p := made(t, "goaml", r)
	missing(t, p, "last_name: the last name of who reports \"Müller\" is no name that the FIU takes")
	r.FIU = fiu("generic")
	r.FIU.ModeComment, r.Reporting.Currency, r.Reporting.Indicators = "E", "EUR", []string{"X", "X", "Y"}
	r.Steps[0].Local = nil
	p = made(t, "goaml", r)
	missing(t, p)
	has(t, p, "<last_name>Müller</last_name>", "<indicator>X</indicator>\n    <indicator>Y</indicator>")
}

func TestAReportOfAHeldAccountSaysFrozen(t *testing.T) {
	r := full()
	account := r.Accounts[mule]
	account.Status = ""
	r.Accounts[mule] = account
	has(t, made(t, "goaml", r), "!status_code")
	r.Freeze.State, r.Freeze.FirstHeldAt = domain.StateHeld, domain.Date(2026, 3, 4)
	has(t, made(t, "goaml", r), "<status_code>FROZN</status_code>\n        <status_date>2026-03-04T00:00:00</status_date>")
	r.FIU.AccountStatus = nil
	missing(t, made(t, "goaml", r), "status_code: the FIU's code for the status frozen is not known")
}

func TestAConversionIsInBothItsAssets(t *testing.T) {
	r := full()
	r.Steps[0].Movement.Kind = domain.Conversion
	r.Steps[0].Movement.Received = *amount(150_000_000, domain.Asset{Code: "BTC", Digits: 8})
	has(t, made(t, "goaml", r), "<foreign_currency_code>XBT</foreign_currency_code>\n        <foreign_amount>1.50000000</foreign_amount>", "of which 1.50000000 BTC arrived")
	r.Steps[0].Movement.Received = *amount(1_500_000_000_000_000_000, domain.Asset{Code: "ETH", Digits: 18})
	r.FIU.Currencies = map[string]string{"ETH": "XET"}
	has(t, made(t, "goaml", r), "<foreign_amount>1.5</foreign_amount>")
	r.Steps[0].Movement.Received = *amount(1, domain.Asset{Code: "ETH", Digits: 18}) // finer than the schema: never rounded
	missing(t, made(t, "goaml", r), "to_foreign_currency: 0.000000000000000001 ETH has no code or no room")
}

// Hops, conversions, wallets and every status, valid once all is known.
func TestEveryKindOfMovementIsValidAgainstTheSchema(t *testing.T) {
	dirhams := domain.Asset{Code: "AED", Digits: 2}
	r := chained()
	r.FIU.Currencies = map[string]string{"BTC": "XBT", "USDT": "USD"} // a code that the schema has, for the shape alone
	conversion := full().Steps[0]
	conversion.Movement.Kind, conversion.Movement.Received = domain.Conversion, *amount(7, domain.Asset{Code: "BTC", Digits: 8})
	r.Steps = append(r.Steps, conversion)
	for i := range r.Steps {
		m := &r.Steps[i].Movement
		r.Steps[i].Local = amount(100_00, dirhams)
		for _, id := range []domain.AccountID{m.From, m.To} {
			r.Accounts[id] = Account{Institution: "Invented Exchange", Code: "77", Country: "AE", Branch: "B", Holder: "Max Invented", Status: AccountFrozen, StatusAt: domain.Date(2026, 3, 4)}
		}
		for _, leg := range append(m.Inputs, m.Outputs...) {
			r.Accounts[leg.Account] = Account{Code: "78", Country: "AE", Holder: "Max Invented"}
		}
		if m.Kind == domain.Hop {
			r.Accounts[""] = Account{Institution: "Invented Exchange"} // where a hop was made
		}
	}
	p := made(t, "goaml", r)
	missing(t, p)
	if said := against(t, goamlSchema, p.Bytes); said != "" {
		t.Errorf("%s\n%s", said, p.Bytes)
	}
}

// Whatever one thing is not known, a draft that names nothing as missing is
// valid: no field that the schema wants is taken for one that may be absent.
func TestNothingThatIsWantedIsTakenForOptionalAgainstTheSchema(t *testing.T) {
	tried := 0
	for _, part := range []func(*Request) any{
		func(r *Request) any { return r }, func(r *Request) any { return &r.Freeze.Request }, func(r *Request) any { return r.Freeze.Request.Wire },
		func(r *Request) any { return &r.Reporting }, func(r *Request) any { return &r.Payment }, func(r *Request) any { return &r.Steps[0] },
		func(r *Request) any { return &r.Steps[0].Movement }, func(r *Request) any { return &r.FIU },
	} {
		fresh := full()
		for i := range reflect.TypeOf(part(&fresh)).Elem().NumField() {
			r := full()
			field := reflect.ValueOf(part(&r)).Elem().Field(i)
			if !field.CanSet() {
				continue
			}
			field.SetZero()
			tried++
			for name, schema := range map[string]string{"camt.056": camtSchema, "goaml": goamlSchema} {
				p := made(t, name, r)
				if len(p.Missing) > 0 {
					continue
				}
				if said := against(t, schema, p.Bytes); said != "" {
					t.Errorf("without %s.%s: %s", reflect.TypeOf(part(&r)).Elem(), reflect.TypeOf(part(&r)).Elem().Field(i).Name, said)
				}
			}
		}
	}
	for _, id := range []domain.AccountID{home, mule} {
		for i := range reflect.TypeOf(Account{}).NumField() {
			r := full()
			account := r.Accounts[id]
			reflect.ValueOf(&account).Elem().Field(i).SetZero()
			r.Accounts[id] = account
			tried++
			if p := made(t, "goaml", r); len(p.Missing) == 0 {
				if said := against(t, goamlSchema, p.Bytes); said != "" {
					t.Errorf("without %s of %s: %s", reflect.TypeOf(account).Field(i).Name, id, said)
				}
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d fields were tried", tried)
	}
}

func TestAReportOfUnknownPeopleInventsNone(t *testing.T) {
	r := full()
	m := r.Steps[0].Movement
	r.Steps[0].Movement.From = m.ID.Unknown()
	p := made(t, "goaml", r)
	missing(t, p, "transaction_location: ", "swift: ", "account: the number of the account is not known", "account_name: ", "from_country: ")
	r = full()
	r.Accounts[home] = Account{Code: "99900000", Institution: "Invented Bank DE", Holder: "Erika Invented"}
	r.Freeze.Request.Wire.OriginatingBank = ""
	has(t, made(t, "goaml", r), "<institution_code>99900000</institution_code>")
	r.Steps[0].Movement.When = domain.Instant(time.Date(1752, 1, 1, 0, 0, 0, 0, time.UTC))
	missing(t, made(t, "goaml", r), "date_transaction: ")
	r = full()
	r.Steps[0].Movement = domain.Movement{ID: "m1", Kind: domain.Hop, When: domain.Date(2026, 1, 1), Scam: "romance"}
	missing(t, made(t, "goaml", r), "transaction_location: ", "party: the parties of movement m1 are not known")
	r = full()
	r.Reporting.FirstName, r.Reporting.LastName, r.Reporting.UserCode = "", "", "user-7"
	has(t, made(t, "goaml", r), "<reporting_user_code>user-7<", "!reporting_person")
	r.FIU.Names = "["
	if _, err := Make("goaml", r); err == nil || domain.ClassOf(err) != domain.ClassUsage {
		t.Error(err)
	}
}

// A user's lookups are read strictly.
func TestLookupsAreReadStrictly(t *testing.T) {
	for text, want := range map[string]string{
		"- {name: x, unknown: 1}":                                            "unknown",
		"- {title: x}":                                                       "needs a name",
		"- {name: x, funds: {pigeon: P}}":                                    "pigeon",
		"- {name: x, modes: {pigeon: P}}":                                    "pigeon",
		"- {name: x, account_status: {sleeping: S}}":                         "sleeping",
		"- {name: x, names: '['}":                                            "missing closing",
		"- {name: x, names: '" + strings.Repeat("a", maxNameFilter+1) + "'}": "at most 200",
		strings.Repeat("- {name: x}\n", maxFIUs+1):                           "more than 1000",
		strings.Repeat("#", maxFIUFile+1):                                    "more than 1048576 bytes",
		"{":                                                                  "lookups",
	} {
		if _, err := ParseFIUs([]byte(text)); err == nil || !strings.Contains(err.Error(), want) || domain.ClassOf(err) != domain.ClassUsage {
			t.Errorf("%.60s: %v", text, err)
		}
	}
	if list, err := ParseFIUs([]byte(strings.Repeat("- {name: x}\n", maxFIUs))); err != nil || len(list) != maxFIUs {
		t.Error(err)
	}
	if _, err := StandardFIUs().Find("ZZ"); err == nil || !strings.Contains(err.Error(), "generic, AE") {
		t.Error(err)
	}
	for _, f := range StandardFIUs() {
		if f.Source == "" || f.Report == "" || f.Funds["transfer"] == "" || f.AccountStatus[AccountFrozen] == "" {
			t.Errorf("%+v", f)
		}
	}
}
