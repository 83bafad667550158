package domain

import (
	"crypto/sha256"
	"strings"
)

// RecallAnswer is what one message of a bank says about one recalled payment:
// a camt.029 (what becomes of the request) or a pacs.004 (the money itself).
// It repeats what was read and settles nothing: which request it belongs to is
// for MatchRecalls to say, and what may be doubtful for a person.
type RecallAnswer struct {
	Outcome        RecallOutcome `json:"outcome"`
	Status         string        `json:"status,omitempty"`     // as written: CNCL, RJCR, PDCR …
	Codes          []string      `json:"codes,omitempty"`      // the reasons, as written: AC04 …
	Text           string        `json:"text,omitempty"`       // the bank's own words; may name people
	Message        string        `json:"message"`              // which message it is: camt.029.001.09
	MessageID      string        `json:"message_id,omitempty"` // of the answer, not of the payment
	ReturnID       string        `json:"return_id,omitempty"`  // of the returned payment (RtrId), or of the status (CxlStsId)
	At             When          `json:"at,omitzero"`          // when the answer was written
	From           string        `json:"from,omitempty"`       // who answers: a BIC, a clearing number or a name
	CancellationID string        `json:"cancellation_id,omitempty"`
	Case           string        `json:"case,omitempty"`           // of the investigation, not of clew
	OriginalID     string        `json:"original_id,omitempty"`    // the message that carried the payment
	InstructionID  string        `json:"instruction_id,omitempty"` // of the payment, as all below
	EndToEnd       string        `json:"end_to_end,omitempty"`
	TransactionID  string        `json:"transaction_id,omitempty"`
	UETR           string        `json:"uetr,omitempty"`
	Amount         *Amount       `json:"amount,omitempty"` // settled between the banks
	SettledOn      When          `json:"settled_on,omitzero"`
	Returned       *Amount       `json:"returned,omitempty"` // what comes back
	ReturnedOn     When          `json:"returned_on,omitzero"`
	Line           int           `json:"line"`
	Warnings       []string      `json:"warnings,omitempty"` // what could not be read
}

// RecallOutcome is what an answer comes to.
type RecallOutcome string

// The outcomes. An unclear one says nothing that clew knows of a recall.
const (
	RecallUnclear  RecallOutcome = ""
	RecallAccepted RecallOutcome = "accepted" // the money will come, by a pacs.004
	RecallPending  RecallOutcome = "pending"
	RecallRejected RecallOutcome = "rejected"
	RecallReturned RecallOutcome = "returned" // the money itself
)

// RecallOutcomeOf reads the status of a camt.029: the investigation's
// (ISO 20022 ExternalInvestigationExecutionConfirmation1Code) or one payment's
// (CancellationIndividualStatus1Code).
func RecallOutcomeOf(status string) RecallOutcome {
	switch status {
	case "CNCL", "ACCR", "CWFW", "PECR", "PACR":
		return RecallAccepted
	case "PDCR", "PDNG", "FTNA":
		return RecallPending
	case "RJCR":
		return RecallRejected
	}
	return RecallUnclear
}

// RecallReason is a reason that a camt.029 gives, and the step of the freeze
// that it comes to: If the request is rejected for it, or While it is pending
// for it (ISO 20022 ExternalPaymentCancellationRejection1Code).
type RecallReason struct {
	Code    string
	Meaning string
	If      RecallStep
	While   RecallStep
}

// RecallStep is a step with what it says.
type RecallStep struct {
	Step   FreezeStep
	As     Acknowledgement
	Answer FreezeAnswerCode
}

// RecallReasons lists the reasons that clew knows. Those that say that the
// money is not there are answers about the account; those that only ask for
// something are no refusal, whatever the status says; all else is one.
func RecallReasons() []RecallReason {
	plain, refused := RecallStep{Step: StepAcknowledge}, RecallStep{Step: StepReject}
	ack := func(as Acknowledgement) RecallStep { return RecallStep{Step: StepAcknowledge, As: as} }
	found := func(code FreezeAnswerCode) RecallStep { return RecallStep{Step: StepAnswer, Answer: code} }
	return []RecallReason{
		{"AC04", "the account is closed", found(AnswerAlreadyEmpty), plain},
		{"ADAC", "the customer has not yet allowed the debit", refused, ack(AckConsent)},
		{"AGNT", "the bank refuses", refused, plain},
		{"AM04", "there is not enough money on the account", found(AnswerAlreadyEmpty), plain},
		{"ARDT", "the payment was returned already: look for the return", found(AnswerAlreadyEmpty), plain},
		{"ARPL", "the bank that was asked has not replied yet", refused, plain},
		{"CUST", "the customer refuses", refused, plain},
		{"IDMN", "the bank asks for an indemnity", ack(AckIndemnity), ack(AckIndemnity)},
		{"INDM", "the bank asks for an indemnity", ack(AckIndemnity), ack(AckIndemnity)},
		{"LEGL", "the law does not allow it", refused, plain},
		{"NARR", "the reason is given in words: read the message", refused, plain},
		{"NOAS", "the customer does not answer", refused, ack(AckConsent)},
		{"NOOR", "the bank never received the payment: compare its identifiers", found(AnswerOutOfScope), plain},
		{"PTNA", "the payment was passed on to the next bank", ack(AckPassedOn), ack(AckPassedOn)},
		{"RQDA", "the customer is asked to allow the debit", refused, ack(AckConsent)},
		{"RR04", "a regulation does not allow it", refused, plain},
		{"WSEQ", "the sequence number of the request is wrong", refused, plain},
	}
}

// FindRecallReason gives the reason of a code, if clew knows it.
func FindRecallReason(code string) (RecallReason, bool) {
	for _, reason := range RecallReasons() {
		if reason.Code == code {
			return reason, true
		}
	}
	return RecallReason{}, false
}

// RouteOfReturn is the route by which a pacs.004 with this reason came
// (ISO 20022 ExternalReturnReason1Code): by the customer's consent, by a
// regulation, else by the recall itself.
func RouteOfReturn(code string) Route {
	switch code {
	case "CUST", "MD06", "MS02", "SP01":
		return RouteConsent
	case "AM07", "RR04":
		return RouteAdministrative
	}
	return RouteRecall
}

// Partial says whether less comes back than was paid, where both are told in
// one asset.
func (a RecallAnswer) Partial() bool { return less(a.Returned, a.Amount) }

func less(a, b *Amount) bool {
	return a != nil && b != nil && a.Asset == b.Asset && a.Units.Less(b.Units)
}

// maxCancellationID is what ISO 20022 allows an identifier (Max35Text).
const maxCancellationID = 35

// CancellationID is what a request for a freeze is called between banks: the
// CxlId, the Case and the message of its camt.056, the reference of its letter.
// It is made of the case and the freeze alone, so it is the same whenever it is
// made. "C1/F1" is the usual form; where that is too long, or has characters
// that payment systems do not take (SWIFT character set X), the beginning of
// the case and 100 bits of the hash of both stand for it.
func CancellationID(c CaseID, f FreezeID) string {
	plain := string(c) + "/" + string(f)
	if len(plain) <= maxCancellationID && c != "" && f != "" && plainID(string(c)) == string(c) && plainID(string(f)) == string(f) {
		return plain
	}
	sum := sha256.Sum256(contentHash{}.text("clew cancellation v1", string(c), string(f)))
	name := string(Digest(sum[:16]).Name()[:20])
	head := plainID(string(c))
	return head[:min(len(head), maxCancellationID-len(name)-1)] + "+" + name
}

// plainID is a name with a dash for every character that an identifier between
// banks had better not have.
func plainID(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '-'
	}, name)
}
