package domain

import (
	"errors"
	"strings"
	"testing"
)

func TestAssetsAreFoundWithTheirDigits(t *testing.T) {
	for text, want := range map[string]Asset{
		"EUR": {"EUR", 2}, "eur": {"EUR", 2}, " Usd ": {"USD", 2}, "JPY": {"JPY", 0}, "KWD": {"KWD", 3}, "CLF": {"CLF", 4},
		"INR": {"INR", 2}, "BTC": {"BTC", 8}, "ETH": {"ETH", 18}, "TRX": {"TRX", 6}, "usdt": {"USDT", 6}, "USDC": {"USDC", 6},
		"eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7": {"USDT", 6},
		"tron:mainnet/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t":     {"USDT", 6},
		"eip155:1/slip44:60": {"ETH", 18},
	} {
		if got, err := StandardAssets().Find(text); err != nil || got != want {
			t.Errorf("%q is %+v (%v), want %+v", text, got, err, want)
		}
	}
}

// There is false USDT: a contract that only calls itself so keeps its own
// name, and a Tron address that differs in the case of one letter is another.
func TestAFalseTokenKeepsItsContract(t *testing.T) {
	for text, want := range map[string]AssetCode{
		"eip155:1/erc20:0xDAC17F958D2EE523A2206206994597C13D831EC8":  "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec8",
		"eip155:56/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7": "eip155:56/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7",
		"tron:mainnet/trc20:tR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t":      "tron:mainnet/trc20:tR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
		"usdt@BSC": "USDT@bsc",
	} {
		code, err := ParseAssetCode(text)
		if err != nil || code != want {
			t.Errorf("%q is %q (%v), want %q", text, code, err, want)
		}
		var unknown *UnknownAsset
		if _, err := StandardAssets().Find(text); !errors.As(err, &unknown) || !strings.Contains(err.Error(), "clew asset add "+string(want)) {
			t.Errorf("%q: the error does not name the command: %v", text, err)
		}
	}
}

func TestNamesThatAreNoAssetsAreRefused(t *testing.T) {
	for _, text := range []string{"", " ", "€", "EU R", "USDT@", "@tron", "a/b", "EUR\x00", "EUR\u202e", "ＥＵＲ", strings.Repeat("A", 21),
		"eip155:1/erc20:" + strings.Repeat("0", 129), "EIP155/erc20:0x1"} {
		if code, err := ParseAssetCode(text); err == nil {
			t.Errorf("%q was taken as %q", text, code)
		}
	}
	if _, err := ParseAssetCode(strings.Repeat("A", 20)); err != nil {
		t.Errorf("a symbol of 20 letters was refused: %v", err)
	}
}

func TestARegisteredAssetKeepsItsDigits(t *testing.T) {
	standard := StandardAssets()
	token := Asset{"INSP@ethereum", 0}
	larger, err := standard.With(token)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := larger.Find("insp@Ethereum"); err != nil || got != token {
		t.Errorf("the token is %+v (%v)", got, err)
	}
	if _, err := standard.Find("INSP@ethereum"); err == nil {
		t.Error("With changed the register it was called on")
	}
	if _, err := larger.With(token); err != nil {
		t.Errorf("the same again was refused: %v", err)
	}
	if _, err := larger.With(Asset{token.Code, 18}); err == nil {
		t.Error("an asset changed its decimals: recorded amounts would change")
	}
	if _, err := standard.With(Asset{"FINE", MaxDigits}); err != nil {
		t.Errorf("%d decimals were refused: %v", MaxDigits, err)
	}
	if _, err := standard.With(Asset{"FINER", MaxDigits + 1}); err == nil {
		t.Errorf("%d decimals were taken", MaxDigits+1)
	}
}

// The register is ISO 4217 as published: every code of three letters, with 0
// to 4 decimals, the odd ones among them by name.
func TestTheRegisterIsISO4217(t *testing.T) {
	digits := map[AssetCode]uint8{}
	for _, asset := range StandardAssets().List() {
		digits[asset.Code] = asset.Digits
		if _, coin := coins[asset.Code]; !coin && (len(asset.Code) != 3 || asset.Digits > 4) {
			t.Errorf("%+v is no ISO 4217 code", asset)
		}
	}
	if len(digits) < 160 {
		t.Errorf("only %d assets", len(digits))
	}
	for code, want := range map[AssetCode]uint8{"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3, "CLF": 4, "UYW": 4,
		"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0, "UGX": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
		"MGA": 2, "MRU": 2, "GBP": 2, "CHF": 2, "MMK": 2, "KHR": 2, "PHP": 2} {
		if got, ok := digits[code]; !ok || got != want {
			t.Errorf("%s has %d decimals (%v), want %d", code, got, ok, want)
		}
	}
}
