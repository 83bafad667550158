package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/tracing"
)

// minute is so many minutes after 10:00 of the story's day.
func minute(n int) domain.When {
	return domain.Instant(time.Date(2024, 2, 1, 10, n, 0, 0, time.UTC))
}

// pay is a movement at a minute of the story.
func pay(id domain.CaseID, at int, from, to, value string) domain.Movement {
	m := paid(id, fmt.Sprint(from, to, at), from, to, value)
	m.When = minute(at)
	return m
}

// theft is a payment that a victim reports.
func theft(id domain.CaseID, at int, victim, to, value string) domain.Movement {
	m := pay(id, at, victim+" bank", to, value)
	m.Victim, m.Scam = domain.VictimID(victim), "romance"
	return m
}

// frozen tells freezes in a case.
type frozen struct {
	t   testing.TB
	log *memoryLog
	id  domain.CaseID
}

func sum(value string) *domain.Amount {
	if value == "" {
		return nil
	}
	a := amount(value)
	return &a
}

func news(freeze domain.FreezeID, at int) domain.News {
	return domain.News{Freeze: freeze, At: minute(at), By: "officer"}
}

// request drafts a freeze of an account and submits it.
func (f frozen) request(freeze domain.FreezeID, at int, r domain.FreezeRequested) {
	r.Freeze, r.At, r.By, r.Asset, r.Digits = freeze, minute(at), "drafter", eur.Code, eur.Digits
	if r.Scope == "" {
		r.Scope = domain.ScopeAmount
	}
	if r.Mechanism == "" {
		r.Mechanism = "gsrp"
	}
	f.log.tell(f.t, f.id, r, domain.FreezeSubmitted{News: news(freeze, at)})
}

func (f frozen) hold(freeze domain.FreezeID, at int, value string) {
	f.log.tell(f.t, f.id, domain.FreezeHeld{News: news(freeze, at), Amount: sum(value)})
}

// rowsOf shows totals as one line a row: group, requests, and the sums.
func rowsOf(t testing.TB, v *Views, a TotalsAsk) string {
	t.Helper()
	totals, err := v.Totals(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range totals.Rows {
		rate, _ := r.SuccessRate()
		line := fmt.Sprint(r.Group[a.By], ": ", r.Requests, " requested ", eur.Format(r.Requested), " held ", eur.Format(r.Held), " traced ", eur.Format(r.HeldTraced), " rate ", rate)
		for _, s := range []struct {
			word string
			sum  domain.Units
		}{{"over", r.OverHeld}, {"under", r.UnderHeld}, {"seized", r.Seized}, {"restored", r.Restored}, {"released", r.Released}, {"returned", r.Returned}} {
			if !s.sum.IsZero() {
				line += " " + s.word + " " + eur.Format(s.sum)
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// mule is a case in which V1 loses 500 to M, who has 100 of his own.
func mule(t testing.TB) (*memoryLog, frozen) {
	log := newLog()
	log.tell(t, "C1", domain.CaseOpened{Case: "C1", Title: "t"}, domain.Observe(pay("C1", 0, "employer", "M", "100.00")),
		domain.Observe(theft("C1", 1, "V1", "M", "500.00")))
	return log, frozen{t, log, "C1"}
}

func TestOneLossAskedThroughThreeMechanismsCountsOnceInRequested(t *testing.T) {
	log, f := mule(t)
	for i, mechanism := range []string{"gsrp", "i-grip", "ic3-rat"} {
		f.request(domain.FreezeID(fmt.Sprint("F", i+1)), 10+i, domain.FreezeRequested{Account: "M", Amount: sum("500.00"), Mechanism: mechanism, Victims: []domain.VictimID{"V1"}})
	}
	log.tell(t, "C1", domain.FreezeRequested{Freeze: "F9", At: minute(20), Account: "M", Asset: eur.Code, Digits: 2, Scope: domain.ScopeAmount, Amount: sum("500.00"), Mechanism: "draft only"})
	f.hold("F2", 30, "500.00")
	f.hold("F3", 31, "500.00")
	views := see(t, log)
	if got, want := rowsOf(t, views, TotalsAsk{}), ": 3 requested 500.00 held 600.00 traced 500.00 rate 1.2000 over 100.00"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	want := "gsrp: 1 requested 500.00 held 0.00 traced 0.00 rate 0.0000\n" +
		"i-grip: 1 requested 0.00 held 500.00 traced 500.00 rate \nic3-rat: 1 requested 0.00 held 100.00 traced 0.00 rate  over 100.00"
	if got := rowsOf(t, views, TotalsAsk{By: "mechanism"}); !strings.HasPrefix(got, "gsrp: 1 requested 500.00 held 0.00") || got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The second hold finds 600 there, of which 500 are held: it can hold the
// other 100 and no more. A hold on the same payment is the same hold.
func TestTheSamePaymentIsHeldOnce(t *testing.T) {
	log, f := mule(t)
	loss := theft("C1", 1, "V1", "M", "500.00").ID
	for i, mechanism := range []string{"gsrp", "i-grip"} {
		id := domain.FreezeID(fmt.Sprint("F", i+1))
		f.request(id, 10+i, domain.FreezeRequested{Account: "M", Amount: sum("500.00"), Mechanism: mechanism, Scope: domain.ScopePayment, Payment: loss})
		f.hold(id, 20+i, "500.00")
	}
	if got, want := rowsOf(t, see(t, log), TotalsAsk{}), ": 2 requested 500.00 held 500.00 traced 500.00 rate 1.0000"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestWhatIsReleasedAndHeldAgainCountsOnce(t *testing.T) {
	log, f := mule(t)
	f.request("F1", 10, domain.FreezeRequested{Account: "M", Scope: domain.ScopeDebitBlock})
	f.hold("F1", 12, "")
	f.hold("F1", 13, "600.00") // the same told with its sum
	log.tell(t, "C1", domain.FreezeReleased{News: news("F1", 20)}, domain.Observe(pay("C1", 30, "M", "cash:ATM", "450.00")), domain.Observe(pay("C1", 40, "employer", "M", "50.00")))
	f.request("F2", 50, domain.FreezeRequested{Account: "M", Scope: domain.ScopeDebitBlock})
	f.hold("F2", 51, "")
	// 600 were held; 150 of them never left; the 50 that came later are new.
	want := ": 2 requested 600.00 held 650.00 traced 550.00 rate 1.0833 over 100.00 released 600.00"
	if got := rowsOf(t, see(t, log), TotalsAsk{Ask: Ask{Rule: tracing.LIFO}}); !strings.HasPrefix(got, ": 2 requested 600.00 held 650.00") || !strings.HasSuffix(got, "released 600.00") {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAnAccountWideHoldTakesLaterCredits(t *testing.T) {
	log, f := mule(t)
	f.request("F1", 10, domain.FreezeRequested{Account: "M", Scope: domain.ScopeAccount})
	f.hold("F1", 12, "")
	log.tell(t, "C1", domain.Observe(theft("C1", 30, "V2", "M", "70.00")), domain.FreezeReleased{News: news("F1", 40)}, domain.Observe(theft("C1", 50, "V3", "M", "5.00")))
	views := see(t, log)
	for _, test := range []struct {
		at   int
		want string
	}{
		{20, ": 1 requested 600.00 held 600.00 traced 500.00 rate 1.0000 over 100.00"},
		{35, ": 1 requested 600.00 held 670.00 traced 570.00 rate 1.1167 over 100.00"},
		{60, ": 1 requested 600.00 held 670.00 traced 570.00 rate 1.1167 over 100.00 released 670.00"},
	} {
		if got := rowsOf(t, views, TotalsAsk{Ask: Ask{At: minute(test.at).Time}}); got != test.want {
			t.Errorf("at minute %d got  %s\nwant %s", test.at, got, test.want)
		}
	}
}

func TestTotalsInTheContractsJSON(t *testing.T) {
	log, f := mule(t)
	f.request("F1", 10, domain.FreezeRequested{Account: "M", Amount: sum("500.00"), Country: "HK", Operation: "HARBOUR"})
	f.hold("F1", 54, "200.00")
	log.tell(t, "C1", domain.FreezeSeized{News: news("F1", 55), Amount: amount("150.00")}, domain.FreezeRestored{News: news("F1", 56), Amount: amount("100.00")},
		domain.FreezeReturned{News: news("F1", 57), Amount: amount("80.00"), Route: domain.RouteRecall})
	totals, err := see(t, log).Totals(context.Background(), TotalsAsk{By: "operation"})
	if err != nil {
		t.Fatal(err)
	}
	got, err := json.Marshal(totals)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"rule":"fifo","as_of":null,"position":9,"overlap":false,"rows":[{"group":{"operation":"HARBOUR"},"asset":"EUR","requests":1,"requested":"500.00",` +
		`"held":"230.00","held_traced":"230.00","over_held":"0.00","under_held":"300.00","seized":"150.00","restored":"100.00","released":"0.00","returned":"80.00",` +
		`"transferred":"0.00","success_rate":"0.4600","median_minutes_to_hold":44}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestMinutesAndRatesAreExact(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0", 44 * time.Minute: "44", 90 * time.Second: "1.50", 20 * time.Second: "0.33", -90 * time.Second: "-1.50"} {
		if got := Minutes(d); string(got) != want {
			t.Errorf("%s is %s minutes, want %s", d, got, want)
		}
	}
	for _, test := range []struct{ held, requested, want string }{{"5616.00", "8484.00", "0.6620"}, {"0.01", "80.00", "0.0001"}, {"0.03", "200.00", "0.0002"}, {"8.20", "6.00", "1.3667"}} {
		row := TotalsRow{Requested: amount(test.requested).Units, Held: amount(test.held).Units}
		if got, ok := row.SuccessRate(); got != test.want || !ok {
			t.Errorf("%s of %s is %s, want %s", test.held, test.requested, got, test.want)
		}
	}
	row := TotalsRow{Waits: []time.Duration{time.Minute, 2 * time.Minute, 5 * time.Minute, 60 * time.Minute}}
	if median, _ := row.MedianToHold(); median != 210*time.Second {
		t.Errorf("median %s", median)
	}
}

// drawFrozen draws payments among two accounts with freezes in between.
func drawFrozen(tb testing.TB, t *rapid.T) *memoryLog {
	log := newLog()
	log.tell(tb, "C1", domain.CaseOpened{Case: "C1", Title: "drawn"})
	f := frozen{tb, log, "C1"}
	number := func(name string, most int) int { return rapid.IntRange(0, most).Draw(t, name) }
	value := func() string { return fmt.Sprintf("%d.00", 1+number("value", 9)) }
	at, freezes := 0, 0
	for range 3 + number("steps", 15) {
		at++
		freeze := domain.FreezeID(fmt.Sprint("F", 1+number("freeze", 3)%max(freezes, 1)))
		account := rapid.SampledFrom([]string{"M", "N"}).Draw(t, "account")
		switch number("what", 9) {
		case 0, 1:
			log.tell(tb, "C1", domain.Observe(theft("C1", at, rapid.SampledFrom([]string{"V1", "V2"}).Draw(t, "victim"), account, value())))
		case 2:
			log.tell(tb, "C1", domain.Observe(pay("C1", at, "employer", account, value())))
		case 3, 4:
			log.tell(tb, "C1", domain.Observe(pay("C1", at, account, rapid.SampledFrom([]string{"M", "N", "cash:ATM"}).Draw(t, "to"), value())))
		case 5:
			freezes++
			scope := rapid.SampledFrom(domain.FreezeScopes()[1:]).Draw(t, "scope")
			r := domain.FreezeRequested{Account: domain.AccountID(account), Scope: scope}
			if scope.Bounded() {
				r.Amount = sum(value())
			}
			f.request(domain.FreezeID(fmt.Sprint("F", freezes)), at, r)
		case 6, 7:
			if freezes > 0 {
				f.hold(freeze, at, rapid.SampledFrom([]string{"", value()}).Draw(t, "held"))
			}
		case 8:
			if freezes > 0 {
				log.tell(tb, "C1", domain.FreezeReleased{News: news(freeze, at), Amount: sum(rapid.SampledFrom([]string{"", value()}).Draw(t, "released"))})
			}
		case 9:
			if freezes > 0 {
				log.tell(tb, "C1", domain.FreezeSeized{News: news(freeze, at), Amount: amount(value())})
			}
		}
	}
	return log
}

// What is held does not depend on the rule; what of it is traced may, and is
// never more.
func TestTotalsDoNotDependOnTheRule(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		views := see(t, drawFrozen(t, r))
		defer views.Close()
		first := ""
		for _, rule := range []tracing.Rule{tracing.FIFO, tracing.LIFO, tracing.ProRata, tracing.LIBR, tracing.OwnFirst, tracing.ProceedsFirst} {
			totals, err := views.Totals(context.Background(), TotalsAsk{Ask: Ask{Rule: rule}})
			if err != nil {
				r.Fatal(err)
			}
			got := ""
			for _, row := range totals.Rows {
				if row.Held.Less(row.HeldTraced) {
					r.Fatalf("%s: %s held, of which %s traced", rule, eur.Format(row.Held), eur.Format(row.HeldTraced))
				}
				got += fmt.Sprint(row.Requests, row.Requested, row.Held, row.Released, row.Seized, row.Waits)
			}
			if first == "" {
				first = got
			}
			if got != first {
				r.Fatalf("%s: %s, fifo: %s", rule, got, first)
			}
		}
	})
}

// Held is counted here unit by unit, without any of the code's own ways: a
// unit that was held is marked, and what was never held leaves first.
func TestHeldAgainstACountByHand(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		log := newLog()
		log.tell(t, "C1", domain.CaseOpened{Case: "C1", Title: "drawn"})
		f := frozen{t, log, "C1"}
		var fresh, marked, ever, freezes int
		holding := false
		for at := 1; at < 3+rapid.IntRange(0, 25).Draw(r, "steps"); at++ {
			value := rapid.IntRange(1, 9).Draw(r, "value")
			money := fmt.Sprintf("%d.00", value)
			switch what := rapid.IntRange(0, 3).Draw(r, "what"); {
			case what == 0:
				log.tell(t, "C1", domain.Observe(pay("C1", at, "employer", "M", money)))
				fresh += value
			case what == 1 && !holding && fresh+marked >= value:
				log.tell(t, "C1", domain.Observe(pay("C1", at, "M", "cash:ATM", money)))
				left := min(fresh, value)
				fresh, marked = fresh-left, marked-(value-left)
			case what == 2 && !holding:
				freezes++
				id := domain.FreezeID(fmt.Sprint("F", freezes))
				f.request(id, at, domain.FreezeRequested{Account: "M", Scope: domain.ScopeDebitBlock})
				f.hold(id, at, "")
				holding, ever, marked, fresh = true, ever+fresh, marked+fresh, 0
			case what == 3 && holding:
				log.tell(t, "C1", domain.FreezeReleased{News: news(domain.FreezeID(fmt.Sprint("F", freezes)), at)})
				holding = false
			}
		}
		views := see(t, log)
		defer views.Close()
		totals, err := views.Totals(context.Background(), TotalsAsk{})
		if err != nil {
			r.Fatal(err)
		}
		got := "0.00"
		for _, row := range totals.Rows {
			got = eur.Format(row.Held)
		}
		if want := fmt.Sprintf("%d.00", ever); got != want {
			r.Fatalf("held %s, by hand %s", got, want)
		}
	})
}

// Two cases that hold one account: each counts it, both together once.
func TestByCaseRowsMayOverlap(t *testing.T) {
	log, f := mule(t)
	log.tell(t, "C2", domain.CaseOpened{Case: "C2", Title: "t"}, domain.Observe(theft("C2", 1, "V1", "M", "500.00")))
	other := frozen{t, log, "C2"}
	for i, in := range []frozen{f, other} {
		in.request("F1", 10+i, domain.FreezeRequested{Account: "M", Amount: sum("500.00"), Victims: []domain.VictimID{"V1"}})
		in.hold("F1", 20+i, "500.00")
	}
	views := see(t, log)
	want := "C1: 1 requested 500.00 held 500.00 traced 500.00 rate 1.0000\nC2: 1 requested 500.00 held 500.00 traced 500.00 rate 1.0000"
	if got := rowsOf(t, views, TotalsAsk{By: "case"}); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := rowsOf(t, views, TotalsAsk{}), ": 2 requested 500.00 held 500.00 traced 500.00 rate 1.0000"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTheLatencyChainAndTheGap(t *testing.T) {
	log, f := mule(t)
	late := pay("C1", 2, "V2 bank", "M", "5.00")
	log.tell(t, "C1", domain.Observe(late), domain.PaymentReported{Movement: late.ID, Victim: "V2"})
	recorded := log.records[len(log.records)-1].RecordedAt
	f.request("F1", 10, domain.FreezeRequested{Account: "M", Scope: domain.ScopeDebitBlock, Victims: []domain.VictimID{"V2"}})
	log.tell(t, "C1", domain.Observe(pay("C1", 9, "M", "X", "1.00")), domain.Observe(pay("C1", 30, "M", "X", "40.00")), domain.FreezeAcknowledged{News: news("F1", 20)})
	f.hold("F1", 54, "")
	chains, err := see(t, log).Latencies(context.Background(), Ask{})
	if err != nil || len(chains) != 1 {
		t.Fatal(chains, err)
	}
	want := Latency{"C1", "F1", "gsrp", minute(2), domain.Instant(recorded), minute(10), minute(20), minute(54), amount("40.00").Units, eur}
	if chains[0] != want {
		t.Errorf("got  %+v\nwant %+v", chains[0], want)
	}
	if wait, ok := medianWait(chains, "gsrp"); !ok || wait != 44*time.Minute {
		t.Errorf("waits %s", wait)
	}
}

// The reference names every state, step, group and column.
func TestTheReferenceNamesWhatFreezesAreMadeOf(t *testing.T) {
	text, err := os.ReadFile("../docs/reference/freezes.md")
	if err != nil {
		t.Fatal(err)
	}
	row, err := json.Marshal(TotalsRow{Asset: eur})
	if err != nil {
		t.Fatal(err)
	}
	var columns map[string]any
	if err := json.Unmarshal(row, &columns); err != nil {
		t.Fatal(err)
	}
	names := TotalsBy()
	for column := range columns {
		if column != "group" && column != "asset" {
			names = append(names, column)
		}
	}
	for _, step := range domain.FreezeSteps() {
		names = append(names, string(step))
	}
	for _, scope := range domain.FreezeScopes() {
		names = append(names, string(scope))
	}
	for _, name := range names {
		if !strings.Contains(string(text), "`"+name+"`") {
			t.Errorf("docs/reference/freezes.md does not name %s", name)
		}
	}
}
