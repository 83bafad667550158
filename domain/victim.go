package domain

import "strings"

// VictimCategory says in which of the two ways a person is a victim.
type VictimCategory string

// Those who lose money, and those forced to run the scams, who are held and
// extorted for debt and ransom.
const (
	ScamTarget       VictimCategory = "scam_target"
	TraffickedPerson VictimCategory = "trafficked_person"
)

// ParseVictim checks a victim's reference.
func ParseVictim(text string) (VictimID, error) {
	name := strings.TrimSpace(text)
	return VictimID(name), checkName("victim", name, 128)
}

// AddVictim registers a victim.
type AddVictim struct {
	Victim   VictimID       `json:"victim"`
	Category VictimCategory `json:"category"`
	Name     string         `json:"name,omitempty"`
	Contact  string         `json:"contact,omitempty"`
	Country  string         `json:"country,omitempty"`
}

// Decide registers the victim; more about a victim who is known already is
// recorded as a new registration that takes the place of the old one.
func (a AddVictim) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if a.Category != ScamTarget && a.Category != TraffickedPerson {
		return nil, Usage("victim %s: category %q is neither %s nor %s", a.Victim, a.Category, ScamTarget, TraffickedPerson)
	}
	country, err := parseCountry(a.Country)
	if err != nil {
		return nil, err
	}
	event := VictimRegistered{a.Victim, a.Category, personal(a.Name), personal(a.Contact), country}
	if known, ok := c.Victims[a.Victim]; ok && sameVictim(known, event) {
		return nil, nil
	}
	return []Event{event}, nil
}

func sameVictim(a, b VictimRegistered) bool {
	return a.Category == b.Category && a.Country == b.Country && samePersonal(a.Name, b.Name) && samePersonal(a.Contact, b.Contact)
}
