package explorer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"strings"
	"testing"

	"clew/domain"
)

// told is what a reader told of a file.
type told struct {
	rows     []domain.Movement
	rejects  []domain.Reject
	noise    []domain.Noise
	warnings []domain.Warning
	assets   []domain.NewAsset
}

type reader func(io.Reader, domain.ReadOptions, func(domain.Item) error) error

func tell(read reader, file string) (all told, err error) {
	err = read(strings.NewReader(file), domain.ReadOptions{Assets: domain.StandardAssets()}, func(item domain.Item) error {
		switch item := item.(type) {
		case domain.Row:
			all.rows = append(all.rows, item.Movement)
		case domain.Reject:
			all.rejects = append(all.rejects, item)
		case domain.Noise:
			all.noise = append(all.noise, item)
		case domain.Warning:
			all.warnings = append(all.warnings, item)
		case domain.NewAsset:
			all.assets = append(all.assets, item)
		}
		return nil
	})
	return all, err
}

func mustTell(t *testing.T, read reader, file string) told {
	t.Helper()
	all, err := tell(read, file)
	if err != nil {
		t.Fatalf("the file was refused: %v", err)
	}
	return all
}

func sample(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

const chainCases = "../../testdata/cases/chain/"

// The three exports of one wallet, summed, give the balances that another
// program found, to the last wei.
func TestTheWalletsExportsAddUpToItsBalances(t *testing.T) {
	var expected struct {
		Wallet   string
		Balances map[string]string
	}
	if err := json.Unmarshal([]byte(sample(t, chainCases+"etherscan-0xf98-expected.json")), &expected); err != nil {
		t.Fatal(err)
	}
	wallet := domain.AccountID("eip155:1:" + expected.Wallet)
	sums := map[domain.AssetCode]*big.Int{}
	add := func(a domain.Amount, sign int64) {
		if a.Given() {
			if sums[a.Asset.Code] == nil {
				sums[a.Asset.Code] = new(big.Int)
			}
			sums[a.Asset.Code].Add(sums[a.Asset.Code], new(big.Int).Mul(a.Units.Big(), big.NewInt(sign)))
		}
	}
	for name, want := range map[string]int{"etherscan-0xf98.csv": 9, "etherscan-0xf98-internal.csv": 0, "etherscan-0xf98-erc20.csv": 8} {
		all := mustTell(t, ReadEtherscan, sample(t, chainCases+name))
		if len(all.rows) != want || len(all.rejects)+len(all.noise) != 0 {
			t.Errorf("%s: %d rows, want %d; rejects %v", name, len(all.rows), want, all.rejects)
		}
		for _, m := range all.rows {
			if m.From == wallet {
				add(m.Amount, -1)
				add(m.Fee, -1)
			}
			if m.To == wallet {
				add(m.Amount, 1)
			}
		}
	}
	if len(sums) != len(expected.Balances) {
		t.Errorf("%d assets, want %d", len(sums), len(expected.Balances))
	}
	for name, balance := range expected.Balances {
		code := domain.AssetCode(name)
		if name != "ETH" {
			code = domain.AssetCode("eip155:1/" + name)
		}
		want, err := domain.ParseAmount(balance, domain.Asset{Code: code, Digits: 18})
		if err != nil || sums[code] == nil || sums[code].Cmp(want.Units.Big()) != 0 {
			t.Errorf("%s: the rows give %s, the wallet has %s (%v)", name, sums[code], want.Units, err)
		}
	}
}

func TestATokenNobodyKnowsIsIntroducedWithAssumedDecimals(t *testing.T) {
	all := mustTell(t, ReadEtherscan, sample(t, chainCases+"etherscan-0xf98-erc20.csv"))
	if len(all.assets) != 8 || len(all.warnings) != 8 {
		t.Fatalf("%d new assets, %d warnings", len(all.assets), len(all.warnings))
	}
	first := all.assets[0]
	want := domain.NewAsset{Asset: domain.Asset{Code: "eip155:1/erc20:0xab95e915c123fded5bdfb6325e35ef5515f1ea69", Digits: 18}, Name: "XENON", Assumed: true}
	if first != want || !strings.Contains(all.warnings[0].Reason, "18 are assumed") || all.warnings[0].Line != 2 {
		t.Errorf("%+v, %+v", first, all.warnings[0])
	}
}

const (
	hashA, hashB = "0x" + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "0x" + "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
	payer, payee = "0x1111111111111111111111111111111111111111", "0x2222222222222222222222222222222222222222"
	usdt         = "0xdAC17F958D2ee523a2206206994597C13D831ec7"

	normalHeader   = `"Txhash","Blockno","UnixTimestamp","DateTime (UTC)","From","To","ContractAddress","Value_IN(ETH)","Value_OUT(ETH)","CurrentValue @ $2527/Eth","TxnFee(ETH)","TxnFee(USD)","Historical $Price/Eth","Status","ErrCode","Method"`
	internalHeader = `"Transaction Hash","Blockno","UnixTimestamp","DateTime (UTC)","ParentTxFrom","ParentTxTo","ParentTxETH_Value","From","TxTo","ContractAddress","Value_IN(ETH)","Value_OUT(ETH)","CurrentValue @ $2527/Eth","Historical $Price/Eth","Status","ErrCode","Type"`
	tokenHeader    = `"Transaction Hash","Blockno","UnixTimestamp","DateTime (UTC)","From","To","TokenValue","USDValueDayOfTx","ContractAddress","TokenName","TokenSymbol"`
)

func quote(fields ...string) string { return `"` + strings.Join(fields, `","`) + `"` + "\n" }

// normal makes a row of the export of transactions: from, to, contract, value
// in, value out, fee, status, error.
func normal(c ...string) string {
	return quote(hashA, "4255150", "1504958289", "2017-09-09 11:58:09", c[0], c[1], c[2], c[3], c[4], "1", c[5], "1", "303", c[6], c[7], "Transfer")
}

// internal makes a row of the export of internal transactions: hash, from, to,
// contract, value in, value out, status, error, type.
func internal(c ...string) string {
	return quote(c[0], "4255150", "1504958289", "2017-09-09 11:58:09", payer, payee, "0", c[1], c[2], c[3], c[4], c[5], "1", "303", c[6], c[7], c[8])
}

// token makes a row of the export of ERC-20 transfers: hash, from, to, value,
// contract, name.
func token(c ...string) string {
	return quote(c[0], "4255150", "1504958289", "2017-09-09 11:58:09", c[1], c[2], c[3], "N/A", c[4], c[5], "SYM")
}

func line(m domain.Movement) string {
	text := fmt.Sprintf("%s %s %s>%s %s %s", m.Kind, m.When, strings.TrimPrefix(string(m.From), "eip155:1:0x")[:4], strings.TrimPrefix(string(m.To), "eip155:1:0x")[:4], m.Amount, m.Amount.Asset.Code)
	if m.Fee.Given() {
		text += " fee " + m.Fee.String()
	}
	return text
}

func TestWhatATransactionMovedIsToldByItsStatus(t *testing.T) {
	for name, c := range map[string]struct{ row, want string }{
		"paid":                 {normal(payer, payee, "", "0", "1.5", "0.001", "", ""), "transfer 2017-09-09T11:58:09Z 1111>2222 1.500000000000000000 ETH fee 0.001000000000000000"},
		"received":             {normal(payer, payee, "", "1.5", "0", "0.001", "", ""), "transfer 2017-09-09T11:58:09Z 1111>2222 1.500000000000000000 ETH fee 0.001000000000000000"},
		"to itself":            {normal(payer, payer, "", "1.5", "1.5", "0.001", "", ""), "transfer 2017-09-09T11:58:09Z 1111>1111 1.500000000000000000 ETH fee 0.001000000000000000"},
		"a call inside failed": {normal(payer, payee, "", "0", "1.5", "0.001", "Error(1)", "Reverted"), "transfer 2017-09-09T11:58:09Z 1111>2222 1.500000000000000000 ETH fee 0.001000000000000000"},
		"failed":               {normal(payer, payee, "", "0", "1.5", "0.001", "Error(0)", "Out of gas"), "transfer 2017-09-09T11:58:09Z 1111>2222 0.000000000000000000 ETH fee 0.001000000000000000"},
		"only a fee":           {normal(payer, payee, "", "0", "0", "0.001", "", ""), "transfer 2017-09-09T11:58:09Z 1111>2222 0.000000000000000000 ETH fee 0.001000000000000000"},
		"no fee":               {normal(payer, payee, "", "0", "1", "0", "", ""), "transfer 2017-09-09T11:58:09Z 1111>2222 1.000000000000000000 ETH"},
		"a contract is made":   {normal(payer, "", payee, "0", "2", "0.001", "", ""), "transfer 2017-09-09T11:58:09Z 1111>2222 2.000000000000000000 ETH fee 0.001000000000000000"},
		"thousands set apart":  {normal(payer, payee, "", "0", "1,234,567.5", "0.001", "", ""), "transfer 2017-09-09T11:58:09Z 1111>2222 1234567.500000000000000000 ETH fee 0.001000000000000000"},
		"a field more":         {strings.TrimSuffix(normal(payer, payee, "", "0", "1", "0", "", ""), "\n") + `,"x"` + "\n", "transfer 2017-09-09T11:58:09Z 1111>2222 1.000000000000000000 ETH"},
	} {
		all := mustTell(t, ReadEtherscan, normalHeader+"\n"+c.row)
		if len(all.rows) != 1 || len(all.rejects) != 0 {
			t.Errorf("%s: %+v", name, all)
			continue
		}
		m := all.rows[0]
		if got := line(m); got != c.want {
			t.Errorf("%s:\nis   %s\nwant %s", name, got, c.want)
		}
		if m.SourceID != hashA || m.Ref != hashA || m.Evidence.Line != 2 {
			t.Errorf("%s: id %s, ref %s, line %d", name, m.SourceID, m.Ref, m.Evidence.Line)
		}
	}
	failed := mustTell(t, ReadEtherscan, normalHeader+"\n"+normal(payer, payee, "", "0", "1.5", "0.001", "Error(0)", "Out of gas")).rows[0]
	if !strings.Contains(failed.Note, "Out of gas") || !strings.Contains(failed.Note, "tried to move 1.5") {
		t.Errorf("what was tried is not in the note %q", failed.Note)
	}
}

func TestInternalTransactionsHaveNoFeeAndSeveralToATransaction(t *testing.T) {
	row := internal(hashA, payer, payee, "", "1.5", "0", "0", "", "call")
	all := mustTell(t, ReadEtherscan, internalHeader+"\n"+row+row+internal(hashB, payer, payee, "", "1.5", "0", "", "", "call")+
		internal(hashA, payer, "", payee, "0", "2", "0", "", "create")+
		internal(hashA, payer, payee, "", "1.5", "0", "1", "Reverted", "call")+
		internal(hashA, payer, payee, "", "1.5", "0", "0", "", "delegatecall"))
	if len(all.rows) != 4 || len(all.noise) != 2 || len(all.rejects) != 0 {
		t.Fatalf("%+v", all)
	}
	ids := map[string]bool{}
	for _, m := range all.rows {
		ids[m.SourceID] = true
		if m.Fee.Given() || m.Ref != "" || !strings.HasPrefix(m.Note, "tx 0x") {
			t.Errorf("%+v", m)
		}
	}
	if len(ids) != 4 {
		t.Errorf("four transfers have %d names: %v", len(ids), ids)
	}
	// The same transfers in an export of another day's range get the same names.
	again := mustTell(t, ReadEtherscan, internalHeader+"\n"+internal(hashB, payer, payee, "", "0", "1.5", "0", "", "call")+row)
	for _, m := range again.rows {
		if !ids[m.SourceID] {
			t.Errorf("%s is a new name for a known transfer", m.SourceID)
		}
	}
}

func TestTokensAreKnownByTheirContract(t *testing.T) {
	all := mustTell(t, ReadEtherscan, tokenHeader+"\n"+
		token(hashA, payer, payee, "1,000.25", usdt, "Tether USD")+
		token(hashA, payer, payee, "7", payer, "Tether USD")+
		token(hashA, payer, payee, "8.5", strings.ToUpper(payer[2:3])+payer[3:], "no address")+
		token(hashB, payer, payee, "9", payer, "Tether USD \u202e")+
		token(hashB, payer, payee, "0.0000000000000000001", payee, "too fine"))
	if len(all.rows) != 3 || len(all.rejects) != 2 || len(all.assets) != 1 || len(all.warnings) != 1 {
		t.Fatalf("%+v", all)
	}
	if m := all.rows[0]; m.Amount.String() != "1000.250000" || m.Amount.Asset.Code != "USDT" {
		t.Errorf("the genuine one is %+v", m.Amount)
	}
	if m := all.rows[1]; m.Amount.Asset.Code != "eip155:1/erc20:0x1111111111111111111111111111111111111111" {
		t.Errorf("the false one is %+v", m.Amount)
	}
	if all.rows[2].Note != "tx "+hashB {
		t.Errorf("a deceiving name is shown: %q", all.rows[2].Note)
	}
	if r := all.rejects[1]; r.Field != "TokenValue" || !strings.Contains(r.Reason, "finer") {
		t.Errorf("%+v", r)
	}
}

func TestAKnownTokenIsNotIntroducedAgain(t *testing.T) {
	register, err := domain.StandardAssets().With(domain.Asset{Code: "eip155:1/erc20:" + payer, Digits: 8})
	if err != nil {
		t.Fatal(err)
	}
	var items []domain.Item
	err = ReadEtherscan(strings.NewReader(tokenHeader+"\n"+token(hashA, payer, payee, "7", payer, "X")), domain.ReadOptions{Assets: register}, func(item domain.Item) error {
		items = append(items, item)
		return nil
	})
	if err != nil || len(items) != 1 || items[0].(domain.Row).Movement.Amount.String() != "7.00000000" {
		t.Errorf("%+v (%v)", items, err)
	}
}

func TestRowsThatCannotBeAreRejectedWithTheirColumn(t *testing.T) {
	good := normal(payer, payee, "", "0", "1", "0", "", "")
	for _, c := range []struct{ header, row, field, why string }{
		{normalHeader, strings.Replace(good, hashA, "0xabc", 1), "Txhash", "transaction hash"},
		{normalHeader, strings.Replace(good, hashA, strings.Repeat("a", 66), 1), "Txhash", "transaction hash"},
		{normalHeader, normal("0x12", payee, "", "0", "1", "0", "", ""), "From", "Ethereum address"},
		{normalHeader, normal(payer, "", "", "0", "1", "0", "", ""), "ContractAddress", "Ethereum address"},
		{normalHeader, normal(payer, "someone.eth", "", "0", "1", "0", "", ""), "To", "Ethereum address"},
		{normalHeader, normal(payer, payee, "", "2", "1", "0", "", ""), "Value_IN(ETH)", "differ"},
		{normalHeader, normal(payer, payee, "", "0", "1e18", "0", "", ""), "Value_OUT(ETH)", "exponent"},
		{normalHeader, normal(payer, payee, "", "0", "1,5", "0", "", ""), "Value_OUT(ETH)", "grouping"},
		{normalHeader, normal(payer, payee, "", "0", "-1", "0", "", ""), "amount", "negative"},
		{normalHeader, normal(payer, payee, "", "0", strings.Repeat("9", 500), "0", "", ""), "Value_OUT(ETH)", "500 characters"},
		{normalHeader, normal(payer, payee, "", "", "1", "0", "", ""), "Value_IN(ETH)", "empty"},
		{normalHeader, normal(payer, payee, "", "0", "1", "free", "", ""), "TxnFee(ETH)", "not a"},
		{normalHeader, normal(payer, payee, "", "0", "1", "0", "Error(2)", ""), "Status", "none of those known"},
		{normalHeader, normal(payer, payee, "", "0", "1", "0", "", "Reverted"), "ErrCode", "Status says nothing"},
		{normalHeader, strings.Replace(good, "1504958289", "1504958290", 1), "UnixTimestamp", "differ"},
		{normalHeader, strings.Replace(strings.Replace(good, "1504958289", "x", 1), "2017-09-09 11:58:09", "y", 1), "UnixTimestamp", "neither"},
		{normalHeader, strings.Replace(strings.Replace(good, "1504958289", "8589934591", 1), "2017-09-09 11:58:09", "", 1), "UnixTimestamp", "1700 to 2199"},
		{normalHeader, quote("a", "b"), "", "2 fields"},
		{normalHeader, strings.Replace(good, "Transfer", "\xff", 1), "", "UTF-8"},
		{normalHeader, `"` + good, "", "quotation mark"},
		{normalHeader + `,"ChainId"`, strings.TrimSuffix(good, "\n") + `,"10"` + "\n", "ChainId", "another chain"},
		{internalHeader, internal(hashA, payer, payee, "", "1", "0", "2", "", "call"), "Status", "neither success"},
		{internalHeader, internal(hashA, payer, payee, "", "1", "0", "0", "Reverted", "call"), "Status", "neither success"},
		{internalHeader, internal(hashA, payer, payee, "", "x", "0", "0", "", "call"), "Value_IN(ETH)", "plain"},
		{tokenHeader, token(hashA, payer, payee, "1", "", "X"), "ContractAddress", "which token"},
		{tokenHeader, token(hashA, payer, "", "1", payer, "X"), "To", "Ethereum address"},
		{tokenHeader, token(hashA, payer, payee, strings.Repeat("9", 40), payer, "X"), "TokenValue", "128 bits"},
	} {
		all := mustTell(t, ReadEtherscan, c.header+"\n"+c.row)
		if len(all.rows) != 0 || len(all.rejects) != 1 {
			t.Errorf("%s: %+v", c.row, all)
			continue
		}
		if r := all.rejects[0]; r.Field != c.field || !strings.Contains(r.Reason, c.why) || r.Evidence.Line != 2 || len(r.Reason) > 400 {
			t.Errorf("%s\n%+v\nwant %s: … %s …", c.row, r, c.field, c.why)
		}
	}
}

// The columns have had other names and times other faces over the years.
func TestOlderAndNewerHeadersAreRead(t *testing.T) {
	for header, row := range map[string]string{
		`Txhash,Blockno,UnixTimestamp,DateTime,From,To,ContractAddress,Value_IN(ETH),Value_OUT(ETH),CurrentValue @ $300.69/Eth,TxnFee(ETH),TxnFee(USD),Historical $Price/Eth,Status,ErrCode`:                                                                 hashA + ",4264292,1504958289,9/9/2017 11:58:09 AM," + payer + "," + payee + ",,0.5,0,192,0.00063,0.18,,,",
		`"Transaction Hash","Blockno","UnixTimestamp","DateTime (UTC)","From","To","ContractAddress","Value_IN(ETH)","Value_OUT(ETH)","CurrentValue @ $1/Eth","TxnFee(ETH)","TxnFee(USD)","Historical $Price/Eth","Status","ErrCode","Method","PrivateNote"`: strings.TrimSuffix(quote(hashA, "1", "1.5E+09", "2017-09-09 11:58:09", payer, payee, "", "0.5", "0", "1", "0.00063", "1", "1", "", "", "Transfer", "mine"), "\n"),
		`Txhash,UnixTimestamp,DateTime,From,To,Value,ContractAddress,TokenName,TokenSymbol`: hashA + ",1504958289,," + payer + "," + payee + ",0.5," + usdt + ",Tether USD,USDT",
	} {
		all := mustTell(t, ReadEtherscan, "\xef\xbb\xbf"+header+"\r\n"+row+"\r\n")
		if len(all.rows) != 1 || !strings.HasPrefix(line(all.rows[0]), "transfer 2017-09-09T11:58:09Z 1111>2222 0.5") {
			t.Errorf("%s\n%+v", header, all)
		}
		if sure := DetectEtherscan([]byte(header+"\n"+row), ""); sure != 90 {
			t.Errorf("%s is detected with %d", header, sure)
		}
	}
}

func TestFilesThatAreNoExportAreRefused(t *testing.T) {
	for file, why := range map[string]string{
		"":                      "empty",
		"time,from,to,amount\n": "columns of an Etherscan export",
		strings.ReplaceAll(normalHeader, "(ETH)", "(BNB)") + "\n": "values are in BNB",
		strings.Replace(tokenHeader, "TokenValue", "TokenId", 1):  "no money",
		normalHeader + `,"From"`:                                  "twice",
		"\"Txhash":                                                "quotation mark",
		strings.Replace(normalHeader, "Status", "Stat", 1):        "columns of an Etherscan export",
	} {
		all, err := tell(ReadEtherscan, file)
		if err == nil || !strings.Contains(err.Error(), why) || domain.ClassOf(err) != domain.ClassUsage || len(all.rows) != 0 {
			t.Errorf("%.60q: %v, want an error with %q", file, err, why)
		}
		if sure := DetectEtherscan([]byte(file), ""); sure >= 90 {
			t.Errorf("%.60q is detected with %d", file, sure)
		}
	}
}

// A file may introduce so many tokens and no more, and have so many rows.
func TestTheLimitsOfAnExport(t *testing.T) {
	var file strings.Builder
	file.WriteString(tokenHeader + "\n")
	for i := range maxTokens + 1 {
		file.WriteString(token(hashA, payer, payee, "1", fmt.Sprintf("0x%040x", i+1), "X"))
	}
	file.WriteString(token(hashA, payer, payee, "2", fmt.Sprintf("0x%040x", 1), "X"))
	all := mustTell(t, ReadEtherscan, file.String())
	if len(all.assets) != maxTokens || len(all.rows) != maxTokens+1 || len(all.rejects) != 1 || !strings.Contains(all.rejects[0].Reason, "clew asset add") {
		t.Errorf("%d tokens, %d rows, %v", len(all.assets), len(all.rows), all.rejects)
	}
	for rows, ok := range map[int]bool{maxRows: true, maxRows + 1: false} {
		_, err := tell(ReadEtherscan, normalHeader+"\n"+strings.Repeat("\n", rows))
		if (err == nil) != ok || !ok && !strings.Contains(err.Error(), "split it") {
			t.Errorf("%d rows: %v", rows, err)
		}
	}
}

func TestWithoutItsCoinInTheRegisterARowIsRejected(t *testing.T) {
	for file, read := range map[string]reader{
		normalHeader + "\n" + normal(payer, payee, "", "0", "1", "0", "", ""):                ReadEtherscan,
		internalHeader + "\n" + internal(hashA, payer, payee, "", "1", "0", "0", "", "call"): ReadEtherscan,
		trx: ReadTronGrid,
	} {
		var items []domain.Item
		err := read(strings.NewReader(file), domain.ReadOptions{}, func(item domain.Item) error { items = append(items, item); return nil })
		if len(items) != 1 || err != nil {
			t.Fatalf("%+v (%v)", items, err)
		}
		if r, ok := items[0].(domain.Reject); !ok || !strings.Contains(r.Reason, "clew asset add") {
			t.Errorf("%+v", items[0])
		}
	}
}

func TestEtherscanPassesErrorsOn(t *testing.T) {
	full := errors.New("the disk is full")
	for _, row := range []string{normal(payer, payee, "", "0", "1", "0", "", ""), "x\n", "\n"} {
		count := 0
		err := ReadEtherscan(strings.NewReader(normalHeader+"\n"+row+row), domain.ReadOptions{Assets: domain.StandardAssets()}, func(domain.Item) error { count++; return full })
		if !errors.Is(err, full) || count != 1 {
			t.Errorf("%q: %v after %d items", row, err, count)
		}
	}
	gone := errors.New("the disk is gone")
	for _, begin := range []string{"", normalHeader + "\n"} {
		err := ReadEtherscan(io.MultiReader(strings.NewReader(begin), failing{gone}), domain.ReadOptions{Assets: domain.StandardAssets()}, func(domain.Item) error { return nil })
		if !errors.Is(err, gone) {
			t.Errorf("%v", err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
