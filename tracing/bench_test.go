package tracing

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"clew/domain"
)

// crowd is a case of n rows over n/10 accounts, one in a hundred a reported
// payment; all on one bare day, or a second apart.
func crowd(n int, bare bool) []Row {
	random := rand.New(rand.NewPCG(1, uint64(n)))
	eur := domain.Asset{Code: "EUR", Digits: 2}
	start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	account := func() domain.AccountID { return domain.AccountID(fmt.Sprint("A", random.IntN(n/10))) }
	rows := make([]Row, n)
	for i := range rows {
		r := &rows[i]
		r.ID, r.Position = domain.MovementID(fmt.Sprintf("m%07d", i)), uint64(i+1)
		r.Kind, r.From, r.To = domain.Transfer, account(), account()
		r.When = domain.Instant(start.Add(time.Duration(i) * time.Second))
		if bare {
			r.When = domain.Date(2024, 1, 1)
		}
		r.Amount = domain.Amount{Units: domain.NewUnits(1 + random.Int64N(100_000)), Asset: eur}
		if i%100 == 0 {
			r.Victim = domain.VictimID(fmt.Sprint("V", random.IntN(n/100)))
			r.From = domain.AccountID("home of " + r.Victim)
		}
	}
	return rows
}

func BenchmarkTrace(b *testing.B) {
	for _, bare := range []bool{false, true} {
		rows := crowd(100_000, bare)
		for _, r := range rules {
			b.Run(fmt.Sprintf("%s/bare=%t", r.name, bare), func(b *testing.B) {
				for b.Loop() {
					if _, err := Trace(Input{Rule: r.name, Rows: rows}); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(len(rows)*b.N)/b.Elapsed().Seconds(), "rows/s")
			})
		}
	}
}
