package tracing_test

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"clew/domain"
	"clew/tracing"

	"pgregory.net/rapid"
)

// Every rule gives what the oracle gives, on random networks of up to 300
// movements: whole-unit rules to the unit; pro-rata and libr to the exact
// value's neighbours, with every list adding up. A thousand networks:
//
//	go test ./tracing -run EveryRule -rapid.checks=1000
func TestEveryRuleEqualsTheOracleOnRandomNetworks(t *testing.T) {
	law := &law{breaks: difference}
	rapid.Check(t, func(t *rapid.T) {
		in := network(t)
		for _, rule := range everyRule {
			in.Rule = rule
			law.check(t, in)
		}
	})
}

// law is something that holds for every case. It keeps the smallest case that
// breaks it: rapid tries many more once one has failed, and one is enough.
type law struct {
	breaks func(tracing.Input) string // says how, or nothing
	broken string
}

func (l *law) check(t *rapid.T, in tracing.Input) {
	if l.breaks(in) == "" {
		return
	}
	if l.broken == "" {
		small := smallest(in, l.breaks)
		l.broken = fmt.Sprintf("%s: %s\n%s", in.Rule, l.breaks(small), told(small))
	}
	t.Fatal(l.broken)
}

var everyRule = []tracing.Rule{tracing.FIFO, tracing.LIFO, tracing.ProRata, tracing.LIBR,
	tracing.OwnFirst, tracing.ProceedsFirst, tracing.Poison}

// difference says in what the engine and the oracle differ, or nothing.
func difference(in tracing.Input) string {
	o, in := consult(in)
	answer, err := trace(in)
	if err != nil {
		return "the walk stopped: " + err.Error()
	}
	if err := o.balanced(); err != nil {
		return err.Error()
	}
	c := &comparison{oracle: o, answer: answer}
	c.facts()
	if in.Rule == tracing.Poison {
		c.same("exposed", answer.Exposed, o.exposed())
	}
	c.losses()
	c.accounts()
	if o.exact() {
		c.oneNumber()
		c.largestRemainders()
	}
	return c.first
}

// trace is tracing.Trace, with a panic as an error: so that the smallest case
// that makes it can be found.
func trace(in tracing.Input) (answer tracing.Answer, err error) {
	defer func() {
		if wrong := recover(); wrong != nil {
			err = fmt.Errorf("panic: %v", wrong)
		}
	}()
	return tracing.Trace(in)
}

// comparison collects the first difference.
type comparison struct {
	*oracle
	answer tracing.Answer
	first  string
}

func (c *comparison) fail(format string, values ...any) {
	if c.first == "" {
		c.first = fmt.Sprintf("%s: %s", c.in.Rule, fmt.Sprintf(format, values...))
	}
}

func (c *comparison) same(what string, got, want any) {
	if fmt.Sprint(got) != fmt.Sprint(want) {
		c.fail("%s: got %v, oracle %v", what, got, want)
	}
}

// near holds a shown number against an exact one: it must be a neighbour.
func (c *comparison) near(what string, got domain.Units, exact *big.Rat) {
	floor, ceil := span(exact)
	if n := got.Big(); n.Cmp(floor) != 0 && n.Cmp(ceil) != 0 {
		c.fail("%s: got %v, oracle %s", what, n, exact.FloatString(6))
	}
}

// facts compares what does not depend on the rule.
func (c *comparison) facts() {
	c.same("warnings", c.warned(), c.warnedWanted())
	var missing []string
	for _, place := range c.sorted() {
		if m := c.missing[place]; m != nil {
			missing = append(missing, fmt.Sprint(place.account, place.asset.Code, m.amount, m.first, m.last))
		}
	}
	var got []string
	for _, m := range c.answer.Missing {
		got = append(got, fmt.Sprint(m.Account, m.Asset.Code, m.Amount, m.First, m.Last))
	}
	c.same("missing", got, missing)
	var losses []string
	for _, v := range c.answer.Victims {
		losses = append(losses, fmt.Sprint(v.Victim, v.Asset.Code, " reported ", v.Reported, " paid back ", v.PaidBack, v.Scams))
	}
	var want []string
	for _, loss := range c.oracle.losses() {
		v := c.victims[loss]
		want = append(want, fmt.Sprint(loss.victim, loss.asset.Code, " reported ", v.reported, " paid back ", v.paidBack, slices.Sorted(maps.Keys(v.scams))))
	}
	c.same("victims", strings.Join(losses, "; "), strings.Join(want, "; "))
}

// warned lists the warnings that the walk itself gives.
func (c *comparison) warned() []string {
	var list []string
	for _, w := range c.answer.Warnings {
		if w.Code != tracing.WarnGap && w.Code != tracing.WarnPossibleTwin && w.Code != tracing.WarnCoerced {
			list = append(list, w.Code+" "+string(w.Movement))
		}
	}
	slices.Sort(list)
	return list
}

func (c *comparison) warnedWanted() []string {
	var list []string
	for _, w := range c.warnings {
		list = append(list, w.code+" "+string(w.movement))
	}
	slices.Sort(list)
	return list
}

// losses compares every victim's own money and where it lies.
func (c *comparison) losses() {
	for _, v := range c.answer.Victims {
		loss := oracleLoss{v.Victim, v.Asset}
		name := fmt.Sprint(v.Victim, " ", v.Asset.Code)
		exact := c.victims[loss]
		c.same(name+" own", v.Own, nearest(exact.own.rat()))
		c.near(name+" returned", v.Returned, exact.returned.rat())
		claims, sum := maps.Clone(c.places(loss)), v.Returned
		for _, place := range v.Places {
			at := oraclePlace{place.Account, place.Asset}
			c.near(fmt.Sprint(name, " claim at ", at), place.Claim, cmpOr(claims[at], new(big.Rat)))
			c.same(fmt.Sprint(name, " state at ", at), place.State, c.state(place.Account))
			if place.Claim.Sign() <= 0 {
				c.fail("%s: a place with %v is listed: %v", name, place.Claim, at)
			}
			sum = sum.Plus(place.Claim)
			delete(claims, at)
		}
		for at, claim := range claims {
			c.near(fmt.Sprint(name, " claim, not listed, at ", at), domain.Units{}, claim)
		}
		c.same(name+" own against returned and places", sum, v.Own)
	}
}

// accounts compares what every account holds, and whose it is.
func (c *comparison) accounts() {
	listed := map[oraclePlace]bool{}
	for _, pool := range c.answer.Accounts {
		at := oraclePlace{pool.Account, pool.Asset}
		listed[at] = true
		c.account(at, pool)
	}
	for _, at := range c.sorted() {
		if holds := total(c.owners(at)); !listed[at] && (nearest(holds).Sign() != 0 || c.pools[at].overdraft.Sign() != 0) {
			c.fail("%v is not listed; the oracle has %v there, overdraft %v", at, holds, c.pools[at].overdraft)
		}
	}
	want := map[domain.Asset]domain.Units{}
	for _, amount := range c.answer.Presumed {
		want[amount.Asset] = amount.Units
	}
	for _, asset := range []domain.Asset{coin, {Code: "EUR", Digits: 2}, {Code: "ETH", Digits: 18}} {
		exact := nothing()
		if sum, ok := c.presumed[asset]; ok {
			exact = sum
		}
		c.near(fmt.Sprint("presumed ", asset.Code), want[asset], exact.rat())
	}
}

func (c *comparison) account(at oraclePlace, pool tracing.Pool) {
	if c.pools[at] == nil {
		c.fail("%v is listed and nobody named it", at)
		return
	}
	owners := maps.Clone(c.owners(at))
	c.same(fmt.Sprint(at, " balance"), pool.Balance, nearest(total(owners)))
	c.same(fmt.Sprint(at, " overdraft"), pool.Overdraft, c.pools[at].overdraft)
	c.same(fmt.Sprint(at, " frontier"), pool.Frontier, c.frontier(at) && len(pool.Traced) > 0)
	c.near(fmt.Sprint(at, " untraced"), pool.Untraced, owners[""])
	c.near(fmt.Sprint(at, " unexplained"), pool.Unexplained, c.unexplained(at))
	if pool.Untraced.Less(pool.Unexplained) {
		c.fail("%v: unexplained %v is more than untraced %v", at, pool.Unexplained, pool.Untraced)
	}
	delete(owners, "")
	sum := pool.Untraced
	for _, owner := range pool.Traced {
		c.near(fmt.Sprint(at, " traced ", owner.Victim), owner.Units, cmpOr(owners[owner.Victim], new(big.Rat)))
		if owner.Units.Sign() <= 0 {
			c.fail("%v: an owner with %v is listed", at, owner.Units)
		}
		sum = sum.Plus(owner.Units)
		delete(owners, owner.Victim)
	}
	for victim, units := range owners {
		c.near(fmt.Sprint(at, " traced, not listed, ", victim), domain.Units{}, units)
	}
	c.same(fmt.Sprint(at, " untraced and traced against balance"), sum, pool.Balance)
}

// smallest leaves out rows, and what people said, while the test still fails.
func smallest(in tracing.Input, fails func(tracing.Input) string) tracing.Input {
	in.Rows = slices.Clone(in.Rows)
	for size := len(in.Rows) / 2; size > 0; {
		shorter := false
		for from := 0; from+size <= len(in.Rows); {
			less := in
			less.Rows = slices.Delete(slices.Clone(in.Rows), from, from+size)
			if fails(less) == "" {
				from += size
				continue
			}
			in, shorter = less, true
		}
		if !shorter || size > 1 {
			size /= 2
		}
	}
	return quieter(in, fails)
}

// quieter leaves out descriptions, fees and the moment, while it still fails.
func quieter(in tracing.Input, fails func(tracing.Input) string) tracing.Input {
	for account := range in.Accounts {
		less := in
		less.Accounts = maps.Clone(in.Accounts)
		delete(less.Accounts, account)
		if fails(less) != "" {
			in = less
		}
	}
	for i := range in.Rows {
		less := in
		less.Rows = slices.Clone(in.Rows)
		less.Rows[i].Fee, less.Rows[i].Scam = domain.Amount{}, ""
		if fails(less) != "" {
			in = less
		}
	}
	return in
}

// told writes a case down, to be read.
func told(in tracing.Input) string {
	var b strings.Builder
	fmt.Fprintf(&b, "rule %s at %v\n", in.Rule, in.At)
	for account, said := range in.Accounts {
		fmt.Fprintf(&b, "  %s: %+v\n", account, said)
	}
	rows := slices.SortedFunc(slices.Values(in.Rows), func(a, b tracing.Row) int { return int(a.Position) - int(b.Position) })
	for _, row := range rows {
		fmt.Fprintf(&b, "  %d %s %s %s %s>%s %s", row.Position, row.ID, row.When, row.Kind, row.From, row.To, coins(row.Amount))
		fmt.Fprintf(&b, " got %s fee %s of %q victim %q opens %v", coins(row.Received), coins(row.Fee), row.Of, row.Victim, row.Statement)
		for _, leg := range row.Inputs {
			fmt.Fprintf(&b, " in %s %s %q", leg.Account, coins(leg.Amount), leg.Address)
		}
		for _, leg := range row.Outputs {
			fmt.Fprintf(&b, " out %s %s %q", leg.Account, coins(leg.Amount), leg.Address)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func coins(a domain.Amount) string {
	if !a.Given() {
		return "-"
	}
	return fmt.Sprint(a.Units, " ", a.Asset.Code)
}
