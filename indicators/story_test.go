package indicators_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"clew/domain"
	"clew/indicators"
	"clew/tracing"
)

var update = flag.Bool("update", false, "write what is found into testdata/*.txt")

// A story is two cases in testdata/NAME.txt: one in which the indicator of that
// name must fire at M, and its innocent twin, in which it must not. A line is
// a payment, "2024-03-01T10:00:00Z V1 -> M 100.00", in EUR, with "by V1" after
// it if V1 reports it; "start" before the arrow stands for an opening balance;
// a transaction, in BTC, "2024-03-01T10:00:00Z M=1 A=2 -> B=2 C=0.9"; or what
// people say, "describe M country DE". What follows ---- is written by -update.
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
	said, rows := map[domain.AccountID]indicators.Said{}, []tracing.Row(nil)
	for n, line := range strings.Split(strings.TrimSpace(steps), "\n")[1:] {
		words := strings.Fields(line)
		if words[0] == "describe" {
			describe(t, said, words[1:])
			continue
		}
		when, err := domain.ParseWhen(words[0])
		if err != nil {
			t.Fatal(line, err)
		}
		row := tracing.Row{Position: uint64(n + 1)}
		row.ID, row.When = domain.MovementID(fmt.Sprintf("m%d", n+1)), when
		read(t, &row, words[1:])
		rows = append(rows, row)
	}
	book, accounts := indicators.NewBook(said), map[domain.AccountID]tracing.Account{}
	for i := range rows {
		book.Add(&rows[i])
	}
	for account, s := range said {
		accounts[account] = s.Account
	}
	if err := book.Trace(tracing.Input{Rows: rows, Accounts: accounts}); err != nil {
		t.Fatal(err)
	}
	found, err := book.Findings(indicators.Ask{Thresholds: indicators.Standard(), Indicator: name, Account: "M"})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// read reads a payment or a transaction.
func read(t *testing.T, row *tracing.Row, words []string) {
	t.Helper()
	arrow := slices.Index(words, "->")
	if strings.Contains(words[0], "=") {
		row.Kind, row.Inputs, row.Outputs = domain.Hop, legs(t, words[:arrow]), legs(t, words[arrow+1:])
		return
	}
	row.Kind, row.From, row.To = domain.Transfer, domain.AccountID(words[0]), domain.AccountID(words[2])
	row.Amount = amount(t, words[3], domain.Asset{Code: "EUR", Digits: 2})
	if row.From == "start" {
		row.Kind, row.From = domain.Opening, ""
	}
	if len(words) == 6 && words[4] == "by" {
		row.Victim = domain.VictimID(words[5])
	}
}

func legs(t *testing.T, words []string) (list []domain.Leg) {
	t.Helper()
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		list = append(list, domain.Leg{Account: domain.AccountID(name), Amount: amount(t, value, domain.Asset{Code: "BTC", Digits: 8})})
	}
	return list
}

func amount(t *testing.T, text string, asset domain.Asset) domain.Amount {
	t.Helper()
	sum, err := domain.ParseAmount(text, asset)
	if err != nil {
		t.Fatal(text, err)
	}
	return sum
}

func describe(t *testing.T, all map[domain.AccountID]indicators.Said, words []string) {
	t.Helper()
	said, rest := all[domain.AccountID(words[0])], strings.Join(words[2:], " ")
	switch words[1] {
	case "coerced":
		said.Coerced = true
	case "innocent":
		said.Innocent = true
	case "victim":
		said.Victim = domain.VictimID(rest)
	case "country":
		said.Country = rest
	case "at":
		said.Institution = rest
	case "as":
		said.As = domain.AccountKind(rest)
	case "label":
		said.Labels = append(said.Labels, rest)
	case "opened":
		when, err := domain.ParseWhen(rest)
		if err != nil {
			t.Fatal(words, err)
		}
		said.Opened = when.Time
	default:
		t.Fatalf("nobody knows what %q says", words)
	}
	all[domain.AccountID(words[0])] = said
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
