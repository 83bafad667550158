// Package torture says how often a test tries, and with which chances: a few
// times in the normal run, as often as the environment asks in a long one.
//
//	for range torture.Often(t, "CLEW_KILLS", 50) { … }
//	random := torture.Chance(t, torture.SameSeed)
//
// docs/testing.md lists the variables.
package torture

import (
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"
)

// SameSeed is for tests that do the same in every run unless asked otherwise.
const SameSeed = 20261122

// Often is how often a test tries: usual, or what the variable says.
func Often(t testing.TB, variable string, usual int) int {
	t.Helper()
	return int(number(t, variable, uint64(usual)))
}

// Chance is a source of chance whose seed is printed, and set by CLEW_SEED.
func Chance(t testing.TB, usual uint64) *rand.Rand {
	t.Helper()
	seed := number(t, "CLEW_SEED", usual)
	t.Logf("CLEW_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// NewSeed is for tests that try something else in every run.
func NewSeed() uint64 { return uint64(time.Now().UnixNano()) }

func number(t testing.TB, variable string, usual uint64) uint64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return usual
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil {
		t.Fatalf("%s=%q is no number", variable, text)
	}
	return n
}
