package camt

import (
	"strings"

	"clew/domain"
	"clew/importers/statement"
)

// The codes of balances (ISO 20022 external code list, balance type) that say
// what an account held at the end of a day. Interim, available, expected and
// information balances say something else.
const (
	openingBooked    = "OPBD"
	previouslyClosed = "PRCD"
	closingBooked    = "CLBD"
	interimBooked    = "ITBD"
)

// balance is a stated balance with its code.
type balance struct {
	code string
	statement.Stated
}

// balance reads one Bal element.
func (m *message) balance(e element) error {
	if err := m.begin(); err != nil {
		return err
	}
	code := e.says("Tp", "CdOrPrtry", "Cd")
	if code == "" {
		code = e.says("Tp", "Cd") // version .01
	}
	if code != openingBooked && code != previouslyClosed && code != closingBooked {
		return m.out(domain.Noise{Line: e.line})
	}
	evidence := domain.Evidence{Line: e.line, Page: "balance " + code}
	if m.at.account == "" {
		return m.out(domain.Reject{Evidence: evidence, Field: "account", Reason: accountMissing})
	}
	amount, problem := m.money(&e)
	if problem == nil && e.says("CdtDbtInd") == "DBIT" {
		amount.Units, _ = amount.Units.Neg()
	}
	if problem != nil {
		return m.out(domain.Reject{Evidence: evidence, Field: problem.Field, Reason: problem.Reason})
	}
	when, err := m.date(e.at("Dt"))
	if err != nil {
		return err
	}
	return m.stated(balance{code, statement.Stated{Amount: amount, When: when, Evidence: evidence}})
}

// stated hands a balance on. An opening waits for the others: OPBD and PRCD
// both say what the account held before, and one of them is enough.
func (m *message) stated(b balance) error {
	switch {
	case b.code == closingBooked:
		return m.book.Closing(b.Stated)
	case m.at.opening == nil:
		m.at.opening = &b
		return nil
	case m.at.opening.Amount.Asset != b.Amount.Asset || m.at.opening.code == b.code:
		return m.book.Opening(b.Stated)
	}
	kept, other := *m.at.opening, b
	if b.code == openingBooked {
		kept, other = b, kept
	}
	m.at.opening = &kept
	if kept.Amount != other.Amount {
		if err := m.warn(other.Evidence.Line, "%s opens with %s (%s), but says that the one before it closed with %s (%s): a statement may be missing before it",
			m.at.name, kept.Amount, kept.code, other.Amount, other.code); err != nil {
			return err
		}
	}
	return m.out(domain.Noise{Line: other.Evidence.Line})
}

// settleOpening gives the opening to the book.
func (m *message) settleOpening() error {
	if m.at.opening == nil {
		return nil
	}
	opening := m.at.opening.Stated
	m.at.opening = nil
	return m.book.Opening(opening)
}

const accountMissing = "is missing: the statement does not say whose it is; say it with --account"

// money reads the amount of an entry or a balance with its currency.
func (m *message) money(e *element) (domain.Amount, *domain.FieldError) {
	amt := e.at("Amt")
	switch {
	case e.tooBig:
		return domain.Amount{}, &domain.FieldError{Field: "entry", Reason: "is larger than any entry of a statement: ask the bank for the file again"}
	case amt == nil:
		return domain.Amount{}, &domain.FieldError{Field: "amount", Reason: "is missing"}
	case amt.currency == "":
		return domain.Amount{}, &domain.FieldError{Field: "asset", Reason: "is missing: the amount has no currency (Ccy)"}
	}
	return parseMoney(m.options.Assets, amt.text, amt.currency)
}

func parseMoney(assets domain.Assets, text, currency string) (domain.Amount, *domain.FieldError) {
	asset, err := assets.Find(currency)
	if err != nil {
		return domain.Amount{}, &domain.FieldError{Field: "asset", Reason: err.Error()}
	}
	if strings.HasPrefix(text, "-") {
		return domain.Amount{}, &domain.FieldError{Field: "amount", Reason: "is negative: the standard says with CdtDbtInd which way money moved"}
	}
	amount, err := domain.ParseAmount(text, asset)
	if err != nil {
		return domain.Amount{}, &domain.FieldError{Field: "amount", Reason: err.Error()}
	}
	return amount, nil
}
