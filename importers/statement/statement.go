// Package statement holds what every account statement has, whatever it is
// written in: an opening balance, booked entries and a closing balance, which
// must add up. A Book is told what a document says, piece by piece, and says
// in turn which stated balances are rows, which only repeat another, and where
// a statement does not add up, with the gap. It passes no verdict on a gap and
// keeps what was stated: real statements fail to add up, and a person must
// hear of it.
//
//	book := statement.NewBook(out)
//	book.Begin(statement.Head{Name: "statement 7", Account: account, Source: source})
//	book.Opening(statement.Stated{Amount: opening, When: day, Evidence: line})
//	book.Booked(entry, when) // what came in; negative for what went out
//	book.Closing(statement.Stated{Amount: closing, When: day, Evidence: line})
//	book.Close()
package statement

import (
	"fmt"

	"clew/domain"
)

// Head is what stands above the entries of a statement.
type Head struct {
	Name    string // what a person would call it: "statement 253", "page 2"
	Account domain.AccountID
	Source  string
	Interim bool // a report of the day so far: it need not state both balances
	Line    int  // where it begins
}

// Stated is a balance as the document states it.
type Stated struct {
	Amount   domain.Amount
	When     domain.When // zero where the document gives no date
	Evidence domain.Evidence
	// Carried marks a balance that one page hands on to the next (MT940: 60M
	// and 62M). It is checked, but it is not the balance of any day's end.
	Carried bool
}

// Book follows the statements of one file, in the order of the file.
type Book struct {
	out     func(domain.Item) error
	head    Head
	ledgers []*ledger // of the statement at hand, one an asset, as they appeared
	held    map[pool]held
}

// pool is one account's holding of one asset.
type pool struct {
	account domain.AccountID
	asset   domain.Asset
}

// maxHeld bounds how many closings wait for the next statement of the same
// account. A file for one investigation has tens of accounts; beyond this a
// closing is recorded at once, without the check against what follows.
const maxHeld = 10_000

// NewBook gives the balances of statements to out.
func NewBook(out func(domain.Item) error) *Book {
	return &Book{out: out, held: map[pool]held{}}
}

// Begin ends the statement at hand, if there is one, and begins the next.
func (b *Book) Begin(head Head) error {
	err := b.End()
	b.head = head
	return err
}

// Opened says whether the statement at hand has stated an opening.
func (b *Book) Opened() bool {
	for _, l := range b.ledgers {
		if l.opening != nil {
			return true
		}
	}
	return false
}

// Opening takes the stated balance before the first entry. A second one of the
// same asset is noise.
func (b *Book) Opening(s Stated) error {
	l := b.ledger(s.Amount.Asset)
	if l.opening != nil {
		return b.second(s, l.opening.Amount, "opening")
	}
	l.opening = &s
	return nil
}

// Closing takes the stated balance after the last entry. A second one of the
// same asset is noise.
func (b *Book) Closing(s Stated) error {
	l := b.ledger(s.Amount.Asset)
	if l.closing != nil {
		return b.second(s, l.closing.Amount, "closing")
	}
	l.closing = &s
	return nil
}

// second is a balance that the statement states once more.
func (b *Book) second(s Stated, first domain.Amount, which string) error {
	if s.Amount != first {
		reason := fmt.Sprintf("%s of %s states two %s balances, %s and %s: the first is taken; compare both with the document",
			b.head.Name, b.head.Account, which, money(first), money(s.Amount))
		if err := b.out(domain.Warning{Line: s.Evidence.Line, Reason: reason}); err != nil {
			return err
		}
	}
	return b.out(domain.Noise{Line: s.Evidence.Line})
}

// Booked takes an entry: what came in, negative for what went out. Rejected
// entries count as well where their amount could be read, because whether the
// statement adds up is a question about the document.
func (b *Book) Booked(amount domain.Amount, when domain.When) {
	b.ledger(amount.Asset).book(amount.Units, when)
}

// Unread takes note of an entry in this asset whose amount could not be read.
func (b *Book) Unread(asset domain.Asset) { b.ledger(asset).unread++ }

func (b *Book) ledger(asset domain.Asset) *ledger {
	for _, l := range b.ledgers {
		if l.asset == asset {
			return l
		}
	}
	l := &ledger{asset: asset}
	b.ledgers = append(b.ledgers, l)
	return l
}

// End ends the statement at hand: it is checked, and its balances become rows
// or noise.
func (b *Book) End() error {
	for _, l := range b.ledgers {
		if err := b.check(l); err != nil {
			return err
		}
		if err := b.follow(l); err != nil {
			return err
		}
	}
	b.head, b.ledgers = Head{}, nil
	return nil
}

// Close ends the last statement and records the closings that were held.
func (b *Book) Close() error {
	if err := b.End(); err != nil {
		return err
	}
	for _, h := range inOrder(b.held) {
		if err := b.settle(h); err != nil {
			return err
		}
	}
	b.held = map[pool]held{}
	return nil
}

// check says whether opening and entries give the closing (TRACING, G15).
func (b *Book) check(l *ledger) error {
	if l.opening == nil || l.closing == nil {
		return b.incomplete(l)
	}
	reached, err := l.opening.Amount.Units.Add(l.sum)
	if err != nil || l.overflow {
		return b.warn(l, "has entries whose sum does not fit 128 bits: it cannot be checked")
	}
	if reached == l.closing.Amount.Units {
		return nil
	}
	gap, err := l.closing.Amount.Units.Sub(reached)
	if err != nil {
		return b.warn(l, "has balances whose difference does not fit 128 bits: it cannot be checked")
	}
	return b.warn(l, fmt.Sprintf("does not add up: opening %s and %s give %s, but the stated closing is %s: gap %s; look for a missing page or line, or ask for the statement again",
		money(l.opening.Amount), l.counted(), l.asset.Format(reached), money(l.closing.Amount), money(domain.Amount{Units: gap, Asset: l.asset})))
}

// incomplete speaks of a statement that has entries and lacks a balance.
func (b *Book) incomplete(l *ledger) error {
	lacks := "opening and closing balance"
	switch {
	case b.head.Interim, l.entries+l.unread == 0 && l.opening == nil && l.closing == nil:
		return nil
	case l.opening != nil:
		lacks = "closing balance"
	case l.closing != nil:
		lacks = "opening balance"
	}
	return b.warn(l, fmt.Sprintf("states no %s in %s: it cannot be checked that no entry is missing", lacks, l.asset.Code))
}

func (b *Book) warn(l *ledger, what string) error {
	return b.out(domain.Warning{Line: l.line(b.head), Reason: fmt.Sprintf("%s of %s%s %s", b.head.Name, b.head.Account, l.span(), what)})
}
