package statement

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"clew/domain"
)

// ledger is one asset in one statement.
type ledger struct {
	asset            domain.Asset
	opening, closing *Stated
	sum              domain.Units
	overflow         bool // the sum did not fit; it is not to be used
	first, last      domain.When
	entries, unread  int
}

func (l *ledger) book(units domain.Units, when domain.When) {
	l.entries++
	sum, err := l.sum.Add(units)
	l.sum, l.overflow = sum, l.overflow || err != nil
	if when.IsZero() {
		return
	}
	if l.first.IsZero() || when.Time.Before(l.first.Time) {
		l.first = when
	}
	if l.last.IsZero() || when.End().After(l.last.End()) {
		l.last = when
	}
}

// counted says how many entries the sum has, and how many it lacks.
func (l *ledger) counted() string {
	text := fmt.Sprintf("%d entries", l.entries)
	if l.entries == 1 {
		text = "1 entry"
	}
	if l.unread > 0 {
		text += fmt.Sprintf(" (%d more could not be read)", l.unread)
	}
	return text
}

// line is where the statement is spoken of: its closing, else its opening,
// else its beginning.
func (l *ledger) line(head Head) int {
	switch {
	case l.closing != nil:
		return l.closing.Evidence.Line
	case l.opening != nil:
		return l.opening.Evidence.Line
	}
	return head.Line
}

// span says from when to when the statement runs, as far as is known.
func (l *ledger) span() string {
	from, to := l.openedAt(), l.closedAt()
	if l.opening == nil {
		from = l.first
	}
	switch {
	case from.IsZero() && to.IsZero():
		return ""
	case to.IsZero():
		return ", from " + from.String() + ","
	case from.IsZero():
		return ", to " + to.String() + ","
	}
	return ", " + from.String() + " to " + to.String() + ","
}

// openedAt dates the opening.
func (l *ledger) openedAt() domain.When {
	if l.opening == nil {
		return dayBefore(domain.When{}, l.first)
	}
	return dayBefore(l.opening.When, l.first)
}

// dayBefore dates an opening. A bare-dated balance is the closing balance of
// its day (TRACING, Order), so the opening is that of the day before the first
// entry at the latest, whatever date the bank gives it.
func dayBefore(stated, first domain.When) domain.When {
	if !stated.IsZero() {
		stated = domain.When{Time: stated.Day(), Bare: true}
	}
	if first.IsZero() {
		return stated
	}
	before := domain.When{Time: first.Day().Add(-24 * time.Hour), Bare: true}
	if !stated.IsZero() && stated.Time.Before(before.Time) {
		return stated
	}
	return before
}

// closedAt dates the closing: the stated day, or the last entry where that is
// later (entries are dated after the statement when their booking day was not
// stated and their value day stands in for it).
func (l *ledger) closedAt() domain.When {
	stated := domain.When{}
	if l.closing != nil {
		stated = l.closing.When
	}
	if stated.IsZero() || !l.last.IsZero() && l.last.End().After(stated.End()) {
		return l.last
	}
	return stated
}

// held is a statement whose balances wait for what comes next in the file: a
// closing is the balance of its day's end only if the next statement of the
// same account has no entry on that day, and an opening can be dated only once
// the first entry is known.
type held struct {
	head    Head
	ledger  *ledger
	opening *Stated // not recorded yet, because no entry has come
	opener  Head    // whose opening it is
	nth     int     // in the order of the file
}

// follow brings a statement together with the one before it of the same
// account: one must open with what the other closed with.
func (b *Book) follow(l *ledger) error {
	key := pool{b.head.Account, l.asset}
	before, known := b.held[key]
	now := held{head: b.head, ledger: l, opening: l.opening, opener: b.head, nth: len(b.held)}
	var err error
	if known {
		now.nth = before.nth
		now, err = b.join(before, now)
	}
	if err == nil {
		now, err = b.place(now)
	}
	if err == nil && !known && len(b.held) >= maxHeld {
		return b.settle(now)
	}
	b.held[key] = now
	return err
}

// join lets go of the statement before. Where the day went on, only the first
// opening and the last closing are balances of a day's end.
func (b *Book) join(before, now held) (held, error) {
	l := now.ledger
	if !l.after(before.ledger) {
		return now, b.settle(before)
	}
	same, err := b.compare(before, now)
	if err != nil {
		return now, err
	}
	dayWentOn := l.goesOnFrom(before.ledger)
	if dayWentOn {
		err = b.noise(before.ledger.closing)
		now.opening, now.opener = before.opening, before.opener
	} else {
		err = b.settle(before)
	}
	if err == nil && (same || dayWentOn) {
		err = b.noise(l.opening)
	}
	if same && !dayWentOn {
		now.opening = nil
	}
	return now, err
}

// place records the opening once an entry dates it.
func (b *Book) place(h held) (held, error) {
	if h.opening == nil || h.ledger.entries == 0 && !h.opening.Carried {
		return h, nil
	}
	stated := h.opening
	h.opening = nil
	if stated.Carried {
		return h, b.noise(stated)
	}
	return h, b.record(h.opener, *stated, dayBefore(stated.When, h.ledger.first))
}

// settle records what is held: nothing in the file bears on it any more.
func (b *Book) settle(h held) error {
	if h.opening != nil {
		if err := b.record(h.opener, *h.opening, dayBefore(h.opening.When, domain.When{})); err != nil {
			return err
		}
	}
	switch closing := h.ledger.closing; {
	case closing == nil:
		return nil
	case closing.Carried:
		return b.noise(closing)
	default:
		return b.out(Item(h.head.balance(*closing, h.ledger.closedAt(), "closing")))
	}
}

// record makes the row of an opening.
func (b *Book) record(head Head, s Stated, when domain.When) error {
	m := head.balance(s, when, "opening")
	m.Opens = true
	return b.out(Item(m))
}

func (b *Book) noise(s *Stated) error {
	if s == nil {
		return nil
	}
	return b.out(domain.Noise{Line: s.Evidence.Line})
}

func (h Head) balance(s Stated, when domain.When, which string) domain.Movement {
	return domain.Movement{Kind: domain.Balance, When: when, To: h.Account, Amount: s.Amount,
		Source: h.Source, Evidence: s.Evidence, Note: h.Name + ": " + which + " balance"}
}

// goesOnFrom says that this statement goes on with the day on which the one
// before it ended, so that neither the one's closing nor the other's opening
// is the balance of a day's end.
func (l *ledger) goesOnFrom(before *ledger) bool {
	ended := before.closedAt()
	switch {
	case ended.IsZero():
		return false
	case l.entries == 0:
		return l.closing != nil && l.closedAt().Day().Equal(ended.Day())
	}
	return !l.first.Day().After(ended.Day())
}

// after says that this statement does not lie before the other one in time.
// Some banks print the newest statement first.
func (l *ledger) after(other *ledger) bool {
	ours, theirs := l.closedAt(), other.closedAt()
	if ours.IsZero() {
		ours = l.openedAt()
	}
	return theirs.IsZero() || ours.IsZero() || !ours.Day().Before(theirs.Day())
}

// compare says whether the statement opens with what the one before closed with.
// A difference is a gap between the two: something lies between them that the
// file does not have, or one of them stands in it twice.
func (b *Book) compare(before, now held) (same bool, err error) {
	closing, opening := before.ledger.closing, now.ledger.opening
	if closing == nil || opening == nil {
		return false, nil
	}
	gap, err := opening.Amount.Sub(closing.Amount)
	if err == nil && gap.IsZero() {
		return true, nil
	}
	what := fmt.Sprintf("gap %s; a statement or a page may be missing between them", money(gap))
	if before.ledger.equal(now.ledger) {
		what = fmt.Sprintf("both say the same: if the statement is in the file twice, its %s were read twice; leave one out and import the file again", now.ledger.counted())
	}
	reason := fmt.Sprintf("%s of %s opens with %s, but %s closed with %s: %s",
		now.head.Name, now.head.Account, money(opening.Amount), before.head.Name, money(closing.Amount), what)
	return false, b.out(domain.Warning{Line: opening.Evidence.Line, Reason: reason})
}

// equal says that two statements have the same balances, days and sums.
func (l *ledger) equal(other *ledger) bool {
	return l.entries > 0 && l.entries == other.entries && l.sum == other.sum && l.first == other.first && l.last == other.last &&
		l.opening.Amount == other.opening.orNone() && l.closing.orNone() == other.closing.orNone()
}

func (s *Stated) orNone() domain.Amount {
	if s == nil {
		return domain.Amount{}
	}
	return s.Amount
}

// inOrder gives what is held in the order of the file.
func inOrder(all map[pool]held) []held {
	return slices.SortedFunc(maps.Values(all), func(a, b held) int { return a.nth - b.nth })
}

func money(a domain.Amount) string { return a.String() + " " + string(a.Asset.Code) }
