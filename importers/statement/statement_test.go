package statement

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"clew/domain"
)

var eur = domain.Asset{Code: "EUR", Digits: 2}

func amount(t *testing.T, text string) domain.Amount {
	t.Helper()
	a, err := domain.ParseAmount(text, eur)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func day(t *testing.T, text string) domain.When {
	t.Helper()
	if text == "" {
		return domain.When{}
	}
	w, err := domain.ParseWhen(text)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// told runs a story, a line a step, and gives what the book said, a line an
// item. The steps: "begin NAME", "interim NAME", "opens DATE AMOUNT",
// "closes DATE AMOUNT", "carries-in …", "carries-out …", "entry DATE AMOUNT",
// "unread". A date "-" is none.
func told(t *testing.T, story string) string {
	t.Helper()
	var said []string
	book := NewBook(func(item domain.Item) error {
		said = append(said, show(item))
		return nil
	})
	for n, line := range strings.Split(strings.TrimSpace(story), "\n") {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if err := step(t, book, n+1, f); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(said, "\n")
}

func step(t *testing.T, book *Book, line int, f []string) error {
	t.Helper()
	stated := func(carried bool) Stated {
		return Stated{amount(t, f[2]), day(t, strings.Trim(f[1], "-")), domain.Evidence{Line: line}, carried}
	}
	switch f[0] {
	case "begin", "interim":
		return book.Begin(Head{f[1], "bank:1", "test", f[0] == "interim", line})
	case "opens", "carries-in":
		return book.Opening(stated(f[0] == "carries-in"))
	case "closes", "carries-out":
		return book.Closing(stated(f[0] == "carries-out"))
	case "entry":
		book.Booked(amount(t, f[2]), day(t, strings.Trim(f[1], "-")))
	case "unread":
		book.Unread(eur)
	default:
		t.Fatalf("no such step: %v", f)
	}
	return nil
}

func show(item domain.Item) string {
	switch i := item.(type) {
	case domain.Row:
		word := "closes"
		if i.Movement.Opens {
			word = "opens"
		}
		return fmt.Sprintf("%d %s %s %s", i.Movement.Evidence.Line, word, i.Movement.When, i.Movement.Amount)
	case domain.Noise:
		return fmt.Sprintf("%d noise", i.Line)
	case domain.Reject:
		return fmt.Sprintf("%d reject %s %s", i.Evidence.Line, i.Field, i.Reason)
	case domain.Warning:
		return fmt.Sprintf("%d warning %s", i.Line, i.Reason)
	}
	return "?"
}

func tell(t *testing.T, story, want string) {
	t.Helper()
	if got := told(t, story); got != strings.TrimSpace(want) {
		t.Errorf("the book says\n%s\nnot\n%s", got, strings.TrimSpace(want))
	}
}

func TestAStatementThatAddsUpIsTwoRows(t *testing.T) {
	tell(t, `
begin one
opens 2024-01-05 100.00
entry 2024-01-05 50.00
entry 2024-01-08 -20.00
closes 2024-01-08 130.00`, `
2 opens 2024-01-04 100.00
5 closes 2024-01-08 130.00`)
}

// In re Tydings (TRACING, G15): the bankruptcy court's own figures.
func TestGapOfTydings(t *testing.T) {
	said := told(t, `
begin one
opens 2019-06-01 518.27
entry 2019-06-10 21841.95
entry 2019-06-20 -13461.07
closes 2019-06-30 8939.15`)
	for _, want := range []string{"one of bank:1", "2019-06-01 to 2019-06-30", "gap 40.00 EUR", "8899.15", "8939.15"} {
		if !strings.Contains(said, want) {
			t.Errorf("the warning does not name %q:\n%s", want, said)
		}
	}
	if !strings.Contains(said, "5 closes 2019-06-30 8939.15") {
		t.Errorf("the stated closing was not kept:\n%s", said)
	}
}

func TestAnOpeningKeepsAnEarlierStatedDay(t *testing.T) {
	tell(t, "begin one\nopens 2023-12-29 1.00\nentry 2024-01-05 1.00\ncloses 2024-01-31 2.00",
		"2 opens 2023-12-29 1.00\n4 closes 2024-01-31 2.00")
}

func TestAClosingMovesToALaterEntry(t *testing.T) {
	tell(t, "begin one\nopens 2011-06-16 10.00\nentry 2011-07-21 -1.00\ncloses 2011-06-17 9.00",
		"2 opens 2011-06-16 10.00\n4 closes 2011-07-21 9.00")
	tell(t, "begin one\nopens 2024-01-01 10.00\nentry 2024-01-03T10:00:00Z -1.00\ncloses 2024-01-02 9.00",
		"2 opens 2024-01-01 10.00\n4 closes 2024-01-03T10:00:00Z 9.00")
}

func TestStatementsOfOneDayAreOneChain(t *testing.T) {
	tell(t, `
begin one
opens 2014-12-30 18.15
entry 2014-12-31 8.85
closes 2014-12-31 27.00
begin two
opens 2014-12-30 27.00
entry 2014-12-31 -7.00
closes 2014-12-31 20.00`, `
2 opens 2014-12-30 18.15
4 noise
6 noise
8 closes 2014-12-31 20.00`)
}

func TestStatementsOfFollowingDaysKeepEveryClosing(t *testing.T) {
	tell(t, `
begin one
opens 2024-01-01 10.00
entry 2024-01-02 1.00
closes 2024-01-02 11.00
begin two
opens 2024-01-02 11.00
entry 2024-01-03 1.00
closes 2024-01-03 12.00`, `
2 opens 2024-01-01 10.00
4 closes 2024-01-02 11.00
6 noise
8 closes 2024-01-03 12.00`)
}

func TestAMissingStatementBetweenTwoIsAGap(t *testing.T) {
	tell(t, `
begin one
opens 2024-01-01 10.00
closes 2024-01-02 10.00
begin two
opens 2024-02-01 25.00
closes 2024-02-02 25.00`, `
5 warning two of bank:1 opens with 25.00 EUR, but one closed with 10.00 EUR: gap 15.00 EUR; a statement or a page may be missing between them
2 opens 2024-01-01 10.00
3 closes 2024-01-02 10.00
5 opens 2024-02-01 25.00
6 closes 2024-02-02 25.00`)
}

func TestNewestStatementFirstIsNoGap(t *testing.T) {
	tell(t, `
begin two
opens 2024-01-02 11.00
entry 2024-01-03 1.00
closes 2024-01-03 12.00
begin one
opens 2024-01-01 10.00
entry 2024-01-02 1.00
closes 2024-01-02 11.00`, `
2 opens 2024-01-02 11.00
4 closes 2024-01-03 12.00
6 opens 2024-01-01 10.00
8 closes 2024-01-02 11.00`)
}

func TestPagesAreCheckedAndTheirBalancesAreNoise(t *testing.T) {
	tell(t, `
begin one
opens 2024-01-01 10.00
entry 2024-01-02 1.00
carries-out 2024-01-02 12.00
begin two
carries-in 2024-01-02 12.00
entry 2024-01-05 1.00
closes 2024-01-05 13.00`, `
4 warning one of bank:1, 2024-01-01 to 2024-01-02, does not add up: opening 10.00 EUR and 1 entry give 11.00, but the stated closing is 12.00 EUR: gap 1.00 EUR; look for a missing page or line, or ask for the statement again
2 opens 2024-01-01 10.00
4 noise
6 noise
8 closes 2024-01-05 13.00`)
}

func TestTheSameStatementTwiceIsNamed(t *testing.T) {
	said := told(t, strings.Repeat("begin one\nopens 2024-01-01 1.00\nentry 2024-01-02 1.00\ncloses 2024-01-02 2.00\n", 2))
	if !strings.Contains(said, "read twice") {
		t.Error(said)
	}
}

func TestAnInterimReportNeedsNoBalances(t *testing.T) {
	tell(t, "interim one\nentry 2024-01-02 1.00", "")
	tell(t, "begin one\nentry 2024-01-02 1.00",
		"1 warning one of bank:1, 2024-01-02 to 2024-01-02, states no opening and closing balance in EUR: it cannot be checked that no entry is missing")
}

func TestAStatementWithoutAnyDateCannotBePlaced(t *testing.T) {
	said := told(t, "begin one\nopens - 5.00\ncloses - 5.00")
	if strings.Count(said, "reject time") != 2 {
		t.Error(said)
	}
}

func TestASecondOpeningIsNoise(t *testing.T) {
	tell(t, "begin one\nopens 2024-01-01 1.00\nopens 2024-01-01 2.00\ncloses 2024-01-02 1.00", `
3 warning one of bank:1 states two opening balances, 1.00 EUR and 2.00 EUR: the first is taken; compare both with the document
3 noise
2 opens 2024-01-01 1.00
4 closes 2024-01-02 1.00`)
}

func TestASumBeyond128BitsIsSaid(t *testing.T) {
	var said []string
	book := NewBook(func(item domain.Item) error { said = append(said, show(item)); return nil })
	most := domain.Amount{Units: domain.UnitsFromWords(1<<63-1, 1<<64-1), Asset: eur}
	_ = book.Begin(Head{Name: "one", Account: "bank:1"})
	_ = book.Opening(Stated{Amount: most, When: day(t, "2024-01-01")})
	_ = book.Closing(Stated{Amount: most, When: day(t, "2024-01-01")})
	book.Booked(most, day(t, "2024-01-01"))
	if err := book.Close(); err != nil || !strings.Contains(strings.Join(said, "\n"), "does not fit 128 bits") {
		t.Errorf("%v %v", err, said)
	}
}

// Beyond the limit closings are recorded at once and nothing is lost.
func TestMoreAccountsThanCanBeHeld(t *testing.T) {
	rows := 0
	book := NewBook(func(item domain.Item) error {
		if _, ok := item.(domain.Row); ok {
			rows++
		}
		return nil
	})
	for i := range maxHeld + 1 {
		_ = book.Begin(Head{Name: "one", Account: domain.AccountID(fmt.Sprint("bank:", i))})
		_ = book.Closing(Stated{Amount: amount(t, "1.00"), When: day(t, "2024-01-01")})
	}
	if err := book.End(); err != nil || rows != 1 {
		t.Errorf("%d closings were recorded before the end, want the one beyond the limit (%v)", rows, err)
	}
	if err := book.Close(); err != nil || rows != maxHeld+1 {
		t.Errorf("%d closings were recorded, want %d", rows, maxHeld+1)
	}
}

// Whatever a document says, each stated balance becomes exactly one row,
// rejection or noise; and if every statement opens with what the one before
// closed with and adds up, nobody is warned and every recorded balance is
// what the entries until that moment give.
func TestEveryStatedBalanceIsAccountedFor(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		counts := map[string]int{}
		var rows []domain.Movement
		book := NewBook(func(item domain.Item) error {
			switch i := item.(type) {
			case domain.Row:
				rows = append(rows, i.Movement)
				counts["balance"]++
			case domain.Noise, domain.Reject:
				counts["balance"]++
			case domain.Warning:
				counts["warning"]++
			}
			return nil
		})
		stated, at := chain(rt, book)
		if err := book.Close(); err != nil {
			rt.Fatal(err)
		}
		if counts["balance"] != stated || counts["warning"] != 0 {
			rt.Fatalf("%d balances became %d items, with %d warnings", stated, counts["balance"], counts["warning"])
		}
		for _, m := range rows {
			if want := at(m.When); m.Amount.Units != want {
				rt.Fatalf("balance of %s at %s: the entries give %s", m.Amount, m.When, want)
			}
		}
	})
}

// chain tells the book of statements that add up. It gives how many balances
// were stated, and what the account held at the end of a day.
func chain(rt *rapid.T, book *Book) (stated int, at func(domain.When) domain.Units) {
	type moved struct {
		day   time.Time
		units domain.Units
	}
	now := domain.Date(2024, 1, 1)
	opening := rapid.Int64Range(-500, 500).Draw(rt, "opening")
	balance, entries := opening, []moved{}
	for range rapid.IntRange(1, 6).Draw(rt, "statements") {
		_ = book.Begin(Head{Name: "s", Account: "bank:1"})
		_ = book.Opening(Stated{Amount: domain.Amount{Units: domain.NewUnits(balance), Asset: eur}, When: now})
		for range rapid.IntRange(0, 4).Draw(rt, "entries") {
			now.Time = now.Time.Add(time.Duration(rapid.IntRange(0, 2).Draw(rt, "days")) * 24 * time.Hour)
			units := rapid.Int64Range(-300, 300).Draw(rt, "units")
			balance += units
			entries = append(entries, moved{now.Time, domain.NewUnits(units)})
			book.Booked(domain.Amount{Units: domain.NewUnits(units), Asset: eur}, now)
		}
		_ = book.Closing(Stated{Amount: domain.Amount{Units: domain.NewUnits(balance), Asset: eur}, When: now})
		stated += 2
	}
	return stated, func(w domain.When) domain.Units {
		sum := domain.NewUnits(opening)
		for _, e := range entries {
			if !e.day.After(w.Time) {
				sum = sum.Plus(e.units)
			}
		}
		return sum
	}
}

func TestAccountsAsDocumentsWriteThem(t *testing.T) {
	for text, want := range map[string]domain.AccountID{
		"NL91 ABNA 0417 1643 00": "iban:NL91ABNA0417164300",
		"NL91ABNA0417164301":     "bank:NL91ABNA0417164301",
		"12345678/1020304050":    "bank:12345678/1020304050",
		"cash:till":              "bank:cash:till",
		" ":                      "",
	} {
		if got := Account(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestAReferenceThatSaysNothingIsNone(t *testing.T) {
	for text, want := range map[string]string{
		"NOTPROVIDED": "", "notprovided": "", "NOT PROVIDED": "", "NONREF": "", " ": "", " INV 7 ": "INV 7",
		strings.Repeat("x", domain.MaxReference): strings.Repeat("x", domain.MaxReference), strings.Repeat("x", domain.MaxReference+1): "",
	} {
		if got := Reference(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestANoteIsOneLineAndBounded(t *testing.T) {
	if got := Note("a\nb", "\u202ec\u0000"); got != "a b c" {
		t.Errorf("%q", got)
	}
	if got := Note(strings.Repeat("ä", maxNote/2)); len(got) != maxNote {
		t.Errorf("a note of %d bytes was cut to %d", maxNote, len(got))
	}
	if got := Note("x" + strings.Repeat("ä", maxNote/2)); !strings.HasSuffix(got, "ä…") || len(got) > maxNote+len("…") {
		t.Errorf("a note one beyond is %d bytes", len(got))
	}
}

func TestNumbersThatMayBeOneAccount(t *testing.T) {
	for _, c := range []struct {
		a, b domain.AccountID
		want bool
	}{
		{"bank:TRIODOSBANK/0390123456", "bank:0390123456", true},
		{"bank:12345678/1020304050", "bank:1020304050", true},
		{"bank:1", "bank:2", false},
		{"iban:NL91ABNA0417164300", "bank:0417164300", false},
	} {
		if got := SameNumber(c.a, c.b); got != c.want {
			t.Errorf("%s and %s: %v", c.a, c.b, got)
		}
	}
}
