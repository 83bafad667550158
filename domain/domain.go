// Package domain holds the nouns of a case file and the facts that are
// recorded about them: amounts and assets, accounts, victims, movements,
// cases, and the events that say what was seen, reported or decided.
//
// It is pure: no clock, no disk, no network, no logger. A command carries its
// own Now; a decider takes a state and a command and answers with events;
// Evolve takes a state and an event and answers with the next state.
//
// It refuses what cannot be true: an amount finer than the asset's smallest
// unit, an IBAN whose check digits are wrong, a sum over two assets.
//
//	eur := domain.Asset{Code: "EUR", Digits: 2}
//	paid, _ := domain.ParseAmount("500.00", eur) // 50000 smallest units
//	back, _ := domain.ParseAmount("10", eur)
//	left, _ := paid.Sub(back)                    // left.String() == "490.00"
package domain
