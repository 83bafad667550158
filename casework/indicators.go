package casework

import (
	"context"

	"clew/domain"
	"clew/eventstore"
	"clew/projections"
)

// SetIndicator decides at which threshold an indicator of mule accounts fires
// from now on. What it was is read from the log.
func (d *Desk) SetIndicator(ctx context.Context, by By, set domain.IndicatorSet) (Outcome, error) {
	act, err := newAct(by, "", set, func(plan *draft) error {
		version, err := d.Store.Version(ctx, projections.SettingStream)
		if err != nil {
			return err
		}
		plan.expect = []eventstore.Expectation{{Stream: projections.SettingStream, Version: version}}
		if err := d.Views.CatchUp(ctx); err != nil {
			return err
		}
		if set.Was, err = d.Views.Threshold(ctx, set); err != nil {
			return err
		}
		events, err := domain.SetIndicator(set)
		if err != nil {
			return err
		}
		return plan.add(projections.SettingStream, events...)
	})
	if err != nil {
		return Outcome{}, err
	}
	return d.record(ctx, act)
}
