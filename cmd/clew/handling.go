package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"clew/casework"
	"clew/domain"
	"clew/vault"
)

// consultedFile logs that a file is written out.
func (o *office) consultedFile(file domain.SHA256) error {
	if o.program.errand != nil {
		return nil
	}
	by, err := o.program.by()
	if err != nil {
		return err
	}
	return o.reads(by, casework.Read{Does: vault.Consulted, What: o.program.command + " " + string(file)})
}

// handlingFlags say under which conditions a file was given.
type handlingFlags struct {
	conditions, consent []string
	set                 domain.HandlingSet
}

func (h *handlingFlags) on(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringSliceVar(&h.conditions, "handling", nil, "the condition under which the file was given: "+names(domain.HandlingConditions())+"; several with commas")
	flags.StringVar(&h.set.Originator, "originator", "", "who gave it, and whose consent would be needed")
}

// given is what the flags say; nil: nothing.
func (h *handlingFlags) given() (*domain.HandlingSet, error) {
	if len(h.conditions) == 0 {
		return nil, nil
	}
	set := h.read()
	return &set, domain.SetHandling{HandlingSet: set}.Wrong()
}

func (h *handlingFlags) read() domain.HandlingSet {
	set := h.set
	set.Conditions = []domain.HandlingCondition{}
	for _, one := range h.conditions {
		if one != "none" {
			set.Conditions = append(set.Conditions, domain.HandlingCondition(one))
		}
	}
	for _, one := range h.consent {
		set.Consent = append(set.Consent, domain.Outlet(one))
	}
	return set
}

func names[T ~string](list []T) string {
	var texts []string
	for _, one := range list {
		texts = append(texts, string(one))
	}
	return strings.Join(texts, ", ")
}

func (p *program) evidenceHandling() *cobra.Command {
	var flags handlingFlags
	cmd := &cobra.Command{
		Use: "handling CASE SHA", Short: "Set under which conditions a file may be used, and where its originator consents",
		Long: `Set the conditions under which a file was given. Papers, bundles and reports respect them: they refuse, or leave out
the file and what was read from it, and say so. What is set takes the place of what was set before; --handling none
takes the conditions away. --consent names where the originator lets it go all the same: paper, fiu, bundle, report.`,
		Example: `  clew evidence handling C1 3f1a0c9b --handling egmont --originator "FIU of B" --reason "its letter of 18 March"
  clew evidence handling C1 3f1a0c9b --handling egmont --consent bundle --reason "consent of 2 May"`, Args: p.takes("CASE", "SHA"),
	}
	flags.on(cmd)
	cmd.Flags().StringSliceVar(&flags.consent, "consent", nil, "where it may go all the same")
	cmd.Flags().StringVar(&flags.set.Reason, "reason", "", "why")
	cmd.MarkFlagRequired("handling")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		return p.act(ctx, mustExist, func(o *office, by casework.By) (_ act, err error) {
			set := flags.read()
			if err := o.catchUp(ctx); err != nil {
				return act{}, err
			}
			if set.File, err = findFile(ctx, o, rest[0]); err != nil {
				return act{}, err
			}
			outcome, err := o.desk.Do(ctx, by, id, domain.SetHandling{HandlingSet: set})
			return act{what: fmt.Sprintf("the conditions of file %s are set", set.File), fields: map[string]any{"case": id, "sha256": set.File}, outcome: outcome}, err
		})
	})
	return p.caseFlag(cmd)
}
