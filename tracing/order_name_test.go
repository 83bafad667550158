package tracing

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"clew/domain"
)

// The order of names is what comparing every two pools gives: with names that
// begin alike for long, that are the beginning of others, and where a case has
// grown since somebody asked.
func TestPoolsStandByNameHoweverTheCaseGrew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := NewCase(0)
		word := rapid.StringOf(rapid.SampledFrom([]rune{'a', 'b', 0, 'é'}))
		for range rapid.IntRange(1, 4).Draw(t, "times grown") {
			for range rapid.IntRange(0, 40).Draw(t, "pools") {
				name := strings.Repeat("a", rapid.SampledFrom([]int{0, 7, 8, 70}).Draw(t, "alike")) + word.Draw(t, "name")
				asset := domain.Asset{Code: domain.AssetCode(fmt.Sprint("X", rapid.IntRange(1, 3).Draw(t, "asset")))}
				c.numbers.pool(domain.AccountID(name), asset)
			}
			want := numbered(0, len(c.numbers.pools))
			slices.SortFunc(want, c.numbers.comparePools)
			if got := c.poolsByName(); !slices.Equal(got, want) {
				t.Fatalf("%d pools do not stand by name: %v, want %v", len(want), got, want)
			}
		}
	})
}
