package projections

import (
	"context"
	"database/sql/driver"

	"clew/domain"
	"clew/tracing"
)

// FreezeLimits are the sums above which a freeze needs a second person's
// approval, by asset, as they had been set by a position of the log.
func (v *Views) FreezeLimits(ctx context.Context, upto uint64) (map[domain.AssetCode]domain.Amount, error) {
	limits := map[domain.AssetCode]domain.Amount{}
	err := v.eachFact(ctx, upto, func(event domain.Event) error {
		limit := event.(domain.FreezeLimitSet).Limit
		limits[limit.Asset.Code] = limit
		return nil
	}, domain.FreezeLimitSet{}.Kind())
	return limits, err
}

// gatherHolds collects the holds of all the cases that are walked as one, with
// their accounts under the names they are walked by.
func (s *Assembly) gatherHolds(ctx context.Context, c *conn, upto uint64) error {
	for _, id := range s.Cases {
		steps, err := holdSteps(ctx, c, id, upto)
		if err != nil {
			return err
		}
		s.Holds = append(s.Holds, steps...)
	}
	for i := range s.Holds {
		s.Holds[i].Account, s.Holds[i].To = s.File.Resolve(s.Holds[i].Account), s.File.Resolve(s.Holds[i].To)
	}
	return nil
}

// holdSteps reads the steps of a case's freezes that act on a pool, as the
// walk takes them. A hold that the other side has placed by the money of one
// payment or up to a sum keeps that sum; account-wide ones keep all.
func holdSteps(ctx context.Context, c *conn, id domain.CaseID, upto uint64) (steps []tracing.HoldStep, err error) {
	requests := map[domain.FreezeID]domain.FreezeRequested{}
	err = c.each(ctx, func(row []driver.Value) error {
		event, err := smallFact(c, row)
		if err != nil {
			return err
		}
		if request, ok := event.(domain.FreezeRequested); ok {
			requests[request.Freeze] = request
			return nil
		}
		if step, ok := holdStep(event, requests); ok {
			step.Position = uint64(asInt(row[0]))
			step.Freeze = string(id) + "/" + step.Freeze
			steps = append(steps, step)
		}
		return nil
	}, `SELECT position, kind, body, "case" FROM casefile WHERE "case" = ? AND position <= ? AND kind LIKE 'freeze.%' ORDER BY position`, string(id), position(upto))
	return steps, err
}

// holdStep gives the step that an event of a freeze means to the walk.
func holdStep(event domain.Event, requests map[domain.FreezeID]domain.FreezeRequested) (tracing.HoldStep, bool) {
	switch e := event.(type) {
	case domain.FreezeHeld:
		s, ok := stepOf(domain.StepHold, e.News, requests)
		if e.Scope != "" {
			s.Scope = e.Scope
		}
		return sized(s, e.Amount), ok
	case domain.FreezeReleased:
		s, ok := stepOf(domain.StepRelease, e.News, requests)
		return sized(s, e.Amount), ok
	case domain.FreezeExpired:
		return stepOf(domain.StepExpire, e.News, requests)
	case domain.FreezeReturned:
		s, ok := stepOf(domain.StepReturn, e.News, requests)
		s.To, s.Movement = e.To, e.Movement
		return sized(s, &e.Amount), ok
	case domain.FreezeSeized:
		s, ok := stepOf(domain.StepSeize, e.News, requests)
		s.Movement = e.Movement
		return sized(s, &e.Amount), ok
	case domain.FreezeRestored:
		s, ok := stepOf(domain.StepRestore, e.News, requests)
		s.Shares = e.Shares
		return sized(s, &e.Amount), ok
	case domain.FreezeTransferred:
		s, ok := stepOf(domain.StepTransfer, e.News, requests)
		return sized(s, &e.Amount), ok
	}
	return tracing.HoldStep{}, false
}

func stepOf(step domain.FreezeStep, news domain.News, requests map[domain.FreezeID]domain.FreezeRequested) (tracing.HoldStep, bool) {
	r, known := requests[news.Freeze]
	s := tracing.HoldStep{Freeze: string(news.Freeze), Step: step, When: news.At, Account: r.Account,
		Asset: domain.Asset{Code: r.Asset, Digits: r.Digits}, Scope: r.Scope, Victims: r.Victims}
	if r.Payment != "" {
		s.Claims = []domain.MovementID{r.Payment}
	}
	return s, known
}

func sized(s tracing.HoldStep, amount *domain.Amount) tracing.HoldStep {
	if amount != nil {
		s.Amount = amount.Units
	}
	return s
}
