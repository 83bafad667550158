package clew_test

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"reflect"
	"strings"
	"testing"

	"clew/domain"
	"clew/testdata/cases"
)

// The commands of the sample cases are what `clew demo` and the tutorial give,
// so each must name a file that is there.
func TestEveryStepOfASampleCaseHasItsFile(t *testing.T) {
	for _, name := range cases.Names() {
		steps, err := cases.Steps(name)
		if err != nil {
			t.Fatal(err)
		}
		imported := 0
		for _, step := range steps {
			if step.Says == "" {
				t.Errorf("%s: %v has no comment that says why it is done", name, step.Args)
			}
			if step.Args[0] != "import" {
				continue
			}
			imported++
			if _, err := cases.Files.ReadFile(path.Join(name, step.Args[1])); err != nil {
				t.Errorf("%s imports %s: %v", name, step.Args[1], err)
			}
		}
		if imported < 2 || steps[0].Args[0] != "case" {
			t.Errorf("%s does not open a case and import several files: %v", name, steps)
		}
	}
}

func TestAnUnknownSampleCaseIsRefused(t *testing.T) {
	_, err := cases.Steps("atlantis")
	if err == nil || !strings.Contains(err.Error(), "romance") {
		t.Errorf("the error does not name the cases there are: %v", err)
	}
}

// figures are what a case must come to under one rule: lists of objects of
// which each key must be found again in the program's answer.
type figures map[string][]map[string]any

// desktop is a fresh folder with a sample's files, and two ways to use the
// program there: to do something, and to ask for an answer in JSON.
func desktop(t *testing.T, name string) (do func(args ...string), ask func(args ...string) map[string]any) {
	t.Helper()
	binary, err := program()
	if err != nil {
		t.Fatal(err)
	}
	samples, err := fs.Sub(cases.Files, name)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := os.CopyFS(folder, samples); err != nil {
		t.Fatal(err)
	}
	clew := func(args ...string) []byte {
		t.Helper()
		command := exec.Command(binary, args...)
		command.Dir, command.Env = folder, append(os.Environ(), "CLEW_STORE=", "CLEW_ACTOR=ina", "NO_COLOR=1")
		out, err := command.Output()
		if err != nil && !rejected(err) {
			t.Fatalf("clew %v: %v\n%s", args, err, out)
		}
		return out
	}
	ask = func(args ...string) map[string]any {
		t.Helper()
		var answer map[string]any
		if err := json.Unmarshal(clew(append(args, "--json")...), &answer); err != nil {
			t.Fatalf("clew %v does not answer in JSON: %v", args, err)
		}
		return answer
	}
	return func(args ...string) { t.Helper(); clew(args...) }, ask
}

// work gives a sample case's commands in a fresh folder, and answers with a
// way to ask the program there.
func work(t *testing.T, name string) func(args ...string) map[string]any {
	t.Helper()
	do, ask := desktop(t, name)
	steps, err := cases.Steps(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range steps {
		do(step.Args...)
	}
	return ask
}

// rejected says whether a command ended with 1: lines were rejected, and all
// others recorded.
func rejected(err error) bool {
	var exit *exec.ExitError
	return errors.As(err, &exit) && exit.ExitCode() == 1
}

// The romance case was calculated by hand (EXPECTED.md); the program must come
// to the same, to the last unit.
func TestTheInventedCaseComesToWhatWasCalculatedByHand(t *testing.T) {
	text, err := cases.Files.ReadFile("romance/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var rules map[string]figures
	if err := json.Unmarshal(text, &rules); err != nil {
		t.Fatal(err)
	}
	ask := work(t, "romance")
	for rule, want := range rules {
		trace, ledger := ask("trace", "ROMANCE-1", "--rule", rule), ask("ledger", "ROMANCE-1", "--rule", rule)
		compare(t, rule+" accounts", want["accounts"], trace["accounts"])
		compare(t, rule+" missing", want["missing"], trace["missing"])
		for _, victim := range want["victims"] {
			positions := victim["positions"].([]any)
			compare(t, rule+" positions", objects(positions), found(objects(trace["victims"]), victim)["positions"])
			delete(victim, "positions")
		}
		compare(t, rule+" ledger", want["victims"], ledger["victims"])
	}
}

// objects is a JSON list of objects.
func objects(list any) []map[string]any {
	var all []map[string]any
	items, _ := list.([]any)
	for _, item := range items {
		object, _ := item.(map[string]any)
		all = append(all, object)
	}
	return all
}

// found is the object of a list that speaks of the same victim or account.
func found(list []map[string]any, like map[string]any) map[string]any {
	for _, object := range list {
		if object["victim"] == like["victim"] && object["account"] == like["account"] && object["asset"] == like["asset"] {
			return object
		}
	}
	return nil
}

// compare wants each object again with all its keys, in this order and no
// other objects.
func compare(t *testing.T, what string, want []map[string]any, got any) {
	t.Helper()
	list := objects(got)
	if len(list) != len(want) {
		t.Errorf("%s: %d are expected, the program has %d: %v", what, len(want), len(list), list)
		return
	}
	for i, object := range want {
		for key, value := range object {
			if !reflect.DeepEqual(list[i][key], value) {
				t.Errorf("%s %v: %s should be %v and is %v", what, object["account"], key, value, list[i][key])
			}
		}
	}
}

// What was intercepted is more than the two known losses: the rest is nobody's
// claim, whatever the rule, and is not handed to those who happen to be known.
func TestTheDocumentedCaseHasItsPublishedFigures(t *testing.T) {
	ask := work(t, "documented")
	for _, rule := range allRules[:6] {
		answer := ask("trace", "NDOH-2025", "--rule", string(rule))
		compare(t, string(rule)+" victims", []map[string]any{
			{"victim": "AZ", "asset": "USD", "reported": "63000.00", "own": "63000.00", "returned": "0.00"},
			{"victim": "OH", "asset": "USD", "reported": "500000.00", "own": "500000.00", "returned": "0.00"},
		}, answer["victims"])
		compare(t, string(rule)+" accounts", []map[string]any{{
			"account": "wallet:forfeited-usdt", "asset": "USDT", "balance": "679981.220000", "untraced": "116981.220000",
			"unexplained": "116981.220000", "frontier": false,
			"traced": map[string]any{"AZ": "63000.000000", "OH": "500000.000000"},
		}}, answer["accounts"])
	}
}

// A wallet on Ethereum as three downloads tell it: the end balances are those
// that another program and the sum of the files give.
func TestTheWalletOnEthereumEndsWithItsKnownBalances(t *testing.T) {
	const wallet = "eip155:1:0xf98c96b5d10faafc2324847c82305bd5fd7e5ad3"
	text, err := cases.Files.ReadFile("chain/etherscan-0xf98-expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct{ Balances map[string]string }
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	clew, ask := desktop(t, "chain")
	clew("case", "open", "WALLET", "--title", "0xf98")
	clew("import", "etherscan-0xf98.csv", "etherscan-0xf98-internal.csv", "etherscan-0xf98-erc20.csv", "--case", "WALLET")
	got := map[string]string{"ETH": "0"} // a balance of nothing is left out of an answer
	for _, account := range objects(ask("trace", "WALLET")["accounts"]) {
		if account["account"] == wallet {
			asset := strings.TrimPrefix(account["asset"].(string), "eip155:1/")
			got[asset] = strings.TrimRight(strings.TrimRight(account["balance"].(string), "0"), ".")
		}
	}
	if !maps.Equal(want.Balances, got) {
		t.Errorf("the wallet should hold %v and holds %v", want.Balances, got)
	}
}

// A hundred payments as a public repository lists them, through a mapping
// file: the sum was calculated from the table by another program.
func TestTheHundredPaymentsOf2016AddUp(t *testing.T) {
	clew, ask := desktop(t, "chain")
	clew("case", "open", "THEFT", "--title", "2 August 2016")
	read := ask("import", "bitfinex2016_first100.csv", "--map", "bitfinex2016.yaml", "--case", "THEFT")
	if read["read"] != 100.0 || read["recorded"] != 100.0 || len(objects(read["warnings"])) != 0 {
		t.Errorf("a hundred payments should be recorded without a warning: %v", read)
	}
	answer := ask("trace", "THEFT")
	for list, amount := range map[string]string{"accounts": "balance", "missing": "amount"} {
		sum := domain.Amount{Asset: domain.Asset{Code: "BTC", Digits: 8}}
		for _, object := range objects(answer[list]) {
			part, err := domain.ParseAmount(object[amount].(string), sum.Asset)
			if err != nil {
				t.Fatal(err)
			}
			if sum, err = sum.Add(part); err != nil {
				t.Fatal(err)
			}
		}
		if count := len(objects(answer[list])); count != 100 || sum.String() != "7429.50131531" {
			t.Errorf("the %s are %d with %s BTC together, not 100 with 7429.50131531", list, count, sum)
		}
	}
}
