//go:build race

package indicators_test

// fewTrials says that the race detector is watching: every figure would take
// ten times as long, and the table is made by one goroutine anyway.
const fewTrials = true
