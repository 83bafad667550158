package projections

import (
	"strings"
	"testing"

	"clew/domain"
)

// Every kind of event has a sentence of its own, and none repeats personal
// data.
func TestEveryEventIsToldInASentence(t *testing.T) {
	yes, secret := true, &domain.Personal{Clear: "Jane Roe"}
	m := paid("C1", "T1", "A", "M", "10.00")
	m.Fee, m.Victim, m.Scam = amount("1.00"), "V1", "job"
	conversion, back, hop := m, m, domain.Movement{Kind: domain.Hop, Inputs: []domain.Leg{{Account: "i", Amount: amount("2.00")}}, Outputs: []domain.Leg{{Account: "o", Amount: amount("1.00")}}}
	conversion.Kind, conversion.Received = domain.Conversion, amount("9.00")
	back.Kind, back.Of = domain.Return, "m0"
	opening, balance := m, m
	opening.Kind, balance.Kind = domain.Opening, domain.Balance

	tests := map[string]domain.Event{
		"A paid 10.00 EUR to M, with a fee of 1.00 EUR, reported by V1 (job).": domain.Observe(m),
		"A paid 10.00 EUR, and 9.00 EUR arrived at M":                          domain.Observe(conversion),
		"A gave 10.00 EUR back to M, of movement m0":                           domain.Observe(back),
		"M held 10.00 EUR.":                                                             domain.Observe(opening),
		"M is stated to hold 10.00 EUR.":                                                domain.Observe(balance),
		"i with 2.00 EUR went on to o with 1.00 EUR.":                                   domain.Observe(hop),
		"Movement x was corrected (typo). It now reads":                                 domain.MovementCorrected{Movement: "x", Now: domain.Observed{Movement: m}, Reason: "typo"},
		"Movement x was withdrawn: typo.":                                               domain.MovementWithdrawn{Movement: "x", Reason: "typo"},
		"Movements x and y were found to be one payment (same UETR); the first stands.": domain.MovementJoined{Kept: "x", Other: "y", Basis: "same UETR"},
		"Movements x and y were found to be two payments.":                              domain.MovementSeparated{One: "x", Other: "y"},
		"Movement x was reported by V1 as a payment to the scam (job).":                 domain.PaymentReported{Movement: "x", Victim: "V1", Scam: "job"},
		"The report of movement x by V1 was withdrawn: mistaken.":                       domain.ReportWithdrawn{Movement: "x", Victim: "V1", Reason: "mistaken"},
		"Case C1 was opened: t.":                                                        domain.CaseOpened{Case: "C1", Title: "t"},
		"A note was written to the case.":                                               domain.CaseNoted{Text: *secret},
		"The case was linked with case C2 (one gang)":                                   domain.CaseLinked{Other: "C2", Reason: "one gang"},
		"The case was closed.":                                                          domain.CaseClosed{},
		"The file a.csv (0123456789ab…, 5 bytes, format clew) was filed.":               domain.EvidenceFiled{File: "0123456789abcdef", Name: "a.csv", Size: 5, Format: "clew"},
		"Line 3 of file f was rejected: amount is no number.":                           domain.LineRejected{Evidence: domain.Evidence{File: "f", Line: 3}, Field: "amount", Reason: "is no number"},
		"Account M was described as of kind vasp, at X, in DE, V1's own, held by several, an innocent third party's (told by X).": domain.AccountDescribed{
			Account: "M", Holder: secret, As: "vasp", Institution: "X", Country: "DE", Victim: "V1", Shared: &yes, Innocent: &yes, Coerced: &yes, Basis: "told by X"},
		"Account M was found to be account M2.":                   domain.AccountIdentified{Account: "M", As: "M2"},
		"Victim V1 was registered (scam_target).":                 domain.VictimRegistered{Victim: "V1", Category: domain.ScamTarget, Name: secret},
		`Account M was labelled "exchange" by X.`:                 domain.LabelAttached{Account: "M", Label: "exchange", Source: "X"},
		`The label "exchange" of account M was withdrawn (old).`:  domain.LabelWithdrawn{Account: "M", Label: "exchange", Reason: "old"},
		"Asset FOO@x was registered with 4 decimals.":             domain.AssetRegistered{Asset: "FOO@x", Digits: 4},
		"The rule lifo was locked by court (order 7).":            domain.RuleLocked{Rule: "lifo", Authority: "court", Reason: "order 7"},
		"Exchange rates of EUR for 2024-01-31 were recorded from": domain.RatePublished{Base: "EUR", Day: domain.Date(2024, 1, 31), Source: "ECB"},
	}
	told := map[string]bool{}
	for want, event := range tests {
		_, _, text := tell(event)
		if !strings.HasPrefix(text, want) || strings.Contains(text, "Jane") || !strings.HasSuffix(text, ".") {
			t.Errorf("%s is told as %q, want %q", event.Kind(), text, want)
		}
		told[event.Kind()] = true
	}
	for _, kind := range domain.Kinds() {
		if !told[kind] {
			t.Errorf("no sentence is tested for %s", kind)
		}
	}
}
