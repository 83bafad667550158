package projections

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"clew/domain"
)

// drawPicture draws cases in which all that belongs to the larger picture is
// said, taken back and said again, and some that are walked as one.
func drawPicture(tb testing.TB, t *rapid.T) *memoryLog {
	log, payments, _ := drawLosses(tb, t)
	for range rapid.IntRange(0, 12).Draw(t, "more") {
		id := domain.CaseID("C0")
		if len(payments) > 0 {
			id = payments[rapid.IntRange(0, len(payments)-1).Draw(t, "case")].id
		}
		of := rapid.SampledFrom([]domain.Whose{{}, {Victim: "V1"}, {Account: "M1"}, {Person: "P1"}}).Draw(t, "of")
		centre := domain.CentreID(fmt.Sprint("SC-", rapid.IntRange(0, 1).Draw(t, "centre")))
		log.tell(tb, id, rapid.SampledFrom([]domain.Event{
			domain.OperationJoined{Operation: "HARBOUR", Source: "s"}, domain.OperationLeft{Operation: "HARBOUR", Reason: "r"},
			domain.NoticeLinked{Notice: "A-1", Colour: "red", Issued: domain.Date(2024, 3, 1), Of: of, Source: "s"}, domain.NoticeUnlinked{Notice: "A-1", Of: of, Reason: "r"},
			domain.CentreLinked{Centre: centre, Of: of, Source: "s"}, domain.CentreUnlinked{Centre: centre, Of: of, Reason: "r"},
			domain.CrimeFlagged{Crime: "drugs", Of: of, Source: "s"}, domain.CrimeUnflagged{Crime: "drugs", Of: of, Reason: "r"},
			domain.AccountDescribed{Account: "M0", Country: "NL"}, domain.VictimRegistered{Victim: "V1", Category: domain.TraffickedPerson, Country: "IN"},
			domain.CaseLinked{Other: "C0"},
		}).Draw(t, "event"))
		if rapid.Bool().Draw(t, "place") {
			log.tellIn(tb, CentreStream, domain.CentreDescribed{Centre: centre, Place: "p", Country: "MM", Source: "s"})
		}
	}
	return log
}

// everyTable asks every table of the larger picture; the position is left out,
// since it is what is asked as of.
func everyTable(t testing.TB, v *Views, a StatsAsk) map[string]any {
	t.Helper()
	ctx, tables := context.Background(), map[string]any{}
	for _, of := range LossTables() {
		stats, err := v.LossStats(ctx, of, a)
		keepTable(t, tables, of, stats, err)
	}
	corridors, err := v.CorridorStats(ctx, a)
	keepTable(t, tables, "corridors", corridors, err)
	ledgers, err := v.LedgerStats(ctx, a)
	keepTable(t, tables, "ledgers", ledgers, err)
	operations, err := v.OperationStats(ctx, a)
	keepTable(t, tables, "operations", operations, err)
	centres, err := v.CentreStats(ctx, a)
	keepTable(t, tables, "centres", centres, err)
	notices, err := v.NoticeStats(ctx, a)
	keepTable(t, tables, "notices", notices, err)
	crimes, err := v.CrimeStats(ctx, a)
	keepTable(t, tables, "crimes", crimes, err)
	return tables
}

func keepTable(t testing.TB, tables map[string]any, of string, stats any, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", of, err)
	}
	tables[of] = stats
}

// As of a position every table is that of a log that ends there: nothing that
// was learnt later shines through.
func TestAsOfAPositionEveryTableIsThatOfALogThatEndsThere(t *testing.T) {
	drawn := rapid.Custom(func(r *rapid.T) *memoryLog { return drawPicture(t, r) })
	for seed := range 25 {
		log := drawn.Example(seed)
		upto := 1 + len(log.records)*2/3
		if upto > len(log.records) {
			continue
		}
		ended := newLog()
		ended.records = log.records[:upto]
		whole, part := see(t, log), see(t, ended)
		for _, per := range []string{"", "month"} {
			then := everyTable(t, whole, StatsAsk{Per: per, Ask: Ask{Upto: uint64(upto)}})
			for of, table := range everyTable(t, part, StatsAsk{Per: per}) {
				if !reflect.DeepEqual(then[of], table) {
					t.Errorf("seed %d, %s by %q as of %d:\n%+v\na log that ends there:\n%+v", seed, of, per, upto, then[of], table)
				}
			}
		}
	}
}
