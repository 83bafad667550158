package tracing

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"clew/domain"
)

func u(n int64) domain.Units { return domain.NewUnits(n) }

func gave(paid, back int64) Contribution { return Contribution{u(paid), u(back)} }

// The published examples, and each basis where money came back before.
func TestPariPassu(t *testing.T) {
	for _, tc := range []struct {
		name  string
		sum   int64
		basis Basis
		all   []Contribution
		want  string
	}{
		{"G2: Todd's example, in thirds of a unit", 30, Gross, []Contribution{gave(30, 0), gave(30, 0), gave(30, 0)}, "[10 10 10] 0"},
		{"G2: in whole units the first gets the odd one", 10, Gross, []Contribution{gave(10, 0), gave(10, 0), gave(10, 0)}, "[4 3 3] 0"},
		{"G3: Barlow Clowes", 2400, Gross, []Contribution{gave(1000, 0), gave(2000, 0)}, "[800 1600] 0"},
		{"gross takes no notice of what came back", 300, Gross, []Contribution{gave(1000, 500), gave(1000, 0)}, "[150 150] 0"},
		{"net does", 300, Net, []Contribution{gave(1000, 500), gave(1000, 0)}, "[100 200] 0"},
		{"the tide raises the lowest first", 300, RisingTide, []Contribution{gave(1000, 500), gave(1000, 0)}, "[0 300] 0"},
		{"and then both", 700, RisingTide, []Contribution{gave(1000, 500), gave(1000, 0)}, "[100 600] 0"},
		{"nobody receives above his loss", 900, Gross, []Contribution{gave(1000, 900), gave(1000, 0)}, "[100 800] 0"},
		{"what is left when all is made good", 2500, Gross, []Contribution{gave(1000, 0), gave(1000, 0)}, "[1000 1000] 500"},
		{"one who got more than he paid", 100, RisingTide, []Contribution{gave(100, 200), gave(1000, 0)}, "[0 100] 0"},
		{"nothing to share", 0, Net, []Contribution{gave(5, 0)}, "[0] 0"},
		{"nobody", 5, Gross, nil, "[] 5"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			shares, left, err := PariPassu(u(tc.sum), tc.basis, tc.all)
			if got := fmt.Sprint(shares, left); err != nil || got != tc.want {
				t.Errorf("%s, %v, want %s", got, err, tc.want)
			}
		})
	}
}

func TestPariPassuRefuses(t *testing.T) {
	for name, try := range map[string]func() ([]domain.Units, domain.Units, error){
		"a sum below nothing": func() ([]domain.Units, domain.Units, error) { return PariPassu(u(-1), Gross, nil) },
		"an unknown basis":    func() ([]domain.Units, domain.Units, error) { return PariPassu(u(1), "fair", nil) },
		"a contribution below nothing": func() ([]domain.Units, domain.Units, error) {
			return PariPassu(u(1), Gross, []Contribution{gave(-1, 0)})
		},
	} {
		if _, _, err := try(); domain.ClassOf(err) != domain.ClassUsage {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever was paid and came back: the shares and the rest are the sum, and
// nobody receives more than he has lost.
func TestPariPassuAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Contribution {
			return gave(rapid.Int64Range(0, 1<<60).Draw(t, "paid"), rapid.Int64Range(0, 1<<60).Draw(t, "back"))
		}), 0, 8).Draw(t, "contributions")
		sum := u(rapid.Int64Range(0, 1<<62).Draw(t, "sum"))
		basis := rapid.SampledFrom([]Basis{Gross, Net, RisingTide}).Draw(t, "basis")
		shares, left, err := PariPassu(sum, basis, all)
		if err != nil {
			t.Fatal(err)
		}
		total := left
		for i, share := range shares {
			total = total.Plus(share)
			if lost := all[i].Paid.Minus(all[i].Back.Min(all[i].Paid)); share.Sign() < 0 || lost.Less(share) {
				t.Fatalf("victim %d lost %s and receives %s", i, lost, share)
			}
		}
		if total != sum {
			t.Fatalf("%s were shared out of %s", total, sum)
		}
	})
}
