package domain

import (
	"slices"
	"strings"
	"testing"
)

// decided carries out a command on a case file and takes note of what it
// recorded.
func decided(t *testing.T, c *CaseFile, command Command) int {
	t.Helper()
	events, err := command.Decide(c)
	if err != nil {
		t.Fatalf("%+v: %v", command, err)
	}
	for _, e := range events {
		c.Evolve(e)
	}
	return len(events)
}

func openCase() *CaseFile {
	c := NewCaseFile("C1")
	for _, e := range []Event{CaseOpened{Case: "C1", Title: "t"}, VictimRegistered{Victim: "V1", Category: ScamTarget}, PersonRegistered{Person: "P1", Category: Suspect}} {
		c.Evolve(e)
	}
	return c
}

func TestWhatIsSaidOfTheLargerPictureIsRecordedOnceAndTakenBack(t *testing.T) {
	p1, day := Whose{Person: "P1"}, Date(2024, 3, 4)
	for _, test := range []struct{ says, takesBack Command }{
		{DescribeScam{ScamDescribed{Victim: "V1", Typology: "Romance", Lures: []Lure{"platform", "ai_profile", "platform"}, Source: "s"}}, WithdrawScam{Victim: "V1", Reason: "r"}},
		{JoinOperation{OperationJoined{"harbour", "s"}}, LeaveOperation{"Harbour", "r"}},
		{LinkNotice{NoticeLinked: NoticeLinked{Notice: "A-1", Colour: "PURPLE", Issued: day, Of: p1, Source: "s"}, Modus: "opens accounts"}, UnlinkNotice{"A-1", p1, "r"}},
		{LinkCentre{CentreLinked{Centre: "SC-1", Of: Whose{Victim: "V1"}, Source: "s"}}, UnlinkCentre{"SC-1", Whose{Victim: "V1"}, "r"}},
		{FlagCrime{CrimeFlagged{Crime: "Drugs", Source: "s"}}, UnflagCrime{Crime: "DRUGS", Reason: "r"}},
	} {
		c := openCase()
		if n := decided(t, c, test.says); n != 1 {
			t.Errorf("%+v recorded %d events", test.says, n)
		}
		if n := decided(t, c, test.says); n != 0 {
			t.Errorf("%+v was recorded again", test.says)
		}
		if n := decided(t, c, test.takesBack); n != 1 {
			t.Errorf("%+v recorded %d events", test.takesBack, n)
		}
		if l := c.Larger; len(l.Scams)+len(l.Operations)+len(l.Notices)+len(l.Centres)+len(l.Crimes) != 0 {
			t.Errorf("after %+v there stands %+v", test.takesBack, l)
		}
		if _, err := test.takesBack.Decide(c); ClassOf(err) != ClassNotFound {
			t.Errorf("%+v a second time: %v", test.takesBack, err)
		}
		if n := decided(t, c, test.says); n != 1 {
			t.Errorf("%+v cannot be said again", test.says)
		}
		for _, command := range []Command{test.says, test.takesBack} {
			if _, err := command.Decide(NewCaseFile("C2")); ClassOf(err) != ClassNotFound {
				t.Errorf("%+v in a case that is not open: %v", command, err)
			}
		}
	}
}

func TestWhatCannotBeSaidOfTheLargerPicture(t *testing.T) {
	day := Date(2024, 3, 4)
	for _, wrong := range []Command{
		DescribeScam{ScamDescribed{Source: "s"}},
		DescribeScam{ScamDescribed{Typology: "romance"}},
		DescribeScam{ScamDescribed{Typology: "pig", Source: "s"}},
		DescribeScam{ScamDescribed{Typology: "other:", Source: "s"}},
		DescribeScam{ScamDescribed{Typology: Scam("other: " + strings.Repeat("x", 60)), Source: "s"}},
		DescribeScam{ScamDescribed{Lures: []Lure{"other: a, b"}, Source: "s"}},
		DescribeScam{ScamDescribed{RunFrom: "Myanmar", Source: "s"}},
		DescribeScam{ScamDescribed{Victim: "V1", Movement: exampleID, Typology: "romance", Source: "s"}},
		JoinOperation{OperationJoined{"A, B", "s"}},
		JoinOperation{OperationJoined{"A", ""}},
		LinkNotice{NoticeLinked: NoticeLinked{Notice: "A-1", Colour: "pink", Issued: day, Source: "s"}},
		LinkNotice{NoticeLinked: NoticeLinked{Colour: "red", Issued: day, Source: "s"}},
		LinkNotice{NoticeLinked: NoticeLinked{Notice: "A-1", Colour: "red", Source: "s"}},
		LinkNotice{NoticeLinked: NoticeLinked{Notice: "A-1", Colour: "red", Issued: day, Of: Whose{Person: "P9"}, Source: "s"}},
		LinkCentre{CentreLinked{Centre: "SC-1", Of: Whose{Victim: "V9"}, Source: "s"}},
		LinkCentre{CentreLinked{Centre: "", Source: "s"}},
		FlagCrime{CrimeFlagged{Crime: "jaywalking", Source: "s"}},
		FlagCrime{CrimeFlagged{Crime: "drugs"}},
	} {
		if events, err := wrong.Decide(openCase()); err == nil {
			t.Errorf("%+v recorded %+v", wrong, events)
		}
	}
}

func TestOperationsAndCentresAreDescribedForAllCases(t *testing.T) {
	said := OperationDescribed{Operation: "harbour  east", Title: "Operation Harbour", From: Date(2024, 3, 1), Until: Date(2024, 3, 9), Source: "s"}
	events, err := DescribeOperation(nil, said)
	if err != nil || len(events) != 1 || events[0].(OperationDescribed).Operation != "HARBOUR EAST" {
		t.Fatalf("%+v, %v", events, err)
	}
	known := map[OperationID]OperationDescribed{"HARBOUR EAST": events[0].(OperationDescribed)}
	if again, err := DescribeOperation(known, said); err != nil || len(again) != 0 {
		t.Errorf("%+v, %v", again, err)
	}
	said.Until = Date(2024, 2, 1)
	if _, err := DescribeOperation(nil, said); ClassOf(err) != ClassUsage {
		t.Errorf("it ends before it begins: %v", err)
	}
	centre := CentreDescribed{Centre: "SC-1", Place: "Exampletown", Country: "mm", Source: "s"}
	events, err = DescribeCentre(nil, centre)
	if err != nil || events[0].(CentreDescribed).Country != "MM" {
		t.Fatalf("%+v, %v", events, err)
	}
	if _, err := WithdrawCentre(nil, CentreWithdrawn{"SC-1", "r"}); ClassOf(err) != ClassNotFound {
		t.Errorf("%v", err)
	}
	centre.Country = ""
	if _, err := DescribeCentre(nil, centre); ClassOf(err) != ClassUsage {
		t.Errorf("a centre without its country: %v", err)
	}
}

// A vocabulary has every word once, with what it means and who uses it so.
func TestEveryWordHasItsMeaningAndItsSource(t *testing.T) {
	for _, v := range Vocabularies() {
		for _, term := range v.Terms {
			if term.Name == "" || term.Means == "" || term.Source == "" || strings.ContainsAny(term.Name, " ,;") {
				t.Errorf("%s: %+v", v.Of, term)
			}
		}
		if list := names(v.Terms); len(slices.Compact(slices.Sorted(slices.Values(list)))) != len(list) {
			t.Errorf("%s has a word twice: %v", v.Of, list)
		}
	}
}
