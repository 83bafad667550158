package casework_test

import (
	"context"
	"testing"

	"clew/domain"
	"clew/projections"
)

// A day's rates are recorded once; a correction takes their place.
func TestRatesAreRecordedOnce(t *testing.T) {
	o := newOffice(t)
	ctx := context.Background()
	ecb := func(usd string) domain.RatePublished {
		return domain.RatePublished{Base: "EUR", Day: domain.Date(2024, 1, 5), Rates: map[domain.AssetCode]string{"USD": usd}, Source: "ECB"}
	}
	for _, tc := range []struct {
		rate    string
		nothing bool
	}{{"1.0921", false}, {"1.0921", true}, {"1.0900", false}} {
		outcome, err := o.PublishRates(ctx, ina, ecb(tc.rate))
		if err != nil || outcome.Nothing != tc.nothing {
			t.Errorf("%s: %+v, %v", tc.rate, outcome, err)
		}
	}
	rates, err := o.Views.Rates(ctx, projections.Head)
	if err != nil {
		t.Fatal(err)
	}
	hundred := domain.Amount{Units: domain.NewUnits(10000), Asset: domain.Asset{Code: "EUR", Digits: 2}}
	if got, ok := rates.Convert(hundred, domain.Asset{Code: "USD", Digits: 2}, domain.Date(2024, 1, 5).Time); !ok || got.String() != "109.00" {
		t.Errorf("100.00 EUR are %s USD, %t", got, ok)
	}
}
