package domain

import (
	"fmt"
	"slices"
	"strings"
)

// Scam is the typology of a reported payment.
type Scam string

// The typologies that the code itself asks for; all of them are Typologies.
const (
	ScamUnstated    Scam = ""
	ScamRansom      Scam = "ransom"
	ScamBondage     Scam = "debt_bondage"
	ScamRecruitment Scam = "recruitment_fee"
)

// Scams lists every typology by name.
func Scams() (list []Scam) {
	for _, name := range names(Typologies()) {
		list = append(list, Scam(name))
	}
	return list
}

// ParseScam reads a typology; empty is allowed.
func ParseScam(text string) (Scam, error) {
	scam := Scam(strings.ToLower(strings.TrimSpace(text)))
	if scam != ScamUnstated && !slices.Contains(Scams(), scam) {
		return "", fmt.Errorf("scam %s is not a typology: use one of %v", quoted(text), Scams())
	}
	return scam, nil
}

// VictimCategory says in which of the two ways a person is a victim.
type VictimCategory string

// Those who lose money, and those forced to run the scams, who are held and
// extorted for debt and ransom.
const (
	ScamTarget       VictimCategory = "scam_target"
	TraffickedPerson VictimCategory = "trafficked_person"
)

// Category is the kind of victim who makes payments of this typology.
func (s Scam) Category() VictimCategory {
	if s == ScamRansom || s == ScamBondage || s == ScamRecruitment {
		return TraffickedPerson
	}
	return ScamTarget
}

// ParseVictim checks a victim's reference.
func ParseVictim(text string) (VictimID, error) {
	name := strings.TrimSpace(text)
	return VictimID(name), checkName("victim", name, 128)
}

// ParseCase checks a case's name. It becomes a part of file names, so it
// keeps to letters, digits, dot, dash and underscore.
func ParseCase(text string) (CaseID, error) {
	name := strings.TrimSpace(text)
	if err := checkName("case", name, 64); err != nil {
		return "", err
	}
	for i, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && (i == 0 || !strings.ContainsRune("-_.", r)) {
			return "", fmt.Errorf("case %s: a case's name has letters, digits, dot, dash and underscore, and begins with a letter or digit", quoted(text))
		}
	}
	return CaseID(name), nil
}

// Personal is data about a person: a name, a contact, free text about them.
// It is a type of its own from the first event on, so that each piece can be
// encrypted under that person's key, and erased, without changing any event.
// Exactly one of the two is set: Clear, or Sealed with the Key that opens it.
type Personal struct {
	Clear  string `json:"clear,omitempty"`
	Sealed []byte `json:"sealed,omitempty"`
	Key    string `json:"key,omitempty"`
}
