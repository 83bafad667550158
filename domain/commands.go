package domain

import (
	"reflect"
	"slices"
	"strings"
)

// Command is what a person wants to record about a case. Its JSON is what an
// idempotency key stands for, so it bears no clock and no generated ids.
// Decide answers with the events that carry it out: none where they are
// recorded already, an error where they cannot be.
type Command interface {
	Decide(c *CaseFile) ([]Event, error)
}

// The limits on what a person writes: a title fits a line, a reason a page.
const (
	maxTitle  = 200
	maxReason = 4000
)

// OpenCase opens a case.
type OpenCase struct {
	Case     CaseID    `json:"case"`
	Title    string    `json:"title"`
	Currency AssetCode `json:"currency,omitempty"`
}

// Decide opens the case once; the same opening again changes nothing.
func (o OpenCase) Decide(c *CaseFile) ([]Event, error) {
	if err := checkName("title", o.Title, maxTitle); err != nil {
		return nil, Usage("case %s: %v", o.Case, err)
	}
	if c.Opened && (c.Title != o.Title || c.Currency != o.Currency) {
		return nil, Conflict("case %s is open already, as %q: choose another name for a new case, or go on with this one", o.Case, c.Title)
	}
	if c.Opened {
		return nil, nil
	}
	return []Event{CaseOpened(o)}, nil
}

// working says why a case takes no more facts, or nil.
func (c *CaseFile) working() error {
	switch {
	case !c.Opened:
		return NotFound("there is no case %s: open it with 'clew case open %s --title …', or see 'clew case list'", c.ID, c.ID)
	case c.Closed:
		return Conflict("case %s is closed and takes no more facts: open a new case and link it with 'clew case link'", c.ID)
	}
	return nil
}

// Working says why a case takes no more facts, or nil.
func (c *CaseFile) Working() error { return c.working() }

// NoteCase writes something down about the case.
type NoteCase struct {
	Text string `json:"text"`
}

// Decide records the note.
func (n NoteCase) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if err := checkText("note", n.Text); err != nil {
		return nil, err
	}
	return []Event{CaseNoted{Personal{Clear: n.Text}}}, nil
}

// LinkCase says that this case and another are walked as one. It is recorded
// in both.
type LinkCase struct {
	Other  CaseID `json:"other"`
	Reason string `json:"reason,omitempty"`
}

// Decide records the link once.
func (l LinkCase) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if l.Other == c.ID {
		return nil, Usage("case %s cannot be linked with itself: name the other case", c.ID)
	}
	if slices.Contains(c.Links, l.Other) {
		return nil, nil
	}
	return []Event{CaseLinked(l)}, nil
}

// CloseCase ends the work on a case.
type CloseCase struct {
	Reason string `json:"reason,omitempty"`
}

// Decide closes the case once.
func (k CloseCase) Decide(c *CaseFile) ([]Event, error) {
	if c.Closed {
		return nil, nil
	}
	if err := c.working(); err != nil {
		return nil, err
	}
	return []Event{CaseClosed(k)}, nil
}

func parseCountry(text string) (string, error) {
	country := strings.ToUpper(strings.TrimSpace(text))
	if country != "" && (len(country) != 2 || country[0] < 'A' || country[0] > 'Z' || country[1] < 'A' || country[1] > 'Z') {
		return "", Usage("country %s is not an ISO 3166-1 code of two letters, like DE or NG", quoted(text))
	}
	return country, nil
}

func checkText(what, text string) error {
	if strings.TrimSpace(text) == "" {
		return Usage("%s is missing: it is kept with the record and read by others later", what)
	}
	if len(text) > maxReason {
		return Usage("%s has %d bytes, more than %d: put the long text into a file and import it as evidence", what, len(text), maxReason)
	}
	return nil
}

// DescribeAccount says whose an account is or of what kind.
type DescribeAccount struct {
	Account     AccountID   `json:"account"`
	Holder      string      `json:"holder,omitempty"`
	Institution string      `json:"institution,omitempty"`
	Country     string      `json:"country,omitempty"`
	As          AccountKind `json:"as,omitempty"`
	Victim      VictimID    `json:"victim,omitempty"`
	NotVictim   VictimID    `json:"not_victim,omitempty"`
	Shared      *bool       `json:"shared,omitempty"`
	Innocent    *bool       `json:"innocent,omitempty"`
	Coerced     *bool       `json:"coerced,omitempty"`
	Basis       string      `json:"basis,omitempty"`
	Opened      When        `json:"opened,omitzero"`
}

// Decide records the description, if it says anything.
func (d DescribeAccount) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	country, err := parseCountry(d.Country)
	if err != nil {
		return nil, err
	}
	if d.As != "" && !slices.Contains(AccountKinds(), d.As) {
		return nil, Usage("account %s: kind %q is not one of %v", d.Account, d.As, AccountKinds())
	}
	// A name says where an account is, not that nothing is pooled behind it: an
	// address can be a mixer's, an IBAN a processor's.
	if named := d.Account.Kind(); d.As != "" && named != KindUnknown && named != d.As && (named.End() || !d.As.End()) {
		return nil, Conflict("account %s is of kind %s by its name and cannot be %s as well: only an end (%s) can be said of such a name", d.Account, named, d.As, "cash, merchant, mixer, gambling, service, sink")
	}
	if d.Victim != "" && d.Victim == d.NotVictim {
		return nil, Usage("account %s cannot be %s's and not %s's at once", d.Account, d.Victim, d.Victim)
	}
	if d == (DescribeAccount{Account: d.Account, Basis: d.Basis}) {
		return nil, Usage("account %s: say at least one thing about it (holder, institution, country, kind, victim, shared, innocent, coerced, opened)", d.Account)
	}
	said := AccountDescribed{d.Account, personal(d.Holder), d.Institution, country, d.As, d.Victim, d.NotVictim,
		d.Shared, d.Innocent, d.Coerced, d.Basis, d.Opened}
	if before, known := c.Accounts[d.Account]; known && reflect.DeepEqual(overlay(before, said), before) {
		return nil, nil
	}
	return []Event{said}, nil
}

// IdentifyAccounts says that two names are one account.
type IdentifyAccounts struct {
	Account AccountID `json:"account"`
	As      AccountID `json:"as"`
	Basis   string    `json:"basis,omitempty"`
}

// Decide records the identity unless it is known already or would go round in
// a circle. Account and As being the same takes an earlier identity back.
func (i IdentifyAccounts) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if i.Account == i.As {
		if _, identified := c.SameAs[i.Account]; !identified {
			return nil, Usage("account %s is its own name: name the account that it is the same as", i.Account)
		}
		return []Event{AccountIdentified(i)}, nil
	}
	if c.Resolve(i.As) == c.Resolve(i.Account) {
		return nil, nil
	}
	if i.Account.Kind().End() != i.As.Kind().End() {
		return nil, Conflict("account %s and %s cannot be one: behind one of them money can no longer be told apart, behind the other it can", i.Account, i.As)
	}
	return []Event{AccountIdentified(i)}, nil
}

// AttachLabel says what an account is known as.
type AttachLabel struct {
	Account    AccountID `json:"account"`
	Label      string    `json:"label"`
	Source     string    `json:"source"`
	Confidence string    `json:"confidence,omitempty"`
	Assessment bool      `json:"assessment,omitempty"`
}

// Decide records the label once.
func (a AttachLabel) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if err := checkName("label", a.Label, maxTitle); err != nil {
		return nil, Usage("account %s: %v", a.Account, err)
	}
	if err := checkText("source", a.Source); err != nil {
		return nil, err
	}
	if slices.Contains(c.Labels[a.Account], LabelAttached(a)) {
		return nil, nil
	}
	return []Event{LabelAttached(a)}, nil
}

// WithdrawLabel takes a label back.
type WithdrawLabel struct {
	Account AccountID `json:"account"`
	Label   string    `json:"label"`
	Reason  string    `json:"reason"`
}

// Decide records the withdrawal of a label that is there.
func (w WithdrawLabel) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if err := checkText("reason", w.Reason); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(c.Labels[w.Account], func(l LabelAttached) bool { return l.Label == w.Label }) {
		return nil, NotFound("account %s has no label %q in case %s: see 'clew account show'", w.Account, w.Label, c.ID)
	}
	return []Event{LabelWithdrawn(w)}, nil
}

// LockRule chooses the rule by which the case is traced.
type LockRule struct {
	Rule      string `json:"rule"`
	Authority string `json:"authority"`
	Reason    string `json:"reason"`
}

// Decide records the choice; choosing another rule later is another event. The
// caller has checked that the rule exists.
func (l LockRule) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if err := checkText("authority", l.Authority); err != nil {
		return nil, err
	}
	if err := checkText("reason", l.Reason); err != nil {
		return nil, err
	}
	if c.Lock != nil && *c.Lock == RuleLocked(l) {
		return nil, nil
	}
	return []Event{RuleLocked(l)}, nil
}

// RegisterAsset adds an asset to the register.
func RegisterAsset(register Assets, asset AssetRegistered) ([]Event, error) {
	known, err := register.Find(string(asset.Asset))
	if err == nil && known.Digits == asset.Digits {
		return nil, nil
	}
	if _, err := register.With(Asset{asset.Asset, asset.Digits}); err != nil {
		return nil, Conflict("%v", err)
	}
	return []Event{asset}, nil
}

// PublishRates checks a day's published rates before they are recorded.
func PublishRates(known Rates, event RatePublished) ([]Event, error) {
	if !event.Day.Bare || event.Base == "" || len(event.Rates) == 0 {
		return nil, Usage("rates need a base, a day (2024-01-05) and at least one rate")
	}
	if err := checkText("source", event.Source); err != nil {
		return nil, err
	}
	if _, err := known.With(event); err != nil {
		return nil, Usage("%v", err)
	}
	for code, text := range event.Rates {
		rate, ok := known.on(event.Base, code, event.Day.Day())
		if new, err := ParseRate(text); err != nil || !ok || !rate.Equal(new) {
			return []Event{event}, nil
		}
	}
	return nil, nil
}
