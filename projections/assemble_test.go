package projections

import (
	"context"
	"strings"
	"testing"
	"time"

	"clew/domain"
	"clew/tracing"
)

// walked assembles a case at a position and tells its rows in one line each.
func walked(t *testing.T, v *Views, id domain.CaseID, upto uint64) (*Assembly, []string) {
	t.Helper()
	s, err := v.Assemble(context.Background(), id, upto)
	if err != nil {
		t.Fatal(err)
	}
	var rows []string
	for r := range s.Rows() {
		line := string(r.From) + ">" + string(r.To) + " " + r.Amount.String()
		if r.Fee.Given() {
			line += " fee " + r.Fee.String()
		}
		if r.Received.Given() {
			line += " got " + r.Received.String()
		}
		if r.Victim != "" {
			line += " by " + string(r.Victim) + "/" + string(r.Scam)
		}
		rows = append(rows, line)
	}
	return s, rows
}

func movementsOf(s *Assembly) (rows []tracing.Row) {
	for r := range s.Rows() {
		rows = append(rows, *r)
	}
	return rows
}

func expectRows(t *testing.T, v *Views, upto uint64, want ...string) *Assembly {
	t.Helper()
	s, rows := walked(t, v, "C1", upto)
	if strings.Join(rows, "; ") != strings.Join(want, "; ") {
		t.Errorf("as of %d the case is walked as %q, want %q", upto, rows, want)
	}
	return s
}

// opened is a log with an open case C1.
func opened(t *testing.T) *memoryLog {
	log := newLog()
	log.tell(t, "C1", domain.CaseOpened{Case: "C1", Title: "the case"})
	return log
}

func TestCorrectionsAndWithdrawalsHoldFromTheirPositionOn(t *testing.T) {
	log := opened(t)
	m, n := paid("C1", "T1", "A", "M", "100.00"), paid("C1", "T2", "M", "B", "40.00")
	first := log.tell(t, "C1", domain.Observe(m))
	second := log.tell(t, "C1", domain.Observe(n))
	now := m
	now.Amount, now.To = amount("90.00"), "M2"
	corrected := log.tell(t, "C1", domain.MovementCorrected{Movement: m.ID, Now: domain.Observed{Movement: now}, Reason: "r"})
	withdrawn := log.tell(t, "C1", domain.MovementWithdrawn{Movement: n.ID, Reason: "r"})
	now.Amount = amount("80.00")
	again := log.tell(t, "C1", domain.MovementCorrected{Movement: m.ID, Now: domain.Observed{Movement: now}, Reason: "r"})
	views := see(t, log)

	expectRows(t, views, first, "A>M 100.00")
	expectRows(t, views, second, "A>M 100.00", "M>B 40.00")
	s := expectRows(t, views, corrected, "A>M2 90.00", "M>B 40.00")
	if s.Row(0).Position != first {
		t.Errorf("a corrected movement has the position %d, want its first, %d", s.Row(0).Position, first)
	}
	expectRows(t, views, withdrawn, "A>M2 90.00")
	expectRows(t, views, again, "A>M2 80.00")
}

func TestReportsHoldFromTheirPositionOn(t *testing.T) {
	log := opened(t)
	m, n := paid("C1", "T1", "A", "M", "100.00"), paid("C1", "T2", "A", "M", "40.00")
	m.Victim, m.Scam = "V1", "romance"
	log.tell(t, "C1", domain.Observe(m))
	observed := log.tell(t, "C1", domain.Observe(n))
	reported := log.tell(t, "C1", domain.PaymentReported{Movement: n.ID, Victim: "V1", Scam: "job"})
	now := m
	now.Amount, now.Victim, now.Scam = amount("90.00"), "V9", "other"
	corrected := log.tell(t, "C1", domain.MovementCorrected{Movement: m.ID, Now: domain.Observed{Movement: now}, Reason: "r"})
	withdrawn := log.tell(t, "C1", domain.ReportWithdrawn{Movement: m.ID, Victim: "V1", Reason: "r"})
	anew := log.tell(t, "C1", domain.PaymentReported{Movement: m.ID, Victim: "V2"})
	wrong := log.tell(t, "C1", domain.ReportWithdrawn{Movement: n.ID, Victim: "V2", Reason: "he never reported it"})
	views := see(t, log)

	expectRows(t, views, observed, "A>M 100.00 by V1/romance", "A>M 40.00")
	expectRows(t, views, reported, "A>M 100.00 by V1/romance", "A>M 40.00 by V1/job")
	expectRows(t, views, corrected, "A>M 90.00 by V1/romance", "A>M 40.00 by V1/job")
	expectRows(t, views, withdrawn, "A>M 90.00", "A>M 40.00 by V1/job")
	expectRows(t, views, anew, "A>M 90.00 by V2/", "A>M 40.00 by V1/job")
	expectRows(t, views, wrong, "A>M 90.00 by V2/", "A>M 40.00 by V1/job")
}

func TestTellingsOfOnePaymentAreWalkedAsOne(t *testing.T) {
	log := opened(t)
	kept, other, third := paid("C1", "T1", "A", "M", "100.00"), paid("C1", "T2", "A", "M", "100.00"), paid("C1", "T3", "A", "M", "100.00")
	other.Fee, other.Victim, other.Scam, other.Ref = amount("2.00"), "V1", "romance", "R"
	third.Fee = amount("3.00")
	back := paid("C1", "T4", "M", "A", "10.00")
	back.Kind, back.Of, back.OfSource = domain.Return, other.ID, "T2"
	apart := log.tell(t, "C1", domain.Observe(other), domain.Observe(third), domain.Observe(kept), domain.Observe(back))
	two := log.tell(t, "C1", domain.MovementJoined{Kept: kept.ID, Other: other.ID, Basis: "b"})
	three := log.tell(t, "C1", domain.MovementJoined{Kept: kept.ID, Other: third.ID, Basis: "b"})
	gone := log.tell(t, "C1", domain.MovementWithdrawn{Movement: kept.ID, Reason: "r"})
	parted := log.tell(t, "C1", domain.MovementSeparated{One: other.ID, Other: third.ID, Basis: "b"})
	views := see(t, log)

	s := expectRows(t, views, apart, "A>M 100.00 fee 2.00 by V1/romance", "A>M 100.00 fee 3.00", "A>M 100.00", "M>A 10.00")
	if s.Row(3).Of != other.ID {
		t.Errorf("the return gives back %s", s.Row(3).Of)
	}
	s = expectRows(t, views, two, "A>M 100.00 fee 3.00", "A>M 100.00 fee 2.00 by V1/romance", "M>A 10.00")
	if s.Row(2).Of != kept.ID || s.Row(1).ID != kept.ID || len(s.Tellings[kept.ID]) != 1 {
		t.Errorf("the kept telling does not stand for both: %+v, %+v", movementsOf(s), s.Tellings)
	}
	expectRows(t, views, three, "A>M 100.00 fee 2.00 by V1/romance", "M>A 10.00")
	expectRows(t, views, gone, "A>M 100.00 fee 2.00 by V1/romance", "M>A 10.00")
	expectRows(t, views, parted, "A>M 100.00 fee 2.00 by V1/romance", "A>M 100.00 fee 3.00", "M>A 10.00")
}

func TestAWithdrawnReportIsGoneFromAllTellings(t *testing.T) {
	log := opened(t)
	kept, other := paid("C1", "T1", "A", "M", "100.00"), paid("C1", "T2", "A", "M", "100.00")
	other.Victim = "V1"
	log.tell(t, "C1", domain.Observe(kept), domain.Observe(other), domain.MovementJoined{Kept: kept.ID, Other: other.ID, Basis: "b"})
	last := log.tell(t, "C1", domain.ReportWithdrawn{Movement: kept.ID, Victim: "V1", Reason: "r"})
	expectRows(t, see(t, log), last, "A>M 100.00")
}

func TestAccountsAreWalkedUnderTheNameTheyWereFoundToHave(t *testing.T) {
	log := opened(t)
	yes := true
	before := log.tell(t, "C1", domain.Observe(paid("C1", "T1", "A", "DE-1", "100.00")),
		domain.AccountDescribed{Account: "DE-1", Innocent: &yes, Holder: &domain.Personal{Clear: "N. N."}})
	one := log.tell(t, "C1", domain.AccountIdentified{Account: "DE-1", As: "iban:X"}, domain.AccountIdentified{Account: "iban:X", As: "M"},
		domain.AccountDescribed{Account: "iban:X", As: domain.KindService})
	back := log.tell(t, "C1", domain.AccountIdentified{Account: "DE-1", As: "DE-1"})
	views := see(t, log)

	expectRows(t, views, before, "A>DE-1 100.00")
	s := expectRows(t, views, one, "A>M 100.00")
	if got := s.Accounts["M"]; !got.Innocent || !got.Described || got.As != domain.KindService || len(s.Accounts) != 1 {
		t.Errorf("what is said of it: %+v", s.Accounts)
	}
	expectRows(t, views, back, "A>DE-1 100.00")
}

func TestLinkedCasesAreWalkedAsOne(t *testing.T) {
	ctx, log := context.Background(), opened(t)
	log.tell(t, "C2", domain.CaseOpened{Case: "C2"}, domain.Observe(paid("C2", "T1", "M", "B", "20.00")), domain.RuleLocked{Rule: "lifo", Authority: "a", Reason: "r"})
	log.tell(t, "C3", domain.CaseOpened{Case: "C3"}, domain.Observe(paid("C3", "T1", "B", "C", "30.00")), domain.AccountDescribed{Account: "B", Victim: "V1"})
	alone := log.tell(t, "C1", domain.Observe(paid("C1", "T1", "A", "M", "10.00")))
	two := log.tell(t, "C1", domain.CaseLinked{Other: "C2"})
	three := log.tell(t, "C3", domain.CaseLinked{Other: "C2"})
	views := see(t, log)

	expectRows(t, views, alone, "A>M 10.00")
	expectRows(t, views, two, "M>B 20.00", "A>M 10.00")
	s := expectRows(t, views, three, "M>B 20.00", "B>C 30.00", "A>M 10.00")
	if s.Accounts["B"].Victim != "V1" || len(s.Cases) != 3 || s.File.Title != "the case" {
		t.Errorf("read as one: %+v", s)
	}
	if in, _, err := views.Input(ctx, Ask{Case: "C1"}); err != nil || in.Rule != tracing.FIFO {
		t.Errorf("another case's locked rule is taken: %v, %v", in.Rule, err)
	}
	if in, _, err := views.Input(ctx, Ask{Case: "C2"}); err != nil || in.Rule != tracing.LIFO {
		t.Errorf("the case's own locked rule is not taken: %v, %v", in.Rule, err)
	}
}

func TestPossibleDoublesAreWarnedOf(t *testing.T) {
	told := func(own, source, ref string, day int) domain.Movement {
		m := paid("C1", own, "A", "M", "100.00")
		m.Source, m.Ref, m.When = source, ref, domain.Date(2024, 2, day)
		m.ID = domain.Identify("C1", source, own, m.Content(), 1)
		return m
	}
	bank := told("T1", "bank", "R1", 1)
	for name, test := range map[string]struct {
		other domain.Movement
		after func(a, b domain.Movement) []domain.Event
		want  int
	}{
		"another source without a reference": {other: told("T2", "explorer", "", 3), want: 1},
		"another source, another reference":  {other: told("T2", "explorer", "R2", 1), want: 0},
		"another source, same reference":     {other: told("T2", "explorer", "R1", 1), want: 1},
		"the same source twice":              {other: told("T2", "bank", "", 1), want: 0},
		"three days later":                   {other: told("T2", "explorer", "", 4), want: 0},
		"joined": {other: told("T2", "explorer", "", 1), want: 0, after: func(a, b domain.Movement) []domain.Event {
			return []domain.Event{domain.MovementJoined{Kept: a.ID, Other: b.ID}}
		}},
		"kept apart": {other: told("T2", "explorer", "", 1), want: 0, after: func(a, b domain.Movement) []domain.Event {
			return []domain.Event{domain.MovementSeparated{One: b.ID, Other: a.ID}}
		}},
		"kept apart, then joined, then parted": {other: told("T2", "explorer", "", 1), want: 0, after: func(a, b domain.Movement) []domain.Event {
			return []domain.Event{domain.MovementSeparated{One: b.ID, Other: a.ID}, domain.MovementJoined{Kept: a.ID, Other: b.ID}, domain.MovementSeparated{One: a.ID, Other: b.ID}}
		}},
		"withdrawn": {other: told("T2", "explorer", "", 1), want: 0, after: func(_, b domain.Movement) []domain.Event {
			return []domain.Event{domain.MovementWithdrawn{Movement: b.ID}}
		}},
	} {
		log := opened(t)
		log.tell(t, "C1", domain.Observe(bank))
		last := log.tell(t, "C1", domain.Observe(test.other))
		if test.after != nil {
			last = log.tell(t, "C1", test.after(bank, test.other)...)
		}
		s, _ := walked(t, see(t, log), "C1", last)
		if len(s.Warnings) != test.want {
			t.Errorf("%s: %d warnings, want %d: %+v", name, len(s.Warnings), test.want, s.Warnings)
		}
		for _, w := range s.Warnings {
			if w.Code != tracing.WarnPossibleTwin || !strings.Contains(w.Text, string(bank.ID)) || !strings.Contains(w.Text, string(test.other.ID)) || !strings.Contains(w.Text, "clew match") {
				t.Errorf("%s: %+v", name, w)
			}
		}
	}
}

// Where two sources tell the same two equal payments, and one of each was
// joined, what is left is one of each: two tellings of the second payment.
func TestAPaymentToldByBothIsNoDoubleOfAnotherThatOneOfThemTells(t *testing.T) {
	log := opened(t)
	var told []domain.Movement
	for _, source := range []string{"bank", "bank", "explorer"} {
		m := paid("C1", "T", "A", "M", "100.00")
		m.Source = source
		m.ID = domain.Identify("C1", source, "T"+string(rune('1'+len(told))), m.Content(), 1)
		told = append(told, m)
		log.tell(t, "C1", domain.Observe(m))
	}
	last := log.tell(t, "C1", domain.MovementJoined{Kept: told[0].ID, Other: told[2].ID, Basis: "b"})
	if s, _ := walked(t, see(t, log), "C1", last); len(s.Warnings) != 0 {
		t.Errorf("the bank tells both payments, so they are two: %+v", s.Warnings)
	}
}

func TestTheRuleIsTheOneLockedByThen(t *testing.T) {
	ctx, log := context.Background(), opened(t)
	before := log.tell(t, "C1", domain.CaseNoted{Text: domain.Personal{Clear: "n"}})
	log.tell(t, "C1", domain.RuleLocked{Rule: "lifo", Authority: "court", Reason: "r"})
	views := see(t, log)
	for _, test := range []struct {
		ask  Ask
		want tracing.Rule
	}{
		{Ask{Case: "C1"}, tracing.LIFO}, {Ask{Case: "C1", Upto: Head}, tracing.LIFO}, {Ask{Case: "C1", Upto: before}, tracing.FIFO}, {Ask{Case: "C1", Rule: tracing.ProRata}, tracing.ProRata},
	} {
		if in, _, err := views.Input(ctx, test.ask); err != nil || in.Rule != test.want {
			t.Errorf("%+v is walked by %s, %v, want %s", test.ask, in.Rule, err, test.want)
		}
	}
}

func TestKnownAtIsAPositionOfTheLog(t *testing.T) {
	ctx, log := context.Background(), opened(t) // recorded at start + 1 minute
	log.tell(t, "C1", domain.Observe(paid("C1", "T1", "A", "M", "10.00")), domain.Observe(paid("C1", "T2", "A", "M", "20.00")))
	views := see(t, log)
	for _, test := range []struct {
		t    time.Time
		want uint64
	}{
		{start, 0}, {start.Add(time.Minute), 1}, {start.Add(2*time.Minute - time.Microsecond), 1}, {start.Add(2 * time.Minute), 2},
		{start.Add(2*time.Minute + time.Nanosecond), 2}, {start.Add(3 * time.Minute), 3}, {start.Add(time.Hour), 3},
	} {
		if got, err := views.KnownAt(ctx, test.t); err != nil || got != test.want {
			t.Errorf("known at %s is position %d, %v, want %d", test.t, got, err, test.want)
		}
	}
	if in, _, err := views.Input(ctx, Ask{Case: "C1", KnownAt: start.Add(2 * time.Minute)}); err != nil || in.Case.Len() != 1 {
		t.Errorf("as known after two minutes: %+v, %v", in.Case, err)
	}
	if _, _, err := views.Input(ctx, Ask{Case: "C1", KnownAt: start}); domain.ClassOf(err) != domain.ClassNotFound {
		t.Errorf("before anything was recorded: %v", err)
	}
	if _, _, err := views.Input(ctx, Ask{Case: "C1", Upto: 4}); domain.ClassOf(err) != domain.ClassUsage {
		t.Errorf("beyond the end of the log: %v", err)
	}
}
