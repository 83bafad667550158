package sheet

import (
	"fmt"
	"slices"
	"strings"

	"clew/domain"
	"clew/importers/statement"
)

// row is one row of the table as far as it is read: the movements it becomes,
// and what it does to the account.
type row struct {
	line    int
	page    string
	when    domain.When
	account domain.AccountID
	moves   []domain.Movement
	changes []domain.Amount // of the account: what came in; negative for what went out
	balance *domain.Amount  // the account's, after the row
	lost    bool            // rejected: what it does to the account is not known
	odd     string          // what a person must know of the row
	reject  *domain.Reject
}

// side is which way money goes, seen from the account of the table.
type side struct {
	amount domain.Amount // not negative
	in     bool
}

func (s side) signed() domain.Amount {
	if !s.in {
		s.amount.Units, _ = s.amount.Units.Neg() // it was read as a positive number or turned before
	}
	return s.amount
}

// read reads one row; what cannot be read is in its reject.
func (t *reading) read(r record) row {
	w := row{line: r.line, page: r.page}
	if problem := t.fill(&w, r); problem != nil {
		w.lost = true
		w.reject = &domain.Reject{Evidence: domain.Evidence{Line: r.line, Page: r.page}, Field: problem.Field, Reason: problem.Reason}
	}
	return w
}

func bad(field role, err error) *domain.FieldError {
	return &domain.FieldError{Field: string(field), Reason: err.Error()}
}

func badText(field role, format string, args ...any) *domain.FieldError {
	return &domain.FieldError{Field: string(field), Reason: fmt.Sprintf(format, args...)}
}

// fill reads the cells of a row into w.
func (t *reading) fill(w *row, r record) (problem *domain.FieldError) {
	if t.width > 0 && len(r.cells) > t.width && strings.TrimSpace(strings.Join(r.cells[t.width:], "")) != "" {
		return badText("line", "has %d cells, but the header has %d: is a separator inside a cell that is not quoted?", len(r.cells), t.width)
	}
	if w.account, problem = t.own(r); problem != nil {
		return problem
	}
	if w.when, problem = t.when(r); problem != nil {
		return problem
	}
	asset, problem := t.assetOf(r, "asset")
	if problem != nil {
		return problem
	}
	money, problem := t.side(r, asset)
	if problem != nil {
		return problem
	}
	fee, problem := t.fee(r, asset)
	if problem != nil {
		return problem
	}
	move, problem := t.movement(r, w, money)
	if problem != nil {
		return problem
	}
	if problem := t.settle(w, move, sums{money, fee}); problem != nil {
		return problem
	}
	t.balance(w, r, asset)
	return nil
}

// own is the account whose table it is.
func (t *reading) own(r record) (domain.AccountID, *domain.FieldError) {
	if t.has("account") {
		text := t.cell(r, "account")
		if t.stored(r, "account") == asCut {
			return "", badText("account", digitsLost, text)
		}
		if account, err := accountName(text, t.accountKind, ""); err != nil || account != "" {
			if err != nil {
				return "", bad("account", err)
			}
			return account, nil
		}
	}
	switch {
	case t.account != "":
		return t.account, nil
	case t.options.Account != "":
		return t.options.Account, nil
	}
	return "", badText("account", "is missing: the row does not say whose it is; where none does, say it with --account")
}

const digitsLost = "%s has more than 15 digits, and the workbook keeps only 15 of a number: have the column stored as text"

// accountName gives the name of an account of a kind; empty for an empty text.
func accountName(text, kind, bank string) (domain.AccountID, error) {
	switch {
	case text == "":
		return "", nil
	case kind == asWritten:
		return domain.ParseAccount(text)
	case kind != string(domain.KindBank):
		return domain.ParseAccount(kind + ":" + text)
	}
	account := statement.Account(text)
	if account.Kind() != domain.KindIBAN && bank != "" {
		account = statement.Account(bank + "/" + text)
	}
	if account == "" {
		return "", fmt.Errorf("%s is no account's name", short(text))
	}
	return account, nil
}

func (t *reading) when(r record) (domain.When, *domain.FieldError) {
	day, hour := t.cell(r, "date"), t.cell(r, "time")
	if day == "" {
		return domain.When{}, badText("time", "is missing")
	}
	read := t.mapping.read
	if t.stored(r, "date") == asNumber {
		read = t.serial
	}
	at, err := read(day, hour)
	if err != nil {
		return domain.When{}, bad("time", err)
	}
	t.noteVague(at.vague, r.line)
	return at.when, nil
}

func (t *reading) assetOf(r record, what role) (domain.Asset, *domain.FieldError) {
	text := t.asset
	if t.has(what) {
		text = t.cell(r, what)
	}
	if text == "" {
		return domain.Asset{}, badText(what, "is missing")
	}
	asset, err := t.options.Assets.Find(text)
	if err != nil {
		return domain.Asset{}, bad(what, err)
	}
	return asset, nil
}

// amount reads a cell with an amount; not Given where it is empty.
func (t *reading) amount(r record, what role, asset domain.Asset) (domain.Amount, *domain.FieldError) {
	text := t.cell(r, what)
	if text == "" {
		return domain.Amount{}, nil
	}
	var amount domain.Amount
	var err error
	switch t.stored(r, what) {
	case asNumber:
		amount, err = domain.ParseAmount(text, asset)
	case asCut:
		err = fmt.Errorf(digitsLost, text)
	default:
		amount, err = t.numbers.amount(text, asset)
	}
	if err != nil {
		return domain.Amount{}, bad(what, err)
	}
	return amount, nil
}

// side reads how much went which way.
func (t *reading) side(r record, asset domain.Asset) (side, *domain.FieldError) {
	if !t.has("amount") {
		return t.twoColumns(r, asset)
	}
	amount, problem := t.amount(r, "amount", asset)
	if problem != nil {
		return side{}, problem
	}
	if !amount.Given() {
		return side{}, badText("amount", "is missing")
	}
	if t.has("direction") {
		return t.worded(r, amount)
	}
	negative := amount.Units.Sign() < 0
	return signedSide(amount, negative != t.positiveOut), nil
}

// signedSide gives the side of an amount whose sign has said all it can.
func signedSide(amount domain.Amount, out bool) side {
	if amount.Units.Sign() < 0 {
		amount.Units, _ = amount.Units.Neg()
	}
	return side{amount, !out}
}

// worded reads a direction that stands in a column of its own.
func (t *reading) worded(r record, amount domain.Amount) (side, *domain.FieldError) {
	word := t.cell(r, "direction")
	in, out := slices.Contains(t.inWords, word), slices.Contains(t.outWords, word)
	switch {
	case !in && !out:
		return side{}, badText("direction", "is %s, which is none of the words that the mapping knows (in: %s; out: %s)", short(word), strings.Join(t.inWords, ", "), strings.Join(t.outWords, ", "))
	case amount.Units.Sign() < 0:
		return side{}, badText("amount", "is negative, and the direction is in a column of its own: it is not clear which way the money went")
	}
	return side{amount, in}, nil
}

// twoColumns reads amounts in and out that stand in columns of their own.
func (t *reading) twoColumns(r record, asset domain.Asset) (side, *domain.FieldError) {
	in, problem := t.amount(r, "in", asset)
	if problem != nil {
		return side{}, problem
	}
	out, problem := t.amount(r, "out", asset)
	if problem != nil {
		return side{}, problem
	}
	if t.outNegative && out.Given() {
		out.Units, _ = out.Units.Neg()
	}
	switch {
	case !in.Given() && !out.Given():
		return side{}, badText("amount", "is missing: neither the column for money in nor the one for money out has one")
	case !in.IsZero() && !out.IsZero():
		return side{}, badText("amount", "stands in both columns, %s in and %s out: it is not clear which way the money went", in, out)
	case in.Units.Sign() < 0 || out.Units.Sign() < 0:
		return side{}, badText("amount", "has a sign that the mapping does not expect: see out_negative")
	case !out.Given() || !in.IsZero():
		return side{in, true}, nil
	}
	return side{out, false}, nil
}

// fee reads what the account paid on top, or out of the amount.
func (t *reading) fee(r record, asset domain.Asset) (domain.Amount, *domain.FieldError) {
	if t.cell(r, "fee") == "" {
		return domain.Amount{}, nil
	}
	if t.has("fee_asset") && t.cell(r, "fee_asset") != "" {
		var problem *domain.FieldError
		if asset, problem = t.assetOf(r, "fee_asset"); problem != nil {
			return domain.Amount{}, problem
		}
	}
	fee, problem := t.amount(r, "fee", asset)
	if problem != nil {
		return fee, problem
	}
	if t.feeNegative {
		fee.Units, _ = fee.Units.Neg()
	}
	if fee.Units.Sign() < 0 {
		return fee, badText("fee", "has a sign that the mapping does not expect: see fee_negative")
	}
	return fee, nil
}
