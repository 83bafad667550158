package domain

import (
	"strings"
	"testing"
)

func chainNews(step FreezeStep, at int, reference string, amount *Amount) FreezeNews {
	return FreezeNews{Account: "eip155:1:0xaa", Asset: tether, Scope: ScopeAccount, Mechanism: "stablecoin-issuer", Step: step,
		News: News{At: minute(at), Told: "chain", Reference: reference}, Amount: amount, Destroyed: step == StepSeize}
}

func tellAll(t *testing.T, c *CaseFile, news ...FreezeNews) (recorded int) {
	t.Helper()
	for _, n := range news {
		events, err := n.Decide(c)
		if err != nil {
			t.Fatal(err)
		}
		if len(events) > 0 {
			recorded++
		}
		for _, e := range events {
			c.Evolve(e)
		}
	}
	return recorded
}

// A blacklisted address: frozen, frozen again, burnt, let go, frozen anew.
func TestAnAddressOnAChainsBlacklist(t *testing.T) {
	c := caseWith(opened)
	story := []FreezeNews{chainNews(StepHold, 1, "a#1", nil), chainNews(StepHold, 2, "b#1", nil), chainNews(StepSeize, 3, "c#1", usdt(30)),
		chainNews(StepRelease, 4, "d#1", nil), chainNews(StepHold, 5, "e#1", nil)}
	if got := tellAll(t, c, story...); got != 5 {
		t.Errorf("%d recorded", got)
	}
	if got := tellAll(t, c, story...); got != 0 {
		t.Errorf("told again, %d recorded", got)
	}
	if len(c.Freezes) != 2 || c.Freezes["F1"].State != StateReleased || c.Freezes["F2"].State != StateHeld {
		t.Fatalf("%d freezes", len(c.Freezes))
	}
	if got := c.Freezes["F1"]; got.Sums.Seized != usdt(30).Units || len(got.Steps) != 5 || got.Steps[1].News.Unexpected != unaskedNews || got.Steps[3].News.Unexpected != "" {
		t.Errorf("%+v", got)
	}
}

// News of an address that we had asked the issuer about belongs to our request.
func TestAChainAnswersARequest(t *testing.T) {
	c := caseWith(opened)
	r := requested(nil)
	r.Account, r.Scope, r.At = "eip155:1:0xaa", ScopeAccount, minute(0)
	c.Evolve(r)
	mustStep(t, c, aStep(StepSubmit, 1))
	tellAll(t, c, chainNews(StepHold, 45, "a#1", nil))
	if f := c.Freezes["F1"]; len(c.Freezes) != 1 || f.State != StateHeld || f.Steps[2].News.Unexpected != "" {
		t.Errorf("%d freezes, %+v", len(c.Freezes), f)
	}
}

// What a person has told already is the same step; two burns of one sum in one
// block are two.
func TestOneStepToldByHandAndByTheChain(t *testing.T) {
	c := caseWith(opened)
	tellAll(t, c, chainNews(StepHold, 1, "a#1", nil))
	byHand := StepFreeze{Step: StepSeize, News: News{Freeze: "F1", At: minute(3), Told: "telephone"}, Amount: usdt(30)}
	mustStep(t, c, byHand)
	if got := tellAll(t, c, chainNews(StepSeize, 3, "c#1", usdt(30))); got != 0 || c.Freezes["F1"].Sums.Seized != usdt(30).Units {
		t.Errorf("%d recorded, %s seized", got, c.Freezes["F1"].Sums.Seized)
	}
	tellAll(t, c, chainNews(StepSeize, 4, "d#1", usdt(5)), chainNews(StepSeize, 4, "d#2", usdt(5)))
	if got := c.Freezes["F1"].Sums.Seized; got != usdt(40).Units {
		t.Errorf("%s seized", got)
	}
}

// A burn of what nobody was seen to freeze is recorded, and marked.
func TestABurnWithoutAHold(t *testing.T) {
	c := caseWith(opened)
	tellAll(t, c, chainNews(StepSeize, 3, "c#1", usdt(30)))
	if f := c.Freezes["F1"]; f.State != StateSeized || !strings.Contains(f.Steps[1].News.Unexpected, "no hold of it is known") {
		t.Errorf("%+v", f)
	}
}

// A trial changes nothing.
func TestARehearsalLeavesTheCaseAsItIs(t *testing.T) {
	c := reach(t, StateHeld)
	trial := c.Rehearse()
	mustStep(t, trial, aStep(StepRelease, 30))
	if c.Freezes["F1"].State != StateHeld || len(c.Freezes["F1"].Steps) != 3 || trial.Freezes["F1"].State != StateReleased {
		t.Errorf("%s %s", c.Freezes["F1"].State, trial.Freezes["F1"].State)
	}
}

// A hold that nobody asked for, told by two agencies.
func TestAHoldThatNobodyAskedFor(t *testing.T) {
	c := caseWith(opened)
	hold := RecordHold{requested(usdt(70)), FreezeHeld{News: News{At: minute(3), Told: "the bank"}, Amount: usdt(70)}}
	events, err := hold.Decide(c)
	if err != nil || len(events) != 2 {
		t.Fatalf("%v %v", events, err)
	}
	for _, e := range events {
		c.Evolve(e)
	}
	if f := c.Freezes["F1"]; !f.Request.Unasked || f.State != StateHeld || f.Sums.HeldNow != usdt(70).Units {
		t.Errorf("%+v", f)
	}
	hold.Request.Freeze, hold.Held.Told = "F2", "the police"
	if events, err := hold.Decide(c); err != nil || len(events) != 0 {
		t.Errorf("told twice: %v %v", events, err)
	}
	hold.Held.Amount = usdt(0)
	if _, err := hold.Decide(c); ClassOf(err) != ClassUsage {
		t.Errorf("a hold of nothing: %v", err)
	}
	if !StepSubmit.Ours() || StepHold.Ours() {
		t.Error("a submission is our own act, a hold is news")
	}
}
