package domain

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Asset is a kind of money and how finely it divides: EUR has 2 digits, BTC 8,
// ETH 18. Assets are compared with ==.
type Asset struct {
	Code   AssetCode
	Digits uint8
}

// AssetCode names an asset: an ISO 4217 code, BTC, ETH, TRX, USDT, USDC,
// SYMBOL@chain, or a CAIP-19 name for a token known by its contract.
type AssetCode string

// iso4217 lists the active codes of ISO 4217 with their minor units. Codes
// without minor units (gold, test codes) are not money and are left out.
//
//go:embed iso4217.csv
var iso4217 string

// coins are the assets beside ISO 4217 that a bare symbol may name.
var coins = map[AssetCode]uint8{"BTC": 8, "ETH": 18, "TRX": 6, "USDT": 6, "USDC": 6}

// genuine says which contracts a bare token symbol stands for. There is false
// USDT: a token that only calls itself so keeps its CAIP-19 name.
// Sources: tether.to supported protocols; circle.com USDC contract addresses.
var genuine = map[AssetCode]AssetCode{
	"eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7": "USDT",
	"tron:mainnet/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t":     "USDT",
	"eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48": "USDC",
	"tron:mainnet/trc20:TEkxiTehnzSmSe2XqrBj4w32RUN966rdz8":     "USDC",
	"eip155:1/slip44:60":                               "ETH",
	"tron:mainnet/slip44:195":                          "TRX",
	"bip122:000000000019d6689c085ae165831e93/slip44:0": "BTC",
}

// Assets is the asset register: which codes there are and how finely each
// divides. It is a value; With answers with a larger one.
type Assets struct {
	digits map[AssetCode]uint8
}

// StandardAssets are ISO 4217 with minor units, BTC, ETH, TRX, USDT and USDC.
func StandardAssets() Assets {
	digits := maps.Clone(coins)
	rows, err := csv.NewReader(strings.NewReader(iso4217)).ReadAll()
	if err != nil {
		panic("domain: the embedded ISO 4217 table is damaged: " + err.Error())
	}
	for _, row := range rows[1:] {
		n, err := strconv.Atoi(row[1])
		if err != nil {
			panic("domain: the embedded ISO 4217 table is damaged: " + err.Error())
		}
		digits[AssetCode(row[0])] = uint8(n)
	}
	return Assets{digits}
}

// Find answers with the asset that a text names.
func (r Assets) Find(text string) (Asset, error) {
	code, err := ParseAssetCode(text)
	if err != nil {
		return Asset{}, err
	}
	digits, ok := r.digits[code]
	if !ok {
		return Asset{}, &UnknownAsset{code}
	}
	return Asset{code, digits}, nil
}

// Has says whether the register has the asset, under its normalised code and
// with so many digits.
func (r Assets) Has(asset Asset) bool {
	digits, ok := r.digits[asset.Code]
	return ok && digits == asset.Digits
}

// With is the register with one more asset. An asset that is known already
// must keep its digits: amounts that were recorded would change otherwise.
func (r Assets) With(asset Asset) (Assets, error) {
	known, ok := r.digits[asset.Code]
	if ok && known != asset.Digits {
		return r, fmt.Errorf("asset %s is registered with %d decimals; it cannot have %d as well: amounts already recorded would change", asset.Code, known, asset.Digits)
	}
	if asset.Digits > MaxDigits {
		return r, fmt.Errorf("asset %s: %d decimals are more than %d, the most that clew can count", asset.Code, asset.Digits, MaxDigits)
	}
	digits := maps.Clone(r.digits)
	digits[asset.Code] = asset.Digits
	return Assets{digits}, nil
}

// List gives all assets, by code.
func (r Assets) List() []Asset {
	var list []Asset
	for _, code := range slices.Sorted(maps.Keys(r.digits)) {
		list = append(list, Asset{code, r.digits[code]})
	}
	return list
}

// UnknownAsset is a code that the register does not have.
type UnknownAsset struct{ Code AssetCode }

// Error names the command that registers it.
func (e *UnknownAsset) Error() string {
	return fmt.Sprintf("asset %s is not in the register, so its smallest unit is not known: register it with 'clew asset add %s --decimals N'", e.Code, e.Code)
}

// Reference: https://chainagnostic.org/CAIPs/caip-19
var (
	caip19     = regexp.MustCompile(`^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}/[-a-z0-9]{3,8}:[-.%a-zA-Z0-9]{1,128}$`)
	bareSymbol = regexp.MustCompile(`^[A-Z0-9][A-Z0-9.$_-]{0,19}$`)
	chainName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9:_-]{0,39}$`)
)

// ParseAssetCode normalises the name of an asset: symbols in upper case,
// chain names and EVM contracts in lower case, a genuine contract's CAIP-19
// name as its symbol.
func ParseAssetCode(text string) (AssetCode, error) {
	text = strings.TrimSpace(text)
	if strings.Contains(text, "/") {
		return parseCAIP19(text)
	}
	symbol, chain, chained := strings.Cut(text, "@")
	symbol = strings.ToUpper(symbol)
	if !bareSymbol.MatchString(symbol) || (chained && !chainName.MatchString(chain)) {
		return "", fmt.Errorf("asset %s is not a name clew knows: use an ISO 4217 code (EUR), a coin (BTC), SYMBOL@chain, or a CAIP-19 name", quoted(text))
	}
	if chained {
		return AssetCode(symbol + "@" + strings.ToLower(chain)), nil
	}
	return AssetCode(symbol), nil
}

func parseCAIP19(text string) (AssetCode, error) {
	if !caip19.MatchString(text) {
		return "", fmt.Errorf("asset %s is not a CAIP-19 name: it should look like eip155:1/erc20:0x…", quoted(text))
	}
	code := AssetCode(text)
	if strings.HasPrefix(text, "eip155:") {
		code = AssetCode(strings.ToLower(text))
	}
	if symbol, ok := genuine[code]; ok {
		return symbol, nil
	}
	return code, nil
}
