package domain

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/shopspring/decimal"
)

// MaxDigits is how many decimals an asset may have. Tokens reach 18 in
// practice, 24 and 27 at the outside; 36 still leaves ±170 whole coins.
const MaxDigits = 36

// Amount is an exact count of an asset's smallest units.
type Amount struct {
	Units Units
	Asset Asset
}

// maxAmountText bounds the digits read before anything is parsed: 39 digits
// fill 128 bits, and sign, point and needless zeros may come on top.
const maxAmountText = 64

// ErrMixedAssets says that two assets were put into one sum.
var ErrMixedAssets = errors.New("two different assets cannot be added: convert one of them, or keep them apart")

// ParseAmount reads a plain decimal: an optional sign, digits, at most one
// point, no grouping, no exponent, only ASCII. Finer than the asset's smallest
// unit is refused, never rounded; zeros beyond it are harmless.
func ParseAmount(text string, asset Asset) (Amount, error) {
	if reason := unplain(text); reason != "" {
		return Amount{}, fmt.Errorf("amount %s %s: write it as digits with a point, like 1234.50", quoted(text), reason)
	}
	units, fits, exact := scaled(text, int(asset.Digits))
	if !exact {
		return Amount{}, fmt.Errorf("amount %s is finer than the smallest unit of %s (%d decimals): clew does not round; check the asset or its decimals", quoted(text), asset.Code, asset.Digits)
	}
	if !fits {
		return Amount{}, fmt.Errorf("amount %s %s: %w", quoted(text), asset.Code, ErrOverflow)
	}
	return Amount{units, asset}, nil
}

// scaled reads a plain decimal as a count of units of which 10^digits are
// one. Its digits are taken one by one into 128 bits, so nothing is rounded on
// the way and nothing is allocated: an import reads several amounts a row.
func scaled(text string, digits int) (units Units, fits, exact bool) {
	m, fits, point := magnitude{}, true, false
	for _, c := range []byte(text) {
		switch {
		case c == '.':
			point = true
		case c < '0' || c > '9':
		case point && digits == 0 && c != '0':
			return Units{}, true, false
		case point && digits == 0:
		default:
			fits = m.push(uint64(c-'0')) && fits
			if point {
				digits--
			}
		}
	}
	for ; digits > 0; digits-- {
		fits = m.push(0) && fits
	}
	units, signed := m.signed(text[0] == '-')
	return units, fits && signed, true
}

// unplain says what keeps a text from being a plain decimal, or nothing: an
// exponent (1e9999), a grouping, a sign that only looks like a minus.
func unplain(text string) string {
	switch {
	case text == "":
		return "is empty"
	case len(text) > maxAmountText:
		return fmt.Sprintf("has %d characters, more than %d", len(text), maxAmountText)
	}
	digits, points := 0, 0
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '.':
			points++
		case (r == '-' || r == '+') && i == 0:
		case r == '\u2212':
			return "has the sign U+2212 instead of a plain minus"
		case r == ',' || r == ' ' || r == '\'' || r == '\u00a0':
			return "has grouping or a decimal comma"
		case r == 'e' || r == 'E':
			return "has an exponent or is not a number"
		default:
			return "is not a plain number"
		}
	}
	if digits == 0 || points > 1 {
		return "is not a plain number"
	}
	return ""
}

// quoted shows a text from outside safely and shortly.
func quoted(text string) string {
	const most = 40
	if len(text) > most {
		return fmt.Sprintf("%q…", text[:most])
	}
	return fmt.Sprintf("%q", text)
}

// unitsFromBig is an integer of any size as a count, if it fits.
func unitsFromBig(n *big.Int) (Units, error) {
	if n.BitLen() > 127 {
		return Units{}, ErrOverflow
	}
	absolute := new(big.Int).Abs(n)
	low := new(big.Int).And(absolute, new(big.Int).SetUint64(^uint64(0))).Uint64()
	high := new(big.Int).Rsh(absolute, 64).Uint64()
	units, _ := magnitude{high, low}.signed(n.Sign() < 0)
	return units, nil
}

// Big is the exact integer, for rates and tests that need more than 128 bits.
func (u Units) Big() *big.Int {
	n := new(big.Int).Lsh(big.NewInt(u.hi), 64)
	return n.Add(n, new(big.Int).SetUint64(u.lo))
}

// Decimal is the amount in whole coins, for rates and for printing.
func (a Amount) Decimal() decimal.Decimal {
	return decimal.NewFromBigInt(a.Units.Big(), -int32(a.Asset.Digits))
}

// String prints the amount with exactly its asset's digits, without the code.
func (a Amount) String() string { return a.Asset.Format(a.Units) }

// amountRoom is enough for what append writes of any asset that a register
// holds: 39 digits of 128 bits, or as many zeros as MaxDigits, a sign and a
// point.
const amountRoom = 64

func (a Amount) append(text []byte) []byte { return a.Asset.append(text, a.Units) }

// Format prints units of this asset with exactly its digits: "500.00".
func (s Asset) Format(u Units) string {
	var room [amountRoom]byte
	return string(s.append(room[:0], u))
}

func (s Asset) append(text []byte, u Units) []byte {
	var room [amountRoom]byte
	digits := u.append(room[:0])
	if s.Digits == 0 {
		return append(text, digits...)
	}
	if digits[0] == '-' {
		text, digits = append(text, '-'), digits[1:]
	}
	whole := len(digits) - int(s.Digits)
	if whole > 0 {
		text = append(append(text, digits[:whole]...), '.')
		return append(text, digits[whole:]...)
	}
	text = append(text, '0', '.')
	for ; whole < 0; whole++ {
		text = append(text, '0')
	}
	return append(text, digits...)
}

// Add sums two amounts of one asset.
func (a Amount) Add(b Amount) (Amount, error) {
	if a.Asset != b.Asset {
		return Amount{}, fmt.Errorf("%s and %s: %w", a.Asset.Code, b.Asset.Code, ErrMixedAssets)
	}
	units, err := a.Units.Add(b.Units)
	return Amount{units, a.Asset}, err
}

// Sub takes b from a, of one asset.
func (a Amount) Sub(b Amount) (Amount, error) {
	if a.Asset != b.Asset {
		return Amount{}, fmt.Errorf("%s and %s: %w", a.Asset.Code, b.Asset.Code, ErrMixedAssets)
	}
	units, err := a.Units.Sub(b.Units)
	return Amount{units, a.Asset}, err
}

// IsZero says whether there is no amount: none at all, or nothing of an asset.
func (a Amount) IsZero() bool { return a.Units.IsZero() }

// Given says whether an amount was stated at all; "0.00 EUR" is.
func (a Amount) Given() bool { return a.Asset.Code != "" }

type amountJSON struct {
	Value string    `json:"value"`
	Asset AssetCode `json:"asset"`
}

// MarshalJSON writes {"value":"500.00","asset":"EUR"}. The text bears exactly
// the asset's digits, so that it can be read again without any register.
func (a Amount) MarshalJSON() ([]byte, error) {
	return json.Marshal(amountJSON{a.String(), a.Asset.Code})
}

// UnmarshalJSON reads what MarshalJSON wrote; the digits after the point are
// the asset's digits.
func (a *Amount) UnmarshalJSON(data []byte) error {
	var text amountJSON
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("amount: %w", err)
	}
	digits := 0
	if point := strings.IndexByte(text.Value, '.'); point >= 0 {
		digits = len(text.Value) - point - 1
	}
	if digits > MaxDigits {
		return fmt.Errorf("amount %s has %d decimals, more than %d", quoted(text.Value), digits, MaxDigits)
	}
	amount, err := ParseAmount(text.Value, Asset{text.Asset, uint8(digits)})
	if err != nil {
		return err
	}
	*a = amount
	return nil
}
