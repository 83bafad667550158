package projections

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/tracing"
)

// harbour tells two cases: in C1 two victims pay a mule in the Netherlands, in
// C2 one pays one in Hong Kong, and a trafficked person's family pays a ransom.
func harbour(t testing.TB) *memoryLog {
	log := newLog()
	log.tell(t, "C1", domain.CaseOpened{Case: "C1", Title: "one"},
		domain.VictimRegistered{Victim: "V1", Category: domain.ScamTarget, Country: "DE"},
		domain.ScamDescribed{Typology: "romance", Lures: []domain.Lure{"ai_profile", "platform"}, RunFrom: "MM", Source: "interview"},
		domain.Observe(theft("C1", 1, "V1", "M", "500.00")), domain.Observe(theft("C1", 2, "V1", "M", "70.00")),
		domain.Observe(theft("C1", 3, "V2", "M", "30.00")))
	ransom := theft("C2", 5, "V9", "K", "200.00")
	ransom.Scam = domain.ScamRansom
	log.tell(t, "C2", domain.CaseOpened{Case: "C2", Title: "two"}, domain.VictimRegistered{Victim: "V9", Category: domain.TraffickedPerson, Country: "IN"},
		domain.Observe(ransom), domain.Observe(unstated(theft("C2", 6, "V1", "H", "1000.00"))))
	return log
}

// unstated is a report that does not say its typology.
func unstated(m domain.Movement) domain.Movement {
	m.Scam = ""
	return m
}

// lossLines shows a table as one line a row.
func lossLines(t testing.TB, v *Views, of string, a StatsAsk) string {
	t.Helper()
	stats, err := v.LossStats(context.Background(), of, a)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range stats.Rows {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s: %s %s of %d victims, %d payments, %d cases",
			r.Period, strings.Join(r.Group, "/"), r.Asset.Format(r.Reported), r.Asset.Code, r.Victims, r.Payments, r.Cases)))
	}
	for _, s := range stats.RestsOn {
		line := fmt.Sprintf("%s: %d of %d", s.What, s.Known, s.Of)
		for _, amount := range s.Amounts {
			line += fmt.Sprintf(", %s %d %%", amount.Asset.Code, amount.Percent())
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestLossesAreCountedByWhatIsKnownOfThem(t *testing.T) {
	views := see(t, harbour(t))
	for of, want := range map[string]string{
		// V1 of the second case is nobody's V1 of the first: nothing is known of him.
		"losses": `: 1000.00 EUR of 1 victims, 1 payments, 1 cases
scam_target: 600.00 EUR of 2 victims, 3 payments, 1 cases
trafficked_person: 200.00 EUR of 1 victims, 1 payments, 1 cases
the kind of victim: 3 of 4, EUR 44 %`,
		"trafficked": `/any scam: 1000.00 EUR of 1 victims, 1 payments, 1 cases
scam_target/any scam: 600.00 EUR of 2 victims, 3 payments, 1 cases
trafficked_person/ransom: 200.00 EUR of 1 victims, 1 payments, 1 cases
the kind of victim: 3 of 4, EUR 44 %`,
		"typologies": `: 1000.00 EUR of 1 victims, 1 payments, 1 cases
ransom: 200.00 EUR of 1 victims, 1 payments, 1 cases
romance: 600.00 EUR of 2 victims, 3 payments, 1 cases
the typology: 3 of 4, EUR 44 %`,
		"lures": `: 1200.00 EUR of 2 victims, 2 payments, 1 cases
ai_profile: 600.00 EUR of 2 victims, 3 payments, 1 cases
platform: 600.00 EUR of 2 victims, 3 payments, 1 cases
a lure: 2 of 4, EUR 33 %`,
		"countries": `run_from/: 1200.00 EUR of 2 victims, 2 payments, 1 cases
run_from/MM: 600.00 EUR of 2 victims, 3 payments, 1 cases
victim/: 1030.00 EUR of 2 victims, 2 payments, 2 cases
victim/DE: 570.00 EUR of 1 victims, 2 payments, 1 cases
victim/IN: 200.00 EUR of 1 victims, 1 payments, 1 cases
the victim's country: 2 of 4, EUR 42 %
the country it is run from: 2 of 4, EUR 33 %`,
	} {
		if got := lossLines(t, views, of, StatsAsk{}); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", of, got, want)
		}
	}
}

// ledgerLines shows the summed ledgers, without the columns of nothing.
func ledgerLines(t testing.TB, v *Views, a StatsAsk) string {
	t.Helper()
	stats, err := v.LedgerStats(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range stats.Rows {
		line := fmt.Sprintf("%q: %d victims", r.Category, r.Victims)
		for i, name := range LedgerFigures() {
			if figure := r.Figures()[i]; figure != "0.00" {
				line += ", " + name + " " + figure
			}
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func TestTheLedgersOfBothKindsOfVictimsStandApart(t *testing.T) {
	log := harbour(t)
	log.tell(t, "C2", domain.Observe(pay("C2", 8, "K", "cash:ATM", "150.00")), domain.Observe(pay("C2", 9, "H", "V1 bank", "100.00")))
	ransom := theft("C1", 9, "V2", "K", "5.00") // who also paid a ransom
	ransom.Scam = domain.ScamRansom
	log.tell(t, "C1", domain.Observe(ransom))
	want := `"": 1 victims, reported 1000.00, own 1000.00, paid_back 100.00, at_large 900.00, returned 100.00
"scam_target": 1 victims, reported 570.00, own 570.00, at_large 570.00
"scam_target+trafficked_person": 1 victims, reported 35.00, own 35.00, at_large 35.00
"trafficked_person": 1 victims, reported 200.00, own 200.00, at_large 50.00, cashed_out 150.00`
	views := see(t, log)
	if got := ledgerLines(t, views, StatsAsk{}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, err := views.LedgerStats(context.Background(), StatsAsk{Ask: Ask{Rule: tracing.Poison}}); domain.ClassOf(err) != domain.ClassUsage {
		t.Errorf("poison: %v", err)
	}
}

// What is said of a payment goes before its report's typology, that before what
// is said of the victim, and that before what is said of the case.
func TestTheNearestDescriptionStands(t *testing.T) {
	log := opened(t)
	first, second := unstated(theft("C1", 1, "V1", "M", "1.00")), unstated(theft("C1", 2, "V1", "M", "20.00"))
	log.tell(t, "C1", domain.Observe(first), domain.Observe(second), domain.Observe(unstated(theft("C1", 3, "V2", "M", "300.00"))))
	views := see(t, log)
	for _, step := range []struct {
		says domain.Event
		want string
	}{
		{domain.ScamDescribed{Typology: "job", Source: "s"}, "job 321.00"},
		{domain.ScamDescribed{Victim: "V1", Typology: "romance", Source: "s"}, "job 300.00, romance 21.00"},
		{domain.PaymentReported{Movement: second.ID, Victim: "V1", Scam: "lottery"}, "job 300.00, lottery 20.00, romance 1.00"},
		{domain.ScamDescribed{Movement: second.ID, Typology: "other: a raffle", Source: "s"}, "job 300.00, other: a raffle 20.00, romance 1.00"},
		{domain.ScamDescribed{Movement: second.ID, Lures: []domain.Lure{"call"}, Source: "s"}, "job 300.00, other: a raffle 20.00, romance 1.00"},
		{domain.ScamWithdrawn{Movement: second.ID, Reason: "r"}, "job 300.00, lottery 20.00, romance 1.00"},
		{domain.ScamWithdrawn{Reason: "r"}, " 300.00, lottery 20.00, romance 1.00"},
	} {
		log.tell(t, "C1", step.says)
		stats, err := views.LossStats(context.Background(), "typologies", StatsAsk{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range stats.Rows {
			got = append(got, r.Group[0]+" "+eur.Format(r.Reported))
		}
		if strings.Join(got, ", ") != step.want {
			t.Errorf("after %s: %s, want %s", tellLarger(step.says), strings.Join(got, ", "), step.want)
		}
	}
}

// Cases that are walked as one are counted once, and each payment by what its
// own case says.
func TestLinkedCasesAreCountedOnce(t *testing.T) {
	log := newLog()
	log.tell(t, "C1", domain.CaseOpened{Case: "C1", Title: "one"}, domain.Observe(unstated(theft("C1", 1, "V1", "M", "100.00"))),
		domain.ScamDescribed{Typology: "job", Source: "s"})
	log.tell(t, "C2", domain.CaseOpened{Case: "C2", Title: "two"}, domain.Observe(unstated(theft("C2", 2, "V1", "M", "7.00"))),
		domain.ScamDescribed{Typology: "lottery", Source: "s"}, domain.CaseLinked{Other: "C1"})
	views := see(t, log)
	want := "job: 100.00 EUR of 1 victims, 1 payments, 1 cases\nlottery: 7.00 EUR of 1 victims, 1 payments, 1 cases\nthe typology: 1 of 1, EUR 100 %"
	for _, id := range []domain.CaseID{"", "C1", "C2"} {
		if got := lossLines(t, views, "typologies", StatsAsk{Ask: Ask{Case: id}}); got != want {
			t.Errorf("of %q:\n%s\nwant\n%s", id, got, want)
		}
	}
}

// What a hop paid to the scam the walk knows, change left aside; several hops
// are one amount at the time of the first.
func TestPaymentsByHopsAreWhatTheOthersLeave(t *testing.T) {
	log := opened(t)
	hop := func(at int, id domain.MovementID, in, paid, change string) domain.Movement {
		return domain.Movement{ID: id, Kind: domain.Hop, When: minute(at), Source: "chain",
			Inputs:  []domain.Leg{{Account: domain.AccountID("coin of " + id), Address: "V1 address", Amount: amount(in)}},
			Outputs: []domain.Leg{{Account: domain.AccountID("M by " + id), Address: "M address", Amount: amount(paid)}, {Account: domain.AccountID("change of " + id), Address: "V1 address", Amount: amount(change)}}}
	}
	for _, m := range []domain.Movement{hop(1, "hop1", "10.00", "6.00", "3.00"), hop(40, "hop2", "20.00", "5.00", "14.50")} {
		log.tell(t, "C1", domain.Observe(m), domain.PaymentReported{Movement: m.ID, Victim: "V1", Scam: "romance"})
	}
	log.tell(t, "C1", domain.Observe(theft("C1", 50, "V1", "M", "100.00")))
	views := see(t, log)
	ledger, err := views.Ledger(context.Background(), Ask{Case: "C1"})
	if err != nil || len(ledger.Rows) != 1 {
		t.Fatalf("%+v, %v", ledger, err)
	}
	want := fmt.Sprintf("romance: %s EUR of 1 victims, 3 payments, 1 cases\nthe typology: 1 of 1, EUR 100 %%", eur.Format(ledger.Rows[0].Reported))
	if got := lossLines(t, views, "typologies", StatsAsk{}); got != want || eur.Format(ledger.Rows[0].Reported) != "111.00" {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLossesByTimeAndAsOfADay(t *testing.T) {
	log := opened(t)
	for i, day := range []domain.When{domain.Date(2023, time.December, 31), domain.Date(2024, time.January, 1), domain.Date(2024, time.April, 2)} {
		m := theft("C1", i, "V1", "M", "10.00")
		m.When = day
		log.tell(t, "C1", domain.Observe(m))
	}
	log.tell(t, "C1", domain.ScamDescribed{Victim: "V1", Typology: "job", Source: "s"})
	views := see(t, log)
	for per, want := range map[string]string{"month": "2023-12 2024-01 2024-04", "quarter": "2023-Q4 2024-Q1 2024-Q2", "year": "2023 2024"} {
		stats, err := views.LossStats(context.Background(), "losses", StatsAsk{Per: per})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range stats.Rows {
			got = append(got, r.Period)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("by %s: %v, want %s", per, got, want)
		}
	}
	early := StatsAsk{Ask: Ask{At: domain.Date(2024, time.January, 1).End(), Upto: 4}}
	if got, want := lossLines(t, views, "losses", early), "scam_target: 20.00 EUR of 1 victims, 2 payments, 1 cases\nthe kind of victim: 1 of 1, EUR 100 %"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	for _, wrong := range []struct{ of, per string }{{"weather", ""}, {"losses", "week"}} {
		if _, err := views.LossStats(context.Background(), wrong.of, StatsAsk{Per: wrong.per}); domain.ClassOf(err) != domain.ClassUsage {
			t.Errorf("%v: %v", wrong, err)
		}
	}
}

// In one asset each payment counts at the rate of its own day; what has no
// rate is in no sum, and the table says so.
func TestWorthInOneAssetAtEachPaymentsOwnDay(t *testing.T) {
	log := opened(t)
	for i, day := range []int{4, 5, 25} {
		m := theft("C1", i, fmt.Sprint("V", i), "M", "10.00")
		m.When = domain.Date(2024, time.March, day)
		log.tell(t, "C1", domain.Observe(m))
	}
	for day, rate := range map[int]string{4: "1.1", 5: "1.2"} {
		log.tellIn(t, RateStream, domain.RatePublished{Base: "EUR", Day: domain.Date(2024, time.March, day), Rates: map[domain.AssetCode]string{"USD": rate}, Source: "s"})
	}
	stats, err := see(t, log).LossStats(context.Background(), "losses", StatsAsk{In: "USD"})
	if err != nil {
		t.Fatal(err)
	}
	if len(stats.Worth) != 1 || stats.In.Format(stats.Worth[0].Worth) != "23.00" || stats.Worth[0].Payments != 2 || stats.Worth[0].Of != 3 {
		t.Errorf("%+v", stats.Worth)
	}
	if rate := stats.RestsOn[1]; rate.What != "a rate to USD" || rate.Known != 2 || rate.Of != 3 || rate.Amounts[0].Percent() != 66 {
		t.Errorf("%+v", rate)
	}
}

// drawnLoss is one payment of a drawn log, as the brute-force count sees it.
type drawnLoss struct {
	id       domain.CaseID
	victim   string
	month    int
	units    int64
	scam     domain.Scam
	movement domain.MovementID
}

// drawLosses draws cases with payments and descriptions, and what stands of
// each description in the end, by what it describes.
func drawLosses(tb testing.TB, t *rapid.T) (*memoryLog, []drawnLoss, map[string]domain.Scam) {
	log, payments, says := newLog(), []drawnLoss{}, map[string]domain.Scam{}
	pick := rapid.SampledFrom([]domain.Scam{"", "romance", "job", "ransom"})
	for c := range rapid.IntRange(1, 4).Draw(t, "cases") {
		id := domain.CaseID(fmt.Sprint("C", c))
		log.tell(tb, id, domain.CaseOpened{Case: id, Title: "t"})
		for n := range rapid.IntRange(0, 6).Draw(t, "payments") {
			one := drawnLoss{id: id, victim: fmt.Sprint("V", rapid.IntRange(0, 2).Draw(t, "victim")), month: rapid.IntRange(1, 4).Draw(t, "month"),
				units: rapid.Int64Range(1, 9999).Draw(t, "units"), scam: pick.Draw(t, "scam")}
			m := theft(id, n, one.victim, fmt.Sprint("M", rapid.IntRange(0, 1).Draw(t, "mule")), eur.Format(domain.NewUnits(one.units)))
			m.Scam, m.When, one.movement = one.scam, domain.Date(2024, time.Month(one.month), 1), m.ID
			log.tell(tb, id, domain.Observe(m))
			payments = append(payments, one)
		}
		for range rapid.IntRange(0, 4).Draw(t, "said") {
			said := domain.ScamDescribed{Typology: pick.Draw(t, "typology"), Lures: []domain.Lure{"call"}, Source: "s"}
			switch at := rapid.IntRange(0, 2).Draw(t, "of"); {
			case at == 1:
				said.Victim = domain.VictimID(fmt.Sprint("V", rapid.IntRange(0, 2).Draw(t, "of victim")))
			case at == 2 && len(payments) > 0:
				said.Movement = payments[len(payments)-1].movement
			}
			log.tell(tb, id, said)
			key := fmt.Sprint(id, " ", said.Victim, " ", said.Movement)
			if said.Typology != "" {
				says[key] = said.Typology
			}
			if rapid.IntRange(0, 4).Draw(t, "taken back") == 0 {
				log.tell(tb, id, domain.ScamWithdrawn{Victim: said.Victim, Movement: said.Movement, Reason: "r"})
				delete(says, key)
			}
		}
	}
	return log, payments, says
}

// standing is the typology that stands for a drawn payment: the nearest word.
func (p drawnLoss) standing(says map[string]domain.Scam) (scam domain.Scam) {
	for _, nearer := range []domain.Scam{says[fmt.Sprint(p.id, "  ")], says[fmt.Sprint(p.id, " ", p.victim, " ")], p.scam, says[fmt.Sprint(p.id, "  ", p.movement)]} {
		if nearer != "" {
			scam = nearer
		}
	}
	return scam
}

// bruteTypologies counts the drawn payments by month and typology.
func bruteTypologies(payments []drawnLoss, says map[string]domain.Scam) map[string]string {
	sums, victims, counts := map[string]int64{}, map[string]map[string]bool{}, map[string]int{}
	for _, p := range payments {
		key := fmt.Sprintf("2024-%02d %s", p.month, p.standing(says))
		sums[key] += p.units
		counts[key]++
		if victims[key] == nil {
			victims[key] = map[string]bool{}
		}
		victims[key][fmt.Sprint(p.id, p.victim)] = true
	}
	lines := map[string]string{}
	for key := range sums {
		lines[key] = fmt.Sprint(sums[key], " by ", len(victims[key]), " in ", counts[key])
	}
	return lines
}

// bruteShare counts of how many victims the typology of every payment is
// known, and of which part of the amount.
func bruteShare(payments []drawnLoss, says map[string]domain.Scam) string {
	all, unsure, known, total := map[string]bool{}, map[string]bool{}, int64(0), int64(0)
	for _, p := range payments {
		victim := fmt.Sprint(p.id, p.victim)
		all[victim], total = true, total+p.units
		if p.standing(says) == "" {
			unsure[victim] = true
		} else {
			known += p.units
		}
	}
	if total == 0 {
		return "0 of 0"
	}
	return fmt.Sprint(len(all)-len(unsure), " of ", len(all), ", ", known, " of ", total)
}

func shareText(s Share) string {
	text := fmt.Sprint(s.Known, " of ", s.Of)
	for _, a := range s.Amounts {
		text += fmt.Sprint(", ", a.Known, " of ", a.Of)
	}
	return text
}

// All tables are of the same payments, these are the ledgers', and what is
// known of them is what a count of the drawn payments says.
func TestLossesAgainstABruteForceCount(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		log, payments, says := drawLosses(t, r)
		views := see(t, log)
		stats, err := views.LossStats(context.Background(), "typologies", StatsAsk{Per: "month"})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, row := range stats.Rows {
			got[row.Period+" "+row.Group[0]] = fmt.Sprint(row.Reported, " by ", row.Victims, " in ", row.Payments)
		}
		if want := bruteTypologies(payments, says); !maps.Equal(got, want) {
			r.Fatalf("got  %v\nwant %v", got, want)
		}
		if got, want := shareText(stats.RestsOn[0]), bruteShare(payments, says); got != want {
			r.Fatalf("it rests on %s, counted by hand %s", got, want)
		}
		want := sumOfLedgers(t, views)
		for _, of := range []string{"losses", "typologies", "lures", "trafficked"} {
			if got := sumOfTable(t, views, of, rapid.SampledFrom(append(StatsPeriods(), "")).Draw(r, "per")); got != want {
				r.Fatalf("%s: %s, the ledgers have %s", of, got, want)
			}
		}
	})
}

func sumOfLedgers(t testing.TB, views *Views) (sum domain.Units) {
	t.Helper()
	cases, err := views.Cases(context.Background(), Head)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		ledger, err := views.Ledger(context.Background(), Ask{Case: c.Case})
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range ledger.Rows {
			sum = sum.Plus(row.Reported)
		}
	}
	return sum
}

func sumOfTable(t testing.TB, views *Views, of, per string) (sum domain.Units) {
	t.Helper()
	stats, err := views.LossStats(context.Background(), of, StatsAsk{Per: per})
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range stats.Rows {
		sum = sum.Plus(row.Reported)
	}
	return sum
}
