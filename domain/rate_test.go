package domain

import (
	"testing"
	"time"
)

func day(d int) time.Time { return time.Date(2024, 1, d, 0, 0, 0, 0, time.UTC) }

// What a payment was worth on its day: the rate of the day or of the last day
// before it, turned around or crossed where need be; too old is not known.
func TestRateOfTheDay(t *testing.T) {
	eur, usd, jpy := Asset{"EUR", 2}, Asset{"USD", 2}, Asset{"JPY", 0}
	var rates Rates
	for _, e := range []RatePublished{
		{"EUR", Date(2024, 1, 5), map[AssetCode]string{"USD": "1.0921", "JPY": "158.57"}, "ECB"},
		{"EUR", Date(2024, 1, 2), map[AssetCode]string{"USD": "1.0956"}, "ECB"},
		{"EUR", Date(2024, 1, 5), map[AssetCode]string{"USD": "1.0900"}, "ECB, corrected"},
	} {
		var err error
		if rates, err = rates.With(e); err != nil {
			t.Fatal(err)
		}
	}
	for _, tc := range []struct {
		name string
		paid Amount
		to   Asset
		day  int
		want string // "" for not known
	}{
		{"on the day", Amount{NewUnits(10000), eur}, usd, 2, "109.56"},
		{"corrected", Amount{NewUnits(10000), eur}, usd, 5, "109.00"},
		{"at the weekend", Amount{NewUnits(10000), eur}, usd, 7, "109.00"},
		{"five days later", Amount{NewUnits(10000), eur}, usd, 10, "109.00"},
		{"six days later", Amount{NewUnits(10000), eur}, usd, 11, ""},
		{"before the first", Amount{NewUnits(10000), eur}, usd, 1, ""},
		{"turned around", Amount{NewUnits(10900), usd}, eur, 5, "100.00"},
		{"crossed", Amount{NewUnits(10900), usd}, jpy, 5, "15857"},
		{"half to even", Amount{NewUnits(1), eur}, Asset{"USD", 0}, 5, "0"},
		{"itself", Amount{NewUnits(1), eur}, eur, 30, "0.01"},
		{"no such rate", Amount{NewUnits(1), eur}, Asset{"GBP", 2}, 5, ""},
	} {
		got, ok := rates.Convert(tc.paid, tc.to, day(tc.day))
		if ok != (tc.want != "") || ok && got.String() != tc.want {
			t.Errorf("%s: %s, %t, want %q", tc.name, got, ok, tc.want)
		}
	}
}

func TestRatesThatCannotBe(t *testing.T) {
	for _, text := range []string{"0", "-1", "1e3", "NaN", "", "1,08"} {
		if _, err := PublishRates(Rates{}, RatePublished{"EUR", Date(2024, 1, 5), map[AssetCode]string{"USD": text}, "ECB"}); err == nil {
			t.Errorf("rate %q was taken", text)
		}
	}
	known, err := Rates{}.With(RatePublished{"EUR", Date(2024, 1, 5), map[AssetCode]string{"USD": "1.09"}, "ECB"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := PublishRates(known, RatePublished{"EUR", Date(2024, 1, 5), map[AssetCode]string{"USD": "1.090"}, "ECB"})
	if err != nil || len(again) != 0 {
		t.Errorf("the same rate again records %v, %v", again, err)
	}
}
