package casework

import (
	"context"

	"clew/domain"
	"clew/projections"
	"clew/tracing"
)

// Asked is what a person asks for when he drafts a freeze, and what was found
// out about it.
type Asked struct {
	Request domain.FreezeRequested
	Reason  string // of a recall: DUPL, TECH, FRAD …
}

// RequestFreeze drafts a freeze. What the request does not say is filled in
// from what is known: its name, the money of victims that is there under the
// case's rule, and which criteria of the mechanism are not met.
func (d *Desk) RequestFreeze(ctx context.Context, by By, c domain.CaseID, asked Asked) (domain.FreezeRequested, Outcome, error) {
	mechanism, err := d.mechanisms().Find(asked.Request.Mechanism)
	if err != nil {
		return domain.FreezeRequested{}, Outcome{}, err
	}
	asked.Request.Reason = asked.Reason
	request := asked.Request
	request.By = by.Actor
	outcome, err := d.onCase(ctx, by, c, request, func(file *domain.CaseFile) (_ []domain.Event, err error) {
		if request, err = d.filledIn(ctx, file, asked.Request, by); err != nil {
			return nil, err
		}
		request.Warnings = mechanism.Unmet(request, asked.Reason)
		return domain.RequestFreeze{FreezeRequested: request}.Decide(file)
	})
	if err == nil && outcome.repeated() {
		request, err = firstTold[domain.FreezeRequested](ctx, d, outcome)
	}
	return request, outcome, err
}

// mechanisms are the installation's, else those that clew ships with.
func (d *Desk) mechanisms() domain.Mechanisms {
	if d.Mechanisms == nil {
		return domain.StandardMechanisms()
	}
	return d.Mechanisms
}

func (d *Desk) filledIn(ctx context.Context, file *domain.CaseFile, r domain.FreezeRequested, by By) (domain.FreezeRequested, error) {
	r.By = by.Actor
	r.Account = file.Resolve(r.Account)
	if r.Freeze == "" {
		r.Freeze = file.NextFreeze()
	}
	if r.At.IsZero() {
		r.At = domain.Instant(d.Clock())
	}
	if r.Unasked || !file.Opened {
		return r, nil
	}
	traced, err := d.Views.Trace(ctx, projections.Ask{Case: file.ID, Rule: tracing.Rule(r.Rule)})
	if err != nil {
		return r, err
	}
	r.Rule = string(traced.Rule)
	nobody := len(r.Victims) == 0
	there := domain.Amount{Asset: domain.Asset{Code: r.Asset, Digits: r.Digits}}
	for _, pool := range traced.Answer.Accounts {
		if pool.Account != r.Account || pool.Asset != there.Asset {
			continue
		}
		for _, owner := range pool.Traced {
			there.Units = there.Units.Plus(owner.Units)
			if nobody {
				r.Victims = append(r.Victims, owner.Victim)
			}
		}
	}
	r.Traced = &there
	return r, nil
}

// RecordHold records a hold that nobody asked for, with what it holds.
func (d *Desk) RecordHold(ctx context.Context, by By, c domain.CaseID, hold domain.RecordHold) (domain.FreezeID, Outcome, error) {
	if _, err := d.mechanisms().Find(hold.Request.Mechanism); err != nil {
		return "", Outcome{}, err
	}
	id := hold.Request.Freeze
	outcome, err := d.onCase(ctx, by, c, hold, func(file *domain.CaseFile) ([]domain.Event, error) {
		filled := hold
		filled.Request.By, filled.Request.Account = by.Actor, file.Resolve(hold.Request.Account)
		if id == "" {
			id = file.NextFreeze()
		}
		filled.Request.Freeze, filled.Held.Freeze = id, id
		filled.Held.At = d.orNow(filled.Held.At)
		filled.Request.At = filled.Held.At
		return filled.Decide(file)
	})
	if err == nil && outcome.repeated() {
		told, err := firstTold[domain.FreezeHeld](ctx, d, outcome)
		return told.Freeze, outcome, err
	}
	return id, outcome, err
}

// orNow is a time that was given, else this moment.
func (d *Desk) orNow(at domain.When) domain.When {
	if at.IsZero() {
		return domain.Instant(d.Clock())
	}
	return at
}

// StepFreeze takes a step of a freeze: ours, or news of what others did. An
// idempotency key stands for the step as it was told: without this moment.
func (d *Desk) StepFreeze(ctx context.Context, by By, c domain.CaseID, step domain.StepFreeze) (Outcome, error) {
	if err := d.Views.CatchUp(ctx); err != nil {
		return Outcome{}, err
	}
	limits, err := d.Views.FreezeLimits(ctx, projections.Head)
	if err != nil {
		return Outcome{}, err
	}
	return d.onCase(ctx, by, c, step, func(file *domain.CaseFile) ([]domain.Event, error) {
		told := step
		if f := file.Freezes[step.Freeze]; f != nil {
			if limit, ok := limits[f.Request.Asset]; ok {
				told.Limit = &limit
			}
		}
		told.At = d.orNow(step.At)
		if step.Step.Ours() {
			told.By = by.Actor
		}
		return told.Decide(file)
	})
}
