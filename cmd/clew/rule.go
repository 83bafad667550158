package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/tracing"
)

func (p *program) ruleCommands() *cobra.Command {
	return p.branch("rule", "Record by which rule a case is traced", p.ruleLock())
}

func (p *program) ruleLock() *cobra.Command {
	var command domain.LockRule
	cmd := &cobra.Command{
		Use: "lock ID RULE", Short: "Record the choice of a rule, with authority and reason",
		Long: `Record by which rule a case is traced from now on, who decided it and why. A later choice is another record
that anyone can see. poison cannot be chosen: it marks what was touched and keeps no claims.`,
		Example: `  clew rule lock C1 libr --authority "prosecutor's order of 4 June" --reason "mixed account, two victims"`,
		Args:    p.takes("ID", "RULE"),
	}
	cmd.Flags().StringVar(&command.Authority, "authority", "", "who decided it (needed)")
	cmd.Flags().StringVar(&command.Reason, "reason", "", "why (needed)")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		rule, err := findRule(rest[0])
		if err != nil {
			return err
		}
		if rule == tracing.Poison {
			return domain.Usage("rule poison cannot be locked: it marks what was touched and keeps no claims; choose one of the others")
		}
		command.Rule = string(rule)
		return p.do(ctx, id, command, act{
			what:   fmt.Sprintf("case %s is traced by %s", id, rule),
			fields: map[string]any{"case": id, "rule": rule},
			next:   fmt.Sprintf("clew trace %s", id),
		})
	})
	return p.caseFlag(cmd)
}

// findRule checks the name of a rule.
func findRule(text string) (tracing.Rule, error) {
	rule := tracing.Rule(strings.ToLower(strings.TrimSpace(text)))
	if !slices.Contains(ruleNames(), string(rule)) {
		return "", domain.Usage("%q is not a rule: it is one of %s", text, strings.Join(ruleNames(), ", "))
	}
	return rule, nil
}

func ruleNames() []string {
	var names []string
	for _, r := range tracing.Rules() {
		names = append(names, string(r.Rule))
	}
	return names
}
