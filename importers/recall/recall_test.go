package recall

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"clew/domain"
)

var update = flag.Bool("update", false, "rewrite what the samples are read as")

// answers reads a text to its end.
func answers(text string) (list []domain.RecallAnswer, err error) {
	err = Read(strings.NewReader(text), domain.StandardAssets(), func(a domain.RecallAnswer) error {
		list = append(list, a)
		return nil
	})
	return list, err
}

// only reads a text that holds one answer.
func only(t *testing.T, text string) domain.RecallAnswer {
	t.Helper()
	list, err := answers(text)
	if err != nil || len(list) != 1 {
		t.Fatalf("%d answers, %v", len(list), err)
	}
	return list[0]
}

// resolved is a camt.029 with a status and the parts of its details.
func resolved(status, details string) string {
	return `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.029.001.09"><RsltnOfInvstgtn>
<Assgnmt><Id>A1</Id><Assgnr><Agt><FinInstnId><BICFI>INVNDEFF</BICFI></FinInstnId></Agt></Assgnr><Assgne><Agt><FinInstnId/></Agt></Assgne><CreDtTm>2026-03-05T10:00:00Z</CreDtTm></Assgnmt>
<RslvdCase><Id>C1/F1</Id><Cretr><Agt><FinInstnId/></Agt></Cretr></RslvdCase>
<Sts><Conf>` + status + `</Conf></Sts>` + details + `</RsltnOfInvstgtn></Document>`
}

func returned(payment string) string {
	return `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pacs.004.001.10"><PmtRtr>
<GrpHdr><MsgId>R1</MsgId><CreDtTm>2026-03-05T10:00:00</CreDtTm><NbOfTxs>1</NbOfTxs><IntrBkSttlmDt>2026-03-06</IntrBkSttlmDt></GrpHdr>` + payment + `</PmtRtr></Document>`
}

// Every sample is read as its .json says, which was compared with the file by
// eye; and what is printed there is what was written in the file.
func TestTheSamplesAreReadAsTheyStand(t *testing.T) {
	names, err := filepath.Glob("testdata/*.xml")
	if err != nil || len(names) != 6 {
		t.Fatalf("%d samples, %v", len(names), err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got, err := json.MarshalIndent(only(t, string(text)), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden := strings.TrimSuffix(name, ".xml") + ".json"
		if *update {
			if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil || string(want) != string(got)+"\n" {
			t.Errorf("%s is read as\n%s", name, got)
		}
		comesFrom(t, name, string(text), only(t, string(text)))
	}
}

// comesFrom checks that each field of an answer stands in the file.
func comesFrom(t *testing.T, name, text string, a domain.RecallAnswer) {
	t.Helper()
	fields := append([]string{a.Status, a.MessageID, a.Case, a.OriginalID, a.InstructionID, a.EndToEnd, a.TransactionID, a.UETR, a.From, a.ReturnID, a.Text}, a.Codes...)
	if a.Returned != nil {
		fields = append(fields, fmt.Sprintf(`Ccy="%s">%s<`, a.Returned.Asset.Code, a.Returned))
	}
	for _, field := range fields {
		if !strings.Contains(text, field) {
			t.Errorf("%s: %q does not stand in it", name, field)
		}
	}
	if len(a.Warnings) > 0 || a.UETR == "" || a.EndToEnd == "" || a.At.IsZero() {
		t.Errorf("%s: %+v", name, a)
	}
}

func TestTheStatusIsTheOutcome(t *testing.T) {
	for status, want := range map[string]domain.RecallOutcome{
		"CNCL": domain.RecallAccepted, "PECR": domain.RecallAccepted, "RJCR": domain.RecallRejected,
		"PDCR": domain.RecallPending, "MODI": domain.RecallUnclear, "": domain.RecallUnclear,
	} {
		a := only(t, resolved(status, ""))
		if a.Outcome != want || a.Status != status || a.Case != "C1/F1" || a.From != "INVNDEFF" {
			t.Errorf("%s: %+v", status, a)
		}
	}
}

func TestAPaymentsOwnWordCountsMore(t *testing.T) {
	list, err := answers(resolved("PDCR", `<CxlDtls>
<OrgnlGrpInfAndSts><OrgnlGrpCxlId>G1</OrgnlGrpCxlId><OrgnlMsgId>M1</OrgnlMsgId><OrgnlMsgNmId>pacs.008</OrgnlMsgNmId><GrpCxlSts>PACR</GrpCxlSts><CxlStsRsnInf><Rsn><Cd>NARR</Cd></Rsn><AddtlInf>group</AddtlInf></CxlStsRsnInf></OrgnlGrpInfAndSts>
<TxInfAndSts><RslvdCase><Id>C2/F2</Id></RslvdCase><OrgnlEndToEndId>E1</OrgnlEndToEndId><TxCxlSts>RJCR</TxCxlSts><CxlStsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>one</AddtlInf><AddtlInf>two</AddtlInf></CxlStsRsnInf></TxInfAndSts>
<TxInfAndSts><OrgnlEndToEndId>E2</OrgnlEndToEndId></TxInfAndSts></CxlDtls>`))
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	one, two := list[0], list[1]
	if one.Case != "C2/F2" || one.Outcome != domain.RecallRejected || one.Codes[0] != "AC04" || one.Text != "one\ntwo" || one.CancellationID != "G1" || one.OriginalID != "M1" {
		t.Errorf("%+v", one)
	}
	if two.Case != "C1/F1" || two.Status != "PACR" || two.Codes[0] != "NARR" || two.Text != "group" || two.EndToEnd != "E2" {
		t.Errorf("%+v", two)
	}
}

func TestPaymentsBelowAnInstructionKeepToIt(t *testing.T) {
	list, err := answers(resolved("CNCL", `<CxlDtls>
<OrgnlPmtInfAndSts><OrgnlPmtInfCxlId>P1</OrgnlPmtInfCxlId><RslvdCase><Id>X</Id></RslvdCase><OrgnlPmtInfId>I</OrgnlPmtInfId><PmtInfCxlSts>RJCR</PmtInfCxlSts><CxlStsRsnInf><Rsn><Prtry>HOUSE</Prtry></Rsn></CxlStsRsnInf><TxInfAndSts><OrgnlEndToEndId>E1</OrgnlEndToEndId></TxInfAndSts></OrgnlPmtInfAndSts>
<OrgnlPmtInfAndSts><OrgnlPmtInfId>J</OrgnlPmtInfId></OrgnlPmtInfAndSts>
<TxInfAndSts><OrgnlEndToEndId>E2</OrgnlEndToEndId></TxInfAndSts></CxlDtls>`))
	if err != nil || len(list) != 3 {
		t.Fatal(list, err)
	}
	for i, want := range []string{"X P1 rejected HOUSE E1", "C1/F1  accepted  ", "C1/F1  accepted  E2"} {
		a := list[i]
		if got := fmt.Sprintf("%s %s %s %s %s", a.Case, a.CancellationID, a.Outcome, strings.Join(a.Codes, ","), a.EndToEnd); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAReturnSaysWhatComesBack(t *testing.T) {
	a := only(t, returned(`<TxInf><RtrId>R7</RtrId><OrgnlUETR>8A562C67-CA16-48BA-B074-65581BE6F011</OrgnlUETR><OrgnlIntrBkSttlmAmt Ccy="EUR">500.00</OrgnlIntrBkSttlmAmt><OrgnlIntrBkSttlmDt>2026-03-01</OrgnlIntrBkSttlmDt><RtrdIntrBkSttlmAmt Ccy="EUR">485</RtrdIntrBkSttlmAmt><RtrRsnInf><Rsn><Cd>FOCR</Cd></Rsn></RtrRsnInf></TxInf>`))
	if a.Outcome != domain.RecallReturned || a.Returned.String() != "485.00" || a.Amount.String() != "500.00" || !a.Partial() {
		t.Errorf("%+v", a)
	}
	if a.ReturnedOn.String() != "2026-03-06" || a.SettledOn.String() != "2026-03-01" || a.At.String() != "2026-03-05" || a.ReturnID != "R7" || a.UETR != "8a562c67-ca16-48ba-b074-65581be6f011" {
		t.Errorf("%+v", a)
	}
}

func TestAWholeGroupThatIsReturnedIsNotLost(t *testing.T) {
	if a := only(t, returned(`<OrgnlGrpInf><OrgnlMsgId>M9</OrgnlMsgId><RtrRsnInf><Rsn><Cd>DUPL</Cd></Rsn></RtrRsnInf></OrgnlGrpInf>`)); a.OriginalID != "M9" || a.Codes[0] != "DUPL" || a.Returned != nil {
		t.Errorf("%+v", a)
	}
}

func TestAResolutionMayTellTheReturn(t *testing.T) {
	a := only(t, resolved("CNCL", `<CxlDtls><TxInfAndSts><RsltnRltdInf><IntrBkSttlmAmt Ccy="JPY">7</IntrBkSttlmAmt><IntrBkSttlmDt>2026-03-09Z</IntrBkSttlmDt></RsltnRltdInf></TxInfAndSts></CxlDtls>`))
	if a.Outcome != domain.RecallAccepted || a.Returned.String() != "7" || a.ReturnedOn.String() != "2026-03-09" {
		t.Errorf("%+v", a)
	}
}

// What cannot be read costs itself and is said.
func TestABadFieldCostsItself(t *testing.T) {
	for part, want := range map[string]string{
		`<RtrdIntrBkSttlmAmt Ccy="EUR">1.005</RtrdIntrBkSttlmAmt>`:                  "finer than the smallest unit",
		`<RtrdIntrBkSttlmAmt Ccy="EUR">1e5</RtrdIntrBkSttlmAmt>`:                    "exponent",
		`<RtrdIntrBkSttlmAmt Ccy="EUR">-1</RtrdIntrBkSttlmAmt>`:                     "below nothing",
		`<RtrdIntrBkSttlmAmt>5</RtrdIntrBkSttlmAmt>`:                                "not a name clew knows",
		`<OrgnlIntrBkSttlmDt>soon</OrgnlIntrBkSttlmDt>`:                             `"soon" is no date`,
		`<OrgnlUETR>8a56` + "\u200b" + `2c67</OrgnlUETR>`:                           "invisible character",
		`<OrgnlTxId>` + strings.Repeat("x", domain.MaxReference+1) + `</OrgnlTxId>`: "more than 256",
	} {
		a := only(t, returned("<TxInf><OrgnlEndToEndId>E1</OrgnlEndToEndId>"+part+"</TxInf>"))
		if a.EndToEnd != "E1" || len(a.Warnings) != 1 || !strings.Contains(a.Warnings[0], want) || !strings.HasPrefix(a.Warnings[0], "line 2:") {
			t.Errorf("%s: %q", part, a.Warnings)
		}
	}
}

func TestEnvelopesAreSeenThrough(t *testing.T) {
	bare := resolved("CNCL", "")
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(bare)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"header":   `<Message><AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.03"><Fr/></AppHdr>` + bare + `</Message>`,
		"prefixed": `<x:M xmlns:x="urn:x"><c:RsltnOfInvstgtn xmlns:c="urn:iso:std:iso:20022:tech:xsd:camt.029.001.03"><c:RslvdCase><c:Id>C1/F1</c:Id></c:RslvdCase></c:RsltnOfInvstgtn></x:M>`,
		"nameless": `<RsltnOfInvstgtn><RslvdCase><Id>C1/F1</Id></RslvdCase></RsltnOfInvstgtn>`,
		"wide":     wide,
	} {
		if a := only(t, text); a.Case != "C1/F1" || !strings.HasPrefix(a.Message, "camt.029") {
			t.Errorf("%s: %+v", name, a)
		}
		if Detect([]byte(text), "x.xml") == 0 {
			t.Errorf("%s is not recognised", name)
		}
	}
	two, err := answers("<Batch>" + bare + bare + "</Batch>")
	if err != nil || len(two) != 2 {
		t.Error(two, err)
	}
}

func TestWhatIsNoAnswerIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"/>`: "no answer to a recall",
		``: "no answer to a recall",
		`<!DOCTYPE a [<!ENTITY b "c">]><PmtRtr>&b;</PmtRtr>`:                        "document type declaration",
		`<PmtRtr><TxInf><OrgnlTxId>`:                                                "damaged",
		strings.Repeat("<a>", 65):                                                   "nested more than 64",
		`<PmtRtr><TxInf><A>` + strings.Repeat("x", 2<<20) + `</A></TxInf></PmtRtr>`: "more than 1048576 bytes",
	} {
		if _, err := answers(text); err == nil || domain.ClassOf(err) != domain.ClassUsage || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v", text, err)
		}
		if strings.Contains(text, "camt.053") && Detect([]byte(text), "") != 0 {
			t.Error("a statement is taken for an answer")
		}
	}
}

// One text more than is kept is said, and what was kept stands.
func TestAPaymentBeyondTheBoundsIsSaid(t *testing.T) {
	payment := func(n int) string {
		return "<TxInf><OrgnlTxId>T</OrgnlTxId>" + strings.Repeat("<A>x</A>", n-1) + "</TxInf>"
	}
	if a := only(t, returned(payment(maxTexts))); len(a.Warnings) != 0 {
		t.Error(a.Warnings)
	}
	if a := only(t, returned(payment(maxTexts+1))); a.TransactionID != "T" || len(a.Warnings) != 1 || !strings.Contains(a.Warnings[0], "beyond what clew keeps") {
		t.Errorf("%+v", a)
	}
	header := strings.Replace(returned("<TxInf/>"), "<MsgId>", strings.Repeat("<A>x</A>", maxTexts)+"<MsgId>", 1)
	if a := only(t, header); len(a.Warnings) != 1 || !strings.Contains(a.Warnings[0], "GrpHdr") {
		t.Errorf("%+v", a)
	}
	words := "<TxInf><RtrRsnInf>" + strings.Repeat("<AddtlInf>"+strings.Repeat("ü", 70)+"</AddtlInf>", 100) + "</RtrRsnInf></TxInf>"
	if a := only(t, returned(words)); len(a.Text) > maxWords || !strings.HasSuffix(a.Text, "ü") {
		t.Errorf("%d bytes of words, ending in %q", len(a.Text), a.Text[len(a.Text)-3:])
	}
}

func TestAnErrorOfTheTakerStops(t *testing.T) {
	full := errors.New("no more")
	err := Read(strings.NewReader(resolved("CNCL", "")), domain.StandardAssets(), func(domain.RecallAnswer) error { return full })
	if !errors.Is(err, full) {
		t.Error(err)
	}
}

// Whatever a bank writes into the fields is what is read.
func TestWhatIsWrittenIsRead(t *testing.T) {
	name := rapid.StringMatching(`[A-Za-z0-9/?:().,'+-]{1,35}`)
	rapid.Check(t, func(t *rapid.T) {
		want := domain.RecallAnswer{
			EndToEnd: name.Draw(t, "e2e"), TransactionID: name.Draw(t, "tx"), InstructionID: name.Draw(t, "instruction"), OriginalID: name.Draw(t, "message"), ReturnID: name.Draw(t, "return"),
		}
		units := domain.NewUnits(rapid.Int64Range(0, 1<<50).Draw(t, "units"))
		amount := domain.Amount{Units: units, Asset: domain.Asset{Code: "EUR", Digits: 2}}
		list, err := answers(returned(fmt.Sprintf(`<TxInf><RtrId>%s</RtrId><OrgnlGrpInf><OrgnlMsgId>%s</OrgnlMsgId></OrgnlGrpInf><OrgnlInstrId>%s</OrgnlInstrId><OrgnlEndToEndId>%s</OrgnlEndToEndId><OrgnlTxId>%s</OrgnlTxId><RtrdIntrBkSttlmAmt Ccy="EUR">%s</RtrdIntrBkSttlmAmt></TxInf>`,
			want.ReturnID, want.OriginalID, want.InstructionID, want.EndToEnd, want.TransactionID, amount)))
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		got := list[0]
		if got.EndToEnd != want.EndToEnd || got.TransactionID != want.TransactionID || got.InstructionID != want.InstructionID || got.OriginalID != want.OriginalID || got.ReturnID != want.ReturnID || *got.Returned != amount {
			t.Fatalf("%+v", got)
		}
	})
}

// No file makes the reader panic, and every answer of a file that it reads to
// its end can be recorded.
func FuzzRead(f *testing.F) {
	// Short seeds: the fuzzer spends its time on shortening long ones.
	f.Add("<RsltnOfInvstgtn><RslvdCase><Id>C</Id></RslvdCase><Sts><Conf>RJCR</Conf></Sts><CxlDtls><TxInfAndSts><OrgnlUETR>8a56</OrgnlUETR></TxInfAndSts></CxlDtls></RsltnOfInvstgtn>")
	f.Add("<PmtRtr><GrpHdr><CreDtTm>2026-03-05T10:00:00</CreDtTm></GrpHdr><TxInf><RtrRsnInf><Rsn><Cd>FOCR</Cd></Rsn></RtrRsnInf></TxInf></PmtRtr>")
	f.Add(`<PmtRtr><TxInf><RtrdIntrBkSttlmAmt Ccy="EUR">1</RtrdIntrBkSttlmAmt></TxInf></PmtRtr>`)
	f.Add("<PmtRtr/><RsltnOfInvstgtn><CxlDtls><OrgnlPmtInfAndSts/></CxlDtls></RsltnOfInvstgtn>")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := answers(text)
		if err == nil && len(list) == 0 {
			t.Error("a file of answers has none")
		}
		for _, a := range list {
			if _, err := json.Marshal(a); err != nil {
				t.Error(err)
			}
			for _, id := range []string{a.Case, a.CancellationID, a.UETR, a.EndToEnd, a.TransactionID, a.OriginalID} {
				if _, err := domain.ParseReference("id", id); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
