package projections

import (
	"strings"
	"testing"
	"time"

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
		"Account M was found to be account M2.":                                                             domain.AccountIdentified{Account: "M", As: "M2"},
		"Victim V1 was registered (scam_target).":                                                           domain.VictimRegistered{Victim: "V1", Category: domain.ScamTarget, Name: secret},
		`Account M was labelled "exchange" by X.`:                                                           domain.LabelAttached{Account: "M", Label: "exchange", Source: "X"},
		`The label "exchange" of account M was withdrawn (old).`:                                            domain.LabelWithdrawn{Account: "M", Label: "exchange", Reason: "old"},
		"Asset FOO@x was registered with 4 decimals.":                                                       domain.AssetRegistered{Asset: "FOO@x", Digits: 4},
		"The rule lifo was locked by court (order 7).":                                                      domain.RuleLocked{Rule: "lifo", Authority: "court", Reason: "order 7"},
		"Exchange rates of EUR for 2024-01-31 were recorded from":                                           domain.RatePublished{Base: "EUR", Day: domain.Date(2024, 1, 31), Source: "ECB"},
		"The log signs its checkpoints with the key clew/A+0f0e0d0c+AQEB from here on (the yearly change).": domain.KeyAdopted{Key: "clew/A+0f0e0d0c+AQEB", Reason: "the yearly change"},
	}
	for want, event := range freezeSentences() {
		tests[want] = event
	}
	for want, event := range keepingSentences() {
		tests[want] = event
	}
	for want, event := range largerSentences() {
		tests[want] = event
	}
	for want, event := range accessSentences() {
		tests[want] = event
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

// largerSentences are the sentences about the larger picture.
func largerSentences() map[string]domain.Event {
	p1, secret := domain.Whose{Person: "P1"}, domain.Personal{Clear: "Jane Roe opens accounts"}
	return map[string]domain.Event{
		"The scam on victim V1 was described: romance, by ai_profile, by platform, victim in DE, run from MM, as an assessment; source: interview.": domain.ScamDescribed{
			Victim: "V1", Typology: "romance", Lures: []domain.Lure{"ai_profile", "platform"}, Country: "DE", RunFrom: "MM", Source: "interview", Assessment: true},
		"What was described of the scam of the case was withdrawn: mistaken.":                    domain.ScamWithdrawn{Reason: "mistaken"},
		"Operation HARBOUR is Operation Harbour (police of A); source: order.":                   domain.OperationDescribed{Operation: "HARBOUR", Title: "Operation Harbour", Lead: "police of A", Source: "order"},
		"The case is worked in operation HARBOUR; source: list.":                                 domain.OperationJoined{Operation: "HARBOUR", Source: "list"},
		"The case left operation HARBOUR: mistaken.":                                             domain.OperationLeft{Operation: "HARBOUR", Reason: "mistaken"},
		"The purple diffusion A-1/3-2024 of 2024-03-04 concerns person P1; source: I-24/7.":      domain.NoticeLinked{Notice: "A-1/3-2024", Colour: "purple", Diffusion: true, Issued: domain.Date(2024, 3, 4), Of: p1, ModusOperandi: &secret, Source: "I-24/7"},
		"The notice A-1/3-2024 does not concern person P1 any more: cancelled.":                  domain.NoticeUnlinked{Notice: "A-1/3-2024", Of: p1, Reason: "cancelled"},
		"The scam centre SC-1 is at Exampletown in MM; source: report.":                          domain.CentreDescribed{Centre: "SC-1", Place: "Exampletown", Country: "MM", Source: "report"},
		"The scam centre SC-1 was withdrawn: an hotel.":                                          domain.CentreWithdrawn{Centre: "SC-1", Reason: "an hotel"},
		"The scam centre SC-1 has to do with person P1; source: interview.":                      domain.CentreLinked{Centre: "SC-1", Of: p1, Source: "interview"},
		"The scam centre SC-1 has nothing to do with person P1: mistaken.":                       domain.CentreUnlinked{Centre: "SC-1", Of: p1, Reason: "mistaken"},
		"A link to another crime (drugs) was flagged on the whole case; source: interview.":      domain.CrimeFlagged{Crime: "drugs", Source: "interview"},
		"The flag of another crime (drugs) on the whole case was taken back: the witness erred.": domain.CrimeUnflagged{Crime: "drugs", Reason: "the witness erred"},
	}
}

// keepingSentences are the sentences about people and about keeping their data.
func keepingSentences() map[string]domain.Event {
	v1, secret := domain.Whose{Victim: "V1"}, domain.Personal{Clear: "Jane Roe"}
	return map[string]domain.Event{
		"Person P1 was registered as suspect, as an assessment.":                     domain.PersonRegistered{Person: "P1", Category: domain.Suspect, Name: &secret, Assessment: true},
		"A finding about person P1 was noted, as a fact; source: camera 4.":          domain.FindingNoted{About: domain.Whose{Person: "P1"}, Text: secret, Source: "camera 4"},
		"The need to keep the case's data is to be reviewed by 2027-01-31 (appeal).": domain.ReviewSet{Due: domain.Date(2027, 1, 31), Reason: "appeal"},
		"The file 0123456789ab… is used under these conditions: egmont (letter).":    domain.HandlingSet{File: "0123456789abcdef", Conditions: []domain.HandlingCondition{domain.Egmont}, Reason: "letter"},
		"The file f is used under these conditions: none.":                           domain.HandlingSet{File: "f"},
		"Legal hold L1 was placed on victim V1 by Court of A (appeal).":              domain.LegalHoldPlaced{Hold: "L1", Of: v1, Authority: "Court of A", Reason: "appeal"},
		"Legal hold L1 was lifted by Court of A (final).":                            domain.LegalHoldLifted{Hold: "L1", Authority: "Court of A", Reason: "final"},
		"Personal data of the holder of M was restricted to evidence (art. 16).":     domain.PersonalRestricted{Of: domain.Whose{Account: "M"}, Basis: "art. 16"},
		"The restriction of personal data of file f was lifted (art. 16).":           domain.PersonalRestricted{Of: domain.Whose{File: "f"}, Basis: "art. 16", Lifted: true},
		"The case was assigned to team North, silently (handed over).":               domain.CaseAssigned{Team: "North", Contact: secret, Silent: true, Reason: "handed over"},
		"A phone of victim V1 was noted, as a fact as I1; source: camera 4.":         domain.IdentifierNoted{Identifier: "I1", About: v1, Sort: domain.Phone, Value: secret, Source: "camera 4"},
		"The identifier I1 was withdrawn (misread).":                                 domain.IdentifierWithdrawn{Identifier: "I1", Reason: "misread"},
		"Personal data of the text of the event at position 7 was erased (art. 17)":  domain.PersonalErased{Of: domain.Whose{Event: 7}, Basis: "art. 17", Keys: []string{"k"}},
	}
}

// accessSentences are the sentences about who may come in.
func accessSentences() map[string]domain.Event {
	at := domain.Instant(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	return map[string]domain.Event{
		"User ina was let in, as fiu.":                                                    domain.UserAdmitted{User: "ina", Role: "fiu"},
		"User ina works as auditor from then on.":                                         domain.UserRoleGiven{User: "ina", Role: "auditor"},
		"User ina is not let in any more.":                                                domain.UserRemoved{User: "ina"},
		"User ina was put on case C1.":                                                    domain.UserJoinedCase{User: "ina", Case: "C1"},
		"User ina was taken off case C1.":                                                 domain.UserLeftCase{User: "ina", Case: "C1"},
		"The token nightly of user ina was revoke":                                        domain.TokenRevoked{Token: "nightly", User: "ina"},
		"User ina was signed out (idle).":                                                 domain.UserSignedOut{User: "ina", Why: domain.SignedOutIdle},
		"A link was made by which user ina can sign in once, until 2026-11-23T09:00:00Z.": domain.LinkIssued{User: "ina", Expires: at},
		"User ina signed in by link, until 2026-11-23T09:00:00Z.":                         domain.UserSignedIn{User: "ina", Means: domain.ByLink, Expires: at},
		"A token nightly was made for user ina, for reading only, for C1, C2 alone, good until 2026-11-23T09:00:00Z.": domain.TokenIssued{
			Token: "nightly", User: "ina", ReadOnly: true, Cases: []domain.CaseID{"C1", "C2"}, Expires: at},
	}
}

// freezeSentences are the sentences about freezes.
func freezeSentences() map[string]domain.Event {
	sum, day := amount("5.00"), domain.Date(2024, 6, 2)
	news := domain.News{Freeze: "F1", At: day, Told: "the bank's letter"}
	late := domain.News{Freeze: "F1", At: day, Unexpected: "the freeze was draft when this was learnt"}
	request := domain.FreezeRequested{Freeze: "F1", Account: "M", Mechanism: "i-grip", Amount: &sum}
	unasked := domain.FreezeRequested{Freeze: "F2", Unasked: true, Account: "M", Mechanism: "bank"}
	return map[string]domain.Event{
		"Freeze F1 was drafted: 5.00 EUR on M by i-grip.":                                                   request,
		"A freeze that nobody had asked for became known: F2, of all that is there on M by bank.":           unasked,
		"The threshold payers of the indicator fan-in was set to 8; it was 5 (clubs).":                      domain.IndicatorSet{Indicator: "fan-in", Threshold: "payers", Was: 5, Now: 8, Reason: "clubs"},
		"Above 5.00 EUR a freeze needs a second person's approval (board).":                                 domain.FreezeLimitSet{Limit: sum, Reason: "board"},
		"Freeze F1 was approved, as told by the bank's letter.":                                             domain.FreezeApproved{News: news},
		"Freeze F1 was submitted, urgently and before its approval, as told":                                domain.FreezeSubmitted{News: news, Urgent: true},
		"Freeze F1 was withdrawn (typo), as told":                                                           domain.FreezeWithdrawn{News: news, Reason: "typo"},
		"Freeze F1 was acknowledged (indemnity_required), as told":                                          domain.FreezeAcknowledged{News: news, As: domain.AckIndemnity},
		"Freeze F1 was answered: already_empty, as told":                                                    domain.FreezeAnswered{News: news, Answer: domain.AnswerAlreadyEmpty},
		"Freeze F1 holds 5.00 EUR until 2024-06-02; unexpected: the freeze was draft when this was learnt.": domain.FreezeHeld{News: late, Amount: &sum, Until: day},
		"Freeze F1 holds what is there, as told":                                                            domain.FreezeHeld{News: news},
		"Freeze F1 was extended until 2024-06-02, as told":                                                  domain.FreezeExtended{News: news, Until: day},
		"Freeze F1 released all that it held, as told":                                                      domain.FreezeReleased{News: news},
		"Freeze F1 expired, as told":                                                                        domain.FreezeExpired{News: news},
		"Freeze F1 returned 5.00 EUR to V1 bank by way of recall, as told":                                  domain.FreezeReturned{News: news, Amount: sum, To: "V1 bank", Route: domain.RouteRecall},
		"Freeze F1 seized 5.00 EUR, which the issuer destroyed, as told":                                    domain.FreezeSeized{News: news, Amount: sum, Destroyed: true},
		"Freeze F1 restored 5.00 EUR, of which 5.00 Bank for V1 (trace), as told":                           domain.FreezeRestored{News: news, Amount: sum, Shares: []domain.VictimShare{{Victim: "V1", Amount: sum, Payer: "Bank"}}, Method: "trace"},
		"Freeze F1 transferred 5.00 EUR to NL, as told":                                                     domain.FreezeTransferred{News: news, Amount: sum, To: "NL"},
		"Freeze F1 was rejected (no order), as told":                                                        domain.FreezeRejected{News: news, Reason: "no order"},
		"Freeze F1 was contested (his wage), as told":                                                       domain.FreezeContested{News: news, Grievance: "his wage"},
		"Freeze F1 was decided (order 7), and does not stand, as told":                                      domain.FreezeDecided{News: news, Decision: "order 7"},
		"Bank reimbursed V1 5.00 EUR (code): that part of the claim passed to the payer (R1).":              domain.ReimbursementRecorded{Reimbursement: "R1", Payer: "Bank", Victim: "V1", Amount: sum, Basis: "code"},
		"The reimbursement R1 was withdrawn: typo.":                                                         domain.ReimbursementWithdrawn{Reimbursement: "R1", Reason: "typo"},
	}
}
