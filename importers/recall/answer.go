package recall

import (
	"fmt"
	"strings"

	"clew/domain"
)

// note takes over what a part above the payments says.
func (h *head) note(e element) {
	switch e.name {
	case "Assgnmt":
		h.id, h.at, h.from = e.says("Id"), date(e.says("CreDtTm")), e.who("Assgnr")
	case "GrpHdr":
		h.id, h.at, h.from = e.says("MsgId"), date(e.says("CreDtTm")), e.who("InstgAgt")
		h.settled = date(e.says("IntrBkSttlmDt"))
	case "RslvdCase":
		h.caseID = e.says("Id")
	case "Sts":
		h.status = e.says("Conf", "")
	case "OrgnlGrpInf", "OrgnlGrpInfAndSts":
		h.cancelID = first(e.says("OrgnlGrpCxlId"), h.cancelID)
		h.original = first(e.says("OrgnlMsgId"), h.original)
		h.caseID = first(e.says("RslvdCase/Id"), h.caseID)
		h.status = first(e.says("GrpCxlSts"), h.status)
		h.reasons(e, "CxlStsRsnInf", "RtrRsnInf")
	case "OrgnlPmtInfCxlId":
		h.cancelID = first(e.says(""), h.cancelID)
	case "PmtInfCxlSts":
		h.status = first(e.says(""), h.status)
	case "CxlStsRsnInf":
		h.reasons(e, "")
	}
	if e.full {
		h.warnings = append(h.warnings, fmt.Sprintf("line %d: the element %s is beyond what clew keeps of it: read the message", e.line, e.name))
	}
}

// reasons takes over reasons that stand above the payments; those of a payment
// itself take their place.
func (h *head) reasons(e element, paths ...string) {
	codes, text := reasonsOf(e, paths...)
	if len(codes) > 0 || text != "" {
		h.codes, h.text = codes, text
	}
}

// reasonsOf reads reasons: codes, proprietary ones, and the bank's own words.
func reasonsOf(e element, paths ...string) (codes []string, text string) {
	var words []string
	for _, path := range paths {
		if path != "" {
			path += "/"
		}
		for _, code := range append(e.all(path+"Rsn/Cd", maxCodes), e.all(path+"Rsn/Prtry", maxCodes)...) {
			if name, err := domain.ParseReference("reason", code); err == nil {
				codes = append(codes, name)
			}
		}
		words = append(words, e.all(path+"AddtlInf", maxWords/105)...)
	}
	text, err := domain.ParseNote(strings.Join(words, "\n"))
	if err != nil {
		text = ""
	}
	return codes, cut(text, maxWords)
}

// cut shortens a text to at most so many bytes, between two characters.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	end := 0
	for at := range text {
		if at > most {
			break
		}
		end = at
	}
	return text[:end]
}

// tell makes the answer of one payment, or of a group of payments that are not
// told one by one.
func (f *file) tell(h head, e element) error {
	a := domain.RecallAnswer{Message: h.message, Line: e.line, Warnings: append([]string(nil), h.warnings...)}
	r := reader{e, &a}
	a.MessageID, a.From, a.At = r.id("id of the message", h.id), r.id("sender", first(h.from, e.who("InstgAgt"), e.who("Assgnr"))), h.at
	a.Case = r.id("case", first(e.says("RslvdCase/Id"), h.caseID))
	a.CancellationID = r.id("cancellation id", first(e.says("OrgnlCxlId", "CxlId"), h.cancelID))
	a.OriginalID = r.id("original message id", first(e.says("OrgnlGrpInf/OrgnlMsgId"), h.original))
	a.InstructionID = r.id("original instruction id", e.says("OrgnlInstrId"))
	a.EndToEnd = r.id("original end-to-end id", e.says("OrgnlEndToEndId"))
	a.TransactionID = r.id("original transaction id", e.says("OrgnlTxId"))
	a.UETR = r.id("original UETR", strings.ToLower(e.says("OrgnlUETR")))
	a.ReturnID = r.id("return id", e.says("RtrId", "CxlStsId"))
	a.Amount = r.amount(f.assets, "OrgnlIntrBkSttlmAmt", "OrgnlTxRef/IntrBkSttlmAmt")
	a.SettledOn = r.day("OrgnlIntrBkSttlmDt", "OrgnlTxRef/IntrBkSttlmDt")
	r.outcome(h, f.assets)
	if e.full {
		a.Warnings = append(a.Warnings, fmt.Sprintf("line %d: the payment is beyond what clew keeps of it: read the message", e.line))
	}
	return f.out(a)
}

// reader takes the fields of one payment into an answer, and warns of those
// that it cannot read.
type reader struct {
	element
	answer *domain.RecallAnswer
}

func (r reader) warn(format string, args ...any) {
	r.answer.Warnings = append(r.answer.Warnings, fmt.Sprintf("line %d: "+format, append([]any{r.line}, args...)...))
}

// id checks an identifier.
func (r reader) id(what, text string) string {
	name, err := domain.ParseReference(what, text)
	if err != nil {
		r.warn("%v", err)
		return ""
	}
	return name
}

// amount reads the first amount on the paths that is there.
func (r reader) amount(assets domain.Assets, paths ...string) *domain.Amount {
	for _, path := range paths {
		text := r.says(path)
		if text == "" {
			continue
		}
		asset, err := assets.Find(r.says(path + "@Ccy"))
		if err != nil {
			r.warn("%s: %v", path, err)
			return nil
		}
		amount, err := domain.ParseAmount(text, asset)
		switch {
		case err != nil:
			r.warn("%s: %v", path, err)
		case amount.Units.Sign() < 0:
			r.warn("%s: %s is below nothing", path, amount)
		default:
			return &amount
		}
		return nil
	}
	return nil
}

// day reads the first date on the paths that is there.
func (r reader) day(paths ...string) domain.When {
	text := r.says(paths...)
	when := date(text)
	if text != "" && when.IsZero() {
		r.warn("%s: %.40q is no date", paths[0], text)
	}
	return when
}

// outcome reads what the answer comes to: a pacs.004 is the money itself.
func (r reader) outcome(h head, assets domain.Assets) {
	a := r.answer
	a.Codes, a.Text = h.codes, h.text
	if codes, text := reasonsOf(r.element, "CxlStsRsnInf", "RtrRsnInf"); len(codes) > 0 || text != "" {
		a.Codes, a.Text = codes, text
	}
	if strings.HasPrefix(h.message, "pacs.004") {
		a.Outcome = domain.RecallReturned
		a.Returned = r.amount(assets, "RtrdIntrBkSttlmAmt")
		if a.ReturnedOn = r.day("IntrBkSttlmDt"); a.ReturnedOn.IsZero() {
			a.ReturnedOn = h.settled
		}
		return
	}
	a.Status = r.id("status", first(r.says("TxCxlSts"), h.status))
	a.Outcome = domain.RecallOutcomeOf(a.Status)
	a.Returned = r.amount(assets, "RsltnRltdInf/IntrBkSttlmAmt")
	a.ReturnedOn = r.day("RsltnRltdInf/IntrBkSttlmDt")
}

func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
