package projections

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/tracing"
)

// corridorLines shows each way in a line.
func corridorLines(t testing.TB, v *Views, a StatsAsk) string {
	t.Helper()
	stats, err := v.CorridorStats(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range stats.Rows {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s > %s > %s %s: %s %s of %d", r.Period, r.From, r.First, r.End, r.State, r.Asset.Format(r.Claim), r.Asset.Code, r.Victims)))
	}
	for _, s := range stats.RestsOn {
		lines = append(lines, fmt.Sprintf("%s: %d of %d, %d %%", s.What, s.Known, s.Of, s.Amounts[0].Percent()))
	}
	return strings.Join(lines, "\n")
}

// atBank is a payment to an account in the Netherlands by its IBAN.
const atBank = "iban:NL91ABNA0417164300"

func TestCorridorsFollowTheLots(t *testing.T) {
	log := opened(t)
	log.tell(t, "C1", domain.VictimRegistered{Victim: "V1", Category: domain.ScamTarget, Country: "DE"}, domain.VictimRegistered{Victim: "V2", Category: domain.ScamTarget, Country: "FR"},
		domain.AccountDescribed{Account: "cash:ATM", Country: "NG"}, domain.AccountDescribed{Account: "H", Country: "HK"},
		domain.Observe(theft("C1", 1, "V1", atBank, "100.00")), domain.Observe(pay("C1", 2, atBank, "cash:ATM", "60.00")),
		domain.Observe(theft("C1", 3, "V2", atBank, "50.00")), domain.Observe(theft("C1", 4, "V2", "H", "7.00")), domain.Observe(pay("C1", 5, "H", "X", "7.00")),
		domain.Observe(theft("C1", 6, "V3", "Y", "9.00")), domain.Observe(pay("C1", 7, atBank, "V1 bank", "10.00")))
	views := see(t, log)
	want := `>  >  at_large: 9.00 EUR of 1
DE > NL >  returned: 10.00 EUR of 1
DE > NL > NG cashed_out: 60.00 EUR of 1
DE > NL > NL at_large: 30.00 EUR of 1
FR > HK+NL >  at_large: 7.00 EUR of 1
FR > HK+NL > NL at_large: 50.00 EUR of 1
the victim's country: 2 of 3, 94 %
the first account's country: 2 of 3, 94 %
the country of where it lies or was taken out: 1 of 3, 89 %`
	if got := corridorLines(t, views, StatsAsk{}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	early := corridorLines(t, views, StatsAsk{Ask: Ask{At: minute(1).Time, Rule: tracing.LIFO}, Per: "month"})
	if want := "2024-02 DE > NL > NL at_large: 100.00 EUR of 1\n"; !strings.HasPrefix(early, want) {
		t.Errorf("at minute 1: %s", early)
	}
	if _, err := views.CorridorStats(context.Background(), StatsAsk{Ask: Ask{Rule: tracing.Poison}}); domain.ClassOf(err) != domain.ClassUsage {
		t.Errorf("poison: %v", err)
	}
	log.tell(t, "C1", domain.RuleLocked{Rule: string(tracing.Poison), Authority: "a", Reason: "r"})
	if stats, err := views.CorridorStats(context.Background(), StatsAsk{}); err != nil || len(stats.LeftOut) != 1 || stats.Cases != 0 || len(stats.Rows) != 0 {
		t.Errorf("a case whose rule is poison: %+v, %v", stats, err)
	}
}

// One victim's money that another passes on to the scam is reported by both,
// and is the first one's own.
func TestMoneyThatTwoVictimsReportIsOnesOwn(t *testing.T) {
	log := opened(t)
	log.tell(t, "C1", domain.Observe(theft("C1", 1, "V1", "V2 bank", "50.00")), domain.Observe(theft("C1", 2, "V2", "M", "50.00")))
	views := see(t, log)
	if got, want := lossLines(t, views, "losses", StatsAsk{}), "scam_target: 100.00 EUR of 2 victims, 2 payments, 1 cases\nthe kind of victim: 2 of 2, EUR 100 %"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := corridorLines(t, views, StatsAsk{}), ">  >  at_large: 50.00 EUR of 1\n"; !strings.HasPrefix(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// The walk follows a victim's money and not that of each payment, so his money
// stands under the time of his first.
func TestAVictimsMoneyStandsUnderTheTimeOfHisFirstPayment(t *testing.T) {
	log := opened(t)
	for i, day := range []domain.When{domain.Date(2024, 3, 1), domain.Date(2024, 1, 31)} {
		m := theft("C1", i, "V1", "M", "10.00")
		m.When = day
		log.tell(t, "C1", domain.Observe(m))
	}
	if got := corridorLines(t, see(t, log), StatsAsk{Per: "month"}); !strings.HasPrefix(got, "2024-01  >  >  at_large: 20.00 EUR of 1\n") {
		t.Errorf("%s", got)
	}
}

// An account that has two names has the country that was said of either; where
// they differ nobody knows.
func TestTheCountryOfAnAccountWithSeveralNames(t *testing.T) {
	log := opened(t)
	log.tell(t, "C1", domain.Observe(theft("C1", 1, "V1", "M", "5.00")), domain.AccountIdentified{Account: "m old", As: "M"}, domain.AccountIdentified{Account: "m older", As: "M"},
		domain.AccountDescribed{Account: "m old", Country: "KH"})
	views := see(t, log)
	if got := corridorLines(t, views, StatsAsk{}); !strings.HasPrefix(got, "> KH > KH at_large: 5.00 EUR") {
		t.Errorf("%s", got)
	}
	log.tell(t, "C1", domain.AccountDescribed{Account: "m older", Country: "LA"})
	if got := corridorLines(t, views, StatsAsk{}); !strings.HasPrefix(got, ">  >  at_large: 5.00 EUR") {
		t.Errorf("two countries: %s", got)
	}
	log.tell(t, "C1", domain.AccountDescribed{Account: "M", Country: "MM"})
	if got := corridorLines(t, views, StatsAsk{}); !strings.HasPrefix(got, "> MM > MM at_large: 5.00 EUR") {
		t.Errorf("its own name: %s", got)
	}
}

// bruteWays adds up the places of the answer of each case, by the country that
// the drawn names of accounts end in.
func bruteWays(t testing.TB, views *Views, rule tracing.Rule) map[string]string {
	t.Helper()
	sums := map[string]domain.Units{}
	cases, err := views.Cases(context.Background(), Head)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		traced, err := views.Trace(context.Background(), Ask{Case: c.Case, Rule: rule})
		if err != nil {
			t.Fatal(err)
		}
		first := map[domain.VictimID]string{}
		for r := range traced.Assembly.Rows() {
			if r.Victim != "" && !strings.Contains(first[r.Victim], "M0") && r.To == "M0" {
				first[r.Victim] = "M0" + first[r.Victim]
			} else if r.Victim != "" && !strings.Contains(first[r.Victim], "M1") && r.To == "M1" {
				first[r.Victim] += "M1"
			}
		}
		for _, v := range traced.Answer.Victims {
			for _, p := range v.Places {
				key := strings.NewReplacer("M0M1", "A0+A1", "M0", "A0", "M1", "A1").Replace(first[v.Victim]) + " " + strings.Replace(string(p.Account), "M", "A", 1)
				sums[key] = sums[key].Plus(p.Claim)
			}
		}
	}
	lines := map[string]string{}
	for key, sum := range sums {
		lines[key] = sum.String()
	}
	return lines
}

func TestCorridorsAgainstABruteForceCount(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		log, payments, _ := drawLosses(t, r)
		for _, p := range payments { // money goes on between the two mules
			if rapid.Bool().Draw(r, "goes on") {
				m := paid(p.id, "on"+string(p.movement), fmt.Sprint("M", rapid.IntRange(0, 1).Draw(r, "from")), "M1", eur.Format(domain.NewUnits(p.units/2+1)))
				m.When = domain.Date(2024, 5, 1)
				log.tell(t, p.id, domain.Observe(m))
			}
			log.tell(t, p.id, domain.AccountDescribed{Account: "M0", Country: "A0"}, domain.AccountDescribed{Account: "M1", Country: "A1"})
		}
		views := see(t, log)
		rule := rapid.SampledFrom([]tracing.Rule{tracing.FIFO, tracing.LIFO, tracing.ProRata, tracing.LIBR}).Draw(r, "rule")
		stats, err := views.CorridorStats(context.Background(), StatsAsk{Ask: Ask{Rule: rule}})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]domain.Units{}
		for _, row := range stats.Rows {
			key := row.First + " " + row.End
			got[key] = got[key].Plus(row.Claim)
		}
		lines := map[string]string{}
		for key, sum := range got {
			lines[key] = sum.String()
		}
		if want := bruteWays(t, views, rule); !maps.Equal(lines, want) {
			r.Fatalf("under %s got %v\nwant %v", rule, lines, want)
		}
	})
}

// All rows together are what was the victims' own, to the unit, and losses are
// what they reported: nothing is left out and nothing counted twice, whatever
// was corrected, joined, linked, returned or paid by hops.
func TestEveryUnitStandsInTheTablesOnce(t *testing.T) {
	drawn := rapid.Custom(func(r *rapid.T) *memoryLog { return drawLog(t, r, 40) })
	for seed := range 30 {
		views := see(t, drawn.Example(seed))
		for _, rule := range []tracing.Rule{tracing.FIFO, tracing.ProRata} {
			stats, err := views.CorridorStats(context.Background(), StatsAsk{Ask: Ask{Rule: rule}})
			if err != nil {
				t.Fatal(err)
			}
			sums := map[domain.Asset]domain.Units{}
			for _, row := range stats.Rows {
				sums[row.Asset] = sums[row.Asset].Plus(row.Claim)
			}
			left := map[domain.CaseID]bool{}
			for _, one := range stats.LeftOut {
				left[one.Case] = true
			}
			own, reported := ownOf(t, views, rule, left)
			if !maps.Equal(sums, own) {
				t.Errorf("seed %d, %s: %v, the victims' own is %v", seed, rule, sums, own)
			}
			if of := ledgersOf(t, views, rule); !maps.Equal(of, own) {
				t.Errorf("seed %d, %s: the summed ledgers have %v, the victims' own is %v", seed, rule, of, own)
			}
			if lost := lostOf(t, views, rule); !maps.Equal(lost, reported) {
				t.Errorf("seed %d, %s: losses %v, reported is %v", seed, rule, lost, reported)
			}
		}
	}
}

// ledgersOf sums the places of the summed ledgers by asset.
func ledgersOf(t testing.TB, views *Views, rule tracing.Rule) map[domain.Asset]domain.Units {
	t.Helper()
	stats, err := views.LedgerStats(context.Background(), StatsAsk{Ask: Ask{Rule: rule}})
	if err != nil {
		t.Fatal(err)
	}
	sums := map[domain.Asset]domain.Units{}
	for i := range stats.Rows {
		row := &stats.Rows[i]
		for _, place := range row.columns()[3:] {
			if !place.IsZero() {
				sums[row.Asset] = sums[row.Asset].Plus(*place)
			}
		}
	}
	return sums
}

// lostOf sums the table of losses by asset.
func lostOf(t testing.TB, views *Views, rule tracing.Rule) map[domain.Asset]domain.Units {
	t.Helper()
	stats, err := views.LossStats(context.Background(), "losses", StatsAsk{Ask: Ask{Rule: rule}})
	if err != nil {
		t.Fatal(err)
	}
	sums := map[domain.Asset]domain.Units{}
	for _, row := range stats.Rows {
		sums[row.Asset] = sums[row.Asset].Plus(row.Reported)
	}
	return sums
}

// ownOf sums what was the victims' own and what they reported, of every group
// of cases once.
func ownOf(t testing.TB, views *Views, rule tracing.Rule, left map[domain.CaseID]bool) (own, reported map[domain.Asset]domain.Units) {
	t.Helper()
	own, reported = map[domain.Asset]domain.Units{}, map[domain.Asset]domain.Units{}
	seen := map[domain.CaseID]bool{}
	cases, err := views.Cases(context.Background(), Head)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		if seen[c.Case] || left[c.Case] {
			continue
		}
		traced, err := views.Trace(context.Background(), Ask{Case: c.Case, Rule: rule})
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range traced.Assembly.Cases {
			seen[id] = true
		}
		for _, v := range traced.Answer.Victims {
			reported[v.Asset] = reported[v.Asset].Plus(v.Reported)
			if !v.Own.IsZero() {
				own[v.Asset] = own[v.Asset].Plus(v.Own)
			}
		}
	}
	return own, reported
}
