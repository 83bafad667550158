package mt940

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"clew/domain"
	"clew/importers/statement"
)

// reader follows the messages of a file.
type reader struct {
	*scanner
	options  domain.ReadOptions
	out      func(domain.Item) error
	book     *statement.Book
	at       message
	entry    *entry // the entry that waits for its text
	sawField bool
}

// message is the statement at hand.
type message struct {
	line      int
	reference string
	number    string
	account   domain.AccountID
	currency  string
	interim   bool // an MT942
	began     bool // told to the book
	expected  int  // entries that are only expected
	unread    int
	debits    total
	credits   total
}

// total counts entries of one direction and sums them.
type total struct {
	count int
	sum   domain.Units
}

// field takes what the scanner gives.
func (r *reader) field(f field) error {
	if f.tag == "" {
		return r.between(f)
	}
	r.sawField = true
	if f.tooLong && !goesOn(f.tag) {
		return r.out(domain.Reject{Evidence: domain.Evidence{Line: f.line}, Field: "line", Reason: "is longer than any line of a statement: is a line end missing?"})
	}
	switch f.tag {
	case "61":
		return r.begin61(f)
	case "86":
		if r.entry == nil {
			return r.noise(f.line)
		}
		r.entry.add(f)
		return nil
	case "NS":
		return r.noise(f.line) // a bank's own field, between an entry and its text
	}
	if err := r.endEntry(); err != nil {
		return err
	}
	return r.other(f)
}

// between takes a line outside all fields; the end of a message is one.
func (r *reader) between(f field) error {
	if f.ends {
		if err := r.finish(); err != nil {
			return err
		}
	}
	return r.noise(f.line)
}

func (r *reader) other(f field) error {
	switch f.tag {
	case "20":
		if err := r.finish(); err != nil {
			return err
		}
		r.at.line, r.at.reference = f.line, strings.TrimSpace(f.text)
	case "25", "25P":
		return r.account(f)
	case "28", "28C":
		r.at.number = strings.TrimSpace(f.text)
	case "13", "13D":
		r.at.interim = true
	case "34F":
		r.at.interim = true
		r.at.currency = currencyOf(f.text)
	case "60", "60F", "60M", "62", "62F", "62M":
		return r.balance(f)
	case "90C", "90D":
		return r.total(f)
	}
	return r.noise(f.line)
}

func (r *reader) noise(line int) error { return r.out(domain.Noise{Line: line}) }

func (r *reader) warn(line int, format string, args ...any) error {
	return r.out(domain.Warning{Line: line, Reason: fmt.Sprintf(format, args...)})
}

func currencyOf(text string) string {
	if len(text) < 3 {
		return ""
	}
	return text[:3]
}

// account reads :25:. A second one begins another statement.
func (r *reader) account(f field) error {
	if r.at.account != "" && r.at.began {
		if err := r.finish(); err != nil {
			return err
		}
	}
	r.at.account = accountName(f.text)
	if r.options.Account != "" && r.at.account != "" && r.options.Account != r.at.account {
		if err := r.warn(f.line, "the statement says that it is of %s, not of %s: what the statement says is taken", r.at.account, r.options.Account); err != nil {
			return err
		}
	}
	return r.noise(f.line)
}

var withCurrency = regexp.MustCompile(`^(.*\d)\s*[A-Z]{3}$`)

// accountName names the account of :25:, which is an IBAN, one behind the
// bank's code, one before its currency, or whatever the bank calls it.
func accountName(text string) domain.AccountID {
	text = strings.TrimSpace(text)
	candidates := []string{text}
	if _, behind, found := strings.Cut(text, "/"); found {
		candidates = append(candidates, behind)
	}
	if found := withCurrency.FindStringSubmatch(text); found != nil {
		candidates = append(candidates, found[1])
	}
	for _, candidate := range candidates {
		if iban, err := statement.IBAN(candidate); err == nil {
			return iban
		}
	}
	return statement.Account(text)
}

// begin tells the book of the statement, before its first balance or entry.
func (r *reader) begin(line int) error {
	if r.at.began {
		return nil
	}
	r.at.began = true
	if r.at.account == "" {
		r.at.account = r.options.Account
	}
	if r.at.line == 0 {
		r.at.line = line
	}
	return r.book.Begin(statement.Head{Name: r.name(), Account: r.at.account, Source: r.origin(), Interim: r.at.interim, Line: r.at.line})
}

// name is what a person would call the statement. Some banks number all of
// them alike, so the reference stands beside the number.
func (r *reader) name() string {
	number, reference := statement.Note(r.at.number), statement.Note(r.at.reference)
	switch {
	case number != "" && reference != "":
		return "statement " + number + " (" + reference + ")"
	case number+reference != "":
		return "statement " + number + reference
	}
	return "the statement"
}

// origin says who tells the entries: the bank that keeps the account, known
// by the account, in this kind of message.
func (r *reader) origin() string {
	switch {
	case r.options.Source != "":
		return r.options.Source
	case r.at.interim:
		return "mt942 " + string(r.at.account)
	}
	return "mt940 " + string(r.at.account)
}

// finish ends the statement at hand.
func (r *reader) finish() error {
	if err := r.endEntry(); err != nil {
		return err
	}
	if r.at.expected > 0 {
		if err := r.warn(r.at.line, "%s has %d entries that are only expected (EC, ED): they are not booked and so not recorded; import the statement on which they are booked", r.name(), r.at.expected); err != nil {
			return err
		}
	}
	r.at = message{}
	return r.book.End()
}

// stated is a balance: direction, day, currency, amount. Some banks leave the
// currency out of the second one.
var stated = regexp.MustCompile(`^([CD])(\d{6})([A-Z]{3})?(\d[\d,]*)\s*$`)

// balance reads :60F:, :60M:, :62F: and :62M:.
func (r *reader) balance(f field) error {
	opening := strings.HasPrefix(f.tag, "60")
	if opening && r.book.Opened() {
		kept := r.at
		if err := r.finish(); err != nil {
			return err
		}
		r.at = message{line: f.line, reference: kept.reference, number: kept.number, account: kept.account, interim: kept.interim}
	}
	evidence := domain.Evidence{Line: f.line, Page: ":" + f.tag + ":"}
	amount, when, problem := r.readBalance(f.text)
	if problem == nil && r.at.account == "" && r.options.Account == "" {
		problem = &domain.FieldError{Field: "account", Reason: accountMissing}
	}
	if problem != nil {
		return r.out(domain.Reject{Evidence: evidence, Field: problem.Field, Reason: problem.Reason})
	}
	if err := r.begin(f.line); err != nil {
		return err
	}
	s := statement.Stated{Amount: amount, When: when, Evidence: evidence, Carried: strings.HasSuffix(f.tag, "M")}
	if opening {
		return r.book.Opening(s)
	}
	return r.book.Closing(s)
}

const accountMissing = "is missing: no :25: says whose statement it is; say it with --account"

func (r *reader) readBalance(text string) (amount domain.Amount, when domain.When, problem *domain.FieldError) {
	parts := stated.FindStringSubmatch(strings.TrimSpace(text))
	if parts == nil {
		return amount, when, &domain.FieldError{Field: "balance", Reason: fmt.Sprintf("%.60q is not a balance: it should look like C240105EUR1234,56", text)}
	}
	if parts[3] != "" {
		r.at.currency = parts[3]
	}
	if amount, problem = r.money(parts[4]); problem != nil {
		return amount, when, problem
	}
	if parts[1] == "D" {
		amount.Units, _ = amount.Units.Neg()
	}
	when, err := day(parts[2])
	if err != nil {
		return amount, when, &domain.FieldError{Field: "time", Reason: err.Error()}
	}
	return amount, when, nil
}

// money reads an amount in the statement's currency.
func (r *reader) money(text string) (domain.Amount, *domain.FieldError) {
	if r.at.currency == "" {
		return domain.Amount{}, &domain.FieldError{Field: "asset", Reason: "is not known: no balance before it (:60F:) names the currency"}
	}
	asset, err := r.options.Assets.Find(r.at.currency)
	if err != nil {
		return domain.Amount{}, &domain.FieldError{Field: "asset", Reason: err.Error()}
	}
	amount, err := domain.ParseAmount(strings.TrimSuffix(strings.Replace(text, ",", ".", 1), "."), asset)
	if err != nil {
		return domain.Amount{}, &domain.FieldError{Field: "amount", Reason: err.Error()}
	}
	return amount, nil
}

// day reads YYMMDD. Years 80 to 99 are of the last century, as in SWIFT.
func day(text string) (domain.When, error) {
	century := "20"
	if text >= "80" {
		century = "19"
	}
	when, err := domain.ParseWhen(century + text[:2] + "-" + text[2:4] + "-" + text[4:6])
	if err != nil {
		return domain.When{}, fmt.Errorf("%s is not a day (YYMMDD): compare it with the document", text)
	}
	return when, nil
}

var summed = regexp.MustCompile(`^(\d{1,5})([A-Z]{3})(\d[\d,]*)\s*$`)

// total holds :90D: or :90C: against the entries that were read.
func (r *reader) total(f field) error {
	parts, read := summed.FindStringSubmatch(strings.TrimSpace(f.text)), r.at.credits
	if f.tag == "90D" {
		read = r.at.debits
	}
	if parts == nil || r.at.unread > 0 {
		return r.noise(f.line)
	}
	if r.at.currency == "" {
		r.at.currency = parts[2]
	}
	count, _ := strconv.Atoi(parts[1])
	amount, problem := r.money(parts[3])
	if problem == nil && (count != read.count || amount.Units != read.sum) {
		if err := r.warn(f.line, "%s says in :%s: that it has %d entries of %s %s, but it has %d of %s: ask the bank for the statement again",
			r.name(), f.tag, count, amount, amount.Asset.Code, read.count, amount.Asset.Format(read.sum)); err != nil {
			return err
		}
	}
	return r.noise(f.line)
}
