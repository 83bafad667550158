package domain

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

func decimalOf(n uint64) string { return strconv.FormatUint(n, 10) }

// ParsePerson checks a person's reference.
func ParsePerson(text string) (PersonID, error) {
	name := strings.TrimSpace(text)
	return PersonID(name), checkName("person", name, maxPersonName)
}

// RegisterPerson says what a person is to the case.
type RegisterPerson struct {
	Person     PersonID       `json:"person"`
	Category   PersonCategory `json:"category"`
	Name       string         `json:"name,omitempty"`
	Contact    string         `json:"contact,omitempty"`
	Victim     VictimID       `json:"victim,omitempty"`
	Account    AccountID      `json:"account,omitempty"`
	Assessment bool           `json:"assessment,omitempty"`
	Basis      string         `json:"basis,omitempty"`
}

// Decide records what is new of the person.
func (r RegisterPerson) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if !slices.Contains(PersonCategories(), r.Category) {
		return nil, Usage("person %s: category %q is not one of %s (LED art. 6)", r.Person, r.Category, listOf(PersonCategories()))
	}
	if _, known := c.Victims[r.Victim]; r.Victim != "" && !known {
		return nil, NotFound("case %s has no victim %s: 'clew victim add %s %s' registers one", c.ID, r.Victim, c.ID, r.Victim)
	}
	event := PersonRegistered{r.Person, r.Category, personal(r.Name), personal(r.Contact), r.Victim, r.Account, r.Assessment, r.Basis}
	if known, ok := c.Persons[r.Person]; ok && samePerson(known, event) {
		return nil, nil
	}
	return []Event{event}, nil
}

func samePerson(a, b PersonRegistered) bool {
	same := samePersonal(a.Name, b.Name) && samePersonal(a.Contact, b.Contact)
	a.Name, a.Contact, b.Name, b.Contact = nil, nil, nil, nil
	return same && reflect.DeepEqual(a, b)
}

// NoteFinding records what was found out, as a fact or as an assessment.
type NoteFinding struct {
	About      Whose  `json:"about"`
	Text       string `json:"text"`
	Source     string `json:"source"`
	Assessment bool   `json:"assessment,omitempty"`
}

// Decide records the finding once.
func (n NoteFinding) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if err := checkText("finding", n.Text); err != nil {
		return nil, err
	}
	if err := checkText("source", n.Source); err != nil {
		return nil, err
	}
	event := FindingNoted{n.About, Personal{Clear: n.Text}, n.Source, n.Assessment}
	for _, known := range c.Findings {
		if known.About == n.About && known.Text.Clear == n.Text && known.Source == n.Source && known.Assessment == n.Assessment {
			return nil, nil
		}
	}
	return []Event{event}, nil
}

// SetReview decides when the need to keep the case's data is reviewed.
type SetReview struct {
	Due    When   `json:"due"`
	Reason string `json:"reason"`
}

// Decide records the date once.
func (s SetReview) Decide(c *CaseFile) ([]Event, error) {
	if !c.Opened {
		return nil, c.working()
	}
	if err := checkText("reason", s.Reason); err != nil {
		return nil, err
	}
	if s.Due.IsZero() || c.Review != nil && c.Review.Due == s.Due && c.Review.Reason == s.Reason {
		return nil, nil
	}
	return []Event{ReviewSet(s)}, nil
}

// PlaceLegalHold orders that something is kept. A closed case takes it too.
type PlaceLegalHold struct {
	Of        Whose  `json:"of"`
	Authority string `json:"authority"`
	Reason    string `json:"reason"`
	Until     When   `json:"until,omitzero"`
}

// Decide places the hold once.
func (p PlaceLegalHold) Decide(c *CaseFile) ([]Event, error) {
	if !c.Opened {
		return nil, c.working()
	}
	if err := checkText("authority", p.Authority); err != nil {
		return nil, err
	}
	if err := checkText("reason", p.Reason); err != nil {
		return nil, err
	}
	for _, h := range c.Holds {
		if h.Of == p.Of && h.Authority == p.Authority && h.Reason == p.Reason && h.Until == p.Until {
			return nil, nil
		}
	}
	return []Event{LegalHoldPlaced{fmt.Sprintf("L%d", c.holds+1), p.Of, p.Authority, p.Reason, p.Until}}, nil
}

// LiftLegalHold ends a legal hold.
type LiftLegalHold struct {
	Hold      string `json:"hold"`
	Authority string `json:"authority"`
	Reason    string `json:"reason"`
}

// Decide lifts a hold that stands.
func (l LiftLegalHold) Decide(c *CaseFile) ([]Event, error) {
	if !c.Opened {
		return nil, c.working()
	}
	if err := checkText("authority", l.Authority); err != nil {
		return nil, err
	}
	if err := checkText("reason", l.Reason); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(c.Holds, func(h LegalHoldPlaced) bool { return h.Hold == l.Hold }) {
		return nil, NotFound("case %s has no legal hold %s that stands: 'clew privacy show %s' lists them", c.ID, l.Hold, c.ID)
	}
	return []Event{LegalHoldLifted(l)}, nil
}

// Restrict keeps personal data for evidence alone, or ends that.
type Restrict struct{ PersonalRestricted }

// Decide records the restriction, or its end, once.
func (r Restrict) Decide(c *CaseFile) ([]Event, error) {
	if !c.Opened {
		return nil, c.working()
	}
	if r.Of == (Whose{}) {
		return nil, Usage("say whose data is restricted: a victim, a person, an account's holder, a file or one event's text")
	}
	if err := checkText("basis", r.Basis); err != nil {
		return nil, err
	}
	if _, is := c.Restricted[r.Of]; is != r.Lifted {
		return nil, nil
	}
	return []Event{r.PersonalRestricted}, nil
}

// touches says whether a hold on one keeps the other from being erased: the
// whole case, the same, and a victim's accounts and the person that he is.
func (c *CaseFile) touches(held, erased Whose) bool {
	return held == (Whose{}) || held == erased || c.victimOf(held) != "" && c.victimOf(held) == c.victimOf(erased)
}

// victimOf is the victim that somebody is; "" where it is none.
func (c *CaseFile) victimOf(w Whose) VictimID {
	switch {
	case w.Victim != "":
		return w.Victim
	case w.Person != "":
		return c.Persons[w.Person].Victim
	case w.Account != "":
		return c.Accounts[w.Account].Victim
	}
	return ""
}

// Erase destroys the keys of personal data. Keys are found by the caller, who
// knows the vault.
type Erase struct {
	Of     Whose    `json:"of"`
	Keys   []string `json:"-"`
	Basis  string   `json:"basis"`
	Reason string   `json:"reason,omitempty"`
}

// Decide refuses what must be kept, and records the erasure. Nothing is left
// to be erased: nothing is recorded.
func (e Erase) Decide(c *CaseFile) ([]Event, error) {
	if !c.Opened {
		return nil, c.working()
	}
	if e.Of == (Whose{}) {
		return nil, Usage("say whose data is erased: a victim, a person, an account's holder, a file or one event's text")
	}
	if err := checkText("basis", e.Basis); err != nil {
		return nil, err
	}
	for _, h := range c.Holds {
		if c.touches(h.Of, e.Of) {
			return nil, Conflict("%s must be kept: legal hold %s on %s, by order of %s (%s); restrict it instead ('clew privacy restrict'), or have the hold lifted first",
				e.Of, h.Hold, h.Of, h.Authority, h.Reason)
		}
	}
	if len(e.Keys) == 0 && slices.ContainsFunc(c.Erased, func(known PersonalErased) bool { return known.Of == e.Of }) {
		return nil, nil
	}
	if len(e.Keys) == 0 {
		return nil, NotFound("nothing sealed is held of %s in case %s: what was recorded in clear, before texts were sealed, cannot be erased (docs/trust/privacy.md)", e.Of, c.ID)
	}
	return []Event{PersonalErased(e)}, nil
}
