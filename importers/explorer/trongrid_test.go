package explorer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"clew/domain"
	"clew/importers/lines"
)

func TestAPageOfTRC20Transfers(t *testing.T) {
	all := mustTell(t, ReadTronGrid, sample(t, "testdata/txs_trc20_response.json"))
	if len(all.rows) != 18 || len(all.rejects) != 2 || len(all.assets) != 0 {
		t.Fatalf("%d rows, %d rejects, %d new assets", len(all.rows), len(all.rejects), len(all.assets))
	}
	// The second entry is the third, before it was confirmed.
	for i, r := range all.rejects {
		if r.Evidence.Line != i+1 || r.Field != "_unconfirmed" {
			t.Errorf("reject %+v", r)
		}
	}
	first := all.rows[0]
	if first.Evidence.Line != 3 || first.Amount.String() != "50.000000" || first.Amount.Asset.Code != "USDT" ||
		first.When.String() != "2020-06-21T16:31:06Z" || first.From != "tron:TM1zzNDZD2DPASbKcgdVoTYhfmYgtfwx9D" || first.To != "tron:TXJTFuXzfoPbWKCnw47AYxMzgVPUyhJGRd" {
		t.Errorf("%+v", first)
	}
	if !strings.HasPrefix(first.SourceID, "c4052b526e5cd21e1f023c31cce6b6a13eb9d8aeae3ae80fcefe6038dfbeb022/") || first.Ref != "" {
		t.Errorf("id %s, ref %s", first.SourceID, first.Ref)
	}
	// The sample's own address was changed by its publisher: one warning.
	if len(all.warnings) != 1 || !strings.Contains(all.warnings[0].Reason, "TM1zzNDZD2DPASbKcgdVoTYhfmYgtfwx9D") {
		t.Errorf("%+v", all.warnings)
	}
	ids := map[string]bool{}
	for _, m := range all.rows {
		ids[m.SourceID] = true
	}
	if len(ids) != len(all.rows) {
		t.Errorf("%d names for %d transfers", len(ids), len(all.rows))
	}
}

func TestAPaymentOfTRX(t *testing.T) {
	all := mustTell(t, ReadTronGrid, sample(t, "testdata/transfer.json"))
	if len(all.rows) != 1 {
		t.Fatalf("%+v", all)
	}
	m := all.rows[0]
	const id = "24a10f7a503e78adc0d7e380b68005531b09e16b9e3f7b524e33f40985d287df"
	if m.Amount.String() != "100666888.000000" || m.Amount.Asset.Code != "TRX" || m.SourceID != id || m.Ref != id || m.When.String() != "2019-08-03T02:05:00Z" || m.Fee.Given() {
		t.Errorf("%+v", m)
	}
	// Addresses in hexadecimal digits become what people read.
	if m.From != "tron:TMuA6YqfCeX8EhbfYEg5y7S4DqzSJireY9" || m.To != "tron:TAUN6FwrnwwmaEqYcckffC7wYmbaS6cBiX" {
		t.Errorf("%s > %s", m.From, m.To)
	}
}

func TestAWalletsHistoryOfTRX(t *testing.T) {
	all := mustTell(t, ReadTronGrid, sample(t, "testdata/txs_response.json"))
	if len(all.rows) != 7 || len(all.rejects) != 0 {
		t.Fatalf("%+v", all)
	}
	if m := all.rows[0]; m.Amount.String() != "13195.916000" || m.When.String() != "2020-06-21T15:58:18Z" || m.To != "tron:TVmkAmaQrY6raatYozLtcQCGqWP6VaPnHU" {
		t.Errorf("%+v", m)
	}
}

const (
	tronTx    = "24a10f7a503e78adc0d7e380b68005531b09e16b9e3f7b524e33f40985d287df"
	tronPayer = "TMuA6YqfCeX8EhbfYEg5y7S4DqzSJireY9"
	tronPayee = "TAUN6FwrnwwmaEqYcckffC7wYmbaS6cBiX"
	tronUSDT  = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
	trc20     = `{"transaction_id":"` + tronTx + `","block_timestamp":1592757117000,"type":"Transfer","from":"` + tronPayer + `","to":"` + tronPayee + `","value":"1500000","token_info":{"address":"` + tronUSDT + `","name":"Tether USD","symbol":"USDT","decimals":6}}`
	trx       = `{"txID":"` + tronTx + `","block_timestamp":1592757117000,"ret":[{"contractRet":"SUCCESS","fee":1100000}],"raw_data":{"contract":[{"type":"TransferContract","parameter":{"value":{"amount":2500000,"owner_address":"4182dd6b9966724ae2fdc79b416c7588da67ff1b35","to_address":"410583a68a3bcd86c25ab1bee482bac04a216b0261"}}}]}}`
)

// changed is a text with some pieces exchanged: old, new, old, new …
func changed(text string, pieces ...string) string {
	for i := 0; i < len(pieces); i += 2 {
		text = strings.Replace(text, pieces[i], pieces[i+1], 1)
	}
	return text
}

func tronLine(m domain.Movement) string {
	text := fmt.Sprintf("%s>%s %s %s", m.From, m.To, m.Amount, m.Amount.Asset.Code)
	if m.Fee.Given() {
		text += " fee " + m.Fee.String()
	}
	return text
}

func TestEntriesAreTakenForWhatTheyMoved(t *testing.T) {
	call := changed(trx, "TransferContract", "TriggerSmartContract", `"amount":2500000`, `"call_value":2500000`, "to_address", "contract_address")
	parties := "tron:" + tronPayer + ">tron:" + tronPayee
	for name, c := range map[string]struct{ entry, want string }{
		"TRC-20":              {trc20, parties + " 1.500000 USDT"},
		"hexadecimal parties": {changed(trc20, tronPayer, "4182dd6b9966724ae2fdc79b416c7588da67ff1b35"), parties + " 1.500000 USDT"},
		"TRX":                 {trx, parties + " 2.500000 TRX fee 1.100000"},
		"TRX, early":          {changed(trx, `"ret":[{"contractRet":"SUCCESS","fee":1100000}],`, ""), parties + " 2.500000 TRX"},
		"TRX, no fee":         {changed(trx, "1100000", "0"), parties + " 2.500000 TRX"},
		"a call":              {call, parties + " 2.500000 TRX fee 1.100000"},
		"a call with nothing": {changed(call, `"call_value":2500000,`, ""), parties + " 0.000000 TRX fee 1.100000"},
		"a call that failed":  {changed(call, "SUCCESS", "OUT_OF_ENERGY"), parties + " 0.000000 TRX fee 1.100000"},
	} {
		all := mustTell(t, ReadTronGrid, c.entry)
		if len(all.rows) != 1 || tronLine(all.rows[0]) != c.want {
			t.Errorf("%s: %+v\nwant %s", name, all, c.want)
		}
	}
}

func TestEveryLayoutOfAFileIsRead(t *testing.T) {
	page := `{"data":[` + trc20 + `,` + trc20 + `],"success":true,"meta":{"at":1,"page_size":2}}`
	for file, want := range map[string]int{
		trc20:                                   1,
		"[" + trc20 + "]":                       1,
		"[" + trc20 + "," + trx + "]":           2,
		page:                                    2,
		page + "\n" + page:                      4,
		"\xef\xbb\xbf" + page:                   2,
		`{"data":[],"success":true}`:            0,
		"[]":                                    0,
		`{"success":true,"data":[` + trx + `]}`: 1,
	} {
		all := mustTell(t, ReadTronGrid, file)
		if len(all.rows) != want || len(all.rejects) != 0 {
			t.Errorf("%.80s: %d rows, want %d; %v", file, len(all.rows), want, all.rejects)
		}
		for i, m := range all.rows {
			if m.Evidence.Line != i+1 {
				t.Errorf("entry %d has the number %d", i+1, m.Evidence.Line)
			}
		}
	}
	// Two equal transfers of one transaction are two.
	all := mustTell(t, ReadTronGrid, page)
	if all.rows[0].SourceID == all.rows[1].SourceID {
		t.Errorf("two transfers have one name: %s", all.rows[0].SourceID)
	}
}

func TestATokenIsIntroducedWithTheDecimalsStated(t *testing.T) {
	other := changed(trc20, tronUSDT, tronPayer, `"decimals":6`, `"decimals":3`)
	all := mustTell(t, ReadTronGrid, "["+other+","+other+"]")
	want := domain.NewAsset{Asset: domain.Asset{Code: "tron:mainnet/trc20:" + tronPayer, Digits: 3}, Name: "Tether USD"}
	if len(all.assets) != 1 || all.assets[0] != want || len(all.warnings) != 0 || all.rows[1].Amount.String() != "1500.000" {
		t.Errorf("%+v", all)
	}
	all = mustTell(t, ReadTronGrid, changed(other, `,"decimals":3`, ""))
	if len(all.assets) != 1 || !all.assets[0].Assumed || all.assets[0].Asset.Digits != 18 || len(all.warnings) != 1 {
		t.Errorf("%+v", all)
	}
	all = mustTell(t, ReadTronGrid, "["+other+","+changed(other, `"decimals":3`, `"decimals":4`)+"]")
	if len(all.rows) != 1 || len(all.rejects) != 1 || !strings.Contains(all.rejects[0].Reason, "registered with 3 decimals") {
		t.Errorf("%+v", all)
	}
}

func TestAnApprovalMovesNothing(t *testing.T) {
	all := mustTell(t, ReadTronGrid, changed(trc20, `"Transfer"`, `"Approval"`))
	if len(all.noise) != 1 || len(all.rows)+len(all.rejects) != 0 {
		t.Errorf("%+v", all)
	}
}

func TestInternalTransactionsAreWarnedOf(t *testing.T) {
	all := mustTell(t, ReadTronGrid, changed(trx, `"ret"`, `"internal_transactions":[{}],"ret"`))
	if len(all.rows) != 1 || len(all.warnings) != 1 {
		t.Errorf("%+v", all)
	}
}

func TestWrongChecksumsAreWarnedOfOnceEachAndNotWithoutEnd(t *testing.T) {
	const digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
	var entries []string
	for i := range maxWrongSums + 1 {
		address := tronPayer[:31] + string(digits[i/58]) + string(digits[i%58]) + "1"
		entries = append(entries, changed(trc20, tronPayer, address), changed(trc20, tronPayer, address))
	}
	all := mustTell(t, ReadTronGrid, "["+strings.Join(entries, ",")+"]")
	if len(all.rows) != len(entries) || len(all.warnings) != maxWrongSums {
		t.Errorf("%d rows of %d, %d warnings", len(all.rows), len(entries), len(all.warnings))
	}
}

func TestEntriesThatCannotBeAreRejected(t *testing.T) {
	wallet := `{"id":"` + tronTx + `","coin":195,"from":"` + tronPayer + `","to":"` + tronPayee + `","fee":"0","date":1592755098,"status":"completed","type":"transfer","metadata":{"value":"1","symbol":"TRX","decimals":6}}`
	for entry, want := range map[string][2]string{
		changed(trc20, `"type"`, `"_unconfirmed":true,"type"`):                                                    {"_unconfirmed", "not confirmed"},
		changed(trx, `"ret"`, `"_unconfirmed":true,"ret"`):                                                        {"_unconfirmed", "not confirmed"},
		changed(trc20, `"Transfer"`, `"Burn"`):                                                                    {"type", "not Transfer"},
		changed(trc20, tronTx, "abc"):                                                                             {"transaction_id", "transaction hash"},
		changed(trc20, "1592757117000", "0"):                                                                      {"block_timestamp", "no time"},
		changed(trc20, "1592757117000", "1592757117.5"):                                                           {"block_timestamp", "no time"},
		changed(trc20, "1592757117000", "99999999999999"):                                                         {"block_timestamp", "1700 to 2199"},
		changed(trc20, tronPayer, "X"):                                                                            {"from", "no TRON address"},
		changed(trc20, tronPayee, "0x"+strings.Repeat("1", 40)):                                                   {"to", "no TRON address"},
		changed(trc20, tronPayee, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"):                                           {"to", "no TRON address"},
		changed(trc20, tronPayee, strings.Repeat("T", 10_000)):                                                    {"to", "no TRON address"},
		changed(trc20, "1500000", "1.5"):                                                                          {"value", "smallest unit"},
		changed(trc20, "1500000", "5.0"):                                                                          {"value", "not a whole number"},
		changed(trc20, "1500000", "-5"):                                                                           {"amount", "negative"},
		changed(trc20, "1500000", "1e9999"):                                                                       {"value", "exponent"},
		changed(trc20, "1500000", strings.Repeat("9", 500)):                                                       {"value", "500 characters"},
		changed(trc20, `"1500000"`, `1500000`):                                                                    {"", "not laid out"},
		changed(trc20, tronUSDT, ""):                                                                              {"token_info", "which token"},
		changed(trc20, `"decimals":6`, `"decimals":-1`):                                                           {"token_info", "decimals"},
		changed(trc20, `"decimals":6`, `"decimals":7`):                                                            {"asset", "registered with 6"},
		changed(trc20, tronUSDT, tronPayer, `"decimals":6`, `"decimals":37`):                                      {"asset", "37 decimals"},
		changed(trc20, `"type"`, `"value":"2","type"`):                                                            {"", "stands twice"},
		changed(trc20, `"type"`, `"Value":"2","type"`):                                                            {"", "stands twice"},
		changed(trc20, "Tether USD", "\xff"):                                                                      {"", "UTF-8"},
		changed(trc20, "Tether USD", `\ud800`):                                                                    {"", "surrogate"},
		changed(trx, "SUCCESS", ""):                                                                               {"", ""}, // taken: see below
		changed(trx, "TransferContract", "VoteWitnessContract"):                                                   {"type", "VoteWitnessContract"},
		changed(trx, `"contract":[`, `"contract":[{},`):                                                           {"raw_data", "2 contracts"},
		changed(trx, `"amount":2500000`, `"amount":2500000,"call_token_value":5`):                                 {"call_token_value", "TRC-10"},
		changed(trx, `"amount":2500000`, `"amount":2.5e6`):                                                        {"amount", "exponent"},
		changed(trx, `"amount":2500000,`, ``):                                                                     {"amount", "empty"},
		changed(trx, `1100000`, `-1`):                                                                             {"fee", "negative"},
		changed(trx, `"fee":1100000}`, `"fee":1100000},{}`):                                                       {"ret", "2 results"},
		changed(trx, "TransferContract", "TriggerSmartContract", "to_address", "contract_address", "SUCCESS", ""): {"ret", "missing"},
		changed(trx, "TransferContract", "TriggerSmartContract", "to_address", "contract_address", `{"contractRet":"SUCCESS","fee":1100000}`, ""): {"ret", "0 results"},
		changed(wallet, "195", "60"):            {"coin", "TRON"},
		changed(wallet, "completed", "error"):   {"status", "not completed"},
		changed(wallet, `"TRX"`, `"BTT"`):       {"type", "no transfer of TRX"},
		changed(wallet, `"transfer"`, `"swap"`): {"type", "no transfer of TRX"},
		`{"success":false,"error":"busy"}`:      {"", "neither"},
		`{}`:                                    {"", "neither"},
		`[5]`:                                   {"", "not laid out"},
	} {
		all := mustTell(t, ReadTronGrid, entry)
		if want[1] == "" {
			if len(all.rows) != 1 {
				t.Errorf("%.200s: %+v", entry, all)
			}
			continue
		}
		if len(all.rows) != 0 || len(all.rejects) != 1 {
			t.Errorf("%.300s: %+v, want %v", entry, all, want)
			continue
		}
		if r := all.rejects[0]; r.Field != want[0] || !strings.Contains(r.Reason, want[1]) || r.Evidence.Line != 1 || len(r.Reason) > 400 {
			t.Errorf("%.300s:\n%+v\nwant %v", entry, r, want)
		}
	}
}

func TestTornAndForeignFilesAreRefused(t *testing.T) {
	for file, why := range map[string]string{
		"":                             "empty",
		" \n":                          "empty",
		"5":                            "one entry",
		`"x"`:                          "one entry",
		`{"data":5}`:                   "one entry",
		`{"data":{}}`:                  "one entry",
		"[" + trc20:                    "after entry 1",
		"[" + trc20 + "," + trc20[:50]: "after entry 1",
		`{"data":[` + trc20 + `]`:      "after entry 1",
		`{"data"`:                      "after entry 0",
		`{"data":[`:                    "after entry 0",
		"{" + `"a":1`:                  "after entry 0",
		"[x]":                          "after entry 0",
		trc20 + "x":                    "after entry 1",
		`["` + strings.Repeat("x", maxEntry+1) + `"]`:                          "more than",
		"{" + strings.Repeat(`"k":"`+strings.Repeat("x", 1<<20)+`",`, 5) + "}": "more than",
		"[" + strings.Repeat(" ", maxEntry+1) + "]":                            "more than",
	} {
		_, err := tell(ReadTronGrid, file)
		if err == nil || !strings.Contains(err.Error(), why) || domain.ClassOf(err) != domain.ClassUsage || len(err.Error()) > 400 {
			t.Errorf("%.80q: %v, want an error with %q", file, err, why)
		}
	}
}

func TestTronGridPassesErrorsOn(t *testing.T) {
	for _, full := range []error{errors.New("the disk is full"), io.EOF} {
		for _, entry := range []string{trc20, changed(trc20, "Transfer", "Approval"), "{}"} {
			count := 0
			err := ReadTronGrid(strings.NewReader("["+entry+","+entry+"]"), domain.ReadOptions{Assets: domain.StandardAssets()}, func(domain.Item) error { count++; return full })
			if !errors.Is(err, full) || count != 1 {
				t.Errorf("%.40q: %v after %d items", entry, err, count)
			}
		}
	}
	gone := errors.New("the disk is gone")
	for _, begin := range []string{"", "[", "[" + trc20[:20]} {
		err := ReadTronGrid(io.MultiReader(strings.NewReader(begin), failing{gone}), domain.ReadOptions{Assets: domain.StandardAssets()}, func(domain.Item) error { return nil })
		if !errors.Is(err, gone) {
			t.Errorf("%q: %v", begin, err)
		}
	}
}

func TestDetectKnowsTronGridByItsKeys(t *testing.T) {
	for head, want := range map[string]int{
		sample(t, "testdata/txs_trc20_response.json"): 90,
		sample(t, "testdata/txs_response.json"):       90,
		sample(t, "testdata/transfer.json"):           90,
		"\xef\xbb\xbf\n" + trc20:                      90,
		`{"time":"2024-01-05","to":"A"}`:              0,
		"[]":                                          0,
		"":                                            0,
		`"token_info","transaction_id"`:               0,
	} {
		if got := DetectTronGrid([]byte(head), ""); got != want {
			t.Errorf("%.60q: %d, want %d", head, got, want)
		}
	}
}

// FuzzTronGrid: whatever the bytes are, nothing panics, and entries are told of
// once each and in order.
func FuzzTronGrid(f *testing.F) {
	for _, seed := range []string{trc20, trx, "[" + trc20 + "," + trx + "]", `{"data":[` + trc20 + `],"meta":{}}`, changed(trc20, "Transfer", "Approval"), "{}[]{}", `{"data":[5,"x",null]}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) { accounted(t, ReadTronGrid, file) })
}

// FuzzEtherscan: the same for records of CSV, of which none is left out.
func FuzzEtherscan(f *testing.F) {
	f.Add([]byte(normalHeader + "\n" + normal(payer, payee, "", "0", "1,000.5", "0.1", "Error(1)", "x")))
	f.Add([]byte(internalHeader + "\n" + internal(hashA, payer, "", payee, "0", "2", "0", "", "create") + "\n\n\"x"))
	f.Add([]byte(tokenHeader + "\n" + token(hashA, payer, payee, "1", usdt, "X") + token(hashB, payer, payee, "1", payer, "\u202e")))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, whole := accounted(t, ReadEtherscan, file)
		want := -1 // the header
		for table := lines.NewTable(lines.NewReader(bytes.NewReader(file)), ','); ; want++ {
			if _, err := table.Next(); err != nil {
				break
			}
		}
		if whole && got != want {
			t.Fatalf("%d of %d records were told of", got, want)
		}
	})
}

func accounted(t *testing.T, read reader, file []byte) (told int, whole bool) {
	t.Helper()
	next := 1
	err := read(strings.NewReader(string(file)), domain.ReadOptions{Assets: domain.StandardAssets()}, func(item domain.Item) error {
		line := 0
		switch item := item.(type) {
		case domain.Row:
			line = item.Movement.Evidence.Line
			if wrong := domain.CheckMovement(item.Movement); wrong != nil || item.Movement.SourceID == "" {
				t.Fatalf("%+v: %v", item.Movement, wrong)
			}
		case domain.Reject:
			line = item.Evidence.Line
			if item.Reason == "" {
				t.Fatal("a rejection without a reason")
			}
		case domain.Noise:
			line = item.Line
		default:
			return nil
		}
		if line < next {
			t.Fatalf("line %d is told of after line %d", line, next-1)
		}
		next = line + 1
		told++
		return nil
	})
	if err != nil && domain.ClassOf(err) != domain.ClassUsage {
		t.Fatalf("reading bytes failed: %v", err)
	}
	return told, err == nil
}
