package indicators_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"clew/domain"
	"clew/indicators"
	"clew/tracing"
)

var update = flag.Bool("update", false, "write what is found into testdata/*.txt")

// A story is two cases in testdata/NAME.txt: one in which the indicator of that
// name must fire at M, and its innocent twin, in which it must not. A line is
// a payment, "2024-03-01T10:00:00Z V1 -> M 100.00", in EUR, or what people say,
// "describe M coerced". What follows ---- is written by -update.
func TestEveryIndicatorHasAStoryAndAnInnocentTwin(t *testing.T) {
	for _, name := range indicators.Names() {
		t.Run(name, func(t *testing.T) {
			file := "testdata/" + name + ".txt"
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			cases := strings.Split(string(text), "\ncase ")
			if len(cases) != 3 {
				t.Fatalf("%s tells %d cases: a mule and an innocent twin are needed", file, len(cases)-1)
			}
			for i, one := range cases[1:] {
				steps, _, _ := strings.Cut(one, "----\n")
				found := look(t, name, steps)
				if fired := len(found) > 0; fired != (i == 0) {
					t.Errorf("case %d: fired %v", i+1, fired)
				}
				cases[i+1] = strings.TrimRight(steps, "\n") + "\n----\n" + told(found)
			}
			keep(t, file, string(text), strings.Join(cases, "\ncase "))
		})
	}
}

func keep(t *testing.T, file, old, now string) {
	t.Helper()
	if old == now {
		return
	}
	if !*update {
		t.Fatalf("%s is told otherwise now (-update writes it):\n%s", file, now)
	}
	if err := os.WriteFile(file, []byte(now), 0o644); err != nil {
		t.Fatal(err)
	}
}

// look gives what one indicator finds at M.
func look(t *testing.T, name, steps string) []indicators.Finding {
	t.Helper()
	accounts := map[domain.AccountID]tracing.Account{}
	book := indicators.NewBook(accounts)
	for n, line := range strings.Split(strings.TrimSpace(steps), "\n")[1:] {
		words := strings.Fields(line)
		if words[0] == "describe" {
			accounts[domain.AccountID(words[1])] = tracing.Account{Coerced: words[2] == "coerced", Innocent: words[2] == "innocent", Victim: domain.VictimID(strings.Join(words[3:], ""))}
			continue
		}
		amount, err := domain.ParseAmount(words[4], domain.Asset{Code: "EUR", Digits: 2})
		when, wrong := domain.ParseWhen(words[0])
		if err != nil || wrong != nil {
			t.Fatal(line, err, wrong)
		}
		row := tracing.Row{Position: uint64(n + 1)}
		row.ID, row.Kind, row.When = domain.MovementID(fmt.Sprintf("m%d", n+1)), domain.Transfer, when
		row.From, row.To, row.Amount = domain.AccountID(words[1]), domain.AccountID(words[3]), amount
		book.Add(&row)
	}
	found, err := book.Findings(indicators.Ask{Thresholds: indicators.Standard(), Indicator: name, Account: "M"})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func told(list []indicators.Finding) string {
	if len(list) == 0 {
		return "nothing\n"
	}
	text := ""
	for _, f := range list {
		text += fmt.Sprintf("%s@%d at %s in %s, strength %d: %s\n", f.Indicator, f.Version, f.Account, f.Asset.Code, f.Strength, f.Says)
		text += fmt.Sprintf("shown by %v\n", f.Movements)
		if f.Recognised != "" {
			text += fmt.Sprintf("recognised: %s\n", f.Recognised)
		}
	}
	return text
}

func TestAnUnknownIndicatorAndAHalfFileAreRefused(t *testing.T) {
	for _, name := range []string{"nothing", "fan-in@9", "fan-in@x"} {
		if _, err := indicators.Find(name); err == nil {
			t.Errorf("%s is taken for an indicator", name)
		}
	}
	for _, text := range []string{"", "- {indicator: fan-in, name: payers, value: 5, source: x}", "- {indicator: none, name: x, value: 1, source: x}"} {
		if _, err := indicators.ParseThresholds([]byte(text)); err == nil {
			t.Errorf("%q is taken for a whole file of thresholds", text)
		}
	}
}
