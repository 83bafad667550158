//go:build !race

package indicators_test

const fewTrials = false
