// Package networks makes whole invented networks of payments from a seed: the
// layered mule network with its honest traffic (Mules), the shape of the
// 225 million USDT case (Deposits), in euro cents or in amounts that need more
// than 63 bits. Benchmarks and property tests of all rooms use them, so that
// figures of two rooms, or of two days, are about the same rows.
//
// The same parameters give the same movements on any machine and in any year:
// nothing is read from a clock, no float is used, and the test keeps a digest
// of each shape, so that a figure never changes because its rows did. A
// movement is handed out as it is made, in the order of time; ten million of
// them never lie in memory together, unless the caller collects them.
//
// Every account bears its truth (victim, mule and of which layer, honest …),
// which tracing is never told: it is there to measure what finds mules.
//
//	network := networks.Standard(1_000_000, 1_000)
//	for m := range network.Movements() {
//		rows = append(rows, tracing.Row{Movement: m, Victim: m.Victim, Scam: m.Scam, Position: uint64(len(rows) + 1)})
//	}
//
// It refuses to be evidence: every name in it is invented. Bank accounts lie at
// a bank code that no bank has.
package networks

import (
	"iter"

	"clew/domain"
)

// Case is the case that every network's movements belong to. It is their
// source as well, as for a canonical table, so an import of the written file
// gives the movements the names they have here.
const Case domain.CaseID = "NETWORK"

// Network is what every shape can give.
type Network interface {
	// Movements are all movements in the order of time. A claim is a transfer
	// that bears its victim. Stopping early costs nothing.
	Movements() iter.Seq[domain.Movement]
	// Truths are all accounts that may occur, with what they truly are.
	Truths() iter.Seq2[domain.AccountID, Truth]
}

// Role says what an account truly is, in a network where that is known.
type Role string

// The roles.
const (
	Victim   Role = "victim"
	Mule     Role = "mule"
	Honest   Role = "honest"
	Employer Role = "employer" // pays wages to honest people, victims and mules
	Merchant Role = "merchant" // an end: it sells to everybody
	Cash     Role = "cash"     // an end: cash dispensers
	Exchange Role = "exchange" // a customer's account at an exchange: where it can still be frozen
	Address  Role = "address"  // a deposit address that a scam site shows to victims
	Pool     Role = "pool"     // where deposit addresses are swept to
)

// Truth is what an account truly is.
type Truth struct {
	Role  Role
	Layer int // of a mule, from 1: how many payments after the victim's; else 0
}
