package domain

import (
	"fmt"
	"slices"
	"strings"
)

// transition says from where a step follows and where it leads.
type transition struct {
	from []FreezeState
	to   FreezeState // "" where the step leaves the state as it is
	ours bool        // our own act: refused where it does not follow; news never is
}

// transitions is the state machine (docs/reference/freezes.md). The steps of
// others list from where they are expected; from elsewhere they are recorded
// with a warning.
var transitions = map[FreezeStep]transition{
	StepRequest:     {from: states(StateUnknown), to: StateDraft, ours: true},
	StepApprove:     {from: states(StateDraft, StateSubmitted, StateAcknowledged, StateAnswered, StateHeld), ours: true},
	StepSubmit:      {from: states(StateDraft), to: StateSubmitted, ours: true},
	StepWithdraw:    {from: states(StateDraft, StateSubmitted, StateAcknowledged, StateAnswered), to: StateWithdrawn, ours: true},
	StepAcknowledge: {from: states(StateSubmitted, StateAcknowledged), to: StateAcknowledged},
	StepAnswer:      {from: states(StateSubmitted, StateAcknowledged, StateAnswered), to: StateAnswered},
	StepHold:        {from: states(StateSubmitted, StateAcknowledged, StateAnswered, StateHeld), to: StateHeld},
	StepExtend:      {from: states(StateHeld, StateContested, StateDecided)},
	StepRelease:     {from: states(StateHeld, StateContested, StateDecided), to: StateReleased},
	StepExpire:      {from: states(StateHeld, StateContested, StateDecided), to: StateExpired},
	StepReturn:      {from: states(StateSubmitted, StateAcknowledged, StateAnswered, StateHeld, StateReturned, StateDecided), to: StateReturned},
	StepSeize:       {from: states(StateHeld, StateSeized, StateDecided), to: StateSeized},
	StepRestore:     {from: states(StateSeized, StateRestored, StateTransferred), to: StateRestored},
	StepTransfer:    {from: states(StateSeized, StateRestored), to: StateTransferred},
	StepReject:      {from: states(StateSubmitted, StateAcknowledged, StateAnswered), to: StateRejected},
	StepContest:     {from: states(StateHeld, StateSeized), to: StateContested},
	StepDecide:      {from: states(StateContested), to: StateDecided},
}

func states(list ...FreezeState) []FreezeState { return list }

// FreezeSteps lists every step, ours first.
func FreezeSteps() []FreezeStep {
	return []FreezeStep{StepRequest, StepApprove, StepSubmit, StepWithdraw, StepAcknowledge, StepAnswer, StepHold, StepExtend,
		StepRelease, StepExpire, StepReturn, StepSeize, StepRestore, StepTransfer, StepReject, StepContest, StepDecide}
}

// PossibleSteps are the steps that follow from a state, ours first.
func PossibleSteps(from FreezeState) []FreezeStep {
	var possible []FreezeStep
	for _, step := range FreezeSteps() {
		if slices.Contains(transitions[step].from, from) {
			possible = append(possible, step)
		}
	}
	return possible
}

// RequestFreeze drafts a request, or records a hold that nobody asked for.
type RequestFreeze struct{ FreezeRequested }

// Decide checks the draft. The same draft under the same name is recorded once.
func (r RequestFreeze) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	if known, ok := c.Freezes[r.Freeze]; ok {
		return nil, Conflict("freeze %s exists already and is %s: choose another name, or go on with 'clew freeze %s'", r.Freeze, known.State, anyOf(PossibleSteps(known.State)))
	}
	if err := r.wrong(); err != nil {
		return nil, err
	}
	return []Event{r.FreezeRequested}, nil
}

func (r RequestFreeze) wrong() error {
	switch {
	case !slices.Contains(FreezeScopes(), r.Scope):
		return Usage("freeze %s: scope %q is not one of %v", r.Freeze, r.Scope, FreezeScopes())
	case r.Account.Kind().End() && !r.Unasked: // what others have done is recorded, wherever it was
		return Usage("freeze %s: behind %s the money can no longer be told apart, so nothing of it can be held there: ask its operator for the customer's account", r.Freeze, r.Account)
	case r.Scope.Bounded() && (r.Amount == nil || r.Amount.Units.Sign() <= 0):
		return Usage("freeze %s: a hold of scope %s needs an amount above 0", r.Freeze, r.Scope)
	case r.Scope == ScopePayment && r.Payment == "":
		return Usage("freeze %s: scope payment names the payment that is recalled", r.Freeze)
	case r.Amount != nil && (r.Amount.Asset.Code != r.Asset || r.Amount.Asset.Digits != r.Digits):
		return Usage("freeze %s: the amount is in %s and the freeze in %s", r.Freeze, r.Amount.Asset.Code, r.Asset)
	case r.Mechanism == "":
		return Usage("freeze %s: say by which mechanism (see 'clew freeze mechanisms')", r.Freeze)
	}
	return nil
}

// NextFreeze is the first unused name F1, F2 …
func (c *CaseFile) NextFreeze() FreezeID {
	for n := len(c.Freezes) + 1; ; n++ {
		if id := FreezeID(fmt.Sprintf("F%d", n)); c.Freezes[id] == nil {
			return id
		}
	}
}

// StepFreeze takes one step of a freeze that exists. Only the fields that the
// step has are read.
type StepFreeze struct {
	Step FreezeStep `json:"step"`
	News
	Amount   *Amount          `json:"amount,omitempty"`
	Scope    FreezeScope      `json:"scope,omitempty"`
	Until    When             `json:"until,omitzero"`
	Urgent   bool             `json:"urgent,omitempty"`
	As       Acknowledgement  `json:"as,omitempty"`
	Answer   FreezeAnswerCode `json:"answer,omitempty"`
	Onward   []MovementID     `json:"onward,omitempty"`
	Route    Route            `json:"route,omitempty"`
	To       string           `json:"to,omitempty"`
	Shares   []VictimShare    `json:"shares,omitempty"`
	Method   string           `json:"method,omitempty"`
	Text     string           `json:"text,omitempty"` // reason, grievance or decision
	Stands   bool             `json:"stands,omitempty"`
	Movement MovementID       `json:"movement,omitempty"` // that shows the return or the seizure
	// Limit is the sum above which a second person must approve; nil: always.
	Limit *Amount `json:"-"`
}

// Decide refuses our own step where it does not follow, and records all news.
func (s StepFreeze) Decide(c *CaseFile) ([]Event, error) {
	if err := c.working(); err != nil {
		return nil, err
	}
	f, ok := c.Freezes[s.Freeze]
	if !ok {
		return nil, NotFound("case %s has no freeze %s: see 'clew freeze list --case %s'", c.ID, s.Freeze, c.ID)
	}
	if f.told(s) {
		return nil, nil
	}
	move, ok := transitions[s.Step]
	if !ok || s.Step == StepRequest {
		return nil, Usage("freeze %s: %q is no step; from %s these are possible: %s", s.Freeze, s.Step, f.State, anyOf(PossibleSteps(f.State)))
	}
	follows := slices.Contains(move.from, f.State)
	if move.ours && !follows {
		return nil, Conflict("freeze %s is %s, so it cannot %s; possible now: %s", s.Freeze, f.State, s.Step, anyOf(PossibleSteps(f.State)))
	}
	if err := s.wrong(f); err != nil {
		return nil, err
	}
	s.Unexpected = s.unexpected(f, follows)
	return []Event{s.event()}, nil
}

func anyOf(steps []FreezeStep) string {
	var names []string
	for _, s := range steps {
		names = append(names, string(s))
	}
	if len(names) == 0 {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// told says whether the same step was told before: the same verb, time and
// amount. Two agencies may tell it, or a retry.
func (f *Freeze) told(s StepFreeze) bool {
	return slices.ContainsFunc(f.Steps, func(t StepTaken) bool {
		return t.Step == s.Step && t.News.At.Time.Equal(s.At.Time) && sameAmount(t.Amount, s.Amount)
	})
}

func sameAmount(a, b *Amount) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// wrong refuses what cannot be recorded at all.
func (s StepFreeze) wrong(f *Freeze) error {
	asset := Asset{f.Request.Asset, f.Request.Digits}
	needs := s.Step == StepReturn || s.Step == StepSeize || s.Step == StepRestore || s.Step == StepTransfer
	switch {
	case s.At.IsZero():
		return Usage("freeze %s: say when it happened (--at)", s.Freeze)
	case s.Amount != nil && s.Amount.Asset != asset:
		return Usage("freeze %s is of %s, not of %s", s.Freeze, asset.Code, s.Amount.Asset.Code)
	case s.Amount != nil && s.Amount.Units.Sign() <= 0, needs && s.Amount == nil:
		return Usage("freeze %s: %s needs an amount above 0", s.Freeze, s.Step)
	case s.Step == StepApprove && s.By == f.Request.By:
		return &Error{Class: ClassDenied, Text: fmt.Sprintf("freeze %s was drafted by %s, who cannot approve it as well: ask a second person", s.Freeze, s.By)}
	case s.Step == StepSubmit && !s.Urgent && f.Approver == "" && f.needsApproval(s.Limit):
		return &Error{Class: ClassDenied, Text: fmt.Sprintf("freeze %s needs the approval of somebody other than %s before it goes out ('clew freeze approve'); when minutes count, submit it with --urgent and have it approved afterwards", s.Freeze, f.Request.By)}
	case s.Step == StepExtend && s.Until.IsZero():
		return Usage("freeze %s: say until when it is extended (--until)", s.Freeze)
	}
	if err := s.wrongShares(asset); err != nil {
		return err
	}
	return s.wrongText()
}

// wrongShares holds the shares of a restoration against its sum: of every
// recovered sum all that is restored is received by somebody. News that does
// not say who received has none.
func (s StepFreeze) wrongShares(asset Asset) error {
	if s.Step != StepRestore || len(s.Shares) == 0 {
		return nil
	}
	sum := Amount{Asset: asset}
	for _, share := range s.Shares {
		var err error
		if share.Victim == "" || share.Amount.Asset != asset || share.Amount.Units.Sign() <= 0 {
			return Usage("freeze %s: each share names a victim and an amount of %s above 0", s.Freeze, asset.Code)
		}
		if sum, err = sum.Add(share.Amount); err != nil {
			return err
		}
	}
	if sum != *s.Amount {
		return Usage("freeze %s: the shares sum to %s and not to the %s %s that are restored", s.Freeze, sum, s.Amount, asset.Code)
	}
	return nil
}

func (s StepFreeze) wrongText() error {
	answers := []FreezeAnswerCode{AnswerMatched, AnswerNoAccount, AnswerAlreadyEmpty, AnswerOutOfScope}
	routes := []Route{RouteRecall, RouteConsent, RouteAdministrative, RouteCourt}
	acks := []Acknowledgement{AckPlain, AckIndemnity, AckConsent, AckPassedOn}
	switch {
	case s.Step == StepAnswer && !slices.Contains(answers, s.Answer):
		return Usage("freeze %s: answer %q is not one of %v", s.Freeze, s.Answer, answers)
	case s.Step == StepReturn && !slices.Contains(routes, s.Route):
		return Usage("freeze %s: route %q is not one of %v", s.Freeze, s.Route, routes)
	case s.Step == StepAcknowledge && !slices.Contains(acks, s.As):
		return Usage("freeze %s: %q is not one of %v", s.Freeze, s.As, acks)
	case s.Step == StepReject || s.Step == StepWithdraw || s.Step == StepContest || s.Step == StepDecide:
		return checkText("reason", s.Text)
	}
	return nil
}

// needsApproval says whether the request is above the installation's limit.
// What has no stated amount is above every limit.
func (f *Freeze) needsApproval(limit *Amount) bool {
	if limit == nil || f.Request.Amount == nil || limit.Asset != f.Request.Amount.Asset {
		return true
	}
	return limit.Units.Less(f.Request.Amount.Units)
}

// unexpected says why news does not follow from where the freeze stands.
func (s StepFreeze) unexpected(f *Freeze, follows bool) string {
	var why []string
	if !follows {
		why = append(why, fmt.Sprintf("the freeze was %s when this was learnt", f.State))
	}
	if !f.SubmittedAt.IsZero() && s.At.End().Before(f.SubmittedAt.Time) && s.Step != StepApprove {
		why = append(why, "it happened before the request was submitted")
	}
	if beyond := s.beyond(f); beyond != "" {
		why = append(why, beyond)
	}
	return strings.Join(why, "; ")
}

// beyond says which sum the news breaks: restored ≤ seized, returned +
// restored ≤ held + seized, and nothing leaves that is not held.
func (s StepFreeze) beyond(f *Freeze) string {
	if s.Amount == nil {
		return ""
	}
	sums, units := f.Sums, s.Amount.Units
	switch s.Step {
	case StepRelease, StepReturn, StepSeize:
		if !f.sumless() && sums.HeldNow.Less(units) {
			return fmt.Sprintf("%s is more than the %s that is held", s.Amount, s.Amount.Asset.Format(sums.HeldNow))
		}
	case StepRestore, StepTransfer:
		left := sums.Seized.Minus(sums.Restored.Plus(sums.Transferred).Min(sums.Seized))
		if left.Less(units) {
			return fmt.Sprintf("%s is more than the %s that is seized and not yet given away", s.Amount, s.Amount.Asset.Format(left))
		}
	}
	return ""
}

// sumless says whether all that is there is held and nobody told how much that
// is: then no sum can be known to be more.
func (f *Freeze) sumless() bool {
	return !f.Scope.Bounded() && !f.FirstHeldAt.IsZero() && f.Sums.Held.IsZero()
}

// event makes the event of the step.
func (s StepFreeze) event() Event {
	amount := Amount{}
	if s.Amount != nil {
		amount = *s.Amount
	}
	switch s.Step {
	case StepApprove:
		return FreezeApproved{s.News}
	case StepSubmit:
		return FreezeSubmitted{s.News, s.Urgent}
	case StepWithdraw:
		return FreezeWithdrawn{s.News, s.Text}
	case StepAcknowledge:
		return FreezeAcknowledged{s.News, s.As}
	case StepAnswer:
		return FreezeAnswered{s.News, s.Answer, s.Onward}
	case StepHold:
		return FreezeHeld{s.News, s.Amount, s.Scope, s.Until}
	case StepExtend:
		return FreezeExtended{s.News, s.Until}
	case StepRelease:
		return FreezeReleased{s.News, s.Amount}
	case StepExpire:
		return FreezeExpired{s.News}
	case StepReturn:
		return FreezeReturned{s.News, amount, s.Route, AccountID(s.To), s.Movement}
	case StepSeize:
		return FreezeSeized{s.News, amount, s.Method == "destroyed", s.Movement}
	case StepRestore:
		return FreezeRestored{s.News, amount, s.Shares, s.Method}
	case StepTransfer:
		return FreezeTransferred{s.News, amount, s.To}
	case StepReject:
		return FreezeRejected{s.News, s.Text}
	case StepContest:
		return FreezeContested{s.News, s.Text}
	case StepDecide:
		return FreezeDecided{s.News, s.Text, s.Stands}
	}
	panic("domain: no event for the step " + string(s.Step))
}
