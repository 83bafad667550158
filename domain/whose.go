package domain

// Whose says to whom a personal text belongs, and so under whose key it is
// sealed: at most one of its fields is set. None: the text belongs to nobody
// in particular, and has a key of its own.
type Whose struct {
	Victim  VictimID  `json:"victim,omitempty"`
	Person  PersonID  `json:"person,omitempty"`
	Account AccountID `json:"account,omitempty"` // its holder
	File    SHA256    `json:"file,omitempty"`    // the file and what was read from it
	Event   uint64    `json:"event,omitempty"`   // position of an event: its free text
}

// String names it as a person would.
func (w Whose) String() string {
	for _, part := range []struct{ sort, name string }{{"victim", string(w.Victim)}, {"person", string(w.Person)},
		{"the holder of", string(w.Account)}, {"file", string(w.File)}} {
		if part.name != "" {
			return part.sort + " " + part.name
		}
	}
	if w.Event > 0 {
		return "the text of the event at position " + decimalOf(w.Event)
	}
	return "the whole case"
}

// Tied names it as what something is tied to: an account as such, and not its
// holder.
func (w Whose) Tied() string {
	if w.Account != "" {
		return "account " + string(w.Account)
	}
	return w.String()
}
