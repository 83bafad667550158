package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
)

func (p *program) identifierCommands() *cobra.Command {
	return p.branch("identifier", "Note by what else somebody is met: a device, a telephone, an address", p.identifierNote(), p.identifierList(), p.identifierWithdraw())
}

func (p *program) identifierNote() *cobra.Command {
	var flags whoseFlags
	var note domain.NoteIdentifier
	cmd := &cobra.Command{
		Use: "note CASE SORT VALUE", Short: "Note a device, phone, email, ip, handle, document or site",
		Long: `Note a device, phone, email, ip, handle, document or site of a person, a victim, an account's holder or of the case
as a whole. The value is sealed. Where another case has the same one, however it is spelled, the answer says so and
'clew links' lists it: values are compared by keyed hashes, and none is opened.`,
		Example: `  clew identifier note C1 phone "+44 20 7946 0000" --person P1 --source "chat with V1"
  clew identifier note C1 site https://invest.example --source "V1"`, Args: p.takes("CASE", "SORT", "VALUE"),
	}
	cmd.Flags().StringVar(&note.Source, "source", "", "where it is from (needed)")
	cmd.Flags().BoolVar(&note.Assessment, "assessment", false, "an assessment, not a fact")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		note.Sort, note.Value = domain.IdentifierSort(rest[0]), rest[1]
		return p.doAbout(ctx, id, &flags, func(of domain.Whose) (domain.Command, string) {
			note.About = of
			return note, fmt.Sprintf("the %s of %s is noted", note.Sort, of)
		})
	})
	return flags.on(p.caseFlag(cmd))
}

// identifierShape is an identifier in JSON.
type identifierShape struct {
	Identifier string                `json:"identifier"`
	About      domain.Whose          `json:"about"`
	Sort       domain.IdentifierSort `json:"sort"`
	Value      string                `json:"value"`
	Source     string                `json:"source"`
	Assessment bool                  `json:"assessment"`
}

func (p *program) identifierList() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "list CASE", Short: "List the identifiers of a case that stand", Example: "  clew identifier list C1", Args: p.takes("CASE"),
	}
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, _ []string) error {
		return p.withCase(ctx, id, &ask, func(_ *office, file *domain.CaseFile, _ uint64) error {
			list, t := []identifierShape{}, newTable("identifier", "about", "sort", "value", "source", "fact or assessment")
			for _, i := range file.Identifiers {
				list = append(list, identifierShape{i.Identifier, i.About, i.Sort, i.Value.Clear, i.Source, i.Assessment})
				t.add(i.Identifier, i.About.String(), string(i.Sort), i.Value.Clear, i.Source, factOr(i.Assessment))
			}
			return p.say(reply{object: list, table: t})
		})
	})
	return ask.times(p.caseFlag(cmd))
}

func (p *program) identifierWithdraw() *cobra.Command {
	var command domain.WithdrawIdentifier
	cmd := &cobra.Command{
		Use: "withdraw CASE IDENTIFIER", Short: "Say that an identifier was nobody's, or misread",
		Example: `  clew identifier withdraw C1 I1 --reason "misread"`, Args: p.takes("CASE", "IDENTIFIER"),
	}
	cmd.Flags().StringVar(&command.Reason, "reason", "", "why (needed)")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		command.Identifier = rest[0]
		return p.act(ctx, mustExist, func(o *office, by casework.By) (act, error) {
			outcome, err := o.desk.Do(ctx, by, id, command)
			return act{what: fmt.Sprintf("identifier %s of case %s is withdrawn", command.Identifier, id), fields: map[string]any{"case": id}, outcome: outcome}, err
		})
	})
	return p.caseFlag(cmd)
}
