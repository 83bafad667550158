package domain

// Freeze is one freeze as it stands at a position of the log: the fold of its
// steps. News may come late or out of order: the state is that of the step
// that happened last, and of two at the same time, the one learnt last.
type Freeze struct {
	Request     FreezeRequested
	State       FreezeState
	since       When // of the step that made State
	Submitter   string
	Approver    string
	Urgent      bool
	As          Acknowledgement
	Answer      FreezeAnswerCode
	Scope       FreezeScope // as it is held
	Until       When        // when the hold lapses; zero: no date is known
	SubmittedAt When
	AckedAt     When
	FirstHeldAt When
	Sums        FreezeSums
	Steps       []StepTaken // in the order learnt
}

// FreezeSums are what the steps told, in smallest units. They are different
// ledgers: nothing ever adds them up.
type FreezeSums struct {
	Held        Units // the most that was ever held at once
	HeldNow     Units
	Released    Units
	Returned    Units
	Seized      Units
	Restored    Units
	Transferred Units
}

// StepTaken is one step as it was learnt.
type StepTaken struct {
	Step   FreezeStep
	News   News
	Amount *Amount
}

// evolve takes note of a step.
func (f *Freeze) evolve(event freezeEvent) {
	step, news, amount := event.step()
	f.Steps = append(f.Steps, StepTaken{step, news, amount})
	if to := transitions[step].to; to != "" && !news.At.Time.Before(f.since.Time) {
		f.State, f.since = to, news.At
	}
	event.apply(f)
}

// freezeEvent is an event about one freeze.
type freezeEvent interface {
	Event
	step() (FreezeStep, News, *Amount)
	apply(f *Freeze)
}

func (e FreezeRequested) step() (FreezeStep, News, *Amount) {
	return StepRequest, News{Freeze: e.Freeze, At: e.At, By: e.By}, e.Amount
}
func (e FreezeApproved) step() (FreezeStep, News, *Amount)  { return StepApprove, e.News, nil }
func (e FreezeSubmitted) step() (FreezeStep, News, *Amount) { return StepSubmit, e.News, nil }
func (e FreezeWithdrawn) step() (FreezeStep, News, *Amount) { return StepWithdraw, e.News, nil }
func (e FreezeAcknowledged) step() (FreezeStep, News, *Amount) {
	return StepAcknowledge, e.News, nil
}
func (e FreezeAnswered) step() (FreezeStep, News, *Amount) { return StepAnswer, e.News, nil }
func (e FreezeHeld) step() (FreezeStep, News, *Amount)     { return StepHold, e.News, e.Amount }
func (e FreezeExtended) step() (FreezeStep, News, *Amount) { return StepExtend, e.News, nil }
func (e FreezeReleased) step() (FreezeStep, News, *Amount) { return StepRelease, e.News, e.Amount }
func (e FreezeExpired) step() (FreezeStep, News, *Amount)  { return StepExpire, e.News, nil }
func (e FreezeReturned) step() (FreezeStep, News, *Amount) { return StepReturn, e.News, &e.Amount }
func (e FreezeSeized) step() (FreezeStep, News, *Amount)   { return StepSeize, e.News, &e.Amount }
func (e FreezeRestored) step() (FreezeStep, News, *Amount) {
	return StepRestore, e.News, &e.Amount
}
func (e FreezeTransferred) step() (FreezeStep, News, *Amount) {
	return StepTransfer, e.News, &e.Amount
}
func (e FreezeRejected) step() (FreezeStep, News, *Amount)  { return StepReject, e.News, nil }
func (e FreezeContested) step() (FreezeStep, News, *Amount) { return StepContest, e.News, nil }
func (e FreezeDecided) step() (FreezeStep, News, *Amount)   { return StepDecide, e.News, nil }

func (e FreezeRequested) apply(f *Freeze) { f.Request, f.Scope = e, e.Scope }
func (e FreezeApproved) apply(f *Freeze)  { f.Approver = e.By }
func (e FreezeSubmitted) apply(f *Freeze) {
	f.Submitter, f.Urgent, f.SubmittedAt = e.By, e.Urgent, earlier(f.SubmittedAt, e.At)
}
func (e FreezeWithdrawn) apply(*Freeze)      {}
func (e FreezeAcknowledged) apply(f *Freeze) { f.As, f.AckedAt = e.As, earlier(f.AckedAt, e.At) }
func (e FreezeAnswered) apply(f *Freeze)     { f.Answer = e.Answer }
func (e FreezeExtended) apply(f *Freeze)     { f.Until = e.Until }
func (e FreezeExpired) apply(f *Freeze)      { f.Sums.release(f.Sums.HeldNow) }
func (e FreezeRejected) apply(*Freeze)       {}
func (e FreezeContested) apply(*Freeze)      {}
func (e FreezeDecided) apply(*Freeze)        {}
func (e FreezeRestored) apply(f *Freeze)     { f.Sums.Restored = f.Sums.Restored.Plus(e.Amount.Units) }
func (e FreezeTransferred) apply(f *Freeze) {
	f.Sums.Transferred = f.Sums.Transferred.Plus(e.Amount.Units)
}

// apply of a hold: a freeze that is held already and is told to be held again
// adds nothing (four of the USDT freezes of 2017 to 2023 are such repeats);
// a larger sum is news of the difference.
func (e FreezeHeld) apply(f *Freeze) {
	f.FirstHeldAt = earlier(f.FirstHeldAt, e.At)
	if e.Scope != "" {
		f.Scope = e.Scope
	}
	if !e.Until.IsZero() {
		f.Until = e.Until
	}
	if e.Amount != nil && f.Sums.HeldNow.Less(e.Amount.Units) {
		f.Sums.HeldNow = e.Amount.Units
	}
	if f.Sums.Held.Less(f.Sums.HeldNow) {
		f.Sums.Held = f.Sums.HeldNow
	}
}

// apply of a release: a part of it leaves the rest held.
func (e FreezeReleased) apply(f *Freeze) {
	if e.Amount == nil {
		f.Sums.release(f.Sums.HeldNow)
		return
	}
	f.Sums.release(e.Amount.Units)
	if f.Sums.HeldNow.Sign() > 0 {
		f.State = StateHeld
	}
}

func (e FreezeReturned) apply(f *Freeze) {
	f.Sums.Returned = f.Sums.Returned.Plus(e.Amount.Units)
	f.Sums.take(e.Amount.Units)
}

func (e FreezeSeized) apply(f *Freeze) {
	f.Sums.Seized = f.Sums.Seized.Plus(e.Amount.Units)
	f.Sums.take(e.Amount.Units)
}

// take lowers what is held now, never below nothing: news may name more than
// was told to be held.
func (s *FreezeSums) take(u Units) { s.HeldNow = s.HeldNow.Minus(u.Min(s.HeldNow)) }

func (s *FreezeSums) release(u Units) {
	s.Released = s.Released.Plus(u)
	s.take(u)
}

func earlier(known, now When) When {
	if known.IsZero() || now.Time.Before(known.Time) {
		return now
	}
	return known
}

// FreezeStepOf reads an event as a step of a freeze; false for every other
// event. The sum is what the step told, nil where it told none.
func FreezeStepOf(event Event) (step FreezeStep, news News, sum *Amount, is bool) {
	e, is := event.(freezeEvent)
	if !is {
		return "", News{}, nil, false
	}
	step, news, sum = e.step()
	return step, news, sum, true
}
