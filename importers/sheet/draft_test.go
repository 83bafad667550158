package sheet

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// wallet is a statement of mobile money as nobody has mapped it yet (invented).
const wallet = `Statement of 254722999888
Receipt No.,Completion Time,Details,Transaction Status,Paid In,Withdrawn,Balance
RKA1,2024-05-02 10:14:22,Funds received from 254700111222,Completed,"45,000.00",,"45,230.50"
RKA2,2024-05-02 10:20:03,Customer Transfer to 254711000333,Completed,,"-30,000.00","15,230.50"
RKA3,2024-05-02 10:20:03,Customer Transfer Charge,Completed,,-105.00,"15,125.50"
RKA4,2024-05-02 10:31:40,Withdrawal at till 55501,Completed,,"-15,000.00",125.50
`

// Every sample of a real bank gets the draft that stands in testdata/draft, and
// each draft is a mapping file but for what it asks.
func TestDraftsOfSamples(t *testing.T) {
	for name := range samples {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			keep(t, filepath.Join("testdata/draft", name+".yaml"), drafted(t, string(text), name))
		})
	}
}

// drafted is a table's draft. It lacks nothing as a mapping but what it asks.
func drafted(t testing.TB, table, name string) string {
	t.Helper()
	draft, likely, err := Draft(strings.NewReader(table), name, "")
	if err != nil {
		t.Fatal(err)
	}
	_, err = parseMapping([]byte(draft))
	if likely != strings.Contains(draft, "\n  date: ") {
		t.Errorf("likely a table: %v\n%s", likely, draft)
	}
	if asks := strings.Contains(draft, "# ?"); err != nil && !(asks && strings.Contains(err.Error(), "missing")) {
		t.Errorf("the draft is no mapping file: %v\n%s", err, draft)
	}
	return draft
}

func TestADraftReadsTheTableOnceItsQuestionsAreAnswered(t *testing.T) {
	draft := drafted(t, wallet, "mobile.csv")
	for _, want := range []string{"date: Completion Time", "in: Paid In", "out: Withdrawn", "balance: Balance", "id: Receipt No.",
		"dates: YYYY-MM-DD hh:mm:ss", `grouping: ","`, "out_negative: true", "# ? zone", "# ? asset", "are not booked: Completed"} {
		if !strings.Contains(draft, want) {
			t.Errorf("the draft lacks %q:\n%s", want, draft)
		}
	}
	becomes(t, draft+"zone: Africa/Nairobi\nasset: KES\n", wallet, "!reject", "!warning",
		"transfer 2024-05-02T07:14:22Z ? -> bank:own 45000.00 KES", "transfer 2024-05-02T07:31:40Z bank:own -> ? 15000.00 KES", "balance 2024-05-01 ? -> bank:own 230.50 KES")
}

// A day before the thirteenth may be read in two ways: the draft says so, and
// does not where both ways say the same.
func TestADraftAsksWhichOfDayAndMonthComesFirst(t *testing.T) {
	head := "Date,Text,Amount (EUR)\n"
	for days, asked := range map[string]bool{"03/04/2024": true, "03/14/2024": false, "04/04/2024": false, "2024-04-03": false} {
		draft := drafted(t, head+days+",a,1.00\n"+days+",b,-2.00\n", "x.csv")
		if strings.Contains(draft, "could also be") != asked {
			t.Errorf("%s:\n%s", days, draft)
		}
		if !strings.Contains(draft, "asset: EUR\n") || strings.Contains(draft, "? asset") {
			t.Errorf("the heading's currency is not taken:\n%s", draft)
		}
	}
}

// A column that is empty so far is taken for one side only where the other
// side is there and no signed amount is.
func TestADraftPrefersTheSignedAmount(t *testing.T) {
	draft := drafted(t, "Date;Amount;Credit;Debit\n2024-01-05;-1,50;;\n2024-01-06;7,00;7,00;\n", "x.csv")
	if !strings.Contains(draft, "amount: Amount") || strings.Contains(draft, "in: Credit") {
		t.Errorf("%s", draft)
	}
	draft = drafted(t, "Date;Credit;Debit\n2024-01-05;;1,50\n2024-01-06;;7,00\n", "x.csv")
	if !strings.Contains(draft, "in: Credit") || !strings.Contains(draft, "out: Debit") || !strings.Contains(draft, `decimal: ","`) {
		t.Errorf("%s", draft)
	}
}

func TestWhatIsNoTableGetsADraftOfQuestions(t *testing.T) {
	for _, table := range []string{"", "hello\n", "a,b,c\n", "\n\n;;;\n"} {
		draft := drafted(t, table, "x.txt")
		for _, want := range []string{"# ? columns", "# ? dates", "# ? asset"} {
			if !strings.Contains(draft, want) {
				t.Errorf("%q lacks %s:\n%s", table, want, draft)
			}
		}
	}
}

// Whatever the table has in its headings, the draft is a mapping file that says
// what it lacks, or one that can be used.
func FuzzDraft(f *testing.F) {
	for _, seed := range []string{wallet, "Date,Amount: x\n2024-01-05,1\n", "a\tb\tc\n1\t2\t3\n", "\"D\nate\";Betrag;#\n01.02.2024;-1,5;'\n", "\xff\xfe,;|"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, table []byte) {
		if bytes.HasPrefix(table, workbookMark) || bytes.HasPrefix(table, compoundMark) {
			return // FuzzWorkbook opens those
		}
		drafted(t, string(table), "fuzz.csv")
	})
}
