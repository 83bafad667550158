package camt

import (
	"fmt"
	"strings"

	"clew/domain"
	"clew/importers/statement"
	"clew/importers/tokens"
)

// maxDetails bounds the payments inside one entry that are kept while it is
// read: SEPA batches reach tens of thousands. An entry with more is recorded
// as one movement, with a warning.
const maxDetails = 100_000

// entry is one Ntry as far as it has been read.
type entry struct {
	element
	nth      int
	amount   domain.Amount
	credit   bool
	reversal bool
	when     domain.When
	details  []detail
	more     int // payments beyond maxDetails
}

// entry reads an Ntry and gives what becomes of it.
func (m *message) entry() error {
	if err := m.begin(); err != nil {
		return err
	}
	m.at.entries++
	e := entry{element: element{name: "Ntry", line: m.Line()}, nth: m.at.entries}
	used := size{}
	for above := m.Depth() - 1; m.Depth() > above; {
		token, err := m.Next()
		if err != nil {
			return m.Torn(err)
		}
		if token.Kind == tokens.Start {
			if err := m.entryPart(&e, token, &used); err != nil {
				return err
			}
		}
	}
	e.tooBig = used.tooBig()
	return m.booked(e)
}

func (m *message) entryPart(e *entry, start tokens.Token, used *size) error {
	switch start.Name {
	case "NtryDtls":
		return nil // its payments come next; batch summaries are skipped
	case "Btch":
		return m.Skip()
	case "TxDtls":
		if len(e.details) >= maxDetails {
			e.more++
			return m.Skip()
		}
		payment, err := m.tree(start)
		if err == nil {
			e.details = append(e.details, newDetail(payment))
		}
		return err
	}
	return m.graft(&e.element, start, used)
}

// booked decides what an entry is. What is not booked is no movement.
func (m *message) booked(e entry) error {
	switch status := firstText(e.says("Sts", "Cd"), e.says("Sts", "Prtry"), e.says("Sts")); status {
	case "BOOK", "":
		// Entries of a statement are booked (camt.053, rule on entry status).
	case "PDNG", "INFO", "FUTR":
		m.at.pending[status]++
		return m.out(domain.Noise{Line: e.line})
	default:
		m.unread(e)
		return m.reject(e, &domain.FieldError{Field: "status", Reason: fmt.Sprintf("is %.40q, which is not known: only BOOK is a booked entry; compare the entry with the document", status)})
	}
	problem, err := m.complete(&e)
	if err != nil {
		return err
	}
	if problem != nil {
		return m.reject(e, problem)
	}
	return m.rows(e)
}

// complete reads amount, direction and day of an entry.
func (m *message) complete(e *entry) (problem *domain.FieldError, err error) {
	if m.at.account == "" {
		return &domain.FieldError{Field: "account", Reason: accountMissing}, nil
	}
	if e.amount, problem = m.money(&e.element); problem != nil {
		m.unread(*e)
		return problem, nil
	}
	direction := e.says("CdtDbtInd")
	e.credit, e.reversal = direction == "CRDT", isTrue(e.says("RvslInd"))
	if direction != "CRDT" && direction != "DBIT" {
		m.unread(*e)
		return &domain.FieldError{Field: "direction", Reason: fmt.Sprintf("is %.40q, not CRDT or DBIT: it is not known which way the money moved", direction)}, nil
	}
	if e.when, err = m.date(e.at("BookgDt")); err == nil && e.when.IsZero() {
		e.when, err = m.date(e.at("ValDt"))
	}
	if err != nil {
		return nil, err
	}
	m.book.Booked(e.signed(), e.when)
	if e.when.IsZero() {
		return &domain.FieldError{Field: "time", Reason: "is missing or no date: the entry has neither a booking nor a value day that can be read"}, nil
	}
	return nil, nil
}

// signed is what came in; negative for what went out. An amount is never so
// large that its sign cannot be turned: it was read without one.
func (e entry) signed() domain.Amount {
	amount := e.amount
	if !e.credit {
		amount.Units, _ = amount.Units.Neg()
	}
	return amount
}

// unread has the book know that an entry is missing from the sum.
func (m *message) unread(e entry) {
	if amt := e.at("Amt"); amt != nil {
		if asset, err := m.options.Assets.Find(amt.currency); err == nil {
			m.book.Unread(asset)
		}
	}
}

func (m *message) reject(e entry, problem *domain.FieldError) error {
	return m.out(domain.Reject{Evidence: e.evidence(), Field: problem.Field, Reason: problem.Reason + " (" + e.evidence().Page + ")"})
}

// evidence points at the entry. Many files have all their entries on one
// line, so its number in the statement is given as well.
func (e entry) evidence() domain.Evidence {
	return domain.Evidence{Line: e.line, Page: fmt.Sprintf("entry %d", e.nth)}
}

// rows makes one row of an entry, or one of each payment in it where the
// payments' amounts add up to it.
func (m *message) rows(e entry) error {
	if len(e.details) > 1 && e.more == 0 && m.addUp(&e) {
		for i := range e.details {
			if err := m.payment(e, &e.details[i], i+1); err != nil {
				return err
			}
		}
		return nil
	}
	if len(e.details) == 1 {
		if err := m.differs(e, e.details[0]); err != nil {
			return err
		}
		return m.row(e, e.details[0], e.evidence())
	}
	return m.batch(e)
}

// batch records an entry as a whole.
func (m *message) batch(e entry) error {
	n := len(e.details) + e.more
	if n > 1 {
		if err := m.warn(e.line, "entry %d of %s is a batch of %d payments whose amounts are not stated or do not add up to it: it is recorded as one movement to or from nobody known; ask the bank for the batch's payments",
			e.nth, money(e.amount), n); err != nil {
			return err
		}
	}
	whole := detail{note: e.says("AddtlNtryInf"), line: e.line}
	return m.row(e, whole, e.evidence())
}

// payment makes the row of one payment of a batch.
func (m *message) payment(e entry, d *detail, nth int) error {
	evidence := domain.Evidence{Line: d.line, Page: fmt.Sprintf("entry %d, payment %d", e.nth, nth)}
	e.amount, e.credit = d.amount, d.amount.Units.Sign() >= 0
	if e.amount.Units.Sign() < 0 {
		e.amount.Units, _ = e.amount.Units.Neg()
	}
	return m.row(e, *d, evidence)
}

// row makes the row of an entry with what one payment says of it.
func (m *message) row(e entry, d detail, evidence domain.Evidence) error {
	if err := m.remark(e, d, evidence); err != nil {
		return err
	}
	other, odd, err := m.counterparty(e, d)
	if err != nil {
		return m.out(domain.Reject{Evidence: evidence, Field: "account", Reason: err.Error() + " (" + evidence.Page + ")"})
	}
	if odd != "" {
		if err := m.warn(d.line, "%s of %s: %s", evidence.Page, money(e.amount), odd); err != nil {
			return err
		}
	}
	move := domain.Movement{Kind: domain.Transfer, When: e.when, From: other, To: m.at.account, Amount: e.amount,
		Source: m.at.origin, Ref: d.ref, Note: d.text(e), Evidence: evidence}
	if !e.credit {
		move.From, move.To = move.To, move.From
	}
	if e.reversal || d.returned {
		move.Kind = domain.Return // what it gives back, the statement does not say
	}
	return m.out(statement.Item(move))
}

// remark warns of what a row does not show: amounts in other currencies, and a
// payment too large to be read whole.
func (m *message) remark(e entry, d detail, evidence domain.Evidence) error {
	var foreign []string
	for _, q := range append(d.quotes, quotes(e.at("AmtDtls"))...) {
		if q.currency != string(e.amount.Asset.Code) {
			foreign = append(foreign, q.String())
		}
	}
	if len(foreign) > 0 {
		if err := m.warn(d.line, "%s of %s: the payment was %s; what was booked is recorded", evidence.Page, money(e.amount), strings.Join(foreign, ", ")); err != nil {
			return err
		}
	}
	if d.tooBig || e.tooBig {
		return m.warn(d.line, "%s of %s is larger than any that clew reads whole: its parties or its text may be missing from the row; compare it with the document", evidence.Page, money(e.amount))
	}
	return nil
}

func money(a domain.Amount) string { return a.String() + " " + string(a.Asset.Code) }
