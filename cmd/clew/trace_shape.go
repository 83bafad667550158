package main

import (
	"clew/domain"
	"clew/tracing"
)

// traceShape is the walk's answer in JSON (CONTRACT, JSON). Amounts are
// strings with exactly the asset's digits; lists are sorted by code point, as
// the walk gives them.
type traceShape struct {
	headShape
	Victims  []victimTraced      `json:"victims"`
	Accounts []poolShape         `json:"accounts"`
	Missing  []missingShape      `json:"missing"`
	Warnings []traceWarning      `json:"warnings"`
	Exposed  *[]domain.AccountID `json:"exposed,omitempty"` // under poison alone
}

// headShape says what an answer speaks of: which case, by which rule, as of
// which two times.
type headShape struct {
	Case     domain.CaseID `json:"case"`
	Rule     tracing.Rule  `json:"rule"`
	Chosen   bool          `json:"chosen"` // the rule is the one that is locked for the case
	Position uint64        `json:"position"`
	At       *string       `json:"at"`
	KnownAt  *string       `json:"known_at"`

	// Presumed is, under libr and own-first-fifo, how much own money from payers
	// nobody has described was taken for the holder's and drawn before claims.
	Presumed *[]amountShape `json:"presumed,omitempty"`

	lock *domain.RuleLocked // nil: none
}

type victimTraced struct {
	Victim    domain.VictimID  `json:"victim"`
	Asset     domain.AssetCode `json:"asset"`
	Reported  string           `json:"reported"`
	Own       string           `json:"own"`
	Returned  string           `json:"returned"`
	Positions []placeShape     `json:"positions"`
}

type placeShape struct {
	Account domain.AccountID `json:"account"`
	Asset   domain.AssetCode `json:"asset"`
	Claim   string           `json:"claim"` // in the victim's asset
	State   tracing.State    `json:"state"`
}

type poolShape struct {
	Account     domain.AccountID           `json:"account"`
	Asset       domain.AssetCode           `json:"asset"`
	Balance     string                     `json:"balance"`
	Untraced    string                     `json:"untraced"`
	Unexplained string                     `json:"unexplained"`
	Held        string                     `json:"held"`
	Frontier    bool                       `json:"frontier"`
	Traced      map[domain.VictimID]string `json:"traced"`
}

type missingShape struct {
	Account domain.AccountID `json:"account"`
	Asset   domain.AssetCode `json:"asset"`
	Amount  string           `json:"amount"`
	First   domain.When      `json:"first"`
	Last    domain.When      `json:"last"`
}

type traceWarning struct {
	Code     string            `json:"code"`
	Movement domain.MovementID `json:"movement,omitempty"`
	Account  domain.AccountID  `json:"account,omitempty"`
	Amount   string            `json:"amount,omitempty"`
	Asset    domain.AssetCode  `json:"asset,omitempty"`
	Text     string            `json:"text"`
}

type amountShape struct {
	Amount string           `json:"amount"`
	Asset  domain.AssetCode `json:"asset"`
}

func shapeOfTrace(head headShape, answer *tracing.Answer) traceShape {
	shape := traceShape{headShape: head, Victims: []victimTraced{}, Accounts: poolsOf(answer), Missing: missingOf(answer), Warnings: warningsOf(answer.Warnings)}
	for _, v := range answer.Victims {
		shape.Victims = append(shape.Victims, victimTracedOf(v))
	}
	if answer.Rule == tracing.Poison {
		exposed := listed(answer.Exposed)
		shape.Exposed = &exposed
	}
	return shape
}

// presumedOf is nil under the rules that presume nothing.
func presumedOf(answer *tracing.Answer) *[]amountShape {
	if answer.Rule != tracing.LIBR && answer.Rule != tracing.OwnFirst {
		return nil
	}
	list := []amountShape{}
	for _, a := range answer.Presumed {
		list = append(list, amountShape{a.String(), a.Asset.Code})
	}
	return &list
}

func victimTracedOf(v tracing.Victim) victimTraced {
	shape := victimTraced{v.Victim, v.Asset.Code, v.Asset.Format(v.Reported), v.Asset.Format(v.Own), v.Asset.Format(v.Returned), []placeShape{}}
	for _, place := range v.Places {
		shape.Positions = append(shape.Positions, placeShape{place.Account, place.Asset.Code, v.Asset.Format(place.Claim), place.State})
	}
	return shape
}

func poolsOf(answer *tracing.Answer) []poolShape {
	pools := []poolShape{}
	for _, pool := range answer.Accounts {
		if pool.Balance.IsZero() {
			continue
		}
		show := pool.Asset.Format
		shape := poolShape{pool.Account, pool.Asset.Code, show(pool.Balance), show(pool.Untraced), show(pool.Unexplained),
			show(pool.Held), pool.Frontier, map[domain.VictimID]string{}}
		for _, owner := range pool.Traced {
			shape.Traced[owner.Victim] = show(owner.Units)
		}
		pools = append(pools, shape)
	}
	return pools
}

func missingOf(answer *tracing.Answer) []missingShape {
	list := []missingShape{}
	for _, m := range answer.Missing {
		list = append(list, missingShape{m.Account, m.Asset.Code, m.Asset.Format(m.Amount), m.First, m.Last})
	}
	return list
}

func warningsOf(warnings []tracing.Warning) []traceWarning {
	list := []traceWarning{}
	for _, w := range warnings {
		shape := traceWarning{Code: w.Code, Movement: w.Movement, Account: w.Account, Text: w.Text}
		if w.Amount.Given() {
			shape.Amount, shape.Asset = w.Amount.String(), w.Amount.Asset.Code
		}
		list = append(list, shape)
	}
	return list
}
