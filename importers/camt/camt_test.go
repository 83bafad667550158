package camt

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"clew/domain"
	"clew/importers/tokens"
)

const own, other = "NL91ABNA0417164300", "DE89370400440532013000"

// message wraps the parts of one statement of own, version 8.
func wrapped(parts string) string {
	return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId></GrpHdr>
<Stmt><Id>S1</Id><Acct><Id><IBAN>` + own + `</IBAN></Id></Acct>
` + parts + `</Stmt></BkToCstmrStmt></Document>`
}

func bal(code, direction, amount, day string) string {
	return `<Bal><Tp><CdOrPrtry><Cd>` + code + `</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">` + amount + `</Amt><CdtDbtInd>` + direction + `</CdtDbtInd><Dt><Dt>` + day + `</Dt></Dt></Bal>
`
}

// ntry is an entry of 5 January with more elements of its own.
func ntry(direction, amount, more string) string {
	return `<Ntry><Amt Ccy="EUR">` + amount + `</Amt><CdtDbtInd>` + direction + `</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2024-01-05</Dt></BookgDt>` + more + `</Ntry>
`
}

func payment(parts string) string { return `<NtryDtls><TxDtls>` + parts + `</TxDtls></NtryDtls>` }

func parties(debtor, creditor string) string {
	text := "<RltdPties>"
	if debtor != "" {
		text += "<DbtrAcct><Id><IBAN>" + debtor + "</IBAN></Id></DbtrAcct>"
	}
	if creditor != "" {
		text += "<CdtrAcct><Id><IBAN>" + creditor + "</IBAN></Id></CdtrAcct>"
	}
	return text + "</RltdPties>"
}

// becomes checks that the parts of a statement become rows and warnings that
// contain each of the wanted texts.
func becomes(t *testing.T, parts string, want ...string) {
	t.Helper()
	said, err := read(t, wrapped(parts), standard())
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

func TestAnEntryGoesTheWayTheStatementSays(t *testing.T) {
	becomes(t, ntry("CRDT", "8.85", payment(parties(other, own))), "transfer 2024-01-05 iban:"+other+" -> iban:"+own+" 8.85 EUR")
	becomes(t, ntry("DBIT", "8.85", payment(parties(own, other))), "transfer 2024-01-05 iban:"+own+" -> iban:"+other+" 8.85 EUR")
	becomes(t, ntry("DBIT", "8.85", ""), "iban:"+own+" -> ? 8.85")
	becomes(t, ntry("CRDT", "8.85", payment(parties("", own))), "? -> iban:"+own, "!warning entry")
}

func TestAReversalIsAReturn(t *testing.T) {
	reversal := "<RvslInd>true</RvslInd>"
	becomes(t, ntry("CRDT", "8.85", reversal+payment(parties(own, other))), "return 2024-01-05 iban:"+other+" -> iban:"+own)
	becomes(t, ntry("DBIT", "8.85", reversal+payment(parties(other, own))), "return 2024-01-05 iban:"+own+" -> iban:"+other)
	returned := "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"
	becomes(t, ntry("CRDT", "8.85", payment(parties(own, other)+returned)), "return 2024-01-05 iban:"+other+" -> iban:"+own)
	becomes(t, ntry("CRDT", "8.85", payment(parties(own, other))), "transfer 2024-01-05 iban:"+other, "the other way round")
}

func TestWhatIsNotBookedIsNoMovement(t *testing.T) {
	for _, status := range []string{"<Sts>PDNG</Sts>", "<Sts><Cd>PDNG</Cd></Sts>"} {
		text := strings.Replace(ntry("CRDT", "8.85", ""), "<Sts><Cd>BOOK</Cd></Sts>", status, 1)
		becomes(t, text, "noise", "1 entries with status PDNG", "!transfer")
	}
	becomes(t, strings.Replace(ntry("CRDT", "8.85", ""), "BOOK", "XXXX", 1), `reject status`, "XXXX", "!transfer")
	becomes(t, strings.Replace(ntry("CRDT", "8.85", ""), "<Cd>BOOK</Cd>", "<Prtry>MAYBE</Prtry>", 1), `reject status`, "MAYBE")
	becomes(t, strings.Replace(ntry("CRDT", "8.85", ""), "<Sts><Cd>BOOK</Cd></Sts>", "", 1), "transfer")
}

func TestABatchIsItsPaymentsWhereTheyAddUp(t *testing.T) {
	one := func(amount, creditor, id string) string {
		return `<TxDtls><Refs><EndToEndId>` + id + `</EndToEndId></Refs><Amt Ccy="EUR">` + amount + `</Amt><CdtDbtInd>DBIT</CdtDbtInd>` + parties("", creditor) + `</TxDtls>`
	}
	two := "<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>" + one("3.00", other, "A") + one("5.00", "FR1420041010050500013M02606", "B") + "</NtryDtls>"
	becomes(t, ntry("DBIT", "8.00", two), "-> iban:"+other+" 3.00 EUR ref=A page=entry 1, payment 1", "-> iban:FR1420041010050500013M02606 5.00 EUR ref=B", "!8.00")
	becomes(t, ntry("DBIT", "8.01", two), "-> ? 8.01 EUR page=entry 1", "batch of 2 payments", "!3.00 EUR ref")
	bad := strings.Replace(two, "FR14", "FR15", 1)
	becomes(t, ntry("DBIT", "8.00", bad), "-> iban:"+other+" 3.00", "reject account", "entry 1, payment 2")
}

func TestAnAmountWithoutTheStandardsElementIsFoundInVersionTwo(t *testing.T) {
	one := func(amount string) string {
		return `<TxDtls><AmtDtls><TxAmt><Amt Ccy="EUR">` + amount + `</Amt></TxAmt></AmtDtls></TxDtls>`
	}
	becomes(t, ntry("CRDT", "8.00", "<NtryDtls>"+one("3.00")+one("5.00")+"</NtryDtls>"), "3.00 EUR", "5.00 EUR", "payment 2", "!8.00")
}

func TestAPaymentInAnotherCurrencyIsSaid(t *testing.T) {
	details := `<AmtDtls><InstdAmt><Amt Ccy="USD">10.00</Amt><CcyXchg><XchgRate>1.13</XchgRate></CcyXchg></InstdAmt></AmtDtls>`
	becomes(t, ntry("DBIT", "8.85", payment(details)), "8.85 EUR", "10.00 USD (rate 1.13)", "what was booked is recorded")
	becomes(t, ntry("DBIT", "8.85", details), "10.00 USD (rate 1.13)")
	becomes(t, ntry("DBIT", "8.85", strings.ReplaceAll(payment(details), "USD", "EUR")), "!what was booked is recorded")
	becomes(t, ntry("DBIT", "8.85", payment(`<AmtDtls><TxAmt><Amt Ccy="EUR">9.00</Amt></TxAmt></AmtDtls>`)), "the payment states 9.00 EUR, but 8.85 EUR was booked")
}

func TestTheReferenceIsTheOneThatTravels(t *testing.T) {
	refs := func(more string) string { return payment("<Refs>" + more + "</Refs>") }
	becomes(t, ntry("CRDT", "1", refs("<EndToEndId>E1</EndToEndId><UETR>8a562c67-ca16-48ba-b074-65581be6f001</UETR>")), "ref=8a562c67-ca16-48ba-b074-65581be6f001")
	becomes(t, ntry("CRDT", "1", refs("<EndToEndId>E1</EndToEndId>")), "ref=E1")
	becomes(t, ntry("CRDT", "1", refs("<EndToEndId>NOTPROVIDED</EndToEndId><TxId>T1</TxId>")), "!ref=")
}

func TestTheRemittanceIsTheNoteAndNamesAreNot(t *testing.T) {
	more := `<RltdPties><Dbtr><Pty><Nm>Erika Muster</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>rent</Ustrd><Ustrd>January</Ustrd><Strd><CdtrRefInf><Ref>RF18</Ref></CdtrRefInf></Strd></RmtInf>`
	becomes(t, ntry("CRDT", "1", payment(more)), "note=rent January RF18", "!Muster")
}

func TestAMalformedEntryCostsItself(t *testing.T) {
	good := ntry("CRDT", "1.00", "")
	for name, c := range map[string][2]string{
		"finer than a cent":     {ntry("CRDT", "8.855", ""), "reject amount: amount \"8.855\" is finer"},
		"negative":              {ntry("CRDT", "-8.85", ""), "reject amount: is negative"},
		"no number":             {ntry("CRDT", "8,85", ""), "reject amount"},
		"unknown currency":      {strings.Replace(ntry("CRDT", "8.85", ""), "EUR", "ZZZ", 1), "reject asset: asset ZZZ is not in the register"},
		"no currency":           {strings.Replace(ntry("CRDT", "8.85", ""), ` Ccy="EUR"`, "", 1), "reject asset"},
		"no direction":          {ntry("", "8.85", ""), "reject direction"},
		"no such day":           {strings.Replace(ntry("CRDT", "8.85", ""), "2024-01-05", "2024-02-30", 1), "reject time"},
		"wrong check digits":    {ntry("CRDT", "8.85", payment(parties("DE88370400440532013000", ""))), "reject account"},
		"beyond 128 bits":       {ntry("CRDT", strings.Repeat("9", 40), ""), "reject amount"},
		"exponent":              {ntry("CRDT", "1e9", ""), "reject amount"},
		"a balance without sum": {bal("CLBD", "CRDT", "", "2024-01-05"), "reject amount"},
	} {
		t.Run(name, func(t *testing.T) {
			becomes(t, c[0]+good, c[1], "1.00 EUR")
		})
	}
}

func TestTheStatementMustBeWhole(t *testing.T) {
	balances := bal("OPBD", "CRDT", "10.00", "2024-01-04") + bal("CLBD", "DBIT", "2.00", "2024-01-05")
	becomes(t, balances+ntry("DBIT", "12.00", ""), "balance 2024-01-04 ? -> iban:"+own+" 10.00 EUR opens", "balance 2024-01-05 ? -> iban:"+own+" -2.00 EUR", "!warning")
	becomes(t, balances+ntry("DBIT", "52.00", ""), "gap 40.00 EUR")
	becomes(t, "<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries></TtlNtries></TxsSummry>"+balances+ntry("DBIT", "12.00", ""), "says that it has 2 entries, but it has 1")
	becomes(t, "<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>"+balances+ntry("DBIT", "12.00", ""), "import the pages after it")
	becomes(t, "<StmtPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></StmtPgntn>"+balances+ntry("DBIT", "12.00", ""), "import the pages before it")
}

func TestTimesAreInstantsOnlyWithAZone(t *testing.T) {
	at := func(text string) string {
		return strings.Replace(ntry("CRDT", "1", ""), "<Dt>2024-01-05</Dt>", text, 1)
	}
	becomes(t, at("<DtTm>2024-01-05T10:15:00+01:00</DtTm>"), "transfer 2024-01-05T09:15:00Z")
	becomes(t, at("<DtTm>2024-01-05T10:15:00</DtTm>")+at("<DtTm>2024-01-05T10:16:00</DtTm>"), "transfer 2024-01-05 ?", "times have no zone")
	becomes(t, at("<DtTm>2024-01-05T00:00:00+01:00</DtTm>"), "transfer 2024-01-05 ?", "!no zone")
	becomes(t, at("<DtTm>2024-01-05T00:00:00.000Z</DtTm>"), "transfer 2024-01-05 ?", "!no zone")
	becomes(t, at("<Dt>2024-01-05+01:00</Dt>"), "transfer 2024-01-05 ?")
	becomes(t, strings.Replace(ntry("CRDT", "1", "<ValDt><Dt>2024-01-06</Dt></ValDt>"), "<BookgDt><Dt>2024-01-05</Dt></BookgDt>", "", 1), "transfer 2024-01-06")
}

func TestEveryVersionIsReadByLocalNames(t *testing.T) {
	text := wrapped(bal("OPBD", "CRDT", "0.00", "2024-01-04") + ntry("CRDT", "8.85", payment(parties(other, ""))) + bal("CLBD", "CRDT", "8.85", "2024-01-05"))
	want, err := read(t, text, standard())
	if err != nil || len(want) != 3 {
		t.Fatalf("%v %v", want, err)
	}
	for version := 2; version <= 13; version++ {
		got, err := read(t, strings.Replace(text, "001.08", fmt.Sprintf("001.%02d", version), 1), standard())
		if err != nil || strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("version %d: %v %v", version, got, err)
		}
	}
	prefixed := strings.NewReplacer("</", "</c:", "<?", "<?", "<Document xmlns=", "<c:Document xmlns:c=", "<", "<c:").Replace(text)
	got, err := read(t, prefixed, standard())
	if err != nil || strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("with a prefix: %v %v", got, err)
	}
}

func TestEnvelopesAndSeveralMessages(t *testing.T) {
	bare := strings.TrimPrefix(wrapped(ntry("CRDT", "8.85", "")), `<?xml version="1.0" encoding="UTF-8"?>`)
	text := "<Saa:DataPDU xmlns:Saa='urn:swift:xsd:saa.mxs.01'><AppHdr><Fr><Id>X</Id></Fr></AppHdr>" + bare + bare + "</Saa:DataPDU>"
	said, err := read(t, text, standard())
	if err != nil || strings.Count(strings.Join(said, "\n"), "transfer") != 2 {
		t.Errorf("%v %v", said, err)
	}
}

func TestEncodings(t *testing.T) {
	text := wrapped(ntry("CRDT", "8.85", payment("<RmtInf><Ustrd>Grüße 5 €</Ustrd></RmtInf>")))
	latin, err := charmap.Windows1252.NewEncoder().String(strings.Replace(text, "UTF-8", "windows-1252", 1))
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.Replace(text, "UTF-8", "UTF-16", 1))
	if err != nil {
		t.Fatal(err)
	}
	for name, file := range map[string]string{"UTF-8": text, "with a byte order mark": "\xef\xbb\xbf" + text,
		"Windows-1252": latin, "ISO-8859-1": strings.Replace(latin, "windows-1252", "ISO-8859-1", 1), "UTF-16": wide} {
		said, err := read(t, file, standard())
		if err != nil || !strings.Contains(strings.Join(said, "\n"), "note=Grüße 5 €") {
			t.Errorf("%s: %v %v", name, said, err)
		}
		if Detect([]byte(file)[:min(len(file), 600)], "") < 95 {
			t.Errorf("%s is not recognised", name)
		}
	}
	if _, err := read(t, strings.Replace(text, "UTF-8", "EBCDIC-US", 1), standard()); err == nil || !strings.Contains(err.Error(), "EBCDIC-US") {
		t.Errorf("an unknown encoding: %v", err)
	}
}

func TestWhoTellsIt(t *testing.T) {
	options := standard()
	options.Source = "Example Bank"
	said, err := read(t, wrapped(ntry("CRDT", "1", "")), options)
	if err != nil || !strings.Contains(said[0], "source=Example Bank") {
		t.Errorf("%v %v", said, err)
	}
	noAccount := strings.Replace(wrapped(ntry("CRDT", "1", "")+bal("CLBD", "CRDT", "1", "2024-01-05")), own, "", 1)
	said, _ = read(t, noAccount, standard())
	if all := strings.Join(said, "\n"); strings.Count(all, "reject account") != 2 || !strings.Contains(all, "--account") {
		t.Error(all)
	}
	options.Account = "bank:7"
	said, _ = read(t, noAccount, options)
	if all := strings.Join(said, "\n"); !strings.Contains(all, "-> bank:7 1.00") {
		t.Error(all)
	}
	said, _ = read(t, wrapped(ntry("CRDT", "1", "")), options)
	if all := strings.Join(said, "\n"); !strings.Contains(all, "not of bank:7") || !strings.Contains(all, "-> iban:"+own) {
		t.Error(all)
	}
}

func TestAnOwnAccountThatIsNoIBANIsTakenAsItStands(t *testing.T) {
	said, _ := read(t, strings.Replace(wrapped(ntry("CRDT", "1", "")), own, "NL90ABNA0417164300", 1), standard())
	if all := strings.Join(said, "\n"); !strings.Contains(all, "no valid IBAN") || !strings.Contains(all, "-> bank:NL90ABNA0417164300 1.00") {
		t.Error(all)
	}
}

// What another program made of the same files must be in what we make of
// them: amount with direction, day, account and reference. (Of a message with
// two statements that program keeps only the last one's entries.)
func TestAgainstAnotherParser(t *testing.T) {
	names, _ := filepath.Glob("testdata/camt05[23]*.json")
	if len(names) < 10 {
		t.Fatalf("only %d results of the other parser", len(names))
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) { compare(t, name) })
	}
}

type theirs struct {
	GetEntries []struct {
		GetAmount struct {
			GetAmount   string
			GetCurrency struct{ GetCode string }
		}
		GetBookingDate map[string]string
		GetRecord      struct {
			GetAccount struct{ GetIdentification string }
		}
		GetTransactionDetail *struct {
			GetReference *struct{ GetEndToEndID *string }
		}
	}
}

func compare(t *testing.T, name string) {
	var their theirs
	text, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(text, &their)
	}
	if err != nil || len(their.GetEntries) == 0 {
		t.Fatalf("%v: %d entries", err, len(their.GetEntries))
	}
	ours := map[string]bool{}
	xml, err := os.Open(strings.TrimSuffix(name, ".json") + ".xml")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = xml.Close() }()
	err = Read(xml, standard(), func(item domain.Item) error {
		switch i := item.(type) {
		case domain.Row:
			ours[fact(i.Movement)] = true
		case domain.Reject:
			ours["rejected for its "+i.Field] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range their.GetEntries {
		want := fmt.Sprintf("iban:%s %s %s %s", e.GetRecord.GetAccount.GetIdentification, e.GetAmount.GetAmount, e.GetAmount.GetCurrency.GetCode, strings.TrimSuffix(strings.TrimSuffix(e.GetBookingDate["0"], "+00:00"), "T00:00:00"))
		if e.GetTransactionDetail != nil && e.GetTransactionDetail.GetReference != nil && e.GetTransactionDetail.GetReference.GetEndToEndID != nil {
			want += " " + *e.GetTransactionDetail.GetReference.GetEndToEndID
		}
		if e.GetBookingDate == nil {
			want = "rejected for its time"
		}
		if !ours[want] {
			t.Errorf("the other parser has %q, we have %v", want, ours)
		}
	}
}

// fact is a movement in the other parser's words: signed minor units.
func fact(m domain.Movement) string {
	account, units := m.To, m.Amount.Units.String()
	if strings.HasPrefix(string(m.From), "iban:CH2801234000123456789") || strings.HasPrefix(string(m.From), "iban:NL26VAYB8060476890") {
		account, units = m.From, "-"+units
	}
	text := fmt.Sprintf("%s %s %s %s", account, units, m.Amount.Asset.Code, strings.TrimSuffix(m.When.String(), "Z"))
	if m.Ref != "" {
		text += " " + m.Ref
	}
	return text
}

// repeated gives a text n times, between a head and a tail.
func repeated(head, text string, n int, tail string) io.Reader {
	readers := []io.Reader{strings.NewReader(head)}
	for range n {
		readers = append(readers, strings.NewReader(text))
	}
	return io.MultiReader(append(readers, strings.NewReader(tail))...)
}

func TestHostileFilesAreRefused(t *testing.T) {
	head, tail, _ := strings.Cut(wrapped("CUT"), "CUT")
	for name, c := range map[string]struct {
		file io.Reader
		want string
	}{
		"an entity bomb":    {strings.NewReader(`<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><Document><BkToCstmrStmt>&b;</BkToCstmrStmt></Document>`), "document type declaration"},
		"an outside entity": {strings.NewReader(`<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>`), "document type declaration"},
		"an unknown entity": {strings.NewReader(head + ntry("CRDT", "&b;", "") + tail), "damaged"},
		"a text of 100 MB":  {repeated(head+"<Ntry><Amt>", strings.Repeat("9", 1<<16), 1600, "</Amt></Ntry>"+tail), "more than 1048576 bytes"},
		"a tag of 100 MB":   {repeated(head+"<Ntry ", strings.Repeat("a", 1<<16), 1600, "='1'/>"+tail), "more than 1048576 bytes"},
		"a deep file":       {repeated(head, "<a>", tokens.MaxDepth, ""), "nested more than 64 deep"},
		"many attributes":   {strings.NewReader(head + "<Ntry" + attributes(tokens.MaxAttributes+1) + "/>" + tail), "more than 32 attributes"},
		"cut off":           {strings.NewReader(head + ntry("CRDT", "1", "") + "<Ntry><Amt"), "damaged"},
		"ends inside":       {strings.NewReader(head + ntry("CRDT", "1", "")), "damaged"},
		"empty":             {strings.NewReader(""), "holds no account statement"},
		"something else":    {strings.NewReader("<html><body>Please log in</body></html>"), "holds no account statement"},
		"no XML":            {strings.NewReader("Date,Amount\n"), "holds no account statement"},
	} {
		t.Run(name, func(t *testing.T) {
			err := Read(c.file, standard(), func(domain.Item) error { return nil })
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func attributes(n int) string {
	var text strings.Builder
	for i := range n {
		fmt.Fprintf(&text, " a%d='1'", i)
	}
	return text.String()
}

func TestAtTheLimitsAFileIsRead(t *testing.T) {
	deep := strings.Repeat("<a>", tokens.MaxDepth-3) + strings.Repeat("</a>", tokens.MaxDepth-3)
	if said, err := read(t, wrapped(deep+"<x"+attributes(tokens.MaxAttributes)+"/>"+ntry("CRDT", "1", "")), standard()); err != nil || !strings.Contains(strings.Join(said, ""), "transfer") {
		t.Errorf("%v %v", said, err)
	}
	long := strings.Repeat("x", tokens.MaxToken-2*4096)
	if said, err := read(t, wrapped("<AddtlStmtInf>"+long+"</AddtlStmtInf>"+ntry("CRDT", "1", "")), standard()); err != nil || len(said) == 0 {
		t.Errorf("%v %v", said, err)
	}
}

func TestAnEntryTooLargeCostsItself(t *testing.T) {
	huge := "<CardTx>" + strings.Repeat("<X>y</X>", maxNodes+1) + "</CardTx>"
	becomes(t, ntry("CRDT", "8.85", huge)+ntry("CRDT", "1.00", ""), "larger than any entry", "1.00 EUR")
	becomes(t, ntry("CRDT", "8.85", payment(parties(other, "")+huge))+ntry("CRDT", "1.00", ""), "8.85 EUR", "larger than any that clew reads whole", "1.00 EUR")
}

func TestABatchBeyondTheLimitIsOneMovement(t *testing.T) {
	for n, want := range map[int]string{maxDetails: "payment 100000", maxDetails + 1: "a batch of 100001 payments"} {
		file := repeated(strings.Split(wrapped("CUT"), "CUT")[0]+"<Ntry><Amt Ccy='EUR'>"+fmt.Sprint(n)+"</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2024-01-05</Dt></BookgDt><NtryDtls>",
			"<TxDtls><Amt Ccy='EUR'>1</Amt></TxDtls>", n, "</NtryDtls></Ntry>"+strings.Split(wrapped("CUT"), "CUT")[1])
		found := false
		err := Read(file, standard(), func(item domain.Item) error {
			found = found || strings.Contains(show(item), want)
			return nil
		})
		if err != nil || !found {
			t.Errorf("%d payments: %v, %q was not said", n, err, want)
		}
	}
}

// What is alive at once does not grow with the file: ten times the entries,
// about the same heap.
func TestMemoryIsFlat(t *testing.T) {
	head, tail, _ := strings.Cut(wrapped("CUT"), "CUT")
	one := ntry("CRDT", "8.85", payment(parties(other, "")))
	alive := func(n int) uint64 {
		most, rows := uint64(0), 0
		err := Read(repeated(head, one, n, tail), standard(), func(item domain.Item) error {
			if _, ok := item.(domain.Row); ok {
				rows++
			}
			if rows == n-1 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
			return nil
		})
		if err != nil || rows != n {
			t.Fatalf("%d rows of %d: %v", rows, n, err)
		}
		return most
	}
	// The readers that make up the file cost 32 bytes and more an entry.
	if small, large := alive(2_000), alive(20_000); large > small+8<<20 {
		t.Errorf("%d bytes are alive after 2,000 entries and %d after 20,000", small, large)
	}
}

func TestAnErrorOfTheReaderIsPassedOn(t *testing.T) {
	full := fmt.Errorf("disk full")
	if err := Read(strings.NewReader(wrapped(ntry("CRDT", "1", ""))), standard(), func(domain.Item) error { return full }); err != full {
		t.Error(err)
	}
	broken := io.MultiReader(strings.NewReader(wrapped("")[:200]), failing{full})
	if err := Read(broken, standard(), func(domain.Item) error { return nil }); err != full {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestDetect(t *testing.T) {
	for text, want := range map[string]bool{
		wrapped(""): true,
		"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.052.001.02'>": true,
		"<x:Document><x:BkToCstmrDbtCdtNtfctn>":                             true,
		"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pacs.008.001.08'>": false,
		"date,text\n1,see camt.053":                                         false,
		"":                                                                  false,
		"<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.056.001.08'><FIToFIPmtCxlReq>...": false,
	} {
		if got := Detect([]byte(text), "file.xml") >= 95; got != want {
			t.Errorf("%.60q: %v", text, got)
		}
	}
}

// FuzzRead asks that nothing makes the reader panic, that what it gives is
// well formed, and that it gives the same again.
func FuzzRead(f *testing.F) {
	names, _ := filepath.Glob("testdata/*.xml")
	for _, name := range names {
		if text, err := os.ReadFile(name); err == nil {
			f.Add(text)
		}
	}
	f.Add([]byte(wrapped(ntry("CRDT", "1.00", payment(parties(other, own))))))
	options := standard()
	f.Fuzz(func(t *testing.T, file []byte) {
		first, err := readWhole(t, file, options)
		again, errAgain := readWhole(t, file, options)
		if strings.Join(first, "\n") != strings.Join(again, "\n") || (err == nil) != (errAgain == nil) {
			t.Errorf("two readings differ:\n%v\n%v", first, again)
		}
	})
}

func readWhole(t *testing.T, file []byte, options domain.ReadOptions) (said []string, err error) {
	err = Read(strings.NewReader(string(file)), options, func(item domain.Item) error {
		if row, ok := item.(domain.Row); ok {
			if m := row.Movement; m.When.IsZero() || !m.Amount.Given() || m.Evidence.Line < 1 || m.Source == "" {
				t.Errorf("half a row: %+v", m)
			}
		}
		said = append(said, show(item))
		return nil
	})
	return said, err
}
