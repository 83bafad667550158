package stablecoin

import (
	"encoding/csv"
	"fmt"
	"os"
	"strings"
	"testing"

	"clew/domain"
)

const real = "testdata/usdt_eth_events_2017-11_2020-12.csv"

func read(t *testing.T, text string) (news []domain.FreezeNews, rejects []domain.Reject, noise int) {
	t.Helper()
	err := Read(strings.NewReader(text), domain.ReadOptions{}, func(item domain.Item) error {
		switch item := item.(type) {
		case domain.FreezeNews:
			news = append(news, item)
		case domain.Reject:
			rejects = append(rejects, item)
		case domain.Noise:
			noise++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return news, rejects, noise
}

// The events of three years, counted by another reader.
func TestEveryEventOfTheFileIsReadOnce(t *testing.T) {
	text, err := os.ReadFile(real)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := map[domain.FreezeStep]int{}
	burnt := domain.Units{}
	for _, row := range rows[1:] {
		switch row[0] {
		case "AddedBlackList":
			want[domain.StepHold]++
		case "RemovedBlackList":
			want[domain.StepRelease]++
		case "DestroyedBlackFunds":
			want[domain.StepSeize]++
			var n int64
			if _, err := fmt.Sscanf(row[5], "%d", &n); err != nil {
				t.Fatal(err)
			}
			burnt = burnt.Plus(domain.NewUnits(n))
		}
	}
	news, rejects, noise := read(t, string(text))
	got, sum, names := map[domain.FreezeStep]int{}, domain.Units{}, map[string]bool{}
	for _, n := range news {
		got[n.Step]++
		names[n.News.Reference] = true
		if n.Amount != nil {
			sum = sum.Plus(n.Amount.Units)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || sum != burnt || len(rejects) > 0 || noise != len(rows)-1-len(news) || len(names) != len(news) {
		t.Errorf("%v (want %v), %s destroyed (want %s), %d rejects, %d noise, %d names of %d", got, want, sum, burnt, len(rejects), noise, len(names), len(news))
	}
	first := news[0]
	if first.Account != "eip155:1:0x9faf5515f177f3a8a845d48c19032b33cc54c09c" || first.News.At.String() != "2017-11-28T16:39:10Z" || first.Scope != domain.ScopeAccount {
		t.Errorf("the first is %+v", first)
	}
}

const header = "event_name,txhash,log_index,timestamp,contract_address,_user,_blackListedUser,_balance\n"

func line(event, contract, user, destroyed, balance string) string {
	return header + fmt.Sprintf("%s,0x%064d,7,2024-01-05T10:00:00,%s,%s,%s,%s\n", event, 1, contract, user, destroyed, balance)
}

func TestWhatIsNoNewsOfAFreezeIsRefused(t *testing.T) {
	address := "0x00000000000000000000000000000000000000aA"
	for want, text := range map[string]string{
		"contract_address": line("AddedBlackList", "0x1111111111111111111111111111111111111111", address, "", ""),
		"event_name":       line("Frobnicated", contract, address, "", ""),
		"_user":            line("AddedBlackList", contract, "0x12", "", ""),
		"_balance":         line("DestroyedBlackFunds", contract, "", address, "5.5"),
		"txhash":           strings.Replace(line("AddedBlackList", contract, address, "", ""), "0x0", "x0", 1),
		"log_index":        strings.Replace(line("AddedBlackList", contract, address, "", ""), ",7,", ",-7,", 1),
		"timestamp":        strings.Replace(line("AddedBlackList", contract, address, "", ""), "T10:00:00", "", 1),
	} {
		news, rejects, _ := read(t, text)
		if len(news) != 0 || len(rejects) != 1 || rejects[0].Field != want || rejects[0].Evidence.Line != 2 {
			t.Errorf("%s: %v %v", want, news, rejects)
		}
	}
	if _, _, noise := read(t, line("Issue", contract, "", "", "")+"\n"); noise != 2 {
		t.Errorf("%d lines are noise", noise)
	}
}

func TestTheColumnsTellTheFormat(t *testing.T) {
	if Detect([]byte(header), "x.csv") != 90 || Detect([]byte("time,from,to,amount,asset\n"), "x.csv") != 0 {
		t.Error("the format is not told by its columns")
	}
	for _, text := range []string{"", "time,from\n"} {
		if err := Read(strings.NewReader(text), domain.ReadOptions{}, nil); domain.ClassOf(err) != domain.ClassUsage {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(line("AddedBlackList", contract, "0x00000000000000000000000000000000000000aA", "", ""))
	f.Add(line("DestroyedBlackFunds", contract, "", "0x00000000000000000000000000000000000000aA", "30000000.0"))
	f.Fuzz(func(t *testing.T, text string) {
		_ = Read(strings.NewReader(text), domain.ReadOptions{}, func(item domain.Item) error {
			if n, ok := item.(domain.FreezeNews); ok && (n.Account == "" || n.News.Reference == "" || n.News.At.IsZero() || n.Step == domain.StepSeize && n.Amount == nil) {
				t.Errorf("news without its parts: %+v", n)
			}
			return nil
		})
	})
}
