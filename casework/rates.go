package casework

import (
	"context"

	"clew/domain"
	"clew/eventstore"
	"clew/projections"
)

// PublishRates records a day's published exchange rates.
func (d *Desk) PublishRates(ctx context.Context, by By, rates domain.RatePublished) (Outcome, error) {
	act, err := newAct(by, "", rates, func(plan *draft) error {
		version, err := d.Store.Version(ctx, projections.RateStream)
		if err != nil {
			return err
		}
		plan.expect = []eventstore.Expectation{{Stream: projections.RateStream, Version: version}}
		if err := d.Views.CatchUp(ctx); err != nil {
			return err
		}
		known, err := d.Views.Rates(ctx, projections.Head)
		if err != nil {
			return err
		}
		events, err := domain.PublishRates(known, rates)
		if err != nil {
			return err
		}
		return plan.add(projections.RateStream, events...)
	})
	if err != nil {
		return Outcome{}, err
	}
	return d.record(ctx, act)
}
