package projections

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/tracing"
)

// learned is a case that tells how long money stays: of 100 at A 60 leave
// after ten minutes and 40 after thirty. 50 came to C at minute 20 and 80 to D
// at minute 2, and nobody has looked since.
func learned(t *testing.T) (*memoryLog, frozen) {
	log := opened(t)
	log.tell(t, "C1", domain.Observe(theft("C1", 0, "V1", "A", "100.00")), domain.Observe(pay("C1", 10, "A", "cash:ATM", "60.00")),
		domain.Observe(pay("C1", 30, "A", "cash:ATM", "40.00")), domain.Observe(theft("C1", 2, "V2", "D", "80.00")), domain.Observe(theft("C1", 20, "V3", "C", "50.00")))
	return log, frozen{t, log, "C1"}
}

func TestSurvivalIsTheProductLimit(t *testing.T) {
	u := domain.NewUnits
	s := survivalOf([]stay{{u(60), 10, true}, {u(40), 30, true}, {u(100), 20, false}, {u(50), 0, false}})
	for d, want := range map[time.Duration]int64{0: 100, 9: 100, 10: 70, 29: 70, 30: 0, 99: 0} { // 200 were there at 10, of which 60 left
		if got, _ := u(100).Share(s.beyond(d), one); got != u(want) {
			t.Errorf("beyond %d: %s of 100, want %d", d, got, want)
		}
	}
	if none := survivalOf(nil); none.beyond(time.Hour) != one || none.left != 0 {
		t.Error("nothing learned is no reason to think that money leaves")
	}
}

// A share never grows with time, and nothing is expected beyond what is there.
func TestExpectationFallsWithTime(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var list []passage
		for at := range rapid.IntRange(0, 20).Draw(r, "passages") {
			p := passage{when: minute(at), position: uint64(at)}
			units := domain.NewUnits(rapid.Int64Range(0, 50).Draw(r, "units"))
			if rapid.Bool().Draw(r, "in") {
				p.in = units
			} else {
				p.out = units
			}
			list = append(list, p)
		}
		gone, there, seen := stays(list)
		o := outlook{survival: survivalOf(gone), there: there, seen: seen}
		for _, p := range there {
			o.total = o.total.Plus(p.units)
		}
		units := domain.NewUnits(rapid.Int64Range(0, 1000).Draw(r, "asked"))
		before := units
		for m := range 40 {
			now := o.expected(units, minute(m).Time)
			if before.Less(now) || now.Sign() < 0 {
				r.Fatalf("at minute %d %s, before %s", m, now, before)
			}
			before = now
		}
	})
}

func TestTheQueueIsSortedByWhatIsLostWithinTheHour(t *testing.T) {
	log, f := learned(t)
	yes := true
	log.tell(t, "C1", domain.AccountDescribed{Account: "C", Country: "HK", Institution: "Harbour Bank", Coerced: &yes})
	f.request("F1", 25, domain.FreezeRequested{Account: "D", Amount: sum("80.00"), Victims: []domain.VictimID{"V2"}})
	f.request("F2", 26, domain.FreezeRequested{Account: "C", Amount: sum("50.00"), Victims: []domain.VictimID{"V3"}, Mechanism: "sepa-recall", Contact: "desk",
		Wire: &domain.Wire{SettledOn: minute(20)}})
	log.tell(t, "C2", domain.CaseOpened{Case: "C2", Title: "other"})
	frozen{t, log, "C2"}.request("F1", 27, domain.FreezeRequested{Account: "C", Amount: sum("1.00"), Mechanism: "i-grip", Requesting: "FIU"})
	views := see(t, log)
	now := minute(36).Time
	rows, err := views.FreezeQueue(context.Background(), QueueAsk{Ask: Ask{Case: "C1"}, Now: now})
	if err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	first := rows[0]
	got := fmt.Sprint(first.Freeze, " ", *first.SinceNow, " asked ", eur.Format(*first.Asked), " traced ", eur.Format(first.Traced), " expected ", eur.Format(first.Expected),
		" per hour ", eur.Format(first.PerHour), " ", first.Basis, " ", first.Institution, " ", first.Country, " ", first.Local.Time.Format("15:04"), " open ", first.Local.Open,
		" ", first.Next, " ", first.Deadline.At, " overdue ", first.Overdue, " ", first.Others, " hop ", first.Hop, " care ", first.Care, " owner ", first.Owner)
	want := "F2 16m0s asked 50.00 traced 50.00 expected 20.00 per hour 20.00 all accounts Harbour Bank HK 18:36 open false approve 2024-02-22 overdue false" +
		" [C2/F1 i-grip by FIU (submitted)] hop 1 care true owner drafter"
	// Nobody set a limit, so an approval is due even after an urgent submission;
	// this one was not urgent, so the acknowledgement is.
	want = strings.Replace(want, "approve", "chase the acknowledgement", 1)
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if rows[1].Freeze != "F1" || !rows[1].Expected.IsZero() {
		t.Errorf("second: %+v", rows[1])
	}
	late, err := views.FreezeQueue(context.Background(), QueueAsk{Now: time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil || len(late) != 3 {
		t.Fatal(late, err)
	}
	at := slices.IndexFunc(late, func(r QueueRow) bool { return r.Case == "C1" && r.Freeze == "F2" })
	if !late[at].Overdue {
		t.Errorf("not overdue: %+v", late[at])
	}
}

func TestAHoldThatLapsesIsSaidToLapse(t *testing.T) {
	log, f := learned(t)
	f.request("F1", 25, domain.FreezeRequested{Account: "D", Amount: sum("80.00"), OrderDue: domain.Date(2024, 2, 20), Mechanism: "i-grip"})
	log.tell(t, "C1", domain.FreezeHeld{News: news("F1", 26), Amount: sum("80.00"), Until: domain.Date(2024, 3, 1)})
	for day, want := range map[int]string{10: "false false", 21: "true true", 31: "true true"} {
		rows, err := see(t, log).FreezeQueue(context.Background(), QueueAsk{Now: time.Date(2024, 2, day, 0, 0, 0, 0, time.UTC)})
		if err != nil || len(rows) != 1 {
			t.Fatal(rows, err)
		}
		r := rows[0]
		if got := fmt.Sprint(r.Late, " ", r.Lapsed); got != want || r.Next != "send the order before it is due" || r.PerHour.Sign() != 0 || eur.Format(r.Expected) != "80.00" {
			t.Errorf("on day %d late and lapsed are %s, want %s: %+v", day, got, want, r)
		}
	}
}

// money that came to a home, an end or a pooled service is no target, whatever
// else a case has.
func TestTargetsAreNeverHomesOrEnds(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		log := drawLog(t, r, 40)
		views := see(t, log)
		defer views.Close()
		list, err := views.Targets(context.Background(), TargetsAsk{Ask: Ask{Case: "C1"}})
		if err != nil {
			return // the drawn case cannot be walked; that is told elsewhere
		}
		homeOrEnd := list.Assembly.homesAndEnds()
		for _, row := range list.Rows {
			if homeOrEnd(row.Account) {
				r.Fatalf("%s is a target", row.Account)
			}
			if row.Traced.Less(row.Expected) || row.Expected.Less(row.Least) || row.Most.Less(row.Expected) {
				r.Fatalf("%s: traced %s, expected %s, least %s, most %s", row.Account, row.Traced, row.Expected, row.Least, row.Most)
			}
		}
	})
}

func TestTargetsAreRankedByWhatAHoldWouldFind(t *testing.T) {
	log, _ := learned(t)
	list, err := see(t, log).Targets(context.Background(), TargetsAsk{Ask: Ask{Case: "C1"}, Now: minute(25).Time, Latency: 5 * time.Minute})
	if err != nil || len(list.Rows) != 2 {
		t.Fatal(list, err)
	}
	c, d := list.Rows[0], list.Rows[1]
	if c.Account != "D" || d.Account != "C" {
		c, d = d, c
	}
	// At minute 30 the money at D is 28 minutes old, at C 10: of both 40 % stays.
	if eur.Format(c.Expected) != "32.00" || eur.Format(d.Expected) != "20.00" || c.Traced != amount("80.00").Units || list.Rows[0].Account != "D" {
		t.Errorf("D %s, C %s", eur.Format(c.Expected), eur.Format(d.Expected))
	}
	want := "Under fifo 50.00 EUR of V3 lies here, last seen 2024-02-01T10:20:00Z; by the stays of all accounts, 20.00 EUR is expected when a hold lands after 5 min (least 20.00 EUR, most 20.00 EUR over the rules)."
	if d.Why != want {
		t.Errorf("got  %s\nwant %s", d.Why, want)
	}
}

// Under lifo the victim's money went to N; under fifo it stayed in M. What is
// there under one rule only says so.
func TestATargetUnderSomeRulesOnlySaysSo(t *testing.T) {
	log := opened(t)
	log.tell(t, "C1", domain.Observe(pay("C1", 0, "employer", "M", "100.00")), domain.Observe(theft("C1", 1, "V1", "M", "100.00")),
		domain.Observe(pay("C1", 2, "M", "N", "100.00")))
	list, err := see(t, log).Targets(context.Background(), TargetsAsk{Ask: Ask{Case: "C1"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range list.Rows {
		if !row.Least.IsZero() || eur.Format(row.Most) != "100.00" || row.Account == "N" && !strings.Contains(row.Why, "nobody's money lies here") {
			t.Errorf("%+v", row)
		}
	}
	if len(list.Rows) != 2 || list.Rows[0].Account != "M" || list.Rows[0].Hop != 1 || list.Rows[1].Hop != 2 {
		t.Errorf("%+v", list.Rows)
	}
}

// A victim who was paid by others is not asked for again: the cap leaves the
// holder's own money free.
func TestTargetsStopAtTheUnrecoveredLoss(t *testing.T) {
	log := opened(t)
	log.tell(t, "C1", domain.Observe(theft("C1", 0, "V1", "M", "100.00")), domain.Observe(pay("C1", 1, "M", "X", "100.00")),
		domain.Observe(theft("C1", 2, "V2", "M2", "60.00")), domain.Observe(pay("C1", 3, "M2", "V1 bank", "60.00")))
	list, err := see(t, log).Targets(context.Background(), TargetsAsk{Ask: Ask{Case: "C1", Rule: tracing.FIFO}})
	if err != nil || len(list.Rows) != 1 || eur.Format(list.Rows[0].Traced) != "40.00" {
		t.Errorf("%+v, %v", list.Rows, err)
	}
}
