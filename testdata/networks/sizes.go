package networks

import (
	"fmt"
	"os"
)

// Sizes are the numbers of transfers that benchmarks are run with, as the
// environment's BENCH says: quick is 100,000; large is ten million as well;
// anything else is up to a million.
//
//	for _, n := range networks.Sizes() {
//		b.Run("transfers="+networks.Short(n), func(b *testing.B) {
func Sizes() []int {
	switch os.Getenv("BENCH") {
	case "quick":
		return []int{100_000}
	case "large":
		return []int{100_000, 1_000_000, 10_000_000}
	}
	return []int{100_000, 1_000_000}
}

// Short writes a size as benchmarks are named by it: 500, 100k, 1M.
func Short(n int) string {
	switch {
	case n >= 1_000_000 && n%1_000_000 == 0:
		return fmt.Sprintf("%dM", n/1_000_000)
	case n >= 1_000 && n%1_000 == 0:
		return fmt.Sprintf("%dk", n/1_000)
	}
	return fmt.Sprint(n)
}
