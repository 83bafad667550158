package papers

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"clew/domain"
)

// The recall between banks: ISO 20022 camt.056.001.08, FIToFIPaymentCancellation
// RequestV08, for one payment. What only one payment system asks for on top
// (a Fedwire IMAD, a header) is for the bank that sends it.

// The shapes of the schema.
var (
	max34  = shape{most: 34}
	max35  = shape{most: 35}
	max140 = shape{most: 140}
	// uuid4 is UUIDv4Identifier: payments have UETRs in lower case.
	uuid4 = shape{pattern: regexp.MustCompile(`^[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}$`), words: "UUID of version 4"}
	bic   = shape{pattern: bicShape, words: "BIC"}
	iban  = shape{pattern: regexp.MustCompile(`^[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}$`), words: "IBAN"}
	// settled is ActiveOrHistoricCurrencyAndAmount: 18 digits in all, at most 5
	// of them after the point.
	settled = shape{pattern: regexp.MustCompile(`^([0-9]{1,18}|[0-9]{1,17}\.[0-9]|[0-9]{1,16}\.[0-9]{2}|[0-9]{1,15}\.[0-9]{3}|[0-9]{1,14}\.[0-9]{4}|[0-9]{1,13}\.[0-9]{5})$`), words: "amount that the schema takes"}
	isoCode = shape{pattern: regexp.MustCompile(`^[A-Z]{3}$`), words: "currency of ISO 4217"}
)

// camt056 drafts the recall.
func camt056(r Request) (draft, error) {
	f := &form{}
	f.begin("Document", "xmlns", "urn:iso:std:iso:20022:tech:xsd:camt.056.001.08")
	f.begin("FIToFIPmtCxlReq")
	id := field{"Id", "reference of the request", reference(r), max35}
	f.in("Assgnmt", func() {
		f.need(id)
		f.in("Assgnr", func() { f.agent("originating bank", r.originating()) })
		f.in("Assgne", func() { f.agent("beneficiary bank", r.beneficiary()) })
		f.need(field{"CreDtTm", "time at which the request is made", moment(r.Made), shape{}})
	})
	f.in("Case", func() {
		f.need(id)
		f.in("Cretr", func() { f.agent("originating bank", r.originating()) })
	})
	f.in("Undrlyg", func() { f.in("TxInf", func() { f.recalled(r) }) })
	f.end()
	f.end()
	return draft{bytes: f.document(), missing: f.missing}, nil
}

// agent writes a bank. Its BIC is what the message is sent by; without it the
// element stays empty, which the schema takes and no bank.
func (f *form) agent(what string, b bank) {
	f.in("Agt", func() { f.in("FinInstnId", func() { f.institution(what, b) }) })
}

func (f *form) institution(what string, b bank) {
	f.need(field{"BICFI", "BIC of the " + what, b.bic, bic})
	f.may(field{"Nm", "name of the " + what, b.name, max140})
}

// recalled writes the payment that is recalled.
func (f *form) recalled(r Request) {
	wire := r.wire()
	f.need(field{"CxlId", "reference of the request", reference(r), max35})
	f.originalMessage(r)
	f.need(field{"OrgnlInstrId", "instruction id of the payment", r.Payment.InstructionID, max35})
	f.need(field{"OrgnlEndToEndId", "end-to-end id of the payment", wire.EndToEnd, max35})
	f.need(field{"OrgnlTxId", "transaction id of the payment", wire.TransactionID, max35})
	f.need(field{"OrgnlUETR", "UETR of the payment", strings.ToLower(wire.UETR), uuid4})
	f.settledAmount("OrgnlIntrBkSttlmAmt", wire.Amount)
	f.need(field{"OrgnlIntrBkSttlmDt", "settlement date of the payment", day(wire.SettledOn), shape{}})
	f.in("CxlRsnInf", func() { f.reason(r) })
	f.in("OrgnlTxRef", func() { f.original(r) })
}

// originalMessage writes the message that carried the payment. The schema
// wants both its id and its name, or neither.
func (f *form) originalMessage(r Request) {
	id := field{"OrgnlMsgId", "id of the message that carried the payment", r.wire().MessageID, max35}
	name := field{"OrgnlMsgNmId", "name of the message that carried the payment (pacs.008.001.08, MT103)", r.Payment.MessageName, max35}
	if id.text == "" || name.text == "" || id.shape.refuses(id.text) != "" || name.shape.refuses(name.text) != "" {
		for _, e := range []field{id, name} {
			if why := e.shape.refuses(e.text); e.text == "" {
				f.lack("OrgnlGrpInf/"+e.name, "the "+e.what+" is not known")
			} else if why != "" {
				f.lack("OrgnlGrpInf/"+e.name, fmt.Sprintf("the %s %.60q %s", e.what, e.text, why))
			} else {
				f.remark("OrgnlGrpInf/" + e.name + ": " + e.text)
			}
		}
		return
	}
	f.in("OrgnlGrpInf", func() {
		f.need(id)
		f.need(name)
	})
}

// remark keeps what is known and cannot stand alone.
func (f *form) remark(text string) {
	f.indent()
	fmt.Fprintf(&f.out, "<!-- %s -->\n", comment(text))
}

// settledAmount writes an amount with its currency.
func (f *form) settledAmount(name string, a *domain.Amount) {
	if a == nil || !a.Given() {
		f.lack(name, "the amount settled between the banks is not known")
		return
	}
	if why := isoCode.refuses(string(a.Asset.Code)); why != "" {
		f.lack(name, fmt.Sprintf("the asset %.60q %s", string(a.Asset.Code), why))
		return
	}
	if why := settled.refuses(a.String()); why != "" {
		f.lack(name, fmt.Sprintf("the amount %.60q %s", a.String(), why))
		return
	}
	f.indent()
	fmt.Fprintf(&f.out, `<%s Ccy="%s">%s</%s>`+"\n", name, a.Asset.Code, a, name)
}

// reason writes why the payment is recalled, who wants it back, and what of it
// is asked where that is not all.
func (f *form) reason(r Request) {
	if name := first(r.From.Name, r.Freeze.Request.Requesting); name != "" && max140.refuses(name) == "" {
		f.in("Orgtr", func() { f.text("Nm", name) })
	} else {
		f.need(field{"Orgtr/Nm", "requesting agency", name, max140})
	}
	switch {
	case r.Reason == "":
		f.lack("Rsn", "the reason is not known: one of "+strings.Join(Reasons(), ", "))
	case !slices.Contains(Reasons(), r.Reason):
		f.lack("Rsn", fmt.Sprintf("the reason %.40q is none of %s", r.Reason, strings.Join(Reasons(), ", ")))
	default:
		f.in("Rsn", func() { f.text("Cd", r.Reason) })
	}
	for _, text := range moreOf(r) {
		for _, part := range parts(text, 105) {
			f.need(field{"AddtlInf", "additional information", part, shape{most: 105}})
		}
	}
}

// moreOf is what the message has no element for.
func moreOf(r Request) []string {
	asked, wire := r.Freeze.Request, r.wire()
	var list []string
	if asked.Amount != nil && (wire.Amount == nil || *asked.Amount != *wire.Amount) {
		list = append(list, "Amount asked: "+money(asked.Amount))
	}
	for _, more := range []struct{ label, text string }{{"Legal basis: ", asked.Basis}, {"For further credit to: ", wire.FurtherCredit}, {"Intermediary: ", wire.Intermediary}} {
		if more.text != "" {
			list = append(list, more.label+oneLine(more.text))
		}
	}
	return list
}

// parts cuts a text into pieces of at most so many characters. Blanks at the
// cuts stay with the piece before, so that nothing of the text is lost.
func parts(text string, most int) []string {
	var list []string
	for runes := []rune(text); len(runes) > 0; {
		n := min(len(runes), most)
		list = append(list, string(runes[:n]))
		runes = runes[n:]
	}
	return list
}

// original writes both ends of the payment. The names of people stay out: the
// banks know their customers.
func (f *form) original(r Request) {
	wire := r.wire()
	f.cashAccount("DbtrAcct", "originating account", wire.Originator)
	f.in("DbtrAgt", func() { f.in("FinInstnId", func() { f.institution("originating bank", r.originating()) }) })
	f.in("CdtrAgt", func() { f.in("FinInstnId", func() { f.institution("beneficiary bank", r.beneficiary()) }) })
	f.cashAccount("CdtrAcct", "account", r.Freeze.Request.Account)
}

// cashAccount writes an account by its IBAN or its number.
func (f *form) cashAccount(name, what string, id domain.AccountID) {
	e := field{"Id", what, number(id), max34}
	if id.Kind() == domain.KindIBAN {
		e = field{"IBAN", what, number(id), iban}
	}
	if e.text == "" {
		f.lack(name, "the "+what+" is not known")
		return
	}
	if why := e.shape.refuses(e.text); why != "" {
		f.lack(name, fmt.Sprintf("the %s %.60q %s", what, e.text, why))
		return
	}
	f.in(name, func() {
		f.in("Id", func() {
			if e.name == "IBAN" {
				f.text(e.name, e.text)
				return
			}
			f.in("Othr", func() { f.text(e.name, e.text) })
		})
	})
}

// moment is ISODateTime in UTC.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// day is ISODate.
func day(w domain.When) string {
	if w.IsZero() {
		return ""
	}
	return w.Day().Format(time.DateOnly)
}
