package domain

// CaseAssigned is recorded when a team takes a case over, so that another team
// whose case meets it knows whom to ask. A later one takes its place.
type CaseAssigned struct {
	Team    string   `json:"team"`
	Contact Personal `json:"contact"`          // whom the other team asks
	Silent  bool     `json:"silent,omitempty"` // other teams are not told that it exists; its own team is told of them
	Reason  string   `json:"reason,omitempty"`
}

func (CaseAssigned) Kind() string { return "case.assigned.v1" }

// AssignCase says which team has a case, and whom another team asks.
type AssignCase struct {
	Team    string `json:"team"`
	Contact string `json:"contact"`
	Silent  bool   `json:"silent,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// Decide records what is new of it. A closed case is still somebody's.
func (a AssignCase) Decide(c *CaseFile) ([]Event, error) {
	if !c.Opened {
		return nil, c.working()
	}
	if err := checkName("team", a.Team, maxTitle); err != nil {
		return nil, Usage("case %s: %v", c.ID, err)
	}
	if err := checkText("contact", a.Contact); err != nil {
		return nil, err
	}
	event := CaseAssigned{a.Team, Personal{Clear: a.Contact}, a.Silent, a.Reason}
	if now := c.Assigned; now != nil && now.Team == a.Team && now.Contact.Clear == a.Contact && now.Silent == a.Silent {
		return nil, nil
	}
	return []Event{event}, nil
}
