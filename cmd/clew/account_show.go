package main

import (
	"context"
	"slices"

	"clew/casework"
	"clew/domain"
	"clew/indicators"
	"clew/projections"
	"clew/tracing"
)

// accountQuestion is what is asked about one account.
type accountQuestion struct {
	file    *domain.CaseFile
	account domain.AccountID
	ask     *asking
}

// accountStatement is what is known of one account, in JSON: what people have
// said, and every movement through it, under whichever of its names.
type accountStatement struct {
	headShape
	accountShape
	Names     []domain.AccountID `json:"names"` // all names of this account
	Pools     []poolShape        `json:"pools"` // what it holds, by the case's rule
	Movements []accountMovement  `json:"movements"`
	// Recognised is what speaks for the holder, to be read before the findings; "" for nothing.
	Recognised indicators.Recognition `json:"recognised"`
	Findings   []muleFinding          `json:"findings"` // of the indicators of mule accounts: a reason to look, never a verdict
	Holds      []accountHold          `json:"holds"`    // freezes of it that were asked for or became known
	Cases      []hitShape             `json:"cases"`    // other cases in which it occurs; of another team's only that it does
}

// accountHold is a freeze of the account, in JSON.
type accountHold struct {
	Freeze  domain.FreezeID    `json:"freeze"`
	State   domain.FreezeState `json:"state"`
	Asset   domain.AssetCode   `json:"asset"`
	Asked   *string            `json:"asked"` // null: all that is there
	Held    string             `json:"held"`  // now
	Until   *domain.When       `json:"until"` // when the hold lapses; null: no date is known
	Through string             `json:"mechanism"`
}

type accountMovement struct {
	Movement domain.MovementID   `json:"movement"`
	Kind     domain.MovementKind `json:"kind"`
	Time     domain.When         `json:"time"`
	Comes    string              `json:"in"`      // what arrives here; "" where nothing does
	Goes     string              `json:"out"`     // what leaves
	States   string              `json:"balance"` // what a statement says the account holds
	Asset    domain.AssetCode    `json:"asset"`
	Other    domain.AccountID    `json:"other"` // the other account
	Victim   domain.VictimID     `json:"victim"`
}

func (p *program) showAccount(ctx context.Context, o *office, q accountQuestion) error {
	t, err := o.trace(ctx, q.file.ID, q.ask)
	if err != nil {
		return err
	}
	walked := q.file.Resolve(q.account)
	s := accountStatement{headShape: t.headShape, accountShape: accountOf(q.file, q.account), Names: namesOf(q.file, walked), Pools: []poolShape{}, Movements: []accountMovement{}}
	for _, pool := range poolsOf(&t.Answer) {
		if pool.Account == walked {
			s.Pools = append(s.Pools, pool)
		}
	}
	for row := range t.Assembly.Rows() {
		if t.Traced.At.IsZero() || !row.When.Time.After(t.Traced.At) {
			s.Movements = append(s.Movements, through(*row, walked)...)
		}
	}
	slices.SortStableFunc(s.Movements, func(a, b accountMovement) int { return a.Time.Time.Compare(b.Time.Time) })
	_, described := q.file.Accounts[q.account]
	if len(s.Movements) == 0 && !described && len(s.Labels) == 0 && len(s.Names) == 1 {
		return domain.NotFound("case %s knows nothing of an account %s: 'clew where %s' lists those that hold money, 'clew account show %s' those that were described", q.file.ID, q.account, q.file.ID, q.file.ID)
	}
	if err := o.profile(ctx, q, &s); err != nil {
		return err
	}
	return p.say(reply{object: s, table: movementsTable(s.Movements), text: func(w *page) { accountText(w, s) }})
}

// profile is what the indicators, the freezes and the other cases know of the
// account, as of the times of the question.
func (o *office) profile(ctx context.Context, q accountQuestion, s *accountStatement) error {
	found, err := o.mules(ctx, projections.MulesAsk{Account: q.account}, q.file.ID, q.ask)
	if err != nil {
		return err
	}
	s.Findings, s.Recognised = found.Findings, found.Recognised
	asked, err := q.ask.question(ctx, o, q.file.ID)
	if err != nil {
		return err
	}
	freezes, err := o.views.Freezes(ctx, asked)
	if err != nil {
		return err
	}
	s.Holds = holdsOn(freezes, q.file.Resolve(q.account))
	by, err := o.program.by()
	if err != nil {
		return err
	}
	met, err := o.desk.AccountLinks(ctx, by, casework.AccountAsk{Ask: asked, Names: s.Names, Why: o.program.why})
	if err != nil {
		return err
	}
	s.Cases = hitShapes(met.Hits)
	return nil
}

// holdsOn are the freezes of one account.
func holdsOn(freezes []*projections.FreezeFile, account domain.AccountID) []accountHold {
	list := []accountHold{}
	for _, f := range freezes {
		if f.Account != account {
			continue
		}
		hold := accountHold{Freeze: f.ID, State: f.State, Asset: f.Request.Asset, Held: f.Asset().Format(f.Sums.HeldNow), Through: f.Request.Mechanism}
		if f.Request.Amount != nil {
			asked := f.Request.Amount.String()
			hold.Asked = &asked
		}
		if !f.Until.IsZero() {
			hold.Until = &f.Until
		}
		list = append(list, hold)
	}
	return list
}

func accountHoldsTable(list []accountHold) *table {
	t := newTable("freeze", "state", "asked>", "held>", "asset", "until", "mechanism")
	for _, h := range list {
		asked, until := "all", ""
		if h.Asked != nil {
			asked = *h.Asked
		}
		if h.Until != nil {
			until = h.Until.String()
		}
		t.add(string(h.Freeze), string(h.State), asked, h.Held, string(h.Asset), until, h.Through)
	}
	return t
}

// namesOf lists all names that are walked as one, with the one they go by.
func namesOf(file *domain.CaseFile, walked domain.AccountID) []domain.AccountID {
	names := []domain.AccountID{walked}
	for name := range file.SameAs {
		if name != walked && file.Resolve(name) == walked {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// through says what a movement does at an account: one line, or two where the
// account pays itself or a transaction has several legs there.
func through(row tracing.Row, account domain.AccountID) (list []accountMovement) {
	line := accountMovement{Movement: row.ID, Kind: row.Kind, Time: row.When, Victim: row.Victim}
	if row.From == account {
		list = append(list, line.out(row.Amount, row.To))
	}
	switch {
	case row.To == account && row.Kind == domain.Balance:
		line.States, line.Asset = row.Amount.String(), row.Amount.Asset.Code
		list = append(list, line)
	case row.To == account:
		list = append(list, line.in(row.Arrives(), row.From))
	}
	list = append(list, line.fee(row, account)...)
	for _, leg := range row.Inputs {
		if leg.Account == account {
			list = append(list, line.out(leg.Amount, ""))
		}
	}
	for _, leg := range row.Outputs {
		if leg.Account == account {
			list = append(list, line.in(leg.Amount, ""))
		}
	}
	return list
}

// fee is a movement of its own, from the payer to sink:fees.
func (m accountMovement) fee(row tracing.Row, account domain.AccountID) (list []accountMovement) {
	if !row.Fee.Given() || row.Fee.IsZero() {
		return nil
	}
	m.Kind, m.Victim = "fee", ""
	if row.From == account {
		list = append(list, m.out(row.Fee, domain.SinkFees))
	}
	if account == domain.SinkFees {
		list = append(list, m.in(row.Fee, row.From))
	}
	return list
}

func (m accountMovement) in(amount domain.Amount, other domain.AccountID) accountMovement {
	m.Comes, m.Asset, m.Other = amount.String(), amount.Asset.Code, other
	return m
}

func (m accountMovement) out(amount domain.Amount, other domain.AccountID) accountMovement {
	m.Goes, m.Asset, m.Other = amount.String(), amount.Asset.Code, other
	return m
}

func movementsTable(list []accountMovement) *table {
	t := newTable("time", "in>", "out>", "balance>", "asset", "other account", "kind", "reported by", "movement")
	for _, m := range list {
		t.add(m.Time.String(), m.Comes, m.Goes, m.States, string(m.Asset), string(m.Other), string(m.Kind), string(m.Victim), string(m.Movement))
	}
	return t
}

func accountText(w *page, s accountStatement) {
	w.head("Account %s in case %s, as of position %d of the log%s", s.Account, s.Case, s.Position, s.times())
	if len(s.Names) > 1 {
		w.line("Its names: %s; it is walked as %s.", joined(s.Names), s.As)
	}
	if s.End {
		w.line("It is an end: behind it money can no longer be told apart.")
	}
	if s.said() != "" || s.Holder+s.Institution+s.Country != "" {
		w.section("What people have said", accountsTable([]accountShape{s.accountShape}))
	}
	w.section("What it holds, by rule "+string(s.Rule), poolsTable(s.Pools))
	w.section("What moved through it", movementsTable(s.Movements).without(nothing, "balance", "reported by"))
	if len(s.Holds) > 0 {
		w.section("Freezes of it", accountHoldsTable(s.Holds).without(blank, "until"))
	}
	if len(s.Cases) > 0 {
		w.section("Other cases in which it occurs", hitsTable(s.Cases).without(blank, "happened", "there", "there happened", "team", "contact", "walked as one"))
	}
	if s.Recognised != "" && len(s.Findings) == 0 {
		w.space()
		w.line("To be known of this account: %s.", s.Recognised)
	}
	if len(s.Findings) > 0 {
		w.section("Signs of a mule account: a reason to look, never a verdict", findingsTable(s.Findings).without(blank, "recognised"))
		findingsText(w, s.Findings)
	}
}
