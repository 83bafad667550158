package casework_test

import (
	"encoding/csv"
	"io"
	"os"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"clew/casework"
	"clew/domain"
	"clew/projections"
)

// chainEvents is the USDT contract's own record (testdata/SOURCES.md).
const chainEvents = "../importers/stablecoin/testdata/usdt_eth_events_2017-11_2020-12.csv"

// chainCount is what the file says by a moment, counted without clew.
type chainCount struct {
	frozen, letGo int
	burnt         int64
}

func countChain(t *testing.T, at time.Time) (c chainCount) {
	t.Helper()
	f, err := os.Open(chainEvents)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	sort.SliceStable(rows[1:], func(i, j int) bool { return rows[1+i][4] < rows[1+j][4] })
	for _, row := range rows[1:] {
		when, err := time.Parse("2006-01-02T15:04:05", row[4])
		if err != nil {
			t.Fatal(err)
		}
		if when.After(at) {
			break
		}
		switch row[0] {
		case "AddedBlackList":
			c.frozen++
		case "RemovedBlackList":
			c.letGo++
		case "DestroyedBlackFunds":
			units, err := strconv.ParseInt(strings.TrimSuffix(row[5], ".0"), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			c.burnt += units
		}
	}
	return c
}

func fileAt(path string) casework.File {
	return casework.File{Case: "USDT", Name: path, Open: func() (io.ReadCloser, error) { return os.Open(path) }}
}

// Three years of freezes: as of any day, as many held, let go and destroyed as
// a count of the file itself says. Read again, nothing is new.
func TestTheFreezesOfUSDT(t *testing.T) {
	desk := newOffice(t)
	ctx := t.Context()
	if _, err := desk.Do(ctx, ina, "USDT", domain.OpenCase{Case: "USDT", Title: "USDT on Ethereum"}); err != nil {
		t.Fatal(err)
	}
	rehearsed := fileAt(chainEvents)
	rehearsed.DryRun = true
	for i, want := range []struct {
		file               casework.File
		recorded, repeated int
	}{{rehearsed, 403, 0}, {fileAt(chainEvents), 403, 0}, {fileAt(chainEvents), 0, 403}} {
		got, err := desk.Import(ctx, ina, want.file)
		if err != nil || got.Recorded != want.recorded || got.Repeated != want.repeated || got.Noise != 107 || got.Rejected != 0 || got.Read != 510 {
			t.Fatalf("import %d: %+v %v", i, got, err)
		}
	}
	for _, day := range []string{"2017-11-27", "2017-11-28", "2018-06-30", "2019-12-31", "2020-07-07", "2020-12-31"} {
		when, err := domain.ParseWhen(day)
		if err != nil {
			t.Fatal(err)
		}
		list, err := desk.Views.Freezes(ctx, projections.Ask{Case: "USDT", At: when.End()})
		if err != nil {
			t.Fatal(err)
		}
		got, seized := chainCount{}, domain.Units{}
		for _, f := range list {
			for _, s := range f.Steps {
				switch s.Step {
				case domain.StepHold:
					got.frozen++
				case domain.StepRelease:
					got.letGo++
				}
			}
			seized = seized.Plus(f.Sums.Seized)
		}
		got.burnt, _ = seized.Int64()
		want := countChain(t, when.End())
		if got != want {
			t.Errorf("by %s: %+v, and the file says %+v", day, got, want)
		}
		checkChainTotals(t, desk, when, want)
	}
}

// checkChainTotals holds the totals against the count. The chain tells no sum
// with a hold, so what is known to have been held is what was destroyed.
func checkChainTotals(t *testing.T, desk office, at domain.When, want chainCount) {
	t.Helper()
	totals, err := desk.Views.Totals(t.Context(), projections.TotalsAsk{Ask: projections.Ask{At: at.End()}, By: "mechanism"})
	if err != nil {
		t.Fatal(err)
	}
	var held, seized int64
	for _, row := range totals.Rows {
		h, _ := row.Held.Int64()
		s, _ := row.Seized.Int64()
		held, seized = held+h, seized+s
		if row.Requests != 0 || row.Group["mechanism"] != "stablecoin-issuer" {
			t.Errorf("by %s: %+v", at, row)
		}
	}
	if held != want.burnt || seized != want.burnt {
		t.Errorf("by %s: %d held and %d seized in the totals, and the file says %d", at, held, seized, want.burnt)
	}
}
