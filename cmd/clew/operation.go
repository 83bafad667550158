package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
)

func (p *program) operationCommands() *cobra.Command {
	return p.branch("operation", "Say what an operation is, and which cases are worked in it", p.operationDescribe(), p.operationJoin(), p.operationLeave())
}

func (p *program) operationDescribe() *cobra.Command {
	var said domain.OperationDescribed
	var from, until string
	cmd := &cobra.Command{
		Use: "describe OPERATION", Short: "Say what an operation is: its title, who leads it, from when to when",
		Long: `Say what an operation is, for all cases. OPERATION is its code name, kept in capitals. A later description takes the
place of the first.`,
		Example: `  clew operation describe HARBOUR --title "Operation Harbour" --lead "police of A" --from 2024-03-01 --until 2024-05-31 --source "order of 1 March"`, Args: p.takes("OPERATION"),
	}
	flags := cmd.Flags()
	flags.StringVar(&said.Title, "title", "", "what it is called (needed)")
	flags.StringVar(&said.Lead, "lead", "", "who leads it")
	flags.StringVar(&from, "from", "", "when it began: a date")
	flags.StringVar(&until, "until", "", "when it ended: a date")
	flags.StringVar(&said.Source, "source", "", "who says so (needed)")
	cmd.RunE = p.does(func(ctx context.Context, args []string) error {
		said.Operation = domain.OperationID(args[0])
		for _, time := range []struct {
			flag, text string
			to         *domain.When
		}{{"--from", from, &said.From}, {"--until", until, &said.Until}} {
			if err := whenOf(time.flag, time.text, time.to); err != nil {
				return err
			}
		}
		return p.act(ctx, mayMake, func(o *office, by casework.By) (act, error) {
			outcome, err := o.desk.DescribeOperation(ctx, by, said)
			return act{what: fmt.Sprintf("operation %s is %s", said.Operation, said.Title), fields: map[string]any{"operation": said.Operation},
				next: fmt.Sprintf("clew operation join CASE %s --source …", said.Operation), outcome: outcome}, err
		})
	})
	return cmd
}

func (p *program) operationJoin() *cobra.Command {
	source := ""
	cmd := &cobra.Command{
		Use: "join CASE OPERATION", Short: "Say that a case is worked in an operation: its figures count there",
		Example: `  clew operation join C1 HARBOUR --source "list of 4 March"`, Args: p.takes("CASE", "OPERATION"),
	}
	cmd.Flags().StringVar(&source, "source", "", "who says so (needed)")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		return p.do(ctx, id, domain.JoinOperation{OperationJoined: domain.OperationJoined{Operation: domain.OperationID(rest[0]), Source: source}}, act{
			what: fmt.Sprintf("case %s is worked in operation %s", id, rest[0]), fields: map[string]any{"case": id, "operation": rest[0]},
			next: "clew stats operations"})
	})
	return p.caseFlag(cmd)
}

func (p *program) operationLeave() *cobra.Command {
	reason := ""
	cmd := &cobra.Command{
		Use: "leave CASE OPERATION", Short: "Take a case out of an operation",
		Example: `  clew operation leave C1 HARBOUR --reason "another case was meant"`, Args: p.takes("CASE", "OPERATION"),
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why (needed)")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		return p.do(ctx, id, domain.LeaveOperation{Operation: domain.OperationID(rest[0]), Reason: reason}, act{
			what: fmt.Sprintf("case %s is not worked in operation %s any more", id, rest[0]), fields: map[string]any{"case": id, "operation": rest[0]}})
	})
	return p.caseFlag(cmd)
}
