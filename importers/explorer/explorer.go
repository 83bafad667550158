// Package explorer reads what people download from block explorers: the CSV
// exports of Etherscan (transactions, internal transactions, ERC-20 transfers)
// and the JSON of TronGrid (TRC-20 transfers, transactions).
//
// It refuses what is not final (an unconfirmed transaction) and what does not
// name its contract: a symbol is not enough, for there is false USDT. A token
// that the asset register does not know is introduced with the decimals that
// the file states, else with 18 and a warning.
//
//	ID 0xfbc4…: transfer eip155:1:0xf98c… → eip155:1:0x1c6d…, 0.1 ETH, fee 0.00042102
package explorer

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"clew/domain"
)

// maxRows bounds one file. Etherscan gives 5,000 rows in one export, TronGrid
// 200 entries in one page; what is remembered of each row must fit memory.
const maxRows = 1 << 20

// maxTokens bounds the tokens that one file may introduce.
const maxTokens = 10_000

// assumedDigits are what a token has of which no file states the decimals:
// what the ERC-20 standard's examples use, and most tokens have.
const assumedDigits = 18

// file is an explorer's file while it is read. It tells items to out until
// out fails; then nothing is told any more, and failed says why.
type file struct {
	out      func(domain.Item) error
	failed   error
	register domain.Assets
	tokens   map[domain.AssetCode]domain.Asset // introduced by this file
	told     map[[16]byte]int                  // transfers seen, to tell equal ones apart
	rows     int
}

func newFile(options domain.ReadOptions, out func(domain.Item) error) *file {
	return &file{out: out, register: options.Assets, tokens: map[domain.AssetCode]domain.Asset{}, told: map[[16]byte]int{}}
}

func (f *file) tell(item domain.Item) {
	if f.failed == nil {
		f.failed = f.out(item)
	}
}

func (f *file) reject(line int, wrong *domain.FieldError) {
	f.tell(domain.Reject{Evidence: domain.Evidence{Line: line}, Field: wrong.Field, Reason: wrong.Reason})
}

func (f *file) warn(line int, reason string) { f.tell(domain.Warning{Line: line, Reason: reason}) }

// count takes note of one more row, and says when there are too many.
func (f *file) count() error {
	f.rows++
	if f.rows > maxRows {
		return domain.Usage("the file has more than %d rows, more than any explorer gives at once: split it", maxRows)
	}
	return f.failed
}

// finish checks a movement and tells it, or why it is none.
func (f *file) finish(m domain.Movement, line int) {
	if wrong := domain.CheckMovement(m); wrong != nil {
		f.reject(line, &domain.FieldError{Field: wrong.Field, Reason: wrong.Error()})
		return
	}
	m.Evidence.Line = line
	f.tell(domain.Row{Movement: m})
}

func bad(field, format string, args ...any) *domain.FieldError {
	return &domain.FieldError{Field: field, Reason: fmt.Sprintf(format, args...)}
}

// instant makes the time of a movement, within the years that clew records.
func instant(field string, t time.Time) (domain.When, *domain.FieldError) {
	when, err := domain.ParseWhen(t.UTC().Format(time.RFC3339Nano))
	if err != nil {
		return when, bad(field, "%s", err)
	}
	return when, nil
}

// token finds the asset of a contract. Digits are what the file states, or -1.
// A token that nobody knows yet is only proposed: introduce makes it known.
func (f *file) token(code string, digits int) (domain.Asset, *domain.FieldError) {
	asset, err := f.known(code)
	var unknown *domain.UnknownAsset
	switch {
	case err == nil && digits >= 0 && int(asset.Digits) != digits:
		return asset, bad("asset", "asset %s is registered with %d decimals, but the file states %d: find out which is right before recording an amount of it", asset.Code, asset.Digits, digits)
	case err == nil:
		return asset, nil
	case !errors.As(err, &unknown):
		return asset, bad("asset", "%s", err)
	case digits > domain.MaxDigits:
		return asset, bad("asset", "the file states %d decimals, more than the %d that clew can count", digits, domain.MaxDigits)
	case len(f.tokens) >= maxTokens:
		return asset, bad("asset", "the file names more than %d tokens that are not in the register: register this one with 'clew asset add %s --decimals N'", maxTokens, unknown.Code)
	case digits < 0:
		digits = assumedDigits
	}
	return domain.Asset{Code: unknown.Code, Digits: uint8(digits)}, nil
}

// known finds an asset in the register or among what this file introduced.
func (f *file) known(code string) (domain.Asset, error) {
	asset, err := f.register.Find(code)
	var unknown *domain.UnknownAsset
	if errors.As(err, &unknown) {
		if introduced, ok := f.tokens[unknown.Code]; ok {
			return introduced, nil
		}
	}
	return asset, err
}

// introduce tells of a token at its first row that is taken.
func (f *file) introduce(asset domain.Asset, name string, assumed bool, line int) {
	if _, err := f.known(string(asset.Code)); err == nil {
		return
	}
	f.tokens[asset.Code] = asset
	f.tell(domain.NewAsset{Asset: asset, Name: printable(name), Assumed: assumed})
	if assumed {
		f.warn(line, fmt.Sprintf("the file does not state the decimals of %s (%s): %d are assumed, so its amounts stand or fall with that", asset.Code, printable(name), assumedDigits))
	}
}

// printable is a token's name as it may be shown: anybody can name a token,
// and some names are made to deceive.
func printable(name string) string {
	clean, err := domain.ParseReference("name", name)
	if err != nil {
		return ""
	}
	return clean
}

// transferID names a transfer of which a transaction may have several: by the
// transaction, what is moved in it, and which of several equal ones it is.
// Exports of both parties, and of overlapping days, give it the same name.
func (f *file) transferID(tx string, m domain.Movement) string {
	what := strings.Join([]string{tx, string(m.From), string(m.To), string(m.Amount.Asset.Code), m.Amount.Units.String()}, "\n")
	sum := sha256.Sum256([]byte(what))
	key := [16]byte(sum[:16])
	f.told[key]++
	return fmt.Sprintf("%s/%s/%d", tx, hex.EncodeToString(key[:]), f.told[key])
}
