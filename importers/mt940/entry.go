package mt940

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"clew/domain"
	"clew/importers/statement"
)

// entry is one :61: with the texts of its :86:.
type entry struct {
	field
	texts []string
	size  int // of texts
}

// add takes a :86:, of which some banks write several. Beyond maxField in all,
// the rest of the text is left in the evidence.
func (e *entry) add(f field) {
	e.tooLong = e.tooLong || f.tooLong || e.size+len(f.text) > maxField
	if e.size+len(f.text) <= maxField {
		e.texts = append(e.texts, f.text)
		e.size += len(f.text) + 1
	}
}

// line61 is :61: as SWIFT writes it: value day, booking day, direction, funds
// code, amount, type, references, and on a line of its own supplementary
// details. One bank breaks the line before the amount. Nothing but a type may
// follow the amount on its line: 12.50 must not be read as 12.
var line61 = regexp.MustCompile(`(?s)^(\d{6})(\d{4})?(R?[CD]|E[CD])[A-Z]?[ \n]?(\d[\d,]*)(?:([A-Z][A-Z0-9 ]{3})[^\n]*)?(?:\n(.*))?$`)

// booking is what a :61: says.
type booking struct {
	value, booked string
	direction     string
	amount        string
	kind          string // NTRF, FMSC, …
	details       string // supplementary details
}

func (b booking) credit() bool   { return b.direction == "C" || b.direction == "RD" }
func (b booking) expected() bool { return strings.HasPrefix(b.direction, "E") }

// returned says that money comes back: a reversal, or a returned item (RTI).
func (b booking) returned() bool {
	return strings.HasPrefix(b.direction, "R") || strings.HasSuffix(b.kind, "RTI")
}

func parse61(text string) (booking, *domain.FieldError) {
	parts := line61.FindStringSubmatch(text)
	if parts == nil {
		return booking{}, &domain.FieldError{Field: "entry", Reason: fmt.Sprintf("%.80q is not an entry: it should look like 2401050105D12,50NTRFNONREF", text)}
	}
	return booking{parts[1], parts[2], parts[3], parts[4], parts[5], strings.TrimSpace(parts[6])}, nil
}

// begin61 keeps an entry until its text has come.
func (r *reader) begin61(f field) error {
	if err := r.endEntry(); err != nil {
		return err
	}
	r.entry = &entry{field: f}
	return nil
}

// endEntry makes a row of the entry that waits.
func (r *reader) endEntry() error {
	if r.entry == nil {
		return nil
	}
	e := *r.entry
	r.entry = nil
	if err := r.begin(e.line); err != nil {
		return err
	}
	evidence := domain.Evidence{Line: e.line}
	b, problem := parse61(e.text)
	if problem == nil && b.expected() {
		r.at.expected++
		return r.noise(e.line)
	}
	move := domain.Movement{Kind: domain.Transfer, Source: r.origin(), Evidence: evidence}
	if problem == nil {
		problem = r.book61(&move, b)
	} else {
		r.lost()
	}
	if problem != nil {
		return r.out(domain.Reject{Evidence: evidence, Field: problem.Field, Reason: problem.Reason})
	}
	return r.row(move, b, e)
}

// book61 reads amount and day, and adds the entry to the statement's sum.
func (r *reader) book61(move *domain.Movement, b booking) (problem *domain.FieldError) {
	if r.at.account == "" {
		return &domain.FieldError{Field: "account", Reason: accountMissing}
	}
	if move.Amount, problem = r.money(b.amount); problem != nil {
		r.lost()
		return problem
	}
	signed := move.Amount
	if !b.credit() {
		signed.Units, _ = signed.Units.Neg()
	}
	var err error
	move.When, err = b.when()
	r.book.Booked(signed, move.When)
	r.count(b.credit(), move.Amount)
	if err != nil {
		return &domain.FieldError{Field: "time", Reason: err.Error()}
	}
	return nil
}

// lost notes an entry that is missing from the sums.
func (r *reader) lost() {
	r.at.unread++
	if asset, err := r.options.Assets.Find(r.at.currency); err == nil {
		r.book.Unread(asset)
	}
}

func (r *reader) count(credit bool, amount domain.Amount) {
	t := &r.at.debits
	if credit {
		t = &r.at.credits
	}
	sum, err := t.sum.Add(amount.Units)
	t.count, t.sum = t.count+1, sum
	if err != nil {
		r.at.unread++ // the sum cannot be compared any more
	}
}

// when is the booking day, else the value day. A booking day has no year: it
// is the year in which it lies nearest to the value day.
func (b booking) when() (domain.When, error) {
	value, err := day(b.value)
	if err != nil || b.booked == "" {
		return value, err
	}
	best, found := domain.When{}, false
	for year := value.Time.Year() - 1; year <= value.Time.Year()+1; year++ {
		when, err := domain.ParseWhen(fmt.Sprintf("%04d-%s-%s", year, b.booked[:2], b.booked[2:]))
		if err == nil && (!found || apart(when, value) < apart(best, value)) {
			best, found = when, true
		}
	}
	if !found {
		return best, fmt.Errorf("%s is not a day (MMDD): compare it with the document", b.booked)
	}
	return best, nil
}

func apart(a, b domain.When) time.Duration { return a.Time.Sub(b.Time).Abs() }

// row gives the movement of an entry with what its text says of it.
func (r *reader) row(move domain.Movement, b booking, e entry) error {
	t := readText(e.texts, b.details)
	if e.tooLong {
		if err := r.warn(e.line, "the text of the entry of %s is longer than clew reads: its parties may be missing from the row; compare it with the document", money(move.Amount)); err != nil {
			return err
		}
	}
	other, odd, err := t.other.account()
	if err != nil {
		return r.out(domain.Reject{Evidence: move.Evidence, Field: "account", Reason: err.Error()})
	}
	if other != "" && statement.SameNumber(other, r.at.account) {
		other = "" // the account itself, named as its own counterpart
	}
	if t.foreign != "" && t.foreign[:3] != string(move.Amount.Asset.Code) {
		odd = fmt.Sprintf("the payment was %s; what was booked is recorded", t.foreign)
	}
	if odd != "" {
		if err := r.warn(e.line, "entry of %s: %s", money(move.Amount), odd); err != nil {
			return err
		}
	}
	move.Ref, move.Note = t.reference, t.note
	move.From, move.To = r.at.account, other
	if b.credit() {
		move.From, move.To = move.To, move.From
	}
	if b.returned() || t.returned {
		move.Kind = domain.Return // what it gives back, the statement does not say
	}
	return r.out(statement.Item(move))
}

func money(a domain.Amount) string { return a.String() + " " + string(a.Asset.Code) }
