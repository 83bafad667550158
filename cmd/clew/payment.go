package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/projections"
)

func (p *program) paymentCommands() *cobra.Command {
	return p.branch("payment", "Report a payment to the scam, or take a report back", p.paymentReport(), p.paymentWithdraw())
}

// report is what the flags of payment report say.
type report struct {
	victim, scam, movement, id string
	fields                     movementFields
}

func (p *program) paymentReport() *cobra.Command {
	var r report
	cmd := &cobra.Command{
		Use: "report CASE", Short: "Say that a payment was made to the scam, and by which victim",
		Long: `Report a payment. Either it is recorded already (--movement: its name, the first letters of it, or the
source's own id), or it is told here: --from, --to, --amount, --asset, --time. A payment that the bank's
statement tells as well, with the same --ref, is found to be the same one.`,
		Example: `  clew payment report C1 --victim V1 --movement 4tq0 --scam romance
  clew payment report C1 --victim V1 --from iban:DE89370400440532013000 --to bank:77-100 --amount 500.00 --asset EUR --time 2024-03-01T10:00:00Z`,
		Args: p.takes("CASE"),
	}
	flags := cmd.Flags()
	flags.StringVar(&r.victim, "victim", "", "who made it (needed)")
	flags.StringVar(&r.scam, "scam", "", "typology: "+joined(domain.Scams()))
	flags.StringVar(&r.movement, "movement", "", "the recorded movement that it was")
	flags.StringVar(&r.id, "id", "", "the victim's own number for it, which tells two equal payments apart")
	r.fields.flags(cmd)
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		victim, err := domain.ParseVictim(r.victim)
		if err != nil {
			return flagError("--victim", err)
		}
		scam, err := domain.ParseScam(r.scam)
		if err != nil {
			return flagError("--scam", err)
		}
		told := domain.Movement{Kind: domain.Transfer, Victim: victim, Scam: scam}
		if r.movement != "" {
			return p.reportMovement(ctx, id, r, told)
		}
		return p.reportPayment(ctx, id, r, told)
	})
	return p.caseFlag(cmd)
}

// reportMovement reports a movement that is recorded already.
func (p *program) reportMovement(ctx context.Context, id domain.CaseID, r report, told domain.Movement) error {
	if given := r.fields.given(); r.id != "" || len(given) > 0 {
		return domain.Usage("--movement names a recorded payment, and --%s tells another one: give one of the two ('clew movement correct' changes what is recorded)", orFirst(r.id != "", "id", given))
	}
	return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
		movement, err := o.movement(ctx, id, r.movement)
		if err != nil {
			return act{}, err
		}
		outcome, err := o.desk.About(ctx, by, id, domain.ReportMovement{Movement: movement, Victim: told.Victim, Scam: told.Scam})
		return reported(id, movement, told.Victim, outcome), err
	})
}

func orFirst(first bool, name string, others []string) string {
	if first {
		return name
	}
	return others[0]
}

// reportPayment records a payment that nobody has recorded yet.
func (p *program) reportPayment(ctx context.Context, id domain.CaseID, r report, told domain.Movement) error {
	for _, needed := range []string{"from", "to", "amount", "asset", "time"} {
		if !r.fields.has(needed) {
			return domain.Usage("a payment needs --%s: give --from, --to, --amount, --asset and --time, or name a recorded one with --movement", needed)
		}
	}
	var err error
	if told.SourceID, err = domain.ParseReference("id", r.id); err != nil {
		return flagError("--id", err)
	}
	return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
		register, err := o.views.Assets(ctx, projections.Head)
		if err != nil {
			return act{}, err
		}
		told, err := r.fields.over(told, register)
		if err != nil {
			return act{}, err
		}
		movement, outcome, err := o.desk.Pay(ctx, by, id, told)
		return reported(id, movement, told.Victim, outcome), err
	})
}

func reported(id domain.CaseID, movement domain.MovementID, victim domain.VictimID, outcome casework.Outcome) act {
	return act{fmt.Sprintf("movement %s of case %s is reported by %s", movement, id, victim),
		map[string]any{"case": id, "movement": movement, "victim": victim},
		fmt.Sprintf("clew explain %s --victim %s", id, victim), outcome}
}

func (p *program) paymentWithdraw() *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "withdraw CASE MOVEMENT", Short: "Take a report back; the movement stays",
		Example: `  clew payment withdraw C1 4tq0 --reason "the victim had mixed up two transfers"`, Args: p.takes("CASE", "MOVEMENT"),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why (needed)")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		return p.takesBack(ctx, id, rest[0], func(movement domain.MovementID) (casework.MovementCommand, string) {
			return domain.WithdrawReport{Movement: movement, Reason: reason}, fmt.Sprintf("movement %s of case %s is not reported any more", movement, id)
		})
	})
	return p.caseFlag(cmd)
}

// movement finds the movement that a person means. A case that nobody opened
// is told first: no movement of it can be found either.
func (o *office) movement(ctx context.Context, id domain.CaseID, text string) (domain.MovementID, error) {
	file, err := o.views.CaseFile(ctx, id, projections.Head)
	if err != nil {
		return "", err
	}
	if !file.Opened {
		return "", noCase(id, &asking{})
	}
	return o.views.FindMovement(ctx, id, text)
}
