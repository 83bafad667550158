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

// Category is the kind of victim who makes payments of this typology.
func (s Scam) Category() VictimCategory {
	if s == ScamRansom || s == ScamBondage || s == ScamRecruitment {
		return TraffickedPerson
	}
	return ScamTarget
}
