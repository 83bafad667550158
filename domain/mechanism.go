package domain

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// Mechanism is one way to stop money: who starts it, what it asks for, by when.
// It is data: users may add their own.
type Mechanism struct {
	Name      string   `yaml:"name"`
	Title     string   `yaml:"title"`
	Starts    string   `yaml:"starts"`
	Countries []string `yaml:"countries"` // ISO 3166-1 alpha-2 of the side that starts it; empty: any
	Criteria  Criteria `yaml:"criteria"`
	Clocks    []Clock  `yaml:"clocks"`
	OrderDue  bool     `yaml:"order_due"` // a date by which an order must be there belongs to each request
	ValidFrom string   `yaml:"valid_from"`
	ValidTo   string   `yaml:"valid_to"`
	Note      string   `yaml:"note"`
	Papers    []string `yaml:"papers"`
	Source    string   `yaml:"source"`
}

// Criteria are what a mechanism asks of a request. They warn, never block: an
// officer may know better, and a late request may still hold something.
type Criteria struct {
	MinAmount     string   `yaml:"min_amount"`
	Asset         string   `yaml:"asset"`
	WithinHours   int      `yaml:"within_hours"`
	International bool     `yaml:"international"`
	RecallSent    bool     `yaml:"recall_sent"`
	Reasons       []string `yaml:"reasons"`
}

// Clock is a deadline that comes with a mechanism.
type Clock struct {
	What        string   `yaml:"what"`
	From        string   `yaml:"from"` // wire, requested, submitted, acknowledged or held
	Hours       int      `yaml:"hours"`
	Days        int      `yaml:"days"`
	Months      int      `yaml:"months"`
	WorkingDays int      `yaml:"working_days"`
	Calendar    string   `yaml:"calendar"` // TARGET, country (of the responding side) or a country's code
	Reasons     []string `yaml:"reasons"`
	Lapses      bool     `yaml:"lapses"` // what it ends is the hold itself
}

// Mechanisms is a list of mechanisms by name.
type Mechanisms []Mechanism

//go:embed mechanisms.yaml
var mechanismsYAML []byte

// StandardMechanisms are those that clew ships with.
func StandardMechanisms() Mechanisms {
	list, err := ParseMechanisms(mechanismsYAML)
	if err != nil {
		panic("domain: the embedded mechanisms cannot be read: " + err.Error())
	}
	return list
}

// maxMechanisms bounds a file of mechanisms: a few dozen exist in the world.
const maxMechanisms = 1000

// ParseMechanisms reads a file of mechanisms; an unknown key is refused,
// because it would be a rule that nobody follows.
func ParseMechanisms(data []byte) (Mechanisms, error) {
	strict := yaml.NewDecoder(bytes.NewReader(data))
	strict.KnownFields(true)
	var list Mechanisms
	if err := strict.Decode(&list); err != nil {
		return nil, Usage("mechanisms: %v", err)
	}
	if len(list) > maxMechanisms {
		return nil, Usage("mechanisms: %d are more than %d", len(list), maxMechanisms)
	}
	for i, m := range list {
		if err := m.check(); err != nil {
			return nil, Usage("mechanism %d (%s): %v", i+1, m.Name, err)
		}
	}
	return list, nil
}

func (m Mechanism) check() error {
	if err := checkName("name", m.Name, 40); err != nil {
		return err
	}
	if m.Criteria.MinAmount != "" {
		if _, err := ParseRate(m.Criteria.MinAmount); err != nil || m.Criteria.Asset == "" {
			return fmt.Errorf("min_amount %s needs a number and its asset", quoted(m.Criteria.MinAmount))
		}
	}
	for _, date := range []string{m.ValidFrom, m.ValidTo} {
		if _, err := time.Parse(time.DateOnly, date); date != "" && err != nil {
			return fmt.Errorf("%s is no date like 2027-07-10", quoted(date))
		}
	}
	for _, c := range m.Clocks {
		if err := c.check(); err != nil {
			return err
		}
	}
	return nil
}

func (c Clock) check() error {
	given := 0
	for _, n := range []int{c.Hours, c.Days, c.Months, c.WorkingDays} {
		if n < 0 {
			return fmt.Errorf("clock %q: a time below nothing", c.What)
		}
		if n > 0 {
			given++
		}
	}
	if given != 1 || !slices.Contains([]string{"wire", "requested", "submitted", "acknowledged", "held"}, c.From) {
		return fmt.Errorf("clock %q: say from what (wire, requested, submitted, acknowledged, held) and one of hours, days, months, working_days", c.What)
	}
	return nil
}

// With lays an installation's own mechanisms over these: of two with one name
// its own stands, in the place of the other.
func (l Mechanisms) With(own Mechanisms) Mechanisms {
	all := slices.Clone(l)
	for _, m := range own {
		at := slices.IndexFunc(all, func(known Mechanism) bool { return known.Name == m.Name })
		if at < 0 {
			all = append(all, m)
			continue
		}
		all[at] = m
	}
	return all
}

// Words are what the mechanism asks for, each in a few words.
func (k Criteria) Words() []string {
	var list []string
	for _, part := range []struct {
		asked bool
		words string
	}{
		{k.MinAmount != "", "at least " + k.MinAmount + " " + k.Asset},
		{k.MinAmount == "" && k.Asset != "", "in " + k.Asset},
		{k.WithinHours > 0, fmt.Sprintf("within %d hours of the payment", k.WithinHours)},
		{k.International, "a payment abroad"},
		{k.RecallSent, "a recall sent by the originating bank"},
		{len(k.Reasons) > 0, "a reason of " + strings.Join(k.Reasons, ", ")},
	} {
		if part.asked {
			list = append(list, part.words)
		}
	}
	return list
}

// Find gives the mechanism of a name.
func (l Mechanisms) Find(name string) (Mechanism, error) {
	for _, m := range l {
		if m.Name == name {
			return m, nil
		}
	}
	var names []string
	for _, m := range l {
		names = append(names, m.Name)
	}
	return Mechanism{}, Usage("mechanism %s is not known: use one of %s, or add it to a file of your own", quoted(name), strings.Join(names, ", "))
}

// Unmet says, in whole sentences, which criteria a request does not meet as
// far as its own words tell. What they do not tell is said as well.
func (m Mechanism) Unmet(r FreezeRequested, reason string) []string {
	wire := Wire{}
	if r.Wire != nil {
		wire = *r.Wire
	}
	var unmet []string
	add := func(sentence string) {
		if sentence != "" {
			unmet = append(unmet, sentence)
		}
	}
	add(m.notInForce(r.At))
	add(m.Criteria.tooSmall(r, wire))
	add(m.Criteria.tooLate(r, wire))
	add(m.Criteria.notAbroad(r, wire))
	if m.Criteria.RecallSent && wire.RecallSent.IsZero() {
		add("No recall is recorded as sent by the originating bank: it is asked for first.")
	}
	if len(m.Criteria.Reasons) > 0 && !slices.Contains(m.Criteria.Reasons, reason) {
		add(fmt.Sprintf("The reason %s is none of %s.", quoted(reason), strings.Join(m.Criteria.Reasons, ", ")))
	}
	return unmet
}

func (m Mechanism) notInForce(at When) string {
	day := at.Time.Format(time.DateOnly)
	switch {
	case m.ValidFrom != "" && day < m.ValidFrom:
		return fmt.Sprintf("The mechanism applies from %s on.", m.ValidFrom)
	case m.ValidTo != "" && day > m.ValidTo:
		return fmt.Sprintf("The mechanism applied until %s.", m.ValidTo)
	}
	return ""
}

func (k Criteria) tooSmall(r FreezeRequested, wire Wire) string {
	amount := r.Amount
	if wire.Amount != nil {
		amount = wire.Amount
	}
	switch {
	case k.Asset == "":
		return ""
	case amount == nil:
		return fmt.Sprintf("The amount of the payment is not stated; the mechanism is for %s%s.", atLeast(k.MinAmount), k.Asset)
	case string(amount.Asset.Code) != k.Asset:
		return fmt.Sprintf("The payment is in %s; the mechanism is for %s%s.", amount.Asset.Code, atLeast(k.MinAmount), k.Asset)
	case k.MinAmount == "":
		return ""
	}
	least, err := ParseAmount(k.MinAmount, amount.Asset)
	if err == nil && amount.Units.Less(least.Units) {
		return fmt.Sprintf("The payment of %s %s is below %s %s.", amount, k.Asset, least, k.Asset)
	}
	return ""
}

func atLeast(sum string) string {
	if sum == "" {
		return ""
	}
	return "at least " + sum + " "
}

func (k Criteria) tooLate(r FreezeRequested, wire Wire) string {
	switch {
	case k.WithinHours == 0:
		return ""
	case wire.SettledOn.IsZero():
		return fmt.Sprintf("When the payment was settled is not stated; the request should come within %d hours of it.", k.WithinHours)
	case r.At.Time.After(wire.SettledOn.End().Add(time.Duration(k.WithinHours) * time.Hour)):
		return fmt.Sprintf("The payment was settled on %s, more than %d hours before the request.", wire.SettledOn, k.WithinHours)
	}
	return ""
}

func (k Criteria) notAbroad(r FreezeRequested, wire Wire) string {
	if !k.International {
		return ""
	}
	from, to := countryOfBIC(wire.OriginatingBank), r.Country
	switch {
	case from == "" || to == "":
		return "Whether the payment went abroad is not stated: give the originating bank's BIC and the country of the account."
	case from == to:
		return fmt.Sprintf("The payment stayed in %s; the mechanism is for payments abroad.", to)
	}
	return ""
}

// countryOfBIC reads the country of a BIC (ISO 9362: characters 5 and 6).
func countryOfBIC(text string) string {
	if len(text) != 8 && len(text) != 11 || strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	}) {
		return ""
	}
	return text[4:6]
}
