package projections

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
)

// linkLines shows a table of links in lines.
func linkLines(stats *TieStats, err error) string {
	if err != nil {
		return err.Error()
	}
	lines := []string{fmt.Sprintf("%d of %d", stats.Tied, stats.Cases)}
	for _, r := range stats.Rows {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s: %d on %d cases, %d whole, %d victims, %d persons, %d accounts, %d assessments",
			r.Period, strings.Join(r.Group, "/"), r.Count, r.Cases, r.Whole, r.Victims, r.Persons, r.Accounts, r.Assessments)))
	}
	return strings.Join(lines, "\n")
}

func TestNoticesAndCrimesAreCountedByWhatTheyAreTiedTo(t *testing.T) {
	log, ctx := newLog(), context.Background()
	p1, m := domain.Whose{Person: "P1"}, domain.Whose{Account: "M"}
	for _, id := range []domain.CaseID{"C1", "C2", "C3"} {
		log.tell(t, id, domain.CaseOpened{Case: id, Title: "t"})
	}
	notice := func(id domain.CaseID, ref string, colour domain.NoticeColour, diffusion bool, of domain.Whose, day int) {
		log.tell(t, id, domain.NoticeLinked{Notice: ref, Colour: colour, Diffusion: diffusion, Issued: domain.Date(2024, time.March, day), Of: of, Source: "s"})
	}
	notice("C1", "A-1", "silver", false, m, 4)
	notice("C2", "A-1", "silver", false, m, 4) // the same notice, the same account
	notice("C2", "A-2", "silver", false, p1, 5)
	notice("C1", "A-3", "purple", true, domain.Whose{}, 6)
	log.tell(t, "C1", domain.CrimeFlagged{Crime: "drugs", Of: p1, Source: "s", Assessment: true}, domain.CrimeFlagged{Crime: "drugs", Source: "s"}, domain.CrimeFlagged{Crime: "arms", Of: m, Source: "s"})
	views := see(t, log)
	want := "2 of 3\ndiffusion/purple: 1 on 1 cases, 1 whole, 0 victims, 0 persons, 0 accounts, 0 assessments\nnotice/silver: 2 on 2 cases, 0 whole, 0 victims, 1 persons, 1 accounts, 0 assessments"
	if got := linkLines(views.NoticeStats(ctx, StatsAsk{})); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	want = "2 of 3\n2024 notice/silver: 1 on 2 cases, 0 whole, 0 victims, 0 persons, 1 accounts, 0 assessments"
	if got := linkLines(views.NoticeStats(ctx, StatsAsk{Ask: Ask{At: domain.Date(2024, time.March, 4).End()}, Per: "year"})); got != want {
		t.Errorf("as of the 4th got\n%s\nwant\n%s", got, want)
	}
	want = "1 of 3\narms: 1 on 1 cases, 0 whole, 0 victims, 0 persons, 1 accounts, 0 assessments\ndrugs: 2 on 1 cases, 1 whole, 0 victims, 1 persons, 0 accounts, 1 assessments"
	if got := linkLines(views.CrimeStats(ctx, StatsAsk{})); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	log.tell(t, "C1", domain.CrimeUnflagged{Crime: "arms", Of: m, Reason: "r"}, domain.CrimeUnflagged{Crime: "drugs", Of: p1, Reason: "r"})
	if got, want := linkLines(views.CrimeStats(ctx, StatsAsk{})), "1 of 3\ndrugs: 1 on 1 cases, 1 whole, 0 victims, 0 persons, 0 accounts, 0 assessments"; got != want {
		t.Errorf("after two were taken back got\n%s\nwant\n%s", got, want)
	}
}

// A notice names its account as any other word of a person does: the next case
// that names it learns so.
func TestAnAccountOfANoticeIsMetByOtherCases(t *testing.T) {
	log := newLog()
	log.tell(t, "C1", domain.CaseOpened{Case: "C1", Title: "t"}, domain.NoticeLinked{Notice: "A-1", Colour: "silver", Issued: domain.Date(2024, 3, 4), Of: domain.Whose{Account: "bank:77-100"}, Source: "s"})
	log.tell(t, "C2", domain.CaseOpened{Case: "C2", Title: "t"}, domain.Observe(theft("C2", 1, "V1", "bank:77-100", "5.00")))
	common, err := see(t, log).Common(context.Background(), Meeting{Ask: Ask{Case: "C2"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, sighting := range common.Sightings {
		if sighting.Case == "C1" && sighting.Key == "bank:77-100" {
			return
		}
	}
	t.Errorf("C2 does not meet C1: %+v", common.Sightings)
}

func TestScamCentresWithTheTwoKindsOfTheirVictims(t *testing.T) {
	log := harbour(t)
	log.tellIn(t, CentreStream, domain.CentreDescribed{Centre: "SC-1", Place: "Exampletown", Country: "MM", Source: "s"})
	log.tellIn(t, CentreStream, domain.CentreDescribed{Centre: "SC-3", Place: "nowhere", Country: "MM", Source: "s"})
	log.tellIn(t, CentreStream, domain.CentreWithdrawn{Centre: "SC-3", Reason: "r"})
	log.tell(t, "C1", domain.CentreLinked{Centre: "SC-1", Source: "s"}, domain.CentreLinked{Centre: "SC-2", Of: domain.Whose{Account: "M"}, Source: "s"})
	log.tell(t, "C2", domain.CentreLinked{Centre: "SC-1", Of: domain.Whose{Victim: "V9"}, Source: "s"})
	views := see(t, log)
	stats, err := views.CentreStats(context.Background(), StatsAsk{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range stats.Rows {
		line := fmt.Sprintf("%s in %q: %d cases, %d victims, %d trafficked, %d persons, %d accounts", r.Centre, r.Said.Country, r.Cases, r.Victims, r.Trafficked, r.Persons, r.Accounts)
		for _, sum := range r.Sums {
			line += fmt.Sprintf(", %s %s", sum, sum.Asset.Code)
		}
		got = append(got, line)
	}
	want := `SC-1 in "MM": 2 cases, 2 victims, 1 trafficked, 0 persons, 0 accounts, 800.00 EUR
SC-2 in "": 1 cases, 0 victims, 0 trafficked, 0 persons, 1 accounts`
	if strings.Join(got, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if tied := stats.RestsOn[0]; tied.Known != 3 || tied.Of != 4 || tied.Amounts[0].Percent() != 44 {
		t.Errorf("%+v", tied)
	}
	losses, err := views.LossStats(context.Background(), "trafficked", StatsAsk{})
	if err != nil || losses.Held != (HeldPersons{Registered: 1, Paying: 1, AtCentre: 1}) {
		t.Errorf("%+v, %v", losses.Held, err)
	}
}

// What is linked and unlinked in any order comes to what a set holds.
func TestCrimesAgainstABruteForceCount(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		log, stands := newLog(), map[string]bool{}
		for c := range 2 {
			id := domain.CaseID(fmt.Sprint("C", c))
			log.tell(t, id, domain.CaseOpened{Case: id, Title: "t"})
			for range rapid.IntRange(0, 8).Draw(r, "turns") {
				crime := rapid.SampledFrom([]domain.Crime{"drugs", "arms"}).Draw(r, "crime")
				of := rapid.SampledFrom([]domain.Whose{{}, {Person: "P1"}, {Account: "M"}}).Draw(r, "of")
				key := fmt.Sprint(id, crime, of)
				if stands[key] = rapid.Bool().Draw(r, "stands"); stands[key] {
					log.tell(t, id, domain.CrimeFlagged{Crime: crime, Of: of, Source: "s"})
				} else {
					log.tell(t, id, domain.CrimeUnflagged{Crime: crime, Of: of, Reason: "r"})
				}
			}
		}
		stats, err := see(t, log).CrimeStats(context.Background(), StatsAsk{})
		if err != nil {
			t.Fatal(err)
		}
		want, got := 0, 0
		for _, is := range stands {
			if is {
				want++
			}
		}
		for _, row := range stats.Rows {
			got += row.Count
		}
		if got != want {
			r.Fatalf("%d flags, counted by hand %d", got, want)
		}
	})
}
