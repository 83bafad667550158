package casework

import (
	"clew/domain"
	"clew/vault"
)

// Purpose is why something is read, and, of a disclosure, who receives it and
// on what basis.
type Purpose struct {
	Why, To, Basis string
}

// Read is what somebody is about to see.
type Read struct {
	Does vault.Does
	Case domain.CaseID // "": every case
	What string
	Purpose
}

// Reading logs a read before it is answered: what is not logged is not shown.
func (d *Desk) Reading(by By, read Read) error {
	if d.Reads == nil {
		return nil
	}
	return d.Reads.Note(vault.Read{At: d.Clock().UTC(), By: by.Actor, Does: read.Does, Case: read.Case, What: read.What,
		To: domain.Personal{Clear: read.To}, Basis: domain.Personal{Clear: read.Basis}, Why: domain.Personal{Clear: read.Why}})
}
