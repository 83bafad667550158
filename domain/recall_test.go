package domain

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var euro = Asset{"EUR", 2}

func cents(n int64) *Amount { return &Amount{NewUnits(n), euro} }

// recalled is a submitted recall of 500.00 EUR that names everything.
func recalled(id FreezeID) *Freeze {
	return &Freeze{State: StateSubmitted, Request: FreezeRequested{
		Freeze: id, Asset: "EUR", Digits: 2, Scope: ScopePayment, Amount: cents(500_00),
		Wire: &Wire{Originator: "home", UETR: "8a562c67-ca16-48ba-b074-65581be6f011", EndToEnd: "E1", TransactionID: "T1", MessageID: "M1", Amount: cents(500_00), SettledOn: Date(2026, 3, 1)},
	}}
}

// refused is a rejection that names the payment fully.
func refused(codes ...string) RecallAnswer {
	return RecallAnswer{
		Outcome: RecallRejected, Status: "RJCR", Codes: codes, Message: "camt.029.001.09", MessageID: "A1", From: "INVNDEFF", At: Instant(time.Date(2026, 3, 5, 10, 0, 0, 0, time.UTC)),
		UETR: "8a562c67-ca16-48ba-b074-65581be6f011", EndToEnd: "E1", TransactionID: "T1", OriginalID: "M1", Amount: cents(500_00), SettledOn: Date(2026, 3, 1),
	}
}

func returnedSum(cts int64) RecallAnswer {
	a := refused("FOCR")
	a.Outcome, a.Status, a.Returned, a.ReturnedOn = RecallReturned, "", cents(cts), Date(2026, 3, 6)
	return a
}

func matchOne(a RecallAnswer, open ...OpenRecall) RecallMatch {
	return MatchRecalls([]RecallAnswer{a}, open)[0]
}

// Each code of a camt.029 comes to a step of the freeze, by the status it
// stands under.
func TestEveryReasonComesToAStep(t *testing.T) {
	for _, row := range strings.Split(strings.TrimSpace(`
AC04 answer already_empty | acknowledge
ADAC reject               | acknowledge consent_pending
AGNT reject               | acknowledge
AM04 answer already_empty | acknowledge
ARDT answer already_empty | acknowledge
ARPL reject               | acknowledge
CUST reject               | acknowledge
IDMN acknowledge indemnity_required | acknowledge indemnity_required
INDM acknowledge indemnity_required | acknowledge indemnity_required
LEGL reject               | acknowledge
NARR reject               | acknowledge
NOAS reject               | acknowledge consent_pending
NOOR answer out_of_scope  | acknowledge
PTNA acknowledge passed_on | acknowledge passed_on
RQDA reject               | acknowledge consent_pending
RR04 reject               | acknowledge
WSEQ reject               | acknowledge`), "\n") {
		code, wants := row[:4], strings.Split(row[5:], "|")
		for i, outcome := range []RecallOutcome{RecallRejected, RecallPending} {
			a := refused(code)
			a.Outcome = outcome
			m := matchOne(a, OpenRecall{"C1", recalled("F1")})
			step := m.Choices[0].Step
			got := strings.TrimSpace(fmt.Sprintf("%s %s%s", step.Step, step.As, step.Answer))
			if got != strings.TrimSpace(wants[i]) || !m.Sure || len(m.Warnings) > 0 {
				t.Errorf("%s %s: %q, sure %t, %q", outcome, code, got, m.Sure, m.Warnings)
			}
			if reason, _ := FindRecallReason(code); !strings.Contains(step.Text+step.Note, reason.Meaning) {
				t.Errorf("%s: the step does not say why: %+v", code, step)
			}
		}
	}
	if len(RecallReasons()) != 17 {
		t.Errorf("%d reasons, and 17 are checked here", len(RecallReasons()))
	}
}

// What an answer comes to can be taken as a step, from submitted on.
func TestEveryStepOfAnAnswerCanBeTaken(t *testing.T) {
	answers := []RecallAnswer{returnedSum(500_00), returnedSum(1), {}}
	answers[2] = refused()
	answers[2].Outcome, answers[2].Status = RecallAccepted, "CNCL"
	for _, reason := range RecallReasons() {
		answers = append(answers, refused(reason.Code))
	}
	for _, a := range append(answers, refused(), refused("ZZZZ")) {
		file := NewCaseFile("C1")
		file.Opened, file.Freezes["F1"] = true, recalled("F1")
		m := matchOne(a, OpenRecall{"C1", file.Freezes["F1"]})
		if len(m.Choices) != 1 {
			t.Fatalf("%+v", m)
		}
		events, err := m.Choices[0].Step.Decide(file)
		if err != nil || len(events) != 1 {
			t.Errorf("%v: %v %v", a.Codes, events, err)
		}
	}
}

// A camt.029 announces money; only a pacs.004 brings it.
func TestAnAcceptedRecallReturnsNothingYet(t *testing.T) {
	a := refused()
	a.Outcome, a.Status, a.Returned = RecallAccepted, "CNCL", cents(500_00)
	step := matchOne(a, OpenRecall{"C1", recalled("F1")}).Choices[0].Step
	if step.Step != StepAnswer || step.Answer != AnswerMatched || step.Amount != nil || step.Note != "CNCL, announces 500.00 EUR" {
		t.Errorf("%+v", step)
	}
}

func TestAReturnIsAStepWithAmountAndRoute(t *testing.T) {
	for code, route := range map[string]Route{"FOCR": RouteRecall, "AC04": RouteRecall, "CUST": RouteConsent, "RR04": RouteAdministrative} {
		a := returnedSum(485_00)
		a.Codes = []string{code}
		m := matchOne(a, OpenRecall{"C1", recalled("F1")})
		step := m.Choices[0].Step
		if !m.Sure || step.Step != StepReturn || step.Amount.String() != "485.00" || step.Route != route || step.To != "home" || step.At != Date(2026, 3, 6) || step.Told != "camt.029.001.09 A1" {
			t.Errorf("%+v", m)
		}
		if !strings.Contains(strings.Join(m.Warnings, " "), "485.00 EUR come back of a payment that was more") {
			t.Errorf("a part is not said to be one: %q", m.Warnings)
		}
	}
}

// What makes a match sure and what does not. The wire of F1 names everything;
// each row changes the answer.
func TestTwoIdentifiersMustAgreeAndNothingDiffer(t *testing.T) {
	for _, tc := range []struct {
		name   string
		edit   func(*RecallAnswer)
		choice bool
		sure   bool
		warned string
	}{
		{"all agrees", func(*RecallAnswer) {}, true, true, ""},
		{"case and UETR", func(a *RecallAnswer) { *a = bare(*a); a.Case, a.UETR = "C1/F1", refused().UETR }, true, true, ""},
		{"UETR and amount", func(a *RecallAnswer) { *a = bare(*a); a.UETR, a.Amount = refused().UETR, cents(500_00) }, true, true, ""},
		{"UETR in capitals", func(a *RecallAnswer) { a.UETR = strings.ToUpper(a.UETR) }, true, true, ""},
		{"UETR alone", func(a *RecallAnswer) { *a = bare(*a); a.UETR = refused().UETR }, true, false, "agrees with freeze F1 of case C1 in UETR only"},
		{"UETR, message and day", func(a *RecallAnswer) {
			*a = bare(*a)
			a.UETR, a.OriginalID, a.SettledOn = refused().UETR, "M1", Date(2026, 3, 1)
		}, true, false, "not enough"},
		{"amount, message and day", func(a *RecallAnswer) {
			*a = bare(*a)
			a.Amount, a.OriginalID, a.SettledOn = cents(500_00), "M1", Date(2026, 3, 1)
		}, false, false, "No request fits"},
		{"another amount", func(a *RecallAnswer) { a.Amount = cents(500_01) }, true, false, "speaks against it: amount"},
		{"another end-to-end id", func(a *RecallAnswer) { a.EndToEnd = "E2" }, true, false, "against it: end-to-end id"},
		{"another transaction id", func(a *RecallAnswer) { a.TransactionID = "T2" }, true, false, "against it: transaction id"},
		{"another message", func(a *RecallAnswer) { a.OriginalID = "M2" }, true, false, "against it: message id"},
		{"another day", func(a *RecallAnswer) { a.SettledOn = Date(2026, 3, 2) }, true, false, "against it: settlement date"},
		{"another currency", func(a *RecallAnswer) { *a = returnedSum(1); a.Returned = &Amount{NewUnits(1), Asset{"USD", 2}} }, true, false, "against it: currency"},
		{"more than was paid", func(a *RecallAnswer) { *a = returnedSum(500_01); a.Amount = nil }, true, false, "against it: amount"},
		{"no time", func(a *RecallAnswer) { a.At = When{} }, true, false, "When it was answered"},
		{"no sum", func(a *RecallAnswer) { *a = returnedSum(1); a.Returned = nil }, true, false, "How much came back"},
		{"reasons that differ", func(a *RecallAnswer) { a.Codes = []string{"AM04", "CUST"} }, true, false, "come to different steps"},
		{"a reason nobody knows", func(a *RecallAnswer) { a.Codes = []string{"ZZZZ"} }, true, true, `"ZZZZ" is none that clew knows`},
		{"a status of something else", func(a *RecallAnswer) { a.Outcome, a.Status = RecallUnclear, "MODI" }, false, false, "nothing of a recall"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := refused("CUST")
			tc.edit(&a)
			m := matchOne(a, OpenRecall{"C1", recalled("F1")})
			warned := strings.Join(m.Warnings, " ")
			if tc.choice != (len(m.Choices) > 0) || tc.sure != m.Sure || !strings.Contains(warned, tc.warned) || tc.warned == "" && warned != "" {
				t.Errorf("%d choices, sure %t, %q", len(m.Choices), m.Sure, warned)
			}
		})
	}
}

// bare is an answer without anything that names the payment.
func bare(a RecallAnswer) RecallAnswer {
	return RecallAnswer{Outcome: a.Outcome, Status: a.Status, Codes: a.Codes, At: a.At}
}

func TestNotProvidedNamesNothing(t *testing.T) {
	f := recalled("F1")
	f.Request.Wire.EndToEnd = NotProvided
	a := bare(refused("CUST"))
	a.EndToEnd, a.Amount = NotProvided, cents(500_00)
	if m := matchOne(a, OpenRecall{"C1", f}); len(m.Choices) > 0 || m.Sure {
		t.Errorf("%+v", m)
	}
	a = refused("CUST")
	a.EndToEnd = NotProvided // the answer alone: no objection either
	if m := matchOne(a, OpenRecall{"C1", recalled("F1")}); !m.Sure {
		t.Errorf("%+v", m)
	}
}

// Two requests for one payment are a choice, unless our own id tells them
// apart; one against which something speaks is none.
func TestTwoRequestsAreAChoice(t *testing.T) {
	one, two := OpenRecall{"C1", recalled("F1")}, OpenRecall{"C1", recalled("F2")}
	m := matchOne(refused("CUST"), one, two)
	if m.Sure || len(m.Choices) != 2 || !strings.Contains(strings.Join(m.Warnings, " "), "2 requests fit") {
		t.Errorf("%+v", m)
	}
	named := refused("CUST")
	named.Case = "C1/F2"
	if m := matchOne(named, one, two); !m.Sure || m.Choices[0].Freeze != "F2" {
		t.Errorf("%+v", m)
	}
	two.Freeze.Request.Wire.EndToEnd = "E2"
	if m := matchOne(refused("CUST"), one, two); !m.Sure || m.Choices[0].Freeze != "F1" {
		t.Errorf("%+v", m)
	}
	two.Freeze.Request.Wire = &Wire{UETR: one.Freeze.Request.Wire.UETR}
	if m := matchOne(refused("CUST"), one, two); m.Sure || len(m.Choices) != 2 {
		t.Errorf("one that says less of itself is no longer seen: %+v", m)
	}
}

func TestTheOtherSidesReferenceIsOursAsWell(t *testing.T) {
	f := recalled("F1")
	f.Request.Reference = "BANK-77"
	a := bare(refused("CUST"))
	a.Case, a.TransactionID = "BANK-77", "T1"
	if m := matchOne(a, OpenRecall{"C1", f}); !m.Sure {
		t.Errorf("%+v", m)
	}
}

func TestADraftIsNotAnswered(t *testing.T) {
	f := recalled("F1")
	f.State = StateDraft
	if m := matchOne(refused("CUST"), OpenRecall{"C1", f}); m.Sure || !strings.Contains(strings.Join(m.Warnings, " "), "never submitted") {
		t.Errorf("%+v", m)
	}
}

// The Fedwire samples use one UETR in four scenarios, and one message id in
// three: an answer of the fourth is not taken for the second's.
func TestRepeatedUETRsDoNotMislead(t *testing.T) {
	wire := func(scenario string, cts int64) *Freeze {
		f := recalled(FreezeID("F" + scenario))
		f.Request.Wire = &Wire{UETR: "8a562c67-ca16-48ba-b074-65581be6f011", MessageID: "20250310B1QDRCQR000400", EndToEnd: "Scenario" + scenario + "EtoEId001", Amount: cents(cts)}
		return f
	}
	second, fourth := OpenRecall{"C1", wire("02", 151000_74)}, OpenRecall{"C1", wire("04", 2234578_88)}
	a := RecallAnswer{Outcome: RecallReturned, Codes: []string{"AC04"}, At: Date(2025, 3, 10), UETR: "8a562c67-ca16-48ba-b074-65581be6f011", OriginalID: "20250310B1QDRCQR000400", EndToEnd: "Scenario04EtoEId001", Returned: cents(2234578_88)}
	if m := matchOne(a, second, fourth); !m.Sure || m.Choices[0].Freeze != "F04" {
		t.Errorf("%+v", m)
	}
	a.EndToEnd, a.Returned = NotProvided, cents(151000_00) // less than both were
	if m := matchOne(a, second, fourth); m.Sure || len(m.Choices) != 2 {
		t.Errorf("%+v", m)
	}
}

func TestTheNameOfARequestBetweenBanks(t *testing.T) {
	for _, tc := range []struct {
		c    CaseID
		f    FreezeID
		want string
	}{
		{"C1", "F1", "C1/F1"},
		{"IC3-2026.0042", "F12", "IC3-2026.0042/F12"},
		{CaseID(strings.Repeat("c", 32)), "F1", strings.Repeat("c", 32) + "/F1"},
		{CaseID(strings.Repeat("c", 33)), "F1", strings.Repeat("c", 14) + "+"},
		{"a_b", "F1", "a-b+"},
		{"", "F1", "+"},
	} {
		got := CancellationID(tc.c, tc.f)
		if !strings.HasPrefix(got, tc.want) || strings.Contains(tc.want, "/") && got != tc.want || got != CancellationID(tc.c, tc.f) {
			t.Errorf("%s %s: %s", tc.c, tc.f, got)
		}
	}
	if CancellationID("a_b", "F1") == CancellationID("a-b", "F1") || CancellationID("a_b", "F1") == CancellationID("a+b", "F1") {
		t.Error("two requests have one name")
	}
}

func TestNamesBetweenBanksAreUniqueAndFit(t *testing.T) {
	word := rapid.StringMatching(`[A-Za-z0-9._-]{1,64}`)
	rapid.Check(t, func(t *rapid.T) {
		one, two := CaseID(word.Draw(t, "case")), CaseID(word.Draw(t, "other"))
		f, g := FreezeID(word.Draw(t, "freeze")), FreezeID(word.Draw(t, "other freeze"))
		a, b := CancellationID(one, f), CancellationID(two, g)
		if len(a) > 35 || strings.Trim(a, "/") != a || strings.Contains(a, "//") || strings.ContainsFunc(a, func(r rune) bool {
			return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ ", r)
		}) {
			t.Fatalf("%q is no identifier of ISO 20022", a)
		}
		if (a == b) != (one == two && f == g) {
			t.Fatalf("%s/%s and %s/%s: %s, %s", one, f, two, g, a, b)
		}
	})
}

// Whatever is read, a sure match has one choice, agrees in two things and has
// nothing against it; and a match never depends on the order of the requests.
func TestAMatchIsNeverAGuess(t *testing.T) {
	id := rapid.SampledFrom([]string{"", "1", "2", NotProvided})
	draw := func(t *rapid.T) (wire Wire) {
		wire = Wire{UETR: id.Draw(t, "uetr"), EndToEnd: id.Draw(t, "e2e"), TransactionID: id.Draw(t, "tx"), MessageID: id.Draw(t, "message")}
		if n := rapid.Int64Range(0, 2).Draw(t, "amount"); n > 0 {
			wire.Amount = cents(n)
		}
		return wire
	}
	rapid.Check(t, func(t *rapid.T) {
		var open, turned []OpenRecall
		for i := range rapid.IntRange(0, 4).Draw(t, "requests") {
			wire := draw(t)
			f := &Freeze{State: StateSubmitted, Request: FreezeRequested{Freeze: FreezeID(fmt.Sprint("F", i)), Asset: "EUR", Digits: 2, Wire: &wire}}
			open, turned = append(open, OpenRecall{"C1", f}), append([]OpenRecall{{"C1", f}}, turned...)
		}
		told := draw(t)
		a := RecallAnswer{Outcome: RecallReturned, At: Date(2026, 1, 1), Case: rapid.SampledFrom([]string{"", "C1/F0", "X"}).Draw(t, "case"), UETR: told.UETR, EndToEnd: told.EndToEnd, TransactionID: told.TransactionID, OriginalID: told.MessageID, Returned: told.Amount}
		m, n := matchOne(a, open...), matchOne(a, turned...)
		if m.Sure != n.Sure || len(m.Choices) != len(n.Choices) || m.Sure && m.Choices[0].Freeze != n.Choices[0].Freeze {
			t.Fatalf("%+v\n%+v", m, n)
		}
		if m.Sure && (len(m.Choices) != 1 || len(m.Choices[0].Agrees) < 2 || len(m.Choices[0].Differs) > 0) {
			t.Fatalf("%+v", m)
		}
		if !m.Sure && len(m.Warnings) == 0 {
			t.Fatalf("not sure, and nobody says why: %+v", m)
		}
	})
}
