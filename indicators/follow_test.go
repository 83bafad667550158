package indicators

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"clew/domain"
)

// Whoever follows a case movement by movement sees at the accounts of each one
// what a book filled at once would say.
func TestFollowingFindsWhatAskingFinds(t *testing.T) {
	ask := Ask{Thresholds: Standard()}
	rapid.Check(t, func(rt *rapid.T) {
		followed, asked := NewBook(nil), NewBook(nil)
		for _, row := range someNetwork(rt) {
			got, _ := followed.Follow(&row, ask)
			asked.Add(&row)
			var want []Finding
			for _, account := range []domain.AccountID{row.From, row.To} {
				if account == "" {
					continue // an opening
				}
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
