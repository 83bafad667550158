package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"clew/domain"
)

func (p *program) labelCommands() *cobra.Command {
	return p.branch("label", "Attach and withdraw what an account is known as", p.labelAttach(), p.labelWithdraw())
}

func (p *program) labelAttach() *cobra.Command {
	var command domain.AttachLabel
	cmd := &cobra.Command{
		Use: "attach CASE ACCOUNT LABEL", Short: "Say what an account is known as, and who says so",
		Example: `  clew label attach C1 tron:mainnet:TXYZ "deposit address of Tulipex" --source "letter of 18 March 2024"`,
		Args:    p.takes("CASE", "ACCOUNT", "LABEL"),
	}
	flags := cmd.Flags()
	flags.StringVar(&command.Source, "source", "", "who says so (needed)")
	flags.StringVar(&command.Confidence, "confidence", "", "how sure the source is, in its own words")
	flags.BoolVar(&command.Assessment, "assessment", false, "an assessment and not a fact (Directive (EU) 2016/680, article 7)")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) (err error) {
		if command.Account, err = domain.ParseAccount(rest[0]); err != nil {
			return usage(err)
		}
		command.Label = rest[1]
		return p.do(ctx, id, command, act{
			what:   fmt.Sprintf("account %s is known as %q in case %s", command.Account, command.Label, id),
			fields: map[string]any{"case": id, "account": command.Account, "label": command.Label},
		})
	})
	return p.caseFlag(cmd)
}

func (p *program) labelWithdraw() *cobra.Command {
	var command domain.WithdrawLabel
	cmd := &cobra.Command{
		Use: "withdraw CASE ACCOUNT LABEL", Short: "Take a label back",
		Example: `  clew label withdraw C1 tron:mainnet:TXYZ "deposit address of Tulipex" --reason "the exchange says no"`,
		Args:    p.takes("CASE", "ACCOUNT", "LABEL"),
	}
	cmd.Flags().StringVar(&command.Reason, "reason", "", "why (needed)")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) (err error) {
		if command.Account, err = domain.ParseAccount(rest[0]); err != nil {
			return usage(err)
		}
		command.Label = rest[1]
		return p.do(ctx, id, command, act{
			what:   fmt.Sprintf("account %s is not known as %q any more in case %s", command.Account, command.Label, id),
			fields: map[string]any{"case": id, "account": command.Account, "label": command.Label},
		})
	})
	return p.caseFlag(cmd)
}
