package domain

import (
	"errors"
	"testing"
)

// Two spellings of one thing are one; what cannot be told apart is refused.
func TestIdentifiersAreComparedWithoutTheirSpelling(t *testing.T) {
	for _, c := range []struct {
		sort     IdentifierSort
		one, two string
	}{
		{Phone, "+44 20 7946-0000", "0044 (20) 79460000"}, {Email, " A@Example.org", "a@example.ORG"}, {Handle, "@Quux", "quux"},
		{Device, "35-209900-176148-1", "352099001761481"}, {Document, "AB 12.34", "ab1234"}, {IPNumber, "::ffff:203.0.113.7", "203.0.113.7"},
		{Site, "https://www.invest.example/", "invest.example"},
	} {
		one, err := PlainIdentifier(c.sort, c.one)
		two, wrong := PlainIdentifier(c.sort, c.two)
		if one != two || one == "" || errors.Join(err, wrong) != nil {
			t.Errorf("%s: %q and %q (%v, %v)", c.sort, one, two, err, wrong)
		}
	}
	for sort, value := range map[IdentifierSort]string{Phone: "+", Device: "--", IPNumber: "300.1.1.1", "colour": "blue", Email: "", Site: "ab\u202ecd.example"} {
		if plain, err := PlainIdentifier(sort, value); err == nil || ClassOf(err) != ClassUsage {
			t.Errorf("%s %q became %q (%v)", sort, value, plain, err)
		}
	}
}

func TestIdentifiersAndTeamsAreDecided(t *testing.T) {
	c := NewCaseFile("C1")
	if _, err := (AssignCase{Team: "North", Contact: "desk 3"}).Decide(c); ClassOf(err) != ClassNotFound {
		t.Errorf("a case that nobody opened was assigned: %v", err)
	}
	c.Evolve(CaseOpened{Case: "C1", Title: "t"})
	decide := func(command Command) int {
		t.Helper()
		events, err := command.Decide(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			c.Evolve(e)
		}
		return len(events)
	}
	assign := AssignCase{Team: "North", Contact: "desk 3"}
	note := NoteIdentifier{About: Whose{Person: "P1"}, Sort: Phone, Value: "+44 20 7946 0000", Source: "chat"}
	if decide(assign) != 1 || decide(assign) != 0 || c.Assigned.Team != "North" {
		t.Errorf("assigned: %+v", c.Assigned)
	}
	if decide(note) != 1 || decide(note) != 0 || c.Identifiers[0].Identifier != "I1" {
		t.Errorf("noted: %+v", c.Identifiers)
	}
	if decide(WithdrawIdentifier{"I1", "misread"}) != 1 || len(c.Identifiers) != 0 {
		t.Errorf("withdrawn: %+v", c.Identifiers)
	}
	if decide(note) != 1 || c.Identifiers[0].Identifier != "I2" {
		t.Errorf("a name was used again: %+v", c.Identifiers)
	}
	for _, command := range []Command{WithdrawIdentifier{"I1", "again"}, WithdrawIdentifier{"I2", ""}, AssignCase{Team: "North"}, AssignCase{Contact: "desk 3"},
		NoteIdentifier{About: Whose{Event: 3}, Sort: Phone, Value: "12345", Source: "x"}, NoteIdentifier{Sort: Phone, Value: "12345"}} {
		if events, err := command.Decide(c); err == nil {
			t.Errorf("%+v was decided: %+v", command, events)
		}
	}
}
