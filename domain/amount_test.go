package domain

import (
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

func asset(t *testing.T, name string) Asset {
	t.Helper()
	found, err := StandardAssets().Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestAmountsAreReadToTheLastUnit(t *testing.T) {
	for _, c := range []struct{ text, asset, units, shown string }{
		{"500.00", "EUR", "50000", "500.00"},
		{"500", "EUR", "50000", "500.00"},
		{"500.", "EUR", "50000", "500.00"},
		{".5", "EUR", "50", "0.50"},
		{"+0.01", "EUR", "1", "0.01"},
		{"-12.30", "EUR", "-1230", "-12.30"},
		{"-0.00", "EUR", "0", "0.00"},
		{"007.10", "EUR", "710", "7.10"},
		{"1.2300000000", "EUR", "123", "1.23"},
		{"100", "JPY", "100", "100"},
		{"100.000", "JPY", "100", "100"},
		{"1.234", "KWD", "1234", "1.234"},
		{"0.00000001", "BTC", "1", "0.00000001"},
		{"20999999.97690000", "BTC", "2099999997690000", "20999999.97690000"},
		{"120000000.123456789012345678", "ETH", "120000000123456789012345678", "120000000.123456789012345678"},
		{"-0.000000000000000001", "ETH", "-1", "-0.000000000000000001"},
		{"0.000001", "USDT", "1", "0.000001"},
	} {
		amount, err := ParseAmount(c.text, asset(t, c.asset))
		if err != nil {
			t.Errorf("%s %s: %v", c.text, c.asset, err)
			continue
		}
		if amount.Units.String() != c.units || amount.String() != c.shown {
			t.Errorf("%s %s is %s units, shown as %s; want %s, %s", c.text, c.asset, amount.Units, amount, c.units, c.shown)
		}
	}
}

func TestWhatIsNoPlainAmountIsRefused(t *testing.T) {
	for text, why := range map[string]string{
		"":                       "empty",
		"+":                      "not a plain number",
		"-":                      "not a plain number",
		".":                      "not a plain number",
		"-.":                     "not a plain number",
		"1.2.3":                  "not a plain number",
		"1-":                     "not a plain number",
		"--1":                    "not a plain number",
		"NaN":                    "not a plain number",
		"Infinity":               "not a plain number",
		"0x10":                   "not a plain number",
		"1e9999":                 "exponent",
		"1E2":                    "exponent",
		"1,000.00":               "grouping",
		"1.000,00":               "grouping",
		"1 000":                  "grouping",
		"1\u00a0000":             "grouping",
		"1'000":                  "grouping",
		"\u22125.00":             "U+2212",
		"٥":                      "not a plain number",
		"５":                      "not a plain number",
		"5€":                     "not a plain number",
		"5\x00":                  "not a plain number",
		"5\xff":                  "not a plain number",
		"1_000":                  "not a plain number",
		" 5":                     "grouping",
		"0.001":                  "finer than the smallest unit of EUR",
		"500.001":                "finer than the smallest unit of EUR",
		strings.Repeat("9", 500): "500 characters",
		strings.Repeat("9", 65):  "65 characters",
		strings.Repeat("9", 64):  "128 bits",
		"1701411834604692317316873037158841057.28":  "128 bits",
		"-1701411834604692317316873037158841057.29": "128 bits",
	} {
		amount, err := ParseAmount(text, asset(t, "EUR"))
		if err == nil {
			t.Errorf("%q was taken as %s", text, amount)
			continue
		}
		if !strings.Contains(err.Error(), why) {
			t.Errorf("%q is refused because %q, want a reason with %q", text, err, why)
		}
		if len(err.Error()) > 400 {
			t.Errorf("%q: the error has %d bytes", text, len(err.Error()))
		}
	}
}

// At 64 characters and at the edge of 128 bits an amount is still read; one
// beyond is in the test above.
func TestTheGreatestAmounts(t *testing.T) {
	eur := asset(t, "EUR")
	for text, units := range map[string]string{
		"1701411834604692317316873037158841057.27":                    "170141183460469231731687303715884105727",
		"-1701411834604692317316873037158841057.28":                   "-170141183460469231731687303715884105728",
		strings.Repeat("0", 63) + "1":                                 "100",
		"-" + strings.Repeat("0", 30) + "." + strings.Repeat("0", 32): "0",
	} {
		amount, err := ParseAmount(text, eur)
		if err != nil || amount.Units.String() != units {
			t.Errorf("%s is %s (%v), want %s", text, amount.Units, err, units)
		}
	}
}

// genUnits draws from the whole range, its edges more often than chance would.
func genUnits() *rapid.Generator[Units] {
	edges := []Units{{}, NewUnits(1), NewUnits(-1), {1<<63 - 1, ^uint64(0)}, {-1 << 63, 0}, {-1 << 63, 1}, {0, ^uint64(0)}, {-1, 0}, {1, 0}}
	return rapid.OneOf(
		rapid.SampledFrom(edges),
		rapid.Custom(func(t *rapid.T) Units {
			return UnitsFromWords(rapid.Int64().Draw(t, "hi"), rapid.Uint64().Draw(t, "lo"))
		}),
		rapid.Map(rapid.Int64(), NewUnits),
	)
}

func TestEveryAmountIsReadBackAsItWasPrinted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units := genUnits().Draw(t, "units")
		coin := Asset{"COIN", uint8(rapid.IntRange(0, MaxDigits).Draw(t, "digits"))}
		text := coin.Format(units)
		again, err := ParseAmount(text, coin)
		if err != nil || again.Units != units {
			t.Fatalf("%s of %d digits prints %s, read back as %s (%v)", units, coin.Digits, text, again.Units, err)
		}
		amount := Amount{units, coin}
		body, err := json.Marshal(amount)
		if err != nil {
			t.Fatal(err)
		}
		var read Amount
		if err := json.Unmarshal(body, &read); err != nil || read != amount {
			t.Fatalf("%s reads back as %+v (%v)", body, read, err)
		}
	})
}

// The reader of decimals agrees with one made of exact fractions.
func TestAmountsAgreeWithExactFractions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[+-]?[0-9]{0,42}(\.[0-9]{0,20})?`).Draw(t, "text")
		coin := Asset{"COIN", uint8(rapid.IntRange(0, 20).Draw(t, "digits"))}
		amount, err := ParseAmount(text, coin)
		exact, ok := new(big.Rat).SetString(text)
		if !ok || !strings.ContainsAny(text, "0123456789") {
			if err == nil {
				t.Fatalf("%q was taken", text)
			}
			return
		}
		exact.Mul(exact, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(coin.Digits)), nil)))
		if !exact.IsInt() || !fits128(exact.Num()) {
			if err == nil {
				t.Fatalf("%q of %d digits was taken as %s", text, coin.Digits, amount)
			}
			return
		}
		if err != nil || amount.Units.Big().Cmp(exact.Num()) != 0 {
			t.Fatalf("%q of %d digits is %s units (%v), want %s", text, coin.Digits, amount.Units, err, exact.Num())
		}
		if library, err := decimal.NewFromString(text); err != nil || !library.Equal(amount.Decimal()) {
			t.Fatalf("%q is %s to the decimal library (%v), and %s here", text, library, err, amount.Decimal())
		}
	})
}

func TestAmountsOfTwoAssetsAreNeverAdded(t *testing.T) {
	eur, _ := ParseAmount("1", asset(t, "EUR"))
	usd, _ := ParseAmount("1", asset(t, "USD"))
	if sum, err := eur.Add(usd); err == nil {
		t.Errorf("1 EUR and 1 USD are %s", sum)
	}
	if diff, err := eur.Sub(usd); err == nil {
		t.Errorf("1 EUR less 1 USD is %s", diff)
	}
	// The same code with other decimals is another asset: its units differ.
	odd := Amount{NewUnits(100), Asset{"EUR", 3}}
	if sum, err := eur.Add(odd); err == nil {
		t.Errorf("cents and mills are %s", sum)
	}
	sum, err := eur.Add(eur)
	if err != nil || sum.String() != "2.00" {
		t.Errorf("1 EUR and 1 EUR are %s (%v)", sum, err)
	}
}

func TestAmountJSONIsRefusedWhereItIsNotExact(t *testing.T) {
	for _, body := range []string{
		`{"value":5,"asset":"EUR"}`,
		`{"value":"1e3","asset":"EUR"}`,
		`{"value":"0.` + strings.Repeat("0", MaxDigits+1) + `","asset":"X"}`,
		`"5.00"`,
		`{"value":"","asset":"EUR"}`,
	} {
		var amount Amount
		if err := json.Unmarshal([]byte(body), &amount); err == nil {
			t.Errorf("%s was taken as %+v", body, amount)
		}
	}
	var none Amount
	body, _ := json.Marshal(none)
	if err := json.Unmarshal(body, &none); err != nil || none.Given() {
		t.Errorf("no amount, %s, reads back as %+v (%v)", body, none, err)
	}
}

func FuzzParseAmount(f *testing.F) {
	for _, seed := range []string{"500.00", "-0", "1e9999", "\u22125", "1,000.00", ".", "+", "NaN", strings.Repeat("9", 64), "0.000000000000000001"} {
		f.Add(seed, uint8(2))
		f.Add(seed, uint8(18))
	}
	f.Fuzz(func(t *testing.T, text string, digits uint8) {
		coin := Asset{"COIN", digits % (MaxDigits + 1)}
		amount, err := ParseAmount(text, coin)
		if err != nil {
			return
		}
		again, err := ParseAmount(amount.String(), coin)
		if err != nil || again != amount {
			t.Fatalf("%q is %s, which reads back as %s (%v)", text, amount, again, err)
		}
	})
}
