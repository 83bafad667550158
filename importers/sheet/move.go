package sheet

import (
	"clew/domain"
	"clew/importers/statement"
)

// movement makes the movement of a row, without its fee.
func (t *reading) movement(r record, w *row, money side) (domain.Movement, *domain.FieldError) {
	evidence := domain.Evidence{Line: r.line, Page: r.page}
	m := domain.Movement{Kind: domain.Transfer, When: w.when, Amount: money.amount, Evidence: evidence,
		Source: t.origin(w.account), Ref: statement.Reference(t.cell(r, "ref")), Note: t.note(r)}
	var err error
	if m.SourceID, err = domain.ParseReference("id", t.cell(r, "id")); err != nil {
		return m, bad("id", err)
	}
	other, problem := t.counterparty(r, w)
	if problem != nil {
		return m, problem
	}
	m.From, m.To = w.account, other
	if money.in {
		m.From, m.To = m.To, m.From
	}
	if t.holds(t.returns, r) {
		m.Kind = domain.Return // what it gives back, the table does not say
	}
	return m, t.exchange(r, w, &m, money)
}

// origin says who tells the rows: the person's word, the mapping's, or the
// layout and the account.
func (t *reading) origin(account domain.AccountID) string {
	switch {
	case t.options.Source != "":
		return t.options.Source
	case t.source != "":
		return t.source
	}
	return t.mapping.name + " " + string(account)
}

// counterparty is the other side; empty where the table does not name it.
func (t *reading) counterparty(r record, w *row) (domain.AccountID, *domain.FieldError) {
	text := t.cell(r, "counterparty")
	if t.stored(r, "counterparty") == asCut {
		return "", badText("counterparty", digitsLost, text)
	}
	other, err := accountName(text, t.counterpartyKind, t.cell(r, "bank"))
	if err != nil {
		return "", bad("counterparty", err)
	}
	if other == w.account {
		return "", nil // the account itself, named as its own counterparty
	}
	return other, nil
}

// note joins the columns of free text.
func (t *reading) note(r record) string {
	var parts []string
	for _, at := range t.at["note"] {
		parts = append(parts, t.cleaned("note", r, at))
	}
	return statement.Note(parts...)
}

// exchange makes a conversion of a row that says what was received for what
// was given.
func (t *reading) exchange(r record, w *row, m *domain.Movement, money side) *domain.FieldError {
	if t.cell(r, "received") == "" {
		return nil
	}
	asset, problem := t.assetOf(r, "received_asset")
	if problem != nil {
		return problem
	}
	received, problem := t.amount(r, "received", asset)
	switch {
	case problem != nil:
		return problem
	case received.IsZero():
		return nil
	case money.in || received.Units.Sign() < 0:
		return badText("received", "goes with an amount that was given: the row says that money came in")
	}
	m.Kind, m.Received = domain.Conversion, received
	m.From, m.To = w.account, w.account
	w.changes = append(w.changes, received)
	return nil
}

// sums are what a row moves and what it costs.
type sums struct {
	money side
	fee   domain.Amount
}

// settle puts amount and fee together: what the row does to the account is
// what its running balance shows. A fee rides on a movement that the account
// pays in the same asset; otherwise it is a movement of its own.
func (t *reading) settle(w *row, m domain.Movement, of sums) *domain.FieldError {
	money, fee := of.money, of.fee
	changes := append([]domain.Amount{money.signed()}, w.changes...)
	same := fee.Given() && fee.Asset == m.Amount.Asset
	if same && t.feeIncluded {
		var err error
		if money.in {
			m.Amount, err = m.Amount.Add(fee) // what came before the fee was taken
		} else {
			m.Amount, err = m.Amount.Sub(fee)
		}
		if err != nil || m.Amount.Units.Sign() < 0 {
			return badText("fee", "is more than the amount that contains it")
		}
	} else if !fee.IsZero() {
		paid := fee
		paid.Units, _ = fee.Units.Neg()
		changes = append(changes, paid)
	}
	w.changes = changes
	if same && !money.in && !fee.IsZero() {
		m.Fee = fee
	}
	w.moves = []domain.Movement{m}
	if !fee.IsZero() && !m.Fee.Given() {
		w.moves = append(w.moves, t.paid(w, m, fee))
	}
	for _, move := range w.moves {
		if reject, ok := statement.Item(move).(domain.Reject); ok {
			return &domain.FieldError{Field: reject.Field, Reason: reject.Reason}
		}
	}
	return nil
}

// paid is a fee as a movement of its own.
func (t *reading) paid(w *row, of domain.Movement, fee domain.Amount) domain.Movement {
	m := domain.Movement{Kind: domain.Transfer, When: w.when, From: w.account, To: domain.SinkFees, Amount: fee,
		Source: of.Source, Note: statement.Note("fee:", of.Note), Evidence: of.Evidence}
	if of.SourceID != "" {
		m.SourceID = of.SourceID + " fee"
	}
	return m
}

// balance reads the running balance. One that cannot be read costs only the
// check: the row stands without it.
func (t *reading) balance(w *row, r record, asset domain.Asset) {
	if t.cell(r, "balance") == "" {
		return
	}
	var problem *domain.FieldError
	if t.has("balance_asset") {
		asset, problem = t.assetOf(r, "balance_asset")
	}
	var balance domain.Amount
	if problem == nil {
		balance, problem = t.amount(r, "balance", asset)
	}
	if problem != nil {
		w.odd = "the running balance cannot be read, so the row is not checked: " + problem.Error()
		return
	}
	w.balance = &balance
}
