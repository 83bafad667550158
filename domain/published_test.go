package domain

import (
	"strings"
	"testing"
)

// The parts that were published sum to the totals that were published.
func TestPublishedFiguresAgreeWithThemselves(t *testing.T) {
	find := func(of, period, measure string) Units {
		for _, f := range Published() {
			if f.Of == of && f.Period == period && f.Measure == measure {
				amount, err := ParseAmount(f.Value, Asset{Code: AssetCode(f.Unit)})
				if err != nil {
					t.Fatal(err)
				}
				return amount.Units
			}
		}
		t.Fatalf("no figure of %s, %s, %s", of, period, measure)
		return Units{}
	}
	for _, sum := range []struct {
		of, period, whole string
		parts             []string
	}{
		{"HAECHI-VI", "2025-04/2025-08", "intercepted", []string{"intercepted, fiat", "intercepted, virtual"}},
		{"HAECHI-IV", "2023-07/2023-12", "intercepted", []string{"intercepted, fiat", "intercepted, virtual"}},
		{"FIRST-LIGHT-2024", "2023/2024-05", "intercepted", []string{"intercepted, fiat", "intercepted, virtual", "intercepted, other"}},
		{"Recovery Asset Team", "2024", "held", []string{"held, domestic", "held, international"}},
	} {
		total := Units{}
		for _, part := range sum.parts {
			total = total.Plus(find(sum.of, sum.period, part))
		}
		if whole := find(sum.of, sum.period, sum.whole); whole != total {
			t.Errorf("%s %s: the parts sum to %s, the whole is %s", sum.of, sum.period, total, whole)
		}
	}
}

func TestAFigureWithoutASourceIsRefused(t *testing.T) {
	const header = "publisher,of,period,measure,value,unit,source\n"
	for _, row := range []string{"P,O,2024,held,5,USD,\n", "P,O,2024,held,about 5,USD,https://x\n", "P,O,,held,5,USD,https://x\n", "P,O\n"} {
		if _, err := parsePublished(header + row); err == nil {
			t.Errorf("%s is taken", strings.TrimSpace(row))
		}
	}
}
