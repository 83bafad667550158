package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"clew/domain"
	"clew/projections"
)

// victimShape is a registered victim in JSON.
type victimShape struct {
	Victim   domain.VictimID       `json:"victim"`
	Category domain.VictimCategory `json:"category"`
	Name     string                `json:"name"`
	Contact  string                `json:"contact"`
	Country  string                `json:"country"`
}

func (p *program) victimCommands() *cobra.Command {
	b := p.branch("victim", "Register and show victims, and find those who have not reported", p.victimAdd(), p.victimShow(), p.victimSuggest())
	b.Aliases = []string{"victims"}
	return b
}

func (p *program) victimAdd() *cobra.Command {
	var command domain.AddVictim
	var category string
	cmd := &cobra.Command{
		Use: "add CASE VICTIM", Short: "Register a victim under a reference",
		Long: `Register a victim. VICTIM is a reference, such as V1 or a file number, and never a name: it stands in every
answer. Name and contact are kept apart as personal data. A second registration takes the place of the first.`,
		Example: `  clew victim add C1 V1 --name "A. Example" --country DE`, Args: p.takes("CASE", "VICTIM"),
	}
	flags := cmd.Flags()
	flags.StringVar(&category, "category", string(domain.ScamTarget), "scam_target, or trafficked_person: forced to run the scams")
	flags.StringVar(&command.Name, "name", "", "the person's name")
	flags.StringVar(&command.Contact, "contact", "", "how to reach the person")
	flags.StringVar(&command.Country, "country", "", "ISO 3166-1 code of two letters")
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) (err error) {
		command.Category = domain.VictimCategory(category)
		if command.Victim, err = domain.ParseVictim(rest[0]); err != nil {
			return usage(err)
		}
		return p.do(ctx, id, command, act{
			what:   fmt.Sprintf("victim %s is registered in case %s", command.Victim, id),
			fields: map[string]any{"case": id, "victim": command.Victim},
			next:   fmt.Sprintf("clew payment report %s --victim %s --movement M", id, command.Victim),
		})
	})
	return p.caseFlag(cmd)
}

func (p *program) victimShow() *cobra.Command {
	var ask asking
	cmd := &cobra.Command{
		Use: "show CASE [VICTIM]", Short: "Show a victim, or all of a case",
		Example: "  clew victim show C1 V1", Args: p.takes("CASE", "[VICTIM]"),
	}
	cmd.RunE = p.doesAbout(func(ctx context.Context, id domain.CaseID, rest []string) error {
		return p.withCase(ctx, id, &ask, func(o *office, file *domain.CaseFile, _ uint64) error {
			if len(rest) == 0 {
				victims := victimsOf(file)
				return p.say(reply{object: victims, table: victimsTable(victims)})
			}
			return p.showVictim(ctx, o, id, &ask, rest[0])
		})
	})
	return ask.times(p.caseFlag(cmd))
}

// victimFile is one victim with what he reports, in JSON.
type victimFile struct {
	victimShape
	Homes    []domain.AccountID `json:"homes"` // accounts described as his
	Payments []paymentShape     `json:"payments"`
}

type paymentShape struct {
	Movement domain.MovementID `json:"movement"`
	Time     domain.When       `json:"time"`
	From     domain.AccountID  `json:"from"`
	To       domain.AccountID  `json:"to"`
	Amount   string            `json:"amount"`
	Asset    domain.AssetCode  `json:"asset"`
	Scam     domain.Scam       `json:"scam"`
}

func (p *program) showVictim(ctx context.Context, o *office, id domain.CaseID, ask *asking, name string) error {
	question, err := ask.question(ctx, o, id)
	if err != nil {
		return err
	}
	files, err := o.views.Victims(ctx, question)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(files, func(f projections.VictimFile) bool { return string(f.Victim) == name })
	if at < 0 {
		return domain.NotFound("case %s has no victim %s: 'clew victim show %s' lists them, 'clew victim add' registers one", id, name, id)
	}
	shape := victimFile{victimOf(files[at].Victim, files[at].Registered), listed(files[at].Homes), []paymentShape{}}
	t := newTable("time", "amount>", "asset", "from", "to", "scam", "movement")
	for _, r := range files[at].Payments {
		amount, asset := shown(r.Amount)
		shape.Payments = append(shape.Payments, paymentShape{r.ID, r.When, r.From, r.To, amount, asset, r.Scam})
		t.add(r.When.String(), amount, string(asset), string(r.From), string(r.To), string(r.Scam), string(r.ID))
	}
	return p.say(reply{object: shape, table: t, text: func(w *page) {
		w.table(victimsTable([]victimShape{shape.victimShape}))
		if len(shape.Homes) > 0 {
			w.line("His accounts: %s", joined(shape.Homes))
		}
		w.section("Payments to the scam", t)
	}})
}

// victimsOf lists a case's victims by name.
func victimsOf(file *domain.CaseFile) []victimShape {
	victims := []victimShape{}
	for _, id := range slices.Sorted(maps.Keys(file.Victims)) {
		victims = append(victims, victimOf(id, file.Victims[id]))
	}
	return victims
}

func victimOf(id domain.VictimID, v domain.VictimRegistered) victimShape {
	return victimShape{id, v.Category, inClear(v.Name), inClear(v.Contact), v.Country}
}

func victimsTable(victims []victimShape) *table {
	t := newTable("victim", "category", "name", "contact", "country")
	for _, v := range victims {
		t.add(string(v.Victim), string(v.Category), v.Name, v.Contact, v.Country)
	}
	return t
}
