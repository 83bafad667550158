package papers

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"clew/domain"
	"clew/tracing"
)

var update = flag.Bool("update", false, "rewrite the drafts in testdata")

var (
	euro = domain.Asset{Code: "EUR", Digits: 2}
	usdt = domain.Asset{Code: "USDT", Digits: 6}
)

func amount(units int64, asset domain.Asset) *domain.Amount {
	return &domain.Amount{Units: domain.NewUnits(units), Asset: asset}
}

const (
	home = domain.AccountID("iban:DE82999000000000000001")
	mule = domain.AccountID("iban:NL27INVN0123456789")
)

// full is a request of which everything is known: V1 paid 62,000.00 EUR to a
// mule, where 58,400.00 EUR are traced. All names and banks are invented.
func full() Request {
	paid := domain.Instant(time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC))
	asked := domain.FreezeRequested{
		Freeze: "F1", At: domain.Instant(time.Date(2026, 3, 3, 8, 0, 0, 0, time.UTC)), By: "officer.one", Account: mule, Asset: "EUR", Digits: 2,
		Scope: domain.ScopePayment, Amount: amount(58_400_00, euro), Traced: amount(58_400_00, euro), Rule: "fifo", Victims: []domain.VictimID{"V1"}, Payment: "m1",
		Mechanism: "sepa-recall", Basis: "§ 1 of the Invented Act", Requesting: "Police of Invented City", Responding: "Invented Bank NL", Contact: "fraud desk, +31 00 000 000",
		Country: "NL", Priority: "urgent", Deadline: domain.Date(2026, 3, 24), OrderDue: domain.Date(2026, 4, 1), Language: "en", Reference: "NL-77", Operation: "Operation Example",
		Disclosure: "law enforcement only", Evidence: []domain.SHA256{domain.SHA256(strings.Repeat("ab", 32))}, Warnings: []string{"The payment is in EUR; the mechanism is for at least 50000 USD."},
		Wire: &domain.Wire{OriginatingBank: "INVNDEFF", Originator: home, BeneficiaryBank: "Invented Bank NL", BIC: "INVNNL2A", Intermediary: "INVNFRPP",
			UETR: "8a562c67-ca16-48ba-b074-65581be6f011", EndToEnd: "E2E-1", TransactionID: "TX-1", MessageID: "MSG-1", SettledOn: domain.Date(2026, 3, 2),
			Amount: amount(62_000_00, euro), FurtherCredit: "customer 4711", RecallSent: domain.Instant(time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC))},
	}
	return Request{
		Case: "C1", Title: "The invented broker", Freeze: domain.Freeze{Request: asked, State: domain.StateDraft}, Mechanism: "SEPA credit transfer recall",
		Made: time.Date(2026, 3, 3, 8, 5, 0, 0, time.UTC), Reason: "FRAD", Summary: "V1 was talked into an invented investment.\nShe paid once.",
		Victims: []Victim{{"V1", "Erika Invented", "Invented City", "Invented State", "DE"}},
		Lots:    []tracing.Owner{{Victim: "V1", Units: domain.NewUnits(58_400_00)}},
		Steps: []Step{{Victim: "V1", Share: amount(58_400_00, euro), Local: amount(238_700_00, domain.Asset{Code: "AED", Digits: 2}), Movement: domain.Movement{
			ID: "m1", Kind: domain.Transfer, When: paid, From: home, To: mule, Amount: *amount(62_000_00, euro), Ref: "8a562c67-ca16-48ba-b074-65581be6f011", Scam: "romance", Note: "coerced: not for letters"}}},
		Accounts: map[domain.AccountID]Account{
			home: {Holder: "Erika Invented", Victim: "V1", Institution: "Invented Bank DE", BIC: "INVNDEFF", City: "Invented City"},
			mule: {Holder: "Max Invented", Branch: "Branch 2", City: "Invented Town", Status: AccountActive, StatusAt: domain.Date(2026, 3, 1)},
		},
		From: Agency{Name: "Police of Invented City", Officer: "Officer One", Address: "Street 1, Invented City", Phone: "+49 00 000 000", Email: "fraud@police.example"},
		To:   Agency{Email: "recalls@bank.example"}, Payment: Payment{"pacs.008.001.08", "INSTR-1"},
		Reporting: Reporting{Entity: 101, Branch: "MAIN", FirstName: "Officer", LastName: "One", Email: "fraud@police.example", Occupation: "investigator"},
		FIU:       fiu("AE"),
	}
}

func fiu(name string) FIU {
	f, err := StandardFIUs().Find(name)
	if err != nil {
		panic(err)
	}
	return f
}

// bare is a request of which next to nothing is known.
func bare() Request {
	return Request{Case: "C1", Freeze: domain.Freeze{Request: domain.FreezeRequested{Freeze: "F1", Account: "M2", Asset: "EUR", Digits: 2, Scope: domain.ScopeDebitBlock, Mechanism: "gsrp"}}}
}

// chained is a request to a stablecoin's issuer.
func chained() Request {
	r := full()
	address := domain.AccountID("eip155:1:0x00000000000000000000000000000000000000aa")
	asked := domain.FreezeRequested{Freeze: "F2", Account: address, Asset: "USDT", Digits: 6, Scope: domain.ScopeAccount, Traced: amount(40_000_000_000, usdt), Rule: "pro-rata",
		Mechanism: "stablecoin-issuer", Basis: "request of the prosecutor", Requesting: "Police of Invented City", Responding: "Invented Issuer", Deadline: domain.Date(2026, 3, 4), Language: "en"}
	r.Freeze = domain.Freeze{Request: asked}
	r.Steps = []Step{
		{Movement: domain.Movement{ID: "m2", Kind: domain.Hop, When: domain.Date(2026, 3, 2), Ref: "f00d#1", Amount: *amount(1, domain.Asset{Code: "BTC", Digits: 8}),
			Inputs:  []domain.Leg{{Account: "bip122:main:bc1invented", Amount: *amount(150_000_000, domain.Asset{Code: "BTC", Digits: 8})}},
			Outputs: []domain.Leg{{Account: "bip122:main:bc1second", Amount: *amount(149_000_000, domain.Asset{Code: "BTC", Digits: 8})}, {Account: "bip122:main:bc1change", Amount: *amount(900_000, domain.Asset{Code: "BTC", Digits: 8})}}}},
		{Victim: "V1", Movement: domain.Movement{ID: "m3", Kind: domain.Transfer, When: domain.Date(2026, 3, 2), Ref: "0xbeef", From: "vasp:invented:7", To: address, Amount: *amount(40_000_000_000, usdt)}},
	}
	return r
}

func made(t *testing.T, name string, r Request) Paper {
	t.Helper()
	p, err := Make(name, r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// golden compares a draft with testdata, or rewrites it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	name = filepath.Join("testdata", "drafts", name)
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil || string(want) != string(got) {
		t.Errorf("%s (%v): 'go test ./papers -update' and read what changed; the draft is now\n%s", name, err, got)
	}
}

// against checks a document against a schema of testdata with xmllint, and
// gives what it says.
func against(t *testing.T, schema string, document []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "draft.xml")
	if err := os.WriteFile(file, document, 0o600); err != nil {
		t.Fatal(err)
	}
	said, err := exec.Command("xmllint", "--noout", "--nonet", "--schema", schema, file).CombinedOutput()
	if err != nil {
		return err.Error() + "\n" + string(said)
	}
	return ""
}

// structure is the goAML schema without its lists of codes, which are one
// FIU's.
func structure(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/goAMLSchema-5.0.2.xsd")
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`(?s)<xs:enumeration value="[^"]*"( />|>.*?</xs:enumeration>)`).ReplaceAll(text, nil)
	file := filepath.Join(t.TempDir(), "structure.xsd")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
