package importers_test

import (
	"bytes"
	"fmt"
	"runtime"
	"syscall"
	"testing"
	"time"

	"clew/domain"
	"clew/importers"
)

// shape is how a file of a format is made: what comes before its rows, each
// row by its number, and what comes after them.
type shape struct {
	format string
	head   string
	row    func(i int) string
	tail   string
}

// day is when row i happened: time goes on, as in a statement.
func day(i int) time.Time {
	return time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * time.Minute)
}

func hash(i int) string { return fmt.Sprintf("%064x", i+1) }

// shapes are the formats in which one row is like another. Accounts repeat
// after a few thousand rows, the rows' own ids never.
var shapes = []shape{
	{"clew", "time,from,to,amount,asset,id\n", func(i int) string {
		return fmt.Sprintf("%s,bank:%d,bank:%d,%d.%02d,EUR,TX-%d\n", day(i).Format(time.RFC3339), i%4999, i%3001, i%900+1, i%100, i)
	}, ""},
	{"clew", "", func(i int) string {
		return fmt.Sprintf(`{"time":%q,"from":"bank:%d","to":"bank:%d","amount":"%d.%02d","asset":"EUR","id":"TX-%d"}`+"\n", day(i).Format(time.RFC3339), i%4999, i%3001, i%900+1, i%100, i)
	}, ""},
	{"camt", `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><Stmt><Id>S1</Id><Acct><Id><Othr><Id>77-100</Id></Othr></Id></Acct>` + "\n", func(i int) string {
		return fmt.Sprintf(`<Ntry><Amt Ccy="EUR">%d.%02d</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%s</Dt></BookgDt><NtryDtls><TxDtls><Refs><EndToEndId>E-%d</EndToEndId></Refs><RltdPties><DbtrAcct><Id><Othr><Id>%d</Id></Othr></Id></DbtrAcct></RltdPties></TxDtls></NtryDtls></Ntry>`+"\n",
			i%900+1, i%100, day(i).Format(time.DateOnly), i, i%4999)
	}, "</Stmt></BkToCstmrStmt></Document>\n"},
	{"mt940", ":20:STARTUMS\r\n:25:12345678/1020304050\r\n:28C:1/1\r\n:60F:C200101EUR1000,00\r\n", func(i int) string {
		return fmt.Sprintf(":61:%sC%d,%02dNTRFE-%d\r\n:86:166?00TRANSFER?20SVWZ+PAYMENT %d?31%010d?32PAYER\r\n", day(i).Format("060102"), i%900+1, i%100, i, i, i%4999)
	}, "-\r\n"},
	{"etherscan", `"Txhash","Blockno","UnixTimestamp","DateTime (UTC)","From","To","ContractAddress","Value_IN(ETH)","Value_OUT(ETH)","CurrentValue @ $2527/Eth","TxnFee(ETH)","TxnFee(USD)","Historical $Price/Eth","Status","ErrCode","Method"` + "\n", func(i int) string {
		return fmt.Sprintf(`"0x%s","4255150","%d","%s","0x%040x","0x%040x","","0.5","0","1","0.001","1","303","","","Transfer"`+"\n", hash(i), day(i).Unix(), day(i).Format(time.DateTime), i%4999+1, i%3001+1)
	}, ""},
	{"trongrid", `{"success":true,"data":[` + "\n", func(i int) string {
		return fmt.Sprintf(`{"block_timestamp":%d,"value":"%d","type":"Transfer","transaction_id":"%s","from":"TM1zzNDZD2DPASbKcgdVoTYhfmYgtfwx9D","to":"TXJTFuXzfoPbWKCnw47AYxMzgVPUyhJGRd","token_info":{"address":"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t","name":"Tether USD","symbol":"USDT","decimals":6}},`+"\n", day(i).UnixMilli(), i+1, hash(i))
	}, `{"block_timestamp":1592757066000,"value":"1","type":"Transfer","transaction_id":"` + hash(1<<40) + `","from":"TM1zzNDZD2DPASbKcgdVoTYhfmYgtfwx9D","to":"TXJTFuXzfoPbWKCnw47AYxMzgVPUyhJGRd","token_info":{"address":"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t","name":"Tether USD","symbol":"USDT","decimals":6}}]}`},
	{"n26", "Datum,Empfänger,Kontonummer,Transaktionstyp,Verwendungszweck,Kategorie,Betrag (EUR),Betrag (Fremdwährung),Fremdwährung,Wechselkurs\n", func(i int) string {
		return fmt.Sprintf("%s,Payee,ACC%d,Transfer,Payment %d,,-%d.%02d,,,\n", day(i).Format(time.DateOnly), i%4999, i, i%900+1, i%100)
	}, ""},
	{"typed", "own,asset,page,row,date,account,in,out,balance,ref,text\nbank:77-100,EUR,1,opens,,,,,0.00,,\n", func(i int) string {
		return fmt.Sprintf(",,1,,%s,bank:%d,%d.%02d,,,R%d,Payment\n", day(i).Format(time.DateOnly), i%4999, i%900+1, i%100, i)
	}, ""},
	{"usdt-freezes", "event_name,txhash,log_index,timestamp,contract_address,_user,_blackListedUser,_balance\n", func(i int) string {
		return fmt.Sprintf("AddedBlackList,0x%s,7,%s,0xdac17f958d2ee523a2206206994597c13d831ec7,0x%040x,,\n", hash(i), day(i).Format("2006-01-02T15:04:05"), i+1)
	}, ""},
}

func (s shape) file(rows int) []byte {
	text := []byte(s.head)
	for i := range rows {
		text = append(text, s.row(i)...)
	}
	return append(text, s.tail...)
}

// BenchmarkRead reads files of every format in two sizes, ten times apart: the
// processor time of a row should be the same in both.
func BenchmarkRead(b *testing.B) {
	for _, s := range shapes {
		for _, rows := range []int{10_000, 100_000} {
			b.Run(fmt.Sprintf("format=%s-%c/rows=%dk", s.format, (s.head + "{")[0], rows/1000), func(b *testing.B) { benchmarkRead(b, s, rows) })
		}
	}
}

func benchmarkRead(b *testing.B, s shape, rows int) {
	format, err := importers.Find(s.format)
	if err != nil {
		b.Fatal(err)
	}
	text, options := s.file(rows), domain.ReadOptions{Assets: domain.StandardAssets(), Account: "bank:77-100"}
	held := held(b, format, text, options, rows)
	b.SetBytes(int64(len(text)))
	before := spent()
	for b.Loop() {
		read := 0
		err := format.Read(bytes.NewReader(text), options, func(item domain.Item) error {
			switch item.(type) {
			case domain.Row, domain.FreezeNews:
				read++
			}
			return nil
		})
		if err != nil || read < rows {
			b.Fatal(read, err)
		}
	}
	b.ReportMetric(float64((spent()-before).Nanoseconds())/float64(rows*b.N), "cpu-ns/row")
	b.ReportMetric(float64(held)/(1<<20), "held-MiB")
}

// held is what lies in memory when the last row is read, beside the file.
func held(b *testing.B, format importers.Format, text []byte, options domain.ReadOptions, rows int) int64 {
	memory := func() int64 {
		var now runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&now)
		return int64(now.HeapAlloc)
	}
	before, most, read := memory(), int64(0), 0
	err := format.Read(bytes.NewReader(text), options, func(domain.Item) error {
		if read++; read == rows {
			most = memory() - before
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	return most
}

// spent is the processor time of this process so far, user and system.
func spent() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
