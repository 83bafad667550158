package domain

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestEachPersonalChangesACopy(t *testing.T) {
	for _, event := range examples() {
		before, err := EncodeEvent(event)
		if err != nil {
			t.Fatal(err)
		}
		var fields []string
		changed, err := EachPersonal(event, func(_ Whose, field string, text Personal) (Personal, error) {
			fields = append(fields, field)
			return Personal{Sealed: []byte("sealed"), Key: "k1"}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if after, err := EncodeEvent(event); err != nil || string(after) != string(before) {
			t.Errorf("%s was changed in place: %s", event.Kind(), after)
		}
		sealed, err := EncodeEvent(changed)
		if err != nil || len(fields) > 0 == reflect.DeepEqual(changed, event) {
			t.Errorf("%s with %v becomes %s (%v)", event.Kind(), fields, sealed, err)
		}
		read, err := DecodeEvent(event.Kind(), sealed)
		if err != nil || !reflect.DeepEqual(read, changed) {
			t.Errorf("%s does not read back: %s (%v)", event.Kind(), sealed, err)
		}
		var again []string
		EachPersonal(read, func(_ Whose, field string, text Personal) (Personal, error) {
			if text.Key == "k1" && string(text.Sealed) == "sealed" {
				again = append(again, field)
			}
			return text, nil
		})
		if !slices.Equal(fields, again) {
			t.Errorf("%s: %v were sealed and %v are read", event.Kind(), fields, again)
		}
	}
}

// FuzzParsePersonal: a text field is read as clear or as sealed, and is
// written as it was.
func FuzzParsePersonal(f *testing.F) {
	for _, text := range []string{"", "rent", "clew/sealed:", "clew/sealed:k:", "clew/sealed:k:AAEC", "clew/sealed::AAEC", "clew/sealed:k:A"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := ParsePersonal(text)
		if again := ParsePersonal(p.InText()); !reflect.DeepEqual(again, p) {
			t.Fatalf("%q reads as %+v, and that again as %+v", text, p, again)
		}
		if len(p.Sealed) == 0 && p.InText() != text {
			t.Fatalf("%q is written as %q", text, p.InText())
		}
	})
}

func TestConditionsSayWhatMayLeave(t *testing.T) {
	c := NewCaseFile("C1")
	c.Opened = true
	c.Files["f"] = EvidenceFiled{File: "f"}
	may := func(outlet Outlet) Verdict { return c.MayLeave("f", outlet).Verdict }
	set := func(consent []Outlet, conditions ...HandlingCondition) {
		t.Helper()
		events, err := SetHandling{HandlingSet{File: "f", Conditions: conditions, Consent: consent, Originator: "FIU of B", Reason: "letter"}}.Decide(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			c.Evolve(e)
		}
	}
	if may(OutletBundle) != Allowed {
		t.Error("a file without conditions may not leave")
	}
	set(nil, Egmont, PoliceOnly)
	if leave := c.MayLeave("f", OutletPaper); leave.Verdict != Refuse || !strings.Contains(leave.Why, "egmont by FIU of B, whose consent") {
		t.Errorf("%+v", leave)
	}
	if may(OutletFIU) != Redact || may(OutletBundle) != Refuse || may(OutletReport) != Redact {
		t.Error("egmont is not what it is")
	}
	set([]Outlet{OutletBundle}, Egmont)
	if may(OutletBundle) != Allowed || may(OutletPaper) != Refuse {
		t.Error("a consent is for one outlet")
	}
	set(nil)
	if may(OutletPaper) != Allowed {
		t.Error("the conditions were taken away")
	}
	c.Evolve(PersonalRestricted{Of: Whose{File: "f"}, Basis: "x"})
	if may(OutletPaper) != Redact {
		t.Error("a restricted file leaves")
	}
	for _, condition := range HandlingConditions() {
		for _, outlet := range Outlets() {
			if handling[condition][outlet] == "" {
				t.Errorf("%s says nothing about %s", condition, outlet)
			}
		}
	}
	if _, err := (SetHandling{HandlingSet{File: "f", Conditions: []HandlingCondition{"secret"}}}).Decide(c); ClassOf(err) != ClassUsage {
		t.Errorf("an unknown condition: %v", err)
	}
	if _, err := (SetHandling{HandlingSet{File: "g"}}).Decide(c); ClassOf(err) != ClassNotFound {
		t.Errorf("an unknown file: %v", err)
	}
}

func TestAClosedCaseIsStillHeldReviewedAndErased(t *testing.T) {
	c := NewCaseFile("C1")
	for _, command := range []Command{PlaceLegalHold{Authority: "court", Reason: "x"}, SetReview{Due: Date(2027, 1, 1), Reason: "x"},
		Restrict{PersonalRestricted{Of: Whose{Victim: "V1"}, Basis: "x"}}, Erase{Of: Whose{Victim: "V1"}, Basis: "x", Keys: []string{"k"}}, LiftLegalHold{"L1", "court", "x"}} {
		if _, err := command.Decide(c); ClassOf(err) != ClassNotFound {
			t.Errorf("%T of a case that nobody opened: %v", command, err)
		}
	}
	c.Opened, c.Closed = true, true
	c.Victims["V1"] = VictimRegistered{Victim: "V1"}
	for _, command := range []Command{SetReview{Due: Date(2027, 1, 1), Reason: "x"}, Erase{Of: Whose{Victim: "V1"}, Basis: "x", Keys: []string{"k"}},
		PlaceLegalHold{Authority: "court", Reason: "x"}, LiftLegalHold{"L1", "court", "x"}, Restrict{PersonalRestricted{Of: Whose{Victim: "V1"}, Basis: "x"}}} {
		for try, wanted := range []int{1, 0} {
			events, err := command.Decide(c)
			if _, lifts := command.(LiftLegalHold); lifts && try == 1 {
				continue
			}
			if err != nil || len(events) != wanted {
				if _, erases := command.(Erase); !erases || try == 0 {
					t.Errorf("%T, try %d: %v, %v", command, try, events, err)
				}
			}
			for _, e := range events {
				c.Evolve(e)
			}
		}
	}
}

func TestPersonsAreRegisteredByCategory(t *testing.T) {
	c := NewCaseFile("C1")
	c.Opened = true
	for _, wrong := range []RegisterPerson{{Person: "P1", Category: "butler"}, {Person: "P1", Category: Suspect, Victim: "V9"}} {
		if events, err := wrong.Decide(c); err == nil {
			t.Errorf("%+v gives %v", wrong, events)
		}
	}
	right := RegisterPerson{Person: "P1", Category: Suspect, Name: "A. Example", Assessment: true}
	for _, wanted := range []int{1, 0} {
		events, err := right.Decide(c)
		if err != nil || len(events) != wanted {
			t.Errorf("%v, %v", events, err)
		}
		for _, e := range events {
			c.Evolve(e)
		}
	}
	right.Category = Witness
	if events, _ := right.Decide(c); len(events) != 1 {
		t.Error("another category is news")
	}
	note := NoteFinding{About: Whose{Person: "P1"}, Text: "x", Source: "y"}
	for _, wanted := range []int{1, 0} {
		events, err := note.Decide(c)
		if err != nil || len(events) != wanted {
			t.Errorf("%v, %v", events, err)
		}
		for _, e := range events {
			c.Evolve(e)
		}
	}
	if _, err := (NoteFinding{Text: "x"}).Decide(c); err == nil {
		t.Error("a finding without a source was taken")
	}
}
