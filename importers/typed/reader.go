package typed

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"clew/domain"
	"clew/importers/lines"
	"clew/importers/statement"
)

// reader follows a table from page to page.
type reader struct {
	table   *lines.Table
	options domain.ReadOptions
	out     func(domain.Item) error
	book    *statement.Book
	at      map[string]int // columns by name

	page    string
	own     domain.AccountID
	asset   domain.Asset
	balance domain.Amount // after the row above; not Given where it is not known
}

// header finds the columns.
func (r *reader) header() error {
	record, err := r.table.Next()
	for err == nil && record.Blank() {
		if err = r.out(domain.Noise{Line: record.Line}); err == nil {
			record, err = r.table.Next()
		}
	}
	if err == io.EOF {
		return domain.Usage("the table is empty: 'clew template' prints one to type into")
	}
	if err != nil {
		return err
	}
	r.at = map[string]int{}
	for i, name := range record.Fields {
		name = strings.ToLower(strings.TrimSpace(name))
		if name == "" {
			continue
		}
		if !slices.Contains(columns, name) {
			return domain.Usage("line %d: the column %q is not known: a typed table has %s", record.Line, name, strings.Join(columns, ", "))
		}
		r.at[name] = i
	}
	for _, needed := range []string{"page", "row", "date", "in", "out", "balance"} {
		if _, there := r.at[needed]; !there {
			return domain.Usage("line %d: the column %q is missing: a typed table has %s", record.Line, needed, strings.Join(columns, ", "))
		}
	}
	return nil // a header is not counted
}

func (r *reader) cell(record lines.Record, name string) string {
	at, there := r.at[name]
	if !there || at >= len(record.Fields) {
		return ""
	}
	return strings.TrimSpace(record.Fields[at])
}

// take reads one row.
func (r *reader) take(record lines.Record) error {
	if record.Problem != "" {
		return r.reject(record, &domain.FieldError{Field: "line", Reason: record.Problem})
	}
	if r.says(record) == "" {
		return r.out(domain.Noise{Line: record.Line}) // a row of the template that was not needed
	}
	if problem := r.head(record); problem != nil {
		return r.reject(record, problem)
	}
	if err := r.turn(record); err != nil {
		return err
	}
	switch kind := strings.ToLower(r.cell(record, "row")); kind {
	case opens, closes:
		return r.stated(record, kind)
	case "":
		return r.entry(record)
	default:
		return r.reject(record, &domain.FieldError{Field: "row", Reason: fmt.Sprintf("is %.40q: write %s or %s, or nothing for an entry", kind, opens, closes)})
	}
}

// says gives what a row says beside where it stands.
func (r *reader) says(record lines.Record) string {
	var all strings.Builder
	for _, name := range []string{"date", "account", "in", "out", "balance", "ref", "text"} {
		all.WriteString(r.cell(record, name))
	}
	return all.String()
}

func (r *reader) evidence(record lines.Record) domain.Evidence {
	return domain.Evidence{Line: record.Line, Page: "page " + r.page}
}

func (r *reader) reject(record lines.Record, problem *domain.FieldError) error {
	r.balance = domain.Amount{}
	if r.asset.Code != "" && r.page != "" {
		r.book.Unread(r.asset)
	}
	return r.out(domain.Reject{Evidence: r.evidence(record), Field: problem.Field, Reason: problem.Reason})
}

// head reads whose account it is and in what asset; what is not written again
// goes on from the row above.
func (r *reader) head(record lines.Record) *domain.FieldError {
	if text := r.cell(record, "own"); text != "" {
		own, err := domain.ParseAccount(text)
		if err != nil {
			return &domain.FieldError{Field: "own", Reason: err.Error()}
		}
		if own != r.own {
			r.page, r.balance = "", domain.Amount{} // another document
		}
		r.own = own
	}
	if r.own == "" {
		r.own = r.options.Account
	}
	if text := r.cell(record, "asset"); text != "" {
		asset, err := r.options.Assets.Find(text)
		if err != nil {
			return &domain.FieldError{Field: "asset", Reason: err.Error()}
		}
		r.asset = asset
	}
	switch {
	case r.own == "":
		return &domain.FieldError{Field: "own", Reason: "is missing: write whose account it is in the first row, or say it with --account"}
	case r.asset.Code == "":
		return &domain.FieldError{Field: "asset", Reason: "is missing: write the currency in the first row"}
	}
	return nil
}

// turn begins a new page.
func (r *reader) turn(record lines.Record) error {
	page := statement.Note(r.cell(record, "page"))
	if r.page != "" && (page == "" || page == r.page) {
		return nil
	}
	if r.page = page; page == "" {
		r.page = "1"
	}
	return r.book.Begin(statement.Head{Name: "page " + r.page, Account: r.own, Source: r.origin(), Line: record.Line})
}

func (r *reader) origin() string {
	if r.options.Source != "" {
		return r.options.Source
	}
	return "typed " + string(r.own)
}

// amount reads a cell; not Given where it is empty.
func (r *reader) amount(record lines.Record, name string) (domain.Amount, *domain.FieldError) {
	text := r.cell(record, name)
	if text == "" {
		return domain.Amount{}, nil
	}
	amount, err := domain.ParseAmount(text, r.asset)
	if err != nil {
		return amount, &domain.FieldError{Field: name, Reason: err.Error()}
	}
	return amount, nil
}

func (r *reader) when(record lines.Record) (domain.When, *domain.FieldError) {
	text := r.cell(record, "date")
	if text == "" {
		return domain.When{}, nil
	}
	when, err := domain.ParseWhen(text)
	if err != nil {
		return when, &domain.FieldError{Field: "time", Reason: err.Error()}
	}
	return when, nil
}

// stated reads the balance at the top or the bottom of a page.
func (r *reader) stated(record lines.Record, kind string) error {
	balance, problem := r.amount(record, "balance")
	if problem == nil && !balance.Given() {
		problem = &domain.FieldError{Field: "balance", Reason: "is missing: write what the page says the account held"}
	}
	when := domain.When{}
	if problem == nil {
		when, problem = r.when(record)
	}
	if problem != nil {
		r.balance = domain.Amount{}
		return r.out(domain.Reject{Evidence: r.evidence(record), Field: problem.Field, Reason: problem.Reason})
	}
	s := statement.Stated{Amount: balance, When: when, Evidence: r.evidence(record)}
	if kind == opens {
		r.balance = balance
		return r.book.Opening(s)
	}
	return r.book.Closing(s)
}

// entry reads a row with a movement.
func (r *reader) entry(record lines.Record) error {
	move, signed, problem := r.movement(record)
	if problem == nil && move.When.IsZero() {
		problem = &domain.FieldError{Field: "time", Reason: "is missing: write the day as on the page, like 2024-01-05"}
	}
	if problem != nil {
		return r.reject(record, problem)
	}
	r.book.Booked(signed, move.When)
	if err := r.follow(record, signed); err != nil {
		return err
	}
	return r.out(statement.Item(move))
}

// movement reads what moved; signed is what came in, negative for what went
// out.
func (r *reader) movement(record lines.Record) (move domain.Movement, signed domain.Amount, problem *domain.FieldError) {
	in, problem := r.amount(record, "in")
	if problem != nil {
		return move, signed, problem
	}
	out, problem := r.amount(record, "out")
	if problem != nil {
		return move, signed, problem
	}
	switch {
	case in.Given() == out.Given():
		return move, signed, &domain.FieldError{Field: "amount", Reason: "is needed in one of the two columns, in or out"}
	case in.Units.Sign() < 0 || out.Units.Sign() < 0:
		return move, signed, &domain.FieldError{Field: "amount", Reason: "is negative: the columns in and out say which way it went"}
	}
	move = domain.Movement{Kind: domain.Transfer, Source: r.origin(), Evidence: r.evidence(record),
		Ref: statement.Reference(r.cell(record, "ref")), Note: statement.Note(r.cell(record, "text"))}
	other, err := r.other(record)
	if err != nil {
		return move, signed, &domain.FieldError{Field: "account", Reason: err.Error()}
	}
	move.From, move.To, move.Amount, signed = other, r.own, in, in
	if out.Given() {
		move.From, move.To, move.Amount, signed = r.own, other, out, out
		signed.Units, _ = out.Units.Neg()
	}
	move.When, problem = r.when(record)
	return move, signed, problem
}

// other is the other side, as a person has typed it, with its prefix.
func (r *reader) other(record lines.Record) (domain.AccountID, error) {
	text := r.cell(record, "account")
	if text == "" {
		return "", nil
	}
	return domain.ParseAccount(text)
}

// follow holds a balance printed beside an entry against the row above.
func (r *reader) follow(record lines.Record, signed domain.Amount) error {
	printed, problem := r.amount(record, "balance")
	if problem != nil || r.balance.Given() && r.balance.Asset != r.asset {
		r.balance = domain.Amount{}
	}
	expected := r.balance
	if expected.Given() {
		var err error
		if expected, err = expected.Add(signed); err != nil {
			expected = domain.Amount{}
		}
	}
	r.balance = expected
	switch {
	case problem != nil:
		return r.out(domain.Warning{Line: record.Line, Reason: "page " + r.page + ": the balance cannot be read, so the row is not checked: " + problem.Error()})
	case !printed.Given():
		return nil
	}
	r.balance = printed
	gap, err := printed.Sub(expected)
	if !expected.Given() || err != nil || gap.IsZero() {
		return nil
	}
	return r.out(domain.Warning{Line: record.Line, Reason: fmt.Sprintf("page %s: the row above and this amount give %s, but the balance is typed as %s: gap %s %s; compare the row with the paper",
		r.page, expected, printed, gap, gap.Asset.Code)})
}

func (r *reader) finish() error { return r.book.Close() }
