package casework

import (
	"context"

	"clew/domain"
)

// MovementCommand is a command about one recorded movement: a report, its
// withdrawal, a correction, the movement's own withdrawal.
type MovementCommand interface {
	About() domain.MovementID
	Decide(c *domain.CaseFile, m domain.MovementFile) ([]domain.Event, error)
}

// About carries out a command on a recorded movement.
func (d *Desk) About(ctx context.Context, by By, c domain.CaseID, command MovementCommand) (Outcome, error) {
	return d.onCase(ctx, by, c, command, func(file *domain.CaseFile) ([]domain.Event, error) {
		movement, err := d.Views.MovementFile(ctx, c, command.About())
		if err != nil {
			return nil, err
		}
		return command.Decide(file, movement)
	})
}

// PairCommand is a command about two tellings that a person has compared.
type PairCommand interface {
	About() (one, other domain.MovementID)
	Decide(c *domain.CaseFile, one, other domain.MovementFile) ([]domain.Event, error)
}

// AboutTwo carries out a command on two recorded movements.
func (d *Desk) AboutTwo(ctx context.Context, by By, c domain.CaseID, command PairCommand) (Outcome, error) {
	return d.onCase(ctx, by, c, command, func(file *domain.CaseFile) ([]domain.Event, error) {
		one, other := command.About()
		first, err := d.Views.MovementFile(ctx, c, one)
		if err != nil {
			return nil, err
		}
		second, err := d.Views.MovementFile(ctx, c, other)
		if err != nil {
			return nil, err
		}
		return command.Decide(file, first, second)
	})
}
