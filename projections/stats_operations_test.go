package projections

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"clew/domain"
)

// operationLines shows each operation in a line, and its sums behind it.
func operationLines(t testing.TB, v *Views, a StatsAsk) string {
	t.Helper()
	stats, err := v.OperationStats(context.Background(), a)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range stats.Rows {
		line := fmt.Sprintf("%s: cases %v (%d closed), %d victims, %d trafficked, %d suspects, countries %v, held in %d accounts and %d wallets",
			r.Operation, r.Cases, r.Closed, r.Victims, r.Trafficked, r.Suspects, r.Countries, r.AccountsHeld, r.WalletsHeld)
		for _, s := range r.Sums {
			line += fmt.Sprintf("; %s reported %s, %d requests, held %s", s.Asset.Code, s.Asset.Format(s.Reported), s.Requests, s.Asset.Format(s.Held))
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// joined is a case with one loss, worked in operations.
func joined(t testing.TB, log *memoryLog, id domain.CaseID, value string, operations ...domain.OperationID) frozen {
	log.tell(t, id, domain.CaseOpened{Case: id, Title: "t"}, domain.Observe(theft(id, 1, "V1", string("M of "+id), value)))
	for _, operation := range operations {
		log.tell(t, id, domain.OperationJoined{Operation: operation, Source: "s"})
	}
	return frozen{t, log, id}
}

func TestAnOperationsTallyComesFromItsCases(t *testing.T) {
	log := newLog()
	one, two, other := joined(t, log, "C1", "100.00", "HARBOUR"), joined(t, log, "C2", "30.00", "HARBOUR", "TIDE"), joined(t, log, "C3", "7.00")
	log.tell(t, "C1", domain.PersonRegistered{Person: "P1", Category: domain.Suspect}, domain.PersonRegistered{Person: "P2", Category: domain.Witness},
		domain.VictimRegistered{Victim: "V1", Category: domain.ScamTarget, Country: "DE"}, domain.VictimRegistered{Victim: "V5", Category: domain.TraffickedPerson, Country: "IN"})
	one.request("F1", 10, domain.FreezeRequested{Account: "M of C1", Amount: sum("100.00"), Country: "NL"})
	one.hold("F1", 12, "80.00")
	two.request("F1", 10, domain.FreezeRequested{Account: "M of C2", Amount: sum("30.00"), Operation: "tide"})
	two.hold("F1", 12, "30.00")
	other.request("F1", 10, domain.FreezeRequested{Account: "M of C3", Amount: sum("7.00"), Operation: "Tide"})
	other.hold("F1", 12, "7.00")
	log.tell(t, "C2", domain.CaseClosed{})
	log.tellIn(t, OperationStream, domain.OperationDescribed{Operation: "EBB", Title: "Operation Ebb", Source: "s"})
	views := see(t, log)
	want := `EBB: cases [] (0 closed), 0 victims, 0 trafficked, 0 suspects, countries [], held in 0 accounts and 0 wallets
HARBOUR: cases [C1 C2] (1 closed), 3 victims, 1 trafficked, 1 suspects, countries [DE IN NL], held in 1 accounts and 0 wallets; EUR reported 130.00, 1 requests, held 80.00
TIDE: cases [C2] (1 closed), 1 victims, 0 trafficked, 0 suspects, countries [], held in 2 accounts and 0 wallets; EUR reported 30.00, 2 requests, held 37.00`
	if got := operationLines(t, views, StatsAsk{}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	stats, err := views.OperationStats(context.Background(), StatsAsk{Ask: Ask{Case: "C3"}})
	if err != nil || len(stats.Rows) != 1 || stats.Rows[0].Operation != "TIDE" || stats.Overlap {
		t.Errorf("of one case: %+v, %v", stats, err)
	}
	log.tell(t, "C1", domain.OperationLeft{Operation: "HARBOUR", Reason: "r"})
	if got, want := operationLines(t, views, StatsAsk{}), "HARBOUR: cases [C2] (1 closed), 1 victims, 0 trafficked, 0 suspects, countries [], held in 0 accounts and 0 wallets; EUR reported 30.00, 0 requests, held 0.00"; !strings.Contains(got, want) {
		t.Errorf("after C1 left: %s\nwant %s", got, want)
	}
}

// What is reported in an operation is what its cases' ledgers say, whatever
// joined and left; nothing of what was published is in it.
func TestOperationsAgainstABruteForceCount(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		log, payments, _ := drawLosses(t, r)
		in := map[domain.CaseID]bool{}
		for range rapid.IntRange(0, 6).Draw(r, "turns") {
			if len(payments) == 0 {
				break
			}
			id := payments[rapid.IntRange(0, len(payments)-1).Draw(r, "case")].id
			if in[id] = !in[id]; in[id] {
				log.tell(t, id, domain.OperationJoined{Operation: "HAECHI-VI", Source: "s"})
			} else {
				log.tell(t, id, domain.OperationLeft{Operation: "HAECHI-VI", Reason: "r"})
			}
		}
		want, victims := int64(0), map[string]bool{}
		for _, p := range payments {
			if in[p.id] {
				want += p.units
				victims[string(p.id)+p.victim] = true
			}
		}
		stats, err := see(t, log).OperationStats(context.Background(), StatsAsk{})
		if err != nil {
			t.Fatal(err)
		}
		got, counted := domain.Units{}, 0
		for _, row := range stats.Rows {
			counted += row.Victims
			for _, sum := range row.Sums {
				got = got.Plus(sum.Reported)
			}
		}
		if got != domain.NewUnits(want) || counted != len(victims) {
			r.Fatalf("%s of %d victims, counted by hand %d of %d", got, counted, want, len(victims))
		}
	})
}

// measures are the columns of the sample, by the words that they are published
// under here.
var measures = map[string]string{"countries": "countries", "arrests": "arrests", "accounts_blocked": "accounts blocked", "virtual_wallets_frozen": "wallets frozen",
	"total_usd": "intercepted", "fiat_usd": "intercepted, fiat", "virtual_usd": "intercepted, virtual", "other_usd": "intercepted, other",
	"cases_opened": "cases opened", "cases_solved": "cases solved"}

// The published tallies of the sample's operations come out, each with its
// source; what was found without one does not.
func TestThePublishedTalliesOfTheSamplesOperationsComeOut(t *testing.T) {
	file, err := os.Open("../testdata/operations/interpol_operations.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	stats, err := see(t, opened(t)).OperationStats(context.Background(), StatsAsk{})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, row := range rows[1:] {
		source := row[len(row)-1]
		for i, column := range rows[0] {
			measure, is := measures[column]
			if !is || row[i] == "" {
				continue
			}
			out := slices.ContainsFunc(stats.Published, func(f domain.PublishedFigure) bool {
				return f.Of == row[0] && f.Measure == measure && f.Value == row[i] && f.Source == source
			})
			if out != (source != "") {
				t.Errorf("%s of %s: %s, source %q: published here: %v", measure, row[0], row[i], source, out)
			}
			if out {
				found++
			}
		}
	}
	if found < 30 || len(stats.Rows) != 0 {
		t.Errorf("%d figures of the sample, and %d counted rows of no case", found, len(stats.Rows))
	}
}
