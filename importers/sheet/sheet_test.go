package sheet

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"

	"clew/domain"
)

// plainMapping is the smallest mapping there is.
const plainMapping = "columns: {date: Date, amount: Amount}\ndates: YYYY-MM-DD\nasset: EUR\n"

// becomes checks that a table becomes rows, rejections and warnings that
// contain each of the wanted texts, and none of those that begin with "!".
func becomes(t *testing.T, mapping, table string, want ...string) {
	t.Helper()
	said, err := of(t, mapping, table)
	if err != nil {
		said = append(said, "error "+err.Error())
	}
	all := strings.Join(said, "\n")
	for _, w := range want {
		if without, not := strings.CutPrefix(w, "!"); strings.Contains(all, without) == not {
			t.Errorf("want %q in\n%s", w, all)
		}
	}
}

func TestTheSignSaysWhichWay(t *testing.T) {
	table := "Date,Amount\n2024-01-05,-8.50\n2024-01-06,3\n"
	becomes(t, plainMapping, table, "!1 noise", "2 transfer 2024-01-05 bank:own -> ? 8.50 EUR", "3 transfer 2024-01-06 ? -> bank:own 3.00 EUR")
	becomes(t, plainMapping+"positive: out\n", table, "2 transfer 2024-01-05 ? -> bank:own 8.50", "3 transfer 2024-01-06 bank:own -> ? 3.00")
}

func TestAmountsInAndOutInColumnsOfTheirOwn(t *testing.T) {
	mapping := "columns: {date: Date, in: In, out: Out}\ndates: YYYY-MM-DD\nasset: EUR\n"
	table := "Date,In,Out\n2024-01-05,8.50,\n2024-01-05,,8.50\n2024-01-05,0.00,7\n2024-01-05,6,0\n2024-01-05,1,2\n2024-01-05,,\n2024-01-05,-1,\n2024-01-05,0,0\n"
	becomes(t, mapping, table, "2 transfer 2024-01-05 ? -> bank:own 8.50", "3 transfer 2024-01-05 bank:own -> ? 8.50", "bank:own -> ? 7.00", "? -> bank:own 6.00",
		"6 reject amount: stands in both columns", "7 reject amount: is missing", "8 reject amount: has a sign", "9 transfer 2024-01-05 bank:own -> ? 0.00")
	becomes(t, mapping+"out_negative: true\n", "Date,In,Out\n2024-01-05,,-8.50\n2024-01-05,,8.50\n", "2 transfer 2024-01-05 bank:own -> ? 8.50", "3 reject amount: has a sign")
}

func TestTheDirectionInWords(t *testing.T) {
	mapping := "columns: {date: Date, amount: Amount, direction: DC}\ndirection: {in: [C, CR], out: [D, '']}\ndates: YYYY-MM-DD\nasset: EUR\n"
	becomes(t, mapping, "Date,Amount,DC\n2024-01-05,1,CR\n2024-01-05,2,D\n2024-01-05,3,\n2024-01-05,4,X\n2024-01-05,-5,D\n",
		"? -> bank:own 1.00", "bank:own -> ? 2.00", "bank:own -> ? 3.00", `5 reject direction: is "X"`, "6 reject amount: is negative")
}

func TestNumbersAsPeopleWriteThem(t *testing.T) {
	for _, c := range []struct{ keys, cell, want string }{
		{"", "1234.50", "1234.50"}, {"", "+1234.5", "1234.50"}, {"", "-1234.5", "1234.50"}, {"", "1234.5-", "1234.50"}, {"", "(1234.50)", "1234.50"},
		{"", "\u22121234.50", "1234.50"}, {"", "1.000", "1.00"}, {"", " 12 ", "12.00"}, {"", ".50", "0.50"}, {"", "12.", "12.00"},
		{"grouping: ','", "1,234,567.89", "1234567.89"}, {"grouping: ','", "12,34,567.89", "1234567.89"}, {"grouping: ','", "1234.50", "1234.50"},
		{"decimal: ','\ngrouping: .", "1.234,50", "1234.50"}, {"decimal: ','\ngrouping: ' '", "1\u00a0234,50", "1234.50"}, {"decimal: ','\ngrouping: ' '", "1\u202f234", "1234.00"},
		{"grouping: \"'\"", "1'234.50", "1234.50"}, {"grouping: \"'\"", "1’234.50", "1234.50"},
		{"", "1,234.50", "reject amount"}, {"decimal: ','", "1.5", "reject amount"}, {"grouping: ','", "1,23", "reject amount"}, {"grouping: ','", "1,2345", "reject amount"},
		{"", "1.234", "reject amount"}, {"", "1e5", "reject amount"}, {"", "£5", "reject amount"}, {"", "--5", "reject amount"}, {"", "-", "reject amount"},
		{"", "1.2.3", "reject amount"}, {"", strings.Repeat("9", 60), "reject amount"}, {"", "=1+1", "reject amount"}, {"", "٣", "reject amount"},
	} {
		becomes(t, plainMapping+c.keys+"\n", "Date,Amount\n2024-01-05,\""+c.cell+"\"\n", c.want)
	}
}

// What was written as a number in some style is read as that number, whatever
// the style; and no style reads a tenth or a thousandfold of it.
func TestNumbersComeBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		style := rapid.SampledFrom([]numbers{{'.', 0}, {',', 0}, {'.', ','}, {',', '.'}, {',', ' '}, {'.', '\''}}).Draw(rt, "style")
		cents := rapid.Int64Range(-99_999_999_999, 99_999_999_999).Draw(rt, "cents")
		asset := domain.Asset{Code: "EUR", Digits: 2}
		exact := domain.Amount{Units: domain.NewUnits(cents), Asset: asset}
		got, err := style.amount(written(exact.String(), style), asset)
		if err != nil || got != exact {
			rt.Fatalf("%s in style %q is read as %s: %v", written(exact.String(), style), style, got, err)
		}
	})
}

func written(plain string, n numbers) string {
	sign, digits := "", plain
	if rest, negative := strings.CutPrefix(plain, "-"); negative {
		sign, digits = "-", rest
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	if n.grouping != 0 {
		for at := len(whole) - 3; at > 0; at -= 3 {
			whole = whole[:at] + string(n.grouping) + whole[at:]
		}
	}
	return sign + whole + string(n.decimal) + fraction
}

func TestDaysAndTimes(t *testing.T) {
	for _, c := range []struct{ keys, cell, want string }{
		{"dates: DD.MM.YYYY", "05.01.2024", "transfer 2024-01-05 "}, {"dates: D.M.YY", "5.1.24", "transfer 2024-01-05 "},
		{"dates: YYYYMMDD", "20240105", "transfer 2024-01-05 "}, {"dates: DD-MMM-YYYY", "05-Jan-2024", "transfer 2024-01-05 "},
		{"dates: YYYY.MM.DD.", "2024.01.05.", "transfer 2024-01-05 "}, {"dates: [YYYY-MM-DD, DD/MM/YYYY]", "05/01/2024", "transfer 2024-01-05 "},
		{"dates: YYYY-MM-DD", "2024-02-30", "reject time"}, {"dates: DD/MM/YYYY", "01/13/2024", "reject time"}, {"dates: YYYY-MM-DD", "", "reject time: is missing"},
		{"dates: YYYY-MM-DD hh:mm:ss\nzone: UTC", "2024-01-05 10:15:30", "transfer 2024-01-05T10:15:30Z"},
		{"dates: YYYY-MM-DD hh:mm:ss\nzone: +05:30", "2024-01-05 10:15:30", "transfer 2024-01-05T04:45:30Z"},
		{"dates: YYYY-MM-DD hh:mm\nzone: Europe/Amsterdam", "2024-07-05 10:15", "transfer 2024-07-05T08:15:00Z"},
		{"dates: YYYY-MM-DD hh:mm\nzone: Europe/Amsterdam", "2024-01-05 10:15", "transfer 2024-01-05T09:15:00Z"},
		{"dates: YYYY-MM-DD hh:mm\nzone: Europe/Amsterdam", "2024-10-27 02:30", "clocks were turned"},   // there twice
		{"dates: YYYY-MM-DD hh:mm\nzone: Europe/Amsterdam", "2024-03-31 02:30", "transfer 2024-03-31 "}, // never there
		{"dates: YYYY-MM-DD hh:mm\nzone: Europe/Amsterdam", "2024-10-27 03:30", "transfer 2024-10-27T02:30:00Z"},
		{"dates: YYYY-MM-DDThh:mm:ssZ", "2024-01-05T10:15:30.123Z", "transfer 2024-01-05T10:15:30.123Z"},
		{"dates: YYYY-MM-DDThh:mm:ssZ", "2024-01-05T10:15:30+01:00", "transfer 2024-01-05T09:15:30Z"},
		{"dates: YYYY-MM-DD hh:mm:ss ZZ\n", "2024-01-05 10:15:30 +0100", "transfer 2024-01-05T09:15:30Z"},
		{"dates: MM/DD/YYYY hh:mm AM\nzone: UTC", "01/05/2024 10:15 PM", "transfer 2024-01-05T22:15:00Z"},
		{"dates: YYYY-MM-DD hh:mm:ss", "2024-01-05 10:15:30", "transfer 2024-01-05 bank"}, // no zone
		{"dates: YYYY-MM-DD hh:mm:ss", "2024-01-05 10:15:30", "says no zone"},
		{"dates: YYYY-MM-DD hh:mm:ss\nzone: Europe/Amsterdam", "2024-01-05 00:00:00", "transfer 2024-01-05 bank"},
	} {
		becomes(t, "columns: {date: Date, amount: Amount}\nasset: EUR\n"+c.keys+"\n", "Date,Amount\n"+c.cell+",-1\n", c.want)
	}
}

func TestATimeInAColumnOfItsOwn(t *testing.T) {
	mapping := "columns: {date: Date, time: Time, amount: Amount}\ndates: YYYY-MM-DD\nasset: EUR\nzone: Asia/Bangkok\n"
	becomes(t, mapping, "Date,Time,Amount\n2024-01-05,10:15,-1\n2024-01-05,,-2\n2024-01-05,25:00,-3\n",
		"transfer 2024-01-05T03:15:00Z bank:own -> ? 1.00", "transfer 2024-01-05 bank:own -> ? 2.00", "4 reject time")
	becomes(t, mapping+"times: hh.mm\n", "Date,Time,Amount\n2024-01-05,10.15,-1\n", "2024-01-05T03:15:00Z")
}

func TestAccounts(t *testing.T) {
	mapping := "columns: {date: Date, amount: Amount, account: Own, counterparty: Other, bank: Bank}\ndates: YYYY-MM-DD\nasset: EUR\n"
	head := "Date,Amount,Own,Other,Bank\n"
	becomes(t, mapping, head+"2024-01-05,-1,NL91 ABNA 0417 1643 00,DE89370400440532013000,\n", "iban:NL91ABNA0417164300 -> iban:DE89370400440532013000")
	becomes(t, mapping, head+"2024-01-05,-1,77,532013000,37040044\n", "bank:77 -> bank:37040044/532013000")
	becomes(t, mapping, head+"2024-01-05,-1,,532013000,\n", "bank:own -> bank:532013000")
	becomes(t, mapping, head+"2024-01-05,-1,77,cash:till,\n", "bank:77 -> bank:cash:till") // a file cannot choose a kind
	becomes(t, mapping, head+"2024-01-05,-1,77,77,\n", "bank:77 -> ?")
	becomes(t, mapping+"counterparty_kind: as-written\n", head+"2024-01-05,-1,77,cash:till,\n", "bank:77 -> cash:till")
	becomes(t, mapping+"account_kind: vasp\ncounterparty_kind: eip155\n", head+"2024-01-05,-1,user7,1:0xABC,\n", "vasp:user7 -> eip155:1:0xabc")
	becomes(t, mapping+"counterparty_kind: iban\n", head+"2024-01-05,-1,77,DE88370400440532013000,\n", "reject counterparty")
	becomes(t, plainMapping+"account: vasp:house/user7\n", "Date,Amount\n2024-01-05,-1\n", "vasp:house/user7 -> ?")
	options := standard()
	options.Account, options.Map = "", []byte(plainMapping)
	if _, err := read(t, "Date,Amount\n2024-01-05,-1\n", options); err == nil || !strings.Contains(err.Error(), "--account") {
		t.Error(err)
	}
	options.Map = []byte(mapping)
	said, err := read(t, head+"2024-01-05,-1,,532013000,\n2024-01-05,-2,77,,\n", options)
	if all := strings.Join(said, "\n"); err != nil || !strings.Contains(all, "2 reject account: is missing") || !strings.Contains(all, "bank:77 -> ? 2.00") {
		t.Error(all, err)
	}
}

func TestWhoTellsIt(t *testing.T) {
	table := "Date,Amount\n2024-01-05,-1\n"
	becomes(t, plainMapping, table, "source=mapped bank:own")
	becomes(t, plainMapping+"name: mybank\n", table, "source=mybank bank:own")
	becomes(t, plainMapping+"source: My Bank\n", table, "source=My Bank")
	options := standard()
	options.Source, options.Map = "Example Bank", []byte(plainMapping+"source: My Bank\n")
	if said, _ := read(t, table, options); !strings.Contains(said[0], "source=Example Bank") {
		t.Error(said)
	}
}

func TestReferencesIdsAndNotes(t *testing.T) {
	mapping := "columns: {date: Date, amount: Amount, id: Id, ref: Ref, note: [Text, More]}\ndates: YYYY-MM-DD\nasset: EUR\n"
	becomes(t, mapping, "Date,Amount,Id,Ref,Text,More\n2024-01-05,-1,T1,E1,\"rent\nJanuary\",x\n2024-01-05,-1,T2,NOTPROVIDED,,\n", "ref=E1 id=T1 source=mapped bank:own note=rent January x", "id=T2 source")
	becomes(t, mapping, "Date,Amount,Id,Ref,Text,More\n2024-01-05,-1,"+strings.Repeat("x", domain.MaxReference+1)+",,,\n", "reject id")
}

func TestFees(t *testing.T) {
	mapping := "columns: {date: Date, amount: Amount, fee: Fee, fee_asset: FeeAsset, id: Id}\ndates: YYYY-MM-DD\nasset: EUR\n"
	head := "Date,Amount,Fee,FeeAsset,Id\n"
	becomes(t, mapping, head+"2024-01-05,-10,1,,T\n", "bank:own -> ? 10.00 EUR id=T fee=1.00")
	becomes(t, mapping, head+"2024-01-05,10,1,,T\n", "? -> bank:own 10.00 EUR id=T source", "bank:own -> sink:fees 1.00 EUR id=T fee")
	becomes(t, mapping, head+"2024-01-05,-10,0.001,BTC,T\n", "bank:own -> ? 10.00 EUR id=T source", "bank:own -> sink:fees 0.00100000 BTC")
	becomes(t, mapping, head+"2024-01-05,-10,0,,\n2024-01-05,-11,,,\n", "? 10.00 EUR source", "? 11.00 EUR source", "!fee")
	becomes(t, mapping, head+"2024-01-05,-10,-1,,\n", "reject fee")
	becomes(t, mapping+"fee_negative: true\n", head+"2024-01-05,-10,-1,,\n", "10.00 EUR fee=1.00")
	becomes(t, mapping+"fee_included: true\n", head+"2024-01-05,-10,1,,\n2024-01-06,10,1,,\n", "bank:own -> ? 9.00 EUR fee=1.00", "? -> bank:own 11.00 EUR", "bank:own -> sink:fees 1.00 EUR")
	becomes(t, mapping+"fee_included: true\n", head+"2024-01-05,-10,11,,\n", "reject fee: is more than the amount")
}

func TestAnExchangeIsAConversion(t *testing.T) {
	mapping := "columns: {date: Date, amount: Sold, asset: Asset, received: Bought, received_asset: Of}\naccount: vasp:user7\ndates: YYYY-MM-DD\n"
	head := "Date,Sold,Asset,Bought,Of\n"
	becomes(t, mapping, head+"2024-01-05,-100,EUR,0.002,BTC\n", "conversion 2024-01-05 vasp:user7 -> vasp:user7 100.00 EUR for 0.00200000 BTC")
	becomes(t, mapping, head+"2024-01-05,-100,EUR,,\n", "transfer 2024-01-05 vasp:user7 -> ?")
	becomes(t, mapping, head+"2024-01-05,100,EUR,0.002,BTC\n", "reject received")
	becomes(t, mapping, head+"2024-01-05,-100,EUR,0.002,XYZ\n", "reject received_asset")
}

func TestNoisePendingAndReturns(t *testing.T) {
	mapping := plainMapping + "noise: ['^Total', '^ \\|']\npending: {column: Amount, match: pending}\nreturns: 'storno'\n"
	becomes(t, mapping, "Date,Amount,Text\nTotal,5,\n2024-01-05,5 pending,\n2024-01-05,5,storno\n\n2024-01-06,-1,x\n",
		"2 noise", "3 noise", "4 return 2024-01-05 ? -> bank:own 5.00", "5 noise", "6 transfer", "1 rows are pending")
}

func TestTextOnTheRowBelow(t *testing.T) {
	mapping := "columns: {date: Date, amount: Amount, note: Text}\ndates: YYYY-MM-DD\nasset: EUR\ncontinues: true\n"
	becomes(t, mapping, "Date,Amount,Text\n,,above\n2024-01-05,-1,first\n,,goes on\n2024-01-06,-2,second\n", "2 noise", "4 noise", "note=first goes on", "note=second")
	becomes(t, strings.Replace(mapping, "continues: true", "", 1), "Date,Amount,Text\n2024-01-05,-1,first\n,,goes on\n", "3 reject time: is missing")
}

func TestCellsAreCleaned(t *testing.T) {
	mapping := plainMapping + "clean:\n  amount: [{find: '[A-Z£ ]', replace: ''}]\n  date: [{find: '^(\\d{4})(\\d\\d)(\\d\\d)$', replace: '$1-$2-$3'}]\n"
	becomes(t, mapping, "Date,Amount\n20240105,GBP £5.00\n", "transfer 2024-01-05 ? -> bank:own 5.00")
	ref := "columns: {date: Date, amount: Amount, ref: Text}\ndates: YYYY-MM-DD\nasset: EUR\nclean: {ref: [{pick: 'REF=(\\w+)'}]}\n"
	becomes(t, ref, "Date,Amount,Text\n2024-01-05,5,pay REF=A1 now\n2024-01-05,6,pay now\n", "5.00 EUR ref=A1", "6.00 EUR source")
}

func TestTheHeaderIsFoundBelowAPreamble(t *testing.T) {
	becomes(t, plainMapping, "sep=,\nAccount,77\n\nDate,Amount\n2024-01-05,-1\n", "1 noise", "2 noise", "3 noise", "!4 noise", "5 transfer")
	becomes(t, plainMapping+"skip: 1\n", "Date,Amount\nDate,Amount\n2024-01-05,-1\n", "1 noise", "!2 noise", "3 transfer")
	becomes(t, "columns: {date: 2, amount: 1}\nheader: false\nskip: 1\ndates: YYYY-MM-DD\nasset: EUR\n", "whatever\n-1,2024-01-05\n", "1 noise", "2 transfer")
	becomes(t, plainMapping, strings.Repeat("x\n", maxAbove)+"Date,Amount\n2024-01-05,-1\n", fmt.Sprint(maxAbove+2)+" transfer")
	becomes(t, plainMapping, strings.Repeat("x\n", maxAbove+1)+"Date,Amount\n2024-01-05,-1\n", "error", "no header")
}

func TestColumnsThatAreNotThereAreNamed(t *testing.T) {
	becomes(t, plainMapping, "Datum,Betrag\n", `error the table has no header`, `column "Date" (date) is not there`, `row 1`, `"Datum", "Betrag"`)
	becomes(t, plainMapping, "", "the table is empty")
	becomes(t, plainMapping, "Date,Amount,Amount\n", `two columns "Amount": name it by its number, 2 or 3`)
	becomes(t, strings.Replace(plainMapping, "amount: Amount", "amount: 3", 1), "Date,Amount,Amount\n2024-01-05,x,-1\n", "1.00 EUR")
	becomes(t, plainMapping+"pending: {column: Status, match: x}\n", "Date,Amount\n", `column "Status" is not there`)
}

func TestARowThatCannotBeReadCostsItself(t *testing.T) {
	becomes(t, plainMapping, "Date,Amount\n2024-01-05,\"-1\n2024-01-06,-2\n2024-01-07,-3,extra\n2024-01-08\n2024-01-09,-5\n",
		"2 reject line", "3 transfer", "4 reject line: has 3 cells", "5 reject amount: is missing", "6 transfer")
	becomes(t, plainMapping, "Date,Amount\n2024-01-05,\xff\n2024-01-06,-2\n", "2 reject line: is not UTF-8", "3 transfer")
	becomes(t, strings.Replace(plainMapping, "EUR", "ZZZ", 1), "Date,Amount\n2024-01-05,1\n", "reject asset: asset ZZZ is not in the register")
}

func TestEncodings(t *testing.T) {
	mapping := "columns: {date: Día, amount: Betrag}\ndates: YYYY-MM-DD\nasset: EUR\n"
	table := "Día,Betrag\n2024-01-05,-1\n"
	latin, _ := charmap.Windows1252.NewEncoder().String(table)
	wide, _ := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(table)
	becomes(t, mapping, "\ufeff"+table, "2 transfer")
	becomes(t, mapping+"encoding: windows-1252\n", latin, "2 transfer")
	becomes(t, mapping, latin, "error")
	becomes(t, mapping, wide, "2 transfer")
	becomes(t, strings.Replace(mapping, "Día", "Date", 1)+"delimiter: tab\n", "Date\tBetrag\n2024-01-05\t-1\n", "2 transfer")
}

func TestAMappingFileThatIsWrongSaysHow(t *testing.T) {
	for mapping, want := range map[string]string{
		"# nothing\n":                                                                          "is empty",
		"a: [":                                                                                 "is no YAML",
		"- a":                                                                                  "here stand keys",
		plainMapping + "colums: {}\n":                                                          `line 4: the key "colums" is not known`,
		plainMapping + "Decimal: ','\n":                                                        `do you mean "decimal"`,
		plainMapping + "asset: USD\n":                                                          `line 4: "asset" stands here twice`,
		plainMapping + "delimiter: ab\n":                                                       "one character, or tab",
		plainMapping + "encoding: klingon\n":                                                   `"encoding" is "klingon": write one of big5`,
		plainMapping + "decimal: ;\n":                                                          `write one of ., ,`,
		plainMapping + "grouping: .\n":                                                         "decimal and grouping are both",
		plainMapping + "order: random\n":                                                       "oldest-first, newest-first",
		plainMapping + "zone: Mars/Olympus\n":                                                  "is no time zone",
		plainMapping + "skip: -1\n":                                                            "is a number from 0",
		plainMapping + "skip: lots\n":                                                          "is a number from 0",
		plainMapping + "header: perhaps\n":                                                     "is true or false",
		plainMapping + "account: 'iban:XX1'\n":                                                 "is no valid IBAN",
		plainMapping + "account_kind: safe\n":                                                  "as-written, iban",
		plainMapping + "noise: '('\n":                                                          "is no regular expression",
		plainMapping + "noise: {column: A}\n":                                                  "has column and match",
		plainMapping + "noise: {colum: A}\n":                                                   `the key "colum" is not known in "noise"`,
		plainMapping + "clean: {amount: [{find: x}]}\n":                                        "has find and replace, or pick",
		plainMapping + "clean: {amount: [{pick: x}]}\n":                                        "pick needs a group",
		plainMapping + "clean: {price: []}\n":                                                  `"price" is no column`,
		plainMapping + "direction: {in: C, out: D}\n":                                          "go together",
		plainMapping + "direction: {in: C, up: D}\n":                                           `"up" is not known`,
		plainMapping + "direction: {in: C, out: C}\n":                                          "both in and out",
		plainMapping + "noise: '" + strings.Repeat("x", maxPattern+1) + "'\n":                  "more than 500",
		plainMapping + "noise: [" + strings.Repeat("x, ", maxList+1) + "]\n":                   "more than 100",
		plainMapping + "#" + strings.Repeat("x", maxMapping):                                   "more than 65536",
		"columns: {date: Date}\ndates: YYYY-MM-DD\nasset: EUR\n":                               "columns.amount is missing",
		"columns: {amount: A}\ndates: YYYY-MM-DD\nasset: EUR\n":                                "columns.date is missing",
		"columns: {date: D, amount: A}\nasset: EUR\n":                                          "dates is missing",
		"columns: {date: D, amount: A}\ndates: YYYY-MM-DD\n":                                   "the asset is missing",
		"columns: {date: D, amount: A, in: B}\ndates: YYYY-MM-DD\nasset: EUR\n":                "only one of the two",
		"columns: {date: D, amount: A, asset: B}\ndates: YYYY-MM-DD\nasset: EUR\n":             "only one of the two",
		"columns: {date: D, amount: A, account: B}\ndates: YYYY-MM-DD\nasset: EUR\naccount: x": "only one of the two",
		"columns: {date: D, amount: A, price: B}\ndates: YYYY-MM-DD\nasset: EUR\n":             `"price" is no column that can be named: they are date`,
		"columns: {date: D, amount: A, received: B}\ndates: YYYY-MM-DD\nasset: EUR\n":          "go together",
		"columns: {date: D, in: A, direction: B}\ndirection: {in: x}\ndates: YYYY\nasset: EUR": "goes with columns.amount only",
		"columns: {date: '', amount: A}\ndates: YYYY-MM-DD\nasset: EUR\n":                      "needs a heading",
		"columns: {date: D, amount: 0}\ndates: YYYY-MM-DD\nasset: EUR\n":                       "number from 1",
		"columns: {date: D, amount: [A, B]}\ndates: YYYY-MM-DD\nasset: EUR\n":                  "needs a text",
		"columns: {date: D, amount: A}\ndates: YYYY-QQ\nasset: EUR\n":                          `has "Q"`,
		"columns: {date: D, amount: 2}\nheader: false\ndates: YYYY-MM-DD\nasset: EUR\n":        "by number, from 1",
		"a: &a [x]\nb: *a\n":                                                                   "anchors and aliases",
	} {
		_, err := of(t, mapping, "Date,Amount\n")
		if err == nil || !strings.Contains(err.Error(), want) || domain.ClassOf(err) != domain.ClassUsage {
			t.Errorf("%.120q:\n%v\nwant %q", mapping, err, want)
		}
	}
}

func TestATableThatBeginsWithTheNewestIsTurnedAround(t *testing.T) {
	table := "Date,Amount,Balance\n2024-01-06,-4,6\n2024-01-05,-3,10\n2024-01-05,5,13\n2024-01-05,-2,8\n2024-01-04,10,10\n"
	mapping := "columns: {date: Date, amount: Amount, balance: Balance}\ndates: YYYY-MM-DD\nasset: EUR\n"
	for _, keys := range []string{"", "order: newest-first\n"} {
		said, err := of(t, mapping+keys, table)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, s := range said {
			if strings.Contains(s, "transfer 2024-01-05") {
				lines = append(lines, s[:1])
			}
		}
		all := strings.Join(said, "\n")
		if strings.Join(lines, "") != "543" || strings.Contains(all, "warning") {
			t.Errorf("the rows of one day come in the order %v\n%s", lines, all)
		}
		if !strings.Contains(all, "6 balance 2024-01-03 ? -> bank:own 0.00 EUR opens") || !strings.Contains(all, "2 balance 2024-01-06 ? -> bank:own 6.00 EUR") {
			t.Error(all)
		}
	}
	becomes(t, mapping+"order: oldest-first\n", table, "gap", "goes the other way")
	becomes(t, mapping+"balances: false\n", table, "!balance 2024")
}

func TestTheRunningBalanceDecidesWithinASingleDay(t *testing.T) {
	mapping := "columns: {date: Date, amount: Amount, balance: Balance}\ndates: YYYY-MM-DD\nasset: EUR\n"
	said, _ := of(t, mapping, "Date,Amount,Balance\n2024-01-05,-3,10\n2024-01-05,5,13\n")
	if all := strings.Join(said, "\n"); strings.Index(all, "3 transfer") > strings.Index(all, "2 transfer") || strings.Contains(all, "warning") {
		t.Error(all)
	}
	said, _ = of(t, mapping, "Date,Amount,Balance\n2024-01-05,5,13\n2024-01-05,-3,10\n")
	if all := strings.Join(said, "\n"); strings.Index(all, "3 transfer") < strings.Index(all, "2 transfer") || strings.Contains(all, "warning") {
		t.Error(all)
	}
	becomes(t, plainMapping, "Date,Amount\n2024-01-05,5\n2024-01-05,-3\n", "nothing says whether the oldest or the newest")
	becomes(t, plainMapping, "Date,Amount\n2024-01-05,5\n", "!warning")
}

func TestARunningBalanceThatBreaks(t *testing.T) {
	mapping := "columns: {date: Date, amount: Amount, balance: Balance}\ndates: YYYY-MM-DD\nasset: EUR\n"
	becomes(t, mapping, "Date,Amount,Balance\n2024-01-05,5,5\n2024-01-06,5,50\n2024-01-07,1,51\n", "3 warning the running balance 50.00 EUR", "gap 40.00 EUR", "2024-01-04 ? -> bank:own 0.00 EUR opens", "2024-01-07 ? -> bank:own 51.00")
	becomes(t, mapping, "Date,Amount,Balance\n2024-01-05,5,\n2024-01-06,5,10\n2024-01-07,1,\n2024-01-08,1,12\n", "!warning", "2024-01-04 ? -> bank:own 0.00 EUR opens", "2024-01-08 ? -> bank:own 12.00")
	becomes(t, mapping, "Date,Amount,Balance\n2024-01-05,5,5\n2024-01-06,x,10\n2024-01-07,1,11\n", "reject amount", "!running balance", "2024-01-07 ? -> bank:own 11.00")
	becomes(t, mapping, "Date,Amount,Balance\n2024-01-05,5,5\n2024-01-06,x,10\n", "!closing balance", "opening balance")
	becomes(t, mapping, "Date,Amount,Balance\n2024-01-05,5,n/a\n2024-01-06,5,10\n", "2 transfer", "running balance cannot be read")
	rows := "Date,Amount,Balance\n"
	for i := range maxBreaks + 10 {
		rows += fmt.Sprintf("2024-01-05,1,%d\n", i*i+7)
	}
	said, _ := of(t, mapping+"order: oldest-first\n", rows)
	if n := strings.Count(strings.Join(said, "\n"), "warning the running balance"); n != maxBreaks {
		t.Errorf("%d warnings of breaks, want at most %d", n, maxBreaks)
	}
}

func TestBalancesOfSeveralAccountsAndAssets(t *testing.T) {
	mapping := "columns: {date: Date, amount: Amount, asset: Asset, account: Account, balance: Balance, fee: Fee}\ndates: YYYY-MM-DD\n"
	becomes(t, mapping, "Date,Amount,Asset,Account,Balance,Fee\n2024-01-05,-10,EUR,A,89,1\n2024-01-05,5,USD,A,5,\n2024-01-05,7,EUR,B,7,\n2024-01-06,1,EUR,A,90,\n",
		"!warning", "bank:A 100.00 EUR opens", "bank:A 90.00 EUR", "bank:A 5.00 USD", "bank:B 0.00 EUR opens", "bank:B 7.00 EUR")
}

// However a table lists its rows, the movements come out in the same order and
// give the same balances, and a running balance that is right never breaks.
func TestBothOrdersSayTheSame(t *testing.T) {
	mapping := "columns: {date: Date, amount: Amount, balance: Balance, note: Text}\ndates: YYYY-MM-DD\nasset: EUR\n"
	rapid.Check(t, func(rt *rapid.T) {
		var rows []string
		balance, day := 0, 1
		for i := range rapid.IntRange(2, 12).Draw(rt, "rows") {
			day += rapid.IntRange(0, 2).Draw(rt, "days")
			amount := rapid.IntRange(1, 50).Draw(rt, "amount") * rapid.SampledFrom([]int{-1, 1}).Draw(rt, "sign")
			balance += amount
			rows = append(rows, fmt.Sprintf("2024-01-%02d,%d,%d,t%d\n", day, amount, balance, i))
		}
		forward := sequence(rt, mapping+"order: oldest-first\n", rows)
		slices.Reverse(rows)
		if backward := sequence(rt, mapping+"order: newest-first\n", rows); backward != forward {
			byDay(rt, forward, backward)
		}
	})
}

// byDay compares two readings day by day: the walk goes by the day first.
func byDay(rt *rapid.T, a, b string) {
	sorted := func(text string) []string {
		list := strings.Split(text, "\n")
		slices.SortStableFunc(list, func(x, y string) int { return strings.Compare(x[:min(10, len(x))], y[:min(10, len(y))]) })
		return list
	}
	if !slices.Equal(sorted(a), sorted(b)) {
		rt.Fatalf("oldest first:\n%s\nnewest first:\n%s", a, b)
	}
}

func sequence(rt *rapid.T, mapping string, rows []string) string {
	options := standard()
	options.Map = []byte(mapping)
	var said []string
	err := Read(strings.NewReader("Date,Amount,Balance,Text\n"+strings.Join(rows, "")), options, func(item domain.Item) error {
		switch i := item.(type) {
		case domain.Row:
			m := i.Movement
			said = append(said, fmt.Sprintf("%s %s %s %s %s", m.When, m.Kind, m.Amount, m.From, m.Note))
		case domain.Warning, domain.Reject:
			rt.Fatalf("%+v", i)
		}
		return nil
	})
	if err != nil {
		rt.Fatal(err)
	}
	return strings.Join(said, "\n")
}

func TestShippedLayoutsAreWhatTheTableSays(t *testing.T) {
	files, err := layouts.ReadDir("layouts")
	if err != nil || len(files) != len(shipped) || len(shipped) < 10 {
		t.Fatalf("%d files, %d layouts: %v", len(files), len(shipped), err)
	}
	for _, s := range shipped {
		m := s.mapping()
		if m.name != s.name || m.title != s.title || len(m.recognise) == 0 && m.fileName == nil {
			t.Errorf("%s: its file says %q, %q", s.name, m.name, m.title)
		}
		if _, err := os.Stat(filepath.Join("testdata", sampleOf(s.name))); err != nil {
			t.Errorf("%s has no sample: %v", s.name, err)
		}
	}
}

func sampleOf(layout string) string {
	for sample, by := range samples {
		if by == layout {
			return sample
		}
	}
	return "none"
}

func TestEverySampleIsRecognisedByItsOwnLayout(t *testing.T) {
	for name, by := range samples {
		text, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range Layouts() {
			sure := l.Detect(text, name)
			want := by == l.Name && l.Name != "at-raiffeisen"
			if (sure >= 80) != want {
				t.Errorf("%s: %s is %d sure", name, l.Name, sure)
			}
		}
		if Detect(text, name) != 0 {
			t.Errorf("%s is taken for a workbook", name)
		}
	}
	for _, l := range Layouts() {
		if sure := l.Detect([]byte("18.09.2017;x;18.09.2017;-33,87;EUR;;\n"), "elbi_umsaetze_2020.csv"); (sure == 10) != (l.Name == "at-raiffeisen") {
			t.Errorf("%s is %d sure by the name", l.Name, sure)
		}
	}
}

// docs/reference/mapping.md has every key of the mapping file.
func TestEveryKeyIsExplained(t *testing.T) {
	text, err := os.ReadFile("../../docs/reference/mapping.md")
	if err != nil {
		t.Fatal(err)
	}
	words := append(Keys(), encodingNames()...)
	for _, m := range marks {
		words = append(words, m.pattern)
	}
	for _, s := range shipped {
		words = append(words, s.name)
	}
	for _, word := range words {
		if !strings.Contains(string(text), "`"+word+"`") {
			t.Errorf("docs/reference/mapping.md does not explain `%s`", word)
		}
	}
}

// repeated is a file of n equal lines below a head.
type repeated struct {
	head, line string
	n          int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.head == "" && r.n > 0 {
		r.head = r.line
		r.n--
	}
	if r.head == "" {
		return 0, io.EOF
	}
	n := copy(p, r.head)
	r.head = r.head[n:]
	return n, nil
}

func TestMemoryIsFlat(t *testing.T) {
	options := standard()
	options.Map = []byte(plainMapping + "order: oldest-first\n")
	alive := func(n int) uint64 {
		rows, most := 0, uint64(0)
		err := Read(&repeated{"Date,Amount\n", "2024-01-05,-1\n", n}, options, func(item domain.Item) error {
			if _, ok := item.(domain.Row); ok {
				rows++
			}
			if rows == n-1 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = m.HeapAlloc
			}
			return nil
		})
		if err != nil || rows != n {
			t.Fatalf("%d rows of %d: %v", rows, n, err)
		}
		return most
	}
	if small, large := alive(1_000), alive(200_000); large > small+4<<20 {
		t.Errorf("%d bytes are alive after 1,000 rows and %d after 200,000", small, large)
	}
}

func TestTooManyRowsOfOneDay(t *testing.T) {
	options := standard()
	for n, refused := range map[int]bool{maxDay: false, maxDay + 1: true} {
		options.Map = []byte(plainMapping + "order: newest-first\n")
		err := Read(&repeated{"Date,Amount\n", "2024-01-05,-1\n", n}, options, func(domain.Item) error { return nil })
		if (err != nil) != refused {
			t.Errorf("%d rows of one day, newest first: %v", n, err)
		}
	}
	options.Map = []byte(plainMapping)
	rows := 0
	err := Read(&repeated{"Date,Amount\n", "2024-01-05,-1\n", maxDay + 5}, options, func(item domain.Item) error {
		if _, ok := item.(domain.Row); ok {
			rows++
		}
		return nil
	})
	if err != nil || rows != maxDay+5 {
		t.Errorf("%d rows: %v", rows, err)
	}
}

func TestMoreAccountsThanAreFollowed(t *testing.T) {
	options := standard()
	options.Map = []byte("columns: {date: 1, amount: 2, account: 3, balance: 4}\nheader: false\ndates: YYYY-MM-DD\nasset: EUR\norder: oldest-first\n")
	var table strings.Builder
	for i := range maxTracks + 2 {
		fmt.Fprintf(&table, "2024-01-05,1,%d,1\n", i)
	}
	rows, warnings := 0, 0
	err := Read(strings.NewReader(table.String()), options, func(item domain.Item) error {
		switch item.(type) {
		case domain.Row:
			rows++
		case domain.Warning:
			warnings++
		}
		return nil
	})
	if err != nil || rows != maxTracks+2+2*maxTracks || warnings != 1 {
		t.Errorf("%d rows, %d warnings: %v", rows, warnings, err)
	}
}

func TestErrorsArePassedOn(t *testing.T) {
	full := errors.New("disk full")
	options := standard()
	options.Map = []byte(plainMapping)
	if err := Read(strings.NewReader("Date,Amount\n2024-01-05,-1\n"), options, func(domain.Item) error { return full }); !errors.Is(err, full) {
		t.Error(err)
	}
	if err := Read(io.MultiReader(strings.NewReader("Date,Amount\n"), failing{full}), options, func(domain.Item) error { return nil }); !errors.Is(err, full) {
		t.Error(err)
	}
	if err := Read(failing{full}, options, func(domain.Item) error { return nil }); !errors.Is(err, full) {
		t.Error(err)
	}
	if _, err := read(t, "a,b\n", standard()); err == nil || !strings.Contains(err.Error(), "--map") || !strings.Contains(err.Error(), `"a", "b"`) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// FuzzRead asks that neither a mapping nor a table makes the reader panic,
// and that what it gives is well formed.
func FuzzRead(f *testing.F) {
	for name, by := range samples {
		table, _ := os.ReadFile(filepath.Join("testdata", name))
		mapping, err := os.ReadFile(filepath.Join("testdata", by))
		if err != nil {
			mapping, _ = layouts.ReadFile("layouts/" + by + ".yaml")
		}
		f.Add(mapping, table)
	}
	f.Add([]byte(plainMapping+"order: newest-first\ncontinues: true\n"), []byte("Date,Amount\n2024-01-05,\"(1.00)\"\n,,\n"))
	options := standard()
	f.Fuzz(func(t *testing.T, mapping, table []byte) {
		options.Map = mapping
		_ = Read(strings.NewReader(string(table)), options, func(item domain.Item) error {
			if row, ok := item.(domain.Row); ok {
				if m := row.Movement; m.When.IsZero() || !m.Amount.Given() || m.Evidence.Line < 1 || m.Source == "" {
					t.Errorf("half a row: %+v", m)
				}
			}
			return nil
		})
	})
}

// A shipped mapping is plain YAML that another reader of YAML reads as well.
func TestShippedLayoutsArePlainYAML(t *testing.T) {
	for _, s := range shipped {
		text, _ := layouts.ReadFile("layouts/" + s.name + ".yaml")
		var any map[string]any
		if err := yaml.Unmarshal(text, &any); err != nil || any["name"] != s.name {
			t.Errorf("%s: %v", s.name, err)
		}
	}
}
