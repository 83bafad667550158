package typed

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"clew/domain"
)

func standard() domain.ReadOptions { return domain.ReadOptions{Assets: domain.StandardAssets()} }

func read(t testing.TB, text string, options domain.ReadOptions) (said []string, err error) {
	t.Helper()
	err = Read(strings.NewReader(text), options, func(item domain.Item) error {
		said = append(said, show(item))
		return nil
	})
	return said, err
}

func show(item domain.Item) string {
	switch i := item.(type) {
	case domain.Row:
		m := i.Movement
		text := fmt.Sprintf("%d %s %s %s -> %s %s %s %s", m.Evidence.Line, m.Kind, m.When, m.From, m.To, m.Amount, m.Amount.Asset.Code, m.Evidence.Page)
		if m.Opens {
			text += " opens"
		}
		return text + " ref=" + m.Ref + " source=" + m.Source + " note=" + m.Note
	case domain.Noise:
		return fmt.Sprintf("%d noise", i.Line)
	case domain.Reject:
		return fmt.Sprintf("%d reject %s: %s (%s)", i.Evidence.Line, i.Field, i.Reason, i.Evidence.Page)
	case domain.Warning:
		return fmt.Sprintf("%d warning %s", i.Line, i.Reason)
	}
	return "?"
}

// becomes checks that a table becomes items that contain each of the wanted
// texts, and none of those that begin with "!".
func becomes(t *testing.T, table string, want ...string) {
	t.Helper()
	said, err := read(t, table, standard())
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

const head = "own,asset,page,row,date,account,in,out,balance,ref,text\n"

func TestTwoPagesThatAddUp(t *testing.T) {
	becomes(t, head+`bank:77-100,EUR,1,opens,,,,,100.00,,
,,1,,2024-01-05,iban:DE89370400440532013000,,25.00,75.00,INV7,rent
,,1,,2024-01-06,,10.00,,85.00,,
,,1,closes,,,,,85.00,,
,,2,opens,,,,,85.00,,
,,2,,2024-01-06,cash:atm 7,,5.00,,,
,,2,closes,,,,,80.00,,
`, "!1 noise",
		"2 balance 2024-01-04  -> bank:77-100 100.00 EUR page 1 opens",
		"3 transfer 2024-01-05 bank:77-100 -> iban:DE89370400440532013000 25.00 EUR page 1 ref=INV7 source=typed bank:77-100 note=rent",
		"4 transfer 2024-01-06  -> bank:77-100 10.00 EUR page 1",
		"5 noise", "6 noise", // the day goes on on the next page
		"7 transfer 2024-01-06 bank:77-100 -> cash:atm 7 5.00 EUR page 2",
		"8 balance 2024-01-06  -> bank:77-100 80.00 EUR page 2", "!warning")
}

func TestASlipIsFoundOnItsPage(t *testing.T) {
	becomes(t, head+`bank:1,EUR,1,opens,,,,,100.00,,
,,1,,2024-01-05,,,25.00,,,
,,1,closes,,,,,75.00,,
,,2,opens,,,,,75.00,,
,,2,,2024-01-07,,,52.00,,,
,,2,closes,,,,,50.00,,
`, "7 warning page 2 of bank:1", "gap 27.00 EUR", "!page 1 of bank:1, ")
	becomes(t, head+`bank:1,EUR,1,opens,,,,,100.00,,
,,1,closes,2024-01-05,,,,75.00,,
,,2,opens,,,,,57.00,,
,,2,,2024-01-07,,,1.00,,,
,,2,closes,,,,,56.00,,
`, "page 1 of bank:1", "gap -25.00 EUR", "page 2 of bank:1 opens with 57.00 EUR, but page 1 closed with 75.00 EUR: gap -18.00 EUR")
}

func TestABalanceBesideAnEntryIsChecked(t *testing.T) {
	becomes(t, head+`bank:1,EUR,1,opens,,,,,100.00,,
,,1,,2024-01-05,,,25.00,57.00,,
,,1,,2024-01-05,,1.00,,58.00,,
,,1,,2024-01-05,,1.00,,x,,
,,1,,2024-01-05,,1.00,,60.00,,
,,1,closes,,,,,78.00,,
`, "3 warning page 1: the row above and this amount give 75.00, but the balance is typed as 57.00: gap -18.00 EUR", "5 warning page 1: the balance cannot be read", "!4 warning", "!6 warning")
}

func TestARowThatCannotBeReadCostsItself(t *testing.T) {
	becomes(t, head+`bank:1,EUR,1,opens,,,,,100.00,,
,,1,,2024-01-05,,,"25,00",,,
,,1,,2024-02-30,,,1.00,,,
,,1,,2024-01-05,,1,1,,,
,,1,,2024-01-05,,,,5,,
,,1,,2024-01-05,,,-1,,,
,,1,,,,,1,,,
,,1,,2024-01-05,iban:DE88370400440532013000,,1,,,
,,1,opened,2024-01-05,,,1,,,
,,1,opens,,,,,,,top
,,1,,2024-01-05,,,2.00,,,"
,,1,,2024-01-05,,,2.00,,,
,,1,closes,,,,,98.00,,
`, "3 reject out: amount \"25,00\" has grouping", "4 reject time", "5 reject amount: is needed in one", "6 reject amount: is needed in one", "7 reject amount: is negative", "8 reject time: is missing",
		"9 reject account", "10 reject row", "11 reject balance: is missing", "12 reject line", "13 transfer 2024-01-05 bank:1 ->  2.00 EUR page 1", "!gap")
}

func TestWhoseAndWhichCurrencyMustBeSaid(t *testing.T) {
	becomes(t, head+",EUR,1,,2024-01-05,,,1,,,\n", "reject own: is missing", "--account", "!warning")
	becomes(t, head+"bank:1,,1,,2024-01-05,,,1,,,\n", "reject asset: is missing")
	becomes(t, head+"bank:1,XYZ,1,,2024-01-05,,,1,,,\n", "reject asset: asset XYZ")
	becomes(t, head+"iban:XX1,EUR,1,,2024-01-05,,,1,,,\n", "reject own")
	options := standard()
	options.Account, options.Source = "bank:9", "Officer 7"
	said, err := read(t, head+",EUR,1,,2024-01-05,,,1,,,\n", options)
	if all := strings.Join(said, "\n"); err != nil || !strings.Contains(all, "bank:9 ->  1.00 EUR page 1 ref= source=Officer 7") {
		t.Error(all, err)
	}
}

func TestSeveralDocumentsInOneTable(t *testing.T) {
	becomes(t, head+`bank:1,EUR,1,opens,,,,,1.00,,
,,1,,2024-01-05,,1,,,,
,,1,closes,,,,,2.00,,
bank:2,USD,1,opens,,,,,5.00,,
,,1,,2024-01-05,,1,,,,
,,1,closes,,,,,6.00,,
`, "bank:1 2.00 EUR", "bank:2 5.00 USD page 1 opens", "bank:2 6.00 USD", "!warning")
}

func TestAPageWithoutANumberIsTheFirst(t *testing.T) {
	becomes(t, head+"bank:1,EUR,,opens,2024-01-05,,,,-10,,\n,,,closes,2024-01-06,,,,-10,,\n", "-10.00 EUR page 1 opens", "-10.00 EUR page 1", "!warning")
}

func TestAPageWithoutItsBalancesIsNamed(t *testing.T) {
	becomes(t, head+"bank:1,EUR,1,,2024-01-05,,1,,,,\n", "page 1 of bank:1", "states no opening and closing balance")
}

// The template is empty and reads as nothing; filled in, it is a statement.
func TestTheTemplate(t *testing.T) {
	said, err := read(t, Template(), standard())
	if all := strings.Join(said, "\n"); err != nil || strings.Count(all, "noise") != strings.Count(Template(), "\n")-1 || strings.Contains(all, "warning") {
		t.Errorf("%v\n%s", err, all)
	}
	if Detect([]byte(Template()), "x.csv") < 80 {
		t.Error("the template is not recognised")
	}
	for i, line := range strings.Split(strings.TrimSpace(Template()), "\n") {
		if n := strings.Count(line, ",") + 1; n != len(columns) {
			t.Errorf("line %d has %d cells, not %d", i+1, n, len(columns))
		}
	}
	filled := strings.Replace(Template(), ",,1,opens,,,,,,,", "bank:1,EUR,1,opens,,,,,10,,", 1)
	filled = strings.Replace(filled, ",,1,,,,,,,,", ",,1,,2024-01-05,,,4,,,", 1)
	filled = strings.Replace(filled, ",,1,closes,,,,,,,", ",,1,closes,,,,,6,,", 1)
	becomes(t, filled, "bank:1 10.00 EUR page 1 opens", "bank:1 ->  4.00 EUR page 1", "bank:1 6.00 EUR page 1", "!warning", "!reject")
}

func TestTheHeaderMustBeATypedTables(t *testing.T) {
	for table, want := range map[string]string{
		"":                             "the table is empty",
		"\n\n":                         "the table is empty",
		"page,row,date,in,out\n":       `the column "balance" is missing`,
		strings.TrimSpace(head) + ",x": `the column "x" is not known`,
	} {
		if _, err := read(t, table, standard()); err == nil || !strings.Contains(err.Error(), want) || domain.ClassOf(err) != domain.ClassUsage {
			t.Errorf("%q: %v", table, err)
		}
	}
	becomes(t, "\n\xef\xbb\xbf", "error")
	becomes(t, "Balance,OUT,in,date,row,page,asset,own\n,1.00,,2024-01-05,,1,EUR,bank:1\n", "1.00 EUR page 1")
}

func TestErrorsArePassedOn(t *testing.T) {
	full := errors.New("disk full")
	if err := Read(strings.NewReader(head+"\n"), standard(), func(domain.Item) error { return full }); !errors.Is(err, full) {
		t.Error(err)
	}
	if err := Read(io.MultiReader(strings.NewReader(head), failing{full}), standard(), func(domain.Item) error { return nil }); !errors.Is(err, full) {
		t.Error(err)
	}
	if err := Read(failing{full}, standard(), func(domain.Item) error { return nil }); !errors.Is(err, full) {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestDetect(t *testing.T) {
	if Detect([]byte("time,from,to,amount,asset\n"), "x.csv") != 0 || Detect([]byte("Date,In,Out,Balance\n"), "x.csv") != 0 || Detect(nil, "typed.csv") != 0 {
		t.Error("something else is taken for a typed table")
	}
}

func FuzzRead(f *testing.F) {
	f.Add(Template())
	f.Add(head + "bank:1,EUR,1,opens,,,,,10,,\n,,1,,2024-01-05,,,4,6,,\n,,1,closes,,,,,6,,\n")
	f.Add(head + "bank:1,EUR,,opens,2024-01-05,,,,-10,,\nbank:2,USD,2,,2024-01-05T10:00:00Z,x,1,,,,\n")
	options := standard()
	f.Fuzz(func(t *testing.T, table string) {
		_ = Read(strings.NewReader(table), options, func(item domain.Item) error {
			if row, ok := item.(domain.Row); ok {
				if m := row.Movement; m.When.IsZero() || !m.Amount.Given() || m.Evidence.Page == "" || m.Source == "" {
					t.Errorf("half a row: %+v", m)
				}
			}
			return nil
		})
	})
}
