package statement

import (
	"strings"
	"unicode"

	"clew/domain"
)

// Item is the row of a movement, or its rejection if it cannot be true. A
// counterparty that the document does not name is left empty: casework gives
// each such account a name of its own.
func Item(m domain.Movement) domain.Item {
	whole := m
	if whole.From == "" && whole.Kind != domain.Balance && whole.Kind != domain.Opening {
		whole.From = unnamed
	}
	if whole.To == "" {
		whole.To = unnamed
	}
	if problem := domain.CheckMovement(whole); problem != nil {
		return domain.Reject{Evidence: m.Evidence, Field: problem.Field, Reason: problem.Reason}
	}
	return domain.Row{Movement: m}
}

// unnamed stands in for a counterparty while a movement is checked.
const unnamed domain.AccountID = "unknown:"

// Account names an account as a document writes it: as an IBAN if it is a
// valid one, else as an account number of a bank. The text cannot choose
// another kind: a file must not be able to say that money went to cash.
func Account(text string) domain.AccountID {
	if iban, err := domain.ParseAccount("iban:" + text); err == nil {
		return iban
	}
	account, err := domain.ParseAccount("bank:" + text)
	if err != nil {
		return ""
	}
	return account
}

// IBAN names an account that the document calls an IBAN.
func IBAN(text string) (domain.AccountID, error) { return domain.ParseAccount("iban:" + text) }

// SameNumber says whether two names may be one account, one of them written
// with its bank before the number ("12030000/9003932309") and one without.
func SameNumber(a, b domain.AccountID) bool {
	number := func(id domain.AccountID) string {
		text := string(id)
		text = text[strings.LastIndexAny(text, ":/")+1:]
		return strings.TrimLeft(text, "0")
	}
	return a == b || number(a) != "" && number(a) == number(b)
}

// Reference is a payment's reference across institutions, or nothing where the
// text says that there is none (ISO 20022 prescribes NOTPROVIDED, SWIFT NONREF)
// or cannot be one. The text stays in the evidence.
func Reference(text string) string {
	text, err := domain.ParseReference("reference", Note(text))
	if err != nil {
		return ""
	}
	switch strings.ToUpper(strings.ReplaceAll(text, " ", "")) {
	case "NOTPROVIDED", "NONREF", "NOTAVAILABLE", "NOREF", "N/A", "NONE", "-":
		return ""
	}
	return text
}

// maxNote bounds free text. ISO 20022 allows 140 characters of remittance text
// in one element and any number of elements; the whole stays in the evidence.
const maxNote = 1000

// Note is free text on one line, without characters that do not show.
func Note(parts ...string) string {
	text := strings.Join(strings.FieldsFunc(strings.Join(parts, " "), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
	}), " ")
	if len(text) <= maxNote {
		return strings.ToValidUTF8(text, "\uFFFD")
	}
	return strings.ToValidUTF8(text[:maxNote], "") + "…"
}
