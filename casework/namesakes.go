package casework

import (
	"errors"
	"strings"

	"clew/domain"
)

// Namesake is a person who bears a name, in one case.
type Namesake struct {
	Case    domain.CaseID    `json:"case"`
	Victim  domain.VictimID  `json:"victim,omitempty"`
	Person  domain.PersonID  `json:"person,omitempty"`
	Account domain.AccountID `json:"account,omitempty"` // whose holder bears it
}

// Namesakes finds in every case the persons who bear a name, by its keyed
// hash: no name is opened.
func (d *Desk) Namesakes(name string) ([]Namesake, error) {
	if d.Vault == nil {
		return nil, errors.New("there is no vault")
	}
	subjects, err := d.Vault.Named(name)
	var found []Namesake
	for _, subject := range subjects {
		parts := strings.SplitN(subject, "/", 3)
		if len(parts) != 3 {
			continue
		}
		one := Namesake{Case: domain.CaseID(parts[1])}
		victim, is := strings.CutPrefix(parts[2], "victim ")
		switch {
		case parts[0] == "account":
			one.Account = domain.AccountID(parts[2])
		case parts[0] != "person":
			continue
		case is:
			one.Victim = domain.VictimID(victim)
		default:
			one.Person = domain.PersonID(parts[2])
		}
		found = append(found, one)
	}
	return found, err
}
