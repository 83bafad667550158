package casework

import (
	"context"

	"clew/domain"
	"clew/eventstore"
	"clew/projections"
)

// register decides on what all cases share and records it in its stream.
func (d *Desk) register(ctx context.Context, by By, stream string, command any, decide func() ([]domain.Event, error)) (Outcome, error) {
	act, err := newAct(by, "", command, func(plan *draft) error {
		version, err := d.Store.Version(ctx, stream)
		if err != nil {
			return err
		}
		plan.expect = []eventstore.Expectation{{Stream: stream, Version: version}}
		if err := d.Views.CatchUp(ctx); err != nil {
			return err
		}
		events, err := decide()
		if err != nil {
			return err
		}
		return plan.add(stream, events...)
	})
	if err != nil {
		return Outcome{}, err
	}
	return d.record(ctx, act)
}

// DescribeOperation says what an operation is, for all cases.
func (d *Desk) DescribeOperation(ctx context.Context, by By, said domain.OperationDescribed) (Outcome, error) {
	return d.register(ctx, by, projections.OperationStream, said, func() ([]domain.Event, error) {
		known, err := d.Views.Operations(ctx, projections.Head)
		if err != nil {
			return nil, err
		}
		return domain.DescribeOperation(known, said)
	})
}

// DescribeCentre says where a scam centre is, for all cases.
func (d *Desk) DescribeCentre(ctx context.Context, by By, said domain.CentreDescribed) (Outcome, error) {
	return d.register(ctx, by, projections.CentreStream, said, func() ([]domain.Event, error) {
		known, err := d.Views.Centres(ctx, projections.Head)
		if err != nil {
			return nil, err
		}
		return domain.DescribeCentre(known, said)
	})
}

// WithdrawCentre says that there is no such scam centre.
func (d *Desk) WithdrawCentre(ctx context.Context, by By, gone domain.CentreWithdrawn) (Outcome, error) {
	return d.register(ctx, by, projections.CentreStream, gone, func() ([]domain.Event, error) {
		known, err := d.Views.Centres(ctx, projections.Head)
		if err != nil {
			return nil, err
		}
		return domain.WithdrawCentre(known, gone)
	})
}

// AddAsset registers an asset with its decimals.
func (d *Desk) AddAsset(ctx context.Context, by By, asset domain.AssetRegistered) (Outcome, error) {
	return d.register(ctx, by, projections.AssetStream, asset, func() ([]domain.Event, error) {
		register, err := d.Views.Assets(ctx, projections.Head)
		if err != nil {
			return nil, err
		}
		return domain.RegisterAsset(register, asset)
	})
}

// PublishRates records a day's published exchange rates.
func (d *Desk) PublishRates(ctx context.Context, by By, rates domain.RatePublished) (Outcome, error) {
	return d.register(ctx, by, projections.RateStream, rates, func() ([]domain.Event, error) {
		known, err := d.Views.Rates(ctx, projections.Head)
		if err != nil {
			return nil, err
		}
		return domain.PublishRates(known, rates)
	})
}

// SetIndicator decides at which threshold an indicator of mule accounts fires
// from now on. What it was is read from the log.
func (d *Desk) SetIndicator(ctx context.Context, by By, set domain.IndicatorSet) (Outcome, error) {
	return d.register(ctx, by, projections.SettingStream, set, func() (_ []domain.Event, err error) {
		if set.Was, err = d.Views.Threshold(ctx, set); err != nil {
			return nil, err
		}
		return domain.SetIndicator(set)
	})
}

// SetFreezeLimit decides above which sum a request needs a second person.
func (d *Desk) SetFreezeLimit(ctx context.Context, by By, limit domain.FreezeLimitSet) (Outcome, error) {
	if limit.Limit.Units.Sign() < 0 || limit.Reason == "" {
		return Outcome{}, domain.Usage("a limit is not below nothing, and its reason is kept with it")
	}
	return d.register(ctx, by, projections.SettingStream, limit, func() ([]domain.Event, error) {
		return []domain.Event{limit}, nil
	})
}
