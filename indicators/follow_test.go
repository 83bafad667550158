package indicators

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"clew/domain"
	"clew/tracing"
)

// Whoever follows a case movement by movement sees at the accounts of each one
// what a book filled at once would say.
func TestFollowingFindsWhatAskingFinds(t *testing.T) {
	ask := Ask{Thresholds: Standard()}
	rapid.Check(t, func(rt *rapid.T) {
		one := somePool(rt)
		followed, asked := NewBook(nil), NewBook(nil)
		for _, line := range one.list {
			row := tracing.Row{Position: line.position}
			row.ID, row.Kind, row.From, row.To = line.movement, domain.Transfer, line.other, "M"
			row.When.Time = timeOf(line.at)
			row.Amount = domain.Amount{Units: line.units, Asset: one.asset}
			if !line.in {
				row.From, row.To = row.To, row.From
			}
			got, _ := followed.Follow(&row, ask)
			asked.Add(&row)
			var want []Finding
			for _, account := range []domain.AccountID{row.From, row.To} {
				ask.Account = account
				found, _ := asked.Findings(ask)
				want = append(want, found...)
			}
			ask.Account = ""
			inOrder(want)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				rt.Fatalf("followed: %v\nasked: %v", got, want)
			}
		}
	})
}
