package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/projections"
)

func (p *program) movementCommands() *cobra.Command {
	return p.branch("movement", "List, show, correct and withdraw recorded movements", p.movementList(), p.movementShow(), p.movementCorrect(), p.movementWithdraw())
}

func (p *program) movementCorrect() *cobra.Command {
	var reason string
	var fields movementFields
	cmd := &cobra.Command{
		Use: "correct CASE MOVEMENT", Short: "Say how a movement should read",
		Long: `Correct a movement: the fields that are given take the place of what is recorded, all others stay; an empty
--fee, --ref or --to-amount takes the field away. What was recorded first is kept and can be asked for with
--known-at. MOVEMENT is its name, the first letters of it, or the source's own id.`,
		Example: `  clew movement correct C1 4tq0 --amount 500.00 --reason "the bank had booked a wrong amount"`, Args: p.takes("CASE", "MOVEMENT"),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why (needed)")
	fields.flags(cmd)
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		if len(fields.given()) == 0 {
			return domain.Usage("say what should read otherwise: --amount, --time, --from, --to, --fee, --ref, --to-amount …")
		}
		return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
			command, err := o.correction(ctx, id, rest[0], &fields)
			if err != nil {
				return act{}, err
			}
			command.Reason = reason
			outcome, err := o.desk.About(ctx, by, id, command)
			return act{fmt.Sprintf("movement %s of case %s reads as given", command.Movement, id),
				map[string]any{"case": id, "movement": command.Movement}, fmt.Sprintf("clew movement show %s %s", id, command.Movement), outcome}, err
		})
	})
	return p.caseFlag(cmd)
}

// correction lays the given fields over the movement as it reads now.
func (o *office) correction(ctx context.Context, id domain.CaseID, text string, fields *movementFields) (domain.CorrectMovement, error) {
	movement, err := o.movement(ctx, id, text)
	if err != nil {
		return domain.CorrectMovement{}, err
	}
	file, err := o.views.MovementFile(ctx, id, movement)
	if err != nil {
		return domain.CorrectMovement{}, err
	}
	register, err := o.views.Assets(ctx, projections.Head)
	if err != nil {
		return domain.CorrectMovement{}, err
	}
	now, err := fields.over(file.Movement, register)
	return domain.CorrectMovement{Movement: movement, Now: domain.Observed{Movement: now}}, err
}

func (p *program) movementWithdraw() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "withdraw CASE MOVEMENT", Short: "Say that a movement turned out not to have been",
		Example: `  clew movement withdraw C1 4tq0 --reason "a test entry of the bank"`, Args: p.takes("CASE", "MOVEMENT"),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why (needed)")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		return p.takesBack(ctx, id, rest[0], func(movement domain.MovementID) (casework.MovementCommand, string) {
			return domain.WithdrawMovement{Movement: movement, Reason: reason}, fmt.Sprintf("movement %s of case %s is withdrawn", movement, id)
		})
	})
	return p.caseFlag(cmd)
}

// takesBack carries out what takes back a movement, or what was said of it.
// make gives it, and says in words what holds then.
func (p *program) takesBack(ctx context.Context, id domain.CaseID, text string, make func(domain.MovementID) (casework.MovementCommand, string)) error {
	return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
		movement, err := o.movement(ctx, id, text)
		if err != nil {
			return act{}, err
		}
		command, what := make(movement)
		outcome, err := o.desk.About(ctx, by, id, command)
		return act{what, map[string]any{"case": id, "movement": movement}, fmt.Sprintf("clew trace %s", id), outcome}, err
	})
}
