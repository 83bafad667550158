package mt940

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"clew/domain"
	"clew/importers/lines"
)

const own, other = "NL91ABNA0417164300", "DE89370400440532013000"

// paper is a statement of own with the given entries, that opens with 100.
func paper(entries string) string {
	return ":20:REF1\n:25:" + own + "\n:28C:7/1\n:60F:C240104EUR100,00\n" + entries
}

// becomes checks that a file becomes rows, rejections and warnings that
// contain each of the wanted texts, and none of those that begin with "!".
func becomes(t *testing.T, file string, want ...string) {
	t.Helper()
	said, err := read(t, file, register(t))
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Join(said, "\n")
	for _, w := range want {
		if without, not := strings.CutPrefix(w, "!"); strings.Contains(all, without) == not {
			t.Errorf("want %q in\n%s", w, all)
		}
	}
}

func TestDirections(t *testing.T) {
	for mark, want := range map[string]string{
		"C":  "transfer 2024-01-05 ? -> iban:" + own + " 12.50",
		"D":  "transfer 2024-01-05 iban:" + own + " -> ? 12.50",
		"RC": "return 2024-01-05 iban:" + own + " -> ? 12.50",
		"RD": "return 2024-01-05 ? -> iban:" + own + " 12.50",
		"CR": "transfer 2024-01-05 ? -> iban:" + own, // R is the third letter of EUR
		"DR": "transfer 2024-01-05 iban:" + own,
	} {
		becomes(t, paper(":61:2401050105"+mark+"12,50NTRFNONREF\n"), want)
	}
	becomes(t, paper(":61:2401050105C12,50NRTINONREF\n"), "return 2024-01-05 ? ->")
	becomes(t, paper(":61:2401050105EC12,50NTRFNONREF\n"), "noise", "1 entries that are only expected", "!transfer")
}

func TestDays(t *testing.T) {
	for entry, want := range map[string]string{
		"2401050108C1,NTRF": "transfer 2024-01-08",
		"240105C1,NTRF":     "transfer 2024-01-05",
		"2312290102C1,NTRF": "transfer 2024-01-02", // booked in the next year
		"2401021230C1,NTRF": "transfer 2023-12-30", // booked in the year before
		"2402290229C1,NTRF": "transfer 2024-02-29",
		"2302280229C1,NTRF": "transfer 2024-02-29", // only one of the three years has the day
		"990105C1,NTRF":     "transfer 1999-01-05",
		"240230C1,NTRF":     "reject time: 240230 is not a day",
		"2401051332C1,NTRF": "reject time: 1332 is not a day",
	} {
		becomes(t, paper(":61:"+entry+"\n"), want)
	}
}

func TestAmounts(t *testing.T) {
	for text, want := range map[string]string{
		"12,5": "12.50 EUR", "12,": "12.00 EUR", "12": "12.00 EUR", "000000000012,50": "12.50 EUR", "0,": "0.00 EUR",
		"12,505":                "reject amount",
		"1,2,3":                 "reject amount",
		"12.50":                 "reject entry", // and never 12
		"-12,50":                "reject entry",
		strings.Repeat("9", 41): "reject amount",
	} {
		becomes(t, paper(":61:240105C"+text+"NTRFNONREF\n"), want)
	}
}

func TestBalancesAndTheirSum(t *testing.T) {
	becomes(t, paper(":61:240105D10,00NTRF\n:62F:C240105EUR90,00\n:64:C240105EUR80,00\n:65:C240106EUR80,00\n:86:closing words\n-\n"),
		"balance 2024-01-04 ? -> iban:"+own+" 100.00 EUR opens", "balance 2024-01-05 ? -> iban:"+own+" 90.00 EUR", "!warning")
	becomes(t, paper(":61:240105D110,00NTRF\n:62F:D240105EUR10,00\n"), " -10.00 EUR", "!warning")
	becomes(t, paper(":61:240105D10,00NTRF\n:62F:C240105EUR130,00\n"), "gap 40.00 EUR", "statement 7/1 (REF1)")
	becomes(t, paper(":62F:C240105100,00\n"), "balance 2024-01-05 ? -> iban:"+own+" 100.00 EUR", "!warning")
	becomes(t, paper(":62F:X240105EUR1,00\n"), "reject balance")
	becomes(t, paper(":62F:C240231EUR1,00\n"), "reject time")
	becomes(t, paper(":62F:C240105ZZZ1,00\n"), "reject asset")
}

func TestPagesOfOneStatement(t *testing.T) {
	becomes(t, paper(":61:240105D10,00NTRF\n:62M:C240105EUR90,00\n-\n:20:REF1\n:25:"+own+"\n:28C:7/2\n:60M:C240105EUR90,00\n:61:240106D10,00NTRF\n:62F:C240106EUR80,00\n-\n"),
		"100.00 EUR opens", "2024-01-06 ? -> iban:"+own+" 80.00 EUR", "!90.00", "!warning")
	becomes(t, paper(":61:240105D10,00NTRF\n:62F:C240105EUR90,00\n:60F:C240105EUR90,00\n:61:240108D10,00NTRF\n:62F:C240108EUR80,00\n"),
		"100.00 EUR opens", "2024-01-05 ? -> iban:"+own+" 90.00", "2024-01-08 ? -> iban:"+own+" 80.00", "!warning")
}

func TestInsideSWIFTBlocks(t *testing.T) {
	block := "{1:F01EXAMPLEXAXXX0000000000}{2:O9401200240105EXAMPLEXAXXX00000000002401051200N}{4:\r\n"
	becomes(t, block+strings.ReplaceAll(paper(":61:240105D10,00NTRF\n:62F:C240105EUR90,00\n"), "\n", "\r\n")+"-}{5:{CHK:0}}\r\n"+block+strings.ReplaceAll(paper(""), "\n", "\r\n")+"-}",
		"10.00 EUR", "1 noise", "10 noise")
	if Detect([]byte(block), "") < 95 {
		t.Error("a SWIFT block of an MT940 is not recognised")
	}
}

func TestTheTextNamesTheOtherAccount(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"numbered subfields": {"166?00GUTSCHRIFT?20EREF+E-1?21SVWZ+rent?22 for May?30COBADEFF?31" + other + "?32Erika Muster", "iban:" + other + " -> iban:" + own + " 12.50 EUR ref=E-1 source=mt940 iban:" + own + " note=rent for May"},
		"bank and number":    {"166?00GUTSCHRIFT?20rent?3037040044?310532013000", "bank:37040044/0532013000 -> "},
		"an IBAN of its own": {"020?20rent?31532?38" + other, "iban:" + other + " -> "},
		"a keyword":          {"166?20SVWZ+rentIBAN+" + other + " BIC+COBADEFF", "iban:" + other + " -> "},
		"slashes":            {"/TRTP/SEPA OVERBOEKING/IBAN/" + other + "/BIC/COBADEFF/NAME/E MUSTER/REMI/rent/EREF/E-1", "iban:" + other + " -> iban:" + own + " 12.50 EUR ref=E-1 source=mt940 iban:" + own + " note=rent\n"},
		"counterparty":       {"/EREF/E-1//CNTP/" + other + "/COBADEFF/E MUSTER///REMI/USTD//rent/", "iban:" + other + " -> iban:" + own + " 12.50 EUR ref=E-1 source=mt940 iban:" + own + " note=rent\n"},
		"a transaction id":   {"/UETR/8a562c67-ca16-48ba-b074-65581be6f001/EREF/E-1", "ref=8a562c67-ca16-48ba-b074-65581be6f001"},
		"none given":         {"/EREF/NOTPROVIDED/REMI/rent", "12.50 EUR source"},
		"returned":           {"/RTRN/AC04/IBAN/" + other, "return 2024-01-05 iban:" + other},
		"labelled":           {"rent\nREK: " + other + "/NAAM: SHOP", "iban:" + other + " -> "},
		"itself":             {"166?20interest?31" + own, "? -> iban:" + own},
		"a wrong IBAN":       {"/IBAN/DE88370400440532013000/REMI/rent", "reject account"},
		"a doubtful IBAN":    {"166?20rent?31DE88370400440532013000", "bank:DE88370400440532013000 -> "},
		"no account at all":  {"166?20rent?31NUMERO DE COMPTE 01", "? -> iban:"},
		"the long reference": {"166?20EREF+" + strings.Repeat("1234567890?21", 4) + "?30X", "12.50 EUR source"},
	} {
		t.Run(name, func(t *testing.T) {
			becomes(t, paper(":61:240105C12,50NTRFNONREF\n:86:"+c.text+"\n:62F:C240105EUR112,50\n"), c.want, "!Muster", "!MUSTER")
		})
	}
}

func TestSupplementaryDetailsMayBeTheOtherAccount(t *testing.T) {
	becomes(t, paper(":61:240105C12,50NTRFEREF//B1\n"+other+"\n:86:text\n"), "iban:"+other+" -> ")
	becomes(t, paper(":61:240105C12,50NTRFNONREF\n/OCMT/USD13,70/\n"), "the payment was USD13,70")
	becomes(t, paper(":61:240105C12,50NTRFNONREF\n/OCMT/EUR12,50/\n"), "!the payment was")
}

func TestWrappedLines(t *testing.T) {
	becomes(t, paper(":61:240105CR\n12,50NTRFNONREF\n:\n86:166?20SVWZ+rent\n"), "12.50 EUR", "note=rent")
	becomes(t, paper(":61:240105C12,50NTRF\n:86:free text of 12\n:26:37 and so on\n:86:more\n"), "note=free text of 12 :26:37 and so on more")
	becomes(t, paper(":61:240105C12,50NTRF\n:86:at 2014T13\n:20:11 hours\n:62F:C240105EUR112,50\n"), "note=at 2014T13 :20:11 hours", "112.50", "!warning")
	becomes(t, paper(":\n:61:240105C12,50NTRF\n"), "5 noise", "12.50")
}

func TestAMalformedEntryCostsItself(t *testing.T) {
	becomes(t, paper(":61:garbage\n:86:its text\n:61:240105C12,50NTRF\n:62F:C240105EUR112,50\n"), "5 reject entry", "12.50 EUR", "!warning")
	becomes(t, paper(":61:garbage\n:62F:C240105EUR112,50\n"), "1 more could not be read", "gap 12.50")
}

func TestWhatTheFileDoesNotSayThePersonMay(t *testing.T) {
	options := register(t)
	options.Account, options.Source = "bank:7", "Example Bank"
	said, err := read(t, ":20:X\n:60F:C240104EUR1,00\n:61:240105C12,50NTRF\n", options)
	if err != nil || !strings.Contains(strings.Join(said, "\n"), "? -> bank:7 12.50 EUR source=Example Bank") {
		t.Errorf("%v %v", said, err)
	}
	said, _ = read(t, paper(":61:240105C12,50NTRF\n"), options)
	if all := strings.Join(said, "\n"); !strings.Contains(all, "not of bank:7") || !strings.Contains(all, "-> iban:"+own) {
		t.Error(all)
	}
	becomes(t, ":20:X\n:25:1\n:61:240105C12,50NTRF\n", "reject asset")
	becomes(t, ":20:X\n:60F:C240104EUR1,00\n:61:240105C12,50NTRF\n", "reject account", "--account", "!transfer")
}

func TestAccountNames(t *testing.T) {
	for text, want := range map[string]domain.AccountID{
		own: "iban:" + own, own + "EUR": "iban:" + own, own + " EUR": "iban:" + own, "ABNANL2A/" + own: "iban:" + own,
		"12345678/1020304050": "bank:12345678/1020304050", "1291.99.348EUR": "bank:1291.99.348EUR", "": "",
	} {
		if got := accountName(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestAnInterimReport(t *testing.T) {
	becomes(t, ":20:X\n:25:"+own+"\n:28C:1/1\n:34F:EUR0,\n:13D:2401051730+0100\n:61:240105D2,30NTRF\n:90D:1EUR2,30\n:90C:0EUR0,\n-\n",
		"2.30 EUR source=mt942 iban:"+own, "!warning")
	becomes(t, ":20:X\n:25:"+own+"\n:34F:EUR0,\n:61:240105D2,30NTRF\n:90D:2EUR4,60\n-\n", "2 entries of 4.60 EUR, but it has 1 of 2.30")
}

// Another parser's result of the same files: every entry has the same amount,
// direction, currency and day, where that parser and the standard agree. (It
// has no amounts with a reversal mark in these files. It takes 30 February for
// a day, which no calendar has, and reads entries outside any message.)
func TestAgainstAnotherParser(t *testing.T) {
	compared := 0
	for _, name := range samples(t) {
		theirs := entriesOfTheirs(t, strings.TrimSuffix(name, ".sta")+".yml")
		ours, rejected := entriesOfOurs(t, name)
		if len(ours)+rejected != len(theirs) {
			t.Errorf("%s: they have %d entries, we %d and %d rejected", name, len(theirs), len(ours), rejected)
		}
		for _, fact := range ours {
			if !slices.Contains(theirs, fact) {
				t.Errorf("%s: we have %q, they %q", name, fact, theirs)
			}
		}
		compared += len(ours)
	}
	if compared < 50 {
		t.Errorf("only %d entries were compared", compared)
	}
}

func entriesOfOurs(t *testing.T, name string) (facts []string, rejected int) {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	account := ""
	err = Read(file, register(t), func(item domain.Item) error {
		switch i := item.(type) {
		case domain.Row:
			if m := i.Movement; m.Kind != domain.Balance {
				account = strings.TrimPrefix(strings.TrimPrefix(m.Source, "mt940 "), "mt942 ")
				sign := ""
				if string(m.From) == account {
					sign = "-"
				}
				facts = append(facts, fmt.Sprintf("%s%s %s %s", sign, m.Amount, m.Amount.Asset.Code, m.When))
			}
		case domain.Reject:
			rejected++
		}
		return nil
	})
	if err != nil && !strings.Contains(err.Error(), "no field of an MT940") {
		t.Fatal(err)
	}
	return facts, rejected
}

// entriesOfTheirs reads the other parser's dump. Its days are four bytes: the
// year in two, month, day.
func entriesOfTheirs(t *testing.T, name string) (facts []string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	list := under(root.Content[0], "transactions")
	if list == nil {
		return nil
	}
	for _, transaction := range list.Content {
		entry := under(transaction, "data")
		amount := under(entry, "amount")
		value, err := domain.ParseAmount(under(amount, "amount").Content[0].Value, domain.Asset{Code: "X", Digits: 2})
		if err != nil {
			t.Fatal(err)
		}
		date := under(entry, "entry_date")
		if date == nil {
			date = under(entry, "date")
		}
		facts = append(facts, fmt.Sprintf("%s %s %s", value, under(amount, "currency").Value, dayOf(t, date.Content[0].Value)))
	}
	return facts
}

func dayOf(t *testing.T, text string) string {
	t.Helper()
	bytes, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil || len(bytes) != 4 {
		t.Fatalf("%q: %v", text, err)
	}
	return fmt.Sprintf("%04d-%02d-%02d", int(bytes[0])<<8|int(bytes[1]), bytes[2], bytes[3])
}

// under gives the value of a key in a YAML mapping.
func under(node *yaml.Node, key string) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i+1]
		}
	}
	return nil
}

// What counts as read: every field but the texts of entries, every line
// outside fields. Nothing is skipped in silence.
func TestEveryFieldIsAccountedFor(t *testing.T) {
	for _, name := range samples(t) {
		file, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		want := 0
		scan, afterEntry := newScanner(lines.NewReader(file)), false
		for {
			f, err := scan.next()
			if err != nil {
				break
			}
			afterEntry = f.tag == "61" || afterEntry && (f.tag == "86" || f.tag == "NS" || f.tag == "" && !f.ends)
			if f.tag != "86" || !afterEntry {
				want++
			}
		}
		_ = file.Close()
		text, _ := os.ReadFile(name)
		said, _ := read(t, string(text), register(t))
		got := len(said) - strings.Count(strings.Join(said, "\n"), " warning ")
		if got != want {
			t.Errorf("%s: %d fields became %d items", name, want, got)
		}
	}
}

// endless is a file of n lines.
type endless struct {
	line string
	left int
	rest string
}

func (e *endless) Read(p []byte) (int, error) {
	for e.rest == "" {
		if e.left == 0 {
			return 0, io.EOF
		}
		e.left--
		e.rest = e.line
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

func TestHostileFiles(t *testing.T) {
	for name, file := range map[string]io.Reader{
		"a text of many lines": &endless{"free text\n", 200_000, paper(":61:240105C12,50NTRF\n:86:")},
		"many texts":           &endless{":86:free text\n", 200_000, paper(":61:240105C12,50NTRF\n")},
		"a line of 20 MB":      &endless{"xxxxxxxxxxxxxxxx", 20 << 16, paper(":61:240105C12,50NTRF\n:86:")},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			var said []string
			runtime.GC()
			runtime.ReadMemStats(&before)
			err := Read(file, register(t), func(item domain.Item) error {
				if _, noise := item.(domain.Noise); !noise {
					said = append(said, show(item))
				}
				return nil
			})
			runtime.GC()
			runtime.ReadMemStats(&after)
			if err != nil || !strings.Contains(strings.Join(said, "\n"), "12.50 EUR") {
				t.Errorf("%v %.2000v", err, said)
			}
			if after.HeapAlloc > before.HeapAlloc+16<<20 {
				t.Errorf("%d bytes stay alive", after.HeapAlloc-before.HeapAlloc)
			}
		})
	}
}

func TestATextBeyondTheLimitIsSaid(t *testing.T) {
	at, beyond := strings.Repeat("x", maxField), strings.Repeat("x", maxField+1)
	becomes(t, paper(":61:240105C12,50NTRF\n:86:"+at+"\n"), "12.50 EUR", "!longer than clew reads")
	becomes(t, paper(":61:240105C12,50NTRF\n:86:"+beyond+"\n"), "12.50 EUR", "longer than clew reads")
	becomes(t, paper(strings.Repeat("y", lines.Limit+1)+"\n:61:240105C12,50NTRF\n"), "reject line", "12.50 EUR")
}

func TestOtherEncodingsAreReadAsText(t *testing.T) {
	becomes(t, paper(":61:240105C12,50NTRF\n:86:Gr\xfc\xdfe\n"), "note=Grüße")
	becomes(t, "\xef\xbb\xbf"+paper(":61:240105C12,50NTRF\n"), "12.50 EUR", "1 noise")
}

func TestErrorsAreTold(t *testing.T) {
	for _, text := range []string{"", "hello\n", "1\n2\n3\n"} {
		if _, err := read(t, text, register(t)); err == nil || domain.ClassOf(err) != domain.ClassUsage {
			t.Errorf("%q: %v", text, err)
		}
	}
	full := errors.New("disk full")
	if err := Read(strings.NewReader(paper("")), register(t), func(domain.Item) error { return full }); !errors.Is(err, full) {
		t.Error(err)
	}
	if err := Read(io.MultiReader(strings.NewReader(paper("")), failing{full}), register(t), func(domain.Item) error { return nil }); !errors.Is(err, full) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestDetect(t *testing.T) {
	for _, name := range samples(t) {
		text, _ := os.ReadFile(name)
		base := filepath.Base(name)
		bare := base == "empty_non_swift.sta" || base == "invalid_statement.sta" || base == "account_identification.sta"
		if got := Detect(text, name) >= 80; got == bare {
			t.Errorf("%s: %v", base, got)
		}
	}
	mt103 := "{1:F01A}{2:O1031612}{4:\n:20:1\n:23B:CRED\n:32A:190425USD3700,\n-}"
	if Detect([]byte(mt103), "x.rje") != 0 || Detect([]byte("date,amount\n"), "x.sta") != 0 {
		t.Error("something else is taken for a statement")
	}
}

// FuzzRead asks that nothing makes the reader panic, that what it gives is
// well formed, and that it gives the same again.
func FuzzRead(f *testing.F) {
	for _, name := range samples(f) {
		if text, err := os.ReadFile(name); err == nil {
			f.Add(text)
		}
	}
	options := register(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		first, again := readWhole(t, file, options), readWhole(t, file, options)
		if first != again {
			t.Errorf("two readings differ:\n%v\n%v", first, again)
		}
	})
}

func readWhole(t *testing.T, file []byte, options domain.ReadOptions) string {
	var said []string
	err := Read(strings.NewReader(string(file)), options, func(item domain.Item) error {
		if row, ok := item.(domain.Row); ok {
			if m := row.Movement; m.When.IsZero() || !m.Amount.Given() || m.Evidence.Line < 1 || m.Source == "" {
				t.Errorf("half a row: %+v", m)
			}
		}
		said = append(said, show(item))
		return nil
	})
	return fmt.Sprint(said, err)
}
