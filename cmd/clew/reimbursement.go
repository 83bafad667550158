package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/projections"
)

func (p *program) reimbursementCommands() *cobra.Command {
	return p.branch("reimbursement", "Record who made good a part of a victim's loss", p.reimbursementRecord(), p.reimbursementWithdraw())
}

func (p *program) reimbursementRecord() *cobra.Command {
	var command domain.RecordReimbursement
	var victim, amount, asset, at string
	cmd := &cobra.Command{
		Use: "record CASE", Short: "Record that a bank, an insurer or a fund has paid a victim",
		Long: `Record that somebody made good a part of a victim's loss out of his own pocket. The trace does not change; that part
of the claim passes to him, and of a recovered sum he receives in the victim's place. Nobody receives above his
loss.`,
		Example: `  clew reimbursement record C1 --victim V1 --payer "Example Bank" --amount 200.00 --asset EUR --at 2024-03-10`, Args: p.takes("CASE"),
	}
	flags := cmd.Flags()
	flags.StringVar(&victim, "victim", "", "who was paid (needed)")
	flags.StringVar(&command.Payer, "payer", "", "who paid: an institution (needed)")
	flags.StringVar(&amount, "amount", "", "how much (needed)")
	flags.StringVar(&asset, "asset", "", "of which asset (needed)")
	flags.StringVar(&at, "at", "", "when it was paid: RFC 3339 or a date (needed)")
	flags.StringVar(&command.ReimbursementRecorded.Reference, "reference", "", "the payer's own number for it")
	flags.StringVar(&command.Basis, "basis", "", "the law or the contract it was paid under")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) (err error) {
		if command.Victim, err = domain.ParseVictim(victim); err != nil {
			return flagError("--victim", err)
		}
		if err := whenOf("--at", at, &command.At); err != nil {
			return err
		}
		return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
			register, err := o.views.Assets(ctx, projections.Head)
			if err != nil {
				return act{}, err
			}
			of, err := register.Find(asset)
			if err != nil {
				return act{}, flagError("--asset", err)
			}
			if command.Amount, err = domain.ParseAmount(amount, of); err != nil {
				return act{}, flagError("--amount", err)
			}
			outcome, err := o.desk.Do(ctx, by, id, command)
			return act{what: fmt.Sprintf("%s has made good %s %s of the loss of %s in case %s", command.Payer, command.Amount, of.Code, victim, id),
				fields: map[string]any{"case": id, "victim": victim, "payer": command.Payer}, outcome: outcome}, err
		})
	})
	return p.caseFlag(cmd)
}

func (p *program) reimbursementWithdraw() *cobra.Command {
	var command domain.WithdrawReimbursement
	cmd := &cobra.Command{
		Use: "withdraw CASE ID", Short: "Take a reimbursement back that was not paid or was written down wrongly",
		Example: `  clew reimbursement withdraw C1 R1 --reason "it was paid to another"`, Args: p.takes("CASE", "ID"),
	}
	cmd.Flags().StringVar(&command.Reason, "reason", "", "why (needed)")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		command.Reimbursement = domain.ReimbursementID(rest[0])
		return p.do(ctx, id, command, act{what: fmt.Sprintf("reimbursement %s of case %s is withdrawn", rest[0], id),
			fields: map[string]any{"case": id, "reimbursement": rest[0]}})
	})
	return p.caseFlag(cmd)
}
