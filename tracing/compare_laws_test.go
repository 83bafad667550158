package tracing_test

import (
	"fmt"
	"maps"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"clew/domain"
	"clew/tracing"

	"pgregory.net/rapid"
)

// names is a renaming of accounts and victims.
type renaming struct {
	accounts map[domain.AccountID]domain.AccountID
	victims  map[domain.VictimID]domain.VictimID
}

// rename renames everything in a case. The walk's own sinks keep their names.
func (r renaming) rename(in tracing.Input) tracing.Input {
	rows := slices.Clone(in.Rows)
	for i, row := range rows {
		rows[i].From, rows[i].To, rows[i].Victim = r.accounts[row.From], r.accounts[row.To], r.victims[row.Victim]
		rows[i].Inputs, rows[i].Outputs = r.legs(row.Inputs), r.legs(row.Outputs)
	}
	accounts := map[domain.AccountID]tracing.Account{}
	for account, said := range in.Accounts {
		said.Victim, said.NotVictim = r.victims[said.Victim], r.victims[said.NotVictim]
		accounts[r.accounts[account]] = said
	}
	in.Rows, in.Accounts = rows, accounts
	return in
}

func (r renaming) legs(legs []domain.Leg) []domain.Leg {
	renamed := slices.Clone(legs)
	for i, leg := range renamed {
		renamed[i].Account = r.accounts[leg.Account]
	}
	return renamed
}

// renamer names every account anew, by its rank among the accounts of its
// prefix (so that the order among all is kept), or shuffled among them.
func renamer(in tracing.Input, shuffled *rand.Rand) renaming {
	groups, victims := map[string][]domain.AccountID{}, map[domain.VictimID]bool{}
	for _, account := range accountsOf(in) {
		prefix := string(account[0])
		if kind := account.Kind(); kind != domain.KindUnknown {
			prefix = string(kind)
		}
		groups[prefix] = append(groups[prefix], account)
	}
	for _, row := range in.Rows {
		victims[row.Victim] = true
	}
	for _, said := range in.Accounts {
		victims[said.Victim], victims[said.NotVictim] = true, true
	}
	r := renaming{map[domain.AccountID]domain.AccountID{}, map[domain.VictimID]domain.VictimID{}}
	for prefix, accounts := range groups {
		for i, rank := range ranks(len(accounts), shuffled) {
			r.accounts[accounts[i]] = newName(prefix, accounts[i], rank)
		}
	}
	delete(victims, "")
	list := slices.Sorted(maps.Keys(victims))
	for i, rank := range ranks(len(list), shuffled) {
		r.victims[list[i]] = domain.VictimID(fmt.Sprintf("W%03d", rank))
	}
	return r
}

func ranks(n int, shuffled *rand.Rand) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	if shuffled != nil {
		shuffled.Shuffle(n, func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	return list
}

func newName(prefix string, account domain.AccountID, rank int) domain.AccountID {
	switch {
	case account.Kind() == domain.KindSink || account == "":
		return account
	case account.Kind() != domain.KindUnknown:
		return domain.AccountID(fmt.Sprintf("%s:%03d", prefix, rank))
	}
	return domain.AccountID(fmt.Sprintf("%s%03d", prefix, rank))
}

func accountsOf(in tracing.Input) []domain.AccountID {
	seen := map[domain.AccountID]bool{domain.SinkFees: true, domain.SinkUnrecorded: true, domain.SinkOverdraft: true}
	for _, row := range in.Rows {
		seen[row.From], seen[row.To] = true, true
		for _, leg := range slices.Concat(row.Inputs, row.Outputs) {
			seen[leg.Account] = true
		}
	}
	for account := range in.Accounts {
		seen[account] = true
	}
	delete(seen, "")
	return slices.Sorted(maps.Keys(seen))
}

func (r renaming) account(account domain.AccountID) domain.AccountID {
	if r.accounts == nil {
		return account
	}
	return r.accounts[account]
}

func (r renaming) victim(victim domain.VictimID) domain.VictimID {
	if r.victims == nil {
		return victim
	}
	return r.victims[victim]
}

// lines writes an answer down under new names, without the warnings' text, in
// an order of its own: what two answers must have in common.
func lines(answer tracing.Answer, r renaming) []string {
	var list []string
	add := func(values ...any) { list = append(list, fmt.Sprint(values...)) }
	for _, v := range answer.Victims {
		victim := r.victim(v.Victim)
		add("victim ", victim, v.Asset, v.Reported, v.Own, v.Returned, v.PaidBack, v.Scams)
		for _, place := range v.Places {
			add("place ", victim, v.Asset, r.account(place.Account), place.Asset, place.Claim, place.State)
		}
	}
	for _, pool := range answer.Accounts {
		account := r.account(pool.Account)
		add("pool ", account, pool.Asset, pool.Balance, pool.Untraced, pool.Unexplained, pool.Overdraft, pool.Frontier)
		for _, owner := range pool.Traced {
			add("owner ", account, pool.Asset, r.victim(owner.Victim), owner.Units)
		}
	}
	for _, m := range answer.Missing {
		add("missing ", r.account(m.Account), m.Asset, m.Amount, m.First, m.Last)
	}
	for _, w := range answer.Warnings {
		add("warning ", w.Code, w.Movement, r.account(w.Account), w.Amount)
	}
	add("presumed ", answer.Presumed)
	for _, account := range answer.Exposed {
		add("exposed ", r.account(account))
	}
	slices.Sort(list)
	return list
}

// asNamed are an answer's lines under the names it has.
var asNamed = renaming{}

// answered is an answer's lines, or the error as one.
func answered(in tracing.Input, r renaming) []string {
	answer, err := trace(in)
	if err != nil {
		return []string{"the walk stopped: " + err.Error()}
	}
	return lines(answer, r)
}

// unlike says in what two answers differ, or nothing.
func unlike(one, other []string) string {
	for i := range max(len(one), len(other)) {
		a, b := "", ""
		if i < len(one) {
			a = one[i]
		}
		if i < len(other) {
			b = other[i]
		}
		if a != b {
			return fmt.Sprintf("%q against %q", a, b)
		}
	}
	return ""
}

// The tie order alone may depend on names: new names in the same order change
// nothing at all.
func TestNewNamesInTheSameOrderChangeNothing(t *testing.T) {
	law := &law{breaks: func(in tracing.Input) string {
		r := renamer(in, nil)
		return unlike(answered(in, r), answered(r.rename(in), asNamed))
	}}
	rapid.Check(t, func(t *rapid.T) {
		in := network(t)
		in.Rule = rapid.SampledFrom(everyRule).Draw(t, "rule")
		law.check(t, in)
	})
}

// Whole-unit rules round by place in a draw, never by name: any new names
// change nothing but the names.
func TestNamesDoNotMatterUnderWholeUnitRules(t *testing.T) {
	law := &law{breaks: func(in tracing.Input) string {
		r := renamer(in, rand.New(rand.NewPCG(uint64(len(in.Rows)), 0)))
		return unlike(answered(in, r), answered(r.rename(in), asNamed))
	}}
	rapid.Check(t, func(t *rapid.T) {
		in := network(t)
		in.Rule = rapid.SampledFrom([]tracing.Rule{tracing.FIFO, tracing.LIFO, tracing.OwnFirst, tracing.ProceedsFirst, tracing.Poison}).Draw(t, "rule")
		law.check(t, in)
	})
}

// What had happened by a moment does not depend on what came after, but for
// the homes that later reports show. Nor does it depend on the rows' order.
func TestTheAnswerAtAMomentIsTheAnswerOfWhatHadHappened(t *testing.T) {
	law := &law{breaks: func(in tracing.Input) string {
		short := in
		short.Rows = slices.DeleteFunc(slices.Clone(in.Rows), func(row tracing.Row) bool {
			return row.When.Time.After(in.At) && row.Victim == ""
		})
		slices.Reverse(short.Rows)
		return unlike(answered(in, asNamed), answered(short, asNamed))
	}}
	rapid.Check(t, func(t *rapid.T) {
		in := network(t)
		in.Rule = rapid.SampledFrom(everyRule).Draw(t, "rule")
		in.At = in.Rows[rapid.IntRange(0, len(in.Rows)-1).Draw(t, "row")].When.Time
		law.check(t, in)
	})
}

// The ratchet (Roscoe v Winder): for one claim in one account, libr leaves the
// least of the claim and the lowest balance since.
func TestLIBRIsTheRatchetForOneClaim(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		money := rapid.Int64Range(0, 500)
		held := money.Draw(t, "own before")
		claim := rapid.Int64Range(1, 500).Draw(t, "claim")
		rows := transfers(fmt.Sprintf("= A %d; V > A %d !", held, claim))
		held += claim
		lowest := held
		for i := range rapid.IntRange(0, 30).Draw(t, "movements") {
			row := transfers(fmt.Sprintf("A > X %d", money.Draw(t, "amount")))[0]
			amount, _ := row.Amount.Units.Int64()
			row.ID, row.Position = domain.MovementID(fmt.Sprint("r", i)), uint64(10+i)
			row.When = domain.Instant(row.When.Time.Add(time.Duration(10+i) * time.Minute))
			switch rapid.IntRange(0, 2).Draw(t, "kind") {
			case 0:
				held = max(held-amount, 0) // what is more is unexplained
			case 1:
				row.From, row.To = "Q", "A"
				held += amount
			case 2:
				row.Kind, row.From, row.To = domain.Balance, "", "A"
				held = amount
			}
			lowest = min(lowest, held)
			rows = append(rows, row)
		}
		want, got := big.NewInt(min(claim, lowest)), new(big.Int)
		answer, err := tracing.Trace(tracing.Input{Rule: tracing.LIBR, Rows: rows})
		if err != nil {
			t.Fatal(err)
		}
		for _, place := range answer.Victims[0].Places {
			if place.Account == "A" {
				got = place.Claim.Big()
			}
		}
		if got.Cmp(want) != 0 {
			t.Fatalf("libr leaves %v, the ratchet %v\n%s", got, want, told(tracing.Input{Rule: tracing.LIBR, Rows: rows}))
		}
	})
}

// Halves go to even (Exactness): V2 pays half of what lies in his home, where
// his own money and V1's are equal. Of the payment 1½ or 2½ is his own.
func TestExactHalvesGoToEven(t *testing.T) {
	for _, c := range []struct{ each, own int64 }{{1, 0}, {3, 2}, {5, 2}, {7, 4}} {
		rows := transfers(fmt.Sprintf("V1 > V2 %d !; = V2 %d; V2 > A %d !", c.each, c.each, c.each))
		answer, err := tracing.Trace(tracing.Input{Rule: tracing.ProRata, Rows: rows})
		if err != nil {
			t.Fatal(err)
		}
		if own := answer.Victims[1].Own; own != domain.NewUnits(c.own) {
			t.Errorf("half of %d is shown as %v, want %d", c.each, own, c.own)
		}
	}
}
