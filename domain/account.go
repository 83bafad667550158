package domain

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// AccountID is the normalised name of anything that holds value: a bank
// account, card, e-wallet, exchange account, on-chain address or output.
type AccountID string

// AccountKind says what sort of account it is. Its text is the prefix that
// sets it.
type AccountKind string

// The kinds of account.
const (
	KindUnknown  AccountKind = ""
	KindIBAN     AccountKind = "iban"
	KindBank     AccountKind = "bank"
	KindCard     AccountKind = "card"
	KindWallet   AccountKind = "wallet"
	KindVASP     AccountKind = "vasp" // a customer's account at an exchange: no end
	KindCash     AccountKind = "cash"
	KindMerchant AccountKind = "merchant"
	KindMixer    AccountKind = "mixer"
	KindGambling AccountKind = "gambling"
	KindService  AccountKind = "service" // pooled: exchange hot or omnibus wallet, bridge, DEX pool, processor
	KindSink     AccountKind = "sink"
	KindEVM      AccountKind = "eip155"
	KindBitcoin  AccountKind = "bip122"
	KindTron     AccountKind = "tron"
)

// AccountKinds lists every kind that a prefix can set.
func AccountKinds() []AccountKind {
	return []AccountKind{KindIBAN, KindBank, KindCard, KindWallet, KindVASP, KindCash, KindMerchant, KindMixer,
		KindGambling, KindService, KindSink, KindEVM, KindBitcoin, KindTron}
}

// End says whether money behind this kind of account can no longer be told
// apart (TRACING, Words).
func (k AccountKind) End() bool {
	switch k {
	case KindCash, KindMerchant, KindMixer, KindGambling, KindService, KindSink:
		return true
	}
	return false
}

// The sinks that the walk itself uses.
const (
	SinkFees       AccountID = "sink:fees"
	SinkUnrecorded AccountID = "sink:unrecorded"
	SinkOverdraft  AccountID = "sink:overdraft"
)

// MaxAccountName bounds a name. The longest real ones are a Bitcoin outpoint
// (70) and a CAIP-10 name (at most 172).
const MaxAccountName = 256

// Kind is the kind that the name sets by its prefix. The address of nobody, out
// of which a chain's tokens are made and into which they are destroyed, is a
// sink: it has no holder, no statement, and nothing can be held there.
func (a AccountID) Kind() AccountKind {
	prefix, rest, found := strings.Cut(string(a), ":")
	kind := AccountKind(prefix)
	switch {
	case !found || !slices.Contains(AccountKinds(), kind):
		return KindUnknown
	case kind == KindEVM && strings.HasSuffix(rest, nobodyOnEVM), kind == KindTron && strings.HasSuffix(rest, nobodyOnTron):
		return KindSink
	}
	return kind
}

// The address of nobody: twenty bytes of zero, as each chain writes it.
const (
	nobodyOnEVM  = ":0x0000000000000000000000000000000000000000"
	nobodyOnTron = ":T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb"
)

// DescribedKind is an account's kind where people have said one: a name that
// tells an end tells all; else what they say, else the name.
func (a AccountID) DescribedKind(said AccountKind) AccountKind {
	if kind := a.Kind(); kind.End() || said == KindUnknown {
		return kind
	}
	return said
}

// ParseAccount normalises the name of an account. The text as it was spelled
// stays in the evidence; two spellings of one account are one AccountID.
func ParseAccount(text string) (AccountID, error) {
	name := strings.TrimSpace(text)
	if err := checkName("account", name, MaxAccountName); err != nil {
		return "", err
	}
	prefix, rest, found := strings.Cut(name, ":")
	kind := AccountKind(strings.ToLower(strings.TrimSpace(prefix)))
	if !found || !slices.Contains(AccountKinds(), kind) {
		if iban := squeezeIBAN(name); validIBAN(iban) {
			return AccountID("iban:" + iban), nil
		}
		return AccountID(name), nil
	}
	rest = strings.TrimSpace(rest)
	if rest == "" {
		return "", fmt.Errorf("account %s has a prefix but no name: write what comes after %q", quoted(text), prefix+":")
	}
	return normalAccount(kind, rest)
}

func normalAccount(kind AccountKind, rest string) (AccountID, error) {
	switch kind {
	case KindIBAN:
		iban := squeezeIBAN(rest)
		if !validIBAN(iban) {
			return "", fmt.Errorf("account %s is no valid IBAN: its check digits or its length are wrong; compare it with the document (use bank:… for an account number that is no IBAN)", quoted(rest))
		}
		rest = iban
	case KindEVM:
		rest = strings.ToLower(rest)
	case KindBitcoin:
		rest = lowerBech32(rest)
	}
	return AccountID(string(kind) + ":" + rest), nil
}

// lowerBech32 lowers the address in CHAIN:ADDRESS when it is bech32, whose
// letters may be all upper or all lower; base58 tells them apart.
func lowerBech32(rest string) string {
	chain, address, found := strings.Cut(rest, ":")
	if !found {
		chain, address = "", rest
	}
	lower := strings.ToLower(address)
	for _, human := range []string{"bc1", "tb1", "bcrt1", "ltc1"} {
		if strings.HasPrefix(lower, human) {
			address = lower
		}
	}
	if !found {
		return address
	}
	return chain + ":" + address
}

func squeezeIBAN(text string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '-' {
			return -1
		}
		return r
	}, text))
}

// validIBAN checks shape, length and the check digits (ISO 13616: modulo 97).
func validIBAN(iban string) bool {
	if len(iban) < 15 || len(iban) > 34 {
		return false
	}
	for i := 0; i < len(iban); i++ {
		letter, digit := iban[i] >= 'A' && iban[i] <= 'Z', iban[i] >= '0' && iban[i] <= '9'
		if !letter && !digit || i < 2 && !letter || (i == 2 || i == 3) && !digit {
			return false
		}
	}
	rest := 0
	for _, c := range []byte(iban[4:] + iban[:4]) {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest == 1
}

// checkName refuses names that cannot be read back safely: empty, too long,
// not UTF-8, or with characters that do not show (control characters, marks
// that turn the direction of writing), by which one name can pass for another.
func checkName(what, name string, most int) error {
	switch {
	case name == "":
		return fmt.Errorf("%s is empty: write its name", what)
	case len(name) > most:
		return fmt.Errorf("%s %s has %d bytes, more than %d", what, quoted(name), len(name), most)
	case !utf8.ValidString(name):
		return fmt.Errorf("%s %s is not valid UTF-8: save the file as UTF-8", what, quoted(name))
	}
	for _, r := range name {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u200b' || r == '\ufeff' {
			return fmt.Errorf("%s %s has the invisible character %U: remove it", what, quoted(name), r)
		}
	}
	return nil
}
