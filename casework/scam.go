package casework

import (
	"context"
	"slices"

	"clew/domain"
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
