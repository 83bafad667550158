package networks_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"

	"clew/domain"
	"clew/importers/canonical"
	"clew/testdata/networks"

	"pgregory.net/rapid"
)

// small are all shapes, small enough to be written out.
func small() map[string]networks.Network {
	bare, wide, late := networks.Standard(10_000, 100), networks.Standard(10_000, 100), networks.Standard(10_000, 100)
	bare.Bare, bare.Days = true, 3
	wide.Wide = true
	late.Seed, late.Layers, late.Honest, late.Paid = 2, 7, 20, 50
	few := networks.USDT225()
	few.Deposits, few.Victims = 5_000, 40
	return map[string]networks.Network{"standard": networks.Standard(10_000, 100), "bare": bare, "wide": wide, "deep": late, "deposits": few, "town": networks.Town{Seed: 1, People: 200, Mules: 6}}
}

// The digests are of the CSV. They never change: figures of months would no
// longer be about the same rows. Another shape gets another name.
var digests = map[string]string{
	"standard": "58859e6d762224de", "bare": "b6751e2654b14d7f", "wide": "1e1f79f5c063f809", "deep": "00149e5d1158f03b", "deposits": "444825f96d8e78fa", "town": "efa81dbc1acab0f4",
}

func TestANetworkNeverChanges(t *testing.T) {
	for name, network := range small() {
		h := sha256.New()
		if err := networks.WriteCSV(h, network.Movements()); err != nil {
			t.Fatal(err)
		}
		if got := hex.EncodeToString(h.Sum(nil)[:8]); got != digests[name] {
			t.Errorf("the network %s is %s and was %s: its rows have changed, and every figure about them", name, got, digests[name])
		}
	}
}

// The large shape that figures are about has the size it is named after.
func TestTheDepositsAreAsManyAsInTheCase(t *testing.T) {
	claims, rows, homes := 0, 0, map[domain.VictimID]bool{}
	for m := range networks.USDT225().Movements() {
		rows++
		if m.Victim != "" {
			claims++
			homes[m.Victim] = true
		}
	}
	if claims != 263_000 || len(homes) != 434 || rows < 350_000 || rows > 500_000 {
		t.Errorf("%d claims of %d victims in %d movements", claims, len(homes), rows)
	}
}

// What is written is what an import reads: the same movements, and no line
// refused.
func TestAWrittenNetworkIsReadBack(t *testing.T) {
	for name, network := range small() {
		for format, write := range map[string]func(*bytes.Buffer) error{
			"csv":        func(b *bytes.Buffer) error { return networks.WriteCSV(b, network.Movements()) },
			"json lines": func(b *bytes.Buffer) error { return networks.WriteJSONLines(b, network.Movements()) },
		} {
			var file bytes.Buffer
			if err := write(&file); err != nil {
				t.Fatal(err)
			}
			back := read(t, &file)
			for i, made := range slices.Collect(network.Movements()) {
				made.ID, made.Source, made.Evidence = "", "", back[i].Evidence // these are given by the import
				if !reflect.DeepEqual(made, back[i]) {
					t.Fatalf("%s as %s: movement %d was %+v and comes back as %+v", name, format, i, made, back[i])
				}
			}
		}
	}
}

func read(t *testing.T, file *bytes.Buffer) (movements []domain.Movement) {
	t.Helper()
	err := canonical.Read(file, domain.ReadOptions{Assets: domain.StandardAssets()}, func(item domain.Item) error {
		row, ok := item.(domain.Row)
		if !ok {
			return fmt.Errorf("%+v", item)
		}
		movements = append(movements, row.Movement)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return movements
}

// Whatever the parameters: as many movements as were asked for, in the order
// of time, each sound, each of accounts whose truth is told, under names that
// differ; and every victim pays first from his own account.
func TestANetworkIsSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := networks.Mules{
			Seed: rapid.Uint64().Draw(t, "seed"), Transfers: rapid.IntRange(0, 3_000).Draw(t, "transfers"), Accounts: rapid.IntRange(0, 500).Draw(t, "accounts"),
			Victims: rapid.IntRange(1, 30).Draw(t, "victims"), Layers: rapid.IntRange(1, 6).Draw(t, "layers"), PerLayer: rapid.IntRange(1, 20).Draw(t, "mules"),
			Honest: rapid.IntRange(0, 100).Draw(t, "honest"), Paid: rapid.IntRange(0, 30).Draw(t, "paid"), Days: rapid.IntRange(1, 900).Draw(t, "days"),
			Bare: rapid.Bool().Draw(t, "bare"), Wide: rapid.Bool().Draw(t, "wide"),
		}
		if got := sound(t, m); got != m.Transfers {
			t.Fatalf("%d movements for %d that were asked for", got, m.Transfers)
		}
	})
}

func TestACaseOfDepositsIsSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sound(t, networks.Deposits{
			Seed: rapid.Uint64().Draw(t, "seed"), Deposits: rapid.IntRange(1, 500).Draw(t, "deposits"), Victims: rapid.IntRange(1, 30).Draw(t, "victims"),
			Addresses: rapid.IntRange(1, 300).Draw(t, "addresses"), Pools: rapid.IntRange(1, 9).Draw(t, "pools"), Layers: rapid.IntRange(0, 6).Draw(t, "layers"),
			PerLayer: rapid.IntRange(1, 20).Draw(t, "wallets"), Exchanges: rapid.IntRange(1, 20).Draw(t, "exchanges"), Days: rapid.IntRange(1, 900).Draw(t, "days"),
		})
	})
}

// sound counts the movements of a network that has nothing wrong in it.
func sound(t *rapid.T, n networks.Network) (count int) {
	truths := truthsOf(t, n)
	names := map[domain.MovementID]bool{}
	var last domain.Movement
	for m := range n.Movements() {
		count++
		from, payer := truths[m.From]
		_, payee := truths[m.To]
		switch {
		case domain.CheckMovement(m) != nil:
			t.Fatalf("%+v: %v", m, domain.CheckMovement(m))
		case m.When.Time.Before(last.When.Time) || names[m.ID] || m.Amount.Units.Sign() <= 0:
			t.Fatalf("%+v after %+v", m, last)
		case !payee || !payer && m.Kind != domain.Opening:
			t.Fatalf("nobody said what the accounts of %+v are", m)
		case m.Victim != "" && from.Role != networks.Victim:
			t.Fatalf("%+v is reported by a %s", m, from.Role)
		}
		names[m.ID], last = true, m
	}
	return count
}

func truthsOf(t *rapid.T, n networks.Network) map[domain.AccountID]networks.Truth {
	truths := map[domain.AccountID]networks.Truth{}
	for account, truth := range n.Truths() {
		if _, double := truths[account]; double {
			t.Fatalf("two accounts are called %s", account)
		}
		if normal, err := domain.ParseAccount(string(account)); err != nil || normal != account {
			t.Fatalf("an import would read %s as %s, %v", account, normal, err)
		}
		truths[account] = truth
	}
	return truths
}

// A caller who has seen enough may stop, and the same network starts again
// from its beginning.
func TestANetworkStopsWhenItIsTold(t *testing.T) {
	for name, network := range small() {
		first, again := take(network.Movements(), 10), take(network.Movements(), 10)
		if len(first) != 10 || !reflect.DeepEqual(first, again) {
			t.Errorf("%s: %d movements, the second time others", name, len(first))
		}
	}
}

func take(movements iter.Seq[domain.Movement], n int) (list []domain.Movement) {
	for m := range movements {
		list = append(list, m)
		if len(list) == n {
			break
		}
	}
	return list
}

// The standard network looks like what it is made after: fraud and honest
// traffic as asked for, wide amounts wider than 63 bits, few accounts with
// much of the traffic, and every role in use.
func TestTheStandardNetworkLooksLikeOne(t *testing.T) {
	network := networks.Standard(50_000, 500)
	network.Wide = true
	roles, seen, victims := map[domain.AccountID]networks.Truth{}, map[networks.Truth]int{}, map[domain.VictimID]bool{}
	for account, truth := range network.Truths() {
		roles[account] = truth
	}
	degree, beyond := map[domain.AccountID]int{}, 0
	for m := range network.Movements() {
		seen[roles[m.From]]++
		seen[roles[m.To]]++
		degree[m.From]++
		if m.Victim != "" {
			victims[m.Victim] = true
		}
		if _, fits := m.Amount.Units.Int64(); !fits {
			beyond++
		}
	}
	busiest := 0
	for account, n := range degree {
		if roles[account].Role == networks.Honest {
			busiest = max(busiest, n)
		}
	}
	for _, role := range []networks.Role{networks.Victim, networks.Honest, networks.Employer, networks.Merchant, networks.Cash, networks.Exchange} {
		if seen[networks.Truth{Role: role}] == 0 {
			t.Errorf("no %s pays or is paid", role)
		}
	}
	for layer := 1; layer <= 4; layer++ {
		if n := seen[networks.Truth{Role: networks.Mule, Layer: layer}]; n < 1_000 {
			t.Errorf("mules of layer %d move money %d times", layer, n)
		}
	}
	if len(victims) != 500 || beyond < 25_000 || busiest < 300 || busiest > 5_000 {
		t.Errorf("%d victims report, %d amounts are wide, the busiest honest payer paid %d times", len(victims), beyond, busiest)
	}
}

func TestSizesFollowTheEnvironment(t *testing.T) {
	for bench, want := range map[string]string{"": "100k 1M", "quick": "100k", "usual": "100k 1M", "large": "100k 1M 10M"} {
		t.Setenv("BENCH", bench)
		var names []string
		for _, n := range networks.Sizes() {
			names = append(names, networks.Short(n))
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("BENCH=%s measures %s, not %s", bench, got, want)
		}
	}
	if networks.Short(1_500) != "1500" || networks.Short(500) != "500" {
		t.Error(networks.Short(1_500), networks.Short(500))
	}
}

// BenchmarkMovements is what every benchmark over a network pays for its rows.
func BenchmarkMovements(b *testing.B) {
	for b.Loop() {
		for range networks.Standard(100_000, 1_000).Movements() {
		}
	}
	b.ReportMetric(100_000*float64(b.N)/b.Elapsed().Seconds(), "movements/s")
}
