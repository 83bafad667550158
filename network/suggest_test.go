package network

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
)

// told by day of 2024: who paid whom how much, and who reports it.
func paid(day int, from, to domain.AccountID, euros int64, by domain.VictimID) Transfer {
	when := domain.When{Time: time.Date(2024, 1, day, 10, 0, 0, 0, time.UTC)}
	return Transfer{Payment{domain.MovementID(fmt.Sprint(from, day)), when, uint64(day + 1000), from, to}, domain.Amount{Units: domain.NewUnits(euros * 100), Asset: eur}, by}
}

func known(accounts ...domain.AccountID) func(domain.AccountID) string {
	return func(a domain.AccountID) string {
		if slices.Contains(accounts, a) {
			return "known"
		}
		return ""
	}
}

// scam is a collecting account M of V1 and V2, with an account W like theirs.
func scam(more ...Transfer) Search {
	return Search{Transfers: append([]Transfer{
		paid(60, "V1", "M", 500, "V1"), paid(62, "V2", "M", 700, "V2"), paid(63, "M", "X", 1200, ""),
		paid(40, "W", "shop", 20, ""), paid(61, "W", "M", 520, ""),
	}, more...), Collecting: map[domain.AccountID]bool{"M": true, "M2": true}, Known: known("V1", "V2", "shop")}
}

func suggested(s Search) (names []domain.AccountID) {
	for _, one := range Suggest(s) {
		names = append(names, one.Account)
	}
	return names
}

func TestWhoPaysLikeAVictimIsSuggestedWithReasons(t *testing.T) {
	list := Suggest(scam())
	if len(list) != 1 || list[0].Account != "W" {
		t.Fatalf("%+v", list)
	}
	var signs []string
	for _, sign := range list[0].Signs {
		signs = append(signs, sign.Sign)
		if len(sign.Movements) == 0 || sign.Says == "" {
			t.Errorf("%+v is not shown", sign)
		}
	}
	if !slices.Equal(signs, []string{NothingBack, FirstPayment, AmountLike, SameDays}) {
		t.Errorf("%v", signs)
	}
	growing := Suggest(scam(paid(64, "W", "M2", 1100, "")))
	if got := growing[0]; len(got.Signs) != 6 || got.Signs[4].Sign != Growing || got.Signs[5].Sign != Several || got.Paid[0].Units != domain.NewUnits(162000) {
		t.Errorf("%+v", got)
	}
	if got := Suggest(scam(paid(61, "M", "W", 30, ""), paid(66, "W", "M", 900, "")))[0].Signs[0]; got.Sign != Payback {
		t.Errorf("%+v", got)
	}
}

// The twins of W who have reasons of their own are not suggested.
func TestWhoHasReasonsOfHisOwnIsNotSuggested(t *testing.T) {
	for name, twin := range map[string][]Transfer{
		"an employer since before":                     {paid(20, "E", "M", 500, ""), paid(61, "E", "M", 500, "")},
		"a tenant":                                     {paid(61, "E", "M", 500, ""), paid(91, "E", "M", 500, ""), paid(122, "E", "M", 500, "")},
		"a trader who was paid back":                   {paid(61, "E", "M", 500, ""), paid(62, "M", "E", 480, "")},
		"a known institution":                          {paid(61, "shop", "M", 500, "")},
		"somebody who reported himself":                {paid(61, "E", "M", 500, "V3")},
		"a collecting account":                         {paid(61, "M2", "M", 500, "")},
		"a customer with dealings of his own":          {paid(100, "E", "shop", 20, ""), paid(200, "E", "M", 5, "")},
		"one payment of another size, at another time": {paid(200, "E", "M", 5, "")},
	} {
		if got := suggested(scam(twin...)); !slices.Equal(got, []domain.AccountID{"W"}) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Nobody is suggested who is known, collects or never paid a collecting
// account; every movement that is named is his own or a known victim's.
func TestNobodyIsSuggestedWithoutHavingPaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		accounts := []domain.AccountID{"V1", "M", "M2", "W", "E", "shop"}
		s := scam()
		for i := range rapid.IntRange(0, 8).Draw(t, "payments") {
			one := paid(50+i, rapid.SampledFrom(accounts).Draw(t, "from"), rapid.SampledFrom(accounts).Draw(t, "to"), int64(rapid.IntRange(1, 900).Draw(t, "euros")), "")
			one.Movement = domain.MovementID(fmt.Sprint("t", i))
			s.Transfers = append(s.Transfers, one)
		}
		by := map[domain.MovementID]Transfer{}
		for _, one := range s.Transfers {
			by[one.Movement] = one
		}
		for _, got := range Suggest(s) {
			if s.Collecting[got.Account] || s.Known(got.Account) != "" || len(got.Movements) == 0 || len(got.Signs) < leastSigns {
				t.Fatalf("%+v", got)
			}
			for _, sign := range got.Signs {
				for _, id := range sign.Movements {
					if m := by[id]; m.From != got.Account && m.Victim == "" && m.To != got.Account {
						t.Fatalf("%+v is shown by %+v", sign, m)
					}
				}
			}
			for _, id := range got.Movements {
				if by[id].From != got.Account || !s.Collecting[by[id].To] {
					t.Fatalf("%+v: %s is no payment of his", got, id)
				}
			}
		}
	})
}
