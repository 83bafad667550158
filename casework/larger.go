package casework

import (
	"context"
	"slices"

	"clew/domain"
	"clew/eventstore"
	"clew/projections"
)

// DescribeScam says by what scam a victim was reached. A victim who neither is
// registered nor reports a payment, and a movement that is not recorded, are
// refused: what is said of them would stand in no table.
func (d *Desk) DescribeScam(ctx context.Context, by By, c domain.CaseID, command domain.DescribeScam) (Outcome, error) {
	if command.Movement != "" {
		known, err := d.Views.Known(ctx, c, []domain.MovementID{command.Movement})
		if _, is := known[command.Movement]; err == nil && !is {
			err = domain.NotFound("case %s has no movement %s: 'clew timeline %s' shows them", c, command.Movement, c)
		}
		if err != nil {
			return Outcome{}, err
		}
	}
	if command.Victim != "" {
		victims, err := d.Views.Victims(ctx, projections.Ask{Case: c})
		if err != nil {
			return Outcome{}, err
		}
		if !slices.ContainsFunc(victims, func(v projections.VictimFile) bool { return v.Victim == command.Victim }) {
			return Outcome{}, domain.NotFound("case %s has no victim %s: 'clew victim show %s' lists them, 'clew victim add' registers one", c, command.Victim, c)
		}
	}
	return d.Do(ctx, by, c, command)
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
