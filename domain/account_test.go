package domain

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestAccountsAreNormalised(t *testing.T) {
	for spelled, want := range map[string]AccountID{
		// The examples of the SWIFT IBAN registry, as printed and as sent.
		"iban:DE89 3704 0044 0532 0130 00":                       "iban:DE89370400440532013000",
		"IBAN: de89370400440532013000":                           "iban:DE89370400440532013000",
		"DE89 3704 0044 0532 0130 00":                            "iban:DE89370400440532013000",
		"GB29 NWBK 6016 1331 9268 19":                            "iban:GB29NWBK60161331926819",
		"gb29-nwbk-6016-1331-9268-19":                            "iban:GB29NWBK60161331926819",
		"FR14 2004 1010 0505 0001 3M02 606":                      "iban:FR1420041010050500013M02606",
		"NO93 8601 1117 947":                                     "iban:NO9386011117947",
		"MT84 MALT 0110 0001 2345 MTLC AST0 01S":                 "iban:MT84MALT011000012345MTLCAST001S",
		"BR97 0036 0305 0000 1000 9795 493P 1":                   "iban:BR9700360305000010009795493P1",
		"RU03 0445 2522 5408 1781 0538 0913 1041 9":              "iban:RU0304452522540817810538091310419",
		"SA03\u00a08000\u00a00000\u00a06080\u00a01016\u00a07519": "iban:SA0380000000608010167519",

		"eip155:1:0xDAC17F958D2ee523a2206206994597C13D831ec7":                                "eip155:1:0xdac17f958d2ee523a2206206994597c13d831ec7",
		"EIP155:1:0xDAC17F958D2ee523a2206206994597C13D831ec7":                                "eip155:1:0xdac17f958d2ee523a2206206994597c13d831ec7",
		"bip122:000000000019d6689c085ae165831e93:BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4": "bip122:000000000019d6689c085ae165831e93:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
		"bip122:000000000019d6689c085ae165831e93:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa":         "bip122:000000000019d6689c085ae165831e93:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
		"tron:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t":                                            "tron:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",

		"  M1  ":                 "M1",
		"m1":                     "m1",
		"Müller & Söhne":         "Müller & Söhne",
		"bank:NL 12-34":          "bank:NL 12-34",
		"Cash:":                  "",
		"CASH: Paris":            "cash:Paris",
		"sink:fees":              SinkFees,
		"vasp:Kraken/12":         "vasp:Kraken/12",
		"acme:12":                "acme:12",                // no prefix of ours: the name as it stands
		"DE89370400440532013001": "DE89370400440532013001", // wrong check digits and no prefix: a name like any other
	} {
		got, err := ParseAccount(spelled)
		if want == "" {
			if err == nil {
				t.Errorf("%q was taken as %s", spelled, got)
			}
			continue
		}
		if err != nil || got != want {
			t.Errorf("%q is %q (%v), want %q", spelled, got, err, want)
		}
	}
}

func TestAccountsThatCannotBeAreRefused(t *testing.T) {
	for spelled, why := range map[string]string{
		"":                            "empty",
		" \t ":                        "empty",
		"iban:DE89370400440532013001": "valid IBAN",
		"iban:DE8937040044053201300":  "valid IBAN",
		"iban:XX00":                   "valid IBAN",
		"iban:DE89370400440532013000000000000000000": "valid IBAN",
		"iban:DÉ89370400440532013000":                "valid IBAN",
		"bank:":                                      "no name",
		"bank:  ":                                    "no name",
		"A\x00B":                                     "invisible",
		"A\nB":                                       "invisible",
		"A\u202eB":                                   "invisible",
		"A\u2066B":                                   "invisible",
		"A\u200bB":                                   "invisible",
		"A\ufeffB":                                   "invisible",
		"A\xffB":                                     "UTF-8",
		strings.Repeat("a", MaxAccountName+1):        "more than 256",
	} {
		if got, err := ParseAccount(spelled); err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%q is %q (%v), want an error with %q", spelled, got, err, why)
		}
	}
	if got, err := ParseAccount(strings.Repeat("a", MaxAccountName)); err != nil || len(got) != MaxAccountName {
		t.Errorf("a name of %d bytes was refused: %v", MaxAccountName, err)
	}
}

// One wrong character, or two neighbours that changed places, in an IBAN never
// goes unnoticed (ISO 7064, modulo 97-10).
func TestAWrongCharacterInAnIBANIsNoticed(t *testing.T) {
	const right = "DE89370400440532013000"
	rapid.Check(t, func(t *rapid.T) {
		wrong := []byte(right)
		at := rapid.IntRange(2, len(wrong)-1).Draw(t, "at")
		if rapid.Bool().Draw(t, "swap") && at+1 < len(wrong) && at != 3 {
			wrong[at], wrong[at+1] = wrong[at+1], wrong[at]
		} else {
			wrong[at] = byte(rapid.IntRange('0', '9').Draw(t, "digit"))
		}
		if string(wrong) == right {
			return
		}
		if got, err := ParseAccount("iban:" + string(wrong)); err == nil {
			t.Fatalf("%s was taken as %s", wrong, got)
		}
	})
}

func TestThePrefixSetsTheKindAndTheEnds(t *testing.T) {
	ends := map[AccountKind]bool{KindCash: true, KindMerchant: true, KindMixer: true, KindGambling: true, KindService: true, KindSink: true}
	for _, kind := range AccountKinds() {
		if got := AccountID(string(kind) + ":x").Kind(); got != kind {
			t.Errorf("%s:x has the kind %q", kind, got)
		}
		if kind.End() != ends[kind] {
			t.Errorf("%s is an end: %v", kind, kind.End())
		}
	}
	for _, name := range []AccountID{"x", "acme:x", "", "ibanx:1"} {
		if got := name.Kind(); got != KindUnknown || got.End() {
			t.Errorf("%q has the kind %q", name, got)
		}
	}
}

// Whatever an account is normalised to is its own normal form: a name that was
// printed is read back as the same account.
func FuzzParseAccount(f *testing.F) {
	for _, seed := range []string{"iban:DE89 3704 0044 0532 0130 00", "bip122:x:BC1QA", "EIP155:1:0xAB", "bc1:x", ":", "iban:", "a\u202eb", "\xff", "tb1q:TB1Q", "bip122:BC1Q:bc1q"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, spelled string) {
		account, err := ParseAccount(spelled)
		if err != nil {
			return
		}
		if again, err := ParseAccount(string(account)); err != nil || again != account {
			t.Fatalf("%q is %q, which is %q (%v)", spelled, account, again, err)
		}
		if !utf8.ValidString(string(account)) || len(account) > MaxAccountName+len("iban:") {
			t.Fatalf("%q became %q", spelled, account)
		}
	})
}
