package domain

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var tether = Asset{"USDT", 6}

func usdt(n int64) *Amount { return &Amount{NewUnits(n * 1_000_000), tether} }

func minute(n int) When { return Instant(time.Date(2024, 1, 5, 10, n, 0, 0, time.UTC)) }

func requested(amount *Amount) FreezeRequested {
	return FreezeRequested{Freeze: "F1", At: minute(0), By: "drafter", Account: "tron:T1", Asset: tether.Code, Digits: tether.Digits,
		Scope: ScopeAmount, Amount: amount, Mechanism: "stablecoin-issuer"}
}

// reach brings a freeze into a state by steps that follow from one another.
func reach(t *testing.T, state FreezeState) *CaseFile {
	t.Helper()
	c := caseWith(opened)
	if state == StateUnknown {
		return c
	}
	c.Evolve(requested(usdt(100)))
	ways := map[FreezeState][]FreezeStep{
		StateDraft: {}, StateSubmitted: {StepSubmit}, StateAcknowledged: {StepSubmit, StepAcknowledge},
		StateAnswered: {StepSubmit, StepAnswer}, StateHeld: {StepSubmit, StepHold}, StateReleased: {StepSubmit, StepHold, StepRelease},
		StateExpired: {StepSubmit, StepHold, StepExpire}, StateReturned: {StepSubmit, StepHold, StepReturn},
		StateSeized: {StepSubmit, StepHold, StepSeize}, StateRestored: {StepSubmit, StepHold, StepSeize, StepRestore},
		StateTransferred: {StepSubmit, StepHold, StepSeize, StepTransfer}, StateRejected: {StepSubmit, StepReject},
		StateWithdrawn: {StepWithdraw}, StateContested: {StepSubmit, StepHold, StepContest},
		StateDecided: {StepSubmit, StepHold, StepContest, StepDecide},
	}
	for i, step := range ways[state] {
		mustStep(t, c, aStep(step, i+1))
	}
	if got := c.Freezes["F1"].State; got != state {
		t.Fatalf("the freeze is %s, not %s", got, state)
	}
	return c
}

// aStep is a step with everything that it needs.
func aStep(step FreezeStep, at int) StepFreeze {
	s := StepFreeze{Step: step, News: News{Freeze: "F1", At: minute(at), By: "officer"}, Urgent: true,
		Answer: AnswerMatched, Route: RouteRecall, Text: "because", Until: minute(59), To: "elsewhere"}
	if slices.Contains([]FreezeStep{StepHold, StepReturn, StepSeize, StepRestore, StepTransfer}, step) {
		s.Amount = usdt(100)
	}
	return s
}

func mustStep(t *testing.T, c *CaseFile, s StepFreeze) []Event {
	t.Helper()
	events, err := s.Decide(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		c.Evolve(e)
	}
	return events
}

// Every state × every step. Our own acts are refused where they do not follow,
// and the refusal names the state and what is possible; news is always
// recorded, with what is unexpected about it.
func TestEveryStepFromEveryState(t *testing.T) {
	all := []FreezeState{StateUnknown, StateDraft, StateSubmitted, StateAcknowledged, StateAnswered, StateHeld, StateReleased, StateExpired,
		StateReturned, StateSeized, StateRestored, StateTransferred, StateRejected, StateWithdrawn, StateContested, StateDecided}
	follows := map[FreezeStep]string{ // by hand from docs/reference/freezes.md
		StepApprove: "draft submitted acknowledged answered held", StepSubmit: "draft",
		StepWithdraw: "draft submitted acknowledged answered", StepAcknowledge: "submitted acknowledged",
		StepAnswer: "submitted acknowledged answered", StepHold: "submitted acknowledged answered held",
		StepExtend: "held contested decided", StepRelease: "held contested decided", StepExpire: "held contested decided",
		StepReturn: "submitted acknowledged answered held returned decided", StepSeize: "held seized decided",
		StepRestore: "seized restored transferred", StepTransfer: "seized restored", StepReject: "submitted acknowledged answered",
		StepContest: "held seized", StepDecide: "contested",
	}
	ours := []FreezeStep{StepApprove, StepSubmit, StepWithdraw}
	for _, state := range all[1:] {
		for step, from := range follows {
			t.Run(fmt.Sprintf("%s from %s", step, state), func(t *testing.T) {
				checkStep(t, reach(t, state), aStep(step, 30), slices.Contains(strings.Fields(from), string(state)), slices.Contains(ours, step))
			})
		}
	}
}

func checkStep(t *testing.T, c *CaseFile, s StepFreeze, follows, ours bool) {
	t.Helper()
	state := c.Freezes["F1"].State
	events, err := s.Decide(c)
	if ours && !follows {
		if ClassOf(err) != ClassConflict || !strings.Contains(err.Error(), "is "+string(state)) || !strings.Contains(err.Error(), "possible now") {
			t.Fatalf("our own act: %v", err)
		}
		return
	}
	if err != nil || len(events) != 1 {
		t.Fatalf("recorded %v, %v", events, err)
	}
	_, news, _ := events[0].(freezeEvent).step()
	if (news.Unexpected == "") != follows && !strings.Contains(news.Unexpected, "more than") {
		t.Errorf("unexpected: %q, follows: %t", news.Unexpected, follows)
	}
	c.Evolve(events[0])
	if to := transitions[s.Step].to; to != "" && c.Freezes["F1"].State != to {
		t.Errorf("the freeze is %s afterwards", c.Freezes["F1"].State)
	}
}

// The same step told twice is one step; a freeze of what is frozen already is
// recorded and adds nothing.
func TestTheSameStepToldTwice(t *testing.T) {
	c := reach(t, StateHeld)
	if events := mustStep(t, c, aStep(StepHold, 2)); len(events) != 0 {
		t.Errorf("told twice: %v", events)
	}
	if events := mustStep(t, c, aStep(StepHold, 3)); len(events) != 1 {
		t.Errorf("frozen again: %v", events)
	}
	if got := c.Freezes["F1"].Sums; got.Held != usdt(100).Units || got.HeldNow != usdt(100).Units {
		t.Errorf("held %s, now %s", got.Held, got.HeldNow)
	}
}

// News that is learnt late does not turn the state back.
func TestLateNewsDoesNotTurnTheStateBack(t *testing.T) {
	c := reach(t, StateHeld)
	mustStep(t, c, aStep(StepAcknowledge, 1))
	if got := c.Freezes["F1"]; got.State != StateHeld || got.AckedAt != minute(1) {
		t.Errorf("%s, acknowledged %s", got.State, got.AckedAt)
	}
}

// A release of a part leaves the rest held; what is returned and seized leaves
// the hold; what goes beyond it is recorded and marked.
func TestSumsOfAFreeze(t *testing.T) {
	c := reach(t, StateHeld)
	part := aStep(StepRelease, 5)
	part.Amount = usdt(30)
	mustStep(t, c, part)
	if got := c.Freezes["F1"]; got.State != StateHeld || got.Sums.HeldNow != usdt(70).Units {
		t.Fatalf("%s, %s held", got.State, got.Sums.HeldNow)
	}
	back := aStep(StepReturn, 6)
	back.Amount = usdt(20)
	mustStep(t, c, back)
	taken := aStep(StepSeize, 7)
	taken.Amount = usdt(60)
	events := mustStep(t, c, taken)
	if news := events[0].(FreezeSeized); !strings.Contains(news.Unexpected, "more than the 50.000000 that is held") {
		t.Errorf("unexpected: %q", news.Unexpected)
	}
	sums := c.Freezes["F1"].Sums
	want := FreezeSums{Held: usdt(100).Units, HeldNow: usdt(0).Units, Released: usdt(30).Units, Returned: usdt(20).Units, Seized: usdt(60).Units}
	if sums != want {
		t.Errorf("%+v, want %+v", sums, want)
	}
}

// Four eyes: above the limit nobody sends out what he drafted himself, but
// when minutes count it goes out and the approval is due afterwards.
func TestFourEyes(t *testing.T) {
	submit := func(limit *Amount, urgent bool) StepFreeze {
		return StepFreeze{Step: StepSubmit, News: News{Freeze: "F1", At: minute(1), By: "drafter"}, Urgent: urgent, Limit: limit}
	}
	approve := func(by string) StepFreeze {
		return StepFreeze{Step: StepApprove, News: News{Freeze: "F1", At: minute(1), By: by}}
	}
	for _, tc := range []struct {
		name  string
		steps []StepFreeze
		want  Class
	}{
		{"at the limit", []StepFreeze{submit(usdt(100), false)}, -1},
		{"above the limit", []StepFreeze{submit(usdt(99), false)}, ClassDenied},
		{"no limit set", []StepFreeze{submit(nil, false)}, ClassDenied},
		{"urgent", []StepFreeze{submit(usdt(99), true)}, -1},
		{"approved by himself", []StepFreeze{approve("drafter")}, ClassDenied},
		{"approved by another", []StepFreeze{approve("chief"), submit(usdt(99), false)}, -1},
		{"urgent, approved afterwards", []StepFreeze{submit(usdt(99), true), approve("chief")}, -1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := reach(t, StateDraft)
			var err error
			for _, s := range tc.steps {
				var events []Event
				if events, err = s.Decide(c); err != nil {
					break
				}
				c.Evolve(events[0])
			}
			if classed := (*Error)(nil); errors.As(err, &classed) != (tc.want >= 0) || err != nil && classed.Class != tc.want {
				t.Errorf("got %v", err)
			}
		})
	}
}

// What cannot be recorded at all.
func TestRequestsThatCannotBe(t *testing.T) {
	change := func(edit func(*FreezeRequested)) RequestFreeze {
		r := requested(usdt(100))
		edit(&r)
		return RequestFreeze{r}
	}
	for want, r := range map[string]RequestFreeze{
		"needs an amount":      change(func(r *FreezeRequested) { r.Amount = nil }),
		"can no longer be":     change(func(r *FreezeRequested) { r.Account = "cash:x" }),
		"is not one of":        change(func(r *FreezeRequested) { r.Scope = "all" }),
		"names the payment":    change(func(r *FreezeRequested) { r.Scope = ScopePayment }),
		"by which mechanism":   change(func(r *FreezeRequested) { r.Mechanism = "" }),
		"the amount is in USD": change(func(r *FreezeRequested) { r.Amount = &Amount{NewUnits(1), Asset{"USD", 2}} }),
	} {
		if _, err := r.Decide(caseWith(opened)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
