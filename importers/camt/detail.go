package camt

import (
	"fmt"

	"clew/domain"
	"clew/importers/statement"
)

// detail is what is kept of one payment (TxDtls) inside an entry.
type detail struct {
	line             int
	debtor, creditor party
	stated           [2]string // its own amount and currency, where stated
	direction        string
	amount           domain.Amount // what came in; negative for what went out
	ref              string
	note             string
	quotes           []quote
	returned         bool
	tooBig           bool
}

// party is how a payment names an account.
type party struct{ iban, other string }

func (p party) given() bool { return p.iban != "" || p.other != "" }

// account gives the account's name. An IBAN must be one: a wrong digit is
// another account.
func (p party) account() (domain.AccountID, error) {
	if p.iban != "" {
		return statement.IBAN(p.iban)
	}
	return statement.Account(p.other), nil
}

// newDetail keeps what matters of a payment. Names of persons are left where
// they are: in the evidence.
func newDetail(e element) detail {
	parties := e.at("RltdPties")
	d := detail{line: e.line, tooBig: e.tooBig, direction: e.says("CdtDbtInd"), returned: e.at("RtrInf") != nil}
	if parties != nil {
		d.debtor, d.creditor = newParty(parties.at("DbtrAcct")), newParty(parties.at("CdtrAcct"))
	}
	if amt := firstOf(e.at("Amt"), e.at("AmtDtls", "TxAmt", "Amt")); amt != nil {
		d.stated = [2]string{amt.text, amt.currency}
	}
	d.ref = statement.Reference(e.says("Refs", "UETR"))
	if d.ref == "" {
		d.ref = statement.Reference(e.says("Refs", "EndToEndId"))
	}
	d.note = remittance(e)
	d.quotes = quotes(e.at("AmtDtls"))
	return d
}

func newParty(account *element) party {
	if account == nil {
		return party{}
	}
	return party{account.says("Id", "IBAN"), account.says("Id", "Othr", "Id")}
}

func firstOf(elements ...*element) *element {
	for _, e := range elements {
		if e != nil {
			return e
		}
	}
	return nil
}

// remittance is the text that the payer sent along.
func remittance(e element) string {
	var parts []string
	if info := e.at("RmtInf"); info != nil {
		for i := range info.kids {
			switch kid := &info.kids[i]; kid.name {
			case "Ustrd":
				parts = append(parts, kid.text)
			case "Strd":
				parts = append(parts, kid.says("CdtrRefInf", "Ref"), kid.says("CdtrRefInf", "CdtrRef"), kid.says("AddtlRmtInf"))
			}
		}
	}
	if text := statement.Note(parts...); text != "" {
		return text
	}
	return statement.Note(e.says("AddtlTxInf"))
}

// quote is an amount that a payment had on its way: as instructed, before
// conversion, with the rate.
type quote struct{ amount, currency, rate string }

func (q quote) String() string {
	text := fmt.Sprintf("%.40s %.3s", q.amount, q.currency)
	if q.rate != "" {
		text += fmt.Sprintf(" (rate %.20s)", q.rate)
	}
	return text
}

// quotes reads the amounts beside the booked one: instructed, transaction and
// counter value. There are at most four kinds.
func quotes(amounts *element) []quote {
	var list []quote
	for _, kind := range []string{"InstdAmt", "TxAmt", "CntrValAmt"} {
		if amt := amounts.at(kind, "Amt"); amt != nil {
			list = append(list, quote{amt.text, amt.currency, amounts.says(kind, "CcyXchg", "XchgRate")})
		}
	}
	return list
}

// text is the row's note: what the payment says, else what the entry says.
func (d detail) text(e entry) string {
	if d.note != "" {
		return d.note
	}
	return statement.Note(e.says("AddtlNtryInf"))
}

// addUp reads the payments' own amounts. It says whether all are stated in the
// entry's currency and their sum is the entry.
func (m *message) addUp(e *entry) bool {
	sum := domain.Amount{Asset: e.amount.Asset}
	for i := range e.details {
		d := &e.details[i]
		amount, problem := parseMoney(m.options.Assets, d.stated[0], d.stated[1])
		if problem != nil || d.tooBig || amount.Asset != e.amount.Asset {
			return false
		}
		if d.direction == "DBIT" || d.direction == "" && !e.credit {
			amount.Units, _ = amount.Units.Neg()
		}
		d.amount = amount
		var err error
		if sum, err = sum.Add(amount); err != nil {
			return false
		}
	}
	return sum == e.signed()
}

// differs warns where an entry's only payment states another amount in the
// same currency: charges were taken out of it, or something is left out.
func (m *message) differs(e entry, d detail) error {
	amount, problem := parseMoney(m.options.Assets, d.stated[0], d.stated[1])
	if problem != nil || amount.Asset != e.amount.Asset || amount == e.amount {
		return nil
	}
	return m.warn(d.line, "entry %d: the payment states %s, but %s was booked: what was booked is recorded", e.nth, money(amount), money(e.amount))
}

// counterparty finds the other side of an entry. A credit comes from the
// debtor and a debit goes to the creditor; in returns and reversals the two
// keep the part they had in the original payment (ISO 20022, RltdPties), so
// there it is the other way round. Where both names are the account's own, or
// only the wrong one is stated, the other side is not known, and the warning
// says so.
func (m *message) counterparty(e entry, d detail) (other domain.AccountID, odd string, err error) {
	first, second := d.creditor, d.debtor
	if e.credit != (e.reversal || d.returned) {
		first, second = d.debtor, d.creditor
	}
	if first.given() {
		other, err = first.account()
		if err != nil || !m.own(other) {
			return other, "", err
		}
	}
	if !second.given() {
		return "", "", nil
	}
	other, err = second.account()
	switch {
	case err != nil || m.own(other):
		return "", "", err
	case first.given():
		return other, fmt.Sprintf("the parties are named the other way round, as in a return: %s is taken for the other side", other), nil
	}
	return "", fmt.Sprintf("it names %s, but as this account's own side, not as the other one: the other side is not known", other), nil
}

func (m *message) own(account domain.AccountID) bool { return account == m.at.account }
